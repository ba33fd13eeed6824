/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A libpcap filter expression over frames of any link types: it is compiled
 * for the usual ones at once, for any other when the first frame of it comes.
 * As the program that a
 * filter becomes assumes this machine's byte order, BSD loopback frames
 * (LINKTYPE_NULL) of a machine of the other order do not match.
 */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include "base/err.h"
#include "capture/frame.h"

#include <stdbool.h>

struct filter;

enum filter_verdict {
	FILTER_PASS,
	FILTER_STOP,
	FILTER_UNFIT, /* stop, and *why says why no frame of this link type
		       * will pass; told once for each link type */
};

/* NULL when the expression is good for no link type we can think of (none but
 * raw IP if raw_only): err has libpcap's reason. Borrows the expression. */
struct filter *filter_new(const char *expression, bool raw_only,
			  struct err *err);
void filter_free(struct filter *filter); /* NULL is fine */

enum filter_verdict filter_judge(struct filter *filter,
				 const struct frame *frame, struct err *why);

#endif
