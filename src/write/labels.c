/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/labels.h"

#include "base/alloc.h"
#include "write/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Pixels. */
#define ROW    13
#define ROWS   3
#define LETTER 7  /* is so wide, about */
#define LEFT   50 /* room beside the plot */
#define RIGHT  6

/* More lines than this would be a hatching. */
#define LABELS_MAX 300

static const double widths[] = {280, 520, 1000};
#define WIDTHS (int)(sizeof(widths) / sizeof(*widths))

enum anchor { MIDDLE, START, END };

struct label {
	double x; /* percent */
	int subflow;
	int row;   /* -1: there is no room */
	int width; /* it fits from this on */
	enum anchor anchor;
	char text[64];
};

struct labels {
	struct label all[LABELS_MAX];
	size_t n;
};

static void label_text(struct label *label, const struct cell *cell)
{
	const char *text = cell->text ? cell->text : "";

	if (cell->points > 1)
		snprintf(label->text, sizeof(label->text), "%s (%" PRIu64 ")",
			 text, cell->points);
	else
		snprintf(label->text, sizeof(label->text), "%s", text);
}

/* From where to where it is, in a plot of that width. */
static void reach(const struct label *label, double width, double *from,
		  double *to)
{
	double wide = LETTER * (double)strlen(label->text);
	double at = label->x / 100 * width;

	*from = label->anchor == MIDDLE ? at - wide / 2
		: label->anchor == END	? at - wide
					: at;
	*to = *from + wide;
}

static void choose_anchor(struct label *label, double width)
{
	double from, to;

	label->anchor = MIDDLE;
	reach(label, width, &from, &to);
	if (from < -LEFT)
		label->anchor = START;
	if (to > width + RIGHT)
		label->anchor = END;
}

static bool are_apart(const struct label *a, const struct label *b,
		      double width)
{
	double a_from, a_to, b_from, b_to;

	reach(a, width, &a_from, &a_to);
	reach(b, width, &b_from, &b_to);
	return a_to + LETTER < b_from || b_to + LETTER < a_from;
}

/* Has the label room in its row, beside those that are there? */
static bool has_room(const struct labels *labels, const struct label *label,
		     double width)
{
	for (size_t i = 0; i < labels->n; i++) {
		const struct label *other = &labels->all[i];

		if (other != label && other->row == label->row &&
		    !are_apart(label, other, width))
			return false;
	}
	return true;
}

static void place(const struct labels *labels, struct label *label, int width)
{
	choose_anchor(label, widths[width]);
	label->width = width;
	for (label->row = 0; label->row < ROWS; label->row++)
		if (has_room(labels, label, widths[width]))
			return;
	label->row = -1;
}

static void put_label(struct buffer *out, const struct label *label)
{
	static const char *const anchors[] = {"", " start", " end"};

	buffer_text(out, "<g class=\"mark\"");
	if (label->subflow >= 0)
		buffer_print(out, " data-sf=\"%d\"", label->subflow);
	buffer_print(out, "><title>");
	html_text(out, label->text);
	buffer_print(out,
		     "</title><line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" "
		     "y2=\"100%%\"/>",
		     label->x, label->x,
		     label->row < 0 ? 0 : -ROW * label->row);
	if (label->row >= 0) {
		buffer_print(out,
			     "<text class=\"w%d%s\" x=\"%.2f%%\" y=\"%d\">",
			     label->width, anchors[label->anchor], label->x,
			     -ROW * label->row - 3);
		html_text(out, label->text);
		buffer_text(out, "</text>");
	}
	buffer_text(out, "</g>\n");
}

static bool are_labels(const struct svg *svg, const struct stroke *stroke)
{
	return svg->shown->figure->kind->series[stroke->series].form ==
	       FORM_LABELS;
}

int labels_height(const struct svg *svg, const struct stroke *strokes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (are_labels(svg, &strokes[i]))
			return ROW * ROWS;
	return 0;
}

static void add_stroke(const struct svg *svg, const struct stroke *stroke,
		       struct labels *labels)
{
	for (size_t i = 0; i < stroke->n_cells && labels->n < LABELS_MAX; i++) {
		struct label *label = &labels->all[labels->n++];

		label->x = svg_across(svg, stroke->cells[i]->first.x);
		label->subflow = stroke->subflow;
		label->row = -1;
		label_text(label, stroke->cells[i]);
	}
}

void labels_put(const struct svg *svg, const struct stroke *strokes, size_t n)
{
	struct labels *labels = xcalloc(1, sizeof(*labels));

	for (size_t i = 0; i < n; i++)
		if (are_labels(svg, &strokes[i]))
			add_stroke(svg, &strokes[i], labels);
	for (int width = 0; width < WIDTHS; width++)
		for (size_t i = 0; i < labels->n; i++)
			if (labels->all[i].row < 0)
				place(labels, &labels->all[i], width);
	for (size_t i = 0; i < labels->n; i++)
		put_label(svg->out, &labels->all[i]);
	free(labels);
}
