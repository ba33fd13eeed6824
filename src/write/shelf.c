/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/shelf.h"

#include "base/alloc.h"

#include <stdlib.h>

struct shelf {
	size_t room, used, most;
	uint64_t lost;
	bool crowded;		  /* one went to make room for another */
	struct shelf_item *items; /* a heap, the lightest first */
	size_t n_items, items_room;
};

struct shelf *shelf_new(size_t room, size_t most)
{
	struct shelf *shelf = xcalloc(1, sizeof(*shelf));

	shelf->room = room;
	shelf->most = most;
	return shelf;
}

void shelf_free(struct shelf *shelf)
{
	if (!shelf)
		return;
	for (size_t i = 0; i < shelf->n_items; i++)
		free(shelf->items[i].text.text);
	free(shelf->items);
	free(shelf);
}

/* Does `a` go before `b`? Of the same weight, the later one does. */
static bool lighter(const struct shelf_item *a, const struct shelf_item *b)
{
	return a->weight != b->weight ? a->weight < b->weight : a->id > b->id;
}

static void swap(struct shelf_item *a, struct shelf_item *b)
{
	struct shelf_item item = *a;

	*a = *b;
	*b = item;
}

static void sift_up(struct shelf *shelf, size_t at)
{
	struct shelf_item *items = shelf->items;

	for (size_t up = (at - 1) / 2; at && lighter(&items[at], &items[up]);
	     at = up, up = (at - 1) / 2)
		swap(&items[at], &items[up]);
}

static void sift_down(struct shelf *shelf, size_t at)
{
	struct shelf_item *items = shelf->items;

	for (size_t down = 2 * at + 1; down < shelf->n_items;
	     at = down, down = 2 * at + 1) {
		if (down + 1 < shelf->n_items &&
		    lighter(&items[down + 1], &items[down]))
			down++;
		if (!lighter(&items[down], &items[at]))
			return;
		swap(&items[at], &items[down]);
	}
}

static void drop_lightest(struct shelf *shelf)
{
	struct shelf_item *items = shelf->items;

	shelf->used -= items[0].text.size;
	shelf->lost++;
	shelf->crowded = true;
	free(items[0].text.text);
	items[0] = items[--shelf->n_items];
	sift_down(shelf, 0);
}

bool shelf_takes(const struct shelf *shelf, uint64_t id, uint64_t weight)
{
	const struct shelf_item item = {.id = id, .weight = weight};
	bool full = shelf->n_items == shelf->most || shelf->crowded;

	return !full || !shelf->n_items || lighter(&shelf->items[0], &item);
}

void shelf_put(struct shelf *shelf, struct shelf_item item)
{
	/* What no room is enough for may not clear it of all others. */
	bool large = item.text.size > shelf->room;

	if (!item.text.size || large) {
		shelf->lost += large;
		free(item.text.text);
		return;
	}
	/* It waits long: without room to grow. */
	item.text.text = xreallocarray(item.text.text, item.text.size, 1);
	item.text.room = item.text.size;
	shelf->items = xgrow(shelf->items, &shelf->items_room,
			     shelf->n_items + 1, sizeof(*shelf->items));
	shelf->items[shelf->n_items] = item;
	shelf->used += item.text.size;
	sift_up(shelf, shelf->n_items++);
	while (shelf->used > shelf->room || shelf->n_items > shelf->most)
		drop_lightest(shelf);
}

static int by_id(const void *one, const void *two)
{
	const struct shelf_item *a = one, *b = two;

	return (a->id > b->id) - (a->id < b->id);
}

void shelf_sort(struct shelf *shelf)
{
	if (shelf->n_items)
		qsort(shelf->items, shelf->n_items, sizeof(*shelf->items),
		      by_id);
}

size_t shelf_items(const struct shelf *shelf, const struct shelf_item **items)
{
	*items = shelf->items;
	return shelf->n_items;
}

const struct buffer *shelf_find(const struct shelf *shelf, uint64_t id)
{
	const struct shelf_item key = {.id = id};
	const struct shelf_item *item = NULL;

	if (shelf->n_items)
		item = bsearch(&key, shelf->items, shelf->n_items,
			       sizeof(*shelf->items), by_id);
	return item ? &item->text : NULL;
}

uint64_t shelf_lost(const struct shelf *shelf)
{
	return shelf->lost;
}
