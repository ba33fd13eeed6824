/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracker on MP_JOIN: from either side, with right and wrong HMACs, with
 * packets missing, refused, unanswered. The language is explained in talk.h.
 */
#include "talk.h"

static const struct subflow *subflow(int id)
{
	ck_assert_uint_gt(talk_conn(0)->n_subflows, (size_t)id);
	return talk_conn(0)->subflows[id];
}

static void check_joined(enum side initiator)
{
	const struct subflow *joined = subflow(1);

	ck_assert(joined->join && joined->synack_join && !joined->initial);
	ck_assert(!joined->tied);
	ck_assert_int_eq(joined->initiator, initiator);
	ck_assert_int_eq(joined->state, SUBFLOW_ESTABLISHED);
	for (int side = 0; side < 2; side++) {
		ck_assert_int_eq(joined->half[side].verdict, GOOD);
		ck_assert_int_eq(joined->half[side].id, 1);
		ck_assert(
		    endpoint_same(&joined->end[side], &talk.path[1].end[side]));
	}
}

START_TEST(from_client)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c join");
	HEARD("subflow 1 from client", "hmac s1 ok", "hmac c1 ok");
	check_joined(CLIENT);
	TALK("1 c 0+100 map:0:0:100 ack:0", "1 s 0+50 map:0:0:50 ack:100",
	     "0 c 0+100 map:100:0:100 ack:50");
	HEARD("data c1 0-100 new", "acked c 100 rtt 1", "data s1 0-50 new",
	      "acked s 50 rtt 1", "data c0 100-200 new");
	talk_finish("2 2 0 0 0");
}
END_TEST

START_TEST(from_client_0)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable", "0 s SA capable", "0 c capable ack:0");
	talk_forget();
	TALK("1 c S join", "1 s SA join", "1 c join ack:0");
	HEARD("subflow 1 from client", "hmac s1 ok", "hmac c1 ok");
	check_joined(CLIENT);
}
END_TEST

/* What is the client's stays the client's. */
START_TEST(from_server)
{
	talk_established();
	TALK("1 s S join", "1 c SA join", "1 s join");
	HEARD("subflow 1 from server", "hmac c1 ok", "hmac s1 ok");
	check_joined(SERVER);
	TALK("1 c 0+100 map:0:0:100 ack:0", "1 s 0+50 map:0:0:50 ack:100");
	HEARD("data c1 0-100 new", "acked c 100 rtt 1", "data s1 0-50 new");
}
END_TEST

START_TEST(from_server_0)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable", "0 s SA capable", "0 c capable ack:0");
	talk_forget();
	TALK("1 s S join", "1 c SA join", "1 s join ack:0");
	HEARD("subflow 1 from server", "hmac c1 ok", "hmac s1 ok");
	check_joined(SERVER);
}
END_TEST

START_TEST(several)
{
	talk_established();
	TALK("1 c S join", "2 s S join", "2 c SA join", "1 s SA join",
	     "3 c S join", "2 s join", "1 c join", "3 s SA join", "3 c join");
	HEARD("subflow 1 from client", "subflow 2 from server", "hmac c2 ok",
	      "hmac s1 ok", "subflow 3 from client", "hmac s2 ok", "hmac c1 ok",
	      "hmac s3 ok", "hmac c3 ok");
	ck_assert_int_eq(subflow(3)->half[CLIENT].id, 3);
	talk_finish("4 4 0 0 0");
}
END_TEST

/* Of two connections, the one whose token it is. */
START_TEST(two_connections)
{
	talk.path[1].pair = talk.path[3].pair = 1;
	TALK("0 c S capable", "1 c S capable", "0 s SA capable",
	     "1 s SA capable", "1 c capable", "0 c capable");
	talk_forget();
	TALK("2 c S join", "3 c S join", "3 s SA join", "2 s SA join");
	HEARD("subflow 1 from client", "[1] subflow 1 from client",
	      "[1] hmac s1 ok", "hmac s1 ok");
	talk_finish("4 4 0 0 0");
}
END_TEST

/* Two connections with the same keys: the join is of the one that is at home
 * where it goes to, or of the first. */
