/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How text for people looks where it is written: what the terminal can show,
 * if it is one. Such text carries marks, a byte each, that say where something
 * stands out and why; style_write makes colours of them, or nothing at all. It
 * knows nothing of what the text says.
 */
#ifndef WRITE_STYLE_H
#define WRITE_STYLE_H

#include "base/words.h"

#include <stdbool.h>
#include <stdio.h>

struct style { /* all zero: plain text, for a file or a pipe */
	bool terminal;
	bool colour;  /* only on a terminal, as are the others */
	bool unicode; /* its characters are UTF-8 */
	int width;    /* in columns, at least STYLE_WIDTH_MIN */
};

#define STYLE_WIDTH_MIN 60

/* What `file` is: a terminal or not. Looks at it and at the environment:
 * NO_COLOR, TERM, COLUMNS, the locale. */
void style_detect(struct style *style, FILE *file);

/* Marks, for string literals; each lasts until STYLE_END. */
#define STYLE_END   "\1"
#define STYLE_HEAD  "\2"
#define STYLE_LABEL "\3" /* what can be read over */
#define STYLE_GOOD  "\4"
#define STYLE_CARE  "\5"
#define STYLE_BAD   "\6"

/* The mark of a state, a severity, a verdict, and a subflow's own; or "". */
const char *style_state(enum conn_state state);
const char *style_subflow_state(enum subflow_state state);
const char *style_severity(enum severity severity);
const char *style_verdict(enum verdict verdict);
const char *style_subflow(int id);

/* How many columns `text` takes, of which the first `length` bytes count. */
int style_columns(const char *text, size_t length);

/* Puts them to `to`, which may be `text`, as they are where there is no colour:
 * without marks. Returns how many bytes are left, and adds the columns that
 * they take to *columns. */
size_t style_strip(char *to, const char *text, size_t length, int *columns);

/* Writes the first `length` bytes of `text`. */
void style_write(const struct style *style, FILE *file, const char *text,
		 size_t length);

#endif
