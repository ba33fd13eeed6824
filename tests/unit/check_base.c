/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ground floor: the hash table against a list, times and addresses in
 * text, formats, errors, the log, the vocabulary.
 */
#include "base/alloc.h"
#include "base/endpoint.h"
#include "base/err.h"
#include "base/format.h"
#include "base/log.h"
#include "base/nstime.h"
#include "base/pool.h"
#include "base/table.h"
#include "base/words.h"

#include "unit.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Table.
 */
#define ITEMS  300
#define HASHES 20 /* of chains */

struct entry { /* of the list that the table is compared with */
	uint64_t hash;
	int *item;
};

static uint64_t state;

static uint32_t random_below(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

static bool same_number(const void *item, const void *key)
{
	return *(const int *)item == *(const int *)key;
}

/* Is there an item with this hash and number in the list? */
static bool listed(const struct entry *list, int n, uint64_t hash, int number)
{
	for (int i = 0; i < n; i++)
		if (list[i].hash == hash && *list[i].item == number)
			return true;
	return false;
}

/* Check's own assertions take too long to be made so often. */
static void must_be(bool right, const char *what)
{
	if (!right)
		ck_abort_msg("%s", what);
}
#define must(right) must_be(right, #right)

static void check_table(const struct table *table, const struct entry *list,
			int n)
{
	must(table->count == (size_t)n);
	for (int i = 0; i < n; i++) {
		int *found =
		    table_find(table, list[i].hash, same_number, list[i].item);

		must(found != NULL);
		must(*found == *list[i].item);
	}
}

/* `hashes` different ones, all of which want to be in the same slots, which
 * lie about the end where `wrap` says so. */
static void check_random(uint32_t hashes, bool wrap, uint64_t seed)
{
	static int numbers[ITEMS];
	struct entry list[ITEMS];
	struct table table;
	int n = 0;

	state = seed;
	for (int i = 0; i < ITEMS; i++)
		numbers[i] = i / 2; /* two of each */
	table_init(&table);
	for (int step = 0; step < 3000; step++) {
		uint64_t hash = random_below(hashes);
		int *item = &numbers[random_below(ITEMS)];
		int at = n ? (int)random_below((uint32_t)n) : 0;

		if (wrap)
			hash = (hash / 3) - (hash % 3) * 4096 - 2;
		/* Grows, then shrinks. */
		if (n < ITEMS && random_below(3000) > (uint32_t)step) {
			table_add(&table, hash, item);
			list[n++] = (struct entry){hash, item};
		} else if (n) {
			table_remove(&table, list[at].hash, list[at].item);
			list[at] = list[--n];
		}
		must((table_find(&table, hash, same_number, item) != NULL) ==
		     listed(list, n, hash, *item));
		if (step % 50 == 0)
			check_table(&table, list, n);
	}
	check_table(&table, list, n);
	while (n--)
		table_remove(&table, list[n].hash, list[n].item);
	must(table.count == 0);
	for (size_t i = 0; i <= table.mask; i++)
		must(!table.slots[i].item);
	table_clear(&table);
}

START_TEST(table_random)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		check_random(1, false, seed);
		check_random(7, false, seed);
		check_random(9, true, seed);
		check_random(60, true, seed);
		check_random(1u << 30, false, seed);
	}
}
END_TEST

/* One item may stand under two hashes, or twice under one. */
START_TEST(table_same_item)
{
	struct table table;
	int item = 5;

	table_init(&table);
	table_add(&table, 7, &item);
	table_add(&table, 8, &item);
	table_add(&table, 8, &item);
	ck_assert_uint_eq(table.count, 3);
	table_remove(&table, 9, &item);
	table_remove(&table, 7, &state);
	ck_assert_uint_eq(table.count, 3);
	table_remove(&table, 8, &item);
	ck_assert_ptr_eq(table_find(&table, 8, same_number, &item), &item);
	table_remove(&table, 8, &item);
	ck_assert_ptr_null(table_find(&table, 8, same_number, &item));
	ck_assert_ptr_eq(table_find(&table, 7, same_number, &item), &item);
	table_remove(&table, 7, &item);
	ck_assert_ptr_null(table_find(&table, 7, same_number, &item));
	table_clear(&table);
}
END_TEST

/* Slots 62, 63, 0, 1: what is removed at the end lets others move back over
 * it, but none that is at home where it stands. */
