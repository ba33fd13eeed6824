/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The list of signals in the report: "PACKET SIDE SUBFLOW NAME: TEXT", with
 * "-" for the connection as a whole. The first five packets of an established
 * connection are its handshake, which most tests pass over.
 */
#include "draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HANDSHAKE 5

static char listed[1 << 18]; /* of the connections that closed */
static size_t size;
static uint64_t after; /* packets up to this are passed over */
static uint64_t lost;

static void list_signal(const struct report_signal *signal)
{
	char subflow[16] = "-";

	if (signal->subflow >= 0)
		snprintf(subflow, sizeof(subflow), "%d", signal->subflow);
	size += (size_t)snprintf(
	    listed + size, sizeof(listed) - size, "%" PRIu64 " %s %s %s%s%s\n",
	    signal->packet, side_word(signal->side), subflow, signal->name,
	    signal->text ? ": " : "", signal->text ? signal->text : "");
	ck_assert_uint_lt(size, sizeof(listed));
	ck_assert_int_eq(signal->time, talk.times[signal->packet]);
}

static void list(const struct report_conn *report)
{
	nstime_t last = NSTIME_NONE;

	for (size_t i = 0; i < report->n_signals; i++) {
		ck_assert_int_le(last, report->signals[i].time);
		last = report->signals[i].time;
		if (report->signals[i].packet > after)
			list_signal(&report->signals[i]);
	}
	lost += report->signals_lost;
}

static void expect(const char *const *lines, const char *file, int line)
{
	static char wanted[1 << 12];
	size_t n = 0;

	draw_finish(list);
	wanted[0] = '\0';
	for (; *lines; lines++)
		n += (size_t)snprintf(wanted + n, sizeof(wanted) - n, "%s\n",
				      *lines);
	ck_assert_msg(!strcmp(wanted, listed), "%s:%d\nwanted:\n%slisted:\n%s",
		      file, line, wanted, listed);
}

/* Ends the trace. */
#define SIGNALLED(...)                                                         \
	expect((const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)

static void begin(void)
{
	draw_options.signals = ANALYSES_PAGE_SIGNALS;
	listed[0] = '\0';
	size = 0;
	after = lost = 0;
}

static void established(void)
{
	talk_established();
	after = HANDSHAKE;
}

/*
 * Handshakes.
 */
START_TEST(handshake)
{
	TALK("0 c S capable flags:81", "0 c S capable flags:81",
	     "0 s SA capable flags:81", "0 c capable flags:81",
	     "0 c 0+100 capable:100 sum flags:81", "0 c 100+10 map:100:100:10",
	     "0 s ack:110", "0 s 0+1 map:0:0:1");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 1, checksums",
		  "2 client 0 MP_CAPABLE: SYN again, version 1, checksums",
		  "3 server 0 MP_CAPABLE: SYN/ACK, version 1, checksums",
		  "4 client 0 MP_CAPABLE: third ACK, version 1, checksums",
		  "5 client 0 MP_CAPABLE: with data, version 1, checksums",
		  "5 client 0 first data: 100 bytes",
		  "8 server 0 first data: 1 byte");
}
END_TEST

START_TEST(handshake_odd)
{
	talk_keys(1, 1, 7, 8);
	TALK("0 c S 0+5 capable v1", "0 s SA capable v0 flags:21");
	talk.path[0].pair = 1;
	TALK("0 c capable v0");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 1",
		  "1 client 0 first data: 5 bytes in the SYN",
		  "2 server 0 MP_CAPABLE: SYN/ACK, version 0, no join to this "
		  "address",
		  "3 client 0 MP_CAPABLE: third ACK, version 0, other keys "
		  "than before");
}
END_TEST

/* The key of a version that nobody knows is none. */
START_TEST(handshake_of_the_future)
{
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable v2", "0 s RA tcpack:0");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 2", "2 server 0 RST",
		  "2 server 0 MP_CAPABLE: refused by a reset");
}
END_TEST

