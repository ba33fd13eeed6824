/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data waits too long until another subflow carries it.
 */
#include "analysis/progress.h"

/* Is it what the receiver waits for, and from another subflow than before?
 * Where the first copy was never seen, the one that had carried all until then
 * is taken for the one that lost it, unless the payload is TCP's own second
 * try. */
static void look_for_rescue(struct gap *gap, const struct event *event)
{
	const struct piece *piece = event->u.piece;
	int from = gap->last_on, on = event->subflow->id;

	if (piece->how == SENT_REINJECTED)
		from = piece->first_on;
	else if (piece->how != SENT_LATE || gap->how != SENT_NEW)
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

void handover_acked(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;
	struct report_conn *report = desk->report;
	enum side side = event->side;
	struct gap *gap = &progress->gaps[side];
	const struct stream *stream = &event->conn->half[side].stream;
	nstime_t since = progress_since(progress, side, gap->since);
	nstime_t span = nstime_span(since, event->time);
	nstime_t rtt =
	    longer(progress_rtt(report, event->conn, gap->from, side),
		   progress_rtt(report, event->conn, gap->rescuer, side));

	if (event->time == NSTIME_NONE)
		return;
	if (gap->since != NSTIME_NONE && gap->rescuer >= 0 &&
	    span > HANDOVER_LEAST && span / HANDOVER_RTTS > rtt)
		report_finding(report, WARNING, "handover-gap", event->frame,
			       event->time,
			       "the %s's data was not acknowledged for %.3f s, "
			       "until subflow %d carried on for subflow %d",
			       side_word(side), nstime_seconds(span),
			       gap->rescuer, gap->from);
	gap->since =
	    stream->sent > event->u.acked.upto ? event->time : NSTIME_NONE;
	gap->rescuer = -1;
}
