/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The time-sequence graph of the data level: each segment's own data bytes,
 * where the subflow that carries them is its colour; DATA_ACKs, the receive
 * window's right edge, and signals at their time.
 */
#include "analysis/analysis.h"

enum { SEQ, MARKS, BY_SUBFLOW };
enum { DATA, AGAIN, REINJECTED, DATA_ACK, ACK_LINE, RIGHT_EDGE, MARK };
enum { LINK = REINJECTED + 1 }; /* in the graph by subflow */

struct line { /* drawn in steps */
	bool begun;
	nstime_t time;
	int64_t at; /* data offset */
};

struct sequence {
	/* A row is a segment: pieces of one frame that are alike are one. */
	struct point row[2];
	bool waiting[2];
	uint64_t frame[2]; /* of `row` */
	struct line acked[2], edge[2];
};

/* The row again, with the data sequence across and a lane a subflow; from the
 * lane of the one that carried it first if that was another one. */
static void draw_by_subflow(struct figure *figure, const struct point *row)
{
	struct point point = {
	    .mark = MARK_SEGMENT,
	    .series = row->series,
	    .x = row->y,
	    .y = row->subflow,
	    .x2 = row->y2,
	    .y2 = row->subflow,
	    .subflow = row->subflow,
	    .from = row->from,
	};

	figure_draw(figure, &point);
	if (row->from < 0)
		return;
	point.series = LINK;
	point.y = row->from;
	point.x2 = point.x;
	figure_draw(figure, &point);
}

static void flush(struct desk *desk, enum side side)
{
	struct sequence *sequence = desk->state;
	const struct point *row = &sequence->row[side];

	if (sequence->waiting[side]) {
		figure_draw(desk_figure(desk, SEQ, side), row);
		draw_by_subflow(desk_figure(desk, BY_SUBFLOW, side), row);
	}
	sequence->waiting[side] = false;
}

static void sent(struct desk *desk, const struct event *event)
{
	struct sequence *sequence = desk->state;
	enum side side = event->side;
	const struct piece *piece = event->u.piece;
	struct point *row = &sequence->row[side];
	int64_t base = desk_sequence(desk, event->conn, side, 0);
	int series = piece->how == SENT_REINJECTED ? REINJECTED
		     : piece->how == SENT_AGAIN	   ? AGAIN
						   : DATA;
	int from = piece->how == SENT_REINJECTED && piece->first_on >= 0
		       ? piece->first_on
		       : NO_SUBFLOW;

	if (sequence->waiting[side] && sequence->frame[side] == event->frame &&
	    row->subflow == event->subflow->id && row->from == from &&
	    row->y2 == base + piece->start) {
		row->y2 = base + piece->end;
		if (series > row->series)
			row->series = series;
		return;
	}
	flush(desk, side);
	*row = (struct point){
	    .mark = MARK_BAR,
	    .series = series,
	    .x = event->time,
	    .y = base + piece->start,
	    .y2 = base + piece->end,
	    .subflow = event->subflow->id,
	    .from = from,
	};
	sequence->frame[side] = event->frame;
	sequence->waiting[side] = true;
}

/* A line goes on, level, to now, and then up to `at`. */
static void draw_step(struct desk *desk, const struct event *event,
		      const struct line *line, int series, int64_t at)
{
	struct figure *figure = desk_figure(desk, SEQ, event->side);
	int64_t base = desk_sequence(desk, event->conn, event->side, 0);
	struct point point = {
	    .mark = MARK_SEGMENT,
	    .series = series,
	    .x = line->time,
	    .y = base + line->at,
	    .x2 = event->time,
	    .y2 = base + line->at,
	    .subflow = NO_SUBFLOW,
	    .from = NO_SUBFLOW,
	};

	if (!figure_shows(figure, series))
		return;
	figure_draw(figure, &point);
	point.x = event->time;
	point.y2 = base + at;
	figure_draw(figure, &point);
}

static inline void step(struct desk *desk, const struct event *event,
			struct line *line, int series, int64_t at)
{
	if (event->time == NSTIME_NONE || (line->begun && at <= line->at))
		return;
	if (line->begun)
		draw_step(desk, event, line, series, at);
	*line = (struct line){true, event->time, at};
}

static void acked(struct desk *desk, const struct event *event)
{
	struct sequence *sequence = desk->state;
	enum side side = event->side;
	int64_t upto = event->u.data_ack.upto;
	int64_t window = event->u.data_ack.window;
	const struct point point = {
	    .mark = MARK_DOT,
	    .series = DATA_ACK,
	    .x = event->time,
	    .y = desk_sequence(desk, event->conn, side, upto),
	    .subflow = event->subflow->id,
	    .from = NO_SUBFLOW,
	};

	flush(desk, side);
	step(desk, event, &sequence->acked[side], ACK_LINE, upto);
	if (window >= 0)
		step(desk, event, &sequence->edge[side], RIGHT_EDGE,
		     upto + window);
	figure_draw(desk_figure(desk, SEQ, side), &point);
}

static const char *address_mark(enum address_signal signal)
{
	switch (signal) {
	case ADDRESS_ADD:
		return "ADD_ADDR";
	case ADDRESS_ECHO:
		return "ADD_ADDR echo";
	default:
		return "REMOVE_ADDR";
	}
}

/* Does a subflow appear by joining? Its options have not had their say yet. */
static bool is_join(const struct event *event)
{
	const struct segment *segment = event->segment;

	for (int i = 0; segment && i < segment->n_mptcp; i++)
		if (segment->mptcp[i].subtype == MPTCP_JOIN)
			return true;
	return event->subflow->join;
}

