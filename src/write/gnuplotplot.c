/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How gnuplot draws a picture's strokes: a part of the plot command for each
 * series, which goes through its subflows.
 */
#include "write/gnuplot.h"

#include "write/palette.h"

#include <math.h>

#define SIGNS_MANY  800
#define LINE_MANY   1500 /* points of a line: then it is thin */
#define LABELS_MANY 200	 /* their lines are faint: they may cover the plot */

/*
 * How series look.
 */

static const char *const inks[] = {
    [INK_SUBFLOW] = "neutral",	     [INK_WHOLE] = "whole",
    [INK_WINDOW] = "window",	     [INK_FAINT] = "faint",
    [INK_REINJECTED] = "reinjected", [INK_LOST] = "lost",
};

const char *gnuplot_ink(enum ink ink)
{
	return inks[ink];
}

int gnuplot_sign(enum sign sign)
{
	static const int types[] = {
	    [SIGN_SPOT] = 7,	 [SIGN_RING] = 6,  [SIGN_SQUARE] = 5,
	    [SIGN_TRIANGLE] = 9, [SIGN_CROSS] = 2,
	};

	return types[sign];
}

/* A column in units of the axis: 2, or ($2/1e6). */
static void put_scaled(struct buffer *out, const char *column, double by)
{
	if (by == 1)
		buffer_print(out, "(%s)", column);
	else
		buffer_print(out, "(%s/1e%.0f)", column, log10(by));
}

static void put_x(const struct script *script, const char *column)
{
	put_scaled(script->out, column,
		   script->kind->x_is_sequence ? script->x.scale : 1);
}

static void put_y(const struct script *script, const char *column)
{
	put_scaled(script->out, column,
		   script->y.scale / gnuplot_data_unit(script->kind));
}

/* Strokes [from, to) of one series. */
struct run {
	size_t from, to;
};

static bool is_of_others(const struct script *script, struct run run)
{
	return gnuplot_is_of_others(&script->strokes[run.from]);
}

/* Do strokes have a subflow each? Else there is one, of many of them. */
static bool is_by_subflow(const struct script *script, struct run run)
{
	return script->strokes[run.from].subflow >= 0 &&
	       !is_of_others(script, run);
}

/* for [i in "0 1"] data index "subflow ".i.", name" using */
static void put_source(const struct script *script, struct run run,
		       bool downwards)
{
	struct buffer *out = script->out;
	const char *name = script_series(script, run.from)->name;

	buffer_char(out, '\t');
	if (!is_by_subflow(script, run)) {
		buffer_print(
		    out, "data index '%s%s' using ",
		    is_of_others(script, run) ? GNUPLOT_OTHERS ", " : "", name);
		return;
	}
	buffer_text(out, "for [i in '");
	for (size_t i = run.from; i < run.to; i++) {
		size_t at = downwards ? run.to - 1 - (i - run.from) : i;

		buffer_print(out, i == run.from ? "%d" : " %d",
			     script->strokes[at].subflow);
	}
	buffer_print(out, "'] data index 'subflow '.i.', %s' using ", name);
}

static void put_colour(const struct script *script, struct run run,
		       const struct series *series)
{
	if (!series_is_of_subflows(series))
		buffer_print(script->out, " linecolor rgb %s",
			     inks[series->ink]);
	else if (!is_by_subflow(script, run))
		buffer_print(script->out, " linecolor rgb %s",
			     inks[INK_SUBFLOW]);
	else if (script->shown->conn->n_subflows > GNUPLOT_STYLES)
		buffer_print(script->out, " linestyle i %% %d + 1",
			     GNUPLOT_STYLES);
	else
		buffer_text(script->out, " linestyle i+1");
}

static size_t cells_of(const struct script *script, struct run run)
{
	size_t cells = 0;

	for (size_t i = run.from; i < run.to; i++)
		cells += script->strokes[i].n_cells;
	return cells;
}

/* Many are small. */
static double sign_size(size_t cells)
{
	return cells > 3000 ? 0.35 : cells > 300 ? 0.5 : 0.7;
}

static void put_dots(const struct script *script, struct run run,
		     const struct series *series)
{
	put_x(script, "$1");
	buffer_char(script->out, ':');
	put_y(script, "$2");
	buffer_text(script->out, " with points");
	put_colour(script, run, series);
	if (series->sign != SIGN_SPOT || !is_by_subflow(script, run) ||
	    !series_is_of_subflows(series))
		buffer_print(script->out, " pointtype %d",
			     gnuplot_sign(series->sign));
	buffer_print(script->out, " pointsize %g",
		     sign_size(cells_of(script, run)) *
			 (series->sign == SIGN_SPOT ? 1 : 1.4));
}

static void put_steps(const struct script *script, struct run run,
		      const struct series *series)
{
	put_x(script, "$1");
	buffer_char(script->out, ':');
	put_y(script, "$2");
	buffer_text(script->out, " with steps");
	put_colour(script, run, series);
	buffer_print(script->out, " linewidth %g",
		     cells_of(script, run) > LINE_MANY ? 0.75 : 1.5);
}

static void put_stack(const struct script *script, struct run run,
		      const struct series *series)
{
	put_x(script, "$1");
	buffer_char(script->out, ':');
	put_y(script, "$2");
	buffer_text(script->out, " with filledcurves x1");
	put_colour(script, run, series);
	buffer_text(script->out, " fill solid notitle, \\\n");
	/* What is narrower than a pixel is seen by its outline. */
	put_source(script, run, true);
	put_x(script, "$1");
	buffer_char(script->out, ':');
	put_y(script, "$2");
	buffer_text(script->out, " with lines");
	put_colour(script, run, series);
	buffer_text(script->out, " dashtype 1");
}

