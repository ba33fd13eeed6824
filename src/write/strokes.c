/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/strokes.h"

#include "report/picture.h"
#include "write/html.h"

#include <inttypes.h>
#include <math.h>

#define THIN  3	  /* the least of a span, in SVG_WIDE */
#define CROWD 300 /* so many signs are small ones */

/* Of an arrow's head: pixels high, and wide in SVG_WIDE. */
#define HEAD	  5
#define HEAD_WIDE 14

const struct series *strokes_series(const struct svg *svg,
				    const struct stroke *stroke)
{
	return &svg->shown->figure->kind->series[stroke->series];
}

/*
 * Paths, with coordinates as short as they get.
 */
struct pen {
	const struct svg *svg;
	struct buffer *out;
	int x, y;
	bool begun; /* moves are relative */
};

static struct place place_of(const struct svg *svg, struct spot spot)
{
	return svg_place(svg, spot.x, spot.y);
}

static void pen_step(struct pen *pen, char command, int by)
{
	buffer_char(pen->out, command);
	buffer_int(pen->out, by);
}

static void pen_move(struct pen *pen, int x, int y)
{
	int dy = pen->begun ? y - pen->y : y;

	pen_step(pen, pen->begun ? 'm' : 'M', pen->begun ? x - pen->x : x);
	if (dy >= 0)
		buffer_char(pen->out, ' ');
	buffer_int(pen->out, dy);
	pen->begun = true;
	pen->x = x;
	pen->y = y;
}

static void pen_across(struct pen *pen, int x)
{
	if (x != pen->x)
		pen_step(pen, 'h', x - pen->x);
	pen->x = x;
}

static void pen_up(struct pen *pen, int y)
{
	if (y != pen->y)
		pen_step(pen, 'v', y - pen->y);
	pen->y = y;
}

/* A line of no length, whose ends are round or square: a dot. */
static void pen_dot(struct pen *pen, struct place at)
{
	if (pen->begun && pen->x == at.x && pen->y == at.y)
		return;
	pen_move(pen, at.x, at.y);
	buffer_text(pen->out, "h0");
}

static void draw_bar(struct pen *pen, const struct cell *cell)
{
	struct place low = place_of(pen->svg, cell->low);
	struct place high = place_of(pen->svg, cell->high);

	pen_move(pen, low.x, low.y);
	pen_step(pen, 'v', high.y - low.y);
	pen->y = high.y;
}

static void draw_span(struct pen *pen, const struct cell *cell)
{
	struct place from =
	    place_of(pen->svg, (struct spot){cell->first.x, cell->low.y});
	struct place to = place_of(pen->svg, cell->last);

	pen_move(pen, from.x, from.y);
	pen_across(pen, to.x < from.x + THIN ? from.x + THIN : to.x);
}

/* The head of an arrow that is there. */
static void pen_head(struct pen *pen, bool downwards)
{
	int high = HEAD * SVG_HIGH / pen->svg->height;
	int back = downwards ? -high : high;

	buffer_print(pen->out, "m%d %dl%d %dl%d %d", -HEAD_WIDE, back,
		     HEAD_WIDE, -back, HEAD_WIDE, back);
	pen->x += HEAD_WIDE;
	pen->y += back;
}

static void draw_link(struct pen *pen, const struct cell *cell)
{
	struct place to = place_of(pen->svg, cell->low);
	struct place from =
	    place_of(pen->svg, (struct spot){cell->low.x, cell->from});

	pen_move(pen, from.x, from.y);
	pen_up(pen, to.y);
	pen_head(pen, from.y < to.y);
}

/* A line in steps keeps its level until it changes. */
static void draw_steps(struct pen *pen, const struct stroke *stroke)
{
	int x = 0; /* it goes on to there */

	for (size_t i = 0; i < stroke->n_cells; i++) {
		const struct cell *cell = stroke->cells[i];
		struct spot path[4];
		size_t n = cell_path(cell, path);

		if (i && cell->gap)
			pen_across(pen, x);
		for (size_t k = 0; k < n; k++) {
			struct place at = place_of(pen->svg, path[k]);

			x = at.x;
			if (!k && (!i || cell->gap)) {
				pen_move(pen, at.x, at.y);
			} else if (at.y != pen->y) {
				pen_across(pen, at.x);
				pen_up(pen, at.y);
			}
		}
	}
	pen_across(pen, x);
}

