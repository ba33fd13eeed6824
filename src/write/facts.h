/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the plain report, the list and the page say in the same words.
 */
#ifndef WRITE_FACTS_H
#define WRITE_FACTS_H

#include "report/report.h"

/* Why a connection is in its state; or NULL. */
const char *fact_why(const struct report_conn *conn);
/* Distinct data bytes that a side sent; all payload after a fallback. */
int64_t fact_sent(const struct report_conn *conn, enum side side);
/* In bytes/s, or NAN: of a few bytes it means nothing. */
double fact_goodput(const struct report_conn *conn, enum side side);

/* How a subflow came to be, and how it is. */
const char *fact_origin(const struct report_subflow *subflow);
const char *fact_state(const struct report_subflow *subflow);

/* "" or "s" */
const char *fact_plural(int64_t count);

#endif
