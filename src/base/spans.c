/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/spans.h"

#include "base/alloc.h"
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ITEMS   2 /* room of the first block, which grows */
#define FIRST_ENTRIES 8
#define SMALL_ITEM    64 /* items of no more octets, ... */
#define SMALL_STEP    8	 /* ... a multiple of these, have pools */

static struct spans_entry *entry_at(const struct spans *spans, uint32_t i)
{
	return &spans->entries[(spans->head + i) & (spans->room - 1)];
}

static struct span *span_at(struct spans_block *block, uint32_t i)
{
	return spans_item(block, block->size, i);
}

/*
 * First blocks come and go with connections, some with each: they are of pools,
 * one for each size of items, of the thread for as long as it runs.
 */
static struct pool *pool_of(uint32_t room, uint32_t size)
{
	static _Thread_local struct pool pools[SMALL_ITEM / SMALL_STEP + 1];
	struct pool *pool;

	if (room != FIRST_ITEMS || size > SMALL_ITEM || size % SMALL_STEP)
		return NULL;
	pool = &pools[size / SMALL_STEP];
	if (!pool->size)
		pool_init(pool, sizeof(struct spans_block) +
				    (size_t)FIRST_ITEMS * size);
	return pool;
}

static struct spans_block *block_new(uint32_t room, uint32_t size)
{
	struct pool *pool = pool_of(room, size);
	struct spans_block *block =
	    pool ? pool_take(pool)
		 : xmalloc(sizeof(*block) + (size_t)room * size);

	block->first = block->count = 0;
	block->room = room;
	block->size = size;
	return block;
}

static void block_free(struct spans_block *block)
{
	struct pool *pool = pool_of(block->room, block->size);

	if (pool)
		pool_give(pool, block);
	else
		free(block);
}

void spans_free(struct spans *spans)
{
	if (!spans->n_blocks && !spans->entries)
		return; /* nor is it written to */
	for (uint32_t i = 0; i < spans->n_blocks; i++)
		block_free(spans_block(spans, i));
	free(spans->entries);
	*spans = (struct spans){0};
}

/* Room for one more block in the list. */
static void entries_grow(struct spans *spans)
{
	uint32_t room = spans->room ? spans->room * 2 : FIRST_ENTRIES;
	struct spans_entry *entries;

	if (spans->n_blocks < spans->room)
		return;
	entries = xreallocarray(NULL, room, sizeof(*entries));
	for (uint32_t i = 0; spans->room && i < spans->n_blocks; i++)
		entries[i] = *entry_at(spans, i);
	if (!spans->room) /* until now there was no list */
		entries[0] = (struct spans_entry){
		    span_at(spans->last, 0)->start, spans->last};
	free(spans->entries);
	spans->entries = entries;
	spans->room = room;
	spans->head = 0;
}

/* An empty block, the i-th from now on, whose first item starts there. The
 * shorter side of the list moves. */
static struct spans_block *block_add(struct spans *spans, uint32_t i,
				     int64_t start)
{
	struct spans_block *block = block_new(SPANS_BLOCK, spans->last->size);
	uint32_t k;

	entries_grow(spans);
	if (i < spans->n_blocks / 2) {
		spans->head = (spans->head - 1) & (spans->room - 1);
		for (k = 0; k < i; k++)
			*entry_at(spans, k) = *entry_at(spans, k + 1);
	} else {
		for (k = spans->n_blocks; k > i; k--)
			*entry_at(spans, k) = *entry_at(spans, k - 1);
	}
	*entry_at(spans, i) = (struct spans_entry){start, block};
	if (i == spans->n_blocks++)
		spans->last = block;
	return block;
}

/* The i-th block, of more than one, leaves. */
static void block_remove(struct spans *spans, uint32_t i)
{
	uint32_t k;

	block_free(spans_block(spans, i));
	spans->n_blocks--;
	if (i < spans->n_blocks / 2) {
		for (k = i; k > 0; k--)
			*entry_at(spans, k) = *entry_at(spans, k - 1);
		spans->head = (spans->head + 1) & (spans->room - 1);
	} else {
		for (k = i; k < spans->n_blocks; k++)
			*entry_at(spans, k) = *entry_at(spans, k + 1);
	}
	spans->last = entry_at(spans, spans->n_blocks - 1)->block;
}

/* Moves what is in the block to its beginning. */
static void compact(struct spans_block *block)
{
	memmove(block->items, span_at(block, 0),
		(size_t)block->count * block->size);
	block->first = 0;
}

/* Copies items of a block, from the i-th on, to the end of another. */
static void block_copy(struct spans_block *to, struct spans_block *from,
		       uint32_t i)
{
	memcpy(span_at(to, to->count), span_at(from, i),
	       (size_t)(from->count - i) * from->size);
	to->count += from->count - i;
}

/* The only block, if it is small: bigger. */
static void grow(struct spans *spans)
{
	struct spans_block *block =
	    block_new(spans->last->room * 2, spans->last->size);

	block_copy(block, spans->last, 0);
	block_free(spans->last);
	spans->last = block;
}

/* Makes room at the end of a full block, if that is cheap: whether it has. */
static bool make_room(struct spans *spans, struct spans_block *block)
{
	if (block->count <= block->room / 2)
		compact(block);
	else if (block->room < SPANS_BLOCK)
		grow(spans); /* where blocks are so small, there is only one */
	else
		return false;
	return true;
}

