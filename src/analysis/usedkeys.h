/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys of connections that have closed: was one of them, or its token, used
 * before? Not where hosts draw their keys as RFC 8684 section 3.1 says. Part of
 * servers.c.
 *
 * Each connection of a capture comes here with two keys, mostly never to be
 * asked for again, so they take little: 80 octets both.
 */
#ifndef ANALYSIS_USEDKEYS_H
#define ANALYSIS_USEDKEYS_H

#include "report/report.h"

#define USED_KEYS_MAX 65536 /* later ones are not remembered */

struct used_keys { /* its own; zeroed at first */
	struct key_slot *slots;
	struct key_holder *holders;
	size_t n_holders;
	size_t count;	 /* keys that are remembered */
	uint64_t missed; /* ... for which there was no room */
};

void used_keys_clear(struct used_keys *keys);

/* That of a connection with this token will be taken soon. */
void used_keys_expect(const struct used_keys *keys, uint32_t token);

/* Both keys of a connection, as far as they are known: findings (key-reused) of
 * its first packet, `first_frame`, where one was used before; else they are
 * remembered. */
void used_keys_take(struct used_keys *keys, struct report_conn *report,
		    uint64_t first_frame);

#endif
