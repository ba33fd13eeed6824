/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scripts for gnuplot and their data, as text; tests/render has gnuplot read
 * them.
 */
#include "write/gnuplot.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static struct figure_kind kind;
static struct figure figure;
static struct report_conn conn;
static struct picture *picture;
static struct buffer out;
static bool finished;

static struct endpoint end_of(int host, int port)
{
	return (struct endpoint){
	    .address = {.bytes = {10, 0, 0, (uint8_t)host}, .family = 4},
	    .port = (uint16_t)port,
	};
}

static struct report_subflow *add_subflow(int id, int client, int server)
{
	struct report_subflow *subflow = report_subflow(&conn, id);

	subflow->initiator = CLIENT;
	subflow->source = end_of(client, 1000 + id);
	subflow->destination = end_of(server, 80);
	return subflow;
}

static void begin(void)
{
	kind = (struct figure_kind){
	    .name = "test",
	    .caption = "What isn't there",
	    .y_name = "value",
	    .unit = UNIT_BYTES,
	};
	report_conn_init(&conn);
	conn.id = 7;
	conn.first = 1000 * NSTIME_SECOND;
	conn.last = 1010 * NSTIME_SECOND;
	conn.host[CLIENT].end = end_of(1, 1000);
	conn.host[SERVER].end = end_of(2, 80);
	figure = (struct figure){.kind = &kind, .side = SERVER};
	out = (struct buffer){0};
}

/* The kind is complete. */
static void draw(void)
{
	picture = picture_new(&kind);
	finished = false;
}

static void end(void)
{
	picture_free(picture);
	picture = NULL;
	report_conn_clear(&conn);
	free(out.text);
}

/* At so many ms. */
static void point(int series, int subflow, int64_t ms, int64_t y)
{
	picture_add(picture, &(const struct point){
				 .mark = MARK_DOT,
				 .series = series,
				 .x = 1000 * NSTIME_SECOND + ms * 1000000,
				 .y = y,
				 .subflow = subflow,
				 .from = NO_SUBFLOW,
			     });
}

static void segment(enum mark mark, int64_t ms, int64_t y, int64_t to_ms,
		    int64_t y2)
{
	picture_add(picture, &(const struct point){
				 .mark = mark,
				 .x = 1000 * NSTIME_SECOND + ms * 1000000,
				 .y = y,
				 .x2 = 1000 * NSTIME_SECOND + to_ms * 1000000,
				 .y2 = y2,
				 .subflow = 0,
				 .from = NO_SUBFLOW,
			     });
}

static void label(int64_t ms, const char *text, int subflow)
{
	picture_add(picture, &(const struct point){
				 .mark = MARK_TEXT,
				 .series = 1,
				 .x = 1000 * NSTIME_SECOND + ms * 1000000,
				 .subflow = subflow,
				 .from = NO_SUBFLOW,
				 .text = text,
			     });
}

extern const struct painter painter_gnuplot;

/* All points are there: the script, or its data. */
static const char *text_of(void (*write)(struct buffer *, const struct shown *))
{
	const struct shown shown = {&figure, picture, &conn};

	if (!finished)
		picture_finish(picture);
	finished = true;
	write(&out, &shown);
	buffer_char(&out, '\0');
	return out.text;
}

static const char *script(void)
{
	return text_of(painter_gnuplot.picture);
}

static const char *data(void)
{
	return text_of(painter_gnuplot.data);
}

#define has(text, part)                                                        \
	ck_assert_msg(strstr(text, part) != NULL, "no \"%s\" in:\n%.3000s",    \
		      part, text)
#define has_no(text, part)                                                     \
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" in:\n%.3000s", part, \
		      text)

START_TEST(strings_are_quoted)
{
	gnuplot_string(&out, "it's `ls` @x \\n \"q\"\n%");
	buffer_char(&out, '\0');
	ck_assert_str_eq(out.text, "'it''s `ls` @x \\n \"q\" %'");
}
END_TEST

