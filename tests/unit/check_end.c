/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tracker on ends: FIN, reset, time-out, stragglers, the same ports used
 * again, and what else is counted. The language is explained in talk.h.
 */
#include "talk.h"

#include <stdio.h>

#define OPENED "open", "named 0", "subflow 0 from client"

static enum conn_state state(void)
{
	return conn_state(talk_conn(0));
}

static enum subflow_state subflow_state(int id)
{
	return talk_conn(0)->subflows[id]->state;
}

START_TEST(fin_both_ways)
{
	talk_established();
	TALK("0 c F ack:0");
	ck_assert_int_eq(subflow_state(0), SUBFLOW_HALF_CLOSED);
	TALK("0 s FA ack:0", "0 c ack:0");
	HEARD("end 0 closed");
	ck_assert_int_eq(subflow_state(0), SUBFLOW_CLOSED);
	talk_finish("1 1 0 0 0");
	HEARD("close closed");
}
END_TEST

START_TEST(fin_repeated)
{
	talk_established();
	TALK("0 c FA at:0 ack:0", "0 c FA at:0 ack:0", "0 s FA at:0 ack:0",
	     "0 s FA at:0 ack:0");
	HEARD("end 0 closed");
}
END_TEST

/* FIN takes up a sequence number, but is no data. */
START_TEST(fin_is_no_data)
{
	talk_hear_tcp();
	talk_established();
	TALK("0 c FA 0+100 map:0:0:100 ack:0", "0 s tcpack:101 ack:100");
	HEARD("tcp c0 0-100 new", "data c0 0-100 new", "acked c 100 rtt 1",
	      "tcpacked c0 100 rtt 1");
}
END_TEST

/* One subflow closes; the connection goes on. */
START_TEST(fin_of_one)
{
	talk_established();
	talk_joined(1);
	TALK("1 c FA ack:0", "1 s FA ack:0", "0 c 0+10 map:0:0:10 ack:0");
	HEARD("end 1 closed", "data c0 0-10 new");
	ck_assert_int_eq(state(), CONN_ESTABLISHED);
	/* ... also much later. */
	TALK("0 c 10+10 map:10:10:10 ack:0 +100000");
	HEARD("data c0 10-20 new");
}
END_TEST

START_TEST(fin_before_data_fin)
{
	talk_established();
	talk_joined(1);
	TALK("0 c FA 0+10 map:0:0:10 ack:0", "1 c 0+10 map:10:0:10 ack:0",
	     "1 c fin:20 ack:0", "1 s fin:0 ack:21", "1 c ack:1");
	HEARD("data c0 0-10 new", "data c1 10-20 new", "data-fin c 20",
	      "data-fin s 0", "acked c 21 rtt 2", "acked s 1");
	ck_assert_int_eq(state(), CONN_CLOSED);
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), CLIENT), 20);
	ck_assert_int_eq(conn_bytes_acked(talk_conn(0), SERVER), 0);
}
END_TEST

/*
 * Resets.
 */
START_TEST(reset)
{
	talk_established();
	TALK("0 s R at:0");
	HEARD("end 0 reset");
	ck_assert_int_eq(state(), CONN_RESET);
	ck_assert_int_eq(talk_conn(0)->subflows[0]->reset_side, SERVER);
	ck_assert_int_eq(talk_conn(0)->subflows[0]->reset_reason, -1);
}
END_TEST

START_TEST(reset_reason)
{
	talk_established();
	talk_joined(1);
	TALK("1 c RA at:0 tcprst:5");
	HEARD("end 1 reset");
	ck_assert_int_eq(talk_conn(0)->subflows[1]->reset_reason, 5);
	ck_assert_int_eq(talk_conn(0)->subflows[1]->reset_side, CLIENT);
	ck_assert_int_eq(state(), CONN_ESTABLISHED);
	ck_assert_uint_eq(talk_conn(0)->half[CLIENT].options[COUNT_TCPRST], 1);
}
END_TEST

