/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was signalled, and what became of it, in order of time: carried.c tells
 * what packets carry, outcomes.c what becomes of it, announced.c whether
 * addresses are used, lulls.c when data is sent and when not.
 *
 * It looks at every segment, since third ACKs, options sent again, FINs and
 * first data have no events of their own; for most, a look is all.
 */
#include "analysis/signals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct report_signal signal_at(const struct moment *moment, int subflow,
			       enum signal_kind kind)
{
	struct report_signal signal = {REPORT_SIGNAL_BLANK};

	signal.time = moment->time;
	signal.packet = moment->frame;
	signal.side = moment->side;
	signal.subflow = subflow;
	signal.kind = kind;
	return signal;
}

struct report_signal signal_of(const struct event *event, enum signal_kind kind)
{
	const struct moment moment = {event->time, event->frame, event->side};

	return signal_at(&moment, event->subflow ? event->subflow->id : -1,
			 kind);
}

struct report_signal warning_of(const struct event *event,
				enum signal_kind kind)
{
	struct report_signal signal = signal_of(event, kind);

	signal.severity = WARNING;
	return signal;
}

void signal_number(struct report_signal *signal, enum signal_number what,
		   uint64_t number)
{
	signal->number_is = what;
	signal->number = number;
}

void signal_verdict(struct report_signal *signal, enum verdict verdict,
		    enum severity severity_if_bad)
{
	signal->hmac = (int8_t)verdict;
	if (verdict == BAD)
		signal->severity = severity_if_bad;
}

void signal_address(struct report_signal *signal, uint8_t id,
		    const struct address *address, uint16_t port)
{
	signal->id = id;
	signal->address = *address;
	signal->port = port;
}

bool has_option(const struct segment *segment, enum mptcp_subtype subtype)
{
	for (int i = 0; i < segment->n_mptcp; i++)
		if (segment->mptcp[i].subtype == subtype)
			return true;
	return false;
}

/*
 * Data.
 */
static void first_data(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	struct report_signal signal = signal_of(event, SIGNAL_FIRST_DATA);

	signal.bytes = segment->payload;
	report_signal(
	    desk->report, &signal, "%u byte%s%s%s", segment->payload,
	    plural(segment->payload),
	    if_so(segment->flags & TCP_SYN, " in the SYN"),
	    if_so(!own_half(event)->syn, ", the first that were captured"));
}

/* The acknowledgement covers all data, and DATA_FIN behind it. */
static void data_acked(struct desk *desk, const struct event *event)
{
	const struct conn_half *half = &event->conn->half[event->side];
	struct report_signal signal = signal_of(event, SIGNAL_DATA_FIN_ACKED);

	if (!half->fin || event->u.acked.upto <= half->fin_offset ||
	    event->u.acked.before > half->fin_offset)
		return;
	signal.side = other_side(event->side); /* who sent it */
	if (half->key_known)
		signal.bytes = half->fin_offset;
	report_signal(desk->report, &signal, "the %s's",
		      side_word(event->side));
}

static void tell_mapping(struct desk *desk, const struct event *event,
			 enum signal_kind kind, enum severity severity)
{
	const struct mapping *mapping = event->u.mapping;
	struct report_signal signal = signal_of(event, kind);

	signal.severity = severity;
	signal.bytes = mapping->length;
	signal_number(&signal, NUMBER_DSN, mapping->dsn);
	report_signal(desk->report, &signal, "DSN 0x%016" PRIx64 ", %u byte%s",
		      mapping->dsn, mapping->length, plural(mapping->length));
}

/*
 * Events.
 */

/* Fallback is told only now, to stand after the option that brought it. */
static void on_close(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;

	if (!conn->n_subflows)
		return;
	if (conn->fallback)
		outcome_fallback(desk, conn);
	lulls_close(desk, conn);
	for (size_t i = 0; i < conn->n_subflows; i++)
		outcome_unfinished(desk, conn->subflows[i], event->u.now);
	announced_close(desk, conn);
	outcome_closed(desk, conn);
	report_signals_settle(desk->report);
}

/* Its options, and what they show. */
static void options_arrive(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;
	struct signals *signals = desk->state;

	carried_options(desk, event);
	if (!signals->keys_known && conn->half[CLIENT].key_known &&
	    conn->half[SERVER].key_known) {
		signals->keys_known = true;
		outcome_keys_known(desk, event);
	}
	if (!signals->established && conn->handshake_seen && conn->accepted &&
	    conn->third_ack) {
		signals->established = true;
		outcome_established(desk, event);
	}
}

static void take_time(struct signals *signals, const struct event *event)
{
	nstime_t last = signals->opened ? signals->last.time : NSTIME_NONE;

	if (last == NSTIME_NONE || event->time >= last)
		signals->last =
		    (struct moment){event->time, event->frame, event->side};
}

static void arrives(struct desk *desk, const struct event *event)
{
	const struct segment *segment = event->segment;
	struct signals *signals = desk->state;

	take_time(signals, event);
	if (!signals->opened) {
		signals->opened = true;
		outcome_opened(desk, event);
	}
	if (segment->n_mptcp)
		options_arrive(desk, event);
	if (event->side != event->subflow->initiator)
		outcome_of_responder(desk, event);
	lull_segment(desk, event);
	if (segment->flags & TCP_RST) {
		carried_reset(desk, event);
	} else if (segment->payload &&
		   own_half(event)->bytes == segment->payload) {
		first_data(desk, event);
	}
	if (segment->flags & TCP_FIN)
		carried_fin(desk, event);
}

static void checksum_bad(struct desk *desk, const struct event *event)
{
	tell_mapping(desk, event, SIGNAL_CHECKSUM_BAD, ERROR);
}

static void conflict(struct desk *desk, const struct event *event)
{
	tell_mapping(desk, event, SIGNAL_MAPPING_CONFLICT, WARNING);
}

static void moved(struct desk *desk, struct desk *from,
		  const struct event *event)
{
	struct signals *signals = desk->state, *old = from->state;

	report_signals_move(desk->report, event->subflow->id, from->report,
			    event->u.origin.id, event->u.origin.turned);
	lull_move(signals, event->subflow->id, old, event->u.origin.id,
		  event->u.origin.turned);
	announced_move(signals, old, event->u.origin.turned);
}

static void end(struct desk *desk)
{
	struct signals *signals = desk->state;

	free(signals->announced);
	free(signals->lulls);
}

const struct analysis analysis_signals = {
    .name = "signals",
    .state_size = sizeof(struct signals),
    .signals = true,
    .on =
	{
	    [EVENT_SEGMENT] = arrives,
	    [EVENT_TCP_ACKED] = lull_acked,
	    [EVENT_ACKED] = data_acked,
	    [EVENT_HMAC] = outcome_judged,
	    [EVENT_CHECKSUM] = checksum_bad,
	    [EVENT_CONFLICT] = conflict,
	    [EVENT_SUBFLOW_END] = outcome_ended,
	    [EVENT_CLOSE] = on_close,
	},
    .moved = moved,
    .end = end,
};
