/* SPDX-License-Identifier: BSD-3-Clause */
#include "jobs.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/leftovers.h"
#include "capture/capture.h"
#include "complain.h"
#include "input.h"
#include "lanes.h"
#include "names.h"
#include "progress.h"
#include "report/select.h"
#include "stop.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How a process ends: its status, whether it told anything, and a bit for each
 * place where what it wrote is not whole. */
#define STATUS	   3
#define TOLD	   4
#define LOST	   8
#define ALL_WE_SAY (STATUS | TOLD | LOST * ((1 << PLACES) - 1))

struct slot {
	pid_t process; /* 0: free */
	size_t i;      /* its trace */
};

struct jobs {
	const struct options *options;
	job_fn *job;
	size_t next; /* trace to begin */
	size_t done;
	size_t left; /* begun, but stopped before it read anything */
	bool told;   /* something */
	bool over;   /* nobody reads what is printed, and that is all */
	int status;
	char **names; /* of directories, one a trace; NULL: no files */
	const char *above[2];
	size_t n_above;
	struct lanes *lanes;
	struct slot *slots;
	unsigned n_slots;
	unsigned running;
};

/*
 * What cannot be right for any trace is told once.
 */
static int check_choice(const struct options *options)
{
	struct selection *selection;
	struct err err;

	if (!options->connections && !options->where)
		return 0;
	selection = selection_new(options->connections, options->where, &err);
	if (!selection) {
		complain(NULL, "%s", err.text);
		return -1;
	}
	selection_free(selection);
	return 0;
}

static int check_filter(const struct options *options)
{
	const struct capture_options capture_options = {
	    .filter = options->filter,
	    .has_ip_offset = options->has_ip_offset,
	};
	struct err err;
	struct capture *capture = capture_open(NULL, 0, &capture_options, &err);

	if (!capture) {
		complain(NULL, "%s", err.text);
		return -1;
	}
	capture_free(capture);
	return 0;
}

/*
 * Directories.
 */
static const char *directory_of(const struct options *options)
{
	return options->output_directory ? options->output_directory
	       : options->directory	 ? options->directory
					 : ".";
}

static void name_directories(struct jobs *jobs)
{
	const struct options *options = jobs->options;

	if (!options_make_files(options))
		return;
	jobs->above[jobs->n_above++] = directory_of(options);
	if (options->split)
		jobs->above[jobs->n_above++] = options->split;
	jobs->names = names_of(options->files, options->n_files, jobs->above,
			       jobs->n_above);
}

/* A directory by what it is, not by what it is called. */
struct place {
	dev_t device;
	ino_t inode;
	size_t i; /* whose */
};

static int compare(const void *one, const void *two)
{
	const struct place *a = one, *b = two;

	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	return (a->inode > b->inode) - (a->inode < b->inode);
}

static bool look_up(const char *path, struct place *place)
{
	struct stat is;

	if (stat(path, &is))
		return false;
	place->device = is.st_dev;
	place->inode = is.st_ino;
	return true;
}

/* The directories for results that are there already. */
static size_t find_places(const struct jobs *jobs, struct place *places)
{
	size_t n = 0;

	for (size_t i = 0; i < jobs->options->n_files; i++)
		for (size_t k = 0; k < jobs->n_above; k++) {
			char *path = file_in(jobs->above[k], jobs->names[i]);

			places[n].i = i;
			n += look_up(path, &places[n]);
			free(path);
		}
	qsort(places, n, sizeof(*places), compare);
	return n;
}

static bool is_among(const char *trace, const struct place *places, size_t n,
		     size_t *whose)
{
	char *path = realpath(trace, NULL);
	char *slash = path ? strrchr(path, '/') : NULL;
	const struct place *found = NULL;
	struct place place;

	if (slash) {
		slash[slash == path] = '\0';
		if (look_up(path, &place))
			found = bsearch(&place, places, n, sizeof(*places),
					compare);
	}
	free(path);
	if (found)
		*whose = found->i;
	return found;
}

/* Results of one trace must not replace another one that is still to be read.
 */
static int check_directories(const struct jobs *jobs)
{
	char *const *files = jobs->options->files;
	struct place *places;
	size_t n, whose;
	int result = 0;

	if (!jobs->names)
		return 0;
	places =
	    xcalloc(jobs->options->n_files * jobs->n_above, sizeof(*places));
	n = find_places(jobs, places);
	for (size_t i = 0; !result && i < jobs->options->n_files; i++)
		if (is_among(files[i], places, n, &whose)) {
			complain(NULL,
				 "%s: it is a trace that is read, where the "
				 "files of %s go",
				 files[i], files[whose]);
			result = -1;
		}
	free(places);
	return result;
}

