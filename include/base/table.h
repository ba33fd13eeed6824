/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hash table of borrowed pointers, found by a 64-bit hash and a comparison.
 * Open addressing with linear probing and backward-shift deletion: one cache
 * line a look-up as a rule, no allocation but when it doubles. The caller
 * hashes; items with equal hashes and keys may stand side by side.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint64_t hash;
	void *item; /* NULL: free */
};

struct table {
	struct table_slot *slots;
	size_t mask;  /* slots - 1, a power of two less one */
	size_t count; /* items */
};

/* Is `item` what `key` describes? */
typedef bool table_same_fn(const void *item, const void *key);

void table_init(struct table *table);
void table_clear(struct table *table); /* forgets all items, frees the slots */

/* The first item with this hash for which same(item, key), or NULL. */
void *table_find(const struct table *table, uint64_t hash, table_same_fn *same,
		 const void *key);
void table_add(struct table *table, uint64_t hash, void *item);
/* Takes `item`, added with this hash, out; nothing happens if it is not in. */
void table_remove(struct table *table, uint64_t hash, const void *item);

/* Mixes a number into a hash; `seed` chains calls. */
uint64_t hash_u64(uint64_t value, uint64_t seed);

#endif
