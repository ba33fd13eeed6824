/* SPDX-License-Identifier: BSD-3-Clause */
#include "outputs.h"

#include "base/alloc.h"
#include "base/belt.h"
#include "base/block.h"
#include "base/file.h"
#include "base/result.h"
#include "base/shown.h"
#include "complain.h"
#include "report/spool.h"
#include "write/events.h"
#include "write/packets.h"
#include "write/writer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUTS_MAX	3
#define STANDARD_OUTPUT "standard output"

/* A place to write to: for a writer of reports, for events, or for packets. */
struct output {
	const char *name;
	enum outputs_place place;
	FILE *file;
	struct result *result; /* whose file it is, or NULL */
	struct writer_options options;
	const struct writer *writer;  /* NULL: none; ... */
	struct spool *spool;	      /* ... else its blocks, in order */
	struct events *events;	      /* or NULL */
	struct packet_lines *packets; /* or NULL */
	bool failed;		      /* no more is written there, ... */
	struct err err;		      /* ... why; or nothing is to be said */
};

/* A report on its way to another thread, with what of it stays with its
 * analyses: mostly all in one piece, since what one thread allocates and
 * another frees costs both. */
struct parcel {
	struct report_conn conn;
	struct report_subflow alone;
	uint64_t options[2][OPTION_COUNTS];
};

struct outputs {
	const struct options *options;
	const struct outputs_trace *trace; /* NULL: one alone */
	int digits;
	int *status;
	struct output list[OUTPUTS_MAX];
	int n;
	struct packet_lines *packets; /* one of the list's, or NULL */
	struct belt *belt;     /* of struct parcel, to be written; or NULL */
	pthread_mutex_t mutex; /* of the list, where many write */
};

/* Says so. */
static void output_failed(struct outputs *outputs, const struct output *output)
{
	const struct outputs_trace *trace = outputs->trace;

	if (!*output->err.text || (output->file == stdout && reader_is_gone()))
		return;
	complain(outputs->status, "%s", output->err.text);
	if (trace)
		*trace->lost |= 1u << output->place;
}

/* It has failed, if it had not before. */
static void output_fail(struct output *output, const char *why)
{
	if (output->failed)
		return;
	output->failed = true;
	err_set(&output->err, "%s: %s", output->name, why);
}

static bool is_standard(const char *name)
{
	return name && !strcmp(name, "-");
}

const char *outputs_name(const struct options *options,
			 enum outputs_place place)
{
	const char *name = place == PLACE_JSON	   ? options->json
			   : place == PLACE_EVENTS ? options->events
						   : "-";

	return place != PLACE_STANDARD && is_standard(name) ? NULL : name;
}

bool outputs_print_all(const struct options *options)
{
	return !options_make_files(options) &&
	       !outputs_name(options, PLACE_JSON) &&
	       !outputs_name(options, PLACE_EVENTS);
}

/* What is written there, as the place where that is written by itself. */
static enum outputs_place what_of(const struct options *options,
				  enum outputs_place place)
{
	if (place != PLACE_STANDARD)
		return place;
	return is_standard(options->json)     ? PLACE_JSON
	       : is_standard(options->events) ? PLACE_EVENTS
					      : PLACE_STANDARD;
}

/* Is it written there in this form? JSON documents have none of them. */
static bool has_form(const struct options *options, enum outputs_place place,
		     enum listing_format form)
{
	switch (what_of(options, place)) {
	case PLACE_JSON:
		return false;
	case PLACE_EVENTS:
		return options->events_listing == form;
	default:
		return form ==
		       (options->list ? options->listing : LISTING_TEXT);
	}
}

const char *outputs_between(const struct options *options,
			    enum outputs_place place)
{
	return has_form(options, place, LISTING_TEXT) ? "\n" : "";
}

void outputs_begin(const struct options *options, enum outputs_place place,
		   FILE *file)
{
	const struct writer_options writer_options = {.file = ""};

	if (!has_form(options, place, LISTING_CSV))
		return;
	if (what_of(options, place) == PLACE_EVENTS)
		events_names(file, &writer_options);
	else
		writer_of_list(LISTING_CSV)
		    ->before(file, NULL, &writer_options);
}

/* Says of which of several traces the text is, as head(1) does. */
static void write_heading(const struct outputs *outputs,
			  enum outputs_place place)
{
	const struct outputs_trace *trace = outputs->trace;
	FILE *file = trace->files[place];

	if (!has_form(outputs->options, place, LISTING_TEXT))
		return;
	if (trace->follows[place])
		fputs(outputs_between(outputs->options, place), file);
	fputs("==> ", file);
	shown_put(trace->name, file);
	fputs(" <==\n", file);
}

struct result *outputs_file(const struct options *options, const char *name,
			    int *status)
{
	struct result *result;
	struct err err;

	if (file_is_one_of(name, (const char *const *)options->files,
			   options->n_files)) {
		complain(NULL, "%s: it is a trace that is read", name);
		*status = 2;
		return NULL;
	}
	result = result_open(name, &err);
	if (!result)
		complain(status, "%s", err.text);
	return result;
}

