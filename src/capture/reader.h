/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the two readers of a trace format have in common, as capture.c sees
 * them. Each makes a struct that begins with this one. Not for several files,
 * filters or messages with file names: those are capture.c's.
 */
#ifndef CAPTURE_READER_H
#define CAPTURE_READER_H

#include "base/err.h"
#include "capture/frame.h"
#include "capture/source.h"

#include <stdbool.h>

#define SNAPLEN_MAX 262144 /* libpcap's own: as good as no limit */

enum reader_status {
	READER_FRAME, /* here is one */
	READER_END,   /* there are no more, as it should be */
	READER_CUT,   /* the trace ends in the middle of something */
	READER_BAD,   /* what comes is not as the format wants it */
};

struct reader {
	/* The next packet: fills in all of *frame but number and file. Its
	 * bytes are borrowed until the next call. With CUT and BAD, *why
	 * says at which packet what is wrong. */
	enum reader_status (*next)(struct reader *reader, struct frame *frame,
				   struct err *why);
	void (*free)(struct reader *reader);
	uint64_t packets;     /* read so far: capture.c counts */
	bool has_nanoseconds; /* finer than microseconds */
	uint32_t snaplen;     /* most bytes that are captured of a packet */
};

/* No more bytes come: is that the source's proper end, or did unpacking go
 * wrong? Then it is the source that can tell why. */
static inline enum reader_status reader_ended(const struct source *source,
					      struct err *why)
{
	const char *reason;

	switch (source_ended(source, &reason)) {
	case SOURCE_CUT:
		err_set(why, "%s", reason);
		return READER_CUT;
	case SOURCE_DAMAGED:
		err_set(why, "%s", reason);
		return READER_BAD;
	case SOURCE_WHOLE:
		break;
	}
	return READER_END;
}

/* Both begin to read the source, borrowed for as long as the reader is, and
 * return NULL when that is no use: *why says why, or is empty when it is not
 * a file of their format at all. */
struct reader *pcapfile_open(struct source *source, struct err *why);
struct reader *pcapng_open(struct source *source, struct err *why);

/* Do these first bytes (4 will do) look like a pcapng file? */
bool pcapng_looks(const uint8_t *bytes, size_t size);

#endif
