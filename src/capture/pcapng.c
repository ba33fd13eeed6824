/* SPDX-License-Identifier: BSD-3-Clause */
/* As in draft-ietf-opsawg-pcapng; the section numbers below are of it. */
#include "base/alloc.h"
#include "capture/linktype.h"
#include "capture/order.h"
#include "capture/reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SECTION	0x0a0d0d0a /* the same in both byte orders */
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET	2 /* obsolete */
#define BLOCK_SIMPLE	3
#define BLOCK_ENHANCED	6

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define OPTION_TSRESOL	 9
#define OPTION_TSOFFSET	 14

#define HEADER	 8 /* type and length of a block */
#define TRAILER	 4 /* the length again */
#define SHORTEST (HEADER + TRAILER)

#define PACKET_HEAD 28 /* of a packet's block, before the packet */

/* No sane block that we look into is longer; what we skip may be. */
#define BLOCK_MAX ((uint32_t)64 << 20)

/* Nor has a section more interfaces; the old packet block can name as many. A
 * small packed file could have any number. */
#define INTERFACES_MAX 65536

struct interface {
	uint32_t linktype, snaplen; /* snaplen 0: no limit */
	/* Ticks times `multiply`, or by `divide` where that is not 1, are
	 * nanoseconds; with multiply 0 2^shift ticks are a second. */
	uint64_t multiply, divide;
	unsigned shift;
	int64_t offset; /* seconds */
	uint64_t plain; /* fewer ticks than that become a moment by `multiply`
			 * alone */
	bool finer;	/* than microseconds */
};

struct pcapng {
	struct reader reader;
	struct source *source;
	bool turned; /* byte order of the section: not this machine's */
	struct interface *interfaces;
	size_t n, room;
};

/* One block, whole; body is what stands between header and trailer. */
struct block {
	uint64_t at; /* offset in the file */
	uint32_t type, length;
	const uint8_t *body;
	uint32_t size;
};

static uint16_t get16(const struct pcapng *ng, const uint8_t *at)
{
	return order16(ng->turned, at);
}

static uint32_t get32(const struct pcapng *ng, const uint8_t *at)
{
	return order32(ng->turned, at);
}

static bool is_packet(uint32_t type)
{
	return type == BLOCK_ENHANCED || type == BLOCK_SIMPLE ||
	       type == BLOCK_PACKET;
}

static bool is_known(uint32_t type)
{
	return is_packet(type) || type == BLOCK_SECTION ||
	       type == BLOCK_INTERFACE;
}

/* A block that contradicts itself or the format. */
static enum reader_status bad(const struct pcapng *ng,
			      const struct block *block, struct err *why,
			      const char *what)
{
	if (is_packet(block->type))
		err_set(why, "packet %" PRIu64 " (at byte %" PRIu64 ") %s",
			ng->reader.packets + 1, block->at, what);
	else
		err_set(why,
			"a block of type 0x%08" PRIx32 " at byte %" PRIu64
			" %s",
			block->type, block->at, what);
	return READER_BAD;
}

/* The file ends after `got` bytes of the block. */
static enum reader_status cut(const struct pcapng *ng,
			      const struct block *block, uint64_t got,
			      struct err *why)
{
	enum reader_status status = reader_ended(ng->source, why);

	if (status != READER_END)
		return status;
	if (is_packet(block->type))
		err_set(why,
			"packet %" PRIu64 " is cut off after %" PRIu64
			" of %" PRIu32 " bytes of its block",
			ng->reader.packets + 1, got, block->length);
	else if (block->length)
		err_set(why,
			"is cut off after %" PRIu64 " of %" PRIu32
			" bytes of a block",
			got, block->length);
	else
		err_set(why, "is cut off in the header of a block");
	return READER_CUT;
}

/* 4.1: how a section header tells its byte order. */
static bool find_byte_order(struct pcapng *ng, const uint8_t *at)
{
	for (int turned = 0; turned < 2; turned++) {
		ng->turned = turned;
		if (get32(ng, at) == BYTE_ORDER_MAGIC)
			return true;
	}
	return false;
}

/* Reads type and length; READER_FRAME says that there are some. */
static enum reader_status read_header(struct pcapng *ng, struct block *block,
				      struct err *why)
{
	size_t got, need = HEADER;
	const uint8_t *at = source_want(ng->source, need, &got);

