/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files by name.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Is `name` that of a regular file which is one of n others, whatever it is
 * called there? */
bool file_is_one_of(const char *name, const char *const *others, size_t n);

/* A file without a name, in $TMPDIR or where such files usually are, for
 * reading and writing. -1 and errno if there is none to be had. */
int file_temporary(void);
/* What is wrong with such a file, where they are, by an errno; returns -1. */
int file_temporary_failed(struct err *err, int error);
/* The same as a stream, to be written and read; NULL and errno. */
FILE *file_temporary_stream(void);

/* What is written to it, where that is a regular file, goes there in pieces of
 * FILE_ROOM through `room`, which stays as long as the file is open: a stream's
 * own are of 4 KiB. Nothing must have been written yet. */
#define FILE_ROOM ((size_t)64 << 10)
void file_widen(FILE *file, char room[FILE_ROOM]);

/* Writes all of it; -1 and errno if that fails. */
int file_write(int fd, const void *bytes, size_t size);
/* Was all written that was put into it until now? -1 and errno if not. */
int file_finish(FILE *file);

/* The path of `name` in a directory, which is only the name in "."; to be
 * freed. */
char *file_in(const char *directory, const char *name);

/* Makes a directory and those above it, where they are missing. */
int file_make_directory(const char *directory, struct err *err);

#endif