static void draw_area(struct pen *pen, const struct stroke *stroke)
{
	struct place base =
	    place_of(pen->svg, (struct spot){stroke->cells[0]->first.x, 0});

	pen_move(pen, base.x, base.y);
	for (size_t i = 0; i < stroke->n_cells; i++) {
		struct spot path[4];
		size_t n = cell_path(stroke->cells[i], path);

		for (size_t k = 0; k < n; k++) {
			struct place at = place_of(pen->svg, path[k]);

			if (at.y != pen->y || i + 1 == stroke->n_cells)
				pen_across(pen, at.x);
			pen_up(pen, at.y);
		}
	}
	pen_up(pen, base.y);
	buffer_char(pen->out, 'z');
}

/* Where the marks of a cell are: a dot, or two; in the middle of a bar. */
static int marks_of(const struct svg *svg, const struct cell *cell,
		    enum form form, struct place marks[2])
{
	marks[0] = place_of(svg, cell->low);
	marks[1] = place_of(svg, cell->high);
	if (form == FORM_BARS)
		marks[0].y = marks[1].y = (marks[0].y + marks[1].y) / 2;
	return marks[0].x == marks[1].x && marks[0].y == marks[1].y ? 1 : 2;
}

static void draw_marks(struct pen *pen, const struct stroke *stroke)
{
	enum form form = strokes_series(pen->svg, stroke)->form;
	struct place marks[2];

	for (size_t i = 0; i < stroke->n_cells; i++) {
		int n = marks_of(pen->svg, stroke->cells[i], form, marks);

		for (int k = 0; k < n; k++)
			pen_dot(pen, marks[k]);
	}
}

static void draw_cells(struct pen *pen, const struct stroke *stroke,
		       void (*draw)(struct pen *, const struct cell *))
{
	for (size_t i = 0; i < stroke->n_cells; i++)
		draw(pen, stroke->cells[i]);
}

static void draw_form(struct pen *pen, const struct stroke *stroke,
		      enum form form)
{
	switch (form) {
	case FORM_DOTS:
		draw_marks(pen, stroke);
		break;
	case FORM_BARS:
		draw_cells(pen, stroke, draw_bar);
		break;
	case FORM_SPANS:
		draw_cells(pen, stroke, draw_span);
		break;
	case FORM_LINKS:
		draw_cells(pen, stroke, draw_link);
		break;
	case FORM_STEPS:
		draw_steps(pen, stroke);
		break;
	case FORM_STACK:
		draw_area(pen, stroke);
		break;
	case FORM_NONE:
	case FORM_LABELS:
		break;
	}
}

/*
 * Signs: a line's end where it can be, else a letter.
 */

static const char *const sign_class[] = {
    [SIGN_SPOT] = "dot",      [SIGN_RING] = "ring",  [SIGN_SQUARE] = "square",
    [SIGN_TRIANGLE] = "sign", [SIGN_CROSS] = "sign",
};

static const char *sign_letter(enum sign sign)
{
	return sign == SIGN_TRIANGLE ? "\xe2\x96\xb2" /* a triangle */
	       : sign == SIGN_CROSS  ? "\xc3\x97"     /* a cross */
				     : NULL;
}

static const char *const form_class[] = {
    [FORM_NONE] = "",	   [FORM_DOTS] = "dot",	   [FORM_STEPS] = "step",
    [FORM_STACK] = "area", [FORM_BARS] = "bar",	   [FORM_SPANS] = "span",
    [FORM_LINKS] = "link", [FORM_LABELS] = "mark",
};

