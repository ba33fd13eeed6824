/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a segment does to its subflow, layer by layer: SYN, options, payload,
 * acknowledgement, FIN, reset.
 */
#include "track/internal.h"

/* Resets and FINs from further ahead than this are not believed. */
#define AHEAD_MAX (1 << 22)

/* Nor is an acknowledgement of so much that was not seen. */
#define ACK_AHEAD_MAX (1 << 30)

SELDOM static void half_start(struct subflow_half *half, uint32_t seq,
			      bool older)
{
	half->started = true;
	half->seq0 = seq;
	stream_init(&half->stream, 0, older, 0);
}

/* How much of the data in this SYN the SYN/ACK took, where that was seen
 * before; see syn_data_accepted. */
static uint32_t syn_data_taken(const struct arrival *arrival)
{
	const struct flow *flow = arrival->subflow->flow;
	const struct segment *seg = arrival->seg;
	uint32_t taken;

	if (seg->flags & TCP_ACK || !seg->payload || !flow || !flow->synack)
		return 0;
	taken = flow->synack_ack - (seg->seq + 1);
	return taken <= seg->payload ? taken : 0;
}

/* Windows are scaled only if both offer it, and by 14 bits at most: RFC 7323
 * section 2. */
static void scale_windows(struct subflow *subflow)
{
	const struct subflow_half *client = &subflow->half[CLIENT];
	const struct subflow_half *server = &subflow->half[SERVER];
	bool scaled = client->wscale >= 0 && server->wscale >= 0;

	if (!client->syn || !server->syn)
		return;
	for (int side = 0; side < 2; side++) {
		struct subflow_half *half = &subflow->half[side];

		half->window_shift = !scaled		 ? 0
				     : half->wscale < 14 ? half->wscale
							 : 14;
	}
}

SELDOM static void syn_arrives(struct arrival *arrival)
{
	const struct segment *seg = arrival->seg;
	struct subflow_half *half = arrival->half;
	int32_t by;

	half->syns++;
	if (half->syn)
		return;
	half->syn = true;
	half->syn_time = seg->time;
	half->wscale = seg->wscale == WSCALE_NONE ? -1 : seg->wscale;
	scale_windows(arrival->subflow);
	by = (int32_t)(half->seq0 - (seg->seq + 1));
	if (!half->started) {
		half_start(half, seg->seq + 1, false);
	} else if (!half->stream.begun && (by < 0 || by > AHEAD_MAX)) {
		/* What was acknowledged before was something else. */
		stream_free(&half->stream);
		half_start(half, seg->seq + 1, false);
	} else { /* segments came before their SYN */
		stream_shift(&half->stream, by);
		mappings_shift(&half->map, -half->ssn0, 0);
		for (uint32_t i = 0; i < half->n_pending; i++) {
			struct pending *pending =
			    &half->pending[half->first_pending + i];

			pending->start += by;
			pending->end += by;
		}
		half->fin_offset += by;
		half->seq0 = seg->seq + 1;
	}
	half->isn = seg->seq;
	half->isn_known = true;
	half->ssn0 = syn_data_taken(arrival);
	pending_settle(arrival);
}

/* Counts segments, so under each head once. */
static uint32_t count_option(const struct arrival *arrival, int head,
			     uint32_t seen)
{
	arrival->data->options[head] += !(seen >> head & 1);
	return seen | 1u << head;
}

/* Is what the segment brings within the mapping that it brings? That can only
 * be said where SSN 1 is known to be; else it may seem so or not. */
static inline bool is_within(const struct arrival *arrival,
			     const struct mptcp_option *option)
{
	const struct segment *seg = arrival->seg;
	const struct subflow_half *half = arrival->half;
	uint32_t ssn = seg->seq + !!(seg->flags & TCP_SYN) - half->seq0 -
		       (uint32_t)half->ssn0 + 1;
	uint32_t after = ssn - option->u.dss.ssn;
	uint32_t fin = !!(option->u.dss.flags & DSS_FIN);

	return after <= option->u.dss.length &&
	       after + seg->payload + fin <= option->u.dss.length;
}

OFTEN static uint32_t dss_arrives(struct arrival *arrival,
				  const struct mptcp_option *option,
				  uint32_t seen)
{
	const uint8_t flags = option->u.dss.flags;

	seen = count_option(arrival, COUNT_DSS, seen);
	if (flags & DSS_MAP) {
		seen = count_option(arrival, COUNT_DSS_MAP, seen);
		if (!option->u.dss.length)
			seen = count_option(arrival, COUNT_DSS_INFINITE, seen);
	}
	if (flags & DSS_FIN)
		seen = count_option(arrival, COUNT_DATA_FIN, seen);
	dss_option(arrival, option);
	if (flags & DSS_MAP && arrival->seg->payload)
		arrival->astray |= !is_within(arrival, option);
	return seen;
}

