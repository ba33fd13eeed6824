/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From each range of data to the DATA_ACK that covers it, which has the
 * receiver's queue in it: not the round trip of any path. A range that was
 * sent more than once is left out (Karn).
 */
#include "analysis/analysis.h"

enum { ACK_TIME, SEQ_TIME, SEQ_NUMBER };

static void draw(struct desk *desk, const struct event *event,
		 const struct stream_run *range, nstime_t delay)
{
	struct point point = {
	    .mark = MARK_DOT,
	    .x = event->time,
	    .y = delay,
	    .subflow = range->on,
	    .from = NO_SUBFLOW,
	};

	figure_draw(desk_figure(desk, ACK_TIME, event->side), &point);
	point.x = range->time;
	figure_draw(desk_figure(desk, SEQ_TIME, event->side), &point);
	point.x = desk_sequence(desk, event->conn, event->side, range->start);
	figure_draw(desk_figure(desk, SEQ_NUMBER, event->side), &point);
}

static void ranges_acked(struct desk *desk, const struct event *event)
{
	struct report_spread *spread =
	    &desk->report->data[event->side].data_ack_rtt;
	struct stream_walk walk = *event->u.ranges;
	const struct stream_run *range;

	while ((range = stream_walk(&walk))) {
		nstime_t delay = nstime_span(range->time, event->time);

		if (range->again || delay < 0)
			continue;
		report_spread_add(spread, nstime_seconds(delay));
		if (desk->figures)
			draw(desk, event, range, delay);
	}
}

static const struct figure_kind ack_time = {
    .name = "rtt_ack_ts",
    .help = "DATA_ACK delay, by the time of the DATA_ACK",
    .title = "RTT (ack time on x)",
    .x_label = "Time",
    .y_label = "RTT",
    .caption = "DATA_ACK delay, by the time of the DATA_ACK",
    .y_name = "delay",
    .unit = UNIT_SPAN,
    .millionths = true,
    .series = {{"DATA_ACK delay", .colour = 2, .form = FORM_DOTS}},
};

static const struct figure_kind seq_time = {
    .name = "rtt_seq_ts",
    .help = "DATA_ACK delay, by the time the data was sent",
    .title = "RTT (seq time on x)",
    .x_label = "Time",
    .y_label = "RTT",
    .caption = "DATA_ACK delay, by the time the data was sent",
    .y_name = "delay",
    .unit = UNIT_SPAN,
    .millionths = true,
    .series = {{"DATA_ACK delay", .colour = 2, .form = FORM_DOTS}},
};

static const struct figure_kind seq_number = {
    .name = "rtt_seq_num",
    .help = "DATA_ACK delay, by data sequence number",
    .title = "RTT (seq num on x)",
    .x_label = "Sequence number",
    .y_label = "RTT",
    .caption = "DATA_ACK delay, by data sequence",
    .y_name = "delay",
    .unit = UNIT_SPAN,
    .x_is_sequence = true,
    .millionths = true,
    .series = {{"DATA_ACK delay", .colour = 2, .form = FORM_DOTS}},
};

const struct analysis analysis_delay = {
    .name = "delay",
    .reports = true,
    .figures = {[ACK_TIME] = &ack_time,
		[SEQ_TIME] = &seq_time,
		[SEQ_NUMBER] = &seq_number},
    .on = {[EVENT_RANGES] = ranges_acked},
};
