/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The list of signals in the report: "PACKET SIDE SUBFLOW NAME: TEXT", with
 * "-" for the connection as a whole. The first five packets of an established
 * connection are its handshake, which most tests pass over, as they do what is
 * told of every connection: how it begins, how it ends, its last data.
 */
#include "draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HANDSHAKE 5

static char listed[1 << 18]; /* of the connections that closed */
static size_t size;
static uint64_t after; /* packets up to this are passed over */
static bool whole;     /* nothing else is */
static uint64_t lost;

static bool is_usual(enum signal_kind kind)
{
	return kind == SIGNAL_OPENED || kind == SIGNAL_ESTABLISHED ||
	       kind == SIGNAL_LAST_DATA || kind == SIGNAL_CLOSED ||
	       kind == SIGNAL_STILL_OPEN;
}

static void list_signal(const struct report_signal *signal)
{
	char subflow[16] = "-";

	if (signal->subflow >= 0)
		snprintf(subflow, sizeof(subflow), "%d", signal->subflow);
	size += (size_t)snprintf(
	    listed + size, sizeof(listed) - size, "%" PRIu64 " %s %s %s%s%s\n",
	    signal->packet, side_word(signal->side), subflow,
	    signal_word(signal->kind), signal->text ? ": " : "",
	    signal->text ? signal->text : "");
	ck_assert_uint_lt(size, sizeof(listed));
	ck_assert_int_eq(signal->time, talk.times[signal->packet]);
}

static void list(const struct report_conn *report)
{
	nstime_t last = NSTIME_NONE;

	for (size_t i = 0; i < report->n_signals; i++) {
		ck_assert_int_le(last, report->signals[i].time);
		last = report->signals[i].time;
		if (report->signals[i].packet > after &&
		    (whole || !is_usual(report->signals[i].kind)))
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
	whole = false;
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
	SIGNALLED(
	    "1 client 0 MP_CAPABLE: SYN, version 1, checksums",
	    "2 client 0 MP_CAPABLE: SYN again, version 1, checksums",
	    "3 server 0 MP_CAPABLE: SYN/ACK, version 1, checksums",
	    "4 client 0 MP_CAPABLE: third ACK, version 1, checksums, keys ok",
	    "5 client 0 MP_CAPABLE: with data, version 1, checksums, keys ok",
	    "5 client 0 first-data: 100 bytes",
	    "8 server 0 first-data: 1 byte");
}
END_TEST

START_TEST(handshake_odd)
{
	talk_keys(1, 1, 7, 8);
	TALK("0 c S 0+5 capable v1", "0 s SA capable v0 flags:21");
	talk.path[0].pair = 1;
	TALK("0 c capable v0");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 1",
		  "1 client 0 first-data: 5 bytes in the SYN",
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
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 2",
		  "2 server 0 RST: nothing unacknowledged",
		  "2 server 0 handshake-failed: refused by a reset");
}
END_TEST

START_TEST(handshake_unanswered)
{
	TALK("0 c S capable", "0 c S capable +1000");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 1",
		  "2 client 0 MP_CAPABLE: SYN again, version 1",
		  "2 client 0 handshake-failed: unanswered, SYN sent 2 times");
}
END_TEST

START_TEST(handshake_refused)
{
	TALK("0 c S capable", "0 s RA tcpack:0");
	SIGNALLED("1 client 0 MP_CAPABLE: SYN, version 1",
		  "2 server 0 RST: nothing unacknowledged",
		  "2 server 0 handshake-failed: refused by a reset");
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
		  "4 client 0 first-data: 10 bytes", "6 client 0 FIN",
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
	SIGNALLED("6 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
		  "address id 2, backup",
		  "7 server 1 MP_JOIN: SYN/ACK, address id 3, HMAC ok",
		  "8 client 1 MP_JOIN: third ACK, HMAC ok",
		  "9 client 1 MP_JOIN: third ACK, HMAC ok",
		  "10 server 1 joined: both HMACs ok");
}
END_TEST

START_TEST(join_by_server)
{
	established();
	TALK("1 s S join", "1 c SA join", "1 s join", "1 c ack:0");
	SIGNALLED("6 server 1 MP_JOIN: SYN from 10.0.1.2:80 to 10.0.1.1:1001, "
		  "address id 1",
		  "7 client 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "8 server 1 MP_JOIN: third ACK, HMAC ok",
		  "9 client 1 joined: both HMACs ok");
}
END_TEST

