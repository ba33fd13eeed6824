/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Round trips of each subflow as the capture sees them: from a segment to the
 * TCP ACK that first covers it, nothing that was sent more than once counts
 * (Karn); and from SYN to SYN/ACK. Beside them the DATA_ACK delay, which has
 * the receiver's queue in it and is another thing.
 */
#include "analysis/analysis.h"

enum { SUBFLOW, HANDSHAKE, DATA_ACK_DELAY };

/* The handshake may be over before it is known that it is one of MPTCP, and
 * the figures begin. */
struct rtt {
	bool early;
	enum side side;
	struct point point;
};

__attribute__((noinline)) static void draw(struct desk *desk,
					   const struct event *event,
					   int series, int subflow,
					   nstime_t span)
{
	const struct point point = {
	    .mark = MARK_DOT,
	    .series = series,
	    .x = event->time,
	    .y = span,
	    .subflow = subflow,
	    .from = NO_SUBFLOW,
	};

	if (!desk->figures && series == HANDSHAKE)
		*(struct rtt *)desk->state =
		    (struct rtt){true, event->side, point};
	figure_draw(desk_figure(desk, 0, event->side), &point);
}

static void draw_early(struct desk *desk)
{
	const struct rtt *rtt = desk->state;

	if (rtt->early)
		figure_draw(desk_figure(desk, 0, rtt->side), &rtt->point);
}

static void acked(struct desk *desk, const struct event *event)
{
	nstime_t rtt = event->u.acked.rtt;
	int id = event->subflow->id;

	if (rtt < 0)
		return;
	report_spread_add(&report_flow(desk->report, id, event->side)->rtt,
			  nstime_seconds(rtt));
	if (desk->figures)
		draw(desk, event, SUBFLOW, id, rtt);
}

/* The responder's first SYN/ACK, and the SYN was sent once until then. */
static void answered(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	enum side initiator = subflow->initiator;
	const struct subflow_half *own = &subflow->half[initiator];
	const struct subflow_half *peer = &subflow->half[event->side];
	struct event of_initiator = *event;
	nstime_t rtt = nstime_span(own->syn_time, event->time);

	if (event->side == initiator || own->syns != 1 || peer->syns != 1 ||
	    rtt < 0)
		return;
	report_flow(desk->report, subflow->id, initiator)->handshake_rtt =
	    nstime_seconds(rtt);
	of_initiator.side = initiator;
	draw(desk, &of_initiator, HANDSHAKE, subflow->id, rtt);
}

static void ranges_acked(struct desk *desk, const struct event *event)
{
	struct stream_walk walk = *event->u.ranges;
	const struct stream_run *range;

	while ((range = stream_walk(&walk))) {
		nstime_t delay = nstime_span(range->time, event->time);

		if (!range->again && delay >= 0)
			draw(desk, event, DATA_ACK_DELAY, range->on, delay);
	}
}

static const struct figure_kind rtt = {
    .name = "rtt",
    .help = "TCP and handshake RTT; DATA_ACK delay",
    .title = "Round-trip times",
    .x_label = "Time",
    .y_label = "RTT (ms)",
    .caption = "Round-trip times, and DATA_ACK delay",
    .y_name = "time",
    .unit = UNIT_SPAN,
    .standard = true,
    .millionths = true,
    .columns =
	{
	    {"time", FIELD_X},
	    {"ms", FIELD_Y},
	    {"kind", FIELD_SERIES},
	    {"subflow", FIELD_SUBFLOW},
	},
    .series =
	{
	    [SUBFLOW] = {"TCP RTT", .form = FORM_DOTS},
	    [HANDSHAKE] = {"handshake RTT", .form = FORM_DOTS,
			   .sign = SIGN_TRIANGLE},
	    [DATA_ACK_DELAY] = {"DATA_ACK delay", .colour = 7,
				.form = FORM_DOTS, .ink = INK_FAINT},
	},
};

const struct analysis analysis_rtt = {
    .name = "rtt",
    .state_size = sizeof(struct rtt),
    .reports = true,
    .figures = {&rtt},
    .on =
	{
	    [EVENT_TCP_ACKED] = acked,
	    [EVENT_SYN] = answered,
	},
    .figure_on = {[EVENT_RANGES] = ranges_acked},
    .begun = draw_early,
};
