/* SPDX-License-Identifier: BSD-3-Clause */
#include "analysis/judge.h"

#include "base/alloc.h"

#include <stdlib.h>

#define LOOK_MAX 16 /* ranges in which a hole is looked for */

struct watch *judge_watch_add(struct judge *judge, int subflow)
{
	while (judge->n_watches <= (size_t)subflow) {
		judge->watches =
		    xgrow(judge->watches, &judge->room, judge->n_watches + 1,
			  sizeof(*judge->watches));
		judge->watches[judge->n_watches++] =
		    (struct watch){.rtt = NSTIME_NONE};
	}
	return &judge->watches[subflow];
}

static bool is_lower(const struct passage *a, const struct passage *b)
{
	return (int32_t)(a->seq_end - b->seq_end) < 0;
}

static void watch_push(struct watch *watch, struct passage *passage)
{
	size_t at = watch->n_waiting++;

	watch->waiting = xgrow(watch->waiting, &watch->room, watch->n_waiting,
			       sizeof(struct passage *));
	while (at && is_lower(passage, watch->waiting[(at - 1) / 2])) {
		watch->waiting[at] = watch->waiting[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	watch->waiting[at] = passage;
}

static struct passage *watch_pop(struct watch *watch)
{
	struct passage **heap = watch->waiting, *top = heap[0];
	struct passage *last = heap[--watch->n_waiting];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < watch->n_waiting) {
		if (child + 1 < watch->n_waiting &&
		    is_lower(heap[child + 1], heap[child]))
			child++;
		if (!is_lower(heap[child], last))
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = last;
	return top;
}

static void drop(struct judge *judge, struct copy *copy)
{
	*(copy->previous ? &copy->previous->next : &judge->first) = copy->next;
	*(copy->next ? &copy->next->previous : &judge->last) = copy->previous;
	judge->n_open--;
	free(copy);
}

/* Without the packet `frame`: it is not through yet, or was not. */
static int64_t not_before(const struct judge *judge,
			  const struct passage *passage, uint64_t frame)
{
	const struct data_clock *clock;

	if (passage->through || passage->subflow < 0)
		return passage->after;
	clock =
	    &judge->conn->subflows[passage->subflow]->half[judge->side].clock;
	return clock->frame == frame ? clock->before : clock->now;
}

/* As far as acknowledgements prove it. */
static enum use proven(const struct judge *judge, const struct copy *copy,
		       uint64_t frame)
{
	const struct passage *first = &copy->passage[FIRST];
	const struct passage *again = &copy->passage[AGAIN];
	int64_t first_after = not_before(judge, first, frame);
	int64_t again_after = not_before(judge, again, frame);

	/* Data that was acknowledged before it had come through here did so
	 * elsewhere. */
	if (again_after >= copy->data_end || first->by < again_after)
		return REDUNDANT;
	if (again->by < first_after)
		return USEFUL;
	if (first_after >= copy->data_end &&
	    (again->through ||
	     carriers_copies(judge->carriers, copy->range_start) == 1))
		return USEFUL;
	return UNDECIDED;
}

/* Where nothing is proven: what is through. */
static enum use likely(const struct copy *copy)
{
	const struct passage *first = &copy->passage[FIRST];
	const struct passage *again = &copy->passage[AGAIN];

	if (copy->sooner != UNDECIDED)
		return copy->sooner;
	if (first->through && !again->through)
		return REDUNDANT;
	return again->through && !first->through && first->subflow >= 0
		   ? USEFUL
		   : UNDECIDED;
}

/* Tells its use if it is proven, or nothing more will be known. */
static void settle(const struct judge *judge, struct copy *copy, bool is_final,
		   uint64_t frame, use_fn *tell, void *arg)
{
	enum use use = proven(judge, copy, frame);

	if (copy->told || (use == UNDECIDED && !is_final))
		return;
	copy->told = true;
	tell(arg, copy, use == UNDECIDED ? likely(copy) : use);
}

/* Half the shorter round trip is what both ways of one that is sent now and
 * acknowledged elsewhere take at least, if they are not very uneven. */
static bool has_not_arrived(const struct judge *judge, const struct copy *copy,
			    nstime_t time)
{
	nstime_t since = nstime_span(copy->point.x, time);

	if (since == NSTIME_NONE)
		return false;
	for (int i = FIRST; i <= AGAIN; i++) {
		nstime_t rtt = judge->watches[copy->passage[i].subflow].rtt;

		if (rtt == NSTIME_NONE || since >= rtt / 2)
			return false;
	}
	return true;
}

/* Is something before it still to be seen on its subflow? At the receiver it
 * is soon after what is acknowledged. */
static bool is_behind_hole(const struct acked *acked,
			   const struct passage *passage)
{
	const struct subflow_half *half =
	    &acked->conn->subflows[passage->subflow]->half[acked->side];
	const struct stream *stream = &half->stream;
	int64_t end = unwrap32(passage->seq_end - half->seq0, stream->acked);
	struct spans_place place;
	const struct stream_run *run = stream_at(stream, stream->acked, &place);

	for (int i = 0; i < LOOK_MAX && run && run->start < end; i++) {
		if (run->on == ON_NOBODY)
			return true;
		run = stream_next(stream, &place);
	}
	return false;
}

/* One is through: too soon for the other? */
static enum use sooner(const struct judge *judge, const struct copy *copy,
		       int which, const struct acked *acked)
{
	const struct passage *other = &copy->passage[1 - which];

	if (other->through || other->subflow < 0)
		return copy->sooner;
	if (is_behind_hole(acked, other))
		return which == FIRST ? REDUNDANT : USEFUL;
	if (which == FIRST && has_not_arrived(judge, copy, acked->time))
		return REDUNDANT;
	return UNDECIDED;
}

static void passes(const struct judge *judge, struct passage *passage,
		   const struct acked *acked)
{
	struct copy *copy = passage->copy;

	passage->after = not_before(judge, passage, acked->frame);
	passage->by = acked->by;
	passage->through = true;
	copy->waits--;
	copy->sooner =
	    sooner(judge, copy, (int)(passage - copy->passage), acked);
}

void judge_through(struct judge *judge, const struct acked *acked, use_fn *tell,
		   void *arg)
{
	struct watch *watch;

	if (!judge->n_open)
		return;
	watch = judge_watch(judge, acked->subflow);
	while (watch->n_waiting &&
	       (int32_t)(acked->seq - watch->waiting[0]->seq_end) >= 0) {
		struct passage *passage = watch_pop(watch);
		struct copy *copy = passage->copy;

		passes(judge, passage, acked);
		settle(judge, copy, !copy->waits, acked->frame, tell, arg);
		if (!copy->waits)
			drop(judge, copy);
	}
}

void judge_open(struct judge *judge, struct copy *copy, use_fn *tell, void *arg)
{
	if (judge->n_open == OPEN_MAX)
		judge_all(judge, tell, arg);
	copy->next = NULL;
	copy->previous = judge->last;
	*(judge->last ? &judge->last->next : &judge->first) = copy;
	judge->last = copy;
	judge->n_open++;
	for (int i = FIRST; i <= AGAIN; i++) {
		struct passage *passage = &copy->passage[i];
		struct watch *watch;

		passage->copy = copy;
		passage->after = INT64_MIN;
		passage->by = INT64_MAX;
		if (passage->subflow < 0)
			continue;
		watch = judge_watch(judge, passage->subflow);
		if (passage->through)
			continue;
		watch_push(watch, passage);
		copy->waits++;
	}
	if (!copy->waits) {
		settle(judge, copy, true, 0, tell, arg);
		drop(judge, copy);
	}
}

void judge_all(struct judge *judge, use_fn *tell, void *arg)
{
	for (struct copy *copy = judge->first, *next; copy; copy = next) {
		next = copy->next;
		settle(judge, copy, true, 0, tell, arg);
		drop(judge, copy);
	}
	for (size_t i = 0; i < judge->n_watches; i++)
		judge->watches[i].n_waiting = 0;
}

static void shift(int64_t *at, int64_t by)
{
	if (*at != INT64_MIN && *at != INT64_MAX)
		*at += by;
}

void judge_shift(struct judge *judge, int64_t by)
{
	for (struct copy *copy = judge->first; copy; copy = copy->next) {
		copy->data_end += by;
		copy->range_start += by;
		for (int i = FIRST; i <= AGAIN; i++) {
			shift(&copy->passage[i].after, by);
			shift(&copy->passage[i].by, by);
		}
	}
}

void judge_restart(struct judge *judge)
{
	for (struct copy *copy = judge->first; copy; copy = copy->next)
		for (int i = FIRST; i <= AGAIN; i++) {
			copy->passage[i].after = INT64_MIN;
			copy->passage[i].by = INT64_MAX;
		}
}

void judge_free(struct judge *judge)
{
	for (struct copy *copy = judge->first, *next; copy; copy = next) {
		next = copy->next;
		drop(judge, copy);
	}
	for (size_t i = 0; i < judge->n_watches; i++)
		free(judge->watches[i].waiting);
	free(judge->watches);
}
