/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cells over columns and rows that are powers of two wide, which get coarser
 * as the values reach farther and the cells get more. A private part of
 * pictures.
 */
#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include "base/table.h"
#include "report/picture.h"

struct grid {
	int x_shift, y_shift;
	bool rows_next; /* coarser rows come next, then columns */
	size_t fineness;
	struct cell *cells;
	size_t n_cells, room;
	struct table by_place; /* place of a cell + 1; if there are many */
	size_t weight, limit;  /* dots that are drawn; at most */
};

void grid_clear(struct grid *grid);

/* Adds n spots to one cell, that of the first of them, as `wanted` says whose
 * cell it is. Neighbours mostly come one after the other: *recent is the place
 * of the caller's last cell, and is that of this one then. */
void grid_add(struct grid *grid, const struct cell *wanted,
	      const struct spot *spots, int n, size_t *recent);

/* Values reach so far now. */
void grid_reach(struct grid *grid, const struct picture_extent *extent);
/* Gets coarser until there is room within its limit, as far as that can be. */
void grid_make_room(struct grid *grid);
/* Octets that it takes. */
size_t grid_size(const struct grid *grid);

#endif
