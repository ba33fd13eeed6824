/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The axes of pictures: in what unit people read the values of a figure, from
 * where to where, and where its ticks are.
 */
#ifndef WRITE_AXIS_H
#define WRITE_AXIS_H

#include "write/sheets.h"

#define AXIS_TICKS 16

struct axis {
	/* Values as a figure has them: least and most that is shown, and what
	 * is 0 on the axis. */
	int64_t min, max, zero;
	double scale;	  /* of those make one unit */
	const char *unit; /* MB, s, Mbit/s; "" for a count */
	const char *name; /* what it is: data sequence, in flight */
	/* Round values, in units, about as many as asked for. */
	double ticks[AXIS_TICKS];
	int n_ticks;
	int decimals; /* of a tick's label */
};

/* The axis across: seconds since the connection's start, or data sequence. */
void axis_x(struct axis *axis, const struct shown *shown, int ticks);
/* Upright; it begins with 0 but for lanes of subflows. */
void axis_y(struct axis *axis, const struct shown *shown, int ticks);

/* A value in units of the axis. */
double axis_value(const struct axis *axis, int64_t value);

#endif
