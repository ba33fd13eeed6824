/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The data level: DSS mappings, DATA_ACKs, DATA_FIN. RFC 8684 section 3.3.
 */
#include "track/internal.h"

/* No connection sends so much. */
#define DATA_OFFSET_MAX (INT64_MAX / 4)

#define SENT_RANGES_KEPT 2048

/* With so many segments waiting for the ISN of a subflow that began before
 * the capture, the best guess so far is taken. */
#define GUESS_AFTER 256

void conn_half_start(struct tracker *tracker, struct conn_half *half,
		     uint64_t origin, bool high, bool older)
{
	uint32_t keep = tracker->options.sent_ranges;

	half->started = true;
	half->origin = origin;
	half->origin_high = high;
	stream_init(&half->stream, 0, older, keep ? keep : SENT_RANGES_KEPT);
}

/* The offset of a DSN or DATA_ACK of 8 (`wide`) or 4 octets. What is still
 * unknown of the origin is learnt from the first that is wide. */
static int64_t dsn_offset(struct conn_half *half, uint64_t dsn, bool wide,
			  int64_t near)
{
	int64_t offset = unwrap32((uint32_t)dsn - (uint32_t)half->origin, near);

	if (!wide)
		return offset;
	if (!half->origin_high) {
		half->origin = dsn - (uint64_t)offset;
		half->origin_high = true;
	}
	return (int64_t)(dsn - half->origin);
}

/*
 * A subflow that began before the capture: its ISN is not known, but each
 * payload that lies within its mapping narrows down where SSN 1 is. The first
 * segment of a mapping gives the most, the last one the least; once they meet
 * the mappings can be used.
 */
static void ssn_narrow(struct arrival *arrival, uint32_t ssn, uint32_t length)
{
	const struct segment *seg = arrival->seg;
	struct subflow_half *half = arrival->half;
	int64_t start = unwrap32(seg->seq - half->seq0, half->stream.sent);
	int64_t most = start - (int64_t)(uint32_t)(ssn - 1);
	int64_t least = most + seg->payload - length;

	if (half->map.all.count) { /* not the first: in line with those */
		most = unwrap32((uint32_t)most, half->ssn0);
		least = most + seg->payload - length;
	} else {
		half->ssn0 = most;
		half->ssn_low = least;
	}
	if (most < half->ssn0) {
		mappings_shift(&half->map, most - half->ssn0, 0);
		half->ssn0 = most;
	}
	if (least > half->ssn_low)
		half->ssn_low = least;
	if (half->ssn_low >= half->ssn0 || half->n_pending > GUESS_AFTER) {
		half->isn_known = true;
		half->isn = half->seq0 + (uint32_t)half->ssn0 - 1;
		pending_settle(arrival);
	}
}

/* Can there be data of this connection at that offset? */
static bool offset_sane(const struct conn_half *data, int64_t at)
{
	return at <= data->stream.sent + DSN_AHEAD_MAX &&
	       at <= DATA_OFFSET_MAX &&
	       at >= (data->key_known ? 0 : -DSN_AHEAD_MAX);
}

RARE static void say_conflict(struct arrival *arrival,
			      const struct mapping *mapping)
{
	struct event event = event_of(arrival, EVENT_CONFLICT);

	event.u.mapping = mapping;
	say(arrival->tracker, &event);
}

/* A mapping of `length` (0: infinite) payload octets, as *mapping says: its
 * start and end are set here from its SSN, its data offset is set. */
static void mapping_arrives(struct arrival *arrival, struct mapping *mapping,
			    uint32_t length)
{
	struct conn_half *data = arrival->data;
	struct subflow_half *half = arrival->half;
	struct mapping *added;
	enum mapping_added how;

	if (!half->started)
		return;
	if (!half->isn_known) {
		if (!arrival->seg->payload || !length)
			return;
		ssn_narrow(arrival, mapping->ssn, length);
	}
	mapping->start = half->ssn0 + unwrap32(mapping->ssn - 1,
					       half->stream.sent - half->ssn0);
	mapping->end = length ? mapping->start + length : MAPPING_ENDLESS;
	if (mapping->start < half->ssn0 && half->syn)
		how = MAPPING_CONFLICT; /* before the first byte */
	else if (!offset_sane(data, mapping->data))
		how = MAPPING_CONFLICT; /* no DSN of this connection */
	else
		how = mappings_add(&half->map, mapping, &added);
	if (how == MAPPING_CONFLICT) {
		if (length) /* an infinite one ends what was before */
			say_conflict(arrival, mapping);
	} else if (how == MAPPING_NEW) {
		data->mappings++;
		pending_retry(arrival, mapping->start, mapping->end, false);
	}
}

