/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include "analysis/analysis.h"
#include "base/alloc.h"
#include "write/sheets.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	OPTION_JSON = 256,
	OPTION_LIST,
	OPTION_EVENTS,
	OPTION_PACKETS,
	OPTION_SPLIT,
	OPTION_WHERE,
	OPTION_GRAPH,
	OPTION_INTERVAL,
	OPTION_RELATIVE,
	OPTION_RENDER,
	OPTION_THREADS
};

static const char short_options[] = ":f:d:o:t:q:l:hVsar:F:G:SARw:O:c:j:";
static const struct option long_options[] = {
    {"file", required_argument, NULL, 'f'},
    {"directory", required_argument, NULL, 'd'},
    {"ip-offset", required_argument, NULL, 'o'},
    {"timeout", required_argument, NULL, 't'},
    {"reinjection-window", required_argument, NULL, 'q'},
    {"log", required_argument, NULL, 'l'},
    {"json", optional_argument, NULL, OPTION_JSON},
    {"list", no_argument, NULL, OPTION_LIST},
    {"events", optional_argument, NULL, OPTION_EVENTS},
    {"packets", no_argument, NULL, OPTION_PACKETS},
    {"connection", required_argument, NULL, 'c'},
    {"where", required_argument, NULL, OPTION_WHERE},
    {"split", required_argument, NULL, OPTION_SPLIT},
    {"sequence", no_argument, NULL, 's'},
    {"acksize", no_argument, NULL, 'a'},
    {"rtt", required_argument, NULL, 'r'},
    {"flight", required_argument, NULL, 'F'},
    {"goodput", required_argument, NULL, 'G'},
    {"stats", no_argument, NULL, 'S'},
    {"add-addr", no_argument, NULL, 'A'},
    {"rm-addr", no_argument, NULL, 'R'},
    {"graph", required_argument, NULL, OPTION_GRAPH},
    {"interval", required_argument, NULL, OPTION_INTERVAL},
    {"writer", required_argument, NULL, 'w'},
    {"output-dir", required_argument, NULL, 'O'},
    {"relative", no_argument, NULL, OPTION_RELATIVE},
    {"render", required_argument, NULL, OPTION_RENDER},
    {"jobs", required_argument, NULL, 'j'},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* The graphs that each letter asks for, bit by bit of its value; a letter
 * without value has those of the first. */
static const struct {
	char letter;
	const char *graphs[3];
} letters[] = {
    {'s', {"seq,marks,map_reinject"}},
    {'a', {"acksize"}},
    {'r', {"rtt_ack_ts", "rtt_seq_ts", "rtt_seq_num"}},
    /* As in 2014, flight comes with each of them. */
    {'F', {"flight", "flight,flight_per_flow", "flight,rightEdge"}},
    {'G', {"gput"}},
};

#define AT_ONCE_MAX	 1024 /* threads; jobs */
#define INTERVAL_DEFAULT (NSTIME_SECOND / 10)
#define GOODPUT_ACKS	 10 /* where --graph names gput */

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
	    *end || value > 1e9 || !(value >= 0))
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

static void add_graph(struct options *options, const char *name)
{
	for (size_t i = 0; i < options->n_graphs; i++)
		if (!strcmp(options->graphs[i], name))
			return;
	options->graphs =
	    xgrow(options->graphs, &options->graphs_room, options->n_graphs + 1,
		  sizeof(*options->graphs));
	options->graphs[options->n_graphs++] = name;
}

/* One word of a list, and where the next begins, or NULL. */
static const char *next_word(const char *list, size_t *size)
{
	*size = strcspn(list, ",");
	return list[*size] ? list + *size + 1 : NULL;
}

/* A list of names of graphs, or "all". */
static int take_graphs(struct options *options, const char *list, bool by_name,
		       struct err *err)
{
	const struct figure_kind *kind;
	size_t size;

	for (const char *next; list; list = next) {
		bool found = false;

		next = next_word(list, &size);
		for (size_t i = 0; (kind = analyses_figure(i)); i++) {
			bool named = strlen(kind->name) == size &&
				     !strncmp(kind->name, list, size);

			if (!named && (size != 3 || strncmp(list, "all", 3)))
				continue;
			if (by_name && named && kind->only_csv)
				options->csv_graph = kind->name;
			if (by_name && named && kind->no_csv)
				options->picture_graph = kind->name;
			add_graph(options, kind->name);
			found = true;
		}
		if (!found)
			return err_set(err, "--graph %.*s: no such graph",
				       (int)size, list);
	}
	return 0;
}

