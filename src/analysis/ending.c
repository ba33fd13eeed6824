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

/* Was the address that the subflow uses taken back? */
static bool was_removed(const struct conn *conn, const struct subflow *subflow)
{
	for (size_t i = 0; i < conn->n_addresses; i++) {
		const struct conn_address *one = &conn->addresses[i];
		const struct subflow_half *half = &subflow->half[one->side];

		if (one->signal == ADDRESS_REMOVE &&
		    (half->id_known || subflow->initial) && half->id == one->id)
			return true;
	}
	return false;
}

static bool is_alive(const struct subflow *subflow)
{
	return subflow->state == SUBFLOW_ESTABLISHED ||
	       subflow->state == SUBFLOW_HALF_CLOSED;
}

static bool is_last(const struct conn *conn, const struct subflow *subflow)
{
	for (size_t i = 0; i < conn->n_subflows; i++)
		if (conn->subflows[i] != subflow && is_alive(conn->subflows[i]))
			return false;
	return true;
}

/* Bytes of both sides that it had not delivered. */
static int64_t outstanding(const struct subflow *subflow)
{
	int64_t bytes = 0;

	for (int side = 0; side < 2; side++) {
		const struct stream *stream = &subflow->half[side].stream;

		if (stream->sent > stream->acked)
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

/* Packets but SYNs and resets. */
static uint64_t others_sent(const struct subflow_half *half)
{
	return half->packets - half->syns - half->rsts;
}

/* Did its initiator go on after the SYN/ACK? One that the capture found under
 * way did. */
static bool was_established(const struct subflow *subflow)
{
	const struct subflow_half *half = &subflow->half[subflow->initiator];

	return !half->syn || others_sent(half) > 0;
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
	if (data_ended(event->conn))
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

/* Judged at the end: what explains a reset may come after it. */
static void on_subflow_end(struct ending *ending, const struct event *event)
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
	    .last = is_last(event->conn, event->subflow),
	    .ended = data_ended(event->conn),
	};
}

static void tell_reset(const struct reset *reset, const struct conn *conn,
		       struct report_conn *report)
{
	const struct subflow *subflow = conn->subflows[reset->subflow];
	const char *reason = reset_reason_word(subflow->reset_reason);
	bool removed = was_removed(conn, subflow);
	bool grave = !removed && (reset->lost || reset->last);
	char bytes[64] = "";

	/* What it had not delivered others have. */
	if (fast_closed(conn) ||
	    (reset->ended && (!reset->lost || conn_state(conn) == CONN_CLOSED)))
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
		       removed ? ", after its address was removed" : "");
}

static bool is_over(const struct conn *conn)
{
	for (size_t i = 0; i < conn->n_subflows; i++)
		if (is_alive(conn->subflows[i]) ||
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

static void tell_no_fin(const struct conn *conn, struct report_conn *report)
{
	const struct conn_half *half = conn->half;
	const char *who = half[CLIENT].fin   ? "the server"
			  : half[SERVER].fin ? "the client"
					     : "either side";

	if (!conn->accepted || !conn->third_ack || conn->fallback ||
	    fast_closed(conn) || data_ended(conn) || !is_over(conn))
		return;
	report_finding(report, WARNING, "no-data-fin", latest(conn)->last_frame,
		       conn->last,
		       "all subflows have ended, and no DATA_FIN from %s was "
		       "seen: data may be missing",
		       who);
}

static void on_close(const struct ending *ending, const struct conn *conn,
		     struct report_conn *report)
{
	if (!conn->n_subflows)
		return;
	for (size_t i = 0; i < ending->n_resets; i++)
		tell_reset(&ending->resets[i], conn, report);
	tell_no_fin(conn, report);
}

static void on_event(struct desk *desk, const struct event *event)
{
	if (event->kind == EVENT_SUBFLOW_END) {
		on_subflow_end(desk->state, event);
		tell_join(event, desk->report);
	} else
		on_close(desk->state, event->conn, desk->report);
}

static void end(struct desk *desk)
{
	free(((struct ending *)desk->state)->resets);
}

const struct analysis analysis_ending = {
    .name = "ending",
    .events = (1u << EVENT_SUBFLOW_END) | (1u << EVENT_CLOSE),
    .state_size = sizeof(struct ending),
    .reports = true,
    .on_event = on_event,
    .end = end,
};
