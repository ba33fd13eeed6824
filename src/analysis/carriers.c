/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/carriers.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Where the range that starts there is, or would be. */
static size_t place_of(const struct carriers *carriers, int64_t start)
{
	size_t low = 0, high = carriers->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (carriers->ranges[middle].start >= start)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static bool is_at(const struct carriers *carriers, size_t place, int64_t start)
{
	return place < carriers->count &&
	       carriers->ranges[place].start == start;
}

static struct carried_range *insert(struct carriers *carriers, size_t place,
				    int64_t start, int first_on)
{
	struct carried_range *range;

	carriers->ranges =
	    xgrow(carriers->ranges, &carriers->room, carriers->count + 1,
		  sizeof(*carriers->ranges));
	range = &carriers->ranges[place];
	memmove(range + 1, range, (carriers->count++ - place) * sizeof(*range));
	*range = (struct carried_range){.start = start, .n = 1};
	range->subflows = xgrow(NULL, &range->room, 2, sizeof(int));
	range->subflows[0] = first_on;
	return range;
}

int carriers_add(struct carriers *carriers, int64_t start, int first_on, int on)
{
	size_t place = place_of(carriers, start);
	struct carried_range *range;

	if (is_at(carriers, place, start))
		range = &carriers->ranges[place];
	else if (carriers->count < CARRIED_MAX)
		range = insert(carriers, place, start, first_on);
	else
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
	size_t place = place_of(carriers, start);

	return is_at(carriers, place, start) ? carriers->ranges[place].copies
					     : 0;
}

void carriers_forget(struct carriers *carriers, int64_t floor, carried_fn *tell,
		     void *arg)
{
	size_t n = 0;

	while (n < carriers->count && carriers->ranges[n].start < floor) {
		tell(arg, &carriers->ranges[n]);
		free(carriers->ranges[n++].subflows);
	}
	if (!n)
		return;
	carriers->count -= n;
	memmove(carriers->ranges, carriers->ranges + n,
		carriers->count * sizeof(*carriers->ranges));
}

void carriers_shift(struct carriers *carriers, int64_t by)
{
	for (size_t i = 0; i < carriers->count; i++)
		carriers->ranges[i].start += by;
}

void carriers_free(struct carriers *carriers)
{
	for (size_t i = 0; i < carriers->count; i++)
		free(carriers->ranges[i].subflows);
	free(carriers->ranges);
}
