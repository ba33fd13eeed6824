/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What somebody should know: each finding with its packet and a sentence. A
 * healthy connection has none of severity WARNING or ERROR.
 */
#include "analysis/addresses.h"
#include "analysis/analysis.h"

#include <inttypes.h>
#include <stdio.h>

struct findings {	     /* NULL where there are none of these */
	int64_t unmapped[2]; /* bytes that never found a mapping */
	nstime_t unmapped_time[2];
	uint64_t unmapped_frame[2];
	int unmapped_on[2]; /* the first of them: subflow */
	bool failed[2];	    /* MP_FAIL from that side was told */
	struct conflict {
		uint64_t times;
		uint64_t frame, dsn; /* of the first */
		nstime_t time;
		int subflow, length;
	} conflicts[2];
};

static struct findings *findings_of(struct desk *desk)
{
	return desk_rare(desk, sizeof(struct findings));
}

static const char *fallback_sentence(enum fallback_reason reason)
{
	switch (reason) {
	case FALLBACK_SYNACK:
		return "the SYN/ACK came without MP_CAPABLE: the server does "
		       "not speak MPTCP, or the option was removed on the way";
	case FALLBACK_SYN_RETRIED:
		return "the client sent its SYN again without MP_CAPABLE, "
		       "since those with it were not answered";
	case FALLBACK_THIRD_ACK:
		return "the client's first packet after its SYN has no MPTCP "
		       "option, and neither has what follows";
	case FALLBACK_FAIL:
		return "MP_FAIL: a DSS checksum was wrong, so the only "
		       "subflow goes on as plain TCP";
	case FALLBACK_INFINITE:
		return "an infinite mapping: the connection goes on as plain "
		       "TCP";
	default:
		return "";
	}
}

/* A server that gets data before the client's keys goes on without; its first
 * words after the SYN/ACK then acknowledge less than all. */
static bool misses_keys(const struct event *event)
{
	const struct subflow_half *server =
	    &event->conn->subflows[0]->half[SERVER];

	return event->side == SERVER && server->packets - server->syns > 1;
}

static void on_fallback(struct desk *desk, const struct event *event)
{
	struct report_conn *report = desk->report;
	const struct conn *conn = event->conn;
	const char *code = fallback_word(conn->fallback), *why = "";

	if (conn->fallback == FALLBACK_DATA &&
	    conn->half[event->side].uses_mptcp) {
		report_finding(report, WARNING, code, event->frame, event->time,
			       "the %s used MPTCP until here; from this packet "
			       "on its data and acknowledgements come without "
			       "DSS",
			       side_word(event->side));
		return;
	}
	if (conn->fallback == FALLBACK_DATA && misses_keys(event))
		why = "; perhaps the client's keys, in its third ACK and first "
		      "data, were lost or overtaken";
	if (conn->fallback == FALLBACK_DATA)
		report_finding(report, WARNING, code, event->frame, event->time,
			       "MP_CAPABLE was agreed on, but data or "
			       "acknowledgements of the %s come without DSS%s",
			       side_word(event->side), why);
	else
		report_finding(report, WARNING, code, event->frame, event->time,
			       "%s", fallback_sentence(conn->fallback));
}

/* Nobody will miss what is refused now: joins are taken until the first
 * DATA_FIN. */
static bool is_over(const struct conn *conn)
{
	return conn->half[CLIENT].fin || conn->half[SERVER].fin;
}

static void on_subflow_end(struct desk *desk, const struct event *event)
{
	struct report_conn *report = desk->report;
	const struct subflow *subflow = event->subflow;

	if (subflow->state != SUBFLOW_REFUSED)
		return;
	if (subflow->initial)
		report_finding(report, WARNING, "capable-reset", event->frame,
			       event->time,
			       "the SYN with MP_CAPABLE was answered by a "
			       "reset: nobody listens there, or a box refuses "
			       "it");
	else
		report_finding(report, is_over(event->conn) ? NOTE : WARNING,
			       "join-reset", event->frame, event->time,
			       "subflow %d was refused with a reset (%s)",
			       subflow->id,
			       reset_reason_word(subflow->reset_reason)
				   ? reset_reason_word(subflow->reset_reason)
				   : "no reason given");
}

