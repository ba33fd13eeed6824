/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a plain run prints: a block a connection, and a closing summary. The
 * first line of a block and those of its subflows are read by scripts, to the
 * letter; what follows is for people.
 */
#include "write/writer.h"

#include "write/human.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

/* What is for people stands in lines of parts, which go on below themselves
 * where they would get too long. */
#define WIDTH  98 /* with a comma at its end, less than 100 */
#define INDENT 9  /* of figures, under the first line of what they are about */

#define SILENCE 1.0 /* seconds; a shorter one is not worth telling */

struct line {
	FILE *file;
	int indent; /* of parts that begin a line */
	int column; /* 0: nothing written yet */
	bool begun; /* with a part, not just a label */
};

__attribute__((format(printf, 2, 3))) static void part(struct line *line,
						       const char *format, ...)
{
	char text[200];
	int length;
	va_list args;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (line->begun && line->column + 2 + length > WIDTH) {
		fputs(",\n", line->file);
		line->column = 0;
	} else if (line->begun) {
		line->column += fprintf(line->file, ", ");
	}
	if (!line->column)
		line->column = fprintf(line->file, "%*s", line->indent, "");
	line->column += fprintf(line->file, "%s", text);
	line->begun = true;
}

static void line_end(struct line *line)
{
	if (line->column)
		fputc('\n', line->file);
	line->column = 0;
	line->begun = false;
}

static void subflow_line(FILE *file, const struct report_subflow *subflow)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	fprintf(file,
		"\tSubflow %d with wscale : %d %d IPv%d sport %u dport %u "
		"saddr %s daddr %s\n",
		subflow->id,
		subflow->wscale[CLIENT] < 0 ? 0 : subflow->wscale[CLIENT],
		subflow->wscale[SERVER] < 0 ? 0 : subflow->wscale[SERVER],
		subflow->source.address.family, subflow->source.port,
		subflow->destination.port,
		address_print(&subflow->source.address, from),
		address_print(&subflow->destination.address, to));
}

static void state_line(FILE *file, const struct report_conn *conn)
{
	char span[HUMAN_TEXT];
	double duration = nstime_seconds(nstime_span(conn->first, conn->last));

	if (conn->version < 0)
		fputs("  MPTCP of unknown version", file);
	else
		fprintf(file, "  MPTCP version %d", conn->version);
	fprintf(file, ", %s", conn_state_word(conn->state));
	if (conn->fallback)
		fprintf(file, " (%s)", fallback_word(conn->fallback));
	if (conn->still_open)
		fputs(" (still open at the end of the trace)", file);
	if (conn->timed_out)
		fputs(" (idle for the time-out)", file);
	fprintf(file, ", %zu subflow%s, lasted %s", conn->n_subflows,
		conn->n_subflows == 1 ? "" : "s", human_span(duration, span));
	if (conn->checksum)
		fputs(", DSS checksums", file);
	if (!conn->handshake_seen)
		fputs(", began before the capture", file);
	fputc('\n', file);
}

static const char *plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

static void packets_and_bytes(struct line *line, const char *what,
			      int64_t packets, int64_t bytes)
{
	char count[HUMAN_TEXT], size[HUMAN_TEXT];

	if (packets > 0)
		part(line, "%s %s packet%s (%s)", what,
		     human_count(packets, count), plural(packets),
		     human_bytes(bytes, size));
}

static void shares(FILE *file, const struct report_conn *conn, enum side side)
{
	struct line line = {file, INDENT, 0, false};
	int64_t unique = conn->data[side].bytes_unique;

	if (conn->n_subflows < 2 || unique <= 0)
		return;
	for (size_t i = 0; i < conn->n_subflows; i++) {
		int64_t bytes = conn->subflows[i].flow[side].first_bytes;

		if (bytes)
			part(&line, "%s%zu %.1f %%",
			     line.column ? "" : "carried first by subflow ", i,
			     100.0 * (double)bytes / (double)unique);
	}
	line_end(&line);
}

/* Of what was reinjected, how much came before its first copy, how much after
 * it. */
static void reinjected(struct line *line, const struct report_data *data)
{
	int64_t useful = 0, redundant = 0;
	char size[HUMAN_TEXT];

	for (size_t i = 0; i < data->n_reinjections; i++) {
		useful += data->reinjections[i].useful_bytes;
		redundant += data->reinjections[i].redundant_bytes;
	}
	packets_and_bytes(line, "reinjected", data->reinjected_packets,
			  data->reinjected_bytes);
	if (useful)
		part(line, "%s of it useful",
		     useful == data->reinjected_bytes
			 ? "all"
			 : human_bytes(useful, size));
	if (redundant)
		part(line, "%s of it redundant",
		     redundant == data->reinjected_bytes
			 ? "all"
			 : human_bytes(redundant, size));
}

