/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When what was signalled: lanes of subflows, each with its life as a line, a
 * mark at each signal, and all of them in a list.
 */
#include "write/parts.h"

#include "report/picture.h"
#include "write/html.h"
#include "write/svg.h"

#include <inttypes.h>
#include <string.h>

#define ABOVE                                                                  \
	5 /* pixels: the client's signals above the line, the server's         \
	   * below */

static const struct figure_kind lives = {
    .name = "timeline",
    .caption = "Signals",
    .y_name = "subflow",
    .unit = UNIT_SUBFLOW,
    .series = {{"life", .form = FORM_SPANS}},
};

/* Lane -1 is of the connection as a whole. */
static bool has_whole(const struct report_conn *conn)
{
	for (size_t i = 0; i < conn->n_signals; i++)
		if (conn->signals[i].subflow < 0)
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

/* What one should not overlook. */
static bool is_bad(const struct report_signal *signal)
{
	return strstr(signal->name, "RST") || strstr(signal->name, "FAIL") ||
	       strstr(signal->name, "FASTCLOSE") ||
	       strstr(signal->name, "fallback");
}

static void put_text(struct buffer *out, const struct report_signal *signal)
{
	html_text(out, signal->name);
	if (signal->text && *signal->text) {
		buffer_text(out, ": ");
		html_text(out, signal->text);
	}
}

static void put_mark(const struct svg *svg, const struct report_signal *signal,
		     int digits)
{
	struct buffer *out = svg->out;
	char class[SVG_CLASS];
	bool client = signal->side == CLIENT;

	if (signal->time == NSTIME_NONE)
		return;
	buffer_print(out, "<circle class=\"%s%s\" ",
		     svg_class(signal->subflow, class),
		     is_bad(signal) ? " bad" : "");
	if (signal->subflow >= 0)
		buffer_print(out, "data-sf=\"%d\" ", signal->subflow);
	buffer_print(out, "cx=\"%.2f%%\" cy=\"%.0f\" r=\"4\"><title>",
		     svg_across(svg, signal->time),
		     svg_down(svg, signal->subflow) +
			 (client ? -ABOVE : ABOVE));
	put_since(out, svg->shown->conn, signal->time, digits);
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

static void put_row(struct buffer *out, const struct report_conn *conn,
		    const struct report_signal *signal, int digits)
{
	buffer_text(out, "<tr><td>");
	put_since(out, conn, signal->time, digits);
	buffer_print(out, "</td><td>%" PRIu64 "</td><td>%s</td><td>",
		     signal->packet, side_word(signal->side));
	if (signal->subflow >= 0)
		buffer_int(out, signal->subflow);
	buffer_text(out, "</td><td>");
	html_text(out, signal->name);
	buffer_text(out, "</td><td>");
	if (signal->text)
		html_text(out, signal->text);
	buffer_text(out, "</td></tr>\n");
}

static void put_list(struct buffer *out, const struct report_conn *conn,
		     int digits)
{
	buffer_print(
	    out,
	    "<details class=\"list\"><summary>%zu signal%s</summary>"
	    "<div class=\"wide\" tabindex=\"0\"><table class=\"signals\">"
	    "<thead><tr><th scope=\"col\">s since the start</th>"
	    "<th scope=\"col\">packet</th><th scope=\"col\">from</th>"
	    "<th scope=\"col\">subflow</th><th scope=\"col\">signal</th>"
	    "<th scope=\"col\">what it says</th></tr></thead><tbody>\n",
	    conn->n_signals, conn->n_signals == 1 ? "" : "s");
	for (size_t i = 0; i < conn->n_signals; i++)
		put_row(out, conn, &conn->signals[i], digits);
	buffer_text(out, "</tbody></table></div>");
	if (conn->signals_lost)
		buffer_print(out, "<p>and %" PRIu64 " signals more</p>",
			     conn->signals_lost);
	buffer_text(out, "</details>\n");
}

void timeline(struct buffer *out, const struct report_conn *conn, int digits)
{
	struct picture *picture;

	if (!conn->n_signals)
		return;
	picture = draw_lives(conn);
	if (!picture_is_empty(picture))
		put_picture(out, conn, picture, digits);
	picture_free(picture);
	put_list(out, conn, digits);
}
