/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The progress line on standard error, when that is a terminal and the run
 * lasts: percent, packets and rate.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* It is worth a call whenever so many packets are done. */
#define PROGRESS_EVERY 32768

/* So many packets have been read, and bytes as capture_progress() says. */
void progress_show(uint64_t packets, uint64_t done, uint64_t total);
void progress_clear(void); /* makes room for a message, or for the end */

/* The traces are read once more, from the beginning. */
void progress_restart(void);

/* Of several traces, each a process, so many have been done. */
void progress_jobs(size_t done, size_t all);
/* In such a process there is no such line. */
void progress_off(void);

#endif
