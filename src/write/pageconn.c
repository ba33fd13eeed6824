/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connection's part of the page: what the plain report says of it, and what
 * its pictures share.
 */
#include "write/parts.h"

#include "report/picture.h"
#include "write/facts.h"
#include "write/html.h"
#include "write/human.h"
#include "write/svg.h"

#include <inttypes.h>
#include <math.h>

/*
 * The summary: a row for each thing to say, a column for each side. Nothing is
 * said of what there was none of.
 */

static void put_packets(struct buffer *out, int64_t packets, int64_t bytes)
{
	char count[HUMAN_TEXT], size[HUMAN_TEXT];

	if (packets > 0)
		buffer_print(out, "%s packet%s (%s)",
			     human_count(packets, count), fact_plural(packets),
			     human_bytes(bytes, size));
}

static void put_ends(struct buffer *out, const struct report_conn *conn,
		     enum side side)
{
	char end[END_TEXT];

	buffer_text(out, endpoint_print(&conn->host[side].end, end));
}

static void put_keys(struct buffer *out, const struct report_conn *conn,
		     enum side side)
{
	const struct report_host *host = &conn->host[side];

	if (host->token_known)
		buffer_print(out, "token 0x%08" PRIx32, host->token);
	if (host->key_known)
		buffer_print(out, ", key 0x%016" PRIx64 ", IDSN 0x%016" PRIx64,
			     host->key, host->idsn);
}

static void put_sent(struct buffer *out, const struct report_conn *conn,
		     enum side side)
{
	char size[HUMAN_TEXT], exactly[FACT_TEXT];
	struct phrase phrase = phrase_begin(exactly, sizeof(exactly));

	fact_sent_exactly(conn, side, &phrase);
	buffer_print(out, "<b>%s</b>%s",
		     human_bytes(fact_sent(conn, side), size),
		     phrase_end(&phrase, exactly));
}

static void put_acked(struct buffer *out, const struct report_conn *conn,
		      enum side side)
{
	const struct report_data *data = &conn->data[side];
	char text[HUMAN_TEXT];

	if (conn->fallback || (!data->bytes_unique && !data->bytes_acked))
		return;
	if (data->bytes_acked == data->bytes_unique)
		buffer_text(out, "all of it");
	else
		buffer_print(out, "%s byte%s%s",
			     human_count(data->bytes_acked, text),
			     fact_plural(data->bytes_acked),
			     data->bytes_acked > data->bytes_unique
				 ? ": the capture misses some"
				 : "");
}

static void put_goodput(struct buffer *out, const struct report_conn *conn,
			enum side side)
{
	double goodput = fact_goodput(conn, side);
	char text[HUMAN_TEXT];

	if (isfinite(goodput))
		buffer_text(out, human_rate(goodput, text));
}

static double percent_of(const struct report_conn *conn,
			 const struct report_subflow *subflow, enum side side)
{
	return 100 * fact_share(conn, side, subflow->flow[side].first_bytes);
}

static void put_share(struct buffer *out, const struct report_conn *conn,
		      const struct report_subflow *subflow, enum side side)
{
	char class[SVG_CLASS];
	double share = percent_of(conn, subflow, side);

	buffer_print(out,
		     "<li class=\"%s\">%d<i style=\"width:%.1f%%\"></i>"
		     "%.1f %%</li>",
		     svg_class(subflow->id, class), subflow->id, share * 0.6,
		     share);
}

static void put_shares(struct buffer *out, const struct report_conn *conn,
		       enum side side)
{
	if (conn->n_subflows < 2 || conn->data[side].bytes_unique <= 0)
		return;
	buffer_text(out, "<ul class=\"shares\">");
	for (size_t i = 0; i < conn->n_subflows; i++)
		if (conn->subflows[i].flow[side].first_bytes)
			put_share(out, conn, &conn->subflows[i], side);
	buffer_text(out, "</ul>");
}

static void put_data_acks(struct buffer *out, const struct report_conn *conn,
			  enum side side)
{
	const struct report_spread *rtt = &conn->data[side].data_ack_rtt;
	char mean[HUMAN_TEXT], least[HUMAN_TEXT], most[HUMAN_TEXT];

