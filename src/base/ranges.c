/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/ranges.h"

void ranges_clear(struct ranges *ranges)
{
	spans_free(&ranges->all);
	ranges->total = 0;
}

static struct span *range_at(const struct ranges *ranges,
			     struct spans_place *place)
{
	return spans_at(&ranges->all, sizeof(struct span), place);
}

/* The range there becomes [start, end), which it is a part of. */
static void stretch(struct ranges *ranges, struct spans_place place,
		    int64_t start, int64_t end)
{
	struct span *range = spans_known(&ranges->all, sizeof(*range), &place);

	ranges->total += (end - start) - (range->end - range->start);
	range->end = end;
	spans_start(&ranges->all, place, start);
}

void ranges_add(struct ranges *ranges, int64_t start, int64_t end)
{
	struct spans_place place;
	const struct span *range;

	if (start >= end)
		return;
	/* Those that touch it become one with it: the last of them, and the
	 * others leave. */
	place = spans_find(&ranges->all, start - 1);
	while ((range = range_at(ranges, &place)) && range->start <= end) {
		struct spans_place behind = {place.block, place.item + 1};
		const struct span *next = range_at(ranges, &behind);

		if (start > range->start)
			start = range->start;
		if (!next || next->start > end) {
			if (end < range->end)
				end = range->end;
			stretch(ranges, place, start, end);
			return;
		}
		ranges->total -= range->end - range->start;
		spans_remove(&ranges->all, &place);
	}
	*(struct span *)spans_insert(&ranges->all, sizeof(*range), &place,
				     start) = (struct span){start, end};
	ranges->total += end - start;
}

void ranges_trim(struct ranges *ranges, int64_t start)
{
	struct spans_place first = {0, 0};
	const struct span *range;

	while ((range = range_at(ranges, &first)) && range->end <= start) {
		ranges->total -= range->end - range->start;
		spans_drop(&ranges->all, 1);
	}
	if (range && range->start < start)
		stretch(ranges, first, start, range->end);
}

void ranges_shift(struct ranges *ranges, int64_t by)
{
	spans_shift(&ranges->all, by);
}
