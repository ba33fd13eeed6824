/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A belt: items of one size go, in their order, from who puts them on it to a
 * hand that works on them, which may be another thread. They go in trays of
 * many; there is room for a few trays, and who puts on waits for more. So
 * memory is bounded, and what comes of the work is the same with and without a
 * thread. A shared belt has many hands, among them who puts on, instead of
 * waiting; several trays are worked on at the same time, and the work has to
 * see to that.
 *
 * Who puts on may touch what the hand works with after belt_drain, until the
 * next item is put on.
 */
#ifndef BASE_BELT_H
#define BASE_BELT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct belt {
	char *at, *end; /* of the tray at hand */
	size_t item;
};

/* Works on n items. */
typedef void belt_fn(void *arg, const void *items, size_t n);

/* Items of so many octets; apart: on a thread of its own, if there can be
 * one. That takes no signals. */
struct belt *belt_new(size_t item, bool apart, belt_fn *work, void *arg);
/* Shared, by so many threads as far as there can be, this one among them. */
struct belt *belt_new_shared(size_t item, unsigned threads, belt_fn *work,
			     void *arg);
/* What has not been worked on will not be. */
void belt_free(struct belt *belt);
/* Returns when all is worked on, the last of it perhaps by the caller's own
 * thread. */
void belt_drain(struct belt *belt);

/* What comes next has no room in the tray at hand: an empty one. */
void belt_turn(struct belt *belt);

/* The hand's processor had it, and takes its time to let go of it: what comes
 * so many octets later is asked for now. */
#define BELT_AHEAD 768

/* The place of the next items, so many octets side by side in one tray, to be
 * filled before the next call. */
static inline void *belt_room(struct belt *belt, size_t size)
{
	char *place;

	if ((size_t)(belt->end - belt->at) < size)
		belt_turn(belt);
	place = belt->at;
	belt->at += size;
	__builtin_prefetch((void *)((uintptr_t)place + BELT_AHEAD), 1);
	return place;
}

/* ... of one item. */
static inline void *belt_place(struct belt *belt)
{
	return belt_room(belt, belt->item);
}

#endif
