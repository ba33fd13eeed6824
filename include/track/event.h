/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tracker says: one event for each thing that changed, after it has
 * changed. All pointers are borrowed and dead when the call returns, but for
 * conn and subflow, which live until the connection's EVENT_CLOSE.
 */
#ifndef TRACK_EVENT_H
#define TRACK_EVENT_H

#include "base/nstime.h"
#include "track/conn.h"

enum event_kind {
	EVENT_OPEN,	/* a connection, perhaps provisional */
	EVENT_NAMED,	/* it is not provisional (any more): id is set */
	EVENT_SUBFLOW,	/* a subflow of it was created */
	EVENT_SENT,	/* u.piece: bytes, at a level */
	EVENT_UNMAPPED, /* u.piece: payload that no mapping covers */
	EVENT_ACKED,	/* u.acked, at a level */
	EVENT_ADDRESS,	/* u.address */
	EVENT_PRIORITY, /* u.backup: what side now asks for this subflow */
	EVENT_FAIL,	/* u.dsn: MP_FAIL from side */
	EVENT_CHECKSUM, /* u.mapping: a DSS checksum is wrong */
	EVENT_CONFLICT, /* u.mapping contradicts an earlier one */
	EVENT_HMAC,	/* u.verdict on side's HMAC in an MP_JOIN */
	EVENT_FALLBACK,
	EVENT_FASTCLOSE,
	EVENT_DATA_FIN,
	EVENT_SUBFLOW_END, /* its state says how */
	EVENT_CLOSE,	   /* the connection is forgotten after this; without
			    * subflows, it was part of another all along */
};

enum level { LEVEL_SUBFLOW, LEVEL_DATA };

struct event {
	enum event_kind kind;
	enum level level;
	enum side side; /* whose data it is about, for ACKED too; else who
			 * sent the signal */
	nstime_t time;	/* of the packet that made it so */
	uint64_t frame;
	const struct conn *conn;
	const struct subflow *subflow; /* NULL: the connection as a whole */
	union {
		struct piece piece;
		struct {
			int64_t upto;
			nstime_t rtt; /* or NSTIME_NONE */
		} acked;
		const struct conn_address *address;
		const struct mapping *mapping;
		enum verdict verdict;
		uint64_t dsn;
		bool backup;
	} u;
};

typedef void event_fn(void *arg, const struct event *event);

#endif
