/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What connections tell of one another: a server that refused MPTCP here
 * accepted it there, a key was used before, a client asks again for less.
 * Private to core.c. Bounded: of more servers or clients than SERVERS_MAX, and
 * of more keys than USED_KEYS_MAX, the later ones are not remembered.
 */
#ifndef ANALYSIS_SERVERS_H
#define ANALYSIS_SERVERS_H

#include "analysis/limits.h"
#include "report/report.h"
#include "track/conn.h"

#define SERVERS_MAX 65536

struct servers;

struct servers *servers_new(void);
void servers_free(struct servers *servers);

/* A connection closes, and will be taken soon. */
void servers_expect(const struct servers *servers, const struct conn *conn);
/* It has closed, and this is its report: what others tell of it
 * becomes a finding, and it is remembered. */
void servers_take(struct servers *servers, const struct conn *conn,
		  struct report_conn *report);

/* What was not remembered: connections of which something was not. */
const struct overflow *servers_overflow(const struct servers *servers);

/* Could connections that close later explain what became of it? */
bool servers_may_explain(const struct report_conn *report);

/* Says why it was refused, as far as all that were taken until now tell. */
void servers_explain(const struct servers *servers, struct report_conn *report);

#endif
