/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/result.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/leftovers.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40 /* in a row, as for Linux */
#define NAMES_MAX 100

struct result {
	char *name;	 /* as the user said */
	char *path;	 /* of the file itself */
	char *temporary; /* NULL: it is written as it is */
	int leftover;
	FILE *file;
	char *room; /* of the stream */
};

/* A path in the same directory as another one. */
static char *beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	size_t directory = slash ? (size_t)(slash - path) + 1 : 0;
	char *made = xmalloc(directory + strlen(name) + 1);

	memcpy(made, path, directory);
	strcpy(made + directory, name);
	return made;
}

char *result_path(const char *name)
{
	char *path = xstrdup(name), to[PATH_MAX];

	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t size = readlink(path, to, sizeof(to) - 1);
		char *next;

		if (size <= 0)
			break;
		to[size] = '\0';
		next = *to == '/' ? xstrdup(to) : beside(path, to);
		free(path);
		path = next;
	}
	return path;
}

/* /dev/stdout, say, when that leads to a file. */
static bool is_standard(const struct stat *is)
{
	struct stat standard;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (!fstat(fd, &standard) && standard.st_dev == is->st_dev &&
		    standard.st_ino == is->st_ino)
			return true;
	return false;
}

/* A new file in the directory of this one; -1 and errno. */
static int make_beside(const char *path, char **temporary)
{
	char name[64];
	int fd = -1;

	for (int i = 0; fd < 0 && i < NAMES_MAX; i++) {
		snprintf(name, sizeof(name), ".mptcptrace-%ld-%d",
			 (long)getpid(), i);
		*temporary = beside(path, name);
		fd = open(*temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  0666);
		if (fd >= 0)
			break;
		free(*temporary);
		*temporary = NULL;
		if (errno != EEXIST)
			break;
	}
	return fd;
}

static FILE *open_beside(const char *path, char **temporary)
{
	int fd = make_beside(path, temporary), error;
	FILE *file;

	if (fd < 0)
		return NULL;
	file = fdopen(fd, "w");
	if (file)
		return file;
	error = errno;
	close(fd);
	unlink(*temporary);
	free(*temporary);
	*temporary = NULL;
	errno = error;
	return NULL;
}

/* The new file is whose the other was, as far as we may, and whoever could not
 * read that cannot read this. */
static int take_after(FILE *file, const struct stat *before)
{
	mode_t mode = before->st_mode & 0777;
	struct stat is;
	int fd = fileno(file);

	if (fstat(fd, &is))
		return -1;
	if ((is.st_uid != before->st_uid || is.st_gid != before->st_gid) &&
	    fchown(fd, before->st_uid, before->st_gid) &&
	    fchown(fd, (uid_t)-1, before->st_gid))
		mode &= ~(mode_t)070;
	return fchmod(fd, mode);
}

static void result_free(struct result *result)
{
	free(result->name);
	free(result->path);
	free(result->temporary);
	free(result->room);
	free(result);
}

/* What is there of it goes; errno stays. */
static void discard(struct result *result)
{
	int error = errno;

	unlink(result->temporary);
	leftover_keep(result->leftover);
	errno = error;
}

static FILE *open_it(struct result *result)
{
	struct stat before;
	bool there = !stat(result->name, &before);

	if (there && S_ISDIR(before.st_mode)) {
		errno = EISDIR;
		return NULL;
	}
	if (there && (!S_ISREG(before.st_mode) || is_standard(&before)))
		return fopen(result->name, "we");
	/* What we may not write is not replaced either. */
	if (there && access(result->name, W_OK))
		return NULL;
	result->path = result_path(result->name);
	result->file = open_beside(result->path, &result->temporary);
	if (!result->file)
		return NULL;
	result->leftover = leftover_file(result->temporary);
	if (there && take_after(result->file, &before)) {
		discard(result);
		fclose(result->file);
		return NULL;
	}
	return result->file;
}

struct result *result_open(const char *name, struct err *err)
{
	struct result *result = xcalloc(1, sizeof(*result));

	result->name = xstrdup(name);
	result->leftover = -1;
	result->file = open_it(result);
	if (result->file) {
		result->room = xmalloc(FILE_ROOM);
		file_widen(result->file, result->room);
		return result;
	}
	err_set(err, "%s: %s", name, strerror(errno));
	result_free(result);
	return NULL;
}

FILE *result_file(const struct result *result)
{
	return result->file;
}

int result_close(struct result *result, bool whole, struct err *err)
{
	int failed = 0;

	if (!result)
		return 0;
	if (file_finish(result->file))
		failed = err_set(err, "%s: %s", result->name, strerror(errno));
	if (fclose(result->file) && !failed)
		failed = err_set(err, "%s: %s", result->name, strerror(errno));
	if (result->temporary && whole && !failed) {
		if (!rename(result->temporary, result->path))
			leftover_keep(result->leftover);
		else
			failed = err_set(err, "%s: %s", result->name,
					 strerror(errno));
	}
	if (result->temporary && (!whole || failed))
		discard(result);
	result_free(result);
	return failed;
}

FILE *result_in_place(const char *path)
{
	struct stat is;
	char *temporary;
	FILE *file;

	if (!lstat(path, &is) && (S_ISCHR(is.st_mode) || S_ISBLK(is.st_mode)))
		return fopen(path, "we");
	file = open_beside(path, &temporary);
	if (file && rename(temporary, path)) {
		int error = errno;

		unlink(temporary);
		fclose(file);
		file = NULL;
		errno = error;
	}
	free(temporary);
	return file;
}
