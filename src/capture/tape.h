/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How a file is opened, and opened again for reading it once more: a regular
 * file is kept open for that, whatever becomes of its name; what cannot be read
 * twice, a pipe, is recorded in a temporary file as it is read. Not for what
 * the bytes are.
 */
#ifndef CAPTURE_TAPE_H
#define CAPTURE_TAPE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tape {
	bool twice; /* it will be read again */
	bool again; /* it is */
	bool recording;
	int fd;	     /* of the file itself or of the recording; -1: none */
	off_t start; /* of the trace in that */
	int error;   /* an errno: the recording has failed */
	bool (*wait)(int fd); /* of capture_options */
};

void tape_init(struct tape *tape, bool twice, bool (*wait)(int fd));
void tape_clear(struct tape *tape);

/* The file ("-": standard input) from its first byte on, to be closed by the
 * caller unless it is STDIN_FILENO; -1 and err without the name of the file. */
int tape_open(struct tape *tape, const char *path, struct err *err);

/* These bytes of it were read. */
void tape_record(struct tape *tape, const void *bytes, size_t size);

/* From now on tape_open is for reading it again. -1 and err if that cannot
 * be done. */
int tape_rewind(struct tape *tape, struct err *err);

#endif
