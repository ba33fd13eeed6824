/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hidden directory beside the results, where files wait until they are whole
 * and get their names. A few stay open meanwhile. The first thing that goes
 * wrong is kept; when it is of no use to go on (the disk is full), nothing is
 * written any more.
 */
#ifndef BASE_WORKSHOP_H
#define BASE_WORKSHOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct workshop;

/* Makes the directory if it is missing. Results never replace one of the
 * inputs; all names are borrowed. NULL and err if that fails. */
struct workshop *workshop_new(const char *directory, const char *const *inputs,
			      size_t n_inputs, struct err *err);
/* Whatever has no name goes. */
void workshop_free(struct workshop *workshop);

/* The hidden directory's own name, in that of the results. */
const char *workshop_name(const struct workshop *workshop);

/* A piece of work: a file that has no name yet. */
struct work {
	uint64_t number; /* 0: none was begun */
};

void work_append(struct workshop *workshop, struct work *work, const char *text,
		 size_t size);
/* It is whole. A work that was never begun is an empty file. */
void work_finish(struct workshop *workshop, struct work *work,
		 const char *name);
void work_drop(struct workshop *workshop, struct work *work);

/* One that is written in one go; NULL after a failure. */
FILE *workshop_open(struct workshop *workshop);
void workshop_close(struct workshop *workshop, FILE *file, const char *name);

/* Files that others made in the hidden directory, with the names that they
 * shall have: all that end in `suffix`. They replace results of those names, as
 * all work does, but none of the inputs. */
void workshop_adopt(struct workshop *workshop, const char *suffix);

/* Something else went wrong. */
void workshop_complain(struct workshop *workshop, const struct err *err);
/* -1 and the first that went wrong, if anything did. */
int workshop_result(const struct workshop *workshop, struct err *err);

#endif
