/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of this floor share: the tracker itself, TCP flows, and who
 * does what with a segment. tracker.c finds the flow and hands the segment to
 * subflow.c, which lets each option's file have its say:
 *
 *   handshake.c  MP_CAPABLE, keys, fallback
 *   join.c       MP_JOIN and its HMACs
 *   data.c       DSS: mappings, DATA_ACKs, DATA_FIN
 *   payload.c    payload on its way through the mappings
 *   checksum.c   DSS checksums
 *   signal.c     ADD_ADDR, REMOVE_ADDR, MP_PRIO, MP_FAIL, MP_FASTCLOSE
 *   tie.c        connections whose handshake the capture missed
 *   end.c        who ends when
 *   crowd.c      who goes when there are too many
 *   close.c      what is told and forgotten then
 */
#ifndef TRACK_INTERNAL_H
#define TRACK_INTERNAL_H

#include "base/expect.h"
#include "base/pool.h"
#include "base/rare.h"
#include "base/table.h"
#include "decode/segment.h"
#include "track/conn.h"
#include "track/event.h"
#include "track/tracker.h"

/* How far a DSN or DATA_ACK may lie from everything sent before it is taken
 * for nonsense: more than any capture misses. */
#define DSN_AHEAD_MAX ((int64_t)1 << 40)

#define NOTHING_DUE INT64_MAX

/* Things that end in the order in which they came in; each is the first
 * member of a struct flow or a struct conn. */
struct due_list {
	struct due *first, *last;
	size_t count, most;
};

/* One use of a TCP 4-tuple. */
struct flow {
	struct due due;
	struct endpoint end[2]; /* [0]: who sent the SYN, else the first */
	uint64_t hash;
	uint32_t serial;
	struct subflow *subflow; /* NULL: no MPTCP seen on it */
	nstime_t first, last;	 /* `last` while it has no subflow */
	uint64_t first_frame;
	uint8_t nops; /* of the SYN of end[0] */
	uint32_t isn[2];
	uint32_t synack_ack; /* what the SYN/ACK of end[1] acknowledged */
	uint32_t base[2]; /* without their SYN, numbers count from these, ... */
	uint64_t base_frame; /* ... which are of this packet; 0: none */
	bool syn[2], synack, fin[2], rst;
	bool left_out; /* of a connection that has too many subflows */
	bool told; /* of one that was closed early; what still comes of it is
		    * only counted */
};

/* The segment at hand, and what it belongs to. */
struct arrival {
	struct tracker *tracker;
	const struct segment *seg;
	struct conn *conn;
	struct subflow *subflow;
	enum side side; /* of the connection: who sent it */
	/* By arrival_aim: what the sender and its peer send, on the subflow
	 * and of data; what is said of it, but for its kind and u. */
	struct subflow_half *half, *peer_half;
	struct conn_half *data, *peer_data;
	struct event event;
	bool astray; /* a mapping of it is of other bytes than its own */
};

#define RECENT_FLOWS 64

struct tracker {
	struct tracker_options options;
	event_fn *sink;
	void *arg;
	struct table flows;		   /* struct flow */
	struct flow *recent[RECENT_FLOWS]; /* some of them, or NULL */
	const struct flow *latest;	   /* the latest segment's, */
	int direction;			   /* ... which end[direction] sent */
	bool indexed; /* somebody looked for a connection; till then nobody has
		       * been in these two: */
	struct table tokens;	/* chains of struct conn, once for each known
				 * token, and for that and its address */
	struct table positions; /* ... by where its DSNs are */
	struct due_list idle_flows, idle_conns; /* open; a time-out ends them */
	struct due_list half_open;		/* conns that were, when they
						 * came in */
	struct due_list over_flows, over_conns; /* ended, linger */
	struct due_list waiting_conns;		/* ... for longer, see end.c */
	uint64_t n_ended;	/* conns that ever came to over_conns */
	nstime_t now;		/* the latest time seen */
	uint64_t frame;		/* of the segment at hand */
	struct arrival arrival; /* ... and all of that */
	nstime_t next_due;	/* nothing of these ends before */
	size_t n_subflows;	/* of all connections */
	uint64_t next_id;
	struct tracker_counts counts;
	struct pool flow_pool, subflow_pool, conn_pool;
	struct conn **conns; /* those open, in no order */
	size_t n_conns, conns_room;
};