	*block = (struct block){.at = source_offset(ng->source)};
	if (got == need && get32(ng, at) == BLOCK_SECTION) {
		/* Its length is in a byte order that only it can tell. */
		need = HEADER + 4;
		at = source_want(ng->source, need, &got);
		if (got == need && !find_byte_order(ng, at + HEADER)) {
			block->type = BLOCK_SECTION;
			return bad(ng, block, why, "has no valid byte order");
		}
	}
	if (got < need) {
		const char *reason;
		bool ended =
		    !got && source_ended(ng->source, &reason) == SOURCE_WHOLE;

		return ended ? READER_END : cut(ng, block, got, why);
	}
	block->type = get32(ng, at);
	block->length = get32(ng, at + 4);
	if (block->length < SHORTEST || block->length % 4)
		return bad(ng, block, why, "has an impossible length");
	return READER_FRAME;
}

/* Reads all of the next block; unknown ones are skipped and have no body. */
static enum reader_status read_block(struct pcapng *ng, struct block *block,
				     struct err *why)
{
	enum reader_status status = read_header(ng, block, why);
	uint64_t skipped = 0;
	size_t got, left;
	const uint8_t *at;

	if (status != READER_FRAME)
		return status;
	if (!is_known(block->type))
		skipped = source_skip(ng->source, block->length - TRAILER);
	else if (block->length > BLOCK_MAX)
		return bad(ng, block, why, "has an absurd length");
	left = block->length - (size_t)skipped;
	at = source_want(ng->source, left, &got);
	if (got < left)
		return cut(ng, block, skipped + got, why);
	if (get32(ng, at + left - TRAILER) != block->length)
		return bad(ng, block, why, "has two lengths that differ");
	block->body = skipped ? NULL : at + HEADER;
	block->size = block->length - SHORTEST;
	source_take(ng->source, left);
	return READER_FRAME;
}

/* 4.1. Interfaces are those of their section only. */
static enum reader_status
start_section(struct pcapng *ng, const struct block *block, struct err *why)
{
	if (!block->body || block->size < 16)
		return bad(ng, block, why, "is too short");
	if (get16(ng, block->body + 4) != 1)
		return bad(ng, block, why, "is of an unknown version");
	ng->n = 0;
	return READER_FRAME;
}

static uint64_t power_of_ten(unsigned exponent)
{
	uint64_t power = 1;

	while (exponent--)
		power *= 10;
	return power;
}

/* 4.2, if_tsresol. */
static void set_resolution(struct interface *interface, uint8_t resolution)
{
	unsigned exponent = resolution & 0x7f;

	interface->multiply = interface->divide = 1;
	if (resolution & 0x80) {
		interface->multiply = 0;
		interface->shift = exponent;
		interface->finer = exponent >= 20; /* 2^20 > 10^6 */
		return;
	}
	interface->finer = exponent > 6;
	if (exponent <= 9)
		interface->multiply = power_of_ten(9 - exponent);
	else if (exponent - 9 <= 19)
		interface->divide = power_of_ten(exponent - 9);
	else { /* 64 bits of ticks are less than a nanosecond */
		interface->multiply = 0;
		interface->shift = 0x7f;
	}
}

/* 3.5. False: the options are broken. */
static bool read_interface_options(const struct pcapng *ng, const uint8_t *at,
				   size_t left, struct interface *interface)
{
	while (left >= 4) {
		uint16_t code = get16(ng, at), size = get16(ng, at + 2);
		size_t padded = ((size_t)size + 3) / 4 * 4;

		at += 4;
		left -= 4;
		if (code == 0)
			return true;
		if (padded > left)
			return false;
		if (code == OPTION_TSRESOL && size == 1)
			set_resolution(interface, at[0]);
		else if (code == OPTION_TSOFFSET && size == 8)
			interface->offset = (int64_t)order64(ng->turned, at);
		at += padded;
		left -= padded;
	}
	return true;
}

/* Packets may have so many bytes captured, or one has. */
static void see_length(struct pcapng *ng, uint32_t snaplen)
{
	if (snaplen > ng->reader.snaplen) {
		ng->reader.snaplen = snaplen;
		ng->reader.news = true;
	}
}

/* 4.2. */
static enum reader_status
add_interface(struct pcapng *ng, const struct block *block, struct err *why)
{
	struct interface interface = {0};

	if (block->size < 8)
		return bad(ng, block, why, "is too short");
	if (ng->n == INTERFACES_MAX)
		return bad(ng, block, why, "is of an interface too many");
	interface.linktype =
	    linktype_from_dlt(linktype_to_dlt(get16(ng, block->body)));
	interface.snaplen = get32(ng, block->body + 4);
	set_resolution(&interface, 6);
	if (!read_interface_options(ng, block->body + 8, block->size - 8,
				    &interface))
		return bad(ng, block, why, "has broken options");
	if (interface.multiply && interface.divide == 1 && !interface.offset)
		interface.plain = NSTIME_MOST / interface.multiply;
	ng->reader.has_nanoseconds |= interface.finer;
	ng->reader.news |= interface.finer;
	see_length(ng, interface.snaplen ? interface.snaplen : SNAPLEN_MAX);
	ng->interfaces =
	    xgrow(ng->interfaces, &ng->room, ng->n + 1, sizeof(interface));
	ng->interfaces[ng->n++] = interface;
	return READER_FRAME;
}

