/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include "base/alloc.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_JSON = 256, OPTION_LIST };

static const char short_options[] = ":f:d:o:t:q:l:hV";
static const struct option long_options[] = {
    {"file", required_argument, NULL, 'f'},
    {"directory", required_argument, NULL, 'd'},
    {"ip-offset", required_argument, NULL, 'o'},
    {"timeout", required_argument, NULL, 't'},
    {"reinjection-window", required_argument, NULL, 'q'},
    {"log", required_argument, NULL, 'l'},
    {"json", optional_argument, NULL, OPTION_JSON},
    {"list", no_argument, NULL, OPTION_LIST},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

const char options_help[] =
    "Usage: mptcptrace -f TRACE [options] ['capture filter']\n"
    "Says what happened in the Multipath TCP connections of a trace.\n"
    "\n"
    "Input\n"
    "  -f, --file FILE        a trace: pcap or pcapng, also compressed (.gz "
    ".xz\n"
    "                         .zst .bz2 .lz4); - is standard input. Several "
    "-f\n"
    "                         are one trace, merged by time\n"
    "  -d, --directory DIR    every trace in DIR, as one\n"
    "  -o, --ip-offset N      the IP header starts N bytes into each packet\n"
    "  capture filter         only what matches it, as for tcpdump\n"
    "\n"
    "Analysis\n"
    "  -t, --timeout SEC      a connection idle for SEC ends (default: never)\n"
    "  -q, --reinjection-window N\n"
    "                         remember at most N acknowledged ranges a "
    "direction\n"
    "                         when looking for what was sent again; 0, the\n"
    "                         default: all that can still matter\n"
    "\n"
    "Output\n"
    "      --list             one line a connection\n"
    "      --json[=FILE]      everything known; without FILE, or with -, on\n"
    "                         standard output and nothing else there\n"
    "  -l, --log N            log into mptcptrace.log; N is a sum of 1 bugs,\n"
    "                         2 warnings, 4 information, 8 connections, 16 "
    "all\n"
    "  -h, --help             this\n"
    "  -V, --version          the version\n"
    "\n"
    "Exit status: 0 done, 1 a trace or an output failed, 2 wrong command "
    "line.\n"
    "man mptcptrace tells more.\n";

/* A whole number from least to most, and nothing else. */
static bool whole_number(const char *text, unsigned long least,
			 unsigned long most, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno &&
	       *number >= least && *number <= most;
}

static bool seconds(const char *text, nstime_t *span)
{
	char *end;
	double value = strtod(text, &end);

	if (strspn(text, "0123456789.") != strlen(text) || end == text ||
	    *end || value > 1e9)
		return false;
	*span = (nstime_t)(value * 1e9);
	return true;
}

void options_add_file(struct options *options, const char *file)
{
	options->files = xgrow(options->files, &options->files_room,
			       options->n_files + 1, sizeof(*options->files));
	options->files[options->n_files++] = xstrdup(file);
}

/* Takes one option. */
static int take(struct options *options, int option, const char *value,
		struct err *err)
{
	unsigned long number;

	if (value && !*value && (option == 'f' || option == 'd'))
		return err_set(err, "-%c needs a name", option);
	switch (option) {
	case 'f':
		options_add_file(options, value);
		break;
	case 'd':
		if (options->directory)
			return err_set(err, "-d can be given only once");
		options->directory = value;
		break;
	case 'o':
		if (!whole_number(value, 0, 65535, &number))
			return err_set(
			    err, "-o %s: not a number from 0 to 65535", value);
		options->has_ip_offset = true;
		options->ip_offset = (uint32_t)number;
		break;
	case 't':
		if (!seconds(value, &options->timeout))
			return err_set(err, "-t %s: not a number of seconds",
				       value);
		break;
	case 'q':
		if (!whole_number(value, 0, 1000000000, &number))
			return err_set(err,
				       "-q %s: not a number from 0 to "
				       "1000000000",
				       value);
		options->sent_ranges = (uint32_t)number;
		break;
	case 'l':
		if (!whole_number(value, 0, 31, &number))
			return err_set(err, "-l %s: not a number from 0 to 31",
				       value);
		options->log_levels = (unsigned)number;
		break;
	case OPTION_JSON:
		options->json = value && *value ? value : "-";
		break;
	case OPTION_LIST:
		options->list = true;
		break;
	}
	return 0;
}

static bool given_twice(const struct options *options, const char *file)
{
	int n = 0;

	for (size_t i = 0; i < options->n_files; i++)
		n += !strcmp(options->files[i], file);
	return n > 1;
}

/* The rest of the command line is a filter, as for tcpdump. */
static char *joined(char **words, int n)
{
	size_t size = 1;
	char *text;

	for (int i = 0; i < n; i++)
		size += strlen(words[i]) + 1;
	text = xcalloc(size, 1);
	for (int i = 0; i < n; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, words[i]);
	}
	return text;
}

enum options_result options_parse(struct options *options, int argc,
				  char **argv, struct err *err)
{
	int option;

	memset(options, 0, sizeof(*options));
	opterr = 0;
	while ((option = getopt_long(argc, argv, short_options, long_options,
				     NULL)) != -1) {
		const char *given = argv[optind - 1];

		if (option == 'h')
			return OPTIONS_HELP;
		if (option == 'V')
			return OPTIONS_VERSION;
		if (option == ':')
			err_set(err, "%s needs a value", given);
		else if (option == '?' && optopt && optopt < 256)
			err_set(err, "-%c: no such option", optopt);
		else if (option == '?')
			err_set(err,
				"%s: no such option, or none that takes "
				"a value",
				given);
		else if (!take(options, option, optarg, err))
			continue;
		return OPTIONS_WRONG;
	}
	if (options->list && options->json && !strcmp(options->json, "-")) {
		err_set(err, "--list and --json both want standard output: "
			     "use --json=FILE");
		return OPTIONS_WRONG;
	}
	if (optind < argc)
		options->filter = joined(argv + optind, argc - optind);
	if (given_twice(options, "-")) {
		err_set(err, "-f -: standard input can be read only once");
		return OPTIONS_WRONG;
	}
	if (!options->n_files && !options->directory) {
		err_set(err, "no trace given: use -f FILE or -d DIR");
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}

void options_free(struct options *options)
{
	for (size_t i = 0; i < options->n_files; i++)
		free(options->files[i]);
	free(options->files);
	free(options->filter);
}
