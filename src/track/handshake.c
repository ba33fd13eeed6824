/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MP_CAPABLE: who offers, who accepts, which keys; and how it is noticed that
 * a connection is plain TCP after all. RFC 8684 sections 3.1 and 3.7.
 */
#include "track/internal.h"

/* So many packets without DSS are no accident. */
#define BARE_MAX 3

/* With timestamps, so many SACK blocks fill the option list. */
#define SACKS_ROOM 3

static void clock_shift(int64_t *clock, int64_t by)
{
	if (by == SHIFT_RESTART)
		*clock = INT64_MIN;
	else if (*clock != INT64_MIN)
		*clock += by;
}

static void clocks_shift(struct conn *conn, enum side side, int64_t by)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		struct data_clock *clock = &conn->subflows[i]->half[side].clock;

		clock_shift(&clock->now, by);
		clock_shift(&clock->before, by);
	}
}

/* The data sequence of `side` starts at `origin`; so far its offsets were
 * counted from elsewhere. */
static void origin_move(struct arrival *arrival, enum side side,
			uint64_t origin)
{
	struct conn *conn = arrival->conn;
	struct conn_half *half = &conn->half[side];
	int64_t by = (int64_t)(half->origin - origin);
	struct event event = event_of(arrival, EVENT_SHIFT);

	if (!half->origin_high)
		by = (int64_t)(uint32_t)(half->origin - origin);
	event.side = side;
	event.u.by = by;
	if (by < -DSN_AHEAD_MAX || by > DSN_AHEAD_MAX) {
		/* The key says that what was taken for DSNs was none. */
		event.u.by = SHIFT_RESTART;
		stream_free(&half->stream);
		conn_half_start(arrival->tracker, half, origin, true, false);
		half->fin = false;
		for (size_t i = 0; i < conn->n_subflows; i++)
			mappings_free(&conn->subflows[i]->half[side].map);
		clocks_shift(conn, side, SHIFT_RESTART);
		say(arrival->tracker, &event);
		return;
	}
	stream_shift(&half->stream, by);
	/* What came before the first data seen was not acknowledged after all,
	 * unless somebody said so. */
	if (!half->data_acked && half->stream.acked > 0)
		half->stream.acked = 0;
	half->fin_offset += by;
	for (size_t i = 0; i < conn->n_subflows; i++)
		mappings_shift(&conn->subflows[i]->half[side].map, 0, by);
	clocks_shift(conn, side, by);
	half->origin = origin;
	half->origin_high = true;
	say(arrival->tracker, &event);
}

void conn_set_key(struct arrival *arrival, enum side side, uint64_t key)
{
	struct conn *conn = arrival->conn;
	struct conn_half *half = &conn->half[side];

	if (half->key_known || conn->version < 0)
		return;
	if (half->token_known)
		token_remove(arrival->tracker, conn, side);
	half->key = key;
	half->key_known = true;
	key_hash(conn->version, key, &half->token, &half->idsn);
	token_add(arrival->tracker, conn, side);

	if (half->started)
		origin_move(arrival, side, half->idsn + 1);
	else
		conn_half_start(arrival->tracker, half, half->idsn + 1, true,
				false);
	position_update(arrival->tracker, conn, side);

	for (size_t i = 0; i < conn->n_subflows; i++)
		join_verify(arrival, conn->subflows[i]);
	addresses_verify(conn, 0);
}

/* Data in the SYN (TCP Fast Open) that the SYN/ACK takes is not part of the
 * data sequence: no mapping covers it, and SSNs count from after it. RFC 8684
 * appendix B.2, and what Linux does. */
static void syn_data_accepted(struct arrival *arrival)
{
	struct subflow_half *half =
	    &arrival->subflow->half[other_side(arrival->side)];
	uint32_t taken = arrival->seg->ack - half->seq0;

	if (half->syn && taken <= half->stream.sent)
		half->ssn0 = taken;
}

static bool key_differs(const struct conn *conn, enum side side, uint64_t key)
{
	return conn->half[side].key_known && conn->half[side].key != key;
}

static void capable_syn(struct arrival *arrival,
			const struct mptcp_option *option)
{
	struct conn *conn = arrival->conn;

	conn->offered = option->u.capable.version;
	if (!conn->accepted) /* else the SYN/ACK has said it */
		conn->version = conn->offered <= 1 ? conn->offered : -1;
	if (option->u.capable.keys)
		conn_set_key(arrival, arrival->side, option->u.capable.key[0]);
}

static void capable_synack(struct arrival *arrival,
			   const struct mptcp_option *option)
{
	struct conn *conn = arrival->conn;

	if (option->u.capable.version > 1 || !option->u.capable.keys ||
	    option->u.capable.flags & CAPABLE_EXTENSION ||
	    !(option->u.capable.flags & CAPABLE_HMAC)) {
		/* To the client it is as if there were none. */
		capable_missing(arrival);
		return;
	}
	conn->version = option->u.capable.version;
	conn->accepted = true;
	arrival->tracker->counts.synack_key_differs +=
	    key_differs(conn, arrival->side, option->u.capable.key[0]);
	syn_data_accepted(arrival);
	conn_set_key(arrival, arrival->side, option->u.capable.key[0]);
}

