/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is under way: data bytes sent and not acknowledged by DATA_ACK, TCP
 * bytes sent and neither acknowledged nor SACKed on each subflow, and the
 * receive window they may fill.
 */
#include "analysis/analysis.h"

#include "base/alloc.h"
#include "base/ranges.h"

#include <stdlib.h>

enum { FLIGHT, PER_FLOW, RIGHT_EDGE };
enum { WINDOW, MPTCP_FLIGHT, TCP_FLIGHT };
enum { LAST_ACK, EDGE };

/* With more subflows than this under way at once, one row a packet has to
 * do for the graph by subflow: that of the one which changed, from 0 on. */
#define STACK_MAX 64

/* Of a subflow's SACKed ranges so many are known. */
#define SACKED_MAX 4096

struct tcp_flight { /* of one subflow */
	int64_t bytes;
	struct ranges sacked; /* subflow offsets */
};

struct flight {			     /* of one side */
	struct tcp_flight *subflows; /* by id */
	size_t n_subflows, room;
	int64_t tcp;  /* sum of theirs */
	int64_t data; /* as last drawn */
	bool edge_known;
	int64_t edge;		/* data offset */
	struct spans under_way; /* of struct span: ids of subflows with bytes
				 * in flight */
};

static struct tcp_flight *of_subflow(struct flight *flight, int id)
{
	while (flight->n_subflows <= (size_t)id) {
		flight->subflows =
		    xgrow(flight->subflows, &flight->room,
			  flight->n_subflows + 1, sizeof(*flight->subflows));
		flight->subflows[flight->n_subflows++] = (struct tcp_flight){0};
	}
	return &flight->subflows[id];
}

static void dot(struct desk *desk, int figure, const struct event *event,
		enum side side, int series, int64_t value)
{
	const struct point point = {
	    .mark = MARK_DOT,
	    .series = series,
	    .x = event->time,
	    .y = value,
	    .subflow = NO_SUBFLOW,
	    .from = NO_SUBFLOW,
	};

	figure_draw(desk_figure(desk, figure, side), &point);
}

/* A subflow has something under way now, or has not any more. */
static void set_under_way(struct flight *flight, int id, bool is)
{
	struct spans *all = &flight->under_way;
	struct spans_place place = spans_find(all, id);

	if (is)
		*(struct span *)spans_insert(all, sizeof(struct span), &place,
					     id) = (struct span){id, id + 1};
	else
		spans_remove(all, &place);
}

static void bar(struct figure *figure, nstime_t time, int id, int64_t from,
		int64_t bytes)
{
	const struct point point = {
	    .mark = MARK_BAR,
	    .x = time,
	    .y = from,
	    .y2 = from + bytes,
	    .subflow = id,
	    .from = NO_SUBFLOW,
	};

	figure_draw(figure, &point);
}

/* The subflows' flights, one upon the other; also of the one that changed to
 * nothing. */
static void stack(struct desk *desk, const struct event *event, enum side side,
		  int changed)
{
	struct flight *flight = (struct flight *)desk->state + side;
	struct figure *figure = desk_figure(desk, PER_FLOW, side);
	int64_t below = 0, bytes = flight->subflows[changed].bytes;
	struct spans_place place = {0, 0};
	const struct span *next;

	if (!figure)
		return;
	if (flight->under_way.count > STACK_MAX) {
		bar(figure, event->time, changed, 0, bytes);
		return;
	}
	for (; (next = spans_at(&flight->under_way, sizeof(*next), &place));
	     place.item++) {
		int id = (int)next->start;

		if (!bytes && id > changed) {
			bar(figure, event->time, changed, below, 0);
			bytes = -1; /* done */
		}
		bar(figure, event->time, id, below, flight->subflows[id].bytes);
		below += flight->subflows[id].bytes;
	}
	if (!bytes)
		bar(figure, event->time, changed, below, 0);
}

static void tcp_change(struct desk *desk, const struct event *event,
		       enum side side)
{
	struct flight *flight = (struct flight *)desk->state + side;
	const struct subflow *subflow = event->subflow;
	const struct stream *stream = &subflow->half[side].stream;
	struct tcp_flight *tcp = of_subflow(flight, subflow->id);
	int64_t bytes = 0;

	ranges_trim(&tcp->sacked, stream->acked);
	if (stream->sent > stream->acked && !subflow->reset_seen)
		bytes = stream->sent - stream->acked - tcp->sacked.total;
	if (bytes == tcp->bytes || bytes < 0)
		return;
	if ((bytes > 0) != (tcp->bytes > 0))
		set_under_way(flight, subflow->id, bytes > 0);
	flight->tcp += bytes - tcp->bytes;
	tcp->bytes = bytes;
	dot(desk, FLIGHT, event, side, TCP_FLIGHT, flight->tcp);
	stack(desk, event, side, subflow->id);
}

static void data_changed(struct desk *desk, const struct event *event)
{
	struct flight *flight = (struct flight *)desk->state + event->side;
	const struct stream *stream = &event->conn->half[event->side].stream;
	int64_t bytes =
	    stream->sent > stream->acked ? stream->sent - stream->acked : 0;

	if (bytes == flight->data)
		return;
	flight->data = bytes;
	dot(desk, FLIGHT, event, event->side, MPTCP_FLIGHT, bytes);
}