	if (rtt->samples)
		buffer_text(out, human_span(report_spread_mean(rtt), mean));
	if (rtt->samples > 1)
		buffer_print(out, " on average, %s to %s",
			     human_span(rtt->min, least),
			     human_span(rtt->max, most));
}

static void put_retransmitted(struct buffer *out,
			      const struct report_conn *conn, enum side side)
{
	put_packets(out, conn->data[side].retransmitted_packets,
		    conn->data[side].retransmitted_bytes);
}

static void put_part_of(struct buffer *out, int64_t part, int64_t whole,
			const char *what)
{
	char text[FACT_TEXT];

	if (part)
		buffer_print(out, ", %s", fact_part(part, whole, what, text));
}

static void put_reinjected(struct buffer *out, const struct report_conn *conn,
			   enum side side)
{
	const struct report_data *data = &conn->data[side];
	struct fact_copies copies = fact_reinjected(data);
	int64_t all = data->reinjected_bytes;

	put_packets(out, data->reinjected_packets, all);
	put_part_of(out, copies.useful, all, "useful");
	put_part_of(out, copies.redundant, all, "redundant");
}

static void put_disorder(struct buffer *out, const struct report_conn *conn,
			 enum side side)
{
	put_packets(out, conn->data[side].out_of_order_packets,
		    conn->data[side].out_of_order_bytes);
}

static void put_unmapped(struct buffer *out, const struct report_conn *conn,
			 enum side side)
{
	char size[HUMAN_TEXT];

	if (conn->data[side].bytes_unmapped && !conn->fallback)
		buffer_text(out,
			    human_bytes(conn->data[side].bytes_unmapped, size));
}

static void put_waits(struct buffer *out, const struct report_conn *conn,
		      enum side side)
{
	const struct report_data *data = &conn->data[side];
	char size[HUMAN_TEXT], span[HUMAN_TEXT];

	if (data->max_reorder_bytes > 0)
		buffer_print(out, "up to %s",
			     human_bytes(data->max_reorder_bytes, size));
	if (data->blocked.samples)
		buffer_print(out, "%sfor up to %s",
			     data->max_reorder_bytes > 0 ? ", " : "",
			     human_span(data->blocked.max, span));
}

static const struct saying {
	const char *name;
	void (*put)(struct buffer *out, const struct report_conn *conn,
		    enum side side);
} sayings[] = {
    {"address", put_ends},
    {"keys", put_keys},
    {"sent", put_sent},
    {"acknowledged by DATA_ACK", put_acked},
    {"goodput", put_goodput},
    {"carried first by subflow", put_shares},
    {"DATA_ACK after", put_data_acks},
    {"retransmitted", put_retransmitted},
    {"reinjected", put_reinjected},
    {"out of order", put_disorder},
    {"without mapping", put_unmapped},
    {"waited behind a hole", put_waits},
};

static void put_saying(struct buffer *out, const struct saying *saying,
		       const struct report_conn *conn)
{
	size_t begin = out->size, empty = 0;

	buffer_print(out, "<tr><th scope=\"row\">%s</th>", saying->name);
	for (int side = CLIENT; side <= SERVER; side++) {
		size_t before;

		buffer_text(out, "<td>");
		before = out->size;
		saying->put(out, conn, (enum side)side);
		empty += out->size == before;
		buffer_text(out, "</td>");
	}
	buffer_text(out, "</tr>\n");
	if (empty == 2)
		out->size = begin;
}