/* RFC 9293 section 3.10.7.4: outside of the window it is ignored. */
START_TEST(reset_out_of_window)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 ack:0", "0 s ack:100", "0 c R at:50",
	     "0 c R at:1000000000", "0 s R at:-1");
	HEARD("data c0 0-100 new", "acked c 100 rtt 1");
	ck_assert_int_eq(state(), CONN_ESTABLISHED);
	TALK("0 c 100+100 map:100:100:100 ack:0");
	HEARD("data c0 100-200 new");
	TALK("0 c R at:200");
	HEARD("end 0 reset");
}
END_TEST

/* Both ends may send several. */
START_TEST(reset_repeated)
{
	talk_established();
	TALK("0 s R at:0", "0 s R at:0", "0 c R at:0");
	HEARD("end 0 reset");
	ck_assert_int_eq(talk_conn(0)->subflows[0]->reset_side, SERVER);
}
END_TEST

START_TEST(syn_refused)
{
	TALK("0 c S capable", "0 s RA at:-1");
	HEARD(OPENED, "end 0 refused");
	ck_assert_int_eq(state(), CONN_RESET);
	talk_finish("1 0 0 1 0");
	HEARD("close reset");
}
END_TEST

START_TEST(syn_unanswered)
{
	TALK("0 c S capable", "0 c S capable +1000", "0 c S capable +2000");
	HEARD(OPENED);
	ck_assert_int_eq(talk_conn(0)->subflows[0]->half[CLIENT].syns, 3);
	talk_finish("1 1 0 0 0");
	HEARD("close handshake");
}
END_TEST

/*
 * Time.
 */
START_TEST(linger)
{
	talk_established();
	TALK("0 c 0+10 map:0:0:10 ack:0", "0 c FA ack:0", "0 s FA ack:0");
	HEARD("data c0 0-10 new", "end 0 closed");
	/* A straggler still belongs to it. */
	TALK("0 c 0+10 map:0:0:10 ack:0 +30000", "0 s ack:10");
	HEARD("data c0 0-10 again 0 -3", "acked c 10");
	/* Then it is forgotten. */
	TALK("5 c S +100000");
	HEARD("close closed");
	TALK("0 s FA at:0 ack:10");
	HEARD("[1] open", "[1] subflow 0 from client");
	talk_finish("3 1 1 0 1");
}
END_TEST

START_TEST(timeout)
{
	talk_options(5 * NSTIME_SECOND, 0);
	talk_established();
	TALK("0 c 0+10 map:0:0:10 ack:0 +4000", "5 c S +4000");
	HEARD("data c0 0-10 new");
	/* Not to the moment: it is looked for now and then. */
	TALK("5 s SA +5000");
	HEARD("close established");
	talk_finish("2 1 0 0 1");
}
END_TEST

/* What comes on its ports after that is something new. */
START_TEST(timeout_then_data)
{
	talk_options(5 * NSTIME_SECOND, 0);
	talk_established();
	TALK("0 c 0+10 map:0:0:10 ack:0 +6000");
	HEARD("close established", "[1] open", "[1] subflow 0 from client",
	      "[1] data c0 0-10 new");
	talk_finish("2 1 1 0 0");
}
END_TEST

/* What came at no known time was not silent for long. */
START_TEST(timeout_of_never)
{
	talk_options(5 * NSTIME_SECOND, 0);
	TALK("0 c S capable never", "0 s SA capable never", "0 c capable never",
	     "0 c 0+10 map:0:0:10 ack:0 never");
	talk_forget();
	TALK("1 c S +7000", "0 c 10+10 map:10:10:10 ack:0");
	HEARD("data c0 10-20 new");
}
END_TEST

START_TEST(no_timeout)
{
	talk_established();
	TALK("0 c 0+10 map:0:0:10 ack:0 +100000000");
	HEARD("data c0 0-10 new");
}
END_TEST

