/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/svg.h"

#include "report/picture.h"
#include "write/html.h"
#include "write/human.h"
#include "write/labels.h"
#include "write/palette.h"
#include "write/strokes.h"

#include <math.h>
#include <stdio.h>

/* Pixels. The style sheet has the margins: GUTTER to the left, and more above
 * those that have labels. */
#define GUTTER 56
#define HEIGHT 220
#define LANE   20   /* of each subflow, ... */
#define LANES  1600 /* and the most of all */
#define TEXT   14   /* from one line of text to the next, at least */

#define X_TICKS 8
#define Y_TICKS 5

char *svg_class(int subflow, char *text)
{
	if (subflow < 0 || subflow >= PICTURE_SUBFLOWS)
		snprintf(text, SVG_CLASS, "k%d", INK_SUBFLOW);
	else
		snprintf(text, SVG_CLASS, "c%d r%d", subflow % PALETTE_SUBFLOWS,
			 subflow / PALETTE_SUBFLOWS % PALETTE_ROUNDS);
	return text;
}

void svg_subflow(struct buffer *out, int subflow)
{
	if (subflow >= PICTURE_SUBFLOWS)
		buffer_text(out, " data-sf=\"others\"");
	else if (subflow >= 0)
		buffer_print(out, " data-sf=\"%d\"", subflow);
}

/*
 * Places.
 */

/* From 0 to 1 along an axis; what is outside stays within reach. */
static double along(const struct axis *axis, int64_t value)
{
	double range = (double)axis->max - (double)axis->min;
	double at = range > 0 ? ((double)value - (double)axis->min) / range : 0;

	return fmin(fmax(at, -1), 2);
}

static int lanes_of(const struct svg *svg)
{
	return (int)(svg->y.max - svg->y.min) + 1;
}

/* From 0 at the top to 1 at the bottom; lanes go down. */
static double down(const struct svg *svg, int64_t y)
{
	if (svg->lanes)
		return ((double)(y - svg->y.min) + 0.5) / lanes_of(svg);
	return 1 - along(&svg->y, y);
}

/* What goes on after the axis ends with it. */
struct place svg_place(const struct svg *svg, int64_t x, int64_t y)
{
	return (struct place){
	    (int)lround(SVG_WIDE * fmin(along(&svg->x, x), 1)),
	    (int)lround(SVG_HIGH * down(svg, y)),
	};
}

double svg_across(const struct svg *svg, int64_t x)
{
	return 100 * along(&svg->x, x);
}

double svg_down(const struct svg *svg, int64_t y)
{
	return svg->height * down(svg, y);
}

double svg_lane(const struct svg *svg)
{
	return (double)svg->height / lanes_of(svg);
}

/*
 * Axes.
 */

static void put_ends(struct buffer *out, const char *name,
		     const struct axis *axis)
{
	buffer_print(out, " data-%s=\"%.9g %.9g %s\"", name,
		     axis_value(axis, axis->min), axis_value(axis, axis->max),
		     axis->unit);
}

