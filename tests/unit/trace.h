/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Small traces made byte by byte, a directory for them that is gone when the
 * test program is, and what reading them came to. Not for traces of real
 * traffic: tests/traces has some.
 */
#ifndef TESTS_TRACE_H
#define TESTS_TRACE_H

#include <check.h>

#include "capture/capture.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND	 NSTIME_SECOND
#define ETHERNET 1
#define RAW_IP	 101
#define T0	 1700000000 /* seconds: when the traces begin */

struct bytes {
	bool big;	 /* byte order of what is put next */
	bool nanosecond; /* pcap: the fractions */
	size_t n, ends;
	uint8_t at[4096];
	size_t end[16]; /* n after each packet */
};

static inline void put(struct bytes *to, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned shift = 8 * (to->big ? size - 1 - i : i);

		to->at[to->n++] = (uint8_t)(value >> shift);
	}
}

/* A packet is its number, over and over. */
static inline void put_packet(struct bytes *to, uint8_t id, size_t size)
{
	memset(to->at + to->n, id, size);
	to->n += size;
}

static inline void pcap_start(struct bytes *to, bool big, bool nanosecond,
			      uint32_t linktype)
{
	*to = (struct bytes){.big = big, .nanosecond = nanosecond};
	put(to, nanosecond ? 0xa1b23c4d : 0xa1b2c3d4, 4);
	put(to, 2, 2);
	put(to, 4, 2);
	put(to, 0, 8);
	put(to, 65535, 4);
	put(to, linktype, 4);
}

/* Packet number id: T0 plus `ticks`, 60 + id bytes. */
static inline void pcap_packet(struct bytes *to, uint8_t id, uint64_t ticks)
{
	uint32_t second = to->nanosecond ? 1000000000 : 1000000;

	put(to, T0 + ticks / second, 4);
	put(to, ticks % second, 4);
	put(to, 60u + id, 4);
	put(to, 100u + id, 4);
	put_packet(to, id, 60u + id);
	to->end[to->ends++] = to->n;
}

static inline void pcap_of(struct bytes *to, uint8_t packets)
{
	pcap_start(to, false, false, ETHERNET);
	for (uint8_t id = 1; id <= packets; id++)
		pcap_packet(to, id, id);
}

/* Between these two stands the body of a pcapng block. */
static inline size_t block_start(struct bytes *to, uint32_t type)
{
	size_t start = to->n;

	put(to, type, 4);
	put(to, 0, 4);
	return start;
}

static inline void block_end(struct bytes *to, size_t start)
{
	size_t end;

	while (to->n % 4)
		put(to, 0, 1);
	put(to, to->n + 4 - start, 4);
	end = to->n;
	to->n = start + 4;
	put(to, end - start, 4);
	to->n = end;
}

static inline void ng_section(struct bytes *to, bool big)
{
	size_t start;

	to->big = big;
	start = block_start(to, 0x0a0d0d0a);
	put(to, 0x1a2b3c4d, 4);
	put(to, 1, 2);
	put(to, 0, 2);
	put(to, UINT64_MAX, 8);
	block_end(to, start);
}

/* resolution and offset are left out when 0. */
static inline void ng_interface(struct bytes *to, uint16_t linktype,
				uint32_t snaplen, uint8_t resolution,
				int64_t offset)
{
	size_t start = block_start(to, 1);

	put(to, linktype, 2);
	put(to, 0, 2);
	put(to, snaplen, 4);
	put(to, 2, 2); /* if_name, which is nothing to us */
	put(to, 5, 2);
	put_packet(to, 'x', 5);
	put(to, 0, 3);
	if (resolution) {
		put(to, 9, 2);
		put(to, 1, 2);
		put(to, resolution, 1);
		put(to, 0, 3);
	}
	if (offset) {
		put(to, 14, 2);
		put(to, 8, 2);
		put(to, (uint64_t)offset, 8);
	}
	put(to, 0, 4);
	block_end(to, start);
}

static inline void ng_packet(struct bytes *to, uint8_t id, uint32_t interface,
			     uint64_t ticks)
{
	size_t start = block_start(to, 6);

	put(to, interface, 4);
	put(to, ticks >> 32, 4);
	put(to, ticks, 4);
	put(to, 60u + id, 4);
	put(to, 100u + id, 4);
	put_packet(to, id, 60u + id);
	block_end(to, start);
	to->end[to->ends++] = to->n;
}

static inline void ng_simple(struct bytes *to, uint8_t id, size_t caplen)
{
	size_t start = block_start(to, 3);

	put(to, 60u + id, 4);
	put_packet(to, id, caplen);
	block_end(to, start);
	to->end[to->ends++] = to->n;
}

