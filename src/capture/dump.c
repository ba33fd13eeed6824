/* SPDX-License-Identifier: BSD-3-Clause */
/* As in draft-ietf-opsawg-pcap and -pcapng, in this machine's byte order. */
#include "capture/dump.h"

#include "base/alloc.h"
#include "capture/reader.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define MAGIC_NANOSECONDS  0xa1b23c4d

#define BLOCK_SECTION	 0x0a0d0d0a
#define BLOCK_INTERFACE	 1
#define BLOCK_SIMPLE	 3
#define BLOCK_ENHANCED	 6
#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define OPTION_TSRESOL	 9

bool dump_fits_pcap(const struct frame *frame)
{
	return frame->time >= 0 &&
	       frame->time / NSTIME_SECOND <= (nstime_t)UINT32_MAX &&
	       frame->caplen <= SNAPLEN_MAX;
}

static void put(struct dump *dump, const void *bytes, size_t size)
{
	dump->bytes = xgrow(dump->bytes, &dump->room, dump->size + size, 1);
	memcpy(dump->bytes + dump->size, bytes, size);
	dump->size += size;
}

#define PUT32(dump, ...)                                                       \
	put(dump, (const uint32_t[]){__VA_ARGS__},                             \
	    sizeof((const uint32_t[]){__VA_ARGS__}))
#define PUT16(dump, ...)                                                       \
	put(dump, (const uint16_t[]){__VA_ARGS__},                             \
	    sizeof((const uint16_t[]){__VA_ARGS__}))

static uint32_t padded(uint32_t size)
{
	return (size + 3) / 4 * 4;
}

static void put_packet(struct dump *dump, const struct frame *frame)
{
	put(dump, frame->bytes, frame->caplen);
	if (dump->ng)
		put(dump, "\0\0\0", padded(frame->caplen) - frame->caplen);
}

void dump_begin(struct dump *dump, const struct dump_format *format, bool ng,
		uint32_t linktype)
{
	dump->ng = ng;
	if (ng) {
		PUT32(dump, BLOCK_SECTION, 28, BYTE_ORDER_MAGIC);
		PUT16(dump, 1, 0);
		PUT32(dump, UINT32_MAX, UINT32_MAX, 28); /* length unknown */
		return;
	}
	PUT32(dump,
	      format->nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS);
	PUT16(dump, 2, 4);
	PUT32(dump, 0, 0, format->snaplen, linktype);
}

/* The interface of packets like this one. */
static uint32_t interface_of(struct dump *dump,
			     const struct dump_format *format,
			     const struct frame *frame)
{
	uint32_t snaplen = format->snaplen,
		 size = format->nanoseconds ? 32 : 20;
	size_t i = 0;

	while (i < dump->n_links && dump->links[i] != frame->linktype)
		i++;
	if (i < dump->n_links)
		return (uint32_t)i;
	/* What was captured of a packet without a time is as much as the limit
	 * of the first interface says. */
	if (frame->time == NSTIME_NONE && frame->caplen < frame->wirelen)
		snaplen = frame->caplen;
	dump->links =
	    xgrow(dump->links, &dump->links_room, i + 1, sizeof(*dump->links));
	dump->links[dump->n_links++] = frame->linktype;
	if (i == 0)
		dump->snaplen = snaplen;
	PUT32(dump, BLOCK_INTERFACE, size);
	PUT16(dump, (uint16_t)frame->linktype, 0);
	PUT32(dump, snaplen);
	if (format->nanoseconds) {
		PUT16(dump, OPTION_TSRESOL, 1);
		put(dump, "\x09\0\0\0", 4);
		PUT16(dump, 0, 0);
	}
	PUT32(dump, size);
	return (uint32_t)i;
}

/* Only a Simple Packet Block has no time: it is of the first interface, and
 * does not say how much of it was captured. */
static bool fits_simple(const struct dump *dump, uint32_t interface,
			const struct frame *frame)
{
	uint32_t size = frame->wirelen;

	if (size > dump->snaplen)
		size = dump->snaplen;
	return frame->time == NSTIME_NONE && interface == 0 &&
	       frame->caplen == size;
}

static void add_ng(struct dump *dump, const struct dump_format *format,
		   const struct frame *frame)
{
	uint32_t interface = interface_of(dump, format, frame);
	uint32_t size = padded(frame->caplen);
	uint64_t ticks = 0;

	if (fits_simple(dump, interface, frame)) {
		PUT32(dump, BLOCK_SIMPLE, 16 + size, frame->wirelen);
		put_packet(dump, frame);
		PUT32(dump, 16 + size);
		return;
	}
	if (frame->time > 0)
		ticks =
		    (uint64_t)frame->time / (format->nanoseconds ? 1 : 1000);
	PUT32(dump, BLOCK_ENHANCED, 32 + size, interface,
	      (uint32_t)(ticks >> 32), (uint32_t)ticks, frame->caplen,
	      frame->wirelen);
	put_packet(dump, frame);
	PUT32(dump, 32 + size);
}

void dump_add(struct dump *dump, const struct dump_format *format,
	      const struct frame *frame)
{
	uint32_t nanoseconds = (uint32_t)(frame->time % NSTIME_SECOND);

	if (dump->ng) {
		add_ng(dump, format, frame);
		return;
	}
	PUT32(dump, (uint32_t)(frame->time / NSTIME_SECOND),
	      format->nanoseconds ? nanoseconds : nanoseconds / 1000,
	      frame->caplen, frame->wirelen);
	put_packet(dump, frame);
}

void dump_clear(struct dump *dump)
{
	free(dump->bytes);
	free(dump->links);
	*dump = (struct dump){0};
}
