/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Closed receive windows: the application does not read what has come. The
 * window is that of the connection, whichever subflow announces it (RFC 8684
 * section 3.3.4).
 */
#include "analysis/progress.h"

#include "base/alloc.h"

static void opens(struct closure *closure, nstime_t time, uint64_t frame)
{
	nstime_t span = nstime_span(closure->since, time);

	closure->since = NSTIME_NONE;
	closure->reopened = time;
	closure->reopened_frame = frame;
	if (span > closure->longest)
		closure->longest = span;
}

static struct closure *closure_of(struct progress *progress, enum side side)
{
	static const struct closure never = CLOSURE_NONE;

	if (!progress->closures) {
		progress->closures = xcalloc(2, sizeof(never));
		progress->closures[CLIENT] = progress->closures[SERVER] = never;
	}
	return &progress->closures[side];
}

void closed_segment(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;
	const struct segment *segment = event->segment;
	struct closure *closure;

	if (segment->window &&
	    progress_closure(progress, event->side)->since == NSTIME_NONE)
		return;
	if (segment->flags & (TCP_SYN | TCP_RST) || event->time == NSTIME_NONE)
		return;
	closure = closure_of(progress, event->side);
	if (segment->window) {
		opens(closure, event->time, event->frame);
	} else if (closure->since == NSTIME_NONE) {
		closure->since = event->time;
		if (!closure->times++) {
			closure->first = event->time;
			closure->frame = event->frame;
		}
	}
}

void closed_tell(struct progress *progress, const struct conn *conn,
		 struct report_conn *report)
{
	for (int side = 0; progress->closures && side < 2; side++) {
		struct closure *closure = &progress->closures[side];
		bool open = closure->since == NSTIME_NONE;

		if (!closure->times)
			continue;
		if (!open)
			opens(closure, conn->last, 0);
		if (closure->longest < CLOSED_WORTH)
			continue;
		report_finding(
		    report, closure->longest >= CLOSED_LONG ? WARNING : NOTE,
		    "zero-window", closure->frame, closure->first,
		    "the %s closed its receive window %u time%s, for %.3f s at "
		    "the longest%s: its application did not read",
		    side_word((enum side)side), closure->times,
		    closure->times == 1 ? "" : "s",
		    nstime_seconds(closure->longest),
		    open ? "" : " and to the end");
	}
}