START_TEST(handshake_unanswered)
{
	TALK("0 c S capable", "0 c S capable +1000");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 1",
		  "2 client 0 MP_CAPABLE: SYN again, version 1",
		  "2 client 0 MP_CAPABLE: unanswered, SYN sent 2 times");
}
END_TEST

START_TEST(handshake_refused)
{
	TALK("0 c S capable", "0 s RA tcpack:0");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 1", "2 server 0 RST",
		  "2 server 0 MP_CAPABLE: refused by a reset");
}
END_TEST

/* Noticed when data is acknowledged without DSS, but it was the third ACK. */
START_TEST(fallback_is_told_where_it_was)
{
	TALK("0 c S capable", "0 s SA capable", "0 c", "0 c 0+10",
	     "0 s tcpack:10", "0 c F", "0 s FA");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 1",
		  "2 server 0 MP_CAPABLE: SYN/ACK, version 1",
		  "3 client - fallback: third ACK without MPTCP option",
		  "4 client 0 first data: 10 bytes", "6 client 0 FIN",
		  "7 server 0 FIN: closed both ways");
}
END_TEST

/*
 * Joins.
 */
START_TEST(join)
{
	established();
	TALK("1 c S join backup id:2", "1 s SA join id:3", "1 c join",
	     "1 c join", "1 s ack:0", "1 s ack:0");
	SIGNALLED("6 client 1 MP_JOIN: SYN, address id 2, backup",
		  "7 server 1 MP_JOIN: SYN/ACK, address id 3, HMAC ok",
		  "8 client 1 MP_JOIN: third ACK, HMAC ok",
		  "9 client 1 MP_JOIN: third ACK, HMAC ok",
		  "10 server 1 MP_JOIN: established, both HMACs ok");
}
END_TEST

START_TEST(join_by_server)
{
	established();
	TALK("1 s S join", "1 c SA join", "1 s join", "1 c ack:0");
	SIGNALLED("6 server 1 MP_JOIN: SYN, address id 1",
		  "7 client 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "8 server 1 MP_JOIN: third ACK, HMAC ok",
		  "9 client 1 MP_JOIN: established, both HMACs ok");
}
END_TEST

START_TEST(join_wrong)
{
	established();
	TALK("1 c S join", "1 s SA join!", "1 c join", "1 s ack:0");
	SIGNALLED("6 client 1 MP_JOIN: SYN, address id 1",
		  "7 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC bad",
		  "8 client 1 MP_JOIN: third ACK, HMAC ok",
		  "9 server 1 MP_JOIN: established, HMAC of SYN/ACK bad, of "
		  "third ACK ok");
}
END_TEST

START_TEST(join_refused)
{
	established();
	TALK("1 c S join", "1 s SA join", "1 c join!", "1 s R tcprst:3",
	     "2 c S join", "2 s RA tcpack:0 tcprst:77");
	SIGNALLED("6 client 1 MP_JOIN: SYN, address id 1",
		  "7 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "8 client 1 MP_JOIN: third ACK, HMAC bad",
		  "9 server 1 MP_TCPRST: reason: administratively-prohibited",
		  "9 server 1 MP_JOIN: refused by a reset: "
		  "administratively-prohibited",
		  "10 client 2 MP_JOIN: SYN, address id 2",
		  "11 server 2 MP_TCPRST: reason: code 77",
		  "11 server 2 MP_JOIN: refused by a reset");
}
END_TEST

START_TEST(join_unanswered)
{
	established();
	TALK("1 c S join", "0 c prio:1", "1 c S join +1000", "0 c prio:0");
	SIGNALLED("6 client 1 MP_JOIN: SYN, address id 1",
		  "7 client 0 MP_PRIO: backup",
		  "8 client 1 MP_JOIN: SYN again, address id 1",
		  "8 client 1 MP_JOIN: unanswered, SYN sent 2 times",
		  "9 client 0 MP_PRIO: regular");
}
END_TEST

