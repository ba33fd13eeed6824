/* SPDX-License-Identifier: BSD-3-Clause */
#include "track/keys.h"

#include <string.h>

#include <nettle/hmac.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

static void put_u64(uint8_t *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[i] = (uint8_t)(value >> (56 - 8 * i));
}

static void put_u32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint64_t get_big(const uint8_t *from, int size)
{
	uint64_t value = 0;

	for (int i = 0; i < size; i++)
		value = value << 8 | from[i];
	return value;
}

void key_hash(int version, uint64_t key, uint32_t *token, uint64_t *idsn)
{
	uint8_t bytes[8], digest[SHA256_DIGEST_SIZE];
	int size;

	put_u64(bytes, key);
	if (version == 0) {
		struct sha1_ctx sha1;

		sha1_init(&sha1);
		sha1_update(&sha1, sizeof(bytes), bytes);
		sha1_digest(&sha1, size = SHA1_DIGEST_SIZE, digest);
	} else {
		struct sha256_ctx sha256;

		sha256_init(&sha256);
		sha256_update(&sha256, sizeof(bytes), bytes);
		sha256_digest(&sha256, size = SHA256_DIGEST_SIZE, digest);
	}
	*token = (uint32_t)get_big(digest, 4);
	*idsn = get_big(digest + size - 8, 8);
}

static void put_keys(uint8_t keys[16], uint64_t own, uint64_t peer)
{
	put_u64(keys, own);
	put_u64(keys + 8, peer);
}

void join_hmac(int version, uint64_t own_key, uint64_t peer_key,
	       uint32_t own_nonce, uint32_t peer_nonce, uint8_t *hmac, int size)
{
	uint8_t keys[16], nonces[8];

	put_keys(keys, own_key, peer_key);
	put_u32(nonces, own_nonce);
	put_u32(nonces + 4, peer_nonce);
	if (version == 0) {
		struct hmac_sha1_ctx sha1;

		hmac_sha1_set_key(&sha1, sizeof(keys), keys);
		hmac_sha1_update(&sha1, sizeof(nonces), nonces);
		hmac_sha1_digest(&sha1, (size_t)size, hmac);
	} else {
		struct hmac_sha256_ctx sha256;

		hmac_sha256_set_key(&sha256, sizeof(keys), keys);
		hmac_sha256_update(&sha256, sizeof(nonces), nonces);
		hmac_sha256_digest(&sha256, (size_t)size, hmac);
	}
}

void add_addr_hmac(uint64_t own_key, uint64_t peer_key, uint8_t id,
		   const struct address *address, uint16_t port,
		   uint8_t hmac[ADD_ADDR_HMAC])
{
	struct hmac_sha256_ctx sha256;
	uint8_t keys[16], digest[SHA256_DIGEST_SIZE];
	uint8_t ports[2] = {(uint8_t)(port >> 8), (uint8_t)port};

	put_keys(keys, own_key, peer_key);
	hmac_sha256_set_key(&sha256, sizeof(keys), keys);
	hmac_sha256_update(&sha256, 1, &id);
	hmac_sha256_update(&sha256, address->family == 6 ? 16 : 4,
			   address->bytes);
	hmac_sha256_update(&sha256, sizeof(ports), ports);
	hmac_sha256_digest(&sha256, sizeof(digest), digest);
	memcpy(hmac, digest + sizeof(digest) - ADD_ADDR_HMAC, ADD_ADDR_HMAC);
}
