/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hash table of borrowed pointers, found by a 64-bit hash and a comparison.
 * Open addressing with linear probing and backward-shift deletion: one cache
 * line a look-up as a rule, no allocation but when it doubles. The caller
 * hashes.
 *
 * Items with equal hashes may stand side by side, but each has to be passed on
 * the way to the next: where many may have the same key, they have a struct
 * table_link each, and hang in a chain behind one slot.
 *
 * Hashes differ from run to run, so that no trace can be made whose keys
 * collide. Whatever shows must not depend on the order of slots.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/expect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint64_t hash;
	void *item; /* NULL: free */
};

/* A member of an item that shares a table with others of its key. */
struct table_link {
	struct table_link *next; /* added later; NULL: none */
	struct table_link *prev; /* of the first: the last */
	void *item;
};

struct table {
	struct table_slot *slots;
	size_t mask;  /* slots - 1, a power of two less one */
	size_t count; /* items; chains */
};

/* Is `item` what `key` describes? */
typedef bool table_same_fn(const void *item, const void *key);

void table_init(struct table *table);
void table_clear(struct table *table); /* forgets all items, frees the slots */

/* Gives each item to `end`, in no order, then clears. Not of chains. */
void table_end(struct table *table, void (*end)(void *item));

/* All items, in no order: an array of table->count that the caller frees. Not
 * of chains. */
void **table_items(const struct table *table);

/* The first item with this hash for which same(item, key), or NULL. */
void *table_find(const struct table *table, uint64_t hash, table_same_fn *same,
		 const void *key);
/* It will be asked for one with this hash soon: of a large table, no slot is in
 * the processor's cache. */
OFTEN static void table_expect(const struct table *table, uint64_t hash)
{
	cache_expect(&table->slots[hash & table->mask], sizeof(*table->slots));
}
void table_add(struct table *table, uint64_t hash, void *item);
/* Takes `item`, added with this hash, out; nothing happens if it is not in. */
void table_remove(struct table *table, uint64_t hash, const void *item);

/*
 * Chains, in a table of their own: nothing here takes longer if there are more
 * of a key.
 */
/* The first that was added with this hash, or NULL. */
const struct table_link *table_chain(const struct table *table, uint64_t hash);
/* Adds `item` as the last with this hash. *link, which is its own, stays where
 * it is until table_unlink. */
void table_link(struct table *table, uint64_t hash, struct table_link *link,
		void *item);
/* Takes out what was added with this hash; nothing happens if *link is not in
 * any table. */
void table_unlink(struct table *table, uint64_t hash, struct table_link *link);

/* Mixes a number into a hash; `seed` chains calls. Another one each run. */
uint64_t hash_u64(uint64_t value, uint64_t seed);

#endif
