/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Gives each event to every analysis that wants it, with what that has of the
 * connection; and the report to whoever wants it when the connection closes.
 */
#include "analysis/analysis.h"

#include "analysis/describe.h"
#include "analysis/limits.h"
#include "analysis/orphans.h"
#include "analysis/rows.h"
#include "analysis/servers.h"
#include "base/alloc.h"
#include "base/pool.h"
#include "report/peers.h"
#include "track/tracker.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define POINT_AT(name) &analysis_##name,
static const struct analysis *const table[] = {ANALYSIS_ROWS(POINT_AT)};
#define ANALYSES  (sizeof(table) / sizeof(*table))
#define ALIGNMENT _Alignof(max_align_t)
#define HELD_MAX  4096 /* reports */

/* A connection comes, gets a subflow, or goes. */
static const unsigned of_life = 1u << EVENT_OPEN | 1u << EVENT_SUBFLOW |
				1u << EVENT_CLOSE | 1u << EVENT_GONE;

struct listener {
	handler_fn *handler;
	size_t place;	 /* index of `active` */
	size_t state_at; /* in struct watched */
};

struct analyses {
	struct analyses_options options;
	report_fn *sink;
	void *arg;
	bool trace_ends;
	struct peers *peers;
	struct report_conn loose; /* of flows of no connection */
	struct orphans orphans;	  /* ... and what waits to be told of them */
	struct servers *servers;
	struct report_conn *held; /* what later ones may explain */
	size_t n_held, held_room;
	struct overflow not_held;
	const struct analysis *active[ANALYSES];
	size_t n_active;
	size_t state_at[ANALYSES]; /* in struct watched, by index of `active` */
	size_t watched_size;
	/* Of each kind of event: who wants it, up to one without a handler.
	 */
	struct listener listeners[EVENT_KINDS][2 * ANALYSES + 1];
	unsigned plain; /* a sum of 1u << kind: of these, but those of life */
	struct pool watched; /* struct watched, one a connection */
};

struct watched {	  /* one connection */
	struct desk desk; /* of the analysis at work */
	bool drawing;	  /* figures were begun */
	bool judged;	  /* its id is final: ... */
	bool unwanted;	  /* ... and not among those that were chosen */
	bool settled;	  /* it is wanted and drawing: an event is just told */
	unsigned plain;	  /* settled and without figures: as in analyses */
	/* By index of `active`, then by number and side; NULL: none. */
	struct figure *(*figures)[FIGURES_MAX][2];
	struct report_conn report;
	struct report_subflow alone; /* what most reports need */
	max_align_t states[1];	     /* and as many as it takes */
};

const struct figure_kind *analyses_figure(size_t n)
{
	for (size_t i = 0; i < ANALYSES; i++)
		for (size_t k = 0; table[i]->figures[k]; k++)
			if (!n--)
				return table[i]->figures[k];
	return NULL;
}

void *desk_rare(struct desk *desk, size_t size)
{
	void **rare = desk->state;

	if (!*rare)
		*rare = xcalloc(1, size);
	return *rare;
}

void desk_rare_free(struct desk *desk)
{
	free(*(void **)desk->state);
}

int64_t rate_of(int64_t bytes, nstime_t span, int times)
{
	const double most = 1e18; /* whatever a damaged trace says */
	double rate = times * (double)bytes * 1e9 / (double)span;

	return llround(rate < most ? rate : most);
}

static void listen(struct analyses *analyses, handler_fn *const *on,
		   size_t place)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++) {
		struct listener *listener = analyses->listeners[kind];

		while (listener->handler)
			listener++;
		if (!on[kind])
			continue;
		*listener = (struct listener){on[kind], place,
					      analyses->state_at[place]};
		analyses->plain |= (1u << kind) & ~of_life;
	}
}

/* Does the easel take any of its figures? */
static bool is_drawn(const struct analyses *analyses,
		     const struct analysis *analysis)
{
	struct easel *easel = analyses->options.easel;

	for (size_t k = 0; easel && analysis->figures[k]; k++)
		if (easel->wants(easel, analysis->figures[k]))
			return true;
	return false;
}

