/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tracker says of packets goes to those that are held, mostly the
 * newest one; once nothing more is to be learnt of the oldest, it leaves.
 */
#include "analysis/packets.h"

#include "analysis/held.h"
#include "analysis/packetoptions.h"
#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define KIND(name) (1u << EVENT_##name)

struct packets {
	const struct selection *selection;
	packet_fn *sink;
	void *arg;
	struct held held;
};

struct packets *packets_new(const struct selection *selection, packet_fn *sink,
			    void *arg)
{
	struct packets *packets = xcalloc(1, sizeof(*packets));

	packets->selection = selection;
	packets->sink = sink;
	packets->arg = arg;
	held_init(&packets->held);
	return packets;
}

void packets_free(struct packets *packets)
{
	if (!packets)
		return;
	held_clear(&packets->held);
	free(packets);
}

unsigned packets_unwanted(void)
{
	return ~(KIND(SUBFLOW) | KIND(SEGMENT) | KIND(TCP_SENT) |
		 KIND(TCP_RESENT) | KIND(SENT) | KIND(SENT_AGAIN) |
		 KIND(UNMAPPED) | KIND(ACKED) | KIND(SHIFT) | KIND(ADDRESS) |
		 KIND(CHECKED) | KIND(FALLBACK) | KIND(CLOSE));
}

/*
 * What events say of packets.
 */
static bool goes_on(const struct packet_piece *last,
		    const struct packet_piece *piece)
{
	return last->end == piece->start && last->how == piece->how &&
	       last->first_on == piece->first_on &&
	       !last->first_frame == !piece->first_frame &&
	       last->last_frame <= piece->first_frame;
}

static void add_piece(struct record *record, const struct packet_piece *piece)
{
	struct report_packet *packet = &record->packet;
	struct packet_piece *last =
	    packet->n_pieces ? &record->pieces[packet->n_pieces - 1] : NULL;

	if (last && goes_on(last, piece)) {
		last->end = piece->end;
		last->last_frame = piece->last_frame;
		return;
	}
	if (packet->n_pieces == PACKET_PIECES_MAX) {
		packet->pieces_lost++;
		return;
	}
	record->pieces = xgrow(record->pieces, &record->pieces_room,
			       packet->n_pieces + 1, sizeof(*record->pieces));
	record->pieces[packet->n_pieces++] = *piece;
}

/* What TCP sends again is what this subflow sent, whoever sent the data first:
 * of what has been acknowledged, TCP's stream does not know any more when. */
static uint64_t first_by_tcp(const struct record *record,
			     const struct event *event)
{
	const struct piece *piece = event->u.piece;

	if (record->again_of || piece->first_on != event->subflow->id)
		return record->again_of;
	return piece->first_frame;
}

static void data_sent(struct followed *followed, struct record *record,
		      const struct event *event)
{
	static const enum packet_how hows[] = {
	    [SENT_NEW] = PACKET_NEW,
	    [SENT_LATE] = PACKET_FILLS,
	    [SENT_AGAIN] = PACKET_AGAIN,
	    [SENT_REINJECTED] = PACKET_REINJECTED,
	};
	const struct piece *from = event->u.piece;
	int64_t shift = followed->half[event->side].shift;
	struct packet_piece piece = {
	    .start = from->start - shift,
	    .end = from->end - shift,
	    .how = from->ahead ? PACKET_AHEAD : hows[from->how],
	    .first_on = PACKET_NO_SUBFLOW,
	};

	if (from->how == SENT_AGAIN || from->how == SENT_REINJECTED) {
		piece.first_on = from->first_on;
		piece.first_frame = from->first_frame;
	}
	if (from->how == SENT_AGAIN && record->tcp_again)
		piece.first_frame = first_by_tcp(record, event);
	piece.last_frame = piece.first_frame;
	add_piece(record, &piece);
}

