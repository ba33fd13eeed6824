/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/filestats.h"

#include <inttypes.h>

void file_stats_add(struct file_stats *stats, const struct report_conn *conn)
{
	if (conn->dissolved)
		return;
	stats->connections++;
	stats->subflows += conn->n_subflows;
	stats->finished += conn->state == CONN_CLOSED;
	stats->timed_out += conn->timed_out;
	for (int side = 0; side < 2; side++) {
		uint64_t n = conn->options[side][COUNT_FASTCLOSE];

		stats->fastcloses[side] += n;
		stats->fastclosed[side] += n && conn->state == CONN_FASTCLOSED;
	}
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct report_subflow *subflow = &conn->subflows[i];

		if (!subflow->joined)
			continue;
		stats->bad_hmacs +=
		    subflow->hmac[0] == BAD || subflow->hmac[1] == BAD;
		stats->unanswered_joins += subflow->state == SUBFLOW_UNANSWERED;
	}
}

static void row(FILE *file, const char *name, uint64_t c2s, uint64_t s2c)
{
	fprintf(file, "%s,%" PRIu64 ",%" PRIu64 "\n", name, c2s, s2c);
}

void file_stats_write(FILE *file, const struct file_stats *stats,
		      const struct report_totals *totals)
{
	row(file, "nbConnections", stats->connections, 0);
	row(file, "sfConnections", stats->subflows, 0);
	row(file, "nbFastClose", stats->fastclosed[CLIENT],
	    stats->fastclosed[SERVER]);
	row(file, "finishedConnections", stats->finished, 0);
	/* MP_JOIN SYNs whose token is of no connection in the trace. */
	row(file, "joinFailed",
	    totals->orphan_options[CLIENT][COUNT_JOIN_SYN] +
		totals->orphan_options[SERVER][COUNT_JOIN_SYN],
	    0);
	row(file, "nbFastCloseSeen", stats->fastcloses[CLIENT],
	    stats->fastcloses[SERVER]);
	row(file, "JoinWrongHMAC", stats->bad_hmacs, 0);
	row(file, "DiffKeyInSynack", totals->synack_key_differs, 0);
	row(file, "connTimeOut", stats->timed_out, 0);
	row(file, "capaToJoinReuse", totals->join_ports_reused, 0);
	row(file, "suspectJoinRejected", stats->unanswered_joins, 0);
	row(file, "thirdAckKeyDiff", totals->third_ack_key_differs, 0);
}
