/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/labels.h"

#include "base/alloc.h"
#include "write/html.h"
#include "write/tags.h"

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
	struct tag tag;
	uint64_t often; /* what it says is there so many times */
	double x;	/* percent */
	int row;	/* -1: there is no room */
	int width;	/* it fits from this on */
	enum anchor anchor;
	char text[TAG_TEXT];
};

struct labels {
	struct label *all;
	size_t n;
};

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
	svg_subflow(out, label->tag.subflow);
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

int labels_height(const struct svg *svg)
{
	return tags_are_there(svg->shown) ? ROW * ROWS : 0;
}

static int by_text(const void *one, const void *two)
{
	const struct label *a = one, *b = two;

	return strcmp(a->tag.text, b->tag.text);
}

static int by_rarity(const void *one, const void *two)
{
	const struct label *a = one, *b = two;

	if (a->often != b->often)
		return a->often < b->often ? -1 : 1;
	return (a->tag.x > b->tag.x) - (a->tag.x < b->tag.x);
}

/* What is rare comes first, and has the room. */
static void put_in_order(struct labels *labels)
{
	struct label *all = labels->all;

	qsort(all, labels->n, sizeof(*all), by_text);
	for (size_t i = 0, end; i < labels->n; i = end) {
		uint64_t often = 0;

		for (end = i; end < labels->n && !by_text(&all[i], &all[end]);
		     end++)
			often += all[end].tag.times;
		for (size_t k = i; k < end; k++)
			all[k].often = often;
	}
	qsort(all, labels->n, sizeof(*all), by_rarity);
	if (labels->n > LABELS_MAX)
		labels->n = LABELS_MAX;
}

static void gather(const struct svg *svg, struct labels *labels)
{
	const struct axis *x = &svg->x;
	double range = axis_value(x, x->max) - axis_value(x, x->min);
	const struct tags_plot plot = {
	    .axis = x,
	    .unit = range > 0 ? widths[WIDTHS - 1] / range : 0,
	    .letter = LETTER,
	};
	struct tag *tags = tags_gather(svg->shown, &plot, &labels->n);

	labels->all = xcalloc(labels->n + 1, sizeof(*labels->all));
	for (size_t i = 0; i < labels->n; i++) {
		labels->all[i].tag = tags[i];
		labels->all[i].x = svg_across(svg, tags[i].x);
		labels->all[i].row = -1;
		tag_print(&tags[i], labels->all[i].text);
	}
	free(tags);
	put_in_order(labels);
}

void labels_put(const struct svg *svg)
{
	struct labels labels = {0};

	gather(svg, &labels);
	for (int width = 0; width < WIDTHS; width++)
		for (size_t i = 0; i < labels.n; i++)
			if (labels.all[i].row < 0)
				place(&labels, &labels.all[i], width);
	for (size_t i = 0; i < labels.n; i++)
		put_label(svg->out, &labels.all[i]);
	free(labels.all);
}
