/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ranges of one side's data, as first sent, that more than one subflow
 * carried: by which, and in how many copies. Private to reinjection.c.
 */
#ifndef ANALYSIS_CARRIERS_H
#define ANALYSIS_CARRIERS_H

#include "base/spans.h"

#include <stddef.h>
#include <stdint.h>

#define CARRIED_MAX  65536 /* ranges that are known */
#define CARRIERS_MAX 256   /* subflows of one range that are told apart */

struct carried_range {
	int64_t start, end; /* data offset; `end` is just behind it: how long
			     * the range is does not matter */
	int n, *subflows;
	size_t room;
	int copies; /* beside the first, in whatever pieces */
};

struct carriers {	  /* zeroed: empty */
	struct spans all; /* of struct carried_range */
};

/* A copy, on subflow `on`, of the range that starts there and `first_on`
 * carried first. Returns the number of its carriers if `on` is another one, 0
 * if it was known, or too many are. */
int carriers_add(struct carriers *carriers, int64_t start, int first_on,
		 int on);

/* Copies of the range that starts there, beside the first; 0 if unknown. */
int carriers_copies(const struct carriers *carriers, int64_t start);

/* The ranges below `floor` are final: `tell` gets each, in ascending order, and
 * they are forgotten. */
typedef void carried_fn(void *arg, const struct carried_range *range);
void carriers_forget(struct carriers *carriers, int64_t floor, carried_fn *tell,
		     void *arg);

void carriers_shift(struct carriers *carriers, int64_t by);
void carriers_free(struct carriers *carriers); /* its memory, not the struct */

#endif
