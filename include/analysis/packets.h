/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What became of each packet: the tracker's events gathered by frame, so that
 * a packet can be told with what was only learnt later, such as who
 * acknowledged it. Packets leave in the order in which they came, at the
 * latest when PACKETS_HELD others have come after them.
 */
#ifndef ANALYSIS_PACKETS_H
#define ANALYSIS_PACKETS_H

#include "report/packet.h"
#include "report/select.h"
#include "track/event.h"
#include "track/tracker.h"

struct packets;

/* Gets each packet when all is known of it; dead when the call returns. */
typedef void packet_fn(void *arg, const struct report_packet *packet);

/* Only packets of connections whose ids the selection takes; NULL: of all, and
 * of no connection, too. */
struct packets *packets_new(const struct selection *selection, packet_fn *sink,
			    void *arg);
void packets_free(struct packets *packets); /* NULL is fine */

/* A segment, before the tracker gets it, and after it has got it. */
void packets_segment(struct packets *packets, const struct segment *segment);
void packets_tracked(struct packets *packets, const struct tracker *tracker);
/* An event_fn, with a struct packets as arg. */
void packets_event(void *arg, const struct event *event);
/* Events that it has no use for: a sum of 1u << enum event_kind. */
unsigned packets_unwanted(void);
/* The trace has ended, and the tracker has said all: the rest leaves. */
void packets_finish(struct packets *packets);

#endif
