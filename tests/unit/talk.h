/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A language to test the tracker in: segments go in as lines of text, events
 * come out as lines of text. Each test starts with a fresh tracker, and knows
 * what one side would know of a connection: keys, ISNs, nonces.
 *
 * Segments: PATH SIDE WORD...      ("0 c 0+100 map:0:0:100 ack:0")
 *   PATH   0 to 9, a TCP 4-tuple; SIDE   c or s, who sends it
 *   S SA F FA R RA A ...   flags; A if there are none
 *   AT+SIZE      payload, AT counted from the first byte after the SYN
 *   at:N tcpack:N wnd:N    sequence number and acknowledgement, counted so,
 *                without payload; the window
 *   +N -N        N ms later than the one before (else 1 ms)
 *   cut:N        only N octets of the payload were captured
 *   short        the option list was not all captured
 *   nops:N       N NOPs in a row stand among the options
 *   sacks:N      N SACK blocks do, of nothing
 *   never        nobody knows when it was
 *   capable      MP_CAPABLE in the form that the flags ask for; capable:LEN
 *                with data; vN another version; flags:HEX its flags
 *   join         MP_JOIN, likewise; join! with the wrong HMAC or token;
 *                backup, id:N in it
 *   map:D:S:LEN  DSS, from data offset D and subflow offset S on, LEN octets
 *                of payload; map4: the same with a 4-octet DSN
 *   fin          ... that ends with DATA_FIN; fin:D DATA_FIN alone; fin4:D
 *   inf:D:S      an infinite mapping
 *   sum sum!     ... with its checksum, with a wrong one
 *   ack:D ack4:D DATA_ACK of 8 octets, of 4
 *   add:ID:ADDR[:PORT] add!:... echo:...   ADD_ADDR; wrong HMAC; echo
 *   remove:ID[:ID]  prio:0 prio:1 prio:1:ID  fail:D  close close!  tcprst:N
 * Data offsets count from the first data byte of a side (IDSN + 1).
 *
 * Events, of connection 0 without the "[0] ":
 *   open  named ID  subflow ID from SIDE
 *   data c0 0-100 new           client's data 0 to 100 on subflow 0; new,
 *        new ahead, late, again, reinjected; the last two followed by the
 *        first carrier, how many frames ago, and perhaps "acked"
 *   tcp c0 ...                  the same of its TCP bytes (with talk_hear_tcp)
 *   unmapped c0 0-100  acked c 100 [rtt MS]  tcpacked c0 100 [rtt MS]
 *   address SIDE add|echo|remove ID ADDRESS PORT VERDICT
 *   priority c0 0|1  fail c0 D  checksum c0 0-100  conflict c0 0-100
 *   hmac c1 VERDICT  fallback SIDE REASON  fastclose SIDE VERDICT
 *   data-fin c D  end ID STATE  close STATE (or orphan)
 * and "-2 " before that where it is about the frame two before the last.
 */
#ifndef TESTS_UNIT_TALK_H
#define TESTS_UNIT_TALK_H

#include "track/tracker.h"

#include "unit.h"

#define TALK_PATHS  10
#define TALK_PAIRS  3
#define TALK_FRAMES 4096

/* The two ends of a connection. */
struct talk_pair {
	int version;
	uint64_t key[2], idsn[2];
	uint32_t token[2];
};

/* A TCP 4-tuple. */
struct talk_path {
	int pair;
	enum side from; /* who sent its SYN */
	struct endpoint end[2];
	uint32_t isn[2], nonce[2];
	uint32_t sent[2]; /* offset after the last byte, or FIN, sent */
};

extern struct talk {
	struct tracker *tracker;
	struct talk_pair pair[TALK_PAIRS];
	struct talk_path path[TALK_PATHS];
	bool hear_tcp; /* by talk_hear_tcp */
	/* Also gets each segment, before the tracker and after it; or NULL. */
	void (*on_segment)(const struct segment *segment, bool after);
	nstime_t now;
	uint64_t frame;
	nstime_t times[TALK_FRAMES]; /* of each frame */
} talk;

/* A tracker test case: fresh tracker before each test, freed after it. */
TCase *talk_case(const char *name);

/* Replaces the tracker by one with this time-out and keep. */
void talk_options(nstime_t timeout, uint32_t sent_ranges);

/* Replaces the tracker by one that tells of TCP bytes, too. */
void talk_hear_tcp(void);

/* ... by one with this limit and time-out. */
void talk_limit(enum tracker_limit limit, size_t most, nstime_t timeout);

/* Replaces the tracker by one whose events, all of them, go elsewhere. */
void talk_to(event_fn *sink, void *arg);

/* Other keys for a pair of ends. */
void talk_keys(int pair, int version, uint64_t client, uint64_t server);

/* The n-th connection opened, not closed yet. */
const struct conn *talk_conn(int n);

/* Are the subflows of the open ones counted right? Asked for each segment. */
void talk_count(void);

/* Segments, then what was heard since the last time; lists of lines. */
void talk_lines(const char *const *lines);
void heard_lines(const char *const *lines, const char *file, int line);
#define TALK(...) talk_lines((const char *const[]){__VA_ARGS__, NULL})
#define HEARD(...)                                                             \
	heard_lines((const char *const[]){__VA_ARGS__, NULL}, __FILE__,        \
		    __LINE__)
#define HEARD_NOTHING                                                          \
	heard_lines((const char *const[]){NULL}, __FILE__, __LINE__)

/* Forgets what was heard so far. */
void talk_forget(void);

/* The complete handshake of the initial subflow on path 0, version 1 with the
 * server's keys confirmed by the first DATA_ACK each way; then forgets it. */
void talk_established(void);
/* Joins `path` to the connection, from the client; then forgets it. */
void talk_joined(int path);

/* Ends the trace; flows by kind as "FLOWS MPTCP ORPHANS REFUSED PLAIN". */
void talk_finish(const char *counts);

#endif
