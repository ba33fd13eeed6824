/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * -w 3: for gnuplot, a script a graph, and its data beside it. The script is
 * for people, too: it can be read and changed.
 */
#include "write/gnuplot.h"

#include "write/human.h"
#include "write/palette.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pixels of SVG. */
#define TITLE  62 /* above the plot, without labels; of two lines */
#define PLOT   360
#define TICKS  62 /* below the plot, with the name of the axis */
#define LANE   20
#define LANES  (1600 / LANE) /* more of them get less */
#define BOTTOM 12

#define ENDS_LONG 105 /* letters */

#define X_TICKS 9
#define Y_TICKS 6

void gnuplot_string(struct buffer *out, const char *text)
{
	buffer_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buffer_char(out, '\'');
		buffer_char(out, (unsigned char)*text >= ' ' ? *text : ' ');
	}
	buffer_char(out, '\'');
}

char *gnuplot_ends(const struct shown *shown, char *text)
{
	enum side from = shown->figure->side, to = other_side(from);
	char one[END_TEXT], two[END_TEXT];

	snprintf(
	    text, GNUPLOT_ENDS, "data from %s %s to %s %s", side_word(from),
	    endpoint_print(&shown->conn->host[from].end, one), side_word(to),
	    endpoint_print(&shown->conn->host[to].end, two));
	return text;
}

/*
 * The script.
 */

static void put_head(const struct script *script)
{
	struct buffer *out = script->out;
	char name[SHEET_NAME];

	sheet_name(name, script->shown->figure, script->shown->conn);
	buffer_print(
	    out,
	    "reset\n"
	    "# By mptcptrace, for gnuplot 5.4 or later. Makes\n"
	    "# %s.svg of %s.dat, where this script is;\n"
	    "# another format (png, pdf), elsewhere:\n"
	    "#\n"
	    "#     gnuplot -e \"format='png'; to='pictures'\" %s.gp\n"
	    "#\n"
	    "# With format='' it shows it on the terminal that gnuplot "
	    "has.\n",
	    name, name, name);
	buffer_print(out,
		     "name = '%s'\n"
		     "here = exists('ARG0') ? ARG0 : ''\n"
		     "while (strlen(here) && here[strlen(here):*] ne '/') "
		     "{ here = here[1:strlen(here)-1] }\n"
		     "data = here.name.'.dat'\n"
		     "if (!exists('format')) format = 'svg'\n\n",
		     name);
}

/* Round ends make short bars visible, but long spans longer. */
static bool has_bars(const struct script *script)
{
	for (size_t i = 0; i < script->n_strokes; i++)
		if (script_series(script, i)->form == FORM_BARS)
			return true;
	return false;
}

static void put_terminals(const struct script *script)
{
	struct buffer *out = script->out;
	const char *ends = has_bars(script) ? "rounded" : "butt";
	int height = script->height;

	buffer_print(out,
		     "if (format eq 'svg') set terminal svg size %d,%d %s "
		     "font 'sans,12' background '#ffffff'\n",
		     GNUPLOT_WIDTH, height, ends);
	buffer_print(out,
		     "png = strstrt(GPVAL_TERMINALS, ' pngcairo ') ? "
		     "'pngcairo %s' : 'png'\n"
		     "if (format eq 'png') set terminal @png size %d,%d "
		     "font 'sans,9'\n",
		     ends, GNUPLOT_WIDTH, height);
	buffer_print(
	    out,
	    "if (format eq 'pdf') set terminal pdfcairo size %.2f,%.2f "
	    "%s font 'sans,12'\n",
	    GNUPLOT_WIDTH / 96.0, height / 96.0, ends);
	buffer_text(out, "if (format ne '') set output "
			 "(exists('to') ? to.'/' : here).name.'.'.format\n"
			 "set termoption noenhanced\n");
}

/* Must the connection's ends have a line of their own? */
static bool is_long(const struct script *script)
{
	char ends[GNUPLOT_ENDS];

	return strlen(gnuplot_ends(script->shown, ends)) > ENDS_LONG;
}

