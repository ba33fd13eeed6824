/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tracker knows of an MPTCP connection and of its subflows. Analyses
 * read it, through the const pointers of events; only the tracker writes it.
 *
 * Everything directional is an array of two, by the *connection's* side: what
 * half[CLIENT] holds is about what the client sends, also on a subflow that
 * the server opened.
 */
#ifndef TRACK_CONN_H
#define TRACK_CONN_H

#include "base/endpoint.h"
#include "base/nstime.h"
#include "base/table.h"
#include "base/words.h"
#include "decode/segment.h"
#include "track/keys.h"
#include "track/mapping.h"
#include "track/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The tracker's own: its place in a list of what will end. */
struct due {
	struct due *next, *prev;
	struct due_list *list; /* NULL: in none */
	nstime_t time;
};

struct flow; /* the tracker's own, too */

/* Payload whose mapping has not been seen yet. */
struct pending {
	int64_t start, end; /* subflow offsets */
	enum sent_how how;
	bool summed; /* `sum` covers all of it */
	uint32_t sum;
	nstime_t time;
	uint64_t frame;
};

/* The highest DATA_ACK on a subflow, with and without the packet `frame`, while
 * there are others beside it; INT64_MIN: none. */
struct data_clock {
	int64_t now, before;
	uint64_t frame;
};

/* What one side sends on a subflow. */
struct subflow_half {
	struct stream stream; /* its TCP bytes; offset 0 is `seq0` */
	bool started;	      /* seq0 and stream are set */
	bool isn_known;	      /* from its SYN, or settled since */
	bool syn, fin;	      /* seen */
	bool fin_acked;	      /* after it was seen */
	uint32_t isn;	      /* with isn_known or syn */
	uint32_t seq0;	      /* sequence number of offset 0 */
	int64_t fin_offset;   /* with fin: where the stream ends */
	struct mappings map;
	struct data_clock clock; /* of DATA_ACKs, which the peer sends */
	enum sent_how how;	 /* of payload here, while its data is told */
	/* When payload began to wait for an ACK, as it was sent or as what was
	 * before it was acknowledged, or NSTIME_NONE; and by which packet. */
	nstime_t waits_since;
	uint64_t waits_frame;
	nstime_t fresh;	 /* the latest payload that was not sent again, or
			  * NSTIME_NONE */
	int64_t ssn0;	 /* offset of SSN 1: not 0 after data in the SYN */
	int64_t ssn_low; /* while !isn_known: ssn0 is at least this */
	struct pending *pending; /* from the first of them on */
	uint32_t first_pending, n_pending;
	size_t pending_room;

	bool fin_mapping; /* a mapping of DATA_FIN alone was seen */
	int wscale;	  /* of its SYN; -1: none offered, or SYN not seen */
	int window_shift; /* -1: not known, not both SYNs were seen */
	uint64_t packets, bytes; /* bytes of payload, every copy */
	nstime_t syn_time;	 /* of the first, or NSTIME_NONE */
	uint32_t syns;		 /* SYNs sent, SYN/ACKs for the responder */
	uint32_t rsts;		 /* resets sent */

	/* MP_JOIN, or 0 of the initial subflow */
	bool id_known, nonce_known, hmac_known;
	bool backup; /* it asks to use this one as backup */
	uint8_t id;
	uint32_t nonce;
	uint8_t hmac[JOIN_HMAC_ACK]; /* responder: 8 octets of it */
	enum verdict verdict;	     /* of that HMAC */
};

struct subflow {
	int id; /* 0 the initial one (or first seen), then in order */
	struct conn *conn;
	struct flow *flow;	/* NULL once the 4-tuple was used again */
	uint32_t flow_serial;	/* what tracker_segment said of it */
	uint8_t syn_nops;	/* most NOPs in a row in its SYN, where that
				 * had no MPTCP option */
	struct endpoint end[2]; /* by the connection's side */
	enum side initiator;
	bool initial;	  /* of an MP_CAPABLE handshake; else joined, or tied */
	bool join;	  /* an MP_JOIN of it was seen */
	bool synack_join; /* ... and answered with MP_JOIN */
	bool tied;	  /* known to be part of it by its DSNs */
	enum subflow_state state;
	bool reset_seen;
	enum side reset_side; /* who sent the reset */
	int reset_reason;     /* of MP_TCPRST, or -1 */
	nstime_t first, last; /* its packets */
	uint64_t first_frame, last_frame;
	bool over, alive; /* the tracker's own: how its connection counts it */
	struct subflow_half half[2];
};

/* An ADD_ADDR, its echo, or one id of a REMOVE_ADDR, as seen. */
struct conn_address {
	nstime_t time;
	uint64_t frame;
	enum side side; /* who sent it */
	enum address_signal signal;
	uint8_t id;
	uint16_t port;		/* 0: none */
	struct address address; /* family 0 for a removal */
	bool has_hmac;
	uint8_t hmac[ADD_ADDR_HMAC];
	enum verdict verdict;
};

#define CONN_ADDRESSES_MAX 4096 /* remembered of one connection */

/* What one side sends at the data level. */
struct conn_half {
	struct endpoint end; /* of the initial subflow, or first seen */
	bool key_known, token_known;
	bool started;	  /* origin and stream are set */
	bool data_acked;  /* the peer sent a DATA_ACK */
	bool origin_high; /* all 64 bits of origin are known */
	bool fin;	  /* DATA_FIN seen */
	uint32_t token;
	uint64_t key, idsn; /* idsn with key_known */

