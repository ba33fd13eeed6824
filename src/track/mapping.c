/* SPDX-License-Identifier: BSD-3-Clause */
#include "track/mapping.h"

void mappings_free(struct mappings *mappings)
{
	spans_free(&mappings->all);
	mappings->latest = NULL;
}

static struct mapping *mapping_at(const struct mappings *mappings,
				  struct spans_place *place)
{
	return spans_at(&mappings->all, sizeof(struct mapping), place);
}

/* Of some. */
static struct mapping *oldest(const struct mappings *mappings)
{
	return spans_known(&mappings->all, sizeof(struct mapping),
			   &(struct spans_place){0, 0});
}

static void forget_oldest(struct mappings *mappings)
{
	if (mappings->latest == oldest(mappings))
		mappings->latest = NULL;
	spans_drop(&mappings->all, 1);
}

/* Of those that others may know of by an address, only this one is right. */
static void insert(struct mappings *mappings, struct spans_place *place,
		   const struct mapping *mapping)
{
	struct mapping *added =
	    spans_insert(&mappings->all, sizeof(*added), place, mapping->start);

	*added = *mapping;
	mappings->latest = added;
}

struct mapping *mappings_search(struct mappings *mappings, int64_t at,
				int64_t *next)
{
	struct spans_place place = spans_find(&mappings->all, at);
	struct mapping *mapping = mapping_at(mappings, &place);

	*next = mapping ? mapping->start : INT64_MAX;
	if (!mapping || mapping->start > at)
		return NULL;
	mappings->latest = mapping;
	return mapping;
}

/* Do both say the same of the bytes they share? */
static bool agree(const struct mapping *a, const struct mapping *b)
{
	return a->data - a->start == b->data - b->start;
}

/* Does it contradict any, from the first on that ends after its start? Or are
 * they too many to ask? */
static bool conflicts(const struct mappings *mappings,
		      const struct mapping *mapping, struct spans_place place)
{
	const struct mapping *other;

	for (int n = 0; (other = mapping_at(mappings, &place)) &&
			other->start < mapping->end;
	     n++) {
		if (n == MAPPINGS_OVER || !agree(other, mapping))
			return true;
		place.item++;
	}
	return false;
}

enum mapping_added mappings_add(struct mappings *mappings,
				const struct mapping *mapping,
				struct mapping **added)
{
	struct spans_place first, place;
	const struct mapping *other;
	enum mapping_added result = MAPPING_KNOWN;
	struct mapping rest = *mapping, part;
	int64_t next;

	while (mappings->all.count >= MAPPINGS_MAX) {
		forget_oldest(mappings);
		mappings->forgotten++;
	}
	first = spans_find(&mappings->all, mapping->start);

	if (conflicts(mappings, mapping, first))
		return MAPPING_CONFLICT; /* nothing of it is added */
	for (place = first; rest.start < rest.end; place.item++) {
		other = mapping_at(mappings, &place);
		if (other && other->start <= rest.start) {
			if (other->end >= rest.end)
				break;
			rest.data += other->end - rest.start;
			rest.start = other->end;
			continue;
		}
		part = rest;
		if (other && other->start < rest.end)
			part.end = other->start;
		/* A part of a mapping cannot be checked on its own. */
		if (part.start != mapping->start || part.end != mapping->end)
			part.has_checksum = false;
		insert(mappings, &place, &part);
		result = MAPPING_NEW;
		rest.data += part.end - rest.start;
		rest.start = part.end;
	}
	*added = mappings_find(mappings, mapping->start, &next);
	return result;
}

void mappings_trim(struct mappings *mappings, int64_t acked)
{
	while (mappings->all.count > MAPPINGS_KEPT &&
	       oldest(mappings)->end <= acked)
		forget_oldest(mappings);
}

void mappings_shift(struct mappings *mappings, int64_t by, int64_t data_by)
{
	struct spans_place place = {0, 0};
	struct mapping *mapping;

	spans_shift(&mappings->all, by);
	for (; (mapping = mapping_at(mappings, &place)); place.item++)
		mapping->data += data_by;
}
