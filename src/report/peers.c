/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/peers.h"

#include "base/alloc.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

struct role {
	struct table table;  /* struct peer, by address */
	struct peer *latest; /* one of them: mostly the next one, too */
	struct peer rest;    /* of addresses beyond PEERS_MAX */
};

struct peers {
	struct peer all;
	struct role roles[2];
	struct peer *list; /* what peers_list gave away */
};

const char *flow_kind_word(enum flow_kind kind)
{
	static const char *const words[FLOW_KINDS] = {
	    [FLOW_MPTCP] = "mptcp",
	    [FLOW_FALLBACK] = "fallback",
	    [FLOW_REFUSED] = "refused",
	    [FLOW_JOIN_REFUSED] = "join_refused",
	    [FLOW_UNANSWERED] = "unanswered",
	    [FLOW_ORPHAN] = "orphan",
	    [FLOW_PLAIN] = "plain",
	};

	return words[kind];
}

/* MP_CAPABLE was offered, and the answer came without it. */
static bool is_refused(const struct report_conn *conn,
		       const struct report_subflow *first)
{
	return conn->fallback == FALLBACK_SYNACK ||
	       conn->fallback == FALLBACK_SYN_RETRIED ||
	       (!conn->accepted && first->state == SUBFLOW_REFUSED);
}

enum flow_kind flow_kind_of(const struct report_conn *conn,
			    const struct report_subflow *subflow)
{
	bool first = subflow->id == 0;

	if (first && is_refused(conn, subflow))
		return FLOW_REFUSED;
	if (subflow->state == SUBFLOW_REFUSED ||
	    subflow->state == SUBFLOW_PLAIN)
		return FLOW_JOIN_REFUSED;
	if (subflow->state == SUBFLOW_UNANSWERED)
		return FLOW_UNANSWERED;
	if (conn->fallback)
		return FLOW_FALLBACK;
	/* The answer, if there was one, is not in the capture. */
	if (first && !conn->accepted && conn->handshake_seen)
		return FLOW_UNANSWERED;
	return FLOW_MPTCP;
}

struct peers *peers_new(void)
{
	struct peers *peers = xcalloc(1, sizeof(*peers));

	for (int role = 0; role < 2; role++)
		table_init(&peers->roles[role].table);
	return peers;
}

void peers_free(struct peers *peers)
{
	if (!peers)
		return;
	for (int role = 0; role < 2; role++)
		table_end(&peers->roles[role].table, free);
	free(peers->list);
	free(peers);
}

static bool peer_same(const void *item, const void *key)
{
	return address_same(&((const struct peer *)item)->address, key);
}

/* NULL: there are too many. */
static struct peer *look_up(struct role *role, const struct address *address)
{
	uint64_t hash = address_hash(address, 0);
	struct peer *peer = table_find(&role->table, hash, peer_same, address);

	if (peer || role->table.count == PEERS_MAX)
		return peer;
	peer = xcalloc(1, sizeof(*peer));
	peer->address = *address;
	table_add(&role->table, hash, peer);
	return peer;
}

static struct peer *peer_of(struct role *role, const struct address *address)
{
	if (!role->latest || !address_same(&role->latest->address, address))
		role->latest = look_up(role, address);
	return role->latest ? role->latest : &role->rest;
}

static void count(struct peer *peer, enum flow_kind kind)
{
	peer->all++;
	peer->flows[kind]++;
}

void peers_count(struct peers *peers, const struct address *client,
		 const struct address *server, enum flow_kind kind)
{
	count(&peers->all, kind);
	count(peer_of(&peers->roles[CLIENT], client), kind);
	count(peer_of(&peers->roles[SERVER], server), kind);
}

void peers_count_conn(struct peers *peers, const struct report_conn *conn,
		      bool orphan)
{
	if (conn->dissolved)
		return; /* its flows are another connection's */
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct report_subflow *subflow = &conn->subflows[i];

		peers_count(peers, &subflow->source.address,
			    &subflow->destination.address,
			    orphan ? FLOW_ORPHAN : flow_kind_of(conn, subflow));
	}
}

const struct peer *peers_all(const struct peers *peers)
{
	static const struct peer nobody;

	return peers ? &peers->all : &nobody;
}

static int by_flows(const void *a, const void *b)
{
	const struct peer *one = a, *two = b;

	if (one->all != two->all)
		return one->all < two->all ? 1 : -1;
	if (one->address.family != two->address.family)
		return one->address.family - two->address.family;
	return memcmp(one->address.bytes, two->address.bytes,
		      sizeof(one->address.bytes));
}

size_t peers_list(struct peers *peers, enum side role, const struct peer **list)
{
	const struct role *from;
	size_t n = 0;

	*list = NULL;
	if (!peers)
		return 0;
	from = &peers->roles[role];
	free(peers->list);
	peers->list = xcalloc(from->table.count + 1, sizeof(*peers->list));
	for (size_t i = 0; i <= from->table.mask; i++)
		if (from->table.slots[i].item)
			peers->list[n++] =
			    *(const struct peer *)from->table.slots[i].item;
	qsort(peers->list, n, sizeof(*peers->list), by_flows);
	if (from->rest.all)
		peers->list[n++] = from->rest;
	*list = peers->list;
	return n;
}

/* Was it there, once? */
static bool was_established(const struct report_subflow *subflow)
{
	switch (subflow->state) {
	case SUBFLOW_HANDSHAKE:
	case SUBFLOW_REFUSED:
	case SUBFLOW_UNANSWERED:
	case SUBFLOW_PLAIN:
		return false;
	default:
		return subflow->hmac[0] != BAD && subflow->hmac[1] != BAD;
	}
}

const char *report_outcome(const struct report_conn *conn)
{
	enum flow_kind kind = conn->n_subflows
				  ? flow_kind_of(conn, &conn->subflows[0])
				  : FLOW_MPTCP;
	int paths = 0;

	for (size_t i = 0; i < conn->n_subflows; i++)
		paths += was_established(&conn->subflows[i]);
	if (kind == FLOW_REFUSED || (kind == FLOW_UNANSWERED && !paths))
		return flow_kind_word(kind);
	if (conn->fallback)
		return flow_kind_word(FLOW_FALLBACK);
	if (conn->state == CONN_HANDSHAKE || !paths)
		return "incomplete";
	return paths > 1 ? "multipath" : "single-path";
}

const char *report_outcome_word(size_t i)
{
	static const char *const words[] = {
	    "multipath", "single-path", "fallback",
	    "refused",	 "unanswered",	"incomplete",
	};

	return i < sizeof(words) / sizeof(*words) ? words[i] : NULL;
}
