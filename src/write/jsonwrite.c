/* SPDX-License-Identifier: BSD-3-Clause */
#include "write/jsonwrite.h"

#include <string.h>

#define WAITING 8192

struct text {
	FILE *file;
	size_t size;
	char waiting[WAITING];
};

static void flush(struct text *text)
{
	fwrite(text->waiting, 1, text->size, text->file);
	text->size = 0;
}

/* A json_dump_callback_t. */
static int take(const char *piece, size_t size, void *arg)
{
	struct text *text = arg;

	if (text->size + size > WAITING)
		flush(text);
	if (size > WAITING) {
		fwrite(piece, 1, size, text->file);
		return 0;
	}
	memcpy(text->waiting + text->size, piece, size);
	text->size += size;
	return 0;
}

void json_write(const json_t *value, FILE *file, size_t flags)
{
	struct text text;

	text.file = file;
	text.size = 0;
	json_dump_callback(value, take, &text, flags);
	flush(&text);
}
