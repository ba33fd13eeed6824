/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What there is to say of flows of no known connection. Private to core.c.
 */
#ifndef ANALYSIS_ORPHANS_H
#define ANALYSIS_ORPHANS_H

#include "report/report.h"
#include "track/conn.h"
#include "track/tracker.h"

/* MPTCP flows that were tracked together, and never became a connection. */
void orphans_tell(const struct conn *conn, struct report_conn *loose);

/* A flow without MPTCP. */
void orphans_tell_plain(const struct plain_flow *flow,
			struct report_conn *loose);

#endif
