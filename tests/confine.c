/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a confined process can still do, and what it cannot: each attempt is
 * made by a process of its own. TAP.
 */
#include "base/confine.h"
#include "base/file.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In a directory of its own there are, at first, "trace", "other", "folder/"
 * and "results/", each with "inside" in it, and "results/planted", a link to
 * "../other". */

static int opened(const char *path, int flags)
{
	int fd = open(path, flags, 0666);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int read_trace(void)
{
	return opened("trace", O_RDONLY);
}

static int read_other(void)
{
	return opened("other", O_RDONLY);
}

/* One that was named as if it were a trace. */
static int open_directory(void)
{
	return opened("folder", O_RDONLY);
}

static int read_inside(void)
{
	return opened("folder/inside", O_RDONLY);
}

static int read_system(void)
{
	return opened("/etc/passwd", O_RDONLY);
}

static int write_trace(void)
{
	return opened("trace", O_WRONLY);
}

static int make_result(void)
{
	return opened("results/new", O_WRONLY | O_CREAT | O_EXCL);
}

static int replace_result(void)
{
	if (mkdir("results/.hidden", 0777) ||
	    opened("results/.hidden/1", O_WRONLY | O_CREAT) ||
	    rename("results/.hidden/1", "results/inside"))
		return errno;
	return rmdir("results/.hidden") ? errno : 0;
}

static int make_elsewhere(void)
{
	return opened("elsewhere", O_WRONLY | O_CREAT);
}

static int make_directory_elsewhere(void)
{
	return mkdir("elsewhere", 0777) ? errno : 0;
}

static int move_out(void)
{
	return rename("results/inside", "outside") ? errno : 0;
}

static int write_planted(void)
{
	return opened("results/planted", O_WRONLY | O_TRUNC);
}

static int remove_other(void)
{
	return unlink("other") ? errno : 0;
}

static int make_temporary(void)
{
	int fd = file_temporary();

	return fd < 0 ? errno : 0;
}

static int make_named(void)
{
	return opened("named/report.json", O_WRONLY | O_CREAT);
}

static int ask_network(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int ask_unix(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0) < 0 ? errno : 0;
}

static int connect_out(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(fd, (struct sockaddr *)&to, sizeof(to)) ? errno : 0;
}

static int run_program(void)
{
	char *const words[] = {"true", NULL};

	execvp(words[0], words);
	return errno;
}

static int fork_off(void)
{
	pid_t process = fork();

	if (process < 0)
		return errno;
	if (!process)
		_exit(0);
	waitpid(process, NULL, 0);
	return 0;
}

static void *go_round(void *arg)
{
	return arg;
}

static int start_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, go_round, NULL);

	return error ? error : pthread_join(thread, NULL);
}

static int make_code(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? errno : 0;
}

static int make_memory(void)
{
	void *memory = malloc((size_t)64 << 20);

	memset(memory, 1, (size_t)64 << 20);
	free(memory);
	return 0;
}

/* With and without programs, and by what it is held; 0: it can be done. */
static const struct attempt {
	const char *name;
	int (*make)(void);
	unsigned alone, programs;
} attempts[] = {
    {"reads a trace", read_trace, 0, 0},
    {"reads another file", read_other, CONFINED_FILES, 0},
    {"opens a directory for a trace", open_directory, 0, 0},
    {"reads what is in it", read_inside, CONFINED_FILES, 0},
    {"reads the system's files", read_system, CONFINED_FILES, 0},
    {"writes to a trace", write_trace, CONFINED_FILES, CONFINED_FILES},
    {"makes a result", make_result, 0, 0},
    {"replaces a result", replace_result, 0, 0},
    {"makes a file elsewhere", make_elsewhere, CONFINED_FILES, CONFINED_FILES},
    {"makes a directory elsewhere", make_directory_elsewhere, CONFINED_FILES,
     CONFINED_FILES},
    {"moves a result out", move_out, CONFINED_FILES, CONFINED_FILES},
    {"writes through a planted link", write_planted, CONFINED_FILES,
     CONFINED_FILES},
    {"removes another file", remove_other, CONFINED_FILES, CONFINED_FILES},
    {"makes a temporary file", make_temporary, 0, 0},
    {"makes a file that was named", make_named, 0, 0},
    {"opens a socket", ask_network, CONFINED_SYSCALLS, 0},
    {"opens a local socket", ask_unix, CONFINED_SYSCALLS, 0},
    {"connects", connect_out, CONFINED_SYSCALLS, CONFINED_SYSCALLS},
    {"becomes a program", run_program, CONFINED_SYSCALLS, 0},
    {"forks", fork_off, CONFINED_SYSCALLS, 0},
    {"starts a thread", start_thread, 0, 0},
    {"makes code", make_code, CONFINED_SYSCALLS, 0},
    {"takes memory", make_memory, 0, 0},
};

