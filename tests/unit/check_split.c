/* SPDX-License-Identifier: BSD-3-Clause */
/* A trace cut up, and traces read twice. */
#include "capture/split.h"

#include "trace.h"
#include "unit.h"

#include <sys/stat.h>

static uint64_t most = UINT64_MAX; /* packets before it is stopped */

static bool goes_on(void *arg, uint64_t packets)
{
	(void)arg;
	return packets < most;
}

static uint32_t flow_of(const struct frame *frame)
{
	uint32_t rest = frame->bytes[0] % 3;

	return rest ? rest - 1 : SPLIT_NO_FLOW;
}

/* Packets of number 1, 4, 7 are of flow 0, those of 2, 5, 8 of flow 1, and
 * the others of none; flow 0 is connection 7, flow 1 what `with` says. */
#define NO_CONN UINT64_MAX
static int split_as(size_t n, const char *const *paths, uint64_t with,
		    bool others, struct err *err)
{
	const struct capture_options twice = {.twice = true};
	struct capture *capture = capture_open(paths, n, &twice, err);
	const struct split_options options = {
	    .directory = directory,
	    .others = others,
	    .inputs = paths,
	    .n_inputs = n,
	    .go_on = goes_on,
	};
	struct split *split;
	struct frame frame;
	int result;

	ck_assert(capture);
	split = split_new(&options, capture, err);
	ck_assert_msg(split, "%s", err->text);
	while (capture_next(capture, &frame))
		split_note(split, flow_of(&frame));
	split_flow(split, 0, 7);
	if (with != NO_CONN)
		split_flow(split, 1, with);
	result = split_write(split, err);
	ck_assert(!capture_problem(capture, 0));
	split_free(split);
	capture_free(capture);
	return result;
}

static void split_bytes(const struct bytes *bytes, uint64_t with)
{
	const char *path = save_all("trace", bytes);
	struct err err;

	ck_assert_msg(!split_as(1, &path, with, true, &err), "%s", err.text);
}

/* Is the file of the packets of these numbers? */
static void assert_ids(struct result *result, const char *name, size_t n,
		       const uint8_t *ids)
{
	read_one(result, path_of(name));
	assert_sound(result, n);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(result->id[i], ids[i]);
		ck_assert_uint_eq(result->frame[i].caplen, 60u + ids[i]);
		ck_assert_uint_eq(result->frame[i].wirelen, 100u + ids[i]);
	}
}
#define IDS(...)                                                               \
	sizeof((uint8_t[]){__VA_ARGS__}), (uint8_t[])                          \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

static bool is_there(const char *name)
{
	return access(path_of(name), F_OK) == 0;
}

static void clean(void)
{
	remove_directory();
	ck_assert_int_eq(mkdir(directory, 0777), 0);
	most = UINT64_MAX;
}

START_TEST(parts)
{
	bool big = _i & 1, nanosecond = _i & 2;
	struct bytes bytes;
	struct result result;

	pcap_start(&bytes, big, nanosecond, RAW_IP);
	for (uint8_t id = 1; id <= 8; id++)
		pcap_packet(&bytes, id, id * 1001u);
	split_bytes(&bytes, 9);
	assert_ids(&result, "connection-7.pcap", IDS(1, 4, 7));
	ck_assert_int_eq(result.has_nanoseconds, nanosecond);
	ck_assert_uint_eq(result.frame[1].linktype, RAW_IP);
	ck_assert_int_eq(result.frame[1].time,
			 T0 * SECOND + 4004 * (nanosecond ? 1 : 1000));
	assert_ids(&result, "connection-9.pcap", IDS(2, 5, 8));
	assert_ids(&result, "other.pcap", IDS(3, 6));
	split_bytes(&bytes, 7);
	assert_ids(&result, "connection-7.pcap", IDS(1, 2, 4, 5, 7, 8));
	split_bytes(&bytes, NO_CONN);
	assert_ids(&result, "other.pcap", IDS(2, 3, 5, 6, 8));
}
END_TEST

