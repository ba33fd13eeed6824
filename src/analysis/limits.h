/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Limits of the tracker that the trace reached, which no honest one does: what
 * is missing from the result. doc/security.md has all limits.
 */
#ifndef ANALYSIS_LIMITS_H
#define ANALYSIS_LIMITS_H

#include "report/report.h"
#include "track/tracker.h"

/* Findings of the limits of the whole trace. */
void limits_tell(const struct tracker_counts *counts,
		 struct report_conn *loose);

/* Something was left out because there was too much of it. */
struct overflow { /* zeroed at first */
	uint64_t count;
	uint64_t frame; /* the first of it */
	nstime_t time;
};

static inline void overflow_note(struct overflow *overflow, uint64_t frame,
				 nstime_t time)
{
	if (!overflow->count++) {
		overflow->frame = frame;
		overflow->time = time;
	}
}

/* "`what` (N in all): `result`", if it happened. */
void overflow_tell(const struct overflow *overflow, struct report_conn *report,
		   const char *what, const char *result);

#endif
