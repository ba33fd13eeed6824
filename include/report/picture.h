/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a screen can show of a figure. Points come in one by one, in any order
 * and of any number; memory is bounded, however many they are. Where there are
 * more than a screen has room for, neighbours share a cell, which keeps the
 * first, the last, the lowest and the highest of them exactly: nothing that
 * sticks out is lost, and a line looks the same to the pixel. What stands out
 * (reinjections, what was lost, signals) has finer cells and room of its own.
 *
 * It knows no colour, file or format: painters of pictures do.
 */
#ifndef REPORT_PICTURE_H
#define REPORT_PICTURE_H

#include "report/figure.h"

#include <stddef.h>

struct spot {
	int64_t x, y;
};

/* Neighbours that are shown as one. What its spots are depends on the form of
 * its series:
 *   DOTS    low and high, two dots unless they are the same
 *   STEPS   first, low and high as they come, last: cell_path()
 *   STACK   the same, of the area's upper edge
 *   BARS    an upright line at low.x from low.y to high.y
 *   SPANS   a level line from first.x to last.x at low.y
 *   LINKS   at low.x
 *   LABELS  at first.x
 */
struct cell {
	int64_t column, row; /* of the grid */
	int place;	     /* of its stroke */
	enum form form;	     /* of its series */
	int from;	     /* the points' `from`, or NO_SUBFLOW */
	const char *text;    /* of LABELS, or NULL */
	uint64_t points;
	bool gap; /* a line does not come to it from the cell before */
	struct spot first, low, high, last;
};

/* The spots of a line's cell in order of x, from 1 to 4 of them. */
size_t cell_path(const struct cell *cell, struct spot path[4]);

/* So many subflows have strokes of their own. */
#define PICTURE_SUBFLOWS 256

/* What a picture has of one series on one subflow. */
struct stroke {
	int series;
	/* Or NO_SUBFLOW; PICTURE_SUBFLOWS: of all others together (they have no
	 * STEPS; and in lanes, one lane). */
	int subflow;
	uint64_t points; /* all that came */
	size_t n_cells;
	const struct cell *const *cells; /* in order of x */
};

struct picture;

struct picture *picture_new(const struct figure_kind *kind);
void picture_free(struct picture *picture);

/* Adds a point. Those that are of no series that is drawn, or at no known
 * place, are passed over. True if picture_size may be another one now. */
bool picture_add(struct picture *picture, const struct point *point);

/* Memory that it takes, in octets, about. */
size_t picture_size(const struct picture *picture);
/* From now on it takes no more cells than this, as far as that can be: what
 * there is gets coarser. PICTURE_CELLS at first. */
void picture_limit(struct picture *picture, size_t cells);
#define PICTURE_CELLS 12000

/* No more points: puts its strokes in order, series by series and in each by
 * subflow. They live as long as the picture. */
void picture_finish(struct picture *picture);
size_t picture_strokes(const struct picture *picture,
		       const struct stroke **strokes);

/* Points of a series whose y is not known: they are not in any stroke. */
uint64_t picture_nowhere(const struct picture *picture, int series);

/* From where to where its points are, but for y of series that are not scaled;
 * min > max: there is none. */
struct picture_extent {
	int64_t x_min, x_max, y_min, y_max;
};
const struct picture_extent *picture_extent(const struct picture *picture);

/* Was there nothing to draw, or only series that stand aside? */
bool picture_is_empty(const struct picture *picture);

#endif
