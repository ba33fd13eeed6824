/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bytes that one side sends, as far as the capture shows them: which were
 * sent, by which subflow first and when, what is acknowledged. The same code
 * serves a subflow's TCP bytes and a connection's data bytes.
 *
 * Offsets are unwrapped: signed 64-bit counts from the first byte (0). Whoever
 * calls has unwrapped sequence numbers once, at the door; nothing here knows
 * an ISN or a wrap. Ranges are half open.
 *
 * Memory: a run of 40 bytes a sent range until it is acknowledged, and the
 * `keep` newest acknowledged ones; never more than STREAM_RUNS_MAX. Older ones
 * are forgotten: known to have been sent, but not by whom or when. Holes (bytes
 * the capture has not shown) are remembered longer.
 */
#ifndef TRACK_STREAM_H
#define TRACK_STREAM_H

#include "base/nstime.h"
#include "base/spans.h"

#include <stdbool.h>
#include <stdint.h>

#define STREAM_RUNS_MAX	  65536
#define STREAM_GAPS_MAX	  4096 /* holes older than the oldest run */
#define STREAM_PIECES_MAX 512  /* ranges that one segment is compared with */

#define ON_NOBODY  (-1) /* a hole: the capture has not shown it */
#define ON_UNKNOWN (-2) /* sent, but forgotten by whom */

enum sent_how {
	SENT_NEW,	 /* above everything sent before */
	SENT_LATE,	 /* never seen before, but below it: fills a hole */
	SENT_AGAIN,	 /* seen before on the same subflow */
	SENT_REINJECTED, /* seen before, first on another subflow */
};

/* How a range is sent. */
struct carrier {
	nstime_t time;
	uint64_t frame;
	uint32_t seq; /* TCP sequence number of the range's first octet */
	int on;	      /* subflow id, >= 0 */
};

/* What stream_sent says of a part of the range it is given. */
struct piece {
	int64_t start, end;
	enum sent_how how;
	bool ahead;   /* NEW that leaves a hole before it */
	uint32_t seq; /* TCP sequence number of `start`, on its subflow */
	/* for AGAIN and REINJECTED, the first time these bytes were sent: */
	bool first_acked;     /* were they acknowledged meanwhile? */
	int first_on;	      /* subflow id, or ON_UNKNOWN; then only that is
			       * known, and first_acked */
	uint32_t first_seq;   /* as seq */
	nstime_t first_time;  /* NSTIME_NONE when forgotten */
	uint64_t first_frame; /* 0 when forgotten */
	int64_t first_start;  /* where the range that was sent then starts */
};

/* A range as it was first sent, or nobody did. */
struct stream_run {
	int64_t start, end;
	nstime_t time;
	uint64_t frame;
	uint32_t seq;	 /* TCP sequence number of `start` */
	int32_t on : 31; /* subflow id, or ON_NOBODY */
	bool again : 1;	 /* sent more than once: no RTT sample (Karn) */
};

struct stream {
	int64_t sent;  /* one past the highest byte sent */
	int64_t acked; /* one past the last byte acknowledged; may exceed sent
			* where the capture missed data */
	int64_t floor; /* runs tile [floor, sent); below, only gaps */
	struct spans runs;
	struct spans_place latest;   /* a run to look at first; may be any */
	struct spans_place frontier; /* of the first run with end > acked; */
	uint32_t n_acked;	     /* ... so many stand before it */
	uint32_t n_holes;	     /* so many of them are holes */
	uint32_t keep : 31;	     /* acknowledged runs to remember */
	bool begun : 1;		     /* anything was sent */
	/* What of it went beyond: */
	uint32_t forgotten; /* runs, before they were acknowledged */
	uint32_t filled;    /* holes that count as sent */
	uint32_t skipped;   /* segments, from STREAM_PIECES_MAX on */
	struct spans gaps;  /* struct span: holes below floor */
};

/* The run there; NULL behind the last. */
static inline struct stream_run *stream_run(const struct stream *stream,
					    struct spans_place *place)
{
	return spans_at(&stream->runs, sizeof(struct stream_run), place);
}

/* Gets called for each piece, in ascending order; must not touch the
 * stream. */
typedef void piece_fn(void *arg, const struct piece *piece);

/* An empty stream whose first byte is at `start`. With `older`, bytes below
 * it exist but were sent before the capture began: seen later, they are LATE.
 * Without, they count as AGAIN. */
void stream_init(struct stream *stream, int64_t start, bool older,
		 uint32_t keep);
void stream_free(struct stream *stream); /* its memory, not the struct */