/* A letter of its own, with a sum of bits if it takes one. */
static int take_letter(struct options *options, int letter, unsigned long bits,
		       struct err *err)
{
	for (size_t i = 0; i < sizeof(letters) / sizeof(*letters); i++) {
		if (letters[i].letter != letter)
			continue;
		for (int bit = 0; bit < 3; bit++)
			if (bits >> bit & 1 &&
			    take_graphs(options, letters[i].graphs[bit], false,
					err))
				return -1;
	}
	return 0;
}

/* Names or numbers of writers. */
static int take_painters(struct options *options, const char *list,
			 struct err *err)
{
	const struct painter *painter;
	size_t size;

	for (const char *next; list; list = next) {
		bool known = false;

		next = next_word(list, &size);
		if (size == 5 && !strncmp(list, "jsonl", size)) {
			options->listing = LISTING_JSONL;
			continue;
		}
		for (size_t i = 0; (painter = painter_row(i)); i++) {
			char number[8];

			snprintf(number, sizeof(number), "%d", painter->number);
			if ((strlen(painter->name) == size &&
			     !strncmp(painter->name, list, size)) ||
			    (strlen(number) == size &&
			     !strncmp(number, list, size))) {
				known = true;
				break;
			}
		}
		if (!known)
			return err_set(err, "-w %.*s: no such writer",
				       (int)size, list);
		for (size_t i = 0; i < options->n_painters; i++)
			known &= options->painters[i] != painter;
		if (known && options->n_painters < PAINTERS_MAX)
			options->painters[options->n_painters++] = painter;
	}
	return 0;
}

/* What a whole number is for, and within which bounds. */
static const struct {
	int option;
	const char *name;
	unsigned long least, most;
	const char *bounds;
} numbers[] = {
    {'o', "-o", 0, 65535, "a number from 0 to 65535"},
    {'q', "-q", 0, 1000000000, "a number from 0 to 1000000000"},
    {'l', "-l", 0, 31, "a number from 0 to 31"},
    {'r', "-r", 1, 7, "a sum of 1, 2 and 4, from 1 to 7"},
    {'F', "-F", 1, 7, "a sum of 1, 2 and 4, from 1 to 7"},
    {'G', "-G", 2, 1000000, "a number from 2 to 1000000"},
    {'j', "-j", 0, AT_ONCE_MAX, "a number from 0 to 1024"},
    {OPTION_THREADS, "--threads", 1, AT_ONCE_MAX, "a number from 1 to 1024"},
};

/* Processors that work. */
static unsigned processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > AT_ONCE_MAX ? AT_ONCE_MAX : (unsigned)n;
}

/* 1 if the option is not one of those that take a number. */
static int take_number(struct options *options, int option, const char *value,
		       struct err *err)
{
	unsigned long number = 0;
	size_t i = 0, n = sizeof(numbers) / sizeof(*numbers);

	while (i < n && numbers[i].option != option)
		i++;
	if (i == n)
		return 1;
	if (!whole_number(value, numbers[i].least, numbers[i].most, &number))
		return err_set(err, "%s %s: not %s", numbers[i].name, value,
			       numbers[i].bounds);
	switch (option) {
	case 'o':
		options->has_ip_offset = true;
		options->ip_offset = (uint32_t)number;
		return 0;
	case 'q':
		options->sent_ranges = (uint32_t)number;
		return 0;
	case 'l':
		options->log_levels = (unsigned)number;
		return 0;
	case 'G':
		options->goodput_acks = (unsigned)number;
		return take_letter(options, option, 1, err);
	case 'j':
		options->jobs = number ? (unsigned)number : processors();
		return 0;
	case OPTION_THREADS:
		options->threads = (unsigned)number;
		options->threads_given = true;
		return 0;
	default: /* r, F */
		return take_letter(options, option, number, err);
	}
}

