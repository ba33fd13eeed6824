/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/picture.h"

#include "base/alloc.h"
#include "base/table.h"
#include "report/grid.h"

#include <stdlib.h>
#include <string.h>

/* What stands out has finer cells: such marks are one only where they would be
 * one spot. */
#define FINENESS 4

/* So few are found without a table. */
#define FEW 8

/* A stroke on its way. */
struct lane {
	int series, subflow;
	uint64_t points;
	size_t recent; /* cell that got the last point */
	bool begun;
	int64_t until; /* a line was drawn to there */
	bool gap;      /* it begins anew */
};

enum { PLAIN, LOUD, GRIDS };

struct picture {
	const struct figure_kind *kind;
	struct picture_extent extent;
	struct grid grids[GRIDS];
	size_t limit; /* of cells in both */
	struct lane *lanes;
	size_t n_lanes, lanes_room;
	struct table lane_table; /* place of a lane + 1; if there are many */
	int recent[SERIES_MAX];	 /* lane + 1 of a series' last point */
	uint64_t nowhere[SERIES_MAX]; /* points without a value */
	struct stroke *strokes;	      /* once it is finished */
	const struct cell **order;
};

size_t cell_path(const struct cell *cell, struct spot path[4])
{
	bool low_first = cell->low.x <= cell->high.x;
	const struct spot all[4] = {
	    cell->first,
	    low_first ? cell->low : cell->high,
	    low_first ? cell->high : cell->low,
	    cell->last,
	};
	size_t n = 0;

	for (int i = 0; i < 4; i++)
		if (!n || all[i].x != path[n - 1].x ||
		    all[i].y != path[n - 1].y)
			path[n++] = all[i];
	return n;
}

struct picture *picture_new(const struct figure_kind *kind)
{
	struct picture *picture = xcalloc(1, sizeof(*picture));

	picture->kind = kind;
	picture->extent = (struct picture_extent){
	    .x_min = INT64_MAX,
	    .x_max = INT64_MIN,
	    .y_min = INT64_MAX,
	    .y_max = INT64_MIN,
	};
	picture->grids[PLAIN].fineness = 1;
	picture->grids[LOUD].fineness = FINENESS;
	picture_limit(picture, PICTURE_CELLS);
	return picture;
}

void picture_free(struct picture *picture)
{
	if (!picture)
		return;
	for (int i = 0; i < GRIDS; i++)
		grid_clear(&picture->grids[i]);
	if (picture->lane_table.slots)
		table_clear(&picture->lane_table);
	free(picture->lanes);
	free(picture->strokes);
	free(picture->order);
	free(picture);
}

/*
 * Strokes.
 */

struct lane_key {
	const struct lane *lanes;
	int series, subflow;
};

static bool lane_same(const void *item, const void *key)
{
	const struct lane_key *wanted = key;
	const struct lane *lane = &wanted->lanes[(uintptr_t)item - 1];

	return lane->series == wanted->series &&
	       lane->subflow == wanted->subflow;
}

static const void *lane_find(const struct picture *picture, uint64_t hash,
			     const struct lane_key *key)
{
	if (picture->lane_table.slots)
		return table_find(&picture->lane_table, hash, lane_same, key);
	for (uintptr_t i = 1; i <= picture->n_lanes; i++)
		if (lane_same((const void *)i, key))
			return (const void *)i;
	return NULL;
}

static uint64_t lane_hash(int series, int subflow)
{
	return hash_u64((uint32_t)series, (uint32_t)subflow);
}

/* The last lane is new: it gets into the table, or with it all do. */
static void lanes_enter(struct picture *picture)
{
	uintptr_t i = picture->n_lanes; /* place + 1 */

	if (i <= FEW)
		return;
	if (!picture->lane_table.slots) {
		table_init(&picture->lane_table);
		i = 1;
	}
	for (; i <= picture->n_lanes; i++)
		table_add(&picture->lane_table,
			  lane_hash(picture->lanes[i - 1].series,
				    picture->lanes[i - 1].subflow),
			  (void *)i);
}

static int lane_place(struct picture *picture, int series, int subflow)
{
	const struct lane_key key = {picture->lanes, series, subflow};
	int *recent = &picture->recent[series];
	uint64_t hash;
	const void *item;

	if (*recent && picture->lanes[*recent - 1].subflow == subflow)
		return *recent - 1;
	hash = lane_hash(series, subflow);
	item = lane_find(picture, hash, &key);
	if (item) {
		*recent = (int)(uintptr_t)item;
		return *recent - 1;
	}
	picture->lanes = xgrow(picture->lanes, &picture->lanes_room,
			       picture->n_lanes + 1, sizeof(*picture->lanes));
	picture->lanes[picture->n_lanes++] =
	    (struct lane){.series = series, .subflow = subflow};
	lanes_enter(picture);
	*recent = (int)picture->n_lanes;
	return *recent - 1;
}

/*
 * Room.
 */

