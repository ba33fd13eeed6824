/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pipeline on one page: open, loop, finish, write.
 */
#include "analysis/analysis.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "capture/capture.h"
#include "decode/segment.h"
#include "options.h"
#include "progress.h"
#include "report/report.h"
#include "report/spool.h"
#include "track/tracker.h"
#include "write/sheets.h"
#include "write/writer.h"

#include <sys/resource.h>

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUTPUTS_MAX	2
#define STANDARD_OUTPUT "standard output"
#define LINKTYPES_TOLD	16

struct output {
	const struct writer *writer;
	const char *name;
	FILE *file;
	struct writer_options options;
	struct spool *spool;
};

struct run {
	struct options options;
	struct output outputs[OUTPUTS_MAX];
	int n_outputs;
	struct sheets *sheets; /* NULL: no graphs and statistics */
	bool page;	       /* of HTML */
	struct report_totals totals;
	const char **traces;			/* for totals.files */
	uint32_t unknown_links[LINKTYPES_TOLD]; /* already complained of */
	int n_unknown_links;
	bool analysed; /* there is something to tell */
	int status;    /* of the process */
};

__attribute__((format(printf, 2, 3))) static void
complain(struct run *run, const char *format, ...)
{
	va_list args;

	char text[2048];

	if (run)
		run->status = 1;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	progress_clear();
	fprintf(stderr, "mptcptrace: %s\n", text);
	log_line(LOG_WARN, "%s", text);
}

