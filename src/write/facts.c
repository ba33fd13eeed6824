/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/facts.h"

#include "base/format.h"
#include "report/peers.h"
#include "write/human.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORTH 1000 /* bytes: of less, a goodput is not told */
#define ROUND 1000 /* bytes: of more, not all digits are told at first */

/* Adds to a phrase. */
__attribute__((format(printf, 2, 3))) static void add(char *text,
						      const char *format, ...)
{
	size_t size = strlen(text);
	va_list args;

	va_start(args, format);
	format_args(text + size, FACT_TEXT - size, format, args);
	va_end(args);
}

const char *fact_why(const struct report_conn *conn)
{
	if (conn->fallback)
		return fallback_word(conn->fallback);
	if (!conn->accepted && conn->n_findings)
		return conn->findings[0].code;
	if (conn->timed_out)
		return "idle for the time-out";
	if (conn->let_go)
		return "too many were open";
	if (conn->still_open)
		return "open at the end of the trace";
	return NULL;
}

static bool has_code(const char *const *codes, size_t n, const char *code)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(codes[i], code))
			return true;
	return false;
}

size_t fact_codes(const struct report_conn *conn, enum severity least,
		  const char *codes[FACT_CODES])
{
	size_t n = 0;

	for (int severity = ERROR; severity >= (int)least; severity--)
		for (size_t i = 0; i < conn->n_findings && n < FACT_CODES;
		     i++) {
			const struct report_finding *finding =
			    &conn->findings[i];

			if ((int)finding->severity == severity &&
			    !has_code(codes, n, finding->code))
				codes[n++] = finding->code;
		}
	return n;
}

void fact_version(const struct report_conn *conn, struct phrase *phrase)
{
	if (conn->version < 0) {
		PHRASE_SAY(phrase, "MPTCP of unknown version");
		return;
	}
	PHRASE_SAY(phrase, "MPTCP version ");
	phrase_number(phrase, (uint64_t)conn->version);
}

void fact_life(const struct report_conn *conn, struct phrase *phrase)
{
	nstime_t lasted = nstime_span(conn->first, conn->last);

	if (conn->fallback) {
		PHRASE_SAY(phrase, " (");
		phrase_string(phrase, fallback_word(conn->fallback));
		PHRASE_SAY(phrase, ")");
	}
	if (conn->still_open)
		PHRASE_SAY(phrase, " (still open at the end of the trace)");
	if (conn->timed_out)
		PHRASE_SAY(phrase, " (idle for the time-out)");
	if (conn->let_go)
		PHRASE_SAY(phrase, " (open, but too many were)");
	PHRASE_SAY(phrase, ", ");
	phrase_number(phrase, conn->n_subflows);
	PHRASE_SAY(phrase, " subflow");
	phrase_string(phrase, fact_plural((int64_t)conn->n_subflows));
	PHRASE_SAY(phrase, ", lasted ");
	phrase_span(phrase, nstime_seconds(lasted));
	if (conn->checksum)
		PHRASE_SAY(phrase, ", DSS checksums");
	if (!conn->handshake_seen)
		PHRASE_SAY(phrase, ", began before the capture");
}

int64_t fact_sent(const struct report_conn *conn, enum side side)
{
	return report_sent(conn, side);
}

int64_t fact_carried(const struct report_conn *conn)
{
	return fact_sent(conn, CLIENT) + fact_sent(conn, SERVER);
}

void fact_sent_exactly(const struct report_conn *conn, enum side side,
		       struct phrase *phrase)
{
	int64_t sent = fact_sent(conn, side);
	int64_t unique = conn->data[side].bytes_unique;

	if (sent >= ROUND) {
		PHRASE_SAY(phrase, " (");
		phrase_count(phrase, sent);
		PHRASE_SAY(phrase, " bytes)");
	}
	if (conn->accepted && sent != unique) {
		PHRASE_SAY(phrase, ", ");
		phrase_count(phrase, unique);
		PHRASE_SAY(phrase, " of them mapped");
	}
}

