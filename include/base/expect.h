/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asks the processor's caches for what will be needed soon and is in none of
 * them, so that nobody waits for it.
 */
#ifndef BASE_EXPECT_H
#define BASE_EXPECT_H

#include "base/rare.h"

#include <stddef.h>
#include <stdint.h>

#define CACHE_LINE 64 /* octets, or more */

/* `size` octets; any address is fine, NULL too. */
OFTEN static void cache_expect(const void *at, size_t size)
{
	/* Or a function that does nothing else has no effect as gcc sees it,
	 * and is not called. */
	__asm__ volatile("");
	for (size_t i = 0; i < size; i += CACHE_LINE)
		__builtin_prefetch((const void *)((uintptr_t)at + i));
}

#endif
