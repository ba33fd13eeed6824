/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/packets.h"

#include "base/alloc.h"
#include "write/buffer.h"
#include "write/human.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Columns are so wide at least; what needs more widens them for all lines that
 * follow, so that lines of a trace end up below one another. */
#define FRAME_WIDTH 6
#define CONN_WIDTH  3
#define ENDS_WIDTH  30

struct packet_lines {
	FILE *file;
	struct writer_options options;
	bool relative;
	nstime_t first; /* with `relative`; NSTIME_NONE: none yet */
	size_t frame_width, conn_width, ends_width;
	struct buffer line;
	size_t said; /* where the part behind the bar begins; 0: nowhere */
};

struct packet_lines *packet_lines_new(FILE *file,
				      const struct writer_options *options,
				      bool relative)
{
	struct packet_lines *lines = xcalloc(1, sizeof(*lines));

	lines->file = file;
	lines->options = *options;
	lines->relative = relative;
	lines->first = NSTIME_NONE;
	lines->frame_width = FRAME_WIDTH;
	lines->conn_width = CONN_WIDTH;
	lines->ends_width = ENDS_WIDTH;
	return lines;
}

void packet_lines_free(struct packet_lines *lines)
{
	if (!lines)
		return;
	free(lines->line.text);
	free(lines);
}

/* Of up to 64 bits without a sign, where packets pass. */
static void put_number(struct buffer *line, uint64_t number)
{
	if (number <= INT64_MAX)
		buffer_int(line, (int64_t)number);
	else
		buffer_print(line, "%" PRIu64, number);
}

static void put_words(struct buffer *line, const char *words, uint64_t number)
{
	buffer_text(line, words);
	put_number(line, number);
}

static void put_hex(struct buffer *line, const char *words, uint64_t number)
{
	buffer_print(line, "%s0x%" PRIx64, words, number);
}

static void put_octets(struct buffer *line, const uint8_t *octets, int n)
{
	for (int i = 0; i < n; i++)
		buffer_print(line, "%02x", octets[i]);
}

static uint64_t octets_number(const uint8_t *octets, int n)
{
	uint64_t number = 0;

	for (int i = 0; i < n; i++)
		number = number << 8 | octets[i];
	return number;
}

/* What was added since `start` is a cell of that width. */
static void fill(struct buffer *line, size_t start, size_t *width)
{
	if (line->size - start > *width)
		*width = line->size - start;
	while (line->size - start < *width)
		buffer_char(line, ' ');
}

/*
 * What tcpdump shows.
 */
static void put_address(struct buffer *line, const struct address *address)
{
	char text[ENDPOINT_TEXT];

	if (address->family != 4) {
		buffer_text(line, address_print(address, text));
		return;
	}
	for (int i = 0; i < 4; i++) {
		if (i)
			buffer_char(line, '.');
		buffer_int(line, address->bytes[i]);
	}
}

static void put_end(struct buffer *line, const struct endpoint *end)
{
	put_address(line, &end->address);
	buffer_char(line, '.');
	buffer_int(line, end->port);
}

static void put_ends(struct packet_lines *lines,
		     const struct report_packet *packet)
{
	struct buffer *line = &lines->line;
	size_t start = line->size;

	put_end(line, &packet->src);
	buffer_text(line, " > ");
	put_end(line, &packet->dst);
	buffer_char(line, ':');
	fill(line, start, &lines->ends_width);
}

static void put_flags(struct buffer *line, uint8_t flags)
{
	static const char letters[] = "FSRP.UEW"; /* by bit */
	size_t start = line->size, width = 5;

	buffer_text(line, " [");
	for (int i = 0; i < 8; i++)
		if (flags >> i & 1)
			buffer_char(line, letters[i]);
	buffer_text(line, flags ? "]" : "none]");
	fill(line, start, &width);
}

static void put_numbers(struct buffer *line, const struct report_packet *packet)
{
	if (packet->payload || packet->flags & (TCP_SYN | TCP_FIN | TCP_RST))
		put_words(line, " seq ", packet->seq);
	if (packet->payload)
		put_words(line, ":", (uint32_t)(packet->seq + packet->payload));
	if (packet->payload || packet->flags & (TCP_SYN | TCP_FIN | TCP_RST))
		buffer_char(line, ',');
	if (packet->flags & TCP_ACK) {
		put_words(line, " ack ", packet->ack);
		buffer_char(line, ',');
	}
	put_words(line, " win ", packet->window);
	put_words(line, ", length ", packet->payload);
}

