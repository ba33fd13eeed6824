/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/grid.h"

#include "base/alloc.h"

#include <stdlib.h>

/* A grid has at most so many columns and rows, times its fineness: more than a
 * screen has points. */
#define COLUMNS	  2048
#define ROWS	  1024
#define SHIFT_MAX 62

/* So few are found without a table: most pictures of a trace with very many
 * connections have no more. */
#define FEW 8

void grid_clear(struct grid *grid)
{
	free(grid->cells);
	if (grid->by_place.slots)
		table_clear(&grid->by_place);
}

size_t grid_size(const struct grid *grid)
{
	size_t size = grid->room * sizeof(*grid->cells);

	if (grid->by_place.slots)
		size +=
		    (grid->by_place.mask + 1) * sizeof(*grid->by_place.slots);
	return size;
}

/*
 * Cells.
 */

struct cell_key {
	const struct cell *cells;
	const struct cell *wanted;
};

static bool cell_equal(const struct cell *cell, const struct cell *wanted)
{
	return cell->column == wanted->column && cell->row == wanted->row &&
	       cell->place == wanted->place && cell->from == wanted->from &&
	       cell->text == wanted->text;
}

static uint64_t cell_hash(const struct cell *cell)
{
	uint64_t hash = hash_u64((uint64_t)cell->column, (uint64_t)cell->row);

	return hash_u64((uint64_t)cell->place << 32 | (uint32_t)cell->from,
			hash);
}

static bool cell_same(const void *item, const void *key)
{
	const struct cell_key *both = key;

	return cell_equal(&both->cells[(uintptr_t)item - 1], both->wanted);
}

/* How much there is to draw of it: two dots, an area and its edge. */
static size_t cell_weight(const struct cell *cell)
{
	if (cell->form == FORM_DOTS && cell->low.x == cell->high.x &&
	    cell->low.y == cell->high.y)
		return 1;
	return cell->form == FORM_DOTS || cell->form == FORM_STACK ? 2 : 1;
}

static const void *cell_find(const struct grid *grid, uint64_t hash,
			     const struct cell_key *key)
{
	if (grid->by_place.slots)
		return table_find(&grid->by_place, hash, cell_same, key);
	for (uintptr_t i = grid->n_cells; i; i--)
		if (cell_same((const void *)i, key))
			return (const void *)i;
	return NULL;
}

/* As lanes_enter. */
static void cells_enter(struct grid *grid, uint64_t hash)
{
	if (grid->n_cells <= FEW)
		return;
	if (grid->by_place.slots) {
		table_add(&grid->by_place, hash,
			  (void *)(uintptr_t)grid->n_cells);
		return;
	}
	table_init(&grid->by_place);
	for (uintptr_t i = 1; i <= grid->n_cells; i++)
		table_add(&grid->by_place, cell_hash(&grid->cells[i - 1]),
			  (void *)i);
}

/* The cell that is there, or else a copy of the one wanted. */
static struct cell *grid_cell(struct grid *grid, const struct cell *wanted)
{
	const struct cell_key key = {grid->cells, wanted};
	uint64_t hash = cell_hash(wanted);
	const void *item = cell_find(grid, hash, &key);

	if (item)
		return &grid->cells[(uintptr_t)item - 1];
	grid->cells = xgrow(grid->cells, &grid->room, grid->n_cells + 1,
			    sizeof(*grid->cells));
	grid->cells[grid->n_cells++] = *wanted;
	cells_enter(grid, hash);
	return &grid->cells[grid->n_cells - 1];
}

static void cell_spot(struct cell *cell, struct spot spot)
{
	if (spot.x < cell->first.x)
		cell->first = spot;
	if (spot.x >= cell->last.x)
		cell->last = spot;
	if (spot.y < cell->low.y)
		cell->low = spot;
	if (spot.y > cell->high.y)
		cell->high = spot;
}

/* `other` came later than what is in the cell. */
static void cell_merge(struct cell *cell, const struct cell *other)
{
	if (other->first.x < cell->first.x)
		cell->gap = other->gap;
	cell_spot(cell, other->first);
	cell_spot(cell, other->low);
	cell_spot(cell, other->high);
	cell_spot(cell, other->last);
	cell->points += other->points;
}

/* Lanes of subflows stand apart, however coarse the grid is. */
static bool has_rows(const struct cell *cell)
{
	return cell->form == FORM_DOTS || cell->form == FORM_BARS;
}

static int64_t row_of(const struct grid *grid, const struct cell *cell,
		      int64_t y)
{
	if (has_rows(cell))
		return y >> grid->y_shift;
	return cell->form == FORM_SPANS ? y : 0;
}

void grid_add(struct grid *grid, const struct cell *wanted,
	      const struct spot *spots, int n, size_t *recent)
{
	struct cell key = *wanted, *cell = NULL;

	key.column = spots[0].x >> grid->x_shift;
	key.row = row_of(grid, wanted, spots[0].y);
	key.first = key.low = key.high = key.last = spots[0];
	if (*recent < grid->n_cells && cell_equal(&grid->cells[*recent], &key))
		cell = &grid->cells[*recent];
	else
		cell = grid_cell(grid, &key);
	*recent = (size_t)(cell - grid->cells);
	if (cell->points)
		grid->weight -= cell_weight(cell);
	for (int i = 0; i < n; i++)
		cell_spot(cell, spots[i]);
	cell->points++;
	grid->weight += cell_weight(cell);
	grid_make_room(grid);
}

/*
 * Coarser grids.
 */

static void grid_coarsen(struct grid *grid, int x_by, int y_by)
{
	struct cell *cells = grid->cells;
	size_t n = grid->n_cells;

	grid->x_shift += x_by;
	grid->y_shift += y_by;
	grid->cells = NULL;
	grid->n_cells = grid->room = grid->weight = 0;
	if (grid->by_place.slots)
		table_clear(&grid->by_place);
	grid->by_place = (struct table){0};
	for (size_t i = 0; i < n; i++) {
		struct cell *cell = &cells[i], *merged;
		size_t before = grid->n_cells;

		cell->column >>= x_by;
		if (has_rows(cell))
			cell->row >>= y_by;
		merged = grid_cell(grid, cell);
		if (grid->n_cells == before) {
			grid->weight -= cell_weight(merged);
			cell_merge(merged, cell);
		}
		grid->weight += cell_weight(merged);
	}
	free(cells);
}

/* How much must values be shifted for so many steps from least to most? */
static int shift_for(int64_t least, int64_t most, size_t steps, int shift)
{
	while (shift < SHIFT_MAX &&
	       (uint64_t)(most >> shift) - (uint64_t)(least >> shift) >= steps)
		shift++;
	return shift;
}

void grid_reach(struct grid *grid, const struct picture_extent *extent)
{
	int x_by = shift_for(extent->x_min, extent->x_max,
			     COLUMNS * grid->fineness, grid->x_shift) -
		   grid->x_shift;
	int y_by = 0;

	if (extent->y_min <= extent->y_max)
		y_by = shift_for(extent->y_min, extent->y_max,
				 ROWS * grid->fineness, grid->y_shift) -
		       grid->y_shift;
	if (x_by || y_by)
		grid_coarsen(grid, x_by, y_by);
}

void grid_make_room(struct grid *grid)
{
	while (grid->weight > grid->limit &&
	       (grid->x_shift < SHIFT_MAX || grid->y_shift < SHIFT_MAX)) {
		bool rows = (grid->rows_next && grid->y_shift < SHIFT_MAX) ||
			    grid->x_shift == SHIFT_MAX;

		grid_coarsen(grid, !rows, rows);
		grid->rows_next = !rows;
	}
}
