/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All TCP flows of the trace, counted by kind: in all, for each address that
 * opened some, and for each that some were opened to.
 */
#ifndef REPORT_PEERS_H
#define REPORT_PEERS_H

#include "base/endpoint.h"
#include "base/words.h"
#include "report/report.h"

#include <stddef.h>
#include <stdint.h>

enum flow_kind {
	FLOW_MPTCP,	   /* a subflow of an MPTCP connection */
	FLOW_FALLBACK,	   /* ... that fell back to TCP after both had agreed */
	FLOW_REFUSED,	   /* MP_CAPABLE was offered, and answered without it,
			    * or by a reset */
	FLOW_JOIN_REFUSED, /* ... the same of MP_JOIN */
	FLOW_UNANSWERED,   /* either was offered, and no answer seen */
	FLOW_ORPHAN,	   /* MPTCP, but of no known connection */
	FLOW_PLAIN,	   /* MPTCP was never offered */
	FLOW_KINDS
};
const char *flow_kind_word(enum flow_kind kind); /* join_refused */

/* What a subflow of a connection counts as, if it is no orphan. */
enum flow_kind flow_kind_of(const struct report_conn *conn,
			    const struct report_subflow *subflow);

/* Flows of an address, as client or as server. */
struct peer {
	struct address address; /* family 0: all beyond PEERS_MAX */
	uint64_t all, flows[FLOW_KINDS];
};

#define PEERS_MAX 65536 /* addresses told apart in either role */

struct peers;

struct peers *peers_new(void);
void peers_free(struct peers *peers); /* NULL is fine */

/* One flow more, from the address that opened it to the other. */
void peers_count(struct peers *peers, const struct address *client,
		 const struct address *server, enum flow_kind kind);

/* All flows of a connection that has closed, perhaps of orphans. */
void peers_count_conn(struct peers *peers, const struct report_conn *conn,
		      bool orphan);

/* All flows, of no address. NULL here and below: there are none. */
const struct peer *peers_all(const struct peers *peers);

/* All of one role: most flows first, then by address; what is beyond PEERS_MAX
 * is the last. *list is good until the next call with the same peers. */
size_t peers_list(struct peers *peers, enum side role,
		  const struct peer **list);

/* What it came to, in a word: multipath, single-path, fallback, refused,
 * unanswered, incomplete. */
const char *report_outcome(const struct report_conn *conn);
/* The i-th of these words, or NULL. */
const char *report_outcome_word(size_t i);

#endif
