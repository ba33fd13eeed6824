/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files by name.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Is `name` that of a regular file which is one of n others, whatever it is
 * called there? */
bool file_is_one_of(const char *name, const char *const *others, size_t n);

#endif