static double tick_at(const struct axis *axis, int i)
{
	double from = axis_value(axis, axis->min);
	double range = axis_value(axis, axis->max) - from;

	return range > 0 ? (axis->ticks[i] - from) / range : 0;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* From one lane with a tick to the next. */
static int lane_step(const struct svg *svg)
{
	return (lanes_of(svg) * TEXT + svg->height - 1) / svg->height;
}

static void put_lanes(const struct svg *svg)
{
	for (int i = 1; i < lanes_of(svg); i += lane_step(svg))
		buffer_print(svg->out, "M0 %dh%d", SVG_HIGH * i / lanes_of(svg),
			     SVG_WIDE);
}

static void put_grid(const struct svg *svg)
{
	struct buffer *out = svg->out;

	buffer_print(out, SVG_BOX "<path class=\"grid\" d=\"", "draw", SVG_WIDE,
		     SVG_HIGH);
	for (int i = 0; i < svg->x.n_ticks; i++)
		buffer_print(out, "M%.0f 0v%d", SVG_WIDE * tick_at(&svg->x, i),
			     SVG_HIGH);
	for (int i = 0; !svg->lanes && i < svg->y.n_ticks; i++)
		buffer_print(out, "M0 %.0fh%d",
			     SVG_HIGH * (1 - tick_at(&svg->y, i)), SVG_WIDE);
	if (svg->lanes)
		put_lanes(svg);
	buffer_text(out, "\"/></svg>\n");
}

static void put_lane_tick(const struct svg *svg, int64_t lane)
{
	struct buffer *out = svg->out;

	buffer_print(out, "<text x=\"-6\" y=\"%.0f\">", svg_down(svg, lane));
	if (lane < 0)
		buffer_text(out, "all");
	else if (lane == PICTURE_SUBFLOWS)
		buffer_text(out, "others");
	else
		buffer_int(out, lane);
	buffer_text(out, "</text>");
}

/* Those of all and of the others have one in any case. */
static void put_lane_ticks(const struct svg *svg)
{
	int64_t last = svg->y.max, step = lane_step(svg);
	bool others = last == PICTURE_SUBFLOWS;

	if (svg->y.min < 0)
		put_lane_tick(svg, svg->y.min);
	for (int64_t lane = step > 1 && svg->y.min < 0 ? step : 0;
	     lane <= last - (others ? step : 0); lane += step)
		put_lane_tick(svg, lane);
	if (others)
		put_lane_tick(svg, last);
}

static void put_ticks(const struct svg *svg)
{
	const struct axis *x = &svg->x, *y = &svg->y;
	struct buffer *out = svg->out;

	buffer_text(out, "<g class=\"x\">");
	for (int i = 0; i < x->n_ticks; i++)
		buffer_print(out, "<text x=\"%.2f%%\" y=\"%d\">%.*f</text>",
			     100 * tick_at(x, i), svg->height + 14, x->decimals,
			     x->ticks[i]);
	buffer_text(out, "</g><g class=\"y\">");
	for (int i = 0; !svg->lanes && i < y->n_ticks; i++)
		buffer_print(out, "<text x=\"-6\" y=\"%.0f\">%.*f</text>",
			     svg->height * (1 - tick_at(y, i)), y->decimals,
			     y->ticks[i]);
	if (svg->lanes)
		put_lane_ticks(svg);
	buffer_text(out, "</g>\n");
}

static void put_name(struct buffer *out, const struct axis *axis)
{
	html_text(out, axis->name);
	if (*axis->unit)
		buffer_print(out, ", %s", axis->unit);
}

static void put_names(const struct svg *svg, int above)
{
	struct buffer *out = svg->out;

	buffer_print(out, "<text class=\"start\" x=\"%d\" y=\"%d\">",
		     -GUTTER + 2, -above - 10);
	put_name(out, &svg->y);
	buffer_print(out, "</text><text class=\"end\" x=\"100%%\" y=\"%d\">",
		     svg->height + 30);
	put_name(out, &svg->x);
	buffer_text(out, "</text>\n");
}

static void put_head(const struct svg *svg, const char *of, bool labels)
{
	const struct figure *figure = svg->shown->figure;
	struct buffer *out = svg->out;

	buffer_print(out,
		     "<svg class=\"chart%s\" role=\"img\" tabindex=\"0\" "
		     "height=\"%d\" data-name=\"%s\"",
		     labels ? " labelled" : "", svg->height,
		     figure->kind->name);
	put_ends(out, "x", &svg->x);
	put_ends(out, "y", &svg->y);
	if (svg->lanes)
		buffer_print(out, " data-lanes=\"%d\"", lanes_of(svg));
	if (!figure->kind->x_is_sequence)
		buffer_text(out, " data-time=\"\"");
	buffer_text(out, " aria-label=\"");
	html_text(out, figure->kind->caption);
	buffer_print(out, ", %s: ", of);
	put_name(out, &svg->y);
	buffer_text(out, "; across: ");
	put_name(out, &svg->x);
	buffer_text(out, "\">\n");
}

/*
 * Pictures.
 */

void svg_begin(struct svg *svg, struct buffer *out, const struct shown *shown,
	       const char *of)
{
	int above;

	*svg = (struct svg){
	    .out = out,
	    .shown = shown,
	    .lanes = shown->figure->kind->unit == UNIT_SUBFLOW,
	    .height = HEIGHT,
	};
	axis_x(&svg->x, shown, X_TICKS);
	axis_y(&svg->y, shown, Y_TICKS);
	if (svg->lanes)
		svg->height = least(lanes_of(svg) * LANE, LANES);
	above = labels_height(svg);
	put_head(svg, of, above > 0);
	put_names(svg, above);
	buffer_text(out,
		    "<rect class=\"box\" width=\"100%\" height=\"100%\"/>\n");
	put_ticks(svg);
	put_grid(svg);
	strokes_put(svg);
	labels_put(svg);
}

void svg_end(struct svg *svg)
{
	buffer_text(svg->out, "</svg>\n");
}

/*
 * What the series are.
 */

static void put_key(struct buffer *out, const struct shown *shown)
{
	const struct stroke *strokes;
	size_t n = picture_strokes(shown->picture, &strokes);
	char count[HUMAN_TEXT];

	buffer_text(out, "<ul class=\"key\">");
	for (size_t i = 0; i < n;) {
		const struct series *series =
		    &shown->figure->kind->series[strokes[i].series];
		uint64_t points = 0, nowhere;
		int which = strokes[i].series;

		for (; i < n && strokes[i].series == which; i++)
			points += strokes[i].points;
		buffer_text(out, "<li>");
		strokes_sample(out, series);
		html_text(out, series->name);
		buffer_print(out, " <small>%s</small>%s",
			     human_count((int64_t)points, count),
			     series->unscaled ? ", cut off at the top" : "");
		nowhere = picture_nowhere(shown->picture, which);
		if (nowhere)
			buffer_print(out, ", and %s of unknown value",
				     human_count((int64_t)nowhere, count));
		buffer_text(out, "</li>");
	}
	buffer_text(out, "</ul>");
}

void svg_figure(struct buffer *out, const struct shown *shown)
{
	static const char *const directions[] = {
	    [CLIENT] = "client to server", [SERVER] = "server to client"};
	const struct figure *figure = shown->figure;
	struct svg svg;

	buffer_print(out, "<figure class=\"%s\"><figcaption><b>",
		     direction_word(figure->side));
	html_text(out, figure->kind->caption);
	buffer_print(out,
		     "</b> <small>%s</small><output></output></figcaption>\n",
		     directions[figure->side]);
	svg_begin(&svg, out, shown, directions[figure->side]);
	svg_end(&svg);
	put_key(out, shown);
	buffer_text(out, "</figure>\n");
}
