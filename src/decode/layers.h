/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of this floor ask of each other: each layer reads its header
 * and hands the rest down. Private to decode/.
 */
#ifndef DECODE_LAYERS_H
#define DECODE_LAYERS_H

#include "decode/cursor.h"
#include "decode/segment.h"

/*
 * A layer's header and all that follows it: at `at` are `left` captured octets
 * of the `wire` that there were, no fewer. Three words and no cursor, so that
 * what is asked for each packet stays in registers; a layer of many forms makes
 * itself a cursor of them.
 */
typedef enum decode_status layer_fn(const uint8_t *at, size_t left, size_t wire,
				    struct segment *seg);

/* An IP packet of the version its first octet says, or of that one only. */
layer_fn ip_decode, ip4_decode, ip6_decode;

/* A TCP segment. Fills in all of *seg that IP did not. */
layer_fn tcp_decode;

/* An MPTCP option that is no DSS, see dss.h: *option has its subtype. */
bool mptcp_other(const uint8_t *bytes, size_t size, uint8_t tcp_flags,
		 struct mptcp_option *option);

/* There are fewer octets than `size`: a capture that is too short, or a packet
 * that is. */
static inline enum decode_status layer_short(size_t wire, size_t size)
{
	return wire < size ? DECODE_BAD : DECODE_SHORT;
}

/* The same of a bad cursor. */
static inline enum decode_status layer_bad(const struct cursor *in)
{
	return in->runt ? DECODE_BAD : DECODE_SHORT;
}

static inline struct cursor layer_cursor(const uint8_t *at, size_t left,
					 size_t wire)
{
	return (struct cursor){.at = at, .end = at + left, .cut = wire - left};
}

/* What the cursor is at is for that layer. */
static inline enum decode_status
layer_next(layer_fn *layer, const struct cursor *in, struct segment *seg)
{
	return layer(in->at, cursor_left(in), cursor_wire(in), seg);
}

#endif
