/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The list of events: its order, its three forms, and that doc/formats.md names
 * all there are.
 */
#include "unit.h"

#include "write/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct writer_options options;
static struct report_totals totals;
static struct report_conn conn, loose;
static struct events *events;
static char *text;

static void begin(void)
{
	options = (struct writer_options){.digits = 6};
	totals = (struct report_totals){
	    .first = 5 * NSTIME_SECOND,
	    .last = 50 * NSTIME_SECOND,
	};
	report_conn_init(&conn);
	report_conn_init(&loose);
	conn.signals_max = loose.signals_max = 100;
}

static void end(void)
{
	events_free(events);
	events = NULL;
	report_conn_clear(&loose);
	free(text);
	text = NULL;
}

/* A signal at `ms` after 5 s. */
static struct report_signal at(int64_t ms, uint64_t packet,
			       enum signal_kind kind)
{
	return (struct report_signal){
	    .time = 5 * NSTIME_SECOND + ms * (NSTIME_SECOND / 1000),
	    .packet = packet,
	    .kind = kind,
	    REPORT_SIGNAL_BLANK,
	};
}

static void tell(int64_t ms, uint64_t packet, enum signal_kind kind,
		 const char *phrase)
{
	struct report_signal signal = at(ms, packet, kind);

	report_signal(&conn, &signal, phrase ? "%s" : NULL, phrase);
}

static void begin_format(enum listing_format format)
{
	events = events_new(format, &options, false);
}

/* The connection has closed. */
static void closed(uint64_t id)
{
	conn.id = id;
	report_signals_settle(&conn);
	events_conn(events, &conn);
	report_conn_clear(&conn);
	report_conn_init(&conn);
	conn.signals_max = 100;
}

static const char *written(void)
{
	struct err err;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	ck_assert_int_eq(events_write(events, file, &totals, &err), 0);
	fclose(file);
	return text;
}

START_TEST(nothing)
{
	begin_format(LISTING_TEXT);
	ck_assert_str_eq(written(), "             time packet conn sub side   "
				    "event             what it says\n"
				    "0 events of 0 connections\n");
}
END_TEST

/* Connections bring theirs in any order. */
START_TEST(order)
{
	begin_format(LISTING_TEXT);
	tell(7, 9, SIGNAL_FIN, NULL);
	tell(3, 5, SIGNAL_RST, "five");
	tell(3, 4, SIGNAL_RST, "four");
	closed(12);
	tell(1, 2, SIGNAL_OPENED, "two");
	tell(3, 6, SIGNAL_IDLE, "six");
	tell(3, 6, SIGNAL_CLOSED, "six, told later");
	closed(3);
	ck_assert_str_eq(
	    written(),
	    "             time packet conn sub side   event             what "
	    "it says\n"
	    "         5.001000      2    3   - client opened            two\n"
	    "         5.003000      4   12   - client RST               four\n"
	    "         5.003000      5   12   - client RST               five\n"
	    "         5.003000      6    3   - client idle              six\n"
	    "         5.003000      6    3   - client closed            six, "
	    "told later\n"
	    "         5.007000      9   12   - client FIN\n"
	    "6 events of 2 connections\n");
}
END_TEST

/* Without a time it counts as of the time of the one before; where there never
 * was any, packets come in their order. */
START_TEST(no_time)
{
	struct report_signal signal = at(0, 0, SIGNAL_FIN);

	begin_format(LISTING_CSV);
	signal.time = NSTIME_NONE;
	tell(2, 4, SIGNAL_OPENED, NULL);
	signal.packet = 6;
	report_signal(&conn, &signal, NULL);
	tell(4, 8, SIGNAL_CLOSED, NULL);
	closed(0);
	tell(3, 5, SIGNAL_RST, NULL);
	closed(1);
	signal.packet = 9;
	report_signal(&conn, &signal, NULL);
	closed(2);
	signal.packet = 7;
	report_signal(&conn, &signal, NULL);
	closed(3);
	written();
	ck_assert_ptr_nonnull(
	    strstr(text, "\n,7,3,,client,note,FIN,,,,,,,,,,,,,,,\n"
			 ",9,2,,client,note,FIN,,,,,,,,,,,,,,,\n"
			 "5.002000,4,0,,client,note,opened,,,,,,,,,,,,,,,\n"
			 ",6,0,,client,note,FIN,,,,,,,,,,,,,,,\n"
			 "5.003000,5,1,,client,note,RST,,,,,,,,,,,,,,,\n"
			 "5.004000,8,0,"));
}
END_TEST