/* Without mapping. That is to be expected of plain TCP. */
static void unmapped(struct record *record, const struct event *event)
{
	const struct piece *from = event->u.piece;
	struct packet_piece piece = {
	    .start = from->start,
	    .end = from->end,
	    .how = PACKET_UNMAPPED,
	    .first_on = PACKET_NO_SUBFLOW,
	};

	record->unresolved -= from->end - from->start;
	if (from->how == SENT_AGAIN) {
		piece.how = conn_is_plain(event->conn) ? PACKET_TCP_AGAIN
						       : PACKET_UNMAPPED_AGAIN;
		piece.first_frame = piece.last_frame = record->again_of;
	} else if (conn_is_plain(event->conn)) {
		return;
	}
	add_piece(record, &piece);
}

static void sent(struct packets *packets, const struct event *event)
{
	struct record *record = held_of(&packets->held, event->frame);
	struct followed *followed = held_conn(&packets->held, event->conn);
	const struct piece *piece = event->u.piece;

	if (!record)
		return;
	if (event->kind == EVENT_UNMAPPED) {
		unmapped(record, event);
		return;
	}
	if (event->kind == EVENT_TCP_SENT || event->kind == EVENT_TCP_RESENT) {
		record->unresolved += piece->end - piece->start;
		record->tcp_again = piece->how == SENT_AGAIN;
		if (record->tcp_again)
			record->again_of = piece->first_frame;
		return;
	}
	record->unresolved -= piece->end - piece->start;
	data_sent(followed, record, event);
	held_await(followed, record, event->side, piece->end,
		   record != held_newest(&packets->held));
}

/* The DATA_ACK of the segment at hand. */
static void acknowledges(struct packets *packets, const struct event *event)
{
	struct followed *followed = held_conn(&packets->held, event->conn);
	int64_t shift = followed->half[event->side].shift;
	struct record *record = held_newest(&packets->held);

	if (!record->acks_of)
		record->packet.acks_from = event->u.acked.before - shift;
	record->packet.acks_upto = event->u.acked.upto - shift;
	record->acks_of = followed->serial;
	held_acked(&packets->held, followed, event);
}

static void address(struct record *record, const struct conn_address *address)
{
	if (address->signal != ADDRESS_ADD || !address->has_hmac)
		return;
	record->address_kept = true;
	packet_judge(&record->packet.hmac, address->verdict);
}

/* Who sent it, as is known by now. */
static enum side side_of(const struct record *record)
{
	return endpoint_same(&record->subflow->end[CLIENT], &record->packet.src)
		   ? CLIENT
		   : SERVER;
}

/* What was taken for data offsets of `side` was none. */
static void forget_offsets(struct packets *packets, struct followed *followed,
			   enum side side)
{
	struct half *half = &followed->half[side];

	for (size_t i = 0; i < followed->n_chains; i++) {
		uint64_t place = followed->chains[i].first;

		while (place != NOWHERE) {
			struct record *record = held_at(&packets->held, place);

			if (side_of(record) == side) {
				record->packet.n_pieces = 0;
				record->waiting = false;
			} else {
				record->acks_of = 0;
			}
			place = record->next;
		}
	}
	half->count = half->over = 0;
	half->shift = 0;
	half->fin_placed = false;
}

static void shifted(struct packets *packets, const struct event *event)
{
	struct followed *followed = held_conn(&packets->held, event->conn);

	if (event->u.by == SHIFT_RESTART)
		forget_offsets(packets, followed, event->side);
	else
		followed->half[event->side].shift += event->u.by;
}

/* A subflow comes from another connection, with its packets. */
static void moves(struct packets *packets, const struct event *event)
{
	struct chain *from, old;

	if (!event->u.origin.from)
		return;
	from = held_chain(held_conn(&packets->held, event->u.origin.from),
			  event->u.origin.id);
	old = *from;
	*from = (struct chain){NOWHERE, NOWHERE};
	*held_chain(held_conn(&packets->held, event->conn),
		    event->subflow->id) = old;
}

/* The packet at hand is of that subflow. */
static void placed(struct packets *packets, const struct event *event)
{
	struct followed *followed = held_conn(&packets->held, event->conn);
	struct record *record = held_newest(&packets->held);

	record->subflow = event->subflow;
	record->packet.side = event->side;
	held_append(&packets->held, held_chain(followed, event->subflow->id));
}

/*
 * A packet is complete: what there is to know of it now.
 */

