/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ties TCP flows into MPTCP connections and rebuilds what was sent at the data
 * level: segments in, events out. Silent otherwise, and knows no file: a test
 * is a list of segments and a list of events. RFC 8684 and RFC 6824.
 *
 * Its memory follows the connections that are open. A connection is closed
 * (EVENT_CLOSE, EVENT_GONE, then freed) some time after its last subflow has
 * ended, since stragglers are usual; or when it was idle for the time-out; or
 * at the end. Of too many that are open, one that has long been silent is
 * closed, too.
 */
#ifndef TRACK_TRACKER_H
#define TRACK_TRACKER_H

#include "base/nstime.h"
#include "decode/segment.h"
#include "track/event.h"

#include <stdint.h>

struct tracker;

/* A TCP flow without MPTCP, when it has ended or the trace has. */
struct plain_flow {
	struct endpoint end[2]; /* [0]: who sent the SYN, else the first */
	nstime_t first;		/* its first packet */
	uint64_t first_frame;
	bool syn;      /* the SYN of end[0] was seen */
	bool left_out; /* a subflow beyond LIMIT_CONN_SUBFLOWS */
	uint8_t nops;  /* most NOPs in a row in it, but those in place of
			* timestamps: a box may have put them there */
};

typedef void plain_flow_fn(void *arg, const struct plain_flow *flow);

/* What there may be of at once. */
enum tracker_limit {
	LIMIT_HALF_OPEN,     /* connections with packets of one side only */
	LIMIT_CONNS,	     /* ... of both sides */
	LIMIT_FLOWS,	     /* flows without MPTCP, not ended */
	LIMIT_SUBFLOWS,	     /* subflows, of all connections */
	LIMIT_CONN_SUBFLOWS, /* ... of one connection */
	LIMIT_LINGER,	     /* connections that have ended and are done (see
			      * conn_is_done), and wait for stragglers */
	TRACKER_LIMITS
};

#define HALF_OPEN_MAX	  ((size_t)1 << 16)
#define CONNS_MAX	  ((size_t)1 << 18)
#define FLOWS_MAX	  ((size_t)1 << 20)
#define SUBFLOWS_MAX	  ((size_t)1 << 19)
#define CONN_SUBFLOWS_MAX ((size_t)1 << 14)
#define LINGER_MAX	  ((size_t)1 << 8)

/* What went beyond: connections or flows that were let go, subflows that were
 * left out, or packets that came too late. */
struct tracker_excess {
	uint64_t count;
	uint64_t most;	/* so much there may be */
	uint64_t frame; /* when it was first beyond */
	nstime_t time;
};

struct tracker_options {
	nstime_t timeout;     /* idle connections end after it; 0: never */
	uint32_t sent_ranges; /* acknowledged data ranges a direction that
			       * are remembered; 0: the default */
	unsigned unwanted;    /* events not to be told: a sum of 1u << kind */
	size_t most[TRACKER_LIMITS]; /* 0: as above */
	plain_flow_fn *plain;	     /* or NULL */
	void *plain_arg;
	size_t context_size; /* octets at conn->context, which are looked at
			      * when it closes */
};

/* TCP flows by kind, each in exactly one. */
struct tracker_counts {
	uint64_t flows;
	uint64_t mptcp_subflows;  /* of MPTCP connections in the capture */
	uint64_t orphan_subflows; /* MPTCP, but of no known connection */
	uint64_t mptcp_refused;	  /* MP_CAPABLE was offered, and answered
				   * without it */
	uint64_t plain;
	/* SYN/ACKs, third ACKs with other keys than seen before; 4-tuples of
	 * an MP_JOIN that MP_CAPABLE used again. */
	uint64_t synack_key_differs, third_ack_key_differs, join_ports_reused;
	uint64_t mptcp_packets; /* segments with an MPTCP option */
	uint64_t orphan_options[2][OPTION_COUNTS]; /* [0] what the sender of
						    * the SYN (else of the first
						    * packet) sent */
	struct tracker_excess excess[TRACKER_LIMITS];
};

struct tracker *tracker_new(const struct tracker_options *options,
			    event_fn *sink, void *arg);
/* Closes nothing; call tracker_finish before if the events matter. */
void tracker_free(struct tracker *tracker);

/* Returns the number of its flow: a use of a 4-tuple, from 0 in order. */
uint32_t tracker_segment(struct tracker *tracker,
			 const struct segment *segment);

/* What the sequence numbers of the latest segment's sender, or receiver, count
 * from where a person reads them: the SYN's, or the first that was seen; 0 if
 * that was seen in `frame`, or none was. Good right after tracker_segment. */
uint32_t tracker_base(const struct tracker *tracker, bool receiver,
		      uint64_t frame);

/* The end of the trace: closes every connection, in order of id. */
void tracker_finish(struct tracker *tracker);

/* Complete after tracker_finish. */
const struct tracker_counts *tracker_counts(const struct tracker *tracker);

/* Hangs the sink's own data on a connection; see conn->context. */
void tracker_set_context(const struct conn *conn, void *context);

#endif
