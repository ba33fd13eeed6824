/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The vocabulary that floors share and users read: sides, states, reasons,
 * verdicts, and the MPTCP options that are counted. The texts are promises to
 * scripts; they stand once, in words.c.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

/* A side of an MPTCP connection, whoever opened a subflow of it. */
enum side { CLIENT, SERVER };

static inline enum side other_side(enum side side)
{
	return (enum side)(side ^ 1);
}
const char *side_word(enum side side);	    /* client, server */
const char *direction_word(enum side side); /* c2s, s2c: what it sends */

/* Segments that carry each option (REMOVE_ADDR also its ids). */
enum option_count {
	COUNT_CAPABLE_SYN,
	COUNT_CAPABLE_SYNACK,
	COUNT_CAPABLE_ACK,
	COUNT_JOIN_SYN,
	COUNT_JOIN_SYNACK,
	COUNT_JOIN_ACK,
	COUNT_DSS,
	COUNT_DSS_MAP,
	COUNT_DSS_INFINITE,
	COUNT_DATA_FIN,
	COUNT_ADD_ADDR,
	COUNT_ADD_ADDR_ECHO,
	COUNT_REMOVE_ADDR,
	COUNT_REMOVE_ADDR_IDS,
	COUNT_PRIO,
	COUNT_FAIL,
	COUNT_FASTCLOSE,
	COUNT_TCPRST,
	OPTION_COUNTS
};
const char *option_count_word(enum option_count which);

enum conn_state {
	CONN_HANDSHAKE, /* MP_CAPABLE offered, the handshake not completed */
	CONN_ESTABLISHED,
	CONN_CLOSED, /* DATA_FIN both ways, or every subflow closed by FIN */
	CONN_FASTCLOSED,
	CONN_RESET,
	CONN_FALLBACK, /* it is, or was to its end, plain TCP */
};
const char *conn_state_word(enum conn_state state);

enum subflow_state {
	SUBFLOW_HANDSHAKE, /* SYN, perhaps SYN/ACK seen */
	SUBFLOW_ESTABLISHED,
	SUBFLOW_HALF_CLOSED, /* FIN one way */
	SUBFLOW_CLOSED,	     /* FIN both ways */
	SUBFLOW_RESET,
	SUBFLOW_REFUSED,    /* the SYN was answered by a reset */
	SUBFLOW_UNANSWERED, /* the SYN was not answered at all */
	SUBFLOW_PLAIN,	    /* answered without the MPTCP option */
};
const char *subflow_state_word(enum subflow_state state);

enum fallback_reason {
	FALLBACK_NONE,
	FALLBACK_SYNACK,
	FALLBACK_SYN_RETRIED,
	FALLBACK_THIRD_ACK,
	FALLBACK_DATA,
	FALLBACK_FAIL,
	FALLBACK_INFINITE,
};
const char *fallback_word(enum fallback_reason reason);

enum verdict { UNCHECKED, GOOD, BAD };
const char *verdict_word(enum verdict verdict); /* unchecked, ok, bad */

enum address_signal { ADDRESS_ADD, ADDRESS_ECHO, ADDRESS_REMOVE };
const char *address_signal_word(enum address_signal signal);

/* MP_TCPRST reason codes, RFC 8684 section 3.6; NULL for an unknown one. */
const char *reset_reason_word(int reason);

/* What --events lists: first what packets carry, each time that they do, then
 * what becomes of it. */
enum signal_kind {
	SIGNAL_CAPABLE,
	SIGNAL_JOIN,
	SIGNAL_DATA_FIN,
	SIGNAL_INFINITE, /* an infinite mapping */
	SIGNAL_ADD_ADDR,
	SIGNAL_ADD_ADDR_ECHO,
	SIGNAL_REMOVE_ADDR,
	SIGNAL_PRIO,
	SIGNAL_FAIL,
	SIGNAL_FASTCLOSE,
	SIGNAL_TCPRST, /* a reset with MP_TCPRST */
	SIGNAL_RST,    /* one without */
	SIGNAL_FIN,

	SIGNAL_OPENED,
	SIGNAL_ESTABLISHED,
	SIGNAL_HANDSHAKE_FAILED,
	SIGNAL_JOINED,
	SIGNAL_JOIN_FAILED,
	SIGNAL_HMAC_CHECKED, /* later than it came */
	SIGNAL_ADDRESS_USED,
	SIGNAL_ADDRESS_UNUSED,
	SIGNAL_FIRST_DATA,
	SIGNAL_LAST_DATA,
	SIGNAL_IDLE,
	SIGNAL_STALLED,
	SIGNAL_DATA_FIN_ACKED,
	SIGNAL_CHECKSUM_BAD,
	SIGNAL_MAPPING_CONFLICT,
	SIGNAL_FALLBACK,
	SIGNAL_CLOSED,
	SIGNAL_TIMED_OUT,
	SIGNAL_STILL_OPEN,
	SIGNAL_LEFT_OUT, /* there were too many */
	SIGNAL_KINDS
};
const char *signal_word(enum signal_kind kind);

/* The i-th of all codes that a finding can have, or NULL; doc/findings.md has a
 * section on each. */
const char *finding_code(size_t i);

enum severity { NOTE, WARNING, ERROR };
const char *severity_word(enum severity severity);

#endif
