/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files share that write for gnuplot: gnuplot.c the script,
 * gnuplotdata.c its data, gnuplotplot.c how it is drawn, gnuplotlegend.c and
 * gnuplotlabels.c the texts in it.
 */
#ifndef WRITE_GNUPLOT_H
#define WRITE_GNUPLOT_H

#include "report/picture.h"
#include "write/axis.h"
#include "write/buffer.h"

/* Pixels of SVG; those of other formats are as many. */
#define GNUPLOT_WIDTH  960
#define GNUPLOT_LEFT   76 /* beside the plot */
#define GNUPLOT_RIGHT  24
#define GNUPLOT_LETTER 6.7 /* about as wide, on the average */
#define GNUPLOT_LINE   18  /* as high */

/* A string, so that nothing in it means anything to gnuplot. */
void gnuplot_string(struct buffer *out, const char *text);

/* "data from client 10.0.1.1:38330 to server 10.0.1.2:5201" */
#define GNUPLOT_ENDS 192
char *gnuplot_ends(const struct shown *shown, char *text);

/* The data's file: a block a stroke. */
void gnuplot_data(struct buffer *out, const struct shown *shown);
/* Its values are in this many of the figure's units. */
double gnuplot_data_unit(const struct figure_kind *kind);
/* Data of subflows that have no stroke of their own is called so. */
#define GNUPLOT_OTHERS "other subflows"
static inline bool gnuplot_is_of_others(const struct stroke *stroke)
{
	return stroke->subflow == PICTURE_SUBFLOWS;
}

/* Labels above the plot. How many rows of text they take, and the commands
 * that put them there, at places of the axis `x` whose end is `most`. */
struct gnuplot_labels;
struct gnuplot_labels *gnuplot_labels_new(const struct shown *shown,
					  const struct axis *x, double most);
int gnuplot_labels_rows(const struct gnuplot_labels *labels);
void gnuplot_labels_write(struct buffer *out,
			  const struct gnuplot_labels *labels);
void gnuplot_labels_free(struct gnuplot_labels *labels);

/* The legend below a plot that is so many pixels high. */
struct gnuplot_legend;
struct gnuplot_legend *gnuplot_legend_new(const struct shown *shown,
					  const struct axis *y, int plot);
int gnuplot_legend_rows(const struct gnuplot_legend *legend);
/* The command that puts it there, as a share of the height, ... */
void gnuplot_legend_place(struct buffer *out,
			  const struct gnuplot_legend *legend, double top);
/* ... and parts of the plot command, with a comma before each. */
void gnuplot_legend_write(struct buffer *out,
			  const struct gnuplot_legend *legend);
void gnuplot_legend_free(struct gnuplot_legend *legend);

/* How series are drawn. */
const char *gnuplot_ink(enum ink ink); /* name of a variable */
int gnuplot_sign(enum sign sign);      /* pointtype of series whose shape is
					* not that of the subflow */

/* Line styles 1 to STYLES are those of subflows. */
#define GNUPLOT_STYLES (PALETTE_SUBFLOWS * PALETTE_ROUNDS)

struct script {
	struct buffer *out;
	const struct shown *shown;
	const struct figure_kind *kind;
	const struct stroke *strokes;
	size_t n_strokes;
	struct axis x, y;
	double x_least, x_most, y_least, y_most; /* the plot's */
	bool lanes;
	int n_lanes;
	struct gnuplot_labels *labels;
	struct gnuplot_legend *legend;
	int plot, height; /* pixels */
};

static inline const struct series *script_series(const struct script *script,
						 size_t i)
{
	return &script->kind->series[script->strokes[i].series];
}

/* The plot command, without the legend. */
void gnuplot_plot(const struct script *script);

#endif
