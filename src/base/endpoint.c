/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/endpoint.h"

#include "base/format.h"
#include "base/table.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static uint64_t ip4_word(const struct address *address)
{
	uint32_t word;

	memcpy(&word, address->bytes, 4);
	return word;
}

uint64_t address_hash(const struct address *address, uint64_t seed)
{
	uint64_t first, second;

	if (address->family != 6)
		return hash_u64(ip4_word(address), seed);
	memcpy(&first, address->bytes, 8);
	memcpy(&second, address->bytes + 8, 8);
	return hash_u64(first, hash_u64(second, seed));
}

uint64_t endpoint_hash(const struct endpoint *end, uint64_t seed)
{
	const struct address *address = &end->address;

	if (address->family == 6)
		return address_hash(address, hash_u64(end->port, seed));
	return hash_u64((uint64_t)end->port << 32 | ip4_word(address), seed);
}

/* Returns where it ends; what follows may be written over, too. */
static char *print_ip4(const uint8_t bytes[4], char *text)
{
	for (int i = 0; i < 4; i++) {
		text += format_number(text, bytes[i]);
		*text++ = '.';
	}
	return text - 1;
}

static char *print(const struct address *address, char *text)
{
	if (address->family == 4)
		return print_ip4(address->bytes, text);
	if (!address->family)
		strcpy(text, "-");
	else
		inet_ntop(AF_INET6, address->bytes, text, ENDPOINT_TEXT);
	return text + strlen(text);
}

char *address_print(const struct address *address, char *text)
{
	*print(address, text) = '\0';
	return text;
}

void phrase_address(struct phrase *phrase, const struct address *address)
{
	if (phrase_room(phrase) >= ENDPOINT_TEXT)
		phrase->at = print(address, phrase->at);
}

char *endpoint_print(const struct endpoint *end, char *text)
{
	char address[ENDPOINT_TEXT];

	format_text(text, END_TEXT,
		    end->address.family == 6 ? "[%s]:%u" : "%s:%u",
		    address_print(&end->address, address), end->port);
	return text;
}