START_TEST(same_keys)
{
	const struct conn *first, *second;

	talk_keys(1, 1, talk.pair[0].key[CLIENT], talk.pair[0].key[SERVER]);
	talk.path[1].pair = 1;
	talk.path[2].end[SERVER] = talk.path[1].end[SERVER];
	TALK("0 c S capable", "0 s SA capable", "0 c capable", "1 c S capable",
	     "1 s SA capable", "1 c capable");
	first = talk_conn(0);
	second = talk_conn(1);
	TALK("2 c S join", "3 c S join");
	ck_assert_uint_eq(first->n_subflows, 2);
	ck_assert_uint_eq(second->n_subflows, 2);
	ck_assert(endpoint_same(&second->subflows[1]->end[SERVER],
				&talk.path[2].end[SERVER]));
	/* When the first has gone, the second is. */
	TALK("0 c R", "0 s R", "3 c R", "4 c S join +70000");
	ck_assert_uint_eq(second->n_subflows, 3);
}
END_TEST

START_TEST(repeated)
{
	const struct conn *conn;

	talk_established();
	TALK("1 c S join", "1 c S join", "1 s SA join", "1 s SA join",
	     "1 c join", "1 c join");
	HEARD("subflow 1 from client", "hmac s1 ok", "hmac c1 ok");
	check_joined(CLIENT);
	conn = talk_conn(0);
	ck_assert_uint_eq(conn->half[CLIENT].options[COUNT_JOIN_SYN], 2);
	ck_assert_uint_eq(conn->half[SERVER].options[COUNT_JOIN_SYNACK], 2);
	ck_assert_uint_eq(conn->half[CLIENT].options[COUNT_JOIN_ACK], 2);
}
END_TEST

START_TEST(backup)
{
	talk_established();
	TALK("1 c S join backup", "1 s SA join", "2 c S join",
	     "2 s SA join backup");
	ck_assert(subflow(1)->half[CLIENT].backup);
	ck_assert(!subflow(1)->half[SERVER].backup);
	ck_assert(!subflow(2)->half[CLIENT].backup);
	ck_assert(subflow(2)->half[SERVER].backup);
}
END_TEST

/*
 * Wrong.
 */
START_TEST(wrong_hmac_synack)
{
	talk_established();
	TALK("1 c S join", "1 s SA join!", "1 c R");
	HEARD("subflow 1 from client", "hmac s1 bad", "end 1 reset");
	ck_assert_int_eq(subflow(1)->half[SERVER].verdict, BAD);
	ck_assert_int_eq(subflow(1)->half[CLIENT].verdict, UNCHECKED);
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
}
END_TEST

START_TEST(wrong_hmac_ack)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c join!", "1 s R tcprst:1");
	HEARD("subflow 1 from client", "hmac s1 ok", "hmac c1 bad",
	      "end 1 refused");
	ck_assert_int_eq(subflow(1)->reset_reason, 1);
	ck_assert_int_eq(subflow(1)->reset_side, SERVER);
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
}
END_TEST

/* HMACs seen before the keys are judged once these come. */
START_TEST(keys_come_late)
{
	TALK("0 c S capable", "0 s SA capable", "1 c S join", "1 s SA join",
	     "1 c join");
	talk_forget();
	TALK("0 c capable");
	HEARD("hmac c1 ok", "hmac s1 ok");
	check_joined(CLIENT);
}
END_TEST

START_TEST(unknown_token)
{
	talk_established();
	TALK("1 c S join!", "1 s RA tcprst:1", "0 c 0+10 map:0:0:10 ack:0");
	HEARD("[1] open", "[1] subflow 0 from client", "[1] end 0 refused",
	      "data c0 0-10 new");
	talk_finish("2 1 1 0 0");
	ck_assert_uint_eq(
	    tracker_counts(talk.tracker)->orphan_options[0][COUNT_JOIN_SYN], 1);
	ck_assert_uint_eq(
	    tracker_counts(talk.tracker)->orphan_options[1][COUNT_TCPRST], 1);
	HEARD("close established", "[1] close orphan");
}
END_TEST

START_TEST(refused)
{
	talk_established();
	TALK("1 c S join", "1 s RA tcprst:3");
	HEARD("subflow 1 from client", "end 1 refused");
	ck_assert_int_eq(subflow(1)->reset_reason, 3);
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
	talk_finish("2 2 0 0 0");
	HEARD("close established");
}
END_TEST

/* RFC 8684 section 3.2: a third ACK that does not please is answered by a
 * reset. */
START_TEST(reset_after_third_ack)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c join", "1 s R");
	HEARD("subflow 1 from client", "hmac s1 ok", "hmac c1 ok",
	      "end 1 refused");
}
END_TEST

