/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports: blocks in order of id whatever order they come in, spreads, what is
 * unknown, and the most findings there are.
 */
#include "report/report.h"
#include "report/spool.h"

#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Spool.
 */
static struct err err;
static char *text; /* what was written so far, after written() */
static size_t text_size;
static FILE *out;

static void begin(void)
{
	out = open_memstream(&text, &text_size);
	ck_assert_ptr_nonnull(out);
}

static void end(void)
{
	fclose(out);
	free(text);
}

static const char *written(void)
{
	fflush(out);
	return text;
}

static void put(struct spool *spool, uint64_t id, const char *block)
{
	fputs(block, spool_begin(spool, id));
	ck_assert_int_eq(spool_end(spool, &err), 0);
}

START_TEST(in_order)
{
	struct spool *spool = spool_new(out, false);

	put(spool, 0, "a");
	ck_assert_str_eq(written(), "a");
	put(spool, 1, "");
	put(spool, 2, "bc");
	ck_assert_str_eq(written(), "abc");
	ck_assert_int_eq(spool_flush(spool, NULL, &err), 0);
	ck_assert_str_eq(written(), "abc");
	spool_free(spool);
}
END_TEST

START_TEST(reverse)
{
	struct spool *spool = spool_new(out, false);

	put(spool, 3, "dddd");
	put(spool, 2, "");
	put(spool, 1, "bb");
	ck_assert_str_eq(written(), "");
	put(spool, 0, "a");
	ck_assert_str_eq(written(), "abbdddd");
	put(spool, 4, "e");
	ck_assert_str_eq(written(), "abbdddde");
	spool_free(spool);
}
END_TEST

/* A shorter block shows nothing of a longer one before it. */
START_TEST(shorter)
{
	struct spool *spool = spool_new(out, false);

	put(spool, 0, "longer block");
	put(spool, 1, "x");
	put(spool, 3, "longer block");
	put(spool, 2, "y");
	put(spool, 4, "");
	ck_assert_str_eq(written(), "longer blockxylonger block");
	spool_free(spool);
}
END_TEST

/* Ids that never come do not hold back the others in the end. */
START_TEST(missing)
{
	struct spool *spool = spool_new(out, false);

	put(spool, 5, "f");
	put(spool, 2, "c");
	put(spool, 0, "a");
	ck_assert_str_eq(written(), "a");
	ck_assert_int_eq(spool_flush(spool, NULL, &err), 0);
	ck_assert_str_eq(written(), "acf");
	spool_free(spool);
}
END_TEST

START_TEST(held)
{
	struct spool *spool = spool_new(out, true);

	put(spool, 1, "b");
	put(spool, 0, "a");
	put(spool, 2, "");
	put(spool, 4, "e");
	put(spool, 3, "d");
	ck_assert_str_eq(written(), "");
	ck_assert_int_eq(spool_flush(spool, ", ", &err), 0);
	ck_assert_str_eq(written(), "a, b, d, e");
	spool_free(spool);
}
END_TEST

/* Blocks in any order among their neighbours, more than the temporary file's
 * stream takes at once, so that it is read and written by turns and used again.
 */
#define DISORDER 6000
#define NEAR	 40

static const char *block_text(unsigned id, char *block, size_t size)
{
	size_t n = id % 7 ? id * 131 % size : 0;

	memset(block, 'a' + (int)(id % 26), n);
	block[n] = '\0';
	return block;
}

START_TEST(any_order)
{
	bool hold = _i;
	struct spool *spool = spool_new(out, hold);
	char block[1500];
	const char *at;

	for (unsigned i = 0; i < DISORDER; i++) {
		/* 17 has no factor with NEAR. */
		unsigned id = i / NEAR * NEAR + (i * 17 + i / NEAR) % NEAR;

		put(spool, id, block_text(id, block, sizeof(block)));
	}
	ck_assert_int_eq(spool_flush(spool, NULL, &err), 0);
	at = written();
	for (unsigned i = 0; i < DISORDER; i++) {
		size_t n = strlen(block_text(i, block, sizeof(block)));

		ck_assert_msg(!strncmp(at, block, n), "block %u", i);
		at += n;
	}
	ck_assert_str_eq(at, "");
	spool_free(spool);
}
END_TEST

/* Empty ones at either end, and nothing at all. */
START_TEST(held_empty)
{
	struct spool *spool = spool_new(out, true);

	ck_assert_int_eq(spool_flush(spool, ", ", &err), 0);
	ck_assert_str_eq(written(), "");
	put(spool, 0, "");
	put(spool, 1, "b");
	put(spool, 2, "");
	put(spool, 3, "");
	ck_assert_int_eq(spool_flush(spool, ", ", &err), 0);
	ck_assert_str_eq(written(), "b");
	spool_free(spool);
	spool_free(NULL);
}
END_TEST

