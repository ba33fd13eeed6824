/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A growing piece of text.
 */
#ifndef WRITE_BUFFER_H
#define WRITE_BUFFER_H

#include "base/nstime.h"

#include <stddef.h>
#include <stdint.h>

struct buffer {
	char *text; /* of `size` octets, without a final '\0' */
	size_t size, room;
};

/* Where the text goes on, with room for `size` more; what was written there
 * counts once it is said where it ends. */
char *buffer_grow(struct buffer *buffer, size_t size);
static inline char *buffer_room(struct buffer *buffer, size_t size)
{
	return buffer->room - buffer->size >= size ? buffer->text + buffer->size
						   : buffer_grow(buffer, size);
}

static inline void buffer_reach(struct buffer *buffer, const char *end)
{
	buffer->size = (size_t)(end - buffer->text);
}

void buffer_text(struct buffer *buffer, const char *text);
/* Not where points pass. */
void buffer_print(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_add(struct buffer *buffer, const char *text, size_t size);
void buffer_char(struct buffer *buffer, char c);
void buffer_int(struct buffer *buffer, int64_t value);
/* So many millionths, with six decimals. */
void buffer_millionths(struct buffer *buffer, int64_t value);
/* Seconds with `digits` (6 or 9) decimals, the rest cut off. */
void buffer_time(struct buffer *buffer, nstime_t time, int digits);

#endif
