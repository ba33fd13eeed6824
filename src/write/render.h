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

/* Seconds that gnuplot may take for an answer. */
#define RENDER_PATIENCE 60

struct render;

/* The formats there are: png, svg, pdf. */
bool render_is_format(const char *format);

/* Starts gnuplot in `directory`, where scripts are; its pictures go to the
 * directory `to` beneath it. Where it is waited for gnuplot, and only there,
 * `stopped` (or NULL) is asked whether the user says to stop: then it is
 * killed, and nothing is drawn any more; so too if it does not answer for
 * `patience` seconds. NULL and err if there is none. */
struct render *render_new(const char *directory, const char *to,
			  const char *format, unsigned patience,
			  bool (*stopped)(void), struct err *err);
/* Has the script with this name drawn; one of ours, without need to be quoted.
 * Returns at once, unless very many wait: then when the first is drawn. */
void render_script(struct render *render, const char *name);
/* Waits until all is drawn. -1 and err if gnuplot failed or the user said to
 * stop; err says how many pictures are missing. */
int render_finish(struct render *render, struct err *err);
/* Waits for nothing: what is not drawn will not be. */
void render_free(struct render *render);

#endif
