/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writers of whole reports, a row each: what a plain run, --json and --list
 * print. A writer puts the report into words and knows no MPTCP.
 */
#ifndef WRITE_WRITER_H
#define WRITE_WRITER_H

#include "base/err.h"
#include "report/report.h"
#include "write/listing.h"
#include "write/style.h"

#include <stdbool.h>
#include <stdio.h>

struct writer_options {
	int digits;  /* of times */
	bool chosen; /* connections were chosen: each of them is told */
	/* The trace, where several are told one after the other: rows for
	 * programs say which they are of, and the names of their columns
	 * (writer.before, events_names) stand only above the first. Or NULL. */
	const char *file;
	struct style style;
};

struct writer {
	const char *name, *help;
	bool whole; /* connections follow what the whole trace says: all are
		     * held back until the end */
	bool slow;  /* takes longer for a connection than all else does: worth
		     * as many threads as there are processors. Its functions
		     * may be called by many at the same time, as others' */
	const char *between; /* between two connections, or NULL */
	/* One connection, when it has closed, in any order of ids; writes
	 * nothing if this writer has nothing to say of it. */
	void (*conn)(FILE *file, const struct report_conn *conn,
		     const struct writer_options *options);
	/* Before and after all connections; before is called with the totals
	 * only by a writer that is `whole`, else with NULL. */
	void (*before)(FILE *file, const struct report_totals *totals,
		       const struct writer_options *options);
	void (*after)(FILE *file, const struct report_totals *totals,
		      const struct writer_options *options);
};

/* Before anybody writes: out of memory, the library for JSON ends the process
 * as all else does, and leaves nothing out. */
void writers_begin(void);

extern const struct writer writer_text;
extern const struct writer writer_json;
/* --list in this form. */
const struct writer *writer_of_list(enum listing_format format);

#endif