/* [start, end), start < end, is sent. Says how, piece by piece; REINJECTED
 * where the first carrier was another subflow. */
static inline void stream_sent(struct stream *stream, int64_t start,
			       int64_t end, const struct carrier *carrier,
			       piece_fn *emit, void *arg);

/* Ranges one after another, of a stream that does not change meanwhile. */
struct stream_walk {
	const struct stream *stream;
	struct spans_place place; /* of what comes after the row */
	uint32_t left;		  /* runs to pass over yet, holes included */
	uint32_t row;		  /* so many of them stand here: */
	const struct stream_run *run;
};

/* The next range that was seen, or NULL. */
static inline const struct stream_run *stream_walk(struct stream_walk *walk)
{
	const struct stream_run *run;

	do {
		if (!walk->left)
			return NULL;
		if (!walk->row) {
			walk->run = spans_row(&walk->stream->runs, sizeof(*run),
					      &walk->place, &walk->row);
			if (!walk->run)
				return NULL;
			walk->place.item += walk->row;
		}
		walk->left--;
		walk->row--;
		run = walk->run++;
	} while (run->on == ON_NOBODY);
	return run;
}

/* Gets the ranges that are acknowledged now, and were not before, to their
 * ends, if there are any; must not touch the stream. */
typedef void ranges_fn(void *arg, const struct stream_walk *ranges);

/* Everything below `upto` is acknowledged. Returns the time since the newest
 * range that this acknowledges was sent, or NSTIME_NONE where that would be
 * ambiguous (something of it was sent more than once) or nothing is new.
 * `emit` may be NULL. */
nstime_t stream_acked(struct stream *stream, int64_t upto, nstime_t time,
		      ranges_fn *emit, void *arg);

/* The first range that ends after `offset`, holes (ON_NOBODY) included, and its
 * place; NULL: none. Of what lies below stream->floor nothing is known. The
 * next one is at stream_next. */
const struct stream_run *stream_at(const struct stream *stream, int64_t offset,
				   struct spans_place *place);

static inline const struct stream_run *stream_next(const struct stream *stream,
						   struct spans_place *place)
{
	place->item++;
	return stream_run(stream, place);
}

/*
 * How stream_sent does it. Mostly what is sent is what comes next.
 */

/* ... elsewhere it is looked for. */
void stream_sent_elsewhere(struct stream *stream, int64_t start, int64_t end,
			   const struct carrier *carrier, piece_fn *emit,
			   void *arg);

/* A run was appended that is acknowledged already, or is too many. */
void stream_settle(struct stream *stream);

/* `first` is the first byte of what the carrier brings. */
static inline void stream_run_set(struct stream_run *run,
				  const struct carrier *carrier, int64_t start,
				  int64_t end, int64_t first)
{
	run->start = start;
	run->end = end;
	run->time = carrier->time;
	run->frame = carrier->frame;
	run->seq = carrier->seq + (uint32_t)(start - first);
	run->on = carrier->on;
	run->again = false;
}

static inline void stream_append(struct stream *stream, int64_t end,
				 const struct carrier *carrier, int64_t first)
{
	stream_run_set(spans_append(&stream->runs, sizeof(struct stream_run),
				    stream->sent),
		       carrier, stream->sent, end, first);
	stream->sent = end;
	if (end <= stream->acked || stream->runs.count > STREAM_RUNS_MAX)
		stream_settle(stream);
}

static inline void stream_sent_next(struct stream *stream, int64_t end,
				    const struct carrier *carrier,
				    int64_t first, bool ahead, piece_fn *emit,
				    void *arg)
{
	struct piece piece; /* with nothing of a first time */

	piece.start = stream->sent;
	piece.end = end;
	piece.how = SENT_NEW;
	piece.ahead = ahead;
	piece.seq = carrier->seq + (uint32_t)(stream->sent - first);
	stream_append(stream, end, carrier, first);
	emit(arg, &piece);
}

static inline void stream_sent(struct stream *stream, int64_t start,
			       int64_t end, const struct carrier *carrier,
			       piece_fn *emit, void *arg)
{
	if (start == stream->sent && stream->begun)
		stream_sent_next(stream, end, carrier, start, false, emit, arg);
	else
		stream_sent_elsewhere(stream, start, end, carrier, emit, arg);
}

/* Moves every offset by `by`: the first byte turned out to be elsewhere, and is
 * at 0 now. */
void stream_shift(struct stream *stream, int64_t by);

/* The offset nearest to `near` whose low 32 bits are `low`. */
static inline int64_t unwrap32(uint32_t low, int64_t near)
{
	return near + (int32_t)(low - (uint32_t)near);
}

#endif