/* Opens what is of one stroke: of which series, whose it is. */
static void group_begin(const struct svg *svg, const struct stroke *stroke,
			bool sign)
{
	const struct series *series = strokes_series(svg, stroke);
	struct buffer *out = svg->out;
	char class[SVG_CLASS];
	bool coloured = series->ink == INK_SUBFLOW || series_has_signs(series);

	buffer_print(out, "<g class=\"%s",
		     sign ? sign_class[series->sign]
			  : form_class[series->form]);
	if (sign && stroke->n_cells > CROWD)
		buffer_text(out, " small");
	if (coloured && !(sign && series_has_signs(series)))
		buffer_print(out, " %s", svg_class(stroke->subflow, class));
	else
		buffer_print(out, " k%d", series->ink);
	buffer_text(out, "\" data-name=\"");
	html_text(out, series->name);
	buffer_char(out, '"');
	svg_subflow(out, stroke->subflow);
	buffer_char(out, '>');
}

static void put_path(const struct svg *svg, const struct stroke *stroke,
		     enum form form)
{
	struct pen pen = {.svg = svg, .out = svg->out};

	buffer_text(svg->out, " d=\"");
	draw_form(&pen, stroke, form);
	buffer_text(svg->out, "\"/>");
}

/* A larger dot, and on it a smaller one of the background's colour. */
static void put_rings(const struct svg *svg, const struct stroke *stroke)
{
	const struct figure *figure = svg->shown->figure;
	char name[128];

	snprintf(name, sizeof(name), "p%" PRIu64 "-%s-%s-%d-%d",
		 svg->shown->conn->id, direction_word(figure->side),
		 figure->kind->name, stroke->series, stroke->subflow);
	buffer_print(svg->out, "<path id=\"%s\"", name);
	put_path(svg, stroke, FORM_DOTS);
	buffer_print(svg->out, "<g class=\"hole\"><use href=\"#%s\"/></g>",
		     name);
}

/* Letters, all in one element; their places in percent of the plot. */
static void put_places(const struct svg *svg, const struct stroke *stroke,
		       bool across)
{
	enum form form = strokes_series(svg, stroke)->form;
	struct place marks[2];

	for (size_t i = 0; i < stroke->n_cells; i++) {
		int n = marks_of(svg, stroke->cells[i], form, marks);

		for (int k = 0; k < n; k++)
			buffer_print(svg->out, "%s%.4g%%", i || k ? " " : "",
				     across ? 100.0 * marks[k].x / SVG_WIDE
					    : 100.0 * marks[k].y / SVG_HIGH);
	}
}

static void put_letters(const struct svg *svg, const struct stroke *stroke)
{
	const struct series *series = strokes_series(svg, stroke);
	struct place marks[2];

	buffer_text(svg->out, "<text x=\"");
	put_places(svg, stroke, true);
	buffer_text(svg->out, "\" y=\"");
	put_places(svg, stroke, false);
	buffer_text(svg->out, "\">");
	for (size_t i = 0; i < stroke->n_cells; i++)
		for (int n =
			 marks_of(svg, stroke->cells[i], series->form, marks);
		     n; n--)
			buffer_text(svg->out, sign_letter(series->sign));
	buffer_text(svg->out, "</text>");
}

static void put_signs(const struct svg *svg, const struct stroke *stroke)
{
	const struct series *series = strokes_series(svg, stroke);

	group_begin(svg, stroke, true);
	if (sign_letter(series->sign)) {
		put_letters(svg, stroke);
	} else if (series->sign == SIGN_RING) {
		put_rings(svg, stroke);
	} else {
		buffer_text(svg->out, "<path");
		put_path(svg, stroke, FORM_DOTS);
	}
	buffer_text(svg->out, "</g>\n");
}

static void put_form(const struct svg *svg, const struct stroke *stroke)
{
	group_begin(svg, stroke, false);
	buffer_text(svg->out, "<path");
	put_path(svg, stroke, strokes_series(svg, stroke)->form);
	buffer_text(svg->out, "</g>\n");
}

/*
 * All strokes, from the back to the front. Each has its form, its signs, or
 * both.
 */
enum layer {
	CUT,   /* what the axis does not reach for; cut off at its edge */
	BACK,  /* lines of all subflows, and what is in the background */
	SIGNS, /* of bars, that peep out behind them */
	FRONT, /* what has a subflow's colour or stands out */
	LAYERS,
	NOWHERE
};

