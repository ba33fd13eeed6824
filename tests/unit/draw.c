/* SPDX-License-Identifier: BSD-3-Clause */
#include "draw.h"

#include "write/buffer.h"
#include "write/scribe.h"
#include "write/sheets.h"

#include <stdlib.h>
#include <string.h>

#define SHEETS 128

extern const struct painter painter_csv;

struct analyses_options draw_options;

/* All figures of a name and direction draw on one sheet. */
static struct sheet {
	char name[64];
	struct buffer rows;
} sheets[SHEETS];
static int n_sheets;

static struct scribe scribe;
static struct analyses *analyses;
static void (*on_report)(const struct report_conn *report);

static struct sheet *sheet_of(const char *name)
{
	for (int i = 0; i < n_sheets; i++)
		if (!strcmp(sheets[i].name, name))
			return &sheets[i];
	ck_assert_int_lt(n_sheets, SHEETS);
	snprintf(sheets[n_sheets].name, sizeof(sheets->name), "%s", name);
	return &sheets[n_sheets++];
}

static bool wants(const struct easel *easel, const struct figure_kind *kind)
{
	(void)easel;
	(void)kind;
	return true;
}

static struct figure *begin(struct easel *easel, const struct figure_kind *kind,
			    enum side side, nstime_t start)
{
	struct figure *figure = calloc(1, sizeof(*figure));

	(void)start;
	*figure = (struct figure){kind, easel, side, 1000 * NSTIME_SECOND, 0};
	return figure;
}

/* The row of a kind that has no csv. */
static void plain_row(struct buffer *rows, const struct figure *figure,
		      const struct point *point)
{
	char row[200];

	snprintf(row, sizeof(row), "%lld %lld %s %d %d on %lld\n",
		 (long long)point->x,
		 order_has_end(point) ? (long long)point->x2 : 0,
		 figure->kind->series[point->series].name, point->subflow,
		 point->from, (long long)point->y);
	buffer_text(rows, row);
}

static void draw_point(const struct figure *figure, const struct point *point)
{
	char name[64];

	snprintf(name, sizeof(name), "%s %s", direction_word(figure->side),
		 figure->kind->name);
	if (figure->kind->no_csv)
		plain_row(&sheet_of(name)->rows, figure, point);
	else if (!painter_csv.omits(figure->kind, point->series))
		painter_csv.point_of(figure->kind)(&sheet_of(name)->rows,
						   figure, point, &scribe);
}

/* A belt_fn. */
static void draw_orders(void *arg, const void *items, size_t n)
{
	struct orders orders = orders_of(items, n);
	const struct order *order;

	(void)arg;
	while ((order = orders_step(&orders)))
		draw_point(order->figure, &order->point);
}

static struct easel easel;

static void end(struct figure *figure, const struct report_conn *conn)
{
	(void)conn;
	belt_drain(easel.belt);
	free(figure);
}

static void report(void *arg, struct report_conn *conn)
{
	(void)arg;
	if (on_report)
		on_report(conn);
}

/* Analyses are made when the first event comes: options may change before. */
static void on_event(void *arg, const struct event *event)
{
	(void)arg;
	if (!analyses)
		analyses = analyses_new(&draw_options, report, NULL);
	analyses_event(analyses, event);
}

static void draw_begin(void)
{
	scribe_init(&scribe, 6);
	easel = (struct easel){wants, begin, end,
			       belt_new(ORDER_UNIT, false, draw_orders, NULL)};
	draw_options = (struct analyses_options){
	    .goodput_acks = 2,
	    .interval = NSTIME_SECOND / 100,
	    .relative = true,
	    .easel = &easel,
	};
	talk_to(on_event, NULL);
}

static void draw_end(void)
{
	on_report = NULL;
	tracker_finish(talk.tracker); /* of what is still open, too */
	analyses_free(analyses);
	analyses = NULL;
	belt_free(easel.belt);
	for (int i = 0; i < n_sheets; i++)
		free(sheets[i].rows.text);
	memset(sheets, 0, sizeof(sheets));
	n_sheets = 0;
}

TCase *draw_case(const char *name)
{
	TCase *tcase = talk_case(name);

	tcase_add_checked_fixture(tcase, draw_begin, draw_end);
	return tcase;
}

void draw_forget(void)
{
	belt_drain(easel.belt);
	for (int i = 0; i < n_sheets; i++)
		sheets[i].rows.size = 0;
}

void drew_lines(const char *figure, const char *const *lines, const char *file,
		int line)
{
	struct sheet *sheet = sheet_of(figure);
	struct buffer wanted = {0};

	belt_drain(easel.belt);
	for (; *lines; lines++) {
		buffer_text(&wanted, *lines);
		buffer_char(&wanted, '\n');
	}
	if (wanted.size != sheet->rows.size ||
	    (wanted.size &&
	     memcmp(wanted.text, sheet->rows.text, wanted.size) != 0))
		ck_abort_msg("%s:%d: on %s there is\n%.*s\nand not\n%.*s", file,
			     line, figure, (int)sheet->rows.size,
			     sheet->rows.text ? sheet->rows.text : "",
			     (int)wanted.size, wanted.text ? wanted.text : "");
	free(wanted.text);
	sheet->rows.size = 0;
}

void draw_finish(void (*check)(const struct report_conn *report))
{
	struct report_totals totals = {0};

	on_report = check;
	if (analyses)
		analyses_trace_ends(analyses);
	tracker_finish(talk.tracker);
	if (analyses) /* some reports wait for the whole trace */
		analyses_totals(analyses, &totals);
}
