/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * file_stats.csv: twelve counts over all connections of a run, as in 2014.
 */
#ifndef WRITE_FILESTATS_H
#define WRITE_FILESTATS_H

#include "report/report.h"

#include <stdio.h>

struct file_stats {
	uint64_t connections, subflows, finished, timed_out;
	uint64_t fastclosed[2]; /* connections, by who closed */
	uint64_t fastcloses[2]; /* segments with MP_FASTCLOSE */
	uint64_t bad_hmacs, unanswered_joins;
};

void file_stats_add(struct file_stats *stats, const struct report_conn *conn);
void file_stats_write(FILE *file, const struct file_stats *stats,
		      const struct report_totals *totals);

#endif