static void window(struct desk *desk, const struct event *event)
{
	struct flight *flight = (struct flight *)desk->state + event->side;
	int64_t acked = event->conn->half[event->side].stream.acked;
	int64_t edge = event->u.data_ack.upto + event->u.data_ack.window;

	if (event->u.data_ack.window < 0)
		return;
	if (event->u.data_ack.upto > acked)
		acked = event->u.data_ack.upto;
	if (!flight->edge_known || edge > flight->edge)
		flight->edge = edge;
	/* DATA_ACKs whose window was not known have gone past it. */
	flight->edge_known = flight->edge >= acked;
	if (!flight->edge_known)
		return;
	dot(desk, FLIGHT, event, event->side, WINDOW, flight->edge - acked);
	dot(desk, RIGHT_EDGE, event, event->side, EDGE,
	    desk_sequence(desk, event->conn, event->side, flight->edge));
	dot(desk, RIGHT_EDGE, event, event->side, LAST_ACK,
	    desk_sequence(desk, event->conn, event->side, acked));
}

/* SACK blocks, about what the other side sent. */
static void sacked(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	enum side side = other_side(event->side);
	const struct subflow_half *half = &event->subflow->half[side];
	struct flight *flight = (struct flight *)desk->state + side;
	struct ranges *sacked;

	if (!segment->n_sack || !half->started)
		return;
	sacked = &of_subflow(flight, event->subflow->id)->sacked;
	for (int i = 0; i < segment->n_sack; i++) {
		int64_t start = unwrap32(segment->sack[i][0] - half->seq0,
					 half->stream.sent);
		int64_t end = start + (int32_t)(segment->sack[i][1] -
						segment->sack[i][0]);

		if (start < half->stream.acked)
			start = half->stream.acked;
		if (end <= half->stream.sent && sacked->all.count < SACKED_MAX)
			ranges_add(sacked, start, end);
	}
	/* If it acknowledges more, too, that comes next. */
	if (unwrap32(segment->ack - half->seq0, half->stream.acked) <=
	    half->stream.acked)
		tcp_change(desk, event, side);
}

static void tcp_changed(struct desk *desk, const struct event *event)
{
	tcp_change(desk, event, event->side);
}

static void subflow_ends(struct desk *desk, const struct event *event)
{
	tcp_change(desk, event, CLIENT);
	tcp_change(desk, event, SERVER);
}

static void shift(struct desk *desk, const struct event *event)
{
	struct flight *flight = (struct flight *)desk->state + event->side;

	if (event->u.by == SHIFT_RESTART)
		flight->edge_known = false;
	else
		flight->edge += event->u.by;
}

static void end(struct desk *desk)
{
	struct flight *both = desk->state;

	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < both[side].n_subflows; i++)
			ranges_clear(&both[side].subflows[i].sacked);
		free(both[side].subflows);
		spans_free(&both[side].under_way);
	}
}

static const struct figure_kind flight = {
    .name = "flight",
    .help = "receive window, data in flight, TCP bytes in flight",
    .title = "Window and MPTCP flight size",
    .x_label = "Time",
    .y_label = "size",
    .caption = "Receive window, and data in flight",
    .y_name = "in flight",
    .unit = UNIT_BYTES,
    .standard = true,
    .series =
	{
	    [WINDOW] = {"window", .colour = 1, .form = FORM_STEPS,
			.ink = INK_WINDOW},
	    [MPTCP_FLIGHT] = {"MPTCP flight", .colour = 2, .form = FORM_STEPS,
			      .ink = INK_WHOLE},
	    [TCP_FLIGHT] = {"sum of the TCP flights", .colour = 3,
			    .form = FORM_STEPS, .ink = INK_FAINT},
	},
};

static const struct figure_kind per_flow = {
    .name = "flight_per_flow",
    .help = "TCP bytes in flight on each subflow, stacked",
    .title = "Per flow flight size",
    .x_label = "Time",
    .y_label = "size",
    .caption = "TCP bytes in flight on each subflow",
    .y_name = "in flight",
    .unit = UNIT_BYTES,
    .standard = true,
    .by_id = true,
    .series = {{"TCP flight", .form = FORM_STACK}},
};

static const struct figure_kind right_edge = {
    .name = "rightEdge",
    .help = "receive window's right edge, last DATA_ACK",
    .title = "Right edge Evolution",
    .x_label = "Time",
    .y_label = "Right edge",
    .caption = "Right edge of the receive window",
    .y_name = "data sequence",
    .unit = UNIT_SEQUENCE,
    .series =
	{
	    [LAST_ACK] = {"last DATA_ACK", .colour = 1, .form = FORM_STEPS,
			  .ink = INK_WHOLE},
	    [EDGE] = {"right edge", .colour = 2, .form = FORM_STEPS,
		      .ink = INK_WINDOW},
	},
};

const struct analysis analysis_flight = {
    .name = "flight",
    .state_size = 2 * sizeof(struct flight), /* by side */
    .figures = {[FLIGHT] = &flight,
		[PER_FLOW] = &per_flow,
		[RIGHT_EDGE] = &right_edge},
    .on =
	{
	    [EVENT_TCP_SENT] = tcp_changed,
	    [EVENT_TCP_RESENT] = tcp_changed,
	    [EVENT_SENT] = data_changed,
	    [EVENT_SENT_AGAIN] = data_changed,
	    [EVENT_TCP_ACKED] = tcp_changed,
	    [EVENT_ACKED] = data_changed,
	    [EVENT_DATA_ACK] = window,
	    [EVENT_SEGMENT] = sacked,
	    [EVENT_SUBFLOW_END] = subflow_ends,
	    [EVENT_SHIFT] = shift,
	},
    .end = end,
};
