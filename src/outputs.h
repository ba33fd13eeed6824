/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is printed: reports of connections, lists of events and packets, on
 * standard output or into the files of --json=FILE and --events=FILE.
 */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "base/result.h"
#include "options.h"
#include "report/packet.h"
#include "report/report.h"

struct outputs;

/* Where things are written. */
enum outputs_place { PLACE_STANDARD, PLACE_JSON, PLACE_EVENTS, PLACES };

/* One of several traces that are told one after the other, and the files that
 * it is told in instead. */
struct outputs_trace {
	const char *name;
	FILE *files[PLACES];  /* closed with the outputs, but for stdout */
	bool follows[PLACES]; /* another one stands there already */
	unsigned *lost; /* a bit a place, set when what is there is not whole */
};

/* Opens all that the options ask for. `trace` is NULL for one alone. `digits`
 * are those of times; `apart`: connections are written by a thread of its own,
 * and nobody waits for each. *status becomes that of the process when something
 * fails, now or later, and the user is told. NULL if there is nowhere to write
 * to. */
struct outputs *outputs_open(const struct options *options,
			     const struct outputs_trace *trace, int digits,
			     bool apart, int *status);

/* The name of the file that is written there, "-" for standard output; or NULL
 * if nothing is. */
const char *outputs_name(const struct options *options,
			 enum outputs_place place);
/* Opens such a file; NULL if that fails, or if it is one of the traces: told.
 */
struct result *outputs_file(const struct options *options, const char *name,
			    int *status);
/* Is what is printed on standard output all there is? */
bool outputs_print_all(const struct options *options);
/* What stands between two traces there, in text for people; or "". */
const char *outputs_between(const struct options *options,
			    enum outputs_place place);
/* What stands there before the first of several traces. */
void outputs_begin(const struct options *options, enum outputs_place place,
		   FILE *file);

/* A connection has closed; each id once, in any order. May take the report
 * over, and leave an empty one. */
void outputs_conn(struct outputs *outputs, struct report_conn *conn);

/* The next packet; a packet_fn, with a struct outputs as arg. */
void outputs_packet(void *arg, const struct report_packet *packet);

/* Can packets not be written any more, while nothing else is? */
bool outputs_are_over(const struct outputs *outputs);

/* Nothing more is written, and what was is thrown away where that can be. */
void outputs_give_up(struct outputs *outputs);

/* The trace has ended: writes what is left, closes and frees. NULL is fine. */
void outputs_close(struct outputs *outputs, const struct report_totals *totals);

#endif