#define BLOCKS 2000

/* Any order, now and then a large block. */
static void check_random(uint64_t seed, bool hold)
{
	struct spool *spool = spool_new(out, hold);
	static uint32_t order[BLOCKS];
	uint64_t state = seed;
	const char *at;

	for (uint32_t i = 0; i < BLOCKS; i++)
		order[i] = i;
	for (uint32_t i = BLOCKS - 1; i > 0; i--) {
		uint32_t k, was = order[i];

		state = state * 6364136223846793005u + 1442695040888963407u;
		/* Nearby for some seeds, anywhere for others. */
		k = (uint32_t)(state >> 33) % (seed & 1 ? i + 1 : 10);
		k = seed & 1 ? k : i < k ? 0 : i - k;
		order[i] = order[k];
		order[k] = was;
	}
	for (uint32_t i = 0; i < BLOCKS; i++) {
		uint32_t id = order[i];
		FILE *block = spool_begin(spool, id);

		if (id % 7)
			fprintf(block, "<%u", id);
		if (id % 500 == 1)
			for (int k = 0; k < 50000; k++)
				fputc('.', block);
		if (id % 7)
			fputc('>', block);
		ck_assert_int_eq(spool_end(spool, &err), 0);
	}
	ck_assert_int_eq(spool_flush(spool, NULL, &err), 0);
	at = written();
	for (uint32_t id = 0; id < BLOCKS; id++) {
		char wanted[20];
		int size = snprintf(wanted, sizeof(wanted), "<%u", id);

		if (id % 7) {
			ck_assert(!strncmp(at, wanted, (size_t)size));
			at += size;
		}
		if (id % 500 == 1) {
			ck_assert_uint_eq(strspn(at, "."), 50000);
			at += 50000;
		}
		if (id % 7)
			ck_assert_int_eq(*at++, '>');
	}
	ck_assert_int_eq(*at, '\0');
	spool_free(spool);
}

START_TEST(random_order)
{
	check_random((uint64_t)_i / 2, _i & 1);
}
END_TEST

/*
 * Figures.
 */
START_TEST(spread)
{
	struct report_spread s = {0};

	ck_assert(isnan(report_spread_mean(&s)));
	report_spread_add(&s, 3);
	ck_assert_double_eq(report_spread_mean(&s), 3);
	report_spread_add(&s, -1);
	report_spread_add(&s, 4);
	ck_assert_uint_eq(s.samples, 3);
	ck_assert_double_eq(s.min, -1);
	ck_assert_double_eq(s.max, 4);
	ck_assert_double_eq(report_spread_mean(&s), 2);
}
END_TEST

START_TEST(goodput)
{
	struct report_data data = {
	    .bytes_acked = 5000,
	    .first_data = 10 * NSTIME_SECOND,
	    .last_data_ack = 12 * NSTIME_SECOND,
	};

	ck_assert_double_eq(report_goodput(&data), 2500);
	data.bytes_acked = 0;
	ck_assert_double_eq(report_goodput(&data), 0);
	data.bytes_acked = REPORT_UNKNOWN;
	ck_assert(isnan(report_goodput(&data)));
	data.bytes_acked = 5000;
	data.last_data_ack = NSTIME_NONE;
	ck_assert(isnan(report_goodput(&data)));
	data.last_data_ack = data.first_data;
	ck_assert(isnan(report_goodput(&data)));
	data.last_data_ack = data.first_data - 1;
	ck_assert(isnan(report_goodput(&data)));
	data.first_data = NSTIME_NONE;
	ck_assert(isnan(report_goodput(&data)));
	data.first_data = data.last_data_ack = NSTIME_NONE;
	ck_assert(isnan(report_goodput(&data)));
}
END_TEST

/* Nothing is known of a connection that nothing was seen of. */
START_TEST(unknown)
{
	struct report_conn conn;

	report_conn_init(&conn);
	ck_assert_int_eq(conn.version, -1);
	ck_assert_int_eq(conn.first, NSTIME_NONE);
	ck_assert_int_eq(conn.last, NSTIME_NONE);
	for (int side = 0; side < 2; side++)
		ck_assert(isnan(report_goodput(&conn.data[side])));
	report_conn_clear(&conn);
}
END_TEST

START_TEST(subflows)
{
	struct report_conn conn;

	report_conn_init(&conn);
	report_subflow(&conn, 7)->backup = true;
	ck_assert_uint_eq(conn.n_subflows, 8);
	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(report_subflow(&conn, i)->id, i);
		ck_assert_int_eq(report_subflow(&conn, i)->backup, i == 7);
	}
	ck_assert_uint_eq(conn.n_subflows, 8);
	report_conn_clear(&conn);
}
END_TEST

