/* SPDX-License-Identifier: BSD-3-Clause */
#include "names.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/table.h"

#include <sys/stat.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER 24 /* octets for one */

static const char *const packed[] = {".gz",  ".xz",  ".zst",
				     ".bz2", ".lz4", NULL};
static const char *const traced[] = {".pcapng", ".pcap", ".cap", NULL};

/* Without the first of the suffixes that it has, if anything remains. */
static void cut_suffix(char *name, const char *const *suffixes)
{
	size_t length = strlen(name);

	for (; *suffixes; suffixes++) {
		size_t n = strlen(*suffixes);

		if (n < length && !strcmp(name + length - n, *suffixes)) {
			name[length - n] = '\0';
			return;
		}
	}
}

/* With room for a number. */
static char *name_of(const char *trace)
{
	const char *slash = strrchr(trace, '/');
	const char *base = slash ? slash + 1 : trace;
	char *name;

	if (!strcmp(base, "-"))
		base = "stdin";
	if (!*base || !strcmp(base, ".") || !strcmp(base, ".."))
		base = "trace"; /* it is none, but that is not for us to say */
	name = xmalloc(strlen(base) + NUMBER);
	strcpy(name, base);
	cut_suffix(name, packed);
	cut_suffix(name, traced);
	return name;
}

static uint64_t hash(const char *name)
{
	uint64_t sum = 0;

	for (; *name; name++)
		sum = hash_u64((unsigned char)*name, sum);
	return sum;
}

/* A name that a trace has, and the last number put after it for others. */
struct taken {
	const char *name;
	unsigned long number;
};

static bool same(const void *item, const void *key)
{
	const struct taken *taken = item;

	return !strcmp(taken->name, key);
}

/* Has something that is no directory, such as the trace itself, this name? A
 * link that leads to one might lead anywhere. */
static bool is_file(const char *name, const char *const *above, size_t n_above)
{
	for (size_t i = 0; i < n_above; i++) {
		char *path = file_in(above[i], name);
		struct stat is;
		bool taken = !lstat(path, &is) && !S_ISDIR(is.st_mode);

		free(path);
		if (taken)
			return true;
	}
	return false;
}

/* The next name like this that is not taken; *name is changed to it. */
static void number_it(const struct table *table, char *name,
		      const char *const *above, size_t n_above)
{
	struct taken *first = table_find(table, hash(name), same, name);
	unsigned long number = first ? first->number : 1;
	size_t length = strlen(name);

	while (table_find(table, hash(name), same, name) ||
	       is_file(name, above, n_above))
		snprintf(name + length, NUMBER, "-%lu", ++number);
	if (first)
		first->number = number;
}

char **names_of(char *const *traces, size_t n, const char *const *above,
		size_t n_above)
{
	char **names = xcalloc(n, sizeof(*names));
	struct taken *taken = xcalloc(n, sizeof(*taken));
	struct table table;

	table_init(&table);
	for (size_t i = 0; i < n; i++) {
		names[i] = name_of(traces[i]);
		number_it(&table, names[i], above, n_above);
		taken[i] = (struct taken){names[i], 1};
		table_add(&table, hash(names[i]), &taken[i]);
	}
	table_clear(&table);
	free(taken);
	return names;
}
