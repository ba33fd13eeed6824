/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Labels above a plot for gnuplot, each beginning at its time, in as many rows
 * as it takes. Those that say the same and would overlap are one; what has no
 * room has its line only.
 */
#include "write/gnuplot.h"

#include "base/alloc.h"
#include "write/tags.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 4

struct label {
	double x; /* of the axis */
	int row;  /* -1: there is no room */
	bool at_end;
	char text[TAG_TEXT];
};

struct gnuplot_labels {
	struct label *all;
	size_t n;
	int rows;
	double scale; /* pixels a unit of the axis */
	double least;
};

/* Pixels from the plot's left. */
static double label_at(const struct gnuplot_labels *labels,
		       const struct label *label)
{
	return (label->x - labels->least) * labels->scale;
}

static double label_width(const struct label *label)
{
	return GNUPLOT_LETTER * (double)(strlen(label->text) + 2);
}

static void find_rows(struct gnuplot_labels *labels)
{
	double until[ROWS] = {0}; /* a row is taken to there */
	const double plot = GNUPLOT_WIDTH - GNUPLOT_LEFT - GNUPLOT_RIGHT;

	for (size_t i = 0; i < labels->n; i++) {
		struct label *label = &labels->all[i];
		double from = label_at(labels, label);
		double width = label_width(label);
		int row = 0;

		/* It may not be cut off on the right. */
		label->at_end = from + width > plot + GNUPLOT_RIGHT;
		if (label->at_end)
			from -= width;
		while (row < ROWS && until[row] > from)
			row++;
		label->row = row < ROWS ? row : -1;
		if (label->row < 0)
			continue;
		until[row] = from + width;
		if (labels->rows <= row)
			labels->rows = row + 1;
	}
}

struct gnuplot_labels *gnuplot_labels_new(const struct shown *shown,
					  const struct axis *x, double most)
{
	struct gnuplot_labels *labels = xcalloc(1, sizeof(*labels));
	struct tags_plot plot = {.axis = x, .letter = GNUPLOT_LETTER};
	struct tag *tags;

	labels->least = axis_value(x, x->min);
	labels->scale = (GNUPLOT_WIDTH - GNUPLOT_LEFT - GNUPLOT_RIGHT) /
			(most - labels->least);
	plot.unit = labels->scale;
	tags = tags_gather(shown, &plot, &labels->n);
	labels->all = xcalloc(labels->n + 1, sizeof(*labels->all));
	for (size_t i = 0; i < labels->n; i++) {
		labels->all[i].x = axis_value(x, tags[i].x);
		tag_print(&tags[i], labels->all[i].text);
	}
	free(tags);
	find_rows(labels);
	return labels;
}

int gnuplot_labels_rows(const struct gnuplot_labels *labels)
{
	return labels->rows;
}

void gnuplot_labels_write(struct buffer *out,
			  const struct gnuplot_labels *labels)
{
	if (labels->rows)
		buffer_text(out, "\n# Signals: each text begins or ends at its "
				 "time.\n");
	for (size_t i = 0; i < labels->n; i++) {
		const struct label *label = &labels->all[i];

		if (label->row < 0)
			continue;
		buffer_text(out, "set label ");
		gnuplot_string(out, label->text);
		buffer_print(out,
			     " at %.9g, graph 1 %s offset character 0, %g\n",
			     label->x, label->at_end ? "right" : "left",
			     0.6 + label->row);
	}
}

void gnuplot_labels_free(struct gnuplot_labels *labels)
{
	free(labels->all);
	free(labels);
}
