/* SPDX-License-Identifier: BSD-3-Clause */
#include "track/stream.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void stream_init(struct stream *stream, int64_t start, bool older,
		 uint32_t keep)
{
	memset(stream, 0, sizeof(*stream));
	stream->sent = stream->acked = stream->floor = start;
	stream->keep = keep;
	if (older) {
		stream->gaps =
		    xgrow(NULL, &stream->gaps_room, 1, sizeof(*stream->gaps));
		stream->gaps[0] = (struct stream_gap){INT64_MIN, start};
		stream->n_gaps = 1;
	}
}

void stream_free(struct stream *stream)
{
	runs_free(&stream->runs);
	free(stream->gaps);
	stream->gaps = NULL;
	stream->n_gaps = 0;
	stream->gaps_room = 0;
}

/* Puts a gap before the i-th. When there is no room, the oldest is dropped:
 * its bytes then count as sent. Returns the index after the new gap. */
static uint32_t insert_gap(struct stream *stream, uint32_t i, int64_t start,
			   int64_t end)
{
	struct stream_gap *gaps = stream->gaps;

	if (stream->n_gaps == STREAM_GAPS_MAX) {
		if (i == 0)
			return 0;
		memmove(gaps, gaps + 1, --stream->n_gaps * sizeof(*gaps));
		i--;
	}
	gaps =
	    xgrow(gaps, &stream->gaps_room, stream->n_gaps + 1, sizeof(*gaps));
	memmove(gaps + i + 1, gaps + i, (stream->n_gaps - i) * sizeof(*gaps));
	gaps[i] = (struct stream_gap){start, end};
	stream->gaps = gaps;
	stream->n_gaps++;
	return i + 1;
}

/* The `n` oldest runs, which there are, leave. */
static void forget(struct stream *stream, uint32_t n)
{
	while (n) {
		struct runs_place first = {0, 0};
		const struct stream_run *oldest =
		    runs_at(&stream->runs, &first);
		uint32_t blocks = stream->runs.n_blocks, left;
		uint32_t some = runs_block(&stream->runs, 0)->count;

		if (some > n)
			some = n;
		for (uint32_t i = 0; i < some; i++)
			if (oldest[i].on == ON_NOBODY)
				insert_gap(stream, stream->n_gaps,
					   oldest[i].start, oldest[i].end);
		stream->floor = oldest[some - 1].end;
		runs_drop(&stream->runs, some);
		left = stream->runs.n_blocks < blocks;
		if (stream->frontier.block)
			stream->frontier.block -= left;
		else if (stream->frontier.run > some)
			stream->frontier.run -= some;
		else
			stream->frontier.run = 0;
		stream->n_acked -=
		    stream->n_acked < some ? stream->n_acked : some;
		n -= some;
	}
}

static void trim(struct stream *stream)
{
	if (stream->n_acked > stream->keep)
		forget(stream, stream->n_acked - stream->keep);
	if (stream->runs.count > STREAM_RUNS_MAX)
		forget(stream, stream->runs.count - STREAM_RUNS_MAX);
}

void stream_settle(struct stream *stream)
{
	/* Acknowledged before we saw it sent: the capture came too late. */
	if (stream->sent <= stream->acked) {
		stream->n_acked++;
		stream->frontier = runs_find(&stream->runs, stream->acked);
	}
	trim(stream);
}

/* Nobody sends [stream->sent, end). */
static void skip(struct stream *stream, int64_t end)
{
	static const struct carrier nobody = {.on = ON_NOBODY};

	stream_append(stream, end, &nobody, stream->sent);
}

/* Bytes [start, end), all within the i-th gap, are seen now. Returns the index
 * of the first gap after them. */
static uint32_t fill_gap(struct stream *stream, uint32_t i, int64_t start,
			 int64_t end)
{
	struct stream_gap *gap = &stream->gaps[i];

	if (gap->start < start && gap->end > end) {
		i = insert_gap(stream, i, gap->start, start);
		stream->gaps[i].start = end;
		return i;
	}
	if (gap->start < start) {
		gap->end = start;
		return i + 1;
	}
	if (gap->end > end) {
		gap->start = end;
		return i;
	}
	memmove(gap, gap + 1, (--stream->n_gaps - i) * sizeof(*gap));
	return i;
}

/* The part of [start, end) that lies below the floor: gaps are filled, the
 * rest was sent by we no longer know whom. */
static void sent_below(struct stream *stream, int64_t start, int64_t end,
		       const struct carrier *carrier, int64_t first,
		       piece_fn *emit, void *arg)
{
	uint32_t i = 0;

	while (i < stream->n_gaps && stream->gaps[i].end <= start)
		i++;
	while (start < end) {
		const struct stream_gap *gap =
		    i < stream->n_gaps ? &stream->gaps[i] : NULL;
		struct piece piece = {
		    .start = start,
		    .end = end,
		    .how = SENT_AGAIN,
		    .seq = carrier->seq + (uint32_t)(start - first),
		    .first_on = ON_UNKNOWN,
		    .first_time = NSTIME_NONE,
		};

		if (gap && gap->start <= start) {
			piece.how = SENT_LATE;
			piece.end = gap->end < end ? gap->end : end;
			i = fill_gap(stream, i, start, piece.end);
		} else if (gap && gap->start < end) {
			piece.end = gap->start;
		}
		if (piece.how == SENT_AGAIN)
			piece.first_acked = piece.end <= stream->acked;
		start = piece.end;
		emit(arg, &piece);
	}
}

/* Bytes [start, end) of the run there, a hole, are seen now. *place becomes
 * that of the run after them. */
