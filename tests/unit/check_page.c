/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The page's parts: text that stays text, room that is bounded, pictures as
 * they are drawn.
 */
#include "unit.h"

#include "base/alloc.h"
#include "report/picture.h"
#include "write/html.h"
#include "write/page.h"
#include "write/shelf.h"
#include "write/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct buffer out;

static void begin(void)
{
	out = (struct buffer){0};
}

static void end(void)
{
	free(out.text);
}

/* What was put so far, as a string. */
static const char *written(void)
{
	buffer_char(&out, '\0');
	out.size--;
	return out.text;
}

/*
 * HTML.
 */

static const struct {
	const char *text, *html;
} texts[] = {
    {"plain", "plain"},
    {"<a href=\"x\">&'", "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"},
    {"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9b\xb0",
     "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x9b\xb0"},
    /* Not UTF-8: a lone octet, a cut character, one that is too long, a
     * surrogate, one beyond Unicode. */
    {"\xff", "\xef\xbf\xbd"},
    {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    /* Controls: escape, newline, C1, from right to left. */
    {"\x1b[31m", "\xef\xbf\xbd[31m"},
    {"a\nb\x7f", "a\xef\xbf\xbd"
		 "b\xef\xbf\xbd"},
    {"\xc2\x85", "\xef\xbf\xbd"},
    {"\xe2\x80\xae", "\xef\xbf\xbd"},
};

START_TEST(text_is_no_markup)
{
	html_text(&out, texts[_i].text);
	ck_assert_str_eq(written(), texts[_i].html);
}
END_TEST

START_TEST(markup_of_any_length)
{
	char name[2000];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	buffer_print(&out, "<b>%s</b>", name);
	ck_assert_uint_eq(out.size, sizeof(name) - 1 + 7);
}
END_TEST

START_TEST(moments)
{
	char text[HTML_TIME];

	ck_assert_str_eq(html_time(1529037834335235214, 9, text),
			 "2018-06-15 04:43:54.335235214");
	ck_assert_str_eq(html_time(1529037834335235214, 6, text),
			 "2018-06-15 04:43:54.335235");
	ck_assert_str_eq(html_time(-1, 9, text),
			 "1969-12-31 23:59:59.999999999");
	ck_assert_str_eq(html_time(NSTIME_NONE, 6, text), "-");
}
END_TEST

/*
 * Shelves.
 */

static void put(struct shelf *shelf, uint64_t id, uint64_t weight, size_t size)
{
	struct shelf_item item = {.id = id, .weight = weight};

	for (size_t i = 0; i < size; i++)
		buffer_char(&item.text, 'x');
	shelf_put(shelf, item);
}

START_TEST(the_lightest_go)
{
	struct shelf *shelf = shelf_new(1000, 1000);
	const struct shelf_item *items;

	for (uint64_t i = 0; i < 100; i++)
		put(shelf, i, i * 7919 % 100, 50);
	ck_assert_uint_eq(shelf_lost(shelf), 80);
	ck_assert(!shelf_takes(shelf, 100, 79));
	ck_assert(shelf_takes(shelf, 100, 81));
	shelf_sort(shelf);
	ck_assert_uint_eq(shelf_items(shelf, &items), 20);
	for (size_t i = 0; i < 20; i++) {
		ck_assert_uint_ge(items[i].weight, 80);
		ck_assert(!i || items[i].id > items[i - 1].id);
		ck_assert_ptr_eq(shelf_find(shelf, items[i].id),
				 &items[i].text);
	}
	ck_assert_ptr_null(shelf_find(shelf, 0));
	shelf_free(shelf);
}
END_TEST

START_TEST(of_equals_the_first_stay)
{
	struct shelf *shelf = shelf_new(SIZE_MAX, 3);
	const struct shelf_item *items;

	for (uint64_t i = 10; i-- > 0;)
		put(shelf, i, 5, 1);
	shelf_sort(shelf);
	ck_assert_uint_eq(shelf_items(shelf, &items), 3);
	for (uint64_t i = 0; i < 3; i++)
		ck_assert_uint_eq(items[i].id, i);
	shelf_free(shelf);
}
END_TEST

START_TEST(too_large_for_any_room)
{
	struct shelf *shelf = shelf_new(10, 10);
	const struct shelf_item *items;

	put(shelf, 0, 1, 4);
	put(shelf, 1, 9, 11);
	put(shelf, 2, 1, 0); /* nothing to keep */
	ck_assert(shelf_takes(shelf, 3, 0));
	put(shelf, 3, 0, 4);
	shelf_sort(shelf);
	ck_assert_uint_eq(shelf_items(shelf, &items), 2);
	ck_assert_uint_eq(items[0].id, 0);
	ck_assert_uint_eq(items[1].id, 3);
	ck_assert_uint_eq(shelf_lost(shelf), 1);
	shelf_free(shelf);
}
END_TEST

/* Nothing is lighter than what is no longer there. */
START_TEST(no_room_for_any)
{
	struct shelf *shelf = shelf_new(10, 10);

	put(shelf, 0, 9, 11);
	ck_assert(shelf_takes(shelf, 1, 0));
	put(shelf, 1, 0, 10);
	put(shelf, 2, 9, 10);
	ck_assert(!shelf_takes(shelf, 3, 0));
	ck_assert_uint_eq(shelf_lost(shelf), 2);
	shelf_free(shelf);
}
END_TEST

/*
 * Pictures.
 */

enum { DOTS, STEPS, AGAIN, LOST, SPANS, STACK, LABELS, BEYOND };

static const struct figure_kind kind = {
    .name = "test",
    .caption = "A & B",
    .y_name = "count",
    .series =
	{
	    [DOTS] = {"dots", .form = FORM_DOTS},
	    [STEPS] = {"steps", .form = FORM_STEPS, .ink = INK_WHOLE},
	    [AGAIN] = {"again", .form = FORM_BARS, .ink = INK_REINJECTED,
		       .sign = SIGN_RING},
	    [LOST] = {"lost", .form = FORM_BARS, .ink = INK_LOST,
		      .sign = SIGN_CROSS},
	    [SPANS] = {"spans", .form = FORM_SPANS},
	    [STACK] = {"stack", .form = FORM_STACK},
	    [LABELS] = {"labels", .form = FORM_LABELS},
	    [BEYOND] = {"beyond", .form = FORM_DOTS, .unscaled = true},
	},
};

static struct picture *picture;
static struct report_conn conn;

/* From 0 to 1 s, and from 0 to 100. */
static void begin_picture(void)
{
	begin();
	picture = picture_new(&kind);
	report_conn_init(&conn);
	conn.signals_max = 1000;
	conn.first = 0;
	conn.last = NSTIME_SECOND;
}

static void end_picture(void)
{
	picture_free(picture);
	report_conn_clear(&conn);
	end();
}

static void add(int series, double x, int64_t y, double x2, int64_t y2)
{
	const struct point point = {
	    .mark = x2 > x ? MARK_SEGMENT : MARK_BAR,
	    .series = series,
	    .x = (int64_t)(x * 1e9),
	    .y = y,
	    .x2 = (int64_t)(x2 * 1e9),
	    .y2 = y2,
	    .subflow = 9,
	    .from = NO_SUBFLOW,
	};

	picture_add(picture, &point);
}

static const char *drawn(void)
{
	const struct figure figure = {.kind = &kind};
	const struct shown shown = {&figure, picture, &conn};

	picture_finish(picture);
	svg_figure(&out, &shown);
	return written();
}

static void drawn_has(const char *what)
{
	ck_assert_msg(strstr(out.text, what), "no %s in\n%s", what, out.text);
}

START_TEST(dots_are_lines_of_no_length)
{
	add(DOTS, 0, 0, 0, 0);
	add(DOTS, 0.5, 100, 0, 0);
	add(DOTS, 1, 50, 0, 0);
	drawn();
	drawn_has("<g class=\"dot c1 r1\" data-name=\"dots\" data-sf=\"9\">"
		  "<path d=\"M0 1000h0m2000-1000h0m2000 500h0\"/></g>");
	drawn_has("<b>A &amp; B</b>");
	drawn_has("data-x=\"0 1 s\" data-y=\"0 100 \"");
	drawn_has("</svg>dots <small>3</small></li>");
}
END_TEST

START_TEST(lines_go_in_steps)
{
	add(STEPS, 0, 0, 0.25, 0);
	add(STEPS, 0.25, 100, 0.5, 100);
	add(STEPS, 0.75, 100, 1, 100); /* after a gap */
	drawn();
	drawn_has("data-name=\"steps\" data-sf=\"9\">"
		  "<path d=\"M0 1000h1000v-1000h1000m1000 0h1000\"/>");
}
END_TEST

START_TEST(bars_have_signs_behind_them)
{
	const char *ring, *bar;

	add(AGAIN, 0.5, 50, 0, 100);
	add(LOST, 1, 0, 0, 100);
	drawn();
	drawn_has("<g class=\"ring k4\" data-name=\"again\" data-sf=\"9\">"
		  "<path id=\"p0-c2s-test-2-9\" d=\"M2000 250h0\"/>");
	drawn_has("<path d=\"M2000 500v-500\"/>");
	drawn_has("<g class=\"sign k5\" data-name=\"lost\" data-sf=\"9\">"
		  "<text x=\"100%\" y=\"50%\">\xc3\x97</text></g>");
	ring = strstr(out.text, "class=\"ring");
	bar = strstr(out.text, "class=\"bar");
	ck_assert(ring && bar && ring < bar);
}
END_TEST

START_TEST(what_is_short_can_be_seen)
{
	add(SPANS, 0.5, 100, 0.500001, 100);
	drawn();
	drawn_has("<path d=\"M2000 0h3\"/>");
}
END_TEST

START_TEST(areas_begin_and_end_at_nothing)
{
	add(STACK, 0, 0, 0, 50);
	add(STACK, 0.5, 0, 0, 100);
	add(STACK, 1, 0, 0, 0);
	drawn();
	drawn_has("<path d=\"M0 1000v-500h2000v-500h2000v1000z\"/>");
}
END_TEST

START_TEST(what_is_beyond_is_cut_off)
{
	add(DOTS, 0, 100, 0, 0);
	add(BEYOND, 0.5, 1000000, 0, 0);
	drawn();
	drawn_has("<svg class=\"draw cut\"");
	drawn_has("beyond <small>1</small>, cut off at the top</li>");
	drawn_has("<path d=\"M2000-1000h0\"/>"); /* and not farther */
}
END_TEST

static void add_label(double x, const char *text, int subflow)
{
	const struct point point = {
	    .mark = MARK_BAR,
	    .series = LABELS,
	    .x = (int64_t)(x * 1e9),
	    .subflow = subflow,
	    .from = NO_SUBFLOW,
	    .text = text,
	};

	picture_add(picture, &point);
}

START_TEST(labels_do_not_lie_on_each_other)
{
	static const char *const names[] = {"ONE", "TWO", "THREE", "FOUR"};

	add(DOTS, 0, 100, 0, 0);
	add(DOTS, 1, 100, 0, 0);
	for (int i = 0; i < 4; i++)
		add_label(0.5 + i * 0.002, names[i], i);
	drawn();
	drawn_has("class=\"chart labelled\"");
	drawn_has("<text class=\"w0\" x=\"50.00%\" y=\"-3\">ONE</text>");
	drawn_has("y=\"-16\">TWO</text>");
	drawn_has("y=\"-29\">THREE</text>");
	drawn_has("<title>FOUR</title>");
	ck_assert_ptr_null(strstr(out.text, ">FOUR</text>"));
}
END_TEST

/* Of what is there often, some is told together; what is rare has the room. */
START_TEST(labels_that_say_the_same)
{
	add(DOTS, 0, 100, 0, 0);
	add(DOTS, 1, 100, 0, 0);
	for (int i = 0; i < 1000; i++)
		add_label(i * 0.001, "JOIN", i % 2);
	add_label(0.5, "RST", 1);
	drawn();
	drawn_has("<g class=\"mark\"><title>JOIN x ");
	drawn_has("<g class=\"mark\" data-sf=\"1\"><title>RST</title>");
	drawn_has("<text class=\"w0\" x=\"50.00%\" y=\"-3\">RST</text>");
	drawn_has("labels <small>1,001</small>");
}
END_TEST

static int count_in(const char *text, const char *what)
{
	size_t size = strlen(what);
	int n = 0;

	for (const char *at = text; *at; at++)
		n += *at == *what && !strncmp(at, what, size);
	return n;
}

/* However many lanes there are, a plot fits on a few screens. */
START_TEST(lanes_of_many_subflows)
{
	static const struct figure_kind lanes = {
	    .name = "lanes",
	    .caption = "Lanes",
	    .y_name = "subflow",
	    .unit = UNIT_SUBFLOW,
	    .series = {{"life", .form = FORM_SPANS}},
	};
	const struct figure figure = {.kind = &lanes};
	struct picture *lives = picture_new(&lanes);
	const struct shown shown = {&figure, lives, &conn};

	for (int id = 0; id < 2000; id++) {
		const struct point point = {
		    .mark = MARK_SEGMENT,
		    .x = 0,
		    .y = id,
		    .x2 = NSTIME_SECOND,
		    .y2 = id,
		    .subflow = id,
		};

		report_subflow(&conn, id);
		picture_add(lives, &point);
	}
	picture_finish(lives);
	svg_figure(&out, &shown);
	written();
	drawn_has("height=\"1600\"");
	drawn_has(">0</text>");
	drawn_has("\">others</text>");
	drawn_has("<g class=\"span k0\" data-name=\"life\" "
		  "data-sf=\"others\">");
	ck_assert_int_le(count_in(out.text, "<text x=\"-6\""), 1600 / 14);
	picture_free(lives);
}
END_TEST

/*
 * The whole page.
 */

static char *page_text;

/* The more data the higher the id; but this one has a finding. */
#define WITH_WARNING 7

static void make_page(uint64_t n)
{
	struct page *page = page_new(6);
	const char *const names[] = {"</title><script>"};
	const struct report_totals totals = {
	    .files = names,
	    .n_files = 1,
	    .first = NSTIME_NONE,
	    .last = NSTIME_NONE,
	    .connections = n,
	};
	size_t size;
	FILE *file = open_memstream(&page_text, &size);

	for (uint64_t i = 0; i < n; i++) {
		report_conn_init(&conn);
		conn.id = i;
		conn.data[CLIENT].bytes_unique = (int64_t)i;
		report_subflow(&conn, 0);
		if (i == WITH_WARNING)
			report_finding(&conn, WARNING, "join-reset", 1,
				       NSTIME_NONE, "refused");
		page_conn(page, &conn);
		report_conn_clear(&conn);
	}
	page_finish(page, file, &totals);
	fclose(file);
	page_free(page);
}

static int count(const char *what)
{
	return count_in(page_text, what);
}

START_TEST(nothing_at_all)
{
	make_page(0);
	ck_assert_int_eq(count("<details"), 0);
	ck_assert_int_eq(count("<script>"), 1);
	ck_assert_int_eq(count("left out"), 0);
	free(page_text);
}
END_TEST

START_TEST(one_connection_is_open)
{
	make_page(1);
	ck_assert_int_eq(count("<details class=\"conn\" id=\"c0\" open>"), 1);
	ck_assert_int_eq(count("<a href=\"#c0\">0</a>"), 1);
	free(page_text);
}
END_TEST

static void add_signal(enum severity severity, uint64_t packet)
{
	const struct report_signal signal = {
	    .time = (nstime_t)packet,
	    .packet = packet,
	    .severity = severity,
	};

	report_signal(&conn, &signal, NULL);
}

/* One whose pictures have no room does not cost others theirs; and what is
 * grave stands out. */
START_TEST(one_that_is_too_large)
{
	struct page *page = page_new(6);
	const struct report_totals totals = {
	    .first = NSTIME_NONE,
	    .last = NSTIME_NONE,
	    .connections = 3,
	};
	size_t size;
	FILE *file = open_memstream(&page_text, &size);

	for (uint64_t i = 0; i < 3; i++) {
		report_conn_init(&conn);
		conn.id = i;
		conn.signals_max = 1000;
		conn.first = 0;
		conn.last = NSTIME_SECOND;
		conn.data[CLIENT].bytes_unique = i == 1 ? 1000000 : 1;
		for (int id = 0; id < (i == 1 ? 150000 : 1); id++)
			report_subflow(&conn, id);
		add_signal(NOTE, 1);
		add_signal(WARNING, 2);
		conn.subflows[0].first = 0;
		conn.subflows[0].last = NSTIME_SECOND;
		page_conn(page, &conn);
		report_conn_clear(&conn);
	}
	page_finish(page, file, &totals);
	fclose(file);
	page_free(page);
	ck_assert_int_eq(count("<details class=\"conn\""), 2);
	ck_assert_int_eq(count("class=\"views\""), 2);
	ck_assert_int_eq(count("<circle class=\"c0 r0\""), 2);
	ck_assert_int_eq(count("<circle class=\"c0 r0 bad\""), 2);
	ck_assert_int_eq(count("</b> 1 connection, "), 1);
	free(page_text);
}
END_TEST

/* Rows, parts and views of those with the most data; the page says so. */
START_TEST(more_than_there_is_room_for)
{
	char *section;

	make_page(12000);
	ck_assert_int_eq(count("<details class=\"conn\""), 5000);
	ck_assert_int_eq(count("class=\"views\""), 1000);
	ck_assert_ptr_nonnull(strstr(page_text, "</b> 2,000 connections"));
	ck_assert_ptr_nonnull(strstr(page_text, "</b> 5,000 connections"));
	ck_assert_ptr_nonnull(strstr(page_text, "id=\"c11999\""));
	ck_assert_ptr_null(strstr(page_text, "id=\"c6999\""));
	/* What has a warning is what people look for. */
	ck_assert_ptr_nonnull(strstr(page_text, "id=\"c7\""));
	ck_assert_ptr_null(strstr(page_text, "id=\"c8\""));
	section = strstr(page_text, "</section>");
	ck_assert_ptr_nonnull(section);
	*section = '\0';
	ck_assert_int_eq(count("<tr><th scope=\"row\">"), 10000);
	ck_assert_int_eq(count("<a href="), 5000);
	free(page_text);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("page");
	TCase *html = tcase_create("html");
	TCase *shelf = tcase_create("shelf");
	TCase *svg = tcase_create("svg");
	TCase *page = tcase_create("page");

	tcase_add_checked_fixture(html, begin, end);
	tcase_add_loop_test(html, text_is_no_markup, 0,
			    sizeof(texts) / sizeof(*texts));
	tcase_add_test(html, markup_of_any_length);
	tcase_add_test(html, moments);
	suite_add_tcase(suite, html);
	tcase_add_test(shelf, the_lightest_go);
	tcase_add_test(shelf, of_equals_the_first_stay);
	tcase_add_test(shelf, too_large_for_any_room);
	tcase_add_test(shelf, no_room_for_any);
	suite_add_tcase(suite, shelf);
	tcase_add_checked_fixture(svg, begin_picture, end_picture);
	tcase_add_test(svg, dots_are_lines_of_no_length);
	tcase_add_test(svg, lines_go_in_steps);
	tcase_add_test(svg, bars_have_signs_behind_them);
	tcase_add_test(svg, what_is_short_can_be_seen);
	tcase_add_test(svg, areas_begin_and_end_at_nothing);
	tcase_add_test(svg, what_is_beyond_is_cut_off);
	tcase_add_test(svg, labels_do_not_lie_on_each_other);
	tcase_add_test(svg, labels_that_say_the_same);
	tcase_add_test(svg, lanes_of_many_subflows);
	suite_add_tcase(suite, svg);
	tcase_set_timeout(page, 60);
	tcase_add_test(page, nothing_at_all);
	tcase_add_test(page, one_connection_is_open);
	tcase_add_test(page, one_that_is_too_large);
	tcase_add_test(page, more_than_there_is_room_for);
	suite_add_tcase(suite, page);
	return suite;
}