/* Verdicts on HMACs that were out when all keys were known at last. */
static void late_hmac(struct record *record, enum side side)
{
	const struct conn *conn = record->subflow->conn;
	struct packet_verdict *hmac = &record->packet.hmac;

	if (!hmac->given || hmac->verdict != UNCHECKED)
		return;
	if (record->join)
		hmac->verdict = record->subflow->half[side].verdict;
	for (size_t i = 0; record->address_kept && i < conn->n_addresses; i++)
		if (conn->addresses[i].frame == record->packet.frame &&
		    conn->addresses[i].has_hmac)
			hmac->verdict = conn->addresses[i].verdict;
}

/* Of what it acknowledges, the last may be DATA_FIN. */
static void complete_acks(struct report_packet *packet, const struct half *half,
			  const struct conn_half *data)
{
	packet->acks_from += half->shift;
	packet->acks_upto += half->shift;
	if (!data->fin || packet->acks_upto <= data->fin_offset)
		return;
	packet->acks_fin = packet->acks_from <= data->fin_offset;
	packet->acks_upto = data->fin_offset;
}

static void complete(struct followed *followed, struct record *record,
		     bool closes)
{
	const struct subflow *subflow = record->subflow;
	const struct conn *conn = followed->conn;
	struct report_packet *packet = &record->packet;
	enum side side = side_of(record);

	packet->of = conn->provisional ? PACKET_ORPHAN : PACKET_KNOWN;
	packet->conn = conn->id;
	packet->subflow = subflow->id;
	packet->side = side;
	for (size_t i = 0; i < packet->n_pieces; i++) {
		struct packet_piece *piece = &record->pieces[i];

		if (piece->how >= PACKET_UNMAPPED)
			continue;
		piece->start += followed->half[side].shift;
		piece->end += followed->half[side].shift;
	}
	if (record->acks_of == followed->serial)
		complete_acks(packet, &followed->half[other_side(side)],
			      &conn->half[other_side(side)]);
	else /* counted from elsewhere */
		packet->acks_from = packet->acks_upto = 0;
	late_hmac(record, side);
	if (!conn->fallback && (record->waiting || record->unresolved))
		packet->acked = closes ? ACKED_NEVER : ACKED_LATER;
	if (!closes)
		held_leave(&followed->half[side], record);
	record->subflow = NULL;
}

static void closed(struct packets *packets, const struct conn *conn)
{
	struct followed *followed = held_conn(&packets->held, conn);

	for (size_t i = 0; i < followed->n_chains; i++) {
		uint64_t place = followed->chains[i].first;

		while (place != NOWHERE) {
			struct record *record = held_at(&packets->held, place);

			complete(followed, record, true);
			place = record->next;
		}
	}
	held_conn_end(&packets->held, followed);
}

void packets_event(void *arg, const struct event *event)
{
	struct packets *packets = arg;
	struct record *record;

	switch (event->kind) {
	case EVENT_SUBFLOW:
		moves(packets, event);
		break;
	case EVENT_SEGMENT:
		placed(packets, event);
		break;
	case EVENT_TCP_SENT:
	case EVENT_TCP_RESENT:
	case EVENT_SENT:
	case EVENT_SENT_AGAIN:
	case EVENT_UNMAPPED:
		sent(packets, event);
		break;
	case EVENT_ACKED:
		acknowledges(packets, event);
		break;
	case EVENT_SHIFT:
		shifted(packets, event);
		break;
	case EVENT_ADDRESS:
		address(held_newest(&packets->held), event->u.address);
		break;
	case EVENT_CHECKED:
		record = held_of(&packets->held, event->frame);
		if (record)
			packet_judge(&record->packet.checksum,
				     event->u.verdict);
		break;
	case EVENT_FALLBACK:
		record = held_of(&packets->held, event->frame);
		if (record)
			record->packet.fallback = event->conn->fallback;
		break;
	case EVENT_CLOSE:
		closed(packets, event->conn);
		break;
	default:
		break;
	}
}

/*
 * Segments.
 */
