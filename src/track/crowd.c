/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Of too many that are open at once, those go that have been silent for
 * longest, a part at a time: looking for them is not for each.
 */
#include "track/internal.h"

#include "base/alloc.h"

#include <stdlib.h>

#define CROWD_PART 16

void note_excess(struct tracker *tracker, enum tracker_limit limit)
{
	struct tracker_excess *excess = &tracker->counts.excess[limit];

	if (!excess->count++) {
		excess->frame = tracker->frame;
		excess->time = tracker->now;
	}
}

void subflow_count(struct tracker *tracker)
{
	if (++tracker->n_subflows > tracker->options.most[LIMIT_SUBFLOWS])
		tracker->next_due = NSTIME_NONE; /* at once */
}

static bool is_crowded(const struct due_list *list)
{
	return list->count > list->most;
}

/* Those that were half open when they came in, and no longer are. */
static void sort_out_answered(struct tracker *tracker)
{
	struct due *next;

	for (struct due *due = tracker->half_open.first; due; due = next) {
		next = due->next;
		if (conn_is_answered(conn_of(due)))
			due_move(tracker, &tracker->idle_conns, due,
				 idle_until(tracker));
	}
}

static int by_silence(nstime_t last, nstime_t other, uint64_t frame,
		      uint64_t other_frame)
{
	if (last != other)
		return last < other ? -1 : 1;
	return (frame > other_frame) - (frame < other_frame);
}

static int conns_by_silence(const void *a, const void *b)
{
	const struct conn *one = conn_of(*(struct due *const *)a);
	const struct conn *two = conn_of(*(struct due *const *)b);

	return by_silence(one->last, two->last, one->first_frame,
			  two->first_frame);
}

static int flows_by_silence(const void *a, const void *b)
{
	const struct flow *one = flow_of(*(struct due *const *)a);
	const struct flow *two = flow_of(*(struct due *const *)b);

	return by_silence(one->last, two->last, one->serial, two->serial);
}

static void conn_let_go(struct tracker *tracker, struct due *due)
{
	conn_of(due)->let_go = true;
	conn_close(tracker, conn_of(due));
}

static void flow_let_go(struct tracker *tracker, struct due *due)
{
	flow_free(tracker, flow_of(due));
}

/* Of the members of a list, in this order, the first go. */
static void thin_out(struct tracker *tracker, const struct due_list *list,
		     enum tracker_limit limit,
		     int (*order)(const void *, const void *),
		     void (*let_go)(struct tracker *, struct due *))
{
	size_t n = 0, many = list->count / CROWD_PART + 1;
	struct due **all;

	if (!list->first)
		return;
	all = xreallocarray(NULL, list->count, sizeof(struct due *));
	for (struct due *due = list->first; due; due = due->next)
		all[n++] = due;
	qsort(all, n, sizeof(struct due *), order);
	for (size_t i = 0; i < many && i < n; i++) {
		note_excess(tracker, limit);
		let_go(tracker, all[i]);
	}
	free(all);
}

static void thin_out_conns(struct tracker *tracker, struct due_list *list,
			   enum tracker_limit limit)
{
	thin_out(tracker, list, limit, conns_by_silence, conn_let_go);
}

/* Connections that have ended are the first to go. */
static void thin_out_subflows(struct tracker *tracker)
{
	sort_out_answered(tracker);
	if (tracker->over_conns.first)
		conn_close(tracker, conn_of(tracker->over_conns.first));
	else if (tracker->waiting_conns.first)
		conn_close(tracker, conn_of(tracker->waiting_conns.first));
	else if (tracker->idle_conns.first)
		thin_out_conns(tracker, &tracker->idle_conns, LIMIT_SUBFLOWS);
	else
		thin_out_conns(tracker, &tracker->half_open, LIMIT_SUBFLOWS);
}

/* If hardly any were answered, it would soon be crowded again. */
static void thin_out_half_open(struct tracker *tracker)
{
	struct due_list *list = &tracker->half_open;

	sort_out_answered(tracker);
	if (list->count > list->most - list->most / CROWD_PART)
		thin_out_conns(tracker, list, LIMIT_HALF_OPEN);
}

void end_crowds(struct tracker *tracker)
{
	if (is_crowded(&tracker->half_open))
		thin_out_half_open(tracker);
	if (is_crowded(&tracker->idle_conns))
		thin_out_conns(tracker, &tracker->idle_conns, LIMIT_CONNS);
	if (is_crowded(&tracker->idle_flows))
		thin_out(tracker, &tracker->idle_flows, LIMIT_FLOWS,
			 flows_by_silence, flow_let_go);
	while (tracker->n_subflows > tracker->options.most[LIMIT_SUBFLOWS] &&
	       tracker->n_conns)
		thin_out_subflows(tracker);
}
