/* SPDX-License-Identifier: BSD-3-Clause */
#include "track/stream.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 8

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
	free(stream->runs);
	free(stream->gaps);
	stream->runs = NULL;
	stream->gaps = NULL;
	stream->count = stream->room = stream->n_gaps = 0;
	stream->gaps_room = 0;
}

/* room is 0 or a power of two. */
static struct stream_run *run_at(const struct stream *stream, uint32_t i)
{
	return &stream->runs[(stream->head + i) & (stream->room - 1)];
}

static void make_room(struct stream *stream, uint32_t more)
{
	uint32_t room = stream->room ? stream->room : FIRST_ROOM;
	struct stream_run *runs;

	if (stream->count + more <= stream->room)
		return;
	while (room < stream->count + more)
		room *= 2;
	runs = xreallocarray(NULL, room, sizeof(*runs));
	for (uint32_t i = 0; i < stream->count; i++)
		runs[i] = *run_at(stream, i);
	free(stream->runs);
	stream->runs = runs;
	stream->room = room;
	stream->head = 0;
}

/* Copies `n` runs to where they overlap themselves or not. */
static void move_runs(struct stream *stream, uint32_t to, uint32_t from,
		      uint32_t n)
{
	uint32_t mask = stream->room - 1;
	uint32_t target = (stream->head + to) & mask;
	uint32_t source = (stream->head + from) & mask;

	if (target + n <= stream->room && source + n <= stream->room)
		memmove(&stream->runs[target], &stream->runs[source],
			n * sizeof(*stream->runs));
	else if (to < from) /* the ring's seam is in between */
		for (uint32_t k = 0; k < n; k++)
			*run_at(stream, to + k) = *run_at(stream, from + k);
	else
		for (uint32_t k = n; k--;)
			*run_at(stream, to + k) = *run_at(stream, from + k);
}