START_TEST(table_wraps)
{
	static const uint64_t hashes[] = {62, 63, 62, 0, 63, 64 + 62, 2};
	int items[7] = {0, 1, 2, 3, 4, 5, 6};

	for (int gone = 0; gone < 7; gone++) {
		struct table table;

		table_init(&table);
		ck_assert_uint_eq(table.mask, 63);
		for (int i = 0; i < 7; i++)
			table_add(&table, hashes[i], &items[i]);
		table_remove(&table, hashes[gone], &items[gone]);
		for (int i = 0; i < 7; i++)
			ck_assert_ptr_eq(table_find(&table, hashes[i],
						    same_number, &items[i]),
					 i == gone ? NULL : &items[i]);
		table_clear(&table);
	}
}
END_TEST

/* Chains against a list in which they stand in order of their coming. */
static void check_chains(const struct table *table, const struct entry *list,
			 int n)
{
	for (uint64_t hash = 0; hash < HASHES; hash++) {
		const struct table_link *link = table_chain(table, hash);

		for (int i = 0; i < n; i++) {
			if (list[i].hash != hash)
				continue;
			must(link != NULL);
			must(link->item == list[i].item);
			link = link->next;
		}
		must(link == NULL);
	}
}

START_TEST(table_chains)
{
	static int numbers[ITEMS];
	static struct table_link links[ITEMS];
	struct entry list[ITEMS];
	struct table table;
	int n = 0;

	state = 5;
	table_init(&table);
	for (int step = 0; step < 6000; step++) {
		int number = (int)random_below(ITEMS), at = 0;

		while (at < n && list[at].item != &numbers[number])
			at++;
		if (at < n) {
			table_unlink(&table, list[at].hash, &links[number]);
			memmove(&list[at], &list[at + 1],
				(size_t)(--n - at) * sizeof(*list));
			/* Once more: it is in no table. */
			table_unlink(&table, random_below(HASHES),
				     &links[number]);
		} else if (random_below(6000) > (uint32_t)step) {
			list[n].hash = random_below(HASHES);
			list[n++].item = &numbers[number];
			table_link(&table, list[n - 1].hash, &links[number],
				   &numbers[number]);
		}
		if (step % 10 == 0)
			check_chains(&table, list, n);
	}
	while (n--)
		table_unlink(&table, list[n].hash,
			     &links[list[n].item - numbers]);
	must(table.count == 0);
	table_clear(&table);
}
END_TEST

static int ended;

static void count_end(void *item)
{
	ended += *(int *)item;
}

START_TEST(table_all)
{
	int items[] = {1, 20, 300};
	struct table table;
	void **list;
	int sum = 0;

	table_init(&table);
	for (int i = 0; i < 3; i++)
		table_add(&table, hash_u64((uint64_t)i, 0), &items[i]);
	list = table_items(&table);
	for (size_t i = 0; i < table.count; i++)
		sum += *(int *)list[i];
	free(list);
	ck_assert_int_eq(sum, 321);
	table_end(&table, count_end);
	ck_assert_int_eq(ended, 321);
	ck_assert_ptr_null(table.slots);
}
END_TEST

START_TEST(hashes)
{
	for (uint64_t i = 0; i < 64; i++) {
		ck_assert(hash_u64(i, 1) == hash_u64(i, 1));
		ck_assert(hash_u64(i, 1) != hash_u64(i, 2));
		ck_assert(hash_u64(i, 1) != hash_u64(i + 1, 1));
	}
	ck_assert(hash_u64(1, 0) != hash_u64(0, 1));
}
END_TEST

/* Blocks are zero, apart from one another, and the same again. */
START_TEST(pools)
{
	enum { BLOCKS = 5000, SIZE = 40 };
	static char *blocks[BLOCKS];
	struct pool pool;
	char *last;

	pool_init(&pool, SIZE);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < BLOCKS; i++) {
			blocks[i] = pool_take(&pool);
			must((uintptr_t)blocks[i] % _Alignof(max_align_t) == 0);
			for (int k = 0; k < SIZE; k++)
				must(blocks[i][k] == 0);
			memset(blocks[i], 1 + i % 100, SIZE);
		}
		for (int i = 0; i < BLOCKS; i++)
			for (int k = 0; k < SIZE; k++)
				must(blocks[i][k] == 1 + i % 100);
		for (int i = 0; i < BLOCKS; i++)
			pool_give(&pool, blocks[i]);
	}
	pool_give(&pool, NULL);
	last = pool_take(&pool);
	ck_assert_ptr_eq(last, blocks[BLOCKS - 1]);
	pool_clear(&pool);

	pool_init(&pool, 1);
	ck_assert_ptr_ne(pool_take(&pool), pool_take(&pool));
	pool_clear(&pool);
	pool_init(&pool, 1000000);
	memset(pool_take(&pool), 1, 1000000);
	pool_clear(&pool);
}
END_TEST

