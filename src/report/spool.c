/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/spool.h"

#include "base/alloc.h"
#include "base/block.h"
#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of the temporary file's stream. */
#define BUFFER ((size_t)64 << 10)

struct waiting {
	off_t offset;
	int64_t size; /* -1: has not come */
};

struct spool {
	FILE *out;
	bool hold;
	uint64_t id;	    /* of the block at hand; ... */
	bool is_next;	    /* ... it goes straight to `out`, ... */
	struct block block; /* ... or is gathered here */
	FILE *store;	    /* the temporary file, once needed; ... */
	char *buffer;	    /* ... its stream's; ... */
	off_t at;	    /* ... where that stands; -1: who knows; ... */
	bool reads;	    /* ... and what was done there */
	off_t stored;
	struct waiting *waiting; /* [done] is of id `next`, and so on */
	size_t done, n_waiting, room;
	uint64_t next;
};

struct spool *spool_new(FILE *out, bool hold)
{
	struct spool *spool = xcalloc(1, sizeof(*spool));

	spool->out = out;
	spool->hold = hold;
	block_init(&spool->block);
	return spool;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	block_clear(&spool->block);
	if (spool->store)
		fclose(spool->store);
	free(spool->buffer);
	free(spool->waiting);
	free(spool);
}

FILE *spool_begin(struct spool *spool, uint64_t id)
{
	spool->id = id;
	spool->is_next = !spool->hold && id == spool->next;
	return spool->is_next ? spool->out : block_begin(&spool->block);
}

/* Opens the temporary file, once; -1 if that fails. */
static int store_open(struct spool *spool)
{
	if (spool->store)
		return 0;
	spool->store = file_temporary_stream();
	if (!spool->store)
		return -1;
	spool->buffer = xmalloc(BUFFER);
	setvbuf(spool->store, spool->buffer, _IOFBF, BUFFER);
	return 0;
}

/* To where `size` octets will be read or written. Most blocks stand one after
 * another, and each seek costs a call of the system or two. -1 if it fails. */
static int store_seek(struct spool *spool, off_t offset, bool reads,
		      size_t size)
{
	bool there = spool->at == offset && spool->reads == reads;

	spool->at = -1;
	if (!there && fseeko(spool->store, offset, SEEK_SET))
		return -1;
	spool->at = offset + (off_t)size;
	spool->reads = reads;
	return 0;
}

/* The block stays in the temporary file until those before it have come. */
static int put_by(struct spool *spool, struct err *err)
{
	size_t place = spool->done + (size_t)(spool->id - spool->next);
	size_t size = spool->block.size;

	while (spool->n_waiting <= place) {
		spool->waiting =
		    xgrow(spool->waiting, &spool->room, spool->n_waiting + 1,
			  sizeof(*spool->waiting));
		spool->waiting[spool->n_waiting++].size = -1;
	}
	/* Lost, if it cannot be stored. */
	spool->waiting[place] = (struct waiting){spool->stored, 0};
	if (!size)
		return 0;
	if (store_open(spool) ||
	    store_seek(spool, spool->stored, false, size) ||
	    fwrite(spool->block.text, 1, size, spool->store) != size)
		return file_temporary_failed(err, errno);
	spool->waiting[place].size = (int64_t)size;
	spool->stored += (off_t)size;
	return 0;
}

static int copy_out(struct spool *spool, const struct waiting *block,
		    struct err *err)
{
	char buffer[16384];
	int64_t left = block->size;

	if (left > 0 && store_seek(spool, block->offset, true, (size_t)left))
		return file_temporary_failed(err, errno);
	while (left > 0) {
		size_t part = left < (int64_t)sizeof(buffer) ? (size_t)left
							     : sizeof(buffer);

		if (fread(buffer, 1, part, spool->store) != part)
			return file_temporary_failed(err, errno);
		if (fwrite(buffer, 1, part, spool->out) != part)
			return err_set(err, "%s", strerror(errno));
		left -= (int64_t)part;
	}
	return 0;
}

/* The front of the list was written: moved away once it is most of it. */
static void pass(struct spool *spool, size_t n)
{
	spool->next += n;
	spool->done += n;
	if (spool->done >= spool->n_waiting) {
		spool->done = spool->n_waiting = 0;
		spool->stored = 0; /* the file is used again */
	} else if (spool->done > spool->n_waiting / 2) {
		spool->n_waiting -= spool->done;
		memmove(spool->waiting, spool->waiting + spool->done,
			spool->n_waiting * sizeof(*spool->waiting));
		spool->done = 0;
	}
}

/* Writes the leading blocks that have come; with `all`, the others too. */
static int drain(struct spool *spool, bool all, const char *between,
		 struct err *err)
{
	bool first = true;

	while (spool->n_waiting) {
		const struct waiting *block = &spool->waiting[spool->done];

		if (block->size < 0 && !all)
			break;
		if (block->size > 0) {
			if (!first && between)
				fputs(between, spool->out);
			first = false;
			if (copy_out(spool, block, err))
				return -1;
		}
		pass(spool, 1);
	}
	return 0;
}

int spool_end(struct spool *spool, struct err *err)
{
	if (!spool->is_next) {
		block_end(&spool->block);
		return put_by(spool, err);
	}
	pass(spool, 1);
	return drain(spool, false, NULL, err);
}

int spool_flush(struct spool *spool, const char *between, struct err *err)
{
	return drain(spool, true, between, err);
}
