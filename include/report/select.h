/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which connections are wanted: those of a list of ids, and for which an
 * expression holds (-c and --where).
 */
#ifndef REPORT_SELECT_H
#define REPORT_SELECT_H

#include "base/err.h"
#include "report/report.h"

#include <stdbool.h>
#include <stdint.h>

struct selection;

/* `list` as in -c, `where` as in --where; NULL: all. NULL and err, which says
 * what is wrong and where, if either cannot be understood. */
struct selection *selection_new(const char *list, const char *where,
				struct err *err);
void selection_free(struct selection *selection); /* NULL is fine */

/* Is the id among those listed? A NULL selection takes everything. */
bool selection_takes_id(const struct selection *selection, uint64_t id);

/* That, and does the expression hold? The report is complete. */
bool selection_takes(const struct selection *selection,
		     const struct report_conn *conn);

/* Does it need the whole report? */
bool selection_has_expression(const struct selection *selection);

#endif