/* Whoever read standard output has enough of it (`| head`). */
static bool reader_is_gone(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

static void log_conn(const struct report_conn *conn)
{
	if (log_wants(LOG_CONN))
		log_line(LOG_CONN, "connection %llu: %s, %zu subflows%s",
			 (unsigned long long)conn->id,
			 conn_state_word(conn->state), conn->n_subflows,
			 conn->dissolved ? ", part of another" : "");
	for (size_t i = 0; log_wants(LOG_INFO) && i < conn->n_findings; i++)
		log_line(LOG_INFO, "connection %llu: packet %llu: %s",
			 (unsigned long long)conn->id,
			 (unsigned long long)conn->findings[i].packet,
			 conn->findings[i].text);
}

/*
 * Output: each connection, when it closes, to every writer.
 */
static void output_failed(struct run *run, const struct output *output,
			  const char *text)
{
	if (strcmp(output->name, STANDARD_OUTPUT) != 0 || !reader_is_gone())
		complain(run, "%s", text);
}

static void conn_closed(void *arg, const struct report_conn *conn)
{
	struct run *run = arg;
	struct err err;

	log_conn(conn);
	run->totals.connections += !conn->dissolved;
	run->totals.accepted += conn->accepted && !conn->dissolved;
	if (run->sheets)
		sheets_conn(run->sheets, conn);
	for (int i = 0; i < run->n_outputs; i++) {
		struct output *output = &run->outputs[i];
		FILE *block = spool_begin(output->spool);

		if (!conn->dissolved)
			output->writer->conn(block, conn, &output->options);
		if (spool_end(output->spool, conn->id, &err) && !run->status)
			output_failed(run, output, err.text);
	}
}

static int output_open(struct run *run, const struct writer *writer,
		       const char *name)
{
	struct output *output = &run->outputs[run->n_outputs];
	bool to_file = name && strcmp(name, "-") != 0;

	if (to_file &&
	    file_is_one_of(name, (const char *const *)run->options.files,
			   run->options.n_files)) {
		complain(run, "%s: it is a trace that is read", name);
		run->status = 2;
		return -1;
	}
	*output = (struct output){
	    .writer = writer,
	    .name = to_file ? name : STANDARD_OUTPUT,
	    .file = to_file ? fopen(name, "w") : stdout,
	};
	if (!output->file) {
		complain(run, "%s: %s", name, strerror(errno));
		return -1;
	}
	run->n_outputs++;
	output->options.digits = run->totals.time_digits;
	style_detect(&output->options.style, output->file);
	output->spool = spool_new(output->file, writer->whole);
	if (!writer->whole && writer->before)
		writer->before(output->file, NULL, &output->options);
	return 0;
}

static int outputs_open(struct run *run)
{
	const char *json = run->options.json;

	if (json && output_open(run, &writer_json, json))
		return -1;
	if (json && !strcmp(json, "-"))
		return 0;
	return output_open(run, run->options.list ? &writer_list : &writer_text,
			   NULL);
}

static void output_close(struct run *run, struct output *output)
{
	const struct writer *writer = output->writer;
	struct err err;
	bool bad;

	if (writer->whole && writer->before)
		writer->before(output->file, &run->totals, &output->options);
	if (spool_flush(output->spool, writer->between, &err))
		output_failed(run, output, err.text);
	writer->after(output->file, &run->totals, &output->options);
	spool_free(output->spool);
	bad = fflush(output->file) || ferror(output->file);
	if (output->file != stdout)
		bad |= fclose(output->file) != 0;
	if (bad) {
		err_set(&err, "%s: %s", output->name, strerror(errno));
		output_failed(run, output, err.text);
	}
}

/* The signal that says to stop, or 0. A second one ends the process. */
static volatile sig_atomic_t stopped;

static void stop(int number)
{
	stopped = number;
}

static bool is_stopped(void)
{
	return stopped;
}

/* What was read until then is told, and nothing is left behind. */
static void stop_on_signals(void)
{
	const struct sigaction action = {
	    .sa_handler = stop,
	    .sa_flags = (int)SA_RESETHAND | SA_RESTART,
	};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

/*
 * Graphs and statistics, each a file.
 */
static int sheets_open(struct run *run)
{
	const struct options *options = &run->options;
	struct sheets_options wanted = {
	    .directory = options->output_directory ? options->output_directory
			 : options->directory	   ? options->directory
						   : ".",
	    .trace = options->directory ? options->directory : run->traces[0],
	    .inputs = run->traces,
	    .n_inputs = run->totals.n_files,
	    .figures = options->graphs,
	    .n_figures = options->n_graphs,
	    .n_painters = options->n_painters,
	    .relative = options->relative,
	    .render = options->render,
	    .stopped = is_stopped,
	    .digits = run->totals.time_digits,
	};
	char letters[sizeof(options->letters) + 1];
	struct err err;

	snprintf(letters, sizeof(letters), "%s", options->letters);
	memcpy(wanted.painters, options->painters, sizeof(wanted.painters));
	for (size_t i = 0; i < wanted.n_painters; i++) {
		if (!strcmp(wanted.painters[i]->name, "csv"))
			strcat(letters, "w");
		run->page |= wanted.painters[i]->page;
	}
	if (!wanted.n_painters)
		wanted.painters[wanted.n_painters++] = painter_row(0);
	wanted.letters = letters;
	if (!wanted.n_figures && !*letters)
		return 0;
	run->sheets = sheets_new(&wanted, &err);
	if (!run->sheets) {
		complain(run, "%s", err.text);
		return -1;
	}
	return 0;
}

static void sheets_close(struct run *run)
{
	struct err err;

	if (run->sheets && run->analysed &&
	    sheets_finish(run->sheets, &run->totals, &err))
		complain(run, "%s", err.text);
	sheets_free(run->sheets);
}

/*
 * Input.
 */
static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Every file of -d, by name; what is no trace is passed over later. */
static int directory_files(struct run *run)
{
	struct options *options = &run->options;
	struct dirent **entries;
	int n = scandir(options->directory, &entries, visible, alphasort);

	if (n < 0) {
		complain(run, "%s: %s", options->directory, strerror(errno));
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

/* Of the files given, those that are traces. */
static void name_traces(struct run *run, const struct capture *capture)
{
	const struct options *options = &run->options;

	run->traces = xcalloc(options->n_files, sizeof(*run->traces));
	for (size_t i = 0; i < options->n_files; i++)
		if (capture_opened(capture, i))
			run->traces[run->totals.n_files++] = options->files[i];
	run->totals.files = run->traces;
	log_line(LOG_INFO, "%zu traces opened, %zu other files passed over",
		 capture_files(capture), capture_skipped(capture));
}

static void unknown_link(struct run *run, const struct frame *frame)
{
	char name[128];

	for (int i = 0; i < run->n_unknown_links; i++)
		if (run->unknown_links[i] == frame->linktype)
			return;
	if (run->n_unknown_links == LINKTYPES_TOLD)
		return;
	run->unknown_links[run->n_unknown_links++] = frame->linktype;
	capture_linktype_name(frame->linktype, name, sizeof(name));
	complain(NULL,
		 "%s: packet %llu: packets of %s are not understood; if the IP "
		 "header starts N bytes into each, say -o N",
		 run->options.files[frame->file],
		 (unsigned long long)frame->number, name);
}

static void count_frame(struct report_totals *totals, const struct frame *frame)
{
	totals->packets++;
	totals->bytes += frame->wirelen;
	if (frame->time == NSTIME_NONE)
		return;
	if (totals->first == NSTIME_NONE || frame->time < totals->first)
		totals->first = frame->time;
	if (totals->last == NSTIME_NONE || frame->time > totals->last)
		totals->last = frame->time;
}

/* One packet, all the way through the house. */
static void frame_through(struct run *run, const struct frame *frame,
			  struct tracker *tracker)
{
	struct report_totals *totals = &run->totals;
	struct segment segment;

	count_frame(totals, frame);
	switch (decode_frame(frame, &segment)) {
	case DECODE_TCP:
		totals->tcp_packets++;
		totals->bad_options += segment.n_mptcp_bad;
		tracker_segment(tracker, &segment);
		break;
	case DECODE_FRAGMENT:
		totals->fragments++;
		break;
	case DECODE_LINK:
		unknown_link(run, frame);
		totals->undecodable_packets++;
		break;
	case DECODE_SHORT:
	case DECODE_BAD:
		totals->undecodable_packets++;
		break;
	case DECODE_OTHER:
		break;
	}
}

static void totals_of_flows(struct report_totals *totals,
			    const struct tracker_counts *counts)
{
	totals->mptcp_packets = counts->mptcp_packets;
	totals->flows = counts->flows;
	totals->mptcp_subflows = counts->mptcp_subflows;
	totals->orphan_subflows = counts->orphan_subflows;
	totals->mptcp_refused = counts->mptcp_refused;
	totals->plain = counts->plain;
	totals->synack_key_differs = counts->synack_key_differs;
	totals->third_ack_key_differs = counts->third_ack_key_differs;
	totals->join_ports_reused = counts->join_ports_reused;
	memcpy(totals->orphan_options, counts->orphan_options,
	       sizeof(totals->orphan_options));
}

static void tell_problems(struct run *run, const struct capture *capture)
{
	const struct capture_problem *problem;

	for (size_t i = 0; (problem = capture_problem(capture, i)); i++) {
		complain(problem->warning ? NULL : run, "%s",
			 problem->text.text);
		run->totals.truncated |= problem->cut;
	}
}

static void tell_stopped(struct run *run)
{
	if (!stopped)
		return;
	run->totals.truncated = true;
	complain(run,
		 "stopped by a signal (%s): only the first %llu packets "
		 "were read",
		 strsignal(stopped), (unsigned long long)run->totals.packets);
}

static void analyse(struct run *run, struct capture *capture)
{
	const struct analyses_options analyses_options = {
	    .goodput_acks = run->options.goodput_acks,
	    .interval = run->options.interval,
	    .relative = run->options.relative,
	    .easel = run->sheets ? sheets_easel(run->sheets) : NULL,
	    .signals = run->page,
	};
	struct analyses *analyses =
	    analyses_new(&analyses_options, conn_closed, run);
	const struct tracker_options tracker_options = {
	    .timeout = run->options.timeout,
	    .sent_ranges = run->options.sent_ranges,
	    .unwanted = analyses_unwanted(analyses),
	};
	struct tracker *tracker =
	    tracker_new(&tracker_options, analyses_event, analyses);
	struct frame frame;

	while (!stopped && capture_next(capture, &frame)) {
		frame_through(run, &frame, tracker);
		if (progress_is_due(run->totals.packets))
			progress_show(capture, run->totals.packets);
	}
	run->analysed = true;
	progress_clear();
	tell_stopped(run);
	analyses_trace_ends(analyses);
	tracker_finish(tracker);
	totals_of_flows(&run->totals, tracker_counts(tracker));
	tracker_free(tracker);
	analyses_free(analyses);
}

/* Files that are merged are open at the same time: as many as may be. */
static void allow_open_files(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void run_it(struct run *run)
{
	const struct options *options = &run->options;
	const struct capture_options capture_options = {
	    .filter = options->filter,
	    .has_ip_offset = options->has_ip_offset,
	    .ip_offset = options->ip_offset,
	    .skip_non_traces = options->directory != NULL,
	    .certain = options->n_files, /* before those of the directory */
	};
	struct capture *capture;
	struct err err;

	if (options->directory && directory_files(run))
		return;
	allow_open_files();
	capture = capture_open((const char *const *)options->files,
			       options->n_files, &capture_options, &err);
	if (!capture) {
		complain(run, "%s", err.text);
		run->status = 2;
		return;
	}
	name_traces(run, capture);
	run->totals.time_digits = capture_has_nanoseconds(capture) ? 9 : 6;
	if (!capture_files(capture) && options->directory &&
	    !capture_problem(capture, 0))
		complain(run, "%s: no traces in it", options->directory);
	stop_on_signals();
	if (capture_files(capture) && !sheets_open(run) && !outputs_open(run))
		analyse(run, capture);
	tell_problems(run, capture);
	sheets_close(run);
	for (int i = 0; i < run->n_outputs; i++)
		output_close(run, &run->outputs[i]);
	capture_free(capture);
}

int main(int argc, char **argv)
{
	struct run run = {
	    .totals = {.first = NSTIME_NONE, .last = NSTIME_NONE}};
	struct err err;

	/* What cannot be written is told, and swept up. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	switch (options_parse(&run.options, argc, argv, &err)) {
	case OPTIONS_HELP:
		options_help(stdout);
		break;
	case OPTIONS_VERSION:
		puts(PACKAGE_STRING);
		break;
	case OPTIONS_WRONG:
		complain(&run, "%s (mptcptrace --help tells what there is)",
			 err.text);
		run.status = 2;
		break;
	case OPTIONS_RUN:
		if (run.options.log_levels &&
		    log_open("mptcptrace.log", run.options.log_levels, &err))
			complain(&run, "%s", err.text);
		run_it(&run);
		if (log_close(&err))
			complain(&run, "%s", err.text);
		break;
	}
	if (fflush(stdout) && !run.status && !reader_is_gone())
		complain(&run, "standard output: %s", strerror(errno));
	free(run.traces);
	options_free(&run.options);
	return run.status;
}