/* 2^shift ticks in a second. */
static nstime_t from_binary(const struct interface *interface, uint64_t ticks)
{
	unsigned shift = interface->shift;
	uint64_t seconds = shift < 64 ? ticks >> shift : 0;
	uint64_t rest = shift < 64 ? ticks - (seconds << shift) : ticks;

	/* 34 bits of the fraction times 10^9 are just below 64 bits. */
	if (shift > 34) {
		rest = shift - 34 < 64 ? rest >> (shift - 34) : 0;
		shift = 34;
	}
	rest = rest * (uint64_t)NSTIME_SECOND >> shift;
	if (seconds > INT64_MAX / 2)
		seconds = INT64_MAX / 2;
	return nstime_from((int64_t)seconds, (uint32_t)rest);
}

static nstime_t from_ticks(const struct interface *interface, uint64_t ticks)
{
	const int64_t most = INT64_MAX / NSTIME_SECOND / 2;
	nstime_t time;

	if (!interface->multiply)
		time = from_binary(interface, ticks);
	else if (interface->divide > 1)
		time = (nstime_t)(ticks / interface->divide);
	else if (ticks <= INT64_MAX / interface->multiply)
		time = (nstime_t)(ticks * interface->multiply);
	else
		time = nstime_from(INT64_MAX, 0);
	time = nstime_clamp(time);
	if (!interface->offset)
		return time;
	/* What is absurd stays so, but must not overflow. */
	if (time > most * NSTIME_SECOND || interface->offset > most ||
	    interface->offset < -most)
		return nstime_from(interface->offset, 0);
	return nstime_clamp(time + interface->offset * NSTIME_SECOND);
}

/* Nearly always a multiplication is all it takes. */
static inline nstime_t time_of(const struct interface *interface,
			       uint64_t ticks)
{
	return ticks < interface->plain
		   ? (nstime_t)(ticks * interface->multiply)
		   : from_ticks(interface, ticks);
}

/* 4.3: what an Enhanced Packet Block has before its packet. */
struct packet_head {
	uint32_t type, length, interface, high, low, caplen, wirelen;
};

/* One question about the byte order, not one a field: for each packet. */
static inline struct packet_head get_head(bool turned, const uint8_t *at)
{
	struct packet_head head = {
	    .type = order32(false, at),
	    .length = order32(false, at + 4),
	    .interface = order32(false, at + 8),
	    .high = order32(false, at + 12),
	    .low = order32(false, at + 16),
	    .caplen = order32(false, at + 20),
	    .wirelen = order32(false, at + 24),
	};

	if (turned) {
		head.type = turn32(head.type);
		head.length = turn32(head.length);
		head.interface = turn32(head.interface);
		head.high = turn32(head.high);
		head.low = turn32(head.low);
		head.caplen = turn32(head.caplen);
		head.wirelen = turn32(head.wirelen);
	}
	return head;
}

/* The packet, of an interface that is known; its bytes are there. */
static inline void give_packet(struct pcapng *ng,
			       const struct packet_head *head,
			       const uint8_t *bytes, struct frame *frame)
{
	const struct interface *interface = &ng->interfaces[head->interface];

	frame->time =
	    time_of(interface, (uint64_t)head->high << 32 | head->low);
	frame->bytes = bytes;
	frame->caplen = head->caplen;
	frame->wirelen =
	    head->wirelen < head->caplen ? head->caplen : head->wirelen;
	frame->linktype = interface->linktype;
	see_length(ng, head->caplen);
}

/* 4.3 and appendix A: Enhanced Packet Block, obsolete Packet Block. Only the
 * field for the interface differs. */
static enum reader_status read_packet(struct pcapng *ng,
				      const struct block *block,
				      struct frame *frame, struct err *why)
{
	struct packet_head head;

	if (block->size < PACKET_HEAD - HEADER)
		return bad(ng, block, why, "is too short");
	head = get_head(ng->turned, block->body - HEADER);
	if (block->type == BLOCK_PACKET)
		head.interface = get16(ng, block->body);
	if (head.interface >= ng->n)
		return bad(ng, block, why, "is of an unknown interface");
	if (head.caplen > block->length - PACKET_HEAD - TRAILER)
		return bad(ng, block, why, "is longer than its block");
	give_packet(ng, &head, block->body - HEADER + PACKET_HEAD, frame);
	return READER_FRAME;
}

