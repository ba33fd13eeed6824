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

/* All that is sent, whether before or not. */
static int64_t map(struct report_data *data, const struct event *event)
{
	int64_t size = event->u.piece->end - event->u.piece->start;

	data->bytes_mapped += size;
	if (data->first_data == NSTIME_NONE || event->time < data->first_data)
		data->first_data = event->time;
	return size;
}

static void count_late(struct volume *volume, const struct event *event,
		       struct report_data *data, int64_t size)
{
	data->out_of_order_bytes += size;
	data->out_of_order_packets +=
	    frame_counts(&volume->out_of_order[event->side], event->frame);
}

static void count_ahead(struct volume *volume, const struct event *event,
			struct report_data *data, int64_t size)
{
	data->ahead_bytes += size;
	data->ahead_packets +=
	    frame_counts(&volume->ahead[event->side], event->frame);
}

static void data_sent(struct desk *desk, const struct event *event)
{
	struct report_data *data = &desk->report->data[event->side];
	struct report_flow *flow =
	    report_flow(desk->report, event->subflow->id, event->side);
	const struct piece *piece = event->u.piece;
	int64_t size = map(data, event);

	data->ranges++;
	data->bytes_unique += size;
	flow->first_bytes += size;
	flow->carried_bytes += size;
	if (piece->how == SENT_LATE)
		count_late(desk->state, event, data, size);
	else if (piece->ahead)
		count_ahead(desk->state, event, data, size);
}

static void data_sent_again(struct desk *desk, const struct event *event)
{
	struct volume *volume = desk->state;
	enum side side = event->side;
	struct report_data *data = &desk->report->data[side];
	int64_t size = map(data, event);

	if (event->u.piece->how != SENT_AGAIN)
		return;
	data->retransmitted_bytes += size;
	data->retransmitted_packets +=
	    frame_counts(&volume->retransmitted[side], event->frame);
}

static void flow_resent(struct desk *desk, const struct event *event)
{
	struct volume *volume = desk->state;
	enum side side = event->side;
	const struct piece *piece = event->u.piece;
	struct report_flow *flow =
	    report_flow(desk->report, event->subflow->id, side);

	if (piece->how == SENT_LATE) {
		flow->out_of_order_packets += frame_counts(
		    &volume->flow_out_of_order[side], event->frame);
	} else if (piece->how != SENT_NEW) {
		flow->retransmitted_bytes += piece->end - piece->start;
		flow->retransmitted_packets += frame_counts(
		    &volume->flow_retransmitted[side], event->frame);
	}
}

static void unmapped(struct desk *desk, const struct event *event)
{
	const struct piece *piece = event->u.piece;

	desk->report->data[event->side].bytes_unmapped +=
	    piece->end - piece->start;
}

static void data_acked(struct desk *desk, const struct event *event)
{
	desk->report->data[event->side].last_data_ack = event->time;
}

const struct analysis analysis_volume = {
    .name = "volume",
    .state_size = sizeof(struct volume),
    .reports = true,
    .on =
	{
	    [EVENT_TCP_RESENT] = flow_resent,
	    [EVENT_SENT] = data_sent,
	    [EVENT_SENT_AGAIN] = data_sent_again,
	    [EVENT_UNMAPPED] = unmapped,
	    [EVENT_ACKED] = data_acked,
	},
};
