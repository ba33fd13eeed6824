/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets told in few octets, so that a fuzzer gets far: who sends, flags, how
 * much, and options as they are on the wire. What it would never guess,
 * sequence numbers, keys, tokens, HMACs and checksums, is put right if a record
 * wants that. A packet is
 *
 *   path (4 bits: TCP 4-tuple; half of them are each of a connection of its
 *         own), 0x10 the server sends, 0x20 keys, tokens and HMACs are put
 *         right, 0x40 DSNs count from the first octet and sums are put right,
 *         0x80 a time follows
 *   TCP flags (6 bits), 0x40 sequence numbers follow, 0x80 oddities follow
 *   octets of payload, all of them zero: below 240 as it is, above a multiple
 *         of 1448; 255: two octets follow
 *   octets of options (modulo 41)
 *   time since the packet before: 2 octets, signed, to be shifted by a third;
 *         else 1 ms
 *   sequence and acknowledgement number, 4 octets each, from the SYN's; else
 *         what comes next
 *   oddities: 1 n: so many times more, the next octets each; with 16 each on
 *         ports of its own; with 32 the octets before; 2 n: so many octets of
 *         the packet were not captured; 4 w: window; 8 n: added to the length
 *         in the IP header; 64 n: to the length of the TCP header
 *   the options
 */
#ifndef TESTS_FUZZ_SPEECH_H
#define TESTS_FUZZ_SPEECH_H

#include "capture/frame.h"
#include "fuzz.h"

#include <stdbool.h>

#define SPEECH_PATHS 16
#define SPEECH_PAIRS 2
#ifndef SPEECH_FRAMES
#define SPEECH_FRAMES 10000 /* at most */
#endif
#define SPEECH_PAYLOAD	2048 /* as much is captured */
#define SPEECH_LINKTYPE 101  /* LINKTYPE_RAW */

struct speech_path {
	uint32_t next[2]; /* by side: what it sends next */
	uint32_t nonce[2];
	uint16_t ports; /* added to the client's */
};

/* A record. */
struct speech_line {
	int path, side;
	bool keys, data, spread, backward;
	uint8_t flags, cut, tcp_length;
	uint16_t window, ip_length;
	uint32_t payload, seq, ack, times;
	nstime_t step;
	uint8_t options[40];
	size_t n_options; /* octets */
};

struct speech {
	struct octets in;
	struct speech_path path[SPEECH_PATHS];
	int version[SPEECH_PAIRS];
	uint64_t frames;
	nstime_t now;
	struct speech_line line;
	uint32_t nth; /* time that it is said; */
	uint8_t bytes[40 + 60 + SPEECH_PAYLOAD];
};

void speech_begin(struct speech *speech, struct octets in);
/* False at the end. The frame is good until the next one. */
bool speech_next(struct speech *speech, struct frame *frame);

#endif
