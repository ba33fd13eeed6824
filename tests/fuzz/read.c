/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The readers of files: the first octet says how they are read, the rest is one
 * file, or two. What is in a pcap file must be what libpcap finds there.
 */
#include "fuzz.h"
#include "place.h"

#include "capture/capture.h"

#include <pcap/pcap.h>

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum how {
	HOW_TWICE = 0x01,
	HOW_OFFSET = 0x02,
	HOW_FILTER = 0x04,
	HOW_TWO = 0x08,	 /* the next 2 octets: the size of the first file */
	HOW_SKIP = 0x10, /* what is no trace */
	HOW_PIPE = 0x20, /* the first file comes that way */
};

#define PIPE_MOST 4096 /* octets that any pipe has room for */

/* What came of it, to be compared. */
struct sum {
	uint64_t frames, hash;
	uint64_t whole; /* of each as it is in its file */
	uint64_t plain; /* of what libpcap tells, too */
};

static uint64_t add(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x100000001b3u;
}

static uint64_t add_bytes(uint64_t hash, const uint8_t *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		hash = add(hash, bytes[i]);
	return add(hash, size);
}

static void write_trace(int n, struct octets in)
{
	FILE *file = place_open(n);

	MUST(fwrite(in.at, 1, octets_left(&in), file) == octets_left(&in));
	MUST(!fclose(file));
}

static void read_frame(struct sum *sum, const struct frame *frame)
{
	MUST(frame->wirelen >= frame->caplen);
	MUST(frame->time == NSTIME_NONE ||
	     (frame->time <= NSTIME_MOST && frame->time >= -NSTIME_MOST));
	sum->plain = add_bytes(sum->plain, frame->bytes, frame->caplen);
	sum->plain = add(sum->plain, frame->wirelen);
	sum->plain = add(sum->plain, (uint32_t)frame->time);
	sum->hash = add(sum->hash, (uint64_t)frame->time);
	sum->hash = add(sum->hash, frame->linktype);
	sum->frames++;
}

static void read_whole(struct sum *sum, const struct capture *capture,
		       const struct frame *frame)
{
	struct frame whole;

	capture_whole(capture, &whole);
	MUST(whole.caplen >= frame->caplen);
	sum->whole = add_bytes(sum->whole, whole.bytes, whole.caplen);
}

/* A plain pcap file, by libpcap. */
static void check_pcap(const char *path, struct octets in,
		       const struct sum *ours)
{
	static const uint8_t magic[] = {0xa1, 0xb2};
	struct pcap_pkthdr *header;
	struct sum sum = {0};
	const uint8_t *bytes;
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;

	if (octets_left(&in) < 4 ||
	    (memcmp(in.at, magic, 2) &&
	     (in.at[3] != magic[0] || in.at[2] != magic[1])))
		return;
	pcap = pcap_open_offline_with_tstamp_precision(
	    path, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap)
		return;
	while (pcap_next_ex(pcap, &header, &bytes) == 1) {
		uint32_t size = header->caplen, length = header->len;

		sum.plain = add_bytes(sum.plain, bytes, size);
		sum.plain = add(sum.plain, length < size ? size : length);
		/* Times modulo 2^32, since a fraction of 2^31 or more is
		 * negative to libpcap in one byte order only. */
		sum.plain = add(sum.plain,
				(uint32_t)(header->ts.tv_sec * NSTIME_SECOND +
					   header->ts.tv_usec));
		sum.frames++;
	}
	pcap_close(pcap);
	MUST(sum.frames == ours->frames && sum.plain == ours->plain);
}

/* Standard input becomes a pipe with the file; -1, or what it was. */
static int open_pipe(struct octets in)
{
	int before = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), end[2];

	MUST(!pipe(end));
	MUST(write(end[1], in.at, octets_left(&in)) ==
	     (ssize_t)octets_left(&in));
	MUST(dup2(end[0], STDIN_FILENO) == STDIN_FILENO);
	if (end[0] != STDIN_FILENO)
		close(end[0]);
	close(end[1]);
	return before;
}

static void close_pipe(int before)
{
	if (before < 0) {
		close(STDIN_FILENO);
		return;
	}
	MUST(dup2(before, STDIN_FILENO) == STDIN_FILENO);
	close(before);
}

static struct sum read_all(struct capture *capture)
{
	struct sum sum = {0};
	struct frame frame;

	while (capture_next(capture, &frame)) {
		read_frame(&sum, &frame);
		read_whole(&sum, capture, &frame);
	}
	return sum;
}

/* The same, some at a time, but for what they are like in their files. */
static struct sum read_some(struct capture *capture)
{
	struct sum sum = {0};
	const struct frame *frames;
	uint64_t number = 0;
	size_t n;

	while ((n = capture_next_some(capture, &frames)))
		for (size_t i = 0; i < n; i++) {
			MUST(frames[i].number > number);
			number = frames[i].number;
			read_frame(&sum, &frames[i]);
		}
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
	int before = -1;

	first = in;
	if (how & HOW_TWO) {
		size_t n = octets_u16(&in);

		n = n < octets_left(&in) ? n : octets_left(&in);
		first = (struct octets){in.at, in.at + n};
		in.at += n;
		write_trace(1, in);
	}
	write_trace(0, first);
	if (octets_left(&first) > PIPE_MOST)
		how &= ~HOW_PIPE;
	if (how & HOW_PIPE) {
		before = open_pipe(first);
		paths[0] = "-";
	}
	capture = capture_open(paths, how & HOW_TWO ? 2 : 1, &options, &err);
	if (capture) {
		sum = read_all(capture);
		ask(capture);
		if (!(how & (HOW_OFFSET | HOW_FILTER | HOW_TWO)))
			check_pcap(place_trace(0), first, &sum);
		if (how & HOW_TWICE && !capture_rewind(capture, &err)) {
			again = read_all(capture);
			MUST(!memcmp(&sum, &again, sizeof(sum)));
		}
		if (how & HOW_TWICE && !capture_rewind(capture, &err)) {
			again = read_some(capture);
			again.whole = sum.whole;
			MUST(!memcmp(&sum, &again, sizeof(sum)));
		}
		capture_free(capture);
	}
	if (how & HOW_PIPE)
		close_pipe(before);
	return 0;
}
