/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How much was sent: bytes mapped, distinct, sent again on the same and on
 * another subflow, out of order; and which subflow carried what first.
 */
#include "analysis/analysis.h"

#include "base/alloc.h"

/* In packet figures a packet counts once for each head under which it has a
 * byte: the frame that counted last, by head and side. */
struct volume {
	uint64_t retransmitted[2], reinjected[2], out_of_order[2], ahead[2];
	uint64_t flow_retransmitted[2], flow_out_of_order[2];
	uint64_t pair[2]; /* of the reinjection last counted, from one ... */
	int pair_from[2], pair_to[2]; /* ... subflow to another */
};

static bool first_of(uint64_t *last, uint64_t frame)
{
	bool first = *last != frame;

	*last = frame;
	return first;
}

static struct report_reinjection *reinjection(struct report_data *data,
					      int from, int to)
{
	struct report_reinjection *pair;

	for (size_t i = 0; i < data->n_reinjections; i++) {
		pair = &data->reinjections[i];
		if (pair->from == from && pair->to == to)
			return pair;
	}
	data->reinjections =
	    xgrow(data->reinjections, &data->reinjections_room,
		  data->n_reinjections + 1, sizeof(*data->reinjections));
	pair = &data->reinjections[data->n_reinjections++];
	*pair = (struct report_reinjection){.from = from, .to = to};
	return pair;
}

static void data_sent(struct volume *volume, const struct event *event,
		      struct report_conn *report)
{
	enum side side = event->side;
	struct report_data *data = &report->data[side];
	const struct piece *piece = &event->u.piece;
	int64_t size = piece->end - piece->start;

	data->bytes_mapped += size;
	if (data->first_data == NSTIME_NONE || event->time < data->first_data)
		data->first_data = event->time;
	if (piece->how == SENT_NEW || piece->how == SENT_LATE) {
		data->bytes_unique += size;
		report_subflow(report, event->subflow->id)
		    ->flow[side]
		    .first_bytes += size;
	}
	if (piece->how == SENT_LATE) {
		data->out_of_order_bytes += size;
		data->out_of_order_packets +=
		    first_of(&volume->out_of_order[side], event->frame);
	} else if (piece->ahead) {
		data->ahead_bytes += size;
		data->ahead_packets +=
		    first_of(&volume->ahead[side], event->frame);
	} else if (piece->how == SENT_AGAIN) {
		data->retransmitted_bytes += size;
		data->retransmitted_packets +=
		    first_of(&volume->retransmitted[side], event->frame);
	} else if (piece->how == SENT_REINJECTED) {
		int from = piece->first_on, to = event->subflow->id;
		struct report_reinjection *pair = reinjection(data, from, to);

		data->reinjected_bytes += size;
		data->reinjected_packets +=
		    first_of(&volume->reinjected[side], event->frame);
		pair->bytes += size;
		if (volume->pair_from[side] != from ||
		    volume->pair_to[side] != to)
			volume->pair[side] = 0;
		volume->pair_from[side] = from;
		volume->pair_to[side] = to;
		pair->packets += first_of(&volume->pair[side], event->frame);
	}
}

static void flow_sent(struct volume *volume, const struct event *event,
		      struct report_conn *report)
{
	enum side side = event->side;
	const struct piece *piece = &event->u.piece;
	struct report_flow *flow;

	if (piece->how == SENT_NEW)
		return;
	flow = &report_subflow(report, event->subflow->id)->flow[side];
	if (piece->how == SENT_LATE) {
		flow->out_of_order_packets +=
		    first_of(&volume->flow_out_of_order[side], event->frame);
	} else {
		flow->retransmitted_bytes += piece->end - piece->start;
		flow->retransmitted_packets +=
		    first_of(&volume->flow_retransmitted[side], event->frame);
	}
}

static void on_event(void *state, const struct event *event,
		     struct report_conn *report)
{
	const struct piece *piece = &event->u.piece;

	switch (event->kind) {
	case EVENT_SUBFLOW:
		report_subflow(report, event->subflow->id);
		break;
	case EVENT_SENT:
		if (event->level == LEVEL_DATA)
			data_sent(state, event, report);
		else
			flow_sent(state, event, report);
		break;
	case EVENT_UNMAPPED:
		report->data[event->side].bytes_unmapped +=
		    piece->end - piece->start;
		break;
	case EVENT_ACKED:
		if (event->level == LEVEL_DATA)
			report->data[event->side].last_data_ack = event->time;
		break;
	default:
		break;
	}
}

const struct analysis analysis_volume = {
    .name = "volume",
    .help = "bytes sent, distinct, sent again, by subflow",
    .events = (1u << EVENT_SUBFLOW) | (1u << EVENT_SENT) |
	      (1u << EVENT_UNMAPPED) | (1u << EVENT_ACKED),
    .state_size = sizeof(struct volume),
    .on_event = on_event,
};
