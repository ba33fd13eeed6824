/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reinjections, to the byte: what is sent again on another subflow than the
 * one that carried it first. Of each: from where to where, how long after the
 * first time, whether that had been acknowledged already, and whether it was
 * useful.
 *
 * Useful is a copy that came through before the first one did, redundant one
 * that did not; judge.h says how that is found out.
 */
#include "analysis/analysis.h"

#include "analysis/carriers.h"
#include "analysis/judge.h"
#include "analysis/limits.h"
#include "base/alloc.h"
#include "base/ranges.h"
#include "base/rare.h"
#include "base/table.h"

#include <stdlib.h>

enum { LIST, CARRIERS };

#define AGAIN_MAX 65536 /* ranges that a subflow carried, not first */

/* Of one side; there are none as long as there is but one subflow. */
struct reinjection {
	struct judge judge;
	struct ranges *again; /* by subflow id: what it carried, not first */
	size_t n_again, again_room;
	struct carriers carriers;
	struct overflow overflow;
	uint64_t frame; /* that counted last as a packet */
	/* Pairs of subflows, as in the report: by (from, to) the place + 1
	 * there; and the frame that counted last as a packet of each. */
	struct table pairs;
	uint64_t *pair_frames;
	size_t frames_room;
};

static struct reinjection *of_side(struct desk *desk, enum side side)
{
	struct reinjection *both =
	    desk_rare(desk, 2 * sizeof(struct reinjection));

	return &both[side];
}

static bool is_needed(const struct desk *desk)
{
	return *(struct reinjection **)desk->state;
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

/* What is to be told of a side, and of which. */
struct told {
	struct desk *desk;
	const struct conn *conn;
	enum side side;
};

static void use_tell(void *arg, struct copy *copy, enum use use)
{
	static const char *const words[] = {"undecided", "useful", "redundant"};
	const struct told *told = arg;
	struct report_reinjection *pair = pair_of(
	    told->desk, told->side, copy->point.from, copy->point.subflow);

	pair->useful_bytes += use == USEFUL ? copy->bytes : 0;
	pair->redundant_bytes += use == REDUNDANT ? copy->bytes : 0;
	copy->point.series = (int)use;
	copy->point.text = words[use];
	figure_draw(desk_figure(told->desk, LIST, told->side), &copy->point);
}

RARE static void look_through(struct desk *desk, const struct event *event,
			      struct judge *judge)
{
	const struct subflow_half *half = &event->subflow->half[event->side];
	bool with_data = half->clock.frame == event->frame;
	const struct acked acked = {
	    .conn = event->conn,
	    .side = event->side,
	    .subflow = event->subflow->id,
	    .seq = half->seq0 + (uint32_t)event->u.acked.upto,
	    .by = with_data ? half->clock.now : INT64_MAX,
	    .time = event->time,
	    .frame = event->frame,
	};

	judge_through(judge, &acked, use_tell,
		      &(struct told){desk, event->conn, event->side});
}

/* The subflow has acknowledged more by TCP. */
static void tcp_acked(struct desk *desk, const struct event *event)
{
	nstime_t rtt = event->u.acked.rtt;
	struct judge *judge;

	if (event->conn->n_subflows == 1 && !is_needed(desk))
		return;
	judge = &of_side(desk, event->side)->judge;
	if (rtt != NSTIME_NONE && event->conn->n_subflows > 1)
		judge_rtt(judge, event->subflow->id, rtt);
	if (judge->n_open)
		look_through(desk, event, judge);
}

/* What only one subflow has carried came through on it, and so did all that it
 * had carried before. */
RARE static void look_through_ranges(struct desk *desk,
				     const struct event *event,
				     struct judge *judge)
{
	struct told told = {desk, event->conn, event->side};
	struct stream_walk walk = *event->u.ranges;
	const struct stream_run *range;

	while (judge->n_open && (range = stream_walk(&walk))) {
		const struct acked acked = {
		    .conn = event->conn,
		    .side = event->side,
		    .subflow = range->on,
		    .seq = range->seq + (uint32_t)(range->end - range->start),
		    .by = event->conn->half[event->side].stream.acked,
		    .time = event->time,
		    .frame = event->frame,
		};

		if (!range->again)
			judge_through(judge, &acked, use_tell, &told);
	}
}

static void ranges_acked(struct desk *desk, const struct event *event)
{
	struct judge *judge;

	if (!is_needed(desk))
		return;
	judge = &of_side(desk, event->side)->judge;
	if (judge->n_open)
		look_through_ranges(desk, event, judge);
}

/* Of ranges that so many subflows carried there is one more, or one less. */
static void count_carriers(struct report_data *data, int carriers, int64_t by)
{
	if (carriers >= REPORT_CARRIERS_MAX)
		carriers = REPORT_CARRIERS_MAX - 1;
	while (data->n_carried_by <= (size_t)carriers) {
		data->carried_by =
		    xgrow(data->carried_by, &data->carried_by_room,
			  data->n_carried_by + 1, sizeof(*data->carried_by));
		data->carried_by[data->n_carried_by++] = 0;
	}
	data->carried_by[carriers] += by;
}

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
	if (carriers->all.count == CARRIED_MAX)
		carriers_tell(desk, event->conn, event->side,
			      event->conn->half[event->side].stream.floor);
	if (carriers->all.count == CARRIED_MAX)
		overflow_note(&of_side(desk, event->side)->overflow,
			      event->frame, event->time);
	n = carriers_add(carriers, piece->first_start, piece->first_on,
			 event->subflow->id);
	if (n) {
		count_carriers(data, n - 1, -1);
		count_carriers(data, n, 1);
	}
}