/*
 * Formats: as snprintf.
 */
#define FORMATTED 64

__attribute__((format(printf, 2, 3))) static void
check_format(size_t size, const char *format, ...)
{
	char expected[FORMATTED], text[FORMATTED];
	va_list args, again;
	int length;

	memset(expected, 'x', sizeof(expected));
	memset(text, 'x', sizeof(text));
	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(expected, size, format, args);
	must(format_args(text, size, format, again) == length);
	if (memcmp(text, expected, size ? strlen(expected) + 1 : 1) != 0)
		ck_abort_msg("%s: %s, not %s", format, text, expected);
	/* Nor is anything written behind the end. */
	must(text[size] == 'x');
	va_end(again);
	va_end(args);
}

START_TEST(format_numbers)
{
	static const int64_t numbers[] = {
	    0,	9,  10,	   99,	      1000,	 123456789, INT32_MAX,
	    -1, -9, -1000, INT32_MIN, INT64_MAX, INT64_MIN, 4294967296};
	char digits[FORMAT_NUMBER];

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		int64_t n = numbers[i];

		check_format(60, "%d", (int)n);
		check_format(60, "a%ub", (unsigned)n);
		check_format(60, "%" PRId64 " %" PRIu64, n, (uint64_t)n);
		check_format(60, "0x%08x %016" PRIx64, (unsigned)n,
			     (uint64_t)n);
		check_format(60, "%zu%%", (size_t)n);
		check_format(60, "%lld|%llu", (long long)n,
			     (unsigned long long)n);
		check_format(60, "%12d|%-12d|%012d", (int)n, (int)n, (int)n);
		check_format(60, "%*d|%-*d|%3d", 7, (int)n, -9, (int)n, (int)n);
		check_format(60, "%.3d %+d %5.4u", (int)n, (int)n, (unsigned)n);
		check_format(60, "%06" PRId64 "%06" PRIu64, n, (uint64_t)n);
	}
	ck_assert_int_eq(format_number(digits, UINT64_MAX), 20);
	ck_assert_int_eq(memcmp(digits, "18446744073709551615", 20), 0);
}
END_TEST

START_TEST(format_strings)
{
	for (size_t size = 0; size < 16; size++) {
		check_format(size, "%s", "twelve bytes");
		check_format(size, "ab%scd%%", "efgh");
		check_format(size, "%6s|%-6s", "ab", "cd");
		check_format(size, "abc%d", 1234567);
		check_format(size, "%8.2f", 3.14159);
		check_format(size, "nothing else");
	}
	check_format(60, "%.3s|%*.*s|%-*s|", "abcdef", 7, 2, "abcdef", 9, "x");
	check_format(60, "%c%c%5c", 'a', 0x7f, 'b');
	check_format(60, "%i %o %X %p", 5, 9u, 255u, (void *)0);
}
END_TEST

/* What has no room is left out whole, and what comes after it is not. */
START_TEST(format_phrases)
{
	char place[32] = "";
	struct phrase phrase = {place, place + 25};

	PHRASE_SAY(&phrase, "a ");
	phrase_number(&phrase, 4711);
	phrase_string(&phrase, " bc");
	phrase_number(&phrase, 1); /* it might have had 20 digits */
	phrase_string(&phrase, " and this is longer");
	phrase_put(&phrase, " def", 3);
	*phrase.at = '\0';
	ck_assert_str_eq(place, "a 4711 bc de");
	phrase_string(&phrase, "0123456789abc");
	phrase_string(&phrase, "d");
	ck_assert_ptr_eq(phrase.at, phrase.end);
	ck_assert_int_eq(place[25], '\0');
}
END_TEST

