/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracker on the signals beside data: addresses, priorities, failure, fast
 * close. RFC 8684 and RFC 6824. The language is explained in talk.h.
 */
#include "talk.h"

#include <string.h>

static const struct conn_half *half(enum side side)
{
	return &talk_conn(0)->half[side];
}

static void established_0(void)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable", "0 s SA capable", "0 c capable ack:0",
	     "0 s ack:0");
	talk_forget();
}

START_TEST(add_and_remove)
{
	talk_established();
	TALK("0 s add:3:10.0.9.9 ack:0", "0 c echo:3:10.0.9.9 ack:0",
	     "0 c add:4:10.0.9.8:8080", "0 s echo:4:10.0.9.8:8080",
	     "0 c remove:4:5:255");
	HEARD("address server add 3 10.0.9.9 0 ok",
	      "address client echo 3 10.0.9.9 0 unchecked",
	      "address client add 4 10.0.9.8 8080 ok",
	      "address server echo 4 10.0.9.8 8080 unchecked",
	      "address client remove 4 - 0 unchecked",
	      "address client remove 5 - 0 unchecked",
	      "address client remove 255 - 0 unchecked");
	ck_assert_uint_eq(talk_conn(0)->n_addresses, 7);
	ck_assert_uint_eq(half(CLIENT)->options[COUNT_ADD_ADDR], 1);
	ck_assert_uint_eq(half(CLIENT)->options[COUNT_ADD_ADDR_ECHO], 1);
	ck_assert_uint_eq(half(CLIENT)->options[COUNT_REMOVE_ADDR], 1);
	ck_assert_uint_eq(half(CLIENT)->options[COUNT_REMOVE_ADDR_IDS], 3);
	ck_assert_uint_eq(half(SERVER)->options[COUNT_ADD_ADDR], 1);
	ck_assert_uint_eq(half(SERVER)->options[COUNT_ADD_ADDR_ECHO], 1);
}
END_TEST

START_TEST(add_wrong_hmac)
{
	talk_established();
	TALK("0 s add!:3:10.0.9.9");
	HEARD("address server add 3 10.0.9.9 0 bad");
}
END_TEST

/* Version 0 has neither HMAC nor echo. */
START_TEST(add_0)
{
	established_0();
	TALK("0 c add:3:10.0.9.9 ack:0", "0 s add:4:10.0.9.8:8080 ack:0",
	     "0 s remove:4");
	HEARD("address client add 3 10.0.9.9 0 unchecked",
	      "address server add 4 10.0.9.8 8080 unchecked",
	      "address server remove 4 - 0 unchecked");
}
END_TEST

/* On a joined subflow too; and judged once the keys are known. */
START_TEST(add_before_keys)
{
	TALK("0 c S capable", "0 s SA capable", "0 s add:3:10.0.9.9",
	     "0 s add!:4:10.0.9.9");
	talk_forget();
	ck_assert_int_eq(talk_conn(0)->addresses[0].verdict, UNCHECKED);
	TALK("0 c capable");
	ck_assert_int_eq(talk_conn(0)->addresses[0].verdict, GOOD);
	ck_assert_int_eq(talk_conn(0)->addresses[1].verdict, BAD);
}
END_TEST

/*
 * MP_PRIO.
 */
START_TEST(prio)
{
	talk_established();
	talk_joined(1);
	TALK("1 s prio:1", "1 c prio:1", "1 s prio:0 ack:0", "0 c prio:1");
	HEARD("priority s1 1", "priority c1 1", "priority s1 0",
	      "priority c0 1");
	ck_assert(!talk_conn(0)->subflows[1]->half[SERVER].backup);
	ck_assert(talk_conn(0)->subflows[1]->half[CLIENT].backup);
	ck_assert(talk_conn(0)->subflows[0]->half[CLIENT].backup);
	ck_assert_uint_eq(half(SERVER)->options[COUNT_PRIO], 2);
}
END_TEST

/* Version 0 may name the subflow by the sender's address id. */
START_TEST(prio_by_id)
{
	established_0();
	TALK("1 c S join id:7", "1 s SA join id:8", "1 c join ack:0");
	talk_forget();
	TALK("0 c prio:1:7", "0 s prio:1:8", "0 s prio:1:7", "0 c prio:1:0",
	     "1 s prio:0");
	HEARD("priority c1 1", "priority s1 1", "priority c0 1",
	      "priority s1 0");
}
END_TEST

/* Version 1 has no such form; Linux takes no notice of it. */
START_TEST(prio_by_id_1)
{
	talk_established();
	talk_joined(1);
	TALK("0 c prio:1:1");
	HEARD_NOTHING;
	ck_assert(!talk_conn(0)->subflows[1]->half[CLIENT].backup);
	ck_assert(!talk_conn(0)->subflows[0]->half[CLIENT].backup);
}
END_TEST

