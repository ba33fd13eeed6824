/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/buffer.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_TEXT 24 /* sign, 19 digits, and a point */

static char *make_room(struct buffer *buffer, size_t size)
{
	buffer->text =
	    xgrow(buffer->text, &buffer->room, buffer->size + size, 1);
	return buffer->text + buffer->size;
}

void buffer_add(struct buffer *buffer, const char *text, size_t size)
{
	memcpy(make_room(buffer, size), text, size);
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
	size = vsnprintf(make_room(buffer, 1), 0, format, args);
	va_end(args);
	/* With room for the '\0', which is not part of it. */
	va_start(args, format);
	vsnprintf(make_room(buffer, (size_t)size + 1), (size_t)size + 1, format,
		  args);
	va_end(args);
	buffer->size += (size_t)size;
}

void buffer_char(struct buffer *buffer, char c)
{
	*make_room(buffer, 1) = c;
	buffer->size++;
}

/* `value` with a point before its last `decimals` digits, if any. */
static void put(struct buffer *buffer, int64_t value, int decimals)
{
	char digits[NUMBER_TEXT], *end = digits + sizeof(digits), *at = end;
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
	int n = 0;

	do {
		if (decimals && n == decimals)
			*--at = '.';
		*--at = (char)('0' + rest % 10);
		rest /= 10;
		n++;
	} while (rest || n <= decimals);
	if (value < 0)
		*--at = '-';
	memcpy(make_room(buffer, (size_t)(end - at)), at, (size_t)(end - at));
	buffer->size += (size_t)(end - at);
}

void buffer_int(struct buffer *buffer, int64_t value)
{
	put(buffer, value, 0);
}

void buffer_millionths(struct buffer *buffer, int64_t value)
{
	put(buffer, value, 6);
}

void buffer_time(struct buffer *buffer, nstime_t time, int digits)
{
	if (digits == 6)
		put(buffer, time / 1000, 6);
	else
		put(buffer, time, 9);
}
