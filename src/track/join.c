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

/* Of a token together with the address of who owns it. */
static uint64_t home_hash(uint32_t token, const struct address *home)
{
	return address_hash(home, hash_u64(token, 1));
}

/* Each side that has the token is found by its address, too. */
static void home_add(struct tracker *tracker, struct conn *conn, uint32_t token)
{
	for (int side = 0; side < 2; side++) {
		struct conn_half *half = &conn->half[side];

		if (half->token_known && half->token == token &&
		    !half->by_home.prev)
			table_link(&tracker->tokens,
				   home_hash(token, &half->end.address),
				   &half->by_home, conn);
	}
}

void token_link(struct tracker *tracker, struct conn *conn, enum side side)
{
	struct conn_half *half = &conn->half[side];
	uint64_t hash = token_hash(half->token);
	const struct table_link *first;

	table_link(&tracker->tokens, hash, &half->by_token, conn);
	first = table_chain(&tracker->tokens, hash);
	if (first == &half->by_token)
		return;
	home_add(tracker, first->item, half->token); /* no longer alone */
	home_add(tracker, conn, half->token);
}

void token_add(struct tracker *tracker, struct conn *conn, enum side side)
{
	conn->half[side].token_known = true;
	if (tracker->indexed)
		token_link(tracker, conn, side);
}

void token_remove(struct tracker *tracker, struct conn *conn, enum side side)
{
	struct conn_half *half = &conn->half[side];

	half->token_known = false;
	if (half->by_token.prev)
		table_unlink(&tracker->tokens, token_hash(half->token),
			     &half->by_token);
	if (half->by_home.prev)
		table_unlink(&tracker->tokens,
			     home_hash(half->token, &half->end.address),
			     &half->by_home);
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

/* The first under this hash; others than those that own it stand there only
 * by chance. */
static struct conn *first_owner(const struct tracker *tracker, uint64_t hash,
				const struct wanted *wanted)
{
	const struct table_link *link = table_chain(&tracker->tokens, hash);

	for (; link; link = link->next) {
		struct conn *conn = link->item;

		if (owns(&conn->half[CLIENT], wanted) ||
		    owns(&conn->half[SERVER], wanted))
			return conn;
	}
	return NULL;
}

/* A token is 32 bits of chance: of several connections that have it, one that
 * is at home at the address the SYN goes to. */
struct conn *conn_by_token(struct tracker *tracker, uint32_t token,
			   const struct segment *syn, enum side *owner)
{
	struct wanted wanted = {token, &syn->dst.address};
	struct conn *conn;

	conns_index(tracker);
	conn = first_owner(tracker, home_hash(token, wanted.owner), &wanted);
	if (!conn) {
		wanted.owner = NULL;
		conn = first_owner(tracker, token_hash(token), &wanted);
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
	subflow_changed(subflow);
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
