/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the segments of each subflow are like: how many of which kind and how
 * large, the windows they advertise, their SACKs, the longest silence. What
 * tcptrace says of a TCP connection, and by its definitions where they are
 * sound.
 */
#include "analysis/analysis.h"

#include "base/alloc.h"

#include <stdlib.h>

/* What the report has no place for, of one side of a subflow. */
struct half {
	nstime_t last; /* its newest packet, or NSTIME_NONE */
	nstime_t idle; /* longest, or NSTIME_NONE */
	int64_t windows, window_sum;
};

struct segments {
	struct half (*subflows)[2]; /* by id and side */
	size_t n_subflows, room;
};

static struct half *half_of(struct segments *segments, int id, enum side side)
{
	while (segments->n_subflows <= (size_t)id) {
		segments->subflows = xgrow(segments->subflows, &segments->room,
					   segments->n_subflows + 1,
					   sizeof(*segments->subflows));
		for (int i = 0; i < 2; i++)
			segments->subflows[segments->n_subflows][i] =
			    (struct half){NSTIME_NONE, NSTIME_NONE, 0, 0};
		segments->n_subflows++;
	}
	return &segments->subflows[id][side];
}

/* REPORT_UNKNOWN is less than any value. */
static void at_least(int64_t *most, int64_t value)
{
	if (value > *most)
		*most = value;
}

static void at_most(int64_t *least, int64_t value)
{
	if (value < *least || *least == REPORT_UNKNOWN)
		*least = value;
}

static void size(struct report_flow *flow, const struct segment *segment)
{
	flow->wire_bytes += segment->ip_bytes;
	if (segment->payload) {
		flow->data_packets++;
		flow->pushes += !!(segment->flags & TCP_PSH);
		at_most(&flow->segment_min, segment->payload);
		at_least(&flow->segment_max, segment->payload);
	} else if (!(segment->flags & (TCP_SYN | TCP_FIN | TCP_RST))) {
		flow->pure_acks++;
	}
	if (segment->flags & TCP_SYN && segment->mss)
		flow->mss = segment->mss;
}

/* RFC 2883 section 4: the first block is of what was received twice if it is
 * acknowledged already, or within the second one. */
static bool is_dsack(const struct segment *segment)
{
	const uint32_t(*sack)[2] = segment->sack;

	if ((int32_t)(segment->ack - sack[0][0]) > 0)
		return true;
	return segment->n_sack > 1 && (int32_t)(sack[0][0] - sack[1][0]) >= 0 &&
	       (int32_t)(sack[1][1] - sack[0][1]) >= 0;
}

static void sack(struct report_flow *flow, const struct segment *segment)
{
	if (!segment->n_sack)
		return;
	flow->sacks++;
	flow->dsacks += is_dsack(segment);
}

/* The window of a SYN is never scaled, and that of a reset means nothing. A
 * closed one needs no scale. */
static void window(struct report_flow *flow, struct half *half,
		   const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	int64_t octets;

	if (event->segment->flags & (TCP_SYN | TCP_RST))
		return;
	flow->zero_windows += !event->segment->window;
	if (!subflow->half[CLIENT].syn || !subflow->half[SERVER].syn)
		return;
	octets = subflow_window(subflow, event->side, event->segment);
	half->windows++;
	half->window_sum += octets;
	at_least(&flow->window_max, octets);
	if (octets)
		at_most(&flow->window_min, octets);
}

/* Between packets in order of time. */
static void idle(struct half *half, nstime_t time)
{
	nstime_t span = nstime_span(half->last, time);

	if (span < 0 && half->last != NSTIME_NONE)
		return;
	half->last = time;
	at_least(&half->idle, span);
}

static void arrives(struct desk *desk, const struct event *event)
{
	enum side side = event->side;
	int id = event->subflow->id;
	struct half *half = half_of(desk->state, id, side);
	struct report_flow *flow =
	    &report_subflow(desk->report, id)->flow[side];

	size(flow, event->segment);
	sack(flow, event->segment);
	window(flow, half, event);
	idle(half, event->time);
}

static void moved(struct desk *desk, struct desk *from,
		  const struct event *event)
{
	for (int i = 0; i < 2; i++) {
		enum side side = (enum side)i;
		enum side old =
		    event->u.origin.turned ? other_side(side) : side;

		*half_of(desk->state, event->subflow->id, side) =
		    *half_of(from->state, event->u.origin.id, old);
	}
}

static void on_close(struct desk *desk, const struct event *event)
{
	const struct segments *segments = desk->state;

	(void)event;
	for (size_t i = 0; i < segments->n_subflows; i++)
		for (int side = 0; side < 2; side++) {
			const struct half *half = &segments->subflows[i][side];
			struct report_flow *flow =
			    &report_subflow(desk->report, (int)i)->flow[side];

			if (half->windows)
				flow->window_mean = (double)half->window_sum /
						    (double)half->windows;
			flow->idle_max = nstime_seconds(half->idle);
		}
}

static void end(struct desk *desk)
{
	free(((struct segments *)desk->state)->subflows);
}

const struct analysis analysis_segments = {
    .name = "segments",
    .state_size = sizeof(struct segments),
    .reports = true,
    .on =
	{
	    [EVENT_SEGMENT] = arrives,
	    [EVENT_CLOSE] = on_close,
	},
    .moved = moved,
    .end = end,
};