static void put_capable(struct buffer *line, const struct mptcp_option *option)
{
	put_words(line, " capable v", option->u.capable.version);
	if (option->u.capable.flags & CAPABLE_CHECKSUM)
		buffer_text(line, " csum");
	for (int i = 0; i < option->u.capable.keys; i++)
		put_hex(line, i ? "," : " {", option->u.capable.key[i]);
	if (option->u.capable.keys)
		buffer_char(line, '}');
	if (option->u.capable.has_length)
		put_words(line, " len ", option->u.capable.data_length);
	if (option->u.capable.has_checksum)
		put_hex(line, " csum ", option->u.capable.checksum);
}

/* Its form is that which the length gives: 12 of a SYN, 16 of a SYN/ACK, 24 of
 * the third ACK. */
static void put_join(struct buffer *line, const struct mptcp_option *option)
{
	buffer_text(line, " join");
	if (option->length == 24) {
		buffer_text(line, " hmac 0x");
		put_octets(line, option->u.join.hmac, 20);
		return;
	}
	if (option->u.join.backup)
		buffer_text(line, " backup");
	put_words(line, " id ", option->u.join.id);
	if (option->length == 12)
		put_hex(line, " token ", option->u.join.token);
	else
		put_hex(line, " hmac ", octets_number(option->u.join.hmac, 8));
	put_hex(line, " nonce ", option->u.join.nonce);
}

static void put_dss(struct buffer *line, const struct mptcp_option *option)
{
	buffer_text(line, " dss");
	if (option->u.dss.flags & DSS_FIN)
		buffer_text(line, " fin");
	if (option->u.dss.flags & DSS_ACK)
		put_words(line, " ack ", option->u.dss.ack);
	if (!(option->u.dss.flags & DSS_MAP))
		return;
	put_words(line, " seq ", option->u.dss.dsn);
	put_words(line, " subseq ", option->u.dss.ssn);
	put_words(line, " len ", option->u.dss.length);
	if (option->u.dss.has_checksum)
		put_hex(line, " csum ", option->u.dss.checksum);
}

static void put_add_addr(struct buffer *line, const struct mptcp_option *option)
{
	if (option->u.add_addr.v0)
		put_words(line, " add-addr v0-ip",
			  option->u.add_addr.address.family);
	else
		buffer_text(line, option->u.add_addr.echo ? " add-addr v1-echo"
							  : " add-addr v1");
	put_words(line, " id ", option->u.add_addr.id);
	buffer_char(line, ' ');
	put_address(line, &option->u.add_addr.address);
	if (option->u.add_addr.port)
		put_words(line, ":", option->u.add_addr.port);
	if (option->u.add_addr.has_hmac)
		put_hex(line, " hmac ",
			octets_number(option->u.add_addr.hmac, 8));
}

static void put_remove_addr(struct buffer *line,
			    const struct mptcp_option *option)
{
	buffer_text(line, " rem-addr id");
	for (int i = 0; i < option->u.remove_addr.n; i++)
		put_words(line, " ", option->u.remove_addr.ids[i]);
}

static void put_prio(struct buffer *line, const struct mptcp_option *option)
{
	buffer_text(line, option->u.prio.backup ? " prio backup"
						: " prio non-backup");
	if (option->u.prio.has_id)
		put_words(line, " id ", option->u.prio.id);
}

/* tcpdump does not know it. */
static void put_tcprst(struct buffer *line, const struct mptcp_option *option)
{
	const char *reason = reset_reason_word(option->u.tcprst.reason);

	put_words(line, " tcp-rst reason ", option->u.tcprst.reason);
	if (reason)
		buffer_print(line, " (%s)", reason);
}

static void put_option(struct buffer *line, const struct mptcp_option *option)
{
	put_words(line, ", mptcp ", option->length);
	switch ((enum mptcp_subtype)option->subtype) {
	case MPTCP_CAPABLE:
		put_capable(line, option);
		break;
	case MPTCP_JOIN:
		put_join(line, option);
		break;
	case MPTCP_DSS:
		put_dss(line, option);
		break;
	case MPTCP_ADD_ADDR:
		put_add_addr(line, option);
		break;
	case MPTCP_REMOVE_ADDR:
		put_remove_addr(line, option);
		break;
	case MPTCP_PRIO:
		put_prio(line, option);
		break;
	case MPTCP_FAIL:
		put_words(line, " fail seq ", option->u.fail.dsn);
		break;
	case MPTCP_FASTCLOSE:
		put_hex(line, " fast-close key ", option->u.fastclose.key);
		break;
	case MPTCP_TCPRST:
		put_tcprst(line, option);
		break;
	}
}

