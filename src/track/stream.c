/* SPDX-License-Identifier: BSD-3-Clause */
#include "track/stream.h"

#include <string.h>

static struct span *gap_at(const struct stream *stream,
			   struct spans_place *place)
{
	return spans_at(&stream->gaps, sizeof(struct span), place);
}

/* When there are too many, the oldest is dropped: its bytes then count as
 * sent. */
static void drop_gap(struct stream *stream)
{
	if (stream->gaps.count <= STREAM_GAPS_MAX)
		return;
	spans_drop(&stream->gaps, 1);
	stream->filled++;
}

/* A gap behind the others. */
static void append_gap(struct stream *stream, int64_t start, int64_t end)
{
	struct span *gap = spans_append(&stream->gaps, sizeof(*gap), start);

	*gap = (struct span){start, end};
	drop_gap(stream);
}

void stream_init(struct stream *stream, int64_t start, bool older,
		 uint32_t keep)
{
	memset(stream, 0, sizeof(*stream));
	stream->sent = stream->acked = stream->floor = start;
	stream->keep = keep;
	if (older)
		append_gap(stream, INT64_MIN, start);
}

void stream_free(struct stream *stream)
{
	spans_free(&stream->runs);
	spans_free(&stream->gaps);
}

/* The first run that ends after `offset`, or the place behind the last. Is it
 * the latest, it is found at once. */
static struct spans_place find_run(const struct stream *stream, int64_t offset)
{
	const struct spans *runs = &stream->runs;
	struct spans_place latest = stream->latest;
	const struct stream_run *run;

	if (latest.block < runs->n_blocks &&
	    latest.item < spans_block(runs, latest.block)->count) {
		run = spans_known(runs, sizeof(*run), &latest);
		if (run->start <= offset && run->end > offset)
			return latest;
	}
	return spans_find(runs, offset);
}

/* The `n` oldest runs, which there are, leave. */
static void forget(struct stream *stream, uint32_t n)
{
	while (n) {
		struct spans_place first = {0, 0};
		const struct stream_run *oldest =
		    spans_known(&stream->runs, sizeof(*oldest), &first);
		uint32_t blocks = stream->runs.n_blocks, left;
		uint32_t some = spans_block(&stream->runs, 0)->count;

		if (some > n)
			some = n;
		for (uint32_t i = 0; stream->n_holes && i < some; i++)
			if (oldest[i].on == ON_NOBODY) {
				append_gap(stream, oldest[i].start,
					   oldest[i].end);
				stream->n_holes--;
			}
		stream->floor = oldest[some - 1].end;
		spans_drop(&stream->runs, some);
		left = stream->runs.n_blocks < blocks;
		if (stream->frontier.block)
			stream->frontier.block -= left;
		else if (stream->frontier.item > some)
			stream->frontier.item -= some;
		else
			stream->frontier.item = 0;
		stream->n_acked -=
		    stream->n_acked < some ? stream->n_acked : some;
		n -= some;
	}
}

static void trim(struct stream *stream)
{
	uint32_t many;

	if (stream->n_acked > stream->keep)
		forget(stream, stream->n_acked - stream->keep);
	if (stream->runs.count <= STREAM_RUNS_MAX)
		return;
	many = stream->runs.count - STREAM_RUNS_MAX;
	if (many > stream->n_acked)
		stream->forgotten += many - stream->n_acked;
	forget(stream, many);
}

void stream_settle(struct stream *stream)
{
	/* Acknowledged before we saw it sent: the capture came too late. */
	if (stream->sent <= stream->acked) {
		stream->n_acked++;
		stream->frontier = find_run(stream, stream->acked);
	}
	trim(stream);
}

/* Nobody sends [stream->sent, end). */
static void skip(struct stream *stream, int64_t end)
{
	static const struct carrier nobody = {
	    .time = NSTIME_NONE,
	    .on = ON_NOBODY,
	};

	stream->n_holes++;
	stream_append(stream, end, &nobody, stream->sent);
}

/* Bytes [start, end), all within the gap there, are seen now. */
static void fill_gap(struct stream *stream, struct spans_place place,
		     int64_t start, int64_t end)
{
	struct spans *gaps = &stream->gaps;
	struct span *gap = spans_known(gaps, sizeof(*gap), &place);
	const struct span old = *gap;

	if (old.end <= end && old.start >= start) {
		spans_remove(gaps, &place);
	} else if (old.end <= end) {
		gap->end = start;
	} else {
		spans_start(gaps, place, end);
		if (old.start >= start)
			return;
		gap = spans_insert(gaps, sizeof(*gap), &place, old.start);
		gap->end = start;
		drop_gap(stream);
	}
}

/* The part of [start, end) that lies below the floor: gaps are filled, the
 * rest was sent by we no longer know whom. */
