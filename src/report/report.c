/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/report.h"

#include "base/format.h"
#include "base/alloc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double report_spread_mean(const struct report_spread *spread)
{
	return spread->samples ? spread->sum / (double)spread->samples : NAN;
}

double report_window_mean(const struct report_flow *flow)
{
	return flow->windows ? (double)flow->window_sum / (double)flow->windows
			     : NAN;
}

double report_goodput(const struct report_data *data)
{
	nstime_t span = nstime_span(data->first_data, data->last_data_ack);

	if (span <= 0 || data->bytes_acked == REPORT_UNKNOWN)
		return NAN;
	return (double)data->bytes_acked / nstime_seconds(span);
}

/* Payload, without what TCP sent again. */
static int64_t payload_sent(const struct report_conn *conn, enum side side)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < conn->n_subflows; i++)
		bytes += conn->subflows[i].flow[side].bytes -
			 conn->subflows[i].flow[side].retransmitted_bytes;
	return bytes;
}

int64_t report_sent(const struct report_conn *conn, enum side side)
{
	const struct report_data *data = &conn->data[side];

	if (!conn->fallback ||
	    (data->bytes_mapped > 0 && !data->bytes_unmapped))
		return data->bytes_unique;
	return payload_sent(conn, side);
}

/* Of those that have not closed. */
static const uint64_t no_options[OPTION_COUNTS];

void report_conn_init(struct report_conn *conn)
{
	memset(conn, 0, sizeof(*conn));
	report_conn_begin(conn);
}

void report_conn_begin(struct report_conn *conn)
{
	conn->version = -1;
	conn->first = conn->last = NSTIME_NONE;
	conn->signals_now = NSTIME_NONE;
	for (int side = 0; side < 2; side++) {
		conn->options[side] = no_options;
		conn->data[side].first_data = NSTIME_NONE;
		conn->data[side].last_data_ack = NSTIME_NONE;
		conn->data[side].first_sequence = REPORT_UNKNOWN;
		conn->data[side].last_ack_sequence = REPORT_UNKNOWN;
		conn->data[side].figure_zero = REPORT_UNKNOWN;
	}
}

void report_conn_clear(struct report_conn *conn)
{
	for (size_t i = 0; i < conn->n_findings; i++)
		free(conn->findings[i].text);
	for (size_t i = 0; i < conn->n_signals; i++)
		free(conn->signals[i].text);
	for (int side = 0; side < 2; side++) {
		free(conn->data[side].reinjections);
		free(conn->data[side].carried_by);
	}
	free(conn->own_options);
	free(conn->signals);
	free(conn->findings);
	free(conn->addresses);
	if (conn->subflows_room)
		free(conn->subflows);
}

void report_conn_moved(struct report_conn *conn)
{
	for (int side = 0; side < 2; side++) {
		conn->data[side].reinjections = NULL;
		conn->data[side].carried_by = NULL;
	}
	conn->own_options = NULL;
	conn->signals = NULL;
	conn->findings = NULL;
	conn->addresses = NULL;
	conn->subflows = conn->alone = NULL;
	conn->n_signals = conn->n_findings = 0;
	conn->n_addresses = conn->n_subflows = conn->subflows_room = 0;
}

/* A copy of those that are somebody else's, with room for that many. */
static void subflows_own(struct report_conn *conn, size_t room)
{
	const struct report_subflow *others = conn->subflows;

	conn->subflows =
	    xgrow(NULL, &conn->subflows_room, room, sizeof(*conn->subflows));
	memcpy(conn->subflows, others, conn->n_subflows * sizeof(*others));
}

void report_conn_keep(struct report_conn *conn)
{
	uint64_t *copy = xcalloc(2 * OPTION_COUNTS, sizeof(*copy));

	for (int side = 0; side < 2; side++) {
		memcpy(copy + side * OPTION_COUNTS, conn->options[side],
		       OPTION_COUNTS * sizeof(*copy));
		conn->options[side] = copy + side * OPTION_COUNTS;
	}
	free(conn->own_options);
	conn->own_options = copy;
	conn->alone = NULL;
	if (conn->n_subflows && !conn->subflows_room)
		subflows_own(conn, conn->n_subflows);
}

/* Begins one that is zeroed. */
static void subflow_begin(struct report_subflow *subflow, int id)
{
	subflow->id = id;
	for (int side = 0; side < 2; side++) {
		struct report_flow *flow = &subflow->flow[side];

		flow->mss = REPORT_UNKNOWN;
		flow->segment_min = flow->segment_max = REPORT_UNKNOWN;
		flow->window_min = flow->window_max = REPORT_UNKNOWN;
		flow->newest = flow->idle_max = NSTIME_NONE;
		flow->handshake_rtt = NAN;
	}
}

static void subflows_grow(struct report_conn *conn)
{
	const size_t n = conn->n_subflows;

	if (!n && conn->alone) {
		conn->subflows = conn->alone;
	} else {
		if (n && !conn->subflows_room)
			subflows_own(conn, n + 1);
		conn->subflows = xgrow(conn->subflows, &conn->subflows_room,
				       n + 1, sizeof(*conn->subflows));
		memset(&conn->subflows[n], 0, sizeof(*conn->subflows));
	}
	subflow_begin(&conn->subflows[n], (int)n);
	conn->n_subflows++;
}

struct report_subflow *report_subflow_add(struct report_conn *conn, int id)
{
	while (conn->n_subflows <= (size_t)id)
		subflows_grow(conn);
	return &conn->subflows[id];
}

/* The next free place; when there is none, that of the last, if it is of less
 * weight; or NULL. */
static struct report_finding *finding_place(struct report_conn *conn,
					    enum severity severity)
{
	struct report_finding *last;

	if (conn->n_findings < REPORT_FINDINGS_MAX) {
		conn->findings =
		    xgrow(conn->findings, &conn->findings_room,
			  conn->n_findings + 1, sizeof(*conn->findings));
		return &conn->findings[conn->n_findings++];
	}
	conn->findings_lost++;
	last = &conn->findings[conn->n_findings - 1];
	if (last->severity >= severity)
		return NULL;
	free(last->text);
	return last;
}

void report_finding(struct report_conn *conn, enum severity severity,
		    const char *code, uint64_t packet, nstime_t time,
		    const char *format, ...)
{
	struct report_finding *finding = finding_place(conn, severity);
	char text[512];
	va_list args;

	if (!finding)
		return;
	va_start(args, format);
	format_args(text, sizeof(text), format, args);
	va_end(args);
	*finding = (struct report_finding){
	    .severity = severity,
	    .code = code,
	    .packet = packet,
	    .time = time,
	    .text = xstrdup(text),
	};
}

/* Insertion, since they are nearly in order already, and never many. */
void report_sort_findings(struct report_conn *conn)
{
	for (size_t i = 1; i < conn->n_findings; i++) {
		struct report_finding finding = conn->findings[i];
		size_t at = i;

		for (; at && conn->findings[at - 1].packet > finding.packet;
		     at--)
			conn->findings[at] = conn->findings[at - 1];
		conn->findings[at] = finding;
	}
}
