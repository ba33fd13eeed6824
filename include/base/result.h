/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A file by a name that the user chose, which gets that name when it is whole:
 * until then what was there stays. It grows beside it. What is no regular file
 * (a pipe, a terminal, /dev/full), or already open as a standard file, is
 * written as it is; where there is a symbolic link, it is what it leads to that
 * is replaced.
 */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

struct result;

/* NULL and err if there is nowhere to write to. */
struct result *result_open(const char *name, struct err *err);
FILE *result_file(const struct result *result);
/* Closes and frees. If it is whole it takes the place of what had its name,
 * with the permissions that that had; else, or if it cannot be written, it is
 * thrown away. -1 and err in the latter case. NULL is fine. */
int result_close(struct result *result, bool whole, struct err *err);

/* The file that a name leads to, through symbolic links, whether it is there or
 * not; to be freed. */
char *result_path(const char *name);

/* A file that has its name at once, in place of what had it, which is written
 * over only if it is a device: links lead nowhere. NULL and errno. */
FILE *result_in_place(const char *path);

#endif
