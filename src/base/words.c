/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/words.h"

#include <stddef.h>

const char *side_word(enum side side)
{
	return side == CLIENT ? "client" : "server";
}

const char *direction_word(enum side side)
{
	return side == CLIENT ? "c2s" : "s2c";
}

const char *option_count_word(enum option_count which)
{
	static const char *const words[OPTION_COUNTS] = {
	    [COUNT_CAPABLE_SYN] = "mp_capable_syn",
	    [COUNT_CAPABLE_SYNACK] = "mp_capable_synack",
	    [COUNT_CAPABLE_ACK] = "mp_capable_ack",
	    [COUNT_JOIN_SYN] = "mp_join_syn",
	    [COUNT_JOIN_SYNACK] = "mp_join_synack",
	    [COUNT_JOIN_ACK] = "mp_join_ack",
	    [COUNT_DSS] = "dss",
	    [COUNT_DSS_MAP] = "dss_map",
	    [COUNT_DSS_INFINITE] = "dss_infinite",
	    [COUNT_DATA_FIN] = "data_fin",
	    [COUNT_ADD_ADDR] = "add_addr",
	    [COUNT_ADD_ADDR_ECHO] = "add_addr_echo",
	    [COUNT_REMOVE_ADDR] = "remove_addr",
	    [COUNT_REMOVE_ADDR_IDS] = "remove_addr_ids",
	    [COUNT_PRIO] = "mp_prio",
	    [COUNT_FAIL] = "mp_fail",
	    [COUNT_FASTCLOSE] = "mp_fastclose",
	    [COUNT_TCPRST] = "mp_tcprst",
	};

	return words[which];
}

const char *conn_state_word(enum conn_state state)
{
	static const char *const words[] = {
	    [CONN_HANDSHAKE] = "handshake", [CONN_ESTABLISHED] = "established",
	    [CONN_CLOSED] = "closed",	    [CONN_FASTCLOSED] = "fastclosed",
	    [CONN_RESET] = "reset",	    [CONN_FALLBACK] = "fallback",
	};

	return words[state];
}

const char *subflow_state_word(enum subflow_state state)
{
	static const char *const words[] = {
	    [SUBFLOW_HANDSHAKE] = "handshake",
	    [SUBFLOW_ESTABLISHED] = "established",
	    [SUBFLOW_HALF_CLOSED] = "half-closed",
	    [SUBFLOW_CLOSED] = "closed",
	    [SUBFLOW_RESET] = "reset",
	    [SUBFLOW_REFUSED] = "refused",
	    [SUBFLOW_UNANSWERED] = "unanswered",
	    [SUBFLOW_PLAIN] = "plain",
	};

	return words[state];
}

const char *fallback_word(enum fallback_reason reason)
{
	static const char *const words[] = {
	    [FALLBACK_NONE] = "none",
	    [FALLBACK_SYNACK] = "no-option-in-synack",
	    [FALLBACK_SYN_RETRIED] = "syn-retried-without-option",
	    [FALLBACK_THIRD_ACK] = "no-option-in-third-ack",
	    [FALLBACK_DATA] = "no-option-in-data",
	    [FALLBACK_FAIL] = "mp-fail",
	    [FALLBACK_INFINITE] = "infinite-mapping",
	};

	return words[reason];
}

const char *verdict_word(enum verdict verdict)
{
	static const char *const words[] = {
	    [UNCHECKED] = "unchecked",
	    [GOOD] = "ok",
	    [BAD] = "bad",
	};

	return words[verdict];
}

const char *address_signal_word(enum address_signal signal)
{
	static const char *const words[] = {
	    [ADDRESS_ADD] = "add",
	    [ADDRESS_ECHO] = "echo",
	    [ADDRESS_REMOVE] = "remove",
	};

	return words[signal];
}

