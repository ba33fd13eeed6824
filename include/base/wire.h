/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What stands in TCP headers: flags, and MPTCP options in host order. The
 * vocabulary of the wire, as words.h has that of users: decoding fills options
 * in, tracking understands them, and reports carry them for whoever shows
 * packets.
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include "base/endpoint.h"

#include <stdbool.h>
#include <stdint.h>

/* Boxes write NOPs over an option, to keep the length of the header. No stack
 * pads with so many: MP_CAPABLE, the shortest option there is to remove, has
 * 4 octets, padding 3 at most. */
#define NOPS_REMOVED 4

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
};

/* RFC 8684 section 3, option subtypes (RFC 6824 has 0 to 7). */
enum mptcp_subtype {
	MPTCP_CAPABLE = 0,
	MPTCP_JOIN = 1,
	MPTCP_DSS = 2,
	MPTCP_ADD_ADDR = 3,
	MPTCP_REMOVE_ADDR = 4,
	MPTCP_PRIO = 5,
	MPTCP_FAIL = 6,
	MPTCP_FASTCLOSE = 7,
	MPTCP_TCPRST = 8,
};

/* DSS flags, RFC 8684 section 3.3. */
enum dss_flag {
	DSS_ACK = 0x01,	 /* A: DATA_ACK present */
	DSS_ACK8 = 0x02, /* a: of 8 octets */
	DSS_MAP = 0x04,	 /* M: mapping present */
	DSS_DSN8 = 0x08, /* m: DSN of 8 octets */
	DSS_FIN = 0x10,	 /* F: DATA_FIN */
};

/* MP_CAPABLE flags, RFC 8684 section 3.1. */
enum capable_flag {
	CAPABLE_CHECKSUM = 0x80,   /* A */
	CAPABLE_EXTENSION = 0x40,  /* B, must be 0 */
	CAPABLE_NO_ID0 = 0x20,	   /* C: no join to the initial address */
	CAPABLE_HMAC = 0x01,	   /* H: SHA-1 in v0, SHA-256 in v1 */
	CAPABLE_ALGORITHMS = 0x1f, /* mask: D to H */
};

struct mptcp_option {
	uint8_t subtype; /* enum mptcp_subtype */
	uint8_t length;	 /* of the option, 3 to 40 */
	union {
		struct {
			uint8_t version;	       /* as written, 0 to 15 */
			uint8_t flags;		       /* enum capable_flag */
			uint8_t keys;		       /* 0, 1 or 2 */
			bool has_length, has_checksum; /* v1 with data */
			uint16_t data_length, checksum;
			uint64_t key[2]; /* sender's, then receiver's */
		} capable;
		struct {
			/* Which of these are there follows from the SYN and
			 * ACK flags, which decoding has checked the length
			 * against: SYN token, nonce; SYN/ACK hmac (8), nonce;
			 * ACK hmac (20). */
			bool backup;
			uint8_t id;
			uint32_t token, nonce;
			uint8_t hmac[20];
		} join;
		struct {
			uint8_t flags; /* enum dss_flag; ACK8, DSN8 only with
					* ACK and MAP, FIN as written */
			bool has_checksum;
			uint16_t length; /* 0: infinite mapping */
			uint16_t checksum;
			uint32_t ssn; /* relative to the subflow's ISN */
			uint64_t ack; /* the low half only without ACK8 */
			uint64_t dsn; /* the low half only without DSN8 */
		} dss;
		struct {
			bool echo;     /* v1 */
			bool v0;       /* the form of RFC 6824 */
			bool has_hmac; /* v1, not in an echo */
			uint8_t id;
			uint16_t port; /* 0: none */
			struct address address;
			uint8_t hmac[8];
		} add_addr;
		struct {
			uint8_t n;
			uint8_t ids[37];
		} remove_addr;
		struct {
			bool backup, has_id; /* has_id: only in v0 */
			uint8_t id;
		} prio;
		struct {
			uint64_t dsn;
		} fail;
		struct {
			uint64_t key; /* the receiver's */
		} fastclose;
		struct {
			uint8_t flags; /* U V W T */
			uint8_t reason;
		} tcprst;
	} u;
};

#endif