static void put_texts(const struct script *script)
{
	struct buffer *out = script->out;
	char text[160], ends[GNUPLOT_ENDS];

	buffer_text(out, "\nset title ");
	gnuplot_string(out, script->kind->caption);
	buffer_text(out, ".\"\\n\".");
	snprintf(text, sizeof(text), "connection %" PRIu64 "%s",
		 script->shown->conn->id, is_long(script) ? "" : ", ");
	gnuplot_string(out, text);
	buffer_text(out, is_long(script) ? ".\"\\n\"." : ".");
	gnuplot_string(out, gnuplot_ends(script->shown, ends));
	if (gnuplot_labels_rows(script->labels))
		buffer_print(out, " offset character 0, %d",
			     gnuplot_labels_rows(script->labels));
	buffer_text(out, "\nset xlabel ");
	if (script->kind->x_is_sequence)
		snprintf(text, sizeof(text), "%s (%s)", script->x.name,
			 script->x.unit);
	else
		snprintf(text, sizeof(text),
			 "seconds since the connection's start");
	gnuplot_string(out, text);
	buffer_text(out, "\nset ylabel ");
	snprintf(text, sizeof(text), *script->y.unit ? "%s (%s)" : "%s",
		 script->y.name, script->y.unit);
	gnuplot_string(out, text);
	buffer_char(out, '\n');
}

/* With an axis' ticks where axis.c has them. */
static void put_axis(struct buffer *out, const char *name,
		     const struct axis *axis, double least, double most)
{
	buffer_print(out, "set %srange [%.9g:%.9g]\n", name, least, most);
	if (axis->n_ticks > 1)
		buffer_print(out, "set %stics %.9g\nset format %s '%%.%df'\n",
			     name, axis->ticks[1] - axis->ticks[0], name,
			     axis->decimals);
}

static void put_lanes(const struct script *script)
{
	int step = (script->n_lanes + LANES - 1) / LANES;

	buffer_print(script->out,
		     "set yrange [%" PRId64 ".5:%s.5]\nset ytics %d\n",
		     script->y.max, script->y.min < 0 ? "-1" : "-0", step);
	if (script->y.max == PICTURE_SUBFLOWS)
		buffer_print(script->out,
			     "set ytics 0,%d,%d\n"
			     "set ytics add ('others' %d)\n",
			     step, PICTURE_SUBFLOWS - 1, PICTURE_SUBFLOWS);
}

/* Pixels above the plot. */
static int above(const struct script *script)
{
	return TITLE + GNUPLOT_LINE * (is_long(script) +
				       gnuplot_labels_rows(script->labels));
}

/* Pixels from below as a share of the height. */
static double share(const struct script *script, int pixels)
{
	return (double)pixels / script->height;
}

static void put_frame(const struct script *script)
{
	struct buffer *out = script->out;
	int bottom = script->height - above(script) - script->plot;

	put_axis(out, "x", &script->x, script->x_least, script->x_most);
	if (script->lanes)
		put_lanes(script);
	else
		put_axis(out, "y", &script->y, script->y_least, script->y_most);
	buffer_print(out,
		     "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		     "set bmargin at screen %.4f\nset tmargin at screen %.4f\n",
		     (double)GNUPLOT_LEFT / GNUPLOT_WIDTH,
		     1 - (double)GNUPLOT_RIGHT / GNUPLOT_WIDTH,
		     share(script, bottom),
		     share(script, bottom + script->plot));
	gnuplot_legend_place(out, script->legend,
			     share(script, bottom - TICKS));
	buffer_text(out, "set grid back linetype 1 linecolor rgb '#dddddd'\n"
			 "set border 3 linecolor rgb '#666666'\n"
			 "set tics nomirror\n"
			 "set style fill solid noborder\n"
			 "set clip two\n");
}

/*
 * Colours.
 */

static void put_inks(const struct script *script)
{
	bool used[INK_LOST + 1] = {[INK_SUBFLOW] = true};

	for (size_t i = 0; i < script->n_strokes; i++)
		used[script_series(script, i)->ink] = true;
	for (int ink = 0; ink <= INK_LOST; ink++)
		if (used[ink])
			buffer_print(script->out, "%s = '%s'\n",
				     gnuplot_ink((enum ink)ink),
				     palette_ink[ink].light);
}

