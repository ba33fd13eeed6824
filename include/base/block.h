/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Text in memory, written through a stream. open_memstream(3) does that, too,
 * but of glibc's nobody hears that there was no memory: text is missing then.
 */
#ifndef BASE_BLOCK_H
#define BASE_BLOCK_H

#include <stddef.h>
#include <stdio.h>

struct block {
	FILE *file;
	char *text;
	size_t size;
	size_t room;
	char *buffer; /* of the stream */
};

void block_init(struct block *block);
void block_clear(struct block *block);

/* The stream, for another text. */
FILE *block_begin(struct block *block);
/* All of it is in block->text now, block->size octets. */
void block_end(struct block *block);

#endif
