/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/sheets.h"

#include "base/alloc.h"
#include "base/belt.h"
#include "base/workshop.h"
#include "report/picture.h"
#include "write/buffer.h"
#include "write/filestats.h"
#include "write/page.h"
#include "write/render.h"
#include "write/scribe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A figure's text leaves for its file when there is so much of it: pieces of a
 * power of two, each at a multiple of its size, are what the kernel finds large
 * pages for, and those of all figures are still near when it copies them. */
#define LEAF_MEMORY ((size_t)128 << 10)

/* Of a picture, when there are so many that they get coarser. */
#define PICTURE_CELLS_MIN 32

extern const struct painter painter_xplot, painter_page, painter_csv,
    painter_gnuplot;
static const struct painter *const painters[] = {
    &painter_xplot, &painter_page, &painter_csv, &painter_gnuplot};

const struct painter *painter_row(size_t n)
{
	return n < sizeof(painters) / sizeof(*painters) ? painters[n] : NULL;
}

/* Its pictures are on a page of their own kind: src/write/page.c. */
const struct painter painter_page = {
    .name = "html",
    .help = "a page of all connections, mptcptrace.html",
    .number = 1,
    .page = true,
};

/* What one painter made of a figure. */
struct leaf {
	const struct painter *painter;
	point_fn *point;
	unsigned omitted; /* series: a sum of 1u << series */
	struct buffer text;
	size_t kept; /* of its room, that counts beside what is in it */
	struct work work;
};

/* A figure of a connection. The figure is looked at for each point that goes on
 * the belt, while the hand writes to what follows it. */
struct sheet {
	struct figure figure;				/* first */
	_Alignas(CACHE_LINE) struct sheet *next, *prev; /* all that are open */
	bool pictured;		 /* a painter wants the whole picture */
	struct picture *picture; /* once it has a point */
	size_t picture_memory;	 /* that it takes */
	size_t n_leaves;
	struct leaf leaves[];
};

/* Points go to the hand by the easel's belt; all else that is touched by it, or
 * by what it calls, is touched by others only when the belt is drained. */
struct sheets {
	struct easel easel; /* first */
	struct sheets_options options;
	char letters[16];
	struct scribe scribe;
	struct workshop *workshop;
	struct page *page;     /* or NULL */
	struct render *render; /* or NULL */
	struct sheet *open;    /* a list, in no order */
	size_t memory;	       /* octets of text that wait */
	size_t picture_memory; /* of pictures, ... */
	size_t picture_cells;  /* ... each of at most so many */
	uint64_t lost_pictures;
	struct file_stats stats;
};

/* So much of its text goes to its file. Where there was much there will be
 * more: its room is kept, and counts. */
static void leaf_flush(struct sheets *sheets, struct leaf *leaf, size_t size)
{
	struct buffer *text = &leaf->text;

	if (!size)
		return;
	work_append(sheets->workshop, &leaf->work, text->text, size);
	text->size -= size;
	memmove(text->text, text->text + size, text->size);
	sheets->memory += text->room - leaf->kept - size;
	leaf->kept = text->room;
}

/* It takes no more memory. */
static void leaf_clear(struct sheets *sheets, struct leaf *leaf)
{
	sheets->memory -= leaf->text.size + leaf->kept;
	free(leaf->text.text);
	leaf->text = (struct buffer){0};
	leaf->kept = 0;
}

static void flush_all(struct sheets *sheets)
{
	for (struct sheet *sheet = sheets->open; sheet; sheet = sheet->next)
		for (size_t i = 0; i < sheet->n_leaves; i++) {
			struct leaf *leaf = &sheet->leaves[i];

			leaf_flush(sheets, leaf, leaf->text.size);
			leaf_clear(sheets, leaf);
		}
}

/* A picture takes another amount of memory now. */
static void account(struct sheets *sheets, struct sheet *sheet)
{
	sheets->picture_memory -= sheet->picture_memory;
	sheet->picture_memory = picture_size(sheet->picture);
	sheets->picture_memory += sheet->picture_memory;
}

/* Too many pictures at once: each gets coarser. */
static void coarsen_all(struct sheets *sheets)
{
	if (sheets->picture_cells <= PICTURE_CELLS_MIN)
		return;
	sheets->picture_cells /= 2;
	for (struct sheet *sheet = sheets->open; sheet; sheet = sheet->next)
		if (sheet->picture) {
			picture_limit(sheet->picture, sheets->picture_cells);
			account(sheets, sheet);
		}
}

static struct sheets *sheets_of(const struct easel *easel)
{
	return (struct sheets *)easel;
}