static struct ranges *again_of(struct reinjection *reinjection, int id)
{
	while (reinjection->n_again <= (size_t)id) {
		reinjection->again = xgrow(
		    reinjection->again, &reinjection->again_room,
		    reinjection->n_again + 1, sizeof(*reinjection->again));
		reinjection->again[reinjection->n_again++] = (struct ranges){0};
	}
	return &reinjection->again[id];
}

/* The subflow carries data that was another's: how much of it for the first
 * time. What is older than all that the stream remembers is not kept. */
static int64_t carried(struct reinjection *reinjection,
		       const struct event *event)
{
	const struct piece *piece = event->u.piece;
	struct ranges *again = again_of(reinjection, event->subflow->id);
	int64_t before;

	if (again->all.count >= AGAIN_MAX)
		ranges_trim(again, event->conn->half[event->side].stream.floor);
	before = again->total;
	if (again->all.count < AGAIN_MAX)
		ranges_add(again, piece->start, piece->end);
	else
		overflow_note(&reinjection->overflow, event->frame,
			      event->time);
	return again->total - before;
}

/* Its mapping was seen so late that another subflow's copy, though sent after
 * it, was told before: that one is the copy, this the first. */
static void turn_around(struct copy *copy, const struct piece *piece)
{
	struct point *point = &copy->point;
	const struct passage first = copy->passage[FIRST];

	copy->passage[FIRST] = copy->passage[AGAIN];
	copy->passage[AGAIN] = first;
	point->x = piece->first_time;
	point->y = -point->y;
	point->from = copy->passage[FIRST].subflow;
	point->subflow = copy->passage[AGAIN].subflow;
	point->extra[2] = NO_VALUE; /* what was acknowledged when is lost */
}

static void count(struct desk *desk, enum side side, const struct copy *copy,
		  uint64_t frame, bool acked)
{
	struct reinjection *reinjection = of_side(desk, side);
	struct report_data *data = &desk->report->data[side];
	size_t place =
	    pair_place(desk, side, copy->point.from, copy->point.subflow);
	struct report_reinjection *pair = &data->reinjections[place];

	data->reinjected_bytes += copy->bytes;
	data->reinjected_packets += frame_counts(&reinjection->frame, frame);
	pair->packets += frame_counts(&reinjection->pair_frames[place], frame);
	pair->bytes += copy->bytes;
	if (acked)
		pair->acked_bytes += copy->bytes;
	if (copy->point.y != NO_VALUE)
		report_spread_add(&pair->delay, nstime_seconds(copy->point.y));
}

/* The passage of `bytes` from `seq` on. */
static struct passage passage_of(const struct event *event, int subflow,
				 uint32_t seq, int64_t bytes)
{
	uint32_t end = seq + (uint32_t)bytes;

	return (struct passage){
	    .subflow = subflow,
	    .seq_end = end,
	    .through =
		subflow >= 0 &&
		subflow_acked(event->conn->subflows[subflow], event->side, end),
	};
}

static struct copy copy_of(const struct desk *desk, const struct event *event)
{
	const struct piece *piece = event->u.piece;
	nstime_t delay = nstime_span(piece->first_time, event->time);
	int64_t bytes = piece->end - piece->start;
	int from = piece->first_on >= 0 ? piece->first_on : NO_SUBFLOW;
	int to = event->subflow->id;

	return (struct copy){
	    .passage = {[FIRST] =
			    passage_of(event, from, piece->first_seq, bytes),
			[AGAIN] = passage_of(event, to, piece->seq, bytes)},
	    .data_end = piece->end,
	    .range_start = piece->first_start,
	    .point =
		{
		    .mark = MARK_DOT,
		    .x = event->time,
		    .y = delay == NSTIME_NONE ? NO_VALUE : delay,
		    .subflow = to,
		    .from = from,
		    .extra = {desk_sequence(desk, event->conn, event->side,
					    piece->start),
			      bytes},
		},
	    .bytes = bytes,
	};
}

