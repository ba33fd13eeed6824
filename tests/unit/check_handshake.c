/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracker on MP_CAPABLE: handshakes of both versions, whole and with parts
 * missing, repeated or out of order; fallback; the same ports used again; the
 * ends of connections. The language is explained in talk.h.
 */
#include "talk.h"

#define OPENED "open", "named 0", "subflow 0 from client"

/* What a complete handshake must have left. */
static void check_complete(const struct conn *conn, int version)
{
	ck_assert_int_eq(conn->version, version);
	ck_assert(conn->handshake_seen && conn->accepted && conn->third_ack);
	ck_assert_int_eq(conn_state(conn), CONN_ESTABLISHED);
	ck_assert_int_eq(conn->fallback, FALLBACK_NONE);
	ck_assert(!conn->provisional);
	ck_assert_uint_eq(conn->n_subflows, 1);
	ck_assert(conn->subflows[0]->initial);
	ck_assert_int_eq(conn->subflows[0]->initiator, CLIENT);
	ck_assert_int_eq(conn->subflows[0]->state, SUBFLOW_ESTABLISHED);
	for (int side = 0; side < 2; side++) {
		const struct conn_half *half = &conn->half[side];

		ck_assert(endpoint_same(&half->end, &talk.path[0].end[side]));
		ck_assert(half->key_known && half->token_known);
		ck_assert_uint_eq(half->key, talk.pair[0].key[side]);
		ck_assert_uint_eq(half->token, talk.pair[0].token[side]);
		ck_assert_uint_eq(half->idsn, talk.pair[0].idsn[side]);
	}
}

/* Data both ways, as after any complete handshake; path 0 sent nothing yet. */
static void check_data(void)
{
	TALK("0 c 0+100 map:0:0:100 ack:0", "0 s ack:100",
	     "0 s 0+50 map:0:0:50 ack:100", "0 c ack:50");
	HEARD("data c0 0-100 new", "acked c 100 rtt 1", "data s0 0-50 new",
	      "acked s 50 rtt 1");
}

START_TEST(version_1)
{
	TALK("0 c S capable", "0 s SA capable", "0 c capable");
	HEARD(OPENED);
	check_complete(talk_conn(0), 1);
	ck_assert(!talk_conn(0)->checksum);
	check_data();
	talk_finish("1 1 0 0 0");
	HEARD("close established");
}
END_TEST

START_TEST(version_0)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable");
	HEARD(OPENED);
	ck_assert(talk_conn(0)->half[CLIENT].key_known);
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_HANDSHAKE);
	TALK("0 s SA capable", "0 c capable ack:0");
	HEARD_NOTHING;
	check_complete(talk_conn(0), 0);
	check_data();
}
END_TEST

/* The keys come back with the first data. */
START_TEST(data_in_third_packet)
{
	TALK("0 c S capable", "0 s SA capable", "0 c 0+100 capable:100");
	HEARD(OPENED, "data c0 0-100 new");
	check_complete(talk_conn(0), 1);
	TALK("0 s ack:100");
	HEARD("acked c 100 rtt 1");
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 100);
}
END_TEST

/* Segmentation below TCP repeats the option: still one mapping. */
START_TEST(data_repeats_capable)
{
	const struct conn_half *half;

	TALK("0 c S capable", "0 s SA capable", "0 c capable",
	     "0 c 0+100 capable:300", "0 c 100+100 capable:300",
	     "0 c 200+100 capable:300", "0 c 0+100 capable:300",
	     "0 c 300+100 map:300:300:100 ack:0");
	HEARD(OPENED, "data c0 0-100 new", "data c0 100-200 new",
	      "data c0 200-300 new", "data c0 0-100 again 0 -3",
	      "data c0 300-400 new");
	half = &talk_conn(0)->half[CLIENT];
	ck_assert_uint_eq(half->mappings, 2);
	ck_assert_uint_eq(half->options[COUNT_CAPABLE_ACK], 5);
	ck_assert_uint_eq(half->options[COUNT_DSS_MAP], 1);
}
END_TEST

/* Data of the server before the third ACK was seen. */
START_TEST(server_first)
{
	TALK("0 c S capable", "0 s SA capable", "0 s 0+50 map:0:0:50",
	     "0 c capable", "0 c ack:50");
	HEARD(OPENED, "data s0 0-50 new", "acked s 50 rtt 2");
	check_complete(talk_conn(0), 1);
}
END_TEST

