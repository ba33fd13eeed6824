/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a plain run prints: a block a connection, and a closing summary. The
 * first line of a block and those of its subflows are read by scripts, to the
 * letter; what follows is for people.
 */
#include "write/writer.h"

#include "base/format.h"
#include "write/facts.h"
#include "write/human.h"
#include "write/line.h"
#include "write/shares.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Of figures, under the first line of what they are about: plain, and on a
 * terminal, where they have columns. */
#define INDENT		9
#define INDENT_TERMINAL 6
#define BELOW		12 /* what goes on under "client sent " */

#define LABEL(text) STYLE_LABEL text STYLE_END

/* What the lines that most connections have are made of: a literal, and one
 * that can be read over. */
#define SAY(text) PHRASE_SAY(&phrase, text)
#define SAY_LABEL(text)                                                        \
	(line_mark(line, &phrase, STYLE_LABEL), SAY(text),                     \
	 line_mark(line, &phrase, STYLE_END))

#define SILENCE NSTIME_SECOND /* a shorter one is not worth telling */

static unsigned known(int wscale)
{
	return wscale < 0 ? 0 : (unsigned)wscale;
}

static void subflow_line(struct line *line,
			 const struct report_subflow *subflow)
{
	const struct endpoint *from = &subflow->source;
	const struct endpoint *to = &subflow->destination;
	struct phrase phrase = line_phrase(line);

	SAY("\tSubflow ");
	phrase_number(&phrase, (uint64_t)subflow->id);
	SAY_LABEL(" with wscale :");
	SAY(" ");
	phrase_number(&phrase, known(subflow->wscale[CLIENT]));
	SAY(" ");
	phrase_number(&phrase, known(subflow->wscale[SERVER]));
	SAY(" IPv");
	phrase_number(&phrase, from->address.family);
	SAY_LABEL(" sport");
	SAY(" ");
	phrase_number(&phrase, from->port);
	SAY_LABEL(" dport");
	SAY(" ");
	phrase_number(&phrase, to->port);
	SAY_LABEL(" saddr");
	SAY(" ");
	phrase_address(&phrase, &from->address);
	SAY_LABEL(" daddr");
	SAY(" ");
	phrase_address(&phrase, &to->address);
	line_take_verbatim(line, &phrase);
	line_next(line);
}

static void state_line(struct line *line, const struct report_conn *conn)
{
	struct phrase phrase = line_phrase(line);

	SAY("  ");
	fact_version(conn, &phrase);
	SAY(", ");
	line_mark(line, &phrase, style_state(conn->state));
	phrase_string(&phrase, conn_state_word(conn->state));
	line_mark(line, &phrase, STYLE_END);
	line_take(line, &phrase);
	phrase = line_phrase(line);
	fact_life(conn, &phrase);
	line_take(line, &phrase);
	line_next(line);
}

static void reinjected(struct line *line, const struct report_data *data)
{
	struct fact_copies copies = fact_reinjected(data);
	int64_t all = data->reinjected_bytes;
	char text[FACT_TEXT];

	line_packets(line, "reinjected", data->reinjected_packets, all,
		     data->bytes_unique);
	if (copies.useful)
		line_part(line, "%s",
			  fact_part(copies.useful, all, "useful", text));
	if (copies.redundant)
		line_part(line, "%s",
			  fact_part(copies.redundant, all, "redundant", text));
}

static void sent_again(struct line *line, const struct report_data *data,
		       bool fallback)
{
	char size[HUMAN_TEXT];

	line_packets(line, "retransmitted", data->retransmitted_packets,
		     data->retransmitted_bytes, data->bytes_unique);
	reinjected(line, data);
	line_packets(line, "out of order", data->out_of_order_packets,
		     data->out_of_order_bytes, 0);
	if (data->bytes_unmapped && !fallback)
		line_figure(line, "without mapping", STYLE_HEAD,
			    human_bytes(data->bytes_unmapped, size), NULL);
	line_next(line);
}

static void behind_a_hole(struct line *line, int64_t bytes)
{
	char size[HUMAN_TEXT], value[HUMAN_TEXT + 16];

	human_bytes(bytes, size);
	format_text(value, sizeof(value), "%s at most", size);
	if (line->style->terminal)
		line_figure(line, "behind a hole", "", value, NULL);
	else
		line_part(line, "up to %s waited behind a hole", size);
}

/* Data that waited. */
static void waited(struct line *line, const struct report_data *data)
{
	char span[HUMAN_TEXT];

	if (data->max_reorder_bytes > 0)
		behind_a_hole(line, data->max_reorder_bytes);
	if (data->blocked.samples)
		line_part(line, "for up to %s",
			  human_span(data->blocked.max, span));
	line_next(line);
}

static void data_acks(struct line *line, const struct report_spread *rtt)
{
	char value[HUMAN_TEXT + 16], text[HUMAN_TEXT], most[HUMAN_TEXT];

	if (!rtt->samples)
		return;
	human_span(report_spread_mean(rtt), value);
	if (rtt->samples > 1)
		strcat(value, " on average");
	line_figure(line, "DATA_ACK after", "", value, NULL);
	if (rtt->samples > 1)
		line_part(line, "%s to %s", human_span(rtt->min, text),
			  human_span(rtt->max, most));
	line_next(line);
}