/* In the SYN, the SYN/ACK or what comes after. */
static int place(const struct segment *seg)
{
	if (!(seg->flags & TCP_SYN))
		return 2;
	return seg->flags & TCP_ACK ? 1 : 0;
}

/* Counts an option other than a DSS, and hands it to its file. */
SELDOM static uint32_t other_arrives(struct arrival *arrival,
				     const struct mptcp_option *option,
				     uint32_t seen)
{
	switch ((enum mptcp_subtype)option->subtype) {
	case MPTCP_CAPABLE:
		seen = count_option(
		    arrival, COUNT_CAPABLE_SYN + place(arrival->seg), seen);
		capable_option(arrival, option);
		break;
	case MPTCP_JOIN:
		seen = count_option(arrival,
				    COUNT_JOIN_SYN + place(arrival->seg), seen);
		join_option(arrival, option);
		break;
	case MPTCP_DSS:
		break;
	case MPTCP_ADD_ADDR:
		seen =
		    count_option(arrival,
				 option->u.add_addr.echo ? COUNT_ADD_ADDR_ECHO
							 : COUNT_ADD_ADDR,
				 seen);
		add_addr_option(arrival, option);
		break;
	case MPTCP_REMOVE_ADDR:
		seen = count_option(arrival, COUNT_REMOVE_ADDR, seen);
		arrival->data->options[COUNT_REMOVE_ADDR_IDS] +=
		    option->u.remove_addr.n;
		remove_addr_option(arrival, option);
		break;
	case MPTCP_PRIO:
		seen = count_option(arrival, COUNT_PRIO, seen);
		prio_option(arrival, option);
		break;
	case MPTCP_FAIL:
		seen = count_option(arrival, COUNT_FAIL, seen);
		fail_option(arrival, option);
		break;
	case MPTCP_FASTCLOSE:
		seen = count_option(arrival, COUNT_FASTCLOSE, seen);
		fastclose_option(arrival, option);
		break;
	case MPTCP_TCPRST:
		seen = count_option(arrival, COUNT_TCPRST, seen);
		break;
	}
	return seen;
}

/* `seen`: the heads under which options before it were counted; those with it
 * are returned. Inline, because for the first one it is 0. */
OFTEN static uint32_t option_arrives(struct arrival *arrival,
				     const struct mptcp_option *option,
				     uint32_t seen)
{
	if (!arrival->conn->handshake_seen)
		tie(arrival, option);
	if (option->subtype != MPTCP_CAPABLE &&
	    !(arrival->seg->flags & (TCP_SYN | TCP_RST))) {
		struct conn *conn = arrival->conn;

		/* From the server, too, it shows that both agreed. */
		arrival->data->uses_mptcp = true;
		arrival->data->bare = 0;
		conn->accepted = conn->third_ack = true;
	}
	return option->subtype == MPTCP_DSS
		   ? dss_arrives(arrival, option, seen)
		   : other_arrives(arrival, option, seen);
}

RARE static void more_options_arrive(struct arrival *arrival, uint32_t seen)
{
	const struct segment *seg = arrival->seg;

	for (int i = 1; i < seg->n_mptcp; i++)
		seen = option_arrives(arrival, &seg->mptcp[i], seen);
}

/* Most have one. */
OFTEN static void options_arrive(struct arrival *arrival)
{
	const struct segment *seg = arrival->seg;
	uint32_t seen = option_arrives(arrival, &seg->mptcp[0], 0);

	if (seg->n_mptcp > 1)
		more_options_arrive(arrival, seen);
}

/* Payload up to `upto` is acknowledged, which was not before. Apart from what
 * each segment goes through, which needs few registers. */
__attribute__((noinline)) static void ack_advances(struct arrival *arrival,
						   int64_t upto)
{
	const struct segment *seg = arrival->seg;
	struct subflow_half *half = arrival->peer_half;
	int64_t before = half->stream.acked;
	nstime_t rtt = stream_acked(&half->stream, upto, seg->time, NULL, NULL);

	mappings_trim(&half->map, upto);
	arrival->event.u.acked.upto = upto;
	arrival->event.u.acked.before = before;
	arrival->event.u.acked.rtt = rtt;
	arrival_say(arrival, EVENT_TCP_ACKED, other_side(arrival->side));
	if (seg->time != NSTIME_NONE) {
		half->waits_since =
		    half->stream.sent > upto ? seg->time : NSTIME_NONE;
		half->waits_frame = seg->frame;
	}
}

