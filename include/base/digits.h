/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers as text where there are many: eight digits are made at once, without
 * a loop over them and without a branch on how many there are. Each function
 * writes at `at`, where there is room for DIGITS_ROOM, and returns where its
 * text ends; what is beyond, up to DIGITS_ROOM, may be written over.
 */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include "base/nstime.h"
#include "base/rare.h"

#include <stdint.h>
#include <string.h>

#define DIGITS_ROOM 32 /* sign, 19 digits and a point; eight at once */

/* Eight digits of n < 10^8, a nibble each, the first in the lowest octet:
 * halves of four, then of two, then of one. */
static inline uint64_t digits_eight(uint32_t n)
{
	uint64_t fours = n / 10000 | (uint64_t)(n % 10000) << 32;
	/* x / 100 for x < 10^4, and x / 10 for x < 100 */
	uint64_t high = (fours * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t twos = high | (fours - 100 * high) << 16;

	high = (twos * 103 >> 10) & 0x000f000f000f000f;
	return high | (twos - 10 * high) << 8;
}

#define DIGITS_ZEROS 0x3030303030303030 /* makes text of it */

/* Eight octets, the first in the lowest one, in the order of memory. */
static inline uint64_t digits_word(uint64_t text)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	text = __builtin_bswap64(text);
#endif
	return text;
}

static inline void digits_store(char *at, uint64_t eight)
{
	eight = digits_word(eight | DIGITS_ZEROS);
	memcpy(at, &eight, sizeof(eight));
}

/* n < 10^8, as many digits as it has. */
static inline char *digits_short(char *at, uint32_t n)
{
	uint64_t eight = digits_eight(n);
	/* The last digit is there, whatever it is. */
	int zeros = __builtin_ctzll(eight | (uint64_t)1 << 56) / 8;

	digits_store(at, eight >> 8 * zeros);
	return at + 8 - zeros;
}

/* Writes over no more than 20 octets, whatever it is. */
static inline char *digits_uint(char *at, uint64_t n)
{
	const uint32_t power = 100000000;

	if (n < power)
		return digits_short(at, (uint32_t)n);
	if (n / power < power) {
		at = digits_short(at, (uint32_t)(n / power));
	} else {
		at = digits_short(at, (uint32_t)(n / power / power));
		digits_store(at, digits_eight((uint32_t)(n / power % power)));
		at += 8;
	}
	digits_store(at, digits_eight((uint32_t)(n % power)));
	return at + 8;
}

/* Writes the sign of `value`, and gives what it is without. */
static inline uint64_t digits_sign(char **at, int64_t value)
{
	**at = '-';
	*at += value < 0;
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static inline char *digits_int(char *at, int64_t value)
{
	uint64_t n = digits_sign(&at, value);

	return digits_uint(at, n);
}

/* So many millionths, with six decimals. */
static inline char *digits_millionths(char *at, int64_t value)
{
	uint64_t n = digits_sign(&at, value);

	at = digits_uint(at, n / 1000000);
	*at = '.';
	digits_store(at + 1, digits_eight((uint32_t)(n % 1000000)) >> 2 * 8);
	return at + 7;
}

/* So many billionths, with nine. */
static inline char *digits_billionths(char *at, int64_t value)
{
	uint64_t n = digits_sign(&at, value);
	uint32_t rest = (uint32_t)(n % 1000000000);

	at = digits_uint(at, n / 1000000000);
	at[0] = '.';
	at[1] = (char)('0' + rest / 100000000);
	digits_store(at + 2, digits_eight(rest % 100000000));
	return at + 10;
}

/* Seconds with `digits` (6 or 9) decimals, the rest cut off. */
static inline char *digits_time(char *at, nstime_t time, int digits)
{
	return digits == 6 ? digits_millionths(at, time / 1000)
			   : digits_billionths(at, time);
}

static inline char *digits_text(char *at, const char *text)
{
	size_t size = strlen(text);

	memcpy(at, text, size);
	return at + size;
}

#endif
