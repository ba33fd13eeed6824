/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file.h"

#include "base/alloc.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY "/mptcptrace-XXXXXX"

bool file_is_one_of(const char *name, const char *const *others, size_t n)
{
	struct stat one, other;

	if (stat(name, &one) || !S_ISREG(one.st_mode))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!stat(others[i], &other) && one.st_dev == other.st_dev &&
		    one.st_ino == other.st_ino)
			return true;
	return false;
}

static const char *temporary_directory(void)
{
	const char *directory = getenv("TMPDIR");

	return directory && *directory ? directory : P_tmpdir;
}

int file_temporary_failed(struct err *err, int error)
{
	return err_set(err, "a temporary file in %s: %s", temporary_directory(),
		       strerror(error));
}

int file_temporary(void)
{
	const char *directory = temporary_directory();
	char *path;
	int fd;

	path = xmalloc(strlen(directory) + sizeof(TEMPORARY));
	strcat(strcpy(path, directory), TEMPORARY);
	fd = mkstemp(path);
	if (fd >= 0) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		unlink(path);
	}
	free(path);
	return fd;
}

/* A pipe's reader, or a person, may want to see soon what there is. */
void file_widen(FILE *file, char room[FILE_ROOM])
{
	struct stat is;

	if (!fstat(fileno(file), &is) && S_ISREG(is.st_mode))
		setvbuf(file, room, _IOFBF, FILE_ROOM);
}

int file_write(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size) {
		ssize_t n = write(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int file_finish(FILE *file)
{
	int before = errno;

	if (fflush(file))
		return -1;
	if (!ferror(file))
		return 0;
	/* It failed before: why is known if nothing else went wrong since. */
	switch (before) {
	case ENOSPC:
	case EFBIG:
	case EDQUOT:
	case EPIPE:
	case EBADF:
		errno = before;
		break;
	default:
		errno = EIO;
	}
	return -1;
}

FILE *file_temporary_stream(void)
{
	int fd = file_temporary();
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

char *file_in(const char *directory, const char *name)
{
	size_t size = strlen(directory) + strlen(name) + 2;
	char *path = xmalloc(size);

	if (!strcmp(directory, "."))
		strcpy(path, name);
	else
		snprintf(path, size, "%s/%s", directory, name);
	return path;
}

int file_make_directory(const char *directory, struct err *err)
{
	char *path = xstrdup(directory);
	int result = 0;

	for (char *at = path + 1; !result && *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			result = err_set(err, "%s: %s", path, strerror(errno));
		*at = '/';
	}
	if (!result && mkdir(path, 0777) && errno != EEXIST)
		result = err_set(err, "%s: %s", path, strerror(errno));
	free(path);
	return result;
}
