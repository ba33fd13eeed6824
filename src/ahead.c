/* SPDX-License-Identifier: BSD-3-Clause */
#include "ahead.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A thread that waits is woken when half of the batches are there for it: that
 * takes as long as reading a hundred packets, or more. Small ones are slower.
 */
#define BATCHES	   4
#define BATCH_SIZE ((size_t)512 << 10)
#define ALIGNMENT  8

/* Items one after the other. */
struct batch {
	char *items;
	size_t used, room;
	bool last;
	uint64_t done, total; /* capture_progress() */
};

struct ahead {
	struct capture *capture;

	/* The reader's. */
	struct frame frame;
	bool has_frame; /* there was no room for it */
	pthread_t thread;

	/* The taker's. */
	size_t at;	/* in its batch, ... */
	bool has_batch; /* ... if it has one */

	/* Of both. Batches that were filled and emptied so far: of their
	 * remainders by BATCHES one is the reader's, one the taker's. */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned filled, emptied;
	bool stopped;
	struct batch batches[BATCHES];
};

static size_t rounded(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Puts a frame at the end of a batch. */
static void put(struct batch *batch, const struct frame *frame)
{
	struct ahead_item *item = (void *)(batch->items + batch->used);
	struct segment *segment = &item->segment;
	size_t size = offsetof(struct ahead_item, segment);

	item->frame = *frame;
	item->frame.bytes = NULL;
	item->status = decode_frame(frame, segment);
	if (item->status == DECODE_TCP) {
		size += offsetof(struct segment, mptcp) +
			segment->n_mptcp * sizeof(segment->mptcp[0]);
		if (segment->captured) {
			segment->data =
			    memcpy((char *)item + size, segment->data,
				   segment->captured);
			size += segment->captured;
		}
	}
	item->size = (uint32_t)rounded(size);
	batch->used += item->size;
}

/* A batch that is empty can be made larger. */
static bool has_room(struct batch *batch, const struct frame *frame)
{
	size_t need = sizeof(struct ahead_item) + rounded(frame->caplen);

	if (batch->room - batch->used >= need)
		return true;
	if (batch->used)
		return false;
	free(batch->items);
	batch->items = xmalloc(need);
	batch->room = need;
	return true;
}

static void fill(struct ahead *ahead, struct batch *batch)
{
	struct frame *frame = &ahead->frame;

	batch->used = 0;
	for (;;) {
		if (!ahead->has_frame && !capture_next(ahead->capture, frame))
			break;
		ahead->has_frame = !has_room(batch, frame);
		if (ahead->has_frame)
			break;
		put(batch, frame);
	}
	batch->last = !ahead->has_frame;
	capture_progress(ahead->capture, &batch->done, &batch->total);
}

/* The batch to be filled next, or NULL if there shall be no more. */
static struct batch *free_batch(struct ahead *ahead)
{
	struct batch *batch = &ahead->batches[ahead->filled % BATCHES];

	pthread_mutex_lock(&ahead->mutex);
	while (!ahead->stopped && ahead->filled - ahead->emptied == BATCHES)
		pthread_cond_wait(&ahead->changed, &ahead->mutex);
	if (ahead->stopped)
		batch = NULL;
	pthread_mutex_unlock(&ahead->mutex);
	return batch;
}

static void *read_ahead(void *arg)
{
	struct ahead *ahead = arg;
	struct batch *batch;

	do {
		batch = free_batch(ahead);
		if (!batch)
			break;
		fill(ahead, batch);
		pthread_mutex_lock(&ahead->mutex);
		ahead->filled++;
		if (batch->last ||
		    ahead->filled - ahead->emptied >= BATCHES / 2)
			pthread_cond_signal(&ahead->changed);
		pthread_mutex_unlock(&ahead->mutex);
	} while (!batch->last);
	return NULL;
}

/* Gives the batch back, and waits for the next. */
static void change_batch(struct ahead *ahead)
{
	pthread_mutex_lock(&ahead->mutex);
	if (ahead->has_batch) {
		ahead->emptied++;
		if (ahead->filled - ahead->emptied <= BATCHES / 2)
			pthread_cond_signal(&ahead->changed);
	}
	while (ahead->filled == ahead->emptied)
		pthread_cond_wait(&ahead->changed, &ahead->mutex);
	pthread_mutex_unlock(&ahead->mutex);
	ahead->has_batch = true;
	ahead->at = 0;
}

static const struct batch *taken_batch(const struct ahead *ahead)
{
	return &ahead->batches[ahead->emptied % BATCHES];
}

const struct ahead_item *ahead_next(struct ahead *ahead)
{
	const struct batch *batch = taken_batch(ahead);
	const struct ahead_item *item;

	while (!ahead->has_batch || ahead->at == batch->used) {
		if (ahead->has_batch && batch->last)
			return NULL;
		change_batch(ahead);
		batch = taken_batch(ahead);
	}
	item = (const void *)(batch->items + ahead->at);
	ahead->at += item->size;
	return item;
}

void ahead_progress(const struct ahead *ahead, uint64_t *done, uint64_t *total)
{
	const struct batch *batch = taken_batch(ahead);

	*done = batch->done;
	*total = batch->total;
}

static void free_all(struct ahead *ahead)
{
	pthread_mutex_destroy(&ahead->mutex);
	pthread_cond_destroy(&ahead->changed);
	for (int i = 0; i < BATCHES; i++)
		free(ahead->batches[i].items);
	free(ahead);
}

struct ahead *ahead_new(struct capture *capture)
{
	struct ahead *ahead = xcalloc(1, sizeof(*ahead));

	ahead->capture = capture;
	for (int i = 0; i < BATCHES; i++) {
		ahead->batches[i].items = xmalloc(BATCH_SIZE);
		ahead->batches[i].room = BATCH_SIZE;
	}
	pthread_mutex_init(&ahead->mutex, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	if (!pthread_create(&ahead->thread, NULL, read_ahead, ahead))
		return ahead;
	free_all(ahead);
	return NULL;
}

void ahead_free(struct ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->mutex);
	ahead->stopped = true;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->mutex);
	pthread_join(ahead->thread, NULL);
	free_all(ahead);
}
