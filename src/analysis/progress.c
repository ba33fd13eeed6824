/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Findings about data that does not get through: subflows that stall, gaps
 * until another subflow takes over, backups that are used, closed windows.
 */
#include "analysis/progress.h"

#include "base/alloc.h"
#include "base/rare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for so many. */
static void waits_grow(struct progress *progress, size_t need)
{
	bool alone = progress->waits == &progress->alone;

	if (!progress->waits && need == 1) {
		progress->waits = &progress->alone;
		return;
	}
	progress->waits = xgrow(alone ? NULL : progress->waits, &progress->room,
				need, sizeof(*progress->waits));
	if (alone)
		memcpy(progress->waits, &progress->alone,
		       sizeof(progress->alone));
}

static void subflow_comes(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;
	size_t id = (size_t)event->subflow->id;

	if (id >= progress->n_waits)
		waits_grow(progress, id + 1);
	for (; progress->n_waits <= id; progress->n_waits++)
		for (int side = 0; side < 2; side++)
			progress->waits[progress->n_waits][side] =
			    (struct wait){0};
}

/* SYN to SYN/ACK, each sent once. */
static nstime_t handshake_rtt(const struct subflow *subflow)
{
	const struct subflow_half *joiner = &subflow->half[subflow->initiator];
	const struct subflow_half *responder =
	    &subflow->half[other_side(subflow->initiator)];
	nstime_t span = nstime_span(joiner->syn_time, responder->syn_time);

	return joiner->syns == 1 && responder->syns == 1 && span > 0 ? span : 0;
}

nstime_t progress_rtt(const struct report_conn *report, const struct conn *conn,
		      int id, enum side side)
{
	const struct report_spread *rtt;

	if (id < 0 || (size_t)id >= report->n_subflows ||
	    (size_t)id >= conn->n_subflows)
		return 0;
	rtt = &report->subflows[id].flow[side].rtt;
	return rtt->samples ? llround(report_spread_mean(rtt) * 1e9)
			    : handshake_rtt(conn->subflows[id]);
}

const struct closure *progress_closure(const struct progress *progress,
				       enum side side)
{
	static const struct closure never = CLOSURE_NONE;

	return progress->closures ? &progress->closures[side] : &never;
}

nstime_t progress_since(const struct progress *progress, enum side sender,
			nstime_t since)
{
	nstime_t reopened =
	    progress_closure(progress, other_side(sender))->reopened;

	return reopened != NSTIME_NONE && reopened > since ? reopened : since;
}

/* What has no time is no measure, here and below. */
static void payload_resent(struct desk *desk, const struct event *event)
{
	const struct piece *piece = event->u.piece;
	const struct subflow_half *half = &event->subflow->half[event->side];

	if (event->time != NSTIME_NONE && piece->how == SENT_AGAIN &&
	    half->waits_since != NSTIME_NONE)
		progress_wait(desk->state, event->subflow->id, event->side)
		    ->again += piece->end > half->stream.acked;
}

/* The wait is over, one way or the other, after payload was sent again. Where
 * the capture has no packet of the peer, it has not its ACKs either. */
RARE static void wait_ends(struct progress *progress,
			   const struct subflow *subflow, enum side side,
			   const struct report_conn *report, nstime_t time,
			   bool recovered)
{
	struct wait *wait = progress_wait(progress, subflow->id, side);
	const struct subflow_half *half = &subflow->half[side];
	const struct subflow_half *peer = &subflow->half[other_side(side)];
	nstime_t since = progress_since(progress, side, half->waits_since);
	nstime_t span = nstime_span(since, time);

	if (half->waits_since == NSTIME_NONE || span < STALL_LEAST ||
	    span / STALL_RTTS <
		progress_rtt(report, subflow->conn, subflow->id, side) ||
	    progress_closure(progress, other_side(side))->since !=
		NSTIME_NONE ||
	    peer->packets <= peer->rsts)
		return;
	wait->stalls++;
	if (span <= wait->longest)
		return;
	wait->longest = span;
	wait->began = since;
	wait->longest_frame =
	    since == half->waits_since
		? half->waits_frame
		: progress_closure(progress, other_side(side))->reopened_frame;
	wait->longest_again = wait->again;
	wait->recovered = recovered;
}

static void payload_acked(struct desk *desk, const struct event *event)
{
	struct wait *wait =
	    progress_wait(desk->state, event->subflow->id, event->side);

	if (!wait->again || event->time == NSTIME_NONE)
		return;
	wait_ends(desk->state, event->subflow, event->side, desk->report,
		  event->time, true);
	wait->again = 0;
}