struct analyses *analyses_new(const struct analyses_options *options,
			      report_fn *sink, void *arg)
{
	struct analyses *analyses = xcalloc(1, sizeof(*analyses));

	analyses->options = *options;
	analyses->sink = sink;
	analyses->arg = arg;
	analyses->peers = peers_new();
	analyses->servers = servers_new();
	report_conn_init(&analyses->loose);
	analyses->loose.signals_max = options->signals;
	analyses->watched_size = offsetof(struct watched, states);
	for (size_t i = 0; i < ANALYSES; i++) {
		size_t place = analyses->n_active;
		bool drawn = is_drawn(analyses, table[i]);

		if (!table[i]->reports && !drawn &&
		    !(table[i]->signals && options->signals))
			continue;
		analyses->active[analyses->n_active++] = table[i];
		analyses->state_at[place] = analyses->watched_size;
		analyses->watched_size +=
		    (table[i]->state_size + ALIGNMENT - 1) / ALIGNMENT *
		    ALIGNMENT;
		listen(analyses, table[i]->on, place);
		if (drawn)
			listen(analyses, table[i]->figure_on, place);
	}
	pool_init(&analyses->watched, analyses->watched_size);
	return analyses;
}

void analyses_free(struct analyses *analyses)
{
	if (!analyses)
		return;
	peers_free(analyses->peers);
	servers_free(analyses->servers);
	for (size_t i = 0; i < analyses->n_held; i++)
		report_conn_clear(&analyses->held[i]);
	free(analyses->held);
	report_conn_clear(&analyses->loose);
	pool_clear(&analyses->watched);
	free(analyses);
}

void analyses_trace_ends(struct analyses *analyses)
{
	analyses->trace_ends = true;
}

unsigned analyses_unwanted(const struct analyses *analyses)
{
	unsigned unwanted = 0;

	for (int kind = 0; kind < EVENT_KINDS; kind++)
		if (!analyses->listeners[kind]->handler &&
		    !(of_life >> kind & 1) && kind != EVENT_NAMED)
			unwanted |= 1u << kind;
	return unwanted;
}

size_t analyses_context_size(const struct analyses *analyses)
{
	return analyses->watched_size;
}

static struct watched *watch(struct analyses *analyses, const struct conn *conn)
{
	struct watched *watched = pool_take(&analyses->watched);

	report_conn_begin(&watched->report);
	watched->report.signals_max = analyses->options.signals;
	watched->report.alone = &watched->alone;
	watched->desk.report = &watched->report;
	watched->desk.options = &analyses->options;
	tracker_set_context(conn, watched);
	return watched;
}

/* What the analysis at that place of `active` has of it; the same for each. */
static struct desk *desk_of(const struct analyses *analyses,
			    struct watched *watched, size_t place)
{
	struct desk *desk = &watched->desk;

	desk->state = (char *)watched + analyses->state_at[place];
	if (watched->figures)
		desk->figures = watched->figures[place];
	return desk;
}

/* Figures are begun when both sides are seen to use MPTCP: before, there is
 * nothing to draw, but data in the SYN, and often never will be. */
static bool begins(const struct event *event)
{
	const unsigned sent = 1u << EVENT_TCP_SENT | 1u << EVENT_TCP_RESENT |
			      1u << EVENT_SENT | 1u << EVENT_SENT_AGAIN;

	return event->conn->accepted ||
	       (sent >> event->kind & 1 && !event->conn->fallback);
}

static void begin_figures(struct analyses *analyses, const struct conn *conn,
			  struct watched *watched)
{
	struct easel *easel = analyses->options.easel;

	watched->drawing = true;
	if (easel)
		watched->figures =
		    xcalloc(analyses->n_active, sizeof(*watched->figures));
	for (size_t i = 0; easel && i < analyses->n_active; i++) {
		const struct analysis *analysis = analyses->active[i];

		if (!is_drawn(analyses, analysis))
			continue;
		for (size_t k = 0; analysis->figures[k]; k++)
			for (int side = 0; side < 2; side++)
				watched->figures[i][k][side] =
				    easel->begin(easel, analysis->figures[k],
						 (enum side)side, conn->first);
		if (analysis->begun)
			analysis->begun(desk_of(analyses, watched, i));
	}
}

static void end_figures(struct analyses *analyses, const struct conn *conn,
			struct watched *watched)
{
	struct easel *easel = analyses->options.easel;
	bool keep = conn->accepted && !conn->provisional &&
		    conn->n_subflows > 0 && !watched->report.unwanted;

