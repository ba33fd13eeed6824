/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/literal.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 256 /* no literal is longer */

/* How each kind is written. */
static const char *const forms[] = {
    [TERM_COUNT] = "a whole number",
    [TERM_BYTES] = "a number of bytes, like 1500, 64k or 1.5M",
    [TERM_RATE] = "a rate in bytes a second, like 500k or 1.5M",
    [TERM_SPAN] = "a span of time, like 10s, 250ms or 2m",
    [TERM_MOMENT] = "a moment: seconds since 1970, or UTC like 2026-01-31",
    [TERM_WORD] = "a word",
    [TERM_ADDRESS] = "an address, or a prefix like 10.0.0.0/8",
};

static const struct {
	enum term_kind kind;
	const char *name;
	int64_t times;
} units[] = {
    {TERM_COUNT, "", 1},
    {TERM_COUNT, "k", 1000},
    {TERM_COUNT, "m", 1000000},
    {TERM_BYTES, "", 1},
    {TERM_BYTES, "k", 1000},
    {TERM_BYTES, "m", 1000000},
    {TERM_BYTES, "g", 1000000000},
    {TERM_BYTES, "t", 1000000000000},
    {TERM_RATE, "", 1},
    {TERM_RATE, "k", 1000},
    {TERM_RATE, "m", 1000000},
    {TERM_RATE, "g", 1000000000},
    {TERM_SPAN, "", NSTIME_SECOND},
    {TERM_SPAN, "ns", 1},
    {TERM_SPAN, "us", 1000},
    {TERM_SPAN, "ms", 1000000},
    {TERM_SPAN, "s", NSTIME_SECOND},
    {TERM_SPAN, "m", 60 * NSTIME_SECOND},
    {TERM_SPAN, "h", 3600 * NSTIME_SECOND},
    {TERM_MOMENT, "", NSTIME_SECOND},
};

static int64_t unit_of(enum term_kind kind, const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (units[i].kind == kind && !strcmp(units[i].name, name))
			return units[i].times;
	return 0;
}

/* Digits with `decimals` of them behind the point, times `times`, if that is
 * a whole number that there is. */
static bool scale(int64_t digits, int decimals, int64_t times, int64_t *number)
{
	for (; decimals && times % 10 == 0; decimals--)
		times /= 10;
	for (; decimals && digits % 10 == 0; decimals--)
		digits /= 10;
	if (decimals || !times || digits > INT64_MAX / times)
		return false;
	*number = digits * times;
	return true;
}

static bool read_hexadecimal(const char *text, int64_t *number)
{
	char *end;
	unsigned long long value = strtoull(text + 2, &end, 16);

	*number = (int64_t)value;
	return isxdigit((unsigned char)text[2]) && !*end && value <= UINT32_MAX;
}

static bool read_number(enum term_kind kind, const char *text, int64_t *number)
{
	int64_t digits = 0;
	int n = 0, decimals = 0;
	bool point = false;

	if (kind == TERM_COUNT && !strncmp(text, "0x", 2))
		return read_hexadecimal(text, number);
	for (; isdigit((unsigned char)*text) || (*text == '.' && !point);
	     text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		if (digits > INT64_MAX / 10 - 1)
			return false;
		digits = digits * 10 + (*text - '0');
		decimals += point;
		n++;
	}
	return n && scale(digits, decimals, unit_of(kind, text), number);
}

/* Days since 1970 of a date in the calendar of today. */
static int64_t days_of(int year, int month, int day)
{
	/* The year begins in March, so that the leap day is its last. */
	int64_t years = month > 2 ? year : year - 1;
	int64_t days = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;

	return years * 365 + years / 4 - years / 100 + years / 400 + days +
	       day - 719469;
}

static bool read_date(const char *text, int64_t *number)
{
	int year, month, day, hour = 0, minute = 0, size = 0, more = 0;
	int64_t seconds = 0;

	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &size) != 3 ||
	    year < 1970 || year > 2100 || month < 1 || month > 12 || day < 1 ||
	    day > 31)
		return false;
	text += size;
	if (sscanf(text, "t%2d:%2d%n", &hour, &minute, &more) == 2 && more) {
		if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
			return false;
		text += more;
		if (*text == ':' &&
		    (!read_number(TERM_MOMENT, text + 1, &seconds) ||
		     seconds > 60 * NSTIME_SECOND))
			return false;
		if (*text == ':')
			text += strlen(text);
	}
	*number = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 *
		      NSTIME_SECOND +
		  seconds;
	return !*text;
}