/* What waits now will wait for ever. */
static void waits_end(struct desk *desk, const struct subflow *subflow,
		      nstime_t time)
{
	struct progress *progress = desk->state;

	for (int side = 0; side < 2; side++) {
		struct wait *wait =
		    progress_wait(progress, subflow->id, (enum side)side);

		if (!wait->over && wait->again)
			wait_ends(progress, subflow, (enum side)side,
				  desk->report, time, false);
		wait->over = true;
	}
}

static void tell_stall(struct report_conn *report, const struct wait *wait,
		       int id, enum side side)
{
	char times[48] = "";

	if (wait->stalls > 1)
		snprintf(times, sizeof(times), ", the longest of %u such waits",
			 wait->stalls);
	report_finding(report, WARNING, "subflow-stalled", wait->longest_frame,
		       wait->began,
		       "what the %s sent on subflow %d was not acknowledged "
		       "for %.3f s, though sent again in %u packet%s%s%s",
		       side_word(side), id, nstime_seconds(wait->longest),
		       wait->longest_again, wait->longest_again == 1 ? "" : "s",
		       times, wait->recovered ? "" : "; it did not recover");
}

static void on_close(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;
	const struct conn *conn = event->conn;

	for (size_t i = 0; i < conn->n_subflows; i++)
		waits_end(desk, conn->subflows[i], conn->last);
	for (size_t i = 0; i < progress->n_waits; i++)
		for (int side = 0; side < 2; side++)
			if (progress->waits[i][side].stalls)
				tell_stall(desk->report,
					   &progress->waits[i][side], (int)i,
					   (enum side)side);
	backup_tell(progress, conn, desk->report);
	closed_tell(progress, conn, desk->report);
}

static void on_open(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;

	(void)event;
	for (int side = 0; side < 2; side++) {
		progress->gaps[side] = (struct gap){NSTIME_NONE, -1, -1, -1};
		progress->suspicions[side].time = NSTIME_NONE;
		progress->suspicions[side].next = NSTIME_NONE;
		progress->suspicions[side].grace = NSTIME_NONE;
	}
}

/* On a backup, or after one was used. */
__attribute__((noinline)) static void backup_looks(struct progress *progress,
						   const struct event *event)
{
	if (progress_is_backup(event->subflow))
		backup_sent(progress, event);
	else
		backup_regular_sent(&progress->suspicions[event->side], event);
	handover_sent(progress, event);
}

static void data_sent(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;

	if (event->time == NSTIME_NONE)
		return;
	if (progress_is_backup(event->subflow) ||
	    progress->suspicions[event->side].time != NSTIME_NONE)
		backup_looks(progress, event);
	else
		handover_sent(progress, event);
}

static void shift(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;

	if (event->time != NSTIME_NONE)
		progress->gaps[event->side].since = NSTIME_NONE;
}

/* It is on its way: nothing is suspicious meanwhile. */
static void priority(struct desk *desk, const struct event *event)
{
	struct progress *progress = desk->state;

	for (int side = 0; side < 2 && event->time != NSTIME_NONE; side++)
		progress->suspicions[side].next =
		    progress->suspicions[side].grace =
			event->time + BACKUP_GRACE;
}

static void subflow_ends(struct desk *desk, const struct event *event)
{
	if (event->time != NSTIME_NONE)
		waits_end(desk, event->subflow, event->time);
}

static void end(struct desk *desk)
{
	struct progress *progress = desk->state;

	if (progress->waits != &progress->alone)
		free(progress->waits);
	free(progress->closures);
}

const struct analysis analysis_progress = {
    .name = "progress",
    .state_size = sizeof(struct progress),
    .reports = true,
    .on =
	{
	    [EVENT_OPEN] = on_open,
	    [EVENT_SUBFLOW] = subflow_comes,
	    [EVENT_NOTABLE] = closed_segment,
	    [EVENT_TCP_RESENT] = payload_resent,
	    [EVENT_SENT] = data_sent,
	    [EVENT_SENT_AGAIN] = data_sent,
	    [EVENT_TCP_ACKED] = payload_acked,
	    [EVENT_ACKED] = handover_acked,
	    [EVENT_SHIFT] = shift,
	    [EVENT_PRIORITY] = priority,
	    [EVENT_SUBFLOW_END] = subflow_ends,
	    [EVENT_CLOSE] = on_close,
	},
    .end = end,
};
