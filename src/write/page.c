/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/page.h"

#include "base/alloc.h"
#include "write/facts.h"
#include "write/html.h"
#include "write/human.h"
#include "write/palette.h"
#include "write/parts.h"
#include "write/shelf.h"
#include "write/svg.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A browser has to show all of it. Of each there is room for so many octets,
 * and so many connections; those with a finding, then those with the most data,
 * come first. */
#define ROWS_ROOM  ((size_t)16 << 20)
#define ROWS_MOST  10000
#define PARTS_ROOM ((size_t)24 << 20)
#define PARTS_MOST 5000
#define VIEWS_ROOM ((size_t)16 << 20)
#define VIEWS_MOST 1000

/* Parts that are open from the start, if there are no more. */
#define OPEN_MOST 3
/* A table of more rows scrolls, and lays them out as they come into sight. */
#define LONG 50

struct page {
	int digits;
	struct buffer pictures;		/* of the connection that closes next */
	const struct figure_kind *kind; /* of the last of them */
	struct shelf *rows;		/* of the table of all */
	struct shelf *parts;		/* what is said of each */
	struct shelf *views;		/* their pictures */
	int widths[PAGEROW_CELLS];
};

/* page.css and page.js, a line each. */
extern const char *const page_css[], *const page_js[];

struct page *page_new(int digits)
{
	struct page *page = xcalloc(1, sizeof(*page));

	page->digits = digits;
	page->rows = shelf_new(ROWS_ROOM, ROWS_MOST);
	page->parts = shelf_new(PARTS_ROOM, PARTS_MOST);
	page->views = shelf_new(VIEWS_ROOM, VIEWS_MOST);
	return page;
}

void page_free(struct page *page)
{
	if (!page)
		return;
	shelf_free(page->rows);
	shelf_free(page->parts);
	shelf_free(page->views);
	free(page->pictures.text);
	free(page);
}

/* What has a warning or an error is what people look for. */
static uint64_t weight_of(const struct report_conn *conn)
{
	uint64_t weight = (uint64_t)fact_carried(conn);

	for (size_t i = 0; i < conn->n_findings; i++)
		if (conn->findings[i].severity != NOTE)
			return weight | (uint64_t)1 << 63;
	return weight;
}

/* What would not be shown is not drawn either. */
static bool has_views(const struct page *page, const struct report_conn *conn)
{
	return shelf_takes(page->views, conn->id, weight_of(conn));
}

void page_picture(struct page *page, const struct shown *shown)
{
	const struct figure_kind *kind = shown->figure->kind;

	if (!has_views(page, shown->conn))
		return;
	/* Both directions stand side by side. */
	if (page->kind != kind)
		buffer_print(&page->pictures, "%s<div class=\"pair\">",
			     page->kind ? "</div>" : "");
	page->kind = kind;
	svg_figure(&page->pictures, shown);
}

static void put_views(struct page *page, const struct report_conn *conn)
{
	struct shelf_item views = {.id = conn->id, .weight = weight_of(conn)};
	struct buffer *pictures = &page->pictures;

	pageconn_begin_views(&views.text, conn, page->digits);
	if (page->kind) {
		buffer_text(pictures, "</div>");
		buffer_add(&views.text, pictures->text, pictures->size);
	}
	pageconn_end_views(&views.text);
	shelf_put(page->views, views);
	pictures->size = 0;
	page->kind = NULL;
}

void page_conn(struct page *page, const struct report_conn *conn)
{
	struct shelf_item row = {.id = conn->id, .weight = weight_of(conn)};
	struct shelf_item part = row;

	pagerow_cells(&row.text, conn, page->digits, page->widths);
	pageconn_text(&part.text, conn, page->digits);
	shelf_put(page->rows, row);
	shelf_put(page->parts, part);
	if (has_views(page, conn))
		put_views(page, conn);
}

/*
 * The page.
 */

static void put_colours(struct buffer *out, bool dark)
{
	for (int i = 0; i < PALETTE_SUBFLOWS; i++)
		buffer_print(out, "--s%d:%s;", i,
			     dark ? palette_subflow[i].dark
				  : palette_subflow[i].light);
	for (int i = 0; i <= INK_LOST; i++)
		buffer_print(out, "--i%d:%s;", i,
			     dark ? palette_ink[i].dark : palette_ink[i].light);
}

