/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All TCP flows by kind, and by address. What segments make of them is told as
 * "MPTCP FALLBACK REFUSED JOIN_REFUSED UNANSWERED ORPHAN PLAIN", in the
 * language of talk.h, and must agree with what the tracker counts.
 */
#include "analysis/analysis.h"
#include "report/peers.h"

#include "talk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct peers *peers;

static void begin(void)
{
	peers = peers_new();
}

static void end(void)
{
	peers_free(peers);
}

static struct address address(uint32_t n)
{
	struct address address = {.family = 4};

	for (int i = 0; i < 4; i++)
		address.bytes[i] = (uint8_t)(n >> (24 - 8 * i));
	return address;
}

static void count(uint32_t client, uint32_t server, enum flow_kind kind)
{
	struct address from = address(client), to = address(server);

	peers_count(peers, &from, &to, kind);
}

static bool is(const struct peer *peer, uint32_t n)
{
	struct address wanted = address(n);

	return address_same(&peer->address, &wanted);
}

START_TEST(nothing)
{
	const struct peer *list;

	ck_assert_uint_eq(peers_all(peers)->all, 0);
	ck_assert_uint_eq(peers_all(NULL)->all, 0);
	for (int role = 0; role < 2; role++) {
		ck_assert_uint_eq(peers_list(peers, (enum side)role, &list), 0);
		ck_assert_uint_eq(peers_list(NULL, (enum side)role, &list), 0);
	}
	peers_free(NULL);
}
END_TEST

START_TEST(by_role)
{
	const struct peer *list;

	count(1, 9, FLOW_MPTCP);
	count(1, 9, FLOW_PLAIN);
	count(2, 9, FLOW_PLAIN);
	ck_assert_uint_eq(peers_list(peers, CLIENT, &list), 2);
	ck_assert(is(&list[0], 1) && is(&list[1], 2));
	ck_assert_uint_eq(list[0].all, 2);
	ck_assert_uint_eq(list[0].flows[FLOW_MPTCP], 1);
	ck_assert_uint_eq(list[0].flows[FLOW_PLAIN], 1);
	ck_assert_uint_eq(list[1].all, 1);
	ck_assert_uint_eq(peers_list(peers, SERVER, &list), 1);
	ck_assert(is(&list[0], 9));
	ck_assert_uint_eq(list[0].all, 3);
	ck_assert_uint_eq(list[0].flows[FLOW_PLAIN], 2);
	ck_assert_uint_eq(peers_all(peers)->all, 3);
}
END_TEST

/* Most flows first; of as many, by address, IPv4 before IPv6. */
START_TEST(order)
{
	const struct address six = {.bytes = {0}, .family = 6};
	struct address server = address(9);
	const struct peer *list;

	peers_count(peers, &six, &server, FLOW_PLAIN);
	for (uint32_t n = 200; n; n--)
		for (uint32_t i = 0; i < (n == 50 ? 3 : 1); i++)
			count(n, 9, FLOW_PLAIN);
	ck_assert_uint_eq(peers_list(peers, CLIENT, &list), 201);
	ck_assert(is(&list[0], 50));
	for (uint32_t i = 1; i < 200; i++)
		ck_assert(is(&list[i], i < 50 ? i : i + 1));
	ck_assert_int_eq(list[200].address.family, 6);
}
END_TEST

/* Of more than there is room for, the sum stays right. */
START_TEST(bounded)
{
	const struct peer *list;
	uint64_t sum = 0;
	size_t n;

	for (uint32_t i = 0; i < PEERS_MAX + 100; i++)
		count(7, i, FLOW_UNANSWERED);
	count(7, 5, FLOW_MPTCP);	     /* one that is known */
	count(7, PEERS_MAX + 5, FLOW_MPTCP); /* one that is not */
	n = peers_list(peers, SERVER, &list);
	ck_assert_uint_eq(n, PEERS_MAX + 1);
	ck_assert(is(&list[0], 5));
	ck_assert_int_eq(list[n - 1].address.family, 0);
	ck_assert_uint_eq(list[n - 1].all, 101);
	ck_assert_uint_eq(list[n - 1].flows[FLOW_MPTCP], 1);
	for (size_t i = 0; i < n; i++)
		sum += list[i].all;
	ck_assert_uint_eq(sum, PEERS_MAX + 102);
	ck_assert_uint_eq(peers_list(peers, CLIENT, &list), 1);
	ck_assert_uint_eq(list[0].all, PEERS_MAX + 102);
}
END_TEST

/*
 * What segments make of it.
 */
static struct analyses *analyses;

static void ignore(void *arg, struct report_conn *conn)
{
	(void)arg;
	(void)conn;
}

static void listen_begin(void)
{
	static const struct analyses_options options = {
	    .goodput_acks = 2,
	    .interval = NSTIME_SECOND,
	};
	struct tracker_options tracker = {.plain = analyses_plain};

	analyses = analyses_new(&options, ignore, NULL);
	tracker.plain_arg = analyses;
	tracker_free(talk.tracker);
	talk.tracker = tracker_new(&tracker, analyses_event, analyses);
}

static void listen_end(void)
{
	analyses_free(analyses);
}

static struct peers *finish(void)
{
	struct report_totals totals = {0};

	tracker_finish(talk.tracker);
	analyses_totals(analyses, &totals);
	return totals.peers;
}

