/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --list: the verdict on a connection, CSV and JSON lines, what is unknown,
 * and the table of addresses.
 */
#include "report/peers.h"
#include "write/facts.h"
#include "write/writer.h"

#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct report_conn conn;
static struct report_totals totals;
static struct writer_options options;
static char *text; /* what a writer wrote last */

static void begin(void)
{
	memset(&totals, 0, sizeof(totals));
	totals.peers = peers_new();
	options = (struct writer_options){.digits = 6};
	report_conn_init(&conn);
	conn.accepted = conn.handshake_seen = true;
	conn.state = CONN_CLOSED;
	report_subflow(&conn, 0)->initial = true;
	conn.subflows[0].state = SUBFLOW_CLOSED;
}

static void end(void)
{
	report_conn_clear(&conn);
	peers_free(totals.peers);
	free(text);
	text = NULL;
}

/* All that is written of the connection, and of addresses. */
static const char *written(enum listing_format format)
{
	const struct writer *writer = writer_of_list(format);
	size_t size;
	FILE *file;

	free(text);
	file = open_memstream(&text, &size);
	if (writer->before)
		writer->before(file, NULL, &options);
	writer->conn(file, &conn, &options);
	writer->after(file, &totals, &options);
	fclose(file);
	return text;
}

/* The n-th line. */
static const char *line_of(const char *lines, int n)
{
	static char line[4096];

	while (n--)
		lines = strchr(lines, '\n') + 1;
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(lines, "\n"), lines);
	return line;
}

/*
 * The verdict: the text's last column.
 */
static void verdict_is(const char *wanted)
{
	size_t at = strstr(written(LISTING_TEXT), " verdict\n") + 1 - text;

	ck_assert_str_eq(line_of(text, 1) + at, wanted);
}

static void join(enum subflow_state state)
{
	struct report_subflow *subflow =
	    report_subflow(&conn, (int)conn.n_subflows);

	subflow->joined = true;
	subflow->state = state;
}

static void finding(enum severity severity, const char *code)
{
	report_finding(&conn, severity, code, 1, 1, "so it is");
}

START_TEST(healthy)
{
	verdict_is("single-path");
	join(SUBFLOW_RESET);
	finding(NOTE, "subflow-reset");
	verdict_is("multipath");
}
END_TEST

START_TEST(open)
{
	conn.still_open = true;
	verdict_is("single-path, open");
	conn.still_open = false;
	conn.timed_out = true;
	verdict_is("single-path, timed out");
}
END_TEST

START_TEST(not_joined)
{
	join(SUBFLOW_REFUSED);
	join(SUBFLOW_PLAIN);
	join(SUBFLOW_UNANSWERED);
	join(SUBFLOW_HANDSHAKE);
	join(SUBFLOW_RESET);
	conn.subflows[5].hmac[1] = BAD;
	verdict_is("single-path");
}
END_TEST

/* The gravest, then the first; others are counted once each. */
START_TEST(gravest)
{
	finding(NOTE, "address-unused");
	finding(WARNING, "join-reset");
	finding(WARNING, "zero-window");
	verdict_is("single-path: join-reset +1");
	finding(WARNING, "zero-window");
	finding(ERROR, "checksum-bad");
	verdict_is("single-path: checksum-bad +2");
}
END_TEST

START_TEST(fallen_back)
{
	conn.state = CONN_FALLBACK;
	conn.fallback = FALLBACK_FAIL;
	finding(WARNING, "mp-fail");
	verdict_is("fallback: mp-fail");
	finding(ERROR, "checksum-bad");
	verdict_is("fallback: mp-fail +1");
}
END_TEST

START_TEST(refused)
{
	conn.accepted = false;
	conn.state = CONN_FALLBACK;
	conn.fallback = FALLBACK_SYNACK;
	finding(WARNING, "no-option-in-synack");
	verdict_is("refused: no-option-in-synack");
	conn.fallback = FALLBACK_NONE;
	conn.state = CONN_RESET;
	conn.subflows[0].state = SUBFLOW_REFUSED;
	verdict_is("refused: no-option-in-synack");
}
END_TEST

START_TEST(unanswered)
{
	conn.accepted = false;
	conn.state = CONN_HANDSHAKE;
	conn.subflows[0].state = SUBFLOW_UNANSWERED;
	verdict_is("unanswered");
	finding(WARNING, "capable-unanswered");
	verdict_is("capable-unanswered");
}
END_TEST

