/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Payload on its way from the subflow through the mappings to the data level,
 * and what waits for its mapping to be seen. RFC 8684 section 3.3.1.
 */
#include "track/internal.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define PENDING_MAX 1024 /* segments a side that wait for their mapping */
#define PIECES_MAX  1024 /* of data, that a segment is looked up in */

/* Payload on its way through the mappings. */
struct payload {
	struct arrival *arrival;
	unsigned n_pieces; /* of data, so far */
	bool too_many;	   /* ... so that the rest is left */
	/* With time and frame of its segment, which may be an earlier one. */
	struct event *event;
	enum sent_how how;	   /* at the subflow's level */
	int64_t start;		   /* subflow offset of the segment's */
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
	((struct payload *)arg)->n_pieces++;
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
	const struct segment *seg = payload->arrival->seg;
	const struct pending *was = payload->was;

	*sum = 0;
	if (!was && start >= payload->start &&
	    end <= payload->start + seg->captured) {
		*sum = checksum_sum(seg->data + (start - payload->start),
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

/* The checksum of a mapping, if it has one that is to be checked. */
static void piece_summed(const struct payload *payload, struct mapping *mapping,
			 int64_t start, int64_t end)
{
	uint32_t sum;
	bool known;

	if (!mapping->has_checksum || payload->how == SENT_AGAIN)
		return;
	known = payload_sum(payload, start, end, &sum);
	checksum_add(payload->arrival, mapping, start, end, sum, known);
}

/* Subflow bytes [start, end), all within *mapping, as they are carried. */
static inline void piece_mapped(struct payload *payload,
				struct mapping *mapping,
				const struct carrier *carrier, int64_t start,
				int64_t end)
{
	struct arrival *arrival = payload->arrival;
	int64_t data = mapping->data + (start - mapping->start);

	piece_summed(payload, mapping, start, end);
	arrival->half->how = payload->how;
	stream_sent(&arrival->data->stream, data, data + (end - start), carrier,
		    data_piece, payload);
}

/* Who carries subflow bytes from `start` on, with time and frame of *event. */
static inline struct carrier carrier_of(const struct arrival *arrival,
					const struct event *event,
					int64_t start)
{
	return (struct carrier){
	    .time = event->time,
	    .frame = event->frame,
	    .seq = arrival->half->seq0 + (uint32_t)start,
	    .on = arrival->subflow->id,
	};
}

/* Subflow bytes [start, end): to the data level through their mappings. */
static void piece_resolve(struct payload *payload, int64_t start, int64_t end)
{
	struct arrival *arrival = payload->arrival;
	struct subflow_half *half = arrival->half;

	while (start < end) {
		struct mapping *mapping = NULL;
		int64_t upto = INT64_MAX;

		if (payload->n_pieces >= PIECES_MAX) {
			half->stream.skipped += !payload->too_many;
			payload->too_many = true;
			piece_unmapped(payload, start, end);
			return;
		}
		if (half->isn_known)
			mapping = mappings_find(&half->map, start, &upto);
		if (mapping)
			upto = mapping->end;
		if (upto > end)
			upto = end;
		if (mapping) {
			struct carrier carrier =
			    carrier_of(arrival, payload->event, start);

			piece_mapped(payload, mapping, &carrier, start, upto);
		} else {
			piece_pends(payload, start, upto);
		}
		start = upto;
	}
}

/* It comes with a segment of that time, and is not sent again. */
static void note_fresh(struct subflow_half *half, nstime_t time)
{
	if (time != NSTIME_NONE)
		half->fresh = time;
}

static void subflow_piece(void *arg, const struct piece *piece)
{
	struct payload *payload = arg;

	say_piece(payload,
		  piece->how == SENT_NEW && !piece->ahead ? EVENT_TCP_SENT
							  : EVENT_TCP_RESENT,
		  piece);
	payload->how = piece->how;
	if (piece->how != SENT_AGAIN)
		note_fresh(payload->arrival->half, payload->arrival->seg->time);
	piece_resolve(payload, piece->start, piece->end);
}

/* Is [start, end) what nearly all payload is: the next of its subflow, within
 * the mapping of what came before it, and nobody asks for TCP's bytes? */
static bool goes_straight(const struct arrival *arrival, int64_t start,
			  int64_t end)
{
	const struct subflow_half *half = arrival->half;
	const struct mapping *mapping = half->map.latest;

	return start == half->stream.sent && half->stream.begun &&
	       half->isn_known && mapping && mapping->start <= start &&
	       mapping->end >= end &&
	       !is_wanted(arrival->tracker, EVENT_TCP_SENT);
}

static void straight_piece(void *arg, const struct piece *piece)
{
	struct arrival *arrival = arg;

	arrival->event.u.piece = piece;
	arrival_say(arrival, EVENT_SENT, arrival->side);
}

/* The same bytes as data, if they are the next of that, too. */
static inline bool data_goes_straight(struct arrival *arrival,
				      struct subflow_half *half, int64_t start,
				      int64_t end,
				      const struct carrier *carrier)
{
	const struct mapping *mapping = half->map.latest;
	struct stream *stream = &arrival->data->stream;
	int64_t data = mapping->data + (start - mapping->start);

	if (data != stream->sent || !stream->begun || mapping->has_checksum)
		return false;
	half->how = SENT_NEW;
	stream_sent_next(stream, data + (end - start), carrier, data, false,
			 straight_piece, arrival);
	return true;
}

/* All other ways; whether some of it is not mapped. */
__attribute__((noinline)) static bool
payload_looked_up(struct arrival *arrival, const struct carrier *carrier,
		  int64_t start, int64_t end, bool straight)
{
	struct subflow_half *half = arrival->half;
	struct payload payload = {
	    .arrival = arrival,
	    .event = &arrival->event,
	    .how = SENT_NEW,
	    .start = start,
	};

	if (straight)
		piece_mapped(&payload, half->map.latest, carrier, start, end);
	else
		stream_sent(&half->stream, start, end, carrier, subflow_piece,
			    &payload);
	return payload.unmapped;
}

bool payload_arrives(struct arrival *arrival, int64_t start)
{
	const struct segment *seg = arrival->seg;
	struct subflow_half *half = arrival->half;
	const int64_t end = start + seg->payload;
	const struct carrier carrier =
	    carrier_of(arrival, &arrival->event, start);
	bool straight = goes_straight(arrival, start, end), unmapped = false;

	if (straight) {
		stream_append(&half->stream, end, &carrier, start);
		note_fresh(half, carrier.time);
	}
	if (!straight ||
	    !data_goes_straight(arrival, half, start, end, &carrier))
		unmapped =
		    payload_looked_up(arrival, &carrier, start, end, straight);
	if (half->waits_since == NSTIME_NONE && end > half->stream.acked) {
		half->waits_since = carrier.time;
		half->waits_frame = carrier.frame;
	}
	return unmapped;
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

void pending_retry(struct arrival *arrival, int64_t start, int64_t end,
		   bool last_chance)
{
	struct subflow_half *half = arrival->half;
	uint32_t before, n;
	struct pending *waiting;
	bool plain;

	if (!half->n_pending)
		return;
	plain = conn_is_plain(arrival->conn);
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
