/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/servers.h"

#include "analysis/usedkeys.h"
#include "base/alloc.h"
#include "base/pool.h"
#include "base/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSIONS 2

struct acceptance { /* of a version: by the first that closed */
	bool seen;
	uint64_t connection;
	struct address client;
	nstime_t time;
	uint16_t port;
};

struct server {
	struct endpoint end; /* port 0: of the host, any port */
	uint64_t refused;    /* connections */
	struct acceptance accepted[VERSIONS];
};

/* A client address and a server. */
struct pair {
	struct address client;
	struct endpoint server;
	int offered; /* the highest version, and was it accepted? */
	bool accepted;
	uint64_t connection;
};

/* What is remembered of one kind, for good. */
struct memory {
	struct table table;
	struct pool pool;
	uint64_t missed; /* for which there was no room */
};

struct servers {
	struct memory servers, pairs;
	struct used_keys keys;
	/* Those of the latest connection: mostly the next one's, too. */
	struct server *server, *host;
	struct pair *pair;
	struct overflow overflow;
};

static void memory_init(struct memory *memory, size_t size)
{
	table_init(&memory->table);
	pool_init(&memory->pool, size);
}

static void memory_clear(struct memory *memory)
{
	table_clear(&memory->table);
	pool_clear(&memory->pool);
}

struct servers *servers_new(void)
{
	struct servers *servers = xcalloc(1, sizeof(*servers));

	memory_init(&servers->servers, sizeof(struct server));
	memory_init(&servers->pairs, sizeof(struct pair));
	return servers;
}

void servers_free(struct servers *servers)
{
	if (!servers)
		return;
	memory_clear(&servers->servers);
	memory_clear(&servers->pairs);
	used_keys_clear(&servers->keys);
	free(servers);
}

static bool server_same(const void *item, const void *key)
{
	return endpoint_same(&((const struct server *)item)->end, key);
}

static bool pair_same(const void *item, const void *key)
{
	const struct pair *a = item, *b = key;

	return address_same(&a->client, &b->client) &&
	       endpoint_same(&a->server, &b->server);
}

/* A copy of *item in the table, if there is room. */
static void *remember(struct memory *memory, uint64_t hash, const void *item,
		      size_t size)
{
	void *copy;

	if (memory->table.count >= SERVERS_MAX) {
		memory->missed++;
		return NULL;
	}
	copy = pool_take(&memory->pool);
	memcpy(copy, item, size);
	table_add(&memory->table, hash, copy);
	return copy;
}

bool servers_may_explain(const struct report_conn *report)
{
	return report->fallback == FALLBACK_SYNACK;
}

static struct server *look_up(struct servers *servers,
			      const struct endpoint *end)
{
	const struct server new = {.end = *end};
	uint64_t hash = endpoint_hash(end, 0);
	struct server *server =
	    table_find(&servers->servers.table, hash, server_same, end);

	return server ? server
		      : remember(&servers->servers, hash, &new, sizeof(new));
}

/* What is known of a server, or of its host; NULL if there are too many. */
static struct server *server_of(struct servers *servers,
				const struct endpoint *end,
				struct server **latest)
{
	if (!*latest || !endpoint_same(&(*latest)->end, end))
		*latest = look_up(servers, end);
	return *latest;
}

static struct endpoint host_of(const struct endpoint *end)
{
	return (struct endpoint){.address = end->address};
}

static void take_acceptance(struct server *server,
			    const struct report_conn *report)
{
	struct acceptance *accepted;

	if (!server || !report->options[SERVER][COUNT_CAPABLE_SYNACK] ||
	    report->version < 0 || report->version >= VERSIONS)
		return;
	accepted = &server->accepted[report->version];
	if (accepted->seen)
		return;
	*accepted = (struct acceptance){
	    .seen = true,
	    .connection = report->id,
	    .client = report->host[CLIENT].end.address,
	    .time = report->first,
	    .port = report->host[SERVER].end.port,
	};
}

static void take_server(struct servers *servers,
			const struct report_conn *report)
{
	const struct endpoint *end = &report->host[SERVER].end;
	const struct endpoint host = host_of(end);
	struct server *server = server_of(servers, end, &servers->server);

	if (server)
		server->refused += servers_may_explain(report);
	take_acceptance(server, report);
	take_acceptance(server_of(servers, &host, &servers->host), report);
}

/* What is known of it; NULL: it is new, or there are too many. */
static struct pair *pair_of(struct servers *servers, const struct pair *new)
{
	struct pair *pair = servers->pair;
	uint64_t hash;

	if (pair && pair_same(pair, new))
		return pair;
	hash = address_hash(&new->client, endpoint_hash(&new->server, 0));
	pair = table_find(&servers->pairs.table, hash, pair_same, new);
	servers->pair =
	    pair ? pair : remember(&servers->pairs, hash, new, sizeof(*new));
	return pair;
}

/* RFC 8684 section 3.1: whoever is not understood may try again with the
 * version before. Without a failure before, it may be two hosts behind one
 * address. */
static void take_version(struct servers *servers, const struct conn *conn,
			 struct report_conn *report)
{
	const struct pair new = {
	    .client = report->host[CLIENT].end.address,
	    .server = report->host[SERVER].end,
	    .offered = conn->offered,
	    .accepted = report->accepted,
	    .connection = report->id,
	};
	struct pair *pair;

