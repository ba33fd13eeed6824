/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The data level: DSS mappings, what payload they resolve, DATA_ACKs, DATA_FIN
 * and checksums. RFC 8684 section 3.3.
 */
#include "track/internal.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define PENDING_MAX 1024 /* segments a side that wait for their mapping */

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

/* Payload on its way through the mappings. */
struct payload {
	struct arrival *arrival;
	/* With time and frame of its segment, which may be an earlier one. */
	struct event *event;
	enum sent_how how;	   /* at the subflow's level */
	int64_t data_start;	   /* subflow offset of `data` */
	const uint8_t *data;	   /* NULL: not at hand (any more) */
	uint32_t captured;	   /* octets in it */
	const struct pending *was; /* it waited until now, or NULL */
	bool last_chance;	   /* what finds no mapping now never will */
	bool unmapped;		   /* some found none */
};

static void say_piece(const struct payload *payload, enum event_kind kind,
		      const struct piece *piece)
{
	struct tracker *tracker = payload->arrival->tracker;
	struct event *event = payload->event;

	if (!is_wanted(tracker, kind))
		return;
	event->kind = kind;
	event->side = payload->arrival->side;
	event->u.piece = piece;
	tracker->sink(tracker->arg, event);
}

/* Again: TCP sends its own bytes again, which is not a reinjection, whoever
 * carried the data first. */
RARE static void say_again(const struct payload *payload,
			   const struct piece *piece)
{
	struct piece again = *piece;

	if (payload->how == SENT_AGAIN)
		again.how = SENT_AGAIN;
	else if (piece->first_on == ON_UNKNOWN &&
		 payload->arrival->conn->n_subflows > 1)
		again.how = SENT_REINJECTED;
	say_piece(payload, EVENT_SENT_AGAIN, &again);
}

static void data_piece(void *arg, const struct piece *piece)
{
	if (piece->how == SENT_AGAIN || piece->how == SENT_REINJECTED)
		say_again(arg, piece);
	else
		say_piece(arg, EVENT_SENT, piece);
}

static void piece_unmapped(const struct payload *payload, int64_t start,
			   int64_t end)
{
	struct piece piece = {.start = start, .end = end, .how = payload->how};

	say_piece(payload, EVENT_UNMAPPED, &piece);
}

/* The checksum's sum over subflow bytes [start, end), if it can be known. */
static bool payload_sum(const struct payload *payload, int64_t start,
			int64_t end, uint32_t *sum)
{
	const struct pending *was = payload->was;

	*sum = 0;
	if (payload->data && start >= payload->data_start &&
	    end <= payload->data_start + payload->captured) {
		*sum =
		    checksum_sum(payload->data + (start - payload->data_start),
				 (size_t)(end - start));
		return true;
	}
	if (was && was->summed && was->start == start && was->end == end) {
		*sum = was->sum;
		return true;
	}
	return false;
}

/* What is said of a segment that came then. */
static struct event event_when(const struct arrival *arrival,
			       const struct pending *pending)
{
	struct event event = arrival->event;

	event.time = pending->time;
	event.frame = pending->frame;
	return event;
}

static void pending_free(struct subflow_half *half)
{
	free(half->pending);
	half->pending = NULL;
	half->first_pending = 0;
	half->pending_room = 0;
}

/* Room for one more behind the last, whose place is returned. */
static size_t pending_grow(struct subflow_half *half)
{
	size_t end = half->first_pending + half->n_pending;

	if (half->first_pending > end / 2) {
		memmove(half->pending, half->pending + half->first_pending,
			half->n_pending * sizeof(*half->pending));
		half->first_pending = 0;
		return half->n_pending;
	}
	half->pending = xgrow(half->pending, &half->pending_room, end + 1,
			      sizeof(*half->pending));
	return end;
}

/* One more. */
static void pending_add(struct subflow_half *half,
			const struct pending *pending)
{
	size_t end = half->first_pending + half->n_pending;

	if (end == half->pending_room)
		end = pending_grow(half);
	half->pending[end] = *pending;
	half->n_pending++;
}