static void capable_ack(struct arrival *arrival,
			const struct mptcp_option *option)
{
	struct conn *conn = arrival->conn;

	if (option->u.capable.keys < 2 || option->u.capable.version > 1)
		return;
	if (conn->version < 0)
		conn->version = option->u.capable.version;
	conn->accepted = true;
	conn->third_ack = true;
	/* Where the SYNs were not seen, this is the only word on it. */
	if (!arrival->subflow->half[CLIENT].syn ||
	    !arrival->subflow->half[SERVER].syn)
		conn->checksum |= option->u.capable.flags & CAPABLE_CHECKSUM;
	arrival->tracker->counts.third_ack_key_differs +=
	    key_differs(conn, arrival->side, option->u.capable.key[0]) ||
	    key_differs(conn, other_side(arrival->side),
			option->u.capable.key[1]);
	conn_set_key(arrival, arrival->side, option->u.capable.key[0]);
	conn_set_key(arrival, other_side(arrival->side),
		     option->u.capable.key[1]);
	if (option->u.capable.has_length)
		capable_mapping(arrival, option);
}

void capable_option(struct arrival *arrival, const struct mptcp_option *option)
{
	struct conn *conn = arrival->conn;
	uint8_t flags = arrival->seg->flags;

	/* Also when other segments of the subflow were seen before. */
	if (arrival->subflow->join ||
	    (!arrival->subflow->initial && conn->n_subflows > 1))
		return;
	arrival->subflow->initial = true;
	conn_name(arrival);
	conn->handshake_seen = true;
	if (flags & TCP_SYN)
		conn->checksum |= option->u.capable.flags & CAPABLE_CHECKSUM;
	if (!(flags & TCP_SYN))
		capable_ack(arrival, option);
	else if (flags & TCP_ACK)
		capable_synack(arrival, option);
	else
		capable_syn(arrival, option);
}

void fall_back(struct arrival *arrival, enum fallback_reason reason)
{
	struct conn *conn = arrival->conn;
	const struct conn_half *half = &conn->half[arrival->side];
	struct event event;

	conn->fallback = reason;
	conn->fallback_side = arrival->side;
	conn->fallback_time = arrival->seg->time;
	conn->fallback_frame = arrival->seg->frame;
	if (reason == FALLBACK_DATA && half->bare) {
		conn->fallback_time = half->bare_time;
		conn->fallback_frame = half->bare_frame;
	}
	if (reason == FALLBACK_THIRD_ACK) {
		conn->fallback_side = CLIENT;
		conn->fallback_time = conn->bare_time;
		conn->fallback_frame = conn->bare_frame;
	}
	event = event_of(arrival, EVENT_FALLBACK);
	event.time = conn->fallback_time;
	event.frame = conn->fallback_frame;
	event.side = conn->fallback_side;
	say(arrival->tracker, &event);

	if (conn_is_plain(conn)) {
		struct arrival both = *arrival;

		for (int side = 0; side < 2; side++) {
			arrival_aim(&both, conn, both.subflow, (enum side)side);
			subflow_flush(&both);
		}
	}
}

void capable_missing(struct arrival *arrival)
{
	struct conn *conn = arrival->conn;

	if (conn->accepted || conn->fallback || conn->offered < 0)
		return;
	if (arrival->seg->flags & TCP_ACK)
		fall_back(arrival, FALLBACK_SYNACK);
	else
		fall_back(arrival, FALLBACK_SYN_RETRIED);
}

/* It used MPTCP, and stops for good: several packets in a row that should have
 * a DSS have none. A single one may be that of a socket that is gone. Section
 * 3.7: only with a single subflow. */
static void stops(struct arrival *arrival)
{
	struct conn *conn = arrival->conn;
	struct conn_half *half = &conn->half[arrival->side];

	if (half->fin)
		return;
	if (!half->bare++) {
		half->bare_time = arrival->seg->time;
		half->bare_frame = arrival->seg->frame;
	}
	if ((half->bare == BARE_MAX || half->bare % 64 == 0) &&
	    subflow_is_alone(arrival->subflow))
		fall_back(arrival, FALLBACK_DATA);
}

/* Should there be a DSS, once a side has sent some? Payload within a mapping
 * that is known needs none (section 3.3.1), and SACK blocks may leave no room.
 */
static bool lacks_dss(const struct segment *seg, bool acked, bool unmapped)
{
	return unmapped || (acked && !seg->payload && seg->n_sack < SACKS_ROOM);
}

/*
 * A host that speaks MPTCP puts a DSS on what it sends after the handshake,
 * on the first of it in any case. One that has never done so, and now sends or
 * acknowledges data without, has fallen back: it did not get the peer's
 * option, or the peer will not get its own.
 */
void option_missing(struct arrival *arrival, bool acked, bool unmapped)
{
	struct conn *conn = arrival->conn;

	if (conn->fallback || !conn->handshake_seen)
		return;
	if (conn->half[arrival->side].uses_mptcp) {
		if (lacks_dss(arrival->seg, acked, unmapped))
			stops(arrival);
		return;
	}
	if (arrival->side == CLIENT && !conn->third_ack && !conn->bare) {
		conn->bare = true;
		conn->bare_time = arrival->seg->time;
		conn->bare_frame = arrival->seg->frame;
	}
	if (acked || unmapped)
		fall_back(arrival,
			  conn->bare ? FALLBACK_THIRD_ACK : FALLBACK_DATA);
}
