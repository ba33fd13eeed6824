/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames read and decoded ahead of who takes them, by a thread of their own.
 * The same ones come in the same order as without.
 */
#ifndef AHEAD_H
#define AHEAD_H

#include "capture/capture.h"
#include "decode/segment.h"

#include <stdbool.h>
#include <stdint.h>

struct ahead;

/* A frame without its bytes, and what decoding said of it. */
struct ahead_item {
	struct frame frame;
	enum decode_status status;
	uint32_t size; /* in octets, of this and all that is kept with it */
	struct segment segment; /* for DECODE_TCP; no more of its options than
				 * there are */
};

/* Nothing else may be asked of the capture until ahead_free. NULL: there is no
 * thread to be had. */
struct ahead *ahead_new(struct capture *capture);
/* What was read ahead and nobody took is lost. */
void ahead_free(struct ahead *ahead);

/* The next one, borrowed until the one after it is asked for; NULL at the
 * end. */
const struct ahead_item *ahead_next(struct ahead *ahead);

/* capture_progress(), about when the item was read. */
void ahead_progress(const struct ahead *ahead, uint64_t *done, uint64_t *total);

#endif
