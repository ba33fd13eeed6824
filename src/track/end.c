/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who ends when: memory follows what is open. Ended flows and connections
 * linger, because stragglers are usual; idle ones end after the time-out.
 */
#include "track/internal.h"

#include <stdlib.h>

/* RFC 9293's TIME-WAIT with the MSL that is usual. Ended ones beyond so many
 * are not waited for. */
#define LINGER	   (60 * NSTIME_SECOND)
#define LINGER_MAX 1000

void due_remove(struct due *due)
{
	struct due_list *list = due->list;

	if (!list)
		return;
	if (due->prev)
		due->prev->next = due->next;
	else
		list->first = due->next;
	if (due->next)
		due->next->prev = due->prev;
	else
		list->last = due->prev;
	due->next = due->prev = NULL;
	due->list = NULL;
	list->count--;
}

static bool list_lingers(const struct tracker *tracker,
			 const struct due_list *list)
{
	return list == &tracker->over_conns || list == &tracker->over_flows;
}

static void due_move(struct tracker *tracker, struct due_list *list,
		     struct due *due, nstime_t time)
{
	due_remove(due);
	due->time = time;
	due->list = list;
	due->prev = list->last;
	if (list->last)
		list->last->next = due;
	else
		list->first = due;
	list->last = due;
	list->count++;
	if (time < tracker->next_due)
		tracker->next_due = time;
	if (list->count > LINGER_MAX && list_lingers(tracker, list))
		tracker->next_due = NSTIME_NONE; /* at once */
}

/* struct due is the first member of both. */
static struct conn *conn_of(struct due *due)
{
	return (struct conn *)due;
}

static struct flow *flow_of(struct due *due)
{
	return (struct flow *)due;
}

static bool is_due(const struct due_list *list, nstime_t now)
{
	return list->first && list->first->time <= now;
}

/* A list whose members were perhaps active since they came in: each that is
 * due is asked again, and put back until it really is. */
static void end_idle(struct tracker *tracker)
{
	nstime_t timeout = tracker->options.timeout, now = tracker->now;

	while (is_due(&tracker->idle_conns, now)) {
		struct conn *conn = conn_of(tracker->idle_conns.first);

		if (conn->last + timeout < now) {
			conn->timed_out = true;
			conn_close(tracker, conn);
		} else {
			due_move(tracker, &tracker->idle_conns, &conn->due,
				 now + timeout);
		}
	}
	while (is_due(&tracker->idle_flows, now)) {
		struct flow *flow = flow_of(tracker->idle_flows.first);

		if (flow->last + timeout < now)
			flow_free(tracker, flow);
		else
			due_move(tracker, &tracker->idle_flows, &flow->due,
				 now + timeout);
	}
}

void end_what_is_due(struct tracker *tracker)
{
	const struct due_list *const lists[] = {
	    &tracker->idle_flows, &tracker->idle_conns, &tracker->over_flows,
	    &tracker->over_conns};
	nstime_t now = tracker->now;

	while (is_due(&tracker->over_conns, now) ||
	       tracker->over_conns.count > LINGER_MAX)
		conn_close(tracker, conn_of(tracker->over_conns.first));
	while (is_due(&tracker->over_flows, now) ||
	       tracker->over_flows.count > LINGER_MAX)
		flow_free(tracker, flow_of(tracker->over_flows.first));
	end_idle(tracker);
	tracker->next_due = NOTHING_DUE;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (lists[i]->first &&
		    lists[i]->first->time < tracker->next_due)
			tracker->next_due = lists[i]->first->time;
}

void flow_was_plain(struct tracker *tracker, const struct flow *flow)
{
	const struct plain_flow plain = {
	    .end = {flow->end[0], flow->end[1]},
	    .first = flow->first,
	    .first_frame = flow->first_frame,
	    .syn = flow->syn[0],
	    .nops = flow->nops,
	};

	tracker->counts.plain++;
	if (tracker->options.plain)
		tracker->options.plain(tracker->options.plain_arg, &plain);
}

void flow_free(struct tracker *tracker, struct flow *flow)
{
	due_remove(&flow->due);
	flow_forget(tracker, flow);
	table_remove(&tracker->flows, flow->hash, flow);
	if (!flow->subflow)
		flow_was_plain(tracker, flow);
	pool_give(&tracker->flow_pool, flow);
}

/* A plain flow: ended, it lingers; else the time-out may end it. */
void flow_touch(struct tracker *tracker, struct flow *flow)
{
	if (flow->rst || (flow->fin[0] && flow->fin[1])) {
		if (flow->due.list != &tracker->over_flows)
			due_move(tracker, &tracker->over_flows, &flow->due,
				 tracker->now + LINGER);
	} else if (tracker->options.timeout && !flow->due.list) {
		due_move(tracker, &tracker->idle_flows, &flow->due,
			 tracker->now + tracker->options.timeout);
	}
}

/* Has what this flow belongs to been idle for the time-out `now`, when another
 * segment of it comes? Then it ends. */
bool flow_expired(struct tracker *tracker, struct flow *flow, nstime_t now)
{
	nstime_t timeout = tracker->options.timeout;
	struct conn *conn = flow->subflow ? flow->subflow->conn : NULL;

	if (!timeout || (conn ? conn->last : flow->last) + timeout >= now)
		return false;
	if (conn) {
		conn->timed_out = true;
		conn_close(tracker, conn);
	} else {
		flow_free(tracker, flow);
	}
	return true;
}

