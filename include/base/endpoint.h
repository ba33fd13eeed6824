/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One end of a TCP connection: an IP address of either family and a port.
 */
#ifndef BASE_ENDPOINT_H
#define BASE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ENDPOINT_TEXT 48 /* room for an address in text */

struct phrase; /* base/format.h */

struct address {
	uint8_t bytes[16]; /* network order; IPv4 in the first 4, rest 0 */
	uint8_t family;	   /* 4 or 6; 0: no address */
};

struct endpoint {
	struct address address;
	uint16_t port; /* host order */
};

/* Not 0 if they differ. Words, to be put together with others and asked about
 * once. */
static inline uint64_t address_differs(const struct address *a,
				       const struct address *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->bytes, sizeof(x));
	memcpy(y, b->bytes, sizeof(y));
	return (x[0] ^ y[0]) | (x[1] ^ y[1]) |
	       (uint64_t)(a->family ^ b->family);
}

static inline uint64_t endpoint_differs(const struct endpoint *a,
					const struct endpoint *b)
{
	return address_differs(&a->address, &b->address) |
	       (uint64_t)(a->port ^ b->port);
}

static inline bool address_same(const struct address *a,
				const struct address *b)
{
	return !address_differs(a, b);
}

static inline bool endpoint_same(const struct endpoint *a,
				 const struct endpoint *b)
{
	return !endpoint_differs(a, b);
}

/* For tables, see base/table.h; `seed` chains calls. */
uint64_t address_hash(const struct address *address, uint64_t seed);
uint64_t endpoint_hash(const struct endpoint *end, uint64_t seed);

/* The address in its usual text form ("-" for none); returns `text`, which
 * has room for ENDPOINT_TEXT. */
char *address_print(const struct address *address, char *text);

/* The same behind what is there of a phrase. */
void phrase_address(struct phrase *phrase, const struct address *address);

/* "10.0.0.1:80", "[::1]:80" in `text`, which has room for END_TEXT. */
#define END_TEXT 64
char *endpoint_print(const struct endpoint *end, char *text);

#endif
