/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/layers.h"

#include <string.h>

/* IANA protocol numbers, which are IPv6's next headers as well. */
enum protocol {
	HOP_BY_HOP = 0,
	TCP = 6,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60,
	MOBILITY = 135,
	HOST_IDENTITY = 139,
	SHIM6 = 140,
};

#define IP4_SIZE       20
#define IP4_NO_OPTIONS 0x45 /* version and header length */
#define IP4_OFFSET     0x1fff
#define IP4_MORE       0x2000
#define IP6_SIZE       40
#define IP6_OFFSET     0xfff8
#define IP6_MORE       0x0001
#define OPTION_PAD1    0x00 /* RFC 8200 section 4.2 */
#define OPTION_JUMBO   0xc2 /* RFC 2675 section 2 */

/* RFC 791 section 3.1, by RFC 1071: does the header checksum hold? Seldom
 * asked. */
__attribute__((noinline)) static bool ip4_sum_holds(const uint8_t *head,
						    size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2)
		sum += be16(head + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* Written in the words that it will be compared by. */
static void ip4_address(struct address *address, const uint8_t *bytes)
{
	uint64_t word = 0;

	memcpy(&word, bytes, 4);
	memcpy(address->bytes, &word, 8);
	memset(address->bytes + 8, 0, 8);
	address->family = 4;
}

static void ip6_address(struct address *address, const uint8_t *bytes)
{
	memcpy(address->bytes, bytes, 16);
	address->family = 6;
}

/* A fragment without the front of its packet. What TCP header it belongs to
 * nobody can tell, whether it does is in the header before it. */
static enum decode_status later_fragment(uint8_t protocol)
{
	return protocol == TCP ? DECODE_FRAGMENT : DECODE_OTHER;
}

/*
 * RFC 8200 section 4 (and RFC 4302 section 2 for AH, which IPv4 may have too):
 * passes over the extension headers to TCP. The destination stays that of the
 * IPv6 header, though a routing header may name another one in the end.
 */
__attribute__((noinline)) static enum decode_status
upper_decode(const uint8_t *at, size_t left, size_t wire, struct segment *seg,
	     uint8_t next)
{
	struct cursor in = layer_cursor(at, left, wire);
	const uint8_t *head;
	uint16_t part;

	for (;;) {
		switch (next) {
		case TCP:
			return layer_next(tcp_decode, &in, seg);
		case HOP_BY_HOP:
		case ROUTING:
		case DESTINATION:
		case MOBILITY:
		case HOST_IDENTITY:
		case SHIM6:
			head = cursor_take(&in, 8);
			cursor_skip(&in, head[1] * 8u);
			break;
		case AUTHENTICATION:
			head = cursor_take(&in, 8);
			cursor_skip(&in, head[1] * 4u);
			break;
		case FRAGMENT:
			head = cursor_take(&in, 8);
			part = be16(head + 2);
			if (part & IP6_OFFSET)
				return later_fragment(head[0]);
			seg->fragment = part & IP6_MORE;
			break;
		default:
			return DECODE_OTHER;
		}
		if (in.bad)
			return layer_bad(&in);
		next = head[0];
	}
}

/*
 * RFC 791 section 3.1. A total length of 0 is what a sender that leaves
 * segmentation to its network card captures of itself: the packet ends where
 * the frame does. One beyond the end of the frame is either damaged or the
 * work of a tool that cut the packet and wrote down the cut length as the
 * original one; the header checksum tells which, and if it holds, the header
 * is right and the trace is not.
 */
enum decode_status ip4_decode(const uint8_t *at, size_t left, size_t wire,
			      struct segment *seg)
{
	size_t size = IP4_SIZE, total;
	uint16_t part;

	if (left < IP4_SIZE)
		return layer_short(wire, IP4_SIZE);
	if (at[0] != IP4_NO_OPTIONS) {
		size = (at[0] & 0x0f) * 4u;
		if (at[0] >> 4 != 4 || size < IP4_SIZE)
			return DECODE_BAD;
		if (left < size)
			return layer_short(wire, size);
	}
	total = be16(at + 2);
	if (total == 0)
		total = wire;
	if (total < size || (total > wire && !ip4_sum_holds(at, size)))
		return DECODE_BAD;
	if (at[9] != TCP && at[9] != AUTHENTICATION)
		return DECODE_OTHER;
	part = be16(at + 6);
	if (part & IP4_OFFSET)
		return later_fragment(at[9]);
	seg->ip_bytes = (uint32_t)total;
	ip4_address(&seg->src.address, at + 12);
	ip4_address(&seg->dst.address, at + 16);
	seg->fragment = part & IP4_MORE;
	if (left > total)
		left = total;
	left -= size;
	total -= size;
	if (at[9] == TCP)
		return tcp_decode(at + size, left, total, seg);
	return upper_decode(at + size, left, total, seg, at[9]);
}

/*
 * RFC 2675 section 2: the length in the Jumbo Payload option of the hop-by-hop
 * header that `in` is at. 0 if there is none, or if it was not captured, which
 * who passes over the header will see.
 */
static size_t jumbo_length(struct cursor in)
{
	const uint8_t *head = cursor_take(&in, 2);
	uint8_t kind, size;

	cursor_limit(&in, head[1] * 8u + 6);
	while (cursor_left(&in)) {
		kind = cursor_u8(&in);
		if (kind == OPTION_PAD1)
			continue;
		size = cursor_u8(&in);
		if (kind == OPTION_JUMBO && size == 4)
			return cursor_u32(&in);
		cursor_skip(&in, size);
	}
	return 0;
}

/*
 * RFC 8200 section 3. A payload length of 0 means a jumbogram, or, as in IPv4,
 * that segmentation was left to the card. One beyond the end of the frame has
 * no checksum to vouch for it.
 */
enum decode_status ip6_decode(const uint8_t *at, size_t left, size_t wire,
			      struct segment *seg)
{
	const uint8_t *head = at;
	size_t length;

	if (left < IP6_SIZE)
		return layer_short(wire, IP6_SIZE);
	if (head[0] >> 4 != 6)
		return DECODE_BAD;
	at += IP6_SIZE;
	left -= IP6_SIZE;
	wire -= IP6_SIZE;
	length = be16(head + 4);
	if (length == 0 && head[6] == HOP_BY_HOP)
		length = jumbo_length(layer_cursor(at, left, wire));
	if (length == 0)
		length = wire;
	if (length > wire)
		return DECODE_BAD;
	if (left > length)
		left = length;
	seg->ip_bytes = (uint32_t)(length + IP6_SIZE);
	ip6_address(&seg->src.address, head + 8);
	ip6_address(&seg->dst.address, head + 24);
	seg->fragment = false;
	if (head[6] == TCP)
		return tcp_decode(at, left, length, seg);
	return upper_decode(at, left, length, seg, head[6]);
}

enum decode_status ip_decode(const uint8_t *at, size_t left, size_t wire,
			     struct segment *seg)
{
	switch (at[0] >> 4) { /* a frame has one octet at least */
	case 4:
		return ip4_decode(at, left, wire, seg);
	case 6:
		return ip6_decode(at, left, wire, seg);
	default:
		return DECODE_BAD;
	}
}
