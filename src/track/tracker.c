/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The door of the floor: finds the flow of each segment and hands it on.
 */
#include "track/internal.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* A SYN seen after segments of its flow is taken for theirs if their first
 * sequence number lies so little after it. */
#define LATE_SYN_MAX (1u << 20)

struct tracker *tracker_new(const struct tracker_options *options,
			    event_fn *sink, void *arg)
{
	struct tracker *tracker = xcalloc(1, sizeof(*tracker));

	tracker->options = *options;
	tracker->sink = sink;
	tracker->arg = arg;
	tracker->now = NSTIME_NONE;
	table_init(&tracker->flows);
	table_init(&tracker->tokens);
	table_init(&tracker->positions);
	return tracker;
}

void tracker_free(struct tracker *tracker)
{
	if (!tracker)
		return;
	while (tracker->n_conns)
		conn_release(tracker, tracker->conns[0]);
	for (size_t i = 0; i <= tracker->flows.mask; i++)
		free(tracker->flows.slots[i].item);
	table_clear(&tracker->flows);
	table_clear(&tracker->tokens);
	table_clear(&tracker->positions);
	free(tracker->conns);
	free(tracker);
}

const struct tracker_counts *tracker_counts(const struct tracker *tracker)
{
	return &tracker->counts;
}

void tracker_set_context(const struct conn *conn, void *context)
{
	((struct conn *)conn)->context = context;
}

static uint64_t endpoint_hash(const struct endpoint *end)
{
	uint64_t low, high;

	memcpy(&low, end->address.bytes, 8);
	memcpy(&high, end->address.bytes + 8, 8);
	return hash_u64(low, hash_u64(high ^ end->port, end->address.family));
}

/* The same both ways. */
static uint64_t flow_hash(const struct segment *seg)
{
	return endpoint_hash(&seg->src) + endpoint_hash(&seg->dst);
}

static bool flow_same(const void *item, const void *key)
{
	const struct flow *flow = item;
	const struct segment *seg = key;

	return (endpoint_same(&flow->end[0], &seg->src) &&
		endpoint_same(&flow->end[1], &seg->dst)) ||
	       (endpoint_same(&flow->end[1], &seg->src) &&
		endpoint_same(&flow->end[0], &seg->dst));
}

static int flow_direction(const struct flow *flow, const struct segment *seg)
{
	return !endpoint_same(&flow->end[0], &seg->src);
}

static struct flow *flow_new(struct tracker *tracker, uint64_t hash,
			     const struct segment *seg)
{
	struct flow *flow = xcalloc(1, sizeof(*flow));
	bool synack = (seg->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);

	flow->end[synack] = seg->src;
	flow->end[!synack] = seg->dst;
	flow->hash = hash;
	flow->first = seg->time;
	flow->first_frame = seg->frame;
	flow->last = NSTIME_NONE;
	flow->serial = (uint32_t)tracker->counts.flows++;
	table_add(&tracker->flows, hash, flow);
	return flow;
}

static bool key_differs(const struct flow *flow, const struct segment *syn)
{
	const struct conn *conn;

	if (!flow->subflow || !flow->subflow->initial)
		return false;
	conn = flow->subflow->conn;
	for (int i = 0; i < syn->n_mptcp; i++)
		if (syn->mptcp[i].subtype == MPTCP_CAPABLE &&
		    syn->mptcp[i].u.capable.keys &&
		    conn->half[CLIENT].key_known &&
		    conn->half[CLIENT].key != syn->mptcp[i].u.capable.key[0])
			return true;
	return false;
}

