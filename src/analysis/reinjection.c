/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reinjections, to the byte: what is sent again on another subflow than the
 * one that carried it first. Of each: from where to where, how long after the
 * first time, whether that had been acknowledged already, and whether it was
 * useful.
 *
 * Useful is a copy that was acknowledged on its subflow before anything shows
 * that the data was there without it. Redundant is one where something does:
 * its first copy was acknowledged by TCP, or by a DATA_ACK of data that the
 * same subflow alone has carried after it (a subflow hands data up in order);
 * or a DATA_ACK covered it before TCP did. Where neither copy was acknowledged,
 * the capture does not tell.
 */
#include "analysis/analysis.h"

#include "analysis/carriers.h"
#include "base/alloc.h"
#include "base/ranges.h"
#include "base/table.h"

#include <stdlib.h>

enum { LIST, CARRIERS };
enum { UNDECIDED, USEFUL, REDUNDANT };

#define OPEN_MAX  65536 /* on one subflow, whose use is open */
#define AGAIN_MAX 65536 /* ranges that a subflow carried, not first */

/* A reinjection whose use is still open. */
struct open_one {
	struct point point;
	int64_t bytes;
	uint32_t seq_end;	/* on the subflow that carries it again */
	uint32_t first_seq_end; /* on the one that carried it first */
	int64_t data_end;	/* data offset; and where the range starts */
	int64_t range_start;	/* ... of which it is a part */
};

/* Those that a subflow carries, in order of seq_end. */
struct queue {
	struct open_one *ring;
	size_t head, count, room; /* room is 0 or a power of two */
	/* What it alone has carried, below this, came through by DATA_ACK. */
	bool is_proven;
	uint32_t proven;
	struct ranges again; /* data offsets that it carried, not first */
};

struct reinjection { /* of one side */
	/* DATA_ACKs cover what is below `acked` with the packet `acked_frame`,
	 * and what is below `acked_before` without it. */
	int64_t acked, acked_before;
	uint64_t acked_frame;
	struct queue *queues; /* by subflow id */
	size_t n_open;	      /* in all of them */
	size_t n_queues, queues_room;
	struct carriers carriers;
	uint64_t frame; /* that counted last as a packet */
	/* Pairs of subflows, as in the report: by (from, to) the place + 1
	 * there; and the frame that counted last as a packet of each. */
	struct table pairs;
	uint64_t *pair_frames;
	size_t frames_room;
};

static struct reinjection *of_side(struct desk *desk, enum side side)
{
	return (struct reinjection *)desk->state + side;
}

struct pair_key {
	const struct report_reinjection *pairs;
	int from, to;
};

static bool pair_same(const void *item, const void *key)
{
	const struct pair_key *wanted = key;
	const struct report_reinjection *pair =
	    &wanted->pairs[(uintptr_t)item - 1];

	return pair->from == wanted->from && pair->to == wanted->to;
}

/* The place of a pair in the report's list, which gets it if it is new. */
static size_t pair_place(struct desk *desk, enum side side, int from, int to)
{
	struct reinjection *reinjection = of_side(desk, side);
	struct report_data *data = &desk->report->data[side];
	const struct pair_key key = {data->reinjections, from, to};
	uint64_t hash = hash_u64((uint32_t)from, (uint32_t)to);
	const void *item;

	if (!reinjection->pairs.slots)
		table_init(&reinjection->pairs);
	item = table_find(&reinjection->pairs, hash, pair_same, &key);
	if (item)
		return (uintptr_t)item - 1;
	data->reinjections =
	    xgrow(data->reinjections, &data->reinjections_room,
		  data->n_reinjections + 1, sizeof(*data->reinjections));
	reinjection->pair_frames =
	    xgrow(reinjection->pair_frames, &reinjection->frames_room,
		  data->n_reinjections + 1, sizeof(uint64_t));
	data->reinjections[data->n_reinjections] =
	    (struct report_reinjection){.from = from, .to = to};
	reinjection->pair_frames[data->n_reinjections] = 0;
	table_add(&reinjection->pairs, hash,
		  (void *)(uintptr_t)++data->n_reinjections); /* place + 1 */
	return data->n_reinjections - 1;
}

static struct report_reinjection *pair_of(struct desk *desk, enum side side,
					  int from, int to)
{
	size_t place = pair_place(desk, side, from, to);

	return &desk->report->data[side].reinjections[place];
}

