/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What several processes write at once, each of a trace, comes out in the order
 * of the traces: on standard output, and in the files of --json=FILE and
 * --events=FILE. The first that has not ended writes there itself if all before
 * it had ended when it began; the others into a temporary file each, which is
 * copied when it is their turn, or put by in one more.
 */
#ifndef LANES_H
#define LANES_H

#include "options.h"
#include "outputs.h"

#include <stdbool.h>
#include <stddef.h>

struct lanes;

/* Opens all that the options ask for, for n traces of which so many are written
 * at a time, each in a slot. NULL if that fails, which is told; *status becomes
 * that of the process, now or when something fails later. */
struct lanes *lanes_new(const struct options *options, size_t n, unsigned slots,
			int *status);
/* Closes it. NULL is fine. */
void lanes_free(struct lanes *lanes);

/* The i-th trace will be written, by the process that comes, in this slot;
 * traces begin in their order. Fills in trace->files and ->follows. -1 if there
 * is nowhere to write to, which is told. */
int lanes_begin(struct lanes *lanes, size_t i, unsigned slot,
		struct outputs_trace *trace);
/* The process has come: the files are its own. */
int lanes_enter(struct lanes *lanes, unsigned slot,
		struct outputs_trace *trace);
/* It has ended; `told`: it wrote something that is of use; `lost`, a bit a
 * place: what is not whole there, which it has told. */
void lanes_end(struct lanes *lanes, size_t i, unsigned slot, bool told,
	       unsigned lost);

#endif