/* Returns whether it acknowledges payload that was not before. */
OFTEN static bool ack_arrives(struct arrival *arrival)
{
	const struct segment *seg = arrival->seg;
	struct subflow_half *half = arrival->peer_half;
	int64_t upto;

	if (!half->started)
		half_start(half, seg->ack, true);
	upto = unwrap32(seg->ack - half->seq0, half->stream.acked);
	if (half->fin && upto > half->fin_offset) {
		half->fin_acked = true;
		upto = half->fin_offset;
	}
	if (upto <= half->stream.acked ||
	    upto > half->stream.sent + ACK_AHEAD_MAX)
		return false;
	ack_advances(arrival, upto);
	return true;
}

SELDOM static void handshake_goes_on(struct arrival *arrival)
{
	struct subflow *subflow = arrival->subflow;
	enum side responder = other_side(subflow->initiator);

	if (arrival->seg->flags & TCP_SYN) {
		if (arrival->side == responder && subflow->join &&
		    !subflow->synack_join && !arrival->seg->options_short)
			subflow->state = SUBFLOW_PLAIN;
		subflow_changed(subflow);
	} else if (arrival->side == subflow->initiator ||
		   !subflow->half[subflow->initiator].syn) {
		subflow->state = SUBFLOW_ESTABLISHED;
		/* The others may have ended meanwhile. */
		conn_check_over(arrival->tracker, subflow);
	}
}

SELDOM static void fin_arrives(struct arrival *arrival, int64_t start)
{
	struct subflow *subflow = arrival->subflow;
	struct subflow_half *half = &subflow->half[arrival->side];

	/* Nor is a FIN believed from anywhere. Its own acknowledgement may
	 * have been seen before it. */
	if (start + arrival->seg->payload + 1 < half->stream.acked ||
	    start > half->stream.sent + AHEAD_MAX)
		return;
	half->fin_offset = start + arrival->seg->payload;
	if (half->fin)
		return;
	half->fin = true;
	if (subflow->half[other_side(arrival->side)].fin)
		subflow_end(arrival, SUBFLOW_CLOSED);
	else if (subflow->state == SUBFLOW_ESTABLISHED)
		subflow->state = SUBFLOW_HALF_CLOSED;
}

/* RFC 9293 section 3.10.7.3. */
bool reset_valid(const struct arrival *arrival)
{
	const struct segment *seg = arrival->seg;
	const struct subflow_half *half = arrival->half;
	const struct subflow_half *peer = arrival->peer_half;
	int64_t at;

	/* Before the SYN is answered, only with its acknowledgement. */
	if (!half->syn && peer->syn && !peer->stream.acked)
		return seg->flags & TCP_ACK &&
		       seg->ack - peer->seq0 <= (uint64_t)peer->stream.sent;
	if (!half->started)
		return true;
	at = unwrap32(seg->seq - half->seq0, half->stream.sent);
	return at >= half->stream.acked && at <= half->stream.sent + AHEAD_MAX;
}

/* Is it the answer to the SYN, or (RFC 8684 section 3.2) to the third ACK of
 * a join, before either side has sent anything else on it? */
static bool refuses(const struct arrival *arrival)
{
	const struct subflow *subflow = arrival->subflow;
	const struct subflow_half *half = &subflow->half[arrival->side];
	const struct subflow_half *peer =
	    &subflow->half[other_side(arrival->side)];

	return arrival->side != subflow->initiator && peer->syn &&
	       half->packets == half->syns + 1 &&
	       peer->packets <= peer->syns + 1 &&
	       (subflow->join || !half->syns);
}

RARE static void reset_arrives(struct arrival *arrival)
{
	const struct segment *seg = arrival->seg;
	struct subflow *subflow = arrival->subflow;
	struct subflow_half *half = &subflow->half[arrival->side];

	half->rsts++;
	if (subflow->reset_seen || !reset_valid(arrival))
		return;
	subflow->reset_seen = true;
	subflow->reset_side = arrival->side;
	for (int i = 0; i < seg->n_mptcp; i++)
		if (seg->mptcp[i].subtype == MPTCP_TCPRST)
			subflow->reset_reason = seg->mptcp[i].u.tcprst.reason;
	if (refuses(arrival))
		subflow_end(arrival, SUBFLOW_REFUSED);
	else
		subflow_end(arrival, SUBFLOW_RESET);
}