/* The capture has missed a packet. */
START_TEST(syn_missing)
{
	TALK("0 s SA capable", "0 c capable");
	HEARD(OPENED);
	check_complete(talk_conn(0), 1);
	check_data();
}
END_TEST

START_TEST(synack_missing)
{
	TALK("0 c S capable", "0 c capable");
	HEARD(OPENED);
	check_complete(talk_conn(0), 1);
	check_data();
}
END_TEST

START_TEST(both_syns_missing)
{
	TALK("0 c capable");
	HEARD(OPENED);
	check_complete(talk_conn(0), 1);
	check_data();
}
END_TEST

/* Version 1: without the third ACK the client's key is unknown, so that its
 * data counts from the first DSN seen. */
START_TEST(third_ack_missing)
{
	TALK("0 c S capable", "0 s SA capable", "0 s ack:0");
	HEARD(OPENED);
	ck_assert(!talk_conn(0)->half[CLIENT].key_known);
	ck_assert(talk_conn(0)->half[SERVER].key_known);
	check_data();
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
	ck_assert_int_eq(talk_conn(0)->fallback, FALLBACK_NONE);
}
END_TEST

/* ... version 0 knows it from the SYN. */
START_TEST(third_ack_missing_0)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable", "0 s SA capable", "0 s ack:0");
	HEARD(OPENED);
	check_data();
	check_complete(talk_conn(0), 0);
}
END_TEST

/* Keys that come after data was seen. */
START_TEST(third_ack_after_data)
{
	TALK("0 c S capable", "0 s SA capable",
	     "0 c 100+100 map:100:100:100 ack:0", "0 c at:0 capable",
	     "0 c 0+100 map:0:0:100 ack:0");
	HEARD(OPENED, "data c0 0-100 new", "data c0 0-100 late");
	TALK("0 s ack:200");
	check_complete(talk_conn(0), 1);
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 200);
}
END_TEST

/* Each sent twice. */
START_TEST(repeated)
{
	const struct conn *conn;

	TALK("0 c S capable", "0 c S capable", "0 s SA capable",
	     "0 s SA capable", "0 c capable", "0 c capable");
	HEARD(OPENED);
	conn = talk_conn(0);
	check_complete(conn, 1);
	ck_assert_uint_eq(conn->subflows[0]->half[CLIENT].syns, 2);
	ck_assert_uint_eq(conn->subflows[0]->half[SERVER].syns, 2);
	ck_assert_uint_eq(conn->half[CLIENT].options[COUNT_CAPABLE_SYN], 2);
	ck_assert_uint_eq(conn->half[SERVER].options[COUNT_CAPABLE_SYNACK], 2);
	ck_assert_uint_eq(conn->half[CLIENT].options[COUNT_CAPABLE_ACK], 2);
	check_data();
	talk_finish("1 1 0 0 0");
}
END_TEST

START_TEST(repeated_0)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable", "0 c S capable", "0 s SA capable",
	     "0 c capable ack:0", "0 s SA capable", "0 c capable ack:0");
	HEARD(OPENED);
	check_complete(talk_conn(0), 0);
	check_data();
}
END_TEST

/* Two interfaces, two buffers: any order. */
START_TEST(synack_before_syn)
{
	TALK("0 s SA capable", "0 c S capable", "0 c capable");
	HEARD(OPENED);
	check_complete(talk_conn(0), 1);
	check_data();
	talk_finish("1 1 0 0 0");
}
END_TEST

START_TEST(third_ack_before_synack)
{
	TALK("0 c S capable", "0 c capable", "0 s SA capable");
	HEARD(OPENED);
	check_complete(talk_conn(0), 1);
	check_data();
}
END_TEST

START_TEST(third_ack_before_syn)
{
	TALK("0 c at:0 capable", "0 c S capable", "0 s SA capable");
	HEARD(OPENED);
	check_complete(talk_conn(0), 1);
	check_data();
	talk_finish("1 1 0 0 0");
}
END_TEST

START_TEST(data_before_handshake)
{
	TALK("0 c 0+100 map:0:0:100 ack:0", "0 c S capable", "0 s SA capable",
	     "0 c at:0 capable", "0 s ack:100");
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 100);
	check_complete(talk_conn(0), 1);
	talk_forget();
	talk_finish("1 1 0 0 0");
	HEARD("close established");
}
END_TEST

