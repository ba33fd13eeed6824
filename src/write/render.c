/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gnuplot gets one script at a time and says when it is done, so that it is
 * known which one it is that makes it give up, as it does at any error; then
 * another one goes on with the next. One that does not answer is killed.
 */
#include "write/render.h"

#include "base/alloc.h"

#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM	 "gnuplot"
#define SAID_MAX 2048 /* of what it complains of, the last */

#define QUEUE_MAX    256 /* scripts that wait */
#define FAILURES_MAX 8	 /* then it is given up */
#define PATIENCE     60	 /* s that it may take for an answer */
#define GLANCE	     100 /* ms until it is seen that the user says to stop */
#define READS_MAX    256 /* at once, of one that does not cease to talk */

static const struct {
	const char *name, *terminal, *end; /* what its files end with */
} formats[] = {
    {"svg", "svg", "</svg>"},
    {"png", "png", "IEND\xae\x42\x60\x82"},
    {"pdf", "pdfcairo", "%%EOF"},
};
#define FORMATS (int)(sizeof(formats) / sizeof(*formats))

struct render {
	char *directory, *to;
	int format;
	bool (*stopped)(void);		   /* by the user; or NULL */
	pid_t process;			   /* 0: there is none; leads a group */
	int commands, answers, complaints; /* ends of pipes */
	time_t asked;  /* when: of a clock that only ticks */
	char line[64]; /* an answer that is coming */
	size_t line_size;
	char said[SAID_MAX + 1];
	size_t said_size;
	char *queue[QUEUE_MAX]; /* a ring; the first is at work */
	size_t first, n_queue;
	bool busy;	   /* ... if this is set */
	unsigned failures; /* of scripts: so many pictures are missing */
	bool given_up;
	struct err err; /* the first failure */
};

static int format_of(const char *name)
{
	for (int i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i].name, name))
			return i;
	return -1;
}

bool render_is_format(const char *format)
{
	return format_of(format) >= 0;
}

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
	close(ends[0]);
	close(ends[1]);
	return -1;
}

/* Why it did not become gnuplot. */
struct failure {
	int error; /* an errno, or 0 */
	bool of_directory;
};