START_TEST(format_fractions)
{
	state = 3;
	for (int i = 0; i < 200000; i++) {
		/* Ties, as bytes over 1000 are, and whatever else there is. */
		double tie = random_below(2000000) / 1000.0;
		double any = random_below(1u << 30) * 1e-6;

		check_format(60, "%.0f %.1f %.2f", tie, tie, tie);
		check_format(60, "%.0f %.1f %.2f", any, any, any);
	}
	check_format(60, "%.3f %5.1f %.2f", 0.0, 99.95, 999.995);
	check_format(60, "%.1f %.1f %.0f", -0.0, -1.25, 1e300);
	check_format(60, "%.1f %.1f %.2f", (double)NAN, (double)INFINITY, 1e9);
	check_format(60, "%f %g %.4f", 1.5, 2.5, 3.5);
}
END_TEST

START_TEST(growing)
{
	size_t room = 0;
	int *array = NULL;

	for (int i = 0; i < 1000; i++) {
		array = xgrow(array, &room, (size_t)i + 1, sizeof(*array));
		ck_assert_uint_gt(room, (size_t)i);
		array[i] = i;
	}
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(array[i], i);
	array = xgrow(array, &room, 100000, sizeof(*array));
	ck_assert_uint_ge(room, 100000);
	free(array);
	array = xcalloc(0, 8);
	ck_assert_ptr_nonnull(array);
	free(array);
}
END_TEST

/*
 * Time.
 */
static void check_time(nstime_t time, const char *six, const char *nine)
{
	char text[NSTIME_TEXT];

	ck_assert_str_eq(nstime_print(time, 6, text), six);
	ck_assert_str_eq(nstime_print(time, 9, text), nine);
}

START_TEST(times_in_text)
{
	check_time(0, "0.000000", "0.000000000");
	check_time(1, "0.000000", "0.000000001");
	check_time(999, "0.000000", "0.000000999");
	check_time(1000, "0.000001", "0.000001000");
	check_time(1541052240123456789, "1541052240.123456",
		   "1541052240.123456789");
	check_time(NSTIME_SECOND - 1, "0.999999", "0.999999999");
	check_time(-1000, "-0.000001", "-0.000001000");
	check_time(-1500000000, "-1.500000", "-1.500000000");
	check_time(-NSTIME_SECOND, "-1.000000", "-1.000000000");
	check_time(INT64_MAX, "9223372036.854775", "9223372036.854775807");
	check_time(INT64_MIN + 1, "-9223372036.854775",
		   "-9223372036.854775807");
}
END_TEST

START_TEST(times_from_parts)
{
	ck_assert_int_eq(nstime_from(0, 0), 0);
	ck_assert_int_eq(nstime_from(5, 7), 5000000007);
	ck_assert_int_eq(nstime_from(-1, 999999999), -1);
	ck_assert_int_eq(nstime_from(0, UINT32_MAX), UINT32_MAX);
	/* Nearest, never wrapped, never "none". */
	ck_assert_int_gt(nstime_from(INT64_MAX, UINT32_MAX), 0);
	ck_assert_int_lt(nstime_from(INT64_MIN, 0), 0);
	ck_assert_int_ne(nstime_from(INT64_MIN, 0), NSTIME_NONE);
	ck_assert_int_ge(nstime_from(INT64_MAX, 0),
			 nstime_from(4000000000, 999999999));
	ck_assert_int_le(nstime_from(INT64_MIN, UINT32_MAX),
			 nstime_from(-4000000000, 0));
	ck_assert_int_eq(nstime_from(4000000000, 5), 4000000000000000005);
}
END_TEST

START_TEST(times_as_seconds)
{
	ck_assert_double_eq(nstime_seconds(1500000000), 1.5);
	ck_assert_double_eq(nstime_seconds(-1500000000), -1.5);
	ck_assert(isnan(nstime_seconds(NSTIME_NONE)));
	ck_assert_int_eq(nstime_span(3, 10), 7);
	ck_assert_int_eq(nstime_span(10, 3), -7);
	ck_assert_int_eq(nstime_span(NSTIME_NONE, 3), NSTIME_NONE);
	ck_assert_int_eq(nstime_span(3, NSTIME_NONE), NSTIME_NONE);
}
END_TEST

/*
 * Addresses.
 */
static struct address address_of(int family, const char *text)
{
	struct address address = {.family = (uint8_t)family};

