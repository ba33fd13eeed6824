/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pipeline on one page: open, loop, finish, write.
 */
#include "analysis/analysis.h"
#include "analysis/packets.h"
#include "base/alloc.h"
#include "base/log.h"
#include "capture/capture.h"
#include "capture/split.h"
#include "complain.h"
#include "decode/segment.h"
#include "options.h"
#include "outputs.h"
#include "progress.h"
#include "report/report.h"
#include "report/select.h"
#include "track/tracker.h"
#include "write/sheets.h"

#include <sys/resource.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINKTYPES_TOLD 16

struct run {
	struct options options;
	struct selection *selection; /* NULL: all connections */
	struct outputs *outputs;
	struct sheets *sheets; /* NULL: no graphs and statistics */
	bool page;	       /* of HTML */
	struct split *split;   /* NULL: the trace is not cut up */
	struct packets *packets;
	struct analyses *analyses;
	struct tracker *tracker;
	struct report_totals totals;
	const char **traces;			/* for totals.files */
	uint32_t unknown_links[LINKTYPES_TOLD]; /* already complained of */
	int n_unknown_links;
	bool analysed; /* there is something to tell */
	int status;    /* of the process */
};

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

/* A connection has closed: to everybody who writes of it. */
static void conn_closed(void *arg, const struct report_conn *conn)
{
	struct run *run = arg;
	bool told = !conn->dissolved && !conn->unwanted;

	log_conn(conn);
	run->totals.connections += !conn->dissolved;
	run->totals.accepted += conn->accepted && !conn->dissolved;
	run->totals.chosen += told;
	if (run->sheets && !conn->unwanted)
		sheets_conn(run->sheets, conn);
	for (size_t i = 0; run->split && told && i < conn->n_subflows; i++)
		split_flow(run->split, conn->subflows[i].flow_serial, conn->id);
	if (run->outputs)
		outputs_conn(run->outputs, conn);
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
		complain(&run->status, "%s", err.text);
		return -1;
	}
	return 0;
}