void packets_segment(struct packets *packets, const struct segment *segment)
{
	struct record *record = held_add(&packets->held);

	record->packet = (struct report_packet){
	    .frame = segment->frame,
	    .time = segment->time,
	    .src = segment->src,
	    .dst = segment->dst,
	    .seq = segment->seq,
	    .ack = segment->ack,
	    .payload = segment->payload,
	    .window = segment->window,
	    .flags = segment->flags,
	    .n_options = segment->n_mptcp,
	    .bad_options = segment->n_mptcp_bad,
	    .options_short = segment->options_short,
	    .subflow = PACKET_NO_SUBFLOW,
	};
	if (!segment->n_mptcp)
		return;
	record->options = xgrow(record->options, &record->options_room,
				segment->n_mptcp, sizeof(*record->options));
	memcpy(record->options, segment->mptcp,
	       segment->n_mptcp * sizeof(*record->options));
}

/* Sequence numbers as tcpdump shows them. */
static void read_numbers(struct record *record, const struct tracker *tracker)
{
	struct report_packet *packet = &record->packet;

	if ((packet->flags & (TCP_SYN | TCP_ACK)) != TCP_ACK)
		return;
	packet->seq -= tracker_base(tracker, false, packet->frame);
	packet->ack -= tracker_base(tracker, true, packet->frame);
}

/* Is a verdict on its HMAC still to come? */
static bool awaits_verdict(const struct record *record)
{
	const struct conn *conn = record->subflow->conn;
	const struct subflow_half *half = record->subflow->half;

	if (!record->packet.hmac.given ||
	    record->packet.hmac.verdict != UNCHECKED)
		return false;
	if (!conn->half[CLIENT].key_known || !conn->half[SERVER].key_known)
		return true;
	return record->join &&
	       !(half[CLIENT].nonce_known && half[SERVER].nonce_known);
}

static bool is_wanted(const struct packets *packets, const struct conn *conn)
{
	return selection_takes_id(packets->selection, conn->id);
}

/* May it yet turn out to be a part of another connection? See tie.c. */
static bool may_move(const struct conn *conn)
{
	return !conn->handshake_seen && !conn->half[CLIENT].mappings &&
	       !conn->half[SERVER].mappings;
}

/* Is there nothing more to be learnt of it? */
static bool is_settled(const struct packets *packets,
		       const struct record *record)
{
	const struct conn *conn;

	if (!record->subflow)
		return true;
	conn = record->subflow->conn;
	if (conn->provisional || may_move(conn))
		return false;
	if (!is_wanted(packets, conn))
		return true;
	if (record->unresolved || (record->waiting && !conn->fallback))
		return false;
	if (record->bare && !conn->fallback && !conn->third_ack)
		return false;
	return !awaits_verdict(record);
}

/* Takes it out of its subflow's chain, of which it is the first. */
static void leave(struct packets *packets, struct record *record)
{
	struct followed *followed =
	    held_conn(&packets->held, record->subflow->conn);
	struct chain *chain = held_chain(followed, record->subflow->id);

	assert(chain->first == packets->held.first);
	chain->first = record->next;
	complete(followed, record, false);
}

static void give(struct packets *packets, struct record *record)
{
	struct report_packet *packet = &record->packet;
	const struct selection *selection = packets->selection;

	packet->options = record->options;
	packet->pieces = record->pieces;
	if (!selection || (packet->of == PACKET_KNOWN &&
			   selection_takes_id(selection, packet->conn)))
		packets->sink(packets->arg, packet);
}

/* Those that need not wait any more, or have waited long enough. */
static void release(struct packets *packets, uint64_t held)
{
	while (packets->held.first < packets->held.next) {
		struct record *record =
		    held_at(&packets->held, packets->held.first);

		if (packets->held.next - packets->held.first <= held &&
		    !is_settled(packets, record))
			return;
		if (record->subflow)
			leave(packets, record);
		give(packets, record);
		packets->held.first++;
	}
}

void packets_tracked(struct packets *packets, const struct tracker *tracker)
{
	struct record *record = held_newest(&packets->held);

	read_numbers(record, tracker);
	if (record->subflow) {
		const struct conn *conn = record->subflow->conn;

		packet_options(&packets->held, record);
		record->bare = conn->bare && !conn->fallback &&
			       conn->bare_frame == record->packet.frame;
	}
	release(packets, PACKETS_HELD);
}

void packets_finish(struct packets *packets)
{
	release(packets, 0);
}
