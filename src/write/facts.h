/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the plain report, the list and the page say in the same words.
 */
#ifndef WRITE_FACTS_H
#define WRITE_FACTS_H

#include "base/format.h"
#include "report/report.h"

/* What goes on a phrase takes at most FACT_TEXT, and other text is written into
 * `text` of FACT_TEXT, which is returned. */
#define FACT_TEXT 512

/* Why a connection is in its state; or NULL. */
const char *fact_why(const struct report_conn *conn);
/* The distinct codes of its findings that are at least so severe, gravest
 * first, else as found; so many at most. Returns how many. */
#define FACT_CODES 64
size_t fact_codes(const struct report_conn *conn, enum severity least,
		  const char *codes[FACT_CODES]);
/* "MPTCP version 1", and what follows its state: " (data without DSS), 2
 * subflows, lasted 1.23 s" */
void fact_version(const struct report_conn *conn, struct phrase *phrase);
void fact_life(const struct report_conn *conn, struct phrase *phrase);
/* Distinct data bytes that a side sent; all payload after a fallback. */
int64_t fact_sent(const struct report_conn *conn, enum side side);
/* ... and both of them. */
int64_t fact_carried(const struct report_conn *conn);
/* In bytes/s, or NAN: of a few bytes it means nothing. */
double fact_goodput(const struct report_conn *conn, enum side side);

/* What follows what a side sent, rounded: " (4,711 bytes)"; or nothing */
void fact_sent_exactly(const struct report_conn *conn, enum side side,
		       struct phrase *phrase);
/* The share, from 0 to 1, that so many bytes are of the distinct data bytes
 * that a side sent; or NAN. */
double fact_share(const struct report_conn *conn, enum side side,
		  int64_t bytes);
/* Of what was reinjected, how much came before its first copy, and how much
 * after it. */
struct fact_copies {
	int64_t useful, redundant;
};
struct fact_copies fact_reinjected(const struct report_data *data);
/* "all of it useful", "12.3 kB of it useful" */
char *fact_part(int64_t part, int64_t whole, const char *what, char *text);

/* How a subflow came to be, and how it is. */
const char *fact_origin(const struct report_subflow *subflow);
const char *fact_state(const struct report_subflow *subflow);
/* What follows that: " (by the client: reason)"; or nothing */
void fact_reset(const struct report_subflow *subflow, struct phrase *phrase);

/* What follows the number of packets: ", 12 of TCP; 1 MPTCP connection".
 * `never` is put behind the number of those that never became MPTCP. */
char *fact_totals(const struct report_totals *totals, const char *never,
		  char *text);

/* "" or "s" */
const char *fact_plural(int64_t count);

#endif
