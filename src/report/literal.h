/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a term of --where is compared with: 10.0.0.0/8, 1.5M, 250ms, fallback.
 */
#ifndef REPORT_LITERAL_H
#define REPORT_LITERAL_H

#include "base/err.h"
#include "report/terms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct literal {
	const struct term *term;
	int64_t number; /* of ordered words, the place among them */
	char *word;	/* small letters; of addresses, for literal_in */
	struct address address; /* its first so many bits */
	unsigned bits;
};

/* Reads the `size` bytes at `text`; `part`: they are a part of a word, or of
 * an address in writing. -1 and err, which says what they should be. */
int literal_read(struct literal *literal, const struct term *term, bool part,
		 const char *text, size_t size, struct err *err);
void literal_clear(struct literal *literal); /* frees what it holds */

/* Is the value less (-1) than the literal, the same (0), or more (1)? Where
 * there is no order, all that is not the same is more. */
int literal_order(const struct literal *literal,
		  const struct term_value *value);

/* Is the literal a part of the value? */
bool literal_in(const struct literal *literal, const struct term_value *value);

#endif
