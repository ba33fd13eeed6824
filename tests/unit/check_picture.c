/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pictures: few points as they are, and of millions what a screen can show,
 * held against all points themselves.
 */
#include "report/picture.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

enum { DOTS, STEPS, BARS, LOUD, LABELS, STACK, NONE, WHOLE };

static const struct figure_kind kind = {
    .name = "test",
    .x_is_sequence = true,
    .series =
	{
	    [DOTS] = {"dots", .form = FORM_DOTS},
	    [STEPS] = {"steps", .form = FORM_STEPS},
	    [BARS] = {"bars", .form = FORM_BARS},
	    [LOUD] = {"loud", .form = FORM_BARS, .ink = INK_REINJECTED},
	    [LABELS] = {"labels", .form = FORM_LABELS},
	    [STACK] = {"stack", .form = FORM_STACK},
	    [NONE] = {"none"},
	    [WHOLE] = {"whole", .form = FORM_DOTS, .extent = OF_WHOLE},
	},
};

static struct picture *picture;
static const struct stroke *strokes;
static size_t n_strokes;

static void begin(void)
{
	picture = picture_new(&kind);
}

static void end(void)
{
	picture_free(picture);
}

static void finish(void)
{
	picture_finish(picture);
	n_strokes = picture_strokes(picture, &strokes);
}

static void dot(int series, int subflow, int64_t x, int64_t y)
{
	picture_add(picture, &(const struct point){.mark = MARK_DOT,
						   .series = series,
						   .x = x,
						   .y = y,
						   .subflow = subflow,
						   .from = NO_SUBFLOW});
}

static void line(int series, int64_t x, int64_t y, int64_t x2, int64_t y2)
{
	picture_add(picture,
		    &(const struct point){
			.mark = series == BARS || series == LOUD ? MARK_BAR
								 : MARK_SEGMENT,
			.series = series,
			.x = x,
			.y = y,
			.x2 = x2,
			.y2 = y2,
			.from = NO_SUBFLOW});
}

/* The same numbers in each run, 63 bits each. */
static int64_t number(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (int64_t)(state >> 1);
}

START_TEST(empty)
{
	finish();
	ck_assert(picture_is_empty(picture));
	ck_assert_uint_eq(n_strokes, 0);
	ck_assert_int_gt(picture_extent(picture)->x_min,
			 picture_extent(picture)->x_max);
}
END_TEST

START_TEST(few_points_stay_as_they_are)
{
	dot(DOTS, 1, 1000000, 50);
	dot(DOTS, 0, 3000000, 70);
	dot(DOTS, 1, 2000000, 60);
	dot(NONE, 1, 99000000, 1);
	dot(WHOLE, 1, 99000000, 1);
	dot(WHOLE, NO_SUBFLOW, 4000000, NO_VALUE);
	finish();
	ck_assert_uint_eq(n_strokes, 2);
	ck_assert_int_eq(strokes[0].subflow, 0);
	ck_assert_int_eq(strokes[1].subflow, 1);
	ck_assert_uint_eq(strokes[1].points, 2);
	ck_assert_uint_eq(strokes[1].n_cells, 2);
	ck_assert_int_eq(strokes[1].cells[0]->low.x, 1000000);
	ck_assert_int_eq(strokes[1].cells[0]->low.y, 50);
	ck_assert_int_eq(strokes[1].cells[1]->high.x, 2000000);
	ck_assert_int_eq(picture_extent(picture)->x_max, 3000000);
	ck_assert_int_eq(picture_extent(picture)->y_min, 50);
}
END_TEST

/* Of each piece of a line the lowest and the highest are to the point, whatever
 * the picture made of it. */
