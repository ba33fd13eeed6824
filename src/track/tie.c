/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which connection a flow belongs to when its first MPTCP option is seen, also
 * if the capture began too late for the handshake.
 *
 * A flow with MPTCP options that belongs to no connection known makes a
 * provisional one of its own, which is tracked like any other. It stops being
 * provisional when a second flow turns out to be part of it (by the token of
 * an MP_JOIN, or because both carry neighbouring data sequence numbers: 64
 * bits do not meet by chance), or when it is an MP_JOIN that was accepted. What
 * is still provisional in the end is counted as orphan.
 */
#include "track/internal.h"

#include <string.h>

/* DSNs this near belong to the same connection; a neighbourhood is larger, so
 * that looking into three of them is enough. */
#define NEAR		 ((int64_t)1 << 32)
#define NEIGHBOURHOOD(x) ((x) >> 36)

static uint64_t position_of(const struct conn_half *half)
{
	int64_t offset = half->stream.sent > half->stream.acked
			     ? half->stream.sent
			     : half->stream.acked;

	return half->origin + (uint64_t)offset;
}

static uint64_t neighbourhood_hash(uint64_t neighbourhood)
{
	return hash_u64(neighbourhood, 1);
}

void position_update(struct tracker *tracker, struct conn *conn, enum side side)
{
	struct conn_half *half = &conn->half[side];
	uint64_t now = NEIGHBOURHOOD(position_of(half));

	if (!half->started || !half->origin_high ||
	    (half->positioned && half->neighbourhood == now))
		return;
	if (half->positioned)
		table_remove(&tracker->positions,
			     neighbourhood_hash(half->neighbourhood), conn);
	half->positioned = true;
	half->neighbourhood = now;
	table_add(&tracker->positions, neighbourhood_hash(now), conn);
}

void position_remove(struct tracker *tracker, struct conn *conn)
{
	for (int side = 0; side < 2; side++) {
		struct conn_half *half = &conn->half[side];

		if (half->positioned)
			table_remove(&tracker->positions,
				     neighbourhood_hash(half->neighbourhood),
				     conn);
		half->positioned = false;
	}
}

struct sought {
	uint64_t dsn;
	const struct conn *not;
};

static bool half_near(const struct conn_half *half, uint64_t dsn)
{
	int64_t apart = (int64_t)(dsn - position_of(half));

	return half->started && half->origin_high && apart > -NEAR &&
	       apart < NEAR;
}

static bool conn_near(const void *item, const void *key)
{
	const struct conn *conn = item;
	const struct sought *sought = key;

	return conn != sought->not &&
	       (half_near(&conn->half[CLIENT], sought->dsn) ||
		half_near(&conn->half[SERVER], sought->dsn));
}

/* The connection, other than `not`, one side of which is about at `dsn`. */
static struct conn *conn_by_dsn(struct tracker *tracker, uint64_t dsn,
				const struct conn *not, enum side *side)
{
	struct sought sought = {dsn, not };
	struct conn *conn = NULL;

	for (int i = -1; i <= 1 && !conn; i++)
		conn = table_find(&tracker->positions,
				  neighbourhood_hash(NEIGHBOURHOOD(dsn) +
						     (uint64_t)(int64_t)i),
				  conn_near, &sought);
	if (conn)
		*side = half_near(&conn->half[SERVER], dsn) ? SERVER : CLIENT;
	return conn;
}

static void turn_around(struct subflow *subflow)
{
	struct subflow_half half = subflow->half[CLIENT];
	struct endpoint end = subflow->end[CLIENT];

	subflow->half[CLIENT] = subflow->half[SERVER];
	subflow->half[SERVER] = half;
	subflow->end[CLIENT] = subflow->end[SERVER];
	subflow->end[SERVER] = end;
	subflow->initiator = other_side(subflow->initiator);
	subflow->reset_side = other_side(subflow->reset_side);
}

/* Data of a provisional connection has not been told yet, so that all it
 * consists of is one subflow that can move elsewhere. */
static bool can_move(const struct conn *conn)
{
	if (conn->n_subflows != 1)
		return false;
	for (int side = 0; side < 2; side++)
		if (conn->half[side].stream.count ||
		    conn->half[side].stream.sent > 0 ||
		    conn->half[side].mappings)
			return false;
	return true;
}

