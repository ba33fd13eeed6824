/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What --packets says of talk.h's segments: of each line its number, the
 * subflow, and what stands behind the bar. The first segment after
 * talk_established is packet 6; each is 1 ms after the one before.
 */
#include "talk.h"

#include "analysis/packets.h"
#include "write/packets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct packets *packets;
static struct packet_lines *lines;
static FILE *file;
static char *text; /* all that was written, once `file` is flushed */
static size_t size;

static void on_segment(const struct segment *segment, bool after)
{
	if (after)
		packets_tracked(packets, talk.tracker);
	else
		packets_segment(packets, segment);
}

static void on_packet(void *arg, const struct report_packet *packet)
{
	(void)arg;
	packet_write(lines, packet);
}

static void on_event(void *arg, const struct event *event)
{
	packets_event(arg, event);
}

static void begin_with(const struct selection *selection)
{
	packets_free(packets);
	packets = packets_new(selection, on_packet, NULL);
	talk_to(on_event, packets);
}

static void begin(void)
{
	static const struct writer_options options = {.digits = 6};

	file = open_memstream(&text, &size);
	lines = packet_lines_new(file, &options, true);
	talk.on_segment = on_segment;
	begin_with(NULL);
}

static void end(void)
{
	packets_free(packets);
	packets = NULL;
	packet_lines_free(lines);
	fclose(file);
	free(text);
}

/* "FRAME SUBFLOW WHAT" of a line. */
static void shorten(char *line, char *to, size_t room)
{
	char *bar = strstr(line, " | "), frame[24], conn[24];

	ck_assert_int_eq(sscanf(line, "%23s %*s %23s", frame, conn), 2);
	snprintf(to, room, "%s %s%s", frame, conn, bar ? bar + 2 : "");
}

/* The trace ends: from packet `from` on, this was said. */
static void said_lines(uint64_t from, const char *const *wanted,
		       const char *source, int number)
{
	char *rest = NULL;

	tracker_finish(talk.tracker);
	packets_finish(packets);
	fflush(file);
	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char said[400];

		if (strtoull(line, NULL, 10) < from)
			continue;
		shorten(line, said, sizeof(said));
		ck_assert_msg(*wanted && !strcmp(*wanted, said),
			      "%s:%d\nwanted: %s\nsaid:   %s", source, number,
			      *wanted ? *wanted : "nothing", said);
		wanted++;
	}
	ck_assert_msg(!*wanted, "%s:%d\nwanted: %s\nsaid:   nothing", source,
		      number, *wanted);
}
#define SAID(from, ...)                                                        \
	said_lines(from, (const char *const[]){__VA_ARGS__, NULL}, __FILE__,   \
		   __LINE__)

START_TEST(new_data_is_acked)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "0 s ack:100", "0 s ack:200", "0 s ack:200");
	SAID(6, "6 0.0 data 1:101 new; acked by packet 8 after 2.00 ms",
	     "7 0.0 data 101:201 new; acked by packet 9 after 2.00 ms",
	     "8 0.0 acks 1:101", "9 0.0 acks 101:201", "10 0.0");
}
END_TEST

START_TEST(one_ack_for_several)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "0 s 0+10 map:0:0:10 ack:150", "0 s ack:200", "0 c ack:10");
	SAID(6, "6 0.0 data 1:101 new; acked by packet 8 after 2.00 ms",
	     "7 0.0 data 101:201 new; acked by packet 9 after 2.00 ms",
	     "8 0.0 data 1:11 new; acked by packet 10 after 2.00 ms; "
	     "acks 1:151",
	     "9 0.0 acks 151:201", "10 0.0 acks 1:11");
}
END_TEST

START_TEST(sent_again)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "0 c 0+100 map:0:0:100",
	     "1 c 0+100 map:0:0:100", "1 c 0+100 map:0:0:100", "0 s ack:100",
	     "0 c 0+100 map:0:0:100");
	/* The last but one is TCP's, of what subflow 1 carried. */
	SAID(9, "9 0.0 data 1:101 new; acked by packet 13 after 4.00 ms",
	     "10 0.0 data 1:101 retransmission of packet 9; "
	     "acked by packet 13 after 3.00 ms",
	     "11 0.1 data 1:101 reinjection of packet 9 (subflow 0); "
	     "acked by packet 13 after 2.00 ms",
	     "12 0.1 data 1:101 retransmission of packet 11; "
	     "acked by packet 13 after 1.00 ms",
	     "13 0.0 acks 1:101",
	     "14 0.0 data 1:101 retransmission of packet 9; acked before");
}
END_TEST

/* Pieces of which the same is to be said are one. */
START_TEST(pieces)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "1 c 0+300 map:0:0:300", "0 s ack:300");
	SAID(11,
	     "11 0.1 data 1:201 reinjection of packets 9-10 (subflow 0); "
	     "data 201:301 new; acked by packet 12 after 1.00 ms",
	     "12 0.0 acks 1:301");
}
END_TEST

