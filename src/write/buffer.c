/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/buffer.h"

#include "base/alloc.h"
#include "base/digits.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

char *buffer_grow(struct buffer *buffer, size_t size)
{
	buffer->text =
	    xgrow(buffer->text, &buffer->room, buffer->size + size, 1);
	return buffer->text + buffer->size;
}

void buffer_add(struct buffer *buffer, const char *text, size_t size)
{
	memcpy(buffer_room(buffer, size), text, size);
	buffer->size += size;
}

void buffer_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_print(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(buffer_room(buffer, 1), 0, format, args);
	va_end(args);
	/* With room for the '\0', which is not part of it. */
	va_start(args, format);
	vsnprintf(buffer_room(buffer, (size_t)size + 1), (size_t)size + 1,
		  format, args);
	va_end(args);
	buffer->size += (size_t)size;
}

void buffer_char(struct buffer *buffer, char c)
{
	*buffer_room(buffer, 1) = c;
	buffer->size++;
}

void buffer_int(struct buffer *buffer, int64_t value)
{
	buffer_reach(buffer,
		     digits_int(buffer_room(buffer, DIGITS_ROOM), value));
}

void buffer_millionths(struct buffer *buffer, int64_t value)
{
	buffer_reach(
	    buffer, digits_millionths(buffer_room(buffer, DIGITS_ROOM), value));
}

void buffer_time(struct buffer *buffer, nstime_t time, int digits)
{
	buffer_reach(buffer, digits_time(buffer_room(buffer, DIGITS_ROOM), time,
					 digits));
}