/* Has the capture missed some of it? */
static bool has_holes(const struct stream *stream)
{
	struct spans_place place;
	const struct stream_run *run = stream_at(stream, stream->floor, &place);

	if (stream->gaps.count)
		return true;
	for (; run; run = stream_next(stream, &place))
		if (run->on == ON_NOBODY)
			return true;
	return false;
}

/* Data in the SYN is mapped only if the SYN/ACK did not take it. */
static bool lacks_synack(const struct subflow *subflow, enum side side)
{
	return side == subflow->initiator &&
	       !subflow->half[other_side(side)].syn;
}

static void tell_unmapped(const struct findings *findings,
			  const struct conn *conn, enum side side,
			  struct report_conn *report)
{
	size_t on = (size_t)findings->unmapped_on[side];
	const char *excuse = "";

	if (conn->half[side].options_cut)
		excuse = ": the capture cut options off";
	else if (on < conn->n_subflows &&
		 lacks_synack(conn->subflows[on], side))
		excuse = ": the capture misses the SYN/ACK, which tells where "
			 "mapped data begins";
	else if (on < conn->n_subflows &&
		 has_holes(&conn->subflows[on]->half[side].stream))
		excuse = ": the capture misses packets that may have had it";
	report_finding(report, *excuse ? NOTE : WARNING, "data-unmapped",
		       findings->unmapped_frame[side],
		       findings->unmapped_time[side],
		       "%" PRId64 " bytes from the %s, the first of them in "
		       "this packet, are covered by no mapping%s",
		       findings->unmapped[side], side_word(side), excuse);
}

static void tell_conflict(const struct conflict *conflict, enum side side,
			  struct report_conn *report)
{
	char others[48] = "";

	if (!conflict->times)
		return;
	if (conflict->times > 1)
		snprintf(others, sizeof(others), ", the first of %" PRIu64,
			 conflict->times);
	report_finding(report, WARNING, "mapping-conflict", conflict->frame,
		       conflict->time,
		       "the mapping of DSN 0x%016" PRIx64
		       " (%d bytes) from the %s on subflow %d puts octets "
		       "elsewhere in the data than one before did%s",
		       conflict->dsn, conflict->length, side_word(side),
		       conflict->subflow, others);
}

/* Joins to a connection that began before the capture. */
static void tell_tokens(const struct conn *conn, struct report_conn *report)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];
		enum side from = subflow->initiator;

		if (subflow->join && subflow->half[from].syn)
			report_finding(
			    report, NOTE, "join-unknown-token",
			    subflow->first_frame, subflow->first,
			    "the MP_JOIN of subflow %d is for token "
			    "0x%08" PRIx32 ", whose key was not captured",
			    subflow->id, conn->half[other_side(from)].token);
	}
}

static void on_close(struct desk *desk, const struct event *event)
{
	static const struct findings nothing;
	const struct findings *seen = *(struct findings **)desk->state;
	const struct findings *findings = seen ? seen : &nothing;
	struct report_conn *report = desk->report;
	const struct conn *conn = event->conn;

	if (!conn->handshake_seen)
		report_finding(report, NOTE, "handshake-missing",
			       conn->first_frame, conn->first,
			       "the connection was there before the capture "
			       "began: its keys are not known");
	for (int side = 0; side < 2; side++)
		tell_conflict(&findings->conflicts[side], (enum side)side,
			      report);
	if (!conn->handshake_seen)
		tell_tokens(conn, report);
	for (int side = 0; side < 2; side++)
		if (findings->unmapped[side] && !conn->fallback)
			tell_unmapped(findings, conn, (enum side)side, report);
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];

		if (subflow->state == SUBFLOW_UNANSWERED)
			report_finding(
			    report,
			    answer_is_late(subflow, event->u.now) ? WARNING
								  : NOTE,
			    subflow->initial ? "capable-unanswered"
					     : "join-unanswered",
			    subflow->first_frame, subflow->first,
			    "the SYN of subflow %d was never "
			    "answered (sent %u time%s)",
			    subflow->id, subflow->half[subflow->initiator].syns,
			    subflow->half[subflow->initiator].syns == 1 ? ""
									: "s");
		else if (subflow->state == SUBFLOW_PLAIN)
			report_finding(report, WARNING, "join-no-option",
				       subflow->first_frame, subflow->first,
				       "the SYN of subflow %d was answered "
				       "without MP_JOIN",
				       subflow->id);
	}
}