START_TEST(join_wrong)
{
	established();
	TALK("1 c S join", "1 s SA join!", "1 c join", "1 s ack:0");
	SIGNALLED("6 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
		  "address id 1",
		  "7 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC bad",
		  "8 client 1 MP_JOIN: third ACK, HMAC ok",
		  "9 server 1 joined: HMAC of SYN/ACK bad, of "
		  "third ACK ok");
}
END_TEST

START_TEST(join_refused)
{
	established();
	TALK("1 c S join", "1 s SA join", "1 c join!", "1 s R tcprst:3",
	     "2 c S join", "2 s RA tcpack:0 tcprst:77");
	SIGNALLED(
	    "6 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
	    "address id 1",
	    "7 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
	    "8 client 1 MP_JOIN: third ACK, HMAC bad",
	    "9 server 1 MP_TCPRST: reason: administratively-prohibited, "
	    "nothing unacknowledged",
	    "9 server 1 join-failed: refused by a reset: "
	    "administratively-prohibited",
	    "10 client 2 MP_JOIN: SYN from 10.0.2.1:1002 to 10.0.2.2:80, "
	    "address id 2",
	    "11 server 2 MP_TCPRST: reason: code 77, nothing unacknowledged",
	    "11 server 2 join-failed: refused by a reset");
}
END_TEST

START_TEST(join_unanswered)
{
	established();
	TALK("1 c S join", "0 c prio:1", "1 c S join +1000", "0 c prio:0");
	SIGNALLED(
	    "6 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
	    "address id 1",
	    "7 client 0 MP_PRIO: backup",
	    "8 client 1 MP_JOIN: SYN again from 10.0.1.1:1001 to 10.0.1.2:80, "
	    "address id 1",
	    "8 client 1 join-failed: unanswered, SYN sent 2 times",
	    "9 client 0 MP_PRIO: regular",
	    "9 client 0 idle: no payload either way for 1.005 s, to the end");
}
END_TEST

START_TEST(join_without_option)
{
	established();
	TALK("1 c S join", "1 s SA", "1 c R");
	SIGNALLED("6 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
		  "address id 1",
		  "7 server 1 join-failed: SYN/ACK without MP_JOIN",
		  "8 client 1 RST: nothing unacknowledged");
}
END_TEST

START_TEST(join_not_established)
{
	established();
	TALK("1 c S join", "1 s SA join", "2 c S join", "2 s SA join",
	     "2 c join", "3 c S join", "3 s SA join", "3 c R");
	SIGNALLED("6 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
		  "address id 1",
		  "7 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "7 client 1 join-failed: no third ACK with "
		  "MP_JOIN",
		  "8 client 2 MP_JOIN: SYN from 10.0.2.1:1002 to 10.0.2.2:80, "
		  "address id 2",
		  "9 server 2 MP_JOIN: SYN/ACK, address id 2, HMAC ok",
		  "10 client 2 MP_JOIN: third ACK, HMAC ok",
		  "10 client 2 join-failed: third ACK unanswered",
		  "11 client 3 MP_JOIN: SYN from 10.0.3.1:1003 to 10.0.3.2:80, "
		  "address id 3",
		  "12 server 3 MP_JOIN: SYN/ACK, address id 3, HMAC ok",
		  "13 client 3 RST: nothing unacknowledged",
		  "13 client 3 join-failed: no third ACK with "
		  "MP_JOIN");
}
END_TEST

/* The SYN/ACK is not in the capture; nor, of another subflow, the SYN. */
START_TEST(join_in_part)
{
	established();
	TALK("1 c S join", "1 c join", "1 s ack:0", "2 c join", "2 s ack:0",
	     "2 s ack:0");
	after += 1;
	SIGNALLED("7 client 1 MP_JOIN: third ACK, HMAC unchecked",
		  "8 server 1 joined: both HMACs unchecked",
		  "9 client 2 MP_JOIN: third ACK, HMAC unchecked",
		  "10 server 2 joined: both HMACs unchecked");
}
END_TEST

