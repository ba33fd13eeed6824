/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tracker says: one event for each thing that changed, after it has
 * changed. All pointers are borrowed and dead when the call returns, but for
 * conn and subflow, which live until the connection's EVENT_GONE.
 */
#ifndef TRACK_EVENT_H
#define TRACK_EVENT_H

#include "base/nstime.h"
#include "decode/segment.h"
#include "track/conn.h"

enum event_kind {
	EVENT_OPEN,	/* a connection, perhaps provisional */
	EVENT_NAMED,	/* it is not provisional (any more): id is set */
	EVENT_SUBFLOW,	/* a subflow of it was created, or comes from another
			 * connection, which proves to be this one: u.origin */
	EVENT_SEGMENT,	/* a segment of a subflow arrived; its options have had
			 * their say, its payload and ACK not yet */
	EVENT_SYN,	/* ... with SYN, right after that */
	EVENT_NOTABLE,	/* ... and there is more to it than to most: SYN; among
			 * the first of its side; many NOPs; its window is
			 * closed, or was; it has a mapping of other bytes than
			 * its own */
	EVENT_TCP_SENT, /* u.piece: bytes of a subflow, all of them new and the
			 * next, ... */
	EVENT_TCP_RESENT, /* ... or not so */
	EVENT_SENT,	  /* u.piece: bytes of data, right after that, ... */
	EVENT_SENT_AGAIN, /* ... that had been sent before */
	EVENT_UNMAPPED, /* u.piece: bytes of a subflow that no mapping covers */
	EVENT_TCP_ACKED, /* u.acked, of a subflow: it advances */
	EVENT_ACKED,	 /* u.acked, of data: it advances */
	EVENT_RANGES,	 /* u.ranges: data that is now acknowledged, to the ends
			  * of ranges; before EVENT_ACKED */
	EVENT_DATA_ACK,	 /* u.data_ack: each that is seen, before EVENT_ACKED */
	EVENT_SHIFT,	 /* u.by: side's data offsets are so much higher from
			  * now on; SHIFT_RESTART: forget them all */
	EVENT_ADDRESS,	 /* u.address */
	EVENT_PRIORITY,	 /* u.backup: what side now asks for this subflow */
	EVENT_FAIL,	 /* u.dsn: MP_FAIL from side */
	EVENT_CHECKSUM,	 /* u.mapping: a DSS checksum is wrong */
	EVENT_CHECKED,	 /* u.verdict on the checksum of a mapping of which all
			  * payload has been seen, after EVENT_CHECKSUM */
	EVENT_CONFLICT,	 /* u.mapping contradicts an earlier one */
	EVENT_HMAC,	 /* u.verdict on side's HMAC in an MP_JOIN */
	EVENT_FALLBACK,
	EVENT_FASTCLOSE,
	EVENT_DATA_FIN,
	EVENT_SUBFLOW_END, /* its state says how */
	EVENT_CLOSE,	   /* the connection has ended: nothing more comes of
			    * it; without subflows, it was part of another all
			    * along */
	EVENT_GONE, /* it is forgotten after this, after that of those that
		     * closed before it; others may close between */
};

#define EVENT_KINDS (EVENT_GONE + 1)

#define SHIFT_RESTART INT64_MIN

struct event {
	enum event_kind kind;
	enum side side; /* whose data it is about, for ACKED too; else who
			 * sent the signal */
	nstime_t time;	/* of the packet that made it so */
	uint64_t frame;
	const struct conn *conn;
	const struct subflow *subflow; /* NULL: the connection as a whole */
	const struct segment *segment; /* the one at hand, or NULL; of a piece
					* that waited for its mapping, the one
					* that brings it */
	union {
		const struct piece *piece;
		struct {
			const struct conn *from; /* or NULL: it is new */
			int id;			 /* it had there */
			bool turned; /* sides were the other way round */
		} origin;
		struct {
			int64_t upto;
			int64_t before; /* what was acknowledged until now */
			nstime_t rtt;	/* or NSTIME_NONE */
		} acked;
		const struct stream_walk *ranges; /* to be copied */
		struct {
			int64_t upto;	/* data offset, perhaps an old one */
			int64_t window; /* octets, or -1: scale unknown */
		} data_ack;
		int64_t by;
		const struct conn_address *address;
		const struct mapping *mapping;
		enum verdict verdict;
		uint64_t dsn;
		bool backup;
		nstime_t now; /* CLOSE: the latest packet's, of any flow */
	} u;
};

typedef void event_fn(void *arg, const struct event *event);

#endif
