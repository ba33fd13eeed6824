/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Axes: units that people read, round ticks, and what is 0.
 */
#include "write/axis.h"

#include "report/picture.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct figure_kind kind;
static struct figure figure;
static struct report_conn conn;
static struct picture *picture;
static struct shown shown;

static void begin(void)
{
	kind = (struct figure_kind){
	    .name = "test",
	    .y_name = "value",
	    .series = {{"dots", .form = FORM_DOTS}},
	};
	report_conn_init(&conn);
	conn.first = 1000 * NSTIME_SECOND;
	conn.last = 1004 * NSTIME_SECOND;
	figure = (struct figure){.kind = &kind, .side = CLIENT};
	picture = picture_new(&kind);
	shown = (struct shown){&figure, picture, &conn};
}

static void end(void)
{
	picture_free(picture);
	report_conn_clear(&conn);
}

static void dot(int64_t x, int64_t y)
{
	picture_add(picture, &(const struct point){.mark = MARK_DOT,
						   .x = x,
						   .y = y,
						   .subflow = NO_SUBFLOW,
						   .from = NO_SUBFLOW});
}

/* "0 1 2 s": its ticks and unit. */
static void check_axis(const struct axis *axis, const char *wanted)
{
	char text[200] = "";
	size_t size = 0;

	for (int i = 0; i < axis->n_ticks; i++)
		size +=
		    (size_t)snprintf(text + size, sizeof(text) - size, "%.*f ",
				     axis->decimals, axis->ticks[i]);
	snprintf(text + size, sizeof(text) - size, "%s", axis->unit);
	ck_assert_str_eq(text, wanted);
}

static void check_x(int ticks, const char *wanted)
{
	struct axis axis;

	axis_x(&axis, &shown, ticks);
	check_axis(&axis, wanted);
}

static void check_y(enum unit unit, int64_t most, const char *wanted)
{
	struct axis axis;

	end();
	begin();
	kind.unit = unit;
	dot(conn.first, most);
	picture_finish(picture);
	axis_y(&axis, &shown, 5);
	check_axis(&axis, wanted);
}

START_TEST(seconds)
{
	struct axis axis;

	dot(1001 * NSTIME_SECOND, 3);
	picture_finish(picture);
	check_x(5, "0 1 2 3 4 s");
	axis_x(&axis, &shown, 5);
	ck_assert_double_eq_tol(axis_value(&axis, 1001500000000), 1.5, 1e-9);
}
END_TEST

START_TEST(time_from_before_the_start)
{
	dot(999 * NSTIME_SECOND, 3);
	dot(1006 * NSTIME_SECOND, 3); /* a window's end */
	picture_finish(picture);
	check_x(8, "-1 0 1 2 3 4 s");
}
END_TEST

START_TEST(short_times)
{
	conn.last = conn.first + 3200000;
	dot(conn.first, 3);
	picture_finish(picture);
	check_x(4, "0.000 0.001 0.002 0.003 s");
}
END_TEST

/* All that is known is one moment. */
START_TEST(no_time_at_all)
{
	conn.first = conn.last = NSTIME_NONE;
	dot(5, 3);
	picture_finish(picture);
	check_x(4, "0 s");
}
END_TEST

START_TEST(sequence)
{
	kind.x_is_sequence = true;
	conn.data[CLIENT].figure_zero = 4294967297;
	dot(4294967297, 1);
	dot(4294967297 + 2600000, 1);
	picture_finish(picture);
	check_x(5, "0 1 2 MB");
	check_x(6, "0.0 0.5 1.0 1.5 2.0 2.5 MB");
}
END_TEST

START_TEST(units)
{
	check_y(UNIT_BYTES, 999, "0 200 400 600 800 B");
	check_y(UNIT_BYTES, 1000, "0.0 0.2 0.4 0.6 0.8 1.0 kB");
	check_y(UNIT_BYTES, 45000000000, "0 10 20 30 40 GB");
	check_y(UNIT_SPAN, 1500000, "0.0 0.5 1.0 1.5 ms");
	check_y(UNIT_SPAN, 900, "0.0 0.2 0.4 0.6 0.8 us");
	check_y(UNIT_BITRATE, 25000000, "0 5 10 15 20 25 Mbit/s");
	check_y(UNIT_BYTERATE, 2500, "0.0 0.5 1.0 1.5 2.0 2.5 kB/s");
	check_y(UNIT_PERCENT, 12000000, "0 20 40 60 80 100 %");
	check_y(UNIT_COUNT, 1, "0 1 ");
	check_y(UNIT_BYTES, 0, "0 B");
}
END_TEST

START_TEST(lanes_of_all_subflows)
{
	struct axis axis;

	kind.unit = UNIT_SUBFLOW;
	report_subflow(&conn, 2);
	dot(conn.first, 1);
	picture_finish(picture);
	axis_y(&axis, &shown, 10);
	check_axis(&axis, "0 1 2 ");
}
END_TEST

START_TEST(absurd_values)
{
	check_y(UNIT_BYTES, INT64_MAX, "0 2 4 6 8 EB");
	check_y(UNIT_SEQUENCE, INT64_MIN + 1, "0 B");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("axis");
	TCase *tcase = tcase_create("axis");

	tcase_add_checked_fixture(tcase, begin, end);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, seconds);
	tcase_add_test(tcase, time_from_before_the_start);
	tcase_add_test(tcase, short_times);
	tcase_add_test(tcase, no_time_at_all);
	tcase_add_test(tcase, sequence);
	tcase_add_test(tcase, units);
	tcase_add_test(tcase, lanes_of_all_subflows);
	tcase_add_test(tcase, absurd_values);
	return suite;
}
