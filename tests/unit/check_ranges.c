/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct ranges by hand, and in random operations against a model that knows of
 * each integer whether it is in the set.
 */
#include "base/ranges.h"

#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct span *range_at(const struct ranges *ranges,
				   struct spans_place *place)
{
	return spans_at(&ranges->all, sizeof(struct span), place);
}

/* The set as text: "0-10 20-30". */
static void check_set(const struct ranges *ranges, const char *wanted)
{
	char text[200] = "";
	struct spans_place place = {0, 0};
	const struct span *range;
	size_t size = 0;

	for (; (range = range_at(ranges, &place)); place.item++)
		size += (size_t)snprintf(text + size, sizeof(text) - size,
					 "%s%d-%d", size ? " " : "",
					 (int)range->start, (int)range->end);
	ck_assert_str_eq(text, wanted);
}

START_TEST(empty)
{
	struct ranges ranges = {0};

	ranges_trim(&ranges, 100);
	ranges_add(&ranges, 10, 10);
	ranges_add(&ranges, 10, 5);
	check_set(&ranges, "");
	ck_assert_int_eq(ranges.total, 0);
	ck_assert_ptr_null(ranges.all.last);
	ranges_clear(&ranges);
}
END_TEST

START_TEST(in_order)
{
	struct ranges ranges = {0};

	ranges_add(&ranges, 20, 30);
	ranges_add(&ranges, 0, 10);
	ranges_add(&ranges, 40, 50);
	ranges_add(&ranges, -20, -10);
	check_set(&ranges, "-20--10 0-10 20-30 40-50");
	ck_assert_int_eq(ranges.total, 40);
	ranges_clear(&ranges);
	check_set(&ranges, "");
	ck_assert_int_eq(ranges.total, 0);
	ranges_add(&ranges, 1, 2);
	check_set(&ranges, "1-2");
	ranges_clear(&ranges);
}
END_TEST

START_TEST(neighbours_are_joined)
{
	struct ranges ranges = {0};

	ranges_add(&ranges, 10, 20);
	ranges_add(&ranges, 20, 30);
	ranges_add(&ranges, 0, 10);
	check_set(&ranges, "0-30");
	ranges_add(&ranges, 31, 40);
	check_set(&ranges, "0-30 31-40");
	ranges_add(&ranges, 30, 31);
	check_set(&ranges, "0-40");
	ck_assert_int_eq(ranges.total, 40);
	ranges_clear(&ranges);
}
END_TEST

START_TEST(overlaps_count_once)
{
	struct ranges ranges = {0};

	for (int i = 0; i < 5; i++)
		ranges_add(&ranges, 20 * i, 20 * i + 10);
	ranges_add(&ranges, 25, 28); /* within one */
	check_set(&ranges, "0-10 20-30 40-50 60-70 80-90");
	ranges_add(&ranges, 25, 65); /* parts of two, and one between */
	check_set(&ranges, "0-10 20-70 80-90");
	ck_assert_int_eq(ranges.total, 70);
	ranges_add(&ranges, -5, 200); /* all */
	check_set(&ranges, "-5-200");
	ck_assert_int_eq(ranges.total, 205);
	ranges_clear(&ranges);
}
END_TEST

START_TEST(trimmed)
{
	struct ranges ranges = {0};

	for (int i = 0; i < 5; i++)
		ranges_add(&ranges, 20 * i, 20 * i + 10);
	ranges_trim(&ranges, 0);
	check_set(&ranges, "0-10 20-30 40-50 60-70 80-90");
	ranges_trim(&ranges, 10);
	check_set(&ranges, "20-30 40-50 60-70 80-90");
	ranges_trim(&ranges, 45);
	check_set(&ranges, "45-50 60-70 80-90");
	ck_assert_int_eq(ranges.total, 25);
	ranges_trim(&ranges, 75);
	check_set(&ranges, "80-90");
	ranges_trim(&ranges, 90);
	check_set(&ranges, "");
	ck_assert_int_eq(ranges.total, 0);
	ranges_clear(&ranges);
}
END_TEST

/*
 * Random.
 */
#define INTEGERS 400
#define FIRST	 (-100)

static uint64_t state;

static uint32_t random_below(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

/* Check's own assertions take too long to be made so often. */
static void must_be(bool right, const char *what)
{
	if (!right)
		ck_abort_msg("%s", what);
}
#define must(right) must_be(right, #right)

static void check_against(const struct ranges *ranges, const bool *in)
{
	int64_t total = 0;
	struct spans_place place = {0, 0};
	const struct span *range;
	size_t n = 0;
	int at = 0;

	while (at < INTEGERS) {
		int start = at;

		while (at < INTEGERS && in[at] == in[start])
			at++;
		if (!in[start])
			continue;
		range = range_at(ranges, &place);
		must(range && range->start == start + FIRST);
		must(range->end == at + FIRST);
		total += at - start;
		place.item++;
		n++;
	}
	must(ranges->all.count == n);
	must(ranges->total == total);
}

/* Ranges of at most so many integers, trimmed once in so many steps. */
static void check_random(uint32_t size, uint32_t trim)
{
	struct ranges ranges = {0};
	bool in[INTEGERS] = {false};

	for (int i = 0; i < 20000; i++) {
		size_t start = random_below(INTEGERS);
		size_t end = start + random_below(size + 1);

		if (end > INTEGERS)
			end = INTEGERS;
		if (!random_below(trim)) {
			memset(in, 0, start);
			ranges_trim(&ranges, (int64_t)start + FIRST);
		} else {
			memset(in + start, 1, end - start);
			ranges_add(&ranges, (int64_t)start + FIRST,
				   (int64_t)end + FIRST);
		}
		check_against(&ranges, in);
	}
	ranges_clear(&ranges);
}

START_TEST(random_sets)
{
	static const uint32_t sizes[] = {1, 3, 30}, trims[] = {5, 50, 500};

	state = (uint64_t)_i;
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++)
			check_random(sizes[i], trims[k]);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("ranges");
	TCase *tcase = tcase_create("by hand");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, empty);
	tcase_add_test(tcase, in_order);
	tcase_add_test(tcase, neighbours_are_joined);
	tcase_add_test(tcase, overlaps_count_once);
	tcase_add_test(tcase, trimmed);

	tcase = tcase_create("random");
	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, random_sets, 1, 4);
	return suite;
}
