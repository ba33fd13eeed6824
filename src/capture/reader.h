/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the readers of trace formats have in common, as capture.c sees
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

/* Frames that are read in one go. */
#define BATCH_MAX 64

struct batch {
	size_t n, room; /* room: for so many, 1 to BATCH_MAX */
	struct frame frames[BATCH_MAX];
};

struct reader {
	/* The next packets, one at least with READER_FRAME, as many as are
	 * there without reading on: fills in all of batch->frames but number
	 * and file, and batch->n. Their bytes are borrowed until the next
	 * call. With CUT and BAD, *why says at which packet what is wrong. */
	enum reader_status (*next)(struct reader *reader, struct batch *batch,
				   struct err *why);
	void (*free)(struct reader *reader);
	uint64_t packets;     /* read so far: capture.c counts */
	bool has_nanoseconds; /* finer than microseconds */
	uint32_t snaplen;     /* most bytes that are captured of a packet */
	bool news; /* the two above have changed, from nothing at first;
		    * capture.c, which takes note with frames, resets it */
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

/* The same for a pcap file of a usual form, without libpcap, which takes many
 * times as long. NULL, and nothing of the source was taken, when it is not:
 * then pcapfile_open says what it is. */
struct reader *pcapwalk_open(struct source *source);

/* Do these first bytes (4 will do) look like a pcapng file? */
bool pcapng_looks(const uint8_t *bytes, size_t size);

#endif
