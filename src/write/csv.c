/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * -w 2: a row a point. The figures of 2014 have the rows of 2014, without a
 * header; others a header, and columns of their own.
 */
#include "write/sheets.h"

#include "write/buffer.h"

/* Time as it is, or since the connection's start. */
static nstime_t moment(const struct figure *figure, nstime_t time)
{
	return time - figure->start;
}

static void x_value(struct buffer *out, const struct figure *figure, int64_t x,
		    int digits)
{
	if (figure->kind->x_is_sequence)
		buffer_int(out, x);
	else
		buffer_time(out, moment(figure, x), digits);
}

static void y_value(struct buffer *out, bool millionths, int64_t y)
{
	if (y == NO_VALUE)
		return;
	if (millionths)
		buffer_millionths(out, y);
	else
		buffer_int(out, y);
}

static void id_value(struct buffer *out, int subflow)
{
	if (subflow >= 0) /* else empty: unknown, or of all */
		buffer_int(out, subflow);
}

static int colour(const struct figure_kind *kind, const struct point *point)
{
	if (kind->series[point->series].colour)
		return kind->series[point->series].colour;
	return point->subflow + !kind->by_id;
}

/* ts,ylo,colour,1,yhi,from - ts,y,colour,0,0,-1 - ts,y.6,colour,0,0 */
static void row_of_2014(struct buffer *out, const struct figure *figure,
			const struct point *point, int digits)
{
	const struct figure_kind *kind = figure->kind;

	x_value(out, figure, point->x, digits);
	buffer_char(out, ',');
	y_value(out, kind->millionths, point->y);
	buffer_char(out, ',');
	buffer_int(out, colour(kind, point));
	if (point->mark == MARK_BAR) {
		buffer_text(out, ",1,");
		y_value(out, kind->millionths, point->y2);
		buffer_char(out, ',');
		buffer_int(out, point->from < 0 ? -1 : point->from + 1);
	} else {
		buffer_text(out, kind->millionths ? ",0,0" : ",0,0,-1");
	}
	buffer_char(out, '\n');
}

static void field_value(struct buffer *out, const struct figure *figure,
			const struct column *column, const struct point *point,
			int digits)
{
	const struct figure_kind *kind = figure->kind;

	switch (column->field) {
	case FIELD_X:
		x_value(out, figure, point->x, digits);
		break;
	case FIELD_X2:
		x_value(out, figure, point->x2, digits);
		break;
	case FIELD_Y:
		y_value(out, kind->millionths, point->y);
		break;
	case FIELD_Y2:
		y_value(out, kind->millionths, point->y2);
		break;
	case FIELD_SERIES:
		buffer_text(out, kind->series[point->series].name);
		break;
	case FIELD_SUBFLOW:
		id_value(out, point->subflow);
		break;
	case FIELD_FROM:
		id_value(out, point->from);
		break;
	case FIELD_TEXT:
		buffer_text(out, point->text ? point->text : "");
		break;
	default:
		y_value(out, false, point->extra[column->field - FIELD_EXTRA]);
		break;
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
		  const struct point *point, int digits)
{
	const struct column *column = figure->kind->columns;

	if (!column->name && figure->kind->series[point->series].aside)
		return;
	if (!column->name) {
		row_of_2014(out, figure, point, digits);
		return;
	}
	for (; column->name; column++) {
		field_value(out, figure, column, point, digits);
		buffer_char(out, column[1].name ? ',' : '\n');
	}
}

const struct painter painter_csv = {
    .name = "csv",
    .suffix = "csv",
    .help = "a row a point",
    .number = 2,
    .head = head,
    .point = point,
};
