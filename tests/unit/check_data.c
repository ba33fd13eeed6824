/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracker on data: mappings and the payload they resolve, what was sent
 * before and by whom, DATA_ACKs, DATA_FIN, wraps. The language is explained in
 * talk.h.
 */
#include "talk.h"

#include <stdio.h>

static const struct conn_half *client(void)
{
	return &talk_conn(0)->half[CLIENT];
}

/*
 * A mapping is not a packet.
 */
START_TEST(two_mappings_in_a_segment)
{
	talk_established();
	TALK("0 c 0+200 map:0:0:100 map:100:100:100",
	     "0 c 200+200 map:200:200:100 map:500:300:100");
	HEARD("data c0 0-100 new", "data c0 100-200 new", "data c0 200-300 new",
	      "data c0 500-600 new ahead");
	ck_assert_uint_eq(client()->mappings, 4);
	ck_assert_uint_eq(client()->options[COUNT_DSS_MAP], 2);
}
END_TEST

/* A segment of more mappings than any honest one. */
START_TEST(mappings_by_the_hundred)
{
	enum { MOST = 1024 };
	static char told[MOST + 1][40];
	const char *lines[MOST + 2] = {0};
	char line[80];

	talk_established();
	for (int i = 0; i <= MOST; i++) {
		snprintf(line, sizeof(line), "0 c at:0 map:%d:%d:1", i * 2, i);
		TALK(line);
		snprintf(told[i], sizeof(told[i]), "data c0 %d-%d new%s", i * 2,
			 i * 2 + 1, i ? " ahead" : "");
		lines[i] = told[i];
	}
	talk_forget();
	snprintf(line, sizeof(line), "0 c 0+%d", MOST + 1);
	TALK(line);
	snprintf(told[MOST], sizeof(told[MOST]), "unmapped c0 %d-%d", MOST,
		 MOST + 1);
	heard_lines(lines, __FILE__, __LINE__);
	ck_assert_uint_eq(
	    talk_conn(0)->subflows[0]->half[CLIENT].stream.skipped, 1);
}
END_TEST

static void check_24_segments(bool repeated)
{
	char line[80];

	talk_established();
	for (int i = 0; i < 24; i++) {
		snprintf(line, sizeof(line), "0 c %d+1000%s", i * 1000,
			 repeated || !i ? " map:0:0:24000 ack:0" : "");
		TALK(line);
		snprintf(line, sizeof(line), "data c0 %d-%d new", i * 1000,
			 i * 1000 + 1000);
		HEARD(line);
	}
	ck_assert_uint_eq(client()->mappings, 1);
	ck_assert_uint_eq(client()->options[COUNT_DSS_MAP], repeated ? 24 : 1);
	TALK("0 s ack:24000");
	HEARD("acked c 24000 rtt 1");
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 24000);
}

START_TEST(repeated_mapping)
{
	check_24_segments(true);
}
END_TEST

START_TEST(long_mapping)
{
	check_24_segments(false);
}
END_TEST

START_TEST(segment_over_two_mappings)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:150", "0 c 100+100 map:150:150:150",
	     "0 c 200+100");
	HEARD("data c0 0-100 new", "data c0 100-150 new", "data c0 150-200 new",
	      "data c0 200-300 new");
}
END_TEST

/* Data ahead of its mapping is what it was when it was sent. */
START_TEST(late_mapping)
{
	talk_established();
	TALK("0 c 0+100", "0 c 100+100");
	HEARD_NOTHING;
	TALK("0 c 200+100 map:0:0:300 ack:0", "0 s ack:300");
	HEARD("-2 data c0 0-100 new", "-1 data c0 100-200 new",
	      "data c0 200-300 new", "acked c 300 rtt 1");
}
END_TEST

START_TEST(late_mapping_of_a_part)
{
	talk_established();
	TALK("0 c 0+100", "0 c 100+100 map:50:50:150", "0 c map:0:0:50");
	HEARD("-1 data c0 50-100 new ahead", "data c0 100-200 new",
	      "-2 data c0 0-50 late");
}
END_TEST

START_TEST(mapping_without_payload)
{
	talk_established();
	TALK("0 c map:0:0:100", "0 c 0+100");
	HEARD("data c0 0-100 new");
}
END_TEST

START_TEST(extended_mapping)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:0:0:300",
	     "0 c 200+100 map:50:50:250");
	HEARD("data c0 0-100 new", "data c0 100-200 new",
	      "data c0 200-300 new");
}
END_TEST

