/* SPDX-License-Identifier: BSD-3-Clause */
/* Windows of 10 ms: 1000 bytes in one are 0.8 Mbit/s. A segment is 40 octets
 * larger on the wire than its payload. */
#include "draw.h"

START_TEST(each_subflow_and_the_total)
{
	talk_established();
	talk_joined(1);
	draw_forget();
	/* From 11 ms on, when the handshakes are over. */
	TALK("0 c 0+1000 map:0:0:1000 +3", "1 c 0+460 map:1000:0:460",
	     "0 s ack:1000 tcpack:1000");
	draw_finish(NULL);
	DREW("c2s throughput", "0.001000,0.011000,0.160000,wire,",
	     "0.001000,0.011000,0.096000,wire,0",
	     "0.001000,0.011000,0.064000,wire,1",
	     "0.011000,0.021000,1.232000,wire,",
	     "0.011000,0.021000,1.168000,goodput,",
	     "0.011000,0.021000,0.800000,acked,",
	     "0.011000,0.021000,0.832000,wire,0",
	     "0.011000,0.021000,0.800000,goodput,0",
	     "0.011000,0.021000,0.400000,wire,1",
	     "0.011000,0.021000,0.368000,goodput,1");
	DREW("s2c throughput", "0.001000,0.011000,0.096000,wire,",
	     "0.001000,0.011000,0.064000,wire,0",
	     "0.001000,0.011000,0.032000,wire,1",
	     "0.011000,0.021000,0.032000,wire,",
	     "0.011000,0.021000,0.032000,wire,0");
}
END_TEST

START_TEST(a_pause_is_one_row)
{
	talk_established();
	TALK("0 c 0+60 map:0:0:60 +100", "0 c 60+60 map:60:60:60 +3600000");
	draw_finish(NULL);
	DREW("c2s throughput", "0.001000,0.011000,0.096000,wire,",
	     "0.001000,0.011000,0.096000,wire,0",
	     "0.011000,0.101000,0.000000,wire,",
	     "0.011000,0.101000,0.000000,wire,0",
	     "0.101000,0.111000,0.080000,wire,",
	     "0.101000,0.111000,0.048000,goodput,",
	     "0.101000,0.111000,0.080000,wire,0",
	     "0.101000,0.111000,0.048000,goodput,0",
	     "0.111000,3600.101000,0.000000,wire,",
	     "0.111000,3600.101000,0.000000,goodput,",
	     "0.111000,3600.101000,0.000000,wire,0",
	     "0.111000,3600.101000,0.000000,goodput,0",
	     "3600.101000,3600.111000,0.080000,wire,",
	     "3600.101000,3600.111000,0.048000,goodput,",
	     "3600.101000,3600.111000,0.080000,wire,0",
	     "3600.101000,3600.111000,0.048000,goodput,0");
}
END_TEST

START_TEST(a_pause_ends_before_the_window_begins)
{
	talk_established();
	talk_joined(1);
	TALK("0 c A +20", "1 c A +10", "0 c A", "0 c A +10", "1 c A +10");
	draw_finish(NULL);
	/* What was idle first, then what is not. */
	DREW("c2s throughput", "0.001000,0.011000,0.160000,wire,",
	     "0.001000,0.011000,0.096000,wire,0",
	     "0.001000,0.011000,0.064000,wire,1",
	     "0.011000,0.021000,0.000000,wire,",
	     "0.011000,0.021000,0.000000,wire,0",
	     "0.021000,0.031000,0.032000,wire,",
	     "0.021000,0.031000,0.032000,wire,0",
	     "0.011000,0.031000,0.000000,wire,1",
	     "0.031000,0.041000,0.064000,wire,",
	     "0.031000,0.041000,0.032000,wire,1",
	     "0.031000,0.041000,0.032000,wire,0",
	     "0.041000,0.051000,0.032000,wire,",
	     "0.041000,0.051000,0.032000,wire,0",
	     "0.041000,0.051000,0.000000,wire,1",
	     "0.051000,0.061000,0.032000,wire,",
	     "0.051000,0.061000,0.032000,wire,1");
}
END_TEST

START_TEST(what_is_sent_again_is_on_the_wire_only)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+60 map:0:0:60 +3");
	draw_forget();
	TALK("0 c 0+60 map:0:0:60 +10", "1 c 0+120 map:0:0:120");
	draw_finish(NULL);
	/* Of the last one, half is new. */
	DREW("c2s throughput", "0.011000,0.021000,0.080000,wire,",
	     "0.011000,0.021000,0.048000,goodput,",
	     "0.011000,0.021000,0.080000,wire,0",
	     "0.011000,0.021000,0.048000,goodput,0",
	     "0.011000,0.021000,0.000000,wire,1",
	     "0.021000,0.031000,0.208000,wire,",
	     "0.021000,0.031000,0.048000,goodput,",
	     "0.021000,0.031000,0.080000,wire,0",
	     "0.021000,0.031000,0.128000,wire,1",
	     "0.021000,0.031000,0.048000,goodput,1");
}
END_TEST

