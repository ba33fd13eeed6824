/* SPDX-License-Identifier: BSD-3-Clause */
#include "draw.h"

START_TEST(bytes_under_way)
{
	talk_established();
	draw_forget();
	TALK("0 c 0+100 map:0:0:300", "0 c 100+200", "0 s tcpack:100",
	     "0 s tcpack:300 ack:300");
	/* The window comes with each DATA_ACK: 2 data, 3 TCP. */
	DREW("c2s flight", "0.006000,100,3,0,0,-1", "0.006000,100,2,0,0,-1",
	     "0.007000,300,3,0,0,-1", "0.007000,300,2,0,0,-1",
	     "0.008000,200,3,0,0,-1", "0.009000,1000,1,0,0,-1",
	     "0.009000,0,2,0,0,-1", "0.009000,0,3,0,0,-1");
	DREW_NOTHING("s2c flight");
}
END_TEST

START_TEST(sent_again_changes_nothing)
{
	talk_established();
	draw_forget();
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 map:0:0:100");
	DREW("c2s flight", "0.006000,100,3,0,0,-1", "0.006000,100,2,0,0,-1");
}
END_TEST

START_TEST(stacked)
{
	talk_established();
	talk_joined(1);
	draw_forget();
	TALK("0 c 0+100 map:0:0:100", "1 c 0+50 map:100:0:50", "0 s tcpack:100",
	     "1 s tcpack:50");
	DREW("c2s flight_per_flow", "0.009000,0,0,1,100,-1",
	     "0.010000,0,0,1,100,-1", "0.010000,100,1,1,150,-1",
	     "0.011000,0,0,1,0,-1", "0.011000,0,1,1,50,-1",
	     "0.012000,0,1,1,0,-1");
}
END_TEST

START_TEST(reset_empties)
{
	talk_established();
	talk_joined(1);
	draw_forget();
	TALK("1 c 0+100 map:0:0:100", "1 s R");
	DREW("c2s flight_per_flow", "0.009000,0,1,1,100,-1",
	     "0.010000,0,1,1,0,-1");
}
END_TEST

START_TEST(reset_is_reset)
{
	talk_established();
	talk_joined(1);
	draw_forget();
	/* FINs from before, which come after the reset, change nothing. */
	TALK("1 c 0+100 map:0:0:100", "1 c R at:100", "1 c F at:100",
	     "1 s F at:0");
	DREW("c2s marks", "0.010000,101,RST,1");
	DREW_NOTHING("s2c marks");
	DREW("c2s flight_per_flow", "0.009000,0,1,1,100,-1",
	     "0.010000,0,1,1,0,-1");
}
END_TEST

START_TEST(right_edge)
{
	talk_established();
	draw_forget();
	TALK("0 s ack:0 wnd:1000", "0 c 0+100 map:0:0:100",
	     "0 s ack:100 wnd:500", "0 s ack:100 wnd:2000");
	/* The edge never goes back. */
	DREW("c2s rightEdge", "0.006000,1001,2,0,0,-1", "0.006000,1,1,0,0,-1",
	     "0.008000,1001,2,0,0,-1", "0.008000,101,1,0,0,-1",
	     "0.009000,2101,2,0,0,-1", "0.009000,101,1,0,0,-1");
	DREW("c2s flight", "0.006000,1000,1,0,0,-1", "0.007000,100,3,0,0,-1",
	     "0.007000,100,2,0,0,-1", "0.008000,900,1,0,0,-1",
	     "0.008000,0,2,0,0,-1", "0.008000,0,3,0,0,-1",
	     "0.009000,2000,1,0,0,-1");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("flight");
	TCase *tcase = draw_case("flight");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, bytes_under_way);
	tcase_add_test(tcase, sent_again_changes_nothing);
	tcase_add_test(tcase, stacked);
	tcase_add_test(tcase, reset_empties);
	tcase_add_test(tcase, reset_is_reset);
	tcase_add_test(tcase, right_edge);
	return suite;
}
