/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The door of the floor: finds the flow of each segment and hands it on.
 */
#include "track/internal.h"

#include "base/alloc.h"

#include <stdlib.h>

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
	tracker->next_due = NOTHING_DUE;
	tracker->arrival.tracker = tracker;
	pool_init(&tracker->flow_pool, sizeof(struct flow));
	pool_init(&tracker->subflow_pool, sizeof(struct subflow));
	pool_init(&tracker->conn_pool, sizeof(struct conn));
	table_init(&tracker->flows);
	table_init(&tracker->tokens);
	table_init(&tracker->positions);
	limits_init(tracker);
	return tracker;
}

void tracker_free(struct tracker *tracker)
{
	if (!tracker)
		return;
	while (tracker->n_conns)
		conn_release(tracker, tracker->conns[0]);
	table_clear(&tracker->flows);
	table_clear(&tracker->tokens);
	table_clear(&tracker->positions);
	pool_clear(&tracker->flow_pool);
	pool_clear(&tracker->subflow_pool);
	pool_clear(&tracker->conn_pool);
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

/* The same both ways. */
static uint64_t flow_hash(const struct segment *seg)
{
	return endpoint_hash(&seg->src, 0) + endpoint_hash(&seg->dst, 0);
}

/* Is the segment of that flow, sent by end[direction]? */
static inline bool flow_sends(const struct flow *flow, int direction,
			      const struct segment *seg)
{
	return !(endpoint_differs(&flow->end[direction], &seg->src) |
		 endpoint_differs(&flow->end[!direction], &seg->dst));
}

static bool flow_same(const void *item, const void *key)
{
	return flow_sends(item, 0, key) || flow_sends(item, 1, key);
}

static int flow_direction(const struct flow *flow, const struct segment *seg)
{
	return !endpoint_same(&flow->end[0], &seg->src);
}

/* Where a flow that was met lately is to be looked for first. */
static unsigned recent_place(const struct endpoint *one,
			     const struct endpoint *two)
{
	unsigned low = one->address.bytes[3] ^ two->address.bytes[3] ^
		       one->address.bytes[15] ^ two->address.bytes[15];

	return (one->port ^ two->port ^ low) % RECENT_FLOWS;
}

void flow_forget(struct tracker *tracker, const struct flow *flow)
{
	struct flow **recent =
	    &tracker->recent[recent_place(&flow->end[0], &flow->end[1])];

	if (*recent == flow)
		*recent = NULL;
}

/* `hash` is flow_hash(seg). */
SELDOM static struct flow *flow_new(struct tracker *tracker,
				    const struct segment *seg, uint64_t hash)
{
	struct flow *flow = pool_take(&tracker->flow_pool);
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

/* The flow of a segment, which is not one that was met lately. */
SELDOM static struct flow *flow_look_up(struct tracker *tracker,
					const struct segment *seg)
{
	uint64_t hash = flow_hash(seg);
	struct flow *flow = table_find(&tracker->flows, hash, flow_same, seg);

	return flow ? flow : flow_new(tracker, seg, hash);
}

/* The flow of a segment; *direction is the end that sent it. */
static inline struct flow *flow_find(struct tracker *tracker,
				     const struct segment *seg, int *direction)
{
	struct flow **recent =
	    &tracker->recent[recent_place(&seg->src, &seg->dst)];
	struct flow *flow = *recent;

	/* Where both ends have one port this may be wrong, and it is looked
	 * up. */
	*direction = flow && flow->end[0].port != seg->src.port;
	if (flow && flow_sends(flow, *direction, seg))
		return flow;
	flow = *recent = flow_look_up(tracker, seg);
	*direction = flow_direction(flow, seg);
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

SELDOM static void flow_note_rare(struct flow *flow, int direction,
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
}

static void flow_note(struct flow *flow, int direction,
		      const struct segment *seg)
{
	if (seg->flags & (TCP_SYN | TCP_FIN | TCP_RST) || !flow->base_frame)
		flow_note_rare(flow, direction, seg);
}

/* Another use of the 4-tuple begins: the flow gets nothing more. */
RARE static void flow_ends(struct tracker *tracker, struct flow *flow,
			   const struct segment *seg)
{
	tracker->counts.join_ports_reused +=
	    flow->subflow && flow->subflow->join && seg->n_mptcp &&
	    seg->mptcp[0].subtype == MPTCP_CAPABLE;
	flow_detach(tracker, flow);
}

/* What the segment begins instead of that one. */
SELDOM static struct flow *flow_after(struct tracker *tracker,
				      struct flow *flow,
				      const struct segment *seg)
{
	const uint64_t hash = flow->hash;

	if (flow_expired(tracker, flow, seg->time))
		flow_expires(tracker, flow);
	else
		flow_ends(tracker, flow, seg);
	return flow_new(tracker, seg, hash);
}

uint32_t tracker_segment(struct tracker *tracker, const struct segment *seg)
{
	struct flow *flow;
	uint32_t serial;
	int direction;

	if (seg->time >= tracker->now)
		tracker->now = seg->time;
	if (tracker->now >= tracker->next_due) {
		tracker->frame = seg->frame;
		end_what_is_due(tracker);
	}
	tracker->counts.mptcp_packets += !!(seg->n_mptcp | seg->n_mptcp_bad);

	flow = flow_find(tracker, seg, &direction);
	if ((tracker->options.timeout &&
	     flow_expired(tracker, flow, seg->time)) ||
	    flow_used_again(flow, direction, seg)) {
		flow = flow_after(tracker, flow, seg);
		direction = flow_direction(flow, seg);
	}
	serial = flow->serial;
	flow_note(flow, direction, seg);
	if (!flow->subflow && seg->n_mptcp && !flow->left_out && !flow->told) {
		flow_adopt(tracker, flow, direction, seg);
		direction = flow_direction(flow, seg);
	}
	if (flow->subflow) {
		struct subflow *subflow = flow->subflow;
		struct arrival *arrival = &tracker->arrival;

		arrival->seg = seg;
		arrival->astray = false;
		arrival_aim(arrival, subflow->conn, subflow,
			    (enum side)((int)subflow->initiator ^ direction));
		subflow_segment(arrival);
	} else {
		if (flow->told)
			flow_goes_on(tracker, seg);
		if (seg->time > flow->last)
			flow->last = seg->time;
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

static int by_serial(const void *a, const void *b)
{
	uint32_t one = (*(struct flow *const *)a)->serial;
	uint32_t two = (*(struct flow *const *)b)->serial;

	return (one > two) - (one < two);
}

struct conn **conns_sorted(const struct tracker *tracker,
			   int (*order)(const void *, const void *))
{
	const size_t n = tracker->n_conns;
	struct conn **conns = xcalloc(n + 1, sizeof(struct conn *));

	for (size_t i = 0; i < n; i++)
		conns[i] = tracker->conns[i];
	qsort(conns, n, sizeof(struct conn *), order);
	return conns;
}

void tracker_finish(struct tracker *tracker)
{
	struct conn **conns = conns_sorted(tracker, by_id);
	struct flow **flows;
	size_t n = tracker->n_conns;

	for (size_t i = 0; i < n; i++) {
		const struct conn *next[EXPECT_AHEAD] = {NULL};

		for (size_t k = 0; k < EXPECT_AHEAD && i + 1 + k < n; k++)
			next[k] = conns[i + 1 + k];
		conns_expect(tracker, conns[i], next);
		conn_close(tracker, conns[i]);
	}
	free(conns);
	flows = (struct flow **)table_items(&tracker->flows);
	n = tracker->flows.count;
	qsort(flows, n, sizeof(*flows), by_serial);
	for (size_t i = 0; i < n; i++)
		flow_free(tracker, flows[i]);
	free(flows);
}
