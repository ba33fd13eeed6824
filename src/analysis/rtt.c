/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Round trips as the capture sees them: from a segment to the TCP ACK that
 * first covers it, on each subflow; from a data byte to its DATA_ACK, which
 * also has the receiver's queue in it and is another thing. Nothing that was
 * sent more than once gives a sample (Karn).
 */
#include "analysis/analysis.h"

static void on_event(void *state, const struct event *event,
		     struct report_conn *report)
{
	struct report_spread *spread;
	enum side side = event->side;

	(void)state;
	if (event->kind != EVENT_ACKED || event->u.acked.rtt == NSTIME_NONE ||
	    event->u.acked.rtt < 0)
		return;
	if (event->level == LEVEL_DATA)
		spread = &report->data[side].data_ack_rtt;
	else
		spread =
		    &report_subflow(report, event->subflow->id)->flow[side].rtt;
	report_spread_add(spread, nstime_seconds(event->u.acked.rtt));
}

const struct analysis analysis_rtt = {
    .name = "rtt",
    .help = "round-trip times of subflows, delays of DATA_ACKs",
    .events = 1u << EVENT_ACKED,
    .on_event = on_event,
};
