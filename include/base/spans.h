/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Many things in ascending order, each of which is from somewhere to somewhere
 * and begins with a struct span; none overlaps another. Most come in at the end
 * and leave at the beginning; where one comes in or leaves between, what is
 * moved is little: they stand in blocks of SPANS_BLOCK at most, and a list of
 * blocks finds the right one.
 *
 * All of them are of one size. Who asks for one says it, so that the compiler
 * knows it.
 */
#ifndef BASE_SPANS_H
#define BASE_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPANS_BLOCK 64

/* What ends there or later, or starts as far below 0, has no such end. */
#define SPAN_ENDLESS (INT64_MAX / 2)

struct span {
	int64_t start, end;
};

struct spans_block {
	uint32_t first, count, room; /* of items */
	uint32_t size;		     /* of each */
	int64_t items[];
};

struct spans_entry {
	int64_t start; /* of the block's first item; of the first block, no
			* more than that */
	struct spans_block *block;
};

/* Where an item is, until another comes in or leaves. */
struct spans_place {
	uint32_t block, item;
};

struct spans {			     /* zeroed: empty */
	struct spans_block *last;    /* NULL: none */
	struct spans_entry *entries; /* a ring, by block; NULL: only `last` */
	uint32_t room, head, n_blocks;
	uint32_t count; /* of items */
};

void spans_free(struct spans *spans); /* its memory, not the struct */

/* Room for an item behind the last one, which starts there and the caller
 * fills. */
static inline void *spans_append(struct spans *spans, size_t size,
				 int64_t start);

/* The same at *place, before the item that is there. Places before it stay
 * right, unless there are more blocks now. */
void *spans_insert(struct spans *spans, size_t size, struct spans_place *place,
		   int64_t start);

/* The item at *place leaves; then that is the place of the one behind it. */
void spans_remove(struct spans *spans, struct spans_place *place);

/* The first `n` leave, which are in one block. */
void spans_drop(struct spans *spans, uint32_t n);

/* The first item that ends after `offset`, or the place behind the last. */
struct spans_place spans_find(const struct spans *spans, int64_t offset);

/* The item at *place starts there now. */
void spans_start(struct spans *spans, struct spans_place place, int64_t start);

/* Moves all of them, but ends that are none. */
void spans_shift(struct spans *spans, int64_t by);

/* Makes room behind the last one, in spans->last. */
void spans_extend(struct spans *spans, size_t size, int64_t start);

static inline void *spans_item(struct spans_block *block, size_t size,
			       uint32_t item)
{
	return (char *)block->items + (block->first + item) * size;
}

static inline void *spans_append(struct spans *spans, size_t size,
				 int64_t start)
{
	if (!spans->last ||
	    spans->last->first + spans->last->count == spans->last->room)
		spans_extend(spans, size, start);
	spans->count++;
	return spans_item(spans->last, size, spans->last->count++);
}

static inline struct spans_block *spans_block(const struct spans *spans,
					      uint32_t i)
{
	if (i + 1 == spans->n_blocks)
		return spans->last;
	return spans->entries[(spans->head + i) & (spans->room - 1)].block;
}

/* The item there, of which it is known that there is one. */
static inline void *spans_known(const struct spans *spans, size_t size,
				struct spans_place *place)
{
	struct spans_block *block = spans_block(spans, place->block);

	if (place->item == block->count) { /* the next one begins a block */
		place->item = 0;
		block = spans_block(spans, ++place->block);
	}
	return spans_item(block, size, place->item);
}

/* The item there, of *n that stand one after the other: what is behind them is
 * elsewhere. NULL behind the last. */
static inline void *spans_row(const struct spans *spans, size_t size,
			      struct spans_place *place, uint32_t *n)
{
	struct spans_block *block;

	if (place->block >= spans->n_blocks)
		return NULL;
	block = spans_block(spans, place->block);
	if (place->item == block->count) { /* the next one begins a block */
		if (place->block + 1 >= spans->n_blocks)
			return NULL;
		place->item = 0;
		block = spans_block(spans, ++place->block);
	}
	*n = block->count - place->item;
	return spans_item(block, size, place->item);
}

/* The same without asking how many. */
static inline void *spans_at(const struct spans *spans, size_t size,
			     struct spans_place *place)
{
	uint32_t n;

	return spans_row(spans, size, place, &n);
}

#endif