	if (conn->offered < 0)
		return;
	pair = pair_of(servers, &new);
	if (!pair)
		return;
	if (pair->offered > conn->offered && pair->connection < report->id)
		report_finding(report, pair->accepted ? NOTE : WARNING,
			       "version-downgrade", conn->first_frame,
			       conn->first,
			       "the client offers version %d, after it offered "
			       "version %d to the same server in connection "
			       "%" PRIu64 "%s",
			       conn->offered, pair->offered, pair->connection,
			       pair->accepted ? "" : ", in vain");
	else if (conn->offered > pair->offered ||
		 (conn->offered == pair->offered && !new.accepted))
		*pair = new;
}

static uint64_t missed(const struct servers *servers)
{
	return servers->servers.missed + servers->pairs.missed +
	       servers->keys.missed;
}

/* Those of keys are in no cache, when there are many. */
void servers_expect(const struct servers *servers, const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		used_keys_expect(&servers->keys, conn->half[side].token);
}

void servers_take(struct servers *servers, const struct conn *conn,
		  struct report_conn *report)
{
	const uint64_t before = missed(servers);

	take_server(servers, report);
	take_version(servers, conn, report);
	used_keys_take(&servers->keys, report, conn->first_frame);
	if (missed(servers) > before)
		overflow_note(&servers->overflow, conn->first_frame,
			      conn->first);
}

const struct overflow *servers_overflow(const struct servers *servers)
{
	return &servers->overflow;
}

static struct report_finding *finding_of(struct report_conn *report,
					 const char *code)
{
	for (size_t i = 0; i < report->n_findings; i++)
		if (!strcmp(report->findings[i].code, code))
			return &report->findings[i];
	return NULL;
}

/* "the same client", "10.0.0.7" */
static void print_client(const struct acceptance *accepted,
			 const struct report_conn *report, char *text,
			 size_t size)
{
	char name[ENDPOINT_TEXT];

	if (address_same(&accepted->client, &report->host[CLIENT].end.address))
		snprintf(text, size, "the same client");
	else
		snprintf(text, size, "%s",
			 address_print(&accepted->client, name));
}

/* What the SYN/ACK without MP_CAPABLE means. */
static void print_refusal(const struct server *server,
			  const struct acceptance *accepted,
			  const struct acceptance *elsewhere, bool removed,
			  char *text, size_t size)
{
	char others[64] = "", host[192] = "";

	if (server->refused > 1)
		snprintf(others, sizeof(others),
			 "; the same in %" PRIu64 " connections to it",
			 server->refused);
	if (elsewhere->seen)
		snprintf(host, sizeof(host),
			 "; its host accepts MPTCP on port %u (connection "
			 "%" PRIu64 "), so perhaps the application here does "
			 "not",
			 elsewhere->port, elsewhere->connection);
	if (removed)
		snprintf(text, size,
			 "the SYN/ACK came without MP_CAPABLE, which was "
			 "removed on the way");
	else if (accepted->seen)
		snprintf(text, size,
			 "the SYN/ACK came without MP_CAPABLE, although the "
			 "server accepts it in connection %" PRIu64 "%s",
			 accepted->connection, others);
	else
		snprintf(text, size,
			 "the SYN/ACK came without MP_CAPABLE: the server does "
			 "not speak this version of MPTCP, or the option was "
			 "removed on the way%s%s",
			 *host ? host : "; nothing in this trace tells which",
			 others);
}

static const struct acceptance *acceptance_of(const struct servers *servers,
					      const struct endpoint *end,
					      int version)
{
	static const struct acceptance never;
	const struct server *server = table_find(
	    &servers->servers.table, endpoint_hash(end, 0), server_same, end);

	/* Another version may be refused for what it is. */
	return server && version >= 0 && version < VERSIONS
		   ? &server->accepted[version]
		   : &never;
}

/* It was refused. */
static void explain(const struct servers *servers, struct report_conn *report)
{
	const struct endpoint *end = &report->host[SERVER].end;
	const struct endpoint host = host_of(end);
	const struct server *server = table_find(
	    &servers->servers.table, endpoint_hash(end, 0), server_same, end);
	struct report_finding *refusal =
	    finding_of(report, fallback_word(FALLBACK_SYNACK));
	bool removed = finding_of(report, "option-removed-on-path");
	const struct acceptance *accepted =
	    acceptance_of(servers, end, report->version);
	char client[ENDPOINT_TEXT], text[512];

	if (!refusal || !server)
		return;
	print_refusal(server, accepted,
		      acceptance_of(servers, &host, report->version), removed,
		      text, sizeof(text));
	free(refusal->text);
	refusal->text = xstrdup(text);
	if (removed || !accepted->seen)
		return;
	print_client(accepted, report, client, sizeof(client));
	report_finding(report, WARNING, "option-removed-on-path",
		       refusal->packet, refusal->time,
		       "the server accepted MPTCP from %s in connection "
		       "%" PRIu64 ", %s: here MP_CAPABLE was probably removed, "
		       "from the SYN or the SYN/ACK",
		       client, accepted->connection,
		       accepted->time > report->first ? "later" : "before");
}

void servers_explain(const struct servers *servers, struct report_conn *report)
{
	if (servers_may_explain(report))
		explain(servers, report);
}