/* Traces are merged by time, not always perfectly. */
START_TEST(time_goes_back)
{
	const struct conn *conn;

	talk_established();
	TALK("0 c 0+100 map:0:0:100 ack:0 +1000", "0 s ack:100 -500",
	     "0 c 100+100 map:100:100:100 ack:0", "0 s ack:200");
	/* An answer before its question says nothing of the RTT. */
	HEARD("data c0 0-100 new", "acked c 100", "data c0 100-200 new",
	      "acked c 200 rtt 1");
	conn = talk_conn(0);
	ck_assert(conn->first == 1000 * NSTIME_SECOND + NSTIME_SECOND / 1000);
	ck_assert(conn->last == talk.times[6]);
}
END_TEST

/* Of packets of one moment the last is the last. */
START_TEST(one_moment)
{
	const struct subflow *subflow;
	uint64_t frame;

	talk_established();
	subflow = talk_conn(0)->subflows[0];
	frame = subflow->last_frame;
	TALK("0 c 0+10 map:0:0:10 ack:0", "0 s ack:10 +0");
	ck_assert_uint_eq(subflow->last_frame, frame + 2);
	ck_assert(subflow->last == talk_conn(0)->last);
	TALK("0 c 10+10 map:10:10:10 ack:0 -1");
	ck_assert_uint_eq(subflow->last_frame, frame + 2);
}
END_TEST

/*
 * The same ports again.
 */
START_TEST(ports_again)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100 ack:0");
	talk_forget();
	talk.path[0].pair = 1;
	talk.path[0].isn[CLIENT] += 777777777;
	talk.path[0].isn[SERVER] += 777777777;
	TALK("0 c S capable", "0 s SA capable", "0 c at:0 capable",
	     "0 c 0+10 map:0:0:10 ack:0");
	HEARD("[1] open", "[1] named 1", "[1] subflow 0 from client",
	      "[1] data c0 0-10 new");
	ck_assert_int_eq(conn_state(talk_conn(1)), CONN_ESTABLISHED);
	ck_assert_int_eq(talk_conn(0)->half[CLIENT].stream.sent, 100);
	talk_finish("2 2 0 0 0");
}
END_TEST

/* Version 0: another key is another connection, even with the same ISN. */
START_TEST(ports_again_0)
{
	talk_keys(0, 0, 7, 8);
	talk_keys(1, 0, 9, 10);
	TALK("0 c S capable", "0 c S capable", "0 s SA capable",
	     "0 c capable ack:0");
	HEARD(OPENED);
	talk.path[0].pair = 1;
	TALK("0 c S capable");
	HEARD("[1] open", "[1] named 1", "[1] subflow 0 from client");
	ck_assert_uint_eq(talk_conn(1)->half[CLIENT].key, 9);
	talk_finish("2 2 0 0 0");
}
END_TEST

START_TEST(ports_again_after_reset)
{
	talk_established();
	TALK("0 s R at:0");
	talk.path[0].isn[CLIENT] += 1000;
	TALK("0 c S");
	HEARD("end 0 reset");
	talk_finish("2 1 0 0 1");
	HEARD("close reset");
}
END_TEST

/* A join from the ports of an ended subflow. */
START_TEST(join_from_ports_again)
{
	talk_established();
	talk_joined(1);
	TALK("1 c R at:0");
	talk.path[1].isn[CLIENT] += 12345678;
	talk.path[1].isn[SERVER] += 12345678;
	TALK("1 c S join", "1 s SA join", "1 c at:0 join",
	     "1 c 0+10 map:0:0:10 ack:0");
	HEARD("end 1 reset", "subflow 2 from client", "hmac s2 ok",
	      "hmac c2 ok", "data c2 0-10 new");
	talk_finish("3 3 0 0 0");
}
END_TEST

/* Plain TCP is counted and nothing else. */
START_TEST(plain)
{
	TALK("0 c S", "0 s SA", "0 c", "0 c 0+100", "0 s", "1 c 0+100",
	     "1 s FA", "1 c FA", "2 c S", "2 s RA");
	HEARD_NOTHING;
	talk_finish("3 0 0 0 3");
	HEARD_NOTHING;
	ck_assert_uint_eq(tracker_counts(talk.tracker)->mptcp_packets, 0);
}
END_TEST

