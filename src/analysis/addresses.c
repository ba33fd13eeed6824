/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What became of the addresses that were announced. RFC 8684 section 3.4.
 */
#include "analysis/addresses.h"
#include "analysis/analysis.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

#define IDS 256

/* A peer that answers does so within that; one that does not is asked again. */
#define ECHO_LATE   NSTIME_SECOND
#define ANSWER_LATE NSTIME_SECOND /* likewise, to a SYN */
#define ECHO_TRIES  3

/* An address, as long as its id stands for it. */
struct announced {
	const struct conn_address *first; /* its ADD_ADDR, or NULL */
	int times;
	bool echoed;
	nstime_t removed; /* NSTIME_NONE: never */
};

static bool same_place(const struct conn_address *a,
		       const struct conn_address *b)
{
	return address_same(&a->address, &b->address) && a->port == b->port;
}

bool address_is_end(const struct conn_address *what,
		    const struct subflow *subflow)
{
	const struct endpoint *end = &subflow->end[what->side];

	return address_same(&end->address, &what->address) &&
	       (!what->port || subflow->initiator == what->side ||
		end->port == what->port);
}

bool answer_is_late(const struct subflow *subflow, nstime_t now)
{
	return subflow->half[subflow->initiator].syns > 1 ||
	       nstime_span(subflow->first, now) >= ANSWER_LATE;
}

/* Is it plain that the join did not come about? */
static bool has_failed(const struct subflow *subflow, nstime_t now)
{
	const struct subflow_half *joiner = &subflow->half[subflow->initiator];

	switch (subflow->state) {
	case SUBFLOW_REFUSED:
	case SUBFLOW_PLAIN:
		return true;
	case SUBFLOW_UNANSWERED:
		return answer_is_late(subflow, now);
	case SUBFLOW_RESET: /* on the SYN/ACK */
		return joiner->syn && subflow->synack_join &&
		       joiner->packets <= joiner->syns + joiner->rsts;
	default:
		return false;
	}
}

enum address_use address_use(const struct conn_address *what,
			     const struct conn *conn, nstime_t now)
{
	enum address_use use = ADDRESS_UNUSED;

	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];
		bool pending =
		    !subflow->half[other_side(subflow->initiator)].packets;

		if (!address_is_end(what, subflow))
			continue;
		if (has_failed(subflow, now)) {
			if (subflow->initiator != what->side)
				use = ADDRESS_TRIED;
		} else if (!pending) {
			return ADDRESS_USED;
		} else if (use == ADDRESS_UNUSED) {
			use = ADDRESS_PENDING;
		}
	}
	return use;
}

static void tell_use(const struct announced *announced, const struct conn *conn,
		     nstime_t now, struct report_conn *report)
{
	const struct conn_address *what = announced->first;
	char text[ENDPOINT_TEXT], port[16] = "";
	enum address_use use = address_use(what, conn, now);

	if (use == ADDRESS_USED || use == ADDRESS_PENDING)
		return;
	if (what->port)
		snprintf(port, sizeof(port), " port %u", what->port);
	address_print(&what->address, text);
	if (use == ADDRESS_TRIED)
		report_finding(report, WARNING, "address-join-failed",
			       what->frame, what->time,
			       "the %s announced %s%s (id %u), and no join to "
			       "it came about",
			       side_word(what->side), text, port, what->id);
	else
		report_finding(report, NOTE, "address-unused", what->frame,
			       what->time,
			       "the %s announced %s%s (id %u), and nobody "
			       "tried to join it",
			       side_word(what->side), text, port, what->id);
}

/* Echoes came with version 1. Nothing is held against a peer that had no time
 * to answer. */
static void tell_echo(const struct announced *announced,
		      const struct conn *conn, struct report_conn *report)
{
	const struct conn_address *what = announced->first;
	/* As long as the peer was heard. */
	nstime_t until = conn->half[other_side(what->side)].last;
	char text[ENDPOINT_TEXT];

	if (announced->removed != NSTIME_NONE && announced->removed < until)
		until = announced->removed;
	if (announced->echoed || !what->has_hmac || until == NSTIME_NONE)
		return;
	if (announced->times < ECHO_TRIES &&
	    nstime_span(what->time, until) < ECHO_LATE)
		return;
	report_finding(
	    report, WARNING, "address-no-echo", what->frame, what->time,
	    "the %s's announcement of %s (id %u) was never echoed, "
	    "though sent %d time%s",
	    side_word(what->side), address_print(&what->address, text),
	    what->id, announced->times, announced->times == 1 ? "" : "s");
}

static void tell_hmac(const struct conn_address *what,
		      struct report_conn *report)
{
	char text[ENDPOINT_TEXT];

	if (what->verdict != BAD)
		return;
	report_finding(report, WARNING, "address-bad-hmac", what->frame,
		       what->time,
		       "the HMAC of the %s's ADD_ADDR of %s (id %u) is wrong",
		       side_word(what->side),
		       address_print(&what->address, text), what->id);
}

static void tell(const struct announced *announced, const struct conn *conn,
		 nstime_t now, struct report_conn *report)
{
	if (!announced->first)
		return;
	tell_use(announced, conn, now, report);
	tell_echo(announced, conn, report);
}

static void take(struct announced *announced, const struct conn_address *what,
		 const struct conn *conn, nstime_t now,
		 struct report_conn *report)
{
	switch (what->signal) {
	case ADDRESS_ECHO:
		announced->echoed = true;
		break;
	case ADDRESS_REMOVE:
		announced->removed = what->time;
		tell(announced, conn, now, report);
		*announced = (struct announced){.removed = NSTIME_NONE};
		break;
	case ADDRESS_ADD:
		tell_hmac(what, report);
		if (what->verdict == BAD)
			break; /* nobody should heed it */
		if (announced->first && !same_place(announced->first, what)) {
			tell(announced, conn, now, report);
			*announced = (struct announced){.removed = NSTIME_NONE};
		}
		if (!announced->first)
			announced->first = what;
		announced->times++;
		break;
	}
}

static void on_close(struct desk *desk, const struct event *event)
{
	const struct conn *conn = event->conn;
	struct announced(*announced)[IDS];

	if (!conn->n_addresses)
		return;
	announced = xcalloc(2, sizeof(*announced));
	for (int side = 0; side < 2; side++)
		for (int id = 0; id < IDS; id++)
			announced[side][id].removed = NSTIME_NONE;
	for (size_t i = 0; i < conn->n_addresses; i++) {
		const struct conn_address *what = &conn->addresses[i];
		enum side owner = what->signal == ADDRESS_ECHO
				      ? other_side(what->side)
				      : what->side;

		take(&announced[owner][what->id], what, conn, event->u.now,
		     desk->report);
	}
	for (int side = 0; side < 2; side++)
		for (int id = 0; id < IDS; id++)
			tell(&announced[side][id], conn, event->u.now,
			     desk->report);
	free(announced);
}

const struct analysis analysis_addresses = {
    .name = "addresses",
    .reports = true,
    .on = {[EVENT_CLOSE] = on_close},
};