/* A reset that nobody believes does not stand for the answer. */
START_TEST(join_with_stray_reset)
{
	established();
	TALK("1 c S join", "1 s R at:99", "1 s SA join", "1 c join",
	     "1 s at:0 ack:0");
	SIGNALLED("6 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
		  "address id 1",
		  "7 server 1 RST: nothing unacknowledged",
		  "8 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "9 client 1 MP_JOIN: third ACK, HMAC ok",
		  "10 server 1 joined: both HMACs ok");
}
END_TEST

/* The SYN/ACK is captured before the SYN: only then are both nonces known. */
START_TEST(join_judged_late)
{
	established();
	TALK("1 s SA join", "1 c S join", "1 c join", "1 s ack:0");
	SIGNALLED("6 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC unchecked",
		  "7 server 1 hmac-checked: MP_JOIN of the SYN/ACK: HMAC ok, "
		  "as is known "
		  "only now",
		  "7 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
		  "address id 1",
		  "8 client 1 MP_JOIN: third ACK, HMAC ok",
		  "9 server 1 joined: both HMACs ok");
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
		  "8 client 1 hmac-checked: MP_JOIN of the third ACK: HMAC ok, "
		  "as is known "
		  "only now",
		  "8 server 1 MP_JOIN: SYN/ACK, address id 1, HMAC ok",
		  "8 client 1 join-failed: third ACK unanswered",
		  "9 server 2 MP_JOIN: SYN/ACK, address id 2, HMAC unchecked",
		  "10 client 2 MP_JOIN: third ACK, HMAC unchecked",
		  "11 client 2 hmac-checked: MP_JOIN of the third ACK: HMAC "
		  "ok, as is known "
		  "only now",
		  "11 server 2 hmac-checked: MP_JOIN of the SYN/ACK: HMAC ok, "
		  "as is known "
		  "only now",
		  "11 client 2 MP_JOIN: SYN from 10.0.2.1:1002 to 10.0.2.2:80, "
		  "address id 2",
		  "11 client 2 join-failed: third ACK "
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
		  "8 client 0 ADD_ADDR-echo: id 3, 10.0.7.2",
		  "9 server 0 REMOVE_ADDR: id 3",
		  "9 server - address-unused: id 3, 10.0.7.2: nobody tried to "
		  "join it before it was removed",
		  "9 server 0 REMOVE_ADDR: id 4",
		  "10 server 0 ADD_ADDR: id 3, 10.0.7.2 port 8080, HMAC ok",
		  "11 server 0 REMOVE_ADDR: id 9",
		  "12 client 0 ADD_ADDR: id 3, 10.0.7.1, HMAC bad",
		  "12 server - address-unused: id 3, 10.0.7.2 port 8080: "
		  "nobody tried to join it");
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
		  "8 client 0 ADD_ADDR-echo: id 3, 10.0.7.2",
		  "9 client 0 ADD_ADDR: again, id 3, 10.0.7.2, HMAC ok",
		  "9 client - address-unused: id 3, 10.0.7.2: nobody tried to "
		  "join it",
		  "9 server - address-unused: id 3, 10.0.7.2: nobody tried to "
		  "join it");
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
		  "7 server 0 infinite-mapping: plain TCP from here on",
		  "7 server 0 first-data: 10 bytes",
		  "8 server 0 infinite-mapping: again (2)");
}
END_TEST

START_TEST(checksum)
{
	TALK("0 c S capable flags:81", "0 s SA capable flags:81",
	     "0 c capable flags:81", "0 s ack:0", "0 c 0+100 map:0:0:100 sum!");
	after = HANDSHAKE - 1;
	draw_finish(list);
	ck_assert_msg(strstr(listed, "5 client 0 first-data: 100 bytes\n"
				     "5 client 0 checksum-bad: DSN 0x"),
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
		  "9 client 0 first-data: 100 bytes",
		  "10 server 0 data-fin-acked: the client's",
		  "10 server 0 DATA_FIN: after 0 bytes",
		  "11 client 1 DATA_FIN: again (2)", "12 client 0 FIN",
		  "13 client 0 FIN: again", "14 server 0 FIN: closed both ways",
		  "15 server 0 RST: after both FINs, nothing unacknowledged",
		  "16 server 0 MP_TCPRST: reason: unspecified, again (2)",
		  "17 server 1 RST: nothing unacknowledged",
		  "17 client 1 join-failed: reset");
}
END_TEST