/* Checksums are on when either asks for them. */
START_TEST(checksum_flag)
{
	TALK("0 c S capable flags:81", "0 s SA capable", "0 c capable",
	     "1 c S capable", "1 s SA capable flags:81", "1 c capable",
	     "2 c S capable", "2 s SA capable", "2 c capable");
	ck_assert(talk_conn(0)->checksum);
	ck_assert(talk_conn(1)->checksum);
	ck_assert(!talk_conn(2)->checksum);
}
END_TEST

/* The ISN is the highest there is: the first byte is number 0. */
START_TEST(isn_wraps)
{
	talk.path[0].isn[CLIENT] = 0xffffffff;
	talk.path[0].isn[SERVER] = 0xfffffff0;
	talk_hear_tcp();
	TALK("0 c S capable", "0 s SA capable", "0 c capable");
	HEARD(OPENED);
	TALK("0 s 0+100 map:0:0:100", "0 c 0+10 map:0:0:10 ack:100");
	HEARD("tcp s0 0-100 new", "data s0 0-100 new", "acked s 100 rtt 1",
	      "tcp c0 0-10 new", "data c0 0-10 new", "tcpacked s0 100 rtt 1");
	check_complete(talk_conn(0), 1);
}
END_TEST

/* TCP Fast Open: data in the SYN that the SYN/ACK takes is outside of the data
 * sequence, and SSNs count from after it. RFC 8684 appendix B.2. */
START_TEST(fast_open)
{
	TALK("0 c S 0+50 capable", "0 s SA tcpack:50 capable",
	     "0 c at:50 capable");
	HEARD(OPENED);
	TALK("0 c 50+100 map:0:0:100 ack:0", "0 s ack:100");
	HEARD("data c0 0-100 new", "acked c 100 rtt 1");
	check_complete(talk_conn(0), 1);
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 100);
	talk_finish("1 1 0 0 0");
	HEARD("-4 unmapped c0 0-50", "close established");
}
END_TEST

START_TEST(fast_open_0)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S 0+50 capable", "0 s SA tcpack:50 capable",
	     "0 c at:50 capable ack:0", "0 c 50+100 map:0:0:100 ack:0",
	     "0 s ack:100");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
	ck_assert_int_eq(talk_conn(0)->half[CLIENT].stream.sent, 100);
	ck_assert_int_eq(talk_conn(0)->half[CLIENT].stream.acked, 100);
}
END_TEST

/* Not taken: all of it comes again, with a mapping. */
START_TEST(fast_open_refused)
{
	TALK("0 c S 0+50 capable", "0 s SA tcpack:0 capable",
	     "0 c 0+50 capable:50", "0 s ack:50");
	check_complete(talk_conn(0), 1);
	ck_assert_int_eq(talk_conn(0)->half[CLIENT].stream.sent, 50);
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 50);
}
END_TEST

/*
 * Fallback, each reason.
 */
START_TEST(refused_in_synack)
{
	TALK("0 c S capable", "0 s SA", "0 c", "0 c 0+100");
	HEARD(OPENED, "fallback server no-option-in-synack",
	      "unmapped c0 0-100");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
	ck_assert(!talk_conn(0)->accepted);
	talk_finish("1 0 0 1 0");
	HEARD("close fallback");
}
END_TEST

START_TEST(unknown_version_in_synack)
{
	TALK("0 c S capable", "0 s SA capable v5", "0 c", "0 c 0+100",
	     "0 s 0+10");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
	ck_assert(!talk_conn(0)->half[SERVER].key_known);
	talk_finish("1 0 0 1 0");
}
END_TEST

/* The option list of the SYN/ACK was not all captured: nothing is known. */
START_TEST(short_synack)
{
	TALK("0 c S capable", "0 s SA short", "0 c capable");
	HEARD(OPENED);
	check_complete(talk_conn(0), 1);
}
END_TEST

START_TEST(syn_retried)
{
	TALK("0 c S capable", "0 c S capable", "0 c S", "0 s SA", "0 c",
	     "0 c 0+100");
	HEARD(OPENED, "fallback client syn-retried-without-option",
	      "unmapped c0 0-100");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
	talk_finish("1 0 0 1 0");
}
END_TEST

START_TEST(third_ack_bare)
{
	TALK("0 c S capable", "0 s SA capable", "0 c", "0 c 0+100");
	HEARD(OPENED, "-1 fallback client no-option-in-third-ack",
	      "unmapped c0 0-100");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
	talk_finish("1 1 0 0 0");
}
END_TEST

