/* SPDX-License-Identifier: BSD-3-Clause */
#include "place.h"

#include "fuzz.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TRACES	2
#define ROOM	512
#define HERE	"/dev/shm"
#define DEPTH	4 /* that anything we write has */
#define PATTERN "/mptcptrace-fuzz-XXXXXX"

static struct {
	char directory[ROOM], traces[TRACES][ROOM + 16];
	int out, before;
	pid_t owner;
} place;

/* Removes what is in a directory, which is closed. */
static void empty(int directory, int depth)
{
	DIR *all = fdopendir(directory);
	struct dirent *entry;

	MUST(all && depth < DEPTH);
	while ((entry = readdir(all))) {
		int sub;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (!unlinkat(dirfd(all), entry->d_name, 0))
			continue;
		sub = openat(dirfd(all), entry->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		MUST(sub >= 0);
		empty(sub, depth + 1);
		unlinkat(dirfd(all), entry->d_name, AT_REMOVEDIR);
	}
	closedir(all);
}

static void sweep(void)
{
	int directory;

	if (place.owner != getpid())
		return;
	directory = open(place.directory, O_RDONLY | O_DIRECTORY);
	if (directory >= 0)
		empty(directory, 0);
	rmdir(place.directory);
}

const char *place_directory(void)
{
	const char *given = getenv("MPTCPTRACE_FUZZ_DIRECTORY");
	const char *parent = given		   ? given
			     : !access(HERE, W_OK) ? HERE
			     : getenv("TMPDIR")	   ? getenv("TMPDIR")
						   : "/tmp";
	char out[ROOM + 16];

	if (*place.directory)
		return place.directory;
	MUST(strlen(parent) < ROOM - sizeof(PATTERN));
	strcpy(place.directory, parent);
	strcat(place.directory, PATTERN);
	MUST(mkdtemp(place.directory));
	place.owner = getpid();
	atexit(sweep);
	for (int i = 0; i < TRACES; i++)
		snprintf(place.traces[i], sizeof(place.traces[i]), "%s/%d",
			 place.directory, i);
	snprintf(out, sizeof(out), "%s/out", place.directory);
	MUST(!mkdir(out, 0700));
	place.out = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(place.out >= 0);
	MUST(!setenv("TMPDIR", place.directory, 1));
	return place.directory;
}

FILE *place_open(int n)
{
	FILE *file = fopen(place_trace(n), "w");

	MUST(file);
	return file;
}

const char *place_trace(int n)
{
	place_directory();
	return place.traces[n];
}

void place_enter(void)
{
	place_directory();
	place.before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(place.before >= 0 && !fchdir(place.out));
}

void place_leave(void)
{
	empty(openat(place.out, ".", O_RDONLY | O_DIRECTORY), 0);
	MUST(!fchdir(place.before));
	close(place.before);
}
