/* SPDX-License-Identifier: BSD-3-Clause */
#include "lanes.h"

#include "base/alloc.h"
#include "base/file.h"
#include "complain.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Octets of a temporary file. */
struct part {
	off_t offset, size;
};

/* One place for all traces. */
struct lane {
	FILE *to;	       /* NULL: nothing is written there */
	struct result *result; /* whose file it is; NULL: standard output */
	off_t begun; /* where a process that writes there itself began */
	const char *name, *between;
	bool follows;	    /* something stands there */
	bool told;	    /* ... or would, if it had anything to say */
	bool failed;	    /* which was told */
	int *slots;	    /* temporary files; -1: not opened yet */
	struct part *parts; /* of the store, of each trace that has ended */
};

struct lanes {
	struct lane lane[PLACES];
	int *status;
	size_t n;
	unsigned n_slots;
	bool *direct;	/* of each slot: it writes there itself */
	bool *ended;	/* of each trace */
	size_t turn;	/* whose it is: the first that has not ended */
	size_t waiting; /* have ended, and it is not their turn */
	int store;	/* of those that ended before; -1: not opened yet */
	off_t stored;
};

static int open_lane(struct lanes *lanes, const struct options *options,
		     enum outputs_place place)
{
	struct lane *lane = &lanes->lane[place];
	const char *name = outputs_name(options, place);

	if (!name)
		return 0;
	if (place != PLACE_STANDARD) {
		lane->result = outputs_file(options, name, lanes->status);
		if (!lane->result)
			return -1;
	}
	lane->to = lane->result ? result_file(lane->result) : stdout;
	lane->name = place == PLACE_STANDARD ? "standard output" : name;
	lane->between = outputs_between(options, place);
	lane->parts = xcalloc(lanes->n, sizeof(*lane->parts));
	lane->slots = xcalloc(lanes->n_slots, sizeof(*lane->slots));
	for (unsigned i = 0; i < lanes->n_slots; i++)
		lane->slots[i] = -1;
	outputs_begin(options, place, lane->to);
	return 0;
}

struct lanes *lanes_new(const struct options *options, size_t n, unsigned slots,
			int *status)
{
	struct lanes *lanes = xcalloc(1, sizeof(*lanes));

	lanes->status = status;
	lanes->n = n;
	lanes->n_slots = slots;
	lanes->direct = xcalloc(slots, sizeof(*lanes->direct));
	lanes->ended = xcalloc(n, sizeof(*lanes->ended));
	lanes->store = -1;
	for (int i = 0; i < PLACES; i++)
		if (open_lane(lanes, options, (enum outputs_place)i)) {
			lanes_free(lanes);
			return NULL;
		}
	return lanes;
}

/* Of a place that cannot be written, told once; errno says why. */
static void lane_failed(struct lanes *lanes, struct lane *lane)
{
	if (!lane->failed && (lane->to != stdout || !reader_is_gone()))
		complain(lanes->status, "%s: %s", lane->name, strerror(errno));
	lane->failed = true;
}

static void close_lane(struct lanes *lanes, struct lane *lane)
{
	struct err err;

	if (lane->to && file_finish(lane->to))
		lane_failed(lanes, lane);
	if (result_close(lane->result, lane->told && !lane->failed, &err) &&
	    !lane->failed)
		complain(lanes->status, "%s", err.text);
	for (unsigned i = 0; lane->slots && i < lanes->n_slots; i++)
		if (lane->slots[i] >= 0)
			close(lane->slots[i]);
	free(lane->slots);
	free(lane->parts);
}

void lanes_free(struct lanes *lanes)
{
	if (!lanes)
		return;
	for (int i = 0; i < PLACES; i++)
		close_lane(lanes, &lanes->lane[i]);
	if (lanes->store >= 0)
		close(lanes->store);
	free(lanes->direct);
	free(lanes->ended);
	free(lanes);
}

/*
 * Temporary files.
 */
static void temporary_failed(struct lanes *lanes)
{
	struct err err;

	file_temporary_failed(&err, errno);
	complain(lanes->status, "%s", err.text);
}

/* Opens it, if that is not done yet. */
static int open_temporary(struct lanes *lanes, int *fd)
{
	if (*fd < 0)
		*fd = file_temporary();
	if (*fd >= 0)
		return 0;
	temporary_failed(lanes);
	return -1;
}

/* What is done with some octets: -1 and errno if that fails. */
typedef int take_fn(struct lanes *lanes, struct lane *lane, const char *octets,
		    size_t size);

static void each_piece(struct lanes *lanes, struct lane *lane, int fd,
		       struct part part, take_fn *take)
{
	static char octets[65536];

	while (part.size > 0) {
		size_t size = part.size < (off_t)sizeof(octets)
				  ? (size_t)part.size
				  : sizeof(octets);
		ssize_t n = pread(fd, octets, size, part.offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EIO;
			temporary_failed(lanes);
			lane->failed = true;
			return;
		}
		if (take(lanes, lane, octets, (size_t)n))
			return;
		part.offset += n;
		part.size -= n;
	}
}

