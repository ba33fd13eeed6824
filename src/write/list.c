/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --list: a line a connection, also for those that never became multipath. A
 * terminal that is too narrow for a row of the table gets it in several lines.
 */
#include "write/writer.h"

#include "write/facts.h"
#include "write/human.h"
#include "write/line.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum cell {
	ID,
	CLIENT_END,
	SERVER_END,
	MPTCP_VERSION,
	STATE,
	START,
	DURATION,
	SUBFLOWS,
	C2S,
	S2C,
	WHY,
	CELLS
};

static const struct column {
	const char *name;
	int width;
	bool right;
} columns[CELLS] = {
    [ID] = {"id", 6, true},
    [CLIENT_END] = {"client", 23},
    [SERVER_END] = {"server", 23},
    [MPTCP_VERSION] = {"ver", 3},
    [STATE] = {"state", 11},
    [START] = {"start", 17},
    [DURATION] = {"duration", 9, true},
    [SUBFLOWS] = {"subflows", 8, true},
    [C2S] = {"c2s", 9, true},
    [S2C] = {"s2c", 9, true},
    [WHY] = {" why"},
};

/* A terminal's columns that suffice for a row without WHY, and with any. */
#define ROW	    127
#define WHOLE	    157
#define UP_TO_STATE 24 /* without the ends */

struct row {
	char text[CELLS][HUMAN_END];
	const char *mark[CELLS]; /* or NULL */
};

static int clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

/* An end takes up to 47 columns, if it is of IPv6: as many as there may be. */
static int end_width(const struct style *style)
{
	if (!style->terminal)
		return 23;
	if (style->width >= ROW)
		return clamp(23 + (style->width - WHOLE) / 2, 23, 47);
	return clamp((style->width - UP_TO_STATE) / 2, 21, 33);
}

static int width_of(const struct style *style, enum cell cell)
{
	return cell == CLIENT_END || cell == SERVER_END ? end_width(style)
							: columns[cell].width;
}

static void write_row(FILE *file, const struct style *style,
		      const struct row *row)
{
	struct line line = {file, style};
	int next = 0;

	for (int i = 0; i < CELLS; i++) {
		const char *text = row->text[i], *mark = row->mark[i];
		int taken = style_columns(text, strlen(text));
		int width =
		    width_of(style, i) > taken ? width_of(style, i) : taken;

		if (!taken)
			continue;
		if (style->terminal && next + width > style->width) {
			line_end(&line);
			next = columns[ID].width + 1;
		}
		line_go_to(&line,
			   next + (columns[i].right ? width - taken : 0));
		line_verbatim(&line, mark ? "%s%s" STYLE_END : "%s%s",
			      mark ? mark : "", text);
		next += width + 1;
	}
	line_end(&line);
}

static void write_before(FILE *file, const struct report_totals *totals,
			 const struct writer_options *options)
{
	struct row row;

	(void)totals;
	for (int i = 0; i < CELLS; i++) {
		row.mark[i] = STYLE_HEAD;
		strcpy(row.text[i], columns[i].name);
	}
	write_row(file, &options->style, &row);
}

/* A terminal gets the numbers of a column below one another. */
static void quantity(const struct style *style, const char *text, char *cell)
{
	if (style->terminal)
		human_cell(text, 6, 2, cell);
	else
		strcpy(cell, text);
}

static void write_end(const struct style *style, const struct endpoint *end,
		      char *text)
{
	human_end(end, text);
	if (style->terminal)
		human_shorten(text, end_width(style), style->unicode);
}

static void write_times(const struct style *style,
			const struct report_conn *conn, int digits,
			struct row *row)
{
	char text[HUMAN_TEXT];

	strcpy(row->text[START], "-");
	strcpy(row->text[DURATION], "-");
	if (conn->first == NSTIME_NONE)
		return;
	nstime_print(conn->first, digits, row->text[START]);
	human_span(nstime_seconds(nstime_span(conn->first, conn->last)), text);
	quantity(style, text, row->text[DURATION]);
}

static void write_bytes(const struct style *style,
			const struct report_conn *conn, enum side side,
			char *cell)
{
	char text[HUMAN_TEXT];

	quantity(style, human_bytes(fact_sent(conn, side), text), cell);
}

static void write_conn(FILE *file, const struct report_conn *conn,
		       const struct writer_options *options)
{
	const struct style *style = &options->style;
	struct row row = {
	    .mark = {[STATE] = style_state(conn->state), [START] = STYLE_LABEL},
	};
	const char *why = fact_why(conn);

	snprintf(row.text[ID], HUMAN_END, "%" PRIu64, conn->id);
	write_end(style, &conn->host[CLIENT].end, row.text[CLIENT_END]);
	write_end(style, &conn->host[SERVER].end, row.text[SERVER_END]);
	strcpy(row.text[MPTCP_VERSION], "-");
	if (conn->version >= 0)
		snprintf(row.text[MPTCP_VERSION], HUMAN_END, "%d",
			 conn->version);
	strcpy(row.text[STATE], conn_state_word(conn->state));
	write_times(style, conn, options->digits, &row);
	snprintf(row.text[SUBFLOWS], HUMAN_END, "%zu", conn->n_subflows);
	write_bytes(style, conn, CLIENT, row.text[C2S]);
	write_bytes(style, conn, SERVER, row.text[S2C]);
	if (why)
		snprintf(row.text[WHY], HUMAN_END, " %s", why);
	write_row(file, style, &row);
}

static void write_after(FILE *file, const struct report_totals *totals,
			const struct writer_options *options)
{
	struct line line = {file, &options->style, .indent = 2};

	line_say(&line,
		 "TCP flows: %" PRIu64 "; of MPTCP connections %" PRIu64
		 ", orphans %" PRIu64 ", refused MPTCP %" PRIu64
		 ", plain %" PRIu64,
		 totals->flows, totals->mptcp_subflows, totals->orphan_subflows,
		 totals->mptcp_refused, totals->plain);
	line_end(&line);
}

static const struct writer writer_list = {
    .name = "list",
    .help = "a line a connection",
    .conn = write_conn,
    .before = write_before,
    .after = write_after,
};

const struct writer *writer_of_list(enum listing_format format)
{
	(void)format;
	return &writer_list;
}
