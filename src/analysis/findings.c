/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What somebody should know: each finding with its packet and a sentence. A
 * healthy connection has none of severity WARNING or ERROR.
 */
#include "analysis/analysis.h"

#include <inttypes.h>

struct findings {
	int64_t unmapped[2]; /* bytes that never found a mapping */
	nstime_t unmapped_time[2];
	uint64_t unmapped_frame[2];
};

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
	case FALLBACK_DATA:
		return "MP_CAPABLE was agreed on, but data or its "
		       "acknowledgement comes without DSS";
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

static void on_subflow_end(const struct event *event,
			   struct report_conn *report)
{
	const struct subflow *subflow = event->subflow;

	if (subflow->state != SUBFLOW_REFUSED)
		return;
	if (subflow->initial)
		report_finding(report, WARNING, "capable-reset", event->frame,
			       event->time,
			       "the SYN with MP_CAPABLE was answered by a "
			       "reset");
	else
		report_finding(
		    report, WARNING, "join-reset", event->frame, event->time,
		    "subflow %d was refused with a reset (%s)", subflow->id,
		    reset_reason_word(subflow->reset_reason)
			? reset_reason_word(subflow->reset_reason)
			: "no reason given");
}

static void on_address(const struct conn_address *address,
		       struct report_conn *report)
{
	char text[ENDPOINT_TEXT];

	if (address->verdict == BAD)
		report_finding(report, WARNING, "address-bad-hmac",
			       address->frame, address->time,
			       "the HMAC of the %s's ADD_ADDR of %s (id %u) is "
			       "wrong",
			       side_word(address->side),
			       address_print(&address->address, text),
			       address->id);
}

static void on_close(const struct findings *findings, const struct event *event,
		     struct report_conn *report)
{
	const struct conn *conn = event->conn;

	/* The keys may have been learnt after the signal. */
	for (size_t i = 0; i < conn->n_addresses; i++)
		on_address(&conn->addresses[i], report);
	if (!conn->handshake_seen)
		report_finding(report, NOTE, "handshake-missing",
			       conn->first_frame, conn->first,
			       "the connection was there before the capture "
			       "began: its keys are not known");
	for (int side = 0; side < 2; side++)
		if (findings->unmapped[side] && !conn->fallback)
			report_finding(
			    report,
			    conn->half[side].options_cut ? NOTE : WARNING,
			    "data-unmapped", findings->unmapped_frame[side],
			    findings->unmapped_time[side],
			    "%" PRId64 " bytes from the %s, the first of them "
			    "in this packet, are covered by no mapping%s",
			    findings->unmapped[side],
			    side_word((enum side)side),
			    conn->half[side].options_cut
				? ": the capture cut options off"
				: "");
	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct subflow *subflow = conn->subflows[i];

		if (subflow->state == SUBFLOW_UNANSWERED)
			report_finding(
			    report, WARNING,
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

static void on_event(struct desk *desk, const struct event *event)
{
	struct findings *findings = desk->state;
	struct report_conn *report = desk->report;
	enum side side = event->side;

	switch (event->kind) {
	case EVENT_FALLBACK:
		report_finding(report, WARNING,
			       fallback_word(event->conn->fallback),
			       event->frame, event->time, "%s",
			       fallback_sentence(event->conn->fallback));
		break;
	case EVENT_CHECKSUM:
		report_finding(report, ERROR, "checksum-bad", event->frame,
			       event->time,
			       "the DSS checksum of DSN 0x%016" PRIx64
			       " (%u bytes) from the %s on subflow %d is wrong",
			       event->u.mapping->dsn, event->u.mapping->length,
			       side_word(side), event->subflow->id);
		break;
	case EVENT_CONFLICT:
		report_finding(report, WARNING, "mapping-conflict",
			       event->frame, event->time,
			       "the mapping of DSN 0x%016" PRIx64
			       " (%u bytes) from the %s on subflow %d "
			       "does not fit what came before",
			       event->u.mapping->dsn, event->u.mapping->length,
			       side_word(side), event->subflow->id);
		break;
	case EVENT_UNMAPPED:
		/* Data in the SYN never has a mapping. */
		if (event->u.piece->end <= event->subflow->half[side].ssn0)
			break;
		if (!findings->unmapped[side]) {
			findings->unmapped_time[side] = event->time;
			findings->unmapped_frame[side] = event->frame;
		}
		findings->unmapped[side] +=
		    event->u.piece->end - event->u.piece->start;
		break;
	case EVENT_HMAC:
		if (event->u.verdict == BAD)
			report_finding(report, ERROR, "join-bad-hmac",
				       event->frame, event->time,
				       "the %s's HMAC in the MP_JOIN of "
				       "subflow %d is wrong",
				       side_word(side), event->subflow->id);
		break;
	case EVENT_FASTCLOSE:
		report_finding(report, event->u.verdict == BAD ? WARNING : NOTE,
			       "fastclose", event->frame, event->time,
			       event->u.verdict == BAD
				   ? "MP_FASTCLOSE from the %s, with a key "
				     "that is not its peer's"
				   : "MP_FASTCLOSE from the %s",
			       side_word(side));
		break;
	case EVENT_SUBFLOW_END:
		on_subflow_end(event, report);
		break;
	case EVENT_CLOSE:
		on_close(findings, event, report);
		break;
	default:
		break;
	}
}

const struct analysis analysis_findings = {
    .name = "findings",
    .events = (1u << EVENT_FALLBACK) | (1u << EVENT_CHECKSUM) |
	      (1u << EVENT_CONFLICT) | (1u << EVENT_UNMAPPED) |
	      (1u << EVENT_HMAC) | (1u << EVENT_FASTCLOSE) |
	      (1u << EVENT_SUBFLOW_END) | (1u << EVENT_CLOSE),
    .state_size = sizeof(struct findings),
    .reports = true,
    .on_event = on_event,
};
