/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * -w 2: a row a point. The figures of 2014 have the rows of 2014, without a
 * header; others a header, and columns of their own.
 */
#include "write/sheets.h"

#include "write/buffer.h"
#include "write/scribe.h"

#include <assert.h>

/* A text is the name of a series, say: a constant. */
#define TEXT_MOST (DIGITS_ROOM - 1)
#define ROW_ROOM  (COLUMNS_MAX * DIGITS_ROOM)

/* Time as it is, or since the connection's start. */
static inline char *x_value(char *at, const struct figure *figure, int64_t x,
			    struct scribe *scribe)
{
	if (figure->kind->x_is_sequence)
		return scribe_int(scribe, at, x);
	return scribe_time(scribe, at, x - figure->start);
}

static inline char *y_value(char *at, bool millionths, int64_t y,
			    struct scribe *scribe)
{
	if (y == NO_VALUE)
		return at;
	return millionths ? scribe_millionths(scribe, at, y)
			  : scribe_int(scribe, at, y);
}

static char *id_value(char *at, int subflow)
{
	if (subflow < 0)
		return at; /* unknown, or of all */
	return digits_few(at, subflow);
}

static char *text_value(char *at, const char *text)
{
	assert(strlen(text) <= TEXT_MOST);
	return digits_text(at, text);
}

static int colour(const struct figure_kind *kind, const struct point *point)
{
	if (kind->series[point->series].colour)
		return kind->series[point->series].colour;
	return point->subflow + !kind->by_id;
}

/* ts,ylo,colour,1,yhi,from - ts,y,colour,0,0,-1 - ts,y.6,colour,0,0 */
static char *row_of_2014(char *at, const struct figure *figure,
			 const struct point *point, struct scribe *scribe)
{
	const struct figure_kind *kind = figure->kind;

	at = x_value(at, figure, point->x, scribe);
	*at++ = ',';
	at = y_value(at, kind->millionths, point->y, scribe);
	*at++ = ',';
	at = digits_few(at, colour(kind, point));
	if (point->mark == MARK_BAR) {
		at = digits_text(at, ",1,");
		at = y_value(at, kind->millionths, point->y2, scribe);
		*at++ = ',';
		at = digits_few(at, point->from < 0 ? -1 : point->from + 1);
	} else {
		at = digits_text(at, ",0,0");
		if (!kind->millionths)
			at = digits_text(at, ",-1");
	}
	*at++ = '\n';
	return at;
}

static char *field_value(char *at, const struct figure *figure,
			 enum field field, const struct point *point,
			 struct scribe *scribe)
{
	const struct figure_kind *kind = figure->kind;

	switch (field) {
	case FIELD_X:
		return x_value(at, figure, point->x, scribe);
	case FIELD_X2:
		return x_value(at, figure, point->x2, scribe);
	case FIELD_Y:
		return y_value(at, kind->millionths, point->y, scribe);
	case FIELD_Y2:
		return y_value(at, kind->millionths, point->y2, scribe);
	case FIELD_SERIES:
		return text_value(at, kind->series[point->series].name);
	case FIELD_SUBFLOW:
		return id_value(at, point->subflow);
	case FIELD_FROM:
		return id_value(at, point->from);
	case FIELD_TEXT:
		return text_value(at, point->text ? point->text : "");
	default:
		return y_value(at, false, point->extra[field - FIELD_EXTRA],
			       scribe);
	}
}

static void head(struct buffer *out, const struct figure *figure)
{
	const struct column *column = figure->kind->columns;

	for (; column->name; column++) {
		buffer_text(out, column->name);
		buffer_char(out, column[1].name ? ',' : '\n');
	}
}

static void point(struct buffer *out, const struct figure *figure,
		  const struct point *point, struct scribe *scribe)
{
	const struct column *column = figure->kind->columns;
	char *at;

	if (!column->name && figure->kind->series[point->series].aside)
		return;
	at = buffer_room(out, ROW_ROOM);
	if (!column->name)
		at = row_of_2014(at, figure, point, scribe);
	for (; column->name; column++) {
		at = field_value(at, figure, column->field, point, scribe);
		*at++ = column[1].name ? ',' : '\n';
	}
	buffer_reach(out, at);
}

const struct painter painter_csv = {
    .name = "csv",
    .suffix = "csv",
    .help = "a row a point",
    .number = 2,
    .head = head,
    .point = point,
};
