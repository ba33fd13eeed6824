/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which subflow the scheduler used: bursts, which are data packets in a row on
 * the same subflow, and each subflow's share of the new data over windows of
 * time (--interval). What TCP sends again is not the scheduler's doing; what is
 * reinjected is, but no new data.
 */
#include "analysis/analysis.h"

#include "analysis/windows.h"
#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

enum { BURSTS, SHARE };
enum { FRESH }; /* the windows' sum: bytes of new data */

#define WHOLE 100e6 /* 100 %, in millionths */

struct burst { /* the one at hand; packets 0: none */
	int subflow;
	nstime_t first, last;
	int64_t packets, bytes;
	uint64_t frame; /* that counted last as a packet */
};

struct scheduler {
	struct burst burst[2];	 /* by side */
	struct windows *windows; /* [2]; NULL: nothing is drawn of them yet */
};

static void draw_burst(const struct desk *desk, enum side side,
		       const struct burst *burst)
{
	const struct point point = {
	    .mark = MARK_SEGMENT,
	    .x = burst->first,
	    .y = burst->subflow,
	    .x2 = burst->last,
	    .y2 = burst->subflow,
	    .subflow = burst->subflow,
	    .from = NO_SUBFLOW,
	    .extra = {burst->packets, burst->bytes},
	};

	if (burst->packets)
		figure_draw(desk_figure(desk, BURSTS, side), &point);
}

static nstime_t later(nstime_t one, nstime_t two)
{
	return one > two ? one : two;
}

/* Where its first packet has waited for its mapping, or time turns back, it
 * begins with the end of the one before. */
__attribute__((noinline)) static void
burst_begins(struct desk *desk, const struct event *event, struct burst *burst)
{
	struct report_data *data = &desk->report->data[event->side];
	nstime_t before = data->bursts ? burst->last : NSTIME_NONE;

	draw_burst(desk, event->side, burst);
	data->bursts++;
	data->switches = data->bursts - 1;
	*burst = (struct burst){
	    .subflow = event->subflow->id,
	    .first = later(event->time, before),
	    .last = later(event->time, before),
	    .packets = 1,
	    .frame = event->frame,
	    .bytes = event->u.piece->end - event->u.piece->start,
	};
}

static void sent(struct desk *desk, const struct event *event)
{
	struct scheduler *scheduler = desk->state;
	struct burst *burst = &scheduler->burst[event->side];
	const struct piece *piece = event->u.piece;

	if (piece->how == SENT_AGAIN)
		return;
	if (!burst->packets || burst->subflow != event->subflow->id) {
		burst_begins(desk, event, burst);
		return;
	}
	burst->last = later(burst->last, event->time);
	burst->packets += burst->frame != event->frame;
	burst->frame = event->frame;
	burst->bytes += piece->end - piece->start;
}

/* Each share ends where the next begins, so that all make up the whole. */
static void draw_shares(struct desk *desk, enum side side,
			const struct windows *windows)
{
	double total = 0;
	int64_t bytes = 0, before = 0;

	for (size_t i = 0; i < windows->n_active; i++)
		total += (double)windows_lane(windows, i)->sums[FRESH];
	for (size_t i = 0; i < windows->n_active; i++) {
		const struct lane *lane = windows_lane(windows, i);
		int64_t upto, share;

		bytes += lane->sums[FRESH];
		upto = llround(WHOLE * (double)bytes / total);
		share = upto - before;
		before = upto;
		figure_draw(desk_figure(desk, SHARE, side),
			    &(const struct point){
				.mark = MARK_SEGMENT,
				.x = windows->from,
				.y = share,
				.x2 = windows->until,
				.y2 = share,
				.subflow = lane->subflow,
				.from = NO_SUBFLOW,
			    });
	}
}

static void share_sent(struct desk *desk, const struct event *event)
{
	struct scheduler *scheduler = desk->state;
	const struct piece *piece = event->u.piece;
	struct windows *both = scheduler->windows;

	if (!desk_figure(desk, SHARE, event->side) ||
	    event->time == NSTIME_NONE)
		return;
	if (!both)
		both = scheduler->windows = xcalloc(2, sizeof(*both));
	windows_add(windows_reach(both, desk, event, draw_shares),
		    event->subflow->id, FRESH, piece->end - piece->start);
}

static void on_close(struct desk *desk, const struct event *event)
{
	struct scheduler *scheduler = desk->state;

	(void)event;
	for (int side = 0; side < 2; side++)
		draw_burst(desk, (enum side)side, &scheduler->burst[side]);
	if (scheduler->windows)
		windows_finish(scheduler->windows, desk, draw_shares);
}

static void end(struct desk *desk)
{
	struct scheduler *scheduler = desk->state;

	if (scheduler->windows)
		windows_free(scheduler->windows);
	free(scheduler->windows);
}

static const struct figure_kind scheduler = {
    .name = "scheduler",
    .help = "which subflow was used when: bursts of data packets",
    .title = "Bursts",
    .x_label = "Time",
    .y_label = "Subflow",
    .caption = "Which subflow was used",
    .y_name = "subflow",
    .unit = UNIT_SUBFLOW,
    .standard = true,
    .columns =
	{
	    {"time", FIELD_X},
	    {"until", FIELD_X2},
	    {"subflow", FIELD_Y},
	    {"packets", FIELD_EXTRA},
	    {"bytes", FIELD_EXTRA1},
	},
    .series = {{"bursts", .form = FORM_SPANS}},
};

static const struct figure_kind share = {
    .name = "share",
    .help = "subflows' shares of new data, by --interval",
    .title = "Share of new data",
    .x_label = "Time",
    .y_label = "%",
    .caption = "Subflows' shares of new data",
    .y_name = "share",
    .unit = UNIT_PERCENT,
    .millionths = true,
    .columns =
	{
	    {"time", FIELD_X},
	    {"until", FIELD_X2},
	    {"percent", FIELD_Y},
	    {"subflow", FIELD_SUBFLOW},
	},
    .series = {{"share", .form = FORM_STEPS}},
};

const struct analysis analysis_scheduler = {
    .name = "scheduler",
    .state_size = sizeof(struct scheduler),
    .reports = true,
    .figures = {[BURSTS] = &scheduler, [SHARE] = &share},
    .on =
	{
	    [EVENT_SENT] = sent,
	    [EVENT_SENT_AGAIN] = sent,
	    [EVENT_CLOSE] = on_close,
	},
    .figure_on = {[EVENT_SENT] = share_sent},
    .end = end,
};
