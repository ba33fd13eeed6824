/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/peers.h"

struct peers *peers_new(void)
{
	return NULL;
}

void peers_free(struct peers *peers)
{
	(void)peers;
}

void peers_count(struct peers *peers, const struct address *client,
		 const struct address *server, enum flow_kind kind)
{
	(void)peers;
	(void)client;
	(void)server;
	(void)kind;
}

size_t peers_list(struct peers *peers, enum side role, const struct peer **list)
{
	(void)peers;
	(void)role;
	*list = NULL;
	return 0;
}

uint64_t peers_lost(const struct peers *peers, enum side role)
{
	(void)peers;
	(void)role;
	return 0;
}
