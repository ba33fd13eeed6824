/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What snprintf does, faster where it is used much: a report of 100,000
 * connections is some million small numbers and names.
 */
#ifndef BASE_FORMAT_H
#define BASE_FORMAT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* As snprintf, to the byte. Fast is what fits, of %s, %c and %%, of %d, %u and
 * %x of any length, and of %f with at most three digits, with or without a
 * width. */
int format_text(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int format_args(char *to, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* A number in decimal, to `to`, which has room for FORMAT_NUMBER, of which what
 * it does not need may be written over, without a '\0'. Returns how many digits
 * it took. */
#define FORMAT_NUMBER 20
int format_number(char *to, uint64_t number);

/* As "%.*f", of 0 to 3 places, without a '\0', to `to`, as above. Returns how
 * many bytes it took, or -1 where that is left to printf: of what is large,
 * negative, or between two roundings. */
int format_fixed(char *to, double value, int places);

/*
 * Text that is put together piece by piece, for what even reading a format
 * takes too long. A piece for which there is no room is left out. `end` is
 * where the '\0' has room, whether it comes or not.
 */
struct phrase {
	char *at, *end;
};

static inline struct phrase phrase_begin(char *text, size_t size)
{
	return (struct phrase){text, text + size - 1};
}

/* Ends what began with `text`, and returns it. */
static inline char *phrase_end(const struct phrase *phrase, char *text)
{
	*phrase->at = '\0';
	return text;
}

static inline size_t phrase_room(const struct phrase *phrase)
{
	return (size_t)(phrase->end - phrase->at);
}

static inline void phrase_put(struct phrase *phrase, const char *text,
			      size_t size)
{
	if (size > phrase_room(phrase))
		return;
	memcpy(phrase->at, text, size);
	phrase->at += size;
}

/* Of a string literal. */
#define PHRASE_SAY(phrase, text) phrase_put(phrase, "" text, sizeof(text) - 1)

static inline void phrase_string(struct phrase *phrase, const char *text)
{
	phrase_put(phrase, text, strlen(text));
}

static inline void phrase_number(struct phrase *phrase, uint64_t number)
{
	if (phrase_room(phrase) < FORMAT_NUMBER)
		return;
	if (number < 10) /* which is not worth a call */
		*phrase->at++ = (char)('0' + number);
	else
		phrase->at += format_number(phrase->at, number);
}

#endif
