/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The readers of files: the first octet says how they are read, the rest is one
 * file, or two.
 */
#include "fuzz.h"
#include "place.h"

#include "capture/capture.h"

#include <stdbool.h>
#include <string.h>

enum how {
	HOW_TWICE = 0x01,
	HOW_OFFSET = 0x02,
	HOW_FILTER = 0x04,
	HOW_TWO = 0x08,	 /* the next 2 octets: the size of the first file */
	HOW_SKIP = 0x10, /* what is no trace */
};

/* What came of it, to be compared. */
struct sum {
	uint64_t frames, octets, hash;
};

static void write_trace(int n, struct octets in)
{
	FILE *file = place_open(n);

	MUST(fwrite(in.at, 1, octets_left(&in), file) == octets_left(&in));
	MUST(!fclose(file));
}

static void read_frame(struct sum *sum, const struct capture *capture,
		       const struct frame *frame)
{
	struct frame whole;

	MUST(frame->wirelen >= frame->caplen);
	MUST(frame->time == NSTIME_NONE ||
	     (frame->time <= NSTIME_MOST && frame->time >= -NSTIME_MOST));
	for (uint32_t i = 0; i < frame->caplen; i++)
		sum->hash = sum->hash * 31 + frame->bytes[i];
	sum->hash = sum->hash * 31 + (uint64_t)frame->time;
	sum->hash = sum->hash * 31 + frame->linktype;
	sum->octets += frame->caplen;
	sum->frames++;
	capture_whole(capture, &whole);
	MUST(whole.caplen >= frame->caplen);
	for (uint32_t i = 0; i < whole.caplen; i++)
		sum->hash = sum->hash * 31 + whole.bytes[i];
}

static struct sum read_all(struct capture *capture)
{
	struct sum sum = {0};
	struct frame frame;

	while (capture_next(capture, &frame))
		read_frame(&sum, capture, &frame);
	return sum;
}

static void ask(const struct capture *capture)
{
	uint64_t done, total;

	for (size_t i = 0; capture_problem(capture, i); i++)
		MUST(*capture_problem(capture, i)->text.text);
	capture_progress(capture, &done, &total);
	MUST(!total || done <= total);
	MUST(capture_files(capture) + capture_skipped(capture) <= 2);
	capture_snaplen(capture);
	capture_has_nanoseconds(capture);
	capture_unpacks(capture);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct octets in = {bytes, bytes + size}, first;
	uint8_t how = octets_u8(&in);
	const char *paths[2] = {place_trace(0), place_trace(1)};
	struct capture_options options = {
	    .filter = how & HOW_FILTER ? "tcp or ip6" : NULL,
	    .has_ip_offset = how & HOW_OFFSET,
	    .ip_offset = 14,
	    .skip_non_traces = how & HOW_SKIP,
	    .twice = how & HOW_TWICE,
	};
	struct capture *capture;
	struct sum sum, again;
	struct err err;

	first = in;
	if (how & HOW_TWO) {
		size_t n = octets_u16(&in);

		n = n < octets_left(&in) ? n : octets_left(&in);
		first = (struct octets){in.at, in.at + n};
		in.at += n;
		write_trace(1, in);
	}
	write_trace(0, first);
	capture = capture_open(paths, how & HOW_TWO ? 2 : 1, &options, &err);
	if (!capture)
		return 0;
	sum = read_all(capture);
	ask(capture);
	if (how & HOW_TWICE && !capture_rewind(capture, &err)) {
		again = read_all(capture);
		MUST(!memcmp(&sum, &again, sizeof(sum)));
	}
	capture_free(capture);
	return 0;
}
