/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/scribe.h"

/* The text goes to `at` at once, so that nobody waits for its copy. */
static char *learn(struct numeral *numeral, int64_t value, char *at, char *end)
{
	numeral->value = value;
	numeral->size = (uint8_t)(end - at);
	memcpy(numeral->text, at, sizeof(numeral->text));
	return end;
}

char *scribe_learn_int(struct numeral *numeral, char *at, int64_t value)
{
	return learn(numeral, value, at, digits_int(at, value));
}

char *scribe_learn_millionths(struct numeral *numeral, char *at, int64_t value)
{
	return learn(numeral, value, at, digits_millionths(at, value));
}

char *scribe_learn_time(struct numeral *numeral, char *at, nstime_t time,
			int digits)
{
	return learn(numeral, time, at, digits_time(at, time, digits));
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