START_TEST(fast_close)
{
	established();
	TALK("0 c close!", "0 c close", "0 c RA close tcprst:1");
	SIGNALLED("6 client 0 MP_FASTCLOSE: key bad",
		  "7 client 0 MP_FASTCLOSE: key ok",
		  "8 client 0 MP_FASTCLOSE: key ok",
		  "8 client 0 MP_TCPRST: reason: mptcp-specific, nothing "
		  "unacknowledged");
}
END_TEST

/* What was on the way when it was reset. */
START_TEST(reset_with_data)
{
	established();
	talk_joined(1);
	TALK("1 c 0+100 map:0:0:100", "1 s 0+10 map:0:0:10 tcpack:0",
	     "1 s R tcpack:0", "1 s R tcpack:0", "0 c R");
	after = HANDSHAKE + 5;
	SIGNALLED("11 server 1 RST: 100 bytes of the client and 10 bytes of "
		  "the server unacknowledged",
		  "12 server 1 RST: again (2)",
		  "13 client 0 RST: nothing unacknowledged");
}
END_TEST

/*
 * Beginning and end.
 */
START_TEST(life)
{
	whole = true;
	TALK("0 c S capable", "0 s SA capable", "0 c capable",
	     "0 c 0+100 map:0:0:100 fin", "0 s ack:100", "0 s ack:101 fin:0",
	     "0 c ack:1", "0 c F", "0 s FA");
	SIGNALLED("1 client - opened: from 10.0.0.1:1000 to 10.0.0.2:80",
		  "1 client 0 MP_CAPABLE: SYN, version 1",
		  "2 server 0 MP_CAPABLE: SYN/ACK, version 1",
		  "3 client 0 MP_CAPABLE: third ACK, version 1, "
		  "keys ok",
		  "3 client - established: version 1, no checksums",
		  "4 client 0 DATA_FIN: after 100 bytes",
		  "4 client 0 first-data: 100 bytes",
		  "4 client 0 last-data: 100 bytes in all",
		  "6 server 0 data-fin-acked: the client's",
		  "6 server 0 DATA_FIN: after 0 bytes",
		  "7 client 0 data-fin-acked: the server's", "8 client 0 FIN",
		  "9 server 0 FIN: closed both ways",
		  "9 server - closed: DATA_FIN both ways");
}
END_TEST

START_TEST(closed_without_data_fin)
{
	whole = true;
	established();
	TALK("0 c F", "0 s FA");
	SIGNALLED("6 client 0 FIN", "7 server 0 FIN: closed both ways",
		  "7 server - closed: no DATA_FIN from either side");
}
END_TEST

START_TEST(closed_by_reset)
{
	whole = true;
	established();
	TALK("0 s R");
	SIGNALLED("6 server 0 RST: nothing unacknowledged",
		  "6 server - closed: by a reset");
}
END_TEST

/* A second connection from the same ports; the first never ended. */
START_TEST(ports_used_again)
{
	whole = true;
	established();
	TALK("0 c prio:1");
	talk_keys(0, 1, 3, 4);
	talk.path[0].isn[CLIENT] += 12345;
	TALK("0 c S capable");
	SIGNALLED("6 client 0 MP_PRIO: backup",
		  "6 client - closed: not ended, its ports were used again",
		  "7 client - opened: from 10.0.0.1:1000 to 10.0.0.2:80",
		  "7 client 0 MP_CAPABLE: SYN, version 1",
		  "7 client 0 handshake-failed: unanswered, SYN sent 1 time",
		  "7 client - still-open: state handshake");
}
END_TEST

START_TEST(plain_still_open)
{
	whole = true;
	TALK("0 c S capable", "0 s SA", "0 c", "0 c 0+10");
	after = 3;
	SIGNALLED("4 client 0 first-data: 10 bytes",
		  "4 client 0 last-data: 10 bytes in all",
		  "4 client - still-open: state fallback");
}
END_TEST

START_TEST(lower_version)
{
	whole = true;
	talk_keys(0, 0, 7, 8);
	TALK("0 c S capable v1", "0 s SA capable v0", "0 c capable v0");
	after = 2;
	SIGNALLED("3 client 0 MP_CAPABLE: third ACK, version 0, keys ok",
		  "3 client - established: version 0, though a higher one was "
		  "offered, no checksums",
		  "3 client - still-open: state established");
}
END_TEST