/* Does this SYN begin another use of the 4-tuple? RFC 9293 section 3.6.1. */
static bool flow_used_again(const struct flow *flow, int direction,
			    const struct segment *seg)
{
	const struct subflow_half *half;
	const struct subflow *subflow = flow->subflow;

	if ((seg->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
		return false;
	if (flow->syn[direction])
		return flow->isn[direction] != seg->seq ||
		       key_differs(flow, seg);
	/* The SYN/ACK was seen first; it may acknowledge data in the SYN. */
	if (flow->synack && direction == 0)
		return flow->synack_ack - (seg->seq + 1) > seg->payload;
	if (flow->syn[!direction])
		return true; /* the other end's turn to begin */
	if (!subflow)
		return flow->rst || (flow->fin[0] && flow->fin[1]);
	half = &subflow->half[direction ? other_side(subflow->initiator)
					: subflow->initiator];
	return half->started && half->seq0 - (seg->seq + 1) >= LATE_SYN_MAX;
}

/* NOPs in place of timestamps, with those that align options, say nothing of
 * MPTCP. */
static uint8_t syn_nops(const struct segment *seg)
{
	bool timestamps =
	    !seg->has_timestamp && seg->nops >= 10 && seg->nops < 12;

	return timestamps ? 0 : seg->nops;
}

static void flow_note(struct flow *flow, int direction,
		      const struct segment *seg)
{
	if (seg->flags & TCP_SYN && !flow->syn[direction]) {
		flow->syn[direction] = true;
		flow->isn[direction] = seg->seq;
		if (direction == 0)
			flow->nops = syn_nops(seg);
	}
	if (seg->flags & TCP_SYN && seg->flags & TCP_ACK && direction == 1) {
		flow->synack = true;
		flow->synack_ack = seg->ack;
	}
	if (!flow->base_frame &&
	    (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_ACK) {
		flow->base[direction] = seg->seq;
		flow->base[!direction] = seg->ack - 1;
		flow->base_frame = seg->frame;
	}
	if (seg->flags & TCP_FIN)
		flow->fin[direction] = true;
	if (seg->flags & TCP_RST)
		flow->rst = true;
	if (seg->time > flow->last)
		flow->last = seg->time;
}

uint32_t tracker_segment(struct tracker *tracker, const struct segment *seg)
{
	uint64_t hash = flow_hash(seg);
	struct flow *flow;
	uint32_t serial;
	int direction = 0;

	if (seg->time > tracker->now)
		tracker->now = seg->time;
	end_what_is_due(tracker);
	if (seg->n_mptcp || seg->n_mptcp_bad)
		tracker->counts.mptcp_packets++;

	flow = table_find(&tracker->flows, hash, flow_same, seg);
	if (flow && flow_expired(tracker, flow, seg->time))
		flow = NULL;
	if (flow) {
		direction = flow_direction(flow, seg);
		if (flow_used_again(flow, direction, seg)) {
			tracker->counts.join_ports_reused +=
			    flow->subflow && flow->subflow->join &&
			    seg->n_mptcp &&
			    seg->mptcp[0].subtype == MPTCP_CAPABLE;
			flow_detach(tracker, flow);
			flow = NULL;
		}
	}
	if (!flow) {
		flow = flow_new(tracker, hash, seg);
		direction = flow_direction(flow, seg);
	}
	serial = flow->serial;
	flow_note(flow, direction, seg);
	if (!flow->subflow && seg->n_mptcp) {
		flow_adopt(tracker, flow, direction, seg);
		direction = flow_direction(flow, seg);
	}
	if (flow->subflow) {
		struct subflow *subflow = flow->subflow;
		struct arrival arrival = {
		    .tracker = tracker,
		    .seg = seg,
		    .conn = subflow->conn,
		    .subflow = subflow,
		    .side = direction ? other_side(subflow->initiator)
				      : subflow->initiator,
		};

		subflow_segment(&arrival);
	} else {
		flow_touch(tracker, flow);
	}
	tracker->latest = flow;
	tracker->direction = direction;
	return serial;
}

uint32_t tracker_base(const struct tracker *tracker, bool receiver,
		      uint64_t frame)
{
	const struct flow *flow = tracker->latest;
	int end = receiver ? !tracker->direction : tracker->direction;

	if (flow->syn[end])
		return flow->isn[end];
	return flow->base_frame != frame ? flow->base[end] : 0;
}

static int by_id(const void *a, const void *b)
{
	const struct conn *one = *(struct conn *const *)a;
	const struct conn *two = *(struct conn *const *)b;

	if (one->provisional != two->provisional)
		return one->provisional - two->provisional;
	if (one->provisional)
		return (one->first_frame > two->first_frame) -
		       (one->first_frame < two->first_frame);
	return (one->id > two->id) - (one->id < two->id);
}

void tracker_finish(struct tracker *tracker)
{
	struct conn **conns;
	size_t n = tracker->n_conns;

	if (n) {
		conns = xreallocarray(NULL, n, sizeof(*conns));
		memcpy(conns, tracker->conns, n * sizeof(*conns));
		qsort(conns, n, sizeof(*conns), by_id);
		for (size_t i = 0; i < n; i++)
			conn_close(tracker, conns[i]);
		free(conns);
	}
	for (size_t i = 0; i <= tracker->flows.mask; i++) {
		struct flow *flow = tracker->flows.slots[i].item;

		if (!flow)
			continue;
		flow_was_plain(tracker, flow);
		free(flow);
		tracker->flows.slots[i].item = NULL;
	}
	tracker->flows.count = 0;
}
