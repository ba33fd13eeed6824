/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * -w 0: for xplot, as tcptrace's graphs.
 */
#include "write/sheets.h"

#include "write/buffer.h"

#define COLOURS 8 /* 0 is the foreground's */

static void colour(struct buffer *out, int number)
{
	buffer_char(out, (char)('0' + number));
	buffer_char(out, '\n');
}

/* One colour a subflow in all graphs; the eighth has the first's again. */
static int colour_of(int subflow)
{
	return subflow < 0 ? 0 : 1 + subflow % (COLOURS - 1);
}

static void place(struct buffer *out, const struct figure *figure, int64_t x,
		  int64_t y, int digits)
{
	if (figure->kind->x_is_sequence)
		buffer_int(out, x);
	else
		buffer_time(out, x - figure->start, digits);
	buffer_char(out, ' ');
	if (figure->kind->millionths)
		buffer_millionths(out, y);
	else
		buffer_int(out, y);
}

static void label(struct buffer *out, const struct figure *figure, int64_t x,
		  int64_t y, const char *text, int digits)
{
	buffer_text(out, "atext ");
	place(out, figure, x, y, digits);
	buffer_text(out, "\n ");
	buffer_text(out, text);
	buffer_text(out, " \n");
}

static void head(struct buffer *out, const struct figure *figure)
{
	const struct figure_kind *kind = figure->kind;

	if (kind->x_is_sequence)
		buffer_text(out, "double double\n");
	else
		buffer_text(out, figure->start ? "dtime double\n"
					       : "timeval double\n");
	buffer_text(out, "title\n");
	buffer_text(out, direction_word(figure->side));
	buffer_text(out, " - ");
	buffer_text(out, kind->title);
	buffer_text(out, "\nxlabel\n");
	buffer_text(out, kind->x_label);
	buffer_text(out, "\nylabel\n");
	buffer_text(out, kind->y_label);
	buffer_char(out, '\n');
}

/* A segment without extent would not be seen. */
static bool is_spot(const struct point *point)
{
	return point->mark == MARK_SEGMENT && point->x == point->x2 &&
	       point->y == point->y2;
}

static void point(struct buffer *out, const struct figure *figure,
		  const struct point *point, int digits)
{
	const struct series *series = &figure->kind->series[point->series];

	if (point->y == NO_VALUE)
		return;
	/* What another subflow carried first, says so. */
	if (point->mark == MARK_BAR && point->from >= 0) {
		colour(out, colour_of(point->from));
		label(out, figure, point->x, point->y2, "R", digits);
	}
	colour(out,
	       series->colour ? series->colour : colour_of(point->subflow));
	if (point->mark == MARK_TEXT) {
		label(out, figure, point->x, point->y, point->text, digits);
		return;
	}
	if (point->mark == MARK_DOT || is_spot(point)) {
		buffer_text(out, "diamond ");
		place(out, figure, point->x, point->y, digits);
	} else {
		buffer_text(out, "line ");
		place(out, figure, point->x, point->y, digits);
		buffer_char(out, ' ');
		place(out, figure,
		      point->mark == MARK_BAR ? point->x : point->x2, point->y2,
		      digits);
		buffer_char(out, ' ');
	}
	buffer_char(out, '\n');
}

const struct painter painter_xplot = {
    .name = "xplot",
    .suffix = "xpl",
    .help = "for xplot",
    .number = 0,
    .head = head,
    .point = point,
};