/* A colour, and as later rounds of the palette have it. */
static void put_rounds(struct buffer *out, int i)
{
	buffer_print(out, ".c%d{--c:var(--s%d)}\n", i, i);
	for (int round = 1; round < PALETTE_ROUNDS; round++)
		buffer_print(out,
			     ".c%d.r%d{--c:color-mix(in srgb,var(--s%d) "
			     "%d%%,var(--bg))}\n",
			     i, round, i, 100 - palette_faded[round]);
}

static void put_style(struct buffer *out)
{
	buffer_text(out, "<style>\n:root{");
	put_colours(out, false);
	buffer_text(out, "}\n@media screen and (prefers-color-scheme:dark){"
			 ":root{");
	put_colours(out, true);
	buffer_text(out, "}}\n");
	for (int i = 0; i < PALETTE_SUBFLOWS; i++)
		put_rounds(out, i);
	for (int i = 0; i <= INK_LOST; i++)
		buffer_print(out, ".k%d{--c:var(--i%d)}\n", i, i);
	for (int i = 0; page_css[i]; i++)
		buffer_text(out, page_css[i]);
	buffer_text(out, "</style>\n");
}

/* The name of a trace without its directory. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!strcmp(path, "-"))
		return "standard input";
	return slash && slash[1] ? slash + 1 : path;
}

static void put_head(struct buffer *out, const struct report_totals *totals)
{
	buffer_text(
	    out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'; "
	    "script-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	if (totals->n_files)
		html_text(out, name_of(totals->files[0]));
	if (totals->n_files > 1)
		buffer_print(out, " and %zu more", totals->n_files - 1);
	buffer_text(out, " - mptcptrace</title>\n");
	put_style(out);
	buffer_text(out, "</head>\n");
}

#define NAMES_MAX 3

static void put_traces(struct buffer *out, const struct report_totals *totals)
{
	size_t n = totals->n_files < NAMES_MAX ? totals->n_files : NAMES_MAX;

	buffer_text(out, "<h1>Multipath TCP in ");
	for (size_t i = 0; i < n; i++) {
		buffer_text(out, i ? ", <bdi>" : "<bdi>");
		html_text(out, name_of(totals->files[i]));
		buffer_text(out, "</bdi>");
	}
	if (totals->n_files > n)
		buffer_print(out, " and %zu more traces", totals->n_files - n);
	buffer_text(out, "</h1>\n");
}

static void put_totals(struct buffer *out, const struct report_totals *totals)
{
	char count[HUMAN_TEXT], text[HUMAN_TEXT], counted[FACT_TEXT];
	char first[HTML_TIME], last[HTML_TIME];

	buffer_print(out, "<p>%s packets (%s)%s</p>\n",
		     human_count((int64_t)totals->packets, count),
		     human_bytes((int64_t)totals->bytes, text),
		     fact_totals(totals, "", counted));
	if (totals->first != NSTIME_NONE)
		buffer_print(
		    out, "<p>%s to %s UTC, %s</p>\n",
		    html_time(totals->first, totals->time_digits, first),
		    html_time(totals->last, totals->time_digits, last),
		    human_span(nstime_seconds(
				   nstime_span(totals->first, totals->last)),
			       text));
	if (totals->loose && !totals->selected)
		pageconn_findings(out, totals->loose,
				  "Findings about flows of no connection",
				  totals->time_digits);
	if (totals->truncated)
		buffer_text(out, "<p class=\"warning\"><b>cut off</b> A trace "
				 "ends in the middle of a packet, or reading "
				 "was stopped: this is about what came before."
				 "</p>\n");
}

/*
 * Connections: what waited goes from where it is to the file.
 */

static void flush(struct buffer *out, FILE *file)
{
	if (out->size)
		fwrite(out->text, 1, out->size, file);
	out->size = 0;
}

static void pass_on(struct buffer *out, const struct buffer *text, FILE *file)
{
	flush(out, file);
	fwrite(text->text, 1, text->size, file);
}

static void put_left_out(struct buffer *out, uint64_t n, const char *rest)
{
	char count[HUMAN_TEXT];

	if (n)
		buffer_print(out,
			     "<p class=\"note\"><b>left out</b> %s "
			     "connection%s, without findings, with the least "
			     "data or more to say "
			     "than fits: %s.</p>\n",
			     human_count((int64_t)n, count), n == 1 ? "" : "s",
			     rest);
}

