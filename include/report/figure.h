/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Figures: what graph analyses draw, one for each kind of figure, connection
 * and direction. A figure is a stream of points, plain numbers; it knows no
 * file and no format. Whoever wants figures gives a struct easel, and gets
 * each point the moment it is drawn: nothing is kept here.
 *
 * All values are integers. Times are nanoseconds since the epoch; others are
 * counts, or (with `millionths`) so many millionths of the figure's unit: an
 * RTT in ns is one of ms with six decimals, and no floating point is needed
 * where a packet passes.
 */
#ifndef REPORT_FIGURE_H
#define REPORT_FIGURE_H

#include "base/nstime.h"
#include "base/words.h"

#include <stdbool.h>
#include <stdint.h>

enum mark {
	MARK_DOT,     /* at (x, y) */
	MARK_BAR,     /* upright, from (x, y) to (x, y2) */
	MARK_SEGMENT, /* from (x, y) to (x2, y2) */
	MARK_TEXT,    /* `text` at (x, y) */
};

#define NO_SUBFLOW (-1)
#define NO_VALUE   INT64_MIN /* not known: empty in csv, not drawn */

struct point {
	enum mark mark;
	int series; /* index in the figure's series */
	int64_t x, y, x2, y2;
	int subflow;	  /* id, or NO_SUBFLOW: of the connection as a whole */
	int from;	  /* subflow that carried it first, or NO_SUBFLOW */
	int64_t extra[3]; /* what the figure's columns make of it */
	const char *text; /* static, or NULL */
};

/* A set of points that belong together: a colour, a line of the legend. */
struct series {
	const char *name;
	int colour; /* as in 2014; 0: that of the subflow */
	bool aside; /* what the csv of 2014 has no row for */
};

/* A column of a figure's csv. */
enum field {
	FIELD_X,
	FIELD_Y,
	FIELD_X2,
	FIELD_Y2,
	FIELD_SERIES, /* its name */
	FIELD_SUBFLOW,
	FIELD_FROM,
	FIELD_TEXT,
	FIELD_EXTRA, /* the first, ... */
	FIELD_EXTRA1,
	FIELD_EXTRA2,
};

struct column {
	const char *name;
	enum field field;
};

#define SERIES_MAX  8
#define COLUMNS_MAX 8

/* A kind of figure: a row of constants. */
struct figure_kind {
	const char *name;  /* file {c2s,s2c}_NAME_N, and --graph NAME */
	const char *help;  /* for --help */
	const char *title; /* after "c2s - " */
	const char *x_label, *y_label, *y_unit;
	bool x_is_sequence; /* else time */
	bool millionths;    /* y */
	bool by_id;	    /* colours are subflow ids, not id + 1 */
	/* In csv: empty, the rows of 2014, or a header and these columns. */
	struct column columns[COLUMNS_MAX + 1];
	bool only_csv;	 /* no picture */
	bool always_csv; /* ... and written whatever the writers */
	struct series series[SERIES_MAX + 1];
};

struct easel;

/* One figure of a connection; the easel's own struct starts with it. */
struct figure {
	const struct figure_kind *kind;
	struct easel *easel;
	enum side side; /* whose data it is about */
	nstime_t start; /* of the connection */
};

struct easel {
	bool (*wants)(const struct easel *easel,
		      const struct figure_kind *kind);
	/* A figure to draw on, or NULL if its kind is not wanted. */
	struct figure *(*begin)(struct easel *easel,
				const struct figure_kind *kind, enum side side,
				nstime_t start);
	void (*draw)(struct figure *figure, const struct point *point);
	/* No more points. Of connection `id`, or with !keep of none. */
	void (*end)(struct figure *figure, uint64_t id, bool keep);
};

/* Draws a point; on NULL, or at no known time, nothing. */
static inline void figure_draw(struct figure *figure, const struct point *point)
{
	if (figure && (figure->kind->x_is_sequence || point->x != NSTIME_NONE))
		figure->easel->draw(figure, point);
}

#endif
