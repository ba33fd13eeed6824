/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the page says of one connection, but its pictures.
 */
#ifndef WRITE_PARTS_H
#define WRITE_PARTS_H

#include "report/report.h"
#include "write/buffer.h"

/* The table of all connections: its columns' names, and a connection's cells
 * but the first, its id. Characters of the widest cell of each column, with
 * the id's, are in `widths`, of ROW_CELLS. */
#define ROW_CELLS 15
void row_head(struct buffer *out, int *widths);
void row_cells(struct buffer *out, const struct report_conn *conn, int digits,
	       int *widths);

/* What a connection carried, both ways. */
uint64_t conn_bytes(const struct report_conn *conn);

/* What the plain report says of it. */
void part_text(struct buffer *out, const struct report_conn *conn, int digits);
/* What its pictures share, which follow: their legend, and the timeline. */
void views_begin(struct buffer *out, const struct report_conn *conn,
		 int digits);
void views_end(struct buffer *out);

/* When what was signalled: a picture, and a list. */
void timeline(struct buffer *out, const struct report_conn *conn, int digits);

/* Since the connection's start, in seconds; "-" if unknown. */
void put_since(struct buffer *out, const struct report_conn *conn,
	       nstime_t time, int digits);

#endif
