/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/orphans.h"

#include "analysis/path.h"

#include <inttypes.h>
#include <stdio.h>

static const char *end_print(const struct endpoint *end, char *text,
			     size_t size)
{
	char name[ENDPOINT_TEXT];

	snprintf(text, size, end->address.family == 6 ? "[%s]:%u" : "%s:%u",
		 address_print(&end->address, name), end->port);
	return text;
}

#define END_TEXT (ENDPOINT_TEXT + 16)

static const char *answer_of(const struct subflow *subflow)
{
	const struct subflow_half *half =
	    &subflow->half[other_side(subflow->initiator)];

	if (subflow->state == SUBFLOW_REFUSED)
		return "answered by a reset";
	return half->packets ? "answered" : "not answered";
}

static void tell_join(const struct conn *conn, const struct subflow *subflow,
		      struct report_conn *loose)
{
	enum side from = subflow->initiator, to = other_side(from);
	const char *reason = reset_reason_word(subflow->reset_reason);
	char source[END_TEXT], destination[END_TEXT];

	report_finding(
	    loose, subflow->state == SUBFLOW_REFUSED ? WARNING : NOTE,
	    "join-unknown-token", subflow->first_frame, subflow->first,
	    "the MP_JOIN from %s to %s is for token 0x%08" PRIx32
	    ", which is of no connection in the trace; it was %s%s%s",
	    end_print(&subflow->end[from], source, sizeof(source)),
	    end_print(&subflow->end[to], destination, sizeof(destination)),
	    conn->half[to].token, answer_of(subflow), reason ? ": " : "",
	    reason ? reason : "");
}

static void tell_nops(int nops, const struct endpoint *from,
		      const struct endpoint *to, uint64_t frame, nstime_t time,
		      struct report_conn *loose)
{
	char source[END_TEXT], destination[END_TEXT];

	if (nops < NOPS_REMOVED)
		return;
	report_finding(loose, WARNING, "option-removed-on-path", frame, time,
		       "%d NOPs in a row stand in the SYN from %s to %s, which "
		       "has no MPTCP option: it was probably removed on the "
		       "path",
		       nops, end_print(from, source, sizeof(source)),
		       end_print(to, destination, sizeof(destination)));
}

void orphans_tell(const struct conn *conn, struct report_conn *loose)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];
		enum side from = subflow->initiator;

		if (subflow->join && subflow->half[from].syn)
			tell_join(conn, subflow, loose);
		else
			tell_nops(subflow->syn_nops, &subflow->end[from],
				  &subflow->end[other_side(from)],
				  subflow->first_frame, subflow->first, loose);
	}
}

void orphans_tell_plain(const struct plain_flow *flow,
			struct report_conn *loose)
{
	if (flow->syn)
		tell_nops(flow->nops, &flow->end[0], &flow->end[1],
			  flow->first_frame, flow->first, loose);
}
