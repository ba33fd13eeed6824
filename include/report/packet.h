/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One TCP packet, with all that is known of it in the end: a row of --packets.
 */
#ifndef REPORT_PACKET_H
#define REPORT_PACKET_H

#include "base/endpoint.h"
#include "base/nstime.h"
#include "base/wire.h"
#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_NO_SUBFLOW (-1)

enum packet_how {
	PACKET_NEW,
	PACKET_AHEAD,	   /* new, and leaves a hole before it */
	PACKET_FILLS,	   /* fills a hole */
	PACKET_AGAIN,	   /* TCP, or MPTCP on the same subflow, sends again */
	PACKET_REINJECTED, /* another subflow carried it first */
	PACKET_UNMAPPED,   /* payload that no mapping covers */
	PACKET_UNMAPPED_AGAIN, /* ... and that TCP sends again */
	PACKET_TCP_AGAIN,      /* the same, of a connection that fell back */
};

/* Payload of the packet that has the same to be said of it. */
struct packet_piece {
	int64_t start, end; /* data offsets from 0; if unmapped, of TCP */
	enum packet_how how;
	int first_on; /* subflow that carried it first, or less than 0 */
	/* The packets that did, from the first to the last; 0: unknown. */
	uint64_t first_frame, last_frame;
};

enum packet_acked {
	ACKED_NOTHING,	 /* there is nothing to acknowledge, or no more */
	ACKED_BY,	 /* the packet that acknowledged the last of its data */
	ACKED_BEFORE,	 /* all of it was, before this packet */
	ACKED_MEANWHILE, /* ... before its mapping was seen */
	ACKED_NEVER,	 /* when the connection ended */
	ACKED_LATER,	 /* perhaps: it was not waited for so long */
};

/* A verdict, where there is something to judge. */
struct packet_verdict {
	bool given;
	enum verdict verdict;
};

enum packet_of { PACKET_PLAIN, PACKET_ORPHAN, PACKET_KNOWN };

struct report_packet {
	uint64_t frame;
	nstime_t time;
	struct endpoint src, dst;
	/* As on the wire, or from the SYN on: what a person likes to read. */
	uint32_t seq, ack;
	uint32_t payload;
	uint16_t window;
	uint8_t flags;
	uint8_t n_options, bad_options; /* of MPTCP; of no valid form */
	bool options_short;		/* not all options were captured */
	const struct mptcp_option *options;

	enum packet_of of; /* a connection, with an id if it is KNOWN */
	uint64_t conn;
	int subflow;
	enum side side; /* who sent it */

	const struct packet_piece *pieces; /* in order of the payload */
	size_t n_pieces;
	uint32_t pieces_lost; /* beyond PACKET_PIECES_MAX */
	bool data_fin, data_fin_again;
	enum packet_acked acked;
	uint64_t acked_by;
	nstime_t acked_after; /* NSTIME_NONE: a time is unknown */

	/* Data offsets of the other side that its DATA_ACK acknowledges for
	 * the first time, none if they are the same; and its DATA_FIN. */
	int64_t acks_from, acks_upto;
	bool acks_fin;

	struct packet_verdict hmac, checksum, key;
	bool token_given; /* of the key that is in it, or in a join's SYN: */
	uint32_t token;
	bool token_known;	       /* a join's: some connection has it */
	enum fallback_reason fallback; /* it showed that */
};

#define PACKET_PIECES_MAX 16
#define PACKETS_HELD	  100000 /* packets that wait until all is known */

#endif
