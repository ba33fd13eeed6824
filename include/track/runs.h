/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ranges of a stream in ascending order, each as it was first sent or
 * missed, without a gap between them. They come in at the end and leave at the
 * beginning; where one comes in between, what is moved is bounded: they stand
 * in blocks of RUNS_BLOCK at most, and a list of blocks finds the right one.
 * For struct stream, which knows what they mean.
 */
#ifndef TRACK_RUNS_H
#define TRACK_RUNS_H

#include "base/nstime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUNS_BLOCK 32

/* A range as it was first sent. */
struct stream_run {
	int64_t start, end;
	nstime_t time;
	uint64_t frame;
	uint32_t seq;	 /* TCP sequence number of `start` */
	int32_t on : 31; /* subflow id, or ON_NOBODY */
	bool again : 1;	 /* sent more than once: no RTT sample (Karn) */
};

struct runs_block {
	uint32_t first, count, room; /* of runs */
	struct stream_run runs[];
};

struct runs_entry {
	int64_t start; /* of the block's first run; of the first block, no more
			* than that */
	struct runs_block *block;
};

/* Where a run is, until any other comes in or leaves. */
struct runs_place {
	uint32_t block, run;
};

struct runs {			    /* zeroed: empty */
	struct runs_block *last;    /* NULL: none */
	struct runs_entry *entries; /* a ring, by block; NULL: only `last` */
	uint32_t room, head, n_blocks;
	uint32_t count;		  /* of runs */
	struct runs_place latest; /* where to look first; may be anywhere */
};

void runs_free(struct runs *runs); /* its memory, not the struct */

/* Room for a run behind the last one, which starts there and the caller
 * fills. */
static inline struct stream_run *runs_append(struct runs *runs, int64_t start);

/* Room for a run that starts there at *place, before the one that is there.
 * True if others' places have changed by more than that. */
bool runs_insert(struct runs *runs, struct runs_place *place, int64_t start);

/* The first `n` leave, which are in one block. */
void runs_drop(struct runs *runs, uint32_t n);

/* The first run that ends after `offset`, or the place behind the last. Is it
 * that at runs->latest, it is found at once. */
struct runs_place runs_find(const struct runs *runs, int64_t offset);

/* The run at *place starts there now. */
void runs_start(struct runs *runs, struct runs_place place, int64_t start);

void runs_shift(struct runs *runs, int64_t by);

/* Makes room behind the last one, in runs->last. */
void runs_extend(struct runs *runs, int64_t start);

static inline struct stream_run *runs_append(struct runs *runs, int64_t start)
{
	if (!runs->last ||
	    runs->last->first + runs->last->count == runs->last->room)
		runs_extend(runs, start);
	runs->count++;
	return &runs->last->runs[runs->last->first + runs->last->count++];
}

static inline struct runs_block *runs_block(const struct runs *runs, uint32_t i)
{
	if (i + 1 == runs->n_blocks)
		return runs->last;
	return runs->entries[(runs->head + i) & (runs->room - 1)].block;
}

/* The run there; NULL behind the last. */
static inline struct stream_run *runs_at(const struct runs *runs,
					 struct runs_place *place)
{
	struct runs_block *block;

	if (place->block >= runs->n_blocks)
		return NULL;
	block = runs_block(runs, place->block);
	if (place->run == block->count) { /* the next one begins a block */
		if (place->block + 1 >= runs->n_blocks)
			return NULL;
		place->run = 0;
		block = runs_block(runs, ++place->block);
	}
	return &block->runs[block->first + place->run];
}

#endif
