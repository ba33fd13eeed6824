/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which subflow carried how much of what a side sent, each byte counted where
 * it was first: in a line, or on a terminal as bars below one another.
 */
#ifndef WRITE_SHARES_H
#define WRITE_SHARES_H

#include "report/report.h"
#include "write/line.h"

/* Writes nothing where there is nothing to share. */
void shares_write(struct line *line, const struct report_conn *conn,
		  enum side side);

/* A bar for a share, from 0 to 1, of so many columns, in `text` of SHARES_BAR
 * bytes; returns `text`. What is not nothing can be seen. */
#define SHARES_BAR_MAX 40
#define SHARES_BAR     (3 * SHARES_BAR_MAX + 1)
char *shares_bar(double share, int columns, bool unicode, char *text);

#endif
