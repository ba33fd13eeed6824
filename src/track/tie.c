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

#include "base/alloc.h"

#include <stdlib.h>

#define NEIGHBOURS_MAX 64

static uint64_t neighbourhood_hash(uint64_t neighbourhood)
{
	return hash_u64(neighbourhood, 1);
}

static void position_link(struct tracker *tracker, struct conn *conn,
			  enum side side)
{
	struct conn_half *half = &conn->half[side];

	table_link(&tracker->positions, neighbourhood_hash(half->neighbourhood),
		   &half->by_position, conn);
}

static void position_unlink(struct tracker *tracker, struct conn_half *half)
{
	if (half->by_position.prev)
		table_unlink(&tracker->positions,
			     neighbourhood_hash(half->neighbourhood),
			     &half->by_position);
}

void position_move(struct tracker *tracker, struct conn *conn, enum side side)
{
	struct conn_half *half = &conn->half[side];

	if (!half->started || !half->origin_high)
		return;
	position_unlink(tracker, half);
	half->positioned = true;
	half->neighbourhood = NEIGHBOURHOOD(position_of(half));
	if (tracker->indexed)
		position_link(tracker, conn, side);
}

void position_remove(struct tracker *tracker, struct conn *conn)
{
	for (int side = 0; side < 2; side++) {
		struct conn_half *half = &conn->half[side];

		position_unlink(tracker, half);
		half->positioned = false;
	}
}

static int by_age(const void *a, const void *b)
{
	const struct conn *one = *(struct conn *const *)a;
	const struct conn *two = *(struct conn *const *)b;

	return (one->first_frame > two->first_frame) -
	       (one->first_frame < two->first_frame);
}

/* Of several that are found alike, the oldest is the first. */
static void index_all(struct tracker *tracker)
{
	struct conn **conns = conns_sorted(tracker, by_age);

	for (size_t i = 0; i < tracker->n_conns; i++)
		for (int side = 0; side < 2; side++) {
			if (conns[i]->half[side].token_known)
				token_link(tracker, conns[i], (enum side)side);
			if (conns[i]->half[side].positioned)
				position_link(tracker, conns[i],
					      (enum side)side);
		}
	free(conns);
}

void conns_index(struct tracker *tracker)
{
	if (!tracker->indexed)
		index_all(tracker);
	tracker->indexed = true;
}

static bool half_near(const struct conn_half *half, uint64_t dsn)
{
	int64_t apart = (int64_t)(dsn - position_of(half));

	return half->started && half->origin_high && apart > -NEAR &&
	       apart < NEAR;
}

/* One near `dsn`, other than `not`, of the first that are in a neighbourhood:
 * there are no more than some, unless somebody made them. */
static struct conn *neighbour(const struct tracker *tracker,
			      uint64_t neighbourhood, uint64_t dsn,
			      const struct conn * not )
{
	const struct table_link *link =
	    table_chain(&tracker->positions, neighbourhood_hash(neighbourhood));

	for (int i = 0; link && i < NEIGHBOURS_MAX; i++, link = link->next) {
		struct conn *conn = link->item;

		if (conn != not &&(half_near(&conn->half[CLIENT], dsn) ||
				   half_near(&conn->half[SERVER], dsn)))
			return conn;
	}
	return NULL;
}

