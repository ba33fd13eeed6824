/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/orphans.h"

#include <inttypes.h>
#include <stdio.h>

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
	    endpoint_print(&subflow->end[from], source),
	    endpoint_print(&subflow->end[to], destination),
	    conn->half[to].token, answer_of(subflow), reason ? ": " : "",
	    reason ? reason : "");
}

/* SYNs of many flows to the same server are one finding. */
static void note_nops(struct orphans *orphans, int nops,
		      const struct endpoint *from, const struct endpoint *to,
		      uint64_t frame, nstime_t time)
{
	struct stripped *stripped = orphans->stripped;
	size_t i = 0;

	if (nops < NOPS_REMOVED)
		return;
	while (i < orphans->n_stripped && !endpoint_same(&stripped[i].to, to))
		i++;
	if (i == STRIPPED_MAX) {
		overflow_note(&orphans->overflow, frame, time);
		return;
	}
	if (i == orphans->n_stripped)
		stripped[orphans->n_stripped++] = (struct stripped){.to = *to};
	/* Flows end in any order. */
	if (!stripped[i].syns++ || frame < stripped[i].frame) {
		stripped[i].from = *from;
		stripped[i].nops = nops;
		stripped[i].frame = frame;
		stripped[i].time = time;
	}
}

static void tell_nops(const struct stripped *stripped,
		      struct report_conn *loose)
{
	char source[END_TEXT], destination[END_TEXT], others[48] = "";

	if (stripped->syns > 1)
		snprintf(others, sizeof(others),
			 " (%" PRIu64 " such SYNs to it)", stripped->syns);
	report_finding(
	    loose, WARNING, "option-removed-on-path", stripped->frame,
	    stripped->time,
	    "%d NOPs in a row stand in the SYN from %s to %s%s, which has no "
	    "MPTCP option: it was probably removed on the path",
	    stripped->nops, endpoint_print(&stripped->from, source),
	    endpoint_print(&stripped->to, destination), others);
}

void orphans_tell(struct orphans *orphans, const struct conn *conn,
		  struct report_conn *loose)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];
		enum side from = subflow->initiator;

		if (subflow->join && subflow->half[from].syn)
			tell_join(conn, subflow, loose);
		else
			note_nops(orphans, subflow->syn_nops,
				  &subflow->end[from],
				  &subflow->end[other_side(from)],
				  subflow->first_frame, subflow->first);
	}
}

void orphans_take_plain(struct orphans *orphans, const struct plain_flow *flow)
{
	if (flow->syn)
		note_nops(orphans, flow->nops, &flow->end[0], &flow->end[1],
			  flow->first_frame, flow->first);
}

void orphans_finish(const struct orphans *orphans, struct report_conn *loose)
{
	for (size_t i = 0; i < orphans->n_stripped; i++)
		tell_nops(&orphans->stripped[i], loose);
	overflow_tell(&orphans->overflow, loose,
		      "SYNs of which the option was removed went to more "
		      "servers than are told apart",
		      "those to the others are missing");
}
