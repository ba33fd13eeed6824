/* SPDX-License-Identifier: BSD-3-Clause */
#include "input.h"

#include "base/alloc.h"
#include "base/log.h"
#include "complain.h"
#include "privileges.h"
#include "stop.h"

#include <sys/resource.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int input_find(struct options *options, int *status)
{
	struct dirent **entries;
	int n;

	options->n_named = options->n_files;
	if (!options->directory)
		return 0;
	n = scandir(options->directory, &entries, visible, alphasort);
	if (n < 0) {
		complain(status, "%s: %s", options->directory, strerror(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		size_t size =
		    strlen(options->directory) + strlen(entries[i]->d_name) + 2;
		char *path = xmalloc(size);

		snprintf(path, size, "%s/%s", options->directory,
			 entries[i]->d_name);
		options_add_file(options, path);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

void input_allow_files(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Of the files given, those that are traces. */
static void name_traces(struct input *input, const struct options *options)
{
	const struct capture *capture = input->capture;

	input->traces = xcalloc(options->n_files, sizeof(*input->traces));
	for (size_t i = 0; i < options->n_files; i++)
		if (capture_opened(capture, i))
			input->traces[input->n_traces++] = options->files[i];
	log_line(LOG_INFO, "%zu traces opened, %zu other files passed over",
		 capture_files(capture), capture_skipped(capture));
}

/* Not before the filter has looked up what names it has. */
static void before_files(void *options)
{
	input_allow_files();
	privileges_drop(options);
}

void input_open(struct input *input, const struct options *options, bool twice,
		int *status)
{
	const struct capture_options capture_options = {
	    .filter = options->filter,
	    .has_ip_offset = options->has_ip_offset,
	    .ip_offset = options->ip_offset,
	    .skip_non_traces = options->n_named < options->n_files,
	    .certain = options->n_named,
	    .twice = twice,
	    .before_files = before_files,
	    .arg = (void *)options,
	    .wait = stop_wait,
	};
	struct err err;

	input->files = (const char *const *)options->files;
	input->capture = capture_open(input->files, options->n_files,
				      &capture_options, &err);
	if (!input->capture) {
		complain(NULL, "%s", err.text);
		*status = 2;
		return;
	}
	name_traces(input, options);
	if (!input->n_traces && options->directory &&
	    !capture_problem(input->capture, 0))
		complain(status, "%s: no traces in it", options->directory);
}

void input_close(struct input *input)
{
	capture_free(input->capture);
	free(input->traces);
}

void input_unknown_link(struct input *input, const struct frame *frame)
{
	char name[128];

	for (int i = 0; i < input->n_unknown_links; i++)
		if (input->unknown_links[i] == frame->linktype)
			return;
	if (input->n_unknown_links == LINKTYPES_TOLD)
		return;
	input->unknown_links[input->n_unknown_links++] = frame->linktype;
	capture_linktype_name(frame->linktype, name, sizeof(name));
	complain(NULL,
		 "%s: packet %llu: packets of %s are not understood; if the IP "
		 "header starts N bytes into each, say -o N",
		 input->files[frame->file], (unsigned long long)frame->number,
		 name);
}

bool input_tell_problems(const struct input *input, int *status)
{
	const struct capture_problem *problem;
	bool cut = false;

	for (size_t i = 0; (problem = capture_problem(input->capture, i));
	     i++) {
		/* Of a pipe that was not read to its end it says nothing. */
		if (problem->cut && problem->warning && is_stopped())
			continue;
		complain(problem->warning ? NULL : status, "%s",
			 problem->text.text);
		cut |= problem->cut;
	}
	return cut;
}
