/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections end in any order and are written in ascending id: blocks of text
 * that come too early wait, in a temporary file that has no name, so that
 * memory does not grow with their number (but for 16 bytes each).
 */
#ifndef REPORT_SPOOL_H
#define REPORT_SPOOL_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct spool;

/* Blocks go to `out` as soon as all with lower ids have; with `hold`, not
 * before spool_flush. */
struct spool *spool_new(FILE *out, bool hold);
void spool_free(struct spool *spool);

/* Where to write the block with this id, from 0, each once. */
FILE *spool_begin(struct spool *spool, uint64_t id);
/* It is complete; empty is fine. */
int spool_end(struct spool *spool, struct err *err);

/* Writes what waits, in order; no ids may come after that. `between` is
 * written between any two blocks that are not empty, if not NULL. */
int spool_flush(struct spool *spool, const char *between, struct err *err);

#endif
