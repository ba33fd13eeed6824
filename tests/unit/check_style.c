/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How text for people is laid out on a terminal: marks, broken lines, figures
 * in columns, bars. What standard output is, tests/terminal tries.
 */
#include "report/report.h"
#include "write/facts.h"
#include "write/human.h"
#include "write/line.h"
#include "write/shares.h"
#include "write/style.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct style plain;
static const struct style narrow = {.terminal = true, .width = 60};
static const struct style wide = {
    .terminal = true, .unicode = true, .width = 100};

/* What has been written to the line, which begins anew. */
static char *text;
static size_t text_size;
static struct line line;

static void begin(const struct style *style, int indent)
{
	line = (struct line){open_memstream(&text, &text_size), style,
			     .indent = indent};
}

static void check_text(const char *wanted)
{
	line_end(&line);
	fclose(line.file);
	ck_assert_str_eq(text, wanted);
	free(text);
}

static int columns(const char *string)
{
	return style_columns(string, strlen(string));
}

/*
 * Marks.
 */
START_TEST(marks_take_no_columns)
{
	ck_assert_int_eq(columns(""), 0);
	ck_assert_int_eq(columns("\tab"), 3);
	ck_assert_int_eq(columns(STYLE_BAD "ab" STYLE_END " c"), 4);
	ck_assert_int_eq(columns("\xe2\x96\x88\xe2\x96\x8f|"), 3);
	for (int id = 0; id < 20; id++)
		ck_assert_int_eq(columns(style_subflow(id)), 0);
	ck_assert_ptr_eq(style_subflow(1), style_subflow(1));
	ck_assert_str_ne(style_subflow(1), style_subflow(2));
}
END_TEST

START_TEST(marks_become_colours)
{
	struct style style = wide;

	style.colour = true;
	begin(&style, 0);
	line_say(&line, "a " STYLE_HEAD "b" STYLE_END "\n\tc");
	check_text("a \033[1mb\033[0m\n\tc\n");
	begin(&wide, 0);
	line_say(&line, "a " STYLE_HEAD "b" STYLE_END);
	check_text("a b\n");
	begin(&plain, 0);
	line_say(&line, STYLE_GOOD "a" STYLE_END);
	check_text("a\n");
}
END_TEST

/* Whatever stands where, eight bytes at a time or not. */
START_TEST(marks_are_stripped)
{
	static const char bytes[] = "aZ 0\t" STYLE_HEAD STYLE_END
				    "\x14\x15\x1f\x7f\xc3\xa9\xe2\x96\x88";
	char string[40], stripped[40], expected[40];
	uint32_t state = 1;

	for (int i = 0; i < 100000; i++) {
		size_t size = (size_t)i % sizeof(string), left = 0;
		int wanted = 0, found = 5;

		for (size_t k = 0; k < size; k++) {
			state = state * 1664525u + 1013904223u;
			string[k] =
			    state >> 29 ? 'x' : bytes[state % sizeof(bytes)];
			if (!string[k])
				string[k] = ' ';
			if (style_columns(string + k, 1) ||
			    (string[k] & 0xc0) == 0x80)
				expected[left++] = string[k];
			wanted += style_columns(string + k, 1);
		}
		if (style_columns(string, size) != wanted ||
		    style_strip(stripped, string, size, &found) != left ||
		    found != wanted + 5 || memcmp(stripped, expected, left))
			ck_abort_msg("%.*s", (int)size, string);
		/* In its place, too. */
		style_strip(string, string, size, &found);
		if (memcmp(string, expected, left) != 0)
			ck_abort_msg("%.*s", (int)size, string);
	}
}
END_TEST

/*
 * Lines.
 */
START_TEST(lines_of_any_length)
{
	const int size = 4 * LINE_WAITING;
	char letters[4 * LINE_WAITING + 1] = "";

	for (int i = 0; i < size; i++)
		letters[i] = (char)('a' + i % 23);
	for (int most = 1; most < 255; most += 7) {
		begin(&plain, 0);
		for (int at = 0; at < size; at += most)
			line_verbatim(&line, "%.*s", most, letters + at);
		ck_assert_int_eq(line.column, size);
		line_text(&line, letters);
		line_end(&line);
		fclose(line.file);
		ck_assert_uint_eq(text_size, 2 * size + 1);
		ck_assert(!memcmp(text, letters, (size_t)size));
		ck_assert(!memcmp(text + size, letters, (size_t)size));
		free(text);
	}
}
END_TEST

