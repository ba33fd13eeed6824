/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The progress line on standard error, when that is a terminal and the run
 * lasts: percent, packets and rate.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "capture/capture.h"

#include <stdbool.h>
#include <stdint.h>

/* Cheap enough to be asked for each packet. */
static inline bool progress_is_due(uint64_t packets)
{
	return packets % 32768 == 0;
}

void progress_show(const struct capture *capture, uint64_t packets);
void progress_clear(void);

/* The traces are read once more, from the beginning. */
void progress_restart(void); /* makes room for a message, or for the end */

#endif