/* From the first to the last time, with this one; whether it is the last, or as
 * late: nobody has to guess which, and both are common. */
static inline bool spread(nstime_t *first, nstime_t *last, nstime_t time)
{
	if (time >= *last) { /* as it is than NSTIME_NONE */
		if (*last == NSTIME_NONE)
			*first = time;
		*last = time;
		return true;
	}
	if (time < *first)
		*first = time;
	return false;
}

OFTEN static void times_and_counts(struct arrival *arrival)
{
	const struct segment *seg = arrival->seg;
	struct subflow *subflow = arrival->subflow;
	struct conn *conn = arrival->conn;

	arrival->half->packets++;
	arrival->half->bytes += seg->payload;
	if (seg->time == NSTIME_NONE)
		return;
	if (spread(&subflow->first, &subflow->last, seg->time))
		subflow->last_frame = seg->frame;
	spread(&conn->first, &conn->last, seg->time);
	arrival->data->last = seg->time;
}

/* RFC 9293 section 3.8.4: one octet of no meaning, before all that is still to
 * be acknowledged. */
static bool is_keepalive(const struct subflow_half *half,
			 const struct segment *seg, int64_t start)
{
	return seg->payload == 1 && start == half->stream.sent - 1 &&
	       half->stream.acked >= half->stream.sent;
}

/* Is there more to say of it than of most? */
static inline bool is_notable(const struct arrival *arrival, bool syn,
			      bool reset)
{
	const struct segment *seg = arrival->seg;
	const struct subflow_half *half = arrival->half;
	struct conn_half *data = arrival->data;
	bool window = !seg->window || data->window_closed;

	if (window && !syn && !reset && seg->time != NSTIME_NONE)
		data->window_closed = !seg->window;
	return window || arrival->astray || syn || seg->nops >= NOPS_REMOVED ||
	       half->packets - half->syns <= 1;
}

/* Inline, because of nearly all segments `syn`, `fin` and `reset` are known to
 * be false. */
OFTEN static void segment_arrives(struct arrival *arrival, bool syn, bool fin,
				  bool reset)
{
	const struct segment *seg = arrival->seg;
	struct subflow_half *half = arrival->half;
	bool acked = false, unmapped = false;
	int64_t start;

	if (syn)
		syn_arrives(arrival);
	else if (!half->started && !reset)
		half_start(half, seg->seq, true);
	if (seg->n_mptcp)
		options_arrive(arrival);
	else if (syn && arrival->subflow->initial && !seg->options_short)
		capable_missing(arrival);

	arrival->data->options_cut |= seg->options_short;

	half = arrival->half; /* a tie may have turned it around */
	times_and_counts(arrival);
	arrival_say(arrival, EVENT_SEGMENT, arrival->side);
	if (syn)
		arrival_say(arrival, EVENT_SYN, arrival->side);
	if (is_notable(arrival, syn, reset))
		arrival_say(arrival, EVENT_NOTABLE, arrival->side);
	start = unwrap32(seg->seq + syn - half->seq0, half->stream.sent);
	if (seg->payload && !reset && !is_keepalive(half, seg, start))
		unmapped = payload_arrives(arrival, start);
	if (seg->flags & TCP_ACK && !reset)
		acked = ack_arrives(arrival);
	if (arrival->subflow->state == SUBFLOW_HANDSHAKE)
		handshake_goes_on(arrival);
	if (reset)
		reset_arrives(arrival);
	else if (fin)
		fin_arrives(arrival, start);
	if (!seg->n_mptcp && !seg->n_mptcp_bad && !seg->options_short && !syn &&
	    !reset && arrival->subflow->initial)
		option_missing(arrival, acked, unmapped);
}

/* One that opens or ends something. */
SELDOM static void mark_arrives(struct arrival *arrival, uint8_t flags)
{
	segment_arrives(arrival, flags & TCP_SYN, flags & TCP_FIN,
			flags & TCP_RST);
}

void subflow_segment(struct arrival *arrival)
{
	const uint8_t flags = arrival->seg->flags;

	if (flags & (TCP_SYN | TCP_FIN | TCP_RST))
		mark_arrives(arrival, flags);
	else
		segment_arrives(arrival, false, false, false);
}
