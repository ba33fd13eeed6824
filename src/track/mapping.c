/* SPDX-License-Identifier: BSD-3-Clause */
#include "track/mapping.h"

#include "base/alloc.h"

#include <stdlib.h>

#define FIRST_ROOM 2

void mappings_free(struct mappings *mappings)
{
	free(mappings->ring);
	*mappings = (struct mappings){0};
}

static struct mapping *mapping_at(const struct mappings *mappings, uint32_t i)
{
	return &mappings->ring[(mappings->head + i) & (mappings->room - 1)];
}

static void forget_oldest(struct mappings *mappings)
{
	mappings->head = (mappings->head + 1) & (mappings->room - 1);
	mappings->count--;
	if (mappings->latest)
		mappings->latest--;
}

static void make_room(struct mappings *mappings)
{
	uint32_t room = mappings->room ? mappings->room * 2 : FIRST_ROOM;
	struct mapping *ring;

	if (mappings->count < mappings->room)
		return;
	ring = xreallocarray(NULL, room, sizeof(*ring));
	for (uint32_t i = 0; i < mappings->count; i++)
		ring[i] = *mapping_at(mappings, i);
	free(mappings->ring);
	mappings->ring = ring;
	mappings->room = room;
	mappings->head = 0;
}

/* Puts *mapping before the i-th, moving the shorter side. */
static void insert(struct mappings *mappings, uint32_t i,
		   const struct mapping *mapping)
{
	make_room(mappings);
	mappings->count++;
	if (i < mappings->count / 2) {
		mappings->head = (mappings->head - 1) & (mappings->room - 1);
		for (uint32_t k = 0; k < i; k++)
			*mapping_at(mappings, k) = *mapping_at(mappings, k + 1);
	} else {
		for (uint32_t k = mappings->count - 1; k > i; k--)
			*mapping_at(mappings, k) = *mapping_at(mappings, k - 1);
	}
	*mapping_at(mappings, i) = *mapping;
	mappings->latest = i;
}

/* The first mapping that ends after `at`; mostly the one found last or the
 * one after it. */
static uint32_t mapping_after(struct mappings *mappings, int64_t at)
{
	uint32_t low = 0, high = mappings->count, latest = mappings->latest;

	if (latest < high && mapping_at(mappings, latest)->start <= at) {
		if (mapping_at(mappings, latest)->end > at)
			return latest;
		low = latest + 1;
		if (low < high && mapping_at(mappings, low)->end > at)
			return low;
	}
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (mapping_at(mappings, middle)->end > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct mapping *mappings_search(struct mappings *mappings, int64_t at,
				int64_t *next)
{
	uint32_t i = mapping_after(mappings, at);
	struct mapping *mapping;

	*next = INT64_MAX;
	if (i == mappings->count)
		return NULL;
	mapping = mapping_at(mappings, i);
	*next = mapping->start;
	if (mapping->start > at)
		return NULL;
	mappings->latest = i;
	return mapping;
}

/* Do both say the same of the bytes they share? */
static bool agree(const struct mapping *a, const struct mapping *b)
{
	return a->data - a->start == b->data - b->start;
}

enum mapping_added mappings_add(struct mappings *mappings,
				const struct mapping *mapping,
				struct mapping **added)
{
	uint32_t first, i;
	enum mapping_added result = MAPPING_KNOWN;
	struct mapping rest = *mapping, part;

	while (mappings->count >= MAPPINGS_MAX)
		forget_oldest(mappings);
	first = i = mapping_after(mappings, mapping->start);

	/* Nothing is added where anything contradicts. */
	for (; i < mappings->count; i++) {
		const struct mapping *other = mapping_at(mappings, i);

		if (other->start >= mapping->end)
			break;
		if (!agree(other, mapping))
			return MAPPING_CONFLICT;
	}

	for (i = first; rest.start < rest.end; i++) {
		const struct mapping *other =
		    i < mappings->count ? mapping_at(mappings, i) : NULL;

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
		insert(mappings, i, &part);
		result = MAPPING_NEW;
		rest.data += part.end - rest.start;
		rest.start = part.end;
	}
	/* Whatever holds its start is the first that ends after it. */
	*added = mapping_at(mappings, first);
	return result;
}

void mappings_trim(struct mappings *mappings, int64_t acked)
{
	while (mappings->count > MAPPINGS_KEPT &&
	       mapping_at(mappings, 0)->end <= acked)
		forget_oldest(mappings);
}

void mappings_shift(struct mappings *mappings, int64_t by, int64_t data_by)
{
	for (uint32_t i = 0; i < mappings->count; i++) {
		struct mapping *mapping = mapping_at(mappings, i);

		mapping->start += by;
		if (mapping->end != MAPPING_ENDLESS)
			mapping->end += by;
		mapping->data += data_by;
	}
}
