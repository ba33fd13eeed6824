/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/leftovers.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define LEFTOVERS_MAX 8 /* more are left */
#define PASSES	      3 /* another thread may still put files there */

/* A handler can neither allocate nor open a directory: both are done before. */
static struct leftover {
	volatile sig_atomic_t used;
	char path[PATH_MAX];
	DIR *directory; /* NULL: a file */
} leftovers[LEFTOVERS_MAX];

static int add(const char *path, DIR *directory)
{
	for (int i = 0; i < LEFTOVERS_MAX; i++) {
		struct leftover *leftover = &leftovers[i];

		if (leftover->used || strlen(path) >= sizeof(leftover->path))
			continue;
		strcpy(leftover->path, path);
		leftover->directory = directory;
		leftover->used = true;
		return i;
	}
	if (directory)
		closedir(directory);
	errno = ENAMETOOLONG;
	return -1;
}

int leftover_file(const char *path)
{
	return add(path, NULL);
}

int leftover_directory(const char *path)
{
	DIR *directory = opendir(path);

	return directory ? add(path, directory) : -1;
}

static void empty(DIR *directory)
{
	const struct dirent *entry;

	rewinddir(directory);
	while ((entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0);
}

static void sweep(const struct leftover *leftover)
{
	if (!leftover->directory) {
		unlink(leftover->path);
		return;
	}
	for (int i = 0; i < PASSES; i++) {
		empty(leftover->directory);
		if (!rmdir(leftover->path))
			break;
	}
}

/* A handler must not meet a directory that is being read. */
static void hold_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, before);
}

void leftover_keep(int which)
{
	struct leftover *leftover = &leftovers[which < 0 ? 0 : which];
	sigset_t before;

	if (which < 0)
		return;
	hold_signals(&before);
	leftover->used = false;
	if (leftover->directory)
		closedir(leftover->directory);
	leftover->directory = NULL;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void leftover_remove(int which)
{
	sigset_t before;

	if (which < 0)
		return;
	hold_signals(&before);
	sweep(&leftovers[which]);
	leftover_keep(which);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void leftovers_remove(void)
{
	for (int i = 0; i < LEFTOVERS_MAX; i++)
		if (leftovers[i].used)
			sweep(&leftovers[i]);
}

void leftovers_forget(void)
{
	for (int i = 0; i < LEFTOVERS_MAX; i++)
		leftovers[i].used = false;
}