static void kinds_are(const char *wanted)
{
	struct peers *found = finish();
	const struct tracker_counts *counts = tracker_counts(talk.tracker);
	const struct peer *all = peers_all(found), *list;
	const uint64_t *flows = all->flows;
	char text[200];
	int size = 0;

	for (int kind = 0; kind < FLOW_KINDS; kind++)
		size += snprintf(text + size, sizeof(text) - (size_t)size,
				 "%s%" PRIu64, kind ? " " : "", flows[kind]);
	ck_assert_str_eq(text, wanted);
	ck_assert_uint_eq(all->all, counts->flows);
	ck_assert_uint_eq(flows[FLOW_MPTCP] + flows[FLOW_FALLBACK] +
			      flows[FLOW_JOIN_REFUSED] + flows[FLOW_UNANSWERED],
			  counts->mptcp_subflows);
	ck_assert_uint_eq(flows[FLOW_REFUSED], counts->mptcp_refused);
	ck_assert_uint_eq(flows[FLOW_ORPHAN], counts->orphan_subflows);
	ck_assert_uint_eq(flows[FLOW_PLAIN], counts->plain);
	for (int role = 0; role < 2; role++) {
		size_t n = peers_list(found, (enum side)role, &list);
		uint64_t sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += list[i].all;
		ck_assert_uint_eq(sum, all->all);
	}
}

START_TEST(of_mptcp)
{
	talk_established();
	talk_joined(1);
	talk_joined(2);
	kinds_are("3 0 0 0 0 0 0");
}
END_TEST

START_TEST(plain)
{
	TALK("0 c S", "0 s SA", "0 c", "1 c S", "1 s RA", "2 c 0+100");
	kinds_are("0 0 0 0 0 0 3");
}
END_TEST

START_TEST(refused)
{
	TALK("0 c S capable", "0 s SA", "0 c", "0 c 0+100", "0 s tcpack:100");
	kinds_are("0 0 1 0 0 0 0");
}
END_TEST

START_TEST(refused_by_reset)
{
	TALK("0 c S capable", "0 s RA");
	kinds_are("0 0 1 0 0 0 0");
}
END_TEST

START_TEST(retried)
{
	TALK("0 c S capable", "0 c S +1000", "0 s SA", "0 c");
	kinds_are("0 0 1 0 0 0 0");
}
END_TEST

START_TEST(unanswered)
{
	TALK("0 c S capable", "0 c S capable +1000");
	kinds_are("0 0 0 0 1 0 0");
}
END_TEST

START_TEST(fallback)
{
	TALK("0 c S capable", "0 s SA capable", "0 c", "0 c 0+100",
	     "0 s tcpack:100");
	kinds_are("0 1 0 0 0 0 0");
}
END_TEST

/* Both had agreed, and the other subflow is a join that failed. */
START_TEST(fallback_later)
{
	talk_established();
	TALK("1 c S join", "1 s RA", "0 c fail:0", "0 s inf:0:0 0+100");
	kinds_are("0 1 0 1 0 0 0");
}
END_TEST

START_TEST(joins)
{
	talk_established();
	TALK("1 c S join", "1 s RA", "2 c S join", "2 s SA", "2 c",
	     "3 c S join");
	kinds_are("1 0 0 2 1 0 0");
}
END_TEST

START_TEST(orphans)
{
	TALK("0 c S join", "0 s RA", "1 c 0+100 map:0:0:100");
	kinds_are("0 0 0 0 0 2 0");
}
END_TEST

/* Two that turn out to be one are counted once. */
START_TEST(tied)
{
	TALK("0 c 0+100 map:0:0:100 ack:0", "0 s ack:100",
	     "1 c 0+100 map:100:0:100 ack:0", "1 s ack:200");
	kinds_are("2 0 0 0 0 0 0");
}
END_TEST

/* The client of a flow is who opened it. */
START_TEST(join_by_server)
{
	const struct peer *list;
	size_t n;

	talk_established();
	talk.path[1].from = SERVER;
	TALK("1 s S join", "1 c SA join", "1 s join");
	n = peers_list(finish(), CLIENT, &list);
	ck_assert_uint_eq(n, 2);
	ck_assert(is(&list[0], 0x0a000001) && is(&list[1], 0x0a000102));
}
END_TEST

START_TEST(words)
{
	ck_assert_str_eq(flow_kind_word(FLOW_MPTCP), "mptcp");
	ck_assert_str_eq(flow_kind_word(FLOW_JOIN_REFUSED), "join_refused");
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("peers");
	TCase *tcase = tcase_create("counting");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, nothing);
	tcase_add_test(tcase, by_role);
	tcase_add_test(tcase, order);
	tcase_add_test(tcase, bounded);
	tcase_add_test(tcase, words);
	suite_add_tcase(suite, tcase);

	tcase = talk_case("kinds");
	tcase_add_checked_fixture(tcase, listen_begin, listen_end);
	tcase_add_test(tcase, of_mptcp);
	tcase_add_test(tcase, plain);
	tcase_add_test(tcase, refused);
	tcase_add_test(tcase, refused_by_reset);
	tcase_add_test(tcase, retried);
	tcase_add_test(tcase, unanswered);
	tcase_add_test(tcase, fallback);
	tcase_add_test(tcase, fallback_later);
	tcase_add_test(tcase, joins);
	tcase_add_test(tcase, orphans);
	tcase_add_test(tcase, tied);
	tcase_add_test(tcase, join_by_server);
	suite_add_tcase(suite, tcase);
	return suite;
}
