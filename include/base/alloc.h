/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that is there or the program is not: a failed allocation ends the
 * process here, with a message and exit status 1, so that no caller needs a
 * branch for it. What these return, free() frees.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#define CACHE_LINE 64 /* octets, on most machines */

/* Ends the process thus; what is not whole does not stay. */
void alloc_failed(void) __attribute__((noreturn));

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size); /* zeroed */
/* ... on cache lines of its own, so that no other processor slows it down by
 * what it writes nearby. */
void *xcalloc_apart(size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text);

/* Is there memory for a library that crashes without, as some do? If not, the
 * process ends here. */
void alloc_ahead(void);

/* Makes room for `need` elements of `size` bytes in an array that has room
 * for *room, at least doubling it; returns the array, perhaps moved. */
void *xgrow(void *array, size_t *room, size_t need, size_t size);

#endif
