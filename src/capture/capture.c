/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/capture.h"

#include "base/alloc.h"
#include "capture/filter.h"
#include "capture/linktype.h"
#include "capture/reader.h"
#include "capture/source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file that is read. */
struct input {
	struct tape tape;
	struct source *source; /* NULL: closed */
	struct reader *reader;
	const char *path;
	uint32_t file; /* its index among all given */
	struct batch batch;
	struct frame *head; /* of the batch: the input's next frame, read and
			     * not yet given out; ... */
	size_t left;	    /* ... so many come after it */
	uint64_t limit;	    /* so many packets and no more */
};

struct capture {
	struct filter *filter; /* NULL: all pass */
	bool has_ip_offset;
	uint32_t ip_offset;

	bool twice;
	bool (*wait)(int fd);

	struct input **inputs; /* files that are traces, in order */
	/* A binary heap: the file whose head comes first is on top. */
	struct input **heap;
	size_t n;
	/* The only input left, when its frames are given as they are: then the
	 * rest of its batch takes no thought. */
	struct input *sole;
	struct frame frame; /* given out last that is not in a batch */
	bool given;	/* the top's head was given out: it is to be replaced */
	bool again;	/* it is not the first time, ... */
	bool short_now; /* ... and a file has less than the first time */

	uint64_t packets; /* met so far in all files, passing or not */
	size_t files, skipped;
	bool *opened; /* by index of the file */
	bool has_nanoseconds, size_unknown;
	uint32_t snaplen;
	uint64_t closed_size, open_size; /* bytes on disk */

	struct capture_problem **problems; /* each at its own place for good */
	size_t n_problems, room;
};