START_TEST(data_is_in_plain_units)
{
	const char *text;

	kind.unit = UNIT_SPAN;
	kind.millionths = true;
	kind.series[0] = (struct series){"delay", .form = FORM_DOTS};
	draw();
	point(0, 1, 250, 1500000);
	picture_add(picture, &(const struct point){
				 .x = 1000 * NSTIME_SECOND + 1,
				 .y = 20,
				 .from = NO_SUBFLOW,
			     });
	text = data();
	has(text, "# s2c_test_7: connection 7, data from server 10.0.0.2:80 to "
		  "client 10.0.0.1:1000\n"
		  "# x: seconds since the connection's start, 1000.000000000\n"
		  "# y: ms\n");
	has(text, "\n\n\n# subflow 0, delay\n# x, y\n0.000000001 0.000020\n");
	has(text, "\n\n\n# subflow 1, delay\n# x, y\n0.250000 1.500000\n");
}
END_TEST

START_TEST(a_gap_is_an_empty_line)
{
	kind.series[0] = (struct series){"rate", .form = FORM_STEPS};
	draw();
	segment(MARK_SEGMENT, 0, 5, 100, 5);
	segment(MARK_SEGMENT, 100, 6, 200, 6);
	segment(MARK_SEGMENT, 900, 7, 1000, 7);
	has(data(), "0.000000 5\n0.100000 5\n0.100000 6\n0.200000 6\n\n"
		    "0.900000 7\n1.000000 7\n");
}
END_TEST

START_TEST(areas_have_corners)
{
	kind.series[0] = (struct series){"flight", .form = FORM_STACK};
	draw();
	segment(MARK_BAR, 0, 0, 0, 5);
	segment(MARK_BAR, 500, 0, 0, 9);
	has(data(), "0.000000 0\n0.000000 5\n0.500000 5\n0.500000 9\n");
}
END_TEST

START_TEST(areas_are_painted_from_the_highest)
{
	kind.series[0] = (struct series){"flight", .form = FORM_STACK};
	for (int id = 0; id < 3; id++)
		add_subflow(id, 1 + id, 2);
	draw();
	for (int id = 0; id < 3; id++)
		point(0, id, 10, 5);
	has(script(), "for [i in '2 1 0'] data index 'subflow '.i.', flight'");
}
END_TEST

START_TEST(what_it_shows_and_of_whom)
{
	const char *text;

	kind.series[0] = (struct series){"dots", .form = FORM_DOTS};
	add_subflow(0, 1, 2);
	draw();
	point(0, 0, 0, 5000);
	point(0, 0, 9000, 2500000);
	text = script();
	ck_assert(!strncmp(text, "reset\n", 6));
	has(text,
	    "set title 'What isn''t there'.\"\\n\".'connection 7, '.'data "
	    "from server 10.0.0.2:80 to client 10.0.0.1:1000'\n");
	has(text, "set xlabel 'seconds since the connection''s start'\n");
	has(text, "set ylabel 'value (MB)'\n");
	has(text, "set xrange [0:10]\n");
	has(text, "($2/1e6)");
	has(text, "title 'subflow 0: 10.0.0.1 - 10.0.0.2'");
}
END_TEST

START_TEST(subflows_are_told_apart)
{
	struct report_subflow *subflow;
	const char *text;

	kind.series[0] = (struct series){"dots", .form = FORM_DOTS};
	add_subflow(0, 1, 2);
	add_subflow(1, 3, 2);
	add_subflow(2, 1, 2);
	/* The client stays on the left, also of what the server opened. */
	subflow = add_subflow(3, 4, 5);
	subflow->initiator = SERVER;
	draw();
	for (int id = 0; id < 4; id++)
		point(0, id, id, id);
	text = script();
	has(text, "'subflow 0: 10.0.0.1:1000 - 10.0.0.2:80'");
	has(text, "'subflow 1: 10.0.0.3 - 10.0.0.2'");
	has(text, "'subflow 2: 10.0.0.1:1002 - 10.0.0.2:80'");
	has(text, "'subflow 3: 10.0.0.5 - 10.0.0.4'");
}
END_TEST

