/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/alloc.h"

#include "base/leftovers.h"

#include <sys/mman.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGE 64 /* octets */
#define AHEAD ((size_t)4 << 20)

/* Any thread may come here, whatever the others are at. */
void alloc_failed(void)
{
	leftovers_remove();
	fputs("mptcptrace: out of memory\n", stderr);
	_exit(1);
}

static void *checked(void *memory)
{
	if (!memory)
		alloc_failed();
	return memory;
}

void *xmalloc(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *xcalloc_apart(size_t size)
{
	size_t lines = (size + CACHE_LINE - 1) / CACHE_LINE;

	return memset(checked(aligned_alloc(CACHE_LINE, lines * CACHE_LINE)), 0,
		      size);
}

void *xreallocarray(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return checked(NULL);
	return checked(realloc(old, count && size ? count * size : 1));
}

char *xstrdup(const char *text)
{
	return checked(strdup(text));
}

/* Not by malloc, which would think that such sizes are usual. */
void alloc_ahead(void)
{
	void *memory = mmap(NULL, AHEAD, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		alloc_failed();
	munmap(memory, AHEAD);
}

void *xgrow(void *array, size_t *room, size_t need, size_t size)
{
	if (need <= *room)
		return array;
	/* What is large is often alone. */
	size_t bigger = *room ? *room : size < LARGE ? 4 : 1;
	while (bigger < need)
		bigger *= 2;
	*room = bigger;
	return xreallocarray(array, bigger, size);
}
