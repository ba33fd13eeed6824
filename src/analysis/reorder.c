/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reordering at the data level, as for a receiver that gets what the capture
 * shows when it shows it: how far ahead of the next byte in order data comes,
 * how much waits for what is missing, and for how long (head-of-line
 * blocking).
 *
 * What waits is not kept here: it is all that the connection's stream has
 * above the first byte that is missing. Each range is looked at once, when it
 * need not wait any more.
 */
#include "analysis/analysis.h"

enum { REORDER, HOL };
enum { AHEAD, QUEUE };

struct reorder { /* of one side */
	bool begun;
	int64_t expected; /* data offset of the first byte that is missing */
	int64_t queued;	  /* bytes that were seen above it */
	int64_t level;	  /* what `queued` was, ... */
	nstime_t since;	  /* ... from here on, still to be drawn */
};

/* Nothing waits, and nothing is to be drawn of what did. */
static bool in_order(const struct reorder *reorder)
{
	return reorder->begun && !reorder->queued && !reorder->level;
}

static struct reorder *of_side(struct desk *desk, enum side side)
{
	return (struct reorder *)desk->state + side;
}

static void draw_level(struct desk *desk, const struct event *event,
		       nstime_t until)
{
	const struct reorder *reorder = of_side(desk, event->side);
	const struct point point = {
	    .mark = MARK_SEGMENT,
	    .series = QUEUE,
	    .x = reorder->since,
	    .y = reorder->level,
	    .x2 = until,
	    .y2 = reorder->level,
	    .subflow = NO_SUBFLOW,
	    .from = NO_SUBFLOW,
	};

	figure_draw(desk_figure(desk, REORDER, event->side), &point);
}

/* The queue's level lasted until now. Time never goes back in it. */
static void level_ends(struct desk *desk, const struct event *event)
{
	struct reorder *reorder = of_side(desk, event->side);
	nstime_t now = reorder->since;

	if (now < event->time)
		now = event->time;
	if (desk->figures)
		draw_level(desk, event, now);
	reorder->since = now;
	reorder->level = reorder->queued;
}

static void queue_changed(struct desk *desk, const struct event *event)
{
	const struct reorder *reorder = of_side(desk, event->side);

	if (reorder->queued != reorder->level)
		level_ends(desk, event);
}

static void draw_ahead(struct desk *desk, const struct event *event,
		       int64_t ahead)
{
	const struct point point = {
	    .mark = MARK_DOT,
	    .series = AHEAD,
	    .x = event->time,
	    .y = ahead,
	    .subflow = event->subflow->id,
	    .from = NO_SUBFLOW,
	};

	figure_draw(desk_figure(desk, REORDER, event->side), &point);
}

/* A piece that comes before its turn. */
static void enqueue(struct desk *desk, const struct event *event)
{
	struct reorder *reorder = of_side(desk, event->side);
	struct report_data *data = &desk->report->data[event->side];
	const struct piece *piece = event->u.piece;

	if (desk->figures)
		draw_ahead(desk, event, piece->start - reorder->expected);
	reorder->queued += piece->end - piece->start;
	if (reorder->queued > data->max_reorder_bytes)
		data->max_reorder_bytes = reorder->queued;
	queue_changed(desk, event);
}

static void draw_wait(struct desk *desk, const struct event *event,
		      const struct stream_run *range, nstime_t waited)
{
	const struct point point = {
	    .mark = MARK_DOT,
	    .x = range->time + waited,
	    .y = waited,
	    .subflow = range->on,
	    .from = event->kind == EVENT_SENT ? event->subflow->id : NO_SUBFLOW,
	    .extra = {range->end - range->start},
	};

	figure_draw(desk_figure(desk, HOL, event->side), &point);
}

/* A range that waited and need not any more. */
static void release(struct desk *desk, const struct event *event,
		    const struct stream_run *range)
{
	struct reorder *reorder = of_side(desk, event->side);
	nstime_t waited = nstime_span(range->time, event->time);

	reorder->expected = range->end;
	reorder->queued -= range->end - range->start;
	if (waited == NSTIME_NONE)
		return;
	/* Payload whose mapping was seen later is told late, with the time at
	 * which it came. */
	if (waited < 0)
		waited = 0;
	report_spread_add(&desk->report->data[event->side].blocked,
			  nstime_seconds(waited));
	if (desk->figures)
		draw_wait(desk, event, range, waited);
}

/* All below `upto` has come, so what follows is in order up to the next
 * hole. */
__attribute__((noinline)) static void
advance(struct desk *desk, const struct event *event, int64_t upto)
{
	struct reorder *reorder = of_side(desk, event->side);
	const struct stream *stream = &event->conn->half[event->side].stream;
	const struct stream_run *range = NULL;
	struct spans_place place;

	reorder->expected = upto;
	if (reorder->queued)
		range = stream_at(stream, upto, &place);
	while (range && range->on != ON_NOBODY) {
		release(desk, event, range);
		range = stream_next(stream, &place);
	}
	if (!range) /* there is no hole */
		reorder->queued = 0;
	queue_changed(desk, event);
}

/* The first data: what is below it is missing only where the connection's
 * first byte is known. */