/*
 * Signals. Each process has a group of its own, so that a signal comes to it
 * once, by us, also when the terminal's user sends it to all.
 */
static volatile pid_t *processes; /* that run; 0: none */
static unsigned n_processes;
static sigset_t stopping;

static void pass_on(int number)
{
	int error = errno;
	bool again = is_stopped();

	stop_set(number);
	for (unsigned i = 0; i < n_processes; i++)
		if (processes[i])
			kill(processes[i], number);
	if (again)
		stop_at_once(number);
	errno = error;
}

static void catch_signals(unsigned n)
{
	struct sigaction action = {
	    .sa_handler = pass_on,
	    .sa_flags = (int)SA_RESTART,
	};

	processes = xcalloc(n, sizeof(*processes));
	n_processes = n;
	sigemptyset(&stopping);
	sigaddset(&stopping, SIGINT);
	sigaddset(&stopping, SIGTERM);
	sigaddset(&stopping, SIGHUP);
	stop_handle(&action);
	/* Who ends is to be waited for, whatever we inherited. */
	signal(SIGCHLD, SIG_DFL);
}

static void hold_signals(void)
{
	sigprocmask(SIG_BLOCK, &stopping, NULL);
}

static void let_signals(void)
{
	sigprocmask(SIG_UNBLOCK, &stopping, NULL);
}

static void leave_signals(void)
{
	hold_signals();
	n_processes = 0;
	free((void *)processes);
	let_signals();
}

/*
 * The process of a trace.
 */
static int do_job(struct jobs *jobs, const struct slot *slot,
		  struct outputs_trace *trace)
{
	struct options options = *jobs->options;
	bool named = slot->i < options.n_named, told = false;
	unsigned lost = 0;
	int status = 0;
	struct err err;

	options.files += slot->i;
	options.n_files = 1;
	options.n_named = named;
	if (jobs->names) {
		const char *name = jobs->names[slot->i];

		options.output_directory = file_in(jobs->above[0], name);
		if (options.split)
			options.split = file_in(options.split, name);
		options.log = file_in(options.output_directory, options.log);
	}
	options.directory = NULL;
	if (!options.threads_given)
		options.threads = 1;
	if (options.log_levels &&
	    file_make_directory(options.output_directory, &err)) {
		complain(&status, "%s", err.text);
		options.log_levels = 0;
	}
	if (lanes_enter(jobs->lanes, (unsigned)(slot - jobs->slots), trace))
		return 1;
	trace->lost = &lost;
	status |= jobs->job(&options, trace, &told);
	trace->lost = NULL;
	return status | (told ? TOLD : 0) | LOST * (int)lost;
}

static void enter(struct jobs *jobs, const struct slot *slot,
		  struct outputs_trace *trace)
{
	struct sigaction usual = {.sa_handler = SIG_DFL};

	setpgid(0, 0);
	leftovers_forget();
	stop_handle(&usual);
	/* Out of the terminal's group it may write there all the same. */
	signal(SIGTTOU, SIG_IGN);
	leave_signals();
	progress_off();
	complain_of(trace->name);
	_exit(do_job(jobs, slot, trace));
}

/* Begins the next trace. -1: that cannot be done now. */
static int begin(struct jobs *jobs)
{
	struct slot *slot = jobs->slots;
	struct outputs_trace trace = {.name = jobs->options->files[jobs->next]};
	pid_t process;

	while (slot->process)
		slot++;
	if (lanes_begin(jobs->lanes, jobs->next, (unsigned)(slot - jobs->slots),
			&trace))
		return -1;
	slot->i = jobs->next;
	process = fork();
	if (!process)
		enter(jobs, slot, &trace);
	if (process < 0) {
		if (!jobs->running)
			complain(&jobs->status, "fork: %s", strerror(errno));
		return -1;
	}
	setpgid(process, process);
	slot->process = process;
	processes[slot - jobs->slots] = process;
	jobs->running++;
	jobs->next++;
	return 0;
}

/*
 * The ends of processes.
 */
