/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/workshop.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/leftovers.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HIDDEN "/.mptcptrace-XXXXXX"
#define ONE    "one" /* the file that is written in one go */

/* Works that stay open, at most: those of a connection that draws much; and
 * only one of so many descriptors that there may be. */
#define OPEN_MAX 32
#define OPEN_OF	 8

struct workshop {
	const char *directory;
	const char *const *inputs;
	size_t n_inputs;
	char *path; /* of the hidden directory */
	int leftover;
	uint64_t works;
	/* By the work's number, modulo n_open. */
	size_t n_open;
	struct {
		uint64_t work; /* 0: none */
		int fd;
	} open[OPEN_MAX];
	bool wrong;	/* something went wrong, ... */
	bool failed;	/* ... and it is no use to go on */
	struct err err; /* the first */
};

void workshop_complain(struct workshop *workshop, const struct err *err)
{
	if (!workshop->wrong)
		workshop->err = *err;
	workshop->wrong = true;
}

/* errno says what. */
static void complain(struct workshop *workshop, const char *path)
{
	struct err err;

	err_set(&err, "%s: %s", path, strerror(errno));
	workshop_complain(workshop, &err);
}

/* Nothing can be written any more: the disk is full, say. */
static void failed(struct workshop *workshop)
{
	complain(workshop, workshop->directory);
	workshop->failed = true;
}

int workshop_result(const struct workshop *workshop, struct err *err)
{
	if (workshop->wrong)
		*err = workshop->err;
	return workshop->wrong ? -1 : 0;
}

const char *workshop_name(const struct workshop *workshop)
{
	return strrchr(workshop->path, '/') + 1;
}

static char *work_path(const struct workshop *workshop, const struct work *work)
{
	char name[32];

	snprintf(name, sizeof(name), "%" PRIu64, work->number);
	return file_in(workshop->path, name);
}

static void put_down(struct workshop *workshop, size_t place)
{
	if (workshop->open[place].work && close(workshop->open[place].fd))
		failed(workshop);
	workshop->open[place].work = 0;
}

/* The file of a work, open at its end; the place of another that was open. */
static int pick_up(struct workshop *workshop, const struct work *work, int flag)
{
	const size_t place = work->number % workshop->n_open;
	char *path;
	int fd;

	if (workshop->open[place].work == work->number)
		return workshop->open[place].fd;
	put_down(workshop, place);
	path = work_path(workshop, work);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0666);
	free(path);
	if (fd >= 0) {
		workshop->open[place].work = work->number;
		workshop->open[place].fd = fd;
	}
	return fd;
}

void work_append(struct workshop *workshop, struct work *work, const char *text,
		 size_t size)
{
	bool is_new = !work->number;
	int fd;

	if (workshop->failed)
		return;
	if (is_new)
		work->number = ++workshop->works;
	fd = pick_up(workshop, work, is_new ? O_EXCL : O_APPEND);
	if (fd < 0 || file_write(fd, text, size))
		failed(workshop);
}

/* It is written no more. */
static void work_end(struct workshop *workshop, const struct work *work)
{
	const size_t place = work->number % workshop->n_open;

	if (workshop->open[place].work == work->number)
		put_down(workshop, place);
}

/* A name that a trace has that is read is not for results. */
static int give_name(struct workshop *workshop, const char *from,
		     const char *name)
{
	char *to = file_in(workshop->directory, name);
	struct err err;
	int result = 0;

	if (file_is_one_of(to, workshop->inputs, workshop->n_inputs)) {
		err_set(&err, "%s: it is a trace that is read", to);
		workshop_complain(workshop, &err);
		result = -1;
	} else if (rename(from, to)) {
		complain(workshop, to);
		result = -1;
	}
	free(to);
	return result;
}

void work_finish(struct workshop *workshop, struct work *work, const char *name)
{
	char *path;

	if (!work->number)
		work_append(workshop, work, "", 0);
	work_end(workshop, work);
	if (!workshop->failed) {
		path = work_path(workshop, work);
		if (!give_name(workshop, path, name))
			work->number = 0;
		free(path);
	}
	work_drop(workshop, work);
}

void work_drop(struct workshop *workshop, struct work *work)
{
	char *path;

	if (!work->number)
		return;
	work_end(workshop, work);
	path = work_path(workshop, work);
	unlink(path);
	free(path);
	work->number = 0;
}

FILE *workshop_open(struct workshop *workshop)
{
	char *path = file_in(workshop->path, ONE);
	FILE *file = workshop->failed ? NULL : fopen(path, "we");

	if (!file)
		failed(workshop);
	free(path);
	return file;
}

void workshop_close(struct workshop *workshop, FILE *file, const char *name)
{
	char *path = file_in(workshop->path, ONE);

	if (file_finish(file))
		failed(workshop);
	if (fclose(file))
		failed(workshop);
	if (!workshop->failed)
		give_name(workshop, path, name);
	free(path);
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t size = strlen(name), end = strlen(suffix);

	return size > end && !strcmp(name + size - end, suffix);
}

void workshop_adopt(struct workshop *workshop, const char *suffix)
{
	DIR *directory = opendir(workshop->path);
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		char *path;

		if (!ends_in(entry->d_name, suffix))
			continue;
		path = file_in(workshop->path, entry->d_name);
		give_name(workshop, path, entry->d_name);
		free(path);
	}
	if (directory)
		closedir(directory);
}

static int hide(struct workshop *workshop)
{
	int error;

	if (!mkdtemp(workshop->path))
		return -1;
	workshop->leftover = leftover_directory(workshop->path);
	if (workshop->leftover >= 0)
		return 0;
	error = errno;
	rmdir(workshop->path);
	errno = error;
	return -1;
}

static size_t works_open(void)
{
	const long limit = sysconf(_SC_OPEN_MAX); /* or -1: none */

	if (limit < 0 || limit / OPEN_OF > OPEN_MAX)
		return OPEN_MAX;
	return limit < OPEN_OF ? 1 : (size_t)limit / OPEN_OF;
}

struct workshop *workshop_new(const char *directory, const char *const *inputs,
			      size_t n_inputs, struct err *err)
{
	struct workshop *workshop;
	size_t size = strlen(directory) + sizeof(HIDDEN);

	if (file_make_directory(directory, err))
		return NULL;
	workshop = xcalloc(1, sizeof(*workshop));
	workshop->directory = directory;
	workshop->inputs = inputs;
	workshop->n_inputs = n_inputs;
	workshop->n_open = works_open();
	workshop->path = xmalloc(size);
	snprintf(workshop->path, size, "%s%s", directory, HIDDEN);
	if (hide(workshop)) {
		err_set(err, "%s: %s", directory, strerror(errno));
		free(workshop->path);
		free(workshop);
		return NULL;
	}
	return workshop;
}

void workshop_free(struct workshop *workshop)
{
	if (!workshop)
		return;
	for (size_t i = 0; i < workshop->n_open; i++)
		put_down(workshop, i);
	leftover_remove(workshop->leftover);
	free(workshop->path);
	free(workshop);
}