static void say_much(const struct style *style)
{
	begin(style, 4);
	line_say(&line, "  a sentence with many words, of which the last ones");
	line_say(&line, " are " STYLE_BAD "12" STYLE_END ", and 1,234 kB,");
	line_say(&line, " and so on");
}

START_TEST(sentences_are_broken_on_a_terminal)
{
	say_much(&plain);
	check_text("  a sentence with many words, of which the last ones are "
		   "12, and 1,234 kB, and so on\n");
	say_much(&narrow);
	check_text("  a sentence with many words, of which the last ones are\n"
		   "    12, and 1,234 kB, and so on\n");
}
END_TEST

START_TEST(numbers_keep_their_units)
{
	begin(&narrow, 2);
	line_text(&line, "123456789 123456789 ");
	line_text(&line, "abcdefghi abcdefghi abcdefghi abcde 17");
	line_text(&line, " kB");
	check_text(
	    "123456789 123456789 abcdefghi abcdefghi abcdefghi abcde 17\n"
	    "  kB\n");
	begin(&narrow, 2);
	line_text(&line, "abcdefghi abcdefghi abcdefghi abcdefghi abcdefghi "
			 "abcde 17 kB");
	check_text("abcdefghi abcdefghi abcdefghi abcdefghi abcdefghi abcde\n"
		   "  17 kB\n");
}
END_TEST

static void many_parts(const struct style *style)
{
	begin(style, 4);
	for (int i = 0; i < 4; i++)
		line_part(&line, "%d is a part of twenty-eight", i);
}

START_TEST(parts_are_kept_whole)
{
	many_parts(&plain);
	check_text("    0 is a part of twenty-eight, 1 is a part of "
		   "twenty-eight, 2 is a part of twenty-eight,\n"
		   "    3 is a part of twenty-eight\n");
	many_parts(&narrow);
	check_text("    0 is a part of twenty-eight,\n"
		   "    1 is a part of twenty-eight,\n"
		   "    2 is a part of twenty-eight,\n"
		   "    3 is a part of twenty-eight\n");
}
END_TEST

/* More than wait to be written. */
#define PHRASES 400

static struct phrase sentence(void)
{
	struct phrase phrase = line_phrase(&line);

	line_mark(&line, &phrase, STYLE_BAD);
	PHRASE_SAY(&phrase, "and a sentence ");
	return phrase;
}

/* As they are where a format says them. */
static void phrases(const struct style *style, bool taken)
{
	static const char more[] = "or somewhat longer"; /* or less of it */
	struct phrase phrase;

	begin(style, 4);
	line.below = 7;
	for (int i = 0; i < PHRASES && !taken; i++)
		line_part(&line,
			  STYLE_HEAD "%d is" STYLE_END
				     " a part of twenty-eight%.*s",
			  i, i % 13, more);
	for (uint64_t i = 0; i < PHRASES && taken; i++) {
		phrase = line_next_part(&line);
		line_mark(&line, &phrase, STYLE_HEAD);
		phrase_number(&phrase, i);
		PHRASE_SAY(&phrase, " is");
		line_mark(&line, &phrase, STYLE_END);
		PHRASE_SAY(&phrase, " a part of twenty-eight");
		phrase_put(&phrase, more, i % 13);
		line_take_part(&line, &phrase);
	}
	line_next(&line);
	if (!taken) {
		line_say(&line, STYLE_BAD "and a sentence ");
		line_verbatim(&line, STYLE_BAD "and a sentence ");
		return;
	}
	phrase = sentence();
	line_take(&line, &phrase);
	phrase = sentence();
	line_take_verbatim(&line, &phrase);
}

START_TEST(phrases_are_taken)
{
	static const struct style coloured = {
	    .terminal = true, .colour = true, .width = 60};
	static const struct style *const styles[] = {&plain, &narrow, &wide,
						     &coloured};

	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++) {
		char *wanted;

		phrases(styles[i], false);
		line_end(&line);
		fflush(line.file);
		wanted = strdup(text);
		fclose(line.file);
		free(text);
		ck_assert_ptr_nonnull(strstr(wanted, "and a sentence "));
		phrases(styles[i], true);
		check_text(wanted);
		free(wanted);
	}
}
END_TEST

