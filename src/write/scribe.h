/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who writes the numbers of graphs, and remembers how the latest ones look:
 * the same time, sequence number or delay is in row after row, of one figure
 * and of others, so most need not be made again. Room at `at` as in
 * base/digits.h.
 */
#ifndef WRITE_SCRIBE_H
#define WRITE_SCRIBE_H

#include "base/digits.h"

#define SCRIBE_BITS 7 /* of the place of a number */

#define NUMERAL_WORDS 3

/* Written and copied in the same words: to read a word of what was just written
 * in other pieces is slow. */
struct numeral {
	int64_t value;
	union {
		uint64_t words[NUMERAL_WORDS];
		struct {
			char text[8 * NUMERAL_WORDS - 1]; /* of any */
			uint8_t size;
		};
	};
};

struct scribe {
	int digits; /* of times, 6 or 9 */
	/* Each has its number in some form, the right one. */
	struct numeral ints[1 << SCRIBE_BITS];
	struct numeral millionths[1 << SCRIBE_BITS];
	struct numeral times[1 << SCRIBE_BITS];
};

void scribe_init(struct scribe *scribe, int digits);

/* Apart from where points pass. */
char *digits_many(char *at, int64_t value);

/* As digits_int, for what is mostly from 0 to 9. */
OFTEN static char *digits_few(char *at, int value)
{
	if ((unsigned)value > 9)
		return digits_many(at, value);
	*at = (char)('0' + value);
	return at + 1;
}

/* Writes a number at `at`, and remembers it in its place. */
char *scribe_learn_int(struct numeral *numeral, char *at, int64_t value);
char *scribe_learn_millionths(struct numeral *numeral, char *at, int64_t value);
char *scribe_learn_time(struct numeral *numeral, char *at, nstime_t time,
			int digits);

static inline struct numeral *scribe_place(struct numeral *numerals,
					   int64_t value)
{
	return &numerals[(uint64_t)value * 0x9e3779b97f4a7c15 >>
			 (64 - SCRIBE_BITS)];
}

/* Its text, which has that size, and what is behind it. */
static inline char *numeral_copy(char *at, const struct numeral *numeral,
				 size_t size)
{
	for (int i = 0; i < NUMERAL_WORDS; i++)
		memcpy(at + 8 * i, &numeral->words[i], 8);
	return at + size;
}

static inline char *scribe_int(struct scribe *scribe, char *at, int64_t value)
{
	struct numeral *numeral = scribe_place(scribe->ints, value);

	if (numeral->value != value)
		return scribe_learn_int(numeral, at, value);
	return numeral_copy(at, numeral, numeral->size);
}

static inline char *scribe_millionths(struct scribe *scribe, char *at,
				      int64_t value)
{
	struct numeral *numeral = scribe_place(scribe->millionths, value);

	if (numeral->value != value)
		return scribe_learn_millionths(numeral, at, value);
	return numeral_copy(at, numeral, numeral->size);
}

static inline char *scribe_time(struct scribe *scribe, char *at, nstime_t time)
{
	struct numeral *numeral = scribe_place(scribe->times, time);

	if (numeral->value != time)
		return scribe_learn_time(numeral, at, time, scribe->digits);
	return numeral_copy(at, numeral, numeral->size);
}

#endif
