/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A place in memory, where there is one, for the files of a harness: the trace
 * that it reads, what comes out, and temporary ones. It is gone when the process ends well.
 */
#ifndef TESTS_FUZZ_PLACE_H
#define TESTS_FUZZ_PLACE_H

#include <stdint.h>
#include <stdio.h>

/* Made at the first call: the directory. */
const char *place_directory(void);

/* Opens the n-th trace (0, 1) anew, for writing; its name is place_trace. */
FILE *place_open(int n);
const char *place_trace(int n);

/* The current directory is place's `out` from enter to leave, which empties
 * it. */
void place_enter(void);
void place_leave(void);

#endif