static void sent_again(FILE *file, const struct report_data *data,
		       bool fallback)
{
	struct line line = {file, INDENT, 0, false};
	char size[HUMAN_TEXT], span[HUMAN_TEXT];

	packets_and_bytes(&line, "retransmitted", data->retransmitted_packets,
			  data->retransmitted_bytes);
	reinjected(&line, data);
	packets_and_bytes(&line, "out of order", data->out_of_order_packets,
			  data->out_of_order_bytes);
	if (data->bytes_unmapped && !fallback)
		part(&line, "without mapping %s",
		     human_bytes(data->bytes_unmapped, size));
	line_end(&line);
	if (data->max_reorder_bytes > 0)
		part(&line, "up to %s waited behind a hole",
		     human_bytes(data->max_reorder_bytes, size));
	if (data->blocked.samples)
		part(&line, "for up to %s",
		     human_span(data->blocked.max, span));
	line_end(&line);
}

static void sent_line(FILE *file, const struct report_conn *conn,
		      enum side side)
{
	const struct report_data *data = &conn->data[side];
	int64_t sent =
	    conn->fallback ? report_payload(conn, side) : data->bytes_unique;
	char size[HUMAN_TEXT], exact[HUMAN_TEXT];

	fprintf(file, "  %s sent %s", side_word(side), human_bytes(sent, size));
	if (sent >= 1000)
		fprintf(file, " (%s bytes)", human_count(sent, exact));
	if (conn->fallback) {
		if (sent)
			fprintf(file, ", %s of them mapped",
				human_count(data->bytes_unique, exact));
	} else if (data->bytes_acked > data->bytes_unique) {
		fprintf(file, "; the capture misses some: %s were acknowledged",
			human_count(data->bytes_acked, exact));
	} else if (data->bytes_acked < data->bytes_unique) {
		fprintf(file, ", %s of them acknowledged",
			human_count(data->bytes_acked, exact));
	}
}

static void direction_lines(FILE *file, const struct report_conn *conn,
			    enum side side)
{
	const struct report_data *data = &conn->data[side];
	const struct report_spread *rtt = &data->data_ack_rtt;
	char rate[HUMAN_TEXT];
	char least[HUMAN_TEXT], mean[HUMAN_TEXT], most[HUMAN_TEXT];
	double goodput = report_goodput(data);

	sent_line(file, conn, side);
	if (isfinite(goodput) && data->bytes_unique >= 1000 && !conn->fallback)
		fprintf(file, ", goodput %s", human_rate(goodput, rate));
	fputc('\n', file);
	shares(file, conn, side);
	if (rtt->samples)
		fprintf(file, "%*sDATA_ACK after %s", INDENT, "",
			human_span(report_spread_mean(rtt), mean));
	if (rtt->samples > 1)
		fprintf(file, " on average, %s to %s",
			human_span(rtt->min, least),
			human_span(rtt->max, most));
	if (rtt->samples)
		fputc('\n', file);
	sent_again(file, data, conn->fallback);
}

static const char *origin_of(const struct report_subflow *subflow)
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

/* How a subflow came to be and how it ended. */
static void subflow_life(FILE *file, const struct report_subflow *subflow)
{
	struct line line = {file, INDENT, 0, false};
	char text[HUMAN_TEXT];
	const char *reason = reset_reason_word(subflow->reset_reason);
	const char *state = subflow->state == SUBFLOW_PLAIN
				? "answered without MP_JOIN"
				: subflow_state_word(subflow->state);
	double handshake = subflow->flow[subflow->initiator].handshake_rtt;

	line.column = fprintf(file, "  subflow %d: ", subflow->id);
	part(&line, "%s", origin_of(subflow));
	if (subflow->reset)
		part(&line, "%s (%sby the %s%s%s)", state,
		     subflow->state == SUBFLOW_RESET ||
			     subflow->state == SUBFLOW_REFUSED
			 ? ""
			 : "reset ",
		     side_word(subflow->reset_side), reason ? ": " : "",
		     reason ? reason : "");
	else
		part(&line, "%s", state);
	if (subflow->joined)
		part(&line, "HMACs %s and %s", verdict_word(subflow->hmac[0]),
		     verdict_word(subflow->hmac[1]));
	if (subflow->backup)
		part(&line, "backup");
	if (isfinite(handshake))
		part(&line, "handshake %s", human_span(handshake, text));
	line_end(&line);
}

/* The payload that one side sent. */
static void payload(struct line *line, const struct report_flow *flow)
{
	char count[HUMAN_TEXT], size[HUMAN_TEXT], span[HUMAN_TEXT];
	char least[HUMAN_TEXT], most[HUMAN_TEXT];
	bool alike = flow->segment_min == flow->segment_max;

	part(line, "%s packet%s of %s%s%s B",
	     human_count(flow->data_packets, count), plural(flow->data_packets),
	     alike ? "" : human_count(flow->segment_min, least),
	     alike ? "" : " to ", human_count(flow->segment_max, most));
	if (flow->data_packets > 1)
		part(line, "%s in all", human_bytes(flow->bytes, size));
	if (flow->rtt.samples)
		part(line, "RTT %s",
		     human_span(report_spread_mean(&flow->rtt), span));
}

