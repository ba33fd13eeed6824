/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages for whoever runs the program.
 */
#ifndef COMPLAIN_H
#define COMPLAIN_H

#include <stdbool.h>
#include <stdio.h>

/* Says on standard error, and in the log, what is wrong; printf style, without
 * the program's name and without newline. *status becomes 1, unless NULL. */
void complain(int *status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* From now on messages begin with the name of this trace, borrowed, if they do
 * not anyway. */
void complain_of(const char *trace);

/* Has whoever read standard output enough of it (`| head`)? */
bool reader_is_gone(void);

#endif
