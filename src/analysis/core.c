/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gives each event to every analysis, with the state and the report of its
 * connection; and the report to whoever wants it when the connection closes.
 */
#include "analysis/analysis.h"

#include "analysis/describe.h"
#include "base/alloc.h"
#include "track/tracker.h"

#include <stdlib.h>

static const struct analysis *const table[] = {
    &analysis_volume,
    &analysis_rtt,
    &analysis_findings,
};
#define ANALYSES (sizeof(table) / sizeof(*table))

struct analyses {
	report_fn *sink;
	void *arg;
	bool trace_ends;
};

struct watched { /* one connection */
	struct report_conn report;
	void *state[ANALYSES];
};

struct analyses *analyses_new(report_fn *sink, void *arg)
{
	struct analyses *analyses = xcalloc(1, sizeof(*analyses));

	analyses->sink = sink;
	analyses->arg = arg;
	return analyses;
}

void analyses_free(struct analyses *analyses)
{
	free(analyses);
}

void analyses_trace_ends(struct analyses *analyses)
{
	analyses->trace_ends = true;
}

static void watch(const struct conn *conn)
{
	struct watched *watched = xcalloc(1, sizeof(*watched));

	report_conn_init(&watched->report);
	for (size_t i = 0; i < ANALYSES; i++)
		watched->state[i] = xcalloc(1, table[i]->state_size);
	tracker_set_context(conn, watched);
}

static void unwatch(struct watched *watched)
{
	report_conn_clear(&watched->report);
	for (size_t i = 0; i < ANALYSES; i++)
		free(watched->state[i]);
	free(watched);
}

void analyses_event(void *arg, const struct event *event)
{
	struct analyses *analyses = arg;
	struct watched *watched;

	if (event->kind == EVENT_OPEN)
		watch(event->conn);
	watched = event->conn->context;
	if (event->kind == EVENT_CLOSE) {
		describe(event->conn, &watched->report);
		watched->report.dissolved = !event->conn->n_subflows;
		watched->report.still_open =
		    analyses->trace_ends &&
		    (watched->report.state == CONN_ESTABLISHED ||
		     watched->report.state == CONN_HANDSHAKE);
	}
	for (size_t i = 0; i < ANALYSES; i++)
		if (table[i]->events >> event->kind & 1)
			table[i]->on_event(watched->state[i], event,
					   &watched->report);
	if (event->kind == EVENT_CLOSE) {
		if (!event->conn->provisional)
			analyses->sink(analyses->arg, &watched->report);
		unwatch(watched);
	}
}
