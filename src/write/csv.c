/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * -w 2: a row a point. The figures of 2014 have the rows of 2014, without a
 * header; others a header, and columns of their own.
 */
#include "write/sheets.h"

#include "base/rare.h"
#include "write/buffer.h"
#include "write/scribe.h"

#include <assert.h>

/* A text is the name of a series, say: a constant. */
#define TEXT_MOST (DIGITS_ROOM - 1)
#define ROW_ROOM  (COLUMNS_MAX * DIGITS_ROOM)

/* Time as it is, or since the connection's start. */
static inline char *x_value(char *at, const struct figure *figure,
			    bool is_sequence, int64_t x, struct scribe *scribe)
{
	if (is_sequence)
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

/* Between commas. */
static inline char *colour_value(char *at, const struct figure_kind *kind,
				 const struct point *point)
{
	*at++ = ',';
	at = digits_few(at, colour(kind, point));
	*at++ = ',';
	return at;
}

/* ts,ylo,colour,1,yhi,from - ts,y,colour,0,0,-1 - ts,y.6,colour,0,0 */
OFTEN static void row_of_2014(struct buffer *out, const struct figure *figure,
			      const struct point *point, struct scribe *scribe,
			      bool is_sequence, bool millionths)
{
	char *at = buffer_room(out, ROW_ROOM);

	at = x_value(at, figure, is_sequence, point->x, scribe);
	*at++ = ',';
	at = y_value(at, millionths, point->y, scribe);
	at = colour_value(at, figure->kind, point);
	if (point->mark == MARK_BAR) {
		at = digits_text(at, "1,");
		at = y_value(at, millionths, point->y2, scribe);
		*at++ = ',';
		if (point->from < 0)
			at = digits_text(at, "-1");
		else
			at = digits_few(at, point->from + 1);
		*at++ = '\n';
	} else {
		at = digits_text(at, millionths ? "0,0\n" : "0,0,-1\n");
	}
	buffer_reach(out, at);
}

/* The forms of it, without a question for each point. */
#define ROW_OF_2014(name, is_sequence, millionths)                             \
	static void name(struct buffer *out, const struct figure *figure,      \
			 const struct point *point, struct scribe *scribe)     \
	{                                                                      \
		row_of_2014(out, figure, point, scribe, is_sequence,           \
			    millionths);                                       \
	}
ROW_OF_2014(time_row, false, false)
ROW_OF_2014(time_millionths_row, false, true)
ROW_OF_2014(sequence_row, true, false)
ROW_OF_2014(sequence_millionths_row, true, true)

static char *field_value(char *at, const struct figure *figure,
			 enum field field, const struct point *point,
			 struct scribe *scribe)
{
	const struct figure_kind *kind = figure->kind;

	switch (field) {
	case FIELD_X:
		return x_value(at, figure, kind->x_is_sequence, point->x,
			       scribe);
	case FIELD_X2:
		return x_value(at, figure, kind->x_is_sequence,
			       order_has_end(point) ? point->x2 : 0, scribe);
	case FIELD_Y:
		return y_value(at, kind->millionths, point->y, scribe);
	case FIELD_Y2:
		return y_value(at, kind->millionths,
			       order_has_end(point) ? point->y2 : 0, scribe);
	case FIELD_SERIES:
		return text_value(at, kind->series[point->series].name);
	case FIELD_SUBFLOW:
		return id_value(at, point->subflow);
	case FIELD_FROM:
		return id_value(at, point->from);
	case FIELD_TEXT:
		return text_value(
		    at, order_has_all(point) && point->text ? point->text : "");
	default:
		return y_value(at, false,
			       order_has_all(point)
				   ? point->extra[field - FIELD_EXTRA]
				   : 0,
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

/* What has no row in the csv of 2014. */
static bool omits(const struct figure_kind *kind, int series)
{
	return !kind->columns->name && kind->series[series].aside;
}

static void columns_row(struct buffer *out, const struct figure *figure,
			const struct point *point, struct scribe *scribe)
{
	const struct column *column = figure->kind->columns;
	char *at = buffer_room(out, ROW_ROOM);

	for (; column->name; column++) {
		at = field_value(at, figure, column->field, point, scribe);
		*at++ = column[1].name ? ',' : '\n';
	}
	buffer_reach(out, at);
}

static point_fn *point_of(const struct figure_kind *kind)
{
	static point_fn *const rows[2][2] = {
	    {time_row, time_millionths_row},
	    {sequence_row, sequence_millionths_row},
	};

	return kind->columns->name
		   ? columns_row
		   : rows[kind->x_is_sequence][kind->millionths];
}

const struct painter painter_csv = {
    .name = "csv",
    .suffix = "csv",
    .help = "a row a point",
    .number = 2,
    .omits = omits,
    .head = head,
    .point_of = point_of,
};