static void begin(struct desk *desk, const struct event *event)
{
	struct reorder *reorder = of_side(desk, event->side);
	const struct conn_half *half = &event->conn->half[event->side];

	reorder->begun = true;
	reorder->since = event->time;
	reorder->expected = half->key_known ? 0 : event->u.piece->start;
	if (half->stream.acked > reorder->expected)
		reorder->expected = half->stream.acked;
}

__attribute__((noinline)) static void comes(struct desk *desk,
					    const struct event *event)
{
	struct reorder *reorder = of_side(desk, event->side);
	const struct stream *stream = &event->conn->half[event->side].stream;
	const struct piece *piece = event->u.piece;

	if (!reorder->begun)
		begin(desk, event);
	/* So much has come after a hole that the stream had to forget it: no
	 * receiver has it, only the capture. */
	if (reorder->queued && stream->floor > reorder->expected)
		advance(desk, event, stream->sent);
	if (piece->start > reorder->expected)
		enqueue(desk, event);
	else if (piece->end > reorder->expected)
		advance(desk, event, piece->end);
}

static void sent(struct desk *desk, const struct event *event)
{
	struct reorder *reorder = of_side(desk, event->side);
	const struct piece *piece = event->u.piece;

	if (piece->start == reorder->expected && in_order(reorder))
		reorder->expected = piece->end;
	else
		comes(desk, event);
}

/* The receiver has what the capture missed. Ranges are told one by one, since
 * the stream may forget them before it says what all is acknowledged. */
static void ranges_acked(struct desk *desk, const struct event *event)
{
	const struct reorder *reorder = of_side(desk, event->side);
	struct stream_walk walk;
	const struct stream_run *range;

	if (event->u.ranges->stream->acked <= reorder->expected)
		return;
	walk = *event->u.ranges;
	while ((range = stream_walk(&walk)))
		if (range->end > reorder->expected)
			release(desk, event, range);
}

static void acked(struct desk *desk, const struct event *event)
{
	struct reorder *reorder = of_side(desk, event->side);
	int64_t upto = event->u.acked.upto;

	if (upto < reorder->expected)
		upto = reorder->expected;
	if (in_order(reorder))
		reorder->expected = upto;
	else if (reorder->begun)
		advance(desk, event, upto);
}

static void shift(struct desk *desk, const struct event *event)
{
	struct reorder *reorder = of_side(desk, event->side);

	if (event->u.by != SHIFT_RESTART) {
		reorder->expected += event->u.by;
		return;
	}
	reorder->begun = false;
	reorder->queued = 0;
	queue_changed(desk, event);
}

/* No data of this side was seen. Is that all there was? */
static bool sends_nothing(const struct conn *conn, enum side side)
{
	return conn->accepted && conn->half[side].started &&
	       !conn_is_plain(conn) && !conn_bytes_acked(conn, side);
}

static void on_close(struct desk *desk, const struct event *event)
{
	struct event of_side_event = *event;

	for (int i = 0; i < 2; i++) {
		enum side side = (enum side)i;
		struct report_data *data = &desk->report->data[side];

		of_side_event.side = side;
		if (data->max_reorder_bytes)
			level_ends(desk, &of_side_event);
		else if (!of_side(desk, side)->begun &&
			 !sends_nothing(event->conn, side))
			data->max_reorder_bytes = REPORT_UNKNOWN;
	}
}

static const struct figure_kind reorder = {
    .name = "reorder",
    .help = "data ahead of its turn, and what waits",
    .title = "Reordering",
    .x_label = "Time",
    .y_label = "size",
    .caption = "Data that comes before its turn",
    .y_name = "waits, or is ahead",
    .unit = UNIT_BYTES,
    .standard = true,
    .columns =
	{
	    {"time", FIELD_X},
	    {"bytes", FIELD_Y},
	    {"kind", FIELD_SERIES},
	    {"subflow", FIELD_SUBFLOW},
	},
    .series =
	{
	    [AHEAD] = {"ahead", .form = FORM_DOTS},
	    [QUEUE] = {"queue", .form = FORM_STEPS, .ink = INK_WHOLE},
	},
};

static const struct figure_kind hol = {
    .name = "hol",
    .help = "how long data waits (head-of-line blocking)",
    .title = "Head-of-line blocking",
    .x_label = "Time",
    .y_label = "Wait (ms)",
    .caption = "How long data waits for what is missing",
    .y_name = "wait",
    .unit = UNIT_SPAN,
    .millionths = true,
    .columns =
	{
	    {"time", FIELD_X},
	    {"wait_ms", FIELD_Y},
	    {"bytes", FIELD_EXTRA},
	    {"subflow", FIELD_SUBFLOW},
	    {"blocked_by", FIELD_FROM},
	},
    .series = {{"waits", .form = FORM_DOTS}},
};

const struct analysis analysis_reorder = {
    .name = "reorder",
    .state_size = 2 * sizeof(struct reorder), /* by side */
    .reports = true,
    .figures = {[REORDER] = &reorder, [HOL] = &hol},
    .on =
	{
	    [EVENT_SENT] = sent,
	    [EVENT_RANGES] = ranges_acked,
	    [EVENT_ACKED] = acked,
	    [EVENT_SHIFT] = shift,
	    [EVENT_CLOSE] = on_close,
	},
};