	struct stream stream; /* data bytes; offset 0 is DSN `origin` */
	uint64_t origin;      /* IDSN + 1 where the key is known */
	int64_t fin_offset;   /* the offset it takes up: where data ends */

	nstime_t last; /* its latest packet, or NSTIME_NONE */
	uint64_t mappings, checksum_ok, checksum_bad;
	uint64_t options[OPTION_COUNTS];

	bool options_cut;   /* the capture cut off options that it sent */
	bool uses_mptcp;    /* it sent an option other than MP_CAPABLE */
	bool fastclose;	    /* it sent MP_FASTCLOSE, not with a wrong key */
	bool fastclose_bad; /* ... with one */
	bool window_closed; /* the tracker's own: as it said last */
	uint32_t bare;	    /* the tracker's own: packets in a row without
			     * the DSS that they should have, ... */
	nstime_t bare_time; /* ... the first of them */
	uint64_t bare_frame;
	bool positioned;	/* the tracker's own: tie.c finds it ... */
	uint64_t neighbourhood; /* ... by the high bits of its DSNs */
	struct table_link by_position;
	struct table_link by_token, by_home; /* ... and join.c */
};

struct conn {
	struct due due;	  /* the tracker's own, first; */
	size_t place;	  /* ... its index among the open ones, */
	uint64_t ended;	  /* ... how many had ended then, with it */
	uint64_t id;	  /* from 0; meaningless while provisional */
	bool provisional; /* flows that use MPTCP, of no known connection */
	int version;	  /* 0, 1, or -1 while unknown */
	int offered;	  /* the version in the SYN, or -1 */
	bool handshake_seen;
	bool accepted;	/* the server answered with MP_CAPABLE, or both use
			 * MPTCP */
	bool third_ack; /* keys came back, or the client uses MPTCP */
	bool bare; /* the client's first packet after its SYN had no option */
	nstime_t bare_time; /* ... that packet */
	uint64_t bare_frame;
	bool checksum;
	bool timed_out; /* -t ended it */
	bool let_go;	/* ... or it was one of too many that were open */
	enum fallback_reason fallback;
	nstime_t fallback_time;
	uint64_t fallback_frame;
	enum side fallback_side;
	nstime_t first, last; /* its packets; NSTIME_NONE: no time known */
	uint64_t first_frame;

	struct conn_half half[2];
	struct subflow **subflows; /* by id; the first alone is here: */
	struct subflow *alone;
	size_t n_subflows, subflows_room;
	size_t n_over, n_alive;	     /* the tracker's own: so many of them */
	uint64_t subflows_left_out;  /* beyond LIMIT_CONN_SUBFLOWS */
	uint64_t addresses_left_out; /* beyond CONN_ADDRESSES_MAX */
	struct conn_address *addresses;
	size_t n_addresses, addresses_room;

	void *context; /* of whoever gets the events; NULL at first */
};

/* The state as of now. */
enum conn_state conn_state(const struct conn *conn);

/* Has it fallen back to TCP without any mapping of the rest? */
bool conn_is_plain(const struct conn *conn);

/* Has it ended with nothing left to be acknowledged, neither on a subflow nor
 * of its data? No host has a reason then to send anything more of it, as far as
 * the capture shows. */
bool conn_is_done(const struct conn *conn);

/* The window that `side` advertises in a segment of the subflow, in octets, or
 * -1 where its scale is not known. A SYN's is never scaled (RFC 7323 section
 * 2.2), and a closed one needs no scale. */
static inline int64_t subflow_window(const struct subflow *subflow,
				     enum side side,
				     const struct segment *segment)
{
	int shift = subflow->half[side].window_shift;

	if (segment->flags & TCP_SYN)
		return segment->window;
	if (shift < 0)
		return segment->window ? -1 : 0;
	return (int64_t)segment->window << shift;
}

/* Established, and not closed both ways. */
static inline bool subflow_is_alive(const struct subflow *subflow)
{
	return subflow->state == SUBFLOW_ESTABLISHED ||
	       subflow->state == SUBFLOW_HALF_CLOSED;
}

/* Is no other subflow of its connection alive? */
bool subflow_is_alone(const struct subflow *subflow);

/* Packets but SYNs and resets. */
static inline uint64_t subflow_others_sent(const struct subflow_half *half)
{
	return half->packets - half->syns - half->rsts;
}

/* Has the peer acknowledged, on this subflow, what `side` sent below `seq`? */
bool subflow_acked(const struct subflow *subflow, enum side side, uint32_t seq);

/* Data offsets of `side` as the absolute sequence values of 2014, which never
 * wrap: (IDSN mod 2^32) + (DSN - IDSN); this is that of IDSN. Where the key is
 * not known, IDSN is what comes before the first data seen. */
static inline int64_t conn_sequence_base(const struct conn *conn,
					 enum side side)
{
	return (uint32_t)(conn->half[side].origin - 1);
}

/* Data bytes of a side that DATA_ACKs cover, without DATA_FIN. */
static inline int64_t conn_bytes_acked(const struct conn *conn, enum side side)
{
	const struct conn_half *half = &conn->half[side];
	int64_t upto = half->stream.acked;

	if (half->fin && upto > half->fin_offset)
		upto = half->fin_offset;
	return upto > 0 ? upto : 0;
}

#endif