/* Is this kind made by that painter? */
static bool paints(const struct figure_kind *kind,
		   const struct painter *painter)
{
	if (painter == &painter_csv)
		return !kind->no_csv;
	if (kind->only_csv)
		return false;
	return !kind->always_csv || painter->picture;
}

/* The painters of a kind that draw point by point. */
static size_t leaves_of(const struct sheets *sheets,
			const struct figure_kind *kind, struct leaf *leaves)
{
	const struct sheets_options *options = &sheets->options;
	size_t n = 0;

	if (kind->always_csv) {
		if (leaves)
			leaves[0].painter = &painter_csv;
		return 1;
	}
	for (size_t i = 0; i < options->n_painters; i++) {
		const struct painter *painter = options->painters[i];

		if (!painter->point_of || !paints(kind, painter))
			continue;
		if (leaves)
			leaves[n].painter = painter;
		n++;
	}
	return n;
}

/* Does a painter want the whole picture? */
static bool is_pictured(const struct sheets *sheets,
			const struct figure_kind *kind)
{
	for (size_t i = 0; i < sheets->options.n_painters; i++)
		if (!sheets->options.painters[i]->point_of &&
		    paints(kind, sheets->options.painters[i]))
			return true;
	return false;
}

/* Series of a kind that a painter draws nothing of. */
static unsigned omitted(const struct painter *painter,
			const struct figure_kind *kind)
{
	unsigned series = 0;

	for (int i = 0; painter->omits && i < SERIES_MAX; i++)
		if (painter->omits(kind, i))
			series |= 1u << i;
	return series;
}

static void leaf_begin(struct sheets *sheets, struct leaf *leaf,
		       const struct figure *figure)
{
	leaf->point = leaf->painter->point_of(figure->kind);
	leaf->omitted = omitted(leaf->painter, figure->kind);
	leaf->painter->head(&leaf->text, figure);
	sheets->memory += leaf->text.size;
}

static bool wants(const struct easel *easel, const struct figure_kind *kind)
{
	const struct sheets *sheets = sheets_of(easel);

	for (size_t i = 0; i < sheets->options.n_figures; i++)
		if (!strcmp(sheets->options.figures[i], kind->name))
			return leaves_of(sheets, kind, NULL) > 0 ||
			       is_pictured(sheets, kind);
	return false;
}

static struct figure *begin(struct easel *easel, const struct figure_kind *kind,
			    enum side side, nstime_t start)
{
	struct sheets *sheets = sheets_of(easel);
	size_t n = leaves_of(sheets, kind, NULL);
	struct sheet *sheet;

	if (!wants(easel, kind))
		return NULL;
	belt_drain(sheets->easel.belt);
	sheet = xcalloc_apart(sizeof(*sheet) + n * sizeof(*sheet->leaves));
	sheet->figure = (struct figure){
	    .kind = kind,
	    .easel = easel,
	    .side = side,
	    .start =
		sheets->options.relative && start != NSTIME_NONE ? start : 0,
	};
	sheet->n_leaves = leaves_of(sheets, kind, sheet->leaves);
	sheet->next = sheets->open;
	if (sheet->next)
		sheet->next->prev = sheet;
	sheets->open = sheet;
	sheet->pictured = is_pictured(sheets, kind);
	sheet->figure.idle = sheet->pictured ? 0 : ~0u;
	for (size_t i = 0; i < n; i++) {
		leaf_begin(sheets, &sheet->leaves[i], &sheet->figure);
		sheet->figure.idle &= sheet->leaves[i].omitted;
	}
	return &sheet->figure;
}

/* False if there is no room for one more, however coarse. */
static bool begin_picture(struct sheets *sheets, struct sheet *sheet)
{
	if (sheets->picture_memory >= 2 * SHEETS_PICTURE_MEMORY) {
		sheet->pictured = false;
		sheets->lost_pictures++;
		return false;
	}
	if (sheets->picture_memory < SHEETS_PICTURE_MEMORY / 4 &&
	    sheets->picture_cells < PICTURE_CELLS)
		sheets->picture_cells *= 2; /* room again */
	sheet->picture = picture_new(sheet->figure.kind);
	picture_limit(sheet->picture, sheets->picture_cells);
	return true;
}

static void draw_picture(struct sheets *sheets, struct sheet *sheet,
			 const struct order *order)
{
	const struct point point = order_point(order);

	if (!sheet->picture && !begin_picture(sheets, sheet))
		return;
	if (!picture_add(sheet->picture, &point))
		return;
	account(sheets, sheet);
	if (sheets->picture_memory >= SHEETS_PICTURE_MEMORY)
		coarsen_all(sheets);
}