START_TEST(time_that_turns_back_loses_nothing)
{
	talk_established();
	TALK("0 c 0+60 map:0:0:60 +20", "0 c 60+60 map:60:60:60 -15",
	     "0 c 120+60 map:120:120:60 +10");
	draw_finish(NULL);
	DREW("c2s throughput", "0.001000,0.011000,0.096000,wire,",
	     "0.001000,0.011000,0.096000,wire,0",
	     "0.011000,0.021000,0.000000,wire,",
	     "0.011000,0.021000,0.000000,wire,0",
	     "0.021000,0.031000,0.240000,wire,",
	     "0.021000,0.031000,0.144000,goodput,",
	     "0.021000,0.031000,0.240000,wire,0",
	     "0.021000,0.031000,0.144000,goodput,0");
}
END_TEST

START_TEST(before_the_beginning)
{
	talk_established();
	TALK("0 c A -500");
	draw_finish(NULL);
	DREW("c2s throughput", "0.001000,0.011000,0.128000,wire,",
	     "0.001000,0.011000,0.128000,wire,0");
}
END_TEST

START_TEST(data_fin_is_no_data)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 fin", "0 s ack:101");
	draw_finish(NULL);
	DREW("c2s throughput", "0.001000,0.011000,0.208000,wire,",
	     "0.001000,0.011000,0.080000,goodput,",
	     "0.001000,0.011000,0.080000,acked,",
	     "0.001000,0.011000,0.208000,wire,0",
	     "0.001000,0.011000,0.080000,goodput,0");
}
END_TEST

START_TEST(data_fin_seen_after_its_ack_is_taken_back)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s ack:101", "0 c fin:100");
	draw_finish(NULL);
	DREW("c2s throughput", "0.001000,0.011000,0.240000,wire,",
	     "0.001000,0.011000,0.080000,goodput,",
	     "0.001000,0.011000,0.080000,acked,",
	     "0.001000,0.011000,0.240000,wire,0",
	     "0.001000,0.011000,0.080000,goodput,0");
}
END_TEST

START_TEST(no_rate_is_below_0)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s ack:101", "0 c fin:100 +10");
	draw_finish(NULL);
	DREW("c2s throughput", "0.001000,0.011000,0.208000,wire,",
	     "0.001000,0.011000,0.080000,goodput,",
	     "0.001000,0.011000,0.080800,acked,",
	     "0.001000,0.011000,0.208000,wire,0",
	     "0.001000,0.011000,0.080000,goodput,0",
	     "0.011000,0.021000,0.032000,wire,",
	     "0.011000,0.021000,0.032000,wire,0");
}
END_TEST

static void acked_200(const struct report_conn *report)
{
	ck_assert_int_eq(report->data[CLIENT].bytes_acked, 200);
}

START_TEST(acked_follows_a_shift)
{
	/* The key tells that the first data seen is not the first. */
	TALK("0 c 100+100 map:100:100:100 ack:0", "0 s ack:200", "0 c capable");
	draw_finish(acked_200);
	DREW("c2s throughput", "0.001000,0.011000,0.144000,wire,",
	     "0.001000,0.011000,0.080000,goodput,",
	     "0.001000,0.011000,0.160000,acked,",
	     "0.001000,0.011000,0.144000,wire,0",
	     "0.001000,0.011000,0.080000,goodput,0");
}
END_TEST

START_TEST(syn_sent_again)
{
	TALK("0 c S capable", "0 c S capable +1000", "0 s SA capable",
	     "0 c capable");
	draw_finish(NULL);
	DREW("c2s throughput", "0.001000,0.011000,0.032000,wire,",
	     "0.001000,0.011000,0.032000,wire,0",
	     "0.011000,1.001000,0.000000,wire,",
	     "0.011000,1.001000,0.000000,wire,0",
	     "1.001000,1.011000,0.064000,wire,",
	     "1.001000,1.011000,0.064000,wire,0");
}
END_TEST

START_TEST(nothing_of_what_is_no_mptcp)
{
	TALK("0 c S capable");
	for (int i = 0; i < 100; i++)
		TALK("0 c S +20");
	draw_finish(NULL);
	DREW_NOTHING("c2s throughput");
}
END_TEST

START_TEST(rates_are_rounded_to_the_bit)
{
	draw_options.interval = 3 * NSTIME_SECOND;
	talk_established();
	TALK("0 c 0+1000 map:0:0:1000");
	draw_finish(NULL);
	/* 9280 bits, 8000 bits in 3 s */
	DREW("c2s throughput", "0.001000,3.001000,0.003093,wire,",
	     "0.001000,3.001000,0.002667,goodput,",
	     "0.001000,3.001000,0.003093,wire,0",
	     "0.001000,3.001000,0.002667,goodput,0");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("throughput");
	TCase *tcase = draw_case("throughput");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, each_subflow_and_the_total);
	tcase_add_test(tcase, a_pause_is_one_row);
	tcase_add_test(tcase, a_pause_ends_before_the_window_begins);
	tcase_add_test(tcase, what_is_sent_again_is_on_the_wire_only);
	tcase_add_test(tcase, time_that_turns_back_loses_nothing);
	tcase_add_test(tcase, before_the_beginning);
	tcase_add_test(tcase, data_fin_is_no_data);
	tcase_add_test(tcase, data_fin_seen_after_its_ack_is_taken_back);
	tcase_add_test(tcase, no_rate_is_below_0);
	tcase_add_test(tcase, acked_follows_a_shift);
	tcase_add_test(tcase, syn_sent_again);
	tcase_add_test(tcase, nothing_of_what_is_no_mptcp);
	tcase_add_test(tcase, rates_are_rounded_to_the_bit);
	return suite;
}
