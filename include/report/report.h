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

void report_spread_add(struct report_spread *spread, double value);
double report_spread_mean(const struct report_spread *spread); /* or NAN */

/* What one side sends on one subflow. */
struct report_flow {
	int64_t packets, bytes; /* bytes of payload, every copy */
	int64_t retransmitted_packets, retransmitted_bytes;
	int64_t out_of_order_packets;
	struct report_spread rtt;
	int64_t first_bytes;  /* data bytes carried here first */
	double handshake_rtt; /* initiator's side only, else NAN */
	int64_t window_max, zero_windows;
	bool rst, fin;
};

struct report_subflow {
	int id;
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
};

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
	int64_t mappings, checksum_ok, checksum_bad;
	struct report_spread data_ack_rtt;
	nstime_t first_data, last_data_ack;
	bool data_fin;
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

struct report_conn {
	uint64_t id;
	bool dissolved; /* it was part of another: only its id is spent */
	int version;	/* -1: unknown */
	enum conn_state state;
	bool accepted;	 /* the server answered with MP_CAPABLE */
	bool timed_out;	 /* idle for -t */
	bool still_open; /* when the trace ended */
	nstime_t first, last;
	bool handshake_seen, checksum;
	struct report_host host[2];
	enum fallback_reason fallback;
	nstime_t fallback_time;
	enum side fallback_side;
	struct report_finding *findings;
	size_t n_findings, findings_room;
	uint64_t findings_lost; /* beyond REPORT_FINDINGS_MAX */
	uint64_t options[2][OPTION_COUNTS];
	struct report_data data[2];
	struct report_address *addresses;
	size_t n_addresses;
	struct report_subflow *subflows;
	size_t n_subflows, subflows_room;
};

#define REPORT_FINDINGS_MAX 1000 /* of one connection */

void report_conn_init(struct report_conn *conn);
void report_conn_clear(struct report_conn *conn); /* frees what it holds */

/* Payload that one side sent, without what TCP sent again: all that a
 * connection carried that fell back. */
int64_t report_payload(const struct report_conn *conn, enum side side);

/* The figures of a subflow, made if they are not there yet. */
struct report_subflow *report_subflow(struct report_conn *conn, int id);

/* Adds a finding; `code` is static, the text printf style. */
void report_finding(struct report_conn *conn, enum severity severity,
		    const char *code, uint64_t packet, nstime_t time,
		    const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* The whole trace. */
struct report_totals {
	const char *const *files;
	size_t n_files;
	uint64_t packets, bytes; /* bytes on the wire */
	uint64_t tcp_packets, mptcp_packets, undecodable_packets;
	uint64_t fragments;   /* later fragments, not analysed */
	uint64_t bad_options; /* malformed MPTCP options */
	bool truncated;	      /* a trace ended in the middle of a record */
	nstime_t first, last;
	int time_digits;		/* 6 or 9 */
	uint64_t connections, accepted; /* all; by the server */
	uint64_t flows, mptcp_subflows, orphan_subflows, mptcp_refused, plain;
	uint64_t orphan_options[2][OPTION_COUNTS];
};

#endif