START_TEST(no_others)
{
	struct bytes bytes;
	struct result result;
	struct err err;
	const char *path;

	pcap_of(&bytes, 5);
	path = save_all("trace", &bytes);
	ck_assert_int_eq(split_as(1, &path, NO_CONN, false, &err), 0);
	assert_ids(&result, "connection-7.pcap", IDS(1, 4));
	ck_assert(!is_there("other.pcap"));
	ck_assert(!is_there("connection-0.pcap"));
}
END_TEST

START_TEST(nothing_else)
{
	struct bytes bytes;
	struct result result;

	pcap_of(&bytes, 2);
	split_bytes(&bytes, 9);
	assert_ids(&result, "other.pcap", 0, NULL);
}
END_TEST

static bool is_pcapng(const char *name)
{
	uint8_t first[4];

	load(name, first, sizeof(first));
	return first[0] == 0x0a;
}

START_TEST(link_types)
{
	struct bytes bytes = {0};
	struct result result;

	ng_section(&bytes, _i & 1);
	ng_interface(&bytes, ETHERNET, 0, _i & 2 ? 9 : 0, 0);
	ng_interface(&bytes, RAW_IP, 0, _i & 2 ? 9 : 0, 0);
	for (uint8_t id = 1; id <= 6; id++)
		ng_packet(&bytes, id, id == 4 || id == 5,
			  micro(id) * (_i & 2 ? 1000 : 1) + 1);
	split_bytes(&bytes, 9);
	assert_ids(&result, "connection-7.pcap", IDS(1, 4));
	ck_assert(is_pcapng("connection-7.pcap"));
	ck_assert_uint_eq(result.frame[0].linktype, ETHERNET);
	ck_assert_uint_eq(result.frame[1].linktype, RAW_IP);
	ck_assert_int_eq(result.frame[1].time,
			 T0 * SECOND + (_i & 2 ? 4001 : 5000));
	ck_assert_int_eq(result.has_nanoseconds, !!(_i & 2));
	assert_ids(&result, "connection-9.pcap", IDS(2, 5));
	assert_ids(&result, "other.pcap", IDS(3, 6));
	ck_assert(!is_pcapng("other.pcap"));
}
END_TEST

/* What a pcap file cannot say. */
START_TEST(no_times)
{
	struct bytes bytes = {0};
	struct result result;

	ng_section(&bytes, false);
	ng_interface(&bytes, ETHERNET, 70, 0, 0);
	ng_simple(&bytes, 1, 61);
	ng_simple(&bytes, 4, 64);
	ng_simple(&bytes, 13, 70);
	ng_packet(&bytes, 10, 0, micro(10));
	ng_packet(&bytes, 2, 0, micro(2));
	split_bytes(&bytes, 9);
	read_one(&result, path_of("connection-7.pcap"));
	assert_sound(&result, 4);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(result.frame[i].time, NSTIME_NONE);
	ck_assert_uint_eq(result.id[2], 13);
	ck_assert_uint_eq(result.frame[2].caplen, 70);
	ck_assert_uint_eq(result.frame[2].wirelen, 73);
	ck_assert_int_eq(result.frame[3].time, T0 * SECOND + 10000);
	ck_assert(!is_pcapng("connection-9.pcap"));
}
END_TEST

START_TEST(far_times)
{
	struct bytes bytes = {0};
	struct result result;

	ng_section(&bytes, false);
	ng_interface(&bytes, ETHERNET, 0, 0, 0);
	ng_packet(&bytes, 1, 0, 4294967295000000);
	ng_packet(&bytes, 2, 0, 4294967296000001);
	split_bytes(&bytes, 9);
	assert_ids(&result, "connection-7.pcap", IDS(1));
	ck_assert(!is_pcapng("connection-7.pcap"));
	ck_assert_int_eq(result.frame[0].time, 4294967295 * SECOND);
	assert_ids(&result, "connection-9.pcap", IDS(2));
	ck_assert_int_eq(result.frame[0].time, 4294967296 * SECOND + 1000);
}
END_TEST

