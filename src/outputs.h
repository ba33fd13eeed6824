/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is printed: reports of connections, lists of events and packets, on
 * standard output or into the files of --json=FILE and --events=FILE.
 */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "options.h"
#include "report/packet.h"
#include "report/report.h"

struct outputs;

/* Opens all that the options ask for. `digits` are those of times; *status
 * becomes that of the process when something fails, now or later, and the user
 * is told. NULL if there is nowhere to write to. */
struct outputs *outputs_open(const struct options *options, int digits,
			     int *status);

/* A connection has closed; each id once, in any order. */
void outputs_conn(struct outputs *outputs, const struct report_conn *conn);

/* The next packet; a packet_fn, with a struct outputs as arg. */
void outputs_packet(void *arg, const struct report_packet *packet);

/* Are packets all that is printed, and is nobody there to read them? */
bool outputs_are_over(const struct outputs *outputs);

/* The trace has ended: writes what is left, closes and frees. NULL is fine. */
void outputs_close(struct outputs *outputs, const struct report_totals *totals);

#endif
