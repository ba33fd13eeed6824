/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A connection's row in the table of all. A cell whose text does not sort as
 * it should has its value in data-k; an empty one is unknown.
 */
#include "write/parts.h"

#include "write/facts.h"
#include "write/html.h"
#include "write/human.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* What a cell is about. */
struct row {
	struct buffer *out;
	const struct report_conn *conn;
	enum side side; /* of the cell */
	int digits;
};

static void put_end(const struct row *row)
{
	char end[END_TEXT];

	buffer_print(row->out, ">%s",
		     endpoint_print(&row->conn->host[row->side].end, end));
}

static void put_version(const struct row *row)
{
	if (row->conn->version < 0)
		buffer_print(row->out, " data-k=\"\">-");
	else
		buffer_print(row->out, ">%d", row->conn->version);
}

static void put_state(const struct row *row)
{
	const char *reason = fact_why(row->conn);

	buffer_print(row->out, ">%s", conn_state_word(row->conn->state));
	if (reason)
		buffer_print(row->out, ": %s", reason);
}

/* The time of day to the millisecond; all of it is in the tooltip. */
static void put_start(const struct row *row)
{
	nstime_t first = row->conn->first;
	char time[HTML_TIME], epoch[NSTIME_TEXT];

	if (first == NSTIME_NONE) {
		buffer_text(row->out, " data-k=\"\">-");
		return;
	}
	html_time(first, row->digits, time);
	buffer_print(row->out, " data-k=\"%s\" title=\"%s\">%.12s",
		     nstime_print(first, row->digits, epoch), time,
		     strchr(time, ' ') + 1);
}

static void put_duration(const struct row *row)
{
	double span =
	    nstime_seconds(nstime_span(row->conn->first, row->conn->last));
	char text[HUMAN_TEXT];

	if (isfinite(span))
		buffer_print(row->out, " data-k=\"%.9f\"", span);
	buffer_print(row->out, ">%s", human_span(span, text));
}

static void put_subflows(const struct row *row)
{
	buffer_print(row->out, ">%zu", row->conn->n_subflows);
}

static void put_bytes(const struct row *row, int64_t bytes)
{
	char text[HUMAN_TEXT];

	buffer_print(row->out, " data-k=\"%" PRId64 "\">%s", bytes,
		     human_bytes(bytes, text));
}

static void put_sent(const struct row *row)
{
	put_bytes(row, fact_sent(row->conn, row->side));
}

static void put_goodput(const struct row *row)
{
	double goodput = fact_goodput(row->conn, row->side);
	char text[HUMAN_TEXT];

	if (isfinite(goodput))
		buffer_print(row->out, " data-k=\"%.12g\"", goodput);
	else
		buffer_text(row->out, " data-k=\"\"");
	buffer_print(row->out, ">%s", human_rate(goodput, text));
}

static void put_reinjected(const struct row *row)
{
	const struct report_data *data = row->conn->data;

	put_bytes(row, data[CLIENT].reinjected_bytes +
			   data[SERVER].reinjected_bytes);
}

static void put_retransmitted(const struct row *row)
{
	const struct report_data *data = row->conn->data;

	put_bytes(row, data[CLIENT].retransmitted_bytes +
			   data[SERVER].retransmitted_bytes);
}

static void put_findings(const struct row *row)
{
	const struct report_conn *conn = row->conn;
	int n[ERROR + 1] = {0};

	for (size_t i = 0; i < conn->n_findings; i++)
		n[conn->findings[i].severity]++;
	buffer_print(row->out, " data-k=\"%d\">",
		     1000000 * n[ERROR] + 1000 * n[WARNING] + n[NOTE]);
	for (int severity = ERROR; severity >= NOTE; severity--)
		if (n[severity])
			buffer_print(row->out, "<b class=\"%s\">%d %s%s</b> ",
				     severity_word((enum severity)severity),
				     n[severity],
				     severity_word((enum severity)severity),
				     fact_plural(n[severity]));
}

static const struct cell {
	const char *name, *title;
	void (*put)(const struct row *row); /* from after "<td" */
	enum side side;			    /* where it is of one */
} cells[] = {
    {"client", NULL, put_end, CLIENT},
    {"server", NULL, put_end, SERVER},
    {"version", "of MPTCP", put_version},
    {"state", NULL, put_state},
    {"findings", NULL, put_findings},
    {"start, UTC", NULL, put_start},
    {"duration", NULL, put_duration},
    {"subflows", NULL, put_subflows},
    {"client sent", "distinct data bytes", put_sent, CLIENT},
    {"goodput", "of what the client sent", put_goodput, CLIENT},
    {"server sent", "distinct data bytes", put_sent, SERVER},
    {"goodput", "of what the server sent", put_goodput, SERVER},
    {"reinjected", "both ways", put_reinjected},
    {"retransmitted", "both ways", put_retransmitted},
};
#define CELLS (sizeof(cells) / sizeof(*cells))

/* Characters that show, of markup. */
static int letters(const char *text, size_t size)
{
	bool markup = false;
	int n = 0;

	for (size_t i = 0; i < size; i++) {
		markup |= text[i] == '<';
		n += !markup && (text[i] & 0xc0) != 0x80;
		markup &= text[i] != '>';
	}
	return n;
}

static void widen(int *width, const struct buffer *out, size_t from)
{
	int n = letters(out->text + from, out->size - from);

	if (n > *width)
		*width = n;
}

static void head_cell(struct buffer *out, const char *name, const char *title,
		      int *width)
{
	size_t from = out->size;

	buffer_text(out, "<th scope=\"col\"");
	if (title)
		buffer_print(out, " title=\"%s\"", title);
	buffer_print(out, "><button type=\"button\">%s</button></th>", name);
	widen(width, out, from);
}

void pagerow_head(struct buffer *out, int *widths)
{
	_Static_assert(CELLS + 1 == PAGEROW_CELLS, "one more for the id");
	buffer_text(out, "<thead><tr>");
	head_cell(out, "id", NULL, &widths[0]);
	for (size_t i = 0; i < CELLS; i++)
		head_cell(out, cells[i].name, cells[i].title, &widths[i + 1]);
	buffer_text(out, "</tr></thead>\n");
}

void pagerow_cells(struct buffer *out, const struct report_conn *conn,
		   int digits, int *widths)
{
	struct row row = {.out = out, .conn = conn, .digits = digits};
	size_t from = out->size;

	buffer_print(out, "%" PRIu64, conn->id);
	widen(&widths[0], out, from);
	out->size = from;
	for (size_t i = 0; i < CELLS; i++) {
		from = out->size;
		buffer_text(out, "<td");
		row.side = cells[i].side;
		cells[i].put(&row);
		buffer_text(out, "</td>");
		widen(&widths[i + 1], out, from);
	}
}
