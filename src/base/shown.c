/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/shown.h"

#include <stdint.h>

/* How many octets the character at `at` has, and which it is; 0: it is none. */
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

static bool controls(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	       code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

int shown_character(const char *text, bool *harmless)
{
	uint32_t code;
	int n = character((const unsigned char *)text, &code);

	*harmless = n && !controls(code);
	return n ? n : 1;
}

int shown_put_character(const char *text, FILE *file)
{
	bool harmless;
	int n = shown_character(text, &harmless);

	for (int i = 0; i < n; i++)
		if (harmless)
			fputc(text[i], file);
		else
			fprintf(file, "\\x%02x", (unsigned)text[i] & 0xff);
	return n;
}

void shown_put(const char *text, FILE *file)
{
	while (*text)
		text += shown_put_character(text, file);
}
