/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files that graphs and statistics go to: {c2s,s2c}_NAME_N.E for each
 * figure, one page for the whole trace, and what else the mptcptrace of 2014
 * wrote. Names and columns are promises to scripts: doc/formats.md.
 *
 * Text gathers in memory, up to SHEETS_MEMORY in all, and is appended to a file
 * of its own in a hidden directory beside the results when that is full; no
 * file stays open. When its connection has closed it gets its name: a file of
 * that name is whole.
 */
#ifndef WRITE_SHEETS_H
#define WRITE_SHEETS_H

#include "base/err.h"
#include "report/figure.h"
#include "report/report.h"

#include <stdbool.h>
#include <stdio.h>

#define SHEETS_MEMORY ((size_t)16 << 20)
/* Pictures take about so much; when there are more they get coarser, and with
 * twice as much, one that would be begun is missing. */
#define SHEETS_PICTURE_MEMORY ((size_t)256 << 20)

struct buffer;
struct scribe;
struct picture;

/* A picture, and what it is of. */
struct shown {
	const struct figure *figure;
	const struct picture *picture; /* finished, not empty */
	const struct report_conn *conn;
};

/* How the names of its files begin: c2s_seq_0. */
#define SHEET_NAME 128
char *sheet_name(char *name, const struct figure *figure,
		 const struct report_conn *conn);

/* Draws a point, whose time is known, and of which there is what its order has
 * (order_has_end, order_has_all); the scribe is that of all that are drawn. */
typedef void point_fn(struct buffer *out, const struct figure *figure,
		      const struct point *point, struct scribe *scribe);

/* What draws figures into text; a row each. It draws each point as it comes,
 * or when the connection has closed what a screen can show of them; or its
 * pictures are on the page of the whole trace. */
struct painter {
	const char *name, *suffix, *help;
	int number; /* of -w */
	/* Does it draw nothing of a series? NULL: it draws all. */
	bool (*omits)(const struct figure_kind *kind, int series);
	/* What comes before the first point, who draws each of a kind, and what
	 * comes after the last. */
	void (*head)(struct buffer *out, const struct figure *figure);
	point_fn *(*point_of)(const struct figure_kind *kind);
	void (*foot)(struct buffer *out, const struct figure *figure);
	/* A picture; data_suffix: its data has a file of its own beside. */
	void (*picture)(struct buffer *out, const struct shown *shown);
	const char *data_suffix;
	void (*data)(struct buffer *out, const struct shown *shown);
	bool page;
};

/* The n-th painter there is, in order of their numbers, or NULL. */
const struct painter *painter_row(size_t n);
#define PAINTERS_MAX 8

/* Is it a format of --render? */
bool sheets_renders(const char *format);

/* A file of each connection beside its figures, a row each. */
struct table_row {
	const char *name; /* file NAME_N.csv */
	const char *help;
	char letter; /* option that asks for it; 'w': the csv writer */
	void (*write)(FILE *file, const struct report_conn *conn,
		      const char *trace, int digits);
};
const struct table_row *table_row(size_t n); /* or NULL */

struct sheets_options {
	const char *directory;
	const char *trace;	   /* its name, for stats_N.csv */
	const char *const *inputs; /* traces that are read: never replaced */
	size_t n_inputs;
	const struct painter *painters[PAINTERS_MAX];
	size_t n_painters;
	/* Kinds of figures wanted, by name. */
	const char *const *figures;
	size_t n_figures;
	const char *letters; /* of the table rows wanted */
	const char *render;  /* what gnuplot makes: png, svg, pdf; or NULL */
	/* Does the user say to stop? Then gnuplot makes no more; or NULL. */
	bool (*stopped)(void);
	bool relative;
	unsigned threads; /* that may work at once; up to 2 are used */
	int digits;	  /* of times, 6 or 9 */
};

struct sheets;

/* Makes the directory if it is missing. NULL and err if that fails. */
struct sheets *sheets_new(const struct sheets_options *options,
			  struct err *err);
/* Where figures are drawn. */
struct easel *sheets_easel(struct sheets *sheets);
/* A connection has closed: its other files. After its figures have ended. */
void sheets_conn(struct sheets *sheets, const struct report_conn *conn);
/* The trace has ended: file_stats.csv and mptcptrace_info. -1 and the first
 * error there was if any file could not be written. */
int sheets_finish(struct sheets *sheets, const struct report_totals *totals,
		  struct err *err);
void sheets_free(struct sheets *sheets);

#endif
