/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/carriers.h"

#include "base/alloc.h"

#include <stdlib.h>

static struct carried_range *range_at(const struct carriers *carriers,
				      struct spans_place *place)
{
	return spans_at(&carriers->all, sizeof(struct carried_range), place);
}

/* The range that starts there, or NULL; *place is where it is, or would be. */
static struct carried_range *find(const struct carriers *carriers,
				  int64_t start, struct spans_place *place)
{
	struct carried_range *range;

	*place = spans_find(&carriers->all, start);
	range = range_at(carriers, place);
	return range && range->start == start ? range : NULL;
}

static struct carried_range *insert(struct carriers *carriers,
				    struct spans_place place, int64_t start,
				    int first_on)
{
	struct carried_range *range =
	    spans_insert(&carriers->all, sizeof(*range), &place, start);

	*range =
	    (struct carried_range){.start = start, .end = start + 1, .n = 1};
	range->subflows = xgrow(NULL, &range->room, 2, sizeof(int));
	range->subflows[0] = first_on;
	return range;
}

int carriers_add(struct carriers *carriers, int64_t start, int first_on, int on)
{
	struct spans_place place;
	struct carried_range *range = find(carriers, start, &place);

	if (!range && carriers->all.count < CARRIED_MAX)
		range = insert(carriers, place, start, first_on);
	if (!range)
		return 0;
	range->copies++;
	for (int i = 0; i < range->n; i++)
		if (range->subflows[i] == on)
			return 0;
	if (range->n == CARRIERS_MAX)
		return 0;
	range->subflows = xgrow(range->subflows, &range->room,
				(size_t)range->n + 1, sizeof(int));
	range->subflows[range->n++] = on;
	return range->n;
}

int carriers_copies(const struct carriers *carriers, int64_t start)
{
	struct spans_place place;
	const struct carried_range *range = find(carriers, start, &place);

	return range ? range->copies : 0;
}

void carriers_forget(struct carriers *carriers, int64_t floor, carried_fn *tell,
		     void *arg)
{
	struct spans_place first = {0, 0};
	const struct carried_range *range;

	while ((range = range_at(carriers, &first)) && range->start < floor) {
		tell(arg, range);
		free(range->subflows);
		spans_drop(&carriers->all, 1);
	}
}

void carriers_shift(struct carriers *carriers, int64_t by)
{
	spans_shift(&carriers->all, by);
}

void carriers_free(struct carriers *carriers)
{
	struct spans_place place = {0, 0};
	const struct carried_range *range;

	for (; (range = range_at(carriers, &place)); place.item++)
		free(range->subflows);
	spans_free(&carriers->all);
}