double fact_share(const struct report_conn *conn, enum side side, int64_t bytes)
{
	int64_t unique = conn->data[side].bytes_unique;

	return unique > 0 ? (double)bytes / (double)unique : NAN;
}

struct fact_copies fact_reinjected(const struct report_data *data)
{
	struct fact_copies copies = {0, 0};

	for (size_t i = 0; i < data->n_reinjections; i++) {
		copies.useful += data->reinjections[i].useful_bytes;
		copies.redundant += data->reinjections[i].redundant_bytes;
	}
	return copies;
}

char *fact_part(int64_t part, int64_t whole, const char *what, char *text)
{
	char size[HUMAN_TEXT];

	format_text(text, FACT_TEXT, "%s of it %s",
		    part == whole ? "all" : human_bytes(part, size), what);
	return text;
}

double fact_goodput(const struct report_conn *conn, enum side side)
{
	const struct report_data *data = &conn->data[side];

	return conn->fallback || data->bytes_unique < WORTH
		   ? NAN
		   : report_goodput(data);
}

const char *fact_origin(const struct report_subflow *subflow)
{
	if (subflow->initial)
		return "initial";
	if (subflow->tied)
		return "recognised by its data sequence numbers";
	if (!subflow->joined)
		return "there before the capture";
	return subflow->initiator == CLIENT ? "joined by the client"
					    : "joined by the server";
}

const char *fact_state(const struct report_subflow *subflow)
{
	return subflow->state == SUBFLOW_PLAIN
		   ? "answered without MP_JOIN"
		   : subflow_state_word(subflow->state);
}

void fact_reset(const struct report_subflow *subflow, struct phrase *phrase)
{
	const char *reason = reset_reason_word(subflow->reset_reason);

	if (!subflow->reset)
		return;
	PHRASE_SAY(phrase, " (");
	if (subflow->state != SUBFLOW_RESET &&
	    subflow->state != SUBFLOW_REFUSED)
		PHRASE_SAY(phrase, "reset ");
	PHRASE_SAY(phrase, "by the ");
	phrase_string(phrase, side_word(subflow->reset_side));
	if (reason) {
		PHRASE_SAY(phrase, ": ");
		phrase_string(phrase, reason);
	}
	PHRASE_SAY(phrase, ")");
}

/* What there was none of is not told. */
static void add_count(char *text, uint64_t n, const char *what, bool plural)
{
	char count[HUMAN_TEXT];

	if (n)
		add(text, ", %s %s%s", human_count((int64_t)n, count), what,
		    plural ? fact_plural((int64_t)n) : "");
}

char *fact_totals(const struct report_totals *totals, const char *never,
		  char *text)
{
	char count[HUMAN_TEXT];

	format_text(text, FACT_TEXT, ", %s of TCP",
		    human_count((int64_t)totals->tcp_packets, count));
	add_count(text, totals->undecodable_packets, "undecodable", false);
	add_count(text, totals->fragments, "later fragment", true);
	add_count(text, totals->bad_options, "malformed MPTCP option", true);
	add(text, "; %s MPTCP connection%s",
	    human_count((int64_t)totals->accepted, count),
	    fact_plural((int64_t)totals->accepted));
	add_count(text, totals->connections - totals->accepted,
		  "that never became MPTCP", false);
	if (totals->connections > totals->accepted)
		add(text, "%s", never);
	add_count(text, totals->orphan_subflows, "orphan MPTCP subflow", true);
	add_count(text, totals->plain, "plain TCP flow", true);
	if (totals->cut_options)
		add(text,
		    "; TCP options of %s packet%s were cut off: MPTCP may be "
		    "there and not be seen",
		    human_count((int64_t)totals->cut_options, count),
		    fact_plural((int64_t)totals->cut_options));
	if (totals->selected)
		add(text, "; %" PRIu64 " of %" PRIu64 " connections shown",
		    totals->chosen, totals->connections);
	return text;
}

const char *fact_plural(int64_t count)
{
	return count == 1 ? "" : "s";
}
