/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracker on connections whose handshake the capture has missed: what of
 * them can be tied together, and where their subflows begin. Data offsets then
 * count from the first DSN seen. The language is explained in talk.h.
 */
#include "talk.h"

/* A flow of unknown origin is no connection, and its options are counted. */
START_TEST(orphan)
{
	const struct tracker_counts *counts;

	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "0 s at:70 ack:7100",
	     "0 s prio:1");
	HEARD("open", "subflow 0 from client", "data c0 0-100 new",
	      "acked c 100 rtt 1", "priority s0 1");
	talk_finish("1 0 1 0 0");
	HEARD("close orphan");
	counts = tracker_counts(talk.tracker);
	ck_assert_uint_eq(counts->orphan_options[0][COUNT_DSS], 1);
	ck_assert_uint_eq(counts->orphan_options[0][COUNT_DSS_MAP], 1);
	ck_assert_uint_eq(counts->orphan_options[1][COUNT_DSS], 1);
	ck_assert_uint_eq(counts->orphan_options[1][COUNT_PRIO], 1);
	ck_assert_uint_eq(counts->mptcp_packets, 3);
}
END_TEST

/* By the first packet, where there is no SYN. */
START_TEST(orphan_of_server)
{
	TALK("0 s 0+10 map:0:0:10", "0 c ack:10");
	talk_finish("1 0 1 0 0");
	ck_assert_uint_eq(
	    tracker_counts(talk.tracker)->orphan_options[0][COUNT_DSS_MAP], 1);
}
END_TEST

/* Unrelated flows stay apart. */
START_TEST(orphans)
{
	talk.path[1].pair = 1;
	talk.path[2].pair = 2;
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100",
	     "2 s 0+100 map:0:0:100", "0 s ack:100", "1 s ack:100",
	     "2 c ack:100");
	talk_finish("3 0 3 0 0");
}
END_TEST

/* What two flows must have become that are one connection. */
static void check_tied(int64_t sent)
{
	const struct conn *conn = talk_conn(0);

	ck_assert(!conn->provisional);
	ck_assert(!conn->handshake_seen);
	ck_assert_uint_eq(conn->id, 0);
	ck_assert_uint_eq(conn->n_subflows, 2);
	ck_assert_int_eq(conn->half[CLIENT].stream.sent, sent);
	ck_assert_int_eq(conn_state(conn), CONN_ESTABLISHED);
}

/* Neighbouring DSNs: 64 bits do not meet by chance. */
START_TEST(tied_by_dsn)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0",
	     "1 c 300+100 map:7100:300:100 ack:0", "0 s at:7 ack:7200");
	HEARD("open", "subflow 0 from client", "data c0 0-100 new", "[1] open",
	      "[1] subflow 0 from client", "subflow 1 from client", "named 0",
	      "[1] close orphan", "data c1 100-200 new", "acked c 200 rtt 1");
	check_tied(200);
	talk_finish("2 2 0 0 0");
	HEARD("close established");
}
END_TEST

/* The second flow is first seen from the other end. */
START_TEST(tied_by_dsn_of_server)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0",
	     "1 s 300+100 map:0:300:100 ack:7100",
	     "1 c 300+100 map:7100:300:100 ack:100");
	check_tied(200);
	ck_assert_int_eq(talk_conn(0)->half[SERVER].stream.acked, 100);
	talk_finish("2 2 0 0 0");
}
END_TEST

START_TEST(tied_by_data_ack)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "1 s at:9 ack:7100",
	     "1 c 300+100 map4:7100:300:100 ack:0");
	check_tied(200);
	talk_finish("2 2 0 0 0");
}
END_TEST

/* Reinjection is noticed across tied flows. */
START_TEST(tied_reinjection)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0",
	     "1 c 300+200 map:7000:300:200 ack:0");
	HEARD("open", "subflow 0 from client", "data c0 0-100 new", "[1] open",
	      "[1] subflow 0 from client", "subflow 1 from client", "named 0",
	      "[1] close orphan", "data c1 0-100 reinjected 0 -1",
	      "data c1 100-200 new");
}
END_TEST

/* The new subflow is seen from its SYN on. */
START_TEST(tied_join)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "1 c S join",
	     "1 s SA join", "1 c join", "1 c 0+100 map:7100:0:100 ack:0",
	     "0 s at:7 ack:7200");
	check_tied(200);
	talk_finish("2 2 0 0 0");
}
END_TEST

/* Two joins of the same token belong together, whoever of them sends. */
START_TEST(joins_by_token)
{
	TALK("1 c S join", "2 c S join", "1 s SA join", "2 s SA join",
	     "1 c join", "2 c join", "1 c 0+10 map:0:0:10 ack:0",
	     "2 c 0+10 map:10:0:10 ack:0");
	HEARD("open", "subflow 0 from client", "subflow 1 from client",
	      "named 0", "data c0 0-10 new", "data c1 10-20 new");
	check_tied(20);
	talk_finish("2 2 0 0 0");
}
END_TEST

/* An accepted join alone is one, too. */
START_TEST(join_alone)
{
	TALK("1 c S join", "1 s SA join", "1 c join",
	     "1 c 0+10 map:0:0:10 ack:0", "1 s ack:10");
	HEARD("open", "subflow 0 from client", "named 0", "data c0 0-10 new",
	      "acked c 10 rtt 1");
	talk_finish("1 1 0 0 0");
}
END_TEST

/* A join from the server, though of a connection whose client is unknown:
 * whoever sends it, both ways are told apart. */