static void sent_below(struct stream *stream, int64_t start, int64_t end,
		       const struct carrier *carrier, int64_t first,
		       piece_fn *emit, void *arg)
{
	while (start < end) {
		struct spans_place place = spans_find(&stream->gaps, start);
		const struct span *gap = gap_at(stream, &place);
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
			fill_gap(stream, place, start, piece.end);
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
static void fill_hole(struct stream *stream, struct spans_place *place,
		      int64_t start, int64_t end, const struct carrier *carrier,
		      int64_t first)
{
	struct spans *runs = &stream->runs;
	const struct stream_run hole = *stream_run(stream, place);
	uint32_t n_blocks = runs->n_blocks;
	int64_t acked = stream->acked;
	struct stream_run *run;

	stream->n_holes += (hole.end > end) + (hole.start < start) - 1u;
	if (hole.end > end) { /* what is left of it */
		spans_start(runs, *place, end);
		run = spans_insert(runs, sizeof(*run), place, hole.start);
		*run = hole;
	}
	if (hole.start < start) {
		stream_run(stream, place)->end = start;
		place->item++;
		spans_insert(runs, sizeof(*run), place, start);
	}
	stream_run_set(stream_run(stream, place), carrier, start, end, first);
	place->item++;
	if (hole.start < acked) {
		stream->n_acked += (hole.start < start && start <= acked);
		stream->n_acked += end <= acked;
		stream->n_acked += (hole.end > end && hole.end <= acked);
		stream->n_acked -= hole.end <= acked;
	}
	if (hole.start < acked || runs->n_blocks != n_blocks)
		stream->frontier = find_run(stream, acked);
	stream->latest = *place; /* what follows probably comes next */
}

/* What follows the first STREAM_PIECES_MAX ranges of a segment, all of it below
 * `sent`: by whom that was sent is not looked up, nor are holes filled. Nobody
 * sends so much at once again but who wants it to take long. */
static void sent_unseen(struct stream *stream, int64_t start, int64_t end,
			const struct carrier *carrier, int64_t first,
			piece_fn *emit, void *arg)
{
	const struct piece piece = {
	    .start = start,
	    .end = end,
	    .how = SENT_AGAIN,
	    .seq = carrier->seq + (uint32_t)(start - first),
	    .first_acked = end <= stream->acked,
	    .first_on = ON_UNKNOWN,
	    .first_time = NSTIME_NONE,
	};

	stream->skipped++;
	emit(arg, &piece);
}

/* The part of [start, end) that lies between floor and sent. */
static void sent_within(struct stream *stream, int64_t start, int64_t end,
			const struct carrier *carrier, int64_t first,
			piece_fn *emit, void *arg)
{
	struct spans_place place = find_run(stream, start);

	for (int n = 0; start < end; n++) {
		struct stream_run *run = stream_run(stream, &place);
		struct piece piece = {
		    .start = start,
		    .end = run->end < end ? run->end : end,
		    .seq = carrier->seq + (uint32_t)(start - first),
		};

		if (n == STREAM_PIECES_MAX) {
			sent_unseen(stream, start, end, carrier, first, emit,
				    arg);
			break;
		}
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
			place.item++;
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
	if (!stream->begun && start > stream->sent && stream->gaps.count) {
		struct spans_place place = {0, 0};
		struct span *oldest =
		    spans_known(&stream->gaps, sizeof(*oldest), &place);

		oldest->end = start;
		stream->floor = stream->sent = start;
	}
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

/* A hole says nothing: it has no time, and was not sent again. */
static inline void sample_add(struct sample *sample,
			      const struct stream_run *run)
{
	sample->ambiguous |= run->again;
	if (run->time > sample->newest)
		sample->newest = run->time;
}

/* The frontier passes all runs that `acked` covers, row by row. */
static struct sample advance(struct stream *stream)
{
	struct sample sample = {NSTIME_NONE, false};
	struct spans_place place = stream->frontier;
	const int64_t acked = stream->acked;
	const struct stream_run *run;
	uint32_t n;

	while ((run = spans_row(&stream->runs, sizeof(*run), &place, &n)) &&
	       run->end <= acked) {
		uint32_t i = 0;

		do {
			sample_add(&sample, &run[i]);
		} while (++i < n && run[i].end <= acked);
		place.item += i;
		stream->n_acked += i;
	}
	stream->frontier = place;
	return sample;
}

nstime_t stream_acked(struct stream *stream, int64_t upto, nstime_t time,
		      ranges_fn *emit, void *arg)
{
	struct stream_walk ranges = {.stream = stream,
				     .place = stream->frontier};
	uint32_t before = stream->n_acked;
	struct sample sample;

	if (upto <= stream->acked)
		return NSTIME_NONE;
	stream->acked = upto;
	sample = advance(stream);
	ranges.left = stream->n_acked - before;
	if (emit && ranges.left)
		emit(arg, &ranges);
	trim(stream);
	if (sample.ambiguous || time < sample.newest)
		return NSTIME_NONE;
	return nstime_span(sample.newest, time);
}

const struct stream_run *stream_at(const struct stream *stream, int64_t offset,
				   struct spans_place *place)
{
	*place = find_run(stream, offset);
	return stream_run(stream, place);
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
	spans_shift(&stream->runs, by);
	spans_shift(&stream->gaps, by);
}