/* The 4-tuple is used again: this use of it gets no more segments. */
void flow_detach(struct tracker *tracker, struct flow *flow)
{
	struct subflow *subflow = flow->subflow;

	if (subflow)
		subflow->flow = NULL;
	flow_free(tracker, flow);
	if (subflow)
		conn_check_over(tracker, subflow);
}

/* A join that nobody answers does not keep the connection. */
static bool subflow_over(const struct subflow *subflow)
{
	return !subflow->flow ||
	       (subflow->state == SUBFLOW_HANDSHAKE && subflow->join) ||
	       subflow->state == SUBFLOW_CLOSED ||
	       subflow->state == SUBFLOW_RESET ||
	       subflow->state == SUBFLOW_REFUSED ||
	       (subflow->state == SUBFLOW_PLAIN && subflow->reset_seen);
}

void subflow_changed(struct subflow *subflow)
{
	struct conn *conn = subflow->conn;
	bool over = subflow_over(subflow), alive = subflow_is_alive(subflow);

	conn->n_over += (size_t)over - subflow->over;
	conn->n_alive += (size_t)alive - subflow->alive;
	subflow->over = over;
	subflow->alive = alive;
}

void conn_check_over(struct tracker *tracker, struct subflow *subflow)
{
	struct conn *conn = subflow->conn;

	subflow_changed(subflow);
	if (conn->n_over == conn->n_subflows) {
		if (conn->due.list != &tracker->over_conns)
			due_move(tracker, &tracker->over_conns, &conn->due,
				 tracker->now + LINGER);
	} else if (tracker->options.timeout) {
		if (conn->due.list != &tracker->idle_conns)
			due_move(tracker, &tracker->idle_conns, &conn->due,
				 tracker->now + tracker->options.timeout);
	} else {
		due_remove(&conn->due);
	}
}

void subflow_end(struct arrival *arrival, enum subflow_state state)
{
	struct event event;

	enum subflow_state before = arrival->subflow->state;

	/* A reset after both FINs is told, but it was closed before. */
	if (before == SUBFLOW_RESET || before == SUBFLOW_REFUSED ||
	    (before == SUBFLOW_CLOSED && state == SUBFLOW_CLOSED))
		return;
	if (before != SUBFLOW_PLAIN && before != SUBFLOW_CLOSED)
		arrival->subflow->state = state;
	subflow_changed(arrival->subflow);
	event = event_of(arrival, EVENT_SUBFLOW_END);
	say(arrival->tracker, &event);
	conn_check_over(arrival->tracker, arrival->subflow);
}

/* MP_CAPABLE was offered, and the answer came without it. */
static bool conn_refused(const struct conn *conn)
{
	return conn->fallback == FALLBACK_SYNACK ||
	       conn->fallback == FALLBACK_SYN_RETRIED ||
	       (!conn->accepted && conn->subflows[0]->state == SUBFLOW_REFUSED);
}

static void conn_count(struct tracker *tracker, const struct conn *conn)
{
	struct tracker_counts *counts = &tracker->counts;

	if (!conn->n_subflows)
		return; /* all it had went elsewhere */
	if (conn->provisional) {
		/* Its client is the sender of the SYN or first packet. */
		counts->orphan_subflows += conn->n_subflows;
		for (int side = 0; side < 2; side++)
			for (int i = 0; i < OPTION_COUNTS; i++)
				counts->orphan_options[side][i] +=
				    conn->half[side].options[i];
	} else if (conn_refused(conn)) {
		counts->mptcp_refused++;
		counts->mptcp_subflows += conn->n_subflows - 1;
	} else {
		counts->mptcp_subflows += conn->n_subflows;
	}
}

/* What is left open at the last moment gets its final state. */
static void settle(struct tracker *tracker, struct conn *conn)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		struct subflow *subflow = conn->subflows[i];
		struct arrival arrival = {.tracker = tracker};

		for (int side = 0; side < 2; side++) {
			arrival_aim(&arrival, conn, subflow, (enum side)side);
			subflow_flush(&arrival);
		}
		if (subflow->state == SUBFLOW_HANDSHAKE &&
		    !subflow->half[other_side(subflow->initiator)].packets)
			subflow->state = SUBFLOW_UNANSWERED;
	}
}

void conn_close(struct tracker *tracker, struct conn *conn)
{
	struct event event;

	settle(tracker, conn);
	conn_count(tracker, conn);
	event = (struct event){
	    .kind = EVENT_CLOSE,
	    .time = conn->last,
	    .conn = conn,
	    .u.now = tracker->now,
	};
	say(tracker, &event);
	conn_release(tracker, conn);
}

void conn_release(struct tracker *tracker, struct conn *conn)
{
	due_remove(&conn->due);
	position_remove(tracker, conn);
	for (int side = 0; side < 2; side++) {
		token_remove(tracker, conn, (enum side)side);
		stream_free(&conn->half[side].stream);
	}
	for (size_t i = 0; i < conn->n_subflows; i++) {
		struct subflow *subflow = conn->subflows[i];

		for (int side = 0; side < 2; side++) {
			stream_free(&subflow->half[side].stream);
			mappings_free(&subflow->half[side].map);
			free(subflow->half[side].pending);
		}
		if (subflow->flow)
			flow_free(tracker, subflow->flow);
		pool_give(&tracker->subflow_pool, subflow);
	}
	tracker->conns[conn->place] = tracker->conns[--tracker->n_conns];
	tracker->conns[conn->place]->place = conn->place;
	if (conn->subflows != &conn->alone)
		free(conn->subflows);
	free(conn->addresses);
	pool_give(&tracker->conn_pool, conn);
}