static int write_out(struct lanes *lanes, struct lane *lane, const char *octets,
		     size_t size)
{
	if (fwrite(octets, 1, size, lane->to) == size)
		return 0;
	lane_failed(lanes, lane);
	return -1;
}

static int put_by(struct lanes *lanes, struct lane *lane, const char *octets,
		  size_t size)
{
	if (open_temporary(lanes, &lanes->store)) {
		lane->failed = true;
		return -1;
	}
	if (lseek(lanes->store, lanes->stored, SEEK_SET) < 0 ||
	    file_write(lanes->store, octets, size)) {
		temporary_failed(lanes);
		lane->failed = true;
		return -1;
	}
	lanes->stored += (off_t)size;
	return 0;
}

/* It is this trace's turn. */
static void copy_out(struct lanes *lanes, struct lane *lane, int fd,
		     struct part part)
{
	if (!part.size || lane->failed)
		return;
	if (lane->follows)
		fputs(lane->between, lane->to);
	lane->follows = true;
	each_piece(lanes, lane, fd, part, write_out);
	if (fflush(lane->to))
		lane_failed(lanes, lane);
}

/*
 * Processes.
 */
/* What waits in our streams would be written by both processes. */
static bool flush_all(struct lanes *lanes)
{
	bool good = true;

	for (int place = 0; place < PLACES; place++) {
		struct lane *lane = &lanes->lane[place];

		if (!lane->to)
			continue;
		if (fflush(lane->to))
			lane_failed(lanes, lane);
		good &= !lane->failed;
		lane->begun = lseek(fileno(lane->to), 0, SEEK_CUR);
	}
	return good;
}

int lanes_begin(struct lanes *lanes, size_t i, unsigned slot,
		struct outputs_trace *trace)
{
	/* Not each has to find out that nothing can be written there. */
	lanes->direct[slot] = flush_all(lanes) && i == lanes->turn;
	for (int place = 0; place < PLACES; place++) {
		struct lane *lane = &lanes->lane[place];

		if (!lane->to)
			continue;
		trace->follows[place] = lanes->direct[slot] && lane->follows;
		if (!lanes->direct[slot] &&
		    open_temporary(lanes, &lane->slots[slot]))
			return -1;
	}
	return 0;
}

int lanes_enter(struct lanes *lanes, unsigned slot, struct outputs_trace *trace)
{
	for (int place = 0; place < PLACES; place++) {
		struct lane *lane = &lanes->lane[place];

		if (!lane->to)
			continue;
		trace->files[place] = lanes->direct[slot]
					  ? lane->to
					  : fdopen(lane->slots[slot], "w");
		if (!trace->files[place]) {
			temporary_failed(lanes);
			return -1;
		}
	}
	return 0;
}

/* What it wrote goes on, and the slot's file is empty again. */
static void empty_slot(struct lanes *lanes, struct lane *lane, size_t i,
		       unsigned slot, bool told)
{
	int fd = lane->slots[slot];
	struct part part = {0};
	struct stat is;

	if (told && !fstat(fd, &is))
		part.size = is.st_size;
	if (i == lanes->turn) {
		copy_out(lanes, lane, fd, part);
	} else {
		lane->parts[i].offset = lanes->stored;
		each_piece(lanes, lane, fd, part, put_by);
		lane->parts[i].size = lanes->stored - lane->parts[i].offset;
	}
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0)
		temporary_failed(lanes);
}

/* All that have ended and before which none is left. */
static void take_turns(struct lanes *lanes)
{
	for (; lanes->turn < lanes->n && lanes->ended[lanes->turn];
	     lanes->turn++, lanes->waiting--)
		for (int place = 0; place < PLACES; place++)
			if (lanes->lane[place].to)
				copy_out(lanes, &lanes->lane[place],
					 lanes->store,
					 lanes->lane[place].parts[lanes->turn]);
	if (!lanes->waiting)
		lanes->stored = 0; /* the store is used again */
}

/* What a process left there that wrote itself and did not come to its end goes,
 * where that can be. */
static void take_back(struct lane *lane)
{
	int fd = fileno(lane->to);

	if (!lane->result || lane->begun < 0)
		return;
	if (ftruncate(fd, lane->begun) || lseek(fd, lane->begun, SEEK_SET) < 0)
		lane->failed = true;
}

void lanes_end(struct lanes *lanes, size_t i, unsigned slot, bool told,
	       unsigned lost)
{
	for (int place = 0; place < PLACES; place++) {
		struct lane *lane = &lanes->lane[place];

		if (!lane->to)
			continue;
		if (lost & 1u << place)
			lane->failed = true;
		lane->told |= told;
		if (!lanes->direct[slot])
			empty_slot(lanes, lane, i, slot, told);
		else if (told)
			lane->follows = true;
		else
			take_back(lane);
	}
	lanes->ended[i] = true;
	lanes->waiting++;
	take_turns(lanes);
}
