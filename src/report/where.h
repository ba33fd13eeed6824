/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The expressions of --where: comparisons of the terms in terms.c, and, or,
 * not. Read once; asked of each report without allocating. Not for what the
 * terms mean.
 */
#ifndef REPORT_WHERE_H
#define REPORT_WHERE_H

#include "base/err.h"
#include "report/report.h"

#include <stdbool.h>

struct where;

/* NULL and err, which says what is wrong and where, if the text is no
 * expression. */
struct where *where_new(const char *text, struct err *err);
void where_free(struct where *where); /* NULL is fine */

bool where_holds(const struct where *where, const struct report_conn *conn);

#endif
