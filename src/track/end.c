/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who ends when: memory follows what is open. Ended flows and connections
 * linger, because stragglers are usual; idle ones end after the time-out.
 */
#include "track/internal.h"

/* RFC 9293's TIME-WAIT with the MSL that is usual. Where many end it is less:
 * of connections that are done (see conn_is_done) the first of more than
 * LINGER_MAX go; others when LINGER_LATER times as many have ended after them;
 * and ended flows, those of closed connections among them, when there are
 * LINGER_FLOWS times as many. They go when there is another part of them, since
 * of many that go together only the first one's way is cold. */
#define LINGER	     (60 * NSTIME_SECOND)
#define LINGER_LATER 4
#define LINGER_FLOWS 16
#define PARTY	     4

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

void limits_init(struct tracker *tracker)
{
	static const size_t usual[TRACKER_LIMITS] = {
	    [LIMIT_HALF_OPEN] = HALF_OPEN_MAX,
	    [LIMIT_CONNS] = CONNS_MAX,
	    [LIMIT_FLOWS] = FLOWS_MAX,
	    [LIMIT_SUBFLOWS] = SUBFLOWS_MAX,
	    [LIMIT_CONN_SUBFLOWS] = CONN_SUBFLOWS_MAX,
	    [LIMIT_LINGER] = LINGER_MAX,
	};
	size_t *most = tracker->options.most, part;

	for (int i = 0; i < TRACKER_LIMITS; i++) {
		if (!most[i])
			most[i] = usual[i];
		tracker->counts.excess[i].most = most[i];
	}
	part = most[LIMIT_LINGER] / 4;
	tracker->over_conns.most = most[LIMIT_LINGER] + part;
	tracker->waiting_conns.most = SIZE_MAX;
	tracker->over_flows.most = LINGER_FLOWS * most[LIMIT_LINGER] + part;
	tracker->half_open.most = most[LIMIT_HALF_OPEN];
	tracker->idle_conns.most = most[LIMIT_CONNS];
	tracker->idle_flows.most = most[LIMIT_FLOWS];
}

void due_move(struct tracker *tracker, struct due_list *list, struct due *due,
	      nstime_t time)
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
	if (list->count > list->most)
		tracker->next_due = NSTIME_NONE; /* at once */
}

static bool is_due(const struct due_list *list, nstime_t now)
{
	return list->first && list->first->time <= now;
}

/* What nobody knows the times of is not silent. */
static bool is_silent(const struct tracker *tracker, nstime_t last,
		      nstime_t now)
{
	return last != NSTIME_NONE && last + tracker->options.timeout < now;
}

/* A list whose members were perhaps active since they came in: each that is
 * due is asked again, and put back until it really is. */
static void end_idle_conns(struct tracker *tracker, struct due_list *list)
{
	nstime_t timeout = tracker->options.timeout, now = tracker->now;

	while (is_due(list, now)) {
		struct conn *conn = conn_of(list->first);

		if (is_silent(tracker, conn->last, now)) {
			conn->timed_out = true;
			conn_close(tracker, conn);
		} else {
			due_move(tracker, list, &conn->due, now + timeout);
		}
	}
}

static void end_idle(struct tracker *tracker)
{
	nstime_t timeout = tracker->options.timeout, now = tracker->now;

	end_idle_conns(tracker, &tracker->half_open);
	end_idle_conns(tracker, &tracker->idle_conns);
	while (is_due(&tracker->idle_flows, now)) {
		struct flow *flow = flow_of(tracker->idle_flows.first);

		if (is_silent(tracker, flow->last, now))
			flow_free(tracker, flow);
		else
			due_move(tracker, &tracker->idle_flows, &flow->due,
				 now + timeout);
	}
}

/* A straggler of its flows shall not be taken for a flow of its own. */
static void flows_stay(struct tracker *tracker, struct conn *conn)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		struct flow *flow = conn->subflows[i]->flow;

		if (!flow)
			continue;
		conn->subflows[i]->flow = NULL;
		flow->subflow = NULL;
		flow->told = true;
		flow->last = conn->last;
		due_move(tracker, &tracker->over_flows, &flow->due,
			 tracker->now + LINGER);
	}
}

/*
 * A few of those that go together: first what is made of each is done, then
 * each is told and forgotten. The code of either fits into the processor's
 * first cache, that of both does not; what a few have, does.
 */
struct party {
	struct tracker *tracker;
	struct conn *conns[PARTY];
	size_t n;
};

static void party_ends(struct party *party)
{
	struct tracker *tracker = party->tracker;

	for (size_t i = 0; i < party->n; i++) {
		struct conn *conn = party->conns[i];

		if (conn->due.time > tracker->now) /* it goes before its time */
			flows_stay(tracker, conn);
		conn_forget(tracker, conn);
	}
	party->n = 0;
}

