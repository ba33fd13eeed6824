/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * measure FILE COMMAND...: runs a command and writes into FILE what it took:
 * seconds by the clock, user and system seconds, peak memory in KiB, and its
 * exit status (128 + N for signal N).
 *
 * A program of its own because the peak that the kernel tells of a process
 * includes that of its parent at the time of the fork, which a Python script
 * would hide small programs behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct rusage took;
	double start;
	FILE *file;
	pid_t child;
	int status;

	if (argc < 3 || !(file = fopen(argv[1], "we"))) {
		fprintf(stderr, "usage: measure FILE COMMAND...\n");
		return 2;
	}
	start = now();
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &took) != child) {
		perror("measure");
		return 1;
	}
	status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(file, "%.6f %.6f %.6f %ld %d\n", now() - start,
		seconds(took.ru_utime), seconds(took.ru_stime), took.ru_maxrss,
		status);
	return fclose(file) ? 1 : 0;
}