/* What stands out takes from the room of the others, down to a third of it:
 * such a mark has two parts. */
static void share_room(struct picture *picture)
{
	size_t loud = 2 * picture->grids[LOUD].weight;
	size_t least = picture->limit / 3;

	picture->grids[PLAIN].limit =
	    picture->limit > least + loud ? picture->limit - loud : least;
	if (picture->grids[PLAIN].weight > picture->grids[PLAIN].limit)
		grid_make_room(&picture->grids[PLAIN]);
}

void picture_limit(struct picture *picture, size_t cells)
{
	picture->limit = cells;
	picture->grids[LOUD].limit = cells / 2;
	grid_make_room(&picture->grids[LOUD]);
	share_room(picture);
}

size_t picture_size(const struct picture *picture)
{
	size_t size =
	    sizeof(*picture) + picture->lanes_room * sizeof(*picture->lanes);

	if (picture->lane_table.slots)
		size += (picture->lane_table.mask + 1) *
			sizeof(*picture->lane_table.slots);
	for (int i = 0; i < GRIDS; i++)
		size += grid_size(&picture->grids[i]);
	return size;
}

/*
 * Points.
 */

static void reach(struct picture *picture, const struct series *series,
		  struct spot spot)
{
	struct picture_extent *extent = &picture->extent;
	bool farther = false;

	if (spot.x < extent->x_min)
		extent->x_min = spot.x, farther = true;
	if (spot.x > extent->x_max)
		extent->x_max = spot.x, farther = true;
	if (!series->unscaled && spot.y < extent->y_min)
		extent->y_min = spot.y, farther = true;
	if (!series->unscaled && spot.y > extent->y_max)
		extent->y_max = spot.y, farther = true;
	for (int i = 0; farther && i < GRIDS; i++)
		grid_reach(&picture->grids[i], extent);
}

/* Has it the finer cells? */
static bool is_loud(const struct series *series)
{
	return series_is_loud(series) || series->form == FORM_LABELS;
}

/* Those above share a lane. */
static int shown_subflow(int subflow)
{
	return subflow < PICTURE_SUBFLOWS ? subflow : PICTURE_SUBFLOWS;
}

static void add_spots(struct picture *picture, int place,
		      const struct point *point, const struct spot *spots,
		      int n)
{
	struct lane *lane = &picture->lanes[place];
	const struct series *series = &picture->kind->series[lane->series];
	bool loud = is_loud(series);
	const struct cell wanted = {
	    .form = series->form,
	    .place = place,
	    .from = loud ? shown_subflow(point->from) : NO_SUBFLOW,
	    .text = series->form == FORM_LABELS ? point->text : NULL,
	    .gap = lane->gap,
	};

	lane->gap = false;
	grid_add(&picture->grids[loud ? LOUD : PLAIN], &wanted, spots, n,
		 &lane->recent);
	if (loud)
		share_room(picture);
}

/* What is drawn of a point: one spot or two. */
static int spots_of(const struct series *series, const struct point *point,
		    struct spot spots[2])
{
	spots[0] = (struct spot){point->x, point->y};
	spots[1] = spots[0];
	switch (series->form) {
	case FORM_STEPS:
	case FORM_SPANS:
		if (point->mark != MARK_SEGMENT)
			return 1;
		spots[1] = (struct spot){point->x2, point->y2};
		return 2;
	case FORM_STACK:
		spots[0].y = point->y2 > point->y ? point->y2 : 0;
		return 1;
	case FORM_BARS:
		spots[point->y2 < point->y ? 0 : 1].y = point->y2;
		return 2;
	case FORM_LINKS:
		spots[0].y = point->subflow;
		return 1;
	default:
		return 1;
	}
}

static bool is_shown(const struct series *series, const struct point *point)
{
	if (series->form == FORM_NONE)
		return false;
	/* One line cannot be that of many. */
	if (series->form == FORM_STEPS && point->subflow >= PICTURE_SUBFLOWS)
		return false;
	if (series->extent == OF_SUBFLOWS)
		return point->subflow >= 0;
	return series->extent != OF_WHOLE || point->subflow < 0;
}

/* A line that does not go on where it ended leaves a gap. */
static void note_gap(struct lane *lane, const struct point *point)
{
	if (point->mark != MARK_SEGMENT)
		return;
	lane->gap = lane->begun && point->x > lane->until;
	if (!lane->begun || point->x2 > lane->until)
		lane->until = point->x2;
	lane->begun = true;
}