/* One that lingered goes. */
static void party_add(struct party *party, struct conn *conn)
{
	if (party->n == PARTY)
		party_ends(party);
	due_remove(&conn->due);
	conn_tell(party->tracker, conn);
	party->conns[party->n++] = conn;
}

/* It is closed now, and mostly those after it are, too. */
OFTEN static void expect_all(const struct tracker *tracker,
			     const struct due *due)
{
	const struct conn *conn = (const struct conn *)due;
	const struct conn *next[EXPECT_AHEAD] = {NULL};

	for (int i = 0; i < EXPECT_AHEAD && (due = due->next); i++)
		next[i] = (const struct conn *)due;
	conns_expect(tracker, conn, next);
}

/* Those of which more may be expected. */
static void end_waiting_conns(struct tracker *tracker, struct party *party)
{
	struct due_list *list = &tracker->waiting_conns;
	const size_t later = LINGER_LATER * tracker->options.most[LIMIT_LINGER];

	while (is_due(list, tracker->now) ||
	       (list->first &&
		tracker->n_ended - conn_of(list->first)->ended > later))
		party_add(party, conn_of(list->first));
}

static void end_over_conns(struct tracker *tracker, struct party *party)
{
	struct due_list *list = &tracker->over_conns;

	while (is_due(list, tracker->now) ||
	       list->count > tracker->options.most[LIMIT_LINGER]) {
		struct conn *conn = conn_of(list->first);

		expect_all(tracker, list->first);
		if (is_due(list, tracker->now) || conn_is_done(conn))
			party_add(party, conn);
		else
			due_move(tracker, &tracker->waiting_conns, &conn->due,
				 conn->due.time);
	}
}

static void end_over_flows(struct tracker *tracker)
{
	struct due_list *list = &tracker->over_flows;
	const size_t most = LINGER_FLOWS * tracker->options.most[LIMIT_LINGER];

	while (is_due(list, tracker->now) || list->count > most) {
		struct due *next = list->first->next;

		if (next) {
			table_expect(&tracker->flows, flow_of(next)->hash);
			cache_expect(next->next, sizeof(struct flow));
		}
		flow_free(tracker, flow_of(list->first));
	}
}

void end_what_is_due(struct tracker *tracker)
{
	const struct due_list *const lists[] = {
	    &tracker->idle_flows, &tracker->idle_conns,
	    &tracker->half_open,  &tracker->over_flows,
	    &tracker->over_conns, &tracker->waiting_conns};
	struct party party;

	party.tracker = tracker;
	party.n = 0;
	end_waiting_conns(tracker, &party);
	end_over_conns(tracker, &party);
	party_ends(&party);
	end_over_flows(tracker);
	end_idle(tracker);
	end_crowds(tracker);
	tracker->next_due = NOTHING_DUE;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (lists[i]->first &&
		    lists[i]->first->time < tracker->next_due)
			tracker->next_due = lists[i]->first->time;
}

void flow_goes_on(struct tracker *tracker, const struct segment *seg)
{
	tracker->frame = seg->frame;
	note_excess(tracker, LIMIT_LINGER);
}

/* A plain flow: ended, it lingers; else the time-out may end it, or that there
 * are too many. */
void flow_touch(struct tracker *tracker, struct flow *flow)
{
	if (flow->rst || (flow->fin[0] && flow->fin[1])) {
		if (flow->due.list != &tracker->over_flows)
			due_move(tracker, &tracker->over_flows, &flow->due,
				 tracker->now + LINGER);
	} else if (!flow->due.list) {
		due_move(tracker, &tracker->idle_flows, &flow->due,
			 idle_until(tracker));
	}
}

bool flow_expired(const struct tracker *tracker, const struct flow *flow,
		  nstime_t now)
{
	return tracker->options.timeout &&
	       is_silent(tracker,
			 flow->subflow ? flow->subflow->conn->last : flow->last,
			 now);
}

void flow_expires(struct tracker *tracker, struct flow *flow)
{
	struct conn *conn = flow->subflow ? flow->subflow->conn : NULL;

	if (conn) {
		conn->timed_out = true;
		conn_close(tracker, conn);
	} else {
		flow_free(tracker, flow);
	}
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

static bool lingers(const struct tracker *tracker, const struct conn *conn)
{
	return conn->due.list == &tracker->over_conns ||
	       conn->due.list == &tracker->waiting_conns;
}

void conn_check_over(struct tracker *tracker, struct subflow *subflow)
{
	struct conn *conn = subflow->conn;

	subflow_changed(subflow);
	if (conn->n_over == conn->n_subflows) {
		if (lingers(tracker, conn))
			return;
		conn->ended = ++tracker->n_ended;
		due_move(tracker, &tracker->over_conns, &conn->due,
			 tracker->now + LINGER);
	} else if (!conn->due.list || lingers(tracker, conn)) {
		due_move(tracker,
			 conn_is_answered(conn) ? &tracker->idle_conns
						: &tracker->half_open,
			 &conn->due, idle_until(tracker));
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