/* DATA_FIN at data offset `at`, section 3.3.3. */
SELDOM static void data_fin_arrives(struct arrival *arrival, int64_t at)
{
	struct conn_half *data = arrival->data;
	struct event event;

	if (data->fin)
		return;
	data->fin = true;
	data->fin_offset = at;
	event = event_of(arrival, EVENT_DATA_FIN);
	say(arrival->tracker, &event);
}

/* A mapping of DATA_FIN alone: SSN 0, length 1, no payload. Counted, and its
 * checksum checked, once a subflow. */
SELDOM static void fin_mapping_arrives(struct arrival *arrival,
				       struct mapping *mapping)
{
	struct subflow_half *half = arrival->half;

	if (half->fin_mapping)
		return;
	half->fin_mapping = true;
	arrival->data->mappings++;
	if (mapping->has_checksum)
		checksum_judge(arrival, mapping);
}

/* Most segments repeat the mapping of the one before them: is it the same as
 * the one that was found or added last? */
static bool mapping_repeats(const struct arrival *arrival,
			    const struct mptcp_option *option)
{
	const struct mapping *latest = arrival->half->map.latest;

	return latest && arrival->half->isn_known &&
	       latest->ssn == option->u.dss.ssn &&
	       latest->length == option->u.dss.length && latest->length &&
	       (option->u.dss.flags & DSS_DSN8
		    ? latest->dsn == option->u.dss.dsn
		    : (uint32_t)latest->dsn == (uint32_t)option->u.dss.dsn) &&
	       !(option->u.dss.flags & DSS_FIN);
}

/* Apart from what most segments go through, which needs few registers. */
__attribute__((noinline)) static void
dss_mapping(struct arrival *arrival, const struct mptcp_option *option)
{
	struct conn *conn = arrival->conn;
	struct conn_half *data = &conn->half[arrival->side];
	bool wide = option->u.dss.flags & DSS_DSN8;
	bool infinite = !option->u.dss.length;
	bool fin = option->u.dss.flags & DSS_FIN && !infinite;
	uint32_t length = option->u.dss.length - (uint32_t)fin;
	struct mapping mapping = {
	    .ssn = option->u.dss.ssn,
	    .length = option->u.dss.length,
	    .checksum = option->u.dss.checksum,
	};

	/* Without the handshake only this tells whether they are in use. */
	if (!conn->handshake_seen && option->u.dss.has_checksum)
		conn->checksum = true;
	if (!data->started)
		conn_half_start(arrival->tracker, data, option->u.dss.dsn, wide,
				true);
	mapping.data =
	    dsn_offset(data, option->u.dss.dsn, wide, data->stream.sent);
	mapping.dsn = data->origin + (uint64_t)mapping.data;
	mapping.has_checksum = option->u.dss.has_checksum && conn->checksum &&
			       data->origin_high && !infinite;
	if (length || infinite)
		mapping_arrives(arrival, &mapping, length);
	else if (offset_sane(data, mapping.data))
		fin_mapping_arrives(arrival, &mapping);
	if (infinite && !conn->fallback)
		fall_back(arrival, FALLBACK_INFINITE);
	if (fin && offset_sane(data, mapping.data))
		data_fin_arrives(arrival, mapping.data + length);
	position_update(arrival->tracker, conn, arrival->side);
}

static void ranges_acked(void *arg, const struct stream_walk *ranges)
{
	struct arrival *arrival = arg;

	arrival->event.u.ranges = ranges;
	arrival_say(arrival, EVENT_RANGES, other_side(arrival->side));
}