bool picture_add(struct picture *picture, const struct point *point)
{
	const struct series *series = &picture->kind->series[point->series];
	const size_t room[GRIDS] = {picture->grids[PLAIN].room,
				    picture->grids[LOUD].room};
	size_t lanes = picture->lanes_room;
	struct spot spots[2];
	int n, place;

	if (!is_shown(series, point) ||
	    (!picture->kind->x_is_sequence && point->x == NSTIME_NONE))
		return false;
	if (point->y == NO_VALUE) {
		picture->nowhere[point->series]++;
		return false;
	}
	n = spots_of(series, point, spots);
	place =
	    lane_place(picture, point->series, shown_subflow(point->subflow));
	picture->lanes[place].points++;
	for (int i = 0; i < n; i++) {
		if (picture->kind->unit == UNIT_SUBFLOW &&
		    spots[i].y > PICTURE_SUBFLOWS)
			spots[i].y = PICTURE_SUBFLOWS;
		reach(picture, series, spots[i]);
	}
	if (series->form != FORM_STEPS) {
		add_spots(picture, place, point, spots, n);
	} else {
		note_gap(&picture->lanes[place], point);
		for (int i = 0; i < n; i++)
			add_spots(picture, place, point, &spots[i], 1);
	}
	return picture->grids[PLAIN].room != room[PLAIN] ||
	       picture->grids[LOUD].room != room[LOUD] ||
	       picture->lanes_room != lanes;
}

/*
 * The end.
 */

static int compare(int64_t one, int64_t two)
{
	return (one > two) - (one < two);
}

static int lane_compare(const void *one, const void *two)
{
	const struct stroke *a = one, *b = two;
	int order = compare(a->series, b->series);

	return order ? order : compare(a->subflow, b->subflow);
}

/* By stroke, in order of x; the rest is for equal results everywhere. */
static int cell_compare(const void *one, const void *two)
{
	const struct cell *a = *(const struct cell *const *)one;
	const struct cell *b = *(const struct cell *const *)two;
	int order = compare(a->place, b->place);

	if (!order)
		order = compare(a->column, b->column);
	if (!order)
		order = compare(a->first.x, b->first.x);
	if (!order)
		order = compare(a->row, b->row);
	if (!order)
		order = compare(a->from, b->from);
	if (!order && a->text && b->text)
		order = strcmp(a->text, b->text);
	return order;
}

/* The strokes in order; cells get the place of theirs there. */
static void order_strokes(struct picture *picture)
{
	int *places = xcalloc(picture->n_lanes + 1, sizeof(*places));

	picture->strokes =
	    xcalloc(picture->n_lanes + 1, sizeof(*picture->strokes));
	for (size_t i = 0; i < picture->n_lanes; i++) {
		const struct lane *lane = &picture->lanes[i];

		picture->strokes[i] = (struct stroke){
		    .series = lane->series,
		    .subflow = lane->subflow,
		    .points = lane->points,
		    .n_cells = i, /* where it was, for now */
		};
	}
	qsort(picture->strokes, picture->n_lanes, sizeof(*picture->strokes),
	      lane_compare);
	for (size_t i = 0; i < picture->n_lanes; i++) {
		places[picture->strokes[i].n_cells] = (int)i;
		picture->strokes[i].n_cells = 0;
	}
	for (int g = 0; g < GRIDS; g++)
		for (size_t i = 0; i < picture->grids[g].n_cells; i++) {
			struct cell *cell = &picture->grids[g].cells[i];

			cell->place = places[cell->place];
			picture->strokes[cell->place].n_cells++;
		}
	free(places);
}

/* If there is nothing but series that are not scaled, they are after all. */
static void scale_anyway(struct picture *picture)
{
	struct picture_extent *extent = &picture->extent;

	for (size_t i = 0; i < picture->grids[PLAIN].n_cells; i++) {
		const struct cell *cell = &picture->grids[PLAIN].cells[i];

		if (cell->low.y < extent->y_min)
			extent->y_min = cell->low.y;
		if (cell->high.y > extent->y_max)
			extent->y_max = cell->high.y;
	}
}

void picture_finish(struct picture *picture)
{
	size_t n = 0, at = 0;

	if (picture->extent.y_min > picture->extent.y_max)
		scale_anyway(picture);
	order_strokes(picture);
	for (int g = 0; g < GRIDS; g++)
		n += picture->grids[g].n_cells;
	picture->order = xcalloc(n + 1, sizeof(*picture->order));
	n = 0;
	for (int g = 0; g < GRIDS; g++)
		for (size_t i = 0; i < picture->grids[g].n_cells; i++)
			picture->order[n++] = &picture->grids[g].cells[i];
	qsort(picture->order, n, sizeof(*picture->order), cell_compare);
	for (size_t i = 0; i < picture->n_lanes; i++) {
		picture->strokes[i].cells = picture->order + at;
		at += picture->strokes[i].n_cells;
	}
}

size_t picture_strokes(const struct picture *picture,
		       const struct stroke **strokes)
{
	*strokes = picture->strokes;
	return picture->n_lanes;
}

uint64_t picture_nowhere(const struct picture *picture, int series)
{
	return picture->nowhere[series];
}

const struct picture_extent *picture_extent(const struct picture *picture)
{
	return &picture->extent;
}

bool picture_is_empty(const struct picture *picture)
{
	for (size_t i = 0; i < picture->n_lanes; i++)
		if (!picture->kind->series[picture->lanes[i].series].aside)
			return false;
	return true;
}