START_TEST(incomplete)
{
	conn.state = CONN_HANDSHAKE;
	conn.still_open = true;
	verdict_is("incomplete, open");
	conn.still_open = false;
	conn.state = CONN_RESET; /* nothing but a refused join was seen */
	conn.handshake_seen = conn.accepted = false;
	conn.subflows[0].joined = true;
	conn.subflows[0].state = SUBFLOW_PLAIN;
	verdict_is("incomplete");
}
END_TEST

/*
 * For programs.
 */
#define HEAD                                                                   \
	"id,client_address,client_port,server_address,server_port,version,"    \
	"state,first,last,duration,subflows,c2s_bytes,s2c_bytes,"              \
	"c2s_retransmitted_bytes,s2c_retransmitted_bytes,"                     \
	"c2s_reinjected_bytes,s2c_reinjected_bytes,c2s_goodput,s2c_goodput,"   \
	"still_open,timed_out,fallback,verdict,severity,findings"

static void fill(void)
{
	const struct address four = {.bytes = {10, 0, 0, 1}, .family = 4};
	const struct address six = {.bytes = {0xfd, [15] = 2}, .family = 6};

	conn.id = 12;
	conn.version = 1;
	conn.host[CLIENT].end = (struct endpoint){four, 4711};
	conn.host[SERVER].end = (struct endpoint){six, 80};
	conn.first = 1000 * NSTIME_SECOND + 5;
	conn.last = conn.first + NSTIME_SECOND / 4;
	conn.data[CLIENT].bytes_unique = 123456789012;
	conn.data[SERVER].reinjected_bytes = 77;
	conn.data[CLIENT].bytes_acked = 100;
	conn.data[CLIENT].first_data = conn.first;
	conn.data[CLIENT].last_data_ack = conn.first + 3 * NSTIME_SECOND;
	options.digits = 9;
	finding(NOTE, "address-unused");
	finding(WARNING, "join-reset");
	finding(WARNING, "join-reset");
}

START_TEST(csv)
{
	fill();
	written(LISTING_CSV);
	ck_assert_str_eq(text,
			 HEAD "\n12,10.0.0.1,4711,fd00::2,80,1,closed,"
			      "1000.000000005,1000.250000005,0.250000000,1,"
			      "123456789012,0,0,0,0,77,33.3333333333,,"
			      "false,false,,single-path,warning,"
			      "join-reset address-unused\n");
}
END_TEST

/* Nothing is known but that there was something. */
START_TEST(csv_unknown)
{
	conn.version = -1;
	conn.fallback = FALLBACK_DATA;
	conn.state = CONN_FALLBACK;
	ck_assert_str_eq(line_of(written(LISTING_CSV), 1),
			 "0,,0,,0,,fallback,,,,1,0,0,0,0,0,0,,,false,false,"
			 "no-option-in-data,fallback,,");
}
END_TEST

/* The names of the CSV, in order, under "type"; null is what is empty there. */
START_TEST(jsonl)
{
	char names[2000] = "";
	const char *name;
	json_t *object, *value;

	fill();
	object = json_loads(line_of(written(LISTING_JSONL), 0), 0, NULL);
	ck_assert_ptr_nonnull(object);
	ck_assert_str_eq(json_string_value(json_object_get(object, "type")),
			 "connection");
	json_object_foreach(object, name, value)
	{
		strcat(names, ",");
		strcat(names, name);
	}
	ck_assert_str_eq(names, ",type," HEAD);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(object, "c2s_bytes")),
	    123456789012);
	ck_assert_double_eq(
	    json_number_value(json_object_get(object, "duration")), 0.25);
	ck_assert_str_eq(json_string_value(json_object_get(object, "first")),
			 "1000.000000005");
	ck_assert(json_is_false(json_object_get(object, "still_open")));
	ck_assert(json_is_null(json_object_get(object, "fallback")));
	ck_assert(json_is_null(json_object_get(object, "s2c_goodput")));
	value = json_object_get(object, "findings");
	ck_assert_uint_eq(json_array_size(value), 2);
	ck_assert_str_eq(json_string_value(json_array_get(value, 0)),
			 "join-reset");
	json_decref(object);
}
END_TEST

/*
 * All TCP.
 */