/* ... but not once the responder has taken it. */
START_TEST(reset_later)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c join", "1 s ack:0", "1 s R");
	HEARD("subflow 1 from client", "hmac s1 ok", "hmac c1 ok",
	      "end 1 reset");
}
END_TEST

START_TEST(unanswered)
{
	talk_established();
	TALK("1 c S join", "1 c S join +1000");
	HEARD("subflow 1 from client");
	ck_assert_int_eq(subflow(1)->half[CLIENT].syns, 2);
	ck_assert_int_eq(subflow(1)->state, SUBFLOW_HANDSHAKE);
	talk_finish("2 2 0 0 0");
	HEARD("close established");
}
END_TEST

START_TEST(answered_without)
{
	talk_established();
	TALK("1 c S join", "1 s SA", "1 c R");
	HEARD("subflow 1 from client", "end 1 plain");
	ck_assert_int_eq(subflow(1)->state, SUBFLOW_PLAIN);
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
	ck_assert_int_eq(talk_conn(0)->fallback, FALLBACK_NONE);
}
END_TEST

/*
 * The capture has missed a packet.
 */
START_TEST(synack_missing)
{
	talk_established();
	TALK("1 c S join", "1 c join", "1 c 0+100 map:0:0:100 ack:0",
	     "1 s ack:100");
	HEARD("subflow 1 from client", "data c1 0-100 new",
	      "acked c 100 rtt 1");
	ck_assert_int_eq(subflow(1)->half[CLIENT].verdict, UNCHECKED);
	ck_assert_int_eq(subflow(1)->state, SUBFLOW_ESTABLISHED);
}
END_TEST

START_TEST(third_ack_missing)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c 0+100 map:0:0:100 ack:0");
	HEARD("subflow 1 from client", "hmac s1 ok", "data c1 0-100 new");
	ck_assert_int_eq(subflow(1)->state, SUBFLOW_ESTABLISHED);
}
END_TEST

/* Without the SYN nobody knows the token, but the data tells. */
START_TEST(syn_missing)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 ack:0", "1 s SA join", "1 c join",
	     "1 c 0+100 map:100:0:100 ack:0", "0 s ack:200");
	ck_assert_uint_eq(talk_conn(0)->n_subflows, 2);
	ck_assert_int_eq(talk_conn(0)->half[CLIENT].stream.sent, 200);
	ck_assert_int_eq(talk_conn(0)->half[CLIENT].stream.acked, 200);
	ck_assert_int_eq(subflow(1)->initiator, CLIENT);
	talk_finish("2 2 0 0 0");
}
END_TEST

/* Two interfaces, two buffers: any order. */
START_TEST(synack_before_syn)
{
	talk_established();
	TALK("1 s SA join", "1 c S join", "1 c join",
	     "1 c 0+100 map:0:0:100 ack:0", "1 s ack:100");
	ck_assert_uint_eq(talk_conn(0)->n_subflows, 2);
	check_joined(CLIENT);
	ck_assert_int_eq(talk_conn(0)->half[CLIENT].stream.acked, 100);
	talk_finish("2 2 0 0 0");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("join");
	TCase *tcase = talk_case("right");

	tcase_add_test(tcase, from_client);
	tcase_add_test(tcase, from_client_0);
	tcase_add_test(tcase, from_server);
	tcase_add_test(tcase, from_server_0);
	tcase_add_test(tcase, several);
	tcase_add_test(tcase, two_connections);
	tcase_add_test(tcase, same_keys);
	tcase_add_test(tcase, repeated);
	tcase_add_test(tcase, backup);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("wrong");
	tcase_add_test(tcase, wrong_hmac_synack);
	tcase_add_test(tcase, wrong_hmac_ack);
	tcase_add_test(tcase, keys_come_late);
	tcase_add_test(tcase, unknown_token);
	tcase_add_test(tcase, refused);
	tcase_add_test(tcase, reset_after_third_ack);
	tcase_add_test(tcase, reset_later);
	tcase_add_test(tcase, unanswered);
	tcase_add_test(tcase, answered_without);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("damaged");
	tcase_add_test(tcase, synack_missing);
	tcase_add_test(tcase, third_ack_missing);
	tcase_add_test(tcase, syn_missing);
	tcase_add_test(tcase, synack_before_syn);
	suite_add_tcase(suite, tcase);
	return suite;
}