START_TEST(contradiction)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:500:50:150");
	HEARD("data c0 0-100 new", "conflict c0 500-650");
	ck_assert_uint_eq(client()->mappings, 1);
	talk_finish("1 1 0 0 0");
	HEARD("unmapped c0 100-200", "close established");
}
END_TEST

/* SSN 0 is that of the SYN: no payload can have it. */
START_TEST(ssn_before_first_byte)
{
	talk_established();
	TALK("0 c 0+100 map:0:-1:100");
	HEARD("conflict c0 0-100");
}
END_TEST

START_TEST(garbage_dsn)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 ack:0",
	     "0 c 100+100 map:35184372088832:100:100",
	     "0 c 200+100 map:-1000000:200:100",
	     "0 c 300+100 map:100:300:100 ack:0", "0 s ack:35184372088832",
	     "0 s ack:200");
	HEARD("data c0 0-100 new", "conflict c0 35184372088832-35184372088932",
	      "conflict c0 -1000000--999900", "data c0 100-200 new",
	      "acked c 200 rtt 2");
	ck_assert_int_eq(client()->stream.sent, 200);
	talk_finish("1 1 0 0 0");
	HEARD("-4 unmapped c0 100-200", "-3 unmapped c0 200-300",
	      "close established");
}
END_TEST

/*
 * Sent before?
 */
START_TEST(retransmission)
{
	talk_hear_tcp();
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 map:0:0:100", "0 c 50+100",
	     "0 s tcpack:150 ack:100");
	HEARD("tcp c0 0-100 new", "data c0 0-100 new",
	      "tcp c0 0-100 again 0 -1", "data c0 0-100 again 0 -1",
	      "tcp c0 50-100 again 0 -2", "data c0 50-100 again 0 -2",
	      "tcp c0 100-150 new", "acked c 100", "tcpacked c0 150");
}
END_TEST

static void check_waits(uint64_t since, uint64_t fresh)
{
	const struct subflow_half *half =
	    &talk_conn(0)->subflows[0]->half[CLIENT];

	ck_assert(half->fresh == talk.times[fresh]);
	ck_assert(half->waits_since ==
		  (since ? talk.times[since] : NSTIME_NONE));
	if (since)
		ck_assert_uint_eq(half->waits_frame, since);
}

/* Since when does payload wait, and when came what was not sent again? */
START_TEST(waits)
{
	uint64_t before;

	talk_established();
	before = talk.frame;
	ck_assert(talk_conn(0)->subflows[0]->half[CLIENT].fresh == NSTIME_NONE);
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "0 c 0+100 map:0:0:100");
	check_waits(before + 1, before + 2);
	TALK("0 s tcpack:100 ack:100");
	check_waits(before + 4, before + 2);
	TALK("0 s tcpack:200 ack:200");
	check_waits(0, before + 2);
	TALK("0 c 0+100 map:0:0:100");
	check_waits(0, before + 2);
	TALK("0 c 200+100 map:200:200:100", "0 c 300+100 map:300:300:100");
	check_waits(before + 7, before + 8);
}
END_TEST

START_TEST(reinjection)
{
	talk_hear_tcp();
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100", "1 s ack:100",
	     "0 s ack:100");
	HEARD("tcp c0 0-100 new", "data c0 0-100 new", "tcp c1 0-100 new",
	      "data c1 0-100 reinjected 0 -1", "acked c 100",
	      "tcpacked c1 100 rtt 1", "tcpacked c0 100 rtt 3");
}
END_TEST

START_TEST(reinjection_after_ack)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "0 s ack:100", "1 c 0+100 map:0:0:100");
	HEARD("data c0 0-100 new", "acked c 100 rtt 1",
	      "data c1 0-100 reinjected 0 -2 acked");
}
END_TEST

START_TEST(reinjection_of_parts)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:50:0:100",
	     "0 c 100+10 map:145:100:10");
	HEARD("data c0 0-100 new", "data c1 50-100 reinjected 0 -1",
	      "data c1 100-150 new", "data c0 145-150 reinjected 1 -1",
	      "data c0 150-155 new");
}
END_TEST

START_TEST(overlap_on_both_sides)
{
	talk_established();
	talk_joined(1);
	talk_joined(2);
	TALK("0 c 0+100 map:100:0:100", "2 c 0+50 map:200:0:50",
	     "1 c 0+300 map:0:0:300");
	HEARD("data c0 100-200 new ahead", "data c2 200-250 new",
	      "data c1 0-100 late", "data c1 100-200 reinjected 0 -2",
	      "data c1 200-250 reinjected 2 -1", "data c1 250-300 new");
}
END_TEST

