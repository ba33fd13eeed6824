/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/report.h"

#include "base/alloc.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void report_spread_add(struct report_spread *spread, double value)
{
	if (!spread->samples++) {
		spread->min = spread->max = spread->sum = value;
		return;
	}
	spread->sum += value;
	if (value < spread->min)
		spread->min = value;
	if (value > spread->max)
		spread->max = value;
}

double report_spread_mean(const struct report_spread *spread)
{
	return spread->samples ? spread->sum / (double)spread->samples : NAN;
}

double report_goodput(const struct report_data *data)
{
	nstime_t span = nstime_span(data->first_data, data->last_data_ack);

	if (span <= 0 || data->bytes_acked == REPORT_UNKNOWN)
		return NAN;
	return (double)data->bytes_acked / nstime_seconds(span);
}

int64_t report_payload(const struct report_conn *conn, enum side side)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < conn->n_subflows; i++)
		bytes += conn->subflows[i].flow[side].bytes -
			 conn->subflows[i].flow[side].retransmitted_bytes;
	return bytes;
}

void report_conn_init(struct report_conn *conn)
{
	memset(conn, 0, sizeof(*conn));
	conn->version = -1;
	conn->first = conn->last = NSTIME_NONE;
	for (int side = 0; side < 2; side++) {
		conn->data[side].first_data = NSTIME_NONE;
		conn->data[side].last_data_ack = NSTIME_NONE;
		conn->data[side].first_sequence = REPORT_UNKNOWN;
		conn->data[side].last_ack_sequence = REPORT_UNKNOWN;
		conn->data[side].figure_zero = REPORT_UNKNOWN;
	}
}

void report_conn_clear(struct report_conn *conn)
{
	for (size_t i = 0; i < conn->n_findings; i++)
		free(conn->findings[i].text);
	for (size_t i = 0; i < conn->n_signals; i++)
		free(conn->signals[i].text);
	for (int side = 0; side < 2; side++)
		free(conn->data[side].reinjections);
	free(conn->signals);
	free(conn->findings);
	free(conn->addresses);
	free(conn->subflows);
}

static void subflow_init(struct report_subflow *subflow, int id)
{
	memset(subflow, 0, sizeof(*subflow));
	subflow->id = id;
	for (int side = 0; side < 2; side++) {
		struct report_flow *flow = &subflow->flow[side];

		flow->mss = REPORT_UNKNOWN;
		flow->segment_min = flow->segment_max = REPORT_UNKNOWN;
		flow->window_min = flow->window_max = REPORT_UNKNOWN;
		flow->window_mean = flow->idle_max = NAN;
		flow->handshake_rtt = NAN;
	}
}

struct report_subflow *report_subflow(struct report_conn *conn, int id)
{
	while (conn->n_subflows <= (size_t)id) {
		conn->subflows =
		    xgrow(conn->subflows, &conn->subflows_room,
			  conn->n_subflows + 1, sizeof(*conn->subflows));
		subflow_init(&conn->subflows[conn->n_subflows],
			     (int)conn->n_subflows);
		conn->n_subflows++;
	}
	return &conn->subflows[id];
}

void report_finding(struct report_conn *conn, enum severity severity,
		    const char *code, uint64_t packet, nstime_t time,
		    const char *format, ...)
{
	struct report_finding *finding;
	char text[512];
	va_list args;

	if (conn->n_findings == REPORT_FINDINGS_MAX) {
		conn->findings_lost++;
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	conn->findings = xgrow(conn->findings, &conn->findings_room,
			       conn->n_findings + 1, sizeof(*conn->findings));
	finding = &conn->findings[conn->n_findings++];
	*finding = (struct report_finding){
	    .severity = severity,
	    .code = code,
	    .packet = packet,
	    .time = time,
	    .text = xstrdup(text),
	};
}

static bool is_after(const struct report_signal *signal, nstime_t time,
		     uint64_t packet)
{
	return signal->time > time ||
	       (signal->time == time && signal->packet > packet);
}

/* Room for a signal of that moment, after those that came before or with it:
 * most are told in order. NULL if so many that come first are there already; a
 * later one makes way. */
static struct report_signal *signal_room(struct report_conn *conn,
					 nstime_t time, uint64_t packet)
{
	size_t at = conn->n_signals;

	while (at && time != NSTIME_NONE &&
	       is_after(&conn->signals[at - 1], time, packet))
		at--;
	if (conn->n_signals == conn->signals_max) {
		conn->signals_lost++;
		if (at == conn->n_signals)
			return NULL;
		free(conn->signals[--conn->n_signals].text);
	}
	conn->signals = xgrow(conn->signals, &conn->signals_room,
			      conn->n_signals + 1, sizeof(*conn->signals));
	memmove(&conn->signals[at + 1], &conn->signals[at],
		(conn->n_signals++ - at) * sizeof(*conn->signals));
	return &conn->signals[at];
}

void report_signal(struct report_conn *conn, enum severity severity,
		   nstime_t time, uint64_t packet, enum side side, int subflow,
		   const char *name, const char *format, ...)
{
	struct report_signal *signal = signal_room(conn, time, packet);
	char text[256];
	va_list args;

	if (!signal)
		return;
	if (format) {
		va_start(args, format);
		vsnprintf(text, sizeof(text), format, args);
		va_end(args);
	}
	*signal = (struct report_signal){
	    .time = time,
	    .packet = packet,
	    .side = side,
	    .subflow = subflow,
	    .severity = severity,
	    .name = name,
	    .text = format ? xstrdup(text) : NULL,
	};
}

void report_signals_move(struct report_conn *to, int id,
			 struct report_conn *from, int old, bool turned)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->n_signals; i++) {
		struct report_signal signal = from->signals[i], *place;

		if (signal.subflow != old) {
			from->signals[kept++] = signal;
			continue;
		}
		place = signal_room(to, signal.time, signal.packet);
		if (!place) {
			free(signal.text);
			continue;
		}
		*place = signal;
		place->subflow = id;
		if (turned)
			place->side = other_side(signal.side);
	}
	from->n_signals = kept;
	to->signals_lost += from->signals_lost;
	from->signals_lost = 0;
}
