/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/events.h"

struct events *events_new(enum listing_format format,
			  const struct writer_options *options)
{
	(void)format;
	(void)options;
	return NULL;
}

void events_free(struct events *events)
{
	(void)events;
}

void events_conn(struct events *events, const struct report_conn *conn)
{
	(void)events;
	(void)conn;
}

int events_write(struct events *events, FILE *file,
		 const struct report_totals *totals, struct err *err)
{
	(void)events;
	(void)file;
	(void)totals;
	(void)err;
	return 0;
}
