/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/split.h"

#include <stddef.h>

struct split *split_new(const char *directory, bool others, struct err *err)
{
	(void)directory;
	(void)others;
	(void)err;
	return NULL;
}

void split_free(struct split *split)
{
	(void)split;
}

void split_note(struct split *split, uint32_t flow)
{
	(void)split;
	(void)flow;
}

void split_flow(struct split *split, uint32_t flow, uint64_t connection)
{
	(void)split;
	(void)flow;
	(void)connection;
}

int split_write(struct split *split, struct capture *capture, struct err *err)
{
	(void)split;
	(void)capture;
	(void)err;
	return 0;
}
