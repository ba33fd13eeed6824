/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/human.h"

#include "base/format.h"
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define UNIT_MAX 8 /* with a space */

/* Three significant digits and a unit, in steps of 1000. */
static char *scaled(double value, const char *const units[], int n, char *text)
{
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
	size = format_fixed(text, value, places);
	if (size < 0)
		size = format_text(text, HUMAN_TEXT, "%.*f", places, value);
	if (size + UNIT_MAX < HUMAN_TEXT) {
		text[size++] = ' ';
		strcpy(text + size, units[unit]);
	}
	return text;
}

char *human_bytes(int64_t bytes, char *text)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};

	if (bytes == REPORT_UNKNOWN)
		return strcpy(text, "-");
	if (bytes >= 1000)
		return scaled((double)bytes, units, 5, text);
	if (bytes < 0)
		format_text(text, HUMAN_TEXT, "%" PRId64 " B", bytes);
	else
		strcpy(text + format_number(text, (uint64_t)bytes), " B");
	return text;
}

char *human_rate(double bytes_per_s, char *text)
{
	static const char *const units[] = {"bit/s", "kbit/s", "Mbit/s",
					    "Gbit/s", "Tbit/s"};

	if (!isfinite(bytes_per_s))
		return strcpy(text, "-");
	return scaled(bytes_per_s * 8, units, 5, text);
}

char *human_span(double seconds, char *text)
{
	static const char *const units[] = {"us", "ms", "s"};

	if (!isfinite(seconds))
		return strcpy(text, "-");
	return scaled(seconds * 1e6, units, 3, text);
}

char *human_count(int64_t count, char *text)
{
	char digits[FORMAT_NUMBER];
	char *at = text;
	int n;

	if (count == REPORT_UNKNOWN)
		return strcpy(text, "-");
	if (count < 0)
		*at++ = '-';
	n = format_number(digits,
			  count < 0 ? 0 - (uint64_t)count : (uint64_t)count);
	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = '\0';
	return text;
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
