/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time as one signed 64-bit count of nanoseconds: since the epoch for a
 * moment, plain for a span. Good from 1678 to 2262.
 */
#ifndef BASE_NSTIME_H
#define BASE_NSTIME_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t nstime_t;

#define NSTIME_SECOND ((nstime_t)1000000000)
#define NSTIME_NONE   INT64_MIN /* no such moment, or no such span */

/* Room for any moment printed by nstime_print. */
#define NSTIME_TEXT 32

/* Seconds and nanoseconds as a moment, without overflow: what no nstime_t can
 * say becomes the nearest that can. */
nstime_t nstime_from(int64_t seconds, uint32_t nanoseconds);

/* `time` as "seconds.fraction" with `digits` (6 or 9) digits, the rest cut off.
 * Returns `text`, which has room for NSTIME_TEXT. */
char *nstime_print(nstime_t time, int digits, char *text);

/* A span as seconds. */
double nstime_seconds(nstime_t span);

#endif