/* What nearly every block is: an Enhanced Packet Block, sound, and all of it is
 * there. False: it is not, and nothing was taken. */
static bool quick_packet(struct pcapng *ng, struct frame *frame)
{
	const uint32_t least = PACKET_HEAD + TRAILER;
	size_t left = source_left(ng->source);
	const uint8_t *at = source_at(ng->source);
	struct packet_head head;

	if (left < least)
		return false;
	head = get_head(ng->turned, at);
	if (head.type != BLOCK_ENHANCED || head.length < least ||
	    head.length % 4 || head.length > left || head.interface >= ng->n ||
	    head.caplen > head.length - least ||
	    order32(false, at + head.length - TRAILER) !=
		order32(false, at + 4))
		return false;
	source_take(ng->source, head.length);
	give_packet(ng, &head, at + PACKET_HEAD, frame);
	return true;
}

/* 4.4: what was captured follows from the interface's limit. */
static enum reader_status read_simple(const struct pcapng *ng,
				      const struct block *block,
				      struct frame *frame, struct err *why)
{
	const struct interface *interface = ng->interfaces;

	if (block->size < 4)
		return bad(ng, block, why, "is too short");
	if (!ng->n)
		return bad(ng, block, why, "is of an unknown interface");
	frame->wirelen = get32(ng, block->body);
	frame->caplen = frame->wirelen;
	if (interface->snaplen && frame->caplen > interface->snaplen)
		frame->caplen = interface->snaplen;
	if (frame->caplen > block->size - 4)
		return bad(ng, block, why, "is longer than its block");
	frame->bytes = block->body + 4;
	frame->time = NSTIME_NONE;
	frame->linktype = interface->linktype;
	return READER_FRAME;
}

/* The next packet, and whatever is before it. */
__attribute__((noinline)) static enum reader_status
next_packet(struct pcapng *ng, struct frame *frame, struct err *why)
{
	enum reader_status status;
	struct block block;

	while ((status = read_block(ng, &block, why)) == READER_FRAME) {
		switch (block.type) {
		case BLOCK_ENHANCED:
		case BLOCK_PACKET:
			return read_packet(ng, &block, frame, why);
		case BLOCK_SIMPLE:
			return read_simple(ng, &block, frame, why);
		case BLOCK_INTERFACE:
			status = add_interface(ng, &block, why);
			break;
		case BLOCK_SECTION:
			status = start_section(ng, &block, why);
			break;
		}
		if (status != READER_FRAME)
			break;
	}
	return status;
}

static enum reader_status pcapng_next(struct reader *reader,
				      struct batch *batch, struct err *why)
{
	struct pcapng *ng = (struct pcapng *)reader;
	size_t n = 0;

	while (n < batch->room && quick_packet(ng, &batch->frames[n]))
		n++;
	batch->n = n ? n : 1;
	return n ? READER_FRAME : next_packet(ng, batch->frames, why);
}

static void pcapng_free(struct reader *reader)
{
	struct pcapng *ng = (struct pcapng *)reader;

	free(ng->interfaces);
	free(ng);
}

bool pcapng_looks(const uint8_t *bytes, size_t size)
{
	static const uint8_t magic[] = {0x0a, 0x0d, 0x0d, 0x0a};

	return size >= sizeof(magic) && !memcmp(bytes, magic, sizeof(magic));
}

struct reader *pcapng_open(struct source *source, struct err *why)
{
	struct pcapng *ng = xcalloc(1, sizeof(*ng));
	enum reader_status status = READER_BAD;
	const char *reason;
	const uint8_t *at;
	struct block block;
	size_t got;

	ng->reader.next = pcapng_next;
	ng->reader.free = pcapng_free;
	ng->source = source;
	why->text[0] = '\0';
	at = source_want(source, HEADER + 4, &got);
	if (pcapng_looks(at, got) &&
	    (got < HEADER + 4 || find_byte_order(ng, at + HEADER)))
		status = read_block(ng, &block, why);
	if (status == READER_FRAME)
		status = start_section(ng, &block, why);
	if (status == READER_FRAME)
		return &ng->reader;

	if (status == READER_CUT &&
	    source_ended(source, &reason) == SOURCE_WHOLE)
		err_set(why, "is cut off in the header of the file");
	pcapng_free(&ng->reader);
	return NULL;
}