static void put_row(struct buffer *out, const struct page *page,
		    const struct shelf_item *row, FILE *file)
{
	bool link = shelf_find(page->parts, row->id) != NULL;

	buffer_text(out, "<tr><th scope=\"row\">");
	if (link)
		buffer_print(out, "<a href=\"#c%" PRIu64 "\">", row->id);
	buffer_print(out, "%" PRIu64 "%s</th>", row->id, link ? "</a>" : "");
	pass_on(out, &row->text, file);
	buffer_text(out, "</tr>\n");
}

/* Rows that are laid out one by one need to know how wide their cells are. */
static void put_widths(struct buffer *out, const struct page *page)
{
	int all = 0;

	buffer_text(out, "style=\"--cols:");
	for (int i = 0; i < PAGEROW_CELLS; i++) {
		buffer_print(out, "%s%dch", i ? " " : "", page->widths[i] + 3);
		all += page->widths[i] + 3;
	}
	buffer_print(out, ";--all:%dch\"", all);
}

static void put_table(struct buffer *out, struct page *page, FILE *file)
{
	const struct shelf_item *rows;
	size_t n = shelf_items(page->rows, &rows);
	struct buffer head = {0};

	pagerow_head(&head, page->widths);
	buffer_text(out,
		    "<section>\n<h2>Connections</h2>\n"
		    "<p class=\"script\"><label>Filter <input type=\"search\" "
		    "placeholder=\"address, port, state\"></label> "
		    "<output id=\"count\"></output></p>\n");
	if (n > LONG) {
		buffer_text(out, "<div class=\"wide long\" tabindex=\"0\">"
				 "<table id=\"all\" ");
		put_widths(out, page);
	} else {
		buffer_text(out, "<div class=\"wide\"><table id=\"all\"");
	}
	buffer_char(out, '>');
	pass_on(out, &head, file);
	free(head.text);
	buffer_text(out, "<tbody>\n");
	for (size_t i = 0; i < n; i++)
		put_row(out, page, &rows[i], file);
	buffer_text(out, "</tbody></table></div>\n");
	put_left_out(out, shelf_lost(page->rows),
		     "a page has no room for all; mptcptrace --list has");
	put_left_out(out, shelf_lost(page->parts) - shelf_lost(page->rows),
		     "they have a row above, but no part below; a capture "
		     "filter shows them");
	buffer_text(out, "</section>\n");
}

static void put_part(struct buffer *out, const struct page *page,
		     const struct shelf_item *part, bool open, FILE *file)
{
	const struct buffer *views = shelf_find(page->views, part->id);

	buffer_print(out, "<details class=\"conn\" id=\"c%" PRIu64 "\"%s>",
		     part->id, open ? " open" : "");
	pass_on(out, &part->text, file);
	if (views)
		pass_on(out, views, file);
	else
		buffer_text(out, "<p class=\"note\"><b>left out</b> "
				 "pictures: there is room for those of "
				 "connections with findings, and with the "
				 "most data. A capture "
				 "filter for this one shows them here; "
				 "-w gnuplot and -w csv write the graphs of "
				 "all connections.</p>\n");
	buffer_text(out, "</details>\n");
}

static void put_parts(struct buffer *out, const struct page *page, FILE *file)
{
	const struct shelf_item *parts;
	size_t n = shelf_items(page->parts, &parts);

	for (size_t i = 0; i < n; i++)
		put_part(out, page, &parts[i], n <= OPEN_MOST, file);
}

static void put_end(struct buffer *out)
{
	buffer_text(out, "<footer>mptcptrace " VERSION
			 "</footer>\n</main>\n<script>\n");
	for (int i = 0; page_js[i]; i++)
		buffer_text(out, page_js[i]);
	buffer_text(out, "</script>\n</body>\n</html>\n");
}

void page_finish(struct page *page, FILE *file,
		 const struct report_totals *totals)
{
	struct buffer out = {0};

	shelf_sort(page->rows);
	shelf_sort(page->parts);
	shelf_sort(page->views);
	put_head(&out, totals);
	buffer_text(&out, "<body>\n<main>\n<header>\n");
	put_traces(&out, totals);
	put_totals(&out, totals);
	buffer_text(&out, "</header>\n");
	put_table(&out, page, file);
	put_parts(&out, page, file);
	put_end(&out);
	flush(&out, file);
	free(out.text);
}
