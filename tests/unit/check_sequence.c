/* SPDX-License-Identifier: BSD-3-Clause */
#include "draw.h"

START_TEST(rows_are_segments)
{
	talk_established();
	draw_forget();
	/* One mapping over two segments, the second without DSS. */
	TALK("0 c 0+100 map:0:0:200", "0 c 100+100", "0 s ack:200 tcpack:200");
	DREW("c2s seq", "0.006000,1,1,1,101,-1", "0.007000,101,1,1,201,-1",
	     "0.008000,201,1,0,0,-1");
}
END_TEST

START_TEST(reinjected_part_has_a_row_of_its_own)
{
	talk_established();
	talk_joined(1);
	draw_forget();
	/* The first half was on subflow 0, the second is new. */
	TALK("0 c 0+100 map:0:0:100", "1 c 0+200 map:0:0:200", "0 s ack:200");
	DREW("c2s seq", "0.009000,1,1,1,101,-1", "0.010000,1,2,1,101,1",
	     "0.010000,101,2,1,201,-1", "0.011000,201,1,0,0,-1");
}
END_TEST

START_TEST(ranges_that_are_sent_again_alike_are_one_row)
{
	talk_established();
	talk_joined(1);
	draw_forget();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "1 c 0+200 map:0:0:200", "0 s ack:200");
	DREW("c2s seq", "0.009000,1,1,1,101,-1", "0.010000,101,1,1,201,-1",
	     "0.011000,1,2,1,201,1", "0.012000,201,1,0,0,-1");
}
END_TEST

/* With the data sequence across: a segment's range in its subflow's lane, and
 * where it is a reinjection the way there from the lane of the first. */
START_TEST(by_subflow)
{
	talk_established();
	talk_joined(1);
	draw_forget();
	TALK("0 c 0+100 map:0:0:100", "1 c 0+200 map:0:0:200",
	     "0 c 0+100 map:0:0:100", "0 s ack:200");
	DREW("c2s seq_sf", "1 101 data 0 -1 on 0", "1 101 reinjected 1 0 on 1",
	     "1 1 from, to 1 0 on 0", "101 201 data 1 -1 on 1",
	     "1 101 retransmitted 0 -1 on 0");
}
END_TEST

START_TEST(repeated_data_ack_is_a_dot)
{
	talk_established();
	draw_forget();
	TALK("0 c 0+100 map:0:0:100", "0 s ack:100", "0 s ack:100");
	DREW("c2s seq", "0.006000,1,1,1,101,-1", "0.007000,101,1,0,0,-1",
	     "0.008000,101,1,0,0,-1");
}
END_TEST

START_TEST(signals_are_marked)
{
	talk_established();
	draw_forget();
	TALK("0 s add:3:10.0.7.2", "0 c echo:3:10.0.7.2", "1 c S join",
	     "0 c prio:1", "0 c remove:4", "0 c fin:0 ack:0");
	DREW("s2c marks", "0.006000,1,ADD_ADDR,0");
	DREW("c2s marks", "0.007000,1,ADD_ADDR echo,0", "0.008000,1,JOIN,1",
	     "0.009000,1,MP_PRIO backup,0", "0.010000,1,REMOVE_ADDR,0",
	     "0.011000,1,DATA_FIN,0");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("sequence");
	TCase *tcase = draw_case("sequence");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, rows_are_segments);
	tcase_add_test(tcase, reinjected_part_has_a_row_of_its_own);
	tcase_add_test(tcase, ranges_that_are_sent_again_alike_are_one_row);
	tcase_add_test(tcase, by_subflow);
	tcase_add_test(tcase, repeated_data_ack_is_a_dot);
	tcase_add_test(tcase, signals_are_marked);
	return suite;
}