#define ATTEMPTS ((int)(sizeof(attempts) / sizeof(attempts[0])))

static unsigned confine_here(bool programs)
{
	const char *const traces[] = {"trace", "missing", "folder"};
	const struct confine_needs needs = {
	    .read = traces,
	    .n_read = 3,
	    .results = {"results"},
	    .n_results = 1,
	    .write = {"named/report.json"},
	    .n_write = 1,
	    .programs = programs,
	};

	return confine(&needs);
}

/* What the process says, of confine_here() if there is nothing to make. */
static int ask_process(int (*make)(void), bool programs)
{
	pid_t process = fork();
	int how = -1;

	if (!process) {
		unsigned done = confine_here(programs);

		_exit(make ? make() : (int)done);
	}
	waitpid(process, &how, 0);
	return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

static void set_up(void)
{
	if (mkdir("results", 0777) || mkdir("named", 0777) ||
	    mkdir("temporary", 0777) || mkdir("folder", 0777) ||
	    opened("trace", O_WRONLY | O_CREAT) ||
	    opened("other", O_WRONLY | O_CREAT) ||
	    opened("folder/inside", O_WRONLY | O_CREAT) ||
	    opened("results/inside", O_WRONLY | O_CREAT) ||
	    symlink("../other", "results/planted")) {
		printf("Bail out! %s\n", strerror(errno));
		exit(1);
	}
}

static void clean_up(void)
{
	static const char *const files[] = {"trace",
					    "other",
					    "elsewhere",
					    "outside",
					    "folder/inside",
					    "results/inside",
					    "results/planted",
					    "results/new",
					    "results/.hidden/1",
					    "named/report.json"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir("results/.hidden");
	rmdir("results");
	rmdir("named");
	rmdir("temporary");
	rmdir("folder");
	rmdir("elsewhere");
}

static void run_attempt(int number, const struct attempt *attempt,
			bool programs, unsigned confined)
{
	unsigned by = programs ? attempt->programs : attempt->alone;
	const char *how = programs ? ", programs allowed" : "";
	bool cannot = by & confined;
	int error;

	if (by && !cannot) {
		printf("ok %d - %s%s # SKIP not confined here\n", number,
		       attempt->name, how);
		return;
	}
	error = ask_process(attempt->make, programs);
	printf("%s %d - %s%s%s\n",
	       cannot == (error == EACCES || error == ENOSYS) &&
		       (cannot || !error)
		   ? "ok"
		   : "not ok",
	       number, cannot ? "cannot: " : "can: ", attempt->name, how);
	if (error && !cannot)
		printf("# %s\n", error < 0 ? "killed" : strerror(error));
}

int main(void)
{
	char directory[] = "/tmp/mptcptrace-confine-XXXXXX";
	unsigned confined;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!mkdtemp(directory) || chdir(directory) ||
	    setenv("TMPDIR", "temporary", 1))
		return 1;
	printf("1..%d\n", 2 * ATTEMPTS);
	for (int programs = 0; programs < 2; programs++)
		for (int i = 0; i < ATTEMPTS; i++) {
			set_up();
			confined = (unsigned)ask_process(NULL, programs);
			run_attempt(programs * ATTEMPTS + i + 1, &attempts[i],
				    programs, confined);
			clean_up();
		}
	rmdir(directory);
	return 0;
}
