/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Results, as plain data: what analyses find and writers write. Nothing here
 * knows MPTCP beyond its vocabulary, nor a file or a format.
 *
 * Unknown is never 0: counts that may be unknown are int64_t with
 * REPORT_UNKNOWN, spans in seconds are doubles with NAN, moments nstime_t with
 * NSTIME_NONE.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/endpoint.h"
#include "base/nstime.h"
#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_UNKNOWN INT64_MIN

struct report_spread { /* seconds; meaningless with no samples */
	uint64_t samples;
	double min, sum, max;
};

static inline void report_spread_add(struct report_spread *spread, double value)
{
	if (!spread->samples++) {
		spread->min = spread->max = spread->sum = value;
		return;
	}
	spread->sum += value;
	if (value < spread->min)
		spread->min = value;
	if (value > spread->max)
		spread->max = value;
}

double report_spread_mean(const struct report_spread *spread); /* or NAN */

/* What one side sends on one subflow. */
struct report_flow {
	/* What each packet changes stands together, first. */
	nstime_t newest;    /* the time of its newest packet, or NSTIME_NONE */
	nstime_t idle_max;  /* longest between two packets, or NSTIME_NONE */
	int64_t wire_bytes; /* of IP packets, headers and all */
	/* Segments without payload, SYN, FIN and RST; with PSH. */
	int64_t data_packets, pure_acks, pushes;
	/* Octets of payload of those that have any. */
	int64_t segment_min, segment_max;
	/* Octets; of segments after the handshake whose scale is known; of
	 * so many segments, and their sum. */
	int64_t window_min, window_max, windows, window_sum;
	int64_t zero_windows;
	int64_t first_bytes;   /* data bytes carried here first */
	int64_t carried_bytes; /* data bytes carried, each once */
	struct report_spread rtt;

	int64_t packets, bytes; /* bytes of payload, every copy */
	int64_t retransmitted_packets, retransmitted_bytes;
	int64_t out_of_order_packets;
	double handshake_rtt; /* initiator's side only, else NAN */
	/* Segments with SACK blocks; with one of what was received twice (RFC
	 * 2883). */
	int64_t sacks, dsacks;
	int64_t mss; /* of its SYN */
	bool rst, fin;
};

double report_window_mean(const struct report_flow *flow); /* or NAN */

struct report_subflow {
	int id;
	uint32_t flow_serial; /* its TCP flow's number in the trace */
	struct endpoint source, destination; /* source sent the SYN */
	bool initial, joined;
	bool tied; /* known to be part of it by its DSNs */
	enum side initiator;
	enum subflow_state state;
	nstime_t first, last;
	bool backup;
	bool ids_known[2];
	uint8_t ids[2];	      /* initiator's, responder's */
	int wscale[2];	      /* by side; -1: none, or unknown */
	enum verdict hmac[2]; /* of the SYN/ACK, of the third ACK */
	bool reset;
	enum side reset_side;
	int reset_reason; /* MP_TCPRST, or -1 */
	struct report_flow flow[2];
};

struct report_reinjection {
	int from, to; /* subflow ids; from < 0: no longer known */
	int64_t packets, bytes;
	int64_t acked_bytes; /* were acknowledged before they were sent again */
	/* Which copy came first, as far as the capture tells; the rest of
	 * `bytes` is undecided. */
	int64_t useful_bytes, redundant_bytes;
	struct report_spread delay; /* since first sent */
};

#define REPORT_CARRIERS_MAX 32