/* One that has all there is. */
static void tell_all(void)
{
	struct report_signal signal = at(1, 70000, SIGNAL_JOIN);

	signal.side = SERVER;
	signal.severity = ERROR;
	signal.subflow = 4;
	signal.step = "synack";
	signal.reason = "because";
	signal.number_is = NUMBER_TOKEN;
	signal.number = 0xabc;
	signal.bytes = 0;
	signal.span = 1250000000;
	signal.count = 2;
	signal.port = 443;
	signal.id = 0;
	signal.version = 0;
	signal.backup = 1;
	signal.hmac = BAD;
	signal.address.family = 6;
	signal.address.bytes[15] = 1;
	report_signal(&conn, &signal, "a \"word\", another");
	closed(0);
}

START_TEST(csv)
{
	begin_format(LISTING_CSV);
	tell_all();
	ck_assert_str_eq(
	    written(),
	    "time,packet,connection,subflow,side,severity,event,text,step,"
	    "count,version,id,address,port,backup,hmac,reason,bytes,duration,"
	    "dsn,key,token\n"
	    "5.001000,70000,0,4,server,error,MP_JOIN,\"a \"\"word\"\", "
	    "another\",synack,2,0,0,::1,443,true,bad,because,0,1.25,,,"
	    "0x00000abc\n");
}
END_TEST

START_TEST(json)
{
	struct report_signal signal = at(2, 3, SIGNAL_FAIL);

	begin_format(LISTING_JSONL);
	tell_all();
	signal.number_is = NUMBER_DSN;
	signal.number = UINT64_MAX;
	report_signal(&conn, &signal, NULL);
	closed(1);
	ck_assert_str_eq(
	    written(),
	    "{\"time\":\"5.001000\",\"packet\":70000,\"connection\":0,"
	    "\"subflow\":4,\"side\":\"server\",\"severity\":\"error\","
	    "\"event\":\"MP_JOIN\",\"text\":\"a \\\"word\\\", another\","
	    "\"step\":\"synack\",\"count\":2,\"version\":0,\"id\":0,"
	    "\"address\":\"::1\",\"port\":443,\"backup\":true,\"hmac\":\"bad\","
	    "\"reason\":\"because\",\"bytes\":0,\"duration\":1.25,\"dsn\":null,"
	    "\"key\":null,\"token\":\"0x00000abc\"}\n"
	    "{\"time\":\"5.002000\",\"packet\":3,\"connection\":1,"
	    "\"subflow\":null,\"side\":\"client\",\"severity\":\"note\","
	    "\"event\":\"MP_FAIL\",\"text\":null,\"step\":null,\"count\":null,"
	    "\"version\":null,\"id\":null,\"address\":null,\"port\":null,"
	    "\"backup\":null,\"hmac\":null,\"reason\":null,\"bytes\":null,"
	    "\"duration\":null,\"dsn\":\"0xffffffffffffffff\",\"key\":null,"
	    "\"token\":null}\n");
}
END_TEST

/* Flows of no connection, but not if some connections were chosen. */
START_TEST(of_no_connection)
{
	totals.loose = &loose;
	totals.selected = _i;
	totals.connections = 7;
	begin_format(LISTING_TEXT);
	tell(4, 8, SIGNAL_RST, "of none");
	report_signals_take(&loose, &conn);
	report_signals_settle(&loose);
	tell(2, 4, SIGNAL_FIN, "of one");
	closed(0);
	written();
	ck_assert_ptr_nonnull(strstr(text, "\n         5.002000      4    0   "
					   "- client FIN               of "
					   "one\n"));
	if (_i) {
		ck_assert_ptr_null(strstr(text, "of none"));
		ck_assert_ptr_nonnull(
		    strstr(text, "\n1 event of 1 of 7 connections\n"));
	} else {
		ck_assert_ptr_nonnull(strstr(
		    text,
		    "\n         5.004000      8    -   - client "
		    "RST               of none\n"
		    "2 events of 1 connection, 1 of them of no connection\n"));
	}
}
END_TEST