static inline void draw_now(struct sheets *sheets, const struct order *order)
{
	struct sheet *sheet = (struct sheet *)order->figure;
	const struct point *point = &order->point;

	for (size_t i = 0; i < sheet->n_leaves; i++) {
		struct leaf *leaf = &sheet->leaves[i];
		size_t before = leaf->text.size;

		if (leaf->omitted >> point->series & 1)
			continue;
		leaf->point(&leaf->text, &sheet->figure, point,
			    &sheets->scribe);
		sheets->memory += leaf->text.size - before;
		if (leaf->text.size >= LEAF_MEMORY)
			leaf_flush(sheets, leaf, LEAF_MEMORY);
	}
	if (sheet->pictured)
		draw_picture(sheets, sheet, order);
	if (sheets->memory >= SHEETS_MEMORY)
		flush_all(sheets);
}

static void draw_orders(void *arg, const void *items, size_t n)
{
	struct orders orders = orders_of(items, n);
	const struct order *order;

	while ((order = orders_step(&orders)))
		draw_now(arg, order);
}

char *sheet_name(char *name, const struct figure *figure,
		 const struct report_conn *conn)
{
	snprintf(name, SHEET_NAME, "%s_%s_%" PRIu64,
		 direction_word(figure->side), figure->kind->name, conn->id);
	return name;
}

#define NAME_SIZE (SHEET_NAME + 16)

static char *name_of(char *name, const struct figure *figure,
		     const struct report_conn *conn, const char *suffix)
{
	char sheet[SHEET_NAME];

	snprintf(name, NAME_SIZE, "%s.%s", sheet_name(sheet, figure, conn),
		 suffix);
	return name;
}

static void leaf_end(struct sheets *sheets, const struct figure *figure,
		     struct leaf *leaf, const struct report_conn *conn)
{
	char name[NAME_SIZE];

	if (conn) {
		size_t before = leaf->text.size;

		if (leaf->painter->foot)
			leaf->painter->foot(&leaf->text, figure);
		sheets->memory += leaf->text.size - before;
		leaf_flush(sheets, leaf, leaf->text.size);
		work_finish(sheets->workshop, &leaf->work,
			    name_of(name, figure, conn, leaf->painter->suffix));
	} else {
		work_drop(sheets->workshop, &leaf->work);
	}
	leaf_clear(sheets, leaf);
}

/* One file of a picture. */
static void picture_file(struct sheets *sheets, const struct shown *shown,
			 const char *suffix,
			 void (*write)(struct buffer *out,
				       const struct shown *shown))
{
	struct buffer text = {0};
	struct work work = {0};
	char name[NAME_SIZE];

	write(&text, shown);
	work_append(sheets->workshop, &work, text.text, text.size);
	work_finish(sheets->workshop, &work,
		    name_of(name, shown->figure, shown->conn, suffix));
	free(text.text);
}

static void picture_end(struct sheets *sheets, struct sheet *sheet,
			const struct report_conn *conn)
{
	const struct shown shown = {&sheet->figure, sheet->picture, conn};
	char name[NAME_SIZE];

	picture_finish(sheet->picture);
	for (size_t i = 0; i < sheets->options.n_painters; i++) {
		const struct painter *painter = sheets->options.painters[i];

		if (painter->point_of || !paints(sheet->figure.kind, painter))
			continue;
		if (painter->page) {
			page_picture(sheets->page, &shown);
			continue;
		}
		if (painter->data)
			picture_file(sheets, &shown, painter->data_suffix,
				     painter->data);
		picture_file(sheets, &shown, painter->suffix, painter->picture);
		if (sheets->render)
			render_script(sheets->render,
				      name_of(name, &sheet->figure, conn,
					      painter->suffix));
	}
}

static void end(struct figure *figure, const struct report_conn *conn)
{
	struct sheet *sheet = (struct sheet *)figure;
	struct sheets *sheets = sheets_of(figure->easel);

	belt_drain(sheets->easel.belt);
	for (size_t i = 0; i < sheet->n_leaves; i++)
		leaf_end(sheets, figure, &sheet->leaves[i], conn);
	if (sheet->picture) {
		sheets->picture_memory -= sheet->picture_memory;
		if (conn && !picture_is_empty(sheet->picture))
			picture_end(sheets, sheet, conn);
		picture_free(sheet->picture);
	}
	if (sheet->prev)
		sheet->prev->next = sheet->next;
	else
		sheets->open = sheet->next;
	if (sheet->next)
		sheet->next->prev = sheet->prev;
	free(sheet);
}

