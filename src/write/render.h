/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * --render: gnuplot, as a process of its own and without a shell, makes
 * pictures of the scripts of -w 3. It gets them one by one while the trace is
 * read.
 */
#ifndef WRITE_RENDER_H
#define WRITE_RENDER_H

#include "base/err.h"

#include <stdbool.h>

struct render;

/* The formats there are: png, svg, pdf. */
bool render_is_format(const char *format);

/* Starts gnuplot in `directory`, where scripts are; its pictures go to the
 * directory `to` beneath it. NULL and err if there is none. */
struct render *render_new(const char *directory, const char *to,
			  const char *format, struct err *err);
/* Draws the script with this name; one of ours, without need to be quoted. */
void render_script(struct render *render, const char *name);
/* Waits until all is drawn. -1 and err if gnuplot failed. */
int render_finish(struct render *render, struct err *err);
void render_free(struct render *render);

#endif