static bool is_full(const struct spans_block *block)
{
	return block->first + block->count == block->room;
}

void spans_extend(struct spans *spans, size_t size, int64_t start)
{
	if (!spans->last) {
		spans->last = block_new(FIRST_ITEMS, (uint32_t)size);
		spans->n_blocks = 1;
	} else if (!make_room(spans, spans->last)) {
		block_add(spans, spans->n_blocks, start);
	}
}

/* The upper half of the i-th block goes to a new one behind it. */
static void split(struct spans *spans, uint32_t i)
{
	struct spans_block *block = spans_block(spans, i);
	uint32_t half = block->count / 2;

	block_copy(block_add(spans, i + 1, span_at(block, half)->start), block,
		   half);
	block->count = half;
	if (block->first)
		compact(block);
}

void *spans_insert(struct spans *spans, size_t size, struct spans_place *place,
		   int64_t start)
{
	struct spans_block *block;
	char *at = spans_at(spans, size, place);

	if (!at) {
		at = spans_append(spans, size, start);
		place->block = spans->n_blocks - 1;
		place->item = spans->last->count - 1;
		return at;
	}
	block = spans_block(spans, place->block);
	if (is_full(block) && !make_room(spans, block))
		split(spans, place->block);
	block = spans_block(spans, place->block);
	if (place->item > block->count) {
		place->item -= block->count;
		block = spans_block(spans, ++place->block);
	}
	at = spans_item(block, size, place->item);
	memmove(at + size, at, (block->count - place->item) * size);
	block->count++;
	spans->count++;
	spans_start(spans, *place, start);
	return at;
}

/* If the i-th block and the one behind it are not even half of one, they become
 * one. True if they do. */
static bool join(struct spans *spans, uint32_t i)
{
	struct spans_block *block, *next;

	if (i + 1 >= spans->n_blocks)
		return false;
	block = spans_block(spans, i);
	next = spans_block(spans, i + 1);
	if (block->count + next->count > SPANS_BLOCK / 2)
		return false;
	compact(block);
	block_copy(block, next, 0);
	block_remove(spans, i + 1);
	return true;
}

/* The block with that place may have become small. */
static void join_around(struct spans *spans, struct spans_place *place)
{
	uint32_t before;

	join(spans, place->block);
	if (!place->block)
		return;
	before = spans_block(spans, place->block - 1)->count;
	if (join(spans, place->block - 1)) {
		place->block--;
		place->item += before;
	}
}

void spans_remove(struct spans *spans, struct spans_place *place)
{
	struct spans_block *block = spans_block(spans, place->block);
	struct span *at = span_at(block, place->item);

	spans->count--;
	if (!--block->count) {
		block->first = 0;
		if (spans->n_blocks > 1)
			block_remove(spans, place->block);
		return;
	}
	if (place->item) {
		memmove(at, (char *)at + block->size,
			(size_t)(block->count - place->item) * block->size);
	} else {
		block->first++;
		spans_start(spans, *place, span_at(block, 0)->start);
	}
	join_around(spans, place);
}

void spans_drop(struct spans *spans, uint32_t n)
{
	struct spans_block *block = spans_block(spans, 0);

	spans->count -= n;
	block->first += n;
	block->count -= n;
	if (block->count)
		return;
	block->first = 0;
	if (spans->n_blocks == 1)
		return;
	block_free(block);
	spans->head = (spans->head + 1) & (spans->room - 1);
	spans->n_blocks--;
}

/* The last block that starts at or before `offset`, else the first. */
static uint32_t find_block(const struct spans *spans, int64_t offset)
{
	uint32_t low = 0, high = spans->n_blocks;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (entry_at(spans, middle)->start > offset)
			high = middle;
		else
			low = middle;
	}
	return low;
}

struct spans_place spans_find(const struct spans *spans, int64_t offset)
{
	struct spans_place place = {0, 0};
	struct spans_block *block;
	uint32_t low = 0, high;

	if (!spans->n_blocks)
		return place;
	block = spans->last; /* mostly what is asked for is not there yet */
	if (block->count && span_at(block, block->count - 1)->end <= offset) {
		place.block = spans->n_blocks - 1;
		place.item = block->count;
		return place;
	}
	place.block = find_block(spans, offset);
	block = spans_block(spans, place.block);
	high = block->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (span_at(block, middle)->end > offset)
			high = middle;
		else
			low = middle + 1;
	}
	place.item = low;
	return place;
}

void spans_start(struct spans *spans, struct spans_place place, int64_t start)
{
	span_at(spans_block(spans, place.block), place.item)->start = start;
	if (!place.item && spans->entries)
		entry_at(spans, place.block)->start = start;
}

static void shift(int64_t *at, int64_t by)
{
	if (*at > -SPAN_ENDLESS && *at < SPAN_ENDLESS)
		*at += by;
}

void spans_shift(struct spans *spans, int64_t by)
{
	for (uint32_t i = 0; i < spans->n_blocks; i++) {
		struct spans_block *block = spans_block(spans, i);

		for (uint32_t k = 0; k < block->count; k++) {
			struct span *span = span_at(block, k);

			shift(&span->start, by);
			shift(&span->end, by);
		}
		if (spans->entries)
			shift(&entry_at(spans, i)->start, by);
	}
}
