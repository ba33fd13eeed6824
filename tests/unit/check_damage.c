/* SPDX-License-Identifier: BSD-3-Clause */
/* Packed, piped, cut off and damaged traces. */
#include "trace.h"
#include "unit.h"

#include <archive.h>
#include <archive_entry.h>

/* Compresses with the archive library's writer. NULL: this build of it can
 * not. */
static const char *save_packed(const char *name, const struct bytes *bytes,
			       int (*add_filter)(struct archive *))
{
	const char *path = path_of(name);
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	bool able = add_filter(archive) == ARCHIVE_OK;

	archive_write_set_format_raw(archive);
	archive_entry_set_filetype(entry, AE_IFREG);
	if (able) {
		ck_assert_int_eq(archive_write_open_filename(archive, path),
				 ARCHIVE_OK);
		archive_write_header(archive, entry);
		ck_assert_int_eq(
		    archive_write_data(archive, bytes->at, bytes->n),
		    (int)bytes->n);
		ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
	}
	archive_entry_free(entry);
	archive_write_free(archive);
	return able ? path : NULL;
}

static int (*const packings[])(struct archive *) = {
    archive_write_add_filter_gzip, /* the first is used by name */
    archive_write_add_filter_xz,    archive_write_add_filter_zstd,
    archive_write_add_filter_bzip2, archive_write_add_filter_lz4,
};

#define N_PACKINGS ((int)(sizeof(packings) / sizeof(packings[0])))

START_TEST(packed)
{
	struct bytes bytes;
	struct result result;
	const char *path;

	for (int ng = 0; ng < 2; ng++) {
		if (ng)
			ng_of(&bytes, false, 5);
		else
			pcap_of(&bytes, 5);
		path = save_packed("misnamed.txt", &bytes, packings[_i]);
		if (!path)
			return;
		read_one(&result, path);
		assert_sound(&result, 5);
		assert_frame(&result, 4, ETHERNET, T0 * SECOND + 5000);
	}
}
END_TEST

START_TEST(packed_prefixes)
{
	struct bytes bytes;
	struct result result;
	uint8_t copy[8192];
	size_t size, most = 0;

	pcap_of(&bytes, 9);
	if (!save_packed("whole", &bytes, packings[_i]))
		return;
	size = size_of("whole");
	load("whole", copy, size);
	for (size_t n = 6; n < size; n++) {
		read_one(&result, save("start", copy, n));
		ck_assert_uint_ge(result.n, most);
		most = result.n;
		/* Some formats end with what nobody needs. */
		if (result.problems)
			ck_assert(result.problem[0].cut || !result.n);
		else
			ck_assert_uint_eq(result.n, 9);
	}
#ifdef HAVE_ZLIB
	if (_i == 0)
		ck_assert_uint_eq(most, 9);
#endif
}
END_TEST

/* Whatever is damaged, reading ends. */
START_TEST(packed_damage)
{
	struct bytes bytes;
	struct result result;
	uint8_t copy[8192];
	size_t size;

	pcap_of(&bytes, 9);
	if (!save_packed("whole", &bytes, packings[_i]))
		return;
	size = size_of("whole");
	load("whole", copy, size);
	for (size_t n = 0; n < size; n++) {
		copy[n] ^= 0x55;
		read_one(&result, save("damaged", copy, size));
		copy[n] ^= 0x55;
	}
#ifdef HAVE_ZLIB
	if (_i)
		return;
	copy[size - 6] ^= 1; /* in the CRC */
	read_one(&result, save("damaged", copy, size));
	ck_assert_uint_eq(result.n, 9);
	assert_problem(&result, 0, false, "the gzip data is damaged (");
#endif
}
END_TEST

/* Several members are one file, and what follows them is nothing. */
START_TEST(gzip_members)
{
	struct bytes first, second;
	struct result result;
	uint8_t copy[8192] = {0};
	size_t size;

	pcap_of(&first, 5);
	second = first;
	first.n = 200;
	second.n -= 200;
	memmove(second.at, second.at + 200, second.n);
	if (!save_packed("a", &first, packings[0]) ||
	    !save_packed("b", &second, packings[0]))
		return;
	size = size_of("a");
	load("a", copy, size);
	load("b", copy + size, size_of("b"));
	size += size_of("b");
	for (size_t more = 0; more < 100; more += 33) {
		read_one(&result, save("ab", copy, size + more));
		assert_sound(&result, 5);
	}
}
END_TEST

