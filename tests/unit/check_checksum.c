/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracker on DSS checksums (RFC 8684 section 3.3.1), which talk.c computes
 * in its own way. The language is explained in talk.h.
 */
#include "talk.h"

#include <stdio.h>

static void established(void)
{
	TALK("0 c S capable flags:81", "0 s SA capable flags:81",
	     "0 c capable flags:81", "0 s ack:0", "0 c ack:0");
	talk_forget();
	ck_assert(talk_conn(0)->checksum);
}

static void check_counts(enum side side, unsigned mappings, unsigned ok,
			 unsigned bad)
{
	const struct conn_half *half = &talk_conn(0)->half[side];

	ck_assert_uint_eq(half->mappings, mappings);
	ck_assert_uint_eq(half->checksum_ok, ok);
	ck_assert_uint_eq(half->checksum_bad, bad);
}

START_TEST(good)
{
	established();
	TALK("0 c 0+100 map:0:0:100 sum ack:0",
	     "0 c 100+77 map4:100:100:77 sum ack:0", "0 s 0+1 map:0:0:1 sum");
	HEARD("data c0 0-100 new", "data c0 100-177 new", "data s0 0-1 new");
	check_counts(CLIENT, 2, 2, 0);
	check_counts(SERVER, 1, 1, 0);
}
END_TEST

START_TEST(good_0)
{
	talk_keys(0, 0, 7, 8);
	established();
	TALK("0 c 0+100 map4:0:0:100 sum ack4:0");
	check_counts(CLIENT, 1, 1, 0);
}
END_TEST

/* All 64 bits of the DSN count, also when 32 were sent. */
START_TEST(dsn_wraps)
{
	talk_keys(0, 1, 0x3a61, 8); /* IDSN 0xa4e7b27cffff9c5a */
	established();
	TALK("0 c 0+20000 map4:0:0:20000 sum",
	     "0 c 20000+20000 map4:20000:20000:20000 sum",
	     "0 c 40000+11 map4:40000:40000:11 sum");
	check_counts(CLIENT, 3, 3, 0);
}
END_TEST

START_TEST(bad)
{
	established();
	TALK("0 c 0+100 map:0:0:100 sum!", "0 c 100+10 map:100:100:10 sum");
	HEARD("checksum c0 0-100", "data c0 0-100 new", "data c0 100-110 new");
	check_counts(CLIENT, 2, 1, 1);
	/* Once is enough. */
	TALK("0 c 0+100 map:0:0:100 sum!");
	HEARD("data c0 0-100 again 0 -2");
	check_counts(CLIENT, 2, 1, 1);
}
END_TEST

