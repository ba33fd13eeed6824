/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/dss.h"

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

static inline void timestamp_parse(const uint8_t *bytes, struct segment *seg)
{
	seg->has_timestamp = true;
	seg->tsval = be32(bytes);
	seg->tsecr = be32(bytes + 4);
}

/* RFC 2018 section 3; `size` is that of some number of blocks. */
static void sack_parse(const uint8_t *bytes, size_t size, struct segment *seg)
{
	for (; size && seg->n_sack < SACK_BLOCKS_MAX; size -= 8, bytes += 8) {
		seg->sack[seg->n_sack][0] = be32(bytes);
		seg->sack[seg->n_sack][1] = be32(bytes + 4);
		seg->n_sack++;
	}
}

/* One more MPTCP option of the segment, whose flags are known, or a bad one. */
OFTEN static void mptcp_add(const uint8_t *bytes, size_t size,
			    struct segment *seg)
{
	assert(seg->n_mptcp < MPTCP_OPTIONS_MAX); /* by 40 octets of options */
	if (mptcp_decode(bytes, size, seg->flags, &seg->mptcp[seg->n_mptcp]))
		seg->n_mptcp++;
	else
		seg->n_mptcp_bad++;
}

/* RFC 9293 section 3.2, RFC 7323 sections 2.2 and 3.2, RFC 2018 section 2. An
 * option that we know but not by this size is passed over. `bytes` are what
 * follows its kind and length. */
static void option_parse(uint8_t kind, const uint8_t *bytes, size_t size,
			 struct segment *seg)
{
	switch (kind) {
	case OPTION_MPTCP:
		mptcp_add(bytes, size, seg);
		break;
	case OPTION_TIMESTAMP:
		if (size == 8)
			timestamp_parse(bytes, seg);
		break;
	case OPTION_SACK:
		if (size % 8 == 0)
			sack_parse(bytes, size, seg);
		break;
	case OPTION_MSS:
		if (size == 2)
			seg->mss = be16(bytes);
		break;
	case OPTION_WSCALE:
		if (size == 1)
			seg->wscale = *bytes;
		break;
	case OPTION_SACK_PERMITTED:
		seg->sack_permitted |= size == 0;
		break;
	}
}

/* RFC 9293 section 3.1: the list of options, to its end, to what is not an
 * option, or to the end of what was captured. */
__attribute__((noinline)) static void
options_parse(const uint8_t *at, size_t left, size_t wire, struct segment *seg)
{
	struct cursor in = layer_cursor(at, left, wire);
	uint8_t nops = 0;

	while (cursor_left(&in)) {
		uint8_t kind = cursor_u8(&in), size;
		const uint8_t *bytes;

		if (kind == OPTION_NOP) {
			if (++nops > seg->nops)
				seg->nops = nops;
			continue;
		}
		nops = 0;
		if (kind == OPTION_END)
			return;
		size = cursor_u8(&in);
		bytes = in.at;
		cursor_skip(&in, size - 2u); /* below 2 it wraps, and fails */
		if (in.bad) {
			seg->options_bad = in.runt;
			break;
		}
		option_parse(kind, bytes, size - 2u, seg);
	}
	seg->options_short = in.cut > 0 && !seg->options_bad;
}

/* These stand together in the struct: a store or two. */
static void options_none(struct segment *seg)
{
	seg->has_timestamp = false;
	seg->nops = 0;
	seg->n_mptcp = 0;
	seg->mss = 0;
	seg->wscale = WSCALE_NONE;
	seg->sack_permitted = false;
	seg->options_bad = false;
	seg->options_short = false;
	seg->n_sack = 0;
	seg->n_mptcp_bad = 0;
}

/* Is this all of the options, from here on, one of MPTCP's, with NOPs to fill
 * it up, as Linux has it? Then they are taken. `size` is a multiple of 4. */
static bool mptcp_alone(const uint8_t *at, size_t size, struct segment *seg)
{
	if (at[0] != OPTION_MPTCP)
		return false;
	if (at[1] == size - 2 && at[size - 2] == OPTION_NOP &&
	    at[size - 1] == OPTION_NOP)
		seg->nops = 2;
	else if (at[1] != size)
		return false;
	mptcp_add(at + 2, at[1] - 2u, seg);
	return true;
}

/* The options, which end in the header: `left` octets of `wire`. */
static inline void options_decode(const uint8_t *at, size_t left, size_t wire,
				  struct segment *seg)
{
	if (left >= TIMESTAMP_SIZE + 2 && be32(at) == TIMESTAMP_ALIGNED) {
		timestamp_parse(at + 4, seg);
		at += TIMESTAMP_SIZE + 2;
		left -= TIMESTAMP_SIZE + 2;
		wire -= TIMESTAMP_SIZE + 2;
	}
	if (wire && (left < wire || !mptcp_alone(at, wire, seg)))
		options_parse(at, left, wire, seg);
}

/* RFC 9293 section 3.1. */
enum decode_status tcp_decode(const uint8_t *at, size_t left, size_t wire,
			      struct segment *seg)
{
	size_t size, there; /* of the header */

	if (left < TCP_SIZE)
		return layer_short(wire, TCP_SIZE);
	size = (at[12] >> 4) * 4u;
	if (size < TCP_SIZE || size > wire)
		return DECODE_BAD;
	seg->src.port = be16(at);
	seg->dst.port = be16(at + 2);
	seg->seq = be32(at + 4);
	seg->ack = be32(at + 8);
	seg->flags = at[13];
	seg->window = be16(at + 14);
	there = left < size ? left : size;
	seg->data = at + there;
	seg->captured = (uint32_t)(left - there);
	seg->payload = (uint32_t)(wire - size);
	options_none(seg);
	options_decode(at + TCP_SIZE, there - TCP_SIZE, size - TCP_SIZE, seg);
	return DECODE_TCP;
}