/* Opens the file of a place; -1 if that fails, which is told. */
static int open_file(struct outputs *outputs, struct output *output,
		     enum outputs_place place, const char *name)
{
	const struct outputs_trace *trace = outputs->trace;

	output->file = trace ? trace->files[place] : stdout;
	if (trace || is_standard(name))
		return 0;
	output->result = outputs_file(outputs->options, name, outputs->status);
	if (!output->result)
		return -1;
	output->file = result_file(output->result);
	return 0;
}

/* Opens a place, or standard output instead of it; NULL if that fails. */
static struct output *output_open(struct outputs *outputs,
				  enum outputs_place place)
{
	const struct options *options = outputs->options;
	const struct outputs_trace *trace = outputs->trace;
	struct output *output = &outputs->list[outputs->n];
	const char *name;

	if (!outputs_name(options, place))
		place = PLACE_STANDARD;
	name = outputs_name(options, place);
	*output = (struct output){
	    .name = is_standard(name) ? STANDARD_OUTPUT : name,
	    .place = place,
	};
	if (open_file(outputs, output, place, name))
		return NULL;
	outputs->n++;
	output->options.digits = outputs->digits;
	output->options.chosen = options->connections || options->where;
	output->options.file = trace ? trace->name : NULL;
	/* Also of what comes there by a temporary file. */
	style_detect(&output->options.style,
		     is_standard(name) ? stdout : output->file);
	if (trace)
		write_heading(outputs, place);
	return output;
}

static int open_writer(struct outputs *outputs, const struct writer *writer,
		       enum outputs_place place)
{
	struct output *output = output_open(outputs, place);

	if (!output)
		return -1;
	output->writer = writer;
	output->spool = spool_new(output->file, writer->whole);
	/* Of several traces, the first has the names of columns. */
	if (!writer->whole && writer->before &&
	    !(outputs->trace && has_form(outputs->options, place, LISTING_CSV)))
		writer->before(output->file, NULL, &output->options);
	return 0;
}

static int open_events(struct outputs *outputs)
{
	struct output *output = output_open(outputs, PLACE_EVENTS);

	if (!output)
		return -1;
	output->events =
	    events_new(outputs->options->events_listing, &output->options,
		       outputs->options->relative);
	return 0;
}

static int open_packets(struct outputs *outputs)
{
	struct output *output = output_open(outputs, PLACE_STANDARD);

	if (!output)
		return -1;
	output->packets = packet_lines_new(output->file, &output->options,
					   outputs->options->relative);
	outputs->packets = output->packets;
	return 0;
}

static int open_all(struct outputs *outputs)
{
	const struct options *options = outputs->options;
	const struct writer *writer =
	    options->list ? writer_of_list(options->listing) : &writer_text;
	bool taken = false; /* standard output is */

	if (options->json) {
		taken |= is_standard(options->json);
		if (open_writer(outputs, &writer_json, PLACE_JSON))
			return -1;
	}
	if (options->events) {
		taken |= is_standard(options->events);
		if (open_events(outputs))
			return -1;
	}
	if (taken)
		return 0;
	if (options->packets)
		return open_packets(outputs);
	return open_writer(outputs, writer, PLACE_STANDARD);
}

/* What is left to be written when the trace has ended. */
static void output_end(struct output *output,
		       const struct report_totals *totals)
{
	const struct writer *writer = output->writer;
	struct err err;

	if (writer && writer->whole && writer->before)
		writer->before(output->file, totals, &output->options);
	if (writer && spool_flush(output->spool, writer->between, &err))
		output_fail(output, err.text);
	/* What is not whole shall not look as if it were. */
	if (writer && !output->failed)
		writer->after(output->file, totals, &output->options);
	if (output->events &&
	    events_write(output->events, output->file, totals, &err))
		output_fail(output, err.text);
}

/* The file itself: it gets its name, if all is well. */
static void close_file(struct output *output)
{
	struct err err;

	if (file_finish(output->file))
		output_fail(output, strerror(errno));
	if (output->result) {
		if (result_close(output->result, !output->failed, &err) &&
		    !output->failed) {
			output->failed = true;
			output->err = err;
		}
	} else if (output->file != stdout && fclose(output->file)) {
		output_fail(output, strerror(errno));
	}
}

static void output_close(struct outputs *outputs, struct output *output,
			 const struct report_totals *totals)
{
	if (!output->failed)
		output_end(output, totals);
	packet_lines_free(output->packets);
	close_file(output);
	if (output->failed)
		output_failed(outputs, output);
	spool_free(output->spool);
	events_free(output->events);
}

/* Has it been told of at all? What dissolved was another one's all the time. */
static bool is_told(const struct report_conn *conn)
{
	return !conn->dissolved && !conn->unwanted;
}

