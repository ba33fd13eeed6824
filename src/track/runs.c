/* SPDX-License-Identifier: BSD-3-Clause */
#include "track/runs.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_RUNS    2 /* room of the first block, which grows */
#define FIRST_ENTRIES 8

static struct runs_entry *entry_at(const struct runs *runs, uint32_t i)
{
	return &runs->entries[(runs->head + i) & (runs->room - 1)];
}

static struct runs_block *block_new(uint32_t room)
{
	struct runs_block *block =
	    xmalloc(sizeof(*block) + room * sizeof(*block->runs));

	block->first = block->count = 0;
	block->room = room;
	return block;
}

void runs_free(struct runs *runs)
{
	for (uint32_t i = 0; i < runs->n_blocks; i++)
		free(runs_block(runs, i));
	free(runs->entries);
	*runs = (struct runs){0};
}

/* Room for one more block in the list. */
static void entries_grow(struct runs *runs)
{
	uint32_t room = runs->room ? runs->room * 2 : FIRST_ENTRIES;
	struct runs_entry *entries;

	if (runs->n_blocks < runs->room)
		return;
	entries = xreallocarray(NULL, room, sizeof(*entries));
	for (uint32_t i = 0; runs->room && i < runs->n_blocks; i++)
		entries[i] = *entry_at(runs, i);
	if (!runs->room) /* until now there was no list */
		entries[0] = (struct runs_entry){
		    runs->last->runs[runs->last->first].start, runs->last};
	free(runs->entries);
	runs->entries = entries;
	runs->room = room;
	runs->head = 0;
}

/* An empty block, the i-th from now on, whose first run starts there. */
static struct runs_block *block_add(struct runs *runs, uint32_t i,
				    int64_t start)
{
	struct runs_block *block = block_new(RUNS_BLOCK);

	entries_grow(runs);
	for (uint32_t k = runs->n_blocks++; k > i; k--)
		*entry_at(runs, k) = *entry_at(runs, k - 1);
	*entry_at(runs, i) = (struct runs_entry){start, block};
	if (i + 1 == runs->n_blocks)
		runs->last = block;
	return block;
}

/* Moves what is in the block to its beginning. */
static void compact(struct runs_block *block)
{
	memmove(block->runs, block->runs + block->first,
		block->count * sizeof(*block->runs));
	block->first = 0;
}

/* The only block, if it is small: bigger. */
static void grow(struct runs *runs)
{
	struct runs_block *block = block_new(runs->last->room * 2);

	block->count = runs->last->count;
	memcpy(block->runs, runs->last->runs + runs->last->first,
	       block->count * sizeof(*block->runs));
	free(runs->last);
	runs->last = block;
}

/* Makes room at the end of a full block, if that is cheap: whether it has. */
static bool make_room(struct runs *runs, struct runs_block *block)
{
	if (block->count <= block->room / 2)
		compact(block);
	else if (block->room < RUNS_BLOCK)
		grow(runs); /* where blocks are so small, there is only one */
	else
		return false;
	return true;
}

static bool is_full(const struct runs_block *block)
{
	return block->first + block->count == block->room;
}

void runs_extend(struct runs *runs, int64_t start)
{
	if (!runs->last) {
		runs->last = block_new(FIRST_RUNS);
		runs->n_blocks = 1;
	} else if (!make_room(runs, runs->last)) {
		block_add(runs, runs->n_blocks, start);
	}
}

/* The upper half of the i-th block goes to a new one behind it. */
static void split(struct runs *runs, uint32_t i)
{
	struct runs_block *block = runs_block(runs, i), *upper;
	uint32_t half = block->count / 2;

	upper = block_add(runs, i + 1, block->runs[block->first + half].start);
	upper->count = block->count - half;
	memcpy(upper->runs, block->runs + block->first + half,
	       upper->count * sizeof(*upper->runs));
	block->count = half;
	if (block->first)
		compact(block);
}

bool runs_insert(struct runs *runs, struct runs_place *place, int64_t start)
{
	struct runs_block *block = runs_block(runs, place->block);
	bool splits = is_full(block) && !make_room(runs, block);
	struct stream_run *at;

	if (splits)
		split(runs, place->block);
	block = runs_block(runs, place->block);
	if (place->run > block->count) {
		place->run -= block->count;
		block = runs_block(runs, ++place->block);
	}
	at = &block->runs[block->first + place->run];
	memmove(at + 1, at, (block->count - place->run) * sizeof(*at));
	block->count++;
	runs->count++;
	runs_start(runs, *place, start);
	return splits;
}

void runs_drop(struct runs *runs, uint32_t n)
{
	struct runs_block *block = runs_block(runs, 0);

	runs->count -= n;
	block->first += n;
	block->count -= n;
	if (block->count)
		return;
	block->first = 0;
	if (runs->n_blocks == 1)
		return;
	free(block);
	runs->head = (runs->head + 1) & (runs->room - 1);
	runs->n_blocks--;
}

/* The last block that starts at or before `offset`, else the first. */
static uint32_t find_block(const struct runs *runs, int64_t offset)
{
	uint32_t low = 0, high = runs->n_blocks;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (entry_at(runs, middle)->start > offset)
			high = middle;
		else
			low = middle;
	}
	return low;
}

static bool is_there(const struct runs *runs, struct runs_place place,
		     int64_t offset)
{
	const struct runs_block *block;
	const struct stream_run *run;

	if (place.block >= runs->n_blocks)
		return false;
	block = runs_block(runs, place.block);
	run = &block->runs[block->first + place.run];
	return place.run < block->count && run->start <= offset &&
	       run->end > offset;
}

struct runs_place runs_find(const struct runs *runs, int64_t offset)
{
	struct runs_place place = {0, 0};
	const struct runs_block *block;
	uint32_t low = 0, high;

	if (is_there(runs, runs->latest, offset))
		return runs->latest;
	if (!runs->n_blocks)
		return place;
	place.block = find_block(runs, offset);
	block = runs_block(runs, place.block);
	high = block->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (block->runs[block->first + middle].end > offset)
			high = middle;
		else
			low = middle + 1;
	}
	place.run = low;
	return place;
}

void runs_start(struct runs *runs, struct runs_place place, int64_t start)
{
	struct runs_block *block = runs_block(runs, place.block);

	block->runs[block->first + place.run].start = start;
	if (!place.run && runs->entries)
		entry_at(runs, place.block)->start = start;
}

void runs_shift(struct runs *runs, int64_t by)
{
	for (uint32_t i = 0; i < runs->n_blocks; i++) {
		struct runs_block *block = runs_block(runs, i);

		for (uint32_t k = 0; k < block->count; k++) {
			block->runs[block->first + k].start += by;
			block->runs[block->first + k].end += by;
		}
		if (runs->entries)
			entry_at(runs, i)->start += by;
	}
}
