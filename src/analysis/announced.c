/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which announced addresses are used: told when a subflow is established that
 * ends there, and in the end, or when they go, if there was none. RFC 8684
 * section 3.4.
 */
#include "analysis/signals.h"

#include "base/alloc.h"

#include <stdio.h>

static struct announced *announced_of(struct signals *signals, enum side side,
				      uint8_t id)
{
	if (!signals->announced)
		signals->announced = xcalloc(2, sizeof(*signals->announced));
	return &signals->announced[side][id];
}

static bool same_place(const struct conn_address *a,
		       const struct conn_address *b)
{
	return address_same(&a->address, &b->address) && a->port == b->port;
}

/* "id 3, 10.0.7.2 port 8080: how it is used" */
static void tell(struct desk *desk, struct report_signal *signal,
		 const struct conn_address *what, const char *how)
{
	char text[ENDPOINT_TEXT], port[16] = "";

	signal->side = what->side;
	signal->id = what->id;
	signal->port = what->port;
	signal->address = what->address;
	if (what->port)
		snprintf(port, sizeof(port), " port %u", what->port);
	report_signal(desk->report, signal, "id %u, %s%s: %s", what->id,
		      address_print(&what->address, text), port, how);
}

/* It goes, at that moment. */
static void tell_unused(struct desk *desk, const struct conn *conn,
			struct announced *announced, const struct moment *now,
			const char *end)
{
	struct report_signal signal = signal_at(now, -1, SIGNAL_ADDRESS_UNUSED);
	enum address_use use;
	char how[64];

	if (!announced->times)
		return;
	use = address_use(&announced->what, conn, now->time);
	announced->times = 0;
	if (use == ADDRESS_USED || use == ADDRESS_PENDING)
		return;
	if (use == ADDRESS_TRIED)
		signal.severity = WARNING;
	snprintf(how, sizeof(how), "%s%s",
		 use == ADDRESS_TRIED ? "no join to it was established"
				      : "nobody tried to join it",
		 end);
	signal.reason = use == ADDRESS_TRIED ? "join-failed" : "not-tried";
	tell(desk, &signal, &announced->what, how);
}

uint32_t announced_add(struct desk *desk, const struct event *event,
		       const struct conn_address *what)
{
	const struct moment now = {event->time, event->frame, event->side};
	struct announced *announced =
	    announced_of(desk->state, what->side, what->id);

	if (announced->times && !same_place(&announced->what, what))
		tell_unused(desk, event->conn, announced, &now,
			    " before its id got another address");
	if (!announced->times)
		announced->what = *what;
	return ++announced->times;
}

void announced_remove(struct desk *desk, const struct event *event, uint8_t id)
{
	const struct moment now = {event->time, event->frame, event->side};

	tell_unused(desk, event->conn,
		    announced_of(desk->state, event->side, id), &now,
		    " before it was removed");
}

void announced_joined(struct desk *desk, const struct event *event)
{
	const struct signals *signals = desk->state;
	const struct subflow *subflow = event->subflow;
	char how[64];

	for (int side = 0; signals->announced && side < 2; side++) {
		bool to = subflow->initiator != (enum side)side;

		snprintf(how, sizeof(how), "subflow %d was opened %s it",
			 subflow->id, to ? "to" : "from");
		for (int id = 0; id < ADDRESS_IDS; id++) {
			const struct announced *announced =
			    &signals->announced[side][id];
			struct report_signal signal =
			    signal_of(event, SIGNAL_ADDRESS_USED);

			if (announced->times &&
			    address_is_end(&announced->what, subflow))
				tell(desk, &signal, &announced->what, how);
		}
	}
}

void announced_close(struct desk *desk, const struct conn *conn)
{
	struct signals *signals = desk->state;

	for (int side = 0; signals->announced && side < 2; side++)
		for (int id = 0; id < ADDRESS_IDS; id++)
			tell_unused(desk, conn, &signals->announced[side][id],
				    &signals->last, "");
}

void announced_move(struct signals *to, struct signals *from, bool turned)
{
	for (int side = 0; from->announced && side < 2; side++)
		for (int id = 0; id < ADDRESS_IDS; id++) {
			struct announced *old =
			    &from->announced[side ^ turned][id];
			struct announced *new =
			    announced_of(to, (enum side)side, (uint8_t)id);

			if (old->times && !new->times) {
				*new = *old;
				new->what.side = (enum side)side;
			}
			old->times = 0;
		}
}