/* The connection, other than `not`, one side of which is about at `dsn`. */
static struct conn *conn_by_dsn(struct tracker *tracker, uint64_t dsn,
				const struct conn * not, enum side *side)
{
	struct conn *conn = NULL;

	conns_index(tracker);
	for (int i = -1; i <= 1 && !conn; i++)
		conn = neighbour(tracker,
				 NEIGHBOURHOOD(dsn) + (uint64_t)(int64_t)i, dsn,
				 not );
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

/* A connection of which no data has been told: its subflows can be somebody
 * else's. */
static bool can_move(const struct conn *conn)
{
	if (conn->handshake_seen)
		return false;
	for (int side = 0; side < 2; side++)
		if (conn->half[side].stream.runs.count ||
		    conn->half[side].mappings)
			return false;
	return true;
}

/* What is known of one connection turns out to be of another; `turned` where
 * the client of the one is the server of the other. */
static void knowledge_move(struct tracker *tracker, struct conn *from,
			   struct conn *to, bool turned)
{
	/* The first address on which something is to be said anew. */
	size_t news = to->version < 0 ? 0 : to->n_addresses;

	for (int side = 0; side < 2; side++) {
		enum side other = (enum side)(side ^ turned);
		struct conn_half *source = &from->half[other];
		struct conn_half *target = &to->half[side];

		for (int i = 0; i < OPTION_COUNTS; i++)
			target->options[i] += source->options[i];
		target->uses_mptcp |= source->uses_mptcp;
		if (source->last > target->last)
			target->last = source->last;
		target->options_cut |= source->options_cut;
		target->fastclose |= source->fastclose;
		target->fastclose_bad |= source->fastclose_bad;
		if (source->token_known && !target->token_known) {
			token_remove(tracker, from, other);
			target->token = source->token;
			token_add(tracker, to, (enum side)side);
		}
	}
	for (size_t i = 0; i < from->n_addresses; i++) {
		struct conn_address *address = &from->addresses[i];

		if (turned)
			address->side = other_side(address->side);
		conn_address_add(to, address);
	}
	if (to->version < 0)
		to->version = from->version;
	to->checksum |= from->checksum;
	to->accepted |= from->accepted;
	to->third_ack |= from->third_ack;
	if (from->first_frame < to->first_frame)
		to->first_frame = from->first_frame;
	if (from->first != NSTIME_NONE && from->first < to->first)
		to->first = from->first;
	if (from->last > to->last)
		to->last = from->last;
	addresses_verify(to, news);
	/* The lower id stays, but for that of a connection seen from its
	 * beginning; the other is spent. */
	if (!from->provisional &&
	    (to->provisional || (from->id < to->id && !to->handshake_seen))) {
		uint64_t id = to->id;

		to->id = from->id;
		from->id = id;
		from->provisional = to->provisional;
		to->provisional = false;
	}
}

/* Have both together no more subflows than a connection may have? */
static bool has_room(const struct tracker *tracker, const struct conn *conn,
		     const struct conn *more)
{
	return conn->n_subflows + more->n_subflows <=
	       tracker->options.most[LIMIT_CONN_SUBFLOWS];
}

/* Everything that arrival->conn consists of goes to another connection. */
static void conn_move(struct arrival *arrival, struct conn *to, bool turned)
{
	struct conn *from = arrival->conn;

	knowledge_move(arrival->tracker, from, to, turned);
	arrival_aim(arrival, to, arrival->subflow,
		    turned ? other_side(arrival->side) : arrival->side);
	for (size_t i = 0; i < from->n_subflows; i++) {
		struct subflow *subflow = from->subflows[i];
		struct event event = event_of(arrival, EVENT_SUBFLOW);

		if (turned)
			turn_around(subflow);
		subflow->tied = !subflow->join;
		subflow_attach(arrival->tracker, to, subflow);
		event.subflow = subflow;
		event.u.origin.from = from;
		event.u.origin.id = (int)i;
		event.u.origin.turned = turned;
		say(arrival->tracker, &event);
		join_verify(arrival, subflow);
	}
	from->n_subflows = 0;
	conn_name(arrival);
	conn_close(arrival->tracker, from);
}

static void tie_by_dsn(struct arrival *arrival,
		       const struct mptcp_option *option)
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
	if (known && has_room(arrival->tracker, known, arrival->conn))
		conn_move(arrival, known, side != arrival->side);
}

static void tie_by_token(struct arrival *arrival,
			 const struct mptcp_option *option)
{
	struct conn_half *peer =
	    &arrival->conn->half[other_side(arrival->side)];
	enum side owner;
	struct conn *known = conn_by_token(
	    arrival->tracker, option->u.join.token, arrival->seg, &owner);

	if (!known && !peer->token_known) {
		peer->token = option->u.join.token;
		token_add(arrival->tracker, arrival->conn,
			  other_side(arrival->side));
	} else if (known && known != arrival->conn && can_move(arrival->conn) &&
		   has_room(arrival->tracker, known, arrival->conn)) {
		conn_move(arrival, known, owner == arrival->side);
	}
}

void tie(struct arrival *arrival, const struct mptcp_option *option)
{
	uint8_t syn = arrival->seg->flags & (TCP_SYN | TCP_ACK);

	if (option->subtype == MPTCP_DSS)
		tie_by_dsn(arrival, option);
	else if (option->subtype == MPTCP_JOIN && syn == TCP_SYN)
		tie_by_token(arrival, option);
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
		flow->base[i] = old.base[!i];
		flow->syn[i] = old.syn[!i];
		flow->fin[i] = old.fin[!i];
	}
}

/* The connection has so many subflows that this is not looked into. */
static void flow_leave_out(struct tracker *tracker, struct flow *flow,
			   struct conn *conn)
{
	flow->left_out = true;
	conn->subflows_left_out++;
	note_excess(tracker, LIMIT_CONN_SUBFLOWS);
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
		arrival.conn =
		    conn_by_token(tracker, join->u.join.token, seg, &owner);
		initiator = other_side(owner);
	}
	if (arrival.conn && arrival.conn->n_subflows >=
				tracker->options.most[LIMIT_CONN_SUBFLOWS]) {
		tracker->frame = seg->frame;
		flow_leave_out(tracker, flow, arrival.conn);
		return;
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
	arrival.subflow->join = join;
	conn_check_over(tracker, arrival.subflow);
}