static void subflow_move(struct arrival *arrival, struct conn *to, bool turned)
{
	struct conn *from = arrival->conn;
	struct subflow *subflow = arrival->subflow;
	struct event event;

	for (int side = 0; side < 2; side++) {
		struct conn_half *source = &from->half[side ^ turned];
		struct conn_half *target = &to->half[side];

		for (int i = 0; i < OPTION_COUNTS; i++)
			target->options[i] += source->options[i];
		target->uses_mptcp |= source->uses_mptcp;
		if (source->token_known && !target->token_known) {
			token_remove(arrival->tracker, from, side ^ turned);
			target->token = source->token;
			token_add(arrival->tracker, to, side);
		}
	}
	from->n_subflows = 0;
	memset(from->half[CLIENT].options, 0, sizeof(from->half[0].options));
	memset(from->half[SERVER].options, 0, sizeof(from->half[0].options));
	if (turned) {
		turn_around(subflow);
		arrival->side = other_side(arrival->side);
	}
	if (subflow->first < to->first)
		to->first = subflow->first;
	if (subflow->last > to->last)
		to->last = subflow->last;
	subflow_attach(arrival->tracker, to, subflow);
	subflow->initial = false;
	subflow->tied = !subflow->join;
	arrival->conn = to;
	event = event_of(arrival, EVENT_SUBFLOW);
	say(arrival->tracker, &event);
	conn_name(arrival);
	conn_close(arrival->tracker, from);
	join_verify(arrival, subflow);
}

void tie_by_dsn(struct arrival *arrival, const struct mptcp_option *option)
{
	uint8_t flags = option->u.dss.flags;
	struct conn *known = NULL;
	enum side side = CLIENT;

	if (!can_move(arrival->conn))
		return;
	if (flags & DSS_MAP && flags & DSS_DSN8)
		known = conn_by_dsn(arrival->tracker, option->u.dss.dsn,
				    arrival->conn, &side);
	if (!known && flags & DSS_ACK && flags & DSS_ACK8) {
		known = conn_by_dsn(arrival->tracker, option->u.dss.ack,
				    arrival->conn, &side);
		side = other_side(side);
	}
	if (known)
		subflow_move(arrival, known, side != arrival->side);
}

/* Who sends this segment, on a flow whose SYN came from end[0]? */
static enum side side_of(enum side initiator, int direction)
{
	return direction ? other_side(initiator) : initiator;
}

static const struct mptcp_option *option_of(const struct segment *seg,
					    enum mptcp_subtype subtype)
{
	for (int i = 0; i < seg->n_mptcp; i++)
		if (seg->mptcp[i].subtype == subtype)
			return &seg->mptcp[i];
	return NULL;
}

/* The first packet seen was not from the sender of the SYN after all. */
static void flow_turn(struct flow *flow)
{
	struct flow old = *flow;

	for (int i = 0; i < 2; i++) {
		flow->end[i] = old.end[!i];
		flow->isn[i] = old.isn[!i];
		flow->syn[i] = old.syn[!i];
		flow->fin[i] = old.fin[!i];
	}
}

void flow_adopt(struct tracker *tracker, struct flow *flow, int direction,
		const struct segment *seg)
{
	const struct mptcp_option *join = option_of(seg, MPTCP_JOIN);
	struct arrival arrival = {.tracker = tracker, .seg = seg};
	enum side initiator = CLIENT, owner = SERVER;
	bool by_token = join && (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	bool capable = option_of(seg, MPTCP_CAPABLE);

	/* Outside SYNs, both come from who sent the SYN. */
	if ((capable || join) && !(seg->flags & TCP_SYN) && direction) {
		flow_turn(flow);
		direction = 0;
	}
	if (by_token) {
		arrival.conn = conn_by_token(tracker, join->u.join.token, seg,
					     &owner);
		initiator = other_side(owner);
	}
	if (!arrival.conn) {
		arrival.conn = conn_new(tracker, seg);
		arrival.conn->half[initiator].end = flow->end[0];
		arrival.conn->half[other_side(initiator)].end = flow->end[1];
		arrival.side = side_of(initiator, direction);
		if (by_token) {
			arrival.conn->half[owner].token = join->u.join.token;
			token_add(tracker, arrival.conn, owner);
		}
		if (capable)
			conn_name(&arrival);
	}
	arrival.side = side_of(initiator, direction);
	subflow_new(&arrival, flow, initiator);
	arrival.subflow->initial = capable;
	conn_check_over(tracker, arrival.conn);
}
