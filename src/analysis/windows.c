/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/windows.h"

#include "base/alloc.h"

#include <stdlib.h>

/* Both sides' windows lie alike, also if a packet from before comes later. */
static void begin(struct windows both[2], const struct event *event,
		  nstime_t interval)
{
	nstime_t first = event->conn->first;

	if (first == NSTIME_NONE || first > event->time)
		first = event->time;
	for (int side = 0; side < 2; side++)
		both[side] = (struct windows){
		    .first = first,
		    .interval = interval,
		    .from = first,
		    .until = first + interval,
		};
}

static void close_window(struct windows *windows, struct desk *desk,
			 enum side side, window_fn *draw)
{
	if (windows->n_active)
		draw(desk, side, windows);
	for (size_t i = 0; i < windows->n_active; i++) {
		struct lane *lane = &windows->lanes[windows->active[i]];

		for (int sum = 0; sum < WINDOW_SUMS; sum++) {
			if (lane->sums[sum])
				lane->until[sum] = windows->until;
			lane->sums[sum] = 0;
		}
		lane->active = false;
	}
	windows->n_active = 0;
}

void windows_move(struct windows both[2], struct desk *desk,
		  const struct event *event, window_fn *draw)
{
	struct windows *windows = &both[event->side];

	if (!windows->interval)
		begin(both, event, desk->options->interval);
	if (event->time < windows->until)
		return;
	close_window(windows, desk, event->side, draw);
	windows->from =
	    event->time - (event->time - windows->first) % windows->interval;
	windows->until = windows->from + windows->interval;
}

static struct lane *lane_of(struct windows *windows, int subflow)
{
	size_t index = (size_t)(subflow - NO_SUBFLOW);

	while (windows->n_lanes <= index) {
		struct lane lane = {
		    .subflow = (int)windows->n_lanes + NO_SUBFLOW,
		};

		for (int sum = 0; sum < WINDOW_SUMS; sum++)
			lane.until[sum] = NSTIME_NONE;
		windows->lanes = xgrow(windows->lanes, &windows->lanes_room,
				       windows->n_lanes + 1, sizeof(lane));
		windows->lanes[windows->n_lanes++] = lane;
	}
	return &windows->lanes[index];
}

struct lane *windows_activate(struct windows *windows, int subflow)
{
	struct lane *lane = lane_of(windows, subflow);

	if (lane->active)
		return lane;
	windows->active =
	    xgrow(windows->active, &windows->active_room, windows->n_active + 1,
		  sizeof(*windows->active));
	windows->active[windows->n_active++] = (size_t)(lane - windows->lanes);
	lane->active = true;
	return lane;
}

void windows_finish(struct windows both[2], struct desk *desk, window_fn *draw)
{
	for (int side = 0; side < 2; side++)
		close_window(&both[side], desk, (enum side)side, draw);
}

void windows_free(struct windows both[2])
{
	for (int side = 0; side < 2; side++) {
		free(both[side].lanes);
		free(both[side].active);
	}
}