static void acknowledged(struct line *line, const struct report_data *data)
{
	char text[HUMAN_TEXT];

	if (data->bytes_acked > data->bytes_unique)
		line_say(line,
			 "; the capture misses some: %s were acknowledged",
			 human_count(data->bytes_acked, text));
	else if (data->bytes_acked < data->bytes_unique)
		line_say(line, ", %s of them acknowledged",
			 human_count(data->bytes_acked, text));
}

static void sent_line(struct line *line, const struct report_conn *conn,
		      enum side side)
{
	double goodput = fact_goodput(conn, side);
	struct phrase phrase = line_phrase(line);

	line_mark(line, &phrase, STYLE_HEAD);
	SAY("  ");
	phrase_string(&phrase, side_word(side));
	SAY(" sent ");
	phrase_bytes(&phrase, fact_sent(conn, side));
	line_mark(line, &phrase, STYLE_END);
	line_take(line, &phrase);
	phrase = line_phrase(line);
	fact_sent_exactly(conn, side, &phrase);
	line_take(line, &phrase);
	if (!conn->fallback)
		acknowledged(line, &conn->data[side]);
	if (isfinite(goodput)) {
		phrase = line_phrase(line);
		SAY(", goodput ");
		phrase_rate(&phrase, goodput);
		line_take(line, &phrase);
	}
	line_next(line);
}

static void direction_lines(struct line *line, const struct report_conn *conn,
			    enum side side)
{
	const struct report_data *data = &conn->data[side];

	sent_line(line, conn, side);
	shares_write(line, conn, side);
	data_acks(line, &data->data_ack_rtt);
	sent_again(line, data, conn->fallback);
	waited(line, data);
}

/* How a subflow came to be and how it ended. */
static void subflow_life(struct line *line,
			 const struct report_subflow *subflow)
{
	double handshake = subflow->flow[subflow->initiator].handshake_rtt;
	struct phrase phrase = line_phrase(line);

	SAY("  ");
	line_mark(line, &phrase, STYLE_HEAD);
	SAY("subflow ");
	phrase_number(&phrase, (uint64_t)subflow->id);
	SAY(":");
	line_mark(line, &phrase, STYLE_END);
	SAY(" ");
	line_take(line, &phrase);
	phrase = line_next_part(line);
	phrase_string(&phrase, fact_origin(subflow));
	line_take_part(line, &phrase);
	phrase = line_next_part(line);
	line_mark(line, &phrase, style_subflow_state(subflow->state));
	phrase_string(&phrase, fact_state(subflow));
	line_mark(line, &phrase, STYLE_END);
	fact_reset(subflow, &phrase);
	line_take_part(line, &phrase);
	if (subflow->joined)
		line_part(line, "HMACs %s%s" STYLE_END " and %s%s" STYLE_END,
			  style_verdict(subflow->hmac[0]),
			  verdict_word(subflow->hmac[0]),
			  style_verdict(subflow->hmac[1]),
			  verdict_word(subflow->hmac[1]));
	if (subflow->backup)
		line_part(line, "backup");
	if (isfinite(handshake)) {
		phrase = line_next_part(line);
		SAY("handshake ");
		phrase_span(&phrase, handshake);
		line_take_part(line, &phrase);
	}
	line_next(line);
}

static void say_sizes(struct phrase *phrase, const struct report_flow *flow)
{
	PHRASE_SAY(phrase, "packet");
	phrase_string(phrase, fact_plural(flow->data_packets));
	PHRASE_SAY(phrase, " of ");
	if (flow->segment_min != flow->segment_max) {
		phrase_count(phrase, flow->segment_min);
		PHRASE_SAY(phrase, " to ");
	}
	phrase_count(phrase, flow->segment_max);
	PHRASE_SAY(phrase, " B");
}

/* The payload that one side sent. */
static void payload(struct line *line, const struct report_flow *flow,
		    enum side side)
{
	char name[16], text[HUMAN_TEXT], cell[HUMAN_CELL];
	struct phrase phrase;
	bool terminal = line->style->terminal;

	line->below = line->indent + BELOW;
	if (terminal) {
		format_text(name, sizeof(name), "%s sent", side_word(side));
		line_packets(line, name, flow->data_packets, flow->bytes, 0);
	} else {
		phrase = line_next_part(line);
		phrase_string(&phrase, side_word(side));
		SAY(" sent ");
		phrase_count(&phrase, flow->data_packets);
		SAY(" ");
		say_sizes(&phrase, flow);
		line_take_part(line, &phrase);
	}
	if (!terminal && flow->data_packets > 1)
		line_part(line, "%s in all", human_bytes(flow->bytes, text));
	if (flow->rtt.samples) {
		double mean = report_spread_mean(&flow->rtt);

		phrase = line_next_part(line);
		SAY("RTT ");
		if (terminal)
			phrase_string(
			    &phrase,
			    human_cell(human_span(mean, text), 4, 0, cell));
		else
			phrase_span(&phrase, mean);
		line_take_part(line, &phrase);
	}
	line_next(line);
}