static void say_data_ack(struct arrival *arrival, int64_t upto)
{
	arrival->event.u.data_ack.upto = upto;
	arrival->event.u.data_ack.window =
	    subflow_window(arrival->subflow, arrival->side, arrival->seg);
	arrival_say(arrival, EVENT_DATA_ACK, other_side(arrival->side));
}

static void clock_advance(struct data_clock *clock, int64_t upto,
			  uint64_t frame)
{
	if (clock->frame != frame)
		clock->before = clock->now;
	clock->frame = frame;
	if (upto > clock->now)
		clock->now = upto;
}

/* Data up to `upto` is acknowledged, which was not before. */
static void data_advances(struct arrival *arrival, int64_t upto)
{
	enum side side = other_side(arrival->side);
	struct conn_half *data = arrival->peer_data;
	struct tracker *tracker = arrival->tracker;
	int64_t before = data->stream.acked;
	nstime_t rtt;

	rtt = stream_acked(
	    &data->stream, upto, arrival->seg->time,
	    is_wanted(tracker, EVENT_RANGES) ? ranges_acked : NULL, arrival);
	arrival->event.u.acked.upto = upto;
	arrival->event.u.acked.before = before;
	arrival->event.u.acked.rtt = rtt;
	arrival_say(arrival, EVENT_ACKED, side);
	position_update(tracker, arrival->conn, side);
}

/* Something comes of it. Apart from what most DATA_ACKs go through, which needs
 * few registers. */
__attribute__((noinline)) static void data_ack_tells(struct arrival *arrival,
						     int64_t upto)
{
	struct tracker *tracker = arrival->tracker;

	if (is_wanted(tracker, EVENT_DATA_ACK))
		say_data_ack(arrival, upto);
	if (upto > arrival->peer_data->stream.acked)
		data_advances(arrival, upto);
	else if (!arrival->peer_data->positioned)
		position_move(tracker, arrival->conn,
			      other_side(arrival->side));
}

static inline void data_ack(struct arrival *arrival, uint64_t ack, bool wide)
{
	struct conn_half *data = arrival->peer_data;
	int64_t upto;

	data->data_acked = true;
	upto = dsn_offset(data, ack, wide, data->stream.acked);
	/* A DATA_ACK far from all that was sent is ignored; a little beyond
	 * it, the capture has missed data. */
	if ((upto < 0 || upto > data->stream.acked) && !offset_sane(data, upto))
		return;
	if (arrival->conn->n_subflows > 1)
		clock_advance(&arrival->peer_half->clock, upto,
			      arrival->seg->frame);
	if (upto > data->stream.acked || !data->positioned ||
	    is_wanted(arrival->tracker, EVENT_DATA_ACK))
		data_ack_tells(arrival, upto);
}

/* Nothing is known of what the peer sends but this. */
RARE static void data_ack_first(struct arrival *arrival, uint64_t ack,
				bool wide)
{
	conn_half_start(arrival->tracker, arrival->peer_data, ack, wide, true);
	data_ack(arrival, ack, wide);
}

void dss_option(struct arrival *arrival, const struct mptcp_option *option)
{
	uint8_t flags = option->u.dss.flags;
	bool wide = flags & DSS_ACK8;

	if (flags & DSS_MAP && !mapping_repeats(arrival, option))
		dss_mapping(arrival, option);
	if (!(flags & DSS_ACK))
		return;
	if (arrival->peer_data->started)
		data_ack(arrival, option->u.dss.ack, wide);
	else
		data_ack_first(arrival, option->u.dss.ack, wide);
}

/* RFC 8684 section 3.1: MP_CAPABLE with data stands for a mapping of the
 * first data bytes. */
void capable_mapping(struct arrival *arrival, const struct mptcp_option *option)
{
	struct conn_half *data = arrival->data;
	struct mapping mapping = {
	    .dsn = data->origin,
	    .ssn = 1,
	    .length = option->u.capable.data_length,
	    .checksum = option->u.capable.checksum,
	    .has_checksum =
		option->u.capable.has_checksum && arrival->conn->checksum,
	};

	if (data->started && data->key_known && mapping.length)
		mapping_arrives(arrival, &mapping, mapping.length);
}