	for (size_t i = 0; watched->figures && i < analyses->n_active; i++)
		for (int k = 0; k < FIGURES_MAX; k++)
			for (int side = 0; side < 2; side++)
				if (watched->figures[i][k][side])
					easel->end(watched->figures[i][k][side],
						   keep ? &watched->report
							: NULL);
}

static void unwatch(struct analyses *analyses, struct watched *watched)
{
	for (size_t i = 0; i < analyses->n_active; i++)
		if (analyses->active[i]->end)
			analyses->active[i]->end(desk_of(analyses, watched, i));
	free(watched->figures);
	report_conn_clear(&watched->report);
	pool_give(&analyses->watched, watched);
}

/* It has no figures, and somebody listens: the last of them returns to who said
 * it. */
static inline void tell_plain(struct analyses *analyses,
			      const struct event *event,
			      struct watched *watched)
{
	const struct listener *listener = analyses->listeners[event->kind];
	struct desk *desk = &watched->desk;

	for (; listener[1].handler; listener++) {
		desk->state = (char *)watched + listener->state_at;
		listener->handler(desk, event);
	}
	desk->state = (char *)watched + listener->state_at;
	listener->handler(desk, event);
}

/* Each analysis is shown its own figures. */
static void tell(struct analyses *analyses, const struct event *event,
		 struct watched *watched)
{
	const struct listener *listener = analyses->listeners[event->kind];
	struct desk *desk = &watched->desk;

	if (!watched->figures) {
		if (listener->handler)
			tell_plain(analyses, event, watched);
		return;
	}
	for (; listener->handler; listener++) {
		desk->state = (char *)watched + listener->state_at;
		desk->figures = watched->figures[listener->place];
		listener->handler(desk, event);
	}
}

/* A subflow comes with all that is known of it. */
static void hand_over(struct analyses *analyses, const struct event *event,
		      struct watched *watched)
{
	struct watched *from = event->u.origin.from->context;
	struct report_subflow *old =
	    report_subflow(&from->report, event->u.origin.id);
	struct report_subflow *new =
	    report_subflow(&watched->report, event->subflow->id);

	for (int side = 0; side < 2; side++)
		new->flow[side] = old->flow[side ^ event->u.origin.turned];
	for (size_t i = 0; i < analyses->n_active; i++)
		if (analyses->active[i]->moved)
			analyses->active[i]->moved(
			    desk_of(analyses, watched, i),
			    desk_of(analyses, from, i), event);
}

/* One whose ports were used again has ended, though nobody saw how. */
static bool is_open(const struct conn *conn)
{
	enum conn_state state = conn_state(conn);

	if (state != CONN_ESTABLISHED && state != CONN_HANDSHAKE)
		return false;
	for (size_t i = 0; i < conn->n_subflows; i++)
		if (conn->subflows[i]->flow)
			return true;
	return false;
}

static void close_report(const struct analyses *analyses,
			 const struct conn *conn, struct watched *watched)
{
	struct report_conn *report = &watched->report;

	servers_expect(analyses->servers, conn);
	describe(conn, report);
	for (int side = 0; side < 2; side++)
		if (conn->half[side].started)
			report->data[side].figure_zero = desk_sequence(
			    &watched->desk, conn, (enum side)side, 0);
	report->dissolved = !conn->n_subflows;
	report->still_open = analyses->trace_ends && is_open(conn);
}

/* All is known of it: to whoever wants it. */
static void finish_report(struct analyses *analyses, struct report_conn *report)
{
	servers_explain(analyses->servers, report);
	report_sort_findings(report);
	report->unwanted =
	    !selection_takes(analyses->options.selection, report);
}

/* Those that were never MPTCP have no figures, and may be told late. */
static void hold(struct analyses *analyses, struct report_conn *report)
{
	analyses->held = xgrow(analyses->held, &analyses->held_room,
			       analyses->n_held + 1, sizeof(*analyses->held));
	analyses->held[analyses->n_held] = *report;
	report_conn_keep(&analyses->held[analyses->n_held++]);
	report_conn_moved(report);
}

static void release(struct analyses *analyses)
{
	for (size_t i = 0; i < analyses->n_held; i++) {
		finish_report(analyses, &analyses->held[i]);
		analyses->sink(analyses->arg, &analyses->held[i]);
		report_conn_clear(&analyses->held[i]);
	}
	analyses->n_held = 0;
}

