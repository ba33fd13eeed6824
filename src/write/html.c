/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/html.h"

#include "base/alloc.h"
#include "base/shown.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *escape_of(char character)
{
	switch (character) {
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
		return NULL;
	}
}

void html_text(struct buffer *out, const char *text)
{
	while (*text) {
		bool harmless;
		int n = shown_character(text, &harmless);
		const char *escape =
		    harmless ? escape_of(*text) : "\xef\xbf\xbd";

		if (escape)
			buffer_text(out, escape);
		for (int i = 0; !escape && i < n; i++)
			buffer_char(out, text[i]);
		text += n;
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
