/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * As in draft-ietf-opsawg-pcap: the pcap files that there are. What of them is
 * cut or corrupt, and how that is said, is as with libpcap, to whom all odd
 * forms are left: other versions and magic numbers, and link types that it
 * treats in a way of its own.
 */
#include "base/alloc.h"
#include "capture/linktype.h"
#include "capture/order.h"
#include "capture/reader.h"

#include <inttypes.h>
#include <stdlib.h>

#define MAGIC_SIZE	   4
#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define MAGIC_NANOSECONDS  0xa1b23c4d
#define FILE_HEADER_SIZE   24
#define VERSION_MAJOR	   2
#define VERSION_MINOR	   4

struct file_header { /* what we want to know of it */
	uint32_t magic, snaplen, linktype;
	bool turned; /* of the other byte order than this machine */
};

struct record_header {
	uint32_t seconds, fraction, caplen, length;
};

#define RECORD_SIZE sizeof(struct record_header)

struct walk {
	struct reader reader;
	struct source *source;
	bool turned;
	uint32_t tick; /* nanoseconds that a fraction counts */
	uint32_t most; /* bytes that are taken of a packet */
	uint32_t linktype;
};

/*
 * Link types whose packets libpcap gives as they are in the file; where it has
 * to turn something round, only those of our own byte order.
 */
static const struct {
	uint32_t linktype;
	bool own_order;
} linktypes[] = {
    {LINKTYPE_ETHERNET, false},
    {LINKTYPE_RAW_IP, false},
    {276, true},  /* LINUX_SLL2, with what SocketCAN has */
    {113, true},  /* LINUX_SLL, the same */
    {0, false},	  /* NULL */
    {9, false},	  /* PPP */
    {12, false},  /* RAW, by the number it has within most systems */
    {14, false},  /* RAW, within OpenBSD */
    {50, false},  /* PPP_HDLC */
    {51, false},  /* PPP_ETHER */
    {104, false}, /* C_HDLC */
    {105, false}, /* IEEE802_11 */
    {108, false}, /* LOOP */
    {127, false}, /* IEEE802_11_RADIOTAP */
    {228, false}, /* IPV4 */
    {229, false}, /* IPV6 */
};

static bool is_walked(uint32_t linktype, bool turned)
{
	for (size_t i = 0; i < sizeof(linktypes) / sizeof(*linktypes); i++)
		if (linktypes[i].linktype == linktype)
			return !(turned && linktypes[i].own_order);
	return false;
}

/* There are not the bytes of the next record, but `got`. */
static enum reader_status walk_ended(const struct walk *walk, size_t got,
				     uint32_t caplen, struct err *why)
{
	uint64_t packet = walk->reader.packets + 1;
	enum reader_status ended = reader_ended(walk->source, why);

	if (ended != READER_END || !got)
		return ended;
	if (got < RECORD_SIZE) {
		err_set(why, "packet %" PRIu64 " is cut off in its header",
			packet);
		return READER_CUT;
	}
	got -= RECORD_SIZE;
	if (caplen > walk->most && got < walk->most)
		caplen = walk->most; /* we want no more of it */
	err_set(why,
		"packet %" PRIu64 " is cut off after %zu of %" PRIu32 " bytes",
		packet, got, caplen);
	return READER_CUT;
}

/* A packet that is absurdly long. One that is merely longer than the file's
 * limit is not: as much of it as the limit allows is taken. */
static enum reader_status corrupt(const struct walk *walk, uint32_t caplen,
				  struct err *why)
{
	uint32_t snaplen = walk->reader.snaplen;

	err_set(why,
		"packet %" PRIu64 " is corrupt: invalid packet capture length "
		"%" PRIu32 ", bigger than %s of %" PRIu32,
		walk->reader.packets + 1, caplen,
		caplen > snaplen ? "snaplen" : "maximum",
		caplen > snaplen ? snaplen : SNAPLEN_MAX);
	return READER_BAD;
}

/* One question about the byte order, not one a field: for each packet. */
static inline struct record_header get_record(bool turned, const uint8_t *at)
{
	struct record_header record = {
	    .seconds = order32(false, at),
	    .fraction = order32(false, at + 4),
	    .caplen = order32(false, at + 8),
	    .length = order32(false, at + 12),
	};

	if (turned) {
		record.seconds = turn32(record.seconds);
		record.fraction = turn32(record.fraction);
		record.caplen = turn32(record.caplen);
		record.length = turn32(record.length);
	}
	return record;
}