/* What no connection is known of is told, too, until it is. */
START_TEST(midway)
{
	whole = true;
	TALK("0 c 5000+100 map:7000:5000:100 ack:0",
	     "1 s 300+100 map:0:300:100 ack:7100");
	SIGNALLED("1 client - opened: from 10.0.0.1:1000 to 10.0.0.2:80, from "
		  "the middle of it on",
		  "1 client 0 first-data: 100 bytes, the first that were "
		  "captured",
		  "1 client 0 last-data: 100 bytes in all",
		  "2 server 1 first-data: 100 bytes, the first that were "
		  "captured",
		  "2 server 1 last-data: 100 bytes in all",
		  "2 server - still-open: state established");
}
END_TEST

/*
 * Addresses in use.
 */
START_TEST(address_used)
{
	established();
	TALK("0 s add:3:10.0.1.2", "0 c add:4:10.0.1.1:1001", "1 c S join",
	     "1 s SA join", "1 c join", "1 s ack:0", "0 s add:5:10.0.0.2");
	after = HANDSHAKE + 5;
	SIGNALLED("11 server 1 joined: both HMACs ok",
		  "11 client 1 address-used: id 4, 10.0.1.1 port 1001: "
		  "subflow 1 was opened from it",
		  "11 server 1 address-used: id 3, 10.0.1.2: subflow 1 was "
		  "opened to it",
		  "12 server 0 ADD_ADDR: id 5, 10.0.0.2, HMAC ok");
}
END_TEST

START_TEST(address_tried)
{
	established();
	TALK("0 s add:3:10.0.1.2", "0 s add:4:10.0.2.2:9999", "1 c S join",
	     "1 s RA tcpack:0", "0 s add:4:10.0.2.2:80", "2 c S join",
	     "2 s SA join", "2 c join", "2 s ack:0");
	after = HANDSHAKE + 3;
	SIGNALLED("9 server 1 RST: nothing unacknowledged",
		  "9 server 1 join-failed: refused by a reset",
		  "10 server - address-unused: id 4, 10.0.2.2 port 9999: "
		  "nobody tried to join it before its id got another address",
		  "10 server 0 ADD_ADDR: id 4, 10.0.2.2 port 80, HMAC ok",
		  "11 client 2 MP_JOIN: SYN from 10.0.2.1:1002 to 10.0.2.2:80, "
		  "address id 2",
		  "12 server 2 MP_JOIN: SYN/ACK, address id 2, HMAC ok",
		  "13 client 2 MP_JOIN: third ACK, HMAC ok",
		  "14 server 2 joined: both HMACs ok",
		  "14 server 2 address-used: id 4, 10.0.2.2 port 80: subflow "
		  "2 was opened to it",
		  "14 server - address-unused: id 3, 10.0.1.2: no join to it "
		  "was established");
}
END_TEST

/* The capture shows the announcement before the keys. */
START_TEST(address_judged_late)
{
	TALK("0 c prio:1", "0 s add:3:10.0.0.2", "0 s add!:4:10.0.0.3",
	     "0 c capable");
	after = 1;
	SIGNALLED("2 server 0 ADD_ADDR: id 3, 10.0.0.2, HMAC unchecked",
		  "3 server 0 ADD_ADDR: id 4, 10.0.0.3, HMAC unchecked",
		  "4 client 0 MP_CAPABLE: third ACK, version 1",
		  "4 server 0 hmac-checked: ADD_ADDR of id 3, 10.0.0.2: HMAC "
		  "ok, as is known only now",
		  "4 server 0 hmac-checked: ADD_ADDR of id 4, 10.0.0.3: HMAC "
		  "bad, as is known only now",
		  "4 server - address-unused: id 4, 10.0.0.3: nobody tried to "
		  "join it");
}
END_TEST

/*
 * Times without data.
 */
