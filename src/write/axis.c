/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/axis.h"

#include "report/picture.h"

#include <math.h>

struct step {
	double scale;
	const char *unit;
};

/* From the smallest up, each taken when values reach it. */
static const struct step plain[] = {{1, ""}, {0, NULL}};
static const struct step bytes[] = {
    {1, "B"},	  {1e3, "kB"},	{1e6, "MB"},  {1e9, "GB"},
    {1e12, "TB"}, {1e15, "PB"}, {1e18, "EB"}, {0, NULL},
};
static const struct step span[] = {
    {1e3, "us"},
    {1e6, "ms"},
    {1e9, "s"},
    {0, NULL},
};
static const struct step bit_rate[] = {
    {1, "bit/s"}, {1e3, "kbit/s"}, {1e6, "Mbit/s"}, {1e9, "Gbit/s"}, {0, NULL},
};
static const struct step byte_rate[] = {
    {1, "B/s"}, {1e3, "kB/s"}, {1e6, "MB/s"}, {1e9, "GB/s"}, {0, NULL},
};
static const struct step percent[] = {{1e6, "%"}, {0, NULL}};
static const struct step seconds[] = {{1e9, "s"}, {0, NULL}};

static const struct step *const steps[] = {
    [UNIT_COUNT] = plain,	 [UNIT_SUBFLOW] = plain,
    [UNIT_BYTES] = bytes,	 [UNIT_SEQUENCE] = bytes,
    [UNIT_SPAN] = span,		 [UNIT_BITRATE] = bit_rate,
    [UNIT_BYTERATE] = byte_rate, [UNIT_PERCENT] = percent,
};

static double distance(int64_t from, int64_t to)
{
	return (double)to - (double)from;
}

double axis_value(const struct axis *axis, int64_t value)
{
	return distance(axis->zero, value) / axis->scale;
}

/* min, max and zero are there. */
static void choose_unit(struct axis *axis, const struct step *step)
{
	double most = fmax(fabs(distance(axis->zero, axis->max)),
			   fabs(distance(axis->zero, axis->min)));

	while (step[1].unit && most >= step[1].scale)
		step++;
	axis->scale = step->scale;
	axis->unit = step->unit;
}

/* 1, 2 or 5 times a power of ten, so that there are no more than `n`. */
static double tick_step(double range, int n)
{
	static const double nice[] = {1, 2, 5, 10};
	double power = pow(10, floor(log10(range / n)));

	for (int i = 0; i < 4; i++)
		if (range / (nice[i] * power) <= n)
			return nice[i] * power;
	return 10 * power;
}

static void choose_ticks(struct axis *axis, int n, bool whole)
{
	double min = axis_value(axis, axis->min);
	double max = axis_value(axis, axis->max);
	double step;

	axis->n_ticks = axis->decimals = 0;
	if (n > AXIS_TICKS - 1)
		n = AXIS_TICKS - 1;
	step = max > min ? tick_step(max - min, n) : 1;
	if (whole && step < 1)
		step = 1;
	if (step < 1)
		axis->decimals = (int)ceil(-log10(step) - 1e-9);
	for (double k = ceil(min / step - 1e-9) + 0.0; /* no -0 */
	     k * step <= max + step * 1e-6 && axis->n_ticks < AXIS_TICKS; k++)
		axis->ticks[axis->n_ticks++] = k * step;
}

static void reach(struct axis *axis, int64_t least, int64_t most)
{
	if (least > most)
		return;
	if (least < axis->min)
		axis->min = least;
	if (most > axis->max)
		axis->max = most;
}

void axis_x(struct axis *axis, const struct shown *shown, int ticks)
{
	const struct report_conn *conn = shown->conn;
	const struct picture_extent *extent = picture_extent(shown->picture);
	bool sequence = shown->figure->kind->x_is_sequence;

	axis->zero = sequence ? conn->data[shown->figure->side].figure_zero
			      : conn->first;
	if (axis->zero == REPORT_UNKNOWN || axis->zero == NSTIME_NONE)
		axis->zero = extent->x_min;
	axis->min = axis->max = axis->zero;
	axis->name = sequence ? "data sequence" : "since the start";
	/* All have the same axis, to be laid side by side. */
	if (!sequence && conn->last != NSTIME_NONE)
		reach(axis, axis->zero, conn->last);
	if (sequence)
		reach(axis, axis->zero,
		      axis->zero +
			  conn->data[shown->figure->side].bytes_unique);
	reach(axis, extent->x_min, extent->x_max);
	/* A window of throughput goes on after the last packet. */
	if (!sequence && conn->last != NSTIME_NONE && axis->max > conn->last &&
	    conn->last > axis->min)
		axis->max = conn->last;
	choose_unit(axis, sequence ? bytes : seconds);
	choose_ticks(axis, ticks, false);
}

static int64_t last_lane(const struct report_conn *conn)
{
	return conn->n_subflows > PICTURE_SUBFLOWS
		   ? PICTURE_SUBFLOWS
		   : (int64_t)conn->n_subflows - 1;
}

void axis_y(struct axis *axis, const struct shown *shown, int ticks)
{
	const struct figure_kind *kind = shown->figure->kind;
	const struct picture_extent *extent = picture_extent(shown->picture);
	bool whole = kind->unit == UNIT_COUNT || kind->unit == UNIT_SUBFLOW;

	axis->zero = 0;
	if (kind->unit == UNIT_SEQUENCE)
		axis->zero = shown->conn->data[shown->figure->side].figure_zero;
	if (axis->zero == REPORT_UNKNOWN)
		axis->zero = extent->y_min;
	axis->min = axis->max = axis->zero;
	axis->name = kind->y_name;
	reach(axis, extent->y_min, extent->y_max);
	if (kind->unit == UNIT_SUBFLOW)
		reach(axis, 0, last_lane(shown->conn));
	if (kind->unit == UNIT_PERCENT)
		reach(axis, 0, 100000000);
	choose_unit(axis, steps[kind->unit]);
	choose_ticks(axis, ticks, whole);
}
