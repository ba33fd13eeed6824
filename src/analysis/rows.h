/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of analyses: another one is another row, and its file defines
 * analysis_NAME. They get each event in this order; figures are listed in it.
 */
#ifndef ANALYSIS_ROWS_H
#define ANALYSIS_ROWS_H

#include "analysis/analysis.h"

/* clang-format off */
#define ANALYSIS_ROWS(ROW)	\
	ROW(sequence)		\
	ROW(acksize)		\
	ROW(delay)		\
	ROW(flight)		\
	ROW(goodput)		\
	ROW(rtt)		\
	ROW(throughput)		\
	ROW(reorder)		\
	ROW(scheduler)		\
	ROW(reinjection)	\
	ROW(volume)		\
	ROW(segments)		\
	ROW(signals)		\
	ROW(findings)		\
	ROW(path)		\
	ROW(progress)		\
	ROW(addresses)		\
	ROW(ending)		\
	ROW(limits)
/* clang-format on */

#define DECLARE_ROW(name) extern const struct analysis analysis_##name;
ANALYSIS_ROWS(DECLARE_ROW)
#undef DECLARE_ROW

#endif