static void conn_write(struct outputs *outputs, const struct report_conn *conn)
{
	for (int i = 0; i < outputs->n; i++) {
		struct output *output = &outputs->list[i];
		struct err err;
		FILE *block;

		if (output->failed)
			continue;
		if (output->events && is_told(conn))
			events_conn(output->events, conn);
		if (!output->writer)
			continue;
		block = spool_begin(output->spool, conn->id);
		if (is_told(conn))
			output->writer->conn(block, conn, &output->options);
		if (spool_end(output->spool, &err))
			output_fail(output, err.text);
	}
}

/* A belt_fn. */
static void conns_write(void *arg, const void *items, size_t n)
{
	struct parcel *parcels = (struct parcel *)items;

	for (size_t i = 0; i < n; i++) {
		conn_write(arg, &parcels[i].conn);
		report_conn_clear(&parcels[i].conn);
	}
}

/* As conn_write, but at the same time as others do: each puts its text
 * together by itself. */
static void conn_write_beside(struct outputs *outputs,
			      const struct report_conn *conn,
			      struct block *text)
{
	for (int i = 0; i < outputs->n; i++) {
		struct output *output = &outputs->list[i];
		FILE *file = block_begin(text);
		struct err err;

		if (is_told(conn))
			output->writer->conn(file, conn, &output->options);
		block_end(text);
		pthread_mutex_lock(&outputs->mutex);
		if (!output->failed) {
			file = spool_begin(output->spool, conn->id);
			if (text->size)
				fwrite(text->text, 1, text->size, file);
			if (spool_end(output->spool, &err))
				output_fail(output, err.text);
		}
		pthread_mutex_unlock(&outputs->mutex);
	}
}

/* A belt_fn of a shared belt. Connections come in any order, as they do anyway:
 * they close in another one than that of their ids. */
static void conns_write_beside(void *arg, const void *items, size_t n)
{
	struct parcel *parcels = (struct parcel *)items;
	struct outputs *outputs = arg;
	struct block text;

	block_init(&text);
	for (size_t i = 0; i < n; i++) {
		conn_write_beside(outputs, &parcels[i].conn, &text);
		report_conn_clear(&parcels[i].conn);
	}
	block_clear(&text);
}

/* Is the work shared? Not where the order counts in which connections come. */
static bool is_shared(const struct outputs *outputs)
{
	bool slow = false;

	for (int i = 0; i < outputs->n; i++) {
		if (!outputs->list[i].writer)
			return false;
		slow |= outputs->list[i].writer->slow;
	}
	return slow;
}

static struct belt *belt_of(struct outputs *outputs)
{
	if (!is_shared(outputs))
		return belt_new(sizeof(struct parcel), true, conns_write,
				outputs);
	return belt_new_shared(sizeof(struct parcel), outputs->options->threads,
			       conns_write_beside, outputs);
}

struct outputs *outputs_open(const struct options *options,
			     const struct outputs_trace *trace, int digits,
			     bool apart, int *status)
{
	static const struct report_totals nothing;
	struct outputs *outputs = xcalloc(1, sizeof(*outputs));

	outputs->options = options;
	outputs->trace = trace;
	outputs->digits = digits;
	outputs->status = status;
	pthread_mutex_init(&outputs->mutex, NULL);
	writers_begin();
	if (!open_all(outputs)) {
		if (apart)
			outputs->belt = belt_of(outputs);
		return outputs;
	}
	outputs_give_up(outputs);
	outputs_close(outputs, &nothing);
	return NULL;
}

void outputs_give_up(struct outputs *outputs)
{
	if (outputs->belt)
		belt_drain(outputs->belt);
	for (int i = 0; i < outputs->n; i++)
		outputs->list[i].failed = true;
}

static void parcel_fill(struct parcel *parcel, struct report_conn *conn)
{
	parcel->conn = *conn;
	for (int side = 0; side < 2; side++) {
		memcpy(parcel->options[side], conn->options[side],
		       sizeof(parcel->options[side]));
		parcel->conn.options[side] = parcel->options[side];
	}
	if (conn->n_subflows == 1) {
		parcel->alone = *conn->subflows;
		parcel->conn.subflows = &parcel->alone;
		parcel->conn.subflows_room = 0;
		if (conn->subflows_room)
			free(conn->subflows);
	}
	report_conn_moved(conn);
}

void outputs_conn(struct outputs *outputs, struct report_conn *conn)
{
	if (outputs->belt)
		parcel_fill(belt_place(outputs->belt), conn);
	else
		conn_write(outputs, conn);
}

void outputs_packet(void *arg, const struct report_packet *packet)
{
	struct outputs *outputs = arg;

	packet_write(outputs->packets, packet);
}

bool outputs_are_over(const struct outputs *outputs)
{
	return outputs->packets && outputs->n == 1 &&
	       ferror(outputs->list[0].file);
}

void outputs_close(struct outputs *outputs, const struct report_totals *totals)
{
	if (!outputs)
		return;
	if (outputs->belt)
		belt_drain(outputs->belt);
	belt_free(outputs->belt);
	for (int i = 0; i < outputs->n; i++)
		output_close(outputs, &outputs->list[i], totals);
	pthread_mutex_destroy(&outputs->mutex);
	free(outputs);
}
