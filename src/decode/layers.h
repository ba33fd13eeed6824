/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of this floor ask of each other: each layer reads its header
 * off the cursor and hands the rest down. Private to decode/.
 */
#ifndef DECODE_LAYERS_H
#define DECODE_LAYERS_H

#include "decode/cursor.h"
#include "decode/segment.h"

/* An IP packet of the version its first octet says, or of that one only. */
enum decode_status ip_decode(struct cursor *in, struct segment *seg);
enum decode_status ip4_decode(struct cursor *in, struct segment *seg);
enum decode_status ip6_decode(struct cursor *in, struct segment *seg);

/* A TCP segment at `at`, of which `left` octets were captured, and of which the
 * wire had `wire`, no fewer. No cursor: nothing comes after it, and what is
 * asked for each packet stays in registers. Fills in all of *seg that IP did
 * not. */
enum decode_status tcp_decode(const uint8_t *at, size_t left, size_t wire,
			      struct segment *seg);

/* One MPTCP option: the `size` octets after its kind and length. False if it
 * has no form that we know on a segment with these flags. */
bool mptcp_decode(const uint8_t *bytes, size_t size, uint8_t tcp_flags,
		  struct mptcp_option *option);

/* What a bad cursor means: a capture that is too short, or a packet. */
static inline enum decode_status layer_bad(const struct cursor *in)
{
	return in->runt ? DECODE_BAD : DECODE_SHORT;
}

#endif
