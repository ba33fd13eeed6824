/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All TCP flows of the trace, counted by kind for each address that opened
 * some, and each that some were opened to.
 */
#ifndef REPORT_PEERS_H
#define REPORT_PEERS_H

#include "base/endpoint.h"
#include "base/words.h"

#include <stddef.h>
#include <stdint.h>

enum flow_kind {
	FLOW_MULTIPATH,	 /* a subflow of an MPTCP connection */
	FLOW_FALLEN,	 /* ... that fell back to TCP after both had agreed */
	FLOW_REFUSED,	 /* MP_CAPABLE was offered, and answered without it, or
			  * by a reset */
	FLOW_UNANSWERED, /* ... and not answered */
	FLOW_ORPHAN,	 /* MPTCP, but of no known connection */
	FLOW_PLAIN,	 /* MPTCP was never offered */
	FLOW_KINDS
};

/* An address, and what it did as client or as server. */
struct peer {
	struct address address;
	uint64_t flows[FLOW_KINDS];
};

#define PEERS_MAX 65536 /* addresses told apart in either role */

struct peers;

struct peers *peers_new(void);
void peers_free(struct peers *peers); /* NULL is fine */

/* One flow more, from the address that opened it to the other. */
void peers_count(struct peers *peers, const struct address *client,
		 const struct address *server, enum flow_kind kind);

/* All of one role: most flows first, then by address. *list is good until the
 * next call of anything here. */
size_t peers_list(struct peers *peers, enum side role,
		  const struct peer **list);

/* Flows of addresses beyond PEERS_MAX. */
uint64_t peers_lost(const struct peers *peers, enum side role);

#endif
