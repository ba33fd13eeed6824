/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When what was signalled: lanes of subflows, each with its life as a line, a
 * mark at each signal, and all of them in a list.
 */
#include "write/parts.h"

#include "report/picture.h"
#include "write/facts.h"
#include "write/html.h"
#include "write/svg.h"

#include <inttypes.h>
#include <stdio.h>

/* Of a lane: the client's signals are so much above the line, the server's
 * below. */
#define ABOVE 0.25

static const struct figure_kind lives = {
    .name = "timeline",
    .caption = "Signals",
    .y_name = "subflow",
    .unit = UNIT_SUBFLOW,
    .series = {{"life", .form = FORM_SPANS}},
};

/* Lane -1 is of the connection as a whole: there is one where somebody should
 * look at it. All begin and end. */
static bool is_drawn(const struct report_signal *signal)
{
	return signal->time != NSTIME_NONE &&
	       (signal->subflow >= 0 || signal->severity > NOTE);
}

static bool has_whole(const struct report_conn *conn)
{
	for (size_t i = 0; i < conn->n_signals; i++)
		if (conn->signals[i].subflow < 0 && is_drawn(&conn->signals[i]))
			return true;
	return false;
}

static void add_life(struct picture *picture, nstime_t first, nstime_t last,
		     int lane)
{
	const struct point point = {
	    .mark = MARK_SEGMENT,
	    .x = first,
	    .y = lane,
	    .x2 = last,
	    .y2 = lane,
	    .subflow = lane,
	};

	if (first != NSTIME_NONE)
		picture_add(picture, &point);
}

static struct picture *draw_lives(const struct report_conn *conn)
{
	struct picture *picture = picture_new(&lives);

	if (has_whole(conn))
		add_life(picture, conn->first, conn->last, NO_SUBFLOW);
	for (size_t i = 0; i < conn->n_subflows; i++)
		add_life(picture, conn->subflows[i].first,
			 conn->subflows[i].last, conn->subflows[i].id);
	picture_finish(picture);
	return picture;
}

static void put_text(struct buffer *out, const struct report_signal *signal)
{
	buffer_text(out, signal_word(signal->kind));
	if (signal->text && *signal->text) {
		buffer_text(out, ": ");
		html_text(out, signal->text);
	}
}

/* As the picture has them. */
static int lane_of(const struct report_signal *signal)
{
	return signal->subflow < PICTURE_SUBFLOWS ? signal->subflow
						  : PICTURE_SUBFLOWS;
}

static void put_mark(const struct svg *svg, const struct report_signal *signal,
		     int digits)
{
	struct buffer *out = svg->out;
	char class[SVG_CLASS];
	bool client = signal->side == CLIENT;

	if (!is_drawn(signal))
		return;
	buffer_print(out, "<circle class=\"%s%s\"",
		     svg_class(signal->subflow, class),
		     signal->severity > NOTE ? " bad" : "");
	svg_subflow(out, signal->subflow);
	buffer_print(out, " cx=\"%.2f%%\" cy=\"%.0f\" r=\"4\"><title>",
		     svg_across(svg, signal->time),
		     svg_down(svg, lane_of(signal)) +
			 (client ? -ABOVE : ABOVE) * svg_lane(svg));
	html_since(out, svg->shown->conn->first, signal->time, digits);
	buffer_print(out, " s, %s: ", side_word(signal->side));
	put_text(out, signal);
	buffer_text(out, "</title></circle>\n");
}

static void put_picture(struct buffer *out, const struct report_conn *conn,
			const struct picture *picture, int digits)
{
	const struct figure figure = {.kind = &lives};
	const struct shown shown = {&figure, picture, conn};
	struct svg svg;

	buffer_text(out,
		    "<figure class=\"timeline\"><figcaption><b>Signals</b> "
		    "<small>above the line the client's, below the server's"
		    "</small><output></output></figcaption>\n");
	svg_begin(&svg, out, &shown, "both ways");
	for (size_t i = 0; i < conn->n_signals; i++)
		put_mark(&svg, &conn->signals[i], digits);
	svg_end(&svg);
	buffer_text(out, "</figure>\n");
}

/* Columns of text: there are many of them, and elements take a browser's
 * time. */
#define COLUMNS "%14s %9s  %-6s %7s  %-16s  "

static void put_line(struct buffer *out, const struct report_conn *conn,
		     const struct report_signal *signal, int digits)
{
	nstime_t since = nstime_span(conn->first, signal->time);
	char time[NSTIME_TEXT] = "-", packet[24], subflow[16] = "all";

	if (since != NSTIME_NONE)
		nstime_print(since, digits, time);
	snprintf(packet, sizeof(packet), "%" PRIu64, signal->packet);
	if (signal->subflow >= 0)
		snprintf(subflow, sizeof(subflow), "%d", signal->subflow);
	buffer_print(out, COLUMNS, time, packet, side_word(signal->side),
		     subflow, signal_word(signal->kind));
	if (signal->text)
		html_text(out, signal->text);
	buffer_char(out, '\n');
}

void timeline_list(struct buffer *out, const struct report_conn *conn,
		   int digits)
{
	if (!conn->n_signals)
		return;
	buffer_print(out,
		     "<details class=\"list\"><summary>%zu signal%s</summary>"
		     "<pre class=\"signals\" tabindex=\"0\">" COLUMNS
		     "what it says\n",
		     conn->n_signals, fact_plural((int64_t)conn->n_signals),
		     "s since start", "packet", "from", "subflow", "signal");
	for (size_t i = 0; i < conn->n_signals; i++)
		put_line(out, conn, &conn->signals[i], digits);
	buffer_text(out, "</pre>");
	if (conn->signals_lost)
		buffer_print(out, "<p>and %" PRIu64 " signal%s more</p>",
			     conn->signals_lost,
			     fact_plural((int64_t)conn->signals_lost));
	buffer_text(out, "</details>\n");
}

void timeline_picture(struct buffer *out, const struct report_conn *conn,
		      int digits)
{
	struct picture *picture;

	if (!conn->n_signals)
		return;
	picture = draw_lives(conn);
	if (!picture_is_empty(picture))
		put_picture(out, conn, picture, digits);
	picture_free(picture);
}