bool sheets_renders(const char *format)
{
	return render_is_format(format);
}

struct easel *sheets_easel(struct sheets *sheets)
{
	return &sheets->easel;
}

void sheets_conn(struct sheets *sheets, const struct report_conn *conn)
{
	const struct sheets_options *options = &sheets->options;
	const struct table_row *row;
	char name[NAME_SIZE];
	FILE *file;

	belt_drain(sheets->easel.belt);
	file_stats_add(&sheets->stats, conn);
	if (sheets->page && !conn->dissolved)
		page_conn(sheets->page, conn);
	if (!conn->accepted || conn->dissolved)
		return;
	for (size_t i = 0; (row = table_row(i)); i++) {
		if (!strchr(options->letters, row->letter))
			continue;
		file = workshop_open(sheets->workshop);
		if (!file)
			return;
		row->write(file, conn, options->trace, options->digits);
		snprintf(name, sizeof(name), "%s_%" PRIu64 ".csv", row->name,
			 conn->id);
		workshop_close(sheets->workshop, file, name);
	}
}

static void finish_page(struct sheets *sheets,
			const struct report_totals *totals)
{
	FILE *file = workshop_open(sheets->workshop);

	if (!file)
		return;
	page_finish(sheets->page, file, totals);
	workshop_close(sheets->workshop, file, "mptcptrace.html");
}

static void finish_render(struct sheets *sheets)
{
	struct err err;

	if (render_finish(sheets->render, &err))
		workshop_complain(sheets->workshop, &err);
	workshop_adopt(sheets->workshop, sheets->options.render);
}

static void tell_lost(struct sheets *sheets)
{
	struct err err;

	bool files = false;

	/* A page says itself what it leaves out. */
	for (size_t i = 0; i < sheets->options.n_painters; i++)
		files |= sheets->options.painters[i]->picture != NULL;
	if (!sheets->lost_pictures || !files)
		return;
	err_set(&err,
		"%s: %" PRIu64 " pictures are missing, there were too many "
		"connections at once",
		sheets->options.directory, sheets->lost_pictures);
	workshop_complain(sheets->workshop, &err);
}

int sheets_finish(struct sheets *sheets, const struct report_totals *totals,
		  struct err *err)
{
	FILE *file;

	belt_drain(sheets->easel.belt);
	file = workshop_open(sheets->workshop);
	if (file) {
		file_stats_write(file, &sheets->stats, totals);
		workshop_close(sheets->workshop, file, "file_stats.csv");
	}
	file = workshop_open(sheets->workshop);
	if (file) {
		fprintf(file, "Version : %s\n", VERSION);
		workshop_close(sheets->workshop, file, "mptcptrace_info");
	}
	if (sheets->page)
		finish_page(sheets, totals);
	if (sheets->render)
		finish_render(sheets);
	tell_lost(sheets);
	return workshop_result(sheets->workshop, err);
}

/* Scripts are there without gnuplot, too. */
static void start_render(struct sheets *sheets)
{
	const struct sheets_options *options = &sheets->options;
	struct err err;

	sheets->render = render_new(
	    options->directory, workshop_name(sheets->workshop),
	    options->render, RENDER_PATIENCE, options->stopped, &err);
	if (!sheets->render)
		workshop_complain(sheets->workshop, &err);
}

struct sheets *sheets_new(const struct sheets_options *options, struct err *err)
{
	struct sheets *sheets = xcalloc(1, sizeof(*sheets));

	sheets->options = *options;
	snprintf(sheets->letters, sizeof(sheets->letters), "%s",
		 options->letters);
	sheets->options.letters = sheets->letters;
	sheets->easel = (struct easel){
	    .wants = wants,
	    .begin = begin,
	    .end = end,
	};
	scribe_init(&sheets->scribe, options->digits);
	sheets->picture_cells = PICTURE_CELLS;
	sheets->workshop = workshop_new(options->directory, options->inputs,
					options->n_inputs, err);
	if (!sheets->workshop) {
		free(sheets);
		return NULL;
	}
	sheets->easel.belt =
	    belt_new(ORDER_UNIT, options->threads > 1, draw_orders, sheets);
	for (size_t i = 0; i < options->n_painters; i++)
		if (options->painters[i]->page && !sheets->page)
			sheets->page = page_new(options->digits);
	if (options->render)
		start_render(sheets);
	return sheets;
}

void sheets_free(struct sheets *sheets)
{
	if (!sheets)
		return;
	belt_free(sheets->easel.belt);
	page_free(sheets->page);
	render_free(sheets->render);
	workshop_free(sheets->workshop);
	free(sheets);
}
