/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers in a trace's byte order, which is this machine's or the other one:
 * that of whoever wrote it. Not for what packets hold.
 */
#ifndef CAPTURE_ORDER_H
#define CAPTURE_ORDER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t turn16(uint16_t value)
{
	return (uint16_t)(value >> 8 | value << 8);
}

static inline uint32_t turn32(uint32_t value)
{
	return value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) |
	       value << 24;
}

static inline uint64_t turn64(uint64_t value)
{
	return (uint64_t)turn32((uint32_t)value) << 32 |
	       turn32((uint32_t)(value >> 32));
}

/* The number that stands there; turned: in the other order. */
static inline uint16_t order16(bool turned, const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return turned ? turn16(value) : value;
}

static inline uint32_t order32(bool turned, const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return turned ? turn32(value) : value;
}

static inline uint64_t order64(bool turned, const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return turned ? turn64(value) : value;
}

#endif
