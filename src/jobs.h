/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * -j: several traces side by side, each in a process of its own that does what
 * a run on it alone would do. Their output comes in the order of the traces
 * (lanes.h); their files go into a directory each (names.h).
 */
#ifndef JOBS_H
#define JOBS_H

#include "options.h"
#include "outputs.h"

#include <stdbool.h>

/* Analyses all files of the options as one trace; returns the status of the
 * process. *told: outputs were opened; else it was no trace. */
typedef int job_fn(const struct options *options,
		   const struct outputs_trace *trace, bool *told);

/* Has `job` do each file by itself, options->jobs at a time. Returns the worst
 * status. */
int jobs_run(const struct options *options, job_fn *job);

#endif
