/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the segments of each subflow are like: how many of which kind and how
 * large, the windows they advertise, their SACKs, the longest silence. What
 * tcptrace says of a TCP connection, and by its definitions where they are
 * sound.
 */
#include "analysis/analysis.h"

/* No value is negative; REPORT_UNKNOWN is, so it is less than any, ... */
static void at_least(int64_t *most, int64_t value)
{
	if (value > *most)
		*most = value;
}

/* ... and more where it has no sign. */
static void at_most(int64_t *least, int64_t value)
{
	if ((uint64_t)value < (uint64_t)*least)
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
	flow->sacks++;
	flow->dsacks += is_dsack(segment);
}

/* The window of a SYN is never scaled, and that of a reset means nothing. A
 * closed one needs no scale. */
static void window(struct report_flow *flow, const struct event *event)
{
	const struct segment *segment = event->segment;
	int shift = event->subflow->half[event->side].window_shift;
	int64_t octets;

	if (segment->flags & (TCP_SYN | TCP_RST))
		return;
	flow->zero_windows += !segment->window;
	if (shift < 0)
		return;
	octets = (int64_t)segment->window << shift;
	flow->windows++;
	flow->window_sum += octets;
	at_least(&flow->window_max, octets);
	if (octets)
		at_most(&flow->window_min, octets);
}

/* Between packets in order of time. NSTIME_NONE is before all. */
static void idle(struct report_flow *flow, nstime_t time)
{
	if (time < flow->newest)
		return;
	if (flow->newest != NSTIME_NONE)
		at_least(&flow->idle_max, time - flow->newest);
	flow->newest = time;
}

static void arrives(struct desk *desk, const struct event *event)
{
	struct report_flow *flow =
	    report_flow(desk->report, event->subflow->id, event->side);

	size(flow, event->segment);
	if (event->segment->n_sack)
		sack(flow, event->segment);
	window(flow, event);
	idle(flow, event->time);
}

const struct analysis analysis_segments = {
    .name = "segments",
    .reports = true,
    .on = {[EVENT_SEGMENT] = arrives},
};