	ck_assert_int_eq(
	    inet_pton(family == 6 ? AF_INET6 : AF_INET, text, address.bytes),
	    1);
	return address;
}

START_TEST(addresses)
{
	static const char *const fours[] = {"0.0.0.0", "255.255.255.255",
					    "10.0.1.2"};
	static const char *const sixes[] = {
	    "::",
	    "::1",
	    "2001:db8::1",
	    "::ffff:10.0.0.1",
	    "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
	    "fe80:1234:5678:9abc:def0:1234:5678:9abc"};
	struct address none = {.family = 0};
	char text[ENDPOINT_TEXT];

	for (int i = 0; i < 3; i++) {
		struct address address = address_of(4, fours[i]);

		ck_assert_str_eq(address_print(&address, text), fours[i]);
	}
	for (int i = 0; i < 6; i++) {
		struct address address = address_of(6, sixes[i]);

		ck_assert_ptr_eq(address_print(&address, text), text);
		if (i != 4)
			ck_assert_str_eq(text, sixes[i]);
	}
	ck_assert_str_eq(address_print(&none, text), "-");
}
END_TEST

START_TEST(addresses_in_phrases)
{
	struct address address = address_of(4, "192.168.100.200");
	struct address none = {.family = 0};
	char text[2 * ENDPOINT_TEXT];
	struct phrase phrase = phrase_begin(text, sizeof(text));

	PHRASE_SAY(&phrase, "from ");
	phrase_address(&phrase, &address);
	PHRASE_SAY(&phrase, " to ");
	phrase_address(&phrase, &none);
	ck_assert_str_eq(phrase_end(&phrase, text),
			 "from 192.168.100.200 to -");
	address = address_of(6, "2001:db8::1");
	phrase_address(&phrase, &address);
	ck_assert_str_eq(phrase_end(&phrase, text),
			 "from 192.168.100.200 to -2001:db8::1");
	phrase.end = phrase.at + ENDPOINT_TEXT - 1; /* too little */
	phrase_address(&phrase, &none);
	ck_assert_str_eq(phrase_end(&phrase, text),
			 "from 192.168.100.200 to -2001:db8::1");
}
END_TEST

START_TEST(endpoints)
{
	struct endpoint a = {address_of(4, "10.0.0.1"), 80}, b = a;

	ck_assert(endpoint_same(&a, &b));
	b.port = 81;
	ck_assert(!endpoint_same(&a, &b));
	ck_assert(address_same(&a.address, &b.address));
	b = a;
	b.address.bytes[3] = 2;
	ck_assert(!endpoint_same(&a, &b));
	b = a;
	b.address.family = 6;
	ck_assert(!endpoint_same(&a, &b));
	b.address = address_of(6, "::1");
	a.address = address_of(6, "::1");
	ck_assert(endpoint_same(&a, &b));
	b.address.bytes[15] = 0;
	ck_assert(!endpoint_same(&a, &b));
}
END_TEST

/*
 * Errors and the log.
 */
START_TEST(errors)
{
	static char longer[3000];
	struct err err;

	ck_assert_int_eq(err_set(&err, "%s: %d", "file", 7), -1);
	ck_assert_str_eq(err.text, "file: 7");
	memset(longer, 'x', sizeof(longer) - 1);
	ck_assert_int_eq(err_set(&err, "%s", longer), -1);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	ck_assert(!strncmp(err.text, longer, sizeof(err.text) - 1));
}
END_TEST

