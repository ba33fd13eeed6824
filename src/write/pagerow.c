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

uint64_t conn_bytes(const struct report_conn *conn)
{
	return (uint64_t)fact_sent(conn, CLIENT) +
	       (uint64_t)fact_sent(conn, SERVER);
}

static void put_client(struct buffer *out, const struct report_conn *conn,
		       int digits)
{
	char end[HUMAN_END];

	(void)digits;
	buffer_print(out, ">%s", human_end(&conn->host[CLIENT].end, end));
}

static void put_server(struct buffer *out, const struct report_conn *conn,
		       int digits)
{
	char end[HUMAN_END];

	(void)digits;
	buffer_print(out, ">%s", human_end(&conn->host[SERVER].end, end));
}

static void put_version(struct buffer *out, const struct report_conn *conn,
			int digits)
{
	(void)digits;
	if (conn->version < 0)
		buffer_print(out, " data-k=\"\">-");
	else
		buffer_print(out, ">%d", conn->version);
}

static void put_state(struct buffer *out, const struct report_conn *conn,
		      int digits)
{
	const char *reason = fact_why(conn);

	(void)digits;
	buffer_print(out, ">%s", conn_state_word(conn->state));
	if (reason)
		buffer_print(out, ": %s", reason);
}

/* The time of day to the millisecond; all of it is in the tooltip. */
static void put_start(struct buffer *out, const struct report_conn *conn,
		      int digits)
{
	char time[HTML_TIME], epoch[NSTIME_TEXT];

	if (conn->first == NSTIME_NONE) {
		buffer_text(out, " data-k=\"\">-");
		return;
	}
	html_time(conn->first, digits, time);
	buffer_print(out, " data-k=\"%s\" title=\"%s\">%.12s",
		     nstime_print(conn->first, digits, epoch), time,
		     strchr(time, ' ') + 1);
}

static void put_duration(struct buffer *out, const struct report_conn *conn,
			 int digits)
{
	double span = nstime_seconds(nstime_span(conn->first, conn->last));
	char text[HUMAN_TEXT];

	(void)digits;
	if (isfinite(span))
		buffer_print(out, " data-k=\"%.9f\"", span);
	buffer_print(out, ">%s", human_span(span, text));
}

static void put_subflows(struct buffer *out, const struct report_conn *conn,
			 int digits)
{
	(void)digits;
	buffer_print(out, ">%zu", conn->n_subflows);
}

static void put_bytes(struct buffer *out, int64_t bytes)
{
	char text[HUMAN_TEXT];

	buffer_print(out, " data-k=\"%" PRId64 "\">%s", bytes,
		     human_bytes(bytes, text));
}

static void put_goodput(struct buffer *out, const struct report_conn *conn,
			enum side side)
{
	double goodput = fact_goodput(conn, side);
	char text[HUMAN_TEXT];

	if (isfinite(goodput))
		buffer_print(out, " data-k=\"%.12g\"", goodput);
	else
		buffer_text(out, " data-k=\"\"");
	buffer_print(out, ">%s", human_rate(goodput, text));
}

static void put_c2s(struct buffer *out, const struct report_conn *conn,
		    int digits)
{
	(void)digits;
	put_bytes(out, fact_sent(conn, CLIENT));
}

static void put_s2c(struct buffer *out, const struct report_conn *conn,
		    int digits)
{
	(void)digits;
	put_bytes(out, fact_sent(conn, SERVER));
}

static void put_c2s_goodput(struct buffer *out, const struct report_conn *conn,
			    int digits)
{
	(void)digits;
	put_goodput(out, conn, CLIENT);
}

static void put_s2c_goodput(struct buffer *out, const struct report_conn *conn,
			    int digits)
{
	(void)digits;
	put_goodput(out, conn, SERVER);
}

static void put_reinjected(struct buffer *out, const struct report_conn *conn,
			   int digits)
{
	(void)digits;
	put_bytes(out, conn->data[CLIENT].reinjected_bytes +
			   conn->data[SERVER].reinjected_bytes);
}

static void put_retransmitted(struct buffer *out,
			      const struct report_conn *conn, int digits)
{
	(void)digits;
	put_bytes(out, conn->data[CLIENT].retransmitted_bytes +
			   conn->data[SERVER].retransmitted_bytes);
}

static void put_findings(struct buffer *out, const struct report_conn *conn,
			 int digits)
{
	int n[ERROR + 1] = {0};

	(void)digits;
	for (size_t i = 0; i < conn->n_findings; i++)
		n[conn->findings[i].severity]++;
	buffer_print(out, " data-k=\"%d\">",
		     1000000 * n[ERROR] + 1000 * n[WARNING] + n[NOTE]);
	for (int severity = ERROR; severity >= NOTE; severity--)
		if (n[severity])
			buffer_print(out, "<b class=\"%s\">%d %s%s</b> ",
				     severity_word((enum severity)severity),
				     n[severity],
				     severity_word((enum severity)severity),
				     n[severity] == 1 ? "" : "s");
}

static const struct cell {
	const char *name, *title;
	void (*put)(struct buffer *out, const struct report_conn *conn,
		    int digits); /* from after "<td" */
} cells[] = {
    {"client", NULL, put_client},
    {"server", NULL, put_server},
    {"version", "of MPTCP", put_version},
    {"state", NULL, put_state},
    {"findings", NULL, put_findings},
    {"start, UTC", NULL, put_start},
    {"duration", NULL, put_duration},
    {"subflows", NULL, put_subflows},
    {"client sent", "distinct data bytes", put_c2s},
    {"goodput", "of what the client sent", put_c2s_goodput},
    {"server sent", "distinct data bytes", put_s2c},
    {"goodput", "of what the server sent", put_s2c_goodput},
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

void row_head(struct buffer *out, int *widths)
{
	_Static_assert(CELLS + 1 == ROW_CELLS, "one more for the id");
	buffer_text(out, "<thead><tr>");
	head_cell(out, "id", NULL, &widths[0]);
	for (size_t i = 0; i < CELLS; i++)
		head_cell(out, cells[i].name, cells[i].title, &widths[i + 1]);
	buffer_text(out, "</tr></thead>\n");
}

void row_cells(struct buffer *out, const struct report_conn *conn, int digits,
	       int *widths)
{
	size_t from = out->size;

	buffer_print(out, "%" PRIu64, conn->id);
	widen(&widths[0], out, from);
	out->size = from;
	for (size_t i = 0; i < CELLS; i++) {
		from = out->size;
		buffer_text(out, "<td");
		cells[i].put(out, conn, digits);
		buffer_text(out, "</td>");
		widen(&widths[i + 1], out, from);
	}
}
