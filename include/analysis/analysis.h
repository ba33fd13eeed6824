/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Analyses: what is made of the tracker's events. One analysis is one file and
 * one row in core.c's table; it knows no file, colour or format. It adds facts
 * to the report, draws points on figures, or both.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "report/figure.h"
#include "report/report.h"
#include "report/select.h"
#include "track/event.h"
#include "track/tracker.h"

struct analyses_options {
	unsigned goodput_acks; /* -G: DATA_ACKs that one rate is made of */
	nstime_t interval;     /* windows of throughput; > 0 */
	bool relative;	       /* sequence values from the first byte on */
	size_t signals;	       /* the report lists so many signals at most */
	struct easel *easel;   /* NULL: no figures */
	const struct selection *selection; /* NULL: all connections */
};

/* Signals of a connection that a page shows, and that --events lists. */
#define ANALYSES_PAGE_SIGNALS 1000
#define ANALYSES_ALL_SIGNALS  1000000

#define FIGURES_MAX 4 /* of one analysis */

/* What an analysis has of one connection. */
struct desk {
	void *state; /* its own, zeroed at first */
	struct report_conn *report;
	const struct analyses_options *options;
	/* By number and side, NULL those that are not wanted; NULL: all. */
	struct figure *(*figures)[2];
};

/* The analysis' k-th figure of a side, or NULL if it is not wanted. */
static inline struct figure *desk_figure(const struct desk *desk, int k,
					 enum side side)
{
	return desk->figures ? desk->figures[k][side] : NULL;
}

typedef void handler_fn(struct desk *desk, const struct event *event);

struct analysis {
	const char *name;
	size_t state_size; /* of one connection */
	bool reports;	   /* it adds to the report, too: always at work;
			    * else only when one of its figures is wanted,
			    * ... */
	bool signals;	   /* ... or, with this, signals are */
	const struct figure_kind *figures[FIGURES_MAX + 1];
	/* What gets each kind of event: NULL, it is not wanted. */
	handler_fn *on[EVENT_KINDS];
	handler_fn *figure_on[EVENT_KINDS]; /* ... beside that, if one of its
					     * figures is wanted */
	void (*begun)(struct desk *desk);   /* its figures were just now; or
					     * NULL */
	/* Before EVENT_SUBFLOW with an origin, whose desk `from` is: takes
	 * over what it has of that subflow; or NULL. What the report has of
	 * it has been taken over already. */
	void (*moved)(struct desk *desk, struct desk *from,
		      const struct event *event);
	/* Frees what the state holds, not itself; or NULL. */
	void (*end)(struct desk *desk);
};

/* For analyses whose state, sizeof(void *), points to what most connections do
 * not need, NULL at first: that, of `size` and zeroed when it is made. */
void *desk_rare(struct desk *desk, size_t size);
void desk_rare_free(struct desk *desk); /* as their `end` */

/* The n-th of all kinds of figures, in the order of the table, or NULL. */
const struct figure_kind *analyses_figure(size_t n);

/* For analyses: data offset `at` of a side as its figures show it. */
static inline int64_t desk_sequence(const struct desk *desk,
				    const struct conn *conn, enum side side,
				    int64_t at)
{
	/* Relative, the first byte is 1, as in the IDSN's terms. */
	return at + 1 +
	       (desk->options->relative ? 0 : conn_sequence_base(conn, side));
}

/* For analyses: `times` so many bytes in a span (> 0 ns), a second. */
int64_t rate_of(int64_t bytes, nstime_t span, int times);

/* For analyses, in figures of packets: is this frame not the last one that
 * counted? Then it is now. */
static inline bool frame_counts(uint64_t *last, uint64_t frame)
{
	bool counts = *last != frame;

	*last = frame;
	return counts;
}

/* Gets the report of each connection that is not an orphan, when it closes;
 * dead when the call returns, but it may be taken over: then an empty one is
 * left (report_conn_init). */
typedef void report_fn(void *arg, struct report_conn *report);

struct analyses;

struct analyses *analyses_new(const struct analyses_options *options,
			      report_fn *sink, void *arg);
void analyses_free(struct analyses *analyses);

/* An event_fn, with a struct analyses as arg. */
void analyses_event(void *arg, const struct event *event);

/* A plain_flow_fn, with a struct analyses as arg. */
void analyses_plain(void *arg, const struct plain_flow *flow);

/* Events that it has no use for: a sum of 1u << enum event_kind. */
unsigned analyses_unwanted(const struct analyses *analyses);

/* For tracker_options. */
size_t analyses_context_size(const struct analyses *analyses);

/* What went beyond the tracker's limits is told among what is known of flows of
 * no connection. Once, before analyses_totals. */
void analyses_excess(struct analyses *analyses,
		     const struct tracker_counts *counts);

/* The same of one limit, which also goes to standard error; false: it was not
 * reached. */
#define LIMIT_TEXT 320
bool analyses_excess_text(const struct tracker_counts *counts, size_t limit,
			  char *text, size_t size);

/* From now on, connections that close were still open. */
void analyses_trace_ends(struct analyses *analyses);

/* Every connection has closed: reports that were held back go out, and what is
 * known of flows of no connection, and of all, is borrowed until
 * analyses_free. */
void analyses_totals(struct analyses *analyses, struct report_totals *totals);

#endif
