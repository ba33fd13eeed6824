/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --events: the signals of all connections in order of time, as text, CSV or
 * JSON lines. Connections bring theirs when they have closed; their lines wait
 * in a temporary file that has no name.
 */
#ifndef WRITE_EVENTS_H
#define WRITE_EVENTS_H

#include "base/err.h"
#include "report/report.h"
#include "write/listing.h"
#include "write/writer.h"

#include <stdio.h>

struct events;

/* With `relative`, people read times since the first packet; as they do on a
 * terminal. */
struct events *events_new(enum listing_format format,
			  const struct writer_options *options, bool relative);
void events_free(struct events *events); /* NULL is fine */

/* The signals of a connection that has closed. */
void events_conn(struct events *events, const struct report_conn *conn);

/* The names of the CSV's columns. events_write writes them itself, unless
 * options.file. */
void events_names(FILE *file, const struct writer_options *options);

/* Writes all of them, and those of flows of no connection. -1 and err if the
 * temporary file failed. */
int events_write(struct events *events, FILE *file,
		 const struct report_totals *totals, struct err *err);

#endif
