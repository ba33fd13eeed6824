/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much was sent: bytes mapped, distinct, sent again on the same
 * subflow, out of order; and which subflow carried what first.
 */
#include "analysis/analysis.h"

/* In packet figures a packet counts once for each head under which it has a
 * byte: the frame that counted last, by head and side. */
struct volume {
	uint64_t retransmitted[2], out_of_order[2], ahead[2];
	uint64_t flow_retransmitted[2], flow_out_of_order[2];
};

static void data_sent(struct volume *volume, const struct event *event,
		      struct report_conn *report)
{
	enum side side = event->side;
	struct report_data *data = &report->data[side];
	const struct piece *piece = event->u.piece;
	int64_t size = piece->end - piece->start;
	struct report_flow *flow =
	    &report_subflow(report, event->subflow->id)->flow[side];

	data->bytes_mapped += size;
	if (data->first_data == NSTIME_NONE || event->time < data->first_data)
		data->first_data = event->time;
	if (piece->how == SENT_NEW || piece->how == SENT_LATE) {
		data->bytes_unique += size;
		flow->first_bytes += size;
		flow->carried_bytes += size;
	}
	if (piece->how == SENT_LATE) {
		data->out_of_order_bytes += size;
		data->out_of_order_packets +=
		    frame_counts(&volume->out_of_order[side], event->frame);
	} else if (piece->ahead) {
		data->ahead_bytes += size;
		data->ahead_packets +=
		    frame_counts(&volume->ahead[side], event->frame);
	} else if (piece->how == SENT_AGAIN) {
		data->retransmitted_bytes += size;
		data->retransmitted_packets +=
		    frame_counts(&volume->retransmitted[side], event->frame);
	}
}

static void flow_sent(struct volume *volume, const struct event *event,
		      struct report_conn *report)
{
	enum side side = event->side;
	const struct piece *piece = event->u.piece;
	struct report_flow *flow;

	if (piece->how == SENT_NEW)
		return;
	flow = &report_subflow(report, event->subflow->id)->flow[side];
	if (piece->how == SENT_LATE) {
		flow->out_of_order_packets += frame_counts(
		    &volume->flow_out_of_order[side], event->frame);
	} else {
		flow->retransmitted_bytes += piece->end - piece->start;
		flow->retransmitted_packets += frame_counts(
		    &volume->flow_retransmitted[side], event->frame);
	}
}

static void on_event(struct desk *desk, const struct event *event)
{
	struct report_conn *report = desk->report;
	const struct piece *piece = event->u.piece;

	switch (event->kind) {
	case EVENT_SUBFLOW:
		report_subflow(report, event->subflow->id);
		break;
	case EVENT_TCP_SENT:
		flow_sent(desk->state, event, report);
		break;
	case EVENT_SENT:
		data_sent(desk->state, event, report);
		break;
	case EVENT_UNMAPPED:
		report->data[event->side].bytes_unmapped +=
		    piece->end - piece->start;
		break;
	case EVENT_ACKED:
		report->data[event->side].last_data_ack = event->time;
		break;
	default:
		break;
	}
}

const struct analysis analysis_volume = {
    .name = "volume",
    .events = (1u << EVENT_SUBFLOW) | (1u << EVENT_TCP_SENT) |
	      (1u << EVENT_SENT) | (1u << EVENT_UNMAPPED) | (1u << EVENT_ACKED),
    .state_size = sizeof(struct volume),
    .reports = true,
    .on_event = on_event,
};
