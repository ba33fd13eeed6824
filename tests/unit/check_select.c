/* SPDX-License-Identifier: BSD-3-Clause */
/* Which connections are chosen: lists of ids, and expressions. */
#include "report/select.h"

#include "base/alloc.h"

#include "unit.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct err err;

static struct selection *listed(const char *list)
{
	struct selection *selection = selection_new(list, NULL, &err);

	ck_assert_msg(selection, "%s", err.text);
	return selection;
}

START_TEST(ids)
{
	static const struct {
		const char *list;
		const char *taken; /* of 0 to 9 */
	} rows[] = {
	    {"0", "1000000000"},       {"0,3,7-9", "1001000111"},
	    {"5-", "0000011111"},      {"7,7,3-4,4-5", "0001110100"},
	    {"9,1-8,2", "0111111111"}, {"20-30", "0000000000"},
	    {"00", "1000000000"},      {"3-,0", "1001111111"},
	};

	struct selection *selection = listed(rows[_i].list);

	for (uint64_t id = 0; id < 10; id++)
		ck_assert_msg(selection_takes_id(selection, id) ==
				  (rows[_i].taken[id] == '1'),
			      "%s: %d", rows[_i].list, (int)id);
	selection_free(selection);
}
END_TEST

START_TEST(no_ids)
{
	static const struct {
		const char *list, *words;
	} rows[] = {
	    {"", "'' at character 1"},
	    {"0,", "'' at character 3"},
	    {",0", "'' at character 1"},
	    {"1,x", "'x' at character 3"},
	    {"1,9-7", "'9-7' at character 3"},
	    {"-3", "'-3' at character 1"},
	    {"1 ,2", "'1 ' at character 1"},
	    {"1-2-3", "'1-2-3' at character 1"},
	    {"99999999999999999999", "at character 1"},
	};

	ck_assert(!selection_new(rows[_i].list, NULL, &err));
	ck_assert_msg(!strncmp(err.text, "-c ", 3), "%s", err.text);
	ck_assert_msg(strstr(err.text, rows[_i].words), "%s", err.text);
}
END_TEST

START_TEST(unmet)
{
	struct selection *selection = listed("12-,7,0,3-5");
	char text[SELECTION_IDS];
	size_t i = 0;

	ck_assert(selection_unmet_all(selection));
	selection_met(selection, 4);
	selection_met(selection, 6);
	selection_met(selection, 0);
	ck_assert(!selection_unmet_all(selection));
	ck_assert(selection_unmet(selection, &i, text));
	ck_assert_str_eq(text, "7");
	i++;
	ck_assert(selection_unmet(selection, &i, text));
	ck_assert_str_eq(text, "12-");
	i++;
	ck_assert(!selection_unmet(selection, &i, text));
	selection_free(selection);
	i = 0;
	ck_assert(!selection_unmet(NULL, &i, text));
	ck_assert(!selection_unmet_all(NULL));
	selection_met(NULL, 3);
	ck_assert(selection_takes_id(NULL, 3));
	ck_assert(selection_takes(NULL, NULL));
}
END_TEST

/*
 * Expressions.
 */
static struct report_conn conn;

static void set_end(struct endpoint *end, const char *address, uint16_t port)
{
	memset(end, 0, sizeof(*end));
	end->address.family = strchr(address, ':') ? 6 : 4;
	inet_pton(end->address.family == 6 ? AF_INET6 : AF_INET, address,
		  end->address.bytes);
	end->port = port;
}

/* An established one of two subflows, the second over IPv6. */
static void make_conn(void)
{
	struct report_subflow *subflow;
	static const uint64_t options[OPTION_COUNTS] = {[COUNT_ADD_ADDR] = 2};

	report_conn_init(&conn);
	conn.id = 12;
	conn.version = 1;
	conn.state = CONN_ESTABLISHED;
	conn.accepted = conn.still_open = true;
	conn.first = 1700000000 * NSTIME_SECOND + 250000000;
	conn.last = conn.first + 10 * NSTIME_SECOND + 1;
	conn.host[CLIENT].token_known = true;
	conn.host[CLIENT].token = 0xfedcba98;
	conn.options[SERVER] = options;
	conn.data[CLIENT].bytes_unique = 1500;
	conn.data[SERVER].bytes_unique = 1000000;
	conn.data[SERVER].bytes_acked = 1000000;
	conn.data[SERVER].first_data = conn.first;
	conn.data[SERVER].last_data_ack = conn.first + 10 * NSTIME_SECOND;
	conn.data[SERVER].reinjected_bytes = 40;
	conn.data[SERVER].retransmitted_bytes = REPORT_UNKNOWN;
	subflow = report_subflow(&conn, 0);
	set_end(&subflow->source, "10.0.1.1", 40000);
	set_end(&subflow->destination, "10.0.1.2", 5201);
	conn.host[CLIENT].end = subflow->source;
	conn.host[SERVER].end = subflow->destination;
	report_spread_add(&subflow->flow[CLIENT].rtt, 0.03);
	subflow = report_subflow(&conn, 1);
	set_end(&subflow->source, "2001:db8::1", 40001);
	set_end(&subflow->destination, "2001:db8:0:1::2", 5201);
	subflow->backup = true;
	report_finding(&conn, NOTE, "address-unused", 3, conn.first, "it is");
	report_finding(&conn, WARNING, "join-reset", 9, conn.first, "it was");
}