/* TCP sends again what was a reinjection. */
START_TEST(reinjection_retransmitted)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100", "1 c 0+100");
	HEARD("data c0 0-100 new", "data c1 0-100 reinjected 0 -1",
	      "data c1 0-100 again 0 -2");
}
END_TEST

/* New subflow bytes for the same data on the same subflow. */
START_TEST(same_data_mapped_again)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:0:100:100");
	HEARD("data c0 0-100 new", "data c0 0-100 again 0 -1");
}
END_TEST

START_TEST(hole)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:200:0:100",
	     "1 c 100+100 map:300:100:100", "0 c 100+100 map:100:100:100",
	     "0 s ack:400");
	HEARD("data c0 0-100 new", "data c1 200-300 new ahead",
	      "data c1 300-400 new", "data c0 100-200 late",
	      "acked c 400 rtt 1");
}
END_TEST

/* A TCP hole is no hole of the data. */
START_TEST(tcp_hole)
{
	talk_hear_tcp();
	talk_established();
	TALK("0 c 100+100 map:0:0:200", "0 c 0+100 map:0:0:200");
	HEARD("tcp c0 100-200 new ahead", "data c0 100-200 new ahead",
	      "tcp c0 0-100 late", "data c0 0-100 late");
}
END_TEST

START_TEST(both_sides)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100 ack:0", "1 s 0+100 map:0:0:100 ack:0",
	     "0 s 0+100 map:0:0:100 ack:100", "1 c ack:100");
	HEARD("data c0 0-100 new", "data s1 0-100 new", "acked c 100 rtt 2",
	      "data s0 0-100 reinjected 1 -1", "acked s 100");
}
END_TEST

/*
 * Numbers.
 */
#define LOW_WRAPS 0x3a61 /* IDSN 0xa4e7b27cffff9c5a: wraps after 25509 */

static void check_dsn_wraps(const char *map, const char *ack)
{
	char line[3][80];

	talk_keys(0, 1, LOW_WRAPS, 8);
	talk_established();
	snprintf(line[0], sizeof(line[0]), "0 c 0+20000 %s:0:0:20000", map);
	snprintf(line[1], sizeof(line[1]),
		 "0 c 20000+20000 %s:20000:20000:20000", map);
	snprintf(line[2], sizeof(line[2]), "0 s %s:40000", ack);
	TALK(line[0], "0 s ack4:20000", line[1], line[2],
	     "0 c 40000+1000 map4:40000:40000:1000", "0 s ack4:41000");
	HEARD("data c0 0-20000 new", "acked c 20000 rtt 1",
	      "data c0 20000-40000 new", "acked c 40000 rtt 1",
	      "data c0 40000-41000 new", "acked c 41000 rtt 1");
}

START_TEST(dsn_wraps)
{
	check_dsn_wraps("map4", "ack4");
}
END_TEST

START_TEST(dsn_wraps_mixed)
{
	check_dsn_wraps("map", "ack4");
}
END_TEST

START_TEST(dsn_wraps_mixed_otherwise)
{
	check_dsn_wraps("map4", "ack");
}
END_TEST

START_TEST(dsn_wraps_fin)
{
	talk_keys(0, 1, LOW_WRAPS, 8);
	talk_established();
	TALK("0 c 0+25509 map4:0:0:25509", "0 c fin4:25509", "0 s ack4:25510");
	HEARD("data c0 0-25509 new", "data-fin c 25509", "acked c 25510 rtt 2");
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 25509);
}
END_TEST

/* Of the subflow: after 4 GiB, most of which the capture has missed. */
START_TEST(ssn_wraps)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100",
	     "0 c 1500000000+100 map4:1500000000:1500000000:100",
	     "0 c 3000000000+100 map4:3000000000:3000000000:100",
	     "0 c 4294967200+200 map4:4294967200:4294967200:200",
	     "0 c 4294967400+100 map4:4294967400:4294967400:100");
	HEARD("data c0 0-100 new", "data c0 1500000000-1500000100 new ahead",
	      "data c0 3000000000-3000000100 new ahead",
	      "data c0 4294967200-4294967400 new ahead",
	      "data c0 4294967400-4294967500 new");
}
END_TEST

