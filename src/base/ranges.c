/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/ranges.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void ranges_clear(struct ranges *ranges)
{
	free(ranges->ranges);
	*ranges = (struct ranges){0};
}

/* The first range that ends at or after `at`. */
static size_t first_at(const struct ranges *ranges, int64_t at)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->ranges[middle].end >= at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void ranges_add(struct ranges *ranges, int64_t start, int64_t end)
{
	size_t from, to;

	if (start >= end)
		return;
	from = to = first_at(ranges, start);
	/* [from, to) touch it: they become one with it. */
	for (; to < ranges->count && ranges->ranges[to].start <= end; to++) {
		const struct range *old = &ranges->ranges[to];

		ranges->total -= old->end - old->start;
		if (old->start < start)
			start = old->start;
		if (old->end > end)
			end = old->end;
	}
	ranges->ranges = xgrow(ranges->ranges, &ranges->room, ranges->count + 1,
			       sizeof(*ranges->ranges));
	memmove(&ranges->ranges[from + 1], &ranges->ranges[to],
		(ranges->count - to) * sizeof(*ranges->ranges));
	ranges->count = ranges->count - (to - from) + 1;
	ranges->ranges[from] = (struct range){start, end};
	ranges->total += end - start;
}

void ranges_trim(struct ranges *ranges, int64_t start)
{
	size_t n = 0;

	while (n < ranges->count && ranges->ranges[n].end <= start) {
		ranges->total -=
		    ranges->ranges[n].end - ranges->ranges[n].start;
		n++;
	}
	if (n) {
		ranges->count -= n;
		memmove(ranges->ranges, &ranges->ranges[n],
			ranges->count * sizeof(*ranges->ranges));
	}
	if (ranges->count && ranges->ranges[0].start < start) {
		ranges->total -= start - ranges->ranges[0].start;
		ranges->ranges[0].start = start;
	}
}
