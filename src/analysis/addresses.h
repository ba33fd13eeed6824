/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What became of an announced address, for the findings and for the list of
 * signals.
 */
#ifndef ANALYSIS_ADDRESSES_H
#define ANALYSIS_ADDRESSES_H

#include "track/conn.h"

enum address_use {
	ADDRESS_UNUSED,	 /* nobody tried to join it */
	ADDRESS_PENDING, /* a join to it may still be answered */
	ADDRESS_TRIED,	 /* in vain */
	ADDRESS_USED,
};

/* Is it an end of that subflow, with its port if others join it? */
bool address_is_end(const struct conn_address *what,
		    const struct subflow *subflow);

/* Did a join to that address, or from it, come about? `now` is the latest time
 * known. */
enum address_use address_use(const struct conn_address *what,
			     const struct conn *conn, nstime_t now);

/* Was there time to answer the SYN of a subflow, or to send it again? */
bool answer_is_late(const struct subflow *subflow, nstime_t now);

#endif
