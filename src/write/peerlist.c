/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/peerlist.h"

#include "write/cells.h"
#include "write/human.h"
#include "write/line.h"

#include <inttypes.h>
#include <string.h>

#define COLUMNS	    (1 + FLOW_KINDS + 1) /* all, by kind, whose */
#define NUMBER	    24			 /* the longest there is */
#define WIDTH	    7			 /* least, of a column of numbers */
#define ADDRESS_MIN 15			 /* columns of one that is shortened */

static const char *name_of(int column)
{
	return column ? flow_kind_word((enum flow_kind)(column - 1)) : "flows";
}

static uint64_t number_of(const struct peer *peer, int column)
{
	return column ? peer->flows[column - 1] : peer->all;
}

static void write_sum(FILE *file, const struct style *style,
		      const struct peer *all)
{
	struct line line;

	line_begin(&line, file, style);
	line.indent = 2;
	line_say(&line, "TCP flows: %" PRIu64, all->all);
	for (int kind = 0; kind < FLOW_KINDS; kind++)
		line_say(&line, "%s %s %" PRIu64, kind ? "," : ";",
			 flow_kind_word((enum flow_kind)kind),
			 all->flows[kind]);
	line_end(&line);
}

struct table {
	FILE *file;
	const struct style *style;
	struct {
		int which, width;
	} columns[COLUMNS];
	int n;
	int room; /* for an address */
};

static int width_of(const struct peer *all, int column)
{
	char digits[NUMBER];
	int name = (int)strlen(name_of(column));
	int number = snprintf(digits, sizeof(digits), "%" PRIu64,
			      number_of(all, column));
	int width = name > number ? name : number;

	return width > WIDTH ? width : WIDTH;
}

/* A terminal does not show columns that are all zero. */
static struct table table_of(FILE *file, const struct style *style,
			     const struct peer *all)
{
	struct table table = {file, style, .room = style->width};

	for (int column = 0; column <= FLOW_KINDS; column++) {
		int width = width_of(all, column);

		if (style->terminal && !number_of(all, column))
			continue;
		table.columns[table.n].which = column;
		table.columns[table.n++].width = width;
		table.room -= width + 1;
	}
	if (table.room < ADDRESS_MIN)
		table.room = ADDRESS_MIN;
	return table;
}

static void write_row(const struct table *table, const char *mark,
		      const char texts[][NUMBER], const char *whose)
{
	struct cell cells[COLUMNS];

	for (int i = 0; i < table->n; i++)
		cells[i] = (struct cell){texts[i], mark,
					 table->columns[i].width, true};
	cells[table->n] = (struct cell){whose, mark, 0, false};
	cells_write(table->file, table->style, cells, table->n + 1, WIDTH + 1);
}

static void write_head(const struct table *table, const char *whose)
{
	char texts[COLUMNS][NUMBER];

	for (int i = 0; i < table->n; i++)
		strcpy(texts[i], name_of(table->columns[i].which));
	write_row(table, STYLE_HEAD, texts, whose);
}

static void write_peer(const struct table *table, const struct peer *peer)
{
	char texts[COLUMNS][NUMBER], address[ENDPOINT_TEXT];

	for (int i = 0; i < table->n; i++)
		snprintf(texts[i], NUMBER, "%" PRIu64,
			 number_of(peer, table->columns[i].which));
	address_print(&peer->address, address);
	if (table->style->terminal)
		human_shorten(address, table->room, table->style->unicode);
	write_row(table, NULL, texts,
		  peer->address.family ? address : "others");
}

static void write_role(const struct table *table, struct peers *peers,
		       enum side role)
{
	const struct peer *list;
	size_t n = peers_list(peers, role, &list);
	struct line line;

	if (!n)
		return;
	write_head(table, side_word(role));
	for (size_t i = 0; i < n && i < PEERLIST_MAX; i++)
		write_peer(table, &list[i]);
	line_begin(&line, table->file, table->style);
	if (n > PEERLIST_MAX)
		line_say(&line, "%*s and %zu more", WIDTH, "",
			 n - PEERLIST_MAX);
	line_end(&line);
}

void peerlist_write(FILE *file, const struct style *style, struct peers *peers)
{
	const struct peer *all = peers_all(peers);
	const struct table table = table_of(file, style, all);

	write_sum(file, style, all);
	for (int role = 0; role < 2; role++)
		write_role(&table, peers, (enum side)role);
}