static void flows(uint8_t client, uint8_t server, enum flow_kind kind)
{
	const struct address from = {.bytes = {10, 0, 0, client}, .family = 4};
	const struct address to = {.bytes = {10, 0, 1, server}, .family = 4};

	peers_count(totals.peers, &from, &to, kind);
}

START_TEST(jsonl_flows)
{
	flows(1, 1, FLOW_MPTCP);
	flows(2, 1, FLOW_PLAIN);
	written(LISTING_JSONL);
	ck_assert_str_eq(line_of(text, 1),
			 "{\"type\":\"tcp\",\"flows\":2,\"mptcp\":1,"
			 "\"fallback\":0,\"refused\":0,\"join_refused\":0,"
			 "\"unanswered\":0,\"orphan\":0,\"plain\":1}");
	ck_assert_ptr_nonnull(strstr(line_of(text, 3),
				     "\"client\",\"address\":\"10.0.0.2\","
				     "\"flows\":1,"));
	ck_assert_ptr_nonnull(
	    strstr(line_of(text, 4),
		   "\"server\",\"address\":\"10.0.1.1\",\"flows\":2"));
}
END_TEST

START_TEST(table)
{
	for (uint8_t i = 1; i <= 25; i++)
		flows(i, 1, FLOW_UNANSWERED);
	flows(25, 1, FLOW_REFUSED);
	written(LISTING_TEXT);
	ck_assert_str_eq(line_of(text, 2),
			 "TCP flows: 26; mptcp 0, fallback 0, refused 1, "
			 "join_refused 0, unanswered 25, orphan 0, plain 0");
	ck_assert_str_eq(line_of(text, 3),
			 "  flows   mptcp fallback refused join_refused "
			 "unanswered  orphan   plain client");
	ck_assert_str_eq(line_of(text, 4),
			 "      2       0        0       1            0 "
			 "         1       0       0 10.0.0.25");
	ck_assert_ptr_nonnull(strstr(line_of(text, 23), " 10.0.0.19"));
	ck_assert_str_eq(line_of(text, 24), "        and 5 more");
	ck_assert_ptr_nonnull(strstr(line_of(text, 26), " 10.0.1.1"));
	ck_assert_str_eq(line_of(text, 27), "");
}
END_TEST

/* A terminal sees no columns of zeros, and no more than fits. */
START_TEST(table_on_terminal)
{
	for (int kind = 0; kind < FLOW_KINDS; kind++)
		flows(1, 1, (enum flow_kind)kind);
	options.style = (struct style){.terminal = true, .width = 60};
	written(LISTING_TEXT);
	for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
		ck_assert_uint_le(strcspn(at, "\n"), 60);
	peers_free(totals.peers);
	totals.peers = peers_new();
	flows(1, 1, FLOW_REFUSED);
	written(LISTING_TEXT);
	ck_assert_ptr_nonnull(strstr(text, "\n  flows refused client\n"
					   "      1       1 10.0.0.1\n"));
}
END_TEST

/* What is left of a run that failed has no totals at all. */
START_TEST(no_totals)
{
	const struct report_totals none = {0};
	FILE *file = tmpfile();

	for (int format = LISTING_TEXT; format <= LISTING_JSONL; format++)
		writer_of_list((enum listing_format)format)
		    ->after(file, &none, &options);
	fclose(file);
}
END_TEST

START_TEST(chosen)
{
	totals.selected = true;
	totals.chosen = 1;
	totals.connections = 7;
	ck_assert_str_eq(line_of(written(LISTING_TEXT), 2),
			 "1 of 7 connections shown");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("list");
	TCase *tcase = tcase_create("verdict");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, healthy);
	tcase_add_test(tcase, open);
	tcase_add_test(tcase, not_joined);
	tcase_add_test(tcase, gravest);
	tcase_add_test(tcase, fallen_back);
	tcase_add_test(tcase, refused);
	tcase_add_test(tcase, unanswered);
	tcase_add_test(tcase, incomplete);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("data");
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, csv);
	tcase_add_test(tcase, csv_unknown);
	tcase_add_test(tcase, jsonl);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("flows");
	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, jsonl_flows);
	tcase_add_test(tcase, table);
	tcase_add_test(tcase, table_on_terminal);
	tcase_add_test(tcase, no_totals);
	tcase_add_test(tcase, chosen);
	suite_add_tcase(suite, tcase);
	return suite;
}
