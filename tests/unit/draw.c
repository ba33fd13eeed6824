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
	*figure = (struct figure){kind, easel, side, 1000 * NSTIME_SECOND};
	return figure;
}

/* The row of a kind that has no csv. */
static void plain_row(struct buffer *rows, const struct figure *figure,
		      const struct point *point)
{
	char row[200];

	snprintf(row, sizeof(row), "%lld %lld %s %d %d on %lld\n",
		 (long long)point->x, (long long)point->x2,
		 figure->kind->series[point->series].name, point->subflow,
		 point->from, (long long)point->y);
	buffer_text(rows, row);
}

/* The latest point, until there is another one, or somebody asks. */
static struct figure *latest;
static struct point latest_point;

static void draw_latest(void)
{
	const struct figure *figure = latest;
	char name[64];

	if (!latest)
		return;
	latest = NULL;
	snprintf(name, sizeof(name), "%s %s", direction_word(figure->side),
		 figure->kind->name);
	if (figure->kind->no_csv)
		plain_row(&sheet_of(name)->rows, figure, &latest_point);
	else
		painter_csv.point(&sheet_of(name)->rows, figure, &latest_point,
				  &scribe);
}

static struct point *place(struct figure *figure)
{
	draw_latest();
	latest = figure;
	return &latest_point;
}

static void end(struct figure *figure, const struct report_conn *conn)
{
	(void)conn;
	draw_latest();
	free(figure);
}

static struct easel easel = {wants, begin, place, end};

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
	draw_latest();
	for (int i = 0; i < n_sheets; i++)
		sheets[i].rows.size = 0;
}

void drew_lines(const char *figure, const char *const *lines, const char *file,
		int line)
{
	struct sheet *sheet = sheet_of(figure);
	struct buffer wanted = {0};

	draw_latest();
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