/* 1 if the option is not one of those that take a name. */
static int take_name(struct options *options, int option, const char *value,
		     struct err *err)
{
	const struct {
		int option;
		const char *name;
		const char **place; /* given once; NULL: several times */
		const char *once;   /* what to say if not */
	} names[] = {
	    {'f', "-f", NULL, NULL},
	    {'d', "-d", &options->directory, ""},
	    {'O', "-O", &options->output_directory, NULL},
	    {'c', "-c", &options->connections, ""},
	    {OPTION_WHERE, "--where", &options->where, ": use and"},
	    {OPTION_SPLIT, "--split", &options->split, ""},
	};
	size_t i = 0, n = sizeof(names) / sizeof(*names);

	while (i < n && names[i].option != option)
		i++;
	if (i == n)
		return 1;
	if (!*value && option != OPTION_WHERE)
		return err_set(err, "%s needs %s", names[i].name,
			       option == 'c'		? "ids, like 0,3,7-9"
			       : option == OPTION_SPLIT ? "a directory"
							: "a name");
	if (names[i].once && *names[i].place)
		return err_set(err, "%s can be given only once%s",
			       names[i].name, names[i].once);
	if (names[i].place)
		*names[i].place = value;
	else
		options_add_file(options, value);
	return 0;
}

/* Options without a value. */
static int take_flag(struct options *options, int option, struct err *err)
{
	switch (option) {
	case 's':
	case 'a':
		return take_letter(options, option, 1, err);
	case 'S':
	case 'A':
	case 'R':
		if (!strchr(options->letters, option))
			options->letters[strlen(options->letters)] =
			    (char)option;
		break;
	case OPTION_RELATIVE:
		options->relative = true;
		break;
	case OPTION_LIST:
		options->list = true;
		break;
	case OPTION_PACKETS:
		options->packets = true;
		break;
	}
	return 0;
}

/* Takes one option. */
static int take(struct options *options, int option, const char *value,
		struct err *err)
{
	int taken = take_number(options, option, value, err);

	if (taken == 1)
		taken = take_name(options, option, value, err);
	if (taken != 1)
		return taken;
	switch (option) {
	case 't':
		if (!seconds(value, &options->timeout))
			return err_set(err, "-t %s: not a number of seconds",
				       value);
		return 0;
	case OPTION_INTERVAL:
		if (!seconds(value, &options->interval) ||
		    options->interval < NSTIME_SECOND / 1000000)
			return err_set(err,
				       "--interval %s: not a number of "
				       "seconds, a millionth at least",
				       value);
		return 0;
	case OPTION_GRAPH:
		return take_graphs(options, value, true, err);
	case OPTION_RENDER:
		if (!sheets_renders(value))
			return err_set(err, "--render %s: not png, svg or pdf",
				       value);
		options->render = value;
		return 0;
	case 'w':
		return take_painters(options, value, err);
	case OPTION_JSON:
		options->json = value && *value ? value : "-";
		return 0;
	case OPTION_EVENTS:
		options->events = value && *value ? value : "-";
		return 0;
	default:
		return take_flag(options, option, err);
	}
}

bool options_make_files(const struct options *options)
{
	bool page = false;

	for (size_t i = 0; i < options->n_painters; i++)
		page |= options->painters[i]->page;
	return page || options->n_graphs || *options->letters ||
	       options->split || options->log_levels;
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

static bool writes(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->n_painters; i++)
		if (!strcmp(options->painters[i]->name, name))
			return true;
	return false;
}

/* Who wants pictures and does not say which gets those that tell most. */
static void choose_graphs(struct options *options)
{
	const struct figure_kind *kind;

	if (options->n_graphs ||
	    !(writes(options, "gnuplot") || writes(options, "html")))
		return;
	for (size_t i = 0; (kind = analyses_figure(i)); i++)
		if (kind->standard)
			add_graph(options, kind->name);
}

static bool is_standard_output(const char *name)
{
	return name && !strcmp(name, "-");
}

