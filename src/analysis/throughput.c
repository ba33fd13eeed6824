/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Throughput over windows of time (--interval), of each subflow and in total:
 * what goes over the wire, what of it is data that was not sent before, and
 * what DATA_ACKs acknowledge.
 */
#include "analysis/analysis.h"

#include "analysis/windows.h"
#include "base/alloc.h"

#include <stdlib.h>

enum { WIRE, GOODPUT, ACKED, SERIES };

/* Rows from before the figures were begun: those of SYNs that were sent more
 * than once. Of a connection that never uses MPTCP there are no figures, and no
 * more rows are kept. */
#define EARLY_MAX 64

struct row {
	nstime_t from, until;
	int64_t rate; /* bit/s */
	enum side side;
	int series, subflow;
};

struct throughput {
	struct windows windows[2]; /* by side; sums: bytes, by series */
	int64_t acked[2];	   /* data bytes that were counted as such */
	struct row *early;
	size_t n_early, early_room;
};

static void draw_row(const struct desk *desk, const struct row *row)
{
	const struct point point = {
	    .mark = MARK_SEGMENT,
	    .series = row->series,
	    .x = row->from,
	    .y = row->rate,
	    .x2 = row->until,
	    .y2 = row->rate,
	    .subflow = row->subflow,
	    .from = NO_SUBFLOW,
	};

	figure_draw(desk_figure(desk, 0, row->side), &point);
}

static void keep_row(struct throughput *throughput, const struct row *row)
{
	if (throughput->n_early == EARLY_MAX)
		return;
	throughput->early =
	    xgrow(throughput->early, &throughput->early_room,
		  throughput->n_early + 1, sizeof(*throughput->early));
	throughput->early[throughput->n_early++] = *row;
}

static void draw_early(struct desk *desk)
{
	struct throughput *throughput = desk->state;

	for (size_t i = 0; i < throughput->n_early; i++)
		draw_row(desk, &throughput->early[i]);
	throughput->n_early = 0;
}

/* The pause before the window, or the rate in it. */
static void draw_sum(struct desk *desk, enum side side,
		     const struct windows *windows, const struct lane *lane,
		     int series, bool pause)
{
	int64_t bytes = lane->sums[series];
	const struct row row = {
	    .from = pause ? lane->until[series] : windows->from,
	    .until = pause ? windows->from : windows->until,
	    .rate = pause ? 0 : rate_of(bytes, windows->interval, 8),
	    .side = side,
	    .series = series,
	    .subflow = lane->subflow,
	};

	if (!bytes || row.from == NSTIME_NONE || row.from == row.until)
		return;
	if (desk->figures)
		draw_row(desk, &row);
	else
		keep_row(desk->state, &row);
}

/* Pauses first: so rows come in the order in which they end. */
static void draw_window(struct desk *desk, enum side side,
			const struct windows *windows)
{
	for (int pause = 1; pause >= 0; pause--)
		for (size_t i = 0; i < windows->n_active; i++)
			for (int series = 0; series < SERIES; series++)
				draw_sum(desk, side, windows,
					 windows_lane(windows, i), series,
					 pause);
}

/* The windows of the event's side, at its time. */
static struct windows *reach(struct desk *desk, const struct event *event)
{
	struct throughput *throughput = desk->state;

	return windows_reach(throughput->windows, desk, event, draw_window);
}

/* On the event's subflow, and in total. */
static void count(struct desk *desk, const struct event *event, int series,
		  int64_t bytes)
{
	struct windows *windows = reach(desk, event);

	windows_add(windows, NO_SUBFLOW, series, bytes);
	windows_add(windows, event->subflow->id, series, bytes);
}

/* All DATA_ACKs so far, less what was counted. Where that was too much (what
 * was taken for data is a DATA_FIN, or not of this connection) the window at
 * hand gives back what it can, and those to come the rest: no rate is below 0.
 */
static void count_acked(struct desk *desk, const struct event *event)
{
	struct throughput *throughput = desk->state;
	int64_t *acked = &throughput->acked[event->side];
	int64_t by = conn_bytes_acked(event->conn, event->side) - *acked;
	struct windows *windows;
	int64_t sum;

	if (!by || event->time == NSTIME_NONE)
		return;
	windows = reach(desk, event);
	sum = windows_add(windows, NO_SUBFLOW, ACKED, by);
	if (sum < 0) {
		windows_add(windows, NO_SUBFLOW, ACKED, -sum);
		by -= sum;
	}
	*acked += by;
}

static void sent(struct desk *desk, const struct event *event)
{
	const struct piece *piece = event->u.piece;

	if (event->time != NSTIME_NONE)
		count(desk, event, GOODPUT, piece->end - piece->start);
}

/* At no time there is no rate. */
static void arrives(struct desk *desk, const struct event *event)
{
	if (event->time != NSTIME_NONE)
		count(desk, event, WIRE, event->segment->ip_bytes);
}

static void on_close(struct desk *desk, const struct event *event)
{
	struct throughput *throughput = desk->state;

	(void)event;
	windows_finish(throughput->windows, desk, draw_window);
}

/* What a subflow has sent where it was before counts now, as all that is told
 * late. */
static void moved(struct desk *desk, struct desk *from,
		  const struct event *event)
{
	const struct report_subflow *subflow =
	    report_subflow(desk->report, event->subflow->id);
	struct event of_side = *event;

	(void)from;
	for (int side = 0; side < 2 && event->time != NSTIME_NONE; side++) {
		of_side.side = (enum side)side;
		if (subflow->flow[side].wire_bytes)
			count(desk, &of_side, WIRE,
			      subflow->flow[side].wire_bytes);
	}
}

static void end(struct desk *desk)
{
	struct throughput *throughput = desk->state;

	windows_free(throughput->windows);
	free(throughput->early);
}

static const struct figure_kind throughput = {
    .name = "throughput",
    .help = "wire throughput, goodput, by --interval",
    .title = "Throughput",
    .x_label = "Time",
    .y_label = "Mbit/s",
    .caption = "Throughput: on the wire by subflow; goodput, acknowledged",
    .y_name = "rate",
    .unit = UNIT_BITRATE,
    .standard = true,
    .millionths = true,
    .columns =
	{
	    {"time", FIELD_X},
	    {"until", FIELD_X2},
	    {"mbit_per_s", FIELD_Y},
	    {"kind", FIELD_SERIES},
	    {"subflow", FIELD_SUBFLOW},
	},
    .series =
	{
	    [WIRE] = {"wire", .form = FORM_STEPS, .extent = OF_SUBFLOWS},
	    [GOODPUT] = {"goodput", .form = FORM_STEPS, .ink = INK_WHOLE,
			 .extent = OF_WHOLE},
	    [ACKED] = {"acked", .colour = 7, .form = FORM_STEPS,
		       .ink = INK_WINDOW, .unscaled = true},
	},
};

const struct analysis analysis_throughput = {
    .name = "throughput",
    .state_size = sizeof(struct throughput),
    .figures = {&throughput},
    .on =
	{
	    [EVENT_SEGMENT] = arrives,
	    [EVENT_SENT] = sent,
	    [EVENT_ACKED] = count_acked,
	    [EVENT_SHIFT] = count_acked,
	    [EVENT_DATA_FIN] = count_acked,
	    [EVENT_CLOSE] = on_close,
	},
    .begun = draw_early,
    .moved = moved,
    .end = end,
};