static void put_bars(const struct script *script, struct run run,
		     const struct series *series)
{
	put_x(script, "$1");
	buffer_char(script->out, ':');
	put_y(script, "$2");
	buffer_text(script->out, ":(0):");
	put_y(script, "($3-$2)");
	buffer_text(script->out, " with vectors nohead");
	put_colour(script, run, series);
	buffer_text(script->out, " dashtype 1 linewidth 3");
}

static void put_signs(const struct script *script, struct run run,
		      const struct series *series)
{
	put_x(script, "$1");
	buffer_char(script->out, ':');
	put_y(script, "($2+$3)/2.0");
	buffer_print(script->out,
		     " with points linecolor rgb %s pointtype %d pointsize %g",
		     inks[series->ink], gnuplot_sign(series->sign),
		     1.2 * sign_size(cells_of(script, run)));
}

/* Pixels that a lane is wide, of those that it has. */
static double lane_width(const struct script *script)
{
	return fmin(0.6 * script->plot / script->n_lanes, 60);
}

static void put_spans(const struct script *script, struct run run,
		      const struct series *series)
{
	put_x(script, "$1");
	buffer_text(script->out, ":3:(wide");
	put_x(script, "($2-$1)");
	buffer_text(script->out, "):(0) with vectors nohead");
	put_colour(script, run, series);
	/* What stands out leaves the colour of the lane to be seen. */
	buffer_print(script->out, " dashtype 1 linewidth %.3g",
		     lane_width(script) * (series_is_loud(series) ? 0.5 : 1));
}

static void put_links(const struct script *script, struct run run,
		      const struct series *series)
{
	double half = lane_width(script) * script->n_lanes / script->plot / 2;

	put_x(script, "$1");
	buffer_print(script->out,
		     ":($2+%.2f*sgn($3-$2)):(0):($3-$2-%.2f*sgn($3-$2)) with "
		     "vectors %s",
		     half, 2 * half,
		     cells_of(script, run) > 400
			 ? "nohead"
			 : "head filled size screen 0.006,20");
	put_colour(script, run, series);
}

static void put_label_lines(const struct script *script, struct run run)
{
	put_x(script, "$1");
	buffer_print(script->out,
		     ":(%.9g):(0):(%.9g) with vectors nohead linecolor rgb "
		     "'%s'",
		     script->y_least, script->y_most - script->y_least,
		     cells_of(script, run) > LABELS_MANY ? "#eeeeee"
							 : "#aaaaaa");
}

static void put_form(const struct script *script, struct run run,
		     const struct series *series)
{
	switch (series->form) {
	case FORM_NONE:
		break;
	case FORM_DOTS:
		put_dots(script, run, series);
		break;
	case FORM_STEPS:
		put_steps(script, run, series);
		break;
	case FORM_STACK:
		put_stack(script, run, series);
		break;
	case FORM_BARS:
		put_bars(script, run, series);
		break;
	case FORM_SPANS:
		put_spans(script, run, series);
		break;
	case FORM_LINKS:
		put_links(script, run, series);
		break;
	case FORM_LABELS:
		put_label_lines(script, run);
		break;
	}
}

/* The strokes of a series that are of a subflow each, or the one that is of
 * all, or of all others. */
static struct run run_at(const struct script *script, size_t from)
{
	struct run run = {from, from + 1};

	while (is_by_subflow(script, run) && run.to < script->n_strokes &&
	       script->strokes[run.to].series == script->strokes[from].series &&
	       !gnuplot_is_of_others(&script->strokes[run.to]))
		run.to++;
	return run;
}

/* From the back to the front. Signs are on top of all; but where losses are so
 * many that they would hide what they are on, they look out from below it. */
enum layer { BACK, SIGNS_BELOW, FRONT, TOP, SIGNS, LAYERS };

static enum layer layer_of(const struct series *series)
{
	if (series->unscaled || series->form == FORM_STACK ||
	    series->ink == INK_WINDOW ||
	    (series->ink == INK_FAINT && series->form != FORM_STEPS))
		return BACK;
	return series_is_loud(series) ? TOP : FRONT;
}

static bool has_layer(const struct script *script, struct run run, int layer)
{
	const struct series *series = script_series(script, run.from);
	bool many =
	    series->ink == INK_LOST && cells_of(script, run) > SIGNS_MANY;

	if (layer == SIGNS || layer == SIGNS_BELOW)
		return series_has_signs(series) &&
		       many == (layer == SIGNS_BELOW);
	return (int)layer_of(series) == layer;
}

static void put_layer(const struct script *script, struct run run, int layer)
{
	const struct series *series = script_series(script, run.from);

	put_source(script, run, series->form == FORM_STACK);
	if (layer == SIGNS || layer == SIGNS_BELOW)
		put_signs(script, run, series);
	else
		put_form(script, run, series);
	buffer_text(script->out, " notitle");
}

static void put_layers(const struct script *script, int layer, bool others,
		       const char **between)
{
	for (size_t i = 0; i < script->n_strokes;) {
		struct run run = run_at(script, i);

		i = run.to;
		if (is_of_others(script, run) != others ||
		    !has_layer(script, run, layer))
			continue;
		buffer_text(script->out, *between);
		put_layer(script, run, layer);
		*between = ", \\\n";
	}
}

void gnuplot_plot(const struct script *script)
{
	const char *between = "\nplot \\\n";

	/* In each, what has no colour of its own is behind what has one. */
	for (int layer = 0; layer < LAYERS; layer++) {
		put_layers(script, layer, true, &between);
		put_layers(script, layer, false, &between);
	}
}
