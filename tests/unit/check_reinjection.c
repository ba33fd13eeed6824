/* SPDX-License-Identifier: BSD-3-Clause */
#include "draw.h"

#include <stdio.h>

/* The talk so far: a subflow 0 and a joined 1, at 0.008. */
static void two_subflows(void)
{
	talk_established();
	talk_joined(1);
	draw_forget();
}

START_TEST(useful)
{
	two_subflows();
	/* Lost on subflow 0: only subflow 1 acknowledges it. */
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100 +50",
	     "1 s tcpack:100 ack:100");
	DREW_NOTHING("c2s reinjections");
	draw_finish(NULL);
	DREW("c2s reinjections", "0.059000,1,100,0,1,50.000000,0,useful");
}
END_TEST

START_TEST(useful_because_first_was_not_through)
{
	two_subflows();
	/* Subflow 0 says so itself, and acknowledges it first. */
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100",
	     "0 s tcpack:0 ack:100");
	DREW_NOTHING("c2s reinjections");
	TALK("0 s tcpack:100 ack:100");
	DREW("c2s reinjections", "0.010000,1,100,0,1,1.000000,0,useful");
}
END_TEST

static void three_subflows(void)
{
	talk_established();
	talk_joined(1);
	talk_joined(2);
	draw_forget();
}

/* As before, but a third subflow has it, too. */
START_TEST(useful_is_only_what_was_through)
{
	three_subflows();
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100",
	     "2 c 0+100 map:0:0:100", "0 s tcpack:0 ack:100",
	     "0 s tcpack:100 ack:100");
	DREW_NOTHING("c2s reinjections");
	TALK("2 s tcpack:100 ack:100");
	DREW("c2s reinjections", "0.014000,1,100,0,2,2.000000,0,useful");
	TALK("1 s tcpack:0 ack:100", "1 s tcpack:100 ack:100");
	DREW("c2s reinjections", "0.013000,1,100,0,1,1.000000,0,redundant");
}
END_TEST

/* Bytes 100 to 200 on two subflows; those before, on the third, make the
 * DATA_ACKs that tell the time. */
static void second_half(void)
{
	three_subflows();
	TALK("2 c 0+100 map:0:0:100", "0 c 0+100 map:100:0:100",
	     "1 c 0+100 map:100:0:100");
}

START_TEST(useful_because_sent_before)
{
	second_half();
	TALK("1 s tcpack:100 ack:50", "0 s tcpack:0 ack:60",
	     "0 s tcpack:100 ack:60");
	DREW("c2s reinjections", "0.014000,101,100,0,1,1.000000,0,useful");
}
END_TEST

START_TEST(useful_because_sent_before_but_seen_after)
{
	second_half();
	TALK("0 s tcpack:0 ack:60", "0 s tcpack:100 ack:200",
	     "1 s tcpack:100 ack:50");
	DREW("c2s reinjections", "0.014000,101,100,0,1,1.000000,0,useful");
}
END_TEST

START_TEST(redundant_because_sent_after)
{
	second_half();
	TALK("1 s tcpack:0 ack:60", "1 s tcpack:100 ack:60",
	     "0 s tcpack:100 ack:50");
	DREW("c2s reinjections", "0.014000,101,100,0,1,1.000000,0,redundant");
}
END_TEST

START_TEST(undecided_because_nothing_tells)
{
	second_half();
	/* The acknowledgement of subflow 0 may have been sent before. */
	TALK("1 s tcpack:100 ack:60", "0 s tcpack:100 ack:60");
	DREW("c2s reinjections", "0.014000,101,100,0,1,1.000000,0,undecided");
}
END_TEST

START_TEST(undecided_because_the_clock_is_not_known)
{
	second_half();
	TALK("1 s tcpack:0 ack:50", "1 s tcpack:100", "0 s tcpack:0 ack:60",
	     "0 s tcpack:100 ack:70");
	DREW("c2s reinjections", "0.014000,101,100,0,1,1.000000,0,undecided");
}
END_TEST

/* Round trips of 40 ms. */
static void slow_subflows(void)
{
	two_subflows();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100 +40",
	     "1 c 0+100 map:100:0:100", "1 s tcpack:100 ack:200 +40",
	     "0 c 100+100 map:200:100:100", "1 c 100+100 map:200:100:100 +30");
}

START_TEST(redundant_because_first_was_acked_too_soon)
{
	slow_subflows();
	/* What goes by subflow 1 has not arrived by then. */
	TALK("0 s tcpack:200 ack:300 +10");
	DREW_NOTHING("c2s reinjections");
	TALK("1 s tcpack:200 ack:300 +30");
	DREW("c2s reinjections", "0.121000,201,100,0,1,30.000000,0,redundant");
}
END_TEST

