/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --list: a line a connection, also for those that never became multipath.
 */
#include "write/writer.h"

#include "write/human.h"

#include <inttypes.h>
#include <math.h>

static void write_before(FILE *file, const struct report_totals *totals)
{
	(void)totals;
	fprintf(file, "%6s %-23s %-23s %-3s %-11s %-17s %9s %8s %9s %9s  %s\n",
		"id", "client", "server", "ver", "state", "start", "duration",
		"subflows", "c2s", "s2c", "why");
}

static int64_t bytes_of(const struct report_conn *conn, enum side side)
{
	return conn->fallback ? report_payload(conn, side)
			      : conn->data[side].bytes_unique;
}

static void write_conn(FILE *file, const struct report_conn *conn, int digits)
{
	char client[HUMAN_END], server[HUMAN_END], start[NSTIME_TEXT];
	char c2s[HUMAN_TEXT], s2c[HUMAN_TEXT], duration[HUMAN_TEXT];
	char version[12] = "-";
	const char *why = "";

	if (conn->fallback)
		why = fallback_word(conn->fallback);
	else if (!conn->accepted && conn->n_findings)
		why = conn->findings[0].code;
	else if (conn->timed_out)
		why = "idle for the time-out";
	else if (conn->still_open)
		why = "open at the end of the trace";
	if (conn->version >= 0)
		snprintf(version, sizeof(version), "%d", conn->version);
	snprintf(start, sizeof(start), "-");
	snprintf(duration, sizeof(duration), "-");
	if (conn->first != NSTIME_NONE) {
		nstime_print(conn->first, digits, start);
		human_span(nstime_seconds(nstime_span(conn->first, conn->last)),
			   duration);
	}
	fprintf(
	    file,
	    "%6" PRIu64 " %-23s %-23s %-3s %-11s %-17s %9s %8zu %9s %9s%s%s\n",
	    conn->id, human_end(&conn->host[CLIENT].end, client),
	    human_end(&conn->host[SERVER].end, server), version,
	    conn_state_word(conn->state), start, duration, conn->n_subflows,
	    human_bytes(bytes_of(conn, CLIENT), c2s),
	    human_bytes(bytes_of(conn, SERVER), s2c), *why ? "  " : "", why);
}

static void write_after(FILE *file, const struct report_totals *totals)
{
	fprintf(file,
		"TCP flows: %" PRIu64 "; of MPTCP connections %" PRIu64
		", orphans %" PRIu64 ", refused MPTCP %" PRIu64
		", plain %" PRIu64 "\n",
		totals->flows, totals->mptcp_subflows, totals->orphan_subflows,
		totals->mptcp_refused, totals->plain);
}

const struct writer writer_list = {
    .name = "list",
    .help = "a line a connection",
    .conn = write_conn,
    .before = write_before,
    .after = write_after,
};