START_TEST(idle)
{
	established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100",
	     "0 s 0+5 map:0:0:5 +998", "0 c 100+100 map:100:100:100 +1000",
	     "0 s tcpack:200 ack:200", "1 s 0+5 map:5:0:5",
	     "0 c 200+100 map:200:200:100 +2500", "0 s tcpack:300 ack:300");
	after = HANDSHAKE + 5;
	SIGNALLED("11 server 0 first-data: 5 bytes",
		  "12 client 0 idle: no payload either way for 1.000 s",
		  "12 server 0 stalled: 5 bytes unacknowledged, no ACK for "
		  "1.000 s",
		  "14 server 1 joined: both HMACs ok",
		  "14 server 1 idle: no payload either way for 2.002 s",
		  "14 server 1 first-data: 5 bytes",
		  "15 client 0 idle: no payload either way for 2.502 s",
		  "16 server 1 idle: no payload either way for 2.501 s, to "
		  "the end",
		  "16 server 1 stalled: 5 bytes unacknowledged, no ACK for "
		  "2.501 s, to the end");
}
END_TEST

START_TEST(idle_until_it_ends)
{
	established();
	talk_joined(1);
	talk_joined(2);
	after = HANDSHAKE + 6;
	TALK("1 c F +1500", "0 s prio:1 +5000", "1 s FA", "2 s R");
	SIGNALLED("12 client 1 idle: no payload either way for 1.503 s",
		  "12 client 1 FIN", "13 server 0 MP_PRIO: backup",
		  "14 server 1 joined: both HMACs ok",
		  "14 server 1 idle: no payload either way for 5.001 s",
		  "14 server 1 FIN: closed both ways",
		  "15 server 2 RST: nothing unacknowledged",
		  "15 server 2 join-failed: refused by a reset",
		  "15 server 2 idle: no payload either way for 6.502 s, until "
		  "it was reset",
		  "15 server 0 idle: no payload either way for 6.510 s, to "
		  "the end");
}
END_TEST

START_TEST(stalled)
{
	established();
	after = HANDSHAKE;
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100 +300",
	     "0 s tcpack:100 ack:100 +600", "0 s tcpack:150 +999",
	     "0 c 100+100 +500", "0 s tcpack:200 ack:200 +700",
	     "0 s 0+50 map:0:0:50", "0 s 0+50 +999", "0 c R");
	SIGNALLED("6 client 0 first-data: 100 bytes",
		  "10 client 0 idle: no payload either way for 2.099 s",
		  "11 client 0 stalled: 50 bytes unacknowledged, no ACK for "
		  "1.200 s",
		  "12 server 0 first-data: 50 bytes",
		  "14 client 0 RST: 50 bytes of the server unacknowledged",
		  "14 server 0 stalled: 50 bytes unacknowledged, no ACK for "
		  "1.000 s, until it was reset");
}
END_TEST

/* A capture that has only one side's packets knows of no ACKs. */
START_TEST(one_side_only)
{
	TALK("0 c S capable", "0 c capable", "0 c 0+100 map:0:0:100",
	     "0 c 100+100 map:100:100:100 +3000", "0 c R");
	after = 3;
	SIGNALLED("4 client 0 idle: no payload either way for 3.000 s",
		  "5 client 0 RST: the other side was not captured");
}
END_TEST

/* One that is kept alive has nothing to send. */
START_TEST(kept_alive)
{
	established();
	TALK("0 c 0+100 map:0:0:100", "0 s tcpack:100 ack:100", "0 c 99+1 +900",
	     "0 s tcpack:100", "0 c 99+1 +900", "0 s tcpack:100",
	     "0 c 100+1 map:100:100:1 +900");
	after = HANDSHAKE + 1;
	SIGNALLED("12 client 0 idle: no payload either way for 2.703 s");
}
END_TEST

/*
 * What programs read.
 */
