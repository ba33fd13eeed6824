/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracker, and with it the analyses: the first octet says how, the rest is
 * packets as speech.h has them.
 */
#include "speech.h"

#include "analysis/analysis.h"
#include "base/belt.h"
#include "decode/segment.h"
#include "track/tracker.h"

#include <stdlib.h>

enum how {
	HOW_ANALYSES = 0x01, /* are at work */
	HOW_FIGURES = 0x02,  /* ... and draw */
	HOW_TIMEOUT = 0x04,
	HOW_FORGETFUL = 0x08,
	HOW_RELATIVE = 0x10,
	HOW_SIGNALS = 0x20,
};

struct run {
	struct analyses *analyses; /* or NULL */
	uint64_t opened, closed, reports;
};

static bool wants(const struct easel *easel, const struct figure_kind *kind)
{
	(void)easel;
	(void)kind;
	return true;
}

static struct figure *begin(struct easel *easel, const struct figure_kind *kind,
			    enum side side, nstime_t start)
{
	struct figure *figure = malloc(sizeof(*figure));

	MUST(figure);
	*figure = (struct figure){kind, easel, side, start, 0};
	return figure;
}

/* A belt_fn: nobody draws, but all that is on the belt is points. */
static void draw_orders(void *arg, const void *items, size_t n)
{
	struct orders orders = orders_of(items, n);
	const struct order *order;

	(void)arg;
	while ((order = orders_step(&orders)))
		MUST(order->figure->kind->series[order->point.series].name);
}

static void end(struct figure *figure, const struct report_conn *conn)
{
	(void)conn;
	belt_drain(figure->easel->belt);
	free(figure);
}

static void on_event(void *arg, const struct event *event)
{
	struct run *run = arg;

	run->opened += event->kind == EVENT_OPEN;
	run->closed += event->kind == EVENT_CLOSE;
	MUST(event->conn);
	MUST(event->side == CLIENT || event->side == SERVER);
	if (run->analyses)
		analyses_event(run->analyses, event);
}

static void on_plain(void *arg, const struct plain_flow *flow)
{
	struct run *run = arg;

	if (run->analyses)
		analyses_plain(run->analyses, flow);
}

static void on_report(void *arg, struct report_conn *conn)
{
	struct run *run = arg;

	(void)conn;
	run->reports++;
}

static void check_counts(const struct run *run,
			 const struct tracker_counts *counts)
{
	MUST(run->opened == run->closed);
	MUST(run->reports <= run->closed);
	MUST(counts->flows == counts->mptcp_subflows + counts->orphan_subflows +
				  counts->mptcp_refused + counts->plain);
}

static void finish(struct run *run, struct tracker *tracker)
{
	struct report_totals totals = {0};

	if (run->analyses)
		analyses_trace_ends(run->analyses);
	tracker_finish(tracker);
	if (run->analyses)
		analyses_totals(run->analyses, &totals);
	check_counts(run, tracker_counts(tracker));
	tracker_free(tracker);
	analyses_free(run->analyses);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct speech speech;
	struct easel easel = {wants, begin, end,
			      belt_new(ORDER_UNIT, false, draw_orders, NULL)};
	struct octets in = {bytes, bytes + size};
	uint8_t how = octets_u8(&in);
	struct run run = {0};
	struct analyses_options analyses_options = {
	    .goodput_acks = 2,
	    .interval = NSTIME_SECOND / 10,
	    .relative = how & HOW_RELATIVE,
	    .signals = how & HOW_SIGNALS ? ANALYSES_ALL_SIGNALS : 0,
	    .easel = how & HOW_FIGURES ? &easel : NULL,
	};
	struct tracker_options options = {
	    .timeout = how & HOW_TIMEOUT ? NSTIME_SECOND : 0,
	    .sent_ranges = how & HOW_FORGETFUL ? 4 : 0,
	    .plain = on_plain,
	    .plain_arg = &run,
	};
	struct tracker *tracker;
	struct segment segment;
	struct frame frame;

	if (how & HOW_ANALYSES)
		run.analyses = analyses_new(&analyses_options, on_report, &run);
	tracker = tracker_new(&options, on_event, &run);
	speech_begin(&speech, in);
	while (speech_next(&speech, &frame))
		if (decode_frame(&frame, &segment) == DECODE_TCP)
			tracker_segment(tracker, &segment);
	finish(&run, tracker);
	belt_free(easel.belt);
	return 0;
}