START_TEST(holes)
{
	talk_established();
	talk_joined(1);
	TALK("0 c 0+100 map:0:0:100", "1 c 0+100 map:200:0:100",
	     "0 c 100+100 map:100:100:100", "0 s ack:300");
	SAID(10,
	     "10 0.1 data 201:301 new, leaves a hole; "
	     "acked by packet 12 after 2.00 ms",
	     "11 0.0 data 101:201 fills a hole; "
	     "acked by packet 12 after 1.00 ms",
	     "12 0.0 acks 1:301");
}
END_TEST

/* Payload before its mapping is told where it was sent. */
START_TEST(mapping_comes_late)
{
	talk_established();
	TALK("0 c 100+100 ack:0", "0 c 0+100 map:0:0:200", "0 s ack:200");
	SAID(6,
	     "6 0.0 data 101:201 new, leaves a hole; "
	     "acked by packet 8 after 2.00 ms",
	     "7 0.0 data 1:101 fills a hole; acked by packet 8 after 1.00 ms",
	     "8 0.0 acks 1:201");
}
END_TEST

START_TEST(no_mapping)
{
	talk_established();
	TALK("0 c 0+100 ack:0", "0 c 0+100 ack:0");
	SAID(6, "6 0.0 100 B without mapping",
	     "7 0.0 100 B without mapping, retransmission of packet 6");
}
END_TEST

START_TEST(never_acked)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 c 100+100 map:100:100:100",
	     "0 s ack:150");
	SAID(6, "6 0.0 data 1:101 new; acked by packet 8 after 2.00 ms",
	     "7 0.0 data 101:201 new; not acked", "8 0.0 acks 1:151");
}
END_TEST

/* All segments of a mapping have its DSS, the last one the DATA_FIN. */
START_TEST(data_fin)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:200 fin", "0 c 100+100 map:0:0:200 fin",
	     "0 c fin:200", "0 s ack:200", "0 s ack:201", "0 s fin:0 ack:201",
	     "0 c ack:1");
	SAID(6, "6 0.0 data 1:101 new; acked by packet 9 after 3.00 ms",
	     "7 0.0 data 101:201 new; DATA_FIN; "
	     "acked by packet 10 after 3.00 ms",
	     "8 0.0 DATA_FIN again; acked by packet 10 after 2.00 ms",
	     "9 0.0 acks 1:201", "10 0.0 acks DATA_FIN",
	     "11 0.0 DATA_FIN; acked by packet 12 after 1.00 ms",
	     "12 0.0 acks DATA_FIN");
}
END_TEST

START_TEST(verdicts_of_joins)
{
	talk_established();
	TALK("1 c S join", "1 s SA join", "1 c join", "2 c S join",
	     "2 s SA join!", "2 c join!", "3 c S join!");
	SAID(6, "6 0.1 token of the server", "7 0.1 HMAC ok", "8 0.1 HMAC ok",
	     "9 0.2 token of the server", "10 0.2 HMAC bad", "11 0.2 HMAC bad",
	     "12 ? token unknown");
}
END_TEST

START_TEST(verdicts_of_others)
{
	talk_established();
	TALK("0 s add:3:10.0.7.2", "0 s add!:4:10.0.7.3", "0 c echo:3:10.0.7.2",
	     "0 c RA close", "0 c RA close!");
	SAID(6, "6 0.0 HMAC ok", "7 0.0 HMAC bad", "8 0.0", "9 0.0 key ok",
	     "10 0.0 key bad");
}
END_TEST

/* Known when the keys are, which the client's first packet has. */
START_TEST(late_verdicts)
{
	TALK("0 c S capable", "0 s SA capable", "0 s add:3:10.0.7.2",
	     "1 c S join", "1 s SA join", "0 c capable", "0 s ack:0");
	SAID(3, "3 0.0 HMAC ok", "4 0.1 token of the server", "5 0.1 HMAC ok",
	     "6 0.0 token 0xe6f48a00", "7 0.0");
}
END_TEST

START_TEST(checksums)
{
	TALK("0 c S capable flags:81", "0 s SA capable flags:81",
	     "0 c capable flags:81", "0 s ack:0", "0 c ack:0",
	     "0 c 0+100 map:0:0:200 sum", "0 c 100+100 map:0:0:200 sum",
	     "0 c 200+100 map:200:200:100 sum!",
	     "0 c 300+100 map:300:300:100 sum cut:10", "0 s ack:400");
	SAID(6, "6 0.0 data 1:101 new; acked by packet 10 after 4.00 ms",
	     "7 0.0 data 101:201 new; acked by packet 10 after 3.00 ms; "
	     "checksum ok",
	     "8 0.0 data 201:301 new; acked by packet 10 after 2.00 ms; "
	     "checksum bad",
	     "9 0.0 data 301:401 new; acked by packet 10 after 1.00 ms; "
	     "checksum unchecked",
	     "10 0.0 acks 1:401");
}
END_TEST

/* Nothing is acknowledged any more, nor without mapping what has none. */
START_TEST(fallback)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100", "0 s fail:100", "0 c 100+100 inf:100:100",
	     "0 c 200+100");
	SAID(6, "6 0.0 data 1:101 new", "7 0.0 falls back: mp-fail",
	     "8 0.0 data 101:201 new", "9 0.0 data 201:301 new");
}
END_TEST

