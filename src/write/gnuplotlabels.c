/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Labels above a plot for gnuplot, each beginning at its time, in as many rows
 * as it takes. Those that say the same and would overlap are one; what has no
 * room has its line only.
 */
#include "write/gnuplot.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROWS	  4
#define PLACE_MAX 64 /* octets of text */

struct label {
	double x; /* of the axis */
	uint64_t times;
	const char *text;
	int row; /* -1: there is no room */
	bool at_end;
};

struct gnuplot_labels {
	struct label *all;
	size_t n;
	int rows;
	double scale; /* pixels a unit of the axis */
	double least;
};

static int label_compare(const void *one, const void *two)
{
	const struct label *a = one, *b = two;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return strcmp(a->text, b->text);
}

static char *label_print(const struct label *label, char *text)
{
	if (label->times > 1)
		snprintf(text, PLACE_MAX, "%s x %" PRIu64, label->text,
			 label->times);
	else
		snprintf(text, PLACE_MAX, "%s", label->text);
	return text;
}

/* Pixels from the plot's left. */
static double label_at(const struct gnuplot_labels *labels,
		       const struct label *label)
{
	return (label->x - labels->least) * labels->scale;
}

static double label_width(const struct label *label)
{
	char text[PLACE_MAX];

	return GNUPLOT_LETTER * (double)(strlen(label_print(label, text)) + 2);
}

/* The label that is there already and takes this one in, or NULL. */
static struct label *same_as(struct gnuplot_labels *labels,
			     const struct label *label)
{
	for (size_t i = labels->n; i-- > 0;) {
		struct label *other = &labels->all[i];
		double apart =
		    label_at(labels, label) - label_at(labels, other);

		if (!strcmp(other->text, label->text))
			return apart < label_width(other) ? other : NULL;
		if (apart > GNUPLOT_WIDTH)
			break;
	}
	return NULL;
}

/* In order of x: those that say the same at nearly the same place are one. */
static void merge(struct gnuplot_labels *labels, struct label *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct label *same = same_as(labels, &all[i]);

		if (same)
			same->times += all[i].times;
		else
			labels->all[labels->n++] = all[i];
	}
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

static bool are_labels(const struct shown *shown, const struct stroke *stroke)
{
	return shown->figure->kind->series[stroke->series].form == FORM_LABELS;
}

struct gnuplot_labels *gnuplot_labels_new(const struct shown *shown,
					  const struct axis *x, double most)
{
	struct gnuplot_labels *labels = xcalloc(1, sizeof(*labels));
	const struct stroke *strokes;
	size_t n_strokes = picture_strokes(shown->picture, &strokes);
	struct label *all;
	size_t n = 0;

	for (size_t i = 0; i < n_strokes; i++)
		if (are_labels(shown, &strokes[i]))
			n += strokes[i].n_cells;
	all = xcalloc(n + 1, sizeof(*all));
	labels->all = xcalloc(n + 1, sizeof(*labels->all));
	labels->least = axis_value(x, x->min);
	labels->scale = (GNUPLOT_WIDTH - GNUPLOT_LEFT - GNUPLOT_RIGHT) /
			(most - labels->least);
	n = 0;
	for (size_t i = 0; i < n_strokes; i++) {
		const struct stroke *stroke = &strokes[i];

		if (!are_labels(shown, stroke))
			continue;
		for (size_t k = 0; k < stroke->n_cells; k++)
			all[n++] = (struct label){
			    .x = axis_value(x, stroke->cells[k]->first.x),
			    .times = stroke->cells[k]->points,
			    .text = stroke->cells[k]->text
					? stroke->cells[k]->text
					: "",
			};
	}
	qsort(all, n, sizeof(*all), label_compare);
	merge(labels, all, n);
	free(all);
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
		char text[PLACE_MAX];

		if (label->row < 0)
			continue;
		buffer_text(out, "set label ");
		gnuplot_string(out, label_print(label, text));
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
