/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * -w 1: one page of HTML for the whole trace, that needs nothing but itself.
 * What it says of connections waits until the trace has ended; there is room
 * for so much, and where that is not enough, those with findings, and the most
 * data, have it.
 */
#ifndef WRITE_PAGE_H
#define WRITE_PAGE_H

#include "report/report.h"
#include "write/sheets.h"

#include <stdio.h>

struct page;

struct page *page_new(int digits);
void page_free(struct page *page);
/* A picture of the connection that closes next. */
void page_picture(struct page *page, const struct shown *shown);
/* A connection has closed, whatever became of it; after its pictures. */
void page_conn(struct page *page, const struct report_conn *conn);
/* The trace has ended: writes the page. What the file did with it is for the
 * caller to ask. */
void page_finish(struct page *page, FILE *file,
		 const struct report_totals *totals);

#endif
