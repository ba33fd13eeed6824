/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets that are held until nothing more is to be learnt of them, for
 * packets.c: in a ring, in the order in which they came. Those of a subflow are
 * chained, so that they can be completed when their connection closes, after
 * which there is nobody to ask. Data that waits for its DATA_ACK is in a heap
 * for each side of a connection, by where it ends.
 */
#ifndef ANALYSIS_HELD_H
#define ANALYSIS_HELD_H

#include "base/table.h"
#include "report/packet.h"
#include "track/event.h"

#define NOWHERE UINT64_MAX

struct record {
	struct report_packet packet;
	struct mptcp_option *options; /* these stay with the place, ... */
	struct packet_piece *pieces;  /* ... with their room */
	size_t options_room, pieces_room;
	const struct subflow *subflow; /* NULL: none, or it is complete */
	uint64_t place, next;	       /* its own, the next of the subflow */
	int64_t unresolved; /* octets of payload that wait for a mapping */
	bool waiting;	    /* for a DATA_ACK: it has an entry in the heap */
	int64_t await;	    /* ... up to there, as in the entry or beyond */
	bool tcp_again;	    /* its latest payload was sent before, ... */
	uint64_t again_of;  /* ... in that packet */
	uint64_t acks_of;   /* serial of whose data it acknowledges */
	bool address_kept;  /* an ADD_ADDR whose verdict may yet come */
	bool join;	    /* an MP_JOIN with HMAC, likewise */
	bool bare;	    /* may prove to be the moment of fallback */
};

/* Data of a packet that ends there, or beyond, and is not acknowledged. */
struct entry {
	int64_t end;
	uint64_t place;
};

/* What one side of a connection sends. Data offsets are kept without what
 * they have been shifted by until now. */
struct half {
	int64_t shift;
	struct entry *heap;
	size_t count, room;
	size_t over;	 /* entries of packets that have left */
	bool fin_placed; /* some packet has the DATA_FIN */
};

struct chain {
	uint64_t first, last; /* places, or NOWHERE */
};

struct followed {
	const struct conn *conn;
	uint64_t serial;
	struct half half[2];
	struct chain *chains; /* by subflow id */
	size_t n_chains, room;
};

struct held {
	struct record *ring;
	size_t room;	      /* a power of two */
	uint64_t first, next; /* places of the oldest, and after the newest */
	struct table conns;   /* struct followed */
	struct followed *latest;
	uint64_t serials;
};

void held_init(struct held *held);
void held_clear(struct held *held); /* and frees what it holds */

static inline struct record *held_at(const struct held *held, uint64_t place)
{
	return &held->ring[place & (held->room - 1)];
}

static inline struct record *held_newest(const struct held *held)
{
	return held_at(held, held->next - 1);
}

/* The packet of that frame, or NULL if it is not held. */
struct record *held_of(const struct held *held, uint64_t frame);

/* Room for one more, after the newest. */
struct record *held_add(struct held *held);

/* What is kept of a connection, made if it is not there yet; until
 * held_conn_end. */
struct followed *held_conn(struct held *held, const struct conn *conn);
void held_conn_end(struct held *held, struct followed *followed);

/* The packets of a subflow; the newest is one more. */
struct chain *held_chain(struct followed *followed, int subflow);
void held_append(const struct held *held, struct chain *chain);

/* Data up to there is sent in that packet: who acknowledges it? `late`: it was
 * sent some time ago, and only its mapping is new. */
void held_await(struct followed *followed, struct record *record,
		enum side side, int64_t upto, bool late);

/* Of data: whoever waited for it knows now. */
void held_acked(struct held *held, struct followed *followed,
		const struct event *event);

/* The oldest packet leaves, and waits no more. */
void held_leave(struct half *half, const struct record *record);

#endif
