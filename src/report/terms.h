/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What --where can ask of a connection: a row a term. Not for expressions of
 * them.
 */
#ifndef REPORT_TERMS_H
#define REPORT_TERMS_H

#include "report/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum term_kind { /* how its values are written */
		 TERM_COUNT,
		 TERM_BYTES,
		 TERM_RATE,   /* bytes a second */
		 TERM_SPAN,   /* nanoseconds */
		 TERM_MOMENT, /* nanoseconds since 1970 */
		 TERM_WORD,
		 TERM_ADDRESS,
};

struct term_value {
	bool known; /* else the rest is meaningless */
	int64_t number;
	const char *word;
	struct address address;
};

/* The i-th value; false: there are no more. */
typedef bool term_fn(const struct report_conn *conn, size_t i,
		     struct term_value *value);

struct term {
	const char *name;
	enum term_kind kind;
	bool many; /* any number of values, also none; else it has one, known
		    * or not */
	term_fn *value;
	const char *(*words)(size_t i); /* all there are; NULL: nobody knows */
	bool ordered;			/* they ascend */
};

const struct term *term_row(size_t i); /* NULL: there are no more */

bool term_value(const struct term *term, const struct report_conn *conn,
		size_t i, struct term_value *value);

#endif