/* -o: packets stay as they are in the file. */
START_TEST(offset)
{
	const struct capture_options options = {
	    .twice = true, .has_ip_offset = true, .ip_offset = 50};
	struct capture *capture;
	struct split *split;
	struct bytes bytes;
	struct result result;
	struct frame frame;
	struct err err;
	const char *path;

	pcap_of(&bytes, 2);
	path = save_all("trace", &bytes);
	capture = capture_open(&path, 1, &options, &err);
	split = split_new(&(struct split_options){.directory = directory,
						  .others = true,
						  .go_on = goes_on},
			  capture, &err);
	while (capture_next(capture, &frame)) {
		ck_assert_uint_eq(frame.linktype, RAW_IP);
		split_note(split, SPLIT_NO_FLOW);
	}
	ck_assert_int_eq(split_write(split, &err), 0);
	assert_ids(&result, "other.pcap", IDS(1, 2));
	ck_assert_uint_eq(result.frame[0].linktype, ETHERNET);
	split_free(split);
	capture_free(capture);
}
END_TEST

START_TEST(input_stays)
{
	struct bytes bytes;
	struct result result;
	struct err err;
	const char *path;

	pcap_of(&bytes, 4);
	path = save_all("connection-7.pcap", &bytes);
	ck_assert_int_eq(split_as(1, &path, 9, true, &err), -1);
	ck_assert_msg(strstr(err.text, "connection-7.pcap: it is a trace"),
		      "%s", err.text);
	assert_ids(&result, "connection-7.pcap", IDS(1, 2, 3, 4));
}
END_TEST

START_TEST(stopped)
{
	struct bytes bytes;
	struct err err;
	const char *path;

	most = 3;
	pcap_of(&bytes, 5);
	path = save_all("trace", &bytes);
	ck_assert_int_eq(split_as(1, &path, 9, true, &err), -1);
	ck_assert_msg(strstr(err.text, directory), "%s", err.text);
	ck_assert(!is_there("other.pcap"));
}
END_TEST

/*
 * Twice.
 */

/* How many packets are there still to read, and are they 1, 2, 3 ...? */
static size_t read_on(struct capture *capture)
{
	struct frame frame;
	size_t n = 0;

	while (capture_next(capture, &frame)) {
		ck_assert_uint_eq(frame.number, ++n);
		ck_assert_uint_eq(frame.bytes[0], n);
	}
	return n;
}

static struct capture *open_twice(size_t n, const char *const *paths)
{
	struct capture *capture;
	struct err err;

	capture = capture_open(paths, n,
			       &(struct capture_options){.twice = true}, &err);
	ck_assert(capture);
	return capture;
}

START_TEST(rewinds)
{
	struct bytes bytes;
	const char *paths[2];
	struct capture *capture;
	struct err err;

	pcap_start(&bytes, false, false, ETHERNET);
	for (uint8_t id = 1; id < 10; id += 2)
		pcap_packet(&bytes, id, id);
	paths[0] = save_all("odd", &bytes);
	pcap_start(&bytes, false, false, ETHERNET);
	for (uint8_t id = 2; id < 10; id += 2)
		pcap_packet(&bytes, id, id);
	bytes.n -= 3; /* it ends in the middle */
	paths[1] = save_all("even", &bytes);
	capture = open_twice(2, paths);
	for (int i = 0; i < 3; i++) {
		struct frame frame;

		for (int k = 0; k < 7; k++)
			ck_assert(capture_next(capture, &frame));
		ck_assert_uint_eq(frame.bytes[0], 7);
		ck_assert(capture_next(capture, &frame));
		ck_assert_uint_eq(frame.bytes[0], 9);
		ck_assert(!capture_next(capture, &frame));
		ck_assert(capture_problem(capture, 0)); /* told once */
		ck_assert(!capture_problem(capture, 1));
		ck_assert_int_eq(capture_rewind(capture, &err), 0);
	}
	capture_free(capture);
}
END_TEST