static void fill_hole(struct stream *stream, struct runs_place *place,
		      int64_t start, int64_t end, const struct carrier *carrier,
		      int64_t first)
{
	struct runs *runs = &stream->runs;
	const struct stream_run hole = *runs_at(runs, place);
	int64_t acked = stream->acked;
	bool moved = false;

	if (hole.end > end) { /* what is left of it */
		runs_start(runs, *place, end);
		moved |= runs_insert(runs, place, hole.start);
		*runs_at(runs, place) = hole;
	}
	if (hole.start < start) {
		runs_at(runs, place)->end = start;
		place->run++;
		moved |= runs_insert(runs, place, start);
	}
	stream_run_set(runs_at(runs, place), carrier, start, end, first);
	place->run++;
	if (hole.start < acked) {
		stream->n_acked += (hole.start < start && start <= acked);
		stream->n_acked += end <= acked;
		stream->n_acked += (hole.end > end && hole.end <= acked);
		stream->n_acked -= hole.end <= acked;
		moved = true;
	}
	if (moved)
		stream->frontier = runs_find(runs, acked);
	runs->latest = *place; /* what follows probably comes next */
}

/* The part of [start, end) that lies between floor and sent. */
static void sent_within(struct stream *stream, int64_t start, int64_t end,
			const struct carrier *carrier, int64_t first,
			piece_fn *emit, void *arg)
{
	struct runs_place place = runs_find(&stream->runs, start);

	while (start < end) {
		struct stream_run *run = runs_at(&stream->runs, &place);
		struct piece piece = {
		    .start = start,
		    .end = run->end < end ? run->end : end,
		    .seq = carrier->seq + (uint32_t)(start - first),
		};

		if (run->on == ON_NOBODY) {
			piece.how = SENT_LATE;
			fill_hole(stream, &place, start, piece.end, carrier,
				  first);
		} else {
			piece.how = run->on == carrier->on ? SENT_AGAIN
							   : SENT_REINJECTED;
			piece.first_acked = piece.end <= stream->acked;
			piece.first_on = run->on;
			piece.first_seq =
			    run->seq + (uint32_t)(start - run->start);
			piece.first_time = run->time;
			piece.first_frame = run->frame;
			piece.first_start = run->start;
			run->again = true;
			place.run++;
		}
		start = piece.end;
		emit(arg, &piece);
	}
	trim(stream);
}

void stream_sent_elsewhere(struct stream *stream, int64_t start, int64_t end,
			   const struct carrier *carrier, piece_fn *emit,
			   void *arg)
{
	const int64_t first = start;
	int64_t upto;

	/* Where the capture begins there is no hole. */
	if (!stream->begun && start > stream->sent && stream->n_gaps)
		stream->gaps[0].end = stream->floor = stream->sent = start;
	stream->begun = true;
	if (start < stream->floor) {
		upto = end < stream->floor ? end : stream->floor;
		sent_below(stream, start, upto, carrier, first, emit, arg);
		start = upto;
	}
	if (start < stream->sent && start < end) {
		upto = end < stream->sent ? end : stream->sent;
		sent_within(stream, start, upto, carrier, first, emit, arg);
		start = upto;
	}
	if (start < end) {
		bool ahead = start > stream->sent;

		if (ahead)
			skip(stream, start);
		stream_sent_next(stream, end, carrier, first, ahead, emit, arg);
	}
}

/* What ranges that are acknowledged together say of the round trip. */
struct sample {
	nstime_t newest; /* when the last one was sent */
	bool ambiguous;
};

/* The frontier passes all runs that `acked` covers. */
static void advance(struct stream *stream, struct sample *sample)
{
	struct runs_place place = stream->frontier;
	const struct stream_run *run;

	while ((run = runs_at(&stream->runs, &place)) &&
	       run->end <= stream->acked) {
		stream->n_acked++;
		place.run++;
		if (run->on == ON_NOBODY)
			continue;
		sample->ambiguous |= run->again;
		if (run->time > sample->newest)
			sample->newest = run->time;
	}
	stream->frontier = place;
}

nstime_t stream_acked(struct stream *stream, int64_t upto, nstime_t time,
		      ranges_fn *emit, void *arg)
{
	struct stream_walk ranges = {stream, stream->frontier, 0};
	struct sample sample = {NSTIME_NONE, false};
	uint32_t before = stream->n_acked;

	if (upto <= stream->acked)
		return NSTIME_NONE;
	stream->acked = upto;
	advance(stream, &sample);
	ranges.left = stream->n_acked - before;
	if (emit && ranges.left)
		emit(arg, &ranges);
	trim(stream);
	if (sample.ambiguous || time < sample.newest)
		return NSTIME_NONE;
	return nstime_span(sample.newest, time);
}

const struct stream_run *stream_at(const struct stream *stream, int64_t offset,
				   struct runs_place *place)
{
	*place = runs_find(&stream->runs, offset);
	return runs_at(&stream->runs, place);
}

void stream_shift(struct stream *stream, int64_t by)
{
	int64_t acked = stream->acked + by;

	if (!stream->begun) { /* only acknowledgements were seen */
		stream_free(stream);
		stream_init(stream, 0, false, stream->keep);
		stream->acked = acked;
		return;
	}
	stream->sent += by;
	stream->acked = acked;
	stream->floor += by;
	runs_shift(&stream->runs, by);
	for (uint32_t i = 0; i < stream->n_gaps; i++) {
		if (stream->gaps[i].start != INT64_MIN)
			stream->gaps[i].start += by;
		stream->gaps[i].end += by;
	}
}