static const char *name_of(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

static struct capture_problem *add_problem(struct capture *capture,
					   const char *path, const char *text,
					   const char *rest)
{
	struct capture_problem *problem = xcalloc(1, sizeof(*problem));

	problem->path = path;
	err_set(&problem->text, "%s: %s%s", name_of(path), text, rest);
	capture->problems =
	    xgrow(capture->problems, &capture->room, capture->n_problems + 1,
		  sizeof(struct capture_problem *));
	capture->problems[capture->n_problems++] = problem;
	return problem;
}

/* A file ended where it should not. */
static void add_end_problem(struct capture *capture, const struct input *input,
			    bool cut, const struct err *why)
{
	uint64_t packets = input->reader->packets;
	struct capture_problem *problem;
	char rest[64];

	if (packets == 0)
		strcpy(rest, "; no packet was read");
	else if (packets == 1)
		strcpy(rest, "; the 1 packet before it was read");
	else
		snprintf(rest, sizeof(rest),
			 "; the %" PRIu64 " packets before it were read",
			 packets);
	problem = add_problem(capture, input->path, why->text, rest);
	problem->cut = problem->warning = cut;
}

static void input_close(struct input *input)
{
	if (input->reader)
		input->reader->free(input->reader);
	source_free(input->source);
	input->reader = NULL;
	input->source = NULL;
}

static void input_free(struct input *input)
{
	input_close(input);
	tape_clear(&input->tape);
	free(input);
}

/* It was longer when it was read first, so that nobody knows any more which
 * packet was which. */
static void shrunk(struct capture *capture, const struct input *input)
{
	capture->short_now = true;
	add_problem(capture, input->path, "has become shorter",
		    " while it was read");
}

static void take_news(struct capture *capture, struct reader *reader)
{
	capture->has_nanoseconds |= reader->has_nanoseconds;
	if (reader->snaplen > capture->snaplen)
		capture->snaplen = reader->snaplen;
	reader->news = false;
}

/* Reads the input's next batch; false when there is none. */
static bool read_batch(struct capture *capture, struct input *input)
{
	struct reader *reader = input->reader;
	uint64_t left = input->limit - reader->packets;
	struct batch *batch = &input->batch;
	enum reader_status status;
	struct err why;

	if (!left)
		return false;
	batch->room = left < BATCH_MAX ? (size_t)left : BATCH_MAX;
	status = reader->next(reader, batch, &why);
	if (status == READER_FRAME) {
		reader->packets += batch->n;
		input->head = batch->frames;
		input->left = batch->n - 1;
		if (reader->news)
			take_news(capture, reader);
		return true;
	}
	if (capture->again)
		shrunk(capture, input);
	else if (status != READER_END)
		add_end_problem(capture, input, status == READER_CUT, &why);
	return false;
}

/* Does a's head come before b's? One without a time (NSTIME_NONE is before
 * all times) thus comes right after the frame that it follows in its file. */
static bool before(const struct input *a, const struct input *b)
{
	if (a->head->time != b->head->time)
		return a->head->time < b->head->time;
	return a->file < b->file;
}

/* Lets the input at place i sink to where it belongs. */
static void sift_down(struct capture *capture, size_t i)
{
	struct input **heap = capture->heap;
	struct input *input = heap[i];
	size_t child;

	for (; (child = 2 * i + 1) < capture->n; i = child) {
		if (child + 1 < capture->n &&
		    before(heap[child + 1], heap[child]))
			child++;
		if (!before(heap[child], input))
			break;
		heap[i] = heap[child];
	}
	heap[i] = input;
}

static void close_input(struct capture *capture, struct input *input)
{
	uint64_t size = source_size(input->source);

	capture->open_size -= size;
	capture->closed_size += size ? size : source_done(input->source);
	input->limit = input->reader->packets - input->left;
	input->left = 0;
	input_close(input);
}

/* The top's batch is used up. */
static void refill_top(struct capture *capture)
{
	struct input *top = capture->heap[0];

	if (!read_batch(capture, top)) {
		close_input(capture, top);
		capture->heap[0] = capture->heap[--capture->n];
	}
}

/* Replaces the top's head and brings the heap in order again. */
static void advance_top(struct capture *capture)
{
	struct input *top = capture->heap[0];

	if (top->left) {
		top->left--;
		top->head++;
	} else {
		refill_top(capture);
	}
	if (capture->n > 1)
		sift_down(capture, 0);
}

/* In a directory, what is no plain file is not worth a look: to open a pipe
 * there would wait for somebody to write. */
static bool is_passed_over(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Finds the reader for a source; -1 with *why, which is empty when the file
 * is not a trace. */
static int open_reader(struct input *input, bool skip_empty, struct err *why)
{
	const char *reason;
	size_t got;
	const uint8_t *first = source_want(input->source, 4, &got);

	if (!got && !skip_empty &&
	    source_ended(input->source, &reason) == SOURCE_WHOLE)
		return err_set(why, "is empty");
	if (pcapng_looks(first, got)) {
		input->reader = pcapng_open(input->source, why);
	} else {
		input->reader = pcapwalk_open(input->source);
		if (!input->reader)
			input->reader = pcapfile_open(input->source, why);
	}
	return input->reader ? 0 : -1;
}

/* Says why a file could not be opened as a trace. One of which too little is
 * there to be unpacked is cut, but not a mere warning: nothing of it is read.
 */
static void refuse(struct capture *capture, const struct input *input,
		   const struct err *why)
{
	struct capture_problem *problem;
	const char *reason;

	problem = add_problem(capture, input->path, why->text, "");
	if (input->source && source_ended(input->source, &reason) == SOURCE_CUT)
		problem->cut = true;
}

/* Opens one file as a trace. NULL: a problem or a non-trace. */
static struct input *open_input(struct capture *capture, const char *path,
				bool skip_non_traces)
{
	struct input *input;
	struct err why;

	if (skip_non_traces && is_passed_over(path)) {
		capture->skipped++;
		return NULL;
	}
	input = xcalloc(1, sizeof(*input));
	input->path = path;
	input->limit = UINT64_MAX;
	tape_init(&input->tape, capture->twice, capture->wait);
	input->source = source_open(path, &input->tape, &why);
	if (input->source && open_reader(input, skip_non_traces, &why) == 0)
		return input;

	if (!input->source || why.text[0])
		refuse(capture, input, &why);
	else if (skip_non_traces)
		capture->skipped++;
	else
		add_problem(capture, path, "not a pcap or pcapng trace", "");
	input_free(input);
	return NULL;
}

/* Its first packet decides its place. */
static void begin_input(struct capture *capture, struct input *input)
{
	capture->open_size += source_size(input->source);
	if (!source_size(input->source))
		capture->size_unknown = true;
	if (read_batch(capture, input))
		capture->heap[capture->n++] = input;
	else
		close_input(capture, input);
}

static void make_heap(struct capture *capture)
{
	for (size_t i = capture->n / 2; i--;)
		sift_down(capture, i);
}

static void add_file(struct capture *capture, const char *path, uint32_t i,
		     bool skip_non_traces)
{
	struct input *input = open_input(capture, path, skip_non_traces);

	if (!input)
		return;
	capture->inputs[capture->files++] = input;
	capture->opened[i] = true;
	input->file = i;
	begin_input(capture, input);
}

/* Is paths[i] a second "-"? The bytes there can be read but once. */
static bool is_stdin_again(const char *const *paths, size_t i)
{
	if (strcmp(paths[i], "-"))
		return false;
	while (i--)
		if (!strcmp(paths[i], "-"))
			return true;
	return false;
}

struct capture *capture_open(const char *const *paths, size_t n,
			     const struct capture_options *options,
			     struct err *err)
{
	struct capture *capture = xcalloc(1, sizeof(*capture));

	capture->has_ip_offset = options->has_ip_offset;
	capture->ip_offset = options->ip_offset;
	capture->twice = options->twice;
	capture->wait = options->wait;
	if (options->filter && options->filter[0]) {
		capture->filter =
		    filter_new(options->filter, options->has_ip_offset, err);
		if (!capture->filter) {
			capture_free(capture);
			return NULL;
		}
	}
	if (options->before_files)
		options->before_files(options->arg);
	capture->inputs = xcalloc(n, sizeof(struct input *));
	capture->heap = xcalloc(n, sizeof(struct input *));
	capture->opened = xcalloc(n, sizeof(bool));
	for (size_t i = 0; i < n; i++)
		if (is_stdin_again(paths, i))
			add_problem(capture, paths[i], "can be read only once",
				    "");
		else
			add_file(capture, paths[i], (uint32_t)i,
				 options->skip_non_traces &&
				     i >= options->certain);
	make_heap(capture);
	return capture;
}

void capture_free(struct capture *capture)
{
	if (!capture)
		return;
	for (size_t i = 0; i < capture->files; i++)
		input_free(capture->inputs[i]);
	for (size_t i = 0; i < capture->n_problems; i++)
		free(capture->problems[i]);
	filter_free(capture->filter);
	free(capture->inputs);
	free(capture->heap);
	free(capture->opened);
	free(capture->problems);
	free(capture);
}

/* -o: what lies before the IP header is nobody's concern. */
static void strip(struct frame *frame, uint32_t offset)
{
	if (offset > frame->caplen)
		frame->caplen = 0;
	else {
		frame->bytes += offset;
		frame->caplen -= offset;
	}
	frame->wirelen = offset > frame->wirelen ? 0 : frame->wirelen - offset;
	frame->linktype = LINKTYPE_RAW_IP;
}

static bool passes(struct capture *capture, const struct frame *frame)
{
	struct capture_problem *problem;
	struct err why;

	switch (filter_judge(capture->filter, frame, &why)) {
	case FILTER_PASS:
		return true;
	case FILTER_UNFIT:
		problem = add_problem(capture, capture->heap[0]->path, why.text,
				      "; none of them passes");
		problem->warning = true;
		break;
	case FILTER_STOP:
		break;
	}
	return false;
}

/* For reading it once more. */
static int rewind_input(struct capture *capture, struct input *input,
			struct err *err)
{
	struct err why;

	if (input->source)
		close_input(capture, input);
	if (!tape_rewind(&input->tape, &why) &&
	    (input->source = source_open(input->path, &input->tape, &why)) &&
	    !open_reader(input, false, &why))
		return 0;
	input_close(input);
	err_set(err, "%s: %s", name_of(input->path),
		why.text[0] ? why.text : "is no longer a trace");
	return -1;
}

int capture_rewind(struct capture *capture, struct err *err)
{
	for (size_t i = 0; i < capture->files; i++)
		if (rewind_input(capture, capture->inputs[i], err))
			return -1;
	capture->again = true;
	capture->given = capture->short_now = capture->size_unknown = false;
	capture->n = 0;
	capture->sole = NULL;
	capture->packets = capture->closed_size = capture->open_size = 0;
	for (size_t i = 0; i < capture->files; i++)
		begin_input(capture, capture->inputs[i]);
	make_heap(capture);
	return 0;
}

void capture_whole(const struct capture *capture, struct frame *frame)
{
	const struct input *input = capture->heap[0];

	*frame = *input->head;
	frame->number = capture->packets;
	frame->file = input->file;
}

/* Does the frame pass, after what there may be to do to it? */
static bool suits(struct capture *capture, struct frame *frame)
{
	if (capture->has_ip_offset)
		strip(frame, capture->ip_offset);
	return !capture->filter || passes(capture, frame);
}

static bool is_sole(const struct capture *capture)
{
	return capture->given && capture->n == 1 && !capture->filter &&
	       !capture->has_ip_offset;
}

/* The next frame, wherever it comes from. Apart, so that capture_next is short
 * for nearly every packet. */
__attribute__((noinline)) static bool find_next(struct capture *capture,
						struct frame *frame)
{
	do {
		if (capture->given)
			advance_top(capture);
		capture->given = capture->n > 0 && !capture->short_now;
		if (!capture->given)
			break;
		capture->packets++;
		capture_whole(capture, frame);
	} while (!suits(capture, frame));
	capture->sole = is_sole(capture) ? capture->heap[0] : NULL;
	return capture->given;
}

bool capture_next(struct capture *capture, struct frame *frame)
{
	struct input *sole = capture->sole;

	if (!sole || !sole->left)
		return find_next(capture, frame);
	sole->left--;
	*frame = *++sole->head;
	frame->number = ++capture->packets;
	frame->file = sole->file;
	return true;
}

size_t capture_next_some(struct capture *capture, const struct frame **frames)
{
	struct input *sole = capture->sole;
	struct frame *first;
	size_t n;

	if (!sole || !sole->left) {
		*frames = &capture->frame;
		return find_next(capture, &capture->frame);
	}
	first = sole->head + 1;
	n = sole->left;
	for (size_t i = 0; i < n; i++) {
		first[i].number = ++capture->packets;
		first[i].file = sole->file;
	}
	sole->head += n;
	sole->left = 0;
	*frames = first;
	return n;
}

const struct capture_problem *capture_problem(const struct capture *capture,
					      size_t i)
{
	return i < capture->n_problems ? capture->problems[i] : NULL;
}

bool capture_opened(const struct capture *capture, size_t i)
{
	return capture->opened[i];
}

size_t capture_files(const struct capture *capture)
{
	return capture->files;
}

size_t capture_skipped(const struct capture *capture)
{
	return capture->skipped;
}

uint32_t capture_snaplen(const struct capture *capture)
{
	return capture->snaplen;
}

bool capture_has_nanoseconds(const struct capture *capture)
{
	return capture->has_nanoseconds;
}

bool capture_unpacks(const struct capture *capture)
{
	bool packed = false;

	for (size_t i = 0; i < capture->n; i++)
		packed |= source_is_packed(capture->heap[i]->source);
	return packed && !capture->size_unknown;
}

void capture_progress(const struct capture *capture, uint64_t *done,
		      uint64_t *total)
{
	*done = capture->closed_size;
	for (size_t i = 0; i < capture->n; i++)
		*done += source_done(capture->heap[i]->source);
	*total = capture->closed_size + capture->open_size;
	if (capture->size_unknown)
		*total = 0;
}
