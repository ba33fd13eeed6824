/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cuts a trace into one for each connection and one for the rest. Which
 * connection a packet is of is often known only later, so the trace is read
 * twice: the first time only the number of each packet's flow is noted, in a
 * temporary file. Memory is what gathers before it is written, the same for any
 * trace, and a little for each flow and connection.
 */
#ifndef CAPTURE_SPLIT_H
#define CAPTURE_SPLIT_H

#include "base/err.h"
#include "capture/capture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct split;

#define SPLIT_NO_FLOW UINT32_MAX

struct split_options {
	const char *directory; /* made if it is missing */
	bool others;	       /* the rest is wanted, in other.pcap */
	const char *const *inputs;
	size_t n_inputs; /* files that no result replaces */
	/* Asked for each packet that is written: shall it go on? */
	bool (*go_on)(void *arg, uint64_t packets);
	void *arg;
};

/* The capture, opened with options.twice, and what the options point to are
 * borrowed. NULL and err if nothing can be written there. */
struct split *split_new(const struct split_options *options,
			struct capture *capture, struct err *err);
void split_free(struct split *split); /* NULL is fine */

/* The packet that the capture gave last is of this flow, or of none. */
void split_note(struct split *split, uint32_t flow);

/* All packets of the flow are of this connection. Flows of one connection come
 * one after another. */
void split_flow(struct split *split, uint32_t flow, uint64_t connection);

/* Reads the capture once more, from its beginning, and writes the traces:
 * connection-N.pcap, and other.pcap. -1 and err, which names the file, if that
 * fails or shall not go on; then nothing is there that was not there before,
 * but for whole traces. */
int split_write(struct split *split, struct err *err);

#endif
