/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Leads a harness without a fuzzer: runs each file that is given, or each of
 * regress/HARNESS. TAP, a line a file; one that crashes is the last one, and
 * then there are fewer than the plan says.
 */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOM 4096

/* The file's octets in memory of just that size. */
static uint8_t *read_file(const char *name, size_t *size)
{
	FILE *file = fopen(name, "rb");
	uint8_t *bytes;
	long n;

	if (!file || fseek(file, 0, SEEK_END) || (n = ftell(file)) < 0) {
		perror(name);
		exit(1);
	}
	rewind(file);
	*size = (size_t)n;
	bytes = malloc(*size + !*size);
	MUST(bytes && fread(bytes, 1, *size, file) == *size);
	fclose(file);
	return bytes;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The names in a directory. */
static char **list(const char *directory, int *n)
{
	struct dirent **entries;
	char **names;

	*n = scandir(directory, &entries, visible, alphasort);
	if (*n < 0) {
		perror(directory);
		exit(1);
	}
	names = calloc((size_t)*n + 1, sizeof(*names));
	MUST(names);
	for (int i = 0; i < *n; i++) {
		size_t size =
		    strlen(directory) + strlen(entries[i]->d_name) + 2;

		names[i] = malloc(size);
		MUST(names[i]);
		snprintf(names[i], size, "%s/%s", directory,
			 entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return names;
}

/* replay_NAME is for regress/NAME. */
static char **list_regress(const char *program, int *n)
{
	const char *source = getenv("srcdir");
	const char *name = strrchr(program, '_');
	char directory[ROOM];

	MUST(name);
	snprintf(directory, sizeof(directory), "%s/tests/fuzz/regress/%s",
		 source ? source : ".", name + 1);
	return list(directory, n);
}

int main(int argc, char **argv)
{
	char **names = argv + 1;
	int n = argc - 1;
	FILE *tap = fdopen(dup(STDOUT_FILENO), "w");

	MUST(tap);
	if (!n)
		names = list_regress(argv[0], &n);
	fprintf(tap, "1..%d\n", n);
	for (int i = 0; i < n; i++) {
		const char *base = strrchr(names[i], '/');
		size_t size;
		uint8_t *bytes = read_file(names[i], &size);

		fflush(tap);
		LLVMFuzzerTestOneInput(bytes, size);
		fprintf(tap, "ok %d - %s\n", i + 1, base ? base + 1 : names[i]);
		free(bytes);
		if (names != argv + 1)
			free(names[i]);
	}
	if (names != argv + 1)
		free(names);
	fclose(tap);
	return 0;
}
