/* SPDX-License-Identifier: BSD-3-Clause */
#include "privileges.h"

#include "base/confine.h"
#include "base/file.h"
#include "base/log.h"
#include "outputs.h"
#include "write/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void need_directory(struct confine_needs *needs, const char *directory)
{
	struct err ignored;

	file_make_directory(directory, &ignored);
	needs->results[needs->n_results++] = directory;
}

static void need_output(struct confine_needs *needs,
			const struct options *options, enum outputs_place place)
{
	const char *name = outputs_name(options, place);

	if (name && strcmp(name, "-") != 0)
		needs->write[needs->n_write++] = name;
}

void privileges_drop(const struct options *options)
{
	struct confine_needs needs = {
	    .read = (const char *const *)options->files,
	    .n_read = options->n_files,
	    .programs = options->render,
	};
	struct style style;
	unsigned done;

	if (options_have_sheets(options))
		need_directory(&needs, options_results(options));
	if (options->split)
		need_directory(&needs, options->split);
	need_output(&needs, options, PLACE_JSON);
	need_output(&needs, options, PLACE_EVENTS);
	/* A locale has files, too. */
	style_detect(&style, stdout);
	/* Valgrind and the like make system calls of their own. */
	done = getenv("MPTCPTRACE_UNCONFINED") ? 0 : confine(&needs);
	log_line(LOG_INFO, "confined: files %s, system calls %s",
		 done & CONFINED_FILES ? "by Landlock" : "not",
		 done & CONFINED_SYSCALLS ? "by seccomp" : "not");
}