/* It waits for its mapping, the oldest of too many no longer. */
static void pending_waits(struct payload *payload,
			  const struct pending *pending)
{
	struct subflow_half *half = payload->arrival->half;

	if (half->n_pending == PENDING_MAX) {
		const struct pending *first =
		    &half->pending[half->first_pending];
		struct payload oldest = *payload;
		struct event event = event_when(payload->arrival, first);

		oldest.event = &event;
		oldest.how = first->how;
		piece_unmapped(&oldest, first->start, first->end);
		half->first_pending++;
		half->n_pending--;
	}
	pending_add(half, pending);
}

/* Bytes whose mapping was not seen yet; once the connection is plain TCP it
 * never will be. */
RARE static void piece_pends(struct payload *payload, int64_t start,
			     int64_t end)
{
	struct pending pending = {
	    .start = start,
	    .end = end,
	    .how = payload->how,
	    .time = payload->event->time,
	    .frame = payload->event->frame,
	};

	payload->unmapped = true;
	if (payload->last_chance || conn_is_plain(payload->arrival->conn)) {
		piece_unmapped(payload, start, end);
		return;
	}
	if (payload->arrival->conn->checksum)
		pending.summed = payload_sum(payload, start, end, &pending.sum);
	pending_waits(payload, &pending);
}

/* Subflow bytes [start, end), all within *mapping. */
static void piece_mapped(struct payload *payload, struct mapping *mapping,
			 int64_t start, int64_t end)
{
	struct arrival *arrival = payload->arrival;
	struct conn_half *half = arrival->data;
	const struct subflow_half *tcp = arrival->half;
	int64_t data = mapping->data + (start - mapping->start);
	const struct carrier carrier = {
	    .time = payload->event->time,
	    .frame = payload->event->frame,
	    .seq = tcp->seq0 + (uint32_t)start,
	    .on = arrival->subflow->id,
	};

	if (mapping->has_checksum && payload->how != SENT_AGAIN) {
		uint32_t sum;
		bool known = payload_sum(payload, start, end, &sum);

		checksum_add(arrival, mapping, start, end, sum, known);
	}
	arrival->half->how = payload->how;
	stream_sent(&half->stream, data, data + (end - start), &carrier,
		    data_piece, payload);
}

/* Subflow bytes [start, end): to the data level through their mappings. */
static void piece_resolve(struct payload *payload, int64_t start, int64_t end)
{
	struct arrival *arrival = payload->arrival;
	struct subflow_half *half = arrival->half;

	while (start < end) {
		struct mapping *mapping = NULL;
		int64_t upto = INT64_MAX;

		if (half->isn_known)
			mapping = mappings_find(&half->map, start, &upto);
		if (mapping)
			upto = mapping->end;
		if (upto > end)
			upto = end;
		if (mapping)
			piece_mapped(payload, mapping, start, upto);
		else
			piece_pends(payload, start, upto);
		start = upto;
	}
}

static void subflow_piece(void *arg, const struct piece *piece)
{
	struct payload *payload = arg;
	const struct arrival *arrival = payload->arrival;

	say_piece(payload,
		  piece->how == SENT_NEW && !piece->ahead ? EVENT_TCP_SENT
							  : EVENT_TCP_RESENT,
		  piece);
	payload->how = piece->how;
	if (piece->how != SENT_AGAIN && arrival->seg->time != NSTIME_NONE)
		arrival->half->fresh = arrival->seg->time;
	piece_resolve(payload, piece->start, piece->end);
}

bool payload_arrives(struct arrival *arrival, int64_t start)
{
	const struct segment *seg = arrival->seg;
	struct subflow_half *half = arrival->half;
	struct payload payload = {
	    .arrival = arrival,
	    .event = &arrival->event,
	    .data_start = start,
	    .data = seg->data,
	    .captured = seg->captured,
	};
	const struct carrier carrier = {
	    .time = seg->time,
	    .frame = seg->frame,
	    .seq = half->seq0 + (uint32_t)start,
	    .on = arrival->subflow->id,
	};

	stream_sent(&half->stream, start, start + seg->payload, &carrier,
		    subflow_piece, &payload);
	if (half->waits_since == NSTIME_NONE &&
	    start + seg->payload > half->stream.acked) {
		half->waits_since = seg->time;
		half->waits_frame = seg->frame;
	}
	return payload.unmapped;
}

static bool touches(const struct pending *pending, int64_t start, int64_t end)
{
	return pending->end > start && pending->start < end;
}

/* How many of those that wait stand before the first that [start, end)
 * touches. */