/* A million and more of a connection are too many; it says so. */
START_TEST(too_many)
{
	begin_format(LISTING_TEXT);
	conn.signals_max = 10;
	for (int i = 0; i < 50; i++)
		tell(100 - i, (uint64_t)(100 - i), SIGNAL_FIN, NULL);
	closed(0);
	written();
	ck_assert_ptr_nonnull(strstr(text, " 5.051000     51    0   - "));
	ck_assert_ptr_nonnull(strstr(
	    text, " 5.060000     60    0   - client FIN\n"
		  "         5.060000     60    0   - client left-out       "
		  "   40 signals from here on\n"
		  "11 events of 1 connection\n"));
}
END_TEST

/* A terminal shows times since the first packet, and long texts below. */
START_TEST(terminal)
{
	options.style = (struct style){.terminal = true, .width = _i};
	begin_format(LISTING_TEXT);
	tell(1234, 123456789, SIGNAL_MAPPING_CONFLICT,
	     "a long text that has a good many words in it, all of them short");
	closed(0);
	written();
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_msg(strlen(line) < (size_t)_i, "%s", line);
}
END_TEST

START_TEST(terminal_times)
{
	options.style = (struct style){.terminal = true, .width = 120};
	begin_format(LISTING_TEXT);
	tell(1234, 8, SIGNAL_FIN, NULL);
	closed(0);
	ck_assert_ptr_nonnull(strstr(written(), "\n 1.234000      8    0   - "
						"client FIN\n"
						"1 event of 1 connection, "
						"times since 5.000000\n"));
}
END_TEST

START_TEST(relative)
{
	events = events_new(LISTING_TEXT, &options, true);
	tell(1234, 8, SIGNAL_FIN, NULL);
	closed(0);
	ck_assert_ptr_nonnull(strstr(written(), "\n 1.234000      8    0   - "
						"client FIN\n"
						"1 event of 1 connection, "
						"times since 5.000000\n"));
}
END_TEST

/* Every name is the first thing in a row of the table, in this order. */
START_TEST(names_are_in_the_doc)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], line[4096];
	int kind = -1; /* -1: before the table */
	FILE *file;

	snprintf(path, sizeof(path), "%s/doc/formats.md",
		 srcdir ? srcdir : ".");
	file = fopen(path, "r");
	ck_assert_msg(file, "%s cannot be read", path);
	while (kind < SIGNAL_KINDS && fgets(line, sizeof(line), file)) {
		char *name = strtok(line, "`");

		if (kind < 0 && !strcmp(name, "| event | |\n"))
			kind = 0;
		if (kind < 0 || strcmp(name, "| ") != 0)
			continue;
		ck_assert_str_eq(strtok(NULL, "`"),
				 signal_word((enum signal_kind)kind));
		kind++;
	}
	ck_assert_msg(fgets(line, sizeof(line), file) &&
			  strncmp(line, "| `", 3) != 0,
		      "not an event: %s", line);
	fclose(file);
	ck_assert_int_eq(kind, SIGNAL_KINDS);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("events");
	TCase *tcase = tcase_create("events");

	tcase_add_checked_fixture(tcase, begin, end);
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, nothing);
	tcase_add_test(tcase, order);
	tcase_add_test(tcase, no_time);
	tcase_add_test(tcase, csv);
	tcase_add_test(tcase, json);
	tcase_add_loop_test(tcase, of_no_connection, 0, 2);
	tcase_add_test(tcase, too_many);
	tcase_add_loop_test(tcase, terminal, 60, 130);
	tcase_add_test(tcase, terminal_times);
	tcase_add_test(tcase, relative);
	tcase_add_test(tcase, names_are_in_the_doc);
	return suite;
}
