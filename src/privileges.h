/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a run needs of the system.
 */
#ifndef PRIVILEGES_H
#define PRIVILEGES_H

#include "options.h"

/* Gives up all that is not needed for what the options ask: base/confine.h.
 * The directories of results are made before, if they are missing; where that
 * fails, it is for those to tell who want to write there. */
void privileges_drop(const struct options *options);

#endif