START_TEST(third_ack_bare_server_data)
{
	TALK("0 c S capable", "0 s SA capable", "0 c", "0 s 0+100", "0 c");
	HEARD(OPENED, "-1 fallback client no-option-in-third-ack",
	      "unmapped s0 0-100");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
}
END_TEST

START_TEST(data_bare)
{
	TALK("0 c S capable", "0 s SA capable", "0 c capable", "0 c 0+100",
	     "0 c 100+100", "0 s 0+10");
	HEARD(OPENED, "fallback client no-option-in-data", "unmapped c0 0-100",
	      "unmapped c0 100-200", "unmapped s0 0-10");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
}
END_TEST

START_TEST(ack_of_data_bare)
{
	TALK("0 c S capable", "0 s SA capable", "0 c 0+100 capable:100", "0 s");
	HEARD(OPENED, "data c0 0-100 new", "fallback server no-option-in-data");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
}
END_TEST

/* Once it is established for good, a packet without option is no fallback:
 * keep-alives and duplicate ACKs may lack it. */
START_TEST(bare_later)
{
	talk_established();
	TALK("0 c", "0 s", "0 c 0+100 map:0:0:100 ack:0", "0 s", "0 s ack:100",
	     "0 c");
	HEARD("data c0 0-100 new", "acked c 100 rtt 2");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
}
END_TEST

/* What follows an infinite mapping needs no DSS. RFC 8684 section 3.3.1. */
START_TEST(infinite_mapping)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 ack:0", "0 c 100+100 inf:100:100 ack:0",
	     "0 c 200+100", "0 c 300+100");
	HEARD("data c0 0-100 new", "fallback client infinite-mapping",
	      "data c0 100-200 new", "data c0 200-300 new",
	      "data c0 300-400 new");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
	ck_assert_uint_eq(
	    talk_conn(0)->half[CLIENT].options[COUNT_DSS_INFINITE], 1);
}
END_TEST

/* ... also where data and subflow offsets differ. */
START_TEST(infinite_mapping_joined)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100 ack:0", "0 c R at:100",
	     "1 c 0+100 inf:100:0 ack:0", "1 c 100+100");
	HEARD("data c0 0-100 new", "end 0 reset",
	      "fallback client infinite-mapping", "data c1 100-200 new",
	      "data c1 200-300 new");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("handshake");
	TCase *tcase = talk_case("whole");

	tcase_add_test(tcase, version_1);
	tcase_add_test(tcase, version_0);
	tcase_add_test(tcase, data_in_third_packet);
	tcase_add_test(tcase, data_repeats_capable);
	tcase_add_test(tcase, server_first);
	tcase_add_test(tcase, checksum_flag);
	tcase_add_test(tcase, isn_wraps);
	tcase_add_test(tcase, fast_open);
	tcase_add_test(tcase, fast_open_0);
	tcase_add_test(tcase, fast_open_refused);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("damaged");
	tcase_add_test(tcase, syn_missing);
	tcase_add_test(tcase, synack_missing);
	tcase_add_test(tcase, both_syns_missing);
	tcase_add_test(tcase, third_ack_missing);
	tcase_add_test(tcase, third_ack_missing_0);
	tcase_add_test(tcase, third_ack_after_data);
	tcase_add_test(tcase, repeated);
	tcase_add_test(tcase, repeated_0);
	tcase_add_test(tcase, synack_before_syn);
	tcase_add_test(tcase, third_ack_before_synack);
	tcase_add_test(tcase, third_ack_before_syn);
	tcase_add_test(tcase, data_before_handshake);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("fallback");
	tcase_add_test(tcase, refused_in_synack);
	tcase_add_test(tcase, unknown_version_in_synack);
	tcase_add_test(tcase, short_synack);
	tcase_add_test(tcase, syn_retried);
	tcase_add_test(tcase, third_ack_bare);
	tcase_add_test(tcase, third_ack_bare_server_data);
	tcase_add_test(tcase, data_bare);
	tcase_add_test(tcase, ack_of_data_bare);
	tcase_add_test(tcase, bare_later);
	tcase_add_test(tcase, infinite_mapping);
	tcase_add_test(tcase, infinite_mapping_joined);
	suite_add_tcase(suite, tcase);
	return suite;
}
