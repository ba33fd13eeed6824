/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/usedkeys.h"

#include "base/alloc.h"
#include "base/expect.h"
#include "base/table.h"

#include <inttypes.h>
#include <stdlib.h>

#define SLOTS (2 * USED_KEYS_MAX) /* at most half full: probes stay short */

/* A connection, of which one key at least is remembered. */
struct key_holder {
	uint64_t connection;
	uint64_t key[2]; /* by side */
	struct endpoint client;
};

/* Open addressing, like struct table, but it tells tokens apart without
 * looking elsewhere, and half as large. */
struct key_slot {
	uint32_t token;
	uint32_t place; /* twice the holder's index, the side, and 1; 0: free */
};

/* As large as they get, since what nobody has touched takes no memory, and
 * making them larger costs more than all look-ups. */
static void begin(struct used_keys *keys)
{
	keys->slots = xcalloc(SLOTS, sizeof(*keys->slots));
	keys->holders = xcalloc(USED_KEYS_MAX, sizeof(*keys->holders));
}

void used_keys_clear(struct used_keys *keys)
{
	free(keys->slots);
	free(keys->holders);
}

static size_t home_of(uint32_t token)
{
	return hash_u64(token, 0) % SLOTS;
}

/* That of this token, or the free one that it would get. */
static struct key_slot *slot_of(const struct used_keys *keys, uint32_t token)
{
	size_t i = home_of(token);

	while (keys->slots[i].place && keys->slots[i].token != token)
		i = (i + 1) % SLOTS;
	return &keys->slots[i];
}

void used_keys_expect(const struct used_keys *keys, uint32_t token)
{
	if (keys->slots)
		cache_expect(&keys->slots[home_of(token)],
			     sizeof(*keys->slots));
}

/* Its index; each connection comes once. */
static size_t holder_of(struct used_keys *keys,
			const struct report_conn *report)
{
	const size_t n = keys->n_holders;

	if (n && keys->holders[n - 1].connection == report->id)
		return n - 1;
	keys->holders[n] = (struct key_holder){
	    .connection = report->id,
	    .key = {report->host[CLIENT].key, report->host[SERVER].key},
	    .client = report->host[CLIENT].end,
	};
	return keys->n_holders++;
}

/* What it means that the token of `side` is in the table already. */
static void tell(struct report_conn *report, enum side side,
		 const struct key_holder *holder, enum side used_side,
		 uint64_t frame)
{
	const struct report_host *host = &report->host[side];
	const bool same = holder->key[used_side] == host->key;

	/* The same client port: it asked again, and got the same answer. */
	if (same && used_side == side &&
	    endpoint_same(&holder->client, &report->host[CLIENT].end))
		return;
	if (same && holder->connection == report->id)
		report_finding(
		    report, WARNING, "key-reused", frame, report->first,
		    "both sides have the key 0x%016" PRIx64, host->key);
	else if (same)
		report_finding(report, WARNING, "key-reused", frame,
			       report->first,
			       "the %s's key 0x%016" PRIx64
			       " is also that of the %s of connection %" PRIu64
			       ": was the same connection captured twice?",
			       side_word(side), host->key, side_word(used_side),
			       holder->connection);
	else
		report_finding(report, NOTE, "key-reused", frame, report->first,
			       "the %s's token 0x%08" PRIx32
			       " is also that of the %s of connection %" PRIu64
			       ", by chance: their keys differ",
			       side_word(side), host->token,
			       side_word(used_side), holder->connection);
}

static void take(struct used_keys *keys, struct report_conn *report,
		 enum side side, uint64_t frame)
{
	const uint32_t token = report->host[side].token;
	struct key_slot *slot = slot_of(keys, token);

	if (slot->place) {
		tell(report, side, &keys->holders[(slot->place - 1) / 2],
		     (enum side)((slot->place - 1) % 2), frame);
	} else if (keys->count == USED_KEYS_MAX) {
		keys->missed++;
	} else {
		keys->count++;
		slot->token = token;
		slot->place =
		    (uint32_t)(2 * holder_of(keys, report) + side + 1);
	}
}

void used_keys_take(struct used_keys *keys, struct report_conn *report,
		    uint64_t first_frame)
{
	if (!keys->slots)
		begin(keys);
	for (int side = 0; side < 2; side++)
		if (report->host[side].key_known)
			take(keys, report, (enum side)side, first_frame);
}
