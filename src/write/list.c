/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --list: a line a connection, also for those that never became multipath, and
 * how all TCP of the trace counts. listdata.c writes it for programs.
 */
#include "write/writer.h"

#include "base/format.h"
#include "report/peers.h"
#include "write/cells.h"
#include "write/facts.h"
#include "write/human.h"
#include "write/line.h"
#include "write/listdata.h"
#include "write/peerlist.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum column {
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
	REINJECTED,
	VERDICT,
	COLUMNS
};

static const struct cell heads[COLUMNS] = {
    [ID] = {"id", STYLE_HEAD, 6, true},
    [CLIENT_END] = {"client", STYLE_HEAD},
    [SERVER_END] = {"server", STYLE_HEAD},
    [MPTCP_VERSION] = {"ver", STYLE_HEAD, 3},
    [STATE] = {"state", STYLE_HEAD, 11},
    [START] = {"start", STYLE_HEAD, 17},
    [DURATION] = {"duration", STYLE_HEAD, 8, true},
    [SUBFLOWS] = {"subflows", STYLE_HEAD, 8, true},
    [C2S] = {"c2s", STYLE_HEAD, 8, true},
    [S2C] = {"s2c", STYLE_HEAD, 8, true},
    [REINJECTED] = {"reinj", STYLE_HEAD, 8, true},
    [VERDICT] = {"verdict", STYLE_HEAD},
};

/* A terminal's columns that suffice for a row without VERDICT, and with any. */
#define ROW	    131
#define WHOLE	    166
#define UP_TO_STATE 24 /* without the ends */
#define END	    21 /* columns: an end of IPv4; up to 47, if it is of IPv6 */

#define CELL 128

struct row {
	struct cell cells[COLUMNS];
	char text[COLUMNS][CELL];
};

static int clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

static int end_width(const struct style *style)
{
	if (!style->terminal)
		return END;
	if (style->width >= ROW)
		return clamp(END + (style->width - WHOLE) / 2, END, 47);
	return clamp((style->width - UP_TO_STATE) / 2, END, 33);
}

/* A row of which only the texts are missing. */
static void row_begin(struct row *row, const struct style *style)
{
	memcpy(row->cells, heads, sizeof(heads));
	row->cells[CLIENT_END].width = end_width(style);
	row->cells[SERVER_END].width = end_width(style);
	for (int i = 0; i < COLUMNS; i++) {
		row->cells[i].text = row->text[i];
		row->cells[i].mark = NULL;
	}
}

static void row_end(FILE *file, const struct style *style,
		    const struct row *row)
{
	cells_write(file, style, row->cells, COLUMNS, heads[ID].width + 1);
}

static void write_before(FILE *file, const struct report_totals *totals,
			 const struct writer_options *options)
{
	struct row row;

	(void)totals;
	row_begin(&row, &options->style);
	for (int i = 0; i < COLUMNS; i++) {
		row.cells[i].text = heads[i].text;
		row.cells[i].mark = heads[i].mark;
	}
	row_end(file, &options->style, &row);
}

/* A terminal gets the numbers of a column below one another. */
static void quantity(const struct style *style, const char *text, char *cell)
{
	if (style->terminal)
		human_cell(text, 5, 2, cell);
	else
		strcpy(cell, text);
}

static void write_end(const struct style *style, const struct endpoint *end,
		      char *text)
{
	endpoint_print(end, text);
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

static void write_bytes(const struct style *style, int64_t bytes, char *cell)
{
	char text[HUMAN_TEXT];

	quantity(style, human_bytes(bytes, text), cell);
}

/* The gravest that somebody should know: how it fell back, or the first of its
 * findings that no healthy connection has; and how many more there are. */
static void write_grave(const struct report_conn *conn, char *text, size_t size)
{
	const char *codes[FACT_CODES], *code = NULL;
	size_t n = fact_codes(conn, WARNING, codes), others = n;

	if (conn->fallback)
		code = fallback_word(conn->fallback);
	else if (n)
		code = codes[0];
	for (size_t i = 0; i < n; i++)
		others -= !strcmp(codes[i], code);
	if (others)
		format_text(text, size, "%s +%zu", code, others);
	else
		format_text(text, size, "%s", code ? code : "");
}

/* "multipath", "refused: no-option-in-synack", "multipath: join-reset +1,
 * open". */
static void write_verdict(const struct report_conn *conn, char *text)
{
	const char *outcome = report_outcome(conn);
	char grave[CELL / 2];

	write_grave(conn, grave, sizeof(grave));
	if (strstr(grave, outcome)) /* it says as much */
		outcome = "";
	format_text(text, CELL, "%s%s%s%s%s", outcome,
		    *outcome && *grave ? ": " : "", grave,
		    conn->timed_out ? ", timed out" : "",
		    conn->still_open ? ", open" : "");
}

static const char *verdict_mark(const struct report_conn *conn)
{
	enum severity gravest = NOTE;

	for (size_t i = 0; i < conn->n_findings; i++)
		if (conn->findings[i].severity > gravest)
			gravest = conn->findings[i].severity;
	return gravest > NOTE ? style_severity(gravest) : NULL;
}

static void write_conn(FILE *file, const struct report_conn *conn,
		       const struct writer_options *options)
{
	const struct style *style = &options->style;
	const struct report_data *data = conn->data;
	struct row row;

	row_begin(&row, style);
	row.cells[STATE].mark = style_state(conn->state);
	row.cells[START].mark = STYLE_LABEL;
	row.cells[VERDICT].mark = verdict_mark(conn);
	format_text(row.text[ID], CELL, "%" PRIu64, conn->id);
	write_end(style, &conn->host[CLIENT].end, row.text[CLIENT_END]);
	write_end(style, &conn->host[SERVER].end, row.text[SERVER_END]);
	strcpy(row.text[MPTCP_VERSION], "-");
	if (conn->version >= 0)
		format_text(row.text[MPTCP_VERSION], CELL, "%d", conn->version);
	strcpy(row.text[STATE], conn_state_word(conn->state));
	write_times(style, conn, options->digits, &row);
	format_text(row.text[SUBFLOWS], CELL, "%zu", conn->n_subflows);
	write_bytes(style, fact_sent(conn, CLIENT), row.text[C2S]);
	write_bytes(style, fact_sent(conn, SERVER), row.text[S2C]);
	write_bytes(style,
		    data[CLIENT].reinjected_bytes +
			data[SERVER].reinjected_bytes,
		    row.text[REINJECTED]);
	write_verdict(conn, row.text[VERDICT]);
	row_end(file, style, &row);
}

static void write_after(FILE *file, const struct report_totals *totals,
			const struct writer_options *options)
{
	struct line line;

	line_begin(&line, file, &options->style);
	line.indent = 2;
	if (totals->selected)
		line_say(&line, "%" PRIu64 " of %" PRIu64 " connections shown",
			 totals->chosen, totals->connections);
	line_end(&line);
	peerlist_write(file, &options->style, totals->peers);
	if (totals->cut_options) {
		line_say(&line,
			 "TCP options of %" PRIu64 " packets were cut off: "
			 "plain flows may be MPTCP",
			 totals->cut_options);
		line_end(&line);
	}
	if (totals->loose && !totals->selected)
		line_findings(&line, totals->loose);
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
	switch (format) {
	case LISTING_CSV:
		return &writer_list_csv;
	case LISTING_JSONL:
		return &writer_list_jsonl;
	default:
		return &writer_list;
	}
}