static struct queue *queue_of(struct reinjection *reinjection, int id)
{
	while (reinjection->n_queues <= (size_t)id) {
		reinjection->queues = xgrow(
		    reinjection->queues, &reinjection->queues_room,
		    reinjection->n_queues + 1, sizeof(*reinjection->queues));
		reinjection->queues[reinjection->n_queues++] =
		    (struct queue){0};
	}
	return &reinjection->queues[id];
}

static void queue_push(struct queue *queue, const struct open_one *one)
{
	if (queue->count == queue->room) {
		size_t room = queue->room ? 2 * queue->room : 8;
		struct open_one *ring =
		    xreallocarray(NULL, room, sizeof(*ring));

		for (size_t i = 0; i < queue->count; i++)
			ring[i] =
			    queue->ring[(queue->head + i) & (queue->room - 1)];
		free(queue->ring);
		queue->ring = ring;
		queue->room = room;
		queue->head = 0;
	}
	queue->ring[(queue->head + queue->count++) & (queue->room - 1)] = *one;
}

/* Did the first copy come through, as far as is known now? */
static bool first_acked(struct desk *desk, const struct conn *conn,
			enum side side, const struct open_one *one)
{
	int from = one->point.from;
	const struct queue *queue;

	if (from < 0)
		return false;
	if (subflow_acked(conn->subflows[from], side, one->first_seq_end))
		return true;
	queue = queue_of(of_side(desk, side), from);
	return queue->is_proven &&
	       (int32_t)(queue->proven - one->first_seq_end) >= 0;
}

static void decide(struct desk *desk, enum side side, struct open_one *one,
		   int use)
{
	static const char *const words[] = {"undecided", "useful", "redundant"};
	struct report_reinjection *pair =
	    pair_of(desk, side, one->point.from, one->point.subflow);

	pair->useful_bytes += use == USEFUL ? one->bytes : 0;
	pair->redundant_bytes += use == REDUNDANT ? one->bytes : 0;
	one->point.series = use;
	one->point.text = words[use];
	figure_draw(desk_figure(desk, LIST, side), &one->point);
}

/* Decides the oldest that is open, whose copy is `through` with the packet
 * `frame`, or will never be known to be. */
static void queue_pop(struct desk *desk, const struct conn *conn,
		      enum side side, int to, bool through, uint64_t frame)
{
	struct reinjection *reinjection = of_side(desk, side);
	struct open_one one;
	struct queue *queue = &reinjection->queues[to];
	int64_t acked = through && reinjection->acked_frame == frame
			    ? reinjection->acked_before
			    : reinjection->acked;

	one = queue->ring[queue->head];
	queue->head = (queue->head + 1) & (queue->room - 1);
	queue->count--;
	reinjection->n_open--;
	if (one.data_end <= acked || first_acked(desk, conn, side, &one))
		decide(desk, side, &one, REDUNDANT);
	else
		decide(desk, side, &one,
		       through && one.point.from >= 0 ? USEFUL : UNDECIDED);
}

/* What the subflow alone has carried came through on it, below `end`. */
static void prove(struct desk *desk, enum side side, int subflow, uint32_t end)
{
	struct queue *queue = queue_of(of_side(desk, side), subflow);

	if (!queue->is_proven || (int32_t)(end - queue->proven) > 0)
		queue->proven = end;
	queue->is_proven = true;
}

/* A copy is not through, but its data is acknowledged: its first copy is, if
 * there are no others. */
static void prove_first(struct desk *desk, enum side side,
			const struct open_one *one)
{
	if (one->point.from >= 0 &&
	    carriers_copies(&of_side(desk, side)->carriers, one->range_start) ==
		1)
		prove(desk, side, one->point.from, one->first_seq_end);
}

static const struct open_one *open_at(const struct queue *queue, size_t i)
{
	return &queue->ring[(queue->head + i) & (queue->room - 1)];
}

/* The subflow has acknowledged more: which of its copies are through? And those
 * after them that are not, but whose data is acknowledged, tell of their first
 * ones. */
