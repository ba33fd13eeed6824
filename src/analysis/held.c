/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/held.h"

#include "base/alloc.h"

#include <stdlib.h>

#define FIRST_ROOM 256
#define HEAP_SMALL 64 /* is not cleared of what is over */

void held_init(struct held *held)
{
	*held = (struct held){.room = FIRST_ROOM};
	held->ring = xcalloc(held->room, sizeof(*held->ring));
	table_init(&held->conns);
}

static void followed_free(struct followed *followed)
{
	for (int side = 0; side < 2; side++)
		free(followed->half[side].heap);
	free(followed->chains);
	free(followed);
}

void held_clear(struct held *held)
{
	for (size_t i = 0; i < held->room; i++) {
		free(held->ring[i].options);
		free(held->ring[i].pieces);
	}
	for (size_t i = 0; i <= held->conns.mask; i++)
		if (held->conns.slots[i].item)
			followed_free(held->conns.slots[i].item);
	table_clear(&held->conns);
	free(held->ring);
}

struct record *held_of(const struct held *held, uint64_t frame)
{
	uint64_t low = held->first, high = held->next;
	struct record *record = held_newest(held);

	if (low == high || record->packet.frame == frame)
		return low == high ? NULL : record;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (held_at(held, middle)->packet.frame < frame)
			low = middle + 1;
		else
			high = middle;
	}
	record = held_at(held, low);
	return low < held->next && record->packet.frame == frame ? record
								 : NULL;
}

static void ring_grow(struct held *held)
{
	size_t room = held->room * 2;
	struct record *ring = xcalloc(room, sizeof(*ring));

	/* Those of no packet as well: they have room for options. */
	for (uint64_t i = 0; i < held->room; i++)
		ring[(held->first + i) & (room - 1)] =
		    *held_at(held, held->first + i);
	free(held->ring);
	held->ring = ring;
	held->room = room;
}

struct record *held_add(struct held *held)
{
	struct record *record, old;

	if (held->next - held->first == held->room)
		ring_grow(held);
	record = held_at(held, held->next++);
	old = *record;
	*record = (struct record){
	    .options = old.options,
	    .options_room = old.options_room,
	    .pieces = old.pieces,
	    .pieces_room = old.pieces_room,
	    .place = held->next - 1,
	    .next = NOWHERE,
	};
	return record;
}

/*
 * Connections.
 */
static uint64_t conn_hash(const struct conn *conn)
{
	return hash_u64((uintptr_t)conn, 0);
}

static bool is_of(const void *item, const void *key)
{
	return ((const struct followed *)item)->conn == key;
}

struct followed *held_conn(struct held *held, const struct conn *conn)
{
	struct followed *followed = held->latest;

	if (followed && followed->conn == conn)
		return followed;
	followed = table_find(&held->conns, conn_hash(conn), is_of, conn);
	if (!followed) {
		followed = xcalloc(1, sizeof(*followed));
		followed->conn = conn;
		followed->serial = ++held->serials;
		table_add(&held->conns, conn_hash(conn), followed);
	}
	held->latest = followed;
	return followed;
}

void held_conn_end(struct held *held, struct followed *followed)
{
	held->latest = NULL;
	table_remove(&held->conns, conn_hash(followed->conn), followed);
	followed_free(followed);
}

struct chain *held_chain(struct followed *followed, int subflow)
{
	while (followed->n_chains <= (size_t)subflow) {
		followed->chains =
		    xgrow(followed->chains, &followed->room,
			  followed->n_chains + 1, sizeof(*followed->chains));
		followed->chains[followed->n_chains++] =
		    (struct chain){NOWHERE, NOWHERE};
	}
	return &followed->chains[subflow];
}

void held_append(const struct held *held, struct chain *chain)
{
	uint64_t place = held->next - 1;

	if (chain->first == NOWHERE)
		chain->first = place;
	else
		held_at(held, chain->last)->next = place;
	chain->last = place;
}

/*
 * What waits for DATA_ACKs.
 */
static void heap_sink(struct half *half, size_t at)
{
	struct entry entry = half->heap[at];
	size_t child;

	while ((child = 2 * at + 1) < half->count) {
		if (child + 1 < half->count &&
		    half->heap[child + 1].end < half->heap[child].end)
			child++;
		if (half->heap[child].end >= entry.end)
			break;
		half->heap[at] = half->heap[child];
		at = child;
	}
	half->heap[at] = entry;
}

static void heap_push(struct half *half, struct entry entry)
{
	size_t at = half->count++;

	half->heap =
	    xgrow(half->heap, &half->room, half->count, sizeof(*half->heap));
	while (at && entry.end < half->heap[(at - 1) / 2].end) {
		half->heap[at] = half->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	half->heap[at] = entry;
}

static void heap_pop(struct half *half)
{
	half->heap[0] = half->heap[--half->count];
	if (half->count)
		heap_sink(half, 0);
}

void held_await(struct followed *followed, struct record *record,
		enum side side, int64_t upto, bool late)
{
	const struct conn *conn = followed->conn;
	struct half *half = &followed->half[side];

	if (conn->half[side].stream.acked >= upto) {
		if (!record->waiting && record->packet.acked == ACKED_NOTHING)
			record->packet.acked =
			    late ? ACKED_MEANWHILE : ACKED_BEFORE;
		return;
	}
	record->packet.acked = ACKED_NOTHING;
	if (conn->fallback)
		return;
	upto -= half->shift;
	if (record->waiting) { /* one entry does for all of a packet */
		if (upto > record->await)
			record->await = upto;
		return;
	}
	record->waiting = true;
	record->await = upto;
	heap_push(half, (struct entry){upto, record->place});
}

void held_acked(struct held *held, struct followed *followed,
		const struct event *event)
{
	struct half *half = &followed->half[event->side];
	int64_t upto = event->u.acked.upto - half->shift;

	while (half->count && half->heap[0].end <= upto) {
		uint64_t place = half->heap[0].place;
		struct record *record = held_at(held, place);

		heap_pop(half);
		if (place < held->first) {
			half->over -= half->over > 0;
			continue;
		}
		record->packet.acked = ACKED_BY;
		record->packet.acked_by = event->frame;
		record->packet.acked_after =
		    nstime_span(record->packet.time, event->time);
		record->waiting = record->await > upto;
		if (record->waiting)
			heap_push(half, (struct entry){record->await, place});
	}
}

/* Once most of the entries are of packets that have left, they go. */
void held_leave(struct half *half, const struct record *record)
{
	size_t kept = 0;

	half->over += record->waiting;
	if (half->count < HEAP_SMALL || half->over <= half->count / 2)
		return;
	for (size_t i = 0; i < half->count; i++)
		if (half->heap[i].place > record->place)
			half->heap[kept++] = half->heap[i];
	half->count = kept;
	half->over = 0;
	for (size_t i = kept / 2; i-- > 0;)
		heap_sink(half, i);
}
