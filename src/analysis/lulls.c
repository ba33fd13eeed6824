/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When a subflow's data is sent, and when not: the last of each side, times in
 * which neither sends any, and payload that nobody acknowledges.
 */
#include "analysis/signals.h"

#include "base/alloc.h"

#include <inttypes.h>

int64_t unacked(const struct subflow *subflow, enum side side)
{
	const struct subflow_half *half = &subflow->half[side];
	const struct subflow_half *peer = &subflow->half[other_side(side)];

	/* Nothing is known where the capture has no packet of the peer. */
	if (!half->started || half->stream.sent < half->stream.acked ||
	    peer->packets == peer->rsts)
		return 0;
	return half->stream.sent - half->stream.acked;
}

struct lull *lull_of(struct signals *signals, int subflow)
{
	while (signals->n_lulls <= (size_t)subflow) {
		signals->lulls =
		    xgrow(signals->lulls, &signals->lulls_room,
			  signals->n_lulls + 1, sizeof(*signals->lulls));
		signals->lulls[signals->n_lulls++] = (struct lull){
		    .active = NSTIME_NONE,
		    .half = {{.since = NSTIME_NONE}, {.since = NSTIME_NONE}},
		};
	}
	return &signals->lulls[subflow];
}

static bool is_long(nstime_t span, nstime_t least)
{
	return span != NSTIME_NONE && span >= least;
}

/* `until`: how it ended. */
static void tell_idle(struct desk *desk, const struct lull *lull, int subflow,
		      const struct moment *now, const char *until)
{
	struct report_signal signal = signal_at(now, subflow, SIGNAL_IDLE);

	signal.span = nstime_span(lull->active, now->time);
	if (is_long(signal.span, IDLE_LEAST))
		report_signal(desk->report, &signal,
			      "no payload either way for %.3f s%s",
			      nstime_seconds(signal.span), until);
}

/* So many bytes of `side` waited. */
static void tell_stalled(struct desk *desk, const struct lull *lull,
			 int subflow, enum side side, int64_t bytes,
			 const struct moment *now, const char *until)
{
	struct report_signal signal = signal_at(now, subflow, SIGNAL_STALLED);

	signal.severity = WARNING;
	signal.side = side;
	signal.bytes = bytes;
	signal.span = nstime_span(lull->half[side].since, now->time);
	if (bytes > 0 && is_long(signal.span, STALLED_LEAST))
		report_signal(desk->report, &signal,
			      "%" PRId64
			      " byte%s unacknowledged, no ACK for %.3f s%s",
			      bytes, bytes == 1 ? "" : "s",
			      nstime_seconds(signal.span), until);
}

static struct moment moment_of(const struct event *event)
{
	return (struct moment){event->time, event->frame, event->side};
}

/* RFC 9293 section 3.8.4: an octet that was acknowledged before. */
static bool is_keepalive(const struct event *event)
{
	const struct segment *segment = event->segment;

	return segment->payload == 1 && !(segment->flags & TCP_SYN) &&
	       subflow_acked(event->subflow, event->side, segment->seq + 1);
}

static void payload(struct lull *lull, const struct event *event)
{
	if (!unacked(event->subflow, event->side))
		lull->half[event->side].since = event->time;
	lull->half[event->side].data = true;
	lull->half[event->side].last = moment_of(event);
}

void lull_segment(struct desk *desk, const struct event *event)
{
	const struct moment now = moment_of(event);
	const struct segment *segment = event->segment;
	bool brings = segment->payload && !is_keepalive(event);
	struct lull *lull = lull_of(desk->state, event->subflow->id);

	if (segment->flags & TCP_RST)
		return;
	if (brings)
		payload(lull, event);
	else if (segment->flags & TCP_SYN)
		return;
	if (!brings && !(segment->flags & TCP_FIN) &&
	    lull->active != NSTIME_NONE)
		return;
	tell_idle(desk, lull, event->subflow->id, &now, "");
	lull->active = event->time;
	lull->fin |= segment->flags & TCP_FIN;
}

void lull_acked(struct desk *desk, const struct event *event)
{
	const struct moment now = moment_of(event);
	const struct subflow *subflow = event->subflow;
	enum side side = event->side; /* whose data it is */
	const struct stream *stream = &subflow->half[side].stream;
	struct lull *lull = lull_of(desk->state, subflow->id);

	tell_stalled(desk, lull, subflow->id, side,
		     stream->sent - event->u.acked.before, &now, "");
	lull->half[side].since =
	    unacked(subflow, side) ? event->time : NSTIME_NONE;
}

/* Nothing goes on any more. */
static void lull_ends(struct desk *desk, const struct subflow *subflow,
		      const struct moment *now, const char *until)
{
	const struct lull *lull = lull_of(desk->state, subflow->id);

	if (!lull->fin)
		tell_idle(desk, lull, subflow->id, now, until);
	for (int side = 0; side < 2; side++)
		tell_stalled(desk, lull, subflow->id, (enum side)side,
			     unacked(subflow, (enum side)side), now, until);
}

void lull_reset(struct desk *desk, const struct event *event)
{
	const struct moment now = moment_of(event);

	lull_ends(desk, event->subflow, &now, ", until it was reset");
	lull_of(desk->state, event->subflow->id)->reset = true;
}

static void tell_last(struct desk *desk, const struct subflow *subflow,
		      enum side side)
{
	const struct lull *lull = lull_of(desk->state, subflow->id);
	const struct moment *last = &lull->half[side].last;
	struct report_signal signal =
	    signal_at(last, subflow->id, SIGNAL_LAST_DATA);

	if (!lull->half[side].data)
		return;
	signal.bytes = (int64_t)subflow->half[side].bytes;
	report_signal(desk->report, &signal, "%" PRId64 " byte%s in all",
		      signal.bytes, signal.bytes == 1 ? "" : "s");
}

void lulls_close(struct desk *desk, const struct conn *conn)
{
	struct signals *signals = desk->state;

	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];

		for (int side = 0; side < 2; side++)
			tell_last(desk, subflow, (enum side)side);
		if (!lull_of(signals, subflow->id)->reset)
			lull_ends(desk, subflow, &signals->last,
				  ", to the end");
	}
}

void lull_move(struct signals *to, int id, struct signals *from, int old,
	       bool turned)
{
	struct lull lull = *lull_of(from, old);
	struct lull *moved = lull_of(to, id);

	*moved = lull;
	for (int side = 0; side < 2; side++) {
		moved->half[side] = lull.half[side ^ turned];
		moved->half[side].last.side = (enum side)side;
	}
}