static void check_file(const char *path, const char *wanted)
{
	char text[200];
	FILE *file = fopen(path, "r");
	size_t size;

	ck_assert_ptr_nonnull(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	fclose(file);
	ck_assert_str_eq(text, wanted);
}

START_TEST(logging)
{
	char dir[] = "/tmp/check_base.XXXXXX", path[60];
	struct err err;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/log", dir);
	ck_assert(!log_wants(LOG_BUG));
	log_line(LOG_BUG, "nowhere");
	ck_assert_int_eq(log_close(&err), 0);

	ck_assert_int_eq(log_open(path, LOG_BUG | LOG_INFO, &err), 0);
	ck_assert(log_wants(LOG_BUG) && log_wants(LOG_INFO));
	ck_assert(!log_wants(LOG_WARN) && !log_wants(LOG_CONN));
	log_line(LOG_INFO, "one %d", 1);
	log_line(LOG_WARN, "two");
	log_line(LOG_BUG, "three");
	ck_assert_int_eq(log_close(&err), 0);
	check_file(path, "one 1\nthree\n");
	ck_assert(!log_wants(LOG_BUG));
	log_line(LOG_BUG, "nowhere");

	ck_assert_int_eq(log_open(path, LOG_ALL, &err), 0);
	ck_assert(log_wants(LOG_BUG) && log_wants(LOG_CONN));
	ck_assert_int_eq(log_close(&err), 0);
	check_file(path, "");

	unlink(path);
	snprintf(path, sizeof(path), "%s/none/log", dir);
	ck_assert_int_eq(log_open(path, LOG_ALL, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert(!log_wants(LOG_BUG));
	ck_assert_int_eq(log_close(&err), 0);
	rmdir(dir);
}
END_TEST

/* A log on a full disk is told. */
START_TEST(log_cannot_write)
{
	struct err err;

	if (access("/dev/full", W_OK))
		return;
	ck_assert_int_eq(log_open("/dev/full", LOG_ALL, &err), 0);
	log_line(LOG_BUG, "lost");
	ck_assert_int_eq(log_close(&err), -1);
	ck_assert_uint_gt(strlen(err.text), 0);
}
END_TEST

/*
 * Words: each value has one, of letters that scripts can live with, and no
 * two have the same.
 */
static void check_word(const char *word, const char *before)
{
	ck_assert_ptr_nonnull(word);
	ck_assert_uint_gt(strlen(word), 1);
	ck_assert_uint_eq(
	    strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-"),
	    strlen(word));
	if (before)
		ck_assert_str_ne(word, before);
}

#define CHECK_WORDS(function, type, last)                                      \
	for (int i = 0; i <= (int)(last); i++)                                 \
		for (int k = 0; k <= i; k++)                                   \
	check_word(function((type)i), k < i ? function((type)k) : NULL)

START_TEST(words)
{
	CHECK_WORDS(side_word, enum side, SERVER);
	CHECK_WORDS(direction_word, enum side, SERVER);
	CHECK_WORDS(option_count_word, enum option_count, OPTION_COUNTS - 1);
	CHECK_WORDS(conn_state_word, enum conn_state, CONN_FALLBACK);
	CHECK_WORDS(subflow_state_word, enum subflow_state, SUBFLOW_PLAIN);
	CHECK_WORDS(fallback_word, enum fallback_reason, FALLBACK_INFINITE);
	CHECK_WORDS(verdict_word, enum verdict, BAD);
	CHECK_WORDS(address_signal_word, enum address_signal, ADDRESS_REMOVE);
	CHECK_WORDS(reset_reason_word, int, 6);
	CHECK_WORDS(severity_word, enum severity, ERROR);
	ck_assert_ptr_null(reset_reason_word(7));
	ck_assert_ptr_null(reset_reason_word(255));
	ck_assert_ptr_null(reset_reason_word(-1));
	ck_assert_int_eq(other_side(CLIENT), SERVER);
	ck_assert_int_eq(other_side(SERVER), CLIENT);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("base");
	TCase *tcase = tcase_create("base");

	tcase_add_test(tcase, table_random);
	tcase_add_test(tcase, table_same_item);
	tcase_add_test(tcase, table_wraps);
	tcase_add_test(tcase, table_chains);
	tcase_add_test(tcase, table_all);
	tcase_add_test(tcase, hashes);
	tcase_add_test(tcase, pools);
	tcase_add_test(tcase, format_numbers);
	tcase_add_test(tcase, format_strings);
	tcase_add_test(tcase, format_phrases);
	tcase_add_test(tcase, format_fractions);
	tcase_add_test(tcase, growing);
	tcase_add_test(tcase, times_in_text);
	tcase_add_test(tcase, times_from_parts);
	tcase_add_test(tcase, times_as_seconds);
	tcase_add_test(tcase, addresses);
	tcase_add_test(tcase, addresses_in_phrases);
	tcase_add_test(tcase, endpoints);
	tcase_add_test(tcase, errors);
	tcase_add_test(tcase, logging);
	tcase_add_test(tcase, log_cannot_write);
	tcase_add_test(tcase, words);
	tcase_set_timeout(tcase, 60); /* under valgrind, say */
	suite_add_tcase(suite, tcase);
	return suite;
}
