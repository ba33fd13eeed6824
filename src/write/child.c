/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/child.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GLANCE	  100 /* ms until it is seen that the user says to stop */
#define READS_MAX 256 /* at once, of one that does not cease to talk */

/*
 * The process.
 */

/* None of our files is its affair. */
static void keep_files(void)
{
	DIR *directory = opendir("/dev/fd");
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		int fd = atoi(entry->d_name);
		int flags = fd > STDERR_FILENO ? fcntl(fd, F_GETFD) : -1;

		if (flags >= 0)
			fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
	}
	if (directory)
		closedir(directory);
}

/* A pipe whose ends are none of the standard files, which the other process
 * gets them as. */
static int make_pipe(int ends[2])
{
	if (pipe(ends))
		return -1;
	for (int i = 0; i < 2; i++) {
		int fd = fcntl(ends[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

		close(ends[i]);
		ends[i] = fd;
	}
	if (ends[0] >= 0 && ends[1] >= 0)
		return 0;
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	return -1;
}

/* Why it did not become gnuplot. */
struct failure {
	int error; /* an errno, or 0 */
	bool of_directory;
};

/* In the new process. Errors come back through `failure`. */
static void become(const struct child *child, int commands, int answers,
		   int complaints, int failure)
{
	struct failure why = {0};

	/* A group that can be killed with all that it started; and it is the
	 * program alone that hears that the terminal's user says to stop. */
	setpgid(0, 0);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody waits for it any more */
#endif
	signal(SIGPIPE, SIG_DFL);
	if (chdir(child->directory))
		why.of_directory = true;
	else if (dup2(commands, STDIN_FILENO) >= 0 &&
		 dup2(answers, STDOUT_FILENO) >= 0 &&
		 dup2(complaints, STDERR_FILENO) >= 0 &&
		 !setenv("GNUTERM", "unknown", 1))
		execlp(CHILD_PROGRAM, CHILD_PROGRAM, "-d", (char *)NULL);
	why.error = errno;
	if (write(failure, &why, sizeof(why)) < 0)
		_exit(126);
	_exit(127);
}

enum { COMMANDS, ANSWERS, COMPLAINTS, FAILURE, PIPES };

static void close_pipes(int pipes[][2], int n)
{
	for (int i = 0; i < n; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static struct failure read_failure(int fd)
{
	struct failure failure;
	ssize_t n;

	do
		n = read(fd, &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(failure) ? failure : (struct failure){0};
}

/* There will be no picture at all. */
static int set_useless(struct err *err, const struct child *child,
		       const char *why)
{
	return err_set(err,
		       "%s: %s: scripts are written, but no pictures "
		       "(--render %s)",
		       CHILD_PROGRAM, why, child->format);
}

static int set_failure(struct err *err, const struct child *child,
		       struct failure failure)
{
	char why[512];

	if (failure.of_directory)
		snprintf(why, sizeof(why), "%.400s: %s", child->directory,
			 strerror(failure.error));
	else
		snprintf(why, sizeof(why), "%s",
			 failure.error == ENOENT ? "not found"
						 : strerror(failure.error));
	return set_useless(err, child, why);
}

static int start(struct child *child, struct err *err)
{
	int pipes[PIPES][2], n = 0;
	struct failure failure;
	pid_t process;

	while (n < PIPES && !make_pipe(pipes[n]))
		n++;
	keep_files();
	process = n < PIPES ? -1 : fork();
	if (process < 0) {
		set_useless(err, child, strerror(errno));
		close_pipes(pipes, n);
		return -1;
	}
	if (!process)
		become(child, pipes[COMMANDS][0], pipes[ANSWERS][1],
		       pipes[COMPLAINTS][1], pipes[FAILURE][1]);
	close(pipes[COMMANDS][0]);
	close(pipes[ANSWERS][1]);
	close(pipes[COMPLAINTS][1]);
	close(pipes[FAILURE][1]);
	failure = read_failure(pipes[FAILURE][0]);
	close(pipes[FAILURE][0]);
	child->process = process;
	child->commands = pipes[COMMANDS][1];
	child->answers = pipes[ANSWERS][0];
	child->complaints = pipes[COMPLAINTS][0];
	child->line_size = child->said_size = 0;
	fcntl(child->answers, F_SETFL, O_NONBLOCK);
	fcntl(child->complaints, F_SETFL, O_NONBLOCK);
	return failure.error ? set_failure(err, child, failure) : 0;
}

/* A picture whose script was answered is whole: it need not be asked to end,
 * and so need not be waited for. */
void child_stop(struct child *child)
{
	if (!child->process)
		return;
	close(child->commands);
	close(child->answers);
	close(child->complaints);
	kill(-child->process, SIGKILL);
	while (waitpid(child->process, NULL, 0) < 0 && errno == EINTR)
		;
	child->process = 0;
}

/*
 * What it says.
 */

/* Keeps the last of it. False at the end. */
static bool read_complaints(struct child *child)
{
	char text[512];
	ssize_t n = read(child->complaints, text, sizeof(text));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	for (ssize_t i = 0; i < n; i++) {
		if (child->said_size == CHILD_SAID) {
			memmove(child->said, child->said + CHILD_SAID / 2,
				CHILD_SAID / 2);
			child->said_size = CHILD_SAID / 2;
		}
		child->said[child->said_size++] = text[i];
	}
	return n > 0;
}

static void read_all_complaints(struct child *child)
{
	struct pollfd fd = {.fd = child->complaints, .events = POLLIN};

	for (int i = 0; i < READS_MAX; i++)
		if (poll(&fd, 1, 0) <= 0 || !read_complaints(child))
			return;
}

/* The last line of its complaints that says anything. */
static const char *complaint(struct child *child)
{
	char *said = child->said, *line;

	said[child->said_size] = '\0';
	while ((line = strrchr(said, '\n')) && !line[1])
		*line = '\0';
	if (!line)
		line = said;
	line += strspn(line, " \t\n");
	return *line ? line : "it gave up without a word";
}

static enum answer answer_of(const char *line)
{
	return !strcmp(line, "done")	      ? DONE
	       : !strcmp(line, "ready")	      ? READY
	       : !strcmp(line, "no terminal") ? NO_TERMINAL
					      : NOTHING;
}

/* A line of answers, if there is one. */
static enum answer read_answer(struct child *child)
{
	char c;
	ssize_t n = 1;

	for (int i = 0; i < READS_MAX; i++) {
		n = read(child->answers, &c, 1);
		if (n != 1)
			break;
		if (c != '\n') {
			if (child->line_size + 1 < sizeof(child->line))
				child->line[child->line_size++] = c;
			continue;
		}
		child->line[child->line_size] = '\0';
		child->line_size = 0;
		return answer_of(child->line);
	}
	return n == 1 || (n < 0 && (errno == EINTR || errno == EAGAIN))
		   ? NOTHING
		   : GONE;
}

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

bool child_is_stopped(const struct child *child)
{
	return child->stopped && child->stopped();
}

/* Waits for an answer, or with !wait sees whether there is one. */
enum answer child_listen(struct child *child, bool wait)
{
	/* Of the pipe for commands it is told when nobody reads it. */
	enum { FROM, COMPLAINS, TO, FDS };
	struct pollfd fds[FDS] = {
	    [FROM] = {.fd = child->answers, .events = POLLIN},
	    [COMPLAINS] = {.fd = child->complaints, .events = POLLIN},
	    [TO] = {.fd = child->commands},
	};

	for (;;) {
		enum answer answer = NOTHING;
		int n = poll(fds, FDS, wait ? GLANCE : 0);

		if (n < 0 && errno != EINTR)
			return GONE;
		if (n > 0 && fds[COMPLAINS].revents && !read_complaints(child))
			fds[COMPLAINS].fd = -1;
		if (n > 0 && fds[FROM].revents)
			answer = read_answer(child);
		else if (n > 0 && fds[TO].revents)
			answer = GONE;
		if (answer != NOTHING)
			return answer;
		if (child_is_stopped(child))
			return STOPPED;
		if (now() - child->asked > (time_t)child->patience)
			return LATE;
		if (n == 0 && !wait)
			return NOTHING;
	}
}

/* Few enough octets that the pipe takes them at once. */
void child_say(struct child *child, const char *text)
{
	size_t size = strlen(text);

	child->asked = now();
	/* If it has gone, child_listen() sees it. */
	while (size) {
		ssize_t n = write(child->commands, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		text += n;
		size -= (size_t)n;
	}
}

/* Why there is no picture. */
const char *child_reason(struct child *child, enum answer answer, char *text,
			 size_t size)
{
	if (answer == STOPPED)
		return "stopped";
	if (answer == LATE) {
		snprintf(text, size, "no answer for %u s", child->patience);
		return text;
	}
	if (answer == NO_TERMINAL) {
		snprintf(text, size, "this one has no terminal \"%s\"",
			 child->terminal);
		return text;
	}
	read_all_complaints(child);
	return complaint(child);
}

/* A process that can make the format. */
int child_begin(struct child *child, struct err *err)
{
	char text[256], why[64];
	enum answer answer;

	if (start(child, err)) {
		child_stop(child);
		return -1;
	}
	snprintf(text, sizeof(text),
		 "set print '-'\n"
		 "print strstrt(GPVAL_TERMINALS.' ', ' %s ') ? 'ready' : "
		 "'no terminal'\n",
		 child->terminal);
	child_say(child, text);
	do
		answer = child_listen(child, true);
	while (answer == DONE);
	if (answer == READY)
		return 0;
	set_useless(err, child, child_reason(child, answer, why, sizeof(why)));
	child_stop(child);
	return -1;
}