static void put_options(struct buffer *line, const struct report_packet *packet)
{
	for (int i = 0; i < packet->n_options; i++)
		put_option(line, &packet->options[i]);
	for (int i = 0; i < packet->bad_options; i++)
		buffer_text(line, ", mptcp [bad opt]");
	if (packet->options_short)
		buffer_text(line, ", [|tcp]");
}

/*
 * What tracking knows.
 */
static struct buffer *say(struct packet_lines *lines, const char *mark)
{
	buffer_text(&lines->line, lines->said ? "; " : " | ");
	lines->said = lines->line.size;
	buffer_text(&lines->line, mark);
	return &lines->line;
}

/* Data offsets, the first byte being 1, and past the last. */
static void put_range(struct buffer *line, int64_t from, int64_t upto)
{
	buffer_int(line, from + 1);
	buffer_char(line, ':');
	buffer_int(line, upto + 1);
}

/* Who carried it first, as far as its mapping was known then. */
static void put_first(struct buffer *line, const struct packet_piece *piece,
		      uint64_t frame)
{
	if (piece->first_frame)
		put_words(line,
			  piece->first_frame == piece->last_frame
			      ? " of packet "
			      : " of packets ",
			  piece->first_frame);
	if (piece->first_frame != piece->last_frame)
		put_words(line, "-", piece->last_frame);
	if (piece->how == PACKET_REINJECTED && piece->first_on >= 0) {
		put_words(line, " (subflow ", (uint64_t)piece->first_on);
		buffer_char(line, ')');
	}
	if (piece->first_frame > frame)
		buffer_text(line, ", mapped earlier");
}

static void say_piece(struct packet_lines *lines,
		      const struct packet_piece *piece, uint64_t frame)
{
	static const struct {
		const char *mark, *words;
	} rows[] = {
	    [PACKET_NEW] = {"", " new"},
	    [PACKET_AHEAD] = {"", " new, leaves a hole"},
	    [PACKET_FILLS] = {"", " fills a hole"},
	    [PACKET_AGAIN] = {STYLE_CARE, " retransmission"},
	    [PACKET_REINJECTED] = {STYLE_CARE, " reinjection"},
	    [PACKET_UNMAPPED] = {STYLE_CARE, " B without mapping"},
	    [PACKET_UNMAPPED_AGAIN] = {STYLE_CARE, " B without mapping, "
						   "retransmission"},
	    [PACKET_TCP_AGAIN] = {STYLE_CARE, "retransmission"},
	};
	const char *mark = rows[piece->how].mark;
	struct buffer *line = say(lines, mark);

	if (piece->how < PACKET_UNMAPPED) {
		buffer_text(line, "data ");
		put_range(line, piece->start, piece->end);
	} else if (piece->how != PACKET_TCP_AGAIN) {
		buffer_int(line, piece->end - piece->start);
	}
	buffer_text(line, rows[piece->how].words);
	put_first(line, piece, frame);
	if (*mark)
		buffer_text(line, STYLE_END);
}

static void say_acked(struct packet_lines *lines,
		      const struct report_packet *packet)
{
	char text[HUMAN_TEXT];
	struct buffer *line;

	switch (packet->acked) {
	case ACKED_NOTHING:
		break;
	case ACKED_BY:
		line = say(lines, "");
		put_words(line, "acked by packet ", packet->acked_by);
		if (packet->acked_after < 0) /* unknown, or time ran back */
			break;
		buffer_text(line, " after ");
		buffer_text(
		    line,
		    human_span(nstime_seconds(packet->acked_after), text));
		break;
	case ACKED_BEFORE:
		buffer_text(say(lines, ""), "acked before");
		break;
	case ACKED_MEANWHILE:
		buffer_text(say(lines, ""), "acked before it was mapped");
		break;
	case ACKED_NEVER:
		buffer_text(say(lines, STYLE_CARE), "not acked" STYLE_END);
		break;
	case ACKED_LATER:
		line = say(lines, STYLE_LABEL);
		put_words(line, "no ack within ", PACKETS_HELD);
		buffer_text(line, " packets" STYLE_END);
		break;
	}
}

