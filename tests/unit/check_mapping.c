/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct mappings against a model that knows of each subflow byte which data
 * byte it is, in random operations; and by hand what it says and forgets.
 */
#include "track/mapping.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define BYTES	 20000
#define UNMAPPED INT64_MIN

static struct mappings maps;
static int64_t base;	     /* subflow offset of the model's index 0 */
static int64_t data_base;    /* how far data offsets have moved */
static int64_t apart[BYTES]; /* data less subflow offset, without the bases */
static uint64_t state;

static uint32_t random_below(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

static void begin(uint64_t seed)
{
	memset(&maps, 0, sizeof(maps));
	base = data_base = 0;
	state = seed;
	for (int i = 0; i < BYTES; i++)
		apart[i] = UNMAPPED;
}

static enum mapping_added model_add(int start, int end, int64_t by)
{
	enum mapping_added how = MAPPING_KNOWN;

	for (int i = start; i < end; i++)
		if (apart[i] != UNMAPPED && apart[i] != by)
			return MAPPING_CONFLICT;
	for (int i = start; i < end; i++) {
		if (apart[i] == UNMAPPED)
			how = MAPPING_NEW;
		apart[i] = by;
	}
	return how;
}

/* Check's own assertions take too long to be made for each byte. */
static void must_be(bool right, const char *what)
{
	if (!right)
		ck_abort_msg("%s", what);
}
#define must(right) must_be(right, #right)

static void add(int start, int end, int64_t by)
{
	struct mapping mapping = {
	    .start = base + start,
	    .end = base + end,
	    .data = start + by + data_base,
	};
	struct mapping *added = NULL;
	enum mapping_added how = model_add(start, end, by);

	must(mappings_add(&maps, &mapping, &added) == how);
	if (how == MAPPING_CONFLICT)
		return;
	must(added->start <= mapping.start && added->end > mapping.start);
	must(added->data - added->start == mapping.data - mapping.start);
}

/* At index i. */
static void check_find(int i)
{
	int64_t next;
	struct mapping *found = mappings_find(&maps, base + i, &next);

	if (apart[i] == UNMAPPED) {
		int k = i;

		must(!found);
		while (k < BYTES && apart[k] == UNMAPPED)
			k++;
		must(next == (k < BYTES ? base + k : INT64_MAX));
		return;
	}
	must(found != NULL);
	must(found->start <= base + i && found->end > base + i);
	must(found->data + (base + i - found->start) ==
	     i + apart[i] + data_base);
}

static void check_order(void)
{
	struct spans_place place = {0, 0};
	const struct mapping *m;
	int64_t end = INT64_MIN;
	uint32_t n = 0;

	while ((m = spans_at(&maps.all, sizeof(*m), &place))) {
		must(m->start >= end);
		must(m->start < m->end);
		end = m->end;
		place.item++;
		n++;
	}
	must(n == maps.all.count);
}

/* `lies` of 100 contradict. */
static void check_random(uint64_t seed, int steps, uint32_t size, uint32_t lies)
{
	int64_t by, data_by;

	begin(seed);
	for (int i = 0; i < steps; i++) {
		int start = (int)random_below(BYTES - size);
		int end = start + 1 + (int)random_below(size);

		by = 5000 + (start / 700) * 10; /* mostly the same nearby */
		if (random_below(100) < lies)
			by++;
		add(start, end, by);
		for (int k = 0; k < 3; k++)
			check_find((int)random_below(BYTES));
		check_find(start);
		if (random_below(200))
			continue;
		by = (int64_t)random_below(100000) - 50000;
		data_by = (int64_t)random_below(100000) - 50000;
		mappings_shift(&maps, by, data_by);
		base += by;
		data_base += data_by;
		check_order();
	}
	for (int i = 0; i < BYTES; i++)
		check_find(i);
	mappings_free(&maps);
}

START_TEST(random_mappings)
{
	for (uint64_t seed = 1; seed <= 4; seed++) {
		check_random(seed, 2000, 300, 0);
		check_random(seed, 2000, 40, 5);
		check_random(seed, 2000, 2000, 1);
		check_random(seed, 2000, 3, 1);
	}
}
END_TEST

static enum mapping_added put(int64_t start, int64_t end, int64_t data)
{
	struct mapping mapping = {
	    .start = start, .end = end, .data = data, .has_checksum = true};
	struct mapping *added;

	return mappings_add(&maps, &mapping, &added);
}

static void check_at(int64_t at, int64_t data, bool has_checksum)
{
	int64_t next;
	const struct mapping *found = mappings_find(&maps, at, &next);

	must(found != NULL);
	must(found->data + (at - found->start) == data);
	must(found->has_checksum == has_checksum);
}

static void check_none(int64_t at, int64_t then)
{
	int64_t next;

	must(!mappings_find(&maps, at, &next));
	must(next == then);
}

START_TEST(empty)
{
	begin(0);
	check_none(0, INT64_MAX);
	mappings_trim(&maps, 100);
	mappings_shift(&maps, 5, 5);
	mappings_free(&maps);
	mappings_free(&maps);
}
END_TEST

START_TEST(repeated)
{
	begin(0);
	ck_assert_int_eq(put(0, 100, 1000), MAPPING_NEW);
	ck_assert_int_eq(put(0, 100, 1000), MAPPING_KNOWN);
	ck_assert_int_eq(put(20, 30, 1020), MAPPING_KNOWN);
	ck_assert_int_eq(put(0, 100, 1001), MAPPING_CONFLICT);
	ck_assert_int_eq(put(99, 101, 1000), MAPPING_CONFLICT);
	ck_assert_uint_eq(maps.all.count, 1);
	check_at(99, 1099, true);
	check_none(100, INT64_MAX);
	check_none(-1, 0);
	mappings_free(&maps);
}
END_TEST

/* What is added of it is only a part: its checksum cannot be checked. */
START_TEST(extended)
{
	begin(0);
	put(100, 200, 1100);
	ck_assert_int_eq(put(100, 300, 1100), MAPPING_NEW);
	ck_assert_int_eq(put(50, 350, 1050), MAPPING_NEW);
	ck_assert_int_eq(put(0, 400, 1000), MAPPING_NEW);
	ck_assert_int_eq(put(0, 400, 1000), MAPPING_KNOWN);
	check_at(0, 1000, false);
	check_at(150, 1150, true);
	check_at(250, 1250, false);
	check_at(399, 1399, false);
	check_order();
	mappings_free(&maps);
}
END_TEST

/* It contradicts one of several that it overlaps: nothing of it is added. */
START_TEST(conflict_of_a_part)
{
	begin(0);
	put(0, 100, 1000);
	put(200, 300, 1200);
	put(400, 500, 9999);
	ck_assert_int_eq(put(0, 500, 1000), MAPPING_CONFLICT);
	ck_assert_uint_eq(maps.all.count, 3);
	check_none(150, 200);
	check_none(350, 400);
	mappings_free(&maps);
}
END_TEST

START_TEST(infinite)
{
	begin(0);
	put(0, 100, 1000);
	ck_assert_int_eq(put(100, MAPPING_ENDLESS, 1100), MAPPING_NEW);
	ck_assert_int_eq(put(100, MAPPING_ENDLESS, 1100), MAPPING_KNOWN);
	ck_assert_int_eq(put(5000, 6000, 6000), MAPPING_KNOWN);
	ck_assert_int_eq(put(5000, 6000, 6001), MAPPING_CONFLICT);
	check_at((int64_t)1 << 50, ((int64_t)1 << 50) + 1000, true);
	mappings_shift(&maps, 10, 0);
	check_at(110, 1100, true);
	mappings_shift(&maps, -1000, 3);
	check_at((int64_t)1 << 50, ((int64_t)1 << 50) + 1993, true);
	mappings_trim(&maps, MAPPING_ENDLESS - 1);
	ck_assert_uint_eq(maps.all.count, 2);
	mappings_free(&maps);
}
END_TEST

/* Infinite, beside and over finite ones that agree. */
START_TEST(infinite_over_others)
{
	begin(0);
	put(200, 300, 1200);
	put(400, 500, 1400);
	ck_assert_int_eq(put(100, MAPPING_ENDLESS, 1100), MAPPING_NEW);
	for (int64_t at = 100; at < 600; at += 50)
		check_at(at, at + 1000, at / 100 % 2 == 0 && at < 500);
	check_order();
	mappings_free(&maps);
}
END_TEST

START_TEST(reverse)
{
	begin(0);
	for (int i = 999; i >= 0; i--)
		ck_assert_int_eq(put(i * 10, i * 10 + 10, i * 10 + 7),
				 MAPPING_NEW);
	ck_assert_uint_eq(maps.all.count, 1000);
	check_order();
	for (int i = 0; i < 10000; i++)
		check_at(i, i + 7, true);
	mappings_free(&maps);
}
END_TEST

START_TEST(trim)
{
	const int n = MAPPINGS_KEPT + 1000;

	begin(0);
	for (int i = 0; i < n; i++)
		put(i * 10, i * 10 + 10, i * 10);
	mappings_trim(&maps, 505); /* 50 of them are acknowledged */
	ck_assert_uint_eq(maps.all.count, n - 50);
	check_none(499, 500);
	mappings_trim(&maps, n * 10);
	ck_assert_uint_eq(maps.all.count, MAPPINGS_KEPT);
	check_none(9999, 10000);
	check_at(10000, 10000, true);
	check_order();
	mappings_free(&maps);
}
END_TEST

START_TEST(cap)
{
	const int n = MAPPINGS_MAX + 1000;

	begin(0);
	for (int i = 0; i < n; i++)
		put(i * 10, i * 10 + 5, i * 10);
	ck_assert_uint_eq(maps.all.count, MAPPINGS_MAX);
	ck_assert_uint_eq(maps.forgotten, 1000);
	check_none(9990, 10000);
	check_at(10000, 10000, true);
	check_at(n * 10 - 6, n * 10 - 6, true);
	/* One that fills many holes at once. */
	ck_assert_int_eq(put(n * 10 - 5000, n * 10, n * 10 - 5000),
			 MAPPING_NEW);
	for (int i = n * 10 - 5000; i < n * 10; i++)
		check_at(i, i, i % 10 < 5);
	check_order();
	/* That may be beyond the cap, but not for long. */
	put(n * 10, n * 10 + 5, n * 10);
	ck_assert_uint_le(maps.all.count, MAPPINGS_MAX);
	mappings_free(&maps);
}
END_TEST

/* So many others that none that is honest overlaps them. */
START_TEST(over_many)
{
	begin(0);
	for (int i = 0; i <= MAPPINGS_OVER; i++)
		put(i, i + 1, i);
	ck_assert_int_eq(put(0, MAPPINGS_OVER, 0), MAPPING_KNOWN);
	ck_assert_int_eq(put(1, MAPPINGS_OVER + 1, 1), MAPPING_KNOWN);
	ck_assert_int_eq(put(0, MAPPINGS_OVER + 1, 0), MAPPING_CONFLICT);
	check_at(MAPPINGS_OVER, MAPPINGS_OVER, true);
	mappings_free(&maps);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("mapping");
	TCase *tcase = tcase_create("mapping");

	tcase_add_test(tcase, random_mappings);
	tcase_add_test(tcase, empty);
	tcase_add_test(tcase, repeated);
	tcase_add_test(tcase, extended);
	tcase_add_test(tcase, conflict_of_a_part);
	tcase_add_test(tcase, infinite);
	tcase_add_test(tcase, infinite_over_others);
	tcase_add_test(tcase, reverse);
	tcase_add_test(tcase, trim);
	tcase_add_test(tcase, cap);
	tcase_add_test(tcase, over_many);
	tcase_set_timeout(tcase, 120); /* under valgrind, say */
	suite_add_tcase(suite, tcase);
	return suite;
}