static uint32_t pending_before(const struct subflow_half *half, int64_t start,
			       int64_t end)
{
	const struct pending *waiting = half->pending + half->first_pending;
	uint32_t i = 0;

	while (i < half->n_pending && !touches(&waiting[i], start, end))
		i++;
	return i;
}

/* It tries again, and may wait again. */
static void pending_again(struct arrival *arrival, const struct pending *was,
			  bool last_chance)
{
	struct event event = event_when(arrival, was);
	struct payload payload = {
	    .arrival = arrival,
	    .event = &event,
	    .how = was->how,
	    .was = was,
	    .last_chance = last_chance,
	};

	piece_resolve(&payload, was->start, was->end);
}

/* What waits within [start, end) tries again, in the order in which it came;
 * so does all if that never will help again. */
static void pending_retry(struct arrival *arrival, int64_t start, int64_t end,
			  bool last_chance)
{
	struct subflow_half *half = arrival->half;
	bool plain = conn_is_plain(arrival->conn);
	uint32_t before, n;
	struct pending *waiting;

	if (!half->n_pending)
		return;
	before = plain ? 0 : pending_before(half, start, end);
	n = half->n_pending - before;
	if (!n)
		return;
	waiting = xmalloc(n * sizeof(*waiting));
	memcpy(waiting, half->pending + half->first_pending + before,
	       n * sizeof(*waiting));
	half->n_pending = before;
	for (uint32_t i = 0; i < n; i++)
		if (plain || touches(&waiting[i], start, end) ||
		    half->n_pending == PENDING_MAX)
			pending_again(arrival, &waiting[i], last_chance);
		else
			pending_add(half, &waiting[i]);
	if (!half->n_pending)
		pending_free(half);
	free(waiting);
}

void pending_settle(struct arrival *arrival)
{
	pending_retry(arrival, INT64_MIN, INT64_MAX, false);
}

void subflow_flush(struct arrival *arrival)
{
	struct subflow_half *half = arrival->half;

	/* The best guess of where SSN 1 is has to do. */
	half->isn_known |= half->map.all.count > 0;
	pending_retry(arrival, INT64_MIN, INT64_MAX, true);
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
RARE static void data_fin_arrives(struct arrival *arrival, int64_t at)
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
RARE static void fin_mapping_arrives(struct arrival *arrival,
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

static void dss_mapping(struct arrival *arrival,
			const struct mptcp_option *option)
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

static void data_ack(struct arrival *arrival, uint64_t ack, bool wide)
{
	enum side side = other_side(arrival->side);
	struct conn_half *data = arrival->peer_data;
	struct tracker *tracker = arrival->tracker;
	int64_t upto, before;
	nstime_t rtt;

	if (!data->started)
		conn_half_start(tracker, data, ack, wide, true);
	data->data_acked = true;
	upto = dsn_offset(data, ack, wide, data->stream.acked);
	/* A DATA_ACK far from all that was sent is ignored; a little beyond
	 * it, the capture has missed data. */
	if (!offset_sane(data, upto))
		return;
	if (arrival->conn->n_subflows > 1)
		clock_advance(&arrival->peer_half->clock, upto,
			      arrival->seg->frame);
	if (is_wanted(tracker, EVENT_DATA_ACK))
		say_data_ack(arrival, upto);
	before = data->stream.acked;
	if (upto <= before) {
		if (!data->positioned)
			position_move(tracker, arrival->conn, side);
		return;
	}
	rtt = stream_acked(
	    &data->stream, upto, arrival->seg->time,
	    is_wanted(tracker, EVENT_RANGES) ? ranges_acked : NULL, arrival);
	arrival->event.u.acked.upto = upto;
	arrival->event.u.acked.before = before;
	arrival->event.u.acked.rtt = rtt;
	arrival_say(arrival, EVENT_ACKED, side);
	position_update(tracker, arrival->conn, side);
}

void dss_option(struct arrival *arrival, const struct mptcp_option *option)
{
	uint8_t flags = option->u.dss.flags;

	if (flags & DSS_MAP && !mapping_repeats(arrival, option)) {
		dss_mapping(arrival, option);
		position_update(arrival->tracker, arrival->conn, arrival->side);
	}
	if (flags & DSS_ACK)
		data_ack(arrival, option->u.dss.ack, flags & DSS_ACK8);
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
