/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/scribe.h"

static void learn(struct numeral *numeral, int64_t value, const char *text,
		  const char *end)
{
	numeral->value = value;
	numeral->size = (uint8_t)(end - text);
	memcpy(numeral->text, text, sizeof(numeral->text));
}

void scribe_learn_int(struct numeral *numeral, int64_t value)
{
	char text[DIGITS_ROOM];

	learn(numeral, value, text, digits_int(text, value));
}

void scribe_learn_millionths(struct numeral *numeral, int64_t value)
{
	char text[DIGITS_ROOM];

	learn(numeral, value, text, digits_millionths(text, value));
}

void scribe_learn_time(struct numeral *numeral, nstime_t time, int digits)
{
	char text[DIGITS_ROOM];

	learn(numeral, time, text, digits_time(text, time, digits));
}

void scribe_init(struct scribe *scribe, int digits)
{
	scribe->digits = digits;
	for (int i = 0; i < 1 << SCRIBE_BITS; i++) {
		scribe_learn_int(&scribe->ints[i], 0);
		scribe_learn_millionths(&scribe->millionths[i], 0);
		scribe_learn_time(&scribe->times[i], 0, digits);
	}
}