/* Also when it was not read to its end. */
START_TEST(from_a_pipe)
{
	struct bytes bytes;
	struct capture *capture;
	struct frame frame;
	struct err err;
	char path[32];
	const char *paths = path;
	int ends[2];

	pcap_of(&bytes, 9);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], bytes.at, bytes.n), bytes.n);
	close(ends[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	capture = open_twice(1, &paths);
	if (_i)
		ck_assert(capture_next(capture, &frame));
	else
		ck_assert_uint_eq(read_on(capture), 9);
	ck_assert_int_eq(capture_rewind(capture, &err), 0);
	ck_assert_uint_eq(read_on(capture), _i ? 1 : 9);
	ck_assert_int_eq(capture_rewind(capture, &err), 0);
	ck_assert_uint_eq(read_on(capture), _i ? 1 : 9);
	ck_assert(!capture_problem(capture, 0));
	capture_free(capture);
	close(ends[0]);
}
END_TEST

/* A file that changes meanwhile. */
START_TEST(grows)
{
	struct bytes bytes;
	struct capture *capture;
	struct err err;
	const char *path;

	pcap_of(&bytes, 9);
	path = save("trace", bytes.at, bytes.end[4]);
	capture = open_twice(1, &path);
	ck_assert_uint_eq(read_on(capture), 5);
	save_all("trace", &bytes);
	ck_assert_int_eq(capture_rewind(capture, &err), 0);
	ck_assert_uint_eq(read_on(capture), 5);
	ck_assert(!capture_problem(capture, 0));
	capture_free(capture);
}
END_TEST

START_TEST(shrinks)
{
	struct bytes bytes;
	struct capture *capture;
	struct err err;
	const char *path;

	pcap_of(&bytes, 9);
	path = save_all("trace", &bytes);
	capture = open_twice(1, &path);
	ck_assert_uint_eq(read_on(capture), 9);
	save("trace", bytes.at, bytes.end[4] + (size_t)_i);
	ck_assert_int_eq(capture_rewind(capture, &err), 0);
	ck_assert_uint_eq(read_on(capture), 5);
	ck_assert(capture_problem(capture, 0));
	ck_assert(!capture_problem(capture, 0)->warning);
	ck_assert(
	    strstr(capture_problem(capture, 0)->text.text, "become shorter"));
	capture_free(capture);
}
END_TEST

/* The name is another file's by now. */
START_TEST(replaced)
{
	struct bytes bytes;
	struct capture *capture;
	struct err err;
	const char *path, *other;

	pcap_of(&bytes, 9);
	path = save_all("trace", &bytes);
	capture = open_twice(1, &path);
	ck_assert_uint_eq(read_on(capture), 9);
	pcap_of(&bytes, 4);
	other = save_all("other", &bytes);
	ck_assert_int_eq(rename(other, path), 0);
	ck_assert_int_eq(capture_rewind(capture, &err), 0);
	ck_assert_uint_eq(read_on(capture), 9);
	ck_assert(!capture_problem(capture, 0));
	capture_free(capture);
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("split");
	TCase *parts_case = tcase_create("parts");
	TCase *twice = tcase_create("twice");

	tcase_add_unchecked_fixture(parts_case, make_directory,
				    remove_directory);
	tcase_add_checked_fixture(parts_case, clean, NULL);
	tcase_add_loop_test(parts_case, parts, 0, 4);
	tcase_add_test(parts_case, no_others);
	tcase_add_test(parts_case, nothing_else);
	tcase_add_loop_test(parts_case, link_types, 0, 4);
	tcase_add_test(parts_case, no_times);
	tcase_add_test(parts_case, far_times);
	tcase_add_test(parts_case, offset);
	tcase_add_test(parts_case, input_stays);
	tcase_add_test(parts_case, stopped);
	suite_add_tcase(suite, parts_case);

	tcase_add_unchecked_fixture(twice, make_directory, remove_directory);
	tcase_add_test(twice, rewinds);
	tcase_add_loop_test(twice, from_a_pipe, 0, 2);
	tcase_add_test(twice, grows);
	tcase_add_loop_test(twice, shrinks, 0, 2);
	tcase_add_test(twice, replaced);
	suite_add_tcase(suite, twice);
	return suite;
}
