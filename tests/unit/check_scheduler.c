/* SPDX-License-Identifier: BSD-3-Clause */
#include "draw.h"

static int64_t bursts, switches; /* expected, c2s */

static void check_counts(const struct report_conn *report)
{
	ck_assert_int_eq(report->data[CLIENT].bursts, bursts);
	ck_assert_int_eq(report->data[CLIENT].switches, switches);
	ck_assert_int_eq(report->data[SERVER].bursts, 0);
	ck_assert_int_eq(report->data[SERVER].switches, 0);
}

static void finish(int64_t expected_bursts, int64_t expected_switches)
{
	bursts = expected_bursts;
	switches = expected_switches;
	draw_finish(check_counts);
}

START_TEST(bursts_end_with_a_switch)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:200", "0 c 100+100", "0 s ack:200",
	     "1 c 0+50 map:200:0:50", "0 c 200+10 map:250:200:10",
	     "0 c 210+10 map:260:210:10");
	finish(3, 2);
	DREW("c2s scheduler", "0.009000,0.010000,0,2,200",
	     "0.012000,0.012000,1,1,50", "0.013000,0.014000,0,2,20");
	DREW_NOTHING("s2c scheduler");
}
END_TEST

START_TEST(one_burst_is_no_switch)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100");
	finish(1, 0);
	DREW("c2s scheduler", "0.006000,0.006000,0,1,100");
}
END_TEST

START_TEST(without_data_there_is_no_burst)
{
	talk_established();
	TALK("0 c fin:0", "0 s ack:1");
	finish(0, 0);
	DREW_NOTHING("c2s scheduler");
	DREW_NOTHING("c2s share");
}
END_TEST

START_TEST(counted_without_figures)
{
	draw_options.easel = NULL;
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "1 c 0+50 map:100:0:50");
	finish(2, 1);
}
END_TEST

START_TEST(sides_have_bursts_of_their_own)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "1 s 0+100 map:0:0:100",
	     "0 c 100+100 map:100:100:100");
	draw_finish(NULL);
	DREW("c2s scheduler", "0.009000,0.011000,0,2,200");
	DREW("s2c scheduler", "0.010000,0.010000,1,1,100");
}
END_TEST

START_TEST(reinjections_are_the_scheduler_s_retransmissions_are_not)
{
	talk_established();
	talk_joined(1);
	/* TCP's on 0 is within the burst of 1; reinjected with new data, a
	 * packet counts once. */
	TALK("0 c 0+100 map:0:0:100", "1 c 0+50 map:100:0:50",
	     "0 c 0+100 map:0:0:100", "1 c 50+50 map:150:50:50",
	     "0 c 100+200 map:100:100:200");
	finish(3, 2);
	DREW("c2s scheduler", "0.009000,0.009000,0,1,100",
	     "0.010000,0.012000,1,2,100", "0.013000,0.013000,0,1,200");
	DREW("c2s share", "0.001000,0.011000,66.666667,0",
	     "0.001000,0.011000,33.333333,1", "0.011000,0.021000,33.333333,1",
	     "0.011000,0.021000,66.666667,0");
}
END_TEST

START_TEST(bursts_do_not_overlap)
{
	talk_established();
	talk_joined(1);
	/* Subflow 0's first segment waits for its mapping. */
	TALK("1 c 0+50 map:200:0:50", "0 c 0+100", "1 c 50+50 map:250:50:50",
	     "0 c 100+100 map:0:0:200");
	finish(2, 1);
	DREW("c2s scheduler", "0.009000,0.011000,1,2,100",
	     "0.011000,0.012000,0,2,200");
}
END_TEST

START_TEST(time_that_turns_back)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+10 map:0:0:10", "0 c 10+10 map:10:10:10 +30",
	     "0 c 20+10 map:20:20:10 -10", "1 c 0+10 map:30:0:10 -10");
	finish(2, 1);
	DREW("c2s scheduler", "0.009000,0.039000,0,3,30",
	     "0.039000,0.039000,1,1,10");
	DREW("c2s share", "0.001000,0.011000,100.000000,0",
	     "0.031000,0.041000,66.666667,0", "0.031000,0.041000,33.333333,1");
}
END_TEST

START_TEST(shares_make_up_the_whole)
{
	talk_established();
	talk_joined(1);
	talk_joined(2);
	talk_joined(3);
	/* Three thirds, then one alone. */
	TALK("0 c 0+10 map:0:0:10 +4", "1 c 0+10 map:10:0:10",
	     "2 c 0+10 map:20:0:10", "3 c 0+10 map:30:0:10 +10");
	draw_finish(NULL);
	DREW("c2s share", "0.011000,0.021000,33.333333,0",
	     "0.011000,0.021000,33.333334,1", "0.011000,0.021000,33.333333,2",
	     "0.021000,0.031000,100.000000,3");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("scheduler");
	TCase *tcase = draw_case("scheduler");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, bursts_end_with_a_switch);
	tcase_add_test(tcase, one_burst_is_no_switch);
	tcase_add_test(tcase, without_data_there_is_no_burst);
	tcase_add_test(tcase, counted_without_figures);
	tcase_add_test(tcase, sides_have_bursts_of_their_own);
	tcase_add_test(
	    tcase, reinjections_are_the_scheduler_s_retransmissions_are_not);
	tcase_add_test(tcase, bursts_do_not_overlap);
	tcase_add_test(tcase, time_that_turns_back);
	tcase_add_test(tcase, shares_make_up_the_whole);
	return suite;
}