/* What one side sends at the data level. */
struct report_data {
	int64_t bytes_mapped, bytes_unique, bytes_acked, bytes_unmapped;
	int64_t retransmitted_packets, retransmitted_bytes;
	int64_t reinjected_packets, reinjected_bytes;
	struct report_reinjection *reinjections;
	size_t n_reinjections, reinjections_room;
	int64_t out_of_order_packets, out_of_order_bytes;
	int64_t ahead_packets, ahead_bytes;
	int64_t max_reorder_bytes;
	struct report_spread blocked; /* waits of data behind a hole */
	int64_t bursts, switches;     /* of the scheduler */
	int64_t ranges;		      /* as first sent; */
	/* ... of them, those that so many distinct subflows carried, of
	 * at most REPORT_CARRIERS_MAX the last for that and more; from
	 * n_carried_by on there are none. Where n_carried_by is 0, one
	 * subflow carried each. */
	int64_t *carried_by;
	size_t n_carried_by, carried_by_room;
	int64_t mappings, checksum_ok, checksum_bad;
	struct report_spread data_ack_rtt;
	nstime_t first_data, last_data_ack;
	bool data_fin;
	/* Absolute sequence values, IDSN mod 2^32 and on from there without a
	 * wrap: of the IDSN, and the last DATA_ACK; or REPORT_UNKNOWN. */
	int64_t first_sequence, last_ack_sequence;
	int64_t figure_zero; /* what figures show for the first data byte */
};

double report_goodput(const struct report_data *data); /* bytes/s or NAN */

struct report_host {
	struct endpoint end;
	bool key_known, token_known;
	uint64_t key, idsn;
	uint32_t token;
};

struct report_address {
	nstime_t time;
	enum side side;
	enum address_signal signal;
	uint8_t id;
	struct address address; /* family 0: none */
	uint16_t port;		/* 0: none */
	enum verdict hmac;
};

struct report_finding {
	enum severity severity;
	const char *code; /* static */
	uint64_t packet;
	nstime_t time;
	char *text; /* a sentence */
};

enum signal_number { NUMBER_NONE, NUMBER_DSN, NUMBER_KEY, NUMBER_TOKEN };

/* Something that was signalled, or what became of it. Programs find in members
 * of their own what the text tells people. There are no holes between them:
 * it may be written to a file as it is. */
struct report_signal {
	nstime_t time, span; /* or NSTIME_NONE */
	uint64_t packet;
	char *text;		   /* what it says: a phrase, or NULL */
	const char *step, *reason; /* static words, or NULL */
	uint64_t number;	   /* with number_is */
	int64_t bytes;		   /* or REPORT_UNKNOWN */
	nstime_t order;		   /* this and its place among those told are */
	uint64_t told;		   /* ... report_signal's own */
	enum signal_kind kind;
	enum severity severity;
	enum side side; /* who sent it, or whom it is about */
	int subflow;	/* id; -1: the connection as a whole */
	enum signal_number number_is;
	uint32_t count;		/* it was sent so often by now, or 0 */
	uint16_t port;		/* 0: none */
	int16_t id;		/* of an address, or -1 */
	int8_t version, backup; /* or -1 */
	int8_t hmac;		/* enum verdict, or -1 */
	struct address address; /* family 0: none */
};

#define REPORT_SIGNAL_BLANK                                                    \
	.subflow = -1, .bytes = REPORT_UNKNOWN, .span = NSTIME_NONE, .id = -1, \
	.version = -1, .backup = -1, .hmac = -1

struct report_conn {
	uint64_t id;
	bool dissolved; /* it was part of another: only its id is spent */
	int version;	/* -1: unknown */
	enum conn_state state;
	bool accepted;	 /* the server answered with MP_CAPABLE */
	bool timed_out;	 /* idle for -t */
	bool let_go;	 /* one of too many that were open */
	bool still_open; /* when the trace ended */
	bool unwanted;	 /* not among the connections that were chosen */
	nstime_t first, last;
	bool handshake_seen, checksum;
	struct report_host host[2];
	enum fallback_reason fallback;
	nstime_t fallback_time;
	enum side fallback_side;
	struct report_finding *findings;
	size_t n_findings, findings_room;
	uint64_t findings_lost; /* beyond REPORT_FINDINGS_MAX */
	/* Of each side, once it closes: OPTION_COUNTS of them, somebody else's,
	 * that are there while whoever gets the report looks at it. */
	const uint64_t *options[2];
	uint64_t *own_options; /* who keeps it has a copy; or NULL */
	struct report_data data[2];
	struct report_address *addresses;
	size_t n_addresses;
	struct report_signal *signals; /* if wanted */
	size_t n_signals, signals_room;
	size_t signals_max;    /* so many at most, the first */
	uint64_t signals_lost; /* beyond */
	uint64_t signals_told;
	nstime_t signals_now; /* the order of the latest told */
	struct report_subflow *subflows;
	size_t n_subflows, subflows_room; /* room 0: somebody else's */
	struct report_subflow *alone;	  /* a place for the first of them, as
					   * long as there is no second one:
					   * zeroed, somebody else's, or NULL */
};

