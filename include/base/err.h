/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the world answered when it did not answer well: a file that cannot be
 * opened, a disk that is full. Functions that can meet the world return 0 or
 * -1 and put a sentence here; only main prints it and picks the exit code.
 * Not for bad bytes in a trace (a status, counted) nor for bugs (assert).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
	char text[1024]; /* one sentence, no newline, names the file */
};

/* Writes the sentence (printf style, cut to fit). Always returns -1, so that
 * a failing function can end in `return err_set(err, ...)`. */
int err_set(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