static void clear_conn(void)
{
	report_conn_clear(&conn);
}

static bool holds(const char *text)
{
	struct selection *selection = selection_new(NULL, text, &err);
	bool taken;

	ck_assert_msg(selection, "%s", err.text);
	taken = selection_takes(selection, &conn);
	selection_free(selection);
	return taken;
}

static const char *const true_ones[] = {
    "state=established",
    "STATE = Established",
    "state~estab",
    "state!=closed",
    "state=closed,established",
    "version=1",
    "version!=0",
    "id>=12 and id<=12",
    "not reason=mp-fail",
    "finding=join-reset",
    "finding~join",
    "finding=mp-fail,address-unused",
    "finding!=mp-fail,join-no-option",
    "findings=2",
    "severity>=warning",
    "severity>note and severity<error",
    "severity=warning",
    "address=10.0.1.2",
    "address=10.0.0.0/8",
    "address=2001:DB8::/32",
    "address=2001:db8:0:1::2",
    "address~10.0.",
    "address=0.0.0.0/0",
    "address=10.0.1.3/31,1.2.3.4",
    "client=10.0.1.1",
    "server!=10.0.1.1",
    "port=5201",
    "port=80,443,40001",
    "port>40000",
    "token=0xfedcba98",
    "token=4275878552",
    "start=1700000000.25",
    "start>=2023-11-14T22:13:20",
    "start=2023-11-14t22:13:20.25Z",
    "start<2023-11-14T22:14",
    "end>2023-11-14",
    "duration>10",
    "duration>10s",
    "duration>10000ms",
    "duration=10.000000001",
    "duration<1m",
    "duration<1h",
    "bytes=1001500",
    "bytes>1M",
    "bytes>1.0014m",
    "c2s=1.5k",
    "s2c=1M",
    "reinjected>0",
    "not retransmitted>=0",
    "not retransmitted<0",
    "not retransmitted!=7",
    "subflows>=2",
    "rtt>20ms",
    "rtt=30000us",
    "goodput=100k",
    "option=add_addr",
    "option!=mp_fail",
    "accepted=yes and open=yes and backup=yes and handshake=no",
    "version=0 or version=1",
    "version=1 || version=0 && id=0",
    "(version=1 or version=0) && id=12",
    "! ( id=3 || id=4 )",
    "not not id=12",
    "(((id=12)))",
};

START_TEST(is_true)
{
	char text[128];

	ck_assert_msg(holds(true_ones[_i]), "%s", true_ones[_i]);
	snprintf(text, sizeof(text), "not (%s)", true_ones[_i]);
	ck_assert_msg(!holds(text), "%s", text);
}
END_TEST

static const char *const false_ones[] = {
    "state=closed",
    "reason=mp-fail",
    "reason!=mp-fail", /* there is none */
    "reason~mp",
    "finding!=join-reset",
    "severity>warning",
    "address=10.0.1.3",
    "address=11.0.0.0/8,2001:db9::/32",
    "client=10.0.1.2",
    "client=2001:db8::1",
    "token=1",
    "duration<10",
    "goodput>100k",
    "id=1 or id=2 and id=12",
};

START_TEST(is_false)
{
	ck_assert_msg(!holds(false_ones[_i]), "%s", false_ones[_i]);
}
END_TEST

