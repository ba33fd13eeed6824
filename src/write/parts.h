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
 * the id's, are in `widths`, of PAGEROW_CELLS. */
#define PAGEROW_CELLS 15
void pagerow_head(struct buffer *out, int *widths);
void pagerow_cells(struct buffer *out, const struct report_conn *conn,
		   int digits, int *widths);

/* What the plain report says of it, and what was signalled. */
void pageconn_text(struct buffer *out, const struct report_conn *conn,
		   int digits);
/* Its findings under that heading, the gravest first; nothing if it has none.
 * Times are counted from conn->first. */
void pageconn_findings(struct buffer *out, const struct report_conn *conn,
		       const char *heading, int digits);
/* What its pictures share, which come between: their legend, and the picture
 * of its signals. */
void pageconn_begin_views(struct buffer *out, const struct report_conn *conn,
			  int digits);
void pageconn_end_views(struct buffer *out);

/* When what was signalled: a list, and a picture. */
void timeline_list(struct buffer *out, const struct report_conn *conn,
		   int digits);
void timeline_picture(struct buffer *out, const struct report_conn *conn,
		      int digits);

#endif