/* Through a pipe on standard input, plain and packed. */
START_TEST(standard_input)
{
	struct bytes bytes;
	struct result result;
	const char *paths[] = {"-", "-"};
	uint8_t copy[8192];
	size_t size;
	int ends[2];

	if (_i & 1)
		ng_of(&bytes, false, 5);
	else
		pcap_of(&bytes, 5);
	save_all("piped", &bytes);
	if (_i & 2)
		save_packed("piped", &bytes, packings[0]);
	size = size_of("piped");
	load("piped", copy, size);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], copy, size), (ssize_t)size);
	close(ends[1]);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);

	read_with(&result, 2, paths, &(struct capture_options){0});
	ck_assert_uint_eq(result.n, 5);
	ck_assert_uint_eq(result.problems, 1);
	assert_problem(&result, 0, false, "standard input: can be read only");
}
END_TEST

/* Every prefix gives the packets that are whole, and is said to be cut. */
static void check_prefixes(const struct bytes *bytes, size_t header,
			   size_t between)
{
	struct result result;
	char words[64];

	for (size_t n = 0; n < bytes->n; n++) {
		size_t whole = 0;

		while (bytes->end[whole] <= n)
			whole++;
		read_one(&result, save("prefix", bytes->at, n));
		ck_assert_uint_eq(result.n, whole);
		if (n == 0)
			assert_problem(&result, 0, false, "is empty");
		else if (n < 4)
			assert_problem(&result, 0, false,
				       "not a pcap or pcapng trace");
		else if (n < header)
			assert_problem(&result, 0, false,
				       "cut off in the header of the file");
		else if (n == header || n == between ||
			 (whole && n == bytes->end[whole - 1]))
			assert_sound(&result, whole);
		else if (whole < 2)
			assert_problem(&result, 0, true, "cut off ");
		else {
			snprintf(words, sizeof(words),
				 "; the %zu packets before it were read",
				 whole);
			assert_problem(&result, 0, true, words);
		}
	}
}

START_TEST(pcap_prefixes)
{
	struct bytes bytes;
	struct result result;

	pcap_of(&bytes, 4);
	check_prefixes(&bytes, 24, 24);
	read_one(&result, save("prefix", bytes.at, bytes.end[2] + 16 + 34));
	assert_problem(&result, 0, true,
		       "prefix: packet 4 is cut off after 34 of 64 bytes; "
		       "the 3 packets before it were read");
}
END_TEST

START_TEST(ng_prefixes)
{
	struct bytes bytes;
	size_t between;

	ng_of(&bytes, _i, 0);
	between = bytes.n;
	ng_of(&bytes, _i, 4);
	check_prefixes(&bytes, 28, between);
}
END_TEST

/* Whatever one byte becomes, reading ends and stays within the file. */
START_TEST(any_byte_wrong)
{
	static const uint8_t wrong[] = {0, 1, 0x7f, 0x80, 0xff};
	struct bytes bytes, broken;
	struct result result;

	if (_i)
		ng_of(&bytes, false, 3);
	else
		pcap_of(&bytes, 3);
	for (size_t n = 0; n < bytes.n; n++)
		for (size_t i = 0; i < sizeof(wrong); i++) {
			broken = bytes;
			broken.at[n] = wrong[i];
			read_bytes(&result, &broken);
			ck_assert_uint_le(result.n, 4);
		}
}
END_TEST

/* Overwrites four bytes, little endian. */
static void patch(struct bytes *bytes, size_t at, uint32_t value)
{
	size_t n = bytes->n;

	bytes->n = at;
	put(bytes, value, 4);
	bytes->n = n;
}