static const struct {
	const char *text, *words;
} wrong_ones[] = {
    {"", "at the end: a comparison is missing"},
    {"staet=1", "'staet' at character 1: no such term; there are id state "},
    {"id=1 andd id=2", "'andd' at character 6: here must be 'and' or 'or'"},
    {"id", "at the end: a comparison"},
    {"id 7", "'7' at character 4: a comparison"},
    {"id=", "at the end: a value is missing"},
    {"id=1 and", "at the end: a comparison is missing"},
    {"id=1,", "at the end: a value is missing"},
    {"(id=1", "at the end: here must be 'and', 'or' or ')'"},
    {"(id=1 id=2)", "'id' at character 7: here must be"},
    {"id=1)", "')' at character 5: here must be"},
    {"and id=1", "'and' at character 1: no such term"},
    {"state=closd", "'closd' at character 7: no such state; there are "
		    "handshake established closed"},
    {"state>closed", "'>' at character 6: this term is compared with"},
    {"finding<x", "this term is compared with = != ~"},
    {"severity>=bad", "no such severity; there are note warning error"},
    {"reason=none", "no such reason; there are no-option-in-synack "},
    {"open=maybe", "no such open; there are no yes"},
    {"id~1", "'~' at character 3: a number is compared with"},
    {"id=x", "'x' at character 4: it should be a whole number"},
    {"id=1.5", "whole number"},
    {"id=-1", "whole number"},
    {"id=0x", "whole number"},
    {"bytes>0.5", "a number of bytes"},
    {"bytes>10kb", "a number of bytes"},
    {"bytes>10000000000G", "a number of bytes"},
    {"bytes>99999999999999999999", "a number of bytes"},
    {"bytes>.", "a number of bytes"},
    {"duration>10 s", "'s' at character 13"},
    {"duration>0.1ns", "a span of time"},
    {"goodput>1MB/s", "a rate"},
    {"start>yesterday", "a moment"},
    {"start>2023-13-01", "a moment"},
    {"start>2023-11-14T25:00", "a moment"},
    {"start>2023-11-14T12", "a moment"},
    {"address=10.0.1", "an address"},
    {"address=10.0.1.2/33", "an address"},
    {"address=::1/129", "an address"},
    {"address=::1/", "an address"},
    {"address>10.0.0.1", "this term is compared with"},
};

START_TEST(is_wrong)
{
	ck_assert_msg(!selection_new(NULL, wrong_ones[_i].text, &err), "%s",
		      wrong_ones[_i].text);
	ck_assert_msg(!strncmp(err.text, "--where: ", 9), "%s", err.text);
	ck_assert_msg(strstr(err.text, wrong_ones[_i].words), "%s: %s",
		      wrong_ones[_i].text, err.text);
}
END_TEST

START_TEST(deep)
{
	char text[4096];

	memset(text, '(', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert(!selection_new(NULL, text, &err));
	ck_assert_msg(strstr(err.text, "too many brackets"), "%s", err.text);
}
END_TEST

/* Every row of the terms can be asked of a connection with nothing in it. */
START_TEST(empty)
{
	static const char *const terms[] = {
	    "id<0 or version>=0 or findings>0 or port>0 or token>=0 or "
	    "start>=0 or end>=0 or duration>=0 or subflows>0 or bytes>0",
	    "c2s>0 or s2c>0 or retransmitted>0 or reinjected>0 or goodput>=0 "
	    "or rtt>=0 or severity>=note or finding~a or reason~a",
	    "address=0.0.0.0/0 or address=::/0 or client=0.0.0.0/0 or "
	    "server~. or option~a or accepted=yes or checksum=yes",
	};

	clear_conn();
	report_conn_init(&conn);
	for (int i = 0; i < 3; i++)
		ck_assert_msg(!holds(terms[i]), "%s", terms[i]);
	ck_assert(holds("state=handshake"));
}
END_TEST

START_TEST(both)
{
	struct selection *selection = selection_new("3,12", "version=1", &err);

	ck_assert(selection_takes(selection, &conn));
	conn.id = 4;
	ck_assert(!selection_takes(selection, &conn));
	conn.id = 3;
	conn.version = 0;
	ck_assert(!selection_takes(selection, &conn));
	selection_choose(selection, 9);
	selection_choose(selection, 3);
	selection_settle(selection);
	ck_assert(selection_takes(selection, &conn)); /* whatever it is */
	ck_assert(selection_takes_id(selection, 9));
	ck_assert(!selection_takes_id(selection, 12));
	selection_free(selection);
	selection = selection_new(NULL, "id=1", &err);
	ck_assert(selection_takes_id(selection, 2)); /* nobody knows yet */
	selection_settle(selection);
	ck_assert(!selection_takes_id(selection, 2));
	selection_free(selection);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

Suite *unit_suite(void)
{
	Suite *suite = suite_create("select");
	TCase *list = tcase_create("list");
	TCase *where = tcase_create("where");

	tcase_add_loop_test(list, ids, 0, 8);
	tcase_add_loop_test(list, no_ids, 0, 9);
	tcase_add_test(list, unmet);
	suite_add_tcase(suite, list);

	tcase_add_checked_fixture(where, make_conn, clear_conn);
	tcase_add_loop_test(where, is_true, 0, COUNT(true_ones));
	tcase_add_loop_test(where, is_false, 0, COUNT(false_ones));
	tcase_add_loop_test(where, is_wrong, 0, COUNT(wrong_ones));
	tcase_add_test(where, deep);
	tcase_add_test(where, empty);
	tcase_add_test(where, both);
	suite_add_tcase(suite, where);
	return suite;
}
