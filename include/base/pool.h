/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks of one size, for what comes and goes much: those given back are given
 * out again, and none has a header. What was needed at once stays until the
 * pool is cleared.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

struct pool {
	size_t size;  /* of a block */
	void *spare;  /* those given back, each points to the next */
	void *chunks; /* likewise */
	size_t fresh; /* blocks at the end of the first of them, not given
		       * out yet */
};

void pool_init(struct pool *pool, size_t size);
void *pool_take(struct pool *pool);		/* all zero */
void pool_give(struct pool *pool, void *block); /* NULL is fine */
/* Frees all there are, given back or not. */
void pool_clear(struct pool *pool);

#endif