static inline void arrival_aim(struct arrival *arrival, struct conn *conn,
			       struct subflow *subflow, enum side side)
{
	const struct segment *seg = arrival->seg;

	arrival->conn = conn;
	arrival->subflow = subflow;
	arrival->side = side;
	arrival->half = &subflow->half[side];
	arrival->peer_half = &subflow->half[other_side(side)];
	arrival->data = &conn->half[side];
	arrival->peer_data = &conn->half[other_side(side)];
	arrival->event.time = seg ? seg->time : conn->last;
	arrival->event.frame = seg ? seg->frame : 0;
	arrival->event.conn = conn;
	arrival->event.subflow = subflow;
	arrival->event.segment = seg;
}

/* Does anybody want such events? Ask where they are frequent. */
static inline bool is_wanted(const struct tracker *tracker,
			     enum event_kind kind)
{
	return !(tracker->options.unwanted >> kind & 1);
}

static inline void say(struct tracker *tracker, const struct event *event)
{
	if (is_wanted(tracker, event->kind))
		tracker->sink(tracker->arg, event);
}

/* Says arrival->event, whose u is set, of what `side` sends. */
static inline void arrival_say(struct arrival *arrival, enum event_kind kind,
			       enum side side)
{
	arrival->event.kind = kind;
	arrival->event.side = side;
	say(arrival->tracker, &arrival->event);
}

/* With nothing in u. */
static inline struct event event_of(const struct arrival *arrival,
				    enum event_kind kind)
{
	const struct segment *seg = arrival->seg;
	struct event event;

	event.kind = kind;
	event.side = arrival->side;
	event.time = seg ? seg->time : arrival->conn->last;
	event.frame = seg ? seg->frame : 0;
	event.conn = arrival->conn;
	event.subflow = arrival->subflow;
	event.segment = seg;
	return event;
}

/* conn.c */
struct conn *conn_new(struct tracker *tracker, const struct segment *seg);
/* Those open, as qsort would sort them: an array of tracker->n_conns, which the
 * caller frees. */
struct conn **conns_sorted(const struct tracker *tracker,
			   int (*order)(const void *, const void *));
void conn_name(struct arrival *arrival); /* no longer provisional */
/* Both append to conn->subflows; the first makes arrival->subflow. */
void subflow_new(struct arrival *arrival, struct flow *flow,
		 enum side initiator);
void subflow_attach(struct tracker *tracker, struct conn *conn,
		    struct subflow *subflow);

/* tracker.c */
void flow_forget(struct tracker *tracker, const struct flow *flow);

/* subflow.c: a segment of a flow that has a subflow */
void subflow_segment(struct arrival *arrival);
/* Will the peer believe this reset? */
bool reset_valid(const struct arrival *arrival);

/* handshake.c */
SELDOM void capable_option(struct arrival *arrival,
			   const struct mptcp_option *option);
/* A SYN or SYN/ACK without MP_CAPABLE on the initial subflow. */
RARE void capable_missing(struct arrival *arrival);
/* A segment without any MPTCP option on the initial subflow; `acked` where it
 * acknowledges new payload, `unmapped` where it brings some without mapping. */
RARE void option_missing(struct arrival *arrival, bool acked, bool unmapped);
RARE void fall_back(struct arrival *arrival, enum fallback_reason reason);
SELDOM void conn_set_key(struct arrival *arrival, enum side side, uint64_t key);

/* join.c */
RARE void join_option(struct arrival *arrival,
		      const struct mptcp_option *option);
SELDOM void join_verify(struct arrival *arrival, struct subflow *subflow);
struct conn *conn_by_token(struct tracker *tracker, uint32_t token,
			   const struct segment *syn, enum side *owner);
void token_add(struct tracker *tracker, struct conn *conn, enum side side);
void token_remove(struct tracker *tracker, struct conn *conn, enum side side);
/* What is known of it is found from now on: for conns_index. */
void token_link(struct tracker *tracker, struct conn *conn, enum side side);

