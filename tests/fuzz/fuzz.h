/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What harnesses share: each is one function that takes any octets and must
 * return, and nothing of one call may be left for the next. What leads it is
 * libFuzzer, AFL++, or replay.c.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What must hold, with NDEBUG too. */
#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

/* Input that is taken from its front; at its end there are zeros. */
struct octets {
	const uint8_t *at, *end;
};

static inline size_t octets_left(const struct octets *in)
{
	return (size_t)(in->end - in->at);
}

static inline uint8_t octets_u8(struct octets *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static inline uint16_t octets_u16(struct octets *in)
{
	uint16_t high = octets_u8(in);

	return (uint16_t)(high << 8 | octets_u8(in));
}

static inline uint32_t octets_u32(struct octets *in)
{
	uint32_t high = octets_u16(in);

	return high << 16 | octets_u16(in);
}

#endif
