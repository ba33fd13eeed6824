/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What becomes of handshakes, joins, checks, and of the connection as a whole.
 */
#include "analysis/signals.h"

#include <inttypes.h>
#include <stdio.h>

/*
 * Handshakes and checks.
 */

/* The first segment from which the client is known to know that the server
 * took it, and that both speak MPTCP. */
void outcome_established(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;
	struct report_signal signal = signal_of(event, SIGNAL_ESTABLISHED);

	signal.subflow = -1;
	signal.version = (int8_t)conn->version;
	if (conn->version >= 0 && conn->offered > conn->version)
		signal.severity = WARNING;
	if (conn->version < 0)
		report_signal(desk->report, &signal, "version not known");
	else
		report_signal(desk->report, &signal,
			      "version %d%s, %s checksums", conn->version,
			      if_so(conn->offered > conn->version,
				    ", though a higher one was offered"),
			      conn->checksum ? "with" : "no");
}

/* The verdicts on HMACs of addresses that came before the keys were known. */
void outcome_keys_known(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;

	for (size_t i = 0; i < conn->n_addresses; i++) {
		const struct conn_address *one = &conn->addresses[i];
		struct report_signal signal =
		    signal_of(event, SIGNAL_HMAC_CHECKED);
		char name[ENDPOINT_TEXT];

		if (!one->has_hmac || one->verdict == UNCHECKED ||
		    one->frame == event->frame)
			continue;
		signal.side = one->side;
		signal_address(&signal, one->id, &one->address, one->port);
		signal_verdict(&signal, one->verdict, WARNING);
		report_signal(desk->report, &signal,
			      "ADD_ADDR of id %u, %s: HMAC %s, as is known "
			      "only now",
			      one->id, address_print(&one->address, name),
			      verdict_word(one->verdict));
	}
}

/*
 * What becomes of joins.
 */

/* RFC 8684 section 3.2: what the responder sends on a subflow after its
 * SYN/ACK says that it took the third ACK; or it refuses with a reset. */
static void joined(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	struct report_signal signal = signal_of(event, SIGNAL_JOINED);
	enum verdict synack = own_half(event)->verdict;
	enum verdict ack = subflow->half[subflow->initiator].verdict;

	signal_verdict(&signal, synack == BAD ? synack : ack, ERROR);
	if (synack == ack)
		report_signal(desk->report, &signal, "both HMACs %s",
			      verdict_word(ack));
	else
		report_signal(desk->report, &signal,
			      "HMAC of SYN/ACK %s, of third ACK %s",
			      verdict_word(synack), verdict_word(ack));
	announced_joined(desk, event);
}

static void no_option(struct desk *desk, const struct event *event)
{
	struct report_signal signal = warning_of(event, SIGNAL_JOIN_FAILED);

	signal.reason = "no-option";
	report_signal(desk->report, &signal, "SYN/ACK without MP_JOIN");
}

void outcome_of_responder(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct subflow *subflow = event->subflow;
	struct lull *lull = lull_of(desk->state, subflow->id);
	/* Its SYN/ACK need not be in the capture. */
	bool took = own_half(event)->syns
			? subflow->synack_join
			: subflow->half[subflow->initiator].hmac_known;

	if (!subflow->join || segment->flags & TCP_RST)
		return;
	if (!(segment->flags & TCP_SYN) && took && !lull->joined) {
		lull->joined = true;
		joined(desk, event);
	} else if (segment->flags & TCP_SYN && !subflow->synack_join &&
		   !segment->options_short) {
		no_option(desk, event);
	}
}

/* The verdict on an HMAC that came earlier, when keys or nonces were not
 * known; of one that comes now, its option tells it. */
void outcome_judged(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	const struct endpoint *sender = &event->subflow->end[event->side];
	struct report_signal signal = signal_of(event, SIGNAL_HMAC_CHECKED);

	if (segment->flags & TCP_ACK && has_option(segment, MPTCP_JOIN) &&
	    endpoint_same(&segment->src, sender))
		return;
	signal_verdict(&signal, event->u.verdict, ERROR);
	report_signal(desk->report, &signal,
		      "MP_JOIN of the %s: HMAC %s, as is known only now",
		      event->side == event->subflow->initiator ? "third ACK"
							       : "SYN/ACK",
		      verdict_word(event->u.verdict));
}

/* Was it answered? By a reset, `reason` (or NULL) is its own. */
static void refused(struct desk *desk, const struct event *event)
{
	const struct subflow *subflow = event->subflow;
	const char *reason = reset_reason_word(subflow->reset_reason);
	struct report_signal signal =
	    warning_of(event, subflow->join ? SIGNAL_JOIN_FAILED
					    : SIGNAL_HANDSHAKE_FAILED);

	signal.reason = "refused";
	report_signal(desk->report, &signal, "refused by a reset%s%s",
		      if_so(reason, ": "), if_so(reason, reason));
}

void outcome_ended(struct desk *desk, const struct event *event)
{
	enum subflow_state state = event->subflow->state;

	if (state == SUBFLOW_REFUSED)
		refused(desk, event);
	if (state == SUBFLOW_REFUSED || state == SUBFLOW_RESET)
		lull_reset(desk, event);
}

/* For people, and for programs. */
struct failure {
	const char *phrase, *word;
};

/* Why a join whose SYN was answered was not established. */
static const struct failure *failure_of(const struct subflow *subflow)
{
	static const struct failure failures[] = {
	    {"no third ACK with MP_JOIN", "no-third-ack"},
	    {"reset", "reset"},
	    {"third ACK unanswered", "third-ack-unanswered"},
	};

	if (!subflow->half[subflow->initiator].hmac_known)
		return &failures[0];
	return &failures[subflow->reset_seen ? 1 : 2];
}

