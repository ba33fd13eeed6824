/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time as one signed 64-bit count of nanoseconds: since the epoch for a
 * moment, plain for a span. Every moment is within NSTIME_MOST of the epoch,
 * from 1824 to 2116, so that no sum or difference of two overflows.
 */
#ifndef BASE_NSTIME_H
#define BASE_NSTIME_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t nstime_t;

#define NSTIME_SECOND ((nstime_t)1000000000)
#define NSTIME_MOST   (INT64_MAX / 2)
#define NSTIME_NONE   INT64_MIN /* no such moment, or no such span */

/* Room for any moment printed by nstime_print. */
#define NSTIME_TEXT 32

/* Seconds and nanoseconds as a moment, without overflow: what no nstime_t can
 * say becomes the nearest that can. */
nstime_t nstime_from(int64_t seconds, uint32_t nanoseconds);

/* The moment nearest to `time`. */
nstime_t nstime_clamp(int64_t time);

/* `time` as "seconds.fraction" with `digits` (6 or 9) digits, the rest cut off.
 * Returns `text`, which has room for NSTIME_TEXT. */
char *nstime_print(nstime_t time, int digits, char *text);

/* From one moment to another; NSTIME_NONE if either is. */
static inline nstime_t nstime_span(nstime_t from, nstime_t to)
{
	return from == NSTIME_NONE || to == NSTIME_NONE ? NSTIME_NONE
							: to - from;
}

/* A span as seconds; NAN for NSTIME_NONE. */
static inline double nstime_seconds(nstime_t span)
{
	return span == NSTIME_NONE ? NAN : (double)span / 1e9;
}

#endif
