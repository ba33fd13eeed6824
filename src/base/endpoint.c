/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/endpoint.h"

#include "base/table.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

uint64_t address_hash(const struct address *address, uint64_t seed)
{
	uint64_t first, second;

	memcpy(&first, address->bytes, 8);
	if (address->family != 6)
		return hash_u64(first, seed);
	memcpy(&second, address->bytes + 8, 8);
	return hash_u64(first, hash_u64(second, seed));
}

uint64_t endpoint_hash(const struct endpoint *end, uint64_t seed)
{
	return address_hash(&end->address, hash_u64(end->port, seed));
}

char *address_print(const struct address *address, char *text)
{
	int family = address->family == 6 ? AF_INET6 : AF_INET;

	strcpy(text, "-");
	if (address->family)
		inet_ntop(family, address->bytes, text, ENDPOINT_TEXT);
	return text;
}

char *endpoint_print(const struct endpoint *end, char *text)
{
	char address[ENDPOINT_TEXT];

	snprintf(text, END_TEXT, end->address.family == 6 ? "[%s]:%u" : "%s:%u",
		 address_print(&end->address, address), end->port);
	return text;
}