START_TEST(undecided_because_it_may_have_arrived)
{
	slow_subflows();
	TALK("0 s tcpack:200 ack:300 +30", "1 s tcpack:200 ack:300 +10");
	DREW("c2s reinjections", "0.121000,201,100,0,1,30.000000,0,undecided");
}
END_TEST

/* Seen at the receiver: something is lost before one of the two. */
START_TEST(useful_because_first_was_behind_a_hole)
{
	two_subflows();
	TALK("0 c 100+100 map:100:100:100", "1 c 0+100 map:100:0:100",
	     "1 s tcpack:100 ack:0", "0 c 0+100 map:0:0:100",
	     "0 s tcpack:200 ack:200");
	DREW("c2s reinjections", "0.010000,101,100,0,1,1.000000,0,useful");
}
END_TEST

START_TEST(redundant_because_copy_was_behind_a_hole)
{
	two_subflows();
	TALK("0 c 0+100 map:100:0:100", "1 c 100+100 map:100:100:100",
	     "0 s tcpack:100 ack:0", "1 c 0+100 map:0:0:100",
	     "1 s tcpack:200 ack:200");
	DREW("c2s reinjections", "0.010000,101,100,0,1,1.000000,0,redundant");
}
END_TEST

START_TEST(redundant_because_copy_was_lost)
{
	two_subflows();
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100",
	     "0 s tcpack:100 ack:100");
	draw_finish(NULL);
	DREW("c2s reinjections", "0.010000,1,100,0,1,1.000000,0,redundant");
}
END_TEST

START_TEST(redundant_because_acked_before)
{
	two_subflows();
	/* By DATA_ACK. */
	TALK("0 c 0+100 map:0:0:100", "1 s ack:100", "1 c 0+100 map:0:0:100");
	DREW("c2s reinjections", "0.011000,1,100,0,1,2.000000,1,redundant");
	/* By the first subflow's TCP. */
	TALK("0 c 100+100 map:100:100:100", "0 s tcpack:200",
	     "1 c 100+100 map:100:100:100");
	DREW("c2s reinjections", "0.014000,101,100,0,1,2.000000,1,redundant");
}
END_TEST

START_TEST(redundant_because_later_bytes_came_first)
{
	three_subflows();
	/* Subflow 0 alone has carried 0 to 100, after the first copy: it had
	 * handed up both when those were acknowledged. */
	TALK("0 c 0+100 map:100:0:100", "0 c 100+100 map:0:100:100",
	     "1 c 0+100 map:100:0:100", "2 s tcpack:0 ack:100",
	     "1 s tcpack:0 ack:150", "1 s tcpack:100 ack:200");
	DREW("c2s reinjections", "0.014000,101,100,0,1,2.000000,0,redundant");
}
END_TEST

START_TEST(redundant_because_data_acked_in_between)
{
	two_subflows();
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100",
	     "1 s tcpack:0 ack:100", "1 s tcpack:100 ack:100");
	DREW("c2s reinjections", "0.010000,1,100,0,1,1.000000,0,redundant");
}
END_TEST

START_TEST(second_copy_says_nothing_of_the_first)
{
	two_subflows();
	/* Subflow 1 carries it twice. Its second copy is not through when the
	 * data is: because of the first one there. */
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100",
	     "1 c 100+100 map:0:100:100", "1 s tcpack:100 ack:100");
	draw_finish(NULL);
	DREW("c2s reinjections", "0.010000,1,100,0,1,1.000000,0,useful",
	     "0.011000,1,100,0,1,2.000000,0,redundant");
}
END_TEST

START_TEST(first_copy_that_was_told_late)
{
	two_subflows();
	/* The mapping of what subflow 0 sent first comes after subflow 1 has
	 * sent the same. */
	TALK("0 c 0+100 ack:0", "1 c 0+100 map:0:0:100",
	     "0 c 100+100 map:0:0:200", "1 s tcpack:100 ack:100");
	draw_finish(NULL);
	DREW("c2s reinjections", "0.010000,1,100,0,1,1.000000,,useful");
}
END_TEST

START_TEST(undecided_until_the_end)
{
	two_subflows();
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100");
	DREW_NOTHING("c2s reinjections");
	draw_finish(NULL);
	DREW("c2s reinjections", "0.010000,1,100,0,1,1.000000,0,undecided");
}
END_TEST

START_TEST(parts_are_told_apart)
{
	two_subflows();
	/* 0-100 on subflow 0, 100-200 on 1; then 50-150 on each of them. */
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:100:0:100",
	     "1 c 100+100 map:50:100:100", "1 s tcpack:200",
	     "0 c 100+100 map:50:100:100", "0 s tcpack:100");
	DREW("c2s reinjections", "0.013000,101,50,1,0,3.000000,1,redundant",
	     "0.011000,51,50,0,1,2.000000,0,undecided");
}
END_TEST

