/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections and subflows come into being; what their state is.
 */
#include "track/internal.h"

#include "base/alloc.h"

struct conn *conn_new(struct tracker *tracker, const struct segment *seg)
{
	struct conn *conn = pool_take(&tracker->conn_pool);
	struct event event;

	conn->provisional = true;
	conn->version = conn->offered = -1;
	conn->first = conn->last = NSTIME_NONE;
	conn->half[CLIENT].last = conn->half[SERVER].last = NSTIME_NONE;
	conn->first_frame = seg->frame;
	tracker->conns = xgrow(tracker->conns, &tracker->conns_room,
			       tracker->n_conns + 1, sizeof(conn));
	conn->place = tracker->n_conns;
	tracker->conns[tracker->n_conns++] = conn;
	event = (struct event){
	    .kind = EVENT_OPEN,
	    .time = seg->time,
	    .frame = seg->frame,
	    .conn = conn,
	};
	say(tracker, &event);
	return conn;
}

void conn_name(struct arrival *arrival)
{
	struct event event;

	if (!arrival->conn->provisional)
		return;
	arrival->conn->provisional = false;
	arrival->conn->id = arrival->tracker->next_id++;
	event = event_of(arrival, EVENT_NAMED);
	say(arrival->tracker, &event);
}

/* Room for one more subflow. Most connections have one. */
static void subflows_grow(struct conn *conn)
{
	struct subflow **more = NULL;

	if (!conn->n_subflows) {
		if (!conn->subflows)
			conn->subflows = &conn->alone;
		return;
	}
	if (conn->subflows != &conn->alone)
		more = conn->subflows;
	more = xgrow(more, &conn->subflows_room, conn->n_subflows + 1,
		     sizeof(*more));
	if (conn->subflows == &conn->alone)
		*more = conn->alone;
	conn->subflows = more;
}

void subflow_attach(struct tracker *tracker, struct conn *conn,
		    struct subflow *subflow)
{
	subflow->conn = conn;
	subflow->id = (int)conn->n_subflows;
	subflows_grow(conn);
	conn->subflows[conn->n_subflows++] = subflow;
	for (int side = 0; side < 2; side++)
		subflow->half[side].clock =
		    (struct data_clock){INT64_MIN, INT64_MIN, 0};
	subflow->over = subflow->alive = false; /* not among these yet */
	conn_check_over(tracker, subflow);
}

void subflow_new(struct arrival *arrival, struct flow *flow,
		 enum side initiator)
{
	struct subflow *subflow = pool_take(&arrival->tracker->subflow_pool);
	struct event event;

	subflow->initiator = initiator;
	subflow->reset_reason = -1;
	subflow->first_frame = subflow->last_frame = arrival->seg->frame;
	subflow->first = subflow->last = NSTIME_NONE;
	for (int side = 0; side < 2; side++) {
		subflow->half[side].wscale = -1;
		subflow->half[side].window_shift = -1;
		subflow->half[side].waits_since = NSTIME_NONE;
		subflow->half[side].fresh = NSTIME_NONE;
		subflow->half[side].syn_time = NSTIME_NONE;
	}
	subflow->end[initiator] = flow->end[0];
	subflow->end[other_side(initiator)] = flow->end[1];
	subflow->flow = flow;
	subflow->flow_serial = flow->serial;
	subflow->syn_nops = flow->nops;
	flow->subflow = subflow;
	due_remove(&flow->due);
	arrival->subflow = subflow;
	subflow_count(arrival->tracker);
	subflow_attach(arrival->tracker, arrival->conn, subflow);
	event = event_of(arrival, EVENT_SUBFLOW);
	event.u.origin.from = NULL;
	say(arrival->tracker, &event);
}

bool conn_is_plain(const struct conn *conn)
{
	return conn->fallback != FALLBACK_NONE &&
	       conn->fallback != FALLBACK_FAIL &&
	       conn->fallback != FALLBACK_INFINITE;
}

static bool data_fin_acked(const struct conn_half *half)
{
	return half->fin && half->stream.acked > half->fin_offset;
}

static bool fins_acked(const struct subflow *subflow)
{
	return subflow->half[CLIENT].fin_acked &&
	       subflow->half[SERVER].fin_acked;
}

bool conn_is_done(const struct conn *conn)
{
	/* Without subflows a connection may go on: RFC 8684 section 3.3.3. */
	if (!conn_is_plain(conn) && !(data_fin_acked(&conn->half[CLIENT]) &&
				      data_fin_acked(&conn->half[SERVER])))
		return false;
	for (size_t i = 0; i < conn->n_subflows; i++)
		if (!fins_acked(conn->subflows[i]))
			return false;
	return true;
}

enum conn_state conn_state(const struct conn *conn)
{
	bool all_ended = true, reset = false;

	if (conn->half[CLIENT].fastclose || conn->half[SERVER].fastclose)
		return CONN_FASTCLOSED;
	if (conn->fallback)
		return CONN_FALLBACK;
	if (data_fin_acked(&conn->half[CLIENT]) &&
	    data_fin_acked(&conn->half[SERVER]))
		return CONN_CLOSED;
	for (size_t i = 0; i < conn->n_subflows; i++) {
		enum subflow_state state = conn->subflows[i]->state;

		if (state == SUBFLOW_RESET || state == SUBFLOW_REFUSED)
			reset |= i == 0 || state == SUBFLOW_RESET;
		else if (state != SUBFLOW_CLOSED &&
			 state != SUBFLOW_UNANSWERED && state != SUBFLOW_PLAIN)
			all_ended = false;
	}
	if (all_ended && reset)
		return CONN_RESET;
	if (!conn->accepted || !conn->third_ack)
		return CONN_HANDSHAKE;
	return all_ended ? CONN_CLOSED : CONN_ESTABLISHED;
}

bool subflow_is_alone(const struct subflow *subflow)
{
	return subflow->conn->n_alive == subflow->alive;
}

bool subflow_acked(const struct subflow *subflow, enum side side, uint32_t seq)
{
	const struct subflow_half *half = &subflow->half[side];
	int64_t acked = half->stream.acked;

	return half->started && unwrap32(seq - half->seq0, acked) <= acked;
}