/* data.c */
void dss_option(struct arrival *arrival, const struct mptcp_option *option);
RARE void capable_mapping(struct arrival *arrival,
			  const struct mptcp_option *option);
SELDOM void conn_half_start(struct tracker *tracker, struct conn_half *half,
			    uint64_t origin, bool high, bool older);

/* payload.c; what waits is what arrival->side sent */
/* Payload from stream offset `start` on; true if some has no mapping. */
bool payload_arrives(struct arrival *arrival, int64_t start);
/* What waits for a mapping and touches subflow bytes [start, end) tries again,
 * in the order in which it came; so does all of it if waiting never will help
 * again. With `last_chance`, what finds none now never will. */
void pending_retry(struct arrival *arrival, int64_t start, int64_t end,
		   bool last_chance);
/* All of it tries again. */
SELDOM void pending_settle(struct arrival *arrival);
/* What still waits never gets a mapping. */
void subflow_flush(struct arrival *arrival);

/* checksum.c */
uint32_t checksum_sum(const uint8_t *bytes, size_t size); /* folded */
/* Subflow bytes [start, end) of *mapping, whose sum is `sum` if that is
 * `known`, were seen for the first time. */
void checksum_add(struct arrival *arrival, struct mapping *mapping,
		  int64_t start, int64_t end, uint32_t sum, bool known);
/* All of *mapping is summed: is its checksum right? */
void checksum_judge(struct arrival *arrival, struct mapping *mapping);

/* signal.c */
RARE void add_addr_option(struct arrival *arrival,
			  const struct mptcp_option *option);
RARE void remove_addr_option(struct arrival *arrival,
			     const struct mptcp_option *option);
RARE void prio_option(struct arrival *arrival,
		      const struct mptcp_option *option);
RARE void fail_option(struct arrival *arrival,
		      const struct mptcp_option *option);
RARE void fastclose_option(struct arrival *arrival,
			   const struct mptcp_option *option);
/* Those from the first of which something new is known: keys, or whose they
 * are.
 */
void addresses_verify(struct conn *conn, size_t first);
/* A copy in conn->addresses, or NULL when there are too many. */
struct conn_address *conn_address_add(struct conn *conn,
				      const struct conn_address *address);

/* tie.c */
/* A segment with MPTCP options of a flow without a subflow: finds or makes the
 * connection that it belongs to and gives the flow its subflow. */
SELDOM void flow_adopt(struct tracker *tracker, struct flow *flow,
		       int direction, const struct segment *seg);
/* An option of a connection whose handshake was not seen: does it prove that
 * it is part of one that we know (by DSN; by token, where an MP_JOIN SYN is
 * seen after its SYN/ACK)? May change arrival->conn and ->side. */
SELDOM void tie(struct arrival *arrival, const struct mptcp_option *option);
SELDOM void position_move(struct tracker *tracker, struct conn *conn,
			  enum side side);

/* DSNs this near belong to the same connection; a neighbourhood is larger, so
 * that looking into three of them is enough. */
#define NEAR		 ((int64_t)1 << 32)
#define NEIGHBOURHOOD(x) ((x) >> 36)

static inline uint64_t position_of(const struct conn_half *half)
{
	int64_t offset = half->stream.sent > half->stream.acked
			     ? half->stream.sent
			     : half->stream.acked;

	return half->origin + (uint64_t)offset;
}

/* Its data goes on: tie.c must still find it. */
static inline void position_update(struct tracker *tracker, struct conn *conn,
				   enum side side)
{
	const struct conn_half *half = &conn->half[side];

	if (!half->positioned ||
	    NEIGHBOURHOOD(position_of(half)) != half->neighbourhood)
		position_move(tracker, conn, side);
}
void position_remove(struct tracker *tracker, struct conn *conn);
/* Connections are about to be looked for. Nobody looks for most: without joins,
 * and flows that began before the capture, there is no index of them. */
void conns_index(struct tracker *tracker);

