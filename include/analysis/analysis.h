/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Analyses: what is made of the tracker's events. One analysis is one file and
 * one row in core.c's table; it knows no file, colour or format.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "report/report.h"
#include "track/event.h"

struct analysis {
	const char *name, *help;
	unsigned events;   /* wanted: a sum of 1u << enum event_kind */
	size_t state_size; /* zeroed, one for each connection */
	/* `state` of the connection, and its report, to which it adds. */
	void (*on_event)(void *state, const struct event *event,
			 struct report_conn *report);
};

extern const struct analysis analysis_volume;
extern const struct analysis analysis_rtt;
extern const struct analysis analysis_findings;

/* Gets the report of each connection that is not an orphan, when it closes;
 * dead when the call returns. */
typedef void report_fn(void *arg, const struct report_conn *report);

struct analyses;

struct analyses *analyses_new(report_fn *sink, void *arg);
void analyses_free(struct analyses *analyses);

/* An event_fn, with a struct analyses as arg. */
void analyses_event(void *arg, const struct event *event);

/* From now on, connections that close were still open. */
void analyses_trace_ends(struct analyses *analyses);

#endif
