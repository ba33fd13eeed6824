/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/block.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER ((size_t)16 << 10)

#if defined(HAVE_FOPENCOOKIE) || defined(HAVE_FUNOPEN)
static void append(struct block *block, const char *text, size_t size)
{
	block->text = xgrow(block->text, &block->room, block->size + size, 1);
	memcpy(block->text + block->size, text, size);
	block->size += size;
}
#endif

#if defined(HAVE_FOPENCOOKIE)
static ssize_t take(void *block, const char *text, size_t size)
{
	append(block, text, size);
	return (ssize_t)size;
}

static FILE *stream_of(struct block *block)
{
	cookie_io_functions_t functions = {.write = take};

	return fopencookie(block, "w", functions);
}
#elif defined(HAVE_FUNOPEN)
static int take(void *block, const char *text, int size)
{
	append(block, text, (size_t)size);
	return size;
}

static FILE *stream_of(struct block *block)
{
	return funopen(block, NULL, take, NULL, NULL);
}
#else
static FILE *stream_of(struct block *block)
{
	return open_memstream(&block->text, &block->size);
}
#endif

void block_init(struct block *block)
{
	*block = (struct block){0};
	block->file = stream_of(block);
	if (!block->file)
		alloc_failed();
	block->buffer = xmalloc(BUFFER);
	setvbuf(block->file, block->buffer, _IOFBF, BUFFER);
}

void block_clear(struct block *block)
{
	fclose(block->file);
	free(block->text);
	free(block->buffer);
}

FILE *block_begin(struct block *block)
{
#if !defined(HAVE_FOPENCOOKIE) && !defined(HAVE_FUNOPEN)
	rewind(block->file);
#endif
	block->size = 0;
	return block->file;
}

void block_end(struct block *block)
{
	if (fflush(block->file) || ferror(block->file))
		alloc_failed();
}