/* Where it makes the connection fall back, it is told as the reason. */
static void on_fail(struct desk *desk, const struct event *event)
{
	struct report_conn *report = desk->report;
	enum side side = event->side;
	struct findings *findings;

	if (!(event->segment->flags & TCP_RST))
		return;
	findings = findings_of(desk);
	if (findings->failed[side])
		return;
	findings->failed[side] = true;
	report_finding(report, WARNING, "mp-fail", event->frame, event->time,
		       "MP_FAIL from the %s: data from DSN 0x%016" PRIx64
		       " on came with a wrong checksum on subflow %d",
		       side_word(side), event->u.dsn, event->subflow->id);
}

/* RFC 8684 section 3.1: the server answers with the highest version that it
 * has, and the client may have to do without. */
static void on_syn(struct desk *desk, const struct event *event)
{
	struct report_conn *report = desk->report;
	const struct segment *segment = event->segment;
	int offered = event->conn->offered;

	if (!(segment->flags & TCP_ACK) || offered < 0)
		return;
	for (int i = 0; i < segment->n_mptcp; i++) {
		const struct mptcp_option *option = &segment->mptcp[i];

		if (option->subtype == MPTCP_CAPABLE &&
		    option->u.capable.version < offered)
			report_finding(report, WARNING, "version-downgrade",
				       event->frame, event->time,
				       "the client offered version %d, and the "
				       "SYN/ACK answers with version %u",
				       offered, option->u.capable.version);
	}
}

/* After a fallback mappings mean nothing any more. */
static void on_conflict(struct desk *desk, const struct event *event)
{
	struct conflict *conflict = &findings_of(desk)->conflicts[event->side];

	if (event->conn->fallback || conflict->times++)
		return;
	conflict->frame = event->frame;
	conflict->time = event->time;
	conflict->dsn = event->u.mapping->dsn;
	conflict->length = event->u.mapping->length;
	conflict->subflow = event->subflow->id;
}

static void on_checksum(struct desk *desk, const struct event *event)
{
	report_finding(desk->report, ERROR, "checksum-bad", event->frame,
		       event->time,
		       "the DSS checksum of DSN 0x%016" PRIx64
		       " (%u bytes) from the %s on subflow %d is wrong",
		       event->u.mapping->dsn, event->u.mapping->length,
		       side_word(event->side), event->subflow->id);
}

/* Data in the SYN never has a mapping. */
static void on_unmapped(struct desk *desk, const struct event *event)
{
	struct findings *findings;
	const struct piece *piece = event->u.piece;
	enum side side = event->side;

	if (piece->end <= event->subflow->half[side].ssn0)
		return;
	findings = findings_of(desk);
	if (!findings->unmapped[side]) {
		findings->unmapped_time[side] = event->time;
		findings->unmapped_frame[side] = event->frame;
		findings->unmapped_on[side] = event->subflow->id;
	}
	findings->unmapped[side] += piece->end - piece->start;
}

static void on_hmac(struct desk *desk, const struct event *event)
{
	if (event->u.verdict == BAD)
		report_finding(desk->report, ERROR, "join-bad-hmac",
			       event->frame, event->time,
			       "the %s's HMAC in the MP_JOIN of subflow %d is "
			       "wrong",
			       side_word(event->side), event->subflow->id);
}

static void on_fastclose(struct desk *desk, const struct event *event)
{
	bool bad = event->u.verdict == BAD;

	report_finding(desk->report, bad ? WARNING : NOTE, "fastclose",
		       event->frame, event->time,
		       bad ? "MP_FASTCLOSE from the %s, with a key that is "
			     "not its peer's"
			   : "the %s ended the whole connection at once "
			     "(MP_FASTCLOSE)",
		       side_word(event->side));
}

const struct analysis analysis_findings = {
    .name = "findings",
    .state_size = sizeof(struct findings *),
    .reports = true,
    .on =
	{
	    [EVENT_FALLBACK] = on_fallback,
	    [EVENT_CHECKSUM] = on_checksum,
	    [EVENT_CONFLICT] = on_conflict,
	    [EVENT_UNMAPPED] = on_unmapped,
	    [EVENT_HMAC] = on_hmac,
	    [EVENT_FAIL] = on_fail,
	    [EVENT_SYN] = on_syn,
	    [EVENT_FASTCLOSE] = on_fastclose,
	    [EVENT_SUBFLOW_END] = on_subflow_end,
	    [EVENT_CLOSE] = on_close,
	},
    .end = desk_rare_free,
};
