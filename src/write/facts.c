/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/facts.h"

#include <math.h>

#define WORTH 1000 /* bytes: of less, a goodput is not told */

const char *fact_why(const struct report_conn *conn)
{
	if (conn->fallback)
		return fallback_word(conn->fallback);
	if (!conn->accepted && conn->n_findings)
		return conn->findings[0].code;
	if (conn->timed_out)
		return "idle for the time-out";
	if (conn->still_open)
		return "open at the end of the trace";
	return NULL;
}

int64_t fact_sent(const struct report_conn *conn, enum side side)
{
	return conn->fallback ? report_payload(conn, side)
			      : conn->data[side].bytes_unique;
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

const char *fact_plural(int64_t count)
{
	return count == 1 ? "" : "s";
}
