/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/scribe.h"

#include "base/rare.h"

#define EIGHT_DIGITS 100000000u
#define ALL_DIGITS   ((uint64_t)EIGHT_DIGITS * EIGHT_DIGITS)
#define MILLION	     1000000u
#define BILLION	     1000000000u

/* What follows the first digits of a number: pieces of eight octets of text, of
 * which the last may have fewer; `size` in all. */
struct rest {
	uint64_t second, third, fourth;
	unsigned size;
};

/* Eight octets behind the text of a word that ends in `zeros` bits without:
 * what the word gets of them. The next one gets the others. */
static inline uint64_t behind(uint64_t text, unsigned zeros)
{
	return text << (63 - zeros) << 1;
}

/*
 * Up to eight digits without zeros before them, and the rest. It is put
 * together in registers, and goes to `at` at once, so that nobody waits for a
 * copy.
 */
OFTEN static char *learn(struct numeral *numeral, int64_t value, char *at,
			 uint32_t first, struct rest rest)
{
	uint64_t eight = digits_eight(first);
	/* In bits. The last digit is there, whatever it is. */
	unsigned zeros =
	    (unsigned)__builtin_ctzll(eight | (uint64_t)1 << 56) & ~7u;
	uint64_t size = 8 - zeros / 8 + rest.size;
	uint64_t *words = numeral->words;

	words[0] = digits_word((eight | DIGITS_ZEROS) >> zeros |
			       behind(rest.second, zeros));
	words[1] =
	    digits_word(rest.second >> zeros | behind(rest.third, zeros));
	/* numeral->size is its last octet. */
	words[2] = digits_word(rest.third >> zeros |
			       behind(rest.fourth, zeros) | size << 56);
	numeral->value = value;
	return numeral_copy(at, numeral, size);
}

/* Text that is there already, of what is rare. */
static char *learn_text(struct numeral *numeral, int64_t value, char *at,
			const char *end)
{
	memcpy(numeral->text, at, sizeof(numeral->text));
	numeral->value = value;
	numeral->size = (uint8_t)(end - at);
	return at + numeral->size;
}

static uint64_t eight_of(uint64_t n)
{
	return digits_eight((uint32_t)(n % EIGHT_DIGITS)) | DIGITS_ZEROS;
}

char *scribe_learn_int(struct numeral *numeral, char *at, int64_t value)
{
	const uint64_t n = (uint64_t)value;

	if (n < EIGHT_DIGITS)
		return learn(numeral, value, at, (uint32_t)n, (struct rest){0});
	if (n < ALL_DIGITS)
		return learn(numeral, value, at, (uint32_t)(n / EIGHT_DIGITS),
			     (struct rest){.second = eight_of(n), .size = 8});
	return learn_text(numeral, value, at, digits_int(at, value));
}

/* A point and six digits. */
static uint64_t point_six(uint64_t n)
{
	return (eight_of(n % MILLION) >> 8 & ~(uint64_t)0xff) | '.';
}

/* A point and the first seven of nine digits; the last two. */
static uint64_t point_seven(uint64_t n)
{
	return (eight_of(n % BILLION / 100) & ~(uint64_t)0xff) | '.';
}
static uint64_t two_of(uint64_t n)
{
	return eight_of(n % 100) >> 6 * 8;
}

char *scribe_learn_millionths(struct numeral *numeral, char *at, int64_t value)
{
	const uint64_t n = (uint64_t)value, whole = n / MILLION;

	if (whole < EIGHT_DIGITS)
		return learn(numeral, value, at, (uint32_t)whole,
			     (struct rest){.second = point_six(n), .size = 7});
	return learn_text(numeral, value, at, digits_millionths(at, value));
}

/* Of the seconds since 1970, or since something else. */
char *scribe_learn_time(struct numeral *numeral, char *at, nstime_t time,
			int digits)
{
	const uint64_t n = (uint64_t)time, micros = n / 1000;
	const uint64_t seconds = n / BILLION;
	const uint32_t high = (uint32_t)(seconds / EIGHT_DIGITS);

	if (time < 0)
		return learn_text(numeral, time, at,
				  digits_time(at, time, digits));
	if (!high && digits == 6)
		return learn(
		    numeral, time, at, (uint32_t)seconds,
		    (struct rest){.second = point_six(micros), .size = 7});
	if (!high)
		return learn(numeral, time, at, (uint32_t)seconds,
			     (struct rest){.second = point_seven(n),
					   .third = two_of(n),
					   .size = 10});
	if (digits == 6)
		return learn(numeral, time, at, high,
			     (struct rest){.second = eight_of(seconds),
					   .third = point_six(micros),
					   .size = 15});
	return learn(numeral, time, at, high,
		     (struct rest){.second = eight_of(seconds),
				   .third = point_seven(n),
				   .fourth = two_of(n),
				   .size = 18});
}

char *digits_many(char *at, int64_t value)
{
	return digits_int(at, value);
}

void scribe_init(struct scribe *scribe, int digits)
{
	char text[DIGITS_ROOM] = "";

	scribe->digits = digits;
	for (int i = 0; i < 1 << SCRIBE_BITS; i++) {
		scribe_learn_int(&scribe->ints[i], text, 0);
		scribe_learn_millionths(&scribe->millionths[i], text, 0);
		scribe_learn_time(&scribe->times[i], text, 0, digits);
	}
}