static void check_sums(const struct report_conn *report)
{
	const struct report_data *data = &report->data[CLIENT];
	const struct report_reinjection *pair = data->reinjections;

	ck_assert_uint_eq(data->n_reinjections, 2);
	ck_assert_int_eq(data->bytes_unique, 200);
	ck_assert_int_eq(data->bytes_mapped, 500);
	ck_assert_int_eq(data->retransmitted_bytes, 100);
	ck_assert_int_eq(data->reinjected_bytes, 200);
	ck_assert_int_eq(data->reinjected_packets, 3);
	ck_assert_int_eq(pair[0].from, 0);
	ck_assert_int_eq(pair[0].to, 1);
	ck_assert_int_eq(pair[0].packets, 2);
	ck_assert_int_eq(pair[0].bytes, 150);
	ck_assert_int_eq(pair[0].useful_bytes, 150);
	ck_assert_uint_eq(pair[0].delay.samples, 2);
	ck_assert_int_eq(pair[1].from, 0);
	ck_assert_int_eq(pair[1].to, 2);
	ck_assert_int_eq(pair[1].bytes, 50);
	ck_assert_int_eq(pair[1].acked_bytes, 50);
	ck_assert_int_eq(pair[1].redundant_bytes, 50);
	/* Of two ranges one was carried by two subflows, the other by three. */
	ck_assert_uint_eq(data->n_carried_by, 4);
	ck_assert_int_eq(data->carried_by[1], 0);
	ck_assert_int_eq(data->carried_by[2], 1);
	ck_assert_int_eq(data->carried_by[3], 1);
}

START_TEST(sums)
{
	three_subflows();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "1 c 0+100 map:0:0:100", "1 c 100+50 map:150:100:50",
	     "0 c 0+100 map:0:0:100", "1 s tcpack:150 ack:200",
	     "2 c 0+50 map:0:0:50");
	draw_finish(check_sums);
	DREW("c2s map_reinject", "1,3", "101,2");
}
END_TEST

START_TEST(data_that_was_none)
{
	/* The key says that what was taken for DSNs was none of them: what was
	 * acknowledged then does not count. */
	talk_keys(0, 0, 0x1111, 0x2222);
	TALK("0 c 0+100 map:4000000000000:0:100 ack:0",
	     "0 s tcpack:100 ack:4000000000100", "0 c A at:100 capable",
	     "0 c 100+100 map:0:100:100 ack:0", "1 c S join", "1 s SA join",
	     "1 c A join");
	draw_forget();
	TALK("1 c 0+100 map:0:0:100", "1 s tcpack:100 ack:0");
	draw_finish(NULL);
	DREW("c2s reinjections", "0.008000,1,100,0,1,4.000000,0,useful");
}
END_TEST

START_TEST(forgotten_carrier)
{
	two_subflows();
	/* More acknowledged ranges than are remembered. */
	for (int i = 0; i < 2100; i++) {
		char line[64];

		snprintf(line, sizeof(line), "0 c %d+10 map:%d:%d:10", 10 * i,
			 10 * i, 10 * i);
		TALK(line);
	}
	TALK("0 s tcpack:21000 ack:21000");
	TALK("1 c 0+10 map:0:0:10");
	DREW("c2s reinjections", "2.110000,1,10,,1,,1,redundant");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("reinjection");
	TCase *tcase = draw_case("reinjection");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, useful);
	tcase_add_test(tcase, useful_because_first_was_not_through);
	tcase_add_test(tcase, useful_is_only_what_was_through);
	tcase_add_test(tcase, useful_because_sent_before);
	tcase_add_test(tcase, useful_because_sent_before_but_seen_after);
	tcase_add_test(tcase, redundant_because_sent_after);
	tcase_add_test(tcase, undecided_because_nothing_tells);
	tcase_add_test(tcase, undecided_because_the_clock_is_not_known);
	tcase_add_test(tcase, redundant_because_first_was_acked_too_soon);
	tcase_add_test(tcase, undecided_because_it_may_have_arrived);
	tcase_add_test(tcase, useful_because_first_was_behind_a_hole);
	tcase_add_test(tcase, redundant_because_copy_was_behind_a_hole);
	tcase_add_test(tcase, redundant_because_copy_was_lost);
	tcase_add_test(tcase, redundant_because_acked_before);
	tcase_add_test(tcase, redundant_because_later_bytes_came_first);
	tcase_add_test(tcase, redundant_because_data_acked_in_between);
	tcase_add_test(tcase, second_copy_says_nothing_of_the_first);
	tcase_add_test(tcase, first_copy_that_was_told_late);
	tcase_add_test(tcase, undecided_until_the_end);
	tcase_add_test(tcase, parts_are_told_apart);
	tcase_add_test(tcase, sums);
	tcase_add_test(tcase, data_that_was_none);
	tcase_add_test(tcase, forgotten_carrier);
	return suite;
}
