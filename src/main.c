/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pipeline on one page: open, loop, finish, write.
 */
#include "ahead.h"
#include "analysis/analysis.h"
#include "analysis/packets.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rare.h"
#include "capture/capture.h"
#include "capture/split.h"
#include "complain.h"
#include "decode/segment.h"
#include "input.h"
#include "jobs.h"
#include "options.h"
#include "outputs.h"
#include "progress.h"
#include "report/report.h"
#include "report/select.h"
#include "stop.h"
#include "track/tracker.h"
#include "write/sheets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct run {
	const struct options *options;
	const struct outputs_trace *trace; /* NULL: one alone */
	struct input input;
	struct ahead *ahead; /* NULL: packets are read as they are used */
	struct selection *selection; /* NULL: all connections */
	bool rehearsal; /* only to know which connections it selects */
	struct outputs *outputs;
	struct sheets *sheets; /* NULL: no graphs and statistics */
	bool page;	       /* of HTML */
	struct split *split;   /* NULL: the trace is not cut up */
	struct packets *packets;
	struct analyses *analyses;
	struct tracker *tracker;
	struct report_totals totals;
	uint64_t next_look; /* when so many packets are done: look_around */
	bool over;	    /* nobody reads what is printed, and that is all */
	bool analysed;	    /* there is something to tell */
	bool told;	    /* ... and was */
	int status;	    /* of the process */
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
static void conn_closed(void *arg, struct report_conn *conn)
{
	struct run *run = arg;
	bool told = !conn->dissolved && !conn->unwanted;

	if (run->over)
		return;
	if (run->rehearsal) {
		if (told)
			selection_choose(run->selection, conn->id);
		return;
	}
	log_conn(conn);
	if (!conn->dissolved)
		selection_met(run->selection, conn->id);
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

/*
 * Graphs and statistics, each a file.
 */
static int sheets_open(struct run *run)
{
	const struct options *options = run->options;
	struct sheets_options wanted = {
	    .directory = options_results(options),
	    .trace =
		options->directory ? options->directory : run->input.traces[0],
	    .inputs = run->input.traces,
	    .n_inputs = run->input.n_traces,
	    .figures = options->graphs,
	    .n_figures = options->n_graphs,
	    .n_painters = options->n_painters,
	    .relative = options->relative,
	    .threads = options->threads,
	    .render = options->render,
	    .stopped = is_stopped,
	    .digits = run->totals.time_digits,
	};
	char letters[sizeof(options->letters) + 1];
	struct err err;

	if (!options_have_sheets(options))
		return 0;
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

/* Some together, so that what they are counted in stays in registers. */
static void count_frames(struct report_totals *totals,
			 const struct frame *frames, size_t n)
{
	nstime_t first = totals->first, last = totals->last;
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		const nstime_t time = frames[i].time;

		bytes += frames[i].wirelen;
		if (time == NSTIME_NONE)
			continue;
		if (time < first || first == NSTIME_NONE)
			first = time;
		if (time >= last) /* as it is than NSTIME_NONE */
			last = time;
	}
	totals->packets += n;
	totals->bytes += bytes;
	totals->first = first;
	totals->last = last;
}

RARE static void count_defects(struct report_totals *totals,
			       const struct segment *segment)
{
	totals->bad_options += segment->n_mptcp_bad;
	totals->cut_options += segment->options_short;
}

static uint32_t segment_printed(struct run *run, const struct segment *segment)
{
	uint32_t flow;

	packets_segment(run->packets, segment);
	flow = tracker_segment(run->tracker, segment);
	packets_tracked(run->packets, run->tracker);
	return flow;
}

OFTEN static uint32_t segment_through(struct run *run,
				      const struct segment *segment)
{
	run->totals.tcp_packets++;
	if (segment->n_mptcp_bad || segment->options_short)
		count_defects(&run->totals, segment);
	return run->packets ? segment_printed(run, segment)
			    : tracker_segment(run->tracker, segment);
}

RARE static void no_segment(struct run *run, const struct frame *frame,
			    enum decode_status status)
{
	if (status == DECODE_FRAGMENT)
		run->totals.fragments++;
	else if (status != DECODE_OTHER)
		run->totals.undecodable_packets++;
	if (status == DECODE_LINK)
		input_unknown_link(&run->input, frame);
}

/* One packet, all the way through the house. */
OFTEN static void packet_through(struct run *run, const struct frame *frame,
				 enum decode_status status,
				 const struct segment *segment)
{
	uint32_t flow = SPLIT_NO_FLOW;

	if (status == DECODE_TCP)
		flow = segment_through(run, segment);
	else
		no_segment(run, frame, status);
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

static void tell_stopped(struct run *run)
{
	if (!is_stopped())
		return;
	run->totals.truncated = true;
	complain(&run->status,
		 "stopped by a signal (%s): only the first %llu packets "
		 "were read",
		 strsignal(stop_signal()),
		 (unsigned long long)run->totals.packets);
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
	    .timeout = run->options->timeout,
	    .sent_ranges = run->options->sent_ranges,
	    .unwanted = analyses_unwanted(run->analyses),
	    .plain = analyses_plain,
	    .plain_arg = run->analyses,
	    .context_size = analyses_context_size(run->analyses),
	};

	if (!run->options->packets || run->rehearsal) {
		run->tracker =
		    tracker_new(&options, analyses_event, run->analyses);
		return;
	}
	options.unwanted &= packets_unwanted();
	run->packets =
	    packets_new(run->selection, outputs_packet, run->outputs);
	run->tracker = tracker_new(&options, on_event, run);
}

/* There was more at once than there may be. */
static void tell_excess(struct run *run)
{
	const struct tracker_counts *counts = tracker_counts(run->tracker);
	char text[LIMIT_TEXT];

	analyses_excess(run->analyses, counts);
	for (size_t i = 0; i < TRACKER_LIMITS && !run->rehearsal; i++)
		if (analyses_excess_text(counts, i, text, sizeof(text)))
			complain(NULL, "%s", text);
}

static void tracking_ends(struct run *run)
{
	analyses_trace_ends(run->analyses);
	tracker_finish(run->tracker);
	if (run->packets)
		packets_finish(run->packets);
	totals_of_flows(&run->totals, tracker_counts(run->tracker));
	tell_excess(run);
	analyses_totals(run->analyses, &run->totals);
	tracker_free(run->tracker);
	packets_free(run->packets);
}

/* Is there no use in reading on? */
static bool is_over(const struct run *run)
{
	bool alone = run->options->packets && run->outputs && !run->sheets &&
		     !run->split;

	return run->over || (alone && outputs_are_over(run->outputs));
}

/* What is worth a look now and then, not with every packet. */
static void look_around(struct run *run)
{
	uint64_t done, total, packets = run->totals.packets;

	if (outputs_print_all(run->options))
		run->over |= reader_is_gone();
	if (run->ahead)
		ahead_progress(run->ahead, &done, &total);
	else
		capture_progress(run->input.capture, &done, &total);
	progress_show(packets, done, total);
	run->next_look = packets + PROGRESS_EVERY;
}

/* Does it pay to read ahead? Of what is packed, by a quarter; else it is as
 * long to take segments from another processor as to make them. Threads that
 * draw graphs come first, and split wants to see each packet as it is. */
static bool reads_ahead(const struct run *run)
{
	return run->options->threads > (run->sheets ? 2u : 1u) && !run->split &&
	       capture_unpacks(run->input.capture);
}

static bool goes_on(struct run *run)
{
	if (run->totals.packets >= run->next_look)
		look_around(run);
	return !is_stopped() && !is_over(run);
}

/* All packets, as they are read and decoded ahead. */
static void take_packets(struct run *run)
{
	const struct ahead_item *item;

	while (goes_on(run) && (item = ahead_next(run->ahead))) {
		count_frames(&run->totals, &item->frame, 1);
		packet_through(run, &item->frame, item->status, &item->segment);
	}
}

/* The same, one by one; what ends it is asked for when some are done. */
static void read_packets(struct run *run)
{
	const struct frame *frames;
	struct segment segment;
	size_t n;

	while (goes_on(run) &&
	       (n = capture_next_some(run->input.capture, &frames))) {
		count_frames(&run->totals, frames, n);
		for (size_t i = 0; i < n; i++)
			packet_through(run, &frames[i],
				       decode_frame(&frames[i], &segment),
				       &segment);
	}
}

static void analyse(struct run *run)
{
	const struct analyses_options options = {
	    .goodput_acks = run->options->goodput_acks,
	    .interval = run->options->interval,
	    .relative = run->options->relative,
	    .easel = run->sheets ? sheets_easel(run->sheets) : NULL,
	    .signals = run->options->events ? ANALYSES_ALL_SIGNALS
		       : run->page	    ? ANALYSES_PAGE_SIGNALS
					    : 0,
	    .selection = run->selection,
	};

	run->analyses = analyses_new(&options, conn_closed, run);
	tracking_begins(run);
	run->next_look = 0;
	run->ahead = reads_ahead(run) ? ahead_new(run->input.capture) : NULL;
	if (run->ahead)
		take_packets(run);
	else
		read_packets(run);
	ahead_free(run->ahead);
	run->ahead = NULL;
	if (run->over && run->outputs)
		outputs_give_up(run->outputs);
	run->analysed = true;
	progress_clear();
	tell_stopped(run);
	tracking_ends(run);
}

/* Packets are printed as they come, so what they must be of is found out
 * before, in a run of its own. */
static bool needs_rehearsal(const struct options *options)
{
	return options->packets && options->where;
}

static int rehearse(struct run *run)
{
	const struct report_totals totals = run->totals;
	struct err err;

	if (!needs_rehearsal(run->options))
		return 0;
	run->rehearsal = true;
	analyse(run);
	run->rehearsal = run->analysed = false;
	analyses_free(run->analyses);
	run->analyses = NULL;
	selection_settle(run->selection);
	run->totals = totals;
	run->totals.truncated = is_stopped();
	stop_on_signals();
	progress_restart();
	if (run->over)
		return -1;
	if (!capture_rewind(run->input.capture, &err))
		return 0;
	complain(&run->status, "%s", err.text);
	return -1;
}

static bool split_goes_on(void *arg, uint64_t packets)
{
	const struct run *run = arg;
	uint64_t done, total;

	if (packets % PROGRESS_EVERY == 0) {
		capture_progress(run->input.capture, &done, &total);
		progress_show(packets, done, total);
	}
	return !is_stopped();
}

static int split_open(struct run *run)
{
	const struct split_options options = {
	    .directory = run->options->split,
	    .others = !run->selection,
	    .inputs = run->input.traces,
	    .n_inputs = run->input.n_traces,
	    .go_on = split_goes_on,
	    .arg = run,
	};
	struct err err;

	if (!run->options->split)
		return 0;
	run->split = split_new(&options, run->input.capture, &err);
	if (run->split)
		return 0;
	complain(&run->status, "%s", err.text);
	return -1;
}

/* Cuts the trace up, now that it is known what belongs to what. */
static void split_it(struct run *run)
{
	const int before = stop_signal();
	struct err err;

	if (run->split && run->analysed) {
		stop_on_signals();
		progress_restart();
		if (split_write(run->split, &err))
			complain(&run->status, "%s", err.text);
		progress_clear();
		if (!is_stopped())
			stop_set(before);
	}
	split_free(run->split);
}

/* Ids of -c that no connection has. */
static void tell_unmet(struct run *run)
{
	bool all = selection_unmet_all(run->selection);
	char ids[SELECTION_IDS];

	for (size_t i = 0; selection_unmet(run->selection, &i, ids); i++)
		complain(all ? &run->status : NULL, "-c %s: no such connection",
			 ids);
}

/* What was chosen; -1 if that cannot be understood. */
static int select_it(struct run *run)
{
	const struct options *options = run->options;
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

/* Does it pay to write of connections on a thread of its own? Nobody may wait
 * for what was seen of them, at a terminal or behind a pipe. */
static bool writes_apart(const struct run *run)
{
	uint64_t done, total;

	capture_progress(run->input.capture, &done, &total);
	return run->options->threads > 1 && total && !run->options->packets &&
	       !isatty(STDOUT_FILENO);
}

static void run_it(struct run *run)
{
	const struct options *options = run->options;
	struct input *input = &run->input;

	if (select_it(run))
		return;
	input_open(input, options, options->split || needs_rehearsal(options),
		   &run->status);
	if (!input->capture)
		return;
	run->totals.files = input->traces;
	run->totals.n_files = input->n_traces;
	run->totals.time_digits =
	    capture_has_nanoseconds(input->capture) ? 9 : 6;
	stop_on_signals();
	if (input->n_traces && !rehearse(run) && !sheets_open(run) &&
	    !split_open(run)) {
		run->outputs =
		    outputs_open(options, run->trace, run->totals.time_digits,
				 writes_apart(run), &run->status);
		run->told = run->outputs;
		if (run->outputs)
			analyse(run);
	}
	split_it(run);
	run->totals.truncated |= input_tell_problems(input, &run->status);
	if (run->analysed && !is_stopped() && !is_over(run))
		tell_unmet(run);
	sheets_close(run);
	outputs_close(run->outputs, &run->totals);
}

static void run_free(struct run *run)
{
	analyses_free(run->analyses);
	selection_free(run->selection);
	input_close(&run->input);
}

/* All files as one trace: the status of the process. */
static int analyse_files(const struct options *options,
			 const struct outputs_trace *trace, bool *told)
{
	struct run run = {
	    .options = options,
	    .trace = trace,
	    .totals = {.first = NSTIME_NONE, .last = NSTIME_NONE},
	};
	struct err err;

	if (options->log_levels &&
	    file_is_one_of(options->log, (const char *const *)options->files,
			   options->n_files)) {
		complain(NULL, "%s: it is a trace that is read", options->log);
		return 2;
	}
	if (options->log_levels &&
	    log_open(options->log, options->log_levels, &err))
		complain(&run.status, "%s", err.text);
	run_it(&run);
	if (log_close(&err))
		complain(&run.status, "%s", err.text);
	run_free(&run);
	*told = run.told;
	return run.status;
}

static int analyse_all(struct options *options)
{
	int status = 0;
	bool told;

	if (input_find(options, &status))
		return status;
	if (options->jobs && options->n_files > 1)
		return jobs_run(options, analyse_files);
	return analyse_files(options, NULL, &told);
}

/* Where a standard file is closed, a file that is opened must not come to be in
 * its place: something that can neither be read nor written is. */
static void hold_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		int flags = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
		int held =
		    fcntl(fd, F_GETFD) < 0 ? open("/dev/null", flags) : fd;

		if (held != fd)
			_exit(1);
	}
}

int main(int argc, char **argv)
{
	static char room[FILE_ROOM]; /* standard output's, to the very end */
	struct options options;
	struct err err;
	int status = 0;

	hold_standard_files();
	/* What cannot be written is told, and swept up. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	file_widen(stdout, room);
	switch (options_parse(&options, argc, argv, &err)) {
	case OPTIONS_HELP:
		options_help(stdout);
		break;
	case OPTIONS_VERSION:
		puts(PACKAGE_STRING);
		break;
	case OPTIONS_WRONG:
		complain(NULL, "%s (mptcptrace --help tells what there is)",
			 err.text);
		status = 2;
		break;
	case OPTIONS_RUN:
		status = analyse_all(&options);
		break;
	}
	if (file_finish(stdout) && !status && !reader_is_gone())
		complain(&status, "standard output: %s", strerror(errno));
	options_free(&options);
	return status;
}
