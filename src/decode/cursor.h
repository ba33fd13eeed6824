/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads captured octets from front to end and never past the end. A read that
 * finds too little gives zeros and marks the cursor bad, and so does every
 * read after it: a parser reads a whole header, then asks once. The cursor
 * also knows how much the wire had beyond what was captured, so that lengths
 * never come from the snap length. Not for writing, and not for a meaning:
 * that is the layers'.
 */
#ifndef DECODE_CURSOR_H
#define DECODE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *at, *end; /* captured and not yet read */
	size_t cut;		 /* octets on the wire after `end` */
	bool bad;		 /* a read found too little */
	bool runt; /* and not even the wire had what it asked for */
};

#define CURSOR_TAKE_MAX 40

static inline uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t be64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static inline uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t le32(const uint8_t *p)
{
	return (uint32_t)le16(p + 2) << 16 | le16(p);
}

/* Captured octets left. */
static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* Octets left on the wire. */
static inline size_t cursor_wire(const struct cursor *c)
{
	return cursor_left(c) + c->cut;
}

/* Marks the cursor bad for a read of `size`; nothing is left then, so that
 * later reads need no look at the mark. Returns CURSOR_TAKE_MAX zeros. */
static inline const uint8_t *cursor_fail(struct cursor *c, size_t size)
{
	static const uint8_t zeros[CURSOR_TAKE_MAX];

	if (!c->bad)
		c->runt = size > cursor_wire(c);
	c->bad = true;
	c->at = c->end;
	return zeros;
}

/* Passes over `size` octets, at most CURSOR_TAKE_MAX, and returns them. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t size)
{
	const uint8_t *at = c->at;

	if (size > cursor_left(c))
		return cursor_fail(c, size);
	c->at += size;
	return at;
}

/* Is so much there? If not, the cursor is bad, as after reading it. For a
 * header that is nothing if it is not whole. */
static inline bool cursor_has(struct cursor *c, size_t size)
{
	if (size <= cursor_left(c))
		return true;
	cursor_fail(c, size);
	return false;
}

/* Passes over any number of octets. */
static inline void cursor_skip(struct cursor *c, size_t size)
{
	if (size > cursor_left(c))
		cursor_fail(c, size);
	else
		c->at += size;
}

/* Passes over `size` octets of the wire, captured or not; the wire has them. */
static inline void cursor_pass(struct cursor *c, size_t size)
{
	size_t left = cursor_left(c);

	if (size <= left) {
		c->at += size;
	} else {
		c->at = c->end;
		c->cut -= size - left;
	}
}

/* From here on the wire has `size` octets: what follows is not ours. */
static inline void cursor_limit(struct cursor *c, size_t size)
{
	size_t left = cursor_left(c);

	if (size <= left) {
		c->end = c->at + size;
		c->cut = 0;
	} else {
		c->cut = size - left;
	}
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	return *cursor_take(c, 1);
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	return be16(cursor_take(c, 2));
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	return be32(cursor_take(c, 4));
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	return be64(cursor_take(c, 8));
}

#endif