/*
 * MP_FASTCLOSE.
 */
START_TEST(fastclose_on_reset)
{
	talk_established();
	talk_joined(1);
	TALK("0 c R close tcprst:0", "1 c R tcprst:0");
	HEARD("fastclose client ok", "end 0 reset", "end 1 reset");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FASTCLOSED);
	ck_assert(half(CLIENT)->fastclose && !half(SERVER)->fastclose);
	talk_finish("2 2 0 0 0");
	HEARD("close fastclosed");
}
END_TEST

START_TEST(fastclose_on_ack)
{
	established_0();
	TALK("0 s close", "0 c R");
	HEARD("fastclose server ok", "end 0 reset");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FASTCLOSED);
}
END_TEST

START_TEST(fastclose_wrong_key)
{
	talk_established();
	TALK("0 c close!");
	HEARD("fastclose client bad");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
	ck_assert(!half(CLIENT)->fastclose);
	TALK("0 c R close!");
	HEARD("fastclose client bad", "end 0 reset");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_RESET);
}
END_TEST

/* One's own key proves nothing. */
START_TEST(fastclose_own_key)
{
	talk_established();
	memcpy(&talk.pair[1], &talk.pair[0], sizeof(talk.pair[0]));
	talk.pair[1].key[SERVER] = talk.pair[0].key[CLIENT];
	talk.path[0].pair = 1;
	TALK("0 c close");
	HEARD("fastclose client bad");
}
END_TEST

/* The key of its receiver is not known. */
START_TEST(fastclose_unchecked)
{
	TALK("0 c S capable", "0 s SA capable", "0 c ack:0");
	talk_forget();
	TALK("0 s close");
	HEARD("fastclose server unchecked");
}
END_TEST

/* A reset that nobody believes closes nothing. */
START_TEST(fastclose_out_of_window)
{
	talk_established();
	TALK("0 c R close at:1000000000");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
	ck_assert_int_ne(talk_conn(0)->subflows[0]->state, SUBFLOW_RESET);
}
END_TEST

/*
 * MP_FAIL, RFC 8684 section 3.7.
 */
START_TEST(fail_of_one_subflow)
{
	talk_established();
	talk_joined(1);
	TALK("1 s ack:0", "0 c 0+100 map:0:0:100", "1 c 0+100 map:100:0:100",
	     "1 s R fail:100 tcprst:6", "0 c 100+100 map:100:100:100");
	HEARD("data c0 0-100 new", "data c1 100-200 new", "fail s1 100",
	      "end 1 reset", "data c0 100-200 reinjected 1 -2");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_ESTABLISHED);
	ck_assert_int_eq(talk_conn(0)->subflows[1]->reset_reason, 6);
}
END_TEST

/* The only one goes on as TCP: data maps on. */
START_TEST(fail_of_the_only_subflow)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 ack:0", "0 s fail:100 ack:100");
	HEARD("data c0 0-100 new", "fail s0 100", "fallback server mp-fail",
	      "acked c 100 rtt 1");
	TALK("0 c 100+100 inf:100:100 fail:0", "0 c 200+100", "0 s");
	HEARD("fail c0 0", "data c0 100-200 new", "data c0 200-300 new");
	ck_assert_int_eq(conn_state(talk_conn(0)), CONN_FALLBACK);
	ck_assert_int_eq(talk_conn(0)->fallback, FALLBACK_FAIL);
	talk_finish("1 1 0 0 0");
	HEARD("close fallback");
}
END_TEST

/* Several options in one segment are all heard. */
START_TEST(together)
{
	talk_established();
	TALK("0 c 0+10 map:0:0:10 ack:0 prio:1 add:2:10.0.9.9 remove:3");
	HEARD("priority c0 1", "address client add 2 10.0.9.9 0 ok",
	      "address client remove 3 - 0 unchecked", "data c0 0-10 new");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("signals");
	TCase *tcase = talk_case("signals");

	tcase_add_test(tcase, add_and_remove);
	tcase_add_test(tcase, add_wrong_hmac);
	tcase_add_test(tcase, add_0);
	tcase_add_test(tcase, add_before_keys);
	tcase_add_test(tcase, prio);
	tcase_add_test(tcase, prio_by_id);
	tcase_add_test(tcase, prio_by_id_1);
	tcase_add_test(tcase, fastclose_on_reset);
	tcase_add_test(tcase, fastclose_on_ack);
	tcase_add_test(tcase, fastclose_wrong_key);
	tcase_add_test(tcase, fastclose_own_key);
	tcase_add_test(tcase, fastclose_unchecked);
	tcase_add_test(tcase, fastclose_out_of_window);
	tcase_add_test(tcase, fail_of_one_subflow);
	tcase_add_test(tcase, fail_of_the_only_subflow);
	tcase_add_test(tcase, together);
	suite_add_tcase(suite, tcase);
	return suite;
}
