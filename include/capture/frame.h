/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One packet as the trace holds it: what the capture floor hands to decoding.
 */
#ifndef CAPTURE_FRAME_H
#define CAPTURE_FRAME_H

#include "base/nstime.h"

#include <stdint.h>

struct frame {
	uint64_t number; /* from 1: its place in its file, or among all packets
			  * when several files are read as one */
	nstime_t time;	 /* NSTIME_NONE: the trace says no time */
	const uint8_t *bytes; /* borrowed: dead when the next frame is asked */
	uint32_t caplen;      /* bytes that are there */
	uint32_t wirelen;     /* bytes the packet had; >= caplen */
	uint32_t linktype;    /* a LINKTYPE_ number, as in a file's header */
	uint32_t file;	      /* index of the file, as given to capture_open */
};

#endif
