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

#endif