/* What the other side advertised and reported meanwhile. */
static void answers(struct line *line, const struct report_flow *flow)
{
	char least[HUMAN_TEXT], most[HUMAN_TEXT], count[HUMAN_TEXT];

	if (flow->window_min != REPORT_UNKNOWN &&
	    flow->window_min == flow->window_max)
		part(line, "under a window of %s",
		     human_bytes(flow->window_max, most));
	else if (flow->window_min != REPORT_UNKNOWN)
		part(line, "under windows of %s to %s",
		     human_bytes(flow->window_min, least),
		     human_bytes(flow->window_max, most));
	if (flow->zero_windows)
		part(line, "%s zero window%s",
		     human_count(flow->zero_windows, count),
		     plural(flow->zero_windows));
	if (flow->dsacks)
		part(line, "%s SACK%s (%s of duplicates)",
		     human_count(flow->sacks, count), plural(flow->sacks),
		     human_count(flow->dsacks, most));
	else if (flow->sacks)
		part(line, "%s SACK%s", human_count(flow->sacks, count),
		     plural(flow->sacks));
}

static void subflow_direction(FILE *file, const struct report_subflow *subflow,
			      enum side side)
{
	const struct report_flow *flow = &subflow->flow[side];
	struct line line = {file, INDENT + 12, 0, false};
	char text[HUMAN_TEXT];

	if (!flow->data_packets)
		return;
	line.column = fprintf(file, "%*s%s sent ", INDENT, "", side_word(side));
	payload(&line, flow);
	line_end(&line);
	packets_and_bytes(&line, "retransmitted", flow->retransmitted_packets,
			  flow->retransmitted_bytes);
	if (flow->out_of_order_packets)
		part(&line, "out of order %s packet%s",
		     human_count(flow->out_of_order_packets, text),
		     plural(flow->out_of_order_packets));
	answers(&line, &subflow->flow[other_side(side)]);
	if (flow->idle_max >= SILENCE)
		part(&line, "silent up to %s",
		     human_span(flow->idle_max, text));
	line_end(&line);
}

static void subflow_detail(FILE *file, const struct report_subflow *subflow)
{
	subflow_life(file, subflow);
	subflow_direction(file, subflow, CLIENT);
	subflow_direction(file, subflow, SERVER);
}

static void write_conn(FILE *file, const struct report_conn *conn, int digits)
{
	(void)digits;
	if (!conn->accepted)
		return;
	fprintf(file, "MPTCP connection 0 with id %" PRIu64 "\n", conn->id);
	for (size_t i = 0; i < conn->n_subflows; i++)
		subflow_line(file, &conn->subflows[i]);
	state_line(file, conn);
	direction_lines(file, conn, CLIENT);
	direction_lines(file, conn, SERVER);
	for (size_t i = 0; i < conn->n_subflows; i++)
		subflow_detail(file, &conn->subflows[i]);
	for (size_t i = 0; i < conn->n_findings; i++)
		fprintf(file, "  %s: %s [%s, packet %" PRIu64 "]\n",
			severity_word(conn->findings[i].severity),
			conn->findings[i].text, conn->findings[i].code,
			conn->findings[i].packet);
	if (conn->findings_lost)
		fprintf(file, "  and %" PRIu64 " findings more\n",
			conn->findings_lost);
}

static void some(FILE *file, uint64_t n, const char *what, const char *ending)
{
	char count[HUMAN_TEXT];

	if (n)
		fprintf(file, ", %s %s%s", human_count((int64_t)n, count), what,
			n == 1 ? "" : ending);
}

static void write_after(FILE *file, const struct report_totals *totals)
{
	uint64_t never = totals->connections - totals->accepted;
	char count[HUMAN_TEXT];

	fprintf(file, "%s packets",
		human_count((int64_t)totals->packets, count));
	fprintf(file, ", %s of TCP",
		human_count((int64_t)totals->tcp_packets, count));
	some(file, totals->undecodable_packets, "undecodable", "");
	some(file, totals->fragments, "later fragment", "s");
	some(file, totals->bad_options, "malformed MPTCP option", "s");
	fprintf(file, "; %s MPTCP connection%s",
		human_count((int64_t)totals->accepted, count),
		totals->accepted == 1 ? "" : "s");
	some(file, never, "that never became MPTCP (--list tells why)", "");
	some(file, totals->orphan_subflows, "orphan MPTCP subflow", "s");
	some(file, totals->plain, "plain TCP flow", "s");
	fputc('\n', file);
}

const struct writer writer_text = {
    .name = "text",
    .help = "a block a connection",
    .conn = write_conn,
    .after = write_after,
};