static void figures(const struct style *style)
{
	begin(style, 2);
	line_figure(&line, "sent", "", "7 packets", "1.25 MB");
	line_part(&line, "fast");
	line_packets(&line, "again", 1, 900, 1000);
	line_packets(&line, "none", 0, 0, 1000);
	line_figure(&line, "after", "", "12.3 ms", NULL);
	line_part(&line, "slow");
}

START_TEST(figures_have_columns)
{
	figures(&plain);
	check_text("  sent 7 packets (1.25 MB), fast, again 1 packet (900 B), "
		   "after 12.3 ms, slow\n");
	figures(&wide);
	check_text("  sent                      7 packets  1.25 MB  fast\n"
		   "  again                     1 packet    900 B\n"
		   "  after                  12.3 ms, slow\n");
}
END_TEST

START_TEST(what_is_much_stands_out)
{
	struct style style = wide;

	style.colour = true;
	begin(&style, 0);
	line_packets(&line, "", 1, 9, 1000);
	line_packets(&line, "", 1, 10, 1000);
	line_packets(&line, "", 1, 100, 1000);
	line_packets(&line, "", 1, 1000, 0);
	line_end(&line);
	fclose(line.file);
	ck_assert_ptr_nonnull(strstr(text, "packet      9 B\n"));
	ck_assert_ptr_nonnull(strstr(text, "packet     10 B\033[0m"));
	free(text);
}
END_TEST

/*
 * Numbers and names in columns.
 */
START_TEST(cells)
{
	char cell[HUMAN_CELL];

	ck_assert_str_eq(human_cell("19.3 kB", 6, 2, cell), "  19.3 kB");
	ck_assert_str_eq(human_cell("7 B", 6, 2, cell), "     7 B ");
	ck_assert_str_eq(human_cell("-", 6, 2, cell), "     -   ");
	ck_assert_str_eq(human_cell("1 of them all", 2, 0, cell),
			 " 1 of them all");
}
END_TEST

/*
 * Numbers as people read them.
 */
struct said {
	int64_t number;
	const char *text;
};

static void check_said(char *(*print)(int64_t number, char *text),
		       const struct said *said, size_t n)
{
	char human[HUMAN_TEXT];

	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(print(said[i].number, human), said[i].text);
}

START_TEST(sizes_have_three_digits)
{
	static const struct said sizes[] = {
	    {0, "0 B"},
	    {999, "999 B"},
	    {-4711, "-4711 B"},
	    {INT64_MIN + 1, "-9223372036854775807 B"},
	    {1000, "1.00 kB"},
	    {1004, "1.00 kB"},
	    {1006, "1.01 kB"},
	    {1125, "1.12 kB"}, /* to the even one, as printf does */
	    {1375, "1.38 kB"},
	    {9994, "9.99 kB"},
	    {9995, "10.0 kB"},
	    {99949, "99.9 kB"},
	    {99950, "100 kB"},
	    {999499, "999 kB"},
	    {999500, "1.00 MB"},
	    {INT64_C(12300000000), "12.3 GB"},
	    {INT64_C(7000000000000000), "7000 TB"},
	    {INT64_MAX, "9223372 TB"},
	    {REPORT_UNKNOWN, "-"},
	};

	check_said(human_bytes, sizes, sizeof(sizes) / sizeof(*sizes));
}
END_TEST

START_TEST(rates_and_spans_have_units)
{
	char human[HUMAN_TEXT];

	ck_assert_str_eq(human_rate(0.125, human), "1.00 bit/s");
	ck_assert_str_eq(human_rate(4.76e6, human), "38.1 Mbit/s");
	ck_assert_str_eq(human_rate(1e18, human), "8000000 Tbit/s");
	ck_assert_str_eq(human_rate(NAN, human), "-");
	ck_assert_str_eq(human_span(0, human), "0.00 us");
	ck_assert_str_eq(human_span(0.0123, human), "12.3 ms");
	ck_assert_str_eq(human_span(-1, human), "-1000000.00 us");
	ck_assert_str_eq(human_span(9223372036.0, human), "9223372036 s");
	ck_assert_str_eq(human_span(1.0 / 0.0, human), "-");
	/* However long, it stays within its room. */
	ck_assert_uint_eq(strlen(human_span(1e200, human)), 27);
}
END_TEST