static char *colour_of(int subflow, char *text)
{
	int round = subflow / PALETTE_SUBFLOWS;
	double white = palette_faded[round] / 100.0;
	unsigned long rgb = strtoul(
	    palette_subflow[subflow % PALETTE_SUBFLOWS].light + 1, NULL, 16);
	unsigned mixed = 0;

	for (int shift = 16; shift >= 0; shift -= 8)
		mixed = mixed << 8 |
			(unsigned)lround((1 - white) * (rgb >> shift & 0xff) +
					 white * 0xff);
	snprintf(text, sizeof("#rrggbb"), "#%06x", mixed);
	return text;
}

static void put_styles(const struct script *script)
{
	static const int shapes[PALETTE_ROUNDS] = {7, 5, 13, 11, 15};
	size_t n = script->shown->conn->n_subflows;

	buffer_text(
	    script->out,
	    "\n# A subflow has the same colour in all pictures; where "
	    "there are more subflows\n# than colours, shades, dashes and "
	    "shapes differ.\n");
	for (size_t i = 0; i < n && i < GNUPLOT_STYLES; i++) {
		char colour[sizeof("#rrggbb")];

		buffer_print(
		    script->out,
		    "set style line %zu linecolor rgb '%s' dashtype %zu "
		    "pointtype %d\n",
		    i + 1, colour_of((int)i, colour), i / PALETTE_SUBFLOWS + 1,
		    shapes[i / PALETTE_SUBFLOWS]);
	}
}

static void put_widths(const struct script *script)
{
	if (script->lanes)
		buffer_print(
		    script->out,
		    "# What is short is a pixel wide.\n"
		    "wide(x) = x + %.3g\n",
		    (script->x_most - script->x_least) /
			(GNUPLOT_WIDTH - GNUPLOT_LEFT - GNUPLOT_RIGHT));
}

static void measure(struct script *script)
{
	const struct shown *shown = script->shown;

	axis_x(&script->x, shown, X_TICKS);
	axis_y(&script->y, shown, Y_TICKS);
	script->x_least = axis_value(&script->x, script->x.min);
	script->x_most = axis_value(&script->x, script->x.max);
	if (script->x_most <= script->x_least)
		script->x_most = script->x_least + 1;
	script->y_least = axis_value(&script->y, script->y.min);
	script->y_most = axis_value(&script->y, script->y.max);
	if (script->y_most <= script->y_least)
		script->y_most = script->y_least + 1;
	script->y_most += 0.04 * (script->y_most - script->y_least);
	script->lanes = script->kind->unit == UNIT_SUBFLOW;
	if (script->lanes)
		script->n_lanes = (int)(script->y.max - script->y.min) + 1;
	script->plot = PLOT;
	if (script->lanes && script->n_lanes * LANE > PLOT)
		script->plot =
		    LANE * (script->n_lanes < LANES ? script->n_lanes : LANES);
	script->labels = gnuplot_labels_new(shown, &script->x, script->x_most);
	script->legend = gnuplot_legend_new(shown, &script->y, script->plot);
	script->height = above(script) + script->plot + TICKS +
			 GNUPLOT_LINE * gnuplot_legend_rows(script->legend) +
			 BOTTOM;
}

static void write_script(struct buffer *out, const struct shown *shown)
{
	struct script script = {
	    .out = out,
	    .shown = shown,
	    .kind = shown->figure->kind,
	};

	script.n_strokes = picture_strokes(shown->picture, &script.strokes);
	measure(&script);
	put_head(&script);
	put_terminals(&script);
	put_texts(&script);
	put_frame(&script);
	put_styles(&script);
	put_inks(&script);
	put_widths(&script);
	gnuplot_labels_write(out, script.labels);
	gnuplot_plot(&script);
	gnuplot_legend_write(out, script.legend);
	buffer_text(out, "\nif (format ne '') unset output\n");
	gnuplot_labels_free(script.labels);
	gnuplot_legend_free(script.legend);
}

const struct painter painter_gnuplot = {
    .name = "gnuplot",
    .suffix = "gp",
    .help = "for gnuplot, a script and its data",
    .number = 3,
    .picture = write_script,
    .data_suffix = "dat",
    .data = gnuplot_data,
};