static void settle(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;
	enum side side = event->side;
	struct reinjection *reinjection = of_side(desk, side);
	size_t to = (size_t)event->subflow->id, through = 0, known;

	if (!reinjection->n_open || to >= reinjection->n_queues)
		return;
	while (
	    through < reinjection->queues[to].count &&
	    subflow_acked(conn->subflows[to], side,
			  open_at(&reinjection->queues[to], through)->seq_end))
		through++;
	for (known = through; known < reinjection->queues[to].count; known++) {
		const struct open_one one =
		    *open_at(&reinjection->queues[to], known);

		if (one.data_end > reinjection->acked)
			break;
		prove_first(desk, side, &one);
	}
	for (size_t i = 0; i < known; i++)
		queue_pop(desk, conn, side, (int)to, i < through, event->frame);
}

static void data_acked(struct desk *desk, const struct event *event)
{
	struct reinjection *reinjection = of_side(desk, event->side);

	if (reinjection->acked_frame != event->frame)
		reinjection->acked_before = event->u.acked.before;
	reinjection->acked_frame = event->frame;
	reinjection->acked = event->u.acked.upto;
}

/* What only one subflow has carried came through on it. */
static void range_acked(struct desk *desk, const struct event *event)
{
	const struct stream_run *range = event->u.range;

	if (of_side(desk, event->side)->n_open && !range->again)
		prove(desk, event->side, range->on,
		      range->seq + (uint32_t)(range->end - range->start));
}

static void leave_open(struct desk *desk, const struct conn *conn,
		       enum side side, int to, const struct open_one *one)
{
	struct queue *queue = queue_of(of_side(desk, side), to);

	if (queue->count == OPEN_MAX)
		queue_pop(desk, conn, side, to, false, 0);
	queue_push(queue_of(of_side(desk, side), to), one);
	of_side(desk, side)->n_open++;
}

/* Of ranges that so many subflows carried there is one more, or one less. */
static void count_carriers(struct report_data *data, int carriers, int by)
{
	if (carriers >= REPORT_CARRIERS_MAX)
		carriers = REPORT_CARRIERS_MAX - 1;
	data->carried_by[carriers] += by;
}

/* What is to be told of a range. */
struct told {
	struct desk *desk;
	const struct conn *conn;
	enum side side;
};

static void carriers_draw(void *arg, const struct carried_range *range)
{
	const struct told *told = arg;
	const struct point point = {
	    .mark = MARK_DOT,
	    .x =
		desk_sequence(told->desk, told->conn, told->side, range->start),
	    .y = range->n,
	    .subflow = NO_SUBFLOW,
	    .from = NO_SUBFLOW,
	};

	if (range->n > 1)
		figure_draw(desk_figure(told->desk, CARRIERS, told->side),
			    &point);
}

static void carriers_tell(struct desk *desk, const struct conn *conn,
			  enum side side, int64_t floor)
{
	struct told told = {desk, conn, side};

	carriers_forget(&of_side(desk, side)->carriers, floor, carriers_draw,
			&told);
}

static void share(struct desk *desk, const struct event *event)
{
	struct carriers *carriers = &of_side(desk, event->side)->carriers;
	const struct piece *piece = event->u.piece;
	struct report_data *data = &desk->report->data[event->side];
	int n;

	if (piece->first_on < 0)
		return;
	if (carriers->count == CARRIED_MAX)
		carriers_tell(desk, event->conn, event->side,
			      event->conn->half[event->side].stream.floor);
	n = carriers_add(carriers, piece->first_start, piece->first_on,
			 event->subflow->id);
	if (n) {
		count_carriers(data, n - 1, -1);
		count_carriers(data, n, 1);
	}
}

/* The subflow carries data that was another's: how much of it for the first
 * time. What is older than all that the stream remembers is not kept. */
static int64_t carried(struct queue *queue, const struct event *event)
{
	const struct piece *piece = event->u.piece;
	int64_t before;

	if (queue->again.count >= AGAIN_MAX)
		ranges_trim(&queue->again,
			    event->conn->half[event->side].stream.floor);
	before = queue->again.total;
	if (queue->again.count < AGAIN_MAX)
		ranges_add(&queue->again, piece->start, piece->end);
	return queue->again.total - before;
}

/* Its mapping was seen so late that another subflow's copy, though sent after
 * it, was told before: that one is the copy, this the first. */
static void turn_around(struct open_one *one, const struct piece *piece)
{
	struct point *point = &one->point;
	int from = point->from;
	uint32_t seq_end = one->seq_end;

	point->x = piece->first_time;
	point->y = -point->y;
	point->from = point->subflow;
	point->subflow = from;
	point->extra[2] = NO_VALUE; /* what was acknowledged when is lost */
	one->seq_end = one->first_seq_end;
	one->first_seq_end = seq_end;
}