START_TEST(counts_have_commas)
{
	static const struct said counts[] = {
	    {0, "0"},
	    {999, "999"},
	    {1000, "1,000"},
	    {-1234567, "-1,234,567"},
	    {INT64_MAX, "9,223,372,036,854,775,807"},
	    {INT64_MIN + 1, "-9,223,372,036,854,775,807"},
	    {REPORT_UNKNOWN, "-"},
	};

	check_said(human_count, counts, sizeof(counts) / sizeof(*counts));
}
END_TEST

/* Without room for the longest, nothing is said; behind the end, nothing is
 * written. */
START_TEST(numbers_need_room)
{
	for (size_t room = 1; room < 2 * HUMAN_ROOM; room++) {
		char human[2 * HUMAN_ROOM + 1];
		struct phrase phrase = phrase_begin(human, room);
		size_t said = room > HUMAN_ROOM ? 22 : 0;

		memset(human, 'x', sizeof(human));
		phrase_bytes(&phrase, INT64_MIN + 1);
		ck_assert_uint_eq((size_t)(phrase.at - human), said);
		phrase_count(&phrase, INT64_MAX);
		phrase_rate(&phrase, 4.76e6);
		phrase_span(&phrase, 1e200);
		ck_assert(phrase.at <= phrase.end);
		for (size_t i = room; i < sizeof(human); i++)
			ck_assert_int_eq(human[i], 'x');
	}
}
END_TEST

/* How the state of a subflow goes on. */
START_TEST(resets_are_told)
{
	struct report_subflow subflow = {
	    .reset = true, .reset_side = SERVER, .reset_reason = -1};
	char facts[FACT_TEXT];
	struct phrase phrase = phrase_begin(facts, sizeof(facts));

	subflow.state = SUBFLOW_RESET;
	fact_reset(&subflow, &phrase);
	subflow.state = SUBFLOW_CLOSED;
	fact_reset(&subflow, &phrase);
	subflow.reset = false;
	fact_reset(&subflow, &phrase);
	ck_assert_str_eq(phrase_end(&phrase, facts),
			 " (by the server) (reset by the server)");
}
END_TEST

START_TEST(middles_are_left_out)
{
	char name[16] = "0123456789";

	human_shorten(name, 10, true);
	ck_assert_str_eq(name, "0123456789");
	human_shorten(name, 9, true);
	ck_assert_str_eq(name, "0123\xe2\x80\xa6"
			       "6789");
	strcpy(name, "0123456789");
	human_shorten(name, 7, false);
	ck_assert_str_eq(name, "01..789");
}
END_TEST

/*
 * Bars.
 */
START_TEST(bars_are_as_long_as_shares)
{
	char bar[SHARES_BAR];

	ck_assert_str_eq(shares_bar(0, 10, true, bar), "");
	ck_assert_str_eq(shares_bar(0, 10, false, bar), "");
	ck_assert_str_eq(shares_bar(1e-9, 10, true, bar), "\xe2\x96\x8f");
	ck_assert_str_eq(shares_bar(1e-9, 10, false, bar), "#");
	ck_assert_str_eq(shares_bar(1, 3, false, bar), "###");
	ck_assert_str_eq(shares_bar(1, 2, true, bar),
			 "\xe2\x96\x88\xe2\x96\x88");
	ck_assert_str_eq(shares_bar(0.9375, 2, true, bar), /* 15 eighths */
			 "\xe2\x96\x88\xe2\x96\x89");
	for (int i = 0; i <= 1000; i++) {
		double full = i * SHARES_BAR_MAX / 1000.;
		int length =
		    columns(shares_bar(i / 1000., SHARES_BAR_MAX, false, bar));

		ck_assert(!i || abs((int)(length * 2 - full * 2)) <= 2);
		length =
		    columns(shares_bar(i / 1000., SHARES_BAR_MAX, true, bar));
		ck_assert(length >= full - 0.07 && length < full + 1);
	}
}
END_TEST

/* The shares of n subflows, of which the last carried n bytes, the one before
 * it one less, and so on. */
