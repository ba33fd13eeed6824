/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The labels of a picture, as all that draw them need them: in order of x, and
 * those that say the same and would overlap are one.
 */
#ifndef WRITE_TAGS_H
#define WRITE_TAGS_H

#include "write/axis.h"

#include <stddef.h>
#include <stdint.h>

struct tag {
	int64_t x;
	const char *text;
	uint64_t times;
	int subflow; /* of all, or NO_SUBFLOW */
};

/* How labels will be drawn: along which axis, pixels of its unit, and of a
 * letter. */
struct tags_plot {
	const struct axis *axis;
	double unit, letter;
};

bool tags_are_there(const struct shown *shown);
/* Returns an array to free, and how many there are. */
struct tag *tags_gather(const struct shown *shown, const struct tags_plot *plot,
			size_t *n);

/* "JOIN x 26", in `text` of TAG_TEXT; returns `text`. */
#define TAG_TEXT 64
char *tag_print(const struct tag *tag, char *text);

#endif