static void orphans_close(struct analyses *analyses, const struct conn *conn,
			  struct report_conn *report)
{
	orphans_tell(&analyses->orphans, conn, &analyses->loose);
	report_signals_take(&analyses->loose, report);
}

static void conn_goes(struct analyses *analyses, const struct conn *conn,
		      struct watched *watched)
{
	struct report_conn *report = &watched->report;

	peers_count_conn(analyses->peers, report, conn->provisional);
	if (conn->provisional)
		orphans_close(analyses, conn, report);
	else if (!report->dissolved)
		servers_take(analyses->servers, conn, report);
	if (!conn->provisional && servers_may_explain(report)) {
		if (analyses->n_held < HELD_MAX) {
			end_figures(analyses, conn, watched);
			hold(analyses, report);
			return;
		}
		overflow_note(&analyses->not_held, conn->first_frame,
			      conn->first);
	}
	finish_report(analyses, report);
	end_figures(analyses, conn, watched);
	if (!conn->provisional)
		analyses->sink(analyses->arg, report);
}

/* What is learnt of a connection as it goes. */
static void settle(struct analyses *analyses, const struct event *event,
		   struct watched *watched)
{
	const struct conn *conn = event->conn;

	if (!watched->judged && !conn->provisional && conn->handshake_seen) {
		watched->judged = true;
		watched->unwanted =
		    !selection_takes_id(analyses->options.selection, conn->id);
	}
	if (!watched->drawing && !watched->unwanted && begins(event))
		begin_figures(analyses, conn, watched);
	watched->settled =
	    watched->judged && watched->drawing && !watched->unwanted;
	watched->plain =
	    watched->settled && !watched->figures ? analyses->plain : 0;
}

/* The connection comes, is not settled, gets a subflow, or goes. */
static void rare_event(struct analyses *analyses, const struct event *event)
{
	const struct conn *conn = event->conn;
	struct watched *watched = conn->context;

	if (!watched)
		watched = watch(analyses, conn);
	if (event->kind == EVENT_GONE) {
		conn_goes(analyses, conn, watched);
		unwatch(analyses, watched);
		return;
	}
	settle(analyses, event, watched);
	if (event->kind == EVENT_CLOSE)
		close_report(analyses, conn, watched);
	if (event->kind == EVENT_SUBFLOW)
		report_subflow(&watched->report, event->subflow->id);
	if (event->kind == EVENT_SUBFLOW && event->u.origin.from)
		hand_over(analyses, event, watched);
	if (!watched->unwanted)
		tell(analyses, event, watched);
}

/* Apart from what each packet of a plain run goes through, which needs few
 * registers. */
__attribute__((noinline)) static void other_event(struct analyses *analyses,
						  const struct event *event)
{
	struct watched *watched = event->conn->context;

	if (of_life >> event->kind & 1 || !watched || !watched->settled)
		rare_event(analyses, event);
	else
		tell(analyses, event, watched);
}

void analyses_event(void *arg, const struct event *event)
{
	struct watched *watched = event->conn->context;

	if (watched && watched->plain >> event->kind & 1)
		tell_plain(arg, event, watched);
	else
		other_event(arg, event);
}

void analyses_plain(void *arg, const struct plain_flow *flow)
{
	struct analyses *analyses = arg;

	peers_count(analyses->peers, &flow->end[0].address,
		    &flow->end[1].address, FLOW_PLAIN);
	orphans_take_plain(&analyses->orphans, flow);
}

void analyses_excess(struct analyses *analyses,
		     const struct tracker_counts *counts)
{
	limits_tell(counts, &analyses->loose);
}

void analyses_totals(struct analyses *analyses, struct report_totals *totals)
{
	release(analyses);
	orphans_finish(&analyses->orphans, &analyses->loose);
	overflow_tell(servers_overflow(analyses->servers), &analyses->loose,
		      "connections had more servers, clients or keys than are "
		      "remembered",
		      "whether later ones had the same is missing");
	overflow_tell(&analyses->not_held, &analyses->loose,
		      "more connections were refused than wait for the end of "
		      "the trace",
		      "what later connections to the same servers tell of the "
		      "reason is missing");
	report_sort_findings(&analyses->loose);
	report_signals_settle(&analyses->loose);
	analyses->loose.first = totals->first;
	totals->peers = analyses->peers;
	totals->loose = &analyses->loose;
}
