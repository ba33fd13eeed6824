/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cuts a trace into one for each connection and one for the rest. Which
 * connection a packet is of is often known only later, so the trace is read
 * twice: the first time only the number of each packet's flow is noted.
 */
#ifndef CAPTURE_SPLIT_H
#define CAPTURE_SPLIT_H

#include "base/err.h"
#include "capture/capture.h"

#include <stdbool.h>
#include <stdint.h>

struct split;

#define SPLIT_NO_FLOW UINT32_MAX

/* Into DIR/connection-N.pcap and, with `others`, DIR/other.pcap. Makes the
 * directory if it is missing; NULL and err if that fails. */
struct split *split_new(const char *directory, bool others, struct err *err);
void split_free(struct split *split); /* NULL is fine */

/* The next packet is of this flow, or of none. */
void split_note(struct split *split, uint32_t flow);

/* All packets of the flow are of this connection. */
void split_flow(struct split *split, uint32_t flow, uint64_t connection);

/* Reads the capture once more, from its beginning, and writes the traces. -1
 * and err, which names the file, if that fails; no file is then half there. */
int split_write(struct split *split, struct capture *capture, struct err *err);

#endif
