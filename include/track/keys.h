/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What follows from the keys of an MPTCP connection: tokens, initial data
 * sequence numbers and HMACs, of both versions. Keys and nonces are in host
 * order. RFC 6824 (version 0) uses SHA-1, RFC 8684 (version 1) SHA-256.
 */
#ifndef TRACK_KEYS_H
#define TRACK_KEYS_H

#include "base/endpoint.h"

#include <stdint.h>

#define JOIN_HMAC_SYNACK 8 /* octets of it in the option */
#define JOIN_HMAC_ACK	 20
#define ADD_ADDR_HMAC	 8

/* Token and IDSN of the side with this key; RFC 8684 section 3.1: the first
 * 32 and the last 64 bits of its hash. */
void key_hash(int version, uint64_t key, uint32_t *token, uint64_t *idsn);

/* RFC 8684 section 3.2: the first `size` octets (at most 20) of HMAC(key =
 * own key || peer's key, message = own nonce || peer's nonce), "own" being
 * the sender's of the HMAC. */
void join_hmac(int version, uint64_t own_key, uint64_t peer_key,
	       uint32_t own_nonce, uint32_t peer_nonce, uint8_t *hmac,
	       int size);

/* RFC 8684 section 3.4.1: the last 64 bits of HMAC-SHA256(key = own key ||
 * peer's key, message = id || address || port). Version 1 only. */
void add_addr_hmac(uint64_t own_key, uint64_t peer_key, uint8_t id,
		   const struct address *address, uint16_t port,
		   uint8_t hmac[ADD_ADDR_HMAC]);

#endif
