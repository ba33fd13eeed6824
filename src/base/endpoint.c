/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool address_same(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, 16);
}

bool endpoint_same(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && address_same(&a->address, &b->address);
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
