/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/pool.h"

#include "base/alloc.h"
#include "base/expect.h"

#include <stdlib.h>
#include <string.h>

/* The address sanitizer is told what nobody may touch. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define CHUNK ((size_t)1 << 16) /* octets, about */

#define ALIGNMENT _Alignof(max_align_t)

union chunk {
	void *next;
	max_align_t aligned;
};

void pool_init(struct pool *pool, size_t size)
{
	if (size < sizeof(void *))
		size = sizeof(void *);
	*pool = (struct pool){.size = (size + ALIGNMENT - 1) / ALIGNMENT *
				      ALIGNMENT};
}

/* One more chunk; the blocks in it are given out from the last to the first. */
static void grow(struct pool *pool)
{
	size_t n = CHUNK > pool->size ? CHUNK / pool->size : 1;
	union chunk *chunk = xmalloc(sizeof(*chunk) + n * pool->size);

	chunk->next = pool->chunks;
	pool->chunks = chunk;
	pool->fresh = n;
	ASAN_POISON_MEMORY_REGION(chunk + 1, n * pool->size);
}

void *pool_take(struct pool *pool)
{
	void *block = pool->spare;

	if (block) {
		ASAN_UNPOISON_MEMORY_REGION(block, pool->size);
		memcpy(&pool->spare, block, sizeof(pool->spare));
		cache_expect(pool->spare, pool->size);
	} else {
		if (!pool->fresh)
			grow(pool);
		block = (char *)((union chunk *)pool->chunks + 1) +
			--pool->fresh * pool->size;
		ASAN_UNPOISON_MEMORY_REGION(block, pool->size);
	}
	return memset(block, 0, pool->size);
}

void pool_give(struct pool *pool, void *block)
{
	if (!block)
		return;
	memcpy(block, &pool->spare, sizeof(pool->spare));
	pool->spare = block;
	ASAN_POISON_MEMORY_REGION(block, pool->size);
}

void pool_clear(struct pool *pool)
{
	for (void *next, *chunk = pool->chunks; chunk; chunk = next) {
		next = ((union chunk *)chunk)->next;
		free(chunk);
	}
	*pool = (struct pool){.size = pool->size};
}