START_TEST(a_line_keeps_its_extremes)
{
	enum { SAMPLES = 300000, STEP = 1000, PIECE = 1 << 20 };
	enum { PIECES = (int64_t)SAMPLES * STEP / PIECE + 1 };
	static int64_t low[PIECES], high[PIECES], last[PIECES];
	static int64_t drawn_low[PIECES], drawn_high[PIECES],
	    drawn_last[PIECES];
	int64_t y = 0;

	for (int i = 0; i < PIECES; i++) {
		low[i] = drawn_low[i] = INT64_MAX;
		high[i] = drawn_high[i] = INT64_MIN;
	}
	for (int64_t i = 0; i < SAMPLES; i++) {
		int64_t x = i * STEP, piece = x / PIECE;

		y += number() % 2001 - 1000;
		if (i % 10007 == 0)
			y += 100000000; /* a spike of one sample */
		dot(STEPS, 0, x, y);
		if (y < low[piece])
			low[piece] = y;
		if (y > high[piece])
			high[piece] = y;
		last[piece] = y;
		if (i % 10007 == 0)
			y -= 100000000;
	}
	finish();
	ck_assert_uint_eq(n_strokes, 1);
	ck_assert_uint_eq(strokes[0].points, SAMPLES);
	ck_assert_uint_le(strokes[0].n_cells, 2048);
	ck_assert_uint_ge(strokes[0].n_cells, 1000);
	for (size_t i = 0; i < strokes[0].n_cells; i++) {
		struct spot path[4];
		size_t n = cell_path(strokes[0].cells[i], path);

		for (size_t k = 0; k < n; k++) {
			int64_t piece = path[k].x / PIECE;

			if (k)
				ck_assert_int_ge(path[k].x, path[k - 1].x);
			if (path[k].y < drawn_low[piece])
				drawn_low[piece] = path[k].y;
			if (path[k].y > drawn_high[piece])
				drawn_high[piece] = path[k].y;
			drawn_last[piece] = path[k].y;
		}
	}
	for (int i = 0; i < PIECES; i++) {
		ck_assert_int_eq(drawn_low[i], low[i]);
		ck_assert_int_eq(drawn_high[i], high[i]);
		ck_assert_int_eq(drawn_last[i], last[i]);
	}
}
END_TEST

enum { N = 2000000, SPIKES = 100 };

/* Is it one of them, and just where it was? */
static bool is_spike(struct spot spot)
{
	int64_t i = spot.y - 5000000;

	return i >= 0 && i % (N / SPIKES) == 0 &&
	       spot.x == i * (100000000000 / N);
}

/* A cloud all over the place: memory is bounded, and what sticks out is
 * there. */
START_TEST(a_cloud_keeps_what_sticks_out)
{
	int64_t low = INT64_MAX, high = INT64_MIN;
	size_t dots = 0;
	int spikes = 0;

	for (int i = 0; i < N; i++) {
		int64_t x = number() % 100000000000, y = number() % 1000000;

		if (i % (N / SPIKES) == 0) { /* alone in its part */
			x = (int64_t)i * (100000000000 / N);
			y = 5000000 + i;
		}
		if (y < low)
			low = y;
		if (y > high)
			high = y;
		dot(DOTS, i % 4, x, y);
	}
	finish();
	ck_assert_uint_eq(n_strokes, 4);
	ck_assert_uint_lt(picture_size(picture), 8 << 20);
	for (size_t s = 0; s < n_strokes; s++) {
		ck_assert_uint_eq(strokes[s].points, N / 4);
		for (size_t i = 0; i < strokes[s].n_cells; i++) {
			const struct cell *cell = strokes[s].cells[i];

			dots += cell->low.x != cell->high.x ||
					cell->low.y != cell->high.y
				    ? 2
				    : 1;
			spikes += is_spike(cell->high);
			spikes +=
			    cell->low.y != cell->high.y && is_spike(cell->low);
			if (cell->low.y == low)
				low = INT64_MIN;
			if (cell->high.y == high)
				high = INT64_MAX;
		}
	}
	ck_assert_uint_le(dots, PICTURE_CELLS);
	ck_assert_uint_gt(dots, PICTURE_CELLS / 8);
	ck_assert_int_eq(low, INT64_MIN);
	ck_assert_int_eq(high, INT64_MAX);
	ck_assert_int_eq(spikes, SPIKES);
}
END_TEST

/* Reinjections have room of their own: millions of others leave each of them
 * where it is. */
START_TEST(each_reinjection_is_there)
{
	enum { MANY = 1000000, EVERY = 200 };
	size_t found = 0;
	const struct stroke *loud;

	for (int64_t i = 0; i < MANY; i++) {
		line(BARS, i * 1000, i * 1400, 0, i * 1400 + 1400);
		if (i % EVERY == 0)
			line(LOUD, i * 1000 + 7, i * 1400 - 100000, 0,
			     i * 1400 - 98600);
	}
	finish();
	ck_assert_uint_eq(n_strokes, 2);
	loud = &strokes[1];
	ck_assert_int_eq(loud->series, LOUD);
	for (size_t i = 0; i < loud->n_cells; i++) {
		const struct cell *cell = loud->cells[i];

		if (cell->low.x % (EVERY * 1000) == 7 &&
		    cell->high.y - cell->low.y == 1400 && cell->points == 1)
			found++;
	}
	ck_assert_uint_eq(found, MANY / EVERY);
	/* The others cover all from first to last. */
	ck_assert_uint_le(strokes[0].n_cells, PICTURE_CELLS);
	for (size_t i = 1; i < strokes[0].n_cells; i++)
		ck_assert_int_eq(strokes[0].cells[i]->low.y,
				 strokes[0].cells[i - 1]->high.y);
}
END_TEST

