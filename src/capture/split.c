/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/split.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/workshop.h"
#include "capture/dump.h"
#include "capture/linktype.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What gathers in all before it is written, and of one trace. */
#define GATHERED_MAX ((size_t)64 << 20)
#define LEAF	     ((size_t)256 << 10)

#define OTHERS 0 /* the part that is no connection */

/* The packets of a flow, or of a part of the trace. */
struct kind {
	bool known;
	bool odd; /* they are of several link types, or no pcap file can have
		   * them for another reason */
	uint32_t linktype;
};

struct use { /* a flow */
	uint32_t part;
	struct kind kind;
};

struct part { /* a connection, or the rest */
	uint64_t connection;
	struct kind kind;
	struct dump dump;
	struct work work;
};

struct split {
	struct split_options options;
	struct capture *capture;
	struct workshop *workshop;
	FILE *journal; /* of each packet, the number of its flow */
	uint64_t packets;
	int error;	  /* an errno: the journal has failed */
	struct use *uses; /* by number of the flow */
	size_t n_uses, uses_room;
	struct part *parts;
	size_t n_parts, parts_room;
	struct dump_format format;
	size_t gathered; /* room that all parts take up */
};

static struct part *add_part(struct split *split, uint64_t connection)
{
	split->parts = xgrow(split->parts, &split->parts_room,
			     split->n_parts + 1, sizeof(*split->parts));
	split->parts[split->n_parts] = (struct part){.connection = connection};
	return &split->parts[split->n_parts++];
}

struct split *split_new(const struct split_options *options,
			struct capture *capture, struct err *err)
{
	struct split *split = xcalloc(1, sizeof(*split));

	split->options = *options;
	split->capture = capture;
	add_part(split, 0);
	split->journal = file_temporary_stream();
	if (split->journal)
		split->workshop =
		    workshop_new(options->directory, options->inputs,
				 options->n_inputs, err);
	else
		file_temporary_failed(err, errno);
	if (split->workshop)
		return split;
	split_free(split);
	return NULL;
}

void split_free(struct split *split)
{
	if (!split)
		return;
	if (split->journal)
		fclose(split->journal);
	workshop_free(split->workshop);
	for (size_t i = 0; i < split->n_parts; i++)
		dump_clear(&split->parts[i].dump);
	free(split->parts);
	free(split->uses);
	free(split);
}

static struct use *use_of(struct split *split, uint32_t flow)
{
	while (split->n_uses <= flow) {
		split->uses = xgrow(split->uses, &split->uses_room,
				    split->n_uses + 1, sizeof(*split->uses));
		split->uses[split->n_uses++] = (struct use){.part = OTHERS};
	}
	return &split->uses[flow];
}

/* Packets of one kind come to those of another. */
static void join_kind(struct kind *kind, const struct kind *more)
{
	if (!more->known)
		return;
	kind->odd |=
	    more->odd || (kind->known && kind->linktype != more->linktype);
	kind->known = true;
	kind->linktype = more->linktype;
}

void split_note(struct split *split, uint32_t flow)
{
	struct kind kind = {.known = true};
	struct frame frame;

	capture_whole(split->capture, &frame);
	kind.linktype = frame.linktype;
	kind.odd = !dump_fits_pcap(&frame);
	join_kind(flow == SPLIT_NO_FLOW ? &split->parts[OTHERS].kind
					: &use_of(split, flow)->kind,
		  &kind);
	if (!split->error &&
	    fwrite(&flow, sizeof(flow), 1, split->journal) != 1)
		split->error = errno;
	split->packets++;
}

void split_flow(struct split *split, uint32_t flow, uint64_t connection)
{
	struct part *part = &split->parts[split->n_parts - 1];

	if (split->n_parts == OTHERS + 1 || part->connection != connection)
		part = add_part(split, connection);
	use_of(split, flow)->part = (uint32_t)(part - split->parts);
}

/* Of what kinds the parts are is known once all flows are. */
static void begin_parts(struct split *split)
{
	struct kind *others = &split->parts[OTHERS].kind;

	split->format = (struct dump_format){
	    .nanoseconds = capture_has_nanoseconds(split->capture),
	    .snaplen = capture_snaplen(split->capture),
	};
	for (size_t i = 0; i < split->n_uses; i++)
		join_kind(&split->parts[split->uses[i].part].kind,
			  &split->uses[i].kind);
	if (!others->known)
		others->linktype = LINKTYPE_ETHERNET;
	for (size_t i = split->options.others ? OTHERS : OTHERS + 1;
	     i < split->n_parts; i++) {
		struct part *part = &split->parts[i];

		dump_begin(&part->dump, &split->format, part->kind.odd,
			   part->kind.linktype);
		split->gathered += part->dump.room;
	}
}

static void part_append(struct split *split, struct part *part)
{
	work_append(split->workshop, &part->work,
		    (const char *)part->dump.bytes, part->dump.size);
	part->dump.size = 0;
}

/* All goes to the files, and the memory is given back. */
static void append_all(struct split *split)
{
	for (size_t i = 0; i < split->n_parts; i++) {
		struct part *part = &split->parts[i];

		if (part->dump.size)
			part_append(split, part);
		free(part->dump.bytes);
		part->dump.bytes = NULL;
		part->dump.room = 0;
	}
	split->gathered = 0;
}

static void part_add(struct split *split, struct part *part,
		     const struct frame *frame)
{
	size_t room = part->dump.room;

	dump_add(&part->dump, &split->format, frame);
	split->gathered += part->dump.room - room;
	if (part->dump.size >= LEAF)
		part_append(split, part);
	if (split->gathered > GATHERED_MAX)
		append_all(split);
}

static struct part *part_of(struct split *split, uint32_t flow)
{
	size_t part = flow == SPLIT_NO_FLOW ? OTHERS : split->uses[flow].part;

	if (part == OTHERS && !split->options.others)
		return NULL;
	return &split->parts[part];
}

/* The second time: each packet to where it belongs. False: it shall not go
 * on. */
static bool distribute(struct split *split)
{
	const struct split_options *options = &split->options;
	struct frame frame;
	uint32_t flow;

	for (uint64_t i = 0; i < split->packets; i++) {
		struct part *part;

		if (!options->go_on(options->arg, i))
			return false;
		if (!capture_next(split->capture, &frame) ||
		    fread(&flow, sizeof(flow), 1, split->journal) != 1)
			break; /* a file has become shorter */
		part = part_of(split, flow);
		if (!part)
			continue;
		capture_whole(split->capture, &frame);
		part_add(split, part, &frame);
	}
	return true;
}

/* Whole traces get their names. */
static void name_parts(struct split *split)
{
	char name[64];

	for (size_t i = split->options.others ? OTHERS : OTHERS + 1;
	     i < split->n_parts; i++) {
		snprintf(name, sizeof(name), "connection-%" PRIu64 ".pcap",
			 split->parts[i].connection);
		work_finish(split->workshop, &split->parts[i].work,
			    i == OTHERS ? "other.pcap" : name);
	}
}

int split_write(struct split *split, struct err *err)
{
	if (!split->error && fflush(split->journal))
		split->error = errno;
	if (split->error)
		return file_temporary_failed(err, split->error);
	rewind(split->journal);
	if (capture_rewind(split->capture, err))
		return -1;
	begin_parts(split);
	if (!distribute(split))
		return err_set(err, "%s: stopped, no trace was written",
			       split->options.directory);
	if (ferror(split->journal))
		return file_temporary_failed(err, EIO);
	append_all(split);
	if (!workshop_result(split->workshop, err))
		name_parts(split);
	return workshop_result(split->workshop, err);
}
