/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The signals beside data: addresses, priorities, failure and fast close.
 * RFC 8684 sections 3.3.8, 3.4, 3.5, 3.7.
 */
#include "track/internal.h"

#include "base/alloc.h"

#include <string.h>

#define PRIO_SUBFLOWS_MAX 1024 /* that may be meant by an address id */

static void address_judge(const struct conn *conn, struct conn_address *address)
{
	const struct conn_half *own = &conn->half[address->side];
	const struct conn_half *peer = &conn->half[other_side(address->side)];
	uint8_t hmac[ADD_ADDR_HMAC];

	if (!address->has_hmac || address->verdict == GOOD || !own->key_known ||
	    !peer->key_known || conn->version != 1)
		return;
	add_addr_hmac(own->key, peer->key, address->id, &address->address,
		      address->port, hmac);
	address->verdict =
	    memcmp(hmac, address->hmac, sizeof(hmac)) ? BAD : GOOD;
}

void addresses_verify(struct conn *conn, size_t first)
{
	for (size_t i = first; i < conn->n_addresses; i++)
		address_judge(conn, &conn->addresses[i]);
}

struct conn_address *conn_address_add(struct conn *conn,
				      const struct conn_address *address)
{
	if (conn->n_addresses >= CONN_ADDRESSES_MAX) {
		conn->addresses_left_out++;
		return NULL;
	}
	conn->addresses =
	    xgrow(conn->addresses, &conn->addresses_room, conn->n_addresses + 1,
		  sizeof(*conn->addresses));
	conn->addresses[conn->n_addresses] = *address;
	return &conn->addresses[conn->n_addresses++];
}

static void address_add(struct arrival *arrival,
			const struct conn_address *address)
{
	struct conn *conn = arrival->conn;
	struct conn_address *kept = conn_address_add(conn, address);
	struct event event;

	if (!kept)
		return;
	kept->time = arrival->seg->time;
	kept->frame = arrival->seg->frame;
	kept->side = arrival->side;
	address_judge(conn, kept);
	event = event_of(arrival, EVENT_ADDRESS);
	event.u.address = kept;
	say(arrival->tracker, &event);
}

void add_addr_option(struct arrival *arrival, const struct mptcp_option *option)
{
	struct conn_address address = {
	    .signal = option->u.add_addr.echo ? ADDRESS_ECHO : ADDRESS_ADD,
	    .id = option->u.add_addr.id,
	    .port = option->u.add_addr.port,
	    .address = option->u.add_addr.address,
	    .has_hmac = option->u.add_addr.has_hmac,
	};

	/* The forms differ: where the handshake was not seen, this tells. */
	if (arrival->conn->version < 0)
		arrival->conn->version = option->u.add_addr.v0 ? 0 : 1;
	if (address.has_hmac)
		memcpy(address.hmac, option->u.add_addr.hmac, ADD_ADDR_HMAC);
	address_add(arrival, &address);
}

void remove_addr_option(struct arrival *arrival,
			const struct mptcp_option *option)
{
	for (int i = 0; i < option->u.remove_addr.n; i++) {
		struct conn_address address = {
		    .signal = ADDRESS_REMOVE,
		    .id = option->u.remove_addr.ids[i],
		};

		address_add(arrival, &address);
	}
}

static void prioritise(struct arrival *arrival, struct subflow *subflow,
		       bool backup)
{
	struct event event = event_of(arrival, EVENT_PRIORITY);

	subflow->half[arrival->side].backup = backup;
	event.subflow = subflow;
	event.u.backup = backup;
	say(arrival->tracker, &event);
}

/* Section 3.3.8: for the subflow it arrives on; version 0 may name others by
 * the sender's address id, of which the newest are looked at. Linux takes that
 * form in neither. */
void prio_option(struct arrival *arrival, const struct mptcp_option *option)
{
	struct conn *conn = arrival->conn;
	bool backup = option->u.prio.backup;
	size_t i = 0;

	if (!option->u.prio.has_id) {
		prioritise(arrival, arrival->subflow, backup);
		return;
	}
	if (conn->version != 0)
		return;
	if (conn->n_subflows > PRIO_SUBFLOWS_MAX)
		i = conn->n_subflows - PRIO_SUBFLOWS_MAX;
	for (; i < conn->n_subflows; i++) {
		struct subflow *subflow = conn->subflows[i];

		const struct subflow_half *half = &subflow->half[arrival->side];

		if ((half->id_known || subflow->initial) &&
		    half->id == option->u.prio.id)
			prioritise(arrival, subflow, backup);
	}
}

/* Section 3.7: on a reset it ends one subflow of several; else the connection
 * goes on as plain TCP. */
void fail_option(struct arrival *arrival, const struct mptcp_option *option)
{
	struct event event = event_of(arrival, EVENT_FAIL);

	event.u.dsn = option->u.fail.dsn;
	say(arrival->tracker, &event);
	if (!(arrival->seg->flags & TCP_RST) && !arrival->conn->fallback)
		fall_back(arrival, FALLBACK_FAIL);
}

/* Section 3.5: valid only with the receiver's key. */
void fastclose_option(struct arrival *arrival,
		      const struct mptcp_option *option)
{
	struct conn_half *peer =
	    &arrival->conn->half[other_side(arrival->side)];
	struct conn_half *own = &arrival->conn->half[arrival->side];
	struct event event = event_of(arrival, EVENT_FASTCLOSE);

	if (own->fastclose)
		return; /* the same on another subflow, or again */
	if (arrival->seg->flags & TCP_RST && !reset_valid(arrival))
		return;
	event.u.verdict = UNCHECKED;
	if (peer->key_known)
		event.u.verdict =
		    peer->key == option->u.fastclose.key ? GOOD : BAD;
	own->fastclose = event.u.verdict != BAD;
	own->fastclose_bad = !own->fastclose;
	say(arrival->tracker, &event);
}