/* Whatever way a mapping is cut into segments, and in any order. */
START_TEST(segments)
{
	static const int cuts[][4] = {
	    {100, 200, 300, 301}, {1, 2, 3, 301},	{33, 67, 99, 301},
	    {150, 151, 152, 301}, {299, 300, 301, 301}, {2, 151, 300, 301}};
	static const int orders[][4] = {
	    {0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
	int at = 0;
	unsigned n = 0;

	established();
	for (int c = 0; c < 6; c++)
		for (int o = 0; o < 4; o++, at += 301, n++)
			for (int i = 0; i < 4; i++) {
				int k = orders[o][i];
				int start = k ? cuts[c][k - 1] : 0;
				char line[80];

				if (start == cuts[c][k])
					continue;
				snprintf(line, sizeof(line),
					 "0 c %d+%d map:%d:%d:301 sum",
					 at + start, cuts[c][k] - start, at,
					 at);
				TALK(line);
			}
	check_counts(CLIENT, n, n, 0);
}
END_TEST

/* Sent again, with other borders. */
START_TEST(overlaps)
{
	established();
	TALK("0 c 0+33 map:0:0:100 sum", "0 c 0+67", "0 c 50+11",
	     "0 c 66+34 map:0:0:100 sum");
	HEARD("data c0 0-33 new", "data c0 0-33 again 0 -1",
	      "data c0 33-67 new", "data c0 50-61 again 0 -1",
	      "data c0 66-67 again 0 -2", "data c0 67-100 new");
	check_counts(CLIENT, 1, 1, 0);
}
END_TEST

/* The payload before its mapping. */
START_TEST(late_mapping)
{
	established();
	TALK("0 c 0+33", "0 c 33+33", "0 c 66+34 map:0:0:100 sum", "0 c 100+10",
	     "0 c 110+10 map:100:100:20 sum!");
	check_counts(CLIENT, 2, 1, 1);
}
END_TEST

START_TEST(segment_over_two_mappings)
{
	established();
	TALK("0 c 0+101 map:0:0:151 sum", "0 c 101+100 map:151:151:149 sum",
	     "0 c 201+99");
	check_counts(CLIENT, 2, 2, 0);
}
END_TEST

/* Not captured in full: nobody knows. */
START_TEST(cut)
{
	established();
	TALK("0 c 0+100 map:0:0:100 sum! cut:99", "0 c 100+100 cut:0",
	     "0 c 200+10 map:100:100:110 sum", "0 c 210+10 map:210:210:10 sum");
	check_counts(CLIENT, 3, 1, 0);
	HEARD("data c0 0-100 new", "-1 data c0 100-200 new",
	      "data c0 200-210 new", "data c0 210-220 new");
}
END_TEST

/* Never seen in full, likewise. */
START_TEST(part_missing)
{
	established();
	TALK("0 c 0+50 map:0:0:100 sum!", "0 c 100+50 map:100:100:50 sum");
	check_counts(CLIENT, 2, 1, 0);
}
END_TEST

START_TEST(reinjection)
{
	established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100 sum", "1 c 0+100 map:0:0:100 sum",
	     "1 c 100+10 map:100:100:10 sum!");
	HEARD("data c0 0-100 new", "data c1 0-100 reinjected 0 -1",
	      "checksum c1 100-110", "data c1 100-110 new");
	check_counts(CLIENT, 3, 2, 1);
}
END_TEST

/* Its length has one more for DATA_FIN, its payload has not. */
START_TEST(data_fin)
{
	established();
	TALK("0 c 0+99 map:0:0:99 fin sum", "0 c fin:99 sum", "0 s fin:0 sum",
	     "0 s fin:0 sum");
	check_counts(CLIENT, 2, 2, 0);
	check_counts(SERVER, 1, 1, 0);
}
END_TEST

START_TEST(data_fin_bad)
{
	established();
	TALK("0 c fin:0 sum!");
	check_counts(CLIENT, 1, 0, 1);
}
END_TEST

/* MP_CAPABLE with data: its mapping is implied. */
START_TEST(capable)
{
	TALK("0 c S capable flags:81", "0 s SA capable",
	     "0 c 0+60 capable:101 sum flags:81",
	     "0 c 60+41 capable:101 sum flags:81");
	check_counts(CLIENT, 1, 1, 0);
}
END_TEST

START_TEST(capable_bad)
{
	TALK("0 c S capable flags:81", "0 s SA capable",
	     "0 c 0+100 capable:100 sum! flags:81");
	check_counts(CLIENT, 1, 0, 1);
}
END_TEST

/* Not agreed on: what stands there means nothing. */
START_TEST(not_negotiated)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 sum!");
	HEARD("data c0 0-100 new");
	check_counts(CLIENT, 1, 0, 0);
}
END_TEST

/* An infinite mapping has a checksum of 0, which says nothing. */
START_TEST(infinite)
{
	established();
	TALK("0 c 0+100 map:0:0:100 sum", "0 c 100+100 inf:100:100",
	     "0 c 200+100");
	check_counts(CLIENT, 2, 1, 0);
	HEARD("data c0 0-100 new", "fallback client infinite-mapping",
	      "data c0 100-200 new", "data c0 200-300 new");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("checksum");
	TCase *tcase = talk_case("checksum");

	tcase_add_test(tcase, good);
	tcase_add_test(tcase, good_0);
	tcase_add_test(tcase, dsn_wraps);
	tcase_add_test(tcase, bad);
	tcase_add_test(tcase, segments);
	tcase_add_test(tcase, overlaps);
	tcase_add_test(tcase, late_mapping);
	tcase_add_test(tcase, segment_over_two_mappings);
	tcase_add_test(tcase, cut);
	tcase_add_test(tcase, part_missing);
	tcase_add_test(tcase, reinjection);
	tcase_add_test(tcase, data_fin);
	tcase_add_test(tcase, data_fin_bad);
	tcase_add_test(tcase, capable);
	tcase_add_test(tcase, capable_bad);
	tcase_add_test(tcase, not_negotiated);
	tcase_add_test(tcase, infinite);
	suite_add_tcase(suite, tcase);
	return suite;
}
