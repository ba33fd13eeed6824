/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MP_JOIN: which connection a token means, and whether the HMACs are right.
 * RFC 8684 section 3.2.
 */
#include "track/internal.h"

#include <string.h>

static uint64_t token_hash(uint32_t token)
{
	return hash_u64(token, 0);
}

void token_add(struct tracker *tracker, struct conn *conn, enum side side)
{
	conn->half[side].token_known = true;
	table_add(&tracker->tokens, token_hash(conn->half[side].token), conn);
}

void token_remove(struct tracker *tracker, struct conn *conn, enum side side)
{
	if (!conn->half[side].token_known)
		return;
	conn->half[side].token_known = false;
	table_remove(&tracker->tokens, token_hash(conn->half[side].token),
		     conn);
}

struct wanted {
	uint32_t token;
	const struct address *owner; /* NULL: any */
};

static bool owns(const struct conn_half *half, const struct wanted *wanted)
{
	return half->token_known && half->token == wanted->token &&
	       (!wanted->owner ||
		address_same(&half->end.address, wanted->owner));
}

static bool conn_owns(const void *item, const void *key)
{
	const struct conn *conn = item;

	return owns(&conn->half[CLIENT], key) || owns(&conn->half[SERVER], key);
}

/* A token is 32 bits of chance: of several connections that have it, one that
 * is at home at the address the SYN goes to. */
struct conn *conn_by_token(struct tracker *tracker, uint32_t token,
			   const struct segment *syn, enum side *owner)
{
	struct wanted wanted = {token, &syn->dst.address};
	struct conn *conn =
	    table_find(&tracker->tokens, token_hash(token), conn_owns, &wanted);

	if (!conn) {
		wanted.owner = NULL;
		conn = table_find(&tracker->tokens, token_hash(token),
				  conn_owns, &wanted);
	}
	if (conn)
		*owner = owns(&conn->half[SERVER], &wanted) ? SERVER : CLIENT;
	return conn;
}

static void judge(struct arrival *arrival, struct subflow *subflow,
		  enum side side, int size)
{
	const struct conn *conn = arrival->conn;
	struct subflow_half *own = &subflow->half[side];
	const struct subflow_half *peer = &subflow->half[other_side(side)];
	uint8_t hmac[JOIN_HMAC_ACK];
	struct event event;

	if (!own->hmac_known || !own->nonce_known || !peer->nonce_known ||
	    own->verdict != UNCHECKED)
		return;
	join_hmac(conn->version, conn->half[side].key,
		  conn->half[other_side(side)].key, own->nonce, peer->nonce,
		  hmac, size);
	own->verdict = memcmp(hmac, own->hmac, (size_t)size) ? BAD : GOOD;
	event = event_of(arrival, EVENT_HMAC);
	event.subflow = subflow;
	event.side = side;
	event.u.verdict = own->verdict;
	say(arrival->tracker, &event);
}

void join_verify(struct arrival *arrival, struct subflow *subflow)
{
	const struct conn *conn = arrival->conn;

	if (!subflow->join || conn->version < 0 ||
	    !conn->half[CLIENT].key_known || !conn->half[SERVER].key_known)
		return;
	judge(arrival, subflow, subflow->initiator, JOIN_HMAC_ACK);
	judge(arrival, subflow, other_side(subflow->initiator),
	      JOIN_HMAC_SYNACK);
}

void join_option(struct arrival *arrival, const struct mptcp_option *option)
{
	struct subflow *subflow = arrival->subflow;
	struct subflow_half *half = &subflow->half[arrival->side];
	uint8_t flags = arrival->seg->flags;

	if (subflow->initial)
		return;
	subflow->join = true;
	if (flags & TCP_SYN) {
		half->id_known = half->nonce_known = true;
		half->id = option->u.join.id;
		half->nonce = option->u.join.nonce;
		half->backup = option->u.join.backup;
		if (flags & TCP_ACK)
			subflow->synack_join = true;
	}
	if (flags & TCP_ACK) {
		size_t size =
		    flags & TCP_SYN ? JOIN_HMAC_SYNACK : JOIN_HMAC_ACK;

		/* Sent again it is the same, or to be judged anew. */
		if (memcmp(half->hmac, option->u.join.hmac, size))
			half->verdict = UNCHECKED;
		half->hmac_known = true;
		memcpy(half->hmac, option->u.join.hmac, size);
	}
	/* Somebody answered: the token is of a connection that exists. */
	if (subflow->synack_join || !(flags & TCP_SYN))
		conn_name(arrival);
	join_verify(arrival, subflow);
}
