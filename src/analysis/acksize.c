/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much each DATA_ACK acknowledges: data bytes, 0 for one that repeats what
 * was known.
 */
#include "analysis/analysis.h"

/* Data bytes below offset `at`: DATA_FIN is none. */
static int64_t bytes_below(const struct conn_half *half, int64_t at)
{
	return half->fin && at > half->fin_offset ? half->fin_offset : at;
}

static void on_data_ack(struct desk *desk, const struct event *event)
{
	const struct conn_half *half = &event->conn->half[event->side];
	int64_t *counted = (int64_t *)desk->state + event->side;
	int64_t before = conn_bytes_acked(event->conn, event->side);
	int64_t upto = bytes_below(half, event->u.data_ack.upto);
	int64_t advance = (upto > before ? upto : before) - *counted;
	const struct point point = {
	    .mark = MARK_DOT,
	    .x = event->time,
	    .y = advance > 0 ? advance : 0,
	    .subflow = event->subflow->id,
	    .from = NO_SUBFLOW,
	};

	if (advance > 0)
		*counted += advance;
	figure_draw(desk_figure(desk, 0, event->side), &point);
}

static const struct figure_kind acksize = {
    .name = "acksize",
    .help = "bytes that each DATA_ACK acknowledges",
    .title = "MPTCP Ack size",
    .x_label = "Time",
    .y_label = "Ack size",
    .caption = "Data that each DATA_ACK acknowledges",
    .y_name = "acknowledged",
    .unit = UNIT_BYTES,
    .series = {{"bytes acknowledged", .form = FORM_DOTS}},
};

const struct analysis analysis_acksize = {
    .name = "acksize",
    .state_size = 2 * sizeof(int64_t), /* data bytes counted, by side */
    .figures = {&acksize},
    .on = {[EVENT_DATA_ACK] = on_data_ack},
};