const char *reset_reason_word(int reason)
{
	static const char *const words[] = {
	    "unspecified",
	    "mptcp-specific",
	    "lack-of-resources",
	    "administratively-prohibited",
	    "too-much-outstanding-data",
	    "unacceptable-performance",
	    "middlebox-interference",
	};
	const int n = sizeof(words) / sizeof(*words);

	return reason >= 0 && reason < n ? words[reason] : NULL;
}

const char *signal_word(enum signal_kind kind)
{
	static const char *const words[SIGNAL_KINDS] = {
	    [SIGNAL_CAPABLE] = "MP_CAPABLE",
	    [SIGNAL_JOIN] = "MP_JOIN",
	    [SIGNAL_DATA_FIN] = "DATA_FIN",
	    [SIGNAL_INFINITE] = "infinite-mapping",
	    [SIGNAL_ADD_ADDR] = "ADD_ADDR",
	    [SIGNAL_ADD_ADDR_ECHO] = "ADD_ADDR-echo",
	    [SIGNAL_REMOVE_ADDR] = "REMOVE_ADDR",
	    [SIGNAL_PRIO] = "MP_PRIO",
	    [SIGNAL_FAIL] = "MP_FAIL",
	    [SIGNAL_FASTCLOSE] = "MP_FASTCLOSE",
	    [SIGNAL_TCPRST] = "MP_TCPRST",
	    [SIGNAL_RST] = "RST",
	    [SIGNAL_FIN] = "FIN",
	    [SIGNAL_OPENED] = "opened",
	    [SIGNAL_ESTABLISHED] = "established",
	    [SIGNAL_HANDSHAKE_FAILED] = "handshake-failed",
	    [SIGNAL_JOINED] = "joined",
	    [SIGNAL_JOIN_FAILED] = "join-failed",
	    [SIGNAL_HMAC_CHECKED] = "hmac-checked",
	    [SIGNAL_ADDRESS_USED] = "address-used",
	    [SIGNAL_ADDRESS_UNUSED] = "address-unused",
	    [SIGNAL_FIRST_DATA] = "first-data",
	    [SIGNAL_LAST_DATA] = "last-data",
	    [SIGNAL_IDLE] = "idle",
	    [SIGNAL_STALLED] = "stalled",
	    [SIGNAL_DATA_FIN_ACKED] = "data-fin-acked",
	    [SIGNAL_CHECKSUM_BAD] = "checksum-bad",
	    [SIGNAL_MAPPING_CONFLICT] = "mapping-conflict",
	    [SIGNAL_FALLBACK] = "fallback",
	    [SIGNAL_CLOSED] = "closed",
	    [SIGNAL_TIMED_OUT] = "timed-out",
	    [SIGNAL_STILL_OPEN] = "still-open",
	    [SIGNAL_LEFT_OUT] = "left-out",
	};

	return words[kind];
}

const char *severity_word(enum severity severity)
{
	static const char *const words[] = {
	    [NOTE] = "note",
	    [WARNING] = "warning",
	    [ERROR] = "error",
	};

	return words[severity];
}

const char *finding_code(size_t i)
{
	static const char *const codes[] = {
	    "capable-unanswered",  "capable-reset",
	    "no-option-in-synack", "syn-retried-without-option",
	    "version-downgrade",   "no-option-in-third-ack",
	    "no-option-in-data",   "mp-fail",
	    "infinite-mapping",	   "option-removed-on-path",
	    "sequence-rewritten",  "checksum-bad",
	    "mapping-conflict",	   "data-unmapped",
	    "join-unanswered",	   "join-reset",
	    "join-no-option",	   "join-bad-hmac",
	    "join-unknown-token",  "address-unused",
	    "address-join-failed", "address-no-echo",
	    "address-bad-hmac",	   "backup-used",
	    "subflow-stalled",	   "handover-gap",
	    "zero-window",	   "subflow-reset",
	    "no-data-fin",	   "fastclose",
	    "key-reused",	   "handshake-missing",
	    "limit-reached",
	};

	return i < sizeof(codes) / sizeof(*codes) ? codes[i] : NULL;
}
