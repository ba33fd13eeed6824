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

/* Where figures of a direction go on, under its first line. */
static const char indent[] = "         ";

static void again(FILE *file, const char **comma, const char *what,
		  int64_t packets, int64_t bytes)
{
	char count[HUMAN_TEXT], size[HUMAN_TEXT];

	if (packets <= 0)
		return;
	fprintf(file, "%s%s %s packet%s (%s)", *comma, what,
		human_count(packets, count), packets == 1 ? "" : "s",
		human_bytes(bytes, size));
	*comma = ", ";
}

static void shares(FILE *file, const struct report_conn *conn, enum side side)
{
	int64_t unique = conn->data[side].bytes_unique;
	const char *comma = "";

	if (conn->n_subflows < 2 || unique <= 0)
		return;
	fprintf(file, "%scarried first by subflow ", indent);
	for (size_t i = 0; i < conn->n_subflows; i++) {
		int64_t bytes = conn->subflows[i].flow[side].first_bytes;

		if (!bytes)
			continue;
		fprintf(file, "%s%zu %.1f %%", comma, i,
			100.0 * (double)bytes / (double)unique);
		comma = ", ";
	}
	fputc('\n', file);
}

static void sent_again(FILE *file, const struct report_data *data,
		       bool fallback)
{
	const char *comma = indent;
	char size[HUMAN_TEXT];

	again(file, &comma, "retransmitted", data->retransmitted_packets,
	      data->retransmitted_bytes);
	again(file, &comma, "reinjected", data->reinjected_packets,
	      data->reinjected_bytes);
	again(file, &comma, "out of order", data->out_of_order_packets,
	      data->out_of_order_bytes);
	if (data->bytes_unmapped && !fallback) {
		fprintf(file, "%swithout mapping %s", comma,
			human_bytes(data->bytes_unmapped, size));
		comma = ", ";
	}
	if (comma != indent)
		fputc('\n', file);
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
		fprintf(file, "%sDATA_ACK after %s", indent,
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

/* How a subflow came to be, how it ended, its round trip. */
static void subflow_detail(FILE *file, const struct report_subflow *subflow)
{
	char text[HUMAN_TEXT];
	const char *reason = reset_reason_word(subflow->reset_reason);
	const struct report_flow *flow = subflow->flow;

	fprintf(file, "  subflow %d: %s, %s", subflow->id, origin_of(subflow),
		subflow->state == SUBFLOW_PLAIN
		    ? "answered without MP_JOIN"
		    : subflow_state_word(subflow->state));
	if (subflow->reset)
		fprintf(file,
			subflow->state == SUBFLOW_RESET ||
				subflow->state == SUBFLOW_REFUSED
			    ? " (by the %s%s%s)"
			    : " (reset by the %s%s%s)",
			side_word(subflow->reset_side), reason ? ": " : "",
			reason ? reason : "");
	if (subflow->joined)
		fprintf(file, ", HMACs %s and %s",
			verdict_word(subflow->hmac[0]),
			verdict_word(subflow->hmac[1]));
	if (subflow->backup)
		fputs(", backup", file);
	if (isfinite(flow[subflow->initiator].handshake_rtt))
		fprintf(
		    file, ", handshake %s",
		    human_span(flow[subflow->initiator].handshake_rtt, text));
	for (int side = 0; side < 2; side++)
		if (flow[side].rtt.samples)
			fprintf(file, ", RTT %s %s",
				direction_word((enum side)side),
				human_span(report_spread_mean(&flow[side].rtt),
					   text));
	fputc('\n', file);
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
