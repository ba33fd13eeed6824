/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gnuplot gets one script at a time and says when it is done, so that it is
 * known which one it is that makes it give up, as it does at any error; then
 * another one goes on with the next.
 */
#include "write/render.h"

#include "base/alloc.h"
#include "write/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUEUE_MAX    256 /* scripts that wait */
#define FAILURES_MAX 8	 /* then it is given up */

static const struct {
	const char *name, *terminal, *end; /* what its files end with */
} formats[] = {
    {"svg", "svg", "</svg>"},
    {"png", "png", "IEND\xae\x42\x60\x82"},
    {"pdf", "pdfcairo", "%%EOF"},
};
#define FORMATS (int)(sizeof(formats) / sizeof(*formats))

struct render {
	char *directory, *to;
	int format;
	struct child child;
	char *queue[QUEUE_MAX]; /* a ring; the first is at work */
	size_t first, n_queue;
	bool busy;	   /* ... if this is set */
	unsigned failures; /* of scripts: so many pictures are missing */
	bool given_up;
	struct err err; /* the first failure */
};

static int format_of(const char *name)
{
	for (int i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i].name, name))
			return i;
	return -1;
}

bool render_is_format(const char *format)
{
	return format_of(format) >= 0;
}

struct render *render_new(const char *directory, const char *to,
			  const char *format, unsigned patience,
			  bool (*stopped)(void), struct err *err)
{
	struct render *render = xcalloc(1, sizeof(*render));

	render->directory = xstrdup(directory);
	render->to = xstrdup(to);
	render->format = format_of(format);
	render->child = (struct child){
	    .directory = render->directory,
	    .format = formats[render->format].name,
	    .terminal = formats[render->format].terminal,
	    .patience = patience,
	    .stopped = stopped,
	};
	if (!child_begin(&render->child, err))
		return render;
	render_free(render);
	return NULL;
}

/*
 * Scripts.
 */

/* Its picture, without the directory. */
static void picture_of(const struct render *render, const char *script,
		       char *name, size_t size)
{
	snprintf(name, size, "%.*s.%s", (int)strcspn(script, "."), script,
		 formats[render->format].name);
}

static char *path_of(const struct render *render, const char *script)
{
	char name[160];
	size_t size;
	char *path;

	picture_of(render, script, name, sizeof(name));
	size =
	    strlen(render->directory) + strlen(render->to) + strlen(name) + 3;
	path = xmalloc(size);
	snprintf(path, size, "%s/%s/%s", render->directory, render->to, name);
	return path;
}

/* gnuplot does not notice that a disk is full. */
static bool is_whole(const struct render *render, const char *path)
{
	const char *end = formats[render->format].end;
	char last[16];
	FILE *file = fopen(path, "re");
	size_t n = 0;

	if (file && !fseek(file, -(long)(strlen(end) + 2), SEEK_END))
		n = fread(last, 1, strlen(end) + 2, file);
	if (file)
		fclose(file);
	for (size_t i = 0; i + strlen(end) <= n; i++)
		if (!memcmp(last + i, end, strlen(end)))
			return true;
	return false;
}

static void failed(struct render *render, const char *script, const char *why)
{
	if (!render->failures++)
		err_set(&render->err, "%s: %s: %s", script, CHILD_PROGRAM, why);
}

static void next_script(struct render *render)
{
	free(render->queue[render->first]);
	render->first = (render->first + 1) % QUEUE_MAX;
	render->n_queue--;
	render->busy = false;
}

/* The script at work has come to its end, or gnuplot has. */
static void script_ends(struct render *render, enum answer answer)
{
	const char *script = render->queue[render->first];
	char *path = path_of(render, script), why[64];

	if (answer != DONE) {
		failed(render, script,
		       child_reason(&render->child, answer, why, sizeof(why)));
		child_stop(&render->child);
		unlink(path);
	} else if (!is_whole(render, path)) {
		failed(render, script, "its picture is not complete");
		unlink(path);
	}
	free(path);
	next_script(render);
}

static void script_begins(struct render *render)
{
	const char *script = render->queue[render->first];
	char text[512];
	struct err err;

	if (!render->child.process && child_begin(&render->child, &err)) {
		failed(render, script, err.text);
		next_script(render);
		render->given_up = true;
		return;
	}
	render->child.said_size = 0;
	snprintf(text, sizeof(text),
		 "reset\nformat = '%s'; to = '%s'\nload '%s'\n"
		 "set print '-'\nprint 'done'\n",
		 formats[render->format].name, render->to, script);
	child_say(&render->child, text);
	render->busy = true;
}

/* Keeps it at work until no more scripts wait than that. */
static void work(struct render *render, size_t waiting)
{
	while (render->n_queue && !render->given_up) {
		enum answer answer;

		if (!render->busy)
			script_begins(render);
		if (render->given_up)
			break;
		answer =
		    child_listen(&render->child, render->n_queue > waiting);
		if (answer == NOTHING)
			return;
		script_ends(render, answer);
		/* One that hung will hang again. */
		render->given_up |= answer == STOPPED || answer == LATE ||
				    render->failures >= FAILURES_MAX;
	}
	/* What is not drawn any more. */
	while (render->given_up && render->n_queue) {
		render->failures++;
		next_script(render);
	}
}

void render_script(struct render *render, const char *name)
{
	size_t at = (render->first + render->n_queue) % QUEUE_MAX;

	render->queue[at] = xstrdup(name);
	render->n_queue++;
	work(render, QUEUE_MAX - 1);
}

int render_finish(struct render *render, struct err *err)
{
	work(render, 0);
	child_stop(&render->child);
	if (!render->failures)
		return 0;
	if (child_is_stopped(&render->child))
		return err_set(err, "%s: stopped, pictures missing: %u",
			       CHILD_PROGRAM, render->failures);
	if (render->failures == 1)
		return err_set(err, "%s", render->err.text);
	return err_set(err, "%.800s (and %u more without a picture)",
		       render->err.text, render->failures - 1);
}

void render_free(struct render *render)
{
	if (!render)
		return;
	child_stop(&render->child);
	while (render->n_queue)
		next_script(render);
	free(render->directory);
	free(render->to);
	free(render);
}