START_TEST(counts)
{
	talk_established();
	talk_joined(1);
	talk.path[4].pair = 1;
	TALK("2 c S capable", "2 s SA", "3 c S", "4 c 0+1 map:0:0:1");
	talk_finish("5 2 1 1 1");
	ck_assert_uint_eq(tracker_counts(talk.tracker)->mptcp_packets, 10);
}
END_TEST

static uint64_t excess(enum tracker_limit limit)
{
	return tracker_counts(talk.tracker)->excess[limit].count;
}

/* Other ends for each path, so that each is a connection of its own. */
static void strangers(void)
{
	for (int i = 0; i < TALK_PATHS; i++)
		talk.path[i].pair = i % TALK_PAIRS;
}

/* The third SYN is one too many: noticed by the packet after it. */
START_TEST(half_open_most)
{
	talk_limit(LIMIT_HALF_OPEN, 2, 0);
	strangers();
	TALK("0 c S capable", "1 c S capable", "2 c S capable");
	talk_forget();
	ck_assert_uint_eq(excess(LIMIT_HALF_OPEN), 0);
	TALK("3 c S");
	HEARD("close handshake");
	ck_assert_uint_eq(excess(LIMIT_HALF_OPEN), 1);
	ck_assert_uint_eq(
	    tracker_counts(talk.tracker)->excess[LIMIT_HALF_OPEN].frame, 4);
}
END_TEST

/* One that was answered is no longer half open, and one that asked again is
 * not the oldest. */
START_TEST(half_open_active)
{
	talk_limit(LIMIT_HALF_OPEN, 2, 0);
	strangers();
	TALK("0 c S capable", "0 s SA capable", "1 c S capable",
	     "2 c S capable", "1 c S capable", "3 c S capable");
	talk_forget();
	TALK("4 c S");
	HEARD("[2] close handshake");
	ck_assert_uint_eq(excess(LIMIT_HALF_OPEN), 1);
}
END_TEST

/* It is found among those that are silent, whatever the time-out. */
START_TEST(conns_most)
{
	const nstime_t timeouts[] = {0, 3600 * NSTIME_SECOND};

	talk_limit(LIMIT_CONNS, 1, timeouts[_i]);
	strangers();
	TALK("0 c S capable", "0 s SA capable", "0 c capable", "1 c S capable",
	     "1 s SA capable", "1 c capable");
	talk_forget();
	TALK("0 s ack:0", "1 s ack:0");
	HEARD_NOTHING; /* half open when they came in: not looked at yet */
	TALK("1 c FA ack:0", "1 s FA ack:0", "1 c ack:0");
	HEARD("[1] end 0 closed");
	ck_assert_uint_eq(excess(LIMIT_CONNS), 0);
}
END_TEST

START_TEST(subflows_most)
{
	talk_limit(LIMIT_SUBFLOWS, 2, 0);
	strangers();
	TALK("0 c S capable", "0 s SA capable", "0 c capable", "1 c S capable",
	     "1 s SA capable", "1 c capable", "0 s ack:0", "2 c S capable");
	talk_forget();
	TALK("3 c S"); /* the second has been silent for longest */
	ck_assert_uint_eq(excess(LIMIT_SUBFLOWS), 1);
	HEARD("[1] close established");
}
END_TEST

START_TEST(flows_most)
{
	talk_limit(LIMIT_FLOWS, 2, 0);
	TALK("0 c S", "1 c S", "0 s SA", "2 c S", "3 c S");
	ck_assert_uint_eq(excess(LIMIT_FLOWS), 1);
	TALK("1 c S"); /* counted again */
	ck_assert_uint_eq(excess(LIMIT_FLOWS), 2);
	talk_finish("5 0 0 0 5");
}
END_TEST

/* A subflow too many is counted, and that is all. */
START_TEST(conn_subflows_most)
{
	talk_limit(LIMIT_CONN_SUBFLOWS, 2, 0);
	talk_established();
	talk_joined(1);
	TALK("2 c S join", "2 s SA join", "2 c join", "2 s ack:0",
	     "2 c 0+10 map:0:0:10 ack:0", "0 c 0+10 map:0:0:10 ack:0");
	HEARD("data c0 0-10 new");
	ck_assert_uint_eq(talk_conn(0)->n_subflows, 2);
	ck_assert_uint_eq(talk_conn(0)->subflows_left_out, 1);
	ck_assert_uint_eq(excess(LIMIT_CONN_SUBFLOWS), 1);
	talk_finish("3 3 0 0 0");
}
END_TEST

