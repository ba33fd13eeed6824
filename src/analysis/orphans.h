/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What there is to say of flows of no known connection. Private to core.c.
 */
#ifndef ANALYSIS_ORPHANS_H
#define ANALYSIS_ORPHANS_H

#include "analysis/limits.h"
#include "report/report.h"
#include "track/conn.h"
#include "track/tracker.h"

#define STRIPPED_MAX 256 /* servers that are told apart */

/* A server that gets SYNs with NOPs in place of an option; the first of them.
 */
struct stripped {
	struct endpoint from, to;
	uint64_t syns, frame;
	nstime_t time;
	int nops;
};

struct orphans { /* zeroed at first */
	struct stripped stripped[STRIPPED_MAX];
	size_t n_stripped;
	struct overflow overflow; /* SYNs to others */
};

/* MPTCP flows that were tracked together, and never became a connection. */
void orphans_tell(struct orphans *orphans, const struct conn *conn,
		  struct report_conn *loose);

/* A flow without MPTCP. */
void orphans_take_plain(struct orphans *orphans, const struct plain_flow *flow);

/* There are no more. */
void orphans_finish(const struct orphans *orphans, struct report_conn *loose);

#endif