static void show_shares(const struct style *style, int n, int family)
{
	struct address address = {.family = (uint8_t)family};
	struct report_conn conn;

	memset(address.bytes, 0xab, family == 4 ? 4 : 16);
	report_conn_init(&conn);
	for (int id = 0; id < n; id++) {
		struct report_subflow *subflow = report_subflow(&conn, id);

		subflow->source.address = subflow->destination.address =
		    address;
		subflow->flow[CLIENT].first_bytes = id + 1;
		conn.data[CLIENT].bytes_unique += id + 1;
	}
	begin(style, 6);
	shares_write(&line, &conn, CLIENT);
	shares_write(&line, &conn, SERVER); /* it sent nothing */
	report_conn_clear(&conn);
}

START_TEST(one_subflow_shares_nothing)
{
	show_shares(&wide, 1, 4);
	check_text("");
	show_shares(&plain, 1, 4);
	check_text("");
}
END_TEST

START_TEST(shares_in_a_line)
{
	show_shares(&plain, 3, 4);
	check_text("      carried first by subflow 0 16.7 %, 1 33.3 %, "
		   "2 50.0 %\n");
}
END_TEST

START_TEST(shares_as_bars)
{
	struct style style = narrow;

	style.width = 79;
	show_shares(&style, 3, 4);
	check_text("      carried first by subflow\n"
		   "        0  171.171.171.171 - 171.171.171.171  "
		   "###              16.7 %     1 B\n"
		   "        1  171.171.171.171 - 171.171.171.171  "
		   "#####            33.3 %     2 B\n"
		   "        2  171.171.171.171 - 171.171.171.171  "
		   "########         50.0 %     3 B\n");
}
END_TEST

START_TEST(addresses_are_shortened)
{
	struct style style = narrow;

	style.width = 80;
	show_shares(&style, 2, 6);
	check_text("      carried first by subflow\n"
		   "        0  abab:aba..bab:abab - abab:aba..bab:abab  "
		   "###         33.3 %     1 B\n"
		   "        1  abab:aba..bab:abab - abab:aba..bab:abab  "
		   "#######     66.7 %     2 B\n");
}
END_TEST

START_TEST(addresses_are_left_out)
{
	show_shares(&narrow, 2, 6);
	check_text(
	    "      carried first by subflow\n"
	    "        0  ##########                       33.3 %     1 B\n"
	    "        1  #####################            66.7 %     2 B\n");
}
END_TEST

START_TEST(others_are_summed_up)
{
	show_shares(&narrow, 10000, 4);
	check_text(
	    "      carried first by subflow\n"
	    "        9992        #                        0.0 %  9.99 kB\n"
	    "        9993        #                        0.0 %  9.99 kB\n"
	    "        9994        #                        0.0 %  10.0 kB\n"
	    "        9995        #                        0.0 %  10.0 kB\n"
	    "        9996        #                        0.0 %  10.0 kB\n"
	    "        9997        #                        0.0 %  10.0 kB\n"
	    "        9998        #                        0.0 %  10.0 kB\n"
	    "        9999        #                        0.0 %  10.0 kB\n"
	    "        9,992 more  ######################  99.8 %  49.9 MB\n");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("style");
	TCase *tcase = tcase_create("marks");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, marks_take_no_columns);
	tcase_add_test(tcase, marks_become_colours);
	tcase_add_test(tcase, marks_are_stripped);
	tcase_add_test(tcase, lines_of_any_length);

	tcase = tcase_create("lines");
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, sentences_are_broken_on_a_terminal);
	tcase_add_test(tcase, numbers_keep_their_units);
	tcase_add_test(tcase, parts_are_kept_whole);
	tcase_add_test(tcase, phrases_are_taken);
	tcase_add_test(tcase, figures_have_columns);
	tcase_add_test(tcase, what_is_much_stands_out);
	tcase_add_test(tcase, cells);
	tcase_add_test(tcase, sizes_have_three_digits);
	tcase_add_test(tcase, rates_and_spans_have_units);
	tcase_add_test(tcase, counts_have_commas);
	tcase_add_test(tcase, numbers_need_room);
	tcase_add_test(tcase, resets_are_told);
	tcase_add_test(tcase, middles_are_left_out);

	tcase = tcase_create("bars");
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, bars_are_as_long_as_shares);
	tcase_add_test(tcase, one_subflow_shares_nothing);
	tcase_add_test(tcase, shares_in_a_line);
	tcase_add_test(tcase, shares_as_bars);
	tcase_add_test(tcase, addresses_are_shortened);
	tcase_add_test(tcase, addresses_are_left_out);
	tcase_add_test(tcase, others_are_summed_up);
	return suite;
}