START_TEST(join_tied_to_orphan_from_server)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "1 s S join",
	     "1 c SA join", "1 s join", "1 s 0+50 map:0:0:50 ack:7100",
	     "0 c 5100+10 map:7100:5100:10 ack:50");
	check_tied(110);
	ck_assert_int_eq(talk_conn(0)->half[SERVER].stream.acked, 50);
	talk_finish("2 2 0 0 0");
}
END_TEST

/*
 * Where a subflow begins: SSNs count from its ISN, which nobody has seen.
 */
START_TEST(isn_from_whole_mapping)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0",
	     "0 c 5100+100 map:7100:5100:300", "0 c 5200+100", "0 c 5300+100");
	HEARD("open", "subflow 0 from client", "data c0 0-100 new",
	      "data c0 100-200 new", "data c0 200-300 new",
	      "data c0 300-400 new");
	ck_assert(talk_conn(0)->subflows[0]->half[CLIENT].isn_known);
	ck_assert_uint_eq(talk_conn(0)->subflows[0]->half[CLIENT].isn,
			  talk.path[0].isn[CLIENT]);
}
END_TEST

/* From the middle of a mapping on, which is repeated on each segment: the last
 * segment of it, then the first of the next, leave no choice. */
START_TEST(isn_from_parts)
{
	TALK("0 c 5100+100 map:7000:5000:300 ack:0",
	     "0 c 5200+100 map:7000:5000:300 ack:0");
	HEARD("open", "subflow 0 from client");
	TALK("0 c 5300+100 map:7300:5300:300 ack:0",
	     "0 c 5400+100 map:7300:5300:300 ack:0");
	HEARD("-2 data c0 100-200 new", "-1 data c0 200-300 new",
	      "data c0 300-400 new", "data c0 400-500 new");
	ck_assert_uint_eq(talk_conn(0)->subflows[0]->half[CLIENT].isn,
			  talk.path[0].isn[CLIENT]);
}
END_TEST

/* Nothing narrows it down: the best guess does in the end. */
START_TEST(isn_guessed)
{
	TALK("0 c 5000+100 map:7000:5000:300 ack:0", "0 c 5100+100",
	     "0 s at:9 ack:7000");
	HEARD("open", "subflow 0 from client");
	talk_finish("1 0 1 0 0");
	HEARD("-2 data c0 0-100 new", "-1 data c0 100-200 new", "close orphan");
}
END_TEST

/* Older data that comes after newer was never seen: it is late, not again. */
START_TEST(older_data)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0",
	     "0 c 4800+100 map:6800:4800:100 ack:0");
	HEARD("open", "subflow 0 from client", "data c0 0-100 new",
	      "data c0 -200--100 late");
}
END_TEST

/*
 * Numbers.
 */
START_TEST(dsn_wraps_at_64_bits)
{
	talk.pair[0].idsn[CLIENT] = UINT64_MAX - 100; /* DSN -100 is first */
	TALK("0 c 5000+80 map:0:5000:80 ack:0",
	     "1 c 300+100 map:80:300:100 ack:0",
	     "0 c 5080+20 map4:180:5080:20 ack4:0", "0 s at:7 ack:180",
	     "1 s at:7 ack4:200");
	HEARD("open", "subflow 0 from client", "data c0 0-80 new", "[1] open",
	      "[1] subflow 0 from client", "subflow 1 from client", "named 0",
	      "[1] close orphan", "data c1 80-180 new", "data c0 180-200 new",
	      "acked c 180 rtt 2", "acked c 200 rtt 2");
	check_tied(200);
}
END_TEST

/* The high half of the DSNs is not known at first. */
START_TEST(narrow_then_wide)
{
	TALK("0 c 5000+100 map4:7000:5000:100 ack4:0", "0 s at:9 ack4:7100",
	     "0 c 5100+100 map:7100:5100:100 ack:0",
	     "1 c 300+100 map:7200:300:100 ack:0");
	talk_forget();
	check_tied(300);
	TALK("0 s at:9 ack:7300");
	HEARD("acked c 300 rtt 1");
}
END_TEST

/* A third ACK that comes late gives it its keys and its name. */
START_TEST(named_by_third_ack)
{
	TALK("0 s 0+10 map:0:0:10", "0 c capable", "0 c 0+10 map:0:0:10 ack:10",
	     "0 s ack:10");
	ck_assert(!talk_conn(0)->provisional);
	ck_assert(talk_conn(0)->half[CLIENT].key_known);
	ck_assert_int_eq(talk_conn(0)->half[CLIENT].stream.acked, 10);
	talk_finish("1 1 0 0 0");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("midstream");
	TCase *tcase = talk_case("ties");

	tcase_add_test(tcase, orphan);
	tcase_add_test(tcase, orphan_of_server);
	tcase_add_test(tcase, orphans);
	tcase_add_test(tcase, tied_by_dsn);
	tcase_add_test(tcase, tied_by_dsn_of_server);
	tcase_add_test(tcase, tied_by_data_ack);
	tcase_add_test(tcase, tied_reinjection);
	tcase_add_test(tcase, tied_join);
	tcase_add_test(tcase, joins_by_token);
	tcase_add_test(tcase, join_alone);
	tcase_add_test(tcase, join_tied_to_orphan_from_server);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("numbers");
	tcase_add_test(tcase, isn_from_whole_mapping);
	tcase_add_test(tcase, isn_from_parts);
	tcase_add_test(tcase, isn_guessed);
	tcase_add_test(tcase, older_data);
	tcase_add_test(tcase, dsn_wraps_at_64_bits);
	tcase_add_test(tcase, narrow_then_wide);
	tcase_add_test(tcase, named_by_third_ack);
	suite_add_tcase(suite, tcase);
	return suite;
}