static void sheets_close(struct run *run)
{
	struct err err;

	if (run->sheets && run->analysed &&
	    sheets_finish(run->sheets, &run->totals, &err))
		complain(&run->status, "%s", err.text);
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
		complain(&run->status, "%s: %s", options->directory,
			 strerror(errno));
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
static void frame_through(struct run *run, const struct frame *frame)
{
	struct report_totals *totals = &run->totals;
	struct segment segment;
	uint32_t flow = SPLIT_NO_FLOW;

	count_frame(totals, frame);
	switch (decode_frame(frame, &segment)) {
	case DECODE_TCP:
		totals->tcp_packets++;
		totals->bad_options += segment.n_mptcp_bad;
		if (run->packets)
			packets_segment(run->packets, &segment);
		flow = tracker_segment(run->tracker, &segment);
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
	if (run->split)
		split_note(run->split, flow);
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
		complain(problem->warning ? NULL : &run->status, "%s",
			 problem->text.text);
		run->totals.truncated |= problem->cut;
	}
}

static void tell_stopped(struct run *run)
{
	if (!stopped)
		return;
	run->totals.truncated = true;
	complain(&run->status,
		 "stopped by a signal (%s): only the first %llu packets "
		 "were read",
		 strsignal(stopped), (unsigned long long)run->totals.packets);
}

/* Events go to all who want some. */
static void on_event(void *arg, const struct event *event)
{
	struct run *run = arg;

	analyses_event(run->analyses, event);
	packets_event(run->packets, event);
}

static void tracking_begins(struct run *run)
{
	struct tracker_options options = {
	    .timeout = run->options.timeout,
	    .sent_ranges = run->options.sent_ranges,
	    .unwanted = analyses_unwanted(run->analyses),
	    .plain = analyses_plain,
	    .plain_arg = run->analyses,
	};

	if (!run->options.packets) {
		run->tracker =
		    tracker_new(&options, analyses_event, run->analyses);
		return;
	}
	options.unwanted &= packets_unwanted();
	run->packets =
	    packets_new(run->selection, outputs_packet, run->outputs);
	run->tracker = tracker_new(&options, on_event, run);
}

static void tracking_ends(struct run *run)
{
	analyses_trace_ends(run->analyses);
	tracker_finish(run->tracker);
	if (run->packets)
		packets_finish(run->packets);
	totals_of_flows(&run->totals, tracker_counts(run->tracker));
	analyses_totals(run->analyses, &run->totals);
	tracker_free(run->tracker);
	packets_free(run->packets);
}

static void analyse(struct run *run, struct capture *capture)
{
	const struct analyses_options options = {
	    .goodput_acks = run->options.goodput_acks,
	    .interval = run->options.interval,
	    .relative = run->options.relative,
	    .easel = run->sheets ? sheets_easel(run->sheets) : NULL,
	    .signals = run->options.events ? ANALYSES_ALL_SIGNALS
		       : run->page	   ? ANALYSES_PAGE_SIGNALS
					   : 0,
	    .selection = run->selection,
	};
	struct frame frame;

	run->analyses = analyses_new(&options, conn_closed, run);
	tracking_begins(run);
	while (!stopped && capture_next(capture, &frame)) {
		frame_through(run, &frame);
		if (progress_is_due(run->totals.packets))
			progress_show(capture, run->totals.packets);
	}
	run->analysed = true;
	progress_clear();
	tell_stopped(run);
	tracking_ends(run);
}

/* Cuts the trace up, now that it is known what belongs to what. */
static void split_it(struct run *run, struct capture *capture)
{
	struct err err;

	if (run->split && run->analysed &&
	    split_write(run->split, capture, &err))
		complain(&run->status, "%s", err.text);
	split_free(run->split);
}

static int split_open(struct run *run)
{
	struct err err;

	if (!run->options.split)
		return 0;
	run->split = split_new(run->options.split, !run->selection, &err);
	if (run->split)
		return 0;
	complain(&run->status, "%s", err.text);
	return -1;
}

/* What was chosen; -1 if that cannot be understood. */
static int select_it(struct run *run)
{
	const struct options *options = &run->options;
	struct err err;

	if (!options->connections && !options->where)
		return 0;
	run->selection =
	    selection_new(options->connections, options->where, &err);
	run->totals.selected = true;
	if (run->selection)
		return 0;
	complain(NULL, "%s", err.text);
	run->status = 2;
	return -1;
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
	    .twice = options->split != NULL,
	};
	struct capture *capture;
	struct err err;

	if (select_it(run) || (options->directory && directory_files(run)))
		return;
	allow_open_files();
	capture = capture_open((const char *const *)options->files,
			       options->n_files, &capture_options, &err);
	if (!capture) {
		complain(&run->status, "%s", err.text);
		run->status = 2;
		return;
	}
	name_traces(run, capture);
	run->totals.time_digits = capture_has_nanoseconds(capture) ? 9 : 6;
	if (!capture_files(capture) && options->directory &&
	    !capture_problem(capture, 0))
		complain(&run->status, "%s: no traces in it",
			 options->directory);
	stop_on_signals();
	if (capture_files(capture) && !sheets_open(run) && !split_open(run)) {
		run->outputs = outputs_open(options, run->totals.time_digits,
					    &run->status);
		if (run->outputs)
			analyse(run, capture);
	}
	tell_problems(run, capture);
	sheets_close(run);
	split_it(run, capture);
	outputs_close(run->outputs, &run->totals);
	analyses_free(run->analyses);
	selection_free(run->selection);
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
		complain(&run.status,
			 "%s (mptcptrace --help tells what there is)",
			 err.text);
		run.status = 2;
		break;
	case OPTIONS_RUN:
		if (run.options.log_levels &&
		    log_open("mptcptrace.log", run.options.log_levels, &err))
			complain(&run.status, "%s", err.text);
		run_it(&run);
		if (log_close(&err))
			complain(&run.status, "%s", err.text);
		break;
	}
	if (fflush(stdout) && !run.status && !reader_is_gone())
		complain(&run.status, "standard output: %s", strerror(errno));
	free(run.traces);
	options_free(&run.options);
	return run.status;
}
