/* SPDX-License-Identifier: BSD-3-Clause */
/* The small ones: acksize, delays, goodput, round trips. */
#include "draw.h"

START_TEST(ack_sizes)
{
	talk_established();
	draw_forget();
	TALK("0 c 0+100 map:0:0:300", "0 c 100+200", "0 s ack:100",
	     "0 s ack:100", "0 s ack:300", "0 s ack:200");
	DREW("c2s acksize", "0.008000,100,1,0,0,-1", "0.009000,0,1,0,0,-1",
	     "0.010000,200,1,0,0,-1", "0.011000,0,1,0,0,-1");
}
END_TEST

START_TEST(ack_of_data_fin_is_of_no_data)
{
	talk_established();
	draw_forget();
	TALK("0 c 0+100 map:0:0:100 fin", "0 s ack:101");
	DREW("c2s acksize", "0.007000,100,1,0,0,-1");
}
END_TEST

START_TEST(first_ack_of_a_connection_that_was_there)
{
	/* Only its SYN is in the capture (version 0: with a key). */
	talk_keys(0, 0, 0x1111, 0x2222);
	TALK("0 c S capable", "0 s tcpack:100 ack:100",
	     "0 c 100+100 map:100:100:100 ack:0", "0 s tcpack:200 ack:200");
	DREW("c2s acksize", "0.002000,100,1,0,0,-1", "0.004000,100,1,0,0,-1");
}
END_TEST

START_TEST(delays)
{
	talk_established();
	draw_forget();
	/* Each range has its own, also when one DATA_ACK covers both. */
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100 +10",
	     "0 s ack:200 +20");
	DREW("c2s rtt_ack_ts", "0.036000,30.000000,2,0,0",
	     "0.036000,20.000000,2,0,0");
	DREW("c2s rtt_seq_ts", "0.006000,30.000000,2,0,0",
	     "0.016000,20.000000,2,0,0");
	DREW("c2s rtt_seq_num", "1,30.000000,2,0,0", "101,20.000000,2,0,0");
}
END_TEST

START_TEST(delay_of_what_was_sent_twice_is_unknown)
{
	talk_established();
	talk_joined(1);
	draw_forget();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "1 c 0+100 map:0:0:100", "0 s ack:200");
	DREW("c2s rtt_ack_ts", "0.012000,2.000000,2,0,0");
}
END_TEST

START_TEST(goodput)
{
	talk_established();
	draw_forget();
	/* -G 2: a block is done with the third DATA_ACK after its first. */
	TALK("0 c 0+500 map:0:0:500", "0 s ack:100 +10", "0 s ack:200 +10",
	     "0 s ack:200 +1", "0 s ack:300 +9", "0 s ack:400 +10",
	     "0 s ack:500 +10");
	DREW("c2s gput", "0.016000,0.010000,2,0,0", "0.026000,0.010000,2,0,0",
	     "0.036000,0.010000,2,0,0", "0.046000,0.010000,1,0,0",
	     "0.046000,0.010000,2,0,0", "0.046000,0.010000,3,0,0",
	     "0.056000,0.010000,2,0,0", "0.056000,0.010000,3,0,0");
}
END_TEST

START_TEST(no_time_no_rate)
{
	talk_established();
	draw_forget();
	TALK("0 c 0+500 map:0:0:500", "0 s ack:100 +0");
	DREW_NOTHING("c2s gput");
}
END_TEST

START_TEST(round_trips)
{
	TALK("0 c S capable", "0 s SA capable +20", "0 c capable", "0 s ack:0",
	     "0 c ack:0");
	DREW("c2s rtt", "0.021000,20.000000,handshake RTT,0");
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 +30", "0 s ack:100");
	DREW("c2s rtt", "0.055000,30.000000,TCP RTT,0",
	     "0.056000,31.000000,DATA_ACK delay,0");
}
END_TEST

START_TEST(handshake_of_a_syn_sent_twice_is_unknown)
{
	TALK("0 c S capable", "0 c S capable", "0 s SA capable");
	DREW_NOTHING("c2s rtt");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("graphs");
	TCase *tcase = draw_case("graphs");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, ack_sizes);
	tcase_add_test(tcase, ack_of_data_fin_is_of_no_data);
	tcase_add_test(tcase, first_ack_of_a_connection_that_was_there);
	tcase_add_test(tcase, delays);
	tcase_add_test(tcase, delay_of_what_was_sent_twice_is_unknown);
	tcase_add_test(tcase, goodput);
	tcase_add_test(tcase, no_time_no_rate);
	tcase_add_test(tcase, round_trips);
	tcase_add_test(tcase, handshake_of_a_syn_sent_twice_is_unknown);
	return suite;
}