/* What came to nothing; with the last packet there was of it. A SYN that was
 * just sent cannot have an answer yet. */
void outcome_unfinished(struct desk *desk, const struct subflow *subflow,
			nstime_t now)
{
	const struct subflow_half *own = &subflow->half[subflow->initiator];
	const struct subflow_half *peer =
	    &subflow->half[other_side(subflow->initiator)];
	const struct moment last = {subflow->last, subflow->last_frame,
				    subflow->initiator};
	struct report_signal signal = signal_at(
	    &last, subflow->id,
	    subflow->join ? SIGNAL_JOIN_FAILED : SIGNAL_HANDSHAKE_FAILED);

	signal.severity = WARNING;
	if (subflow->state == SUBFLOW_UNANSWERED) {
		if (!answer_is_late(subflow, now))
			signal.severity = NOTE;
		signal.reason = "unanswered";
		signal.count = own->syns;
		report_signal(desk->report, &signal,
			      "unanswered, SYN sent %u time%s", own->syns,
			      plural(own->syns));
	} else if (subflow->synack_join && !subflow_others_sent(peer) &&
		   subflow->state != SUBFLOW_REFUSED) {
		const struct failure *failure = failure_of(subflow);

		signal.reason = failure->word;
		report_signal(desk->report, &signal, "%s", failure->phrase);
	}
}

/*
 * The connection as a whole.
 */
static const char *fallback_phrase(enum fallback_reason reason)
{
	static const char *const phrases[] = {
	    [FALLBACK_NONE] = "",
	    [FALLBACK_SYNACK] = "SYN/ACK without MP_CAPABLE",
	    [FALLBACK_SYN_RETRIED] = "SYN sent again without MP_CAPABLE",
	    [FALLBACK_THIRD_ACK] = "third ACK without MPTCP option",
	    [FALLBACK_DATA] = "data, or its acknowledgement, without DSS",
	    [FALLBACK_FAIL] = "after MP_FAIL",
	    [FALLBACK_INFINITE] = "after an infinite mapping",
	};

	return phrases[reason];
}

/* Where the first packet seen stands in its life. */
static const char *beginning(const struct event *event)
{
	const struct subflow *subflow = event->subflow;

	if (subflow->half[subflow->initiator].syn && subflow->initial)
		return "";
	if (subflow->join)
		return ", by a join to none that is known";
	return subflow->initial ? ", its SYN was not captured"
				: ", from the middle of it on";
}

void outcome_opened(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;
	struct report_signal signal = signal_of(event, SIGNAL_OPENED);
	char client[END_TEXT], server[END_TEXT];

	signal.side = CLIENT;
	signal.subflow = -1;
	signal.address = conn->half[SERVER].end.address;
	signal.port = conn->half[SERVER].end.port;
	report_signal(desk->report, &signal, "from %s to %s%s",
		      endpoint_print(&conn->half[CLIENT].end, client),
		      endpoint_print(&conn->half[SERVER].end, server),
		      beginning(event));
}

void outcome_fallback(struct desk *desk, const struct conn *conn)
{
	const struct moment then = {conn->fallback_time, conn->fallback_frame,
				    conn->fallback_side};
	struct report_signal signal = signal_at(&then, -1, SIGNAL_FALLBACK);

	signal.severity = WARNING;
	signal.reason = fallback_word(conn->fallback);
	report_signal(desk->report, &signal, "%s",
		      fallback_phrase(conn->fallback));
}

/* Was one of its subflows not over yet? */
static bool is_open(const struct conn *conn)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];
		enum subflow_state state = subflow->state;
		bool failed = subflow->join && (state == SUBFLOW_HANDSHAKE ||
						state == SUBFLOW_UNANSWERED);

		if (subflow->flow && !failed && !subflow->reset_seen &&
		    state != SUBFLOW_CLOSED)
			return true;
	}
	return false;
}

static const char *closed_phrase(const struct conn *conn, enum conn_state state)
{
	const struct conn_half *half = conn->half;

	switch (state) {
	case CONN_CLOSED:
		if (half[CLIENT].fin && half[SERVER].fin)
			return "DATA_FIN both ways";
		if (half[CLIENT].fin || half[SERVER].fin)
			return half[CLIENT].fin ? "no DATA_FIN from the server"
						: "no DATA_FIN from the client";
		return "no DATA_FIN from either side";
	case CONN_FASTCLOSED:
		return half[CLIENT].fastclose ? "fast close by the client"
					      : "fast close by the server";
	case CONN_RESET:
		return "by a reset";
	case CONN_FALLBACK:
		return "plain TCP to its end";
	case CONN_HANDSHAKE:
		return "never established";
	default:
		return "not ended, its ports were used again";
	}
}

void outcome_closed(struct desk *desk, const struct conn *conn)
{
	const struct report_conn *report = desk->report;
	const struct signals *signals = desk->state;
	struct report_signal signal =
	    signal_at(&signals->last, -1, SIGNAL_CLOSED);
	enum conn_state state = report->state;

	signal.reason = conn_state_word(state);
	if (conn->timed_out)
		signal.kind = SIGNAL_TIMED_OUT;
	else if ((state == CONN_ESTABLISHED || state == CONN_HANDSHAKE ||
		  state == CONN_FALLBACK) &&
		 is_open(conn))
		signal.kind = SIGNAL_STILL_OPEN;
	else if (state == CONN_RESET)
		signal.severity = WARNING;
	if (signal.kind == SIGNAL_CLOSED)
		report_signal(desk->report, &signal, "%s",
			      closed_phrase(conn, state));
	else
		report_signal(desk->report, &signal, "state %s%s",
			      signal.reason,
			      if_so(signal.kind == SIGNAL_TIMED_OUT,
				    ", no packet for the time-out"));
}
