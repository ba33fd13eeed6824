/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/html.h"

#include "base/alloc.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many octets the character at `at` has, and which it is; 0: it is none,
 * in UTF-8 (RFC 3629). */
static int character(const unsigned char *at, uint32_t *code)
{
	/* By number of octets: bits of the first, and the least worth it. */
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {
	    {0x80, 0x00, 0},
	    {0xe0, 0xc0, 0x80},
	    {0xf0, 0xe0, 0x800},
	    {0xf8, 0xf0, 0x10000},
	};
	int n = 0;

	while (n < 4 && (*at & forms[n].mask) != forms[n].lead)
		n++;
	if (n == 4)
		return 0;
	*code = *at & (unsigned char)~forms[n].mask;
	for (int i = 1; i <= n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (at[i] & 0x3f);
	}
	return *code >= forms[n].least && *code <= 0x10ffff &&
		       (*code < 0xd800 || *code > 0xdfff)
		   ? n + 1
		   : 0;
}

/* Controls, and what turns text around (Unicode's Bidi_Control). */
static bool controls(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	       code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

static const char *escape_of(uint32_t code)
{
	switch (code) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return controls(code) ? "\xef\xbf\xbd" : NULL;
	}
}

void html_text(struct buffer *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		uint32_t code = 0; /* a control, if it is none at all */
		int n = character(at, &code);
		const char *escape = escape_of(n ? code : 0);

		if (!n)
			n = 1;
		if (escape)
			buffer_text(out, escape);
		for (int i = 0; !escape && i < n; i++)
			buffer_char(out, (char)at[i]);
		at += n;
	}
}

char *html_time(nstime_t time, int digits, char *text)
{
	time_t seconds = (time_t)(time / NSTIME_SECOND);
	int64_t fraction = time % NSTIME_SECOND;
	struct tm utc;
	size_t size;

	if (fraction < 0) {
		fraction += NSTIME_SECOND;
		seconds--;
	}
	if (time == NSTIME_NONE || !gmtime_r(&seconds, &utc))
		return strcpy(text, "-");
	size = strftime(text, HTML_TIME, "%Y-%m-%d %H:%M:%S", &utc);
	snprintf(text + size, HTML_TIME - size, ".%0*" PRId64, digits,
		 digits == 6 ? fraction / 1000 : fraction);
	return text;
}

void html_since(struct buffer *out, nstime_t from, nstime_t to, int digits)
{
	nstime_t span = nstime_span(from, to);

	if (span == NSTIME_NONE)
		buffer_char(out, '-');
	else
		buffer_time(out, span, digits);
}