/* In the new process. Errors come back through `failure`. */
static void become(const struct render *render, int commands, int answers,
		   int complaints, int failure)
{
	struct failure why = {0};

	/* A group that can be killed with all that it started; and it is the
	 * program alone that hears that the terminal's user says to stop. */
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	if (chdir(render->directory))
		why.of_directory = true;
	else if (dup2(commands, STDIN_FILENO) >= 0 &&
		 dup2(answers, STDOUT_FILENO) >= 0 &&
		 dup2(complaints, STDERR_FILENO) >= 0 &&
		 !setenv("GNUTERM", "unknown", 1))
		execlp(PROGRAM, PROGRAM, "-d", (char *)NULL);
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
static int set_useless(struct err *err, const struct render *render,
		       const char *why)
{
	return err_set(err,
		       "%s: %s: scripts are written, but no pictures "
		       "(--render %s)",
		       PROGRAM, why, formats[render->format].name);
}

static int set_failure(struct err *err, const struct render *render,
		       struct failure failure)
{
	char why[512];

	if (failure.of_directory)
		snprintf(why, sizeof(why), "%.400s: %s", render->directory,
			 strerror(failure.error));
	else
		snprintf(why, sizeof(why), "%s",
			 failure.error == ENOENT ? "not found"
						 : strerror(failure.error));
	return set_useless(err, render, why);
}

static int start(struct render *render, struct err *err)
{
	int pipes[PIPES][2], n = 0;
	struct failure failure;
	pid_t process;

	while (n < PIPES && !make_pipe(pipes[n]))
		n++;
	keep_files();
	process = n < PIPES ? -1 : fork();
	if (process < 0) {
		set_useless(err, render, strerror(errno));
		close_pipes(pipes, n);
		return -1;
	}
	if (!process)
		become(render, pipes[COMMANDS][0], pipes[ANSWERS][1],
		       pipes[COMPLAINTS][1], pipes[FAILURE][1]);
	close(pipes[COMMANDS][0]);
	close(pipes[ANSWERS][1]);
	close(pipes[COMPLAINTS][1]);
	close(pipes[FAILURE][1]);
	failure = read_failure(pipes[FAILURE][0]);
	close(pipes[FAILURE][0]);
	render->process = process;
	render->commands = pipes[COMMANDS][1];
	render->answers = pipes[ANSWERS][0];
	render->complaints = pipes[COMPLAINTS][0];
	render->line_size = render->said_size = 0;
	fcntl(render->answers, F_SETFL, O_NONBLOCK);
	fcntl(render->complaints, F_SETFL, O_NONBLOCK);
	return failure.error ? set_failure(err, render, failure) : 0;
}

/* A picture whose script was answered is whole: it need not be asked to end,
 * and so need not be waited for. */
static void stop(struct render *render)
{
	if (!render->process)
		return;
	close(render->commands);
	close(render->answers);
	close(render->complaints);
	kill(-render->process, SIGKILL);
	while (waitpid(render->process, NULL, 0) < 0 && errno == EINTR)
		;
	render->process = 0;
}

/*
 * What it says.
 */

/* Keeps the last of it. False at the end. */
static bool read_complaints(struct render *render)
{
	char text[512];
	ssize_t n = read(render->complaints, text, sizeof(text));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	for (ssize_t i = 0; i < n; i++) {
		if (render->said_size == SAID_MAX) {
			memmove(render->said, render->said + SAID_MAX / 2,
				SAID_MAX / 2);
			render->said_size = SAID_MAX / 2;
		}
		render->said[render->said_size++] = text[i];
	}
	return n > 0;
}

static void read_all_complaints(struct render *render)
{
	struct pollfd fd = {.fd = render->complaints, .events = POLLIN};

	for (int i = 0; i < READS_MAX; i++)
		if (poll(&fd, 1, 0) <= 0 || !read_complaints(render))
			return;
}

/* The last line of its complaints that says anything. */
static const char *complaint(struct render *render)
{
	char *said = render->said, *line;

	said[render->said_size] = '\0';
	while ((line = strrchr(said, '\n')) && !line[1])
		*line = '\0';
	if (!line)
		line = said;
	line += strspn(line, " \t\n");
	return *line ? line : "it gave up without a word";
}

/* STOPPED: the user says so. */
enum answer { NOTHING, READY, DONE, NO_TERMINAL, GONE, LATE, STOPPED };

static enum answer answer_of(const char *line)
{
	return !strcmp(line, "done")	      ? DONE
	       : !strcmp(line, "ready")	      ? READY
	       : !strcmp(line, "no terminal") ? NO_TERMINAL
					      : NOTHING;
}

/* A line of answers, if there is one. */
static enum answer read_answer(struct render *render)
{
	char c;
	ssize_t n = 1;

	for (int i = 0; i < READS_MAX; i++) {
		n = read(render->answers, &c, 1);
		if (n != 1)
			break;
		if (c != '\n') {
			if (render->line_size + 1 < sizeof(render->line))
				render->line[render->line_size++] = c;
			continue;
		}
		render->line[render->line_size] = '\0';
		render->line_size = 0;
		return answer_of(render->line);
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

static bool is_stopped(const struct render *render)
{
	return render->stopped && render->stopped();
}

/* Waits for an answer, or with !wait sees whether there is one. */
static enum answer listen_to(struct render *render, bool wait)
{
	/* Of the pipe for commands it is told when nobody reads it. */
	enum { FROM, COMPLAINS, TO, FDS };
	struct pollfd fds[FDS] = {
	    [FROM] = {.fd = render->answers, .events = POLLIN},
	    [COMPLAINS] = {.fd = render->complaints, .events = POLLIN},
	    [TO] = {.fd = render->commands},
	};

	for (;;) {
		enum answer answer = NOTHING;
		int n = poll(fds, FDS, wait ? GLANCE : 0);

		if (n < 0 && errno != EINTR)
			return GONE;
		if (n > 0 && fds[COMPLAINS].revents && !read_complaints(render))
			fds[COMPLAINS].fd = -1;
		if (n > 0 && fds[FROM].revents)
			answer = read_answer(render);
		else if (n > 0 && fds[TO].revents)
			answer = GONE;
		if (answer != NOTHING)
			return answer;
		if (is_stopped(render))
			return STOPPED;
		if (now() - render->asked > PATIENCE)
			return LATE;
		if (n == 0 && !wait)
			return NOTHING;
	}
}

/* Few enough octets that the pipe takes them at once. */
static void say(struct render *render, const char *text)
{
	size_t size = strlen(text);

	render->asked = now();
	/* If it has gone, listen_to() sees it. */
	while (size) {
		ssize_t n = write(render->commands, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		text += n;
		size -= (size_t)n;
	}
}

/* Why there is no picture. */
static const char *reason(struct render *render, enum answer answer, char *text,
			  size_t size)
{
	if (answer == STOPPED)
		return "stopped";
	if (answer == LATE) {
		snprintf(text, size, "no answer for %d s", PATIENCE);
		return text;
	}
	if (answer == NO_TERMINAL) {
		snprintf(text, size, "this one has no terminal \"%s\"",
			 formats[render->format].terminal);
		return text;
	}
	read_all_complaints(render);
	return complaint(render);
}

/* A process that can make the format. */
static int begin(struct render *render, struct err *err)
{
	char text[256], why[64];
	enum answer answer;

	if (start(render, err)) {
		stop(render);
		return -1;
	}
	snprintf(text, sizeof(text),
		 "set print '-'\n"
		 "print strstrt(GPVAL_TERMINALS.' ', ' %s ') ? 'ready' : "
		 "'no terminal'\n",
		 formats[render->format].terminal);
	say(render, text);
	do
		answer = listen_to(render, true);
	while (answer == DONE);
	if (answer == READY)
		return 0;
	set_useless(err, render, reason(render, answer, why, sizeof(why)));
	stop(render);
	return -1;
}

struct render *render_new(const char *directory, const char *to,
			  const char *format, bool (*stopped)(void),
			  struct err *err)
{
	struct render *render = xcalloc(1, sizeof(*render));

	render->directory = xstrdup(directory);
	render->to = xstrdup(to);
	render->format = format_of(format);
	render->stopped = stopped;
	if (!begin(render, err))
		return render;
	render_free(render);
	return NULL;
}

/*
 * Scripts.
 */

/* Its picture, without the directory. */
static void picture_of(const struct render *render, const char *script,
		       char *name, size_t size)
{
	snprintf(name, size, "%.*s.%s", (int)strcspn(script, "."), script,
		 formats[render->format].name);
}

static char *path_of(const struct render *render, const char *script)
{
	char name[160];
	size_t size;
	char *path;

	picture_of(render, script, name, sizeof(name));
	size =
	    strlen(render->directory) + strlen(render->to) + strlen(name) + 3;
	path = xmalloc(size);
	snprintf(path, size, "%s/%s/%s", render->directory, render->to, name);
	return path;
}

/* gnuplot does not notice that a disk is full. */
static bool is_whole(const struct render *render, const char *path)
{
	const char *end = formats[render->format].end;
	char last[16];
	FILE *file = fopen(path, "re");
	size_t n = 0;

	if (file && !fseek(file, -(long)(strlen(end) + 2), SEEK_END))
		n = fread(last, 1, strlen(end) + 2, file);
	if (file)
		fclose(file);
	for (size_t i = 0; i + strlen(end) <= n; i++)
		if (!memcmp(last + i, end, strlen(end)))
			return true;
	return false;
}

static void failed(struct render *render, const char *script, const char *why)
{
	if (!render->failures++)
		err_set(&render->err, "%s: %s: %s", script, PROGRAM, why);
}

static void next_script(struct render *render)
{
	free(render->queue[render->first]);
	render->first = (render->first + 1) % QUEUE_MAX;
	render->n_queue--;
	render->busy = false;
}

/* The script at work has come to its end, or gnuplot has. */
static void script_ends(struct render *render, enum answer answer)
{
	const char *script = render->queue[render->first];
	char *path = path_of(render, script), why[64];

	if (answer != DONE) {
		failed(render, script,
		       reason(render, answer, why, sizeof(why)));
		stop(render);
		unlink(path);
	} else if (!is_whole(render, path)) {
		failed(render, script, "its picture is not complete");
		unlink(path);
	}
	free(path);
	next_script(render);
}

static void script_begins(struct render *render)
{
	const char *script = render->queue[render->first];
	char text[512];
	struct err err;

	if (!render->process && begin(render, &err)) {
		failed(render, script, err.text);
		next_script(render);
		render->given_up = true;
		return;
	}
	render->said_size = 0;
	snprintf(text, sizeof(text),
		 "reset\nformat = '%s'; to = '%s'\nload '%s'\n"
		 "set print '-'\nprint 'done'\n",
		 formats[render->format].name, render->to, script);
	say(render, text);
	render->busy = true;
}

/* Keeps it at work until no more scripts wait than that. */
static void work(struct render *render, size_t waiting)
{
	while (render->n_queue && !render->given_up) {
		enum answer answer;

		if (!render->busy)
			script_begins(render);
		if (render->given_up)
			break;
		answer = listen_to(render, render->n_queue > waiting);
		if (answer == NOTHING)
			return;
		script_ends(render, answer);
		render->given_up |=
		    answer == STOPPED || render->failures >= FAILURES_MAX;
	}
	/* What is not drawn any more. */
	while (render->given_up && render->n_queue) {
		render->failures++;
		next_script(render);
	}
}

void render_script(struct render *render, const char *name)
{
	size_t at = (render->first + render->n_queue) % QUEUE_MAX;

	render->queue[at] = xstrdup(name);
	render->n_queue++;
	work(render, QUEUE_MAX - 1);
}

int render_finish(struct render *render, struct err *err)
{
	work(render, 0);
	stop(render);
	if (!render->failures)
		return 0;
	if (is_stopped(render))
		return err_set(err, "%s: stopped, pictures missing: %u",
			       PROGRAM, render->failures);
	if (render->failures == 1)
		return err_set(err, "%s", render->err.text);
	return err_set(err, "%.800s (and %u more without a picture)",
		       render->err.text, render->failures - 1);
}

void render_free(struct render *render)
{
	if (!render)
		return;
	stop(render);
	while (render->n_queue)
		next_script(render);
	free(render->directory);
	free(render->to);
	free(render);
}
