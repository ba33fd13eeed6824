/* SPDX-License-Identifier: BSD-3-Clause */
/* Where graphs go: numbers as text, files that are whole or not there. */
#include "unit.h"

#include "base/table.h"
#include "write/buffer.h"
#include "write/scribe.h"
#include "write/sheets.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/check-sheets-XXXXXX";
static char out[64];

static const struct figure_kind dots = {
    .name = "dots",
    .title = "Dots",
    .x_label = "Time",
    .y_label = "Value",
    .columns = {{"time", FIELD_X}, {"value", FIELD_Y}},
    .series = {{"dots"}},
};

static const struct figure_kind always = {
    .name = "always",
    .title = "Always",
    .columns = {{"id", FIELD_X}, {"n", FIELD_Y}},
    .x_is_sequence = true,
    .always_csv = true,
    .series = {{"always"}},
};

static const char *const kinds[] = {"dots", "always"};
static struct sheets_options options;
static struct sheets *sheets;

static void begin(void)
{
	strcpy(strrchr(directory, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(out, sizeof(out), "%s/a/b", directory);
	options = (struct sheets_options){
	    .directory = out,
	    .trace = "trace.pcap",
	    .painters = {painter_row(0), painter_row(2)},
	    .n_painters = 2,
	    .figures = kinds,
	    .n_figures = 2,
	    .letters = "S",
	    .digits = 6,
	};
}

static void begin_apart(void)
{
	begin();
	options.threads = 2;
}

static void end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

static void open_sheets(void)
{
	struct err err;

	sheets = sheets_new(&options, &err);
	ck_assert_msg(sheets != NULL, "%s", err.text);
}

static struct figure *figure(const struct figure_kind *kind)
{
	struct easel *easel = sheets_easel(sheets);

	return easel->begin(easel, kind, CLIENT, 5 * NSTIME_SECOND);
}

static void dot(struct figure *figure, int64_t x, int64_t y)
{
	const struct point point = {.mark = MARK_DOT, .x = x, .y = y};

	figure_draw(figure, &point);
}

/* All of a file, or NULL; one at a time. */
static const char *content(const char *name)
{
	static char text[4096];
	char path[128];
	size_t n;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", out, name);
	file = fopen(path, "r");
	if (!file)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

static int files(void)
{
	DIR *dir = opendir(out);
	int n = -2; /* . and .. */

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* A belt_fn: the points as they come. */
struct came {
	struct point points[8];
	int n;
};

static void collect(void *arg, const void *items, size_t n)
{
	struct orders orders = orders_of(items, n);
	const struct order *order;
	struct came *came = arg;

	while ((order = orders_step(&orders)))
		came->points[came->n++] = order_point(order);
}

static void ck_point(const struct point *point, const struct point *wanted)
{
	ck_assert_int_eq(point->mark, wanted->mark);
	ck_assert_int_eq(point->series, wanted->series);
	ck_assert_int_eq(point->x, wanted->x);
	ck_assert_int_eq(point->y, wanted->y);
	ck_assert_int_eq(point->x2, wanted->x2);
	ck_assert_int_eq(point->y2, wanted->y2);
	ck_assert_int_eq(point->subflow, wanted->subflow);
	ck_assert_int_eq(point->from, wanted->from);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(point->extra[i], wanted->extra[i]);
	ck_assert_ptr_eq(point->text, wanted->text);
}

/* Whatever came before a point, it comes as it was drawn. */
START_TEST(points_on_the_way)
{
	static const struct figure_kind kind = {.name = "any"};
	static const struct point points[] = {
	    {.mark = MARK_DOT, .x = 1, .y = -2, .subflow = 3, .from = -1},
	    {.mark = MARK_BAR, .series = 7, .x = 4, .y = 5, .y2 = INT64_MIN},
	    {.mark = MARK_DOT, .x = 6, .y = INT64_MAX},
	    {.mark = MARK_DOT, .x = 7, .extra = {0, 0, 8}, .from = 9},
	    {.mark = MARK_SEGMENT, .x = 10, .y = 11, .x2 = 12, .y2 = 13},
	    {.mark = MARK_TEXT, .x = 14, .text = "text"},
	    {.mark = MARK_DOT, .series = 1, .x = 15},
	};
	const int n = sizeof(points) / sizeof(*points);
	struct came came = {.n = 0};
	struct easel easel = {
	    .belt = belt_new(ORDER_UNIT, false, collect, &came),
	};
	struct figure figure = {&kind, &easel, CLIENT, 0, 1u << 2};

	for (int i = 0; i < n; i++)
		figure_draw(&figure, &points[i]);
	/* Nobody shows it; at no known time; nowhere. */
	figure_draw(&figure, &(struct point){.series = 2, .x = 1});
	figure_draw(&figure, &(struct point){.x = NSTIME_NONE});
	figure_draw(NULL, &points[0]);
	belt_drain(easel.belt);
	ck_assert_int_eq(came.n, n);
	for (int i = 0; i < n; i++)
		ck_point(&came.points[i], &points[i]);
	belt_free(easel.belt);
}
END_TEST

START_TEST(numbers)
{
	struct buffer buffer = {0};

	buffer_int(&buffer, INT64_MIN);
	buffer_char(&buffer, ' ');
	buffer_int(&buffer, INT64_MAX);
	buffer_char(&buffer, ' ');
	buffer_int(&buffer, 0);
	buffer_char(&buffer, ' ');
	buffer_millionths(&buffer, 0);
	buffer_char(&buffer, ' ');
	buffer_millionths(&buffer, -1);
	buffer_char(&buffer, ' ');
	buffer_millionths(&buffer, 122946000);
	buffer_char(&buffer, ' ');
	buffer_time(&buffer, 1529037846891404999, 6);
	buffer_char(&buffer, ' ');
	buffer_time(&buffer, 1529037846891404999, 9);
	buffer_char(&buffer, ' ');
	buffer_time(&buffer, -1500, 6);
	buffer_char(&buffer, '\0');
	ck_assert_str_eq(buffer.text,
			 "-9223372036854775808 9223372036854775807 0 0.000000 "
			 "-0.000001 122.946000 1529037846.891404 "
			 "1529037846.891404999 -0.000001");
	free(buffer.text);
}
END_TEST

static void check_number(int64_t value)
{
	char text[DIGITS_ROOM + 1], wanted[64];
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	*digits_int(text, value) = '\0';
	snprintf(wanted, sizeof(wanted), "%" PRId64, value);
	ck_assert_str_eq(text, wanted);
	*digits_millionths(text, value) = '\0';
	snprintf(wanted, sizeof(wanted), "%s%" PRIu64 ".%06" PRIu64,
		 value < 0 ? "-" : "", rest / 1000000, rest % 1000000);
	ck_assert_str_eq(text, wanted);
	*digits_billionths(text, value) = '\0';
	snprintf(wanted, sizeof(wanted), "%s%" PRIu64 ".%09" PRIu64,
		 value < 0 ? "-" : "", rest / 1000000000, rest % 1000000000);
	ck_assert_str_eq(text, wanted);
}

/* Of each length, and on both sides of where it changes. */
START_TEST(numbers_of_all_lengths)
{
	int64_t power = 1, any = 1;

	for (int length = 1; length <= 19; length++) {
		for (int64_t by = -2; by <= 2; by++) {
			check_number(power + by);
			check_number(-power - by);
			check_number(power * 9 / 2 + by);
		}
		for (int i = 0; i < 1000; i++) {
			any = (int64_t)hash_u64((uint64_t)any, 1);
			check_number(any % power);
		}
		power = length < 19 ? power * 10 : power;
	}
	check_number(INT64_MAX);
	check_number(INT64_MIN + 1);
}
END_TEST

START_TEST(eight_digits)
{
	char text[9] = "", wanted[9];

	for (uint32_t n = 0; n < 100000000; n += n < 20000 ? 1 : 9973) {
		digits_store(text, digits_eight(n));
		snprintf(wanted, sizeof(wanted), "%08u", n);
		ck_assert_str_eq(text, wanted);
	}
}
END_TEST

/* As often as not the same as before, or one that has its place. */
START_TEST(numbers_again)
{
	struct scribe scribe, nine;
	char text[DIGITS_ROOM + 1], wanted[DIGITS_ROOM + 1];
	int64_t value = 0;

	scribe_init(&scribe, 6);
	scribe_init(&nine, 9);
	for (int i = 0; i < 100000; i++) {
		*scribe_int(&scribe, text, value) = '\0';
		*digits_int(wanted, value) = '\0';
		ck_assert_str_eq(text, wanted);
		*scribe_millionths(&scribe, text, value) = '\0';
		*digits_millionths(wanted, value) = '\0';
		ck_assert_str_eq(text, wanted);
		*scribe_time(&scribe, text, value) = '\0';
		*digits_time(wanted, value, 6) = '\0';
		ck_assert_str_eq(text, wanted);
		*scribe_time(&nine, text, value) = '\0';
		*digits_time(wanted, value, 9) = '\0';
		ck_assert_str_eq(text, wanted);
		if (i % 3)
			value =
			    (int64_t)hash_u64((uint64_t)i / 100, 1) >> i % 64;
	}
}
END_TEST

/* What was written from `text` to `end`. */
__attribute__((format(printf, 3, 4))) static void
assert_text(const char *text, const char *end, const char *format, ...)
{
	char wanted[64];
	va_list args;

	va_start(args, format);
	vsnprintf(wanted, sizeof(wanted), format, args);
	va_end(args);
	ck_assert_uint_eq((size_t)(end - text), strlen(wanted));
	ck_assert_mem_eq(text, wanted, strlen(wanted));
}

/* Where a number gets another digit, by the C library. */
START_TEST(numbers_at_edges)
{
	struct scribe scribe, nine;
	char text[DIGITS_ROOM];
	int64_t power = 1;

	scribe_init(&scribe, 6);
	scribe_init(&nine, 9);
	for (int i = 0; i < 18; i++, power *= 10)
		for (int64_t n = power - 1; n <= power + 1; n++) {
			assert_text(text, scribe_int(&scribe, text, n),
				    "%" PRId64, n);
			assert_text(text, scribe_int(&scribe, text, -n),
				    "%" PRId64, -n);
			assert_text(text, scribe_millionths(&scribe, text, n),
				    "%" PRId64 ".%06" PRId64, n / 1000000,
				    n % 1000000);
			assert_text(text, scribe_time(&scribe, text, n),
				    "%" PRId64 ".%06" PRId64, n / 1000000000,
				    n % 1000000000 / 1000);
			assert_text(text, scribe_time(&nine, text, n),
				    "%" PRId64 ".%09" PRId64, n / 1000000000,
				    n % 1000000000);
		}
}
END_TEST

/* The longest there are. */
START_TEST(numbers_have_room)
{
	struct scribe scribe;
	char text[DIGITS_ROOM];

	scribe_init(&scribe, 9);
	ck_assert_int_eq(scribe_int(&scribe, text, INT64_MIN) - text, 20);
	ck_assert_int_eq(scribe_millionths(&scribe, text, INT64_MIN) - text,
			 21);
	ck_assert_int_eq(scribe_time(&scribe, text, INT64_MIN + 1) - text, 21);
	ck_assert_uint_ge(sizeof(scribe.times->text), 21);
}
END_TEST

START_TEST(files_have_names_and_content)
{
	struct easel *easel;
	struct figure *one, *two;
	struct err err;

	open_sheets();
	easel = sheets_easel(sheets);
	one = figure(&dots);
	two = figure(&always);
	dot(one, 7 * NSTIME_SECOND, 3);
	dot(one, NSTIME_NONE, 4); /* has no place on the axis */
	dot(two, 1000, 2);
	easel->end(one, &(struct report_conn){.id = 12});
	easel->end(two, &(struct report_conn){.id = 12});
	ck_assert_int_eq(
	    sheets_finish(sheets, &(struct report_totals){0}, &err), 0);
	sheets_free(sheets);
	ck_assert_str_eq(content("c2s_dots_12.csv"),
			 "time,value\n7.000000,3\n");
	ck_assert_str_eq(content("c2s_dots_12.xpl"),
			 "timeval double\ntitle\nc2s - Dots\nxlabel\nTime\n"
			 "ylabel\nValue\n1\ndiamond 7.000000 3\n");
	ck_assert_str_eq(content("c2s_always_12.csv"), "id,n\n1000,2\n");
	ck_assert_ptr_null(content("c2s_always_12.xpl"));
	ck_assert_str_eq(content("mptcptrace_info"), "Version : " VERSION "\n");
	ck_assert_int_eq(files(), 5); /* with file_stats.csv, nothing hidden */
}
END_TEST

START_TEST(relative_times)
{
	struct err err;
	struct figure *one;

	options.relative = true;
	open_sheets();
	one = figure(&dots);
	dot(one, 7 * NSTIME_SECOND, 3);
	sheets_easel(sheets)->end(one, &(struct report_conn){.id = 0});
	sheets_finish(sheets, &(struct report_totals){0}, &err);
	sheets_free(sheets);
	ck_assert_str_eq(content("c2s_dots_0.csv"), "time,value\n2.000000,3\n");
}
END_TEST

START_TEST(what_is_not_kept_is_not_there)
{
	struct figure *one;
	struct err err;

	options.letters = "";
	open_sheets();
	one = figure(&dots);
	for (int i = 0; i < 100000; i++) /* some of it was written */
		dot(one, i, i);
	sheets_easel(sheets)->end(one, NULL);
	ck_assert_int_eq(files(), 1); /* the hidden directory */
	sheets_finish(sheets, &(struct report_totals){0}, &err);
	sheets_free(sheets);
	ck_assert_int_eq(files(), 2);
}
END_TEST

/* More than fits into memory, of many figures at once. */
START_TEST(long_figures)
{
	enum { N = 20, POINTS = 100000 };
	struct figure *all[N];
	struct err err;
	char name[32];

	options.n_painters = 1;
	options.painters[0] = painter_row(2); /* csv */
	open_sheets();
	for (int i = 0; i < N; i++)
		all[i] = figure(&dots);
	for (int p = 0; p < POINTS; p++)
		for (int i = 0; i < N; i++)
			dot(all[i], p * 1000, i * 1000000 + p);
	for (int i = 0; i < N; i++)
		sheets_easel(sheets)->end(
		    all[i], &(struct report_conn){.id = (uint64_t)i});
	ck_assert_int_eq(
	    sheets_finish(sheets, &(struct report_totals){0}, &err), 0);
	sheets_free(sheets);
	for (int i = 0; i < N; i++) {
		char path[128], line[64];
		FILE *file;
		int p = 0;

		snprintf(name, sizeof(name), "c2s_dots_%d.csv", i);
		snprintf(path, sizeof(path), "%s/%s", out, name);
		file = fopen(path, "r");
		ck_assert_ptr_nonnull(file);
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
		for (; fgets(line, sizeof(line), file); p++) {
			char wanted[64];

			snprintf(wanted, sizeof(wanted), "0.%06d,%d\n", p,
				 i * 1000000 + p);
			ck_assert_str_eq(line, wanted);
		}
		ck_assert_int_eq(p, POINTS);
		fclose(file);
	}
}
END_TEST

START_TEST(a_full_disk_is_told_and_leaves_nothing_half)
{
	struct rlimit limit = {100000, RLIM_INFINITY}, before;
	struct figure *one;
	struct err err = {""};

	open_sheets();
	one = figure(&dots);
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	for (int i = 0; i < 100000; i++)
		dot(one, i, i);
	sheets_easel(sheets)->end(one, &(struct report_conn){.id = 0});
	setrlimit(RLIMIT_FSIZE, &before);
	ck_assert_int_eq(
	    sheets_finish(sheets, &(struct report_totals){0}, &err), -1);
	sheets_free(sheets);
	ck_assert_msg(strstr(err.text, "File too large") != NULL, "%s",
		      err.text);
	ck_assert_int_eq(files(), 0);
}
END_TEST

START_TEST(a_directory_that_cannot_be)
{
	struct err err = {""};

	options.directory = "/dev/null/x";
	ck_assert_ptr_null(sheets_new(&options, &err));
	ck_assert_str_eq(err.text, "/dev/null/x: Not a directory");
}
END_TEST

/* Files, with one thread or with two. */
static TCase *files_case(const char *name, void (*setup)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, files_have_names_and_content);
	tcase_add_test(tcase, relative_times);
	tcase_add_test(tcase, what_is_not_kept_is_not_there);
	tcase_add_test(tcase, long_figures);
	tcase_add_test(tcase, a_full_disk_is_told_and_leaves_nothing_half);
	tcase_add_test(tcase, a_directory_that_cannot_be);
	return tcase;
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("sheets");
	TCase *tcase = tcase_create("numbers");

	tcase_add_test(tcase, numbers);
	tcase_add_test(tcase, points_on_the_way);
	tcase_add_test(tcase, numbers_of_all_lengths);
	tcase_add_test(tcase, eight_digits);
	tcase_add_test(tcase, numbers_again);
	tcase_add_test(tcase, numbers_at_edges);
	tcase_add_test(tcase, numbers_have_room);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, files_case("sheets", begin));
	suite_add_tcase(suite, files_case("sheets of a thread", begin_apart));
	return suite;
}
