/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/shares.h"

#include "base/format.h"
#include "write/facts.h"
#include "write/human.h"

#include <math.h>
#include <string.h>

#define BARS_MAX    8  /* of the subflows that carried most */
#define BAR_MIN	    10 /* columns */
#define ADDRESS_MIN 12
#define BESIDE	    21 /* columns that are no name and no bar */

#define NAME (2 * ENDPOINT_TEXT + 16)

/* The bars of a side, below one another. */
struct bars {
	struct line *line;
	enum side side;
	const struct report_conn *conn;
	const struct report_subflow *top[BARS_MAX];
	int n;
	int digits, address, name, bar; /* columns of each */
};

static int max(int a, int b)
{
	return a > b ? a : b;
}

char *shares_bar(double share, int columns, bool unicode, char *text)
{
	int steps = unicode ? 8 : 1; /* of a column */
	int length = (int)lround(fmin(fmax(share, 0), 1) * columns * steps);
	char *at = text;

	if (!length && share > 0)
		length = 1;
	for (int i = 0; i < length / steps; i++)
		at = stpcpy(at, unicode ? "\xe2\x96\x88" : "#");
	if (length % steps) { /* U+258F is an eighth, U+2589 seven */
		memcpy(at, "\xe2\x96", 2);
		at[2] = (char)(0x90 - length % steps);
		at += 3;
	}
	*at = '\0';
	return text;
}

static int64_t bytes_of(const struct bars *bars,
			const struct report_subflow *subflow)
{
	return subflow->flow[bars->side].first_bytes;
}

/* Of those that carried least, the last. */
static int least(const struct bars *bars)
{
	int found = 0;

	for (int i = 1; i < bars->n; i++)
		if (bytes_of(bars, bars->top[i]) <=
		    bytes_of(bars, bars->top[found]))
			found = i;
	return found;
}

/* Those that carried most, in order of id. Returns what the others did. */
static int64_t choose(struct bars *bars, const struct report_conn *conn)
{
	int64_t others = 0;

	for (size_t i = 0; i < conn->n_subflows; i++) {
		const struct report_subflow *subflow = &conn->subflows[i];
		int out = least(bars);

		if (bars->n == BARS_MAX &&
		    bytes_of(bars, subflow) <= bytes_of(bars, bars->top[out])) {
			others += bytes_of(bars, subflow);
			continue;
		}
		if (bars->n == BARS_MAX) {
			others += bytes_of(bars, bars->top[out]);
			bars->n--;
			memmove(&bars->top[out], &bars->top[out + 1],
				(size_t)(bars->n - out) * sizeof(*bars->top));
		}
		bars->top[bars->n++] = subflow;
	}
	return others;
}

/* The subflow's id and, with `address` columns each, its addresses. Returns
 * how many columns that takes. */
static int name_of(const struct bars *bars,
		   const struct report_subflow *subflow, int address,
		   char *text)
{
	bool unicode = bars->line->style->unicode;
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	int length = format_text(text, NAME, "%*d", bars->digits, subflow->id);

	if (address) {
		address_print(&subflow->source.address, from);
		address_print(&subflow->destination.address, to);
		human_shorten(from, address, unicode);
		human_shorten(to, address, unicode);
		format_text(text + length, NAME - (size_t)length, "  %s - %s",
			    from, to);
	}
	return style_columns(text, strlen(text));
}

static int widest(const struct bars *bars, int address)
{
	char text[NAME];
	int columns = 0;

	for (int i = 0; i < bars->n; i++)
		columns =
		    max(columns, name_of(bars, bars->top[i], address, text));
	return columns;
}

/* Addresses are shortened where there is no room for them and a bar, or left
 * out. */
static void lay_out(struct bars *bars, const char *others)
{
	int room = line_width(bars->line) - bars->line->indent - BESIDE;
	int each;

	bars->digits = format_text(NULL, 0, "%d", bars->top[bars->n - 1]->id);
	bars->address = ENDPOINT_TEXT;
	if (widest(bars, bars->address) > room - BAR_MIN) {
		each = (room - BAR_MIN - bars->digits - 5) / 2;
		bars->address = each < ADDRESS_MIN ? 0 : each;
	}
	bars->name = max(widest(bars, bars->address), (int)strlen(others));
	bars->bar = room - bars->name;
	if (bars->bar > SHARES_BAR_MAX)
		bars->bar = SHARES_BAR_MAX;
}

static void write_bar(const struct bars *bars, const char *name,
		      const char *mark, int64_t bytes)
{
	struct line *line = bars->line;
	int column = line->indent + 2;
	double share = fact_share(bars->conn, bars->side, bytes);
	char text[SHARES_BAR], size[HUMAN_TEXT], cell[HUMAN_CELL];

	line_go_to(line, column);
	line_text(line, name);
	line_go_to(line, column += bars->name + 2);
	line_say(line, "%s%s" STYLE_END, mark,
		 shares_bar(share, bars->bar, line->style->unicode, text));
	line_go_to(line, column + bars->bar + 1);
	line_say(line, "%5.1f %%  %s", 100 * share,
		 human_cell(human_bytes(bytes, size), 4, 0, cell));
	line_next(line);
}

static void write_bars(struct line *line, const struct report_conn *conn,
		       enum side side)
{
	struct bars bars = {line, side, conn};
	int64_t rest = choose(&bars, conn);
	int64_t n_others = (int64_t)conn->n_subflows - bars.n;
	char name[NAME], count[HUMAN_TEXT], others[HUMAN_TEXT + 8] = "";

	if (n_others)
		format_text(others, sizeof(others), "%s more",
			    human_count(n_others, count));
	lay_out(&bars, others);
	line_part(line, STYLE_LABEL "carried first by subflow" STYLE_END);
	line_next(line);
	for (int i = 0; i < bars.n; i++) {
		const struct report_subflow *subflow = bars.top[i];

		name_of(&bars, subflow, bars.address, name);
		write_bar(&bars, name, style_subflow(subflow->id),
			  bytes_of(&bars, subflow));
	}
	if (n_others)
		write_bar(&bars, others, "", rest);
}

static void write_parts(struct line *line, const struct report_conn *conn,
			enum side side)
{
	for (size_t i = 0; i < conn->n_subflows; i++) {
		int64_t bytes = conn->subflows[i].flow[side].first_bytes;

		if (bytes)
			line_part(line, "%s%zu %.1f %%",
				  line->parts ? ""
					      : "carried first by subflow ",
				  i, 100 * fact_share(conn, side, bytes));
	}
	line_next(line);
}

void shares_write(struct line *line, const struct report_conn *conn,
		  enum side side)
{
	if (conn->n_subflows < 2 || conn->data[side].bytes_unique <= 0)
		return;
	if (line->style->terminal)
		write_bars(line, conn, side);
	else
		write_parts(line, conn, side);
}
