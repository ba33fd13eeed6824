/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is on disk only until it is whole, and goes when the process must end at
 * once: out of memory, or at a second signal. Not for files without a name,
 * which go by themselves.
 */
#ifndef BASE_LEFTOVERS_H
#define BASE_LEFTOVERS_H

/* From now on this file, or this directory with the files in it, is one.
 * Returns what leftover_remove and leftover_keep want to know; -1 and errno if
 * it cannot be one. */
int leftover_file(const char *path);
int leftover_directory(const char *path);

/* Removes it. -1 is fine. */
void leftover_remove(int which);
/* It is none any more. -1 is fine. */
void leftover_keep(int which);

/* Removes all of them; also in a signal handler. Errors are passed over. */
void leftovers_remove(void);
/* They are another process's, which has made this one. */
void leftovers_forget(void);

#endif