/* What a signal is called, or NULL if it is none. */
static const char *mark_of(const struct event *event)
{
	switch (event->kind) {
	case EVENT_SUBFLOW:
		return is_join(event) ? "JOIN" : NULL;
	case EVENT_ADDRESS:
		return address_mark(event->u.address->signal);
	case EVENT_PRIORITY:
		return event->u.backup ? "MP_PRIO backup" : "MP_PRIO";
	case EVENT_FAIL:
		return "MP_FAIL";
	case EVENT_FALLBACK:
		return "FALLBACK";
	case EVENT_FASTCLOSE:
		return "FASTCLOSE";
	case EVENT_DATA_FIN:
		return "DATA_FIN";
	case EVENT_SUBFLOW_END:
		return event->subflow->reset_seen ? "RST" : "FIN";
	default:
		return NULL;
	}
}

/* A signal is about the connection: it is seen in both directions, where
 * their data is at that time. */
static void mark(struct desk *desk, const struct event *event)
{
	struct point point = {
	    .mark = MARK_TEXT,
	    .series = MARK,
	    .x = event->time,
	    .subflow = NO_SUBFLOW,
	    .from = NO_SUBFLOW,
	    .text = mark_of(event),
	};

	if (!point.text)
		return;
	if (event->subflow)
		point.subflow = event->subflow->id;
	for (int side = 0; side < 2; side++) {
		const struct conn_half *half = &event->conn->half[side];

		if (!half->started)
			continue;
		flush(desk, (enum side)side);
		point.y = desk_sequence(desk, event->conn, (enum side)side,
					half->stream.sent);
		figure_draw(desk_figure(desk, SEQ, (enum side)side), &point);
		if (side == (int)event->side)
			figure_draw(desk_figure(desk, MARKS, event->side),
				    &point);
	}
}

static void shift(struct desk *desk, const struct event *event)
{
	struct sequence *sequence = desk->state;

	sequence->acked[event->side].begun = false;
	sequence->edge[event->side].begun = false;
}

static void on_close(struct desk *desk, const struct event *event)
{
	(void)event;
	flush(desk, CLIENT);
	flush(desk, SERVER);
}

static const struct figure_kind seq = {
    .name = "seq",
    .help = "data sequence by subflow, DATA_ACKs, window",
    .title = "Time sequence",
    .x_label = "Time",
    .y_label = "Sequence number",
    .caption = "Data sequence",
    .y_name = "data sequence",
    .unit = UNIT_SEQUENCE,
    .standard = true,
    .series =
	{
	    [DATA] = {"data", .form = FORM_BARS},
	    [AGAIN] = {"retransmitted", .form = FORM_BARS, .ink = INK_LOST,
		       .sign = SIGN_CROSS},
	    [REINJECTED] = {"reinjected", .form = FORM_BARS,
			    .ink = INK_REINJECTED, .sign = SIGN_RING},
	    [DATA_ACK] = {"DATA_ACK"},
	    [ACK_LINE] = {"acknowledged", .aside = true, .form = FORM_STEPS,
			  .ink = INK_WHOLE},
	    [RIGHT_EDGE] = {"right edge of the window", .colour = 7,
			    .aside = true, .form = FORM_STEPS,
			    .ink = INK_WINDOW, .unscaled = true},
	    [MARK] = {"signals", .aside = true, .form = FORM_LABELS,
		      .ink = INK_FAINT},
	},
};

static const struct figure_kind marks = {
    .name = "marks",
    .help = "the signals in seq, for csv",
    .title = "Signals",
    .x_label = "Time",
    .y_label = "Sequence number",
    .caption = "Signals",
    .y_name = "data sequence",
    .unit = UNIT_SEQUENCE,
    .columns =
	{
	    {"time", FIELD_X},
	    {"sequence", FIELD_Y},
	    {"signal", FIELD_TEXT},
	    {"subflow", FIELD_SUBFLOW},
	},
    .only_csv = true,
    .series = {[0] = {"signals"}, [MARK] = {"signals"}},
};

static const struct figure_kind by_subflow = {
    .name = "seq_sf",
    .help = "data sequence by subflow, reinjections from, to",
    .title = "Data sequence by subflow",
    .x_label = "Sequence number",
    .y_label = "Subflow",
    .caption = "Which subflow carried what; reinjections from and to",
    .y_name = "subflow",
    .unit = UNIT_SUBFLOW,
    .x_is_sequence = true,
    .no_csv = true,
    .series =
	{
	    [DATA] = {"data", .form = FORM_SPANS},
	    [AGAIN] = {"retransmitted", .form = FORM_SPANS, .ink = INK_LOST},
	    [REINJECTED] = {"reinjected", .form = FORM_SPANS,
			    .ink = INK_REINJECTED},
	    [LINK] = {"from, to", .form = FORM_LINKS, .ink = INK_REINJECTED},
	},
};

const struct analysis analysis_sequence = {
    .name = "sequence",
    .state_size = sizeof(struct sequence),
    .figures = {[SEQ] = &seq, [MARKS] = &marks, [BY_SUBFLOW] = &by_subflow},
    .on =
	{
	    [EVENT_SENT] = sent,
	    [EVENT_SENT_AGAIN] = sent,
	    [EVENT_DATA_ACK] = acked,
	    [EVENT_SHIFT] = shift,
	    [EVENT_SUBFLOW] = mark,
	    [EVENT_ADDRESS] = mark,
	    [EVENT_PRIORITY] = mark,
	    [EVENT_FAIL] = mark,
	    [EVENT_FALLBACK] = mark,
	    [EVENT_FASTCLOSE] = mark,
	    [EVENT_DATA_FIN] = mark,
	    [EVENT_SUBFLOW_END] = mark,
	    [EVENT_CLOSE] = on_close,
	},
};