START_TEST(tcp_wraps)
{
	talk.path[0].isn[CLIENT] = 0xffffffce; /* wraps after 49 octets */
	talk_hear_tcp();
	talk_established();
	TALK("0 c 0+40 map:0:0:100", "0 c 40+60", "0 s ack:100",
	     "0 c 100+10 map:100:100:10", "0 s ack:110", "0 c 0+40");
	HEARD("tcp c0 0-40 new", "data c0 0-40 new", "tcp c0 40-100 new",
	      "data c0 40-100 new", "acked c 100 rtt 1",
	      "tcpacked c0 100 rtt 1", "tcp c0 100-110 new",
	      "data c0 100-110 new", "acked c 110 rtt 1",
	      "tcpacked c0 110 rtt 1", "tcp c0 0-40 again ? acked",
	      "data c0 0-40 again 0 -5 acked");
}
END_TEST

/*
 * DATA_ACK and DATA_FIN.
 */
START_TEST(data_ack_on_other_subflow)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "1 s ack4:50", "0 s ack4:50",
	     "0 s ack4:20", "1 s ack:100");
	HEARD("data c0 0-100 new", "acked c 50", "acked c 100 rtt 4");
}
END_TEST

START_TEST(data_fin_alone)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100 ack:0", "0 c fin:100 ack:0",
	     "1 c fin:100 ack:0", "1 s fin:0 ack:101", "0 s fin:0 ack:101",
	     "1 c ack:1");
	HEARD("data c0 0-100 new", "data-fin c 100", "data-fin s 0",
	      "acked c 101 rtt 3", "acked s 1");
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 100);
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), SERVER), 0);
	ck_assert_uint_eq(client()->options[COUNT_DATA_FIN], 2);
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_CLOSED);
}
END_TEST

/* The length of the mapping has one for it, the payload has not. */
START_TEST(data_fin_with_data)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 fin ack:0",
	     "0 s 0+10 map:0:0:10 fin ack:101", "0 c ack:11");
	HEARD("data-fin c 100", "data c0 0-100 new", "data-fin s 10",
	      "acked c 101 rtt 1", "data s0 0-10 new", "acked s 11 rtt 1");
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 100);
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), SERVER), 10);
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_CLOSED);
	TALK("0 c FA ack:11", "0 s FA ack:101");
	HEARD("end 0 closed");
	talk_finish("1 1 0 0 0");
	HEARD("close closed");
}
END_TEST

/* One way only: it still goes on. */
START_TEST(data_fin_one_way)
{
	talk_established();
	TALK("0 c fin:0 ack:0", "0 s ack:1", "0 s 0+100 map:0:0:100 ack:1",
	     "0 c ack:100");
	HEARD("data-fin c 0", "acked c 1", "data s0 0-100 new",
	      "acked s 100 rtt 1");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("data");
	TCase *tcase = talk_case("mapping");

	tcase_add_test(tcase, two_mappings_in_a_segment);
	tcase_add_test(tcase, mappings_by_the_hundred);
	tcase_add_test(tcase, repeated_mapping);
	tcase_add_test(tcase, long_mapping);
	tcase_add_test(tcase, segment_over_two_mappings);
	tcase_add_test(tcase, late_mapping);
	tcase_add_test(tcase, late_mapping_of_a_part);
	tcase_add_test(tcase, mapping_without_payload);
	tcase_add_test(tcase, extended_mapping);
	tcase_add_test(tcase, contradiction);
	tcase_add_test(tcase, ssn_before_first_byte);
	tcase_add_test(tcase, garbage_dsn);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("sent");
	tcase_add_test(tcase, retransmission);
	tcase_add_test(tcase, waits);
	tcase_add_test(tcase, reinjection);
	tcase_add_test(tcase, reinjection_after_ack);
	tcase_add_test(tcase, reinjection_of_parts);
	tcase_add_test(tcase, overlap_on_both_sides);
	tcase_add_test(tcase, reinjection_retransmitted);
	tcase_add_test(tcase, same_data_mapped_again);
	tcase_add_test(tcase, hole);
	tcase_add_test(tcase, tcp_hole);
	tcase_add_test(tcase, both_sides);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("numbers");
	tcase_add_test(tcase, dsn_wraps);
	tcase_add_test(tcase, dsn_wraps_mixed);
	tcase_add_test(tcase, dsn_wraps_mixed_otherwise);
	tcase_add_test(tcase, dsn_wraps_fin);
	tcase_add_test(tcase, ssn_wraps);
	tcase_add_test(tcase, tcp_wraps);
	tcase_add_test(tcase, data_ack_on_other_subflow);
	tcase_add_test(tcase, data_fin_alone);
	tcase_add_test(tcase, data_fin_with_data);
	tcase_add_test(tcase, data_fin_one_way);
	suite_add_tcase(suite, tcase);
	return suite;
}
