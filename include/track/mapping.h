/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The DSS mappings of one side of one subflow: which subflow bytes are which
 * data bytes (RFC 8684 section 3.3.1). A mapping is not a packet: it may be
 * repeated on many segments, and span many that do not carry it. Offsets are
 * those of struct stream.
 */
#ifndef TRACK_MAPPING_H
#define TRACK_MAPPING_H

#include "base/spans.h"

#include <stdbool.h>
#include <stdint.h>

#define MAPPINGS_KEPT 1024 /* acknowledged mappings to remember */
#define MAPPINGS_MAX  65536
#define MAPPINGS_OVER                                                          \
	1024 /* others that one may overlap; no honest one does                \
	      */

#define MAPPING_ENDLESS SPAN_ENDLESS

struct mapping {
	int64_t start, end; /* subflow offsets; end is MAPPING_ENDLESS where
			     * the mapping is infinite */
	int64_t data;	    /* data offset of `start` */
	uint64_t dsn;	    /* as on the wire, expanded, for the checksum: */
	uint32_t ssn;
	uint16_t length; /* with the one of DATA_FIN */
	uint16_t checksum;
	bool has_checksum;
	bool unsummable; /* some of the payload was not captured */
	bool judged;	 /* the verdict on the checksum is out */
	uint32_t summed; /* octets in `sum` so far */
	uint32_t sum;	 /* one's complement, not folded */
};

struct mappings {
	struct spans all;	/* of struct mapping */
	struct mapping *latest; /* that was found or added, or NULL */
	uint32_t forgotten;	/* beyond MAPPINGS_MAX */
};

enum mapping_added {
	MAPPING_NEW,
	MAPPING_KNOWN,	  /* the same mapping again */
	MAPPING_CONFLICT, /* contradicts one that was there, or overlaps more
			   * than MAPPINGS_OVER; left out */
};

void mappings_free(struct mappings *mappings);

/* Adds *mapping unless it is known, also as a part of, or as an extension of,
 * mappings of the same bytes to the same data: then only what is new of it is
 * added. Unless it is in conflict, *added is the mapping that holds its start,
 * until the next call. mapping->start < mapping->end. */
enum mapping_added mappings_add(struct mappings *mappings,
				const struct mapping *mapping,
				struct mapping **added);

/* The mapping that covers subflow offset `at`, or NULL; then *next (INT64_MAX
 * for none) is where the next mapping starts. */
static inline struct mapping *mappings_find(struct mappings *mappings,
					    int64_t at, int64_t *next);

/* mappings_find where it is not the latest. */
struct mapping *mappings_search(struct mappings *mappings, int64_t at,
				int64_t *next);

static inline struct mapping *mappings_find(struct mappings *mappings,
					    int64_t at, int64_t *next)
{
	struct mapping *latest = mappings->latest;

	if (latest && latest->start <= at && latest->end > at)
		return latest;
	return mappings_search(mappings, at, next);
}

/* Forgets the oldest mappings that end at or below `acked`, all but the
 * MAPPINGS_KEPT newest of them. */
void mappings_trim(struct mappings *mappings, int64_t acked);

/* Moves subflow offsets, or data offsets, by so much. */
void mappings_shift(struct mappings *mappings, int64_t by, int64_t data_by);

#endif