START_TEST(pcap_lengths)
{
	struct bytes bytes;
	struct result result;

	pcap_of(&bytes, 3);
	patch(&bytes, bytes.end[1] + 8, 0x7fffffff);
	read_bytes(&result, &bytes);
	ck_assert_uint_eq(result.n, 2);
	assert_problem(&result, 0, false,
		       "packet 3 is corrupt: invalid packet capture length "
		       "2147483647, bigger than snaplen of 65535; the 2 "
		       "packets before it were read");
	ck_assert(!result.problem[0].warning);

	pcap_of(&bytes, 3); /* longer than the file, or than its limit */
	patch(&bytes, bytes.end[1] + 8, 1000);
	read_bytes(&result, &bytes);
	ck_assert_uint_eq(result.n, 2);
	assert_problem(&result, 0, true,
		       "packet 3 is cut off after 63 of 1000 bytes");
	patch(&bytes, 16, 200);
	read_bytes(&result, &bytes);
	assert_problem(&result, 0, true,
		       "packet 3 is cut off after 63 of 200 bytes");

	pcap_of(&bytes, 1); /* longer than it was on the wire */
	patch(&bytes, 24 + 12, 3);
	read_bytes(&result, &bytes);
	assert_sound(&result, 1);
	ck_assert_uint_eq(result.frame[0].wirelen, 61);
}
END_TEST

START_TEST(ng_lengths)
{
	static const struct {
		size_t at; /* in the block of the third packet */
		uint32_t value;
		bool cut;
		const char *words;
	} rows[] = {
	    {4, 0, false, "impossible length"},
	    {4, 11, false, "impossible length"},
	    {4, 97, false, "impossible length"},
	    {4, 0xfffffffc, false, "absurd length"},
	    {4, 64 << 20, true, "is cut off after 96 of 67108864 bytes"},
	    {4, 92, false, "two lengths that differ"},
	    {8, 1, false, "unknown interface"},
	    {20, 65, false, "longer than its block"},
	    {20, 0xffffffff, false, "longer than its block"},
	    {92, 100, false, "two lengths that differ"},
	    /* A block that is to be skipped beyond the end. */
	    {0, 0x0bad, false, NULL},
	};
	struct bytes bytes;
	struct result result;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ng_of(&bytes, false, 3);
		patch(&bytes, bytes.end[1] + rows[i].at, rows[i].value);
		read_bytes(&result, &bytes);
		ck_assert_uint_eq(result.n, 2);
		if (rows[i].words)
			assert_problem(&result, 0, rows[i].cut, rows[i].words);
		else
			assert_sound(&result, 2);
	}
	patch(&bytes, bytes.end[1] + 4, 0xfffffffc);
	read_bytes(&result, &bytes);
	assert_problem(&result, 0, true, "of 4294967292 bytes of a block");

	ng_of(&bytes, false, 1); /* longer than it was on the wire */
	patch(&bytes, bytes.end[0] - 96 + 24, 3);
	read_bytes(&result, &bytes);
	assert_sound(&result, 1);
	ck_assert_uint_eq(result.frame[0].wirelen, 61);
}
END_TEST

static void add_packed_tests(Suite *suite)
{
	TCase *tests = tcase_create("packed");

	tcase_add_unchecked_fixture(tests, make_directory, remove_directory);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, packed, 0, N_PACKINGS);
	tcase_add_loop_test(tests, packed_prefixes, 0, N_PACKINGS);
	tcase_add_loop_test(tests, packed_damage, 0, N_PACKINGS);
	tcase_add_test(tests, gzip_members);
	tcase_add_loop_test(tests, standard_input, 0, 4);
	suite_add_tcase(suite, tests);
}

static void add_broken_tests(Suite *suite)
{
	TCase *tests = tcase_create("broken");

	tcase_add_unchecked_fixture(tests, make_directory, remove_directory);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, pcap_prefixes);
	tcase_add_loop_test(tests, ng_prefixes, 0, 2);
	tcase_add_loop_test(tests, any_byte_wrong, 0, 2);
	tcase_add_test(tests, pcap_lengths);
	tcase_add_test(tests, ng_lengths);
	suite_add_tcase(suite, tests);
}

Suite *unit_suite(void)
{
	Suite *suite = suite_create("damage");

	add_packed_tests(suite);
	add_broken_tests(suite);
	return suite;
}
