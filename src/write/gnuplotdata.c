/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Data of pictures for gnuplot: a block for each series and subflow, named in
 * its first line; in plain units, whatever those of the axes are.
 */
#include "write/gnuplot.h"

#include "base/words.h"

#include <inttypes.h>

double gnuplot_data_unit(const struct figure_kind *kind)
{
	return kind->unit == UNIT_SPAN || kind->unit == UNIT_PERCENT ? 1e6 : 1;
}

static const char *unit_text(enum unit unit)
{
	static const char *const texts[] = {
	    [UNIT_COUNT] = "a count",
	    [UNIT_SUBFLOW] = "the subflow's id",
	    [UNIT_BYTES] = "bytes",
	    [UNIT_SEQUENCE] = "bytes of data sequence from the first byte on",
	    [UNIT_SPAN] = "ms",
	    [UNIT_BITRATE] = "bit/s",
	    [UNIT_BYTERATE] = "bytes/s",
	    [UNIT_PERCENT] = "%",
	};

	return texts[unit];
}

struct columns {
	struct buffer *out;
	const struct figure_kind *kind;
	struct axis x, y;
};

/* Modulo 2^64: not all that a damaged trace says is near zero. */
static int64_t distance(int64_t from, int64_t to)
{
	return (int64_t)((uint64_t)to - (uint64_t)from);
}

static void put_x(const struct columns *to, int64_t x)
{
	int64_t value = distance(to->x.zero, x);

	if (to->kind->x_is_sequence)
		buffer_int(to->out, value);
	else
		buffer_time(to->out, value, value % 1000 ? 9 : 6);
}

static void put_y(const struct columns *to, int64_t y)
{
	if (gnuplot_data_unit(to->kind) == 1)
		buffer_int(to->out, distance(to->y.zero, y));
	else
		buffer_millionths(to->out, distance(to->y.zero, y));
}

static void put_spot(const struct columns *to, struct spot spot)
{
	put_x(to, spot.x);
	buffer_char(to->out, ' ');
	put_y(to, spot.y);
	buffer_char(to->out, '\n');
}

static void put_dots(const struct columns *to, const struct cell *cell)
{
	put_spot(to, cell->low);
	if (cell->low.x != cell->high.x || cell->low.y != cell->high.y)
		put_spot(to, cell->high);
}

static void put_path(const struct columns *to, const struct cell *cell)
{
	struct spot path[4];
	size_t n = cell_path(cell, path);

	for (size_t i = 0; i < n; i++)
		put_spot(to, path[i]);
}

/* Corner by corner: what gnuplot fills below steps would be a rectangle each,
 * with a seam between any two. */
static void put_corners(const struct columns *to, const struct stroke *stroke)
{
	int64_t y = 0;

	for (size_t i = 0; i < stroke->n_cells; i++) {
		struct spot path[4];
		size_t n = cell_path(stroke->cells[i], path);

		for (size_t k = 0; k < n; k++) {
			if (path[k].y != y)
				put_spot(to, (struct spot){path[k].x, y});
			put_spot(to, path[k]);
			y = path[k].y;
		}
	}
}

static void put_bar(const struct columns *to, const struct cell *cell)
{
	put_x(to, cell->low.x);
	buffer_char(to->out, ' ');
	put_y(to, cell->low.y);
	buffer_char(to->out, ' ');
	put_y(to, cell->high.y);
	buffer_char(to->out, '\n');
}

static void put_span(const struct columns *to, const struct cell *cell)
{
	put_x(to, cell->first.x);
	buffer_char(to->out, ' ');
	put_x(to, cell->last.x);
	buffer_char(to->out, ' ');
	put_y(to, cell->low.y);
	buffer_char(to->out, '\n');
}

static void put_link(const struct columns *to, const struct cell *cell)
{
	put_x(to, cell->low.x);
	buffer_print(to->out, " %d %" PRId64 "\n", cell->from, cell->low.y);
}

static void put_label(const struct columns *to, const struct cell *cell)
{
	put_x(to, cell->first.x);
	buffer_print(to->out, " \"%s\" %" PRIu64 "\n",
		     cell->text ? cell->text : "", cell->points);
}

/* A block of each form: what its columns are, and how they are written. */
static const struct {
	const char *columns;
	void (*put)(const struct columns *to, const struct cell *cell);
} forms[] = {
    [FORM_DOTS] = {"x, y", put_dots},
    [FORM_STEPS] = {"x, y", put_path},
    [FORM_STACK] = {"x, y: corners of the upper edge", NULL},
    [FORM_BARS] = {"x, from y, to y", put_bar},
    [FORM_SPANS] = {"from x, to x, y", put_span},
    [FORM_LINKS] = {"x, from subflow, to subflow", put_link},
    [FORM_LABELS] = {"x, what, how many", put_label},
};

static void put_stroke(const struct columns *to, const struct stroke *stroke)
{
	const struct series *series = &to->kind->series[stroke->series];

	buffer_text(to->out, "\n\n# ");
	if (gnuplot_is_of_others(stroke))
		buffer_text(to->out, GNUPLOT_OTHERS ", ");
	else if (stroke->subflow >= 0)
		buffer_print(to->out, "subflow %d, ", stroke->subflow);
	buffer_print(to->out, "%s\n# %s\n", series->name,
		     forms[series->form].columns);
	if (series->form == FORM_STACK) {
		put_corners(to, stroke);
		return;
	}
	for (size_t i = 0; i < stroke->n_cells; i++) {
		/* An empty line is a gap in a line. */
		if (i && series->form == FORM_STEPS && stroke->cells[i]->gap)
			buffer_char(to->out, '\n');
		forms[series->form].put(to, stroke->cells[i]);
	}
}

void gnuplot_data(struct buffer *out, const struct shown *shown)
{
	const struct figure_kind *kind = shown->figure->kind;
	struct columns to = {.out = out, .kind = kind};
	const struct stroke *strokes;
	size_t n = picture_strokes(shown->picture, &strokes);
	char name[SHEET_NAME], ends[GNUPLOT_ENDS], time[NSTIME_TEXT];

	axis_x(&to.x, shown, 1);
	axis_y(&to.y, shown, 1);
	buffer_print(out, "# %s: connection %" PRIu64 ", %s\n",
		     sheet_name(name, shown->figure, shown->conn),
		     shown->conn->id, gnuplot_ends(shown, ends));
	if (kind->x_is_sequence)
		buffer_print(out,
			     "# x: bytes of data sequence from the first byte "
			     "on, %" PRId64 "\n",
			     to.x.zero);
	else
		buffer_print(out,
			     "# x: seconds since the connection's start, %s\n",
			     nstime_print(to.x.zero, 9, time));
	buffer_print(out, "# y: %s", unit_text(kind->unit));
	if (kind->unit == UNIT_SEQUENCE)
		buffer_print(out, ", %" PRId64, to.y.zero);
	if (shown->conn->n_subflows > PICTURE_SUBFLOWS)
		buffer_print(out, "\n# Subflow %d is all from there on.",
			     PICTURE_SUBFLOWS);
	buffer_text(out,
		    "\n# What a screen cannot show apart is one: the first, "
		    "last, lowest and highest of it.\n");
	for (size_t i = 0; i < n; i++)
		put_stroke(&to, &strokes[i]);
}
