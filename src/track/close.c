/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What happens to a connection, or a flow without one, when it ends: it is
 * counted, told, and forgotten.
 */
#include "track/internal.h"

#include <stdlib.h>

/* It ends without having been of an MPTCP connection. */
static void flow_was_plain(struct tracker *tracker, const struct flow *flow)
{
	const struct plain_flow plain = {
	    .end = {flow->end[0], flow->end[1]},
	    .first = flow->first,
	    .first_frame = flow->first_frame,
	    .syn = flow->syn[0],
	    .left_out = flow->left_out,
	    .nops = flow->nops,
	};

	if (flow->left_out)
		tracker->counts.mptcp_subflows++;
	else
		tracker->counts.plain++;
	if (tracker->options.plain)
		tracker->options.plain(tracker->options.plain_arg, &plain);
}

void flow_free(struct tracker *tracker, struct flow *flow)
{
	due_remove(&flow->due);
	flow_forget(tracker, flow);
	table_remove(&tracker->flows, flow->hash, flow);
	if (!flow->subflow && !flow->told)
		flow_was_plain(tracker, flow);
	pool_give(&tracker->flow_pool, flow);
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

/* What there is to be told of a connection, complete. */
void conn_tell(struct tracker *tracker, struct conn *conn)
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
}

void conn_release(struct tracker *tracker, struct conn *conn)
{
	due_remove(&conn->due);
	position_remove(tracker, conn);
	for (int side = 0; side < 2; side++) {
		token_remove(tracker, conn, (enum side)side);
		stream_free(&conn->half[side].stream);
	}
	tracker->n_subflows -= conn->n_subflows;
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

void conn_forget(struct tracker *tracker, struct conn *conn)
{
	const struct event event = {
	    .kind = EVENT_GONE,
	    .time = conn->last,
	    .conn = conn,
	};

	say(tracker, &event);
	conn_release(tracker, conn);
}

void conn_close(struct tracker *tracker, struct conn *conn)
{
	conn_tell(tracker, conn);
	conn_forget(tracker, conn);
}