static void leave_open(struct desk *desk, const struct event *event,
		       const struct copy *copy)
{
	struct reinjection *reinjection = of_side(desk, event->side);
	struct told told = {desk, event->conn, event->side};
	struct copy *open = xmalloc(sizeof(*open));

	*open = *copy;
	reinjection->judge.carriers = &reinjection->carriers;
	reinjection->judge.conn = event->conn;
	reinjection->judge.side = event->side;
	judge_open(&reinjection->judge, open, use_tell, &told);
}

static void reinjected(struct desk *desk, const struct event *event)
{
	enum side side = event->side;
	const struct piece *piece = event->u.piece;
	struct told told = {desk, event->conn, side};
	struct copy copy = copy_of(desk, event);
	bool acked;

	report_flow(desk->report, event->subflow->id, side)->carried_bytes +=
	    carried(of_side(desk, side), event);
	share(desk, event);
	if (copy.point.y < 0 && copy.point.y != NO_VALUE) {
		turn_around(&copy, piece);
		count(desk, side, &copy, piece->first_frame, false);
		leave_open(desk, event, &copy);
		return;
	}
	/* Its first copy, by TCP, or the data, by DATA_ACK. */
	acked = piece->first_acked || copy.passage[FIRST].through;
	copy.point.extra[2] = acked;
	count(desk, side, &copy, event->frame, acked);
	if (acked)
		use_tell(&told, &copy, REDUNDANT);
	else
		leave_open(desk, event, &copy);
}

static void sent_again(struct desk *desk, const struct event *event)
{
	if (event->u.piece->how == SENT_REINJECTED)
		reinjected(desk, event);
}

/* Nothing more will be known. */
static void judge_rest(struct desk *desk, const struct conn *conn,
		       enum side side)
{
	struct told told = {desk, conn, side};

	judge_all(&of_side(desk, side)->judge, use_tell, &told);
	carriers_tell(desk, conn, side, INT64_MAX);
}

static void shift(struct desk *desk, const struct event *event)
{
	struct reinjection *reinjection;

	if (!is_needed(desk))
		return;
	reinjection = of_side(desk, event->side);
	if (event->u.by == SHIFT_RESTART) {
		judge_restart(&reinjection->judge);
		judge_rest(desk, event->conn, event->side);
		for (size_t i = 0; i < reinjection->n_again; i++)
			ranges_clear(&reinjection->again[i]);
		return;
	}
	judge_shift(&reinjection->judge, event->u.by);
	carriers_shift(&reinjection->carriers, event->u.by);
	for (size_t i = 0; i < reinjection->n_again; i++)
		ranges_shift(&reinjection->again[i], event->u.by);
}

static void on_close(struct desk *desk, const struct event *event)
{
	for (int side = 0; side < 2; side++) {
		struct report_data *data = &desk->report->data[side];

		if (is_needed(desk)) {
			judge_rest(desk, event->conn, (enum side)side);
			overflow_tell(
			    &of_side(desk, (enum side)side)->overflow,
			    desk->report,
			    "more ranges were sent by several subflows than "
			    "are remembered",
			    "how many subflows carried the others, and how "
			    "often, is missing");
		}
		/* One subflow carried those that none carried again. */
		if (data->n_carried_by)
			count_carriers(data, 1, data->ranges);
	}
}

static void end(struct desk *desk)
{
	for (int side = 0; is_needed(desk) && side < 2; side++) {
		struct reinjection *reinjection =
		    of_side(desk, (enum side)side);

		judge_free(&reinjection->judge);
		for (size_t i = 0; i < reinjection->n_again; i++)
			ranges_clear(&reinjection->again[i]);
		free(reinjection->again);
		if (reinjection->pairs.slots)
			table_clear(&reinjection->pairs);
		free(reinjection->pair_frames);
		carriers_free(&reinjection->carriers);
	}
	desk_rare_free(desk);
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
    .state_size = sizeof(struct reinjection *), /* [2], by side */
    .reports = true,
    .figures = {[LIST] = &list, [CARRIERS] = &map_reinject},
    .on =
	{
	    [EVENT_SENT_AGAIN] = sent_again,
	    [EVENT_TCP_ACKED] = tcp_acked,
	    [EVENT_RANGES] = ranges_acked,
	    [EVENT_SHIFT] = shift,
	    [EVENT_CLOSE] = on_close,
	},
    .end = end,
};
