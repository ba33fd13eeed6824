/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Figures: what graph analyses draw, one for each kind of figure, connection
 * and direction. A figure is a stream of points, plain numbers; it knows no
 * file and no format. Whoever wants figures gives a struct easel, and gets
 * each point over its belt: nothing is kept here.
 *
 * All values are integers. Times are nanoseconds since the epoch; others are
 * counts, or (with `millionths`) so many millionths of the figure's unit: an
 * RTT in ns is one of ms with six decimals, and no floating point is needed
 * where a packet passes.
 */
#ifndef REPORT_FIGURE_H
#define REPORT_FIGURE_H

#include "base/belt.h"
#include "base/nstime.h"
#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum mark {
	MARK_DOT,     /* at (x, y); has no x2, y2 */
	MARK_BAR,     /* upright, from (x, y) to (x, y2) */
	MARK_SEGMENT, /* from (x, y) to (x2, y2) */
	MARK_TEXT,    /* `text` at (x, y) */
};

#define NO_SUBFLOW (-1)
#define NO_VALUE   INT64_MIN /* not known: empty in csv, not drawn */

/* In this order, so that what few points have need not be copied; and at the
 * same places on machines that would not align them so. */
struct point {
	_Alignas(8) int64_t x, y;
	int subflow;	/* id, or NO_SUBFLOW: of the connection as a whole */
	int from;	/* subflow that carried it first, or NO_SUBFLOW */
	uint8_t mark;	/* enum mark */
	uint8_t series; /* index in the figure's series */
	uint16_t size;	/* figure_draw's own: of its order */
	_Alignas(8) int64_t x2, y2;
	int64_t extra[3]; /* what the figure's columns make of it */
	const char *text; /* static, or NULL */
};

/* How a picture draws a series. */
enum form {
	FORM_NONE,   /* not at all */
	FORM_DOTS,   /* a mark at each point */
	FORM_STEPS,  /* a line that keeps its level until the next point */
	FORM_STACK,  /* areas from 0 to y2, the last subflow's at the back */
	FORM_BARS,   /* upright lines from y to y2 */
	FORM_SPANS,  /* level lines from x to x2 */
	FORM_LINKS,  /* from lane `from` to lane `subflow` */
	FORM_LABELS, /* text at its time */
};

/* ... and in what colour. */
enum ink {
	INK_SUBFLOW,	/* that of its subflow, the same in all pictures */
	INK_WHOLE,	/* the connection as a whole */
	INK_WINDOW,	/* what the receiver allows or confirms */
	INK_FAINT,	/* in the background */
	INK_REINJECTED, /* these two stand out, ... */
	INK_LOST,	/* ... on top of what has the subflow's colour */
};

/* The sign of a dot. */
enum sign { SIGN_SPOT, SIGN_RING, SIGN_SQUARE, SIGN_TRIANGLE, SIGN_CROSS };

/* Which points of a series a picture has. */
enum extent { OF_ALL, OF_SUBFLOWS, OF_WHOLE /* NO_SUBFLOW's only */ };

/* A set of points that belong together: a colour, a line of the legend. */
struct series {
	const char *name;
	int colour; /* as in 2014; 0: that of the subflow */
	bool aside; /* what the csv of 2014 has no row for; alone no picture */
	/* In pictures: */
	enum form form;
	enum ink ink;
	enum sign sign;
	enum extent extent;
	bool unscaled; /* the axis does not reach for it */
};

/* Does it stand out? */
static inline bool series_is_loud(const struct series *series)
{
	return series->ink == INK_REINJECTED || series->ink == INK_LOST;
}

/* Bars that stand out have their subflow's colour, and a sign in the ink's. */
static inline bool series_has_signs(const struct series *series)
{
	return series->form == FORM_BARS && series_is_loud(series);
}

/* Is it drawn in the colours of subflows? */
static inline bool series_is_of_subflows(const struct series *series)
{
	return series->form != FORM_NONE && series->form != FORM_LABELS &&
	       (series->ink == INK_SUBFLOW || series_has_signs(series));
}

/* What values of an axis are; pictures choose kB or MB themselves. */
enum unit {
	UNIT_COUNT,
	UNIT_SUBFLOW,  /* a lane each, y is its id */
	UNIT_BYTES,    /* bytes */
	UNIT_SEQUENCE, /* bytes, as a data sequence value */
	UNIT_SPAN,     /* ns */
	UNIT_BITRATE,  /* bit/s */
	UNIT_BYTERATE, /* bytes/s */
	UNIT_PERCENT,  /* millionths of a percent */
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
	const char *x_label, *y_label;
	/* In pictures: what it shows, what y is, and of which unit. */
	const char *caption, *y_name;
	enum unit unit;
	bool x_is_sequence; /* else time */
	bool millionths;    /* y */
	bool by_id;	    /* colours are subflow ids, not id + 1 */
	/* In csv: empty, the rows of 2014, or a header and these columns. */
	struct column columns[COLUMNS_MAX + 1];
	bool only_csv;	 /* no picture */
	bool always_csv; /* csv, whatever the writers; and no xplot */
	bool no_csv;	 /* another kind's csv has it all */
	bool standard;	 /* where none is asked for by name */
	struct series series[SERIES_MAX + 1];
};

