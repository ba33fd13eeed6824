/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/limits.h"

#include "analysis/analysis.h"
#include "base/format.h"

#include <inttypes.h>

struct excess { /* of one connection */
	uint64_t forgotten, filled, skipped, mappings;
};

static void add_stream(struct excess *excess, const struct stream *stream)
{
	excess->forgotten += stream->forgotten;
	excess->filled += stream->filled;
	excess->skipped += stream->skipped;
}

static struct excess excess_of(const struct conn *conn)
{
	struct excess excess = {0};

	for (int side = 0; side < 2; side++) {
		add_stream(&excess, &conn->half[side].stream);
		for (size_t i = 0; i < conn->n_subflows; i++) {
			const struct subflow_half *half =
			    &conn->subflows[i]->half[side];

			add_stream(&excess, &half->stream);
			excess.mappings += half->map.forgotten;
		}
	}
	return excess;
}

static uint64_t latest_frame(const struct conn *conn)
{
	uint64_t frame = 0;

	for (size_t i = 0; i < conn->n_subflows; i++)
		if (conn->subflows[i]->last_frame > frame)
			frame = conn->subflows[i]->last_frame;
	return frame;
}

void overflow_tell(const struct overflow *overflow, struct report_conn *report,
		   const char *what, const char *result)
{
	if (overflow->count)
		report_finding(report, NOTE, "limit-reached", overflow->frame,
			       overflow->time, "%s (%" PRIu64 " in all): %s",
			       what, overflow->count, result);
}

static void tell(struct report_conn *report, const struct conn *conn,
		 uint64_t count, const char *what, const char *result)
{
	const struct overflow overflow = {count, latest_frame(conn),
					  conn->last};

	overflow_tell(&overflow, report, what, result);
}

static void tell_left_out(const struct conn *conn, struct report_conn *report)
{
	/* One that nobody answered was not much. */
	if (conn->let_go && conn->half[CLIENT].last != NSTIME_NONE &&
	    conn->half[SERVER].last != NSTIME_NONE)
		report_finding(report, WARNING, "limit-reached",
			       latest_frame(conn), conn->last,
			       "too many connections or subflows were open at "
			       "once: this one was silent for longest and is "
			       "told as it was then; what may have come later "
			       "is missing");
	if (conn->subflows_left_out)
		report_finding(report, WARNING, "limit-reached",
			       latest_frame(conn), conn->last,
			       "it has more subflows than are followed "
			       "(%" PRIu64 " more): they, and the data that "
			       "they carried, are missing",
			       conn->subflows_left_out);
}

static void on_close(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;
	struct report_conn *report = desk->report;
	const struct excess excess = excess_of(conn);

	if (!conn->n_subflows)
		return;
	tell_left_out(conn, report);
	tell(report, conn, excess.forgotten,
	     "more ranges were in flight than are remembered: the oldest were "
	     "forgotten",
	     "when and by which subflow they were sent is missing from round "
	     "trips, delays, and what is said of copies");
	tell(report, conn, excess.filled,
	     "more holes were left than are remembered: the oldest were "
	     "forgotten",
	     "what fills them counts as sent again");
	tell(report, conn, excess.skipped,
	     "segments were made of more ranges or mappings than are looked "
	     "up",
	     "the rest of each counts as sent again by nobody knows whom, or "
	     "as unmapped");
	tell(report, conn, excess.mappings,
	     "more mappings were not acknowledged than are remembered: the "
	     "oldest were forgotten",
	     "payload of theirs that was sent again counts as unmapped");
	tell(report, conn, conn->addresses_left_out,
	     "more addresses were announced and removed than are remembered",
	     "the later ones are missing");
}

const struct analysis analysis_limits = {
    .name = "limits",
    .reports = true,
    .on = {[EVENT_CLOSE] = on_close},
};

/* What there was too much of, and what came of it. */
static const struct {
	const char *what, *gone, *result;
} texts[TRACKER_LIMITS] = {
    [LIMIT_HALF_OPEN] = {"connections with packets of one side only were open "
			 "at once",
			 "the oldest were let go",
			 "an answer that came later is told as another flow's"},
    [LIMIT_CONNS] = {"connections were open at once",
		     "those that were silent for longest were let go",
		     "what came of them later is told as other flows'"},
    [LIMIT_FLOWS] = {"flows of plain TCP were open at once",
		     "those that were silent for longest were let go",
		     "one that went on is counted again"},
    [LIMIT_SUBFLOWS] = {"subflows were open at once",
			"connections that were silent for longest were let go",
			"what came of them later is told as other flows'"},
    [LIMIT_CONN_SUBFLOWS] = {"subflows were of one connection",
			     "those beyond were not followed",
			     "they, and the data that they carried, are "
			     "missing from what is said of it"},
    [LIMIT_LINGER] = {"connections had ended and waited for stragglers",
		      "packets of earlier ones came too late",
		      "are missing from what is said of these"},
};

bool analyses_excess_text(const struct tracker_counts *counts, size_t limit,
			  char *text, size_t size)
{
	const struct tracker_excess *excess = &counts->excess[limit];

	if (excess->count)
		format_text(text, size,
			    "more than %" PRIu64 " %s: %s (%" PRIu64
			    " in all), and %s",
			    excess->most, texts[limit].what, texts[limit].gone,
			    excess->count, texts[limit].result);
	return excess->count;
}

void limits_tell(const struct tracker_counts *counts, struct report_conn *loose)
{
	char text[LIMIT_TEXT];

	for (size_t i = 0; i < TRACKER_LIMITS; i++)
		if (analyses_excess_text(counts, i, text, sizeof(text)))
			report_finding(loose, WARNING, "limit-reached",
				       counts->excess[i].frame,
				       counts->excess[i].time, "%s", text);
}