static bool read_moment(char *text, int64_t *number)
{
	size_t size = strlen(text);

	if (size && text[size - 1] == 'z')
		text[size - 1] = '\0';
	return read_number(TERM_MOMENT, text, number) ||
	       read_date(text, number);
}

static bool read_address(struct literal *literal, char *text)
{
	char *slash = strchr(text, '/');
	unsigned most;
	int64_t bits;

	if (slash)
		*slash = '\0';
	literal->address.family = strchr(text, ':') ? 6 : 4;
	most = literal->address.family == 6 ? 128 : 32;
	literal->bits = most;
	if (inet_pton(most == 128 ? AF_INET6 : AF_INET, text,
		      literal->address.bytes) != 1)
		return false;
	if (!slash)
		return true;
	if (!read_number(TERM_COUNT, slash + 1, &bits) || bits > most)
		return false;
	literal->bits = (unsigned)bits;
	return true;
}

/* Its place among the words of the term. */
static bool find_word(const struct term *term, const char *word, int64_t *place)
{
	const char *one;

	for (size_t i = 0; (one = term->words(i)); i++)
		if (!strcmp(one, word)) {
			*place = (int64_t)i;
			return true;
		}
	return false;
}

static int no_word(const struct term *term, struct err *err)
{
	char text[512] = "";
	const char *one;

	for (size_t i = 0; (one = term->words(i)); i++) {
		strcat(text, " ");
		strcat(text, one);
	}
	return err_set(err, "no such %s; there are%s", term->name, text);
}

static int read_one(struct literal *literal, bool part, char *text,
		    struct err *err)
{
	const struct term *term = literal->term;
	bool good = true;

	switch (term->kind) {
	case TERM_WORD:
		if (term->words && !part &&
		    !find_word(term, text, &literal->number))
			return no_word(term, err);
		break;
	case TERM_ADDRESS:
		good = part || read_address(literal, text);
		break;
	case TERM_MOMENT:
		good = read_moment(text, &literal->number);
		break;
	case TERM_COUNT:
	case TERM_BYTES:
	case TERM_RATE:
	case TERM_SPAN:
		good = read_number(term->kind, text, &literal->number);
		break;
	}
	return good ? 0 : err_set(err, "it should be %s", forms[term->kind]);
}

int literal_read(struct literal *literal, const struct term *term, bool part,
		 const char *text, size_t size, struct err *err)
{
	char small[TEXT_MAX] = "";

	if (size >= sizeof(small))
		return err_set(err, "it should be %s", forms[term->kind]);
	for (size_t i = 0; i < size; i++)
		small[i] = (char)tolower((unsigned char)text[i]);
	*literal = (struct literal){.term = term};
	if (term->kind >= TERM_WORD)
		literal->word = xstrdup(small);
	if (!read_one(literal, part, small, err))
		return 0;
	literal_clear(literal);
	return -1;
}

void literal_clear(struct literal *literal)
{
	free(literal->word);
	literal->word = NULL;
}

static int order_of(int64_t value, int64_t literal)
{
	return (value > literal) - (value < literal);
}

static int order_words(const struct literal *literal, const char *word)
{
	int64_t place = 0;

	if (!literal->term->ordered)
		return strcmp(word, literal->word) != 0;
	find_word(literal->term, word, &place);
	return order_of(place, literal->number);
}

static bool has_prefix(const struct literal *literal,
		       const struct address *address)
{
	unsigned bytes = literal->bits / 8, rest = literal->bits % 8;
	const uint8_t *a = literal->address.bytes, *b = address->bytes;

	return address->family == literal->address.family &&
	       !memcmp(a, b, bytes) &&
	       (!rest || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0);
}

int literal_order(const struct literal *literal, const struct term_value *value)
{
	if (literal->term->kind == TERM_WORD)
		return order_words(literal, value->word);
	if (literal->term->kind == TERM_ADDRESS)
		return !has_prefix(literal, &value->address);
	return order_of(value->number, literal->number);
}

bool literal_in(const struct literal *literal, const struct term_value *value)
{
	char text[ENDPOINT_TEXT];

	if (literal->term->kind == TERM_WORD)
		return strstr(value->word, literal->word);
	return strstr(address_print(&value->address, text), literal->word);
}