static enum layer layer_of(const struct series *series, bool sign)
{
	bool dots = series->form == FORM_DOTS;

	if (series->form == FORM_NONE || series->form == FORM_LABELS ||
	    (sign ? !dots && !series_has_signs(series) : dots))
		return NOWHERE;
	if (series->unscaled)
		return CUT;
	if (sign && !dots)
		return SIGNS;
	return series->ink == INK_WHOLE || series->ink == INK_WINDOW ||
		       series->ink == INK_FAINT
		   ? BACK
		   : FRONT;
}

static void put_in_layer(const struct svg *svg, const struct stroke *stroke,
			 enum layer layer, bool letters)
{
	const struct series *series = strokes_series(svg, stroke);

	if (layer_of(series, false) == layer && !letters)
		put_form(svg, stroke);
	if (layer_of(series, true) == layer &&
	    letters == (sign_letter(series->sign) != NULL))
		put_signs(svg, stroke);
}

/* Areas lie on each other, the last subflow's at the back. */
static void put_layer(const struct svg *svg, const struct stroke *strokes,
		      size_t n, enum layer layer, bool letters)
{
	for (size_t i = n; i--;)
		if (strokes_series(svg, &strokes[i])->form == FORM_STACK)
			put_in_layer(svg, &strokes[i], layer, letters);
	for (size_t i = 0; i < n; i++)
		if (strokes_series(svg, &strokes[i])->form != FORM_STACK)
			put_in_layer(svg, &strokes[i], layer, letters);
}

void strokes_put(const struct svg *svg)
{
	struct buffer *out = svg->out;
	const struct stroke *strokes;
	size_t n = picture_strokes(svg->shown->picture, &strokes);

	for (enum layer layer = CUT; layer < LAYERS; layer++) {
		size_t begin = out->size, before;

		buffer_print(out, SVG_BOX "\n",
			     layer == CUT ? "draw cut" : "draw", SVG_WIDE,
			     SVG_HIGH);
		before = out->size;
		put_layer(svg, strokes, n, layer, false);
		if (out->size > before)
			buffer_text(out, "</svg>\n");
		else
			out->size = begin;
		put_layer(svg, strokes, n, layer, true);
	}
}

/*
 * A bit of a series, as it is drawn, for the legend.
 */

static void put_bit(struct buffer *out, const char *class,
		    const struct series *series, const char *d)
{
	buffer_print(out, "<g class=\"%s k%d\"><path d=\"%s\"/></g>", class,
		     series->ink, d);
}

static void put_sign_bit(struct buffer *out, const struct series *series)
{
	const char *letter = sign_letter(series->sign);

	if (letter)
		buffer_print(out,
			     "<g class=\"sign k%d\"><text x=\"10\" y=\"6\">%s"
			     "</text></g>",
			     series->ink, letter);
	else
		put_bit(out, sign_class[series->sign], series, "M10 6h0");
	if (series->sign == SIGN_RING)
		put_bit(out, "hole", series, "M10 6h0");
}

void strokes_sample(struct buffer *out, const struct series *series)
{
	static const char *const forms[] = {
	    [FORM_NONE] = "",	       [FORM_DOTS] = "",
	    [FORM_STEPS] = "M2 6h16",  [FORM_STACK] = "M2 2h16v9h-16z",
	    [FORM_BARS] = "M10 1v10",  [FORM_SPANS] = "M2 6h16",
	    [FORM_LINKS] = "M10 1v10", [FORM_LABELS] = "M10 1v10",
	};

	buffer_text(out, "<svg class=\"sample\" aria-hidden=\"true\" "
			 "width=\"20\" height=\"12\">");
	if (series->form == FORM_DOTS || series_has_signs(series))
		put_sign_bit(out, series);
	if (series->form != FORM_DOTS)
		buffer_print(out, "<g class=\"%s k%d\"><path d=\"%s\"/></g>",
			     form_class[series->form],
			     series_has_signs(series) ? INK_SUBFLOW
						      : series->ink,
			     forms[series->form]);
	buffer_text(out, "</svg>");
}
