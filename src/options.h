/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line, understood and checked.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "base/err.h"
#include "base/nstime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,	 /* --help: print it, exit 0 */
	OPTIONS_VERSION, /* --version: print it, exit 0 */
	OPTIONS_WRONG,	 /* err says what; exit 2 */
};

struct options {
	char **files; /* to read */
	size_t n_files, files_room;
	const char *directory; /* -d, or NULL */
	char *filter;	       /* or NULL */
	bool has_ip_offset;
	uint32_t ip_offset;
	nstime_t timeout;     /* 0: never */
	uint32_t sent_ranges; /* 0: the default */
	unsigned log_levels;  /* 0: no log */
	bool list;
	const char *json; /* file name, "-": standard output; NULL: none */
};

/* Takes argv apart; *options is good until options_free, argv until then. */
enum options_result options_parse(struct options *options, int argc,
				  char **argv, struct err *err);
void options_free(struct options *options);

/* One more file to read; the name is copied. */
void options_add_file(struct options *options, const char *file);

/* The text of --help. */
extern const char options_help[];

#endif