/* A whole connection on a path; what is done has the last ACK, too. */
static void whole(int path, bool done)
{
	static const char *const words[] = {
	    "c S capable",   "s SA capable", "c capable",  "c fin:0 ack:0",
	    "s fin:0 ack:1", "c FA ack:1",   "s FA ack:1", "c ack:1",
	};
	char line[40];

	for (size_t i = 0; i < sizeof(words) / sizeof(*words) - !done; i++) {
		snprintf(line, sizeof(line), "%d %s", path, words[i]);
		TALK(line);
	}
}

/* ... as it is heard, by its index. */
#define WHOLE(n)                                                               \
	"[" n "] open", "[" n "] named " n, "[" n "] subflow 0 from client",   \
	    "[" n "] data-fin c 0", "[" n "] data-fin s 0",                    \
	    "[" n "] acked c 1", "[" n "] acked s 1", "[" n "] end 0 closed"

/* Of those that are done, only one may linger. */
static void one_lingers(void)
{
	talk_limit(LIMIT_LINGER, 1, 0);
	strangers();
}

/* Those that are done go when more linger than may; what comes later is known
 * for what it is. */
START_TEST(linger_most)
{
	one_lingers();
	whole(0, true);
	talk_forget();
	whole(1, true);
	HEARD(WHOLE("1"), "close closed");
	ck_assert_uint_eq(excess(LIMIT_LINGER), 0);
	TALK("0 s FA at:0 ack:1");
	HEARD_NOTHING;
	ck_assert_uint_eq(excess(LIMIT_LINGER), 1);
	ck_assert_uint_eq(
	    tracker_counts(talk.tracker)->excess[LIMIT_LINGER].frame,
	    talk.frame);
	TALK("0 c at:1 ack:1", "1 c at:1 ack:1");
	ck_assert_uint_eq(excess(LIMIT_LINGER), 2);
	talk_finish("2 2 0 0 0");
}
END_TEST

/* ... for longer than a few others take to end, too. */
START_TEST(linger_of_flows)
{
	one_lingers();
	for (int path = 0; path < TALK_PATHS; path++)
		whole(path, true);
	talk_forget();
	TALK("0 s FA at:0 ack:1");
	HEARD_NOTHING;
	ck_assert_uint_eq(excess(LIMIT_LINGER), 1);
	talk_finish("10 10 0 0 0");
}
END_TEST

/* Its ports, and later its flow, are something new. */
START_TEST(linger_then_again)
{
	one_lingers();
	whole(0, true);
	whole(1, true);
	talk_forget();
	talk.path[0].isn[CLIENT] += 1000;
	talk.path[0].pair = 2;
	TALK("0 c S capable", "0 s SA capable");
	HEARD("[2] open", "[2] named 2", "[2] subflow 0 from client");
	talk.path[0].isn[CLIENT] -= 1000;
	whole(2, true);
	TALK("1 s FA at:0 ack:1 +61000", "1 s FA at:0 ack:1");
	ck_assert_uint_eq(excess(LIMIT_LINGER), 0);
	talk_finish("5 4 1 0 0");
}
END_TEST

/* A FIN that was not acknowledged is sent again. */
START_TEST(linger_waits)
{
	one_lingers();
	whole(0, false);
	whole(1, true);
	talk_forget();
	whole(2, true);
	HEARD(WHOLE("2"), "[1] close closed");
	TALK("0 s FA at:0 ack:1", "0 c at:1 ack:1");
	ck_assert_uint_eq(talk_conn(0)->subflows[0]->half[SERVER].packets, 4);
	ck_assert_uint_eq(excess(LIMIT_LINGER), 0);
	TALK("0 s RA at:1 +30000"); /* which is no new end */
	TALK("5 c S +31000");
	HEARD("end 0 closed", "close closed", "[2] close closed");
	talk_finish("4 3 0 0 1");
}
END_TEST