/* A copy of a report lasts longer than who had its counts. */
START_TEST(kept)
{
	uint64_t options[OPTION_COUNTS] = {[COUNT_DSS] = 7};
	struct report_conn conn, copy;

	report_conn_init(&conn);
	conn.options[SERVER] = options;
	report_subflow(&conn, 0);
	report_finding(&conn, NOTE, "code", 1, 2, "text");
	copy = conn;
	report_conn_keep(&copy);
	report_conn_moved(&conn);
	options[COUNT_DSS] = 8;
	ck_assert_uint_eq(copy.options[SERVER][COUNT_DSS], 7);
	ck_assert_uint_eq(copy.options[CLIENT][COUNT_DSS], 0);
	report_conn_keep(&copy);
	ck_assert_uint_eq(copy.options[SERVER][COUNT_DSS], 7);
	ck_assert_uint_eq(conn.n_subflows, 0);
	ck_assert_uint_eq(conn.n_findings, 0);
	report_conn_clear(&conn);
	ck_assert_str_eq(copy.findings[0].text, "text");
	ck_assert_int_eq(copy.subflows[0].id, 0);
	report_conn_clear(&copy);
}
END_TEST

START_TEST(findings)
{
	static char longer[2000];
	struct report_conn conn;

	memset(longer, 'x', sizeof(longer) - 1);
	report_conn_init(&conn);
	report_finding(&conn, ERROR, "code", 7, 8, "%s", longer);
	ck_assert_ptr_nonnull(conn.findings[0].text);
	ck_assert(!strncmp(conn.findings[0].text, longer, 100));
	for (int i = 1; i < REPORT_FINDINGS_MAX + 50; i++)
		report_finding(&conn, NOTE, "other", (uint64_t)i, 9, "no. %d",
			       i);
	ck_assert_uint_eq(conn.n_findings, REPORT_FINDINGS_MAX);
	ck_assert_uint_eq(conn.findings_lost, 50);
	ck_assert_int_eq(conn.findings[0].severity, ERROR);
	ck_assert_str_eq(conn.findings[0].code, "code");
	ck_assert_uint_eq(conn.findings[0].packet, 7);
	ck_assert_int_eq(conn.findings[0].time, 8);
	ck_assert_str_eq(conn.findings[999].text, "no. 999");
	report_conn_clear(&conn);
}
END_TEST

/*
 * The place that somebody lends a report for its first subflow.
 */
START_TEST(lent)
{
	struct report_subflow place = {0};
	struct report_conn conn;

	report_conn_init(&conn);
	conn.alone = &place;
	ck_assert_ptr_eq(report_subflow(&conn, 0), &place);
	place.flow_serial = 7;
	ck_assert_int_eq(report_subflow(&conn, 2)->id, 2);
	ck_assert_ptr_ne(conn.subflows, &place);
	ck_assert_uint_eq(conn.subflows[0].flow_serial, 7);
	ck_assert_int_eq(conn.subflows[1].id, 1);
	ck_assert_uint_eq(conn.subflows[1].flow_serial, 0);
	report_conn_clear(&conn);
}
END_TEST

START_TEST(lent_no_longer)
{
	struct report_subflow place = {0};
	struct report_conn conn;

	report_conn_init(&conn);
	conn.alone = &place;
	report_subflow(&conn, 0)->flow_serial = 7;
	report_conn_keep(&conn);
	memset(&place, -1, sizeof(place));
	ck_assert_uint_eq(conn.n_subflows, 1);
	ck_assert_uint_eq(conn.subflows[0].flow_serial, 7);
	report_conn_clear(&conn);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *tcase = tcase_create("spool");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, in_order);
	tcase_add_test(tcase, reverse);
	tcase_add_test(tcase, shorter);
	tcase_add_test(tcase, missing);
	tcase_add_test(tcase, held);
	tcase_add_loop_test(tcase, any_order, 0, 2);
	tcase_add_test(tcase, held_empty);
	tcase_add_loop_test(tcase, random_order, 0, 8);
	tcase_set_timeout(tcase, 60); /* under valgrind, say */
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("figures");
	tcase_add_test(tcase, spread);
	tcase_add_test(tcase, goodput);
	tcase_add_test(tcase, unknown);
	tcase_add_test(tcase, subflows);
	tcase_add_test(tcase, lent);
	tcase_add_test(tcase, lent_no_longer);
	tcase_add_test(tcase, kept);
	tcase_add_test(tcase, findings);
	suite_add_tcase(suite, tcase);
	return suite;
}
