/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys that were used before, of as many connections as are remembered and
 * more. Connection n has the keys 2n and 2n + 1, and tokens like them.
 */
#include "analysis/usedkeys.h"
#include "base/table.h"

#include "unit.h"

#include <string.h>

#define CONNS (USED_KEYS_MAX / 2)

static struct used_keys keys;

static void begin(void)
{
	memset(&keys, 0, sizeof(keys));
}

static void end(void)
{
	used_keys_clear(&keys);
}

/* Connection `id`, with keys of `n`, from that client port. */
static struct report_conn conn_of(uint64_t id, uint32_t n, uint16_t port)
{
	struct report_conn conn;

	report_conn_init(&conn);
	conn.id = id;
	conn.host[CLIENT].end.port = port;
	for (uint32_t side = 0; side < 2; side++) {
		conn.host[side].key_known = true;
		conn.host[side].token = 2 * n + side;
		conn.host[side].key = 2 * n + side;
	}
	return conn;
}

/* How many findings the connection got. */
static size_t findings(struct report_conn *conn)
{
	size_t n;

	used_keys_take(&keys, conn, 1);
	n = conn->n_findings;
	report_conn_clear(conn);
	return n;
}

static size_t take(uint64_t id, uint32_t n, uint16_t port)
{
	struct report_conn conn = conn_of(id, n, port);

	return findings(&conn);
}

START_TEST(many)
{
	for (uint32_t n = 0; n < CONNS; n++)
		ck_assert_uint_eq(take(n, n, 1), 0);
	for (uint32_t n = 0; n < CONNS; n++) {
		ck_assert_uint_eq(take(CONNS + n, n, 2), 2);
		ck_assert_uint_eq(take(2 * CONNS + n, n, 1), 0);
	}
	ck_assert_uint_eq(keys.count, USED_KEYS_MAX);
	ck_assert_uint_eq(keys.n_holders, CONNS);
	ck_assert_uint_eq(keys.missed, 0);
}
END_TEST

START_TEST(more)
{
	for (uint32_t n = 0; n < CONNS + 3; n++)
		ck_assert_uint_eq(take(n, n, 1), 0);
	ck_assert_uint_eq(keys.count, USED_KEYS_MAX);
	ck_assert_uint_eq(keys.missed, 6);
	ck_assert_uint_eq(take(CONNS + 3, CONNS - 1, 2), 2);
	ck_assert_uint_eq(take(CONNS + 4, CONNS, 2), 0);
	ck_assert_uint_eq(keys.missed, 8);
}
END_TEST

START_TEST(one_side)
{
	struct report_conn conn = conn_of(0, 7, 1), other;

	conn.host[CLIENT].key_known = false;
	other = conn;
	ck_assert_uint_eq(findings(&conn), 0);
	ck_assert_uint_eq(keys.count, 1);
	other.id = 1;
	other.host[CLIENT].end.port = 2;
	other.host[CLIENT].key_known = true;
	ck_assert_uint_eq(findings(&other), 1);
	ck_assert_uint_eq(keys.count, 2);
}
END_TEST

/* The client's key is the server's of the one before; each tells whose it
 * was. */
START_TEST(whose)
{
	struct report_conn first = conn_of(3, 1, 1), conn = conn_of(4, 2, 1);

	ck_assert_uint_eq(findings(&first), 0);
	conn.host[CLIENT].key = conn.host[CLIENT].token = 3;
	used_keys_take(&keys, &conn, 9);
	ck_assert_uint_eq(conn.n_findings, 1);
	ck_assert_str_eq(conn.findings[0].text,
			 "the client's key 0x0000000000000003 is also that of "
			 "the server of connection 3: was the same connection "
			 "captured twice?");
	ck_assert_uint_eq(conn.findings[0].packet, 9);
	report_conn_clear(&conn);
}
END_TEST

START_TEST(both_sides)
{
	struct report_conn conn = conn_of(3, 1, 1);

	conn.host[SERVER] = conn.host[CLIENT];
	used_keys_take(&keys, &conn, 1);
	ck_assert_uint_eq(conn.n_findings, 1);
	ck_assert_str_eq(conn.findings[0].text,
			 "both sides have the key 0x0000000000000002");
	report_conn_clear(&conn);
}
END_TEST

/* Behind the last slot of the table comes its first. */
START_TEST(last_slot)
{
	const size_t slots = 2 * USED_KEYS_MAX;
	struct report_conn conn = conn_of(0, 0, 1);
	uint32_t token = 0;

	for (int side = 0; side < 2; side++) {
		while (hash_u64(++token, 0) % slots != slots - 1)
			;
		conn.host[side].token = token;
	}
	for (uint16_t port = 1; port <= 2; port++) {
		conn.host[CLIENT].end.port = port;
		used_keys_take(&keys, &conn, 1);
		ck_assert_uint_eq(conn.n_findings, port == 1 ? 0 : 2);
	}
	report_conn_clear(&conn);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("usedkeys");
	TCase *tcase = tcase_create("keys");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, many);
	tcase_add_test(tcase, more);
	tcase_add_test(tcase, one_side);
	tcase_add_test(tcase, whose);
	tcase_add_test(tcase, both_sides);
	tcase_add_test(tcase, last_slot);
	suite_add_tcase(suite, tcase);
	return suite;
}