START_TEST(many_subflows)
{
	const char *text;

	kind.series[0] = (struct series){"dots", .form = FORM_DOTS};
	for (int id = 0; id < 100; id++)
		add_subflow(id, 1 + id, 2);
	draw();
	for (int id = 0; id < 100; id++)
		point(0, id, id, id);
	text = script();
	/* gnuplot has no more rows than go into the plot. */
	has(text, "set key vertical maxrows 16 ");
	has(text, "'subflow 45: 10.0.0.46 - 10.0.0.2'");
	has_no(text, "'subflow 46: ");
	has(text, "title 'and 54 more subflows'");
	has(text, " 98 99'] data index");
	has(text, "linestyle i % 40 + 1");
	has(text, "set style line 40 ");
	has_no(text, "set style line 41 ");
}
END_TEST

/* What has no stroke of its own has no colour of a subflow. */
START_TEST(too_many_subflows)
{
	const int n = PICTURE_SUBFLOWS + 1234;
	const char *text, *others;

	kind.series[0] = (struct series){"dots", .form = FORM_DOTS};
	for (int id = 0; id < n; id++)
		add_subflow(id, 1 + id % 200, 2);
	draw();
	for (int id = 0; id < n; id++)
		point(0, id, id, id);
	text = script();
	has(text, "title 'and 227 more subflows'");
	has(text, "with points linecolor rgb neutral pointsize 1 \\\n"
		  "\t\ttitle 'and 1,234 more subflows, together'");
	has(text, " 254 255'] data index");
	has_no(text, " 256");
	/* It is behind what has a colour. */
	others = strstr(text, "\tdata index 'other subflows, dots' using "
			      "($1):($2/1e3) with points linecolor rgb "
			      "neutral pointtype 7");
	ck_assert_ptr_nonnull(others);
	ck_assert_ptr_nonnull(strstr(others, "for [i in '0 1 "));
	free(out.text);
	out = (struct buffer){0};
	has(data(), "\n\n\n# other subflows, dots\n# x, y\n0.256000 256\n");
}
END_TEST

/* One line cannot be that of many. */
START_TEST(too_many_lines)
{
	const char *text;

	kind.series[0] = (struct series){"rate", .form = FORM_STEPS};
	for (int id = 0; id <= PICTURE_SUBFLOWS; id++)
		add_subflow(id, 1 + id % 200, 2);
	draw();
	for (int id = 0; id <= PICTURE_SUBFLOWS; id++)
		point(0, id, id, id);
	text = script();
	has(text, "title 'and 1 more subflow, not shown'");
	has_no(text, "data index 'other subflows");
}
END_TEST

START_TEST(too_many_lanes)
{
	const char *text;

	kind.unit = UNIT_SUBFLOW;
	kind.series[0] = (struct series){"bursts", .form = FORM_SPANS};
	for (int id = 0; id < 1000; id++)
		add_subflow(id, 1 + id % 200, 2);
	draw();
	segment(MARK_SEGMENT, 0, 999, 100, 999);
	text = script();
	has(text, "set yrange [256.5:-0.5]\n");
	has(text, "set ytics add ('others' 256)\n");
	has(text, "boxes linecolor rgb neutral fill solid \\\n"
		  "\t\ttitle 'and 744 more subflows, together'");
}
END_TEST

/* However few of them can be seen apart. */
START_TEST(all_points_count)
{
	const char *text;

	kind.series[0] = (struct series){"sent again", .form = FORM_BARS,
					 .ink = INK_LOST, .sign = SIGN_CROSS};
	add_subflow(0, 1, 2);
	draw();
	for (int i = 0; i < 12345; i++)
		segment(MARK_BAR, 3 + (i == 0), 1, 0, 2);
	text = script();
	has(text, "title 'sent again: 12,345'");
	/* A bar in the subflow's colour, a cross in the ink's. */
	has(text, "with vectors nohead linestyle i+1");
	has(text, "with points linecolor rgb lost pointtype 2");
}
END_TEST

START_TEST(what_is_above_the_axis_is_told)
{
	const char *text;

	kind.series[0] = (struct series){"dots", .form = FORM_DOTS};
	kind.series[1] =
	    (struct series){"edge", .form = FORM_STEPS, .unscaled = true};
	kind.series[2] =
	    (struct series){"low", .form = FORM_STEPS, .unscaled = true};
	draw();
	point(0, NO_SUBFLOW, 0, 100);
	point(1, NO_SUBFLOW, 1, 300);
	point(2, NO_SUBFLOW, 1, 30);
	text = script();
	has(text, "set yrange [0:104]\n");
	has(text, "title 'edge (cut off)'");
	has(text, "title 'low'");
}
END_TEST

