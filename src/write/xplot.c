/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * -w 0: for xplot, as tcptrace's graphs.
 */
#include "write/sheets.h"

#include "write/buffer.h"
#include "write/scribe.h"

#include <assert.h>

#define COLOURS 8 /* 0 is the foreground's */

/* The longest text is what a signal is called: a constant. */
#define TEXT_MOST DIGITS_ROOM
#define ROW_ROOM  (9 * DIGITS_ROOM)

static char *colour(char *at, int number)
{
	*at++ = (char)('0' + number);
	*at++ = '\n';
	return at;
}

/* One colour a subflow in all graphs; the eighth has the first's again. */
static int colour_of(int subflow)
{
	return subflow < 0 ? 0 : 1 + subflow % (COLOURS - 1);
}

static char *place(char *at, const struct figure *figure, int64_t x, int64_t y,
		   struct scribe *scribe)
{
	if (figure->kind->x_is_sequence)
		at = scribe_int(scribe, at, x);
	else
		at = scribe_time(scribe, at, x - figure->start);
	*at++ = ' ';
	return figure->kind->millionths ? scribe_millionths(scribe, at, y)
					: scribe_int(scribe, at, y);
}

static char *label(char *at, const struct figure *figure, int64_t x, int64_t y,
		   const char *text, struct scribe *scribe)
{
	assert(strlen(text) <= TEXT_MOST);
	at = digits_text(at, "atext ");
	at = place(at, figure, x, y, scribe);
	at = digits_text(at, "\n ");
	at = digits_text(at, text);
	return digits_text(at, " \n");
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

static char *mark(char *at, const struct figure *figure,
		  const struct point *point, struct scribe *scribe)
{
	if (point->mark == MARK_TEXT)
		return label(at, figure, point->x, point->y, point->text,
			     scribe);
	if (point->mark == MARK_DOT || is_spot(point)) {
		at = digits_text(at, "diamond ");
		at = place(at, figure, point->x, point->y, scribe);
	} else {
		at = digits_text(at, "line ");
		at = place(at, figure, point->x, point->y, scribe);
		*at++ = ' ';
		at = place(at, figure,
			   point->mark == MARK_BAR ? point->x : point->x2,
			   point->y2, scribe);
		*at++ = ' ';
	}
	*at++ = '\n';
	return at;
}

static void point(struct buffer *out, const struct figure *figure,
		  const struct point *point, struct scribe *scribe)
{
	const struct series *series = &figure->kind->series[point->series];
	char *at;

	if (point->y == NO_VALUE)
		return;
	at = buffer_room(out, ROW_ROOM);
	/* What another subflow carried first, says so. */
	if (point->mark == MARK_BAR && point->from >= 0) {
		at = colour(at, colour_of(point->from));
		at = label(at, figure, point->x, point->y2, "R", scribe);
	}
	at = colour(at, series->colour ? series->colour
				       : colour_of(point->subflow));
	buffer_reach(out, mark(at, figure, point, scribe));
}

static point_fn *point_of(const struct figure_kind *kind)
{
	(void)kind;
	return point;
}

const struct painter painter_xplot = {
    .name = "xplot",
    .suffix = "xpl",
    .help = "for xplot",
    .number = 0,
    .head = head,
    .point_of = point_of,
};
