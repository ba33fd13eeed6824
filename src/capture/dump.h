/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A trace as it is written: packets become the bytes of a pcap file or, where
 * that cannot say it all, of a pcapng file. They gather in memory; where they
 * go is not told here.
 */
#ifndef CAPTURE_DUMP_H
#define CAPTURE_DUMP_H

#include "capture/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dump_format {
	bool nanoseconds; /* else times are in microseconds */
	uint32_t snaplen;
};

struct dump { /* zeroed: one that was not begun */
	bool ng;
	uint8_t *bytes; /* of the file, that nobody has taken yet */
	size_t size, room;
	uint32_t *links; /* pcapng: the interfaces, by link type; ... */
	size_t n_links, links_room;
	uint32_t snaplen; /* ... of the first of them */
};

/* Can a pcap file have this packet, time and all? */
bool dump_fits_pcap(const struct frame *frame);

/* The head of the file. A pcap file has packets of one link type. */
void dump_begin(struct dump *dump, const struct dump_format *format, bool ng,
		uint32_t linktype);

/* The number is not written. */
void dump_add(struct dump *dump, const struct dump_format *format,
	      const struct frame *frame);

void dump_clear(struct dump *dump); /* frees what it holds */

#endif