/* The use of one that was turned around, as far as it can be told now; or it
 * waits. */
static void judge_late(struct desk *desk, const struct conn *conn,
		       enum side side, struct open_one *one, bool acked)
{
	bool first = first_acked(desk, conn, side, one);
	bool copy = subflow_acked(conn->subflows[one->point.subflow], side,
				  one->seq_end);

	if (first != copy)
		decide(desk, side, one, first ? REDUNDANT : USEFUL);
	else if (first || acked)
		decide(desk, side, one, UNDECIDED);
	else
		leave_open(desk, conn, side, one->point.subflow, one);
}

static void count(struct desk *desk, enum side side, const struct open_one *one,
		  uint64_t frame, bool acked)
{
	struct reinjection *reinjection = of_side(desk, side);
	struct report_data *data = &desk->report->data[side];
	size_t place =
	    pair_place(desk, side, one->point.from, one->point.subflow);
	struct report_reinjection *pair = &data->reinjections[place];

	data->reinjected_bytes += one->bytes;
	data->reinjected_packets += frame_counts(&reinjection->frame, frame);
	pair->packets += frame_counts(&reinjection->pair_frames[place], frame);
	pair->bytes += one->bytes;
	if (acked)
		pair->acked_bytes += one->bytes;
	if (one->point.y != NO_VALUE)
		report_spread_add(&pair->delay, nstime_seconds(one->point.y));
}

static void reinjected(struct desk *desk, const struct event *event)
{
	enum side side = event->side;
	const struct conn *conn = event->conn;
	const struct piece *piece = event->u.piece;
	int to = event->subflow->id;
	nstime_t delay = nstime_span(piece->first_time, event->time);
	int64_t bytes = piece->end - piece->start;
	struct open_one one = {
	    .point =
		{
		    .mark = MARK_DOT,
		    .x = event->time,
		    .y = delay == NSTIME_NONE ? NO_VALUE : delay,
		    .subflow = to,
		    .from = piece->first_on >= 0 ? piece->first_on : NO_SUBFLOW,
		    .extra = {desk_sequence(desk, conn, side, piece->start),
			      bytes},
		},
	    .bytes = bytes,
	    .seq_end = piece->seq + (uint32_t)bytes,
	    .first_seq_end = piece->first_seq + (uint32_t)bytes,
	    .data_end = piece->end,
	    .range_start = piece->first_start,
	};
	bool acked;

	report_subflow(desk->report, to)->flow[side].carried_bytes +=
	    carried(queue_of(of_side(desk, side), to), event);
	share(desk, event);
	if (delay < 0 && delay != NSTIME_NONE) {
		turn_around(&one, piece);
		count(desk, side, &one, piece->first_frame, false);
		judge_late(desk, conn, side, &one, piece->first_acked);
		return;
	}
	/* Its first copy, by TCP, or the data, by DATA_ACK. */
	acked = piece->first_acked || first_acked(desk, conn, side, &one);
	one.point.extra[2] = acked;
	count(desk, side, &one, event->frame, acked);
	if (acked)
		decide(desk, side, &one, REDUNDANT);
	else
		leave_open(desk, conn, side, to, &one);
}

static void sent(struct desk *desk, const struct event *event)
{
	const struct piece *piece = event->u.piece;

	if (event->level != LEVEL_DATA || piece->how == SENT_AGAIN)
		return;
	if (piece->how == SENT_REINJECTED)
		reinjected(desk, event);
	else
		count_carriers(&desk->report->data[event->side], 1, 1);
}

/* Nothing more will be known. */
static void pop_all(struct desk *desk, const struct conn *conn, enum side side)
{
	struct reinjection *reinjection = of_side(desk, side);

	for (size_t i = 0; i < reinjection->n_queues; i++)
		while (reinjection->queues[i].count)
			queue_pop(desk, conn, side, (int)i, false, 0);
	carriers_tell(desk, conn, side, INT64_MAX);
}

static void queue_shift(struct queue *queue, int64_t by)
{
	for (size_t i = 0; i < queue->count; i++) {
		struct open_one *one = (struct open_one *)open_at(queue, i);

		one->data_end += by;
		one->range_start += by;
	}
	for (size_t i = 0; i < queue->again.count; i++) {
		queue->again.ranges[i].start += by;
		queue->again.ranges[i].end += by;
	}
}