START_TEST(join_without_option)
{
	established();
	TALK("1 c S join", "1 s SA", "1 c R");
	SIGNALLED("6 client 1 MP_JOIN: SYN, address id 1",
		  "7 server 1 MP_JOIN: SYN/ACK without MP_JOIN",
		  "8 client 1 RST");
}
END_TEST

START_TEST(join_not_established)
{
	established();
	TALK("1 c S join", "1 s SA join", "2 c S join", "2 s SA join",
	     "2 c join", "3 c S join", "3 s SA join", "3 c R");
	SIGNALLED("6 client 1 MP_JOIN: SYN, address id 1",
		  "7 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "7 client 1 MP_JOIN: not established: no third ACK with "
		  "MP_JOIN",
		  "8 client 2 MP_JOIN: SYN, address id 2",
		  "9 server 2 MP_JOIN: SYN/ACK, address id 2, HMAC ok",
		  "10 client 2 MP_JOIN: third ACK, HMAC ok",
		  "10 client 2 MP_JOIN: not established: third ACK unanswered",
		  "11 client 3 MP_JOIN: SYN, address id 3",
		  "12 server 3 MP_JOIN: SYN/ACK, address id 3, HMAC ok",
		  "13 client 3 RST",
		  "13 client 3 MP_JOIN: not established: no third ACK with "
		  "MP_JOIN");
}
END_TEST

/* A reset that nobody believes does not stand for the answer. */
START_TEST(join_with_stray_reset)
{
	established();
	TALK("1 c S join", "1 s R at:99", "1 s SA join", "1 c join",
	     "1 s at:0 ack:0");
	SIGNALLED("6 client 1 MP_JOIN: SYN, address id 1", "7 server 1 RST",
		  "8 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "9 client 1 MP_JOIN: third ACK, HMAC ok",
		  "10 server 1 MP_JOIN: established, both HMACs ok");
}
END_TEST

/* The SYN/ACK is captured before the SYN: only then are both nonces known. */
START_TEST(join_judged_late)
{
	established();
	TALK("1 s SA join", "1 c S join", "1 c join", "1 s ack:0");
	SIGNALLED("6 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC unchecked",
		  "7 server 1 MP_JOIN: HMAC of the SYN/ACK ok, as is known "
		  "only now",
		  "7 client 1 MP_JOIN: SYN, address id 1",
		  "8 client 1 MP_JOIN: third ACK, HMAC ok",
		  "9 server 1 MP_JOIN: established, both HMACs ok");
}
END_TEST

/* The third ACK is captured before what it answers. */
START_TEST(join_ack_judged_late)
{
	established();
	TALK("1 c S join", "1 c join", "1 s SA join", "2 s SA join", "2 c join",
	     "2 c S join");
	after += 1;
	SIGNALLED("7 client 1 MP_JOIN: third ACK, HMAC unchecked",
		  "8 client 1 MP_JOIN: HMAC of the third ACK ok, as is known "
		  "only now",
		  "8 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "8 client 1 MP_JOIN: not established: third ACK unanswered",
		  "9 server 2 MP_JOIN: SYN/ACK, address id 2, HMAC unchecked",
		  "10 client 2 MP_JOIN: third ACK, HMAC unchecked",
		  "11 client 2 MP_JOIN: HMAC of the third ACK ok, as is known "
		  "only now",
		  "11 server 2 MP_JOIN: HMAC of the SYN/ACK ok, as is known "
		  "only now",
		  "11 client 2 MP_JOIN: SYN, address id 2",
		  "11 client 2 MP_JOIN: not established: third ACK "
		  "unanswered");
}
END_TEST

/*
 * Signals.
 */
