/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The command line, understood and checked.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "base/err.h"
#include "base/nstime.h"
#include "write/listing.h"
#include "write/sheets.h"

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
	size_t n_named;	       /* of them; the others are in a directory, and
				* are passed over if they are no traces */
	const char *directory; /* -d, or NULL */
	char *filter;	       /* or NULL */
	bool has_ip_offset;
	uint32_t ip_offset;
	nstime_t timeout;     /* 0: never */
	uint32_t sent_ranges; /* 0: the default */
	unsigned log_levels;  /* 0: no log */
	const char *log;      /* its file */
	unsigned threads;     /* that may work at once; 1: all is done on one */
	bool threads_given;   /* ... because the user says so */
	unsigned jobs; /* traces at once, each on its own; 0: all are one */
	bool list, packets;
	/* File name, "-": standard output; NULL: none. */
	const char *json, *events;
	enum listing_format listing, events_listing;
	const char *connections; /* -c, or NULL */
	const char *where;	 /* or NULL */
	const char *split;	 /* a directory, or NULL */

	const char **graphs; /* kinds of figures wanted, by name */
	size_t n_graphs, graphs_room;
	/* One that was named, and is only for csv, or not for csv. */
	const char *csv_graph, *picture_graph;
	char letters[8]; /* of the other files wanted: table_row */
	const struct painter *painters[PAINTERS_MAX];
	size_t n_painters;	      /* 0: none was named */
	const char *output_directory; /* -O, or NULL */
	unsigned goodput_acks;	      /* -G */
	nstime_t interval;
	bool relative;
	const char *render; /* png, svg, pdf; or NULL */
};

/* Takes argv apart; *options is good until options_free, argv until then. */
enum options_result options_parse(struct options *options, int argc,
				  char **argv, struct err *err);
void options_free(struct options *options);

/* One more file to read; the name is copied. */
void options_add_file(struct options *options, const char *file);

/* Are graphs or statistics wanted, and into which directory do they go? */
bool options_have_sheets(const struct options *options);
const char *options_results(const struct options *options);
/* Are files made in directories? */
bool options_make_files(const struct options *options);

/* Prints what --help says: graphs and writers are those of the tables. */
void options_help(FILE *file);

#endif
