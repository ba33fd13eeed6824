/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/format.h"

#include "base/digits.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BODY	   32	/* of a number: digits, sign, fraction */
#define PLACES_MAX 3	/* of %f */
#define FIXED_MAX  1e9	/* likewise: so much is exact enough here, ... */
#define TIE	   1e-3 /* ... unless so near to the middle of two numbers */

/* What stands between '%' and the letter. */
struct spec {
	bool left, zeros;
	int width, places; /* places < 0: not said */
	int longs;	   /* of "l", "ll", "z" (as one) */
};

int format_number(char *to, uint64_t number)
{
	if (number < 10) {
		*to = (char)('0' + number);
		return 1;
	}
	return (int)(digits_uint(to, number) - to);
}

static int format_hex(char *to, uint64_t number)
{
	int n = 1;

	while (n < 16 && number >> (4 * n))
		n++;
	for (int i = n; i--; number >>= 4)
		to[i] = "0123456789abcdef"[number & 15];
	return n;
}

/* Rounds as printf does: by the exact value, which is no tie where this does
 * not give up (-1). */
int format_fixed(char *to, double value, int places)
{
	static const double tens[PLACES_MAX + 1] = {1, 10, 100, 1000};
	double scaled = value * tens[places];
	int64_t number;
	uint32_t parts; /* thousandths */
	int n;

	if (!(value < FIXED_MAX) || signbit(value))
		return -1;
	number = (int64_t)scaled;
	if (fabs(scaled - (double)number - 0.5) < TIE)
		return -1;
	number += scaled - (double)number > 0.5;
	switch (places) {
	case 0:
		return format_number(to, (uint64_t)number);
	case 1:
		parts = (uint32_t)(number % 10 * 100);
		number /= 10;
		break;
	case 2:
		parts = (uint32_t)(number % 100 * 10);
		number /= 100;
		break;
	default:
		parts = (uint32_t)(number % 1000);
		number /= 1000;
	}
	n = format_number(to, (uint64_t)number);
	to[n] = '.';
	to[n + 1] = (char)('0' + parts / 100);
	to[n + 2] = (char)('0' + parts / 10 % 10);
	to[n + 3] = (char)('0' + parts % 10);
	return n + 1 + places;
}

static int64_t signed_of(const struct spec *spec, va_list *args)
{
	return spec->longs > 1 ? va_arg(*args, long long)
	       : spec->longs   ? va_arg(*args, long)
			       : va_arg(*args, int);
}

static uint64_t unsigned_of(const struct spec *spec, va_list *args)
{
	return spec->longs > 1 ? va_arg(*args, unsigned long long)
	       : spec->longs   ? va_arg(*args, unsigned long)
			       : va_arg(*args, unsigned);
}

static int format_signed(char *to, int64_t number)
{
	if (number >= 0)
		return format_number(to, (uint64_t)number);
	*to = '-';
	return 1 + format_number(to + 1, 0 - (uint64_t)number);
}

/* Returns how many bytes it took, or -1 for what is left to vsnprintf. */
static int body_of(char *to, const struct spec *spec, char letter,
		   va_list *args)
{
	if (letter == 'f')
		return spec->longs || spec->places < 0 ||
			       spec->places > PLACES_MAX
			   ? -1
			   : format_fixed(to, va_arg(*args, double),
					  spec->places);
	if (spec->places >= 0)
		return -1;
	switch (letter) {
	case 'd':
		return format_signed(to, signed_of(spec, args));
	case 'u':
		return format_number(to, unsigned_of(spec, args));
	case 'x':
		return format_hex(to, unsigned_of(spec, args));
	case 'c':
		*to = (char)va_arg(*args, int);
		return spec->longs ? -1 : 1;
	default:
		return -1;
	}
}

/* Reads a number, or takes it from `args` where it is '*'. */
static const char *number_of(const char *format, int *number, va_list *args)
{
	if (*format == '*') {
		*number = va_arg(*args, int);
		return format + 1;
	}
	for (*number = 0; *format >= '0' && *format <= '9'; format++)
		if (*number < 10000)
			*number = *number * 10 + (*format - '0');
	return format;
}

