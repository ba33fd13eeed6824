/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bytes of one file in order: plain, compressed (told by its first bytes,
 * not by its name) or standard input. Nothing is ever sought, so pipes will
 * do. Not for what the bytes mean: that is the readers'.
 */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include "base/err.h"
#include "capture/tape.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct source;

/* Why there are no more bytes. */
enum source_end {
	SOURCE_WHOLE,	/* that is all of them */
	SOURCE_CUT,	/* compressed data that ends before its end */
	SOURCE_DAMAGED, /* compressed data that is wrong, or a read error */
};

/* Opens `path` ("-": standard input); the tape is borrowed for as long as the
 * source is. NULL: err says why, without the name of the file. */
struct source *source_open(const char *path, struct tape *tape,
			   struct err *err);
void source_free(struct source *source); /* NULL is fine */

/* What every source begins with: its bytes that are there and not taken. To be
 * looked at through the functions below only, which stand here because
 * they are asked for each packet. */
struct source_bytes {
	const uint8_t *at, *end;
};

/* Bytes that are there without reading on. */
static inline size_t source_left(const struct source *source)
{
	const struct source_bytes *bytes = (const struct source_bytes *)source;

	return (size_t)(bytes->end - bytes->at);
}

/* Where they stand; borrowed as what source_want gives. */
static inline const uint8_t *source_at(const struct source *source)
{
	return ((const struct source_bytes *)source)->at;
}

/* source_want's way to bytes that are not there yet. */
const uint8_t *source_fill(struct source *source, size_t need, size_t *got);

/* The next `need` bytes in one piece, without taking them; fewer, as *got
 * says, only where the source ends. Borrowed until the next source_want or
 * source_skip. Memory grows with the bytes that are there, not with `need`. */
static inline const uint8_t *source_want(struct source *source, size_t need,
					 size_t *got)
{
	if (source_left(source) < need)
		return source_fill(source, need, got);
	*got = need;
	return source_at(source);
}

/* Takes `size` of the bytes that source_want has shown; they stay borrowed. */
static inline void source_take(struct source *source, size_t size)
{
	assert(size <= source_left(source));
	((struct source_bytes *)source)->at += size;
}

/* Passes over `size` bytes; returns how many there were. */
uint64_t source_skip(struct source *source, uint64_t size);

/* Place of the next byte, counted in what the file holds unpacked. */
uint64_t source_offset(const struct source *source);

/* The source from its first byte on as a stream, which the caller closes
 * before source_free; from here on only source_done and source_ended may be
 * asked of it, and only before the stream is closed. NULL: err says why. */
FILE *source_file(struct source *source, struct err *err);

/* Whether the bytes ended as they should; *why is the reason if not. */
enum source_end source_ended(const struct source *source, const char **why);

/* Is it unpacked on the way? */
bool source_is_packed(const struct source *source);

/* Bytes as on disk that were read so far, and that there are (0: unknown). */
uint64_t source_done(const struct source *source);
uint64_t source_size(const struct source *source);

#endif
