/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One TCP segment in host order, with all its MPTCP options: what decoding
 * makes of a frame. Stateless: what a segment means to a connection is for
 * the tracker. Fields that a status or a flag says are absent hold anything.
 */
#ifndef DECODE_SEGMENT_H
#define DECODE_SEGMENT_H

#include "base/endpoint.h"
#include "base/nstime.h"
#include "base/wire.h"
#include "capture/frame.h"

#include <stdbool.h>
#include <stdint.h>

enum decode_status {
	DECODE_TCP,	 /* the segment is filled in */
	DECODE_OTHER,	 /* sound, but not TCP over IP */
	DECODE_FRAGMENT, /* a later fragment: its TCP header was elsewhere */
	DECODE_SHORT,	 /* captured too short for its headers */
	DECODE_BAD,	 /* a header contradicts itself, or the packet, as
			  * long as it was on the wire, ends within it */
	DECODE_LINK,	 /* a link type that we do not know */
};

#define SACK_BLOCKS_MAX	  4
#define MPTCP_OPTIONS_MAX 13 /* 40 octets of options, 3 at least each */
#define WSCALE_NONE	  255

struct segment {
	/* What every segment has comes first, and close together. */
	uint64_t frame; /* its number */
	nstime_t time;
	struct endpoint src, dst;
	uint32_t seq, ack;
	uint32_t payload;    /* octets of data on the wire */
	uint32_t ip_bytes;   /* of the IP packet, with its header */
	uint32_t captured;   /* of them in `data`; <= payload */
	const uint8_t *data; /* borrowed from the frame */
	uint32_t tsval, tsecr;
	uint16_t window; /* as written, unscaled */
	uint8_t flags;	 /* enum tcp_flag */
	bool fragment;	 /* first of several: payload is only this part's */
	/* Of options, from here on. What nearly every segment has of them... */
	bool has_timestamp;
	uint8_t nops; /* most NOPs in a row among the options */
	uint8_t n_mptcp;
	/* ... shares no word with what few have, which is asked in words: to
	 * read as a whole what was just written in part is slow. */
	uint16_t mss;	/* 0: none */
	uint8_t wscale; /* shift, or WSCALE_NONE */
	bool sack_permitted;
	bool options_bad;   /* the TCP option list is broken: what stood before
			     * the break is kept */
	bool options_short; /* the option list was not all captured */
	uint8_t n_sack;
	uint8_t n_mptcp_bad; /* MPTCP options of no valid form, left out */
	uint32_t sack[SACK_BLOCKS_MAX][2]; /* first octet, one past the last */
	struct mptcp_option mptcp[MPTCP_OPTIONS_MAX];
};

/*
 * Decodes one frame; never reads past caplen, keeps nothing, allocates
 * nothing. Only DECODE_TCP fills in *segment.
 */
enum decode_status decode_frame(const struct frame *frame,
				struct segment *segment);

#endif