/* What the other side advertised and reported meanwhile. */
static void answers(struct line *line, const struct report_flow *flow)
{
	char most[HUMAN_TEXT], count[HUMAN_TEXT];

	if (flow->window_min != REPORT_UNKNOWN) {
		struct phrase phrase = line_next_part(line);

		if (flow->window_min == flow->window_max) {
			SAY("under a window of ");
		} else {
			SAY("under windows of ");
			phrase_bytes(&phrase, flow->window_min);
			SAY(" to ");
		}
		phrase_bytes(&phrase, flow->window_max);
		line_take_part(line, &phrase);
	}
	if (flow->zero_windows)
		line_part(line, "%s zero window%s",
			  human_count(flow->zero_windows, count),
			  fact_plural(flow->zero_windows));
	if (flow->dsacks)
		line_part(line, "%s SACK%s (%s of duplicates)",
			  human_count(flow->sacks, count),
			  fact_plural(flow->sacks),
			  human_count(flow->dsacks, most));
	else if (flow->sacks)
		line_part(line, "%s SACK%s", human_count(flow->sacks, count),
			  fact_plural(flow->sacks));
}

static void subflow_direction(struct line *line,
			      const struct report_subflow *subflow,
			      enum side side)
{
	const struct report_flow *flow = &subflow->flow[side];
	bool terminal = line->style->terminal;
	int below = terminal ? 2 : BELOW;
	char text[HUMAN_TEXT];

	if (!flow->data_packets)
		return;
	payload(line, flow, side);
	line->indent += below;
	line_packets(line, "retransmitted", flow->retransmitted_packets,
		     flow->retransmitted_bytes, flow->bytes);
	line_packets(line, "out of order", flow->out_of_order_packets,
		     REPORT_UNKNOWN, 0);
	if (terminal)
		line_next(line);
	if (terminal && (flow->data_packets > 1 || flow->bytes >= 1000)) {
		struct phrase phrase = line_next_part(line);

		say_sizes(&phrase, flow);
		line_take_part(line, &phrase);
	}
	answers(line, &subflow->flow[other_side(side)]);
	if (flow->idle_max >= SILENCE)
		line_part(line, "silent up to %s",
			  human_span(nstime_seconds(flow->idle_max), text));
	line_next(line);
	line->indent -= below;
}

static void subflow_detail(struct line *line,
			   const struct report_subflow *subflow)
{
	subflow_life(line, subflow);
	subflow_direction(line, subflow, CLIENT);
	subflow_direction(line, subflow, SERVER);
}

/* What scripts match, to the letter. */
static void head_lines(struct line *line, const struct report_conn *conn)
{
	struct phrase phrase = line_phrase(line);

	line_mark(line, &phrase, STYLE_HEAD);
	SAY("MPTCP connection 0 with id ");
	phrase_number(&phrase, conn->id);
	line_mark(line, &phrase, STYLE_END);
	line_take(line, &phrase);
	line_next(line);
	for (size_t i = 0; i < conn->n_subflows; i++)
		subflow_line(line, &conn->subflows[i]);
}

/* One that never became MPTCP must not look like one to them. */
static void head_of_other(struct line *line, const struct report_conn *conn)
{
	char client[END_TEXT], server[END_TEXT];

	line_say(line,
		 STYLE_HEAD "Connection with id %" PRIu64
			    ", which never became MPTCP" STYLE_END ": %s > %s",
		 conn->id, endpoint_print(&conn->host[CLIENT].end, client),
		 endpoint_print(&conn->host[SERVER].end, server));
	line_next(line);
}

static void write_conn(FILE *file, const struct report_conn *conn,
		       const struct writer_options *options)
{
	const struct style *style = &options->style;
	struct line line;

	if (!conn->accepted && !options->chosen)
		return;
	line_begin(&line, file, style);
	line.indent = style->terminal ? INDENT_TERMINAL : INDENT;
	if (conn->accepted)
		head_lines(&line, conn);
	else
		head_of_other(&line, conn);
	state_line(&line, conn);
	direction_lines(&line, conn, CLIENT);
	direction_lines(&line, conn, SERVER);
	for (size_t i = 0; i < conn->n_subflows; i++)
		subflow_detail(&line, &conn->subflows[i]);
	line_end(&line);
	line_findings(&line, conn);
	if (style->terminal)
		fputc('\n', file);
}

static void write_after(FILE *file, const struct report_totals *totals,
			const struct writer_options *options)
{
	char count[HUMAN_TEXT], text[FACT_TEXT];
	struct line line;

	line_begin(&line, file, &options->style);
	line.indent = 2;
	line_say(&line, "%s packets",
		 human_count((int64_t)totals->packets, count));
	line_text(&line,
		  fact_totals(totals, " (--list and -c tell why)", text));
	line_end(&line);
	if (totals->loose && !totals->selected)
		line_findings(&line, totals->loose);
}

const struct writer writer_text = {
    .name = "text",
    .help = "a block a connection",
    .conn = write_conn,
    .after = write_after,
};