/* Of one connection. */
#define REPORT_FINDINGS_MAX 1000

struct peers;

void report_conn_init(struct report_conn *conn);
void report_conn_begin(struct report_conn *conn); /* ... one that is zeroed */
void report_conn_clear(struct report_conn *conn); /* frees what it holds */

/* What it holds is held by a copy of it now. */
void report_conn_moved(struct report_conn *conn);

/* Has a copy of what is somebody else's, until it is cleared. */
void report_conn_keep(struct report_conn *conn);

/* What one side sent, each byte once: data bytes; of a connection that fell
 * back TCP's, unless all of it was mapped. */
int64_t report_sent(const struct report_conn *conn, enum side side);

/* The figures of a subflow, made if they are not there yet. */
struct report_subflow *report_subflow_add(struct report_conn *conn, int id);
static inline struct report_subflow *report_subflow(struct report_conn *conn,
						    int id)
{
	return (size_t)id < conn->n_subflows ? &conn->subflows[id]
					     : report_subflow_add(conn, id);
}

/* ... of one that is there: of each subflow that was told of. */
static inline struct report_flow *report_flow(struct report_conn *conn, int id,
					      enum side side)
{
	return conn->subflows[id].flow + side;
}

/* Adds a finding; `code` is static, the text printf style. */
void report_finding(struct report_conn *conn, enum severity severity,
		    const char *code, uint64_t packet, nstime_t time,
		    const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* By packet; those of the same packet stay in order. */
void report_sort_findings(struct report_conn *conn);

/* Adds a signal like *signal (whose text is not looked at), the text printf
 * style; format NULL: none. What is not known of it is as in
 * REPORT_SIGNAL_BLANK. */
void report_signal(struct report_conn *conn, const struct report_signal *signal,
		   const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts them in order of time, then of packets, then as they were told, and
 * leaves those that are beyond signals_max out. One without a time counts as
 * of the time of that told before it. */
void report_signals_settle(struct report_conn *conn);

/* Signals of subflow `old` go to another connection, where it is subflow `id`;
 * `turned` where the client of the one is the server of the other. With the
 * first goes the number of those that were lost, of whatever subflow. */
void report_signals_move(struct report_conn *to, int id,
			 struct report_conn *from, int old, bool turned);

/* All signals go to `to`, as those of no subflow in particular. */
void report_signals_take(struct report_conn *to, struct report_conn *from);

/* The whole trace. */
struct report_totals {
	const char *const *files;
	size_t n_files;
	uint64_t packets, bytes; /* bytes on the wire */
	uint64_t tcp_packets, mptcp_packets, undecodable_packets;
	uint64_t fragments;   /* later fragments, not analysed */
	uint64_t bad_options; /* malformed MPTCP options */
	uint64_t cut_options; /* packets whose TCP options were not captured
			       * whole: MPTCP's may be among them */
	bool truncated;	      /* a trace ended in the middle of a record */
	nstime_t first, last;
	int time_digits;		/* 6 or 9 */
	uint64_t connections, accepted; /* all; by the server */
	uint64_t flows, mptcp_subflows, orphan_subflows, mptcp_refused, plain;
	uint64_t orphan_options[2][OPTION_COUNTS];
	/* SYN/ACKs and third ACKs with other keys than seen before, and
	 * 4-tuples of a join that MP_CAPABLE used again. */
	uint64_t synack_key_differs, third_ack_key_differs, join_ports_reused;
	bool selected;	     /* connections were chosen; */
	uint64_t chosen;     /* ... so many of all */
	struct peers *peers; /* all TCP flows, by address; or NULL */
	/* Findings and signals of flows of no connection; or NULL. */
	const struct report_conn *loose;
};

#endif
