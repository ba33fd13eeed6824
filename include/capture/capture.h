/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Traces in, frames out. Reads pcap (by itself or, where its form is odd,
 * through libpcap) and pcapng (by itself, since libpcap refuses interfaces of
 * different link types), compressed or not, from files or standard input, and
 * merges several files by time. The only floor that knows libpcap and the
 * archive library. Nothing here looks inside a packet, but for libpcap's
 * filter.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "base/err.h"
#include "capture/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture;

/* What went wrong with one file: it cannot be opened, did not end at its
 * proper end, or has packets of a link type that the filter does not fit. */
struct capture_problem {
	const char *path;
	bool cut;	 /* it ends in the middle of a record */
	bool warning;	 /* nothing failed: cut, or the filter does not fit */
	struct err text; /* "FILE: why", with packet number and how far it got
			  * where that says something; no "mptcptrace: " and
			  * no newline */
};

struct capture_options {
	const char *filter; /* libpcap filter expression; NULL or empty: all */
	bool has_ip_offset; /* -o: the IP header starts at ip_offset in */
	uint32_t ip_offset; /* each packet; frames are then LINKTYPE_RAW, and
			     * shorter packets come with caplen 0 */
	bool skip_non_traces; /* what is no plain file, or has first bytes that
			       * are no trace's, is passed over silently (for
			       * -d) and not a problem; */
	size_t certain;	      /* ... but for the first so many files */
	bool twice; /* capture_rewind will be called: what cannot be read
		     * again, such as standard input, is kept in a temporary
		     * file as it is read */
	/* Called before any file is opened, but after the filter has looked up
	 * what names it has; NULL: nobody */
	void (*before_files)(void *arg);
	void *arg;
	bool (*wait)(int fd); /* waits until there is more to be read from a
			       * pipe; false: reading shall end. Or NULL */
};

/*
 * Opens `n` traces ("-": standard input) as one, in order of time; files keep
 * their own order where times are equal, and a file whose packets are out of
 * order is read in its own order.
 *
 * A file that cannot be opened is a problem (capture_problem), not a failure:
 * the others are read. NULL only when there is nothing to go on with: the
 * filter does not compile (err says why).
 * The paths are borrowed for as long as the capture is.
 */
struct capture *capture_open(const char *const *paths, size_t n,
			     const struct capture_options *options,
			     struct err *err);
void capture_free(struct capture *capture); /* NULL is fine */

/* From the beginning once more, as often as wanted; with options.twice only.
 * The same packets come, also if a file has grown since, and what went wrong
 * the first time is not told again; if a file has become shorter, that is a
 * problem, and no packets come from there on. -1 and err if a file cannot be
 * read again. */
int capture_rewind(struct capture *capture, struct err *err);

/* The next frame that passes the filter; false at the end of all files. */
bool capture_next(struct capture *capture, struct frame *frame);

/* The same for as many frames as are at hand where they are: makes *frames
 * the first of them, and returns how many, or 0 at the end of all files. They
 * are borrowed, with their bytes, until the next call of either. */
size_t capture_next_some(struct capture *capture, const struct frame **frames);

/* The frame given out last as it is in its file, with what options.ip_offset
 * takes away; borrowed as long as that one. */
void capture_whole(const struct capture *capture, struct frame *frame);

/* The i-th problem met so far, or NULL when there are no more; good for as
 * long as the capture is. */
const struct capture_problem *capture_problem(const struct capture *capture,
					      size_t i);

/* Was the i-th file opened as a trace? */
bool capture_opened(const struct capture *capture, size_t i);

/* Files that were opened as traces; those passed over by skip_non_traces. */
size_t capture_files(const struct capture *capture);
size_t capture_skipped(const struct capture *capture);

/* Most bytes of a packet that files, as far as they were read, can have. */
uint32_t capture_snaplen(const struct capture *capture);

/* Has any file, as far as it was read, times finer than microseconds? Known
 * from capture_open on, but for a pcapng interface described further in. */
bool capture_has_nanoseconds(const struct capture *capture);

/* Is a file unpacked as it is read, and is none a pipe? Then reading takes a
 * while, and waits for nobody. */
bool capture_unpacks(const struct capture *capture);

/* Bytes of the files (as they are on disk) read so far and in all; total is 0
 * where that is unknown (standard input). For a progress line. */
void capture_progress(const struct capture *capture, uint64_t *done,
		      uint64_t *total);

/* "EN10MB (Ethernet)"-like words for a link type, into text of size bytes. */
void capture_linktype_name(uint32_t linktype, char *text, size_t size);

#endif