/* end.c */
/* To the end of a list, from whichever it was in; due at `time`. */
void due_move(struct tracker *tracker, struct due_list *list, struct due *due,
	      nstime_t time);
void due_remove(struct due *due);
SELDOM void end_what_is_due(struct tracker *tracker);
RARE void limits_init(struct tracker *tracker);
/* A segment of a flow that is `told`. */
RARE void flow_goes_on(struct tracker *tracker, const struct segment *seg);
void flow_touch(struct tracker *tracker, struct flow *flow);
/* Has it, or its connection, been silent for too long `now` that another
 * segment of it comes? Then it expires. */
bool flow_expired(const struct tracker *tracker, const struct flow *flow,
		  nstime_t now);
void flow_expires(struct tracker *tracker, struct flow *flow);
RARE void flow_detach(struct tracker *tracker, struct flow *flow);
SELDOM void subflow_end(struct arrival *arrival, enum subflow_state state);
/* Its state, its flow or what is known of it is another: its connection's
 * counts follow. */
void subflow_changed(struct subflow *subflow);
/* The same, and has its connection ended, or does it go on? */
SELDOM void conn_check_over(struct tracker *tracker, struct subflow *subflow);

/* struct due is the first member of both. */
static inline struct conn *conn_of(struct due *due)
{
	return (struct conn *)due;
}

static inline struct flow *flow_of(struct due *due)
{
	return (struct flow *)due;
}

/* When what is open now, and stays silent, ends. */
static inline nstime_t idle_until(const struct tracker *tracker)
{
	nstime_t timeout = tracker->options.timeout;

	return timeout ? tracker->now + timeout : NOTHING_DUE;
}

/* Did packets of both sides come? */
static inline bool conn_is_answered(const struct conn *conn)
{
	return conn->half[CLIENT].last != NSTIME_NONE &&
	       conn->half[SERVER].last != NSTIME_NONE;
}

/* crowd.c */
/* There is more of it than there may be, or one was left out for that. */
RARE void note_excess(struct tracker *tracker, enum tracker_limit limit);
/* One subflow more: are there too many now? */
SELDOM void subflow_count(struct tracker *tracker);
/* Where there are too many of something, some of them are closed. */
SELDOM void end_crowds(struct tracker *tracker);

/* close.c */
SELDOM void flow_free(struct tracker *tracker, struct flow *flow);
/* What there is to be told of a connection, complete; that it goes, and all
 * memory of it; both. */
SELDOM void conn_tell(struct tracker *tracker, struct conn *conn);
SELDOM void conn_forget(struct tracker *tracker, struct conn *conn);
SELDOM void conn_close(struct tracker *tracker, struct conn *conn);
/* Its memory, untold. */
void conn_release(struct tracker *tracker, struct conn *conn);

#define EXPECT_AHEAD 3

/* `conn` is closed now, and these next, in this order; NULL: none. What has
 * been silent for long is in no cache; it is asked for as it is found: a
 * connection, then what that knows the place of, then what its subflow does. */
OFTEN static void conns_expect(const struct tracker *tracker,
			       const struct conn *conn,
			       const struct conn *const next[EXPECT_AHEAD])
{
	const struct subflow *subflow =
	    next[0] && next[0]->n_subflows ? next[0]->subflows[0] : NULL;

	if (conn->n_subflows && conn->subflows[0]->flow)
		table_expect(&tracker->flows, conn->subflows[0]->flow->hash);
	if (next[2])
		cache_expect(next[2], sizeof(*next[2]));
	if (next[1]) {
		cache_expect(next[1]->alone, sizeof(*next[1]->alone));
		cache_expect(next[1]->context, tracker->options.context_size);
		for (int side = 0; side < 2; side++)
			cache_expect(next[1]->half[side].stream.runs.last,
				     CACHE_LINE);
	}
	if (subflow) {
		cache_expect(subflow->flow, sizeof(*subflow->flow));
		for (int side = 0; side < 2; side++) {
			cache_expect(subflow->half[side].stream.runs.last,
				     CACHE_LINE);
			cache_expect(subflow->half[side].map.all.last,
				     CACHE_LINE);
		}
	}
}

#endif