static void tell_end(struct jobs *jobs, const char *trace, int how)
{
	if (jobs->over)
		return;
	if (WIFSIGNALED(how) && is_stopped())
		jobs->left++;
	else if (WIFSIGNALED(how))
		complain(&jobs->status,
			 "%s: its process was ended by a signal (%s)", trace,
			 strsignal(WTERMSIG(how)));
	else
		complain(&jobs->status, "%s: its process ended with status %d",
			 trace, WEXITSTATUS(how));
}

static void end(struct jobs *jobs, struct slot *slot, int how)
{
	bool sound = WIFEXITED(how) && !(WEXITSTATUS(how) & ~ALL_WE_SAY);
	int said = sound ? WEXITSTATUS(how) : 0;

	if (!sound)
		tell_end(jobs, jobs->options->files[slot->i], how);
	if ((said & STATUS) > jobs->status)
		jobs->status = said & STATUS;
	jobs->told |= said & TOLD;
	progress_clear();
	lanes_end(jobs->lanes, slot->i, (unsigned)(slot - jobs->slots),
		  said & TOLD, (unsigned)said / LOST);
	slot->process = 0;
	jobs->running--;
	jobs->done++;
}

/* Waits for one to end. */
static void wait_for_one(struct jobs *jobs)
{
	struct slot *slot = jobs->slots;
	siginfo_t info;
	int how;

	/* It is only looked at: nobody else gets its number before our
	 * signals cannot reach it any more. */
	if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT))
		return;
	hold_signals();
	while (slot < jobs->slots + jobs->n_slots &&
	       slot->process != info.si_pid)
		slot++;
	if (slot < jobs->slots + jobs->n_slots)
		processes[slot - jobs->slots] = 0;
	waitpid(info.si_pid, &how, 0);
	let_signals();
	if (slot < jobs->slots + jobs->n_slots)
		end(jobs, slot, how);
}

/*
 * All of them.
 */

/* Nobody reads what is printed, and nothing else comes of it. */
static void see_reader(struct jobs *jobs)
{
	const struct options *options = jobs->options;

	if (jobs->over || !outputs_print_all(options) || !reader_is_gone())
		return;
	jobs->over = true;
	for (unsigned i = 0; i < jobs->n_slots; i++)
		if (jobs->slots[i].process)
			kill(jobs->slots[i].process, SIGKILL);
}

static void begin_all(struct jobs *jobs)
{
	bool can = true;

	hold_signals();
	while (can && jobs->next < jobs->options->n_files &&
	       jobs->running < jobs->n_slots && !is_stopped() && !jobs->over)
		can = !begin(jobs);
	let_signals();
}

static void work(struct jobs *jobs)
{
	catch_signals(jobs->n_slots);
	begin_all(jobs);
	while (jobs->running) {
		wait_for_one(jobs);
		see_reader(jobs);
		begin_all(jobs);
		if (!isatty(STDOUT_FILENO))
			progress_jobs(jobs->done, jobs->options->n_files);
	}
	progress_clear();
	leave_signals();
}

static void tell_rest(struct jobs *jobs)
{
	const size_t n = jobs->options->n_files;

	if (is_stopped())
		complain(&jobs->status,
			 "stopped by a signal (%s): %zu of %zu traces were not "
			 "read",
			 strsignal(stop_signal()), n - jobs->next + jobs->left,
			 n);
	else if (!jobs->told && !jobs->status && !jobs->over)
		complain(&jobs->status, "%s: no traces in it",
			 jobs->options->directory);
}

static void jobs_free(struct jobs *jobs)
{
	for (size_t i = 0; jobs->names && i < jobs->options->n_files; i++)
		free(jobs->names[i]);
	free(jobs->names);
	free(jobs->slots);
}

int jobs_run(const struct options *options, job_fn *job)
{
	struct jobs jobs = {.options = options, .job = job};

	if (check_choice(options) || check_filter(options))
		return 2;
	input_allow_files();
	name_directories(&jobs);
	jobs.n_slots = options->n_files < options->jobs
			   ? (unsigned)options->n_files
			   : options->jobs;
	jobs.slots = xcalloc(jobs.n_slots, sizeof(*jobs.slots));
	if (check_directories(&jobs))
		jobs.status = 2;
	else
		jobs.lanes = lanes_new(options, options->n_files, jobs.n_slots,
				       &jobs.status);
	if (jobs.lanes) {
		work(&jobs);
		tell_rest(&jobs);
		lanes_free(jobs.lanes);
	}
	jobs_free(&jobs);
	return jobs.status;
}