static void put_summary(struct buffer *out, const struct report_conn *conn)
{
	buffer_text(out, "<div class=\"wide\"><table class=\"summary\">"
			 "<thead><tr><td></td><th scope=\"col\">client</th>"
			 "<th scope=\"col\">server</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < sizeof(sayings) / sizeof(*sayings); i++)
		put_saying(out, &sayings[i], conn);
	buffer_text(out, "</tbody></table></div>\n");
}

static void put_state(struct buffer *out, const struct report_conn *conn)
{
	char text[FACT_TEXT];
	struct phrase phrase = phrase_begin(text, sizeof(text));

	fact_version(conn, &phrase);
	PHRASE_SAY(&phrase, ", ");
	phrase_string(&phrase, conn_state_word(conn->state));
	fact_life(conn, &phrase);
	buffer_text(out, phrase_end(&phrase, text));
}

/*
 * Findings, the gravest first.
 */

static void put_finding(struct buffer *out, const struct report_conn *conn,
			const struct report_finding *finding, int digits)
{
	buffer_print(out, "<li class=\"%s\"><b>%s</b> ",
		     severity_word(finding->severity),
		     severity_word(finding->severity));
	html_text(out, finding->text);
	buffer_print(out, " <small>%s, packet %" PRIu64 ", at ", finding->code,
		     finding->packet);
	html_since(out, conn->first, finding->time, digits);
	buffer_text(out, " s</small></li>\n");
}

void pageconn_findings(struct buffer *out, const struct report_conn *conn,
		       const char *heading, int digits)
{
	if (!conn->n_findings)
		return;
	buffer_print(out, "<h3>%s</h3><ul class=\"findings\">\n", heading);
	for (int severity = ERROR; severity >= NOTE; severity--)
		for (size_t i = 0; i < conn->n_findings; i++)
			if ((int)conn->findings[i].severity == severity)
				put_finding(out, conn, &conn->findings[i],
					    digits);
	buffer_text(out, "</ul>\n");
	if (conn->findings_lost)
		buffer_print(out, "<p>and %" PRIu64 " finding%s more</p>\n",
			     conn->findings_lost,
			     fact_plural((int64_t)conn->findings_lost));
}

/*
 * Subflows.
 */

static void put_name(struct buffer *out, const struct report_subflow *subflow)
{
	char source[END_TEXT], destination[END_TEXT];

	buffer_print(out, "%s \xe2\x86\x92 %s",
		     endpoint_print(&subflow->source, source),
		     endpoint_print(&subflow->destination, destination));
}

static void put_sample(struct buffer *out, int subflow)
{
	char class[SVG_CLASS];

	buffer_print(out,
		     "<svg class=\"sample\" aria-hidden=\"true\" width=\"20\" "
		     "height=\"12\">"
		     "<g class=\"step %s\"><path d=\"M1 6h18\"/></g></svg>",
		     svg_class(subflow, class));
}

static void put_end(struct buffer *out, const struct report_subflow *subflow)
{
	char text[FACT_TEXT];
	struct phrase phrase = phrase_begin(text, sizeof(text));

	phrase_string(&phrase, fact_state(subflow));
	fact_reset(subflow, &phrase);
	if (subflow->backup)
		PHRASE_SAY(&phrase, ", backup");
	buffer_text(out, phrase_end(&phrase, text));
}

static void put_bytes(struct buffer *out, int64_t bytes)
{
	char size[HUMAN_TEXT], exact[HUMAN_TEXT];

	if (bytes >= 1000)
		buffer_print(out, "<td title=\"%s bytes\">",
			     human_count(bytes, exact));
	else
		buffer_text(out, "<td>");
	buffer_print(out, "%s</td>", human_bytes(bytes, size));
}

static void put_rtt(struct buffer *out, const struct report_spread *rtt)
{
	char mean[HUMAN_TEXT], least[HUMAN_TEXT], most[HUMAN_TEXT];

	if (rtt->samples)
		buffer_print(out, "<td title=\"%s to %s\">%s</td>",
			     human_span(rtt->min, least),
			     human_span(rtt->max, most),
			     human_span(report_spread_mean(rtt), mean));
	else
		buffer_text(out, "<td>-</td>");
}

static void put_flow(struct buffer *out, const struct report_conn *conn,
		     const struct report_subflow *subflow, enum side side)
{
	const struct report_flow *flow = &subflow->flow[side];
	double share = percent_of(conn, subflow, side);
	char count[HUMAN_TEXT];

	buffer_print(out, "<td>%s</td>", human_count(flow->packets, count));
	put_bytes(out, flow->bytes);
	if (isfinite(share))
		buffer_print(out, "<td>%.1f %%</td>", share);
	else
		buffer_text(out, "<td>-</td>");
	buffer_print(out, "<td>%s</td>",
		     human_count(flow->retransmitted_packets, count));
	put_rtt(out, &flow->rtt);
}

static void put_subflow(struct buffer *out, const struct report_conn *conn,
			const struct report_subflow *subflow)
{
	double handshake = subflow->flow[subflow->initiator].handshake_rtt;
	char text[HUMAN_TEXT], class[SVG_CLASS];

	buffer_print(out, "<tr><th scope=\"row\" class=\"%s\">%d</th><td>",
		     svg_class(subflow->id, class), subflow->id);
	put_name(out, subflow);
	buffer_print(out, "</td><td>%s</td><td>", fact_origin(subflow));
	put_end(out, subflow);
	if (subflow->joined)
		buffer_print(out, "</td><td>%s, %s</td>",
			     verdict_word(subflow->hmac[0]),
			     verdict_word(subflow->hmac[1]));
	else
		buffer_text(out, "</td><td>-</td>");
	buffer_print(out, "<td>%s</td>", human_span(handshake, text));
	put_flow(out, conn, subflow, CLIENT);
	put_flow(out, conn, subflow, SERVER);
	buffer_text(out, "</tr>\n");
}

static void put_subflows(struct buffer *out, const struct report_conn *conn)
{
	static const char *const columns[] = {
	    "<th scope=\"col\">packets</th>", "<th scope=\"col\">bytes</th>",
	    "<th scope=\"col\">share</th>",
	    "<th scope=\"col\">retransmitted</th>",
	    "<th scope=\"col\">RTT</th>"};
	const size_t n = sizeof(columns) / sizeof(*columns);

	buffer_text(out,
		    "<h3>Subflows</h3><div class=\"wide\"><table "
		    "class=\"subflows\"><thead><tr><th colspan=\"6\"></th>"
		    "<th scope=\"colgroup\" colspan=\"5\">client sent</th>"
		    "<th scope=\"colgroup\" colspan=\"5\">server sent</th>"
		    "</tr><tr><th scope=\"col\">id</th><th scope=\"col\">from "
		    "\xe2\x86\x92 to</th><th scope=\"col\">origin</th>"
		    "<th scope=\"col\">state</th><th scope=\"col\">HMACs</th>"
		    "<th scope=\"col\">handshake</th>");
	for (size_t i = 0; i < 2 * n; i++)
		buffer_text(out, columns[i % n]);
	buffer_text(out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < conn->n_subflows; i++)
		put_subflow(out, conn, &conn->subflows[i]);
	buffer_text(out, "</tbody></table></div>\n");
}

static void put_box(struct buffer *out, int subflow)
{
	buffer_text(out, "<label><input type=\"checkbox\" checked");
	svg_subflow(out, subflow);
	buffer_char(out, '>');
	put_sample(out, subflow);
}

/* One legend for all pictures, whose boxes switch subflows on and off. */
static void put_legend(struct buffer *out, const struct report_conn *conn)
{
	size_t n = conn->n_subflows;

	buffer_text(out, "<fieldset><legend>Subflows</legend>");
	for (size_t i = 0; i < n && i < PICTURE_SUBFLOWS; i++) {
		const struct report_subflow *subflow = &conn->subflows[i];

		put_box(out, subflow->id);
		buffer_print(out, "<b>%d</b> <span>", subflow->id);
		put_name(out, subflow);
		buffer_text(out, "</span></label>\n");
	}
	if (n > PICTURE_SUBFLOWS) {
		put_box(out, PICTURE_SUBFLOWS);
		buffer_print(out, "%zu others</label>\n", n - PICTURE_SUBFLOWS);
	}
	buffer_text(out, "</fieldset>\n");
}

/* What shows while the part is closed. */
static void put_title(struct buffer *out, const struct report_conn *conn)
{
	buffer_print(out, "<summary><h2>Connection %" PRIu64 "</h2> ",
		     conn->id);
	put_ends(out, conn, CLIENT);
	buffer_text(out, " \xe2\x86\x92 ");
	put_ends(out, conn, SERVER);
	buffer_text(out, " <small>");
	put_state(out, conn);
	buffer_text(out, "</small></summary>\n");
}

void pageconn_text(struct buffer *out, const struct report_conn *conn,
		   int digits)
{
	put_title(out, conn);
	put_summary(out, conn);
	pageconn_findings(out, conn, "Findings", digits);
	put_subflows(out, conn);
	timeline_list(out, conn, digits);
}

void pageconn_begin_views(struct buffer *out, const struct report_conn *conn,
			  int digits)
{
	buffer_text(out, "<div class=\"views\">");
	put_legend(out, conn);
	timeline_picture(out, conn, digits);
}

void pageconn_end_views(struct buffer *out)
{
	buffer_text(out, "</div>");
}