/* ... but not for ever: until four times as many have ended. */
START_TEST(linger_waits_for_many)
{
	one_lingers();
	whole(0, false);
	for (int i = 0; i < 4; i++) {
		talk.path[1].isn[CLIENT] += 1000000;
		whole(1, true);
	}
	TALK("0 s FA at:0 ack:1");
	ck_assert_uint_eq(excess(LIMIT_LINGER), 0);
	talk_forget();
	talk.path[1].isn[CLIENT] += 1000000;
	whole(1, true);
	TALK("0 s FA at:0 ack:1");
	ck_assert_uint_eq(excess(LIMIT_LINGER), 1);
	talk_finish("6 6 0 0 0");
}
END_TEST

/* One that fell back is done without DATA_FIN. */
START_TEST(linger_fallen_back)
{
	one_lingers();
	TALK("0 c S capable", "0 s SA", "0 c", "0 c FA", "0 s FA", "0 c");
	talk_forget();
	whole(1, true);
	TALK("0 s FA at:0");
	ck_assert_uint_eq(excess(LIMIT_LINGER), 1);
	talk_finish("2 1 0 1 0");
}
END_TEST

/* All subflows have closed, but no DATA_FIN says that this was all. */
START_TEST(linger_without_data_fin)
{
	one_lingers();
	TALK("0 c S capable", "0 s SA capable", "0 c capable", "0 c FA ack:0",
	     "0 s FA ack:0", "0 c ack:0");
	whole(1, true);
	whole(2, true);
	talk_forget();
	TALK("3 c S join", "3 s SA join");
	HEARD("subflow 1 from client", "[2] close closed", "hmac s1 ok");
	ck_assert_uint_eq(talk_conn(0)->n_subflows, 2);
	talk_finish("4 4 0 0 0");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("end");
	TCase *tcase = talk_case("flags");

	tcase_add_test(tcase, fin_both_ways);
	tcase_add_test(tcase, fin_repeated);
	tcase_add_test(tcase, fin_is_no_data);
	tcase_add_test(tcase, fin_of_one);
	tcase_add_test(tcase, fin_before_data_fin);
	tcase_add_test(tcase, reset);
	tcase_add_test(tcase, reset_reason);
	tcase_add_test(tcase, reset_out_of_window);
	tcase_add_test(tcase, reset_repeated);
	tcase_add_test(tcase, syn_refused);
	tcase_add_test(tcase, syn_unanswered);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("time");
	tcase_add_test(tcase, linger);
	tcase_add_test(tcase, timeout);
	tcase_add_test(tcase, timeout_then_data);
	tcase_add_test(tcase, timeout_of_never);
	tcase_add_test(tcase, no_timeout);
	tcase_add_test(tcase, time_goes_back);
	tcase_add_test(tcase, one_moment);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("again");
	tcase_add_test(tcase, ports_again);
	tcase_add_test(tcase, ports_again_0);
	tcase_add_test(tcase, ports_again_after_reset);
	tcase_add_test(tcase, join_from_ports_again);
	tcase_add_test(tcase, plain);
	tcase_add_test(tcase, counts);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("limits");
	tcase_add_test(tcase, half_open_most);
	tcase_add_test(tcase, half_open_active);
	tcase_add_loop_test(tcase, conns_most, 0, 2);
	tcase_add_test(tcase, subflows_most);
	tcase_add_test(tcase, flows_most);
	tcase_add_test(tcase, conn_subflows_most);
	tcase_add_test(tcase, linger_most);
	tcase_add_test(tcase, linger_of_flows);
	tcase_add_test(tcase, linger_then_again);
	tcase_add_test(tcase, linger_waits);
	tcase_add_test(tcase, linger_waits_for_many);
	tcase_add_test(tcase, linger_fallen_back);
	tcase_add_test(tcase, linger_without_data_fin);
	suite_add_tcase(suite, tcase);
	return suite;
}