/* Returns where the letter stands. */
static const char *spec_of(const char *format, struct spec *spec, va_list *args)
{
	*spec = (struct spec){.places = -1};
	for (;; format++) {
		if (*format == '-')
			spec->left = true;
		else if (*format == '0')
			spec->zeros = true;
		else
			break;
	}
	format = number_of(format, &spec->width, args);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*format == '.')
		format = number_of(format + 1, &spec->places, args);
	for (; *format == 'l' || *format == 'z'; format++)
		spec->longs++;
	return format;
}

static bool put(char **at, const char *end, const char *body, size_t size,
		const struct spec *spec)
{
	size_t width = (size_t)spec->width > size ? (size_t)spec->width : size;
	size_t empty = width - size;

	if ((size_t)(end - *at) < width)
		return false;
	if (empty && !spec->left) {
		memset(*at, ' ', empty);
		*at += empty;
	}
	memcpy(*at, body, size);
	*at += size;
	if (empty && spec->left) {
		memset(*at, ' ', empty);
		*at += empty;
	}
	return true;
}

/* One conversion; its '%' has been read. Returns what follows it, or NULL. */
static const char *convert(char **at, const char *end, const char *format,
			   va_list *args)
{
	char number[BODY];
	const char *body = number;
	struct spec spec;
	int size;

	format = spec_of(format, &spec, args);
	if (*format == '%') {
		number[0] = '%';
		size = 1;
	} else if (*format == 's') {
		body = va_arg(*args, const char *);
		if (!body)
			return NULL;
		size =
		    (int)(spec.places < 0 ? strlen(body)
					  : strnlen(body, (size_t)spec.places));
	} else {
		size = body_of(number, &spec, *format, args);
		if (size < 0)
			return NULL;
		/* Zeros come after the sign: only where there is none. */
		if (spec.zeros && spec.width > size) {
			int zeros = spec.width - size;

			if (spec.left || *number == '-' ||
			    spec.width > (int)sizeof(number))
				return NULL;
			memmove(number + zeros, number, (size_t)size);
			memset(number, '0', (size_t)zeros);
			size = spec.width;
		}
	}
	return put(at, end, body, (size_t)size, &spec) ? format + 1 : NULL;
}

/* Most of what there is: a string as it is. Returns whether there is room. */
static bool put_string(char **at, const char *end, const char *string)
{
	size_t size;

	if (!string)
		return false;
	size = strlen(string);
	if ((size_t)(end - *at) < size)
		return false;
	memcpy(*at, string, size);
	*at += size;
	return true;
}

/* What stands before the next '%', or the end of the format; as much of it as
 * there is room for. Returns what follows it. */
static const char *put_text(char **at, const char *end, const char *format)
{
	static const bool stops[256] = {['\0'] = true, ['%'] = true};
	char *to = *at;

	while (to < end && !stops[(unsigned char)*format])
		*to++ = *format++;
	*at = to;
	return format;
}

int format_args(char *to, size_t size, const char *format, va_list args)
{
	const char *next = format, *end;
	char *at = to;
	va_list rest;

	if (!size) /* and perhaps no `to` either */
		return vsnprintf(to, size, format, args);
	end = to + size;
	va_copy(rest, args);
	while (next) {
		next = put_text(&at, end, next);
		if (!*next || at == end)
			break;
		if (next[1] != 's')
			next = convert(&at, end, next + 1, &rest);
		else if (put_string(&at, end, va_arg(rest, const char *)))
			next += 2;
		else
			next = NULL;
	}
	va_end(rest);
	if (!next || at == end)
		return vsnprintf(to, size, format, args);
	*at = '\0';
	return (int)(at - to);
}

int format_text(char *to, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = format_args(to, size, format, args);
	va_end(args);
	return length;
}
