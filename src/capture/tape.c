/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/tape.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void tape_init(struct tape *tape, bool twice, bool (*wait)(int fd))
{
	*tape = (struct tape){.twice = twice, .fd = -1, .wait = wait};
}

void tape_clear(struct tape *tape)
{
	if (tape->fd >= 0 && tape->fd != STDIN_FILENO)
		close(tape->fd);
	tape->fd = -1;
}

/* What it takes to read this once more. */
static int prepare(struct tape *tape, int fd, const struct stat *status,
		   struct err *err)
{
	off_t here = lseek(fd, 0, SEEK_CUR);

	if (S_ISREG(status->st_mode) && here >= 0) {
		tape->start = here;
		tape->fd = fd == STDIN_FILENO
			       ? fd
			       : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		return tape->fd < 0 ? err_set(err, "%s", strerror(errno)) : 0;
	}
	tape->fd = file_temporary();
	tape->recording = tape->fd >= 0;
	tape->error = tape->recording ? 0 : errno;
	return 0;
}

static int open_file(const struct tape *tape, const char *path)
{
	if (tape->again) {
		if (lseek(tape->fd, tape->start, SEEK_SET) < 0)
			return -1;
		return fcntl(tape->fd, F_DUPFD_CLOEXEC, 0);
	}
	if (!strcmp(path, "-"))
		return STDIN_FILENO;
	return open(path, O_RDONLY | O_CLOEXEC);
}

int tape_open(struct tape *tape, const char *path, struct err *err)
{
	int fd = open_file(tape, path), result = 0;
	struct stat status;

	if (fd < 0)
		return err_set(err, "%s", strerror(errno));
	if (fstat(fd, &status))
		result = err_set(err, "%s", strerror(errno));
	else if (S_ISDIR(status.st_mode))
		result = err_set(err, "is a directory");
	else if (tape->twice && !tape->again)
		result = prepare(tape, fd, &status, err);
	if (result && fd != STDIN_FILENO)
		close(fd);
	return result ? -1 : fd;
}

void tape_record(struct tape *tape, const void *bytes, size_t size)
{
	if (tape->recording && file_write(tape->fd, bytes, size)) {
		tape->error = errno;
		tape->recording = false;
	}
}

int tape_rewind(struct tape *tape, struct err *err)
{
	struct err why;

	tape->recording = false;
	tape->again = true;
	if (!tape->error)
		return 0;
	file_temporary_failed(&why, tape->error);
	return err_set(err, "cannot be kept to be read again: %s", why.text);
}
