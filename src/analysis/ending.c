/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ends that are not as they should be: subflows reset, connections without
 * DATA_FIN. RFC 8684 sections 3.3.3 and 3.6.
 */
#include "analysis/analysis.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct reset { /* of an established subflow */
	int subflow;
	nstime_t time;
	uint64_t frame;
	int64_t lost; /* bytes that it had not delivered */
	bool last;    /* no other subflow was left */
	bool ended;   /* DATA_FIN had been sent both ways */
};

struct ending {
	struct reset *resets;
	size_t n_resets, room;
};

/* Was the address that the subflow uses taken back? Perhaps, where its id was
 * not captured. */
enum removed { NEVER, PERHAPS, CERTAIN };

static enum removed was_removed(const struct conn *conn,
				const struct subflow *subflow)
{
	enum removed removed = NEVER;

	for (size_t i = 0; i < conn->n_addresses; i++) {
		const struct conn_address *one = &conn->addresses[i];
		const struct subflow_half *half = &subflow->half[one->side];

		if (one->signal != ADDRESS_REMOVE)
			continue;
		if (!half->id_known && !subflow->initial)
			removed = PERHAPS;
		else if (half->id == one->id)
			return CERTAIN;
	}
	return removed;
}

/* Bytes of both sides that it had not delivered. */
static int64_t outstanding(const struct subflow *subflow)
{
	int64_t bytes = 0;

	for (int side = 0; side < 2; side++) {
		const struct stream *stream = &subflow->half[side].stream;
		const struct subflow_half *peer =
		    &subflow->half[other_side((enum side)side)];

		/* If its ACKs would have been captured. */
		if (stream->sent > stream->acked && peer->packets > peer->rsts)
			bytes += stream->sent - stream->acked;
	}
	return bytes;
}

static bool data_ended(const struct conn *conn)
{
	return conn->half[CLIENT].fin && conn->half[SERVER].fin;
}

static bool fast_closed(const struct conn *conn)
{
	for (int side = 0; side < 2; side++)
		if (conn->half[side].fastclose ||
		    conn->half[side].fastclose_bad)
			return true;
	return false;
}

/* Did its initiator go on after the SYN/ACK? One that the capture found under
 * way did. */
static bool was_established(const struct subflow *subflow)
{
	const struct subflow_half *half = &subflow->half[subflow->initiator];

	return !half->syn || subflow_others_sent(half) > 0;
}

/* The initiator did not like the answer. */
static void tell_join(const struct event *event, struct report_conn *report)
{
	const struct subflow *subflow = event->subflow;
	const char *reason = reset_reason_word(subflow->reset_reason);

	if (!subflow->join || !subflow->synack_join ||
	    subflow->reset_side != subflow->initiator ||
	    was_established(subflow))
		return;
	/* Its socket may be gone as soon as it has sent, or got, DATA_FIN. */
	if (event->conn->half[CLIENT].fin || event->conn->half[SERVER].fin)
		report_finding(report, NOTE, "join-reset", event->frame,
			       event->time,
			       "the answer to the join of subflow %d came when "
			       "the connection was over, and was reset",
			       subflow->id);
	else
		report_finding(report, WARNING, "join-reset", event->frame,
			       event->time,
			       "the %s, which had asked for subflow %d, reset "
			       "it on the answer (%s)",
			       side_word(subflow->initiator), subflow->id,
			       reason ? reason : "no reason given");
}

/* Does the capture have both directions? */
static bool both_heard(const struct conn *conn)
{
	return conn->half[CLIENT].last != NSTIME_NONE &&
	       conn->half[SERVER].last != NSTIME_NONE;
}

/* Did the capture cut off what might explain it? */
static bool options_cut(const struct conn *conn)
{
	return conn->half[CLIENT].options_cut || conn->half[SERVER].options_cut;
}

/* Judged at the end: what explains a reset may come after it. */
static void take_reset(struct ending *ending, const struct event *event)
{
	if (event->subflow->state != SUBFLOW_RESET ||
	    !was_established(event->subflow))
		return;
	ending->resets = xgrow(ending->resets, &ending->room,
			       ending->n_resets + 1, sizeof(*ending->resets));
	ending->resets[ending->n_resets++] = (struct reset){
	    .subflow = event->subflow->id,
	    .time = event->time,
	    .frame = event->frame,
	    .lost = outstanding(event->subflow),
	    .last = event->conn->handshake_seen && both_heard(event->conn) &&
		    subflow_is_alone(event->subflow),
	    .ended = data_ended(event->conn),
	};
}