struct easel;
struct report_conn;

/* One figure of a connection; the easel's own struct starts with it. */
struct figure {
	const struct figure_kind *kind;
	struct easel *easel;
	enum side side; /* whose data it is about */
	nstime_t start; /* of the connection */
	unsigned idle;	/* series that nobody shows: a sum of 1u << series */
};

struct easel {
	bool (*wants)(const struct easel *easel,
		      const struct figure_kind *kind);
	/* A figure to draw on, or NULL if its kind is not wanted. */
	struct figure *(*begin)(struct easel *easel,
				const struct figure_kind *kind, enum side side,
				nstime_t start);
	/* No more points. It is of this connection, whose report is complete,
	 * or with NULL of none. */
	void (*end)(struct figure *figure, const struct report_conn *conn);
	struct belt *belt; /* of orders, with items of ORDER_UNIT octets */
};

/*
 * A point on its way to who draws it, up to the last of its members that is not
 * 0. There are some for each packet, and another processor reads them: the
 * fewer octets the better.
 */
struct order {
	struct figure *figure;
	struct point point;
};

#define ORDER_UNIT sizeof(int64_t)

/* What there is of it, in octets. A dot has no x2, y2. */
enum {
	ORDER_DOT = offsetof(struct order, point.x2),
	ORDER_PLAIN = offsetof(struct order, point.extra),
	ORDER_WHOLE = sizeof(struct order),
};

_Static_assert(ORDER_DOT % ORDER_UNIT == 0 && ORDER_PLAIN % ORDER_UNIT == 0 &&
		   ORDER_WHOLE % ORDER_UNIT == 0,
	       "orders stand one after another");

static inline size_t order_size(const struct point *point)
{
	if (point->text || point->extra[0] | point->extra[1] | point->extra[2])
		return ORDER_WHOLE;
	return point->mark == MARK_DOT ? ORDER_DOT : ORDER_PLAIN;
}

/* Is a series of it shown? */
static inline bool figure_shows(const struct figure *figure, int series)
{
	return figure && !(figure->idle >> series & 1);
}

/* Draws a point; on NULL, or at no known time, nothing. */
static inline void figure_draw(struct figure *figure, const struct point *point)
{
	size_t size = order_size(point);
	struct order *order;

	if (!figure_shows(figure, point->series) ||
	    (point->x == NSTIME_NONE && !figure->kind->x_is_sequence))
		return;
	order = belt_room(figure->easel->belt, size);
	order->figure = figure;
	order->point.x = point->x;
	order->point.y = point->y;
	order->point.subflow = point->subflow;
	order->point.from = point->from;
	order->point.mark = point->mark;
	order->point.series = point->series;
	order->point.size = (uint16_t)size;
	if (size == ORDER_DOT)
		return;
	order->point.x2 = point->x2;
	order->point.y2 = point->y2;
	if (size == ORDER_PLAIN)
		return;
	memcpy(order->point.extra, point->extra, sizeof(point->extra));
	order->point.text = point->text;
}

/* For who draws: what a belt_fn gets are orders, one after another. */
struct orders {
	const char *at, *end;
};

static inline struct orders orders_of(const void *items, size_t n)
{
	const char *at = items;

	return (struct orders){at, at + n * ORDER_UNIT};
}

/* The next one, where it is: of its point there is what its size says. NULL at
 * the end. */
static inline const struct order *orders_step(struct orders *orders)
{
	const struct order *order = (const void *)orders->at;

	if (orders->at == orders->end)
		return NULL;
	orders->at += order->point.size;
	return order;
}

/* Has the point of an order x2 and y2? Else they are 0. */
static inline bool order_has_end(const struct point *point)
{
	return point->size > ORDER_DOT;
}

/* ... extra and text? */
static inline bool order_has_all(const struct point *point)
{
	return point->size > ORDER_PLAIN;
}

/* The whole point. */
static inline struct point order_point(const struct order *order)
{
	struct point point = {0};

	memcpy(&point, &order->point,
	       order->point.size - offsetof(struct order, point));
	return point;
}

#endif
