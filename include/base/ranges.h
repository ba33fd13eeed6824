/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A set of integers as ascending, disjoint, half-open ranges; neighbours are
 * joined.
 */
#ifndef BASE_RANGES_H
#define BASE_RANGES_H

#include "base/spans.h"

#include <stdint.h>

struct ranges {		  /* zeroed: empty */
	struct spans all; /* of struct span */
	int64_t total;	  /* how many integers are in it */
};

void ranges_clear(struct ranges *ranges); /* and frees what it holds */

/* Adds [start, end); nothing if that is empty. */
void ranges_add(struct ranges *ranges, int64_t start, int64_t end);

/* Takes out all below `start`. */
void ranges_trim(struct ranges *ranges, int64_t start);

/* Moves all of it. */
void ranges_shift(struct ranges *ranges, int64_t by);

#endif
