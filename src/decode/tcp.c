/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/layers.h"

#include <assert.h>

#define TCP_SIZE 20

/* IANA "TCP Option Kind Numbers". */
enum option_kind {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMP = 8,
	OPTION_MPTCP = 30,
};

#define TIMESTAMP_SIZE 10

/* RFC 7323 appendix A: what nearly every segment's options start with. */
#define TIMESTAMP_ALIGNED 0x0101080au

/* RFC 2018 section 3; `body` is of some number of blocks. */
static void sack_parse(struct cursor *body, struct segment *seg)
{
	while (cursor_left(body) && seg->n_sack < SACK_BLOCKS_MAX) {
		seg->sack[seg->n_sack][0] = cursor_u32(body);
		seg->sack[seg->n_sack][1] = cursor_u32(body);
		seg->n_sack++;
	}
}

static void mptcp_parse(const struct cursor *body, struct segment *seg)
{
	assert(seg->n_mptcp < MPTCP_OPTIONS_MAX); /* by 40 octets of options */
	if (mptcp_decode(body->at, cursor_left(body), seg->flags,
			 &seg->mptcp[seg->n_mptcp]))
		seg->n_mptcp++;
	else
		seg->n_mptcp_bad++;
}

/* RFC 9293 section 3.2, RFC 7323 sections 2.2 and 3.2, RFC 2018 section 2. An
 * option that we know but not by this size is passed over. */
static void option_parse(uint8_t kind, struct cursor *body, struct segment *seg)
{
	size_t size = cursor_left(body);

	if (kind == OPTION_MPTCP) {
		mptcp_parse(body, seg);
	} else if (kind == OPTION_TIMESTAMP && size == 8) {
		seg->has_timestamp = true;
		seg->tsval = cursor_u32(body);
		seg->tsecr = cursor_u32(body);
	} else if (kind == OPTION_SACK && size % 8 == 0) {
		sack_parse(body, seg);
	} else if (kind == OPTION_MSS && size == 2) {
		seg->mss = cursor_u16(body);
	} else if (kind == OPTION_WSCALE && size == 1) {
		seg->wscale = cursor_u8(body);
	} else if (kind == OPTION_SACK_PERMITTED && size == 0) {
		seg->sack_permitted = true;
	}
}

/* RFC 9293 section 3.1: the list of options, to its end, to what is not an
 * option, or to the end of what was captured. */
static void options_parse(struct cursor *in, struct segment *seg)
{
	uint8_t nops = 0;

	while (cursor_left(in)) {
		struct cursor body;
		uint8_t kind = cursor_u8(in), size;

		if (kind == OPTION_NOP) {
			if (++nops > seg->nops)
				seg->nops = nops;
			continue;
		}
		nops = 0;
		if (kind == OPTION_END)
			return;
		size = cursor_u8(in);
		body = *in;
		cursor_skip(in, size - 2u); /* below 2 it wraps, and fails */
		if (in->bad) {
			seg->options_bad = in->runt;
			break;
		}
		cursor_limit(&body, size - 2u);
		option_parse(kind, &body, seg);
	}
	seg->options_short = in->cut > 0 && !seg->options_bad;
}

static void options_none(struct segment *seg)
{
	seg->mss = 0;
	seg->wscale = WSCALE_NONE;
	seg->sack_permitted = false;
	seg->has_timestamp = false;
	seg->options_bad = false;
	seg->options_short = false;
	seg->nops = 0;
	seg->n_sack = 0;
	seg->n_mptcp = 0;
	seg->n_mptcp_bad = 0;
}

static void options_decode(struct cursor *in, struct segment *seg)
{
	if (cursor_left(in) >= TIMESTAMP_SIZE + 2 &&
	    be32(in->at) == TIMESTAMP_ALIGNED) {
		seg->has_timestamp = true;
		seg->tsval = be32(in->at + 4);
		seg->tsecr = be32(in->at + 8);
		in->at += TIMESTAMP_SIZE + 2;
	}
	options_parse(in, seg);
}

/* RFC 9293 section 3.1. */
enum decode_status tcp_decode(struct cursor *in, struct segment *seg)
{
	const uint8_t *head = cursor_take(in, TCP_SIZE);
	size_t size = (head[12] >> 4) * 4u;
	struct cursor options;

	if (in->bad)
		return layer_bad(in);
	if (size < TCP_SIZE || size - TCP_SIZE > cursor_wire(in))
		return DECODE_BAD;
	seg->src.port = be16(head);
	seg->dst.port = be16(head + 2);
	seg->seq = be32(head + 4);
	seg->ack = be32(head + 8);
	seg->flags = head[13];
	seg->window = be16(head + 14);
	options_none(seg);
	if (size > TCP_SIZE) {
		options = *in;
		cursor_limit(&options, size - TCP_SIZE);
		options_decode(&options, seg);
		cursor_pass(in, size - TCP_SIZE);
	}
	seg->data = in->at;
	seg->captured = (uint32_t)cursor_left(in);
	seg->payload = (uint32_t)cursor_wire(in);
	return DECODE_TCP;
}