/* The packet of the record, of which `caplen` bytes are taken. */
static inline void give_packet(const struct walk *walk,
			       const struct record_header *record,
			       uint32_t caplen, const uint8_t *bytes,
			       struct frame *frame)
{
	/* Seconds are unsigned. A fraction of 2^31 or more is nonsense, which
	 * libpcap takes for a negative one. */
	frame->time = (nstime_t)record->seconds * NSTIME_SECOND +
		      (nstime_t)(int32_t)record->fraction * walk->tick;
	frame->bytes = bytes;
	frame->caplen = caplen;
	frame->wirelen = record->length < caplen ? caplen : record->length;
	frame->linktype = walk->linktype;
}

/* The next record, whatever it is. */
__attribute__((noinline)) static enum reader_status
next_record(struct walk *walk, struct frame *frame, struct err *why)
{
	struct record_header record;
	size_t got, need = RECORD_SIZE;
	const uint8_t *at = source_want(walk->source, need, &got);

	if (got < need)
		return walk_ended(walk, got, 0, why);
	record = get_record(walk->turned, at);
	if (record.caplen > SNAPLEN_MAX)
		return corrupt(walk, record.caplen, why);
	need += record.caplen;
	at = source_want(walk->source, need, &got);
	if (got < need)
		return walk_ended(walk, got, record.caplen, why);
	source_take(walk->source, need);
	give_packet(walk, &record,
		    record.caplen < walk->most ? record.caplen : walk->most,
		    at + RECORD_SIZE, frame);
	return READER_FRAME;
}

/* The records that are there and sound: nearly all. Returns how many. */
static size_t quick_records(struct walk *walk, struct batch *batch)
{
	const uint8_t *at = source_at(walk->source);
	size_t there = source_left(walk->source), left = there, n = 0;

	while (n < batch->room && left >= RECORD_SIZE) {
		struct record_header record = get_record(walk->turned, at);

		if (record.caplen > walk->most ||
		    record.caplen > left - RECORD_SIZE)
			break;
		give_packet(walk, &record, record.caplen, at + RECORD_SIZE,
			    &batch->frames[n++]);
		at += RECORD_SIZE + record.caplen;
		left -= RECORD_SIZE + record.caplen;
	}
	source_take(walk->source, there - left);
	return n;
}

static enum reader_status walk_next(struct reader *reader, struct batch *batch,
				    struct err *why)
{
	struct walk *walk = (struct walk *)reader;
	size_t n = quick_records(walk, batch);

	batch->n = n ? n : 1;
	return n ? READER_FRAME : next_record(walk, batch->frames, why);
}

static void walk_free(struct reader *reader)
{
	free(reader);
}

/* Reads the header of the file if it is one that we walk. */
static bool read_header(struct source *source, struct file_header *header)
{
	size_t got;
	const uint8_t *at = source_want(source, MAGIC_SIZE, &got);
	bool turned;

	if (got < MAGIC_SIZE)
		return false;
	header->magic = order32(false, at);
	turned = header->magic == turn32(MAGIC_MICROSECONDS) ||
		 header->magic == turn32(MAGIC_NANOSECONDS);
	header->turned = turned;
	header->magic = order32(turned, at);
	if (header->magic != MAGIC_MICROSECONDS &&
	    header->magic != MAGIC_NANOSECONDS)
		return false;
	at = source_want(source, FILE_HEADER_SIZE, &got);
	if (got < FILE_HEADER_SIZE)
		return false;
	header->snaplen = order32(turned, at + 16);
	header->linktype = order32(turned, at + 20);
	return order16(turned, at + 4) == VERSION_MAJOR &&
	       order16(turned, at + 6) == VERSION_MINOR &&
	       is_walked(header->linktype, turned);
}

struct reader *pcapwalk_open(struct source *source)
{
	struct file_header header;
	struct walk *walk;

	if (!read_header(source, &header))
		return NULL;
	source_take(source, FILE_HEADER_SIZE);
	walk = xcalloc(1, sizeof(*walk));
	walk->reader.next = walk_next;
	walk->reader.free = walk_free;
	walk->reader.has_nanoseconds = header.magic == MAGIC_NANOSECONDS;
	walk->reader.snaplen = header.snaplen;
	if (!header.snaplen || header.snaplen > INT32_MAX)
		walk->reader.snaplen = SNAPLEN_MAX;
	walk->reader.news = true;
	walk->source = source;
	walk->turned = header.turned;
	walk->tick = walk->reader.has_nanoseconds ? 1 : 1000;
	walk->most = walk->reader.snaplen;
	if (walk->most > SNAPLEN_MAX)
		walk->most = SNAPLEN_MAX;
	walk->linktype = linktype_from_dlt(linktype_to_dlt(header.linktype));
	return &walk->reader;
}
