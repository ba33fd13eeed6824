/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The signals of a connection. They are told nearly in order, and sorted once:
 * when they are complete, or when there are a quarter more of them than wanted.
 */
#include "report/report.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT 256

static int compare(const void *one, const void *two)
{
	const struct report_signal *a = one, *b = two;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->packet != b->packet)
		return a->packet < b->packet ? -1 : 1;
	return (a->told > b->told) - (a->told < b->told);
}

static bool in_order(const struct report_conn *conn)
{
	for (size_t i = 1; i < conn->n_signals; i++)
		if (compare(&conn->signals[i - 1], &conn->signals[i]) > 0)
			return false;
	return true;
}

void report_signals_settle(struct report_conn *conn)
{
	if (!in_order(conn))
		qsort(conn->signals, conn->n_signals, sizeof(*conn->signals),
		      compare);
	while (conn->n_signals > conn->signals_max) {
		free(conn->signals[--conn->n_signals].text);
		conn->signals_lost++;
	}
}

static void add(struct report_conn *conn, const struct report_signal *signal)
{
	if (conn->n_signals > conn->signals_max + conn->signals_max / 4)
		report_signals_settle(conn);
	conn->signals = xgrow(conn->signals, &conn->signals_room,
			      conn->n_signals + 1, sizeof(*conn->signals));
	conn->signals[conn->n_signals] = *signal;
	conn->signals[conn->n_signals++].told = conn->signals_told++;
}

void report_signal(struct report_conn *conn, const struct report_signal *signal,
		   const char *format, ...)
{
	struct report_signal copy = *signal;
	char text[TEXT];
	va_list args;

	copy.text = NULL;
	if (format) {
		va_start(args, format);
		vsnprintf(text, sizeof(text), format, args);
		va_end(args);
		copy.text = xstrdup(text);
	}
	if (copy.time != NSTIME_NONE)
		conn->signals_now = copy.time;
	copy.order = conn->signals_now;
	add(conn, &copy);
}

void report_signals_move(struct report_conn *to, int id,
			 struct report_conn *from, int old, bool turned)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->n_signals; i++) {
		struct report_signal signal = from->signals[i];

		if (signal.subflow != old) {
			from->signals[kept++] = signal;
			continue;
		}
		signal.subflow = id;
		if (turned)
			signal.side = other_side(signal.side);
		add(to, &signal);
	}
	from->n_signals = kept;
	to->signals_lost += from->signals_lost;
	from->signals_lost = 0;
}

void report_signals_take(struct report_conn *to, struct report_conn *from)
{
	for (size_t i = 0; i < from->n_signals; i++) {
		from->signals[i].subflow = -1;
		add(to, &from->signals[i]);
	}
	from->n_signals = 0;
	to->signals_lost += from->signals_lost;
	from->signals_lost = 0;
}