/* It shows later that the third ACK was the moment. */
START_TEST(fallback_earlier)
{
	TALK("0 c S capable", "0 s SA capable", "0 c A", "0 c 0+100",
	     "0 s tcpack:100", "0 c 100+100", "0 c 100+100");
	SAID(3, "3 0.0 falls back: no-option-in-third-ack", "4 0.0", "5 0.0",
	     "6 0.0", "7 0.0 retransmission of packet 6");
}
END_TEST

/* Without the handshake: a flow is an orphan until a second one ties it. */
START_TEST(tied)
{
	TALK("0 c 5000+100 map:7000:5000:100 ack:0",
	     "1 c 3000+50 map:7100:3000:50 ack:0",
	     "2 c 0+100 map:900000000000:0:100 ack:900000000000",
	     "0 s at:70 ack:7150");
	SAID(1, "1 0.0 data 1:101 new; acked by packet 4 after 3.00 ms",
	     "2 0.1 data 101:151 new; acked by packet 4 after 2.00 ms",
	     "3 ? data 1:101 new; not acked", "4 0.0 acks 1:151");
}
END_TEST

/* Keys that are seen late say where the data began. */
START_TEST(shifted)
{
	TALK("0 c 100+100 map:100:100:100 ack:0", "0 s tcpack:200 ack:150",
	     "0 c capable");
	SAID(1, "1 0.0 data 101:201 new; not acked", "2 0.0 acks 101:151",
	     "3 0.0 token 0xe6f48a00");
}
END_TEST

START_TEST(plain_tcp)
{
	TALK("0 c S", "0 s SA", "0 c A", "0 c 0+100", "0 c 0+100");
	SAID(1, "1 -", "2 -", "3 -", "4 -", "5 -");
}
END_TEST

#define PLAIN_FRAME 3000

static void say_plain(uint64_t n)
{
	const struct segment segment = {
	    .frame = PLAIN_FRAME,
	    .time = talk.now,
	    .src = talk.path[9].end[0],
	    .dst = talk.path[9].end[1],
	    .flags = TCP_ACK,
	};

	for (; n; n--) {
		on_segment(&segment, false);
		tracker_segment(talk.tracker, &segment);
		on_segment(&segment, true);
	}
	talk.frame = PLAIN_FRAME;
	fflush(file);
}

static int said_times(const char *what)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* No packet waits for ever. */
START_TEST(long_wait)
{
	talk_established();
	TALK("0 c 0+100 map:0:0:100");
	say_plain(PACKETS_HELD - 1);
	ck_assert_int_eq(said_times(" new"), 0);
	say_plain(1);
	ck_assert_int_eq(
	    said_times("data 1:101 new; no ack within 100000 packets"), 1);
}
END_TEST

/* Those that left are out of the way of those that wait. */
START_TEST(long_waits)
{
	talk_established();
	for (int at = 0; at < 200; at++) {
		char line[80];

		snprintf(line, sizeof(line), "0 c %d+1 map:%d:%d:1", at, at,
			 at);
		TALK(line);
	}
	say_plain(PACKETS_HELD - 50);
	ck_assert_int_eq(said_times("no ack within"), 150);
	TALK("0 s ack:200");
	say_plain(0);
	ck_assert_int_eq(said_times("acked by packet 3001"), 50);
	ck_assert_int_eq(said_times("no ack within"), 150);
}
END_TEST

START_TEST(selected)
{
	struct err err;
	struct selection *selection = selection_new("1", NULL, &err);

	ck_assert_msg(selection != NULL, "%s", err.text);
	begin_with(selection);
	talk.path[1].pair = 1;
	TALK("0 c S capable", "1 c S capable", "2 c S", "1 s SA capable",
	     "0 s SA capable", "3 c 0+100 map:0:0:100");
	SAID(1, "2 1.0", "4 1.0 token 0xb7442cf6");
	selection_free(selection);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("packets");
	TCase *tcase = talk_case("packets");

	tcase_add_checked_fixture(tcase, begin, end);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, new_data_is_acked);
	tcase_add_test(tcase, one_ack_for_several);
	tcase_add_test(tcase, sent_again);
	tcase_add_test(tcase, pieces);
	tcase_add_test(tcase, holes);
	tcase_add_test(tcase, mapping_comes_late);
	tcase_add_test(tcase, no_mapping);
	tcase_add_test(tcase, never_acked);
	tcase_add_test(tcase, data_fin);
	tcase_add_test(tcase, verdicts_of_joins);
	tcase_add_test(tcase, verdicts_of_others);
	tcase_add_test(tcase, late_verdicts);
	tcase_add_test(tcase, checksums);
	tcase_add_test(tcase, fallback);
	tcase_add_test(tcase, fallback_earlier);
	tcase_add_test(tcase, tied);
	tcase_add_test(tcase, shifted);
	tcase_add_test(tcase, plain_tcp);
	tcase_add_test(tcase, long_wait);
	tcase_add_test(tcase, long_waits);
	tcase_add_test(tcase, selected);
	return suite;
}
