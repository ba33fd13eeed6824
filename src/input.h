/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The traces that the command line names, opened as one capture, and what is to
 * be said of them.
 */
#ifndef INPUT_H
#define INPUT_H

#include "capture/capture.h"
#include "options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINKTYPES_TOLD 16

struct input {
	struct capture *capture;  /* NULL: there is nothing to go on with */
	const char *const *files; /* of the options */
	const char **traces;	  /* those of the files that are traces */
	size_t n_traces;
	uint32_t unknown_links[LINKTYPES_TOLD]; /* already complained of */
	int n_unknown_links;
};

/* Adds every file of -d to those of the options, by name. -1 if it cannot be
 * read, which is told, and *status becomes that of the process. */
int input_find(struct options *options, int *status);

/* Files that are merged are open at the same time: as many as may be. */
void input_allow_files(void);

/* Opens the files of the options as one. `twice`: it will be read again. What
 * is wrong is told, and *status becomes that of the process. */
void input_open(struct input *input, const struct options *options, bool twice,
		int *status);
void input_close(struct input *input);

/* A frame of a link type that nobody understands: told once for each type. */
void input_unknown_link(struct input *input, const struct frame *frame);

/* What went wrong with files. Whether one of them was cut off. */
bool input_tell_problems(const struct input *input, int *status);

#endif
