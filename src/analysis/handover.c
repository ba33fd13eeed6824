/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data waits too long until another subflow carries it.
 */
#include "analysis/progress.h"

#include "base/rare.h"

/* Is it what the receiver waits for, and from another subflow than before?
 * Where the first copy was never seen, the one that had carried all until then
 * is taken for the one that lost it, unless the payload is TCP's own second
 * try. */
static void look_for_rescue(struct gap *gap, const struct event *event)
{
	const struct piece *piece = event->u.piece;
	const struct subflow_half *half = &event->subflow->half[event->side];
	int from = gap->last_on, on = event->subflow->id;

	if (piece->how == SENT_REINJECTED)
		from = piece->first_on;
	else if (piece->how != SENT_LATE || half->how != SENT_NEW)
		return;
	if (gap->rescuer >= 0 || from < 0 || from == on)
		return;
	gap->from = from;
	gap->rescuer = on;
}

void handover_sent(struct progress *progress, const struct event *event)
{
	const struct piece *piece = event->u.piece;
	struct gap *gap = &progress->gaps[event->side];
	int64_t acked = event->conn->half[event->side].stream.acked;

	if (piece->end <= acked)
		return;
	if (gap->since == NSTIME_NONE)
		gap->since = event->time;
	if (piece->start > acked)
		return;
	look_for_rescue(gap, event);
	if (piece->how == SENT_NEW)
		gap->last_on = event->subflow->id;
}

static nstime_t longer(nstime_t a, nstime_t b)
{
	return a > b ? a : b;
}

/* Another subflow brought what was waited for. */
RARE static void tell_rescue(struct desk *desk, const struct event *event,
			     const struct gap *gap)
{
	const struct conn *conn = event->conn;
	enum side side = event->side;
	nstime_t since = progress_since(desk->state, side, gap->since);
	nstime_t span = event->time - since;
	nstime_t rtt =
	    longer(progress_rtt(desk->report, conn, gap->from, side),
		   progress_rtt(desk->report, conn, gap->rescuer, side));

	if (span > HANDOVER_LEAST && span / HANDOVER_RTTS > rtt)
		report_finding(desk->report, WARNING, "handover-gap",
			       event->frame, event->time,
			       "the %s's data was not acknowledged for %.3f s, "
			       "until subflow %d carried on for subflow %d",
			       side_word(side), nstime_seconds(span),
			       gap->rescuer, gap->from);
}

void handover_acked(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;
	struct gap *gap = &progress->gaps[event->side];
	const struct stream *stream = &event->conn->half[event->side].stream;

	if (event->time == NSTIME_NONE)
		return;
	if (gap->rescuer >= 0 && gap->since != NSTIME_NONE)
		tell_rescue(desk, event, gap);
	gap->since =
	    stream->sent > event->u.acked.upto ? event->time : NSTIME_NONE;
	gap->rescuer = -1;
}