START_TEST(a_single_value_has_an_axis)
{
	const char *text;

	kind.x_is_sequence = true;
	kind.series[0] = (struct series){"dots", .form = FORM_DOTS};
	conn.data[SERVER].figure_zero = 1000 * NSTIME_SECOND;
	draw();
	point(0, NO_SUBFLOW, 0, 0);
	text = script();
	has(text, "set xrange [0:1]\n");
	has(text, "set yrange [0:1.04]\n");
}
END_TEST

START_TEST(labels_do_not_overlap)
{
	const char *text;

	kind.series[0] = (struct series){"dots", .form = FORM_DOTS};
	kind.series[1] =
	    (struct series){"signals", .form = FORM_LABELS, .ink = INK_FAINT};
	draw();
	point(0, NO_SUBFLOW, 0, 1);
	for (int i = 0; i < 40; i++)
		label(100 + i, "JOIN", i);
	label(110, "ADD_ADDR", NO_SUBFLOW);
	label(5000, "JOIN", 40);
	label(9990, "DATA_FIN", NO_SUBFLOW);
	text = script();
	has(text, "set label 'JOIN x 40' at 0.1, graph 1 left "
		  "offset character 0, 0.6\n");
	has(text, "set label 'ADD_ADDR' at 0.11, graph 1 left "
		  "offset character 0, 1.6\n");
	has(text, "set label 'JOIN' at 5, graph 1 left "
		  "offset character 0, 0.6\n");
	/* It is not cut off on the right. */
	has(text, "set label 'DATA_FIN' at 9.99, graph 1 right "
		  "offset character 0, 0.6\n");
}
END_TEST

/* Where there is no room, there is the line only. */
START_TEST(labels_without_room)
{
	static const char *const names[] = {"A", "B", "C", "D", "E", "F"};
	const char *text;

	kind.series[0] = (struct series){"dots", .form = FORM_DOTS};
	kind.series[1] =
	    (struct series){"signals", .form = FORM_LABELS, .ink = INK_FAINT};
	draw();
	point(0, NO_SUBFLOW, 0, 1);
	for (int i = 0; i < 6; i++)
		label(100, names[i], NO_SUBFLOW);
	text = script();
	has(text, "set label 'D' at 0.1, graph 1 left "
		  "offset character 0, 3.6\n");
	has_no(text, "set label 'E'");
	free(out.text);
	out = (struct buffer){0};
	has(data(), "0.100000 \"E\" 1\n");
}
END_TEST

START_TEST(lanes)
{
	const char *text;

	kind.unit = UNIT_SUBFLOW;
	kind.series[0] = (struct series){"bursts", .form = FORM_SPANS};
	add_subflow(0, 1, 2);
	add_subflow(1, 3, 2);
	draw();
	segment(MARK_SEGMENT, 0, 0, 100, 0);
	text = script();
	has(text, "set yrange [1.5:-0.5]\n");
	/* A lane without anything has a name, too. */
	has(text, "'subflow 1: 10.0.0.3 - 10.0.0.2'");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("gnuplot");
	TCase *tcase = tcase_create("gnuplot");

	tcase_add_checked_fixture(tcase, begin, end);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, strings_are_quoted);
	tcase_add_test(tcase, data_is_in_plain_units);
	tcase_add_test(tcase, a_gap_is_an_empty_line);
	tcase_add_test(tcase, areas_have_corners);
	tcase_add_test(tcase, areas_are_painted_from_the_highest);
	tcase_add_test(tcase, what_it_shows_and_of_whom);
	tcase_add_test(tcase, subflows_are_told_apart);
	tcase_add_test(tcase, many_subflows);
	tcase_add_test(tcase, too_many_subflows);
	tcase_add_test(tcase, too_many_lines);
	tcase_add_test(tcase, too_many_lanes);
	tcase_add_test(tcase, all_points_count);
	tcase_add_test(tcase, what_is_above_the_axis_is_told);
	tcase_add_test(tcase, a_single_value_has_an_axis);
	tcase_add_test(tcase, labels_do_not_overlap);
	tcase_add_test(tcase, labels_without_room);
	tcase_add_test(tcase, lanes);
	return suite;
}
