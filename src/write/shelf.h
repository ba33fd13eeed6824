/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Texts of connections that wait for the end of the trace, as many as there is
 * room for: where it is not enough, those of least weight go.
 */
#ifndef WRITE_SHELF_H
#define WRITE_SHELF_H

#include "write/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shelf_item {
	uint64_t id, weight;
	struct buffer text;
};

struct shelf;

/* Room for so many octets, and so many texts. */
struct shelf *shelf_new(size_t room, size_t most);
void shelf_free(struct shelf *shelf);
/* Is there room for it? If not, it would go at once. */
bool shelf_takes(const struct shelf *shelf, uint64_t id, uint64_t weight);
/* Takes the item, and with it its text; one without text is none. */
void shelf_put(struct shelf *shelf, struct shelf_item item);
/* Nothing more comes: puts what there is in order of id. */
void shelf_sort(struct shelf *shelf);
size_t shelf_items(const struct shelf *shelf, const struct shelf_item **items);
/* The text of one connection, after shelf_sort; NULL: there is none. */
const struct buffer *shelf_find(const struct shelf *shelf, uint64_t id);
/* How many had to go. */
uint64_t shelf_lost(const struct shelf *shelf);

#endif
