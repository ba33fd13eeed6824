/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of a report that is not found but known: who, when, which version,
 * which state.
 */
#ifndef ANALYSIS_DESCRIBE_H
#define ANALYSIS_DESCRIBE_H

#include "report/report.h"
#include "track/conn.h"

/* Fills in the report of a connection that is about to be closed. */
void describe(const struct conn *conn, struct report_conn *report);

#endif
