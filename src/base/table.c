/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/table.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_SLOTS 64

/* Drawn before main, so that threads agree on it. Without, everything works
 * but is easier to slow down. */
static uint64_t secret;

__attribute__((constructor)) static void secret_draw(void)
{
	if (getentropy(&secret, sizeof(secret)))
		secret = 0;
}

uint64_t hash_u64(uint64_t value, uint64_t seed)
{
	/* The finalizer of splitmix64 (public domain, S. Vigna). */
	uint64_t h = value ^ (seed * 0x9e3779b97f4a7c15u + secret);

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return h ^ (h >> 31);
}

void table_init(struct table *table)
{
	table->slots = xcalloc(FIRST_SLOTS, sizeof(*table->slots));
	table->mask = FIRST_SLOTS - 1;
	table->count = 0;
}

void table_clear(struct table *table)
{
	free(table->slots);
	memset(table, 0, sizeof(*table));
}

void table_end(struct table *table, void (*end)(void *item))
{
	for (size_t i = 0; i <= table->mask; i++)
		if (table->slots[i].item)
			end(table->slots[i].item);
	table_clear(table);
}

void **table_items(const struct table *table)
{
	void **items = xcalloc(table->count, sizeof(*items));
	size_t n = 0;

	for (size_t i = 0; i <= table->mask; i++)
		if (table->slots[i].item)
			items[n++] = table->slots[i].item;
	return items;
}

void *table_find(const struct table *table, uint64_t hash, table_same_fn *same,
		 const void *key)
{
	size_t i = hash & table->mask;

	for (; table->slots[i].item; i = (i + 1) & table->mask)
		if (table->slots[i].hash == hash &&
		    same(table->slots[i].item, key))
			return table->slots[i].item;
	return NULL;
}

static void place(struct table *table, uint64_t hash, void *item)
{
	size_t i = hash & table->mask;

	while (table->slots[i].item)
		i = (i + 1) & table->mask;
	table->slots[i] = (struct table_slot){hash, item};
}

static void double_slots(struct table *table)
{
	struct table_slot *old = table->slots;
	size_t slots = table->mask + 1;

	table->slots = xcalloc(slots * 2, sizeof(*table->slots));
	table->mask = slots * 2 - 1;
	for (size_t i = 0; i < slots; i++)
		if (old[i].item)
			place(table, old[i].hash, old[i].item);
	free(old);
}

void table_add(struct table *table, uint64_t hash, void *item)
{
	/* At most half full: probes stay short. */
	if ((table->count + 1) * 2 > table->mask + 1)
		double_slots(table);
	place(table, hash, item);
	table->count++;
}

/* Closes the gap with later items of the same run of slots that may stand
 * here: those whose home is not after the gap. */
static void slot_free(struct table *table, size_t i)
{
	table->count--;
	for (size_t next = (i + 1) & table->mask; table->slots[next].item;
	     next = (next + 1) & table->mask) {
		size_t home = table->slots[next].hash & table->mask;

		if (((next - home) & table->mask) >=
		    ((next - i) & table->mask)) {
			table->slots[i] = table->slots[next];
			i = next;
		}
	}
	table->slots[i].item = NULL;
}

void table_remove(struct table *table, uint64_t hash, const void *item)
{
	size_t i = hash & table->mask;

	while (table->slots[i].item &&
	       (table->slots[i].hash != hash || table->slots[i].item != item))
		i = (i + 1) & table->mask;
	if (table->slots[i].item)
		slot_free(table, i);
}

/* That of the chain with this hash, or the free one that it would get. */
static size_t chain_slot(const struct table *table, uint64_t hash)
{
	size_t i = hash & table->mask;

	while (table->slots[i].item && table->slots[i].hash != hash)
		i = (i + 1) & table->mask;
	return i;
}

const struct table_link *table_chain(const struct table *table, uint64_t hash)
{
	return table->slots[chain_slot(table, hash)].item;
}

void table_link(struct table *table, uint64_t hash, struct table_link *link,
		void *item)
{
	struct table_link *first = table->slots[chain_slot(table, hash)].item;

	*link = (struct table_link){.prev = link, .item = item};
	if (!first) {
		table_add(table, hash, link);
		return;
	}
	link->prev = first->prev;
	first->prev->next = link;
	first->prev = link;
}

void table_unlink(struct table *table, uint64_t hash, struct table_link *link)
{
	struct table_link *first, *next = link->next;
	size_t i;

	if (!link->prev)
		return;
	i = chain_slot(table, hash);
	first = table->slots[i].item;
	if (link == first && !next)
		slot_free(table, i);
	else if (link == first)
		table->slots[i].item = next;
	else
		link->prev->next = next;
	if (next)
		next->prev = link->prev;
	else
		first->prev = link->prev;
	*link = (struct table_link){0};
}
