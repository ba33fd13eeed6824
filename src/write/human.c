/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/human.h"

#include "base/format.h"
#include "report/report.h"

#include <math.h>
#include <string.h>

/* With a space before it; copied whole. */
struct unit {
	char text[7];
	uint8_t size;
};

#define UNIT(name)                                                             \
	{                                                                      \
		" " name, sizeof(name)                                         \
	}

#define TIE 1e-3 /* so near to the middle of two numbers, printf decides */

/* Three digits, of which so many are decimals, of a number that counts the last
 * one; nothing of what has more, is negative, or rounds who knows how. Returns
 * how many octets it took; one more may be written over. */
static int three_digits(char *to, double exact, int places)
{
	int number, rest;
	char second, third;

	if (!(exact < 999) || signbit(exact))
		return 0;
	number = (int)exact;
	if (fabs(exact - number - 0.5) < TIE)
		return 0;
	number += exact - number > 0.5;
	rest = number % 100;
	second = (char)('0' + rest / 10);
	third = (char)('0' + rest % 10);
	to[0] = (char)('0' + number / 100);
	to[1] = places == 2 ? '.' : second;
	to[2] = places == 2 ? second : places ? '.' : third;
	to[3] = third;
	return places ? 4 : 3;
}

/* Three significant digits and a unit, in steps of 1000. */
static void scaled(struct phrase *phrase, double value,
		   const struct unit *units, int n)
{
	static const double tens[] = {1, 10, 100};
	int unit = 0, places, size;
	double scale = 1;

	while (unit + 1 < n && value >= 999.5 * scale) {
		scale *= 1000;
		unit++;
	}
	/* From 99.95, and 9.995; without fractions, that machines round each
	 * in its way. */
	places = value * 20 >= 1999 * scale    ? 0
		 : value * 200 >= 1999 * scale ? 1
					       : 2;
	value /= scale;
	size = three_digits(phrase->at, value * tens[places], places);
	if (!size)
		size =
		    format_text(phrase->at, HUMAN_ROOM, "%.*f", places, value);
	if (size > FORMAT_NUMBER) { /* nobody reads so many digits */
		phrase->at += size < HUMAN_ROOM ? size : HUMAN_ROOM - 1;
		return;
	}
	memcpy(phrase->at + size, &units[unit], sizeof(*units));
	phrase->at += size + units[unit].size;
}

static bool is_room(const struct phrase *phrase)
{
	return phrase_room(phrase) >= HUMAN_ROOM;
}

void phrase_bytes(struct phrase *phrase, int64_t bytes)
{
	static const struct unit units[] = {UNIT("B"), UNIT("kB"), UNIT("MB"),
					    UNIT("GB"), UNIT("TB")};

	if (!is_room(phrase))
		return;
	if (bytes == REPORT_UNKNOWN) {
		PHRASE_SAY(phrase, "-");
	} else if (bytes >= 1000) {
		scaled(phrase, (double)bytes, units, 5);
	} else {
		if (bytes < 0)
			PHRASE_SAY(phrase, "-");
		phrase_number(phrase, bytes < 0 ? 0 - (uint64_t)bytes
						: (uint64_t)bytes);
		PHRASE_SAY(phrase, " B");
	}
}

void phrase_rate(struct phrase *phrase, double bytes_per_s)
{
	static const struct unit units[] = {UNIT("bit/s"), UNIT("kbit/s"),
					    UNIT("Mbit/s"), UNIT("Gbit/s"),
					    UNIT("Tbit/s")};

	if (!is_room(phrase))
		return;
	if (isfinite(bytes_per_s))
		scaled(phrase, bytes_per_s * 8, units, 5);
	else
		PHRASE_SAY(phrase, "-");
}

void phrase_span(struct phrase *phrase, double seconds)
{
	static const struct unit units[] = {UNIT("us"), UNIT("ms"), UNIT("s")};

	if (!is_room(phrase))
		return;
	if (isfinite(seconds))
		scaled(phrase, seconds * 1e6, units, 3);
	else
		PHRASE_SAY(phrase, "-");
}

/* Of 1000 and more: a comma before each three digits, but the first ones. */
static void grouped(struct phrase *phrase, uint64_t number)
{
	char digits[FORMAT_NUMBER];
	int n = format_number(digits, number);

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*phrase->at++ = ',';
		*phrase->at++ = digits[i];
	}
}

void phrase_count(struct phrase *phrase, int64_t count)
{
	uint64_t number = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;

	if (!is_room(phrase))
		return;
	if (count < 0)
		PHRASE_SAY(phrase, "-");
	if (count == REPORT_UNKNOWN)
		return; /* which is below 0, too */
	if (number < 1000)
		phrase_number(phrase, number);
	else
		grouped(phrase, number);
}

/*
 * Alone.
 */
char *human_bytes(int64_t bytes, char *text)
{
	struct phrase phrase = phrase_begin(text, HUMAN_TEXT);

	phrase_bytes(&phrase, bytes);
	return phrase_end(&phrase, text);
}

char *human_rate(double bytes_per_s, char *text)
{
	struct phrase phrase = phrase_begin(text, HUMAN_TEXT);

	phrase_rate(&phrase, bytes_per_s);
	return phrase_end(&phrase, text);
}

char *human_span(double seconds, char *text)
{
	struct phrase phrase = phrase_begin(text, HUMAN_TEXT);

	phrase_span(&phrase, seconds);
	return phrase_end(&phrase, text);
}

char *human_count(int64_t count, char *text)
{
	struct phrase phrase = phrase_begin(text, HUMAN_TEXT);

	phrase_count(&phrase, count);
	return phrase_end(&phrase, text);
}

char *human_cell(const char *text, int number, int unit, char *cell)
{
	const char *space = strchr(text, ' ');
	int length = space ? (int)(space - text) : (int)strlen(text);

	format_text(cell, HUMAN_CELL, "%*.*s %-*s", number, length, text, unit,
		    space ? space + 1 : "");
	return cell;
}

void human_shorten(char *text, int width, bool unicode)
{
	const char *dots = unicode ? "\xe2\x80\xa6" : "..";
	int length = (int)strlen(text);
	int rest = width - (unicode ? 1 : 2); /* of the text */
	int head = rest / 2, tail = rest - head;
	size_t size = strlen(dots);

	if (length <= width)
		return;
	memmove(text + head + size, text + length - tail, (size_t)tail + 1);
	memcpy(text + head, dots, size);
}