START_TEST(addresses)
{
	established();
	TALK("0 s add:3:10.0.7.2", "0 s add:3:10.0.7.2", "0 c echo:3:10.0.7.2",
	     "0 s remove:3:4", "0 s add:3:10.0.7.2:8080", "0 s remove:9",
	     "0 c add!:3:10.0.7.1");
	SIGNALLED("6 server 0 ADD_ADDR: id 3, 10.0.7.2, HMAC ok",
		  "7 server 0 ADD_ADDR: again, id 3, 10.0.7.2, HMAC ok",
		  "8 client 0 ADD_ADDR echo: id 3, 10.0.7.2",
		  "9 server 0 REMOVE_ADDR: ids 3, 4",
		  "10 server 0 ADD_ADDR: id 3, 10.0.7.2 port 8080, HMAC ok",
		  "11 server 0 REMOVE_ADDR: id 9",
		  "12 client 0 ADD_ADDR: id 3, 10.0.7.1, HMAC bad");
}
END_TEST

/* Each side has ids of its own; an echo is of the peer's. */
START_TEST(addresses_of_both)
{
	established();
	TALK("0 s add:3:10.0.7.2", "0 c add:3:10.0.7.2", "0 c echo:3:10.0.7.2",
	     "0 c add:3:10.0.7.2");
	SIGNALLED("6 server 0 ADD_ADDR: id 3, 10.0.7.2, HMAC ok",
		  "7 client 0 ADD_ADDR: id 3, 10.0.7.2, HMAC ok",
		  "8 client 0 ADD_ADDR echo: id 3, 10.0.7.2",
		  "9 client 0 ADD_ADDR: again, id 3, 10.0.7.2, HMAC ok");
}
END_TEST

START_TEST(priority)
{
	talk_keys(0, 0, 1, 2);
	established();
	TALK("0 c prio:1:7", "0 s prio:0");
	SIGNALLED("6 client 0 MP_PRIO: backup, address id 7",
		  "7 server 0 MP_PRIO: regular");
}
END_TEST

START_TEST(failure)
{
	established();
	talk.pair[0].idsn[CLIENT] = 0x1233;
	TALK("0 s fail:0", "0 s inf:0:0 0+10", "0 s inf:0:0");
	SIGNALLED("6 server 0 MP_FAIL: DSN 0x0000000000001234",
		  "6 server - fallback: after MP_FAIL",
		  "7 server 0 infinite mapping",
		  "7 server 0 first data: 10 bytes",
		  "8 server 0 infinite mapping: again");
}
END_TEST

START_TEST(checksum)
{
	TALK("0 c S capable flags:81", "0 s SA capable flags:81",
	     "0 c capable flags:81", "0 s ack:0", "0 c 0+100 map:0:0:100 sum!");
	after = HANDSHAKE - 1;
	draw_finish(list);
	ck_assert_msg(strstr(listed, "5 client 0 first data: 100 bytes\n"
				     "5 client 0 checksum bad: DSN 0x"),
		      "%s", listed);
	ck_assert_msg(strstr(listed, ", 100 bytes\n"), "%s", listed);
}
END_TEST

START_TEST(ends)
{
	established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100 fin", "0 s fin:0 ack:101", "1 c fin:100",
	     "0 c F", "0 c F at:100", "0 s FA", "0 s R", "0 s R tcprst:0",
	     "1 s R 0+10");
	after = HANDSHAKE + 3;
	SIGNALLED("9 client 0 DATA_FIN: after 100 bytes",
		  "9 client 0 first data: 100 bytes",
		  "10 server 0 DATA_FIN: after 0 bytes",
		  "11 client 1 DATA_FIN: again", "12 client 0 FIN",
		  "13 client 0 FIN: again", "14 server 0 FIN: closed both ways",
		  "15 server 0 RST: after both FINs",
		  "16 server 0 MP_TCPRST: reason: unspecified, after both FINs",
		  "17 server 1 RST",
		  "17 client 1 MP_JOIN: not established: reset");
}
END_TEST

START_TEST(fast_close)
{
	established();
	TALK("0 c close!", "0 c close", "0 c RA close tcprst:1");
	SIGNALLED("6 client 0 MP_FASTCLOSE: key bad",
		  "7 client 0 MP_FASTCLOSE: key ok",
		  "8 client 0 MP_FASTCLOSE: key ok",
		  "8 client 0 MP_TCPRST: reason: mptcp-specific");
}
END_TEST