static void check_members(const struct report_conn *report)
{
	const struct report_signal *signals = report->signals;

	ck_assert_uint_eq(report->n_signals, 12);
	/* opened, MP_CAPABLE */
	ck_assert_int_eq(signals[0].port, 80);
	ck_assert_int_eq(signals[0].address.family, 4);
	ck_assert_int_eq(signals[1].version, 1);
	ck_assert_str_eq(signals[1].step, "syn");
	ck_assert_uint_eq(signals[1].count, 1);
	ck_assert_int_eq(signals[1].number_is, NUMBER_NONE);
	ck_assert_int_eq(signals[1].hmac, -1);
	ck_assert_int_eq(signals[2].number_is, NUMBER_KEY);
	ck_assert_uint_eq(signals[2].number, talk.pair[0].key[SERVER]);
	/* ADD_ADDR, MP_JOIN */
	ck_assert_int_eq(signals[5].kind, SIGNAL_ADD_ADDR);
	ck_assert_int_eq(signals[5].id, 3);
	ck_assert_int_eq(signals[5].port, 8080);
	ck_assert_int_eq(signals[5].hmac, GOOD);
	ck_assert_int_eq(signals[6].number_is, NUMBER_TOKEN);
	ck_assert_uint_eq(signals[6].number, talk.pair[0].token[SERVER]);
	ck_assert_int_eq(signals[6].backup, 1);
	ck_assert_int_eq(signals[6].id, 7);
	/* refused; DATA_FIN */
	ck_assert_str_eq(signals[7].reason, "too-much-outstanding-data");
	ck_assert_str_eq(signals[8].reason, "refused");
	ck_assert_int_eq(signals[8].severity, WARNING);
	ck_assert_int_eq(signals[9].number_is, NUMBER_DSN);
	ck_assert_uint_eq(signals[9].number, talk.pair[0].idsn[CLIENT] + 1);
	ck_assert_int_eq(signals[9].bytes, 0);
	ck_assert_int_eq(signals[9].span, NSTIME_NONE);
	ck_assert_str_eq(signals[10].reason, "not-tried");
	ck_assert_int_eq(signals[11].kind, SIGNAL_STILL_OPEN);
	ck_assert_str_eq(signals[11].reason, "established");
}

START_TEST(members)
{
	TALK("0 c S capable", "0 s SA capable", "0 c capable",
	     "0 s add:3:10.0.7.2:8080", "1 c S join backup id:7",
	     "1 s RA tcpack:0 tcprst:4", "0 c fin:0");
	draw_finish(check_members);
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
	SIGNALLED("1 client 0 first-data: 100 bytes, the first that were "
		  "captured",
		  "2 server 1 MP_PRIO: backup", "3 client 1 FIN",
		  "4 server 1 first-data: 100 bytes, the first that were "
		  "captured");
}
END_TEST

/* Two subflows whose token says that they belong together. */
START_TEST(moves_together)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0", "1 c S join", "2 c S join",
	     "2 c prio:1", "1 c 0+100 map:7100:0:100 ack:0");
	after = 1;
	SIGNALLED("2 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to 10.0.1.2:80, "
		  "address id 1",
		  "3 client 2 MP_JOIN: SYN from 10.0.2.1:1002 to 10.0.2.2:80, "
		  "address id 2",
		  "4 client 2 MP_PRIO: backup",
		  "5 client 1 first-data: 100 bytes");
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
	/* How it begins and ends, and what it was idle for. */
	ck_assert_uint_eq(lost, 3 + 1 + 1 + 7 + 4);
	ck_assert_msg(!strncmp(listed,
			       "6 client 1 MP_JOIN: SYN from 10.0.1.1:1001 to "
			       "10.0.1.2:80, address id 1\n"
			       "6 client 1 join-failed: unanswered",
			       68),
		      "%.80s", listed);
	ck_assert_ptr_nonnull(strstr(listed, "\n999 server 0 MP_PRIO"));
	ck_assert_ptr_null(strstr(listed, "\n1000 "));
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
	tcase_add_test(tcase, join_in_part);
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
	tcase_add_test(tcase, reset_with_data);
	tcase_add_test(tcase, life);
	tcase_add_test(tcase, closed_without_data_fin);
	tcase_add_test(tcase, closed_by_reset);
	tcase_add_test(tcase, ports_used_again);
	tcase_add_test(tcase, plain_still_open);
	tcase_add_test(tcase, lower_version);
	tcase_add_test(tcase, midway);
	tcase_add_test(tcase, address_used);
	tcase_add_test(tcase, address_tried);
	tcase_add_test(tcase, address_judged_late);
	tcase_add_test(tcase, idle);
	tcase_add_test(tcase, idle_until_it_ends);
	tcase_add_test(tcase, stalled);
	tcase_add_test(tcase, one_side_only);
	tcase_add_test(tcase, kept_alive);
	tcase_add_test(tcase, members);
	tcase_add_test(tcase, order_is_of_time);
	tcase_add_test(tcase, moves);
	tcase_add_test(tcase, moves_together);
	tcase_add_test(tcase, is_bounded);
	tcase_add_test(tcase, is_wanted);
	return suite;
}