/* One thing at most goes to standard output. */
static int check_output(const struct options *options, struct err *err)
{
	const struct {
		const char *name;
		bool given, may_be_file;
	} wants[] = {
	    {"--list", options->list, false},
	    {"--packets", options->packets, false},
	    {"--events", is_standard_output(options->events), true},
	    {"--json", is_standard_output(options->json), true},
	};
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++) {
		if (!wants[i].given)
			continue;
		if (first)
			return err_set(err,
				       "%s and %s both want standard output%s%s"
				       "%s",
				       first, wants[i].name,
				       wants[i].may_be_file ? ": use " : "",
				       wants[i].may_be_file ? wants[i].name
							    : "",
				       wants[i].may_be_file ? "=FILE" : "");
		first = wants[i].name;
	}
	return 0;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t size = strlen(name), n = strlen(suffix);

	return size > n && !strcmp(name + size - n, suffix);
}

/* How --list and --events are written: as the name of the file says, or -w.
 * Where nothing is drawn, -w csv is about them alone. */
static void choose_listing(struct options *options)
{
	const char *file = options->events;

	if (!options->list && !options->events)
		return;
	if (options->listing == LISTING_TEXT && options->n_painters == 1 &&
	    !strcmp(options->painters[0]->name, "csv")) {
		options->listing = LISTING_CSV;
		if (!options->n_graphs && !*options->letters)
			options->n_painters = 0;
	}
	options->events_listing = options->listing;
	if (file && has_suffix(file, ".csv"))
		options->events_listing = LISTING_CSV;
	if (file && (has_suffix(file, ".jsonl") || has_suffix(file, ".ndjson")))
		options->events_listing = LISTING_JSONL;
}

/* Nor are two things to be in one file. */
static int check_files(const struct options *options, struct err *err)
{
	if (options->json && options->events &&
	    !strcmp(options->json, options->events))
		return err_set(err, "--json and --events both write %s",
			       options->json);
	return 0;
}

/* Forms are for what has them. */
static int check_listing(const struct options *options, struct err *err)
{
	bool csv_only = options->n_painters == 1 && !options->n_graphs &&
			!*options->letters &&
			!strcmp(options->painters[0]->name, "csv");

	if (options->listing == LISTING_JSONL && csv_only)
		return err_set(err, "-w: one of csv and jsonl");
	if (options->list || options->events)
		return 0;
	if (options->listing == LISTING_JSONL)
		return err_set(err, "-w jsonl: it is for --list and --events");
	if (options->packets && csv_only)
		return err_set(err, "-w csv: --packets is text only");
	return 0;
}

/* What goes without saying, and what does not go together. */
static int complete(struct options *options, struct err *err)
{
	if (check_output(options, err) || check_files(options, err) ||
	    check_listing(options, err))
		return -1;
	choose_listing(options);
	if (options->csv_graph && !writes(options, "csv"))
		return err_set(err, "--graph %s: it is only for -w csv",
			       options->csv_graph);
	if (options->picture_graph && options->n_painters == 1 &&
	    !options->render && writes(options, "csv"))
		return err_set(err, "--graph %s: it is not for -w csv",
			       options->picture_graph);
	if (options->render && !writes(options, "gnuplot") &&
	    take_painters(options, "gnuplot", err))
		return -1;
	choose_graphs(options);
	if (!options->threads)
		options->threads = processors();
	if (given_twice(options, "-"))
		return err_set(err,
			       "-f -: standard input can be read only once");
	if (!options->n_files && !options->directory)
		return err_set(err, "no trace given: use -f FILE or -d DIR");
	return 0;
}

enum options_result options_parse(struct options *options, int argc,
				  char **argv, struct err *err)
{
	int option;

	memset(options, 0, sizeof(*options));
	options->log = "mptcptrace.log";
	options->goodput_acks = GOODPUT_ACKS;
	options->interval = INTERVAL_DEFAULT;
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
	if (optind < argc)
		options->filter = joined(argv + optind, argc - optind);
	return complete(options, err) ? OPTIONS_WRONG : OPTIONS_RUN;
}

void options_free(struct options *options)
{
	for (size_t i = 0; i < options->n_files; i++)
		free(options->files[i]);
	free(options->files);
	free(options->graphs);
	free(options->filter);
}

bool options_have_sheets(const struct options *options)
{
	bool csv = false;

	for (size_t i = 0; i < options->n_painters; i++)
		csv |= !strcmp(options->painters[i]->name, "csv");
	return options->n_graphs || *options->letters || csv;
}

const char *options_results(const struct options *options)
{
	return options->output_directory ? options->output_directory
	       : options->directory	 ? options->directory
					 : ".";
}
