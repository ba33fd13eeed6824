/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Least privilege: before the first byte of a trace is read, the process gives
 * up what it will not need, for good. Files by Landlock, all else by seccomp,
 * as far as this system has them; doc/security.md says what that leaves.
 */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

#define CONFINE_RESULTS_MAX 8

struct confine_needs {
	const char *const *read; /* files that will be opened to be read */
	size_t n_read;
	/* Directories in which files will be made and replaced */
	const char *results[CONFINE_RESULTS_MAX];
	size_t n_results;
	/* Files that will be written; they need not be there yet */
	const char *write[CONFINE_RESULTS_MAX];
	size_t n_write;
	bool programs; /* others will be started, which read what they like */
};

enum confined { /* bits */
		CONFINED_FILES = 1,
		CONFINED_SYSCALLS = 2,
};

/* Before there are threads. What cannot be given up is kept: what could is
 * returned. Names are not kept; what has no such file is passed over. */
unsigned confine(const struct confine_needs *needs);

/* System calls alone; true if they are confined now. With `programs`, only what
 * gives power over others or a network is given up. */
bool confine_syscalls(bool programs);

#endif
