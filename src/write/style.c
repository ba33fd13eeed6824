/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/style.h"

#include <sys/ioctl.h>

#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define WIDTH_USUAL 80

/*
 * What each mark becomes. Of the colours only the first eight, as text on
 * whatever background there is: the bright ones, and yellow, cannot be read on
 * white, so that yellow is a background here, under black.
 */
#define FIRST_SUBFLOW '\x10'

static const char *const escapes[] = {
    [1] = "\033[0m",	 /* STYLE_END */
    [2] = "\033[1m",	 /* STYLE_HEAD: bold */
    [3] = "\033[2m",	 /* STYLE_LABEL: dim */
    [4] = "\033[32m",	 /* STYLE_GOOD: green */
    [5] = "\033[30;43m", /* STYLE_CARE: black on yellow */
    [6] = "\033[1;31m",	 /* STYLE_BAD: bold red */
    [FIRST_SUBFLOW] = "\033[36m",
    "\033[35m",
    "\033[33m",
    "\033[32m",
    "\033[34m",
};

#define ESCAPES	 (int)(sizeof(escapes) / sizeof(*escapes))
#define SUBFLOWS (ESCAPES - FIRST_SUBFLOW)

const char *style_state(enum conn_state state)
{
	static const char *const marks[] = {
	    [CONN_HANDSHAKE] = STYLE_CARE, [CONN_ESTABLISHED] = STYLE_GOOD,
	    [CONN_CLOSED] = STYLE_GOOD,	   [CONN_FASTCLOSED] = STYLE_BAD,
	    [CONN_RESET] = STYLE_BAD,	   [CONN_FALLBACK] = STYLE_CARE,
	};

	return marks[state];
}

const char *style_subflow_state(enum subflow_state state)
{
	static const char *const marks[] = {
	    [SUBFLOW_HANDSHAKE] = STYLE_CARE,
	    [SUBFLOW_ESTABLISHED] = STYLE_GOOD,
	    [SUBFLOW_HALF_CLOSED] = "",
	    [SUBFLOW_CLOSED] = STYLE_GOOD,
	    [SUBFLOW_RESET] = STYLE_BAD,
	    [SUBFLOW_REFUSED] = STYLE_BAD,
	    [SUBFLOW_UNANSWERED] = STYLE_BAD,
	    [SUBFLOW_PLAIN] = STYLE_CARE,
	};

	return marks[state];
}

const char *style_severity(enum severity severity)
{
	static const char *const marks[] = {
	    [NOTE] = STYLE_HEAD,
	    [WARNING] = STYLE_CARE,
	    [ERROR] = STYLE_BAD,
	};

	return marks[severity];
}

const char *style_verdict(enum verdict verdict)
{
	return verdict == BAD ? STYLE_BAD : "";
}

const char *style_subflow(int id)
{
	static const char marks[SUBFLOWS][2] = {
	    {FIRST_SUBFLOW},	 {FIRST_SUBFLOW + 1}, {FIRST_SUBFLOW + 2},
	    {FIRST_SUBFLOW + 3}, {FIRST_SUBFLOW + 4},
	};

	return marks[id % SUBFLOWS];
}

/* Is none of 8 bytes a mark, or part of a character of more? */
static bool is_simple(const char *text)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t bytes;

	memcpy(&bytes, text, sizeof(bytes));
	return !(((bytes - ones * ' ') | bytes) & ones * 0x80);
}

/* The mark's escape code, or NULL of what is no mark. */
static const char *escape_of(char c)
{
	unsigned char mark = (unsigned char)c;

	return mark < ESCAPES ? escapes[mark] : NULL;
}

/* How many columns it takes; 10xxxxxx goes on a character. */
static int columns_of(char c)
{
	return !escape_of(c) && ((unsigned char)c & 0xc0) != 0x80;
}

int style_columns(const char *text, size_t length)
{
	int columns = 0;

	for (size_t i = 0; i < length;) {
		if (length - i >= 8 && is_simple(text + i)) {
			columns += 8;
			i += 8;
		} else {
			columns += columns_of(text[i++]);
		}
	}
	return columns;
}

size_t style_strip(char *to, const char *text, size_t length, int *columns)
{
	char *at = to;

	for (size_t i = 0; i < length;) {
		if (length - i >= 8 && is_simple(text + i)) {
			memmove(at, text + i, 8);
			*columns += 8;
			at += 8;
			i += 8;
		} else {
			*columns += columns_of(text[i]);
			*at = text[i++];
			at += !escape_of(*at);
		}
	}
	return (size_t)(at - to);
}

void style_write(const struct style *style, FILE *file, const char *text,
		 size_t length)
{
	size_t start = 0; /* of what has no mark in it */

	for (size_t i = 0; i < length; i++) {
		const char *escape = escape_of(text[i]);

		if (!escape)
			continue;
		fwrite(text + start, 1, i - start, file);
		if (style->colour)
			fputs(escape, file);
		start = i + 1;
	}
	fwrite(text + start, 1, length - start, file);
}

/*
 * What there is.
 */
static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"); /* no-color.org */
	const char *term = getenv("TERM");

	return (!no || !*no) && term && *term && strcmp(term, "dumb") != 0;
}

/* The locale says which characters there are, and nothing else here. It is
 * asked once, while its files can be read. */
static bool is_utf8(void)
{
	static bool is, known;

	if (!known) {
		setlocale(LC_CTYPE, "");
		is = !strcmp(nl_langinfo(CODESET), "UTF-8");
		setlocale(LC_CTYPE, "C");
		known = true;
	}
	return is;
}

static int width_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int width = 0;

	if (!ioctl(fd, TIOCGWINSZ, &size))
		width = size.ws_col;
	if (!width && columns)
		width = atoi(columns);
	if (width <= 0)
		width = WIDTH_USUAL;
	return width < STYLE_WIDTH_MIN ? STYLE_WIDTH_MIN : width;
}

void style_detect(struct style *style, FILE *file)
{
	*style = (struct style){.terminal = isatty(fileno(file))};
	if (!style->terminal)
		return;
	style->colour = wants_colour();
	style->unicode = is_utf8();
	style->width = width_of(fileno(file));
}