/* `closed`: the connection came to its end all the same. */
static void tell_reset(const struct reset *reset, const struct conn *conn,
		       bool closed, struct report_conn *report)
{
	const struct subflow *subflow = conn->subflows[reset->subflow];
	const char *reason = reset_reason_word(subflow->reset_reason);
	enum removed removed = was_removed(conn, subflow);
	bool grave =
	    !removed && !options_cut(conn) && (reset->lost || reset->last);
	char bytes[64] = "";

	/* What it had not delivered others have. */
	if (fast_closed(conn) || (reset->ended && (!reset->lost || closed)))
		return;
	if (reset->lost)
		snprintf(bytes, sizeof(bytes),
			 ", with %" PRId64 " bytes not acknowledged",
			 reset->lost);
	report_finding(report, grave ? WARNING : NOTE, "subflow-reset",
		       reset->frame, reset->time,
		       "the %s reset subflow %d (%s)%s%s",
		       side_word(subflow->reset_side), subflow->id,
		       reason ? reason : "no reason given", bytes,
		       removed == CERTAIN   ? ", after its address was removed"
		       : removed == PERHAPS ? ", perhaps after its address "
					      "was removed"
					    : "");
}

static bool is_over(const struct conn *conn)
{
	for (size_t i = 0; i < conn->n_subflows; i++)
		if (subflow_is_alive(conn->subflows[i]) ||
		    conn->subflows[i]->state == SUBFLOW_HANDSHAKE)
			return false;
	return true;
}

/* The one that was heard of last. */
static const struct subflow *latest(const struct conn *conn)
{
	const struct subflow *latest = conn->subflows[0];

	for (size_t i = 1; i < conn->n_subflows; i++)
		if (conn->subflows[i]->last > latest->last)
			latest = conn->subflows[i];
	return latest;
}

/* Would its DATA_FIN have been captured? */
static bool lacks_fin(const struct conn *conn, enum side side)
{
	const struct conn_half *half = &conn->half[side];

	/* Acknowledged beyond what was captured: with it, perhaps. */
	return !half->fin && !half->options_cut && both_heard(conn) &&
	       half->stream.acked <= half->stream.sent;
}

static void tell_no_fin(const struct conn *conn, struct report_conn *report)
{
	bool client = lacks_fin(conn, CLIENT), server = lacks_fin(conn, SERVER);
	const char *who = client && server ? "either side"
			  : client	   ? "the client"
					   : "the server";

	if (!conn->handshake_seen || !conn->accepted || !conn->third_ack ||
	    conn->fallback || fast_closed(conn) || !(client || server) ||
	    !is_over(conn))
		return;
	report_finding(report, WARNING, "no-data-fin", latest(conn)->last_frame,
		       conn->last,
		       "all subflows have ended, and no DATA_FIN from %s was "
		       "seen: data may be missing",
		       who);
}

static void on_close(struct desk *desk, const struct event *event)
{
	const struct ending *ending = desk->state;
	const struct conn *conn = event->conn;
	bool closed = conn_state(conn) == CONN_CLOSED;

	if (!conn->n_subflows)
		return;
	for (size_t i = 0; i < ending->n_resets; i++)
		tell_reset(&ending->resets[i], conn, closed, desk->report);
	tell_no_fin(conn, desk->report);
}

static void subflow_ends(struct desk *desk, const struct event *event)
{
	take_reset(desk->state, event);
	tell_join(event, desk->report);
}

static void end(struct desk *desk)
{
	free(((struct ending *)desk->state)->resets);
}

const struct analysis analysis_ending = {
    .name = "ending",
    .state_size = sizeof(struct ending),
    .reports = true,
    .on =
	{
	    [EVENT_SUBFLOW_END] = subflow_ends,
	    [EVENT_CLOSE] = on_close,
	},
    .end = end,
};