/*
 * The list.
 */
START_TEST(order_is_of_time)
{
	established();
	TALK("0 s prio:1 +5", "0 s prio:0 -3", "0 c prio:1 +1");
	SIGNALLED("7 server 0 MP_PRIO: regular", "8 client 0 MP_PRIO: backup",
		  "6 server 0 MP_PRIO: backup");
}
END_TEST

/* What turns out to be part of another connection brings its signals, and
 * sides and number are those it has there. */
START_TEST(moves)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "1 s at:300 prio:1",
	     "1 c at:900 F", "1 s 300+100 map:0:300:100 ack:7100");
	SIGNALLED("1 client 0 first data: 100 bytes, the first that were "
		  "captured",
		  "2 server 1 MP_PRIO: backup", "3 client 1 FIN",
		  "4 server 1 first data: 100 bytes, the first that were "
		  "captured");
}
END_TEST

/* Two subflows whose token says that they belong together. */
START_TEST(moves_together)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "1 c S join", "2 c S join",
	     "2 c prio:1", "1 c 0+100 map:7100:0:100 ack:0");
	after = 1;
	SIGNALLED("2 client 1 MP_JOIN: SYN, address id 1",
		  "3 client 2 MP_JOIN: SYN, address id 2",
		  "4 client 2 MP_PRIO: backup",
		  "5 client 1 first data: 100 bytes");
}
END_TEST

START_TEST(is_bounded)
{
	static const char *const prio[] = {"0 s prio:1", NULL};

	established();
	TALK("1 c S join"); /* 5 with the handshake; and told when it closes: */
	for (int i = 0; i < ANALYSES_PAGE_SIGNALS + 7; i++)
		talk_lines(prio);
	draw_finish(list);
	ck_assert_uint_eq(lost, 3 + 1 + 1 + 7);
	ck_assert_msg(!strncmp(listed,
			       "6 client 1 MP_JOIN: SYN, address id 1\n"
			       "6 client 1 MP_JOIN: unanswered",
			       68),
		      "%.80s", listed);
	ck_assert_ptr_nonnull(strstr(listed, "\n1001 server 0 MP_PRIO"));
	ck_assert_ptr_null(strstr(listed, "\n1002 "));
}
END_TEST

START_TEST(is_wanted)
{
	draw_options.signals = false;
	established();
	TALK("0 s prio:1", "0 s F");
	after = 0;
	draw_finish(list);
	ck_assert_str_eq(listed, "");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("signal_list");
	TCase *tcase = draw_case("signal_list");

	tcase_add_checked_fixture(tcase, begin, NULL);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, handshake);
	tcase_add_test(tcase, handshake_odd);
	tcase_add_test(tcase, handshake_of_the_future);
	tcase_add_test(tcase, handshake_unanswered);
	tcase_add_test(tcase, handshake_refused);
	tcase_add_test(tcase, fallback_is_told_where_it_was);
	tcase_add_test(tcase, join);
	tcase_add_test(tcase, join_by_server);
	tcase_add_test(tcase, join_wrong);
	tcase_add_test(tcase, join_refused);
	tcase_add_test(tcase, join_unanswered);
	tcase_add_test(tcase, join_without_option);
	tcase_add_test(tcase, join_not_established);
	tcase_add_test(tcase, join_with_stray_reset);
	tcase_add_test(tcase, join_judged_late);
	tcase_add_test(tcase, join_ack_judged_late);
	tcase_add_test(tcase, addresses);
	tcase_add_test(tcase, addresses_of_both);
	tcase_add_test(tcase, priority);
	tcase_add_test(tcase, failure);
	tcase_add_test(tcase, checksum);
	tcase_add_test(tcase, ends);
	tcase_add_test(tcase, fast_close);
	tcase_add_test(tcase, order_is_of_time);
	tcase_add_test(tcase, moves);
	tcase_add_test(tcase, moves_together);
	tcase_add_test(tcase, is_bounded);
	tcase_add_test(tcase, is_wanted);
	return suite;
}
