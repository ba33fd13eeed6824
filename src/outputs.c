/* SPDX-License-Identifier: BSD-3-Clause */
#include "outputs.h"

#include "base/alloc.h"
#include "base/file.h"
#include "complain.h"
#include "report/spool.h"
#include "write/events.h"
#include "write/packets.h"
#include "write/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUTS_MAX	3
#define STANDARD_OUTPUT "standard output"

/* A place to write to: for a writer of reports, for events, or for packets. */
struct output {
	const char *name;
	FILE *file;
	struct writer_options options;
	const struct writer *writer;  /* NULL: none; ... */
	struct spool *spool;	      /* ... else its blocks, in order */
	struct events *events;	      /* or NULL */
	struct packet_lines *packets; /* or NULL */
};

struct outputs {
	const struct options *options;
	int digits;
	int *status;
	struct output list[OUTPUTS_MAX];
	int n;
	struct packet_lines *packets; /* one of the list's, or NULL */
};

static void output_failed(struct outputs *outputs, const struct output *output,
			  const char *text)
{
	if (output->file != stdout || !reader_is_gone())
		complain(outputs->status, "%s", text);
}

/* Opens a file, or standard output for NULL and "-"; NULL if that fails. */
static struct output *output_open(struct outputs *outputs, const char *name)
{
	const struct options *options = outputs->options;
	struct output *output = &outputs->list[outputs->n];
	bool to_file = name && strcmp(name, "-") != 0;

	if (to_file && file_is_one_of(name, (const char *const *)options->files,
				      options->n_files)) {
		complain(NULL, "%s: it is a trace that is read", name);
		*outputs->status = 2;
		return NULL;
	}
	*output = (struct output){
	    .name = to_file ? name : STANDARD_OUTPUT,
	    .file = to_file ? fopen(name, "w") : stdout,
	};
	if (!output->file) {
		complain(outputs->status, "%s: %s", name, strerror(errno));
		return NULL;
	}
	outputs->n++;
	output->options.digits = outputs->digits;
	output->options.chosen = options->connections || options->where;
	style_detect(&output->options.style, output->file);
	return output;
}

static int open_writer(struct outputs *outputs, const struct writer *writer,
		       const char *name)
{
	struct output *output = output_open(outputs, name);

	if (!output)
		return -1;
	output->writer = writer;
	output->spool = spool_new(output->file, writer->whole);
	if (!writer->whole && writer->before)
		writer->before(output->file, NULL, &output->options);
	return 0;
}

static int open_events(struct outputs *outputs, const char *name)
{
	struct output *output = output_open(outputs, name);

	if (!output)
		return -1;
	output->events =
	    events_new(outputs->options->events_listing, &output->options,
		       outputs->options->relative);
	return 0;
}

static int open_packets(struct outputs *outputs)
{
	struct output *output = output_open(outputs, NULL);

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
		taken |= !strcmp(options->json, "-");
		if (open_writer(outputs, &writer_json, options->json))
			return -1;
	}
	if (options->events) {
		taken |= !strcmp(options->events, "-");
		if (open_events(outputs, options->events))
			return -1;
	}
	if (taken)
		return 0;
	if (options->packets)
		return open_packets(outputs);
	return open_writer(outputs, writer, NULL);
}

static void output_close(struct outputs *outputs, struct output *output,
			 const struct report_totals *totals)
{
	const struct writer *writer = output->writer;
	struct err err;
	bool bad;

	if (writer) {
		if (writer->whole && writer->before)
			writer->before(output->file, totals, &output->options);
		if (spool_flush(output->spool, writer->between, &err))
			output_failed(outputs, output, err.text);
		writer->after(output->file, totals, &output->options);
		spool_free(output->spool);
	}
	if (output->events) {
		if (events_write(output->events, output->file, totals, &err))
			output_failed(outputs, output, err.text);
		events_free(output->events);
	}
	packet_lines_free(output->packets);
	bad = fflush(output->file) || ferror(output->file);
	if (output->file != stdout)
		bad |= fclose(output->file) != 0;
	if (bad) {
		err_set(&err, "%s: %s", output->name, strerror(errno));
		output_failed(outputs, output, err.text);
	}
}

struct outputs *outputs_open(const struct options *options, int digits,
			     int *status)
{
	static const struct report_totals nothing;
	struct outputs *outputs = xcalloc(1, sizeof(*outputs));

	outputs->options = options;
	outputs->digits = digits;
	outputs->status = status;
	if (!open_all(outputs))
		return outputs;
	outputs_close(outputs, &nothing);
	return NULL;
}

void outputs_conn(struct outputs *outputs, const struct report_conn *conn)
{
	bool told = !conn->dissolved && !conn->unwanted;
	struct err err;

	for (int i = 0; i < outputs->n; i++) {
		struct output *output = &outputs->list[i];
		FILE *block;

		if (output->events && told)
			events_conn(output->events, conn);
		if (!output->writer)
			continue;
		block = spool_begin(output->spool);
		if (told)
			output->writer->conn(block, conn, &output->options);
		if (spool_end(output->spool, conn->id, &err) &&
		    !*outputs->status)
			output_failed(outputs, output, err.text);
	}
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
	for (int i = 0; i < outputs->n; i++)
		output_close(outputs, &outputs->list[i], totals);
	free(outputs);
}