static void say_data(struct packet_lines *lines,
		     const struct report_packet *packet)
{
	for (size_t i = 0; i < packet->n_pieces; i++)
		say_piece(lines, &packet->pieces[i], packet->frame);
	if (packet->pieces_lost)
		buffer_print(say(lines, ""), "%" PRIu32 " pieces more",
			     packet->pieces_lost);
	if (packet->data_fin)
		buffer_text(say(lines, ""), packet->data_fin_again
						? "DATA_FIN again"
						: "DATA_FIN");
	say_acked(lines, packet);
	if (packet->acks_from < packet->acks_upto) {
		struct buffer *line = say(lines, "");

		buffer_text(line, "acks ");
		put_range(line, packet->acks_from, packet->acks_upto);
	}
	if (packet->acks_fin)
		buffer_text(say(lines, ""), "acks DATA_FIN");
}

static void say_verdict(struct packet_lines *lines, const char *of,
			const struct packet_verdict *verdict)
{
	const char *mark = style_verdict(verdict->verdict);
	struct buffer *line;

	if (!verdict->given)
		return;
	line = say(lines, mark);
	buffer_text(line, of);
	buffer_text(line, verdict_word(verdict->verdict));
	if (*mark)
		buffer_text(line, STYLE_END);
}

static void say_token(struct packet_lines *lines,
		      const struct report_packet *packet)
{
	if (!packet->token_given)
		return;
	if (!(packet->flags & TCP_SYN) ||
	    packet->options->subtype == MPTCP_CAPABLE)
		put_hex(say(lines, ""), "token ", packet->token);
	else if (packet->token_known)
		buffer_print(say(lines, ""), "token of the %s",
			     side_word(other_side(packet->side)));
	else
		buffer_text(say(lines, STYLE_CARE), "token unknown" STYLE_END);
}

static void put_tracked(struct packet_lines *lines,
			const struct report_packet *packet)
{
	lines->said = 0;
	say_data(lines, packet);
	say_verdict(lines, "checksum ", &packet->checksum);
	say_verdict(lines, "HMAC ", &packet->hmac);
	say_verdict(lines, "key ", &packet->key);
	say_token(lines, packet);
	if (packet->fallback)
		buffer_print(say(lines, STYLE_BAD), "falls back: %s" STYLE_END,
			     fallback_word(packet->fallback));
}

/*
 * A line.
 */
static void put_frame(struct packet_lines *lines, uint64_t frame)
{
	struct buffer *line = &lines->line;
	size_t digits = 1;

	for (uint64_t rest = frame / 10; rest; rest /= 10)
		digits++;
	if (digits > lines->frame_width)
		lines->frame_width = digits;
	for (; digits < lines->frame_width; digits++)
		buffer_char(line, ' ');
	put_number(line, frame);
	buffer_char(line, ' ');
}

static void put_time(struct packet_lines *lines, nstime_t time)
{
	struct buffer *line = &lines->line;

	if (lines->first == NSTIME_NONE)
		lines->first = time;
	buffer_text(line, STYLE_LABEL);
	if (time == NSTIME_NONE)
		buffer_char(line, '-');
	else
		buffer_time(line, lines->relative ? time - lines->first : time,
			    lines->options.digits);
	buffer_text(line, STYLE_END " ");
}

static void put_conn(struct packet_lines *lines,
		     const struct report_packet *packet)
{
	struct buffer *line = &lines->line;
	size_t start;

	if (packet->of == PACKET_KNOWN)
		buffer_text(line, style_subflow(packet->subflow));
	start = line->size;
	switch (packet->of) {
	case PACKET_PLAIN:
		buffer_char(line, '-');
		break;
	case PACKET_ORPHAN:
		buffer_char(line, '?');
		break;
	case PACKET_KNOWN:
		put_number(line, packet->conn);
		put_words(line, ".", (uint64_t)packet->subflow);
		break;
	}
	fill(line, start, &lines->conn_width);
	buffer_text(line, packet->of == PACKET_KNOWN ? STYLE_END " " : " ");
}

void packet_write(struct packet_lines *lines,
		  const struct report_packet *packet)
{
	struct buffer *line = &lines->line;

	line->size = 0;
	put_frame(lines, packet->frame);
	put_time(lines, packet->time);
	put_conn(lines, packet);
	put_ends(lines, packet);
	put_flags(line, packet->flags);
	put_numbers(line, packet);
	put_options(line, packet);
	put_tracked(lines, packet);
	buffer_char(line, '\n');
	style_write(&lines->options.style, lines->file, line->text, line->size);
}
