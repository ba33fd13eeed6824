/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sums over windows of time, aligned to the connection's start: of the
 * connection as a whole and of each of its subflows, one struct windows a side.
 * A packet costs the same however many subflows there are, and a window what
 * is active in it.
 *
 * Time does not turn back: what is from before the window at hand counts in
 * it, so that nothing is lost.
 */
#ifndef ANALYSIS_WINDOWS_H
#define ANALYSIS_WINDOWS_H

#include "analysis/analysis.h"

#define WINDOW_SUMS 3 /* what they are is the analysis' own */

struct lane {			   /* a subflow, or the connection as a whole */
	int subflow;		   /* id, or NO_SUBFLOW */
	bool active;		   /* it is in the list */
	int64_t sums[WINDOW_SUMS]; /* of the window at hand */
	nstime_t until[WINDOW_SUMS]; /* end of the last window before in which
				      * there was something, or NSTIME_NONE */
};

struct windows {
	nstime_t first, interval; /* interval 0: not begun */
	nstime_t from, until;	  /* the window at hand */
	struct lane *lanes;	  /* by subflow id + 1; the whole is 0 */
	size_t n_lanes, lanes_room;
	size_t *active; /* lanes of the window at hand, by index */
	size_t n_active, active_room;
};

/* Draws the window at hand, in which something is active. */
typedef void window_fn(struct desk *desk, enum side side,
		       const struct windows *windows);

/* What is not done for most packets: the window moves, or is the first. */
void windows_move(struct windows both[2], struct desk *desk,
		  const struct event *event, window_fn *draw);
/* ... a lane becomes active, and perhaps is new. */
struct lane *windows_activate(struct windows *windows, int subflow);

/* The window of the event's side goes to where the event is, and is drawn
 * before it moves. The event's time is known; `both` are zeroed at first.
 * Returns the side's. */
static inline struct windows *windows_reach(struct windows both[2],
					    struct desk *desk,
					    const struct event *event,
					    window_fn *draw)
{
	struct windows *windows = &both[event->side];

	if (!windows->interval || event->time >= windows->until)
		windows_move(both, desk, event, draw);
	return windows;
}

/* Adds to a sum of a subflow, or of NO_SUBFLOW; returns it. */
static inline int64_t windows_add(struct windows *windows, int subflow, int sum,
				  int64_t by)
{
	size_t index = (size_t)(subflow - NO_SUBFLOW);
	struct lane *lane;

	if (index < windows->n_lanes && windows->lanes[index].active)
		lane = &windows->lanes[index];
	else
		lane = windows_activate(windows, subflow);
	return lane->sums[sum] += by;
}

/* The n-th of the active lanes, n < n_active. */
static inline const struct lane *windows_lane(const struct windows *windows,
					      size_t n)
{
	return &windows->lanes[windows->active[n]];
}

/* Draws the last windows. */
void windows_finish(struct windows both[2], struct desk *desk, window_fn *draw);

void windows_free(struct windows both[2]); /* their memory, not themselves */

#endif
