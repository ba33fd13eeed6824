/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/packets.h"

struct packets *packets_new(const struct selection *selection, packet_fn *sink,
			    void *arg)
{
	(void)selection;
	(void)sink;
	(void)arg;
	return NULL;
}

void packets_free(struct packets *packets)
{
	(void)packets;
}

void packets_segment(struct packets *packets, const struct segment *segment)
{
	(void)packets;
	(void)segment;
}

void packets_event(void *arg, const struct event *event)
{
	(void)arg;
	(void)event;
}

unsigned packets_unwanted(void)
{
	return ~0u;
}

void packets_finish(struct packets *packets)
{
	(void)packets;
}