static void shift(struct desk *desk, const struct event *event)
{
	struct reinjection *reinjection = of_side(desk, event->side);

	if (event->u.by == SHIFT_RESTART) {
		reinjection->acked = reinjection->acked_before = INT64_MIN;
		pop_all(desk, event->conn, event->side);
		reinjection->acked = reinjection->acked_before = 0;
		for (size_t i = 0; i < reinjection->n_queues; i++)
			ranges_clear(&reinjection->queues[i].again);
		return;
	}
	reinjection->acked += event->u.by;
	reinjection->acked_before += event->u.by;
	carriers_shift(&reinjection->carriers, event->u.by);
	for (size_t i = 0; i < reinjection->n_queues; i++)
		queue_shift(&reinjection->queues[i], event->u.by);
}

static void on_event(struct desk *desk, const struct event *event)
{
	switch (event->kind) {
	case EVENT_SENT:
		sent(desk, event);
		break;
	case EVENT_ACKED:
		if (event->level == LEVEL_SUBFLOW)
			settle(desk, event);
		else
			data_acked(desk, event);
		break;
	case EVENT_RANGE:
		range_acked(desk, event);
		break;
	case EVENT_SHIFT:
		shift(desk, event);
		break;
	case EVENT_CLOSE:
		pop_all(desk, event->conn, CLIENT);
		pop_all(desk, event->conn, SERVER);
		break;
	default:
		break;
	}
}

static void end(struct desk *desk)
{
	for (int side = 0; side < 2; side++) {
		struct reinjection *reinjection =
		    of_side(desk, (enum side)side);

		for (size_t i = 0; i < reinjection->n_queues; i++) {
			free(reinjection->queues[i].ring);
			ranges_clear(&reinjection->queues[i].again);
		}
		free(reinjection->queues);
		if (reinjection->pairs.slots)
			table_clear(&reinjection->pairs);
		free(reinjection->pair_frames);
		carriers_free(&reinjection->carriers);
	}
}

static const struct figure_kind list = {
    .name = "reinjections",
    .help = "each reinjection: from, to, delay, useful or redundant",
    .title = "Reinjections",
    .x_label = "Time",
    .y_label = "Time since first sent (ms)",
    .caption = "Reinjections, and how late they are",
    .y_name = "since first sent",
    .unit = UNIT_SPAN,
    .standard = true,
    .millionths = true,
    .columns =
	{
	    {"time", FIELD_X},
	    {"sequence", FIELD_EXTRA},
	    {"bytes", FIELD_EXTRA1},
	    {"from", FIELD_FROM},
	    {"to", FIELD_SUBFLOW},
	    {"delay_ms", FIELD_Y},
	    {"acked_before", FIELD_EXTRA2},
	    {"use", FIELD_TEXT},
	},
    .series =
	{
	    [UNDECIDED] = {"undecided", .form = FORM_DOTS, .sign = SIGN_RING},
	    [USEFUL] = {"useful", .form = FORM_DOTS},
	    [REDUNDANT] = {"redundant", .form = FORM_DOTS, .sign = SIGN_CROSS},
	},
};

static const struct figure_kind map_reinject = {
    .name = "map_reinject",
    .help = "ranges carried by several subflows, always csv",
    .title = "Ranges carried by several subflows",
    .x_label = "Sequence number",
    .y_label = "subflows",
    .caption = "Ranges that several subflows carried",
    .y_name = "subflows",
    .unit = UNIT_COUNT,
    .x_is_sequence = true,
    .columns = {{"id", FIELD_X}, {"n", FIELD_Y}},
    .always_csv = true,
    .series = {{"ranges", .form = FORM_BARS, .ink = INK_WHOLE}},
};

const struct analysis analysis_reinjection = {
    .name = "reinjection",
    .events = (1u << EVENT_SENT) | (1u << EVENT_ACKED) | (1u << EVENT_RANGE) |
	      (1u << EVENT_SHIFT) | (1u << EVENT_CLOSE),
    .state_size = 2 * sizeof(struct reinjection), /* by side */
    .reports = true,
    .figures = {[LIST] = &list, [CARRIERS] = &map_reinject},
    .on_event = on_event,
    .end = end,
};