static inline uint64_t micro(uint64_t after)
{
	return (uint64_t)T0 * 1000000 + after;
}

static inline void ng_of(struct bytes *to, bool big, uint8_t packets)
{
	*to = (struct bytes){0};
	ng_section(to, big);
	ng_interface(to, ETHERNET, 0, 0, 0);
	for (uint8_t id = 1; id <= packets; id++)
		ng_packet(to, id, 0, micro(id));
}

/* Files live in a directory that is removed whatever happens to a test. */

static char directory[64];

static inline char *path_of(const char *name)
{
	static char paths[8][400];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

static inline void make_directory(void)
{
	const char *parent = getenv("TMPDIR");

	if (!parent || strlen(parent) > 32)
		parent = "/tmp";
	snprintf(directory, sizeof(directory), "%s/captureXXXXXX", parent);
	if (!mkdtemp(directory))
		abort();
}

static inline void remove_directory(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (remove(path_of(entry->d_name)) < 0)
			continue; /* . and .. */
	if (dir)
		closedir(dir);
	rmdir(directory);
}

static inline const char *save(const char *name, const uint8_t *at, size_t size)
{
	const char *path = path_of(name);
	FILE *file = fopen(path, "wb");

	ck_assert(file);
	ck_assert_uint_eq(fwrite(at, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

static inline const char *save_all(const char *name, const struct bytes *bytes)
{
	return save(name, bytes->at, bytes->n);
}

/* The first `size` bytes of the file of that name. */
static inline void load(const char *name, uint8_t *at, size_t size)
{
	FILE *file = fopen(path_of(name), "rb");

	ck_assert(file);
	ck_assert_uint_eq(fread(at, 1, size, file), size);
	fclose(file);
}

static inline size_t size_of(const char *name)
{
	FILE *file = fopen(path_of(name), "rb");
	long size;

	ck_assert(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	fclose(file);
	return (size_t)size;
}

/* What a capture came to. */

struct result {
	size_t n, problems, files, skipped;
	struct frame frame[32];
	uint8_t id[32]; /* 0: no bytes */
	bool has_nanoseconds;
	struct capture_problem problem[8];
};

static inline void read_with(struct result *result, size_t n,
			     const char *const *paths,
			     const struct capture_options *options)
{
	const struct capture_problem *problem;
	struct capture *capture;
	struct frame frame;
	struct err err;
	uint64_t done, total;

	memset(result, 0, sizeof(*result));
	capture = capture_open(paths, n, options, &err);
	ck_assert_msg(capture, "%s", err.text);
	result->has_nanoseconds = capture_has_nanoseconds(capture);
	while (capture_next(capture, &frame)) {
		ck_assert_uint_lt(result->n, 32);
		ck_assert_uint_ge(frame.wirelen, frame.caplen);
		for (uint32_t i = 0; i < frame.caplen; i++)
			result->id[result->n] = frame.bytes[i];
		result->frame[result->n++] = frame;
	}
	ck_assert(!capture_next(capture, &frame));
	for (; (problem = capture_problem(capture, result->problems));
	     result->problems++) {
		ck_assert_uint_lt(result->problems, 8);
		result->problem[result->problems] = *problem;
	}
	result->files = capture_files(capture);
	result->skipped = capture_skipped(capture);
	capture_progress(capture, &done, &total);
	ck_assert(!total || done == total);
	capture_free(capture);
}

static inline void read_one(struct result *result, const char *path)
{
	read_with(result, 1, &path, &(struct capture_options){0});
}

static inline void read_bytes(struct result *result, const struct bytes *bytes)
{
	read_one(result, save_all("trace", bytes));
}

static inline void assert_problem(const struct result *result, size_t i,
				  bool cut, const char *words)
{
	ck_assert_uint_gt(result->problems, i);
	ck_assert_msg(strstr(result->problem[i].text.text, words), "%s",
		      result->problem[i].text.text);
	ck_assert_int_eq(result->problem[i].cut, cut);
}

static inline void assert_sound(const struct result *result, size_t n)
{
	ck_assert_msg(!result->problems, "%s", result->problem[0].text.text);
	ck_assert_uint_eq(result->n, n);
}

/* Is frame i packet i + 1, of that link type and time? */
static inline void assert_frame(const struct result *result, size_t i,
				uint32_t linktype, nstime_t time)
{
	const struct frame *frame = &result->frame[i];

	ck_assert_uint_eq(frame->number, i + 1);
	ck_assert_uint_eq(result->id[i], i + 1);
	ck_assert_uint_eq(frame->caplen, 61 + i);
	ck_assert_uint_eq(frame->wirelen, 101 + i);
	ck_assert_uint_eq(frame->linktype, linktype);
	ck_assert_int_eq(frame->time, time);
}

#endif