START_TEST(labels_are_told_apart)
{
	static const char *const texts[] = {"JOIN", "ADD_ADDR"};

	for (int64_t i = 0; i < 20; i++)
		picture_add(picture,
			    &(const struct point){.mark = MARK_TEXT,
						  .series = LABELS,
						  .x = 5,
						  .y = 1,
						  .subflow = NO_SUBFLOW,
						  .from = NO_SUBFLOW,
						  .text = texts[i % 2]});
	dot(DOTS, 0, INT64_MAX / 2, 1);
	finish();
	ck_assert_uint_eq(n_strokes, 2);
	ck_assert_uint_eq(strokes[1].n_cells, 2);
	ck_assert_str_eq(strokes[1].cells[0]->text, "ADD_ADDR");
	ck_assert_str_eq(strokes[1].cells[1]->text, "JOIN");
	ck_assert_uint_eq(strokes[1].cells[1]->points, 10);
}
END_TEST

START_TEST(gaps_of_lines)
{
	line(STEPS, 0, 1, 100, 1);
	line(STEPS, 100, 2, 200, 2);
	line(STEPS, 300, 3, 400, 3);
	finish();
	ck_assert_uint_eq(strokes[0].n_cells, 5);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(strokes[0].cells[i]->gap, i == 3);
	ck_assert_int_eq(strokes[0].cells[1]->first.y, 1);
	ck_assert_int_eq(strokes[0].cells[1]->last.y, 2);
}
END_TEST

START_TEST(a_stack_falls_to_nothing)
{
	struct point point = {.mark = MARK_BAR,
			      .series = STACK,
			      .x = 0,
			      .y = 10,
			      .y2 = 30,
			      .from = NO_SUBFLOW};

	picture_add(picture, &point);
	point.x = 1000000;
	point.y2 = 10;
	picture_add(picture, &point);
	finish();
	ck_assert_int_eq(strokes[0].cells[0]->high.y, 30);
	ck_assert_int_eq(strokes[0].cells[1]->high.y, 0);
}
END_TEST

/* Whatever a damaged trace says. */
START_TEST(all_over_the_numbers)
{
	for (int i = 0; i < 300000; i++)
		line(i % 3 ? DOTS : BARS, number() - (i % 2 ? INT64_MAX : 0),
		     -number(), number(), number());
	for (int i = 0; i < 20000; i++)
		dot(DOTS, i, number(), number());
	finish();
	/* Subflows that are shown, all others as one, and the bars. */
	ck_assert_uint_eq(n_strokes, PICTURE_SUBFLOWS + 2);
	ck_assert_int_eq(strokes[PICTURE_SUBFLOWS].subflow, PICTURE_SUBFLOWS);
	ck_assert_uint_eq(strokes[PICTURE_SUBFLOWS].points,
			  20000 - PICTURE_SUBFLOWS);
	ck_assert_uint_lt(picture_size(picture), 16 << 20);
}
END_TEST

START_TEST(a_lower_limit)
{
	size_t n = 0;

	for (int i = 0; i < 100000; i++)
		dot(DOTS, i % 3, number() % 1000000, number() % 1000000);
	picture_limit(picture, 100);
	finish();
	for (size_t s = 0; s < n_strokes; s++)
		n += strokes[s].n_cells;
	ck_assert_uint_le(n, 100);
	ck_assert_uint_ge(n, 20);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("picture");
	TCase *tcase = tcase_create("picture");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, empty);
	tcase_add_test(tcase, few_points_stay_as_they_are);
	tcase_add_test(tcase, a_line_keeps_its_extremes);
	tcase_add_test(tcase, a_cloud_keeps_what_sticks_out);
	tcase_add_test(tcase, each_reinjection_is_there);
	tcase_add_test(tcase, labels_are_told_apart);
	tcase_add_test(tcase, gaps_of_lines);
	tcase_add_test(tcase, a_stack_falls_to_nothing);
	tcase_add_test(tcase, all_over_the_numbers);
	tcase_add_test(tcase, a_lower_limit);
	return suite;
}