/* Opens space for `n` runs before the i-th, moving the shorter side. */
static void open_space(struct stream *stream, uint32_t i, uint32_t n)
{
	make_room(stream, n);
	if (i < stream->n_acked)
		stream->n_acked += n;
	if (i < stream->count / 2) {
		stream->head = (stream->head - n) & (stream->room - 1);
		move_runs(stream, 0, n, i);
	} else {
		move_runs(stream, i + n, i, stream->count - i);
	}
	stream->count += n;
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

static void forget_oldest(struct stream *stream)
{
	const struct stream_run *oldest = run_at(stream, 0);

	if (oldest->on == ON_NOBODY)
		insert_gap(stream, stream->n_gaps, oldest->start, oldest->end);
	stream->floor = oldest->end;
	stream->head = (stream->head + 1) & (stream->room - 1);
	stream->count--;
	if (stream->n_acked)
		stream->n_acked--;
}

static void trim(struct stream *stream)
{
	while (stream->n_acked > stream->keep ||
	       stream->count > STREAM_RUNS_MAX)
		forget_oldest(stream);
}

/* [start, end) of what is sent from `first` on. */
static struct stream_run run_of(const struct carrier *carrier, int64_t start,
				int64_t end, int64_t first)
{
	return (struct stream_run){
	    .start = start,
	    .end = end,
	    .time = carrier->time,
	    .frame = carrier->frame,
	    .seq = carrier->seq + (uint32_t)(start - first),
	    .on = carrier->on,
	};
}

/* Nobody sends [stream->sent, end) where `carrier` is NULL. */
static void append(struct stream *stream, int64_t end,
		   const struct carrier *carrier, int64_t first)
{
	struct stream_run *run;

	make_room(stream, 1);
	run = run_at(stream, stream->count++);
	*run = carrier ? run_of(carrier, stream->sent, end, first)
		       : (struct stream_run){.start = stream->sent,
					     .end = end,
					     .on = ON_NOBODY};
	stream->sent = end;
	/* Acknowledged before we saw it sent: the capture came too late. */
	if (end <= stream->acked && stream->n_acked == stream->count - 1)
		stream->n_acked++;
	trim(stream);
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

/* The first run that ends after `offset`. */
static uint32_t run_after(const struct stream *stream, int64_t offset)
{
	uint32_t low = 0, high = stream->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (run_at(stream, middle)->end > offset)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Bytes [start, end) of the i-th run, a hole, are seen now. Returns the index
 * of the run after them. */
static uint32_t fill_hole(struct stream *stream, uint32_t i, int64_t start,
			  int64_t end, const struct carrier *carrier,
			  int64_t first)
{
	struct stream_run hole = *run_at(stream, i);
	uint32_t before = hole.start<start, after = hole.end> end;

	if (before + after)
		open_space(stream, i, before + after);
	if (before) {
		*run_at(stream, i) = hole;
		run_at(stream, i++)->end = start;
	}
	*run_at(stream, i++) = run_of(carrier, start, end, first);
	if (after) {
		*run_at(stream, i) = hole;
		run_at(stream, i)->start = end;
	}
	return i;
}

/* The part of [start, end) that lies between floor and sent. */
static void sent_within(struct stream *stream, int64_t start, int64_t end,
			const struct carrier *carrier, int64_t first,
			piece_fn *emit, void *arg)
{
	uint32_t i = run_after(stream, start);

	while (start < end) {
		struct stream_run *run = run_at(stream, i);
		struct piece piece = {
		    .start = start,
		    .end = run->end < end ? run->end : end,
		    .seq = carrier->seq + (uint32_t)(start - first),
		};

		if (run->on == ON_NOBODY) {
			piece.how = SENT_LATE;
			i = fill_hole(stream, i, start, piece.end, carrier,
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
			i++;
		}
		start = piece.end;
		emit(arg, &piece);
	}
	trim(stream);
}

void stream_sent(struct stream *stream, int64_t start, int64_t end,
		 const struct carrier *carrier, piece_fn *emit, void *arg)
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
		struct piece piece = {
		    .start = start,
		    .end = end,
		    .how = SENT_NEW,
		    .ahead = start > stream->sent,
		    .seq = carrier->seq + (uint32_t)(start - first),
		};

		if (piece.ahead)
			append(stream, start, NULL, first);
		append(stream, end, carrier, first);
		emit(arg, &piece);
	}
}

nstime_t stream_acked(struct stream *stream, int64_t upto, nstime_t time,
		      run_fn *emit, void *arg)
{
	int64_t before = stream->acked;
	nstime_t newest = NSTIME_NONE;
	bool ambiguous = false;

	if (upto <= stream->acked)
		return NSTIME_NONE;
	stream->acked = upto;
	while (stream->n_acked < stream->count) {
		const struct stream_run *run = run_at(stream, stream->n_acked);

		if (run->end > upto)
			break;
		stream->n_acked++;
		if (run->on == ON_NOBODY || run->end <= before)
			continue;
		if (run->again)
			ambiguous = true;
		if (run->time > newest)
			newest = run->time;
		if (emit)
			emit(arg, run);
	}
	trim(stream);
	if (ambiguous || time < newest)
		return NSTIME_NONE;
	return nstime_span(newest, time);
}

const struct stream_run *stream_at(const struct stream *stream, int64_t offset)
{
	uint32_t i = run_after(stream, offset);

	return i < stream->count ? run_at(stream, i) : NULL;
}

const struct stream_run *stream_next(const struct stream *stream,
				     const struct stream_run *run)
{
	uint32_t i = (uint32_t)(run - stream->runs);

	i = ((i - stream->head) & (stream->room - 1)) + 1;
	return i < stream->count ? run_at(stream, i) : NULL;
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
	for (uint32_t i = 0; i < stream->count; i++) {
		run_at(stream, i)->start += by;
		run_at(stream, i)->end += by;
	}
	for (uint32_t i = 0; i < stream->n_gaps; i++) {
		if (stream->gaps[i].start != INT64_MIN)
			stream->gaps[i].start += by;
		stream->gaps[i].end += by;
	}
}
