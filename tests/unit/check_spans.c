/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct spans in random operations, against a plain array.
 */
#include "base/spans.h"

#include "unit.h"

#include <string.h>

#define MOST 3000

struct item {
	int64_t start, end;
	int name;
	char rest[20];
};

static struct spans spans;
static struct item model[MOST];
static uint32_t n;
static int names;
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

static struct item *item_at(struct spans_place *place)
{
	return spans_at(&spans, sizeof(struct item), place);
}

/* The first of the model that ends after it. */
static uint32_t model_find(int64_t offset)
{
	uint32_t i = 0;

	while (i < n && model[i].end <= offset)
		i++;
	return i;
}

static struct spans_place find(int64_t offset, uint32_t i)
{
	struct spans_place place = spans_find(&spans, offset);
	const struct item *item = item_at(&place);

	if (i == n)
		must(!item);
	else
		must(item && item->name == model[i].name);
	return place;
}

static void check_all(void)
{
	struct spans_place place = {0, 0};
	uint32_t i = 0;

	must(spans.count == n);
	for (; item_at(&place); place.item++, i++) {
		const struct item *item = item_at(&place);

		must(i < n);
		must(item->start == model[i].start);
		must(item->end == model[i].end);
		must(item->name == model[i].name);
	}
	must(i == n);
}

/* No matter what came in and left, blocks are half full, two by two. */
static void check_blocks(void)
{
	for (uint32_t i = 2; i + 1 < spans.n_blocks; i++)
		must(spans_block(&spans, i - 1)->count +
			 spans_block(&spans, i)->count >
		     SPANS_BLOCK / 2);
}

/* One more, where there is room for it. */
static void add(int64_t start, int64_t end)
{
	uint32_t i = model_find(start);
	struct spans_place place = find(start, i);
	struct item *item;

	if (n == MOST || (i < n && model[i].start < end))
		return;
	item = spans_insert(&spans, sizeof(*item), &place, start);
	*item = (struct item){.start = start, .end = end, .name = ++names};
	must(item_at(&place) == item);
	memmove(&model[i + 1], &model[i], (n++ - i) * sizeof(*model));
	model[i] = *item;
}

/* So many leave, from about there on. */
static void leave(int64_t offset, uint32_t some)
{
	uint32_t i = model_find(offset);
	struct spans_place place = find(offset, i);

	for (; some && i < n; some--) {
		const struct item *item = item_at(&place);

		must(item && item->name == model[i].name);
		spans_remove(&spans, &place);
		memmove(&model[i], &model[i + 1], (--n - i) * sizeof(*model));
	}
}

/* The oldest leave. */
static void drop(uint32_t some)
{
	while (some--) {
		if (!n)
			return;
		spans_drop(&spans, 1);
		memmove(model, model + 1, --n * sizeof(*model));
	}
}

/* One starts later, or ends earlier: as holes do that are filled. */
static void shrink(int64_t offset)
{
	uint32_t i = model_find(offset);
	struct spans_place place = find(offset, i);

	if (i == n || model[i].end - model[i].start < 2)
		return;
	model[i].start++;
	spans_start(&spans, place, model[i].start);
	if (model[i].end - model[i].start < 2)
		return;
	model[i].end--;
	item_at(&place)->end--;
}

static void shift(int64_t by)
{
	spans_shift(&spans, by);
	for (uint32_t i = 0; i < n; i++) {
		model[i].start += by;
		model[i].end += by;
	}
}

/* Of 100 operations, so many take something out. */
static void check_random(int steps, uint32_t out)
{
	int64_t base = 0;

	for (int i = 0; i < steps; i++) {
		int64_t at = base + random_below(40000);

		if (random_below(100) >= out)
			add(at, at + 1 + random_below(9));
		else if (random_below(2))
			leave(at, random_below(3));
		else if (random_below(2))
			drop(random_below(3));
		else
			shrink(at);
		find(at, model_find(at));
		check_blocks();
		if (random_below(500))
			continue;
		at = (int64_t)random_below(100000) - 50000;
		shift(at);
		base += at;
		check_all();
	}
	check_all();
}

START_TEST(random_items)
{
	state = (uint64_t)_i;
	n = 0;
	memset(&spans, 0, sizeof(spans));
	check_random(4000, 5); /* grows, */
	ck_assert_uint_gt(spans.n_blocks, 50);
	check_random(2000, 60); /* stays, */
	check_random(9000, 95); /* and shrinks */
	ck_assert_uint_lt(spans.n_blocks, 50);
	leave(INT64_MIN, MOST);
	check_all();
	ck_assert_uint_eq(spans.n_blocks, 1);
	check_random(500, 50);
	spans_free(&spans);
	ck_assert_uint_eq(spans.count, 0);
}
END_TEST

START_TEST(in_order)
{
	state = 1;
	n = 0;
	memset(&spans, 0, sizeof(spans));
	for (int i = 0; i < 20000; i++) {
		add(10 * i, 10 * i + 7);
		if (n > 200)
			drop(random_below(200));
	}
	check_all();
	ck_assert_uint_le(spans.n_blocks, 2 + 2 * n / SPANS_BLOCK);
	spans_free(&spans);
}
END_TEST

START_TEST(endless)
{
	n = 0;
	memset(&spans, 0, sizeof(spans));
	add(INT64_MIN, -5);
	add(-5, 20);
	add(20, SPAN_ENDLESS);
	spans_shift(&spans, 1000);
	ck_assert_int_eq(item_at(&(struct spans_place){0, 0})->start,
			 INT64_MIN);
	ck_assert_int_eq(item_at(&(struct spans_place){0, 0})->end, 995);
	ck_assert_int_eq(item_at(&(struct spans_place){0, 2})->start, 1020);
	ck_assert_int_eq(item_at(&(struct spans_place){0, 2})->end,
			 SPAN_ENDLESS);
	spans_free(&spans);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("spans");
	TCase *tcase = tcase_create("spans");

	tcase_set_timeout(tcase, 120); /* under valgrind, say */
	tcase_add_loop_test(tcase, random_items, 1, 4);
	tcase_add_test(tcase, in_order);
	tcase_add_test(tcase, endless);
	suite_add_tcase(suite, tcase);
	return suite;
}
