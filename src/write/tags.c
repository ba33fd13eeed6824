/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/tags.h"

#include "base/alloc.h"
#include "report/picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART 1000 /* pixels: no text is so long */

static int tag_compare(const void *one, const void *two)
{
	const struct tag *a = one, *b = two;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return strcmp(a->text, b->text);
}

char *tag_print(const struct tag *tag, char *text)
{
	if (tag->times > 1)
		snprintf(text, TAG_TEXT, "%s x %" PRIu64, tag->text,
			 tag->times);
	else
		snprintf(text, TAG_TEXT, "%s", tag->text);
	return text;
}

static bool are_labels(const struct shown *shown, const struct stroke *stroke)
{
	return shown->figure->kind->series[stroke->series].form == FORM_LABELS;
}

bool tags_are_there(const struct shown *shown)
{
	const struct stroke *strokes;
	size_t n = picture_strokes(shown->picture, &strokes);

	for (size_t i = 0; i < n; i++)
		if (are_labels(shown, &strokes[i]))
			return true;
	return false;
}

/* All there are. */
static struct tag *collect(const struct shown *shown, size_t *n)
{
	const struct stroke *strokes;
	size_t n_strokes = picture_strokes(shown->picture, &strokes);
	size_t room = 0;
	struct tag *all = NULL;

	*n = 0;
	for (size_t i = 0; i < n_strokes; i++) {
		const struct stroke *stroke = &strokes[i];

		if (!are_labels(shown, stroke))
			continue;
		all = xgrow(all, &room, *n + stroke->n_cells, sizeof(*all));
		for (size_t k = 0; k < stroke->n_cells; k++) {
			const struct cell *cell = stroke->cells[k];

			all[(*n)++] = (struct tag){
			    .x = cell->first.x,
			    .text = cell->text ? cell->text : "",
			    .times = cell->points,
			    .subflow = stroke->subflow,
			};
		}
	}
	return all;
}

/* The one of `n` that is there already and takes this one in, or NULL. */
static struct tag *same_as(struct tag *all, size_t n, const struct tag *tag,
			   const struct tags_plot *plot)
{
	double at = axis_value(plot->axis, tag->x);
	char text[TAG_TEXT];

	while (n--) {
		double apart =
		    (at - axis_value(plot->axis, all[n].x)) * plot->unit;

		if (!strcmp(all[n].text, tag->text)) {
			size_t letters = strlen(tag_print(&all[n], text)) + 2;

			return apart < plot->letter * (double)letters ? &all[n]
								      : NULL;
		}
		if (apart > APART)
			break;
	}
	return NULL;
}

struct tag *tags_gather(const struct shown *shown, const struct tags_plot *plot,
			size_t *n)
{
	size_t n_all;
	struct tag *all = collect(shown, &n_all);

	*n = 0;
	if (n_all)
		qsort(all, n_all, sizeof(*all), tag_compare);
	for (size_t i = 0; i < n_all; i++) {
		struct tag *same = same_as(all, *n, &all[i], plot);

		if (!same) {
			all[(*n)++] = all[i];
			continue;
		}
		same->times += all[i].times;
		if (same->subflow != all[i].subflow)
			same->subflow = NO_SUBFLOW;
	}
	return all;
}
