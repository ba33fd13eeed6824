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
#include <stddef.h>
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

/* There is a connection of this id; a NULL selection does not mind. */
void selection_met(struct selection *selection, uint64_t id);

#define SELECTION_IDS 48 /* room for what is below */

/* Of what was listed, as text into `ids`: the next at *i or after of which
 * there is no connection at all; false if there are no more. */
bool selection_unmet(const struct selection *selection, size_t *i, char *ids);

/* Was there no connection of any listed id? */
bool selection_unmet_all(const struct selection *selection);

/* Settles the ids that are taken, for good, instead of the expression: those
 * that were chosen. */
void selection_choose(struct selection *selection, uint64_t id);
void selection_settle(struct selection *selection);

#endif
