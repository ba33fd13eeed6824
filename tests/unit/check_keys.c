/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tokens, IDSNs and HMACs of real handshakes of version 0 and version 1.
 */
#include "track/keys.h"

#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const struct key {
	int version;
	uint64_t key;
	uint32_t token;
	uint64_t idsn;
} keys[] = {
    {0, 0xca2f07947b1bfd2b, 0x87f53114, 0x528b5d084e92c2fc},
    {0, 0xa78213619e4beafc, 0x2ff5f1f0, 0x488c0d28e589f0d3},
    {0, 0x1513f7895ef77b72, 0xb3db4d6a, 0x167effb14829b7b1},
    {0, 0x920bcfdc155c41e2, 0x9288c15d, 0xe156d03f8e8b8201},
    {1, 0xda4219d8e3b206f2, 0x9396943a, 0xe0a939b79bc5743f},
    {1, 0x62e8398a754a51a6, 0xda471e9a, 0x2f2731a558761421},
    {1, 0xe3ab5c9c33968744, 0xab06b3ef, 0x5ca9d4931f042782},
    {1, 0xcbf8fee4c9af08e7, 0x002a382f, 0x065c67674699f32f},
    {1, 0x4d61b4dd409fdd73, 0x6f7710de, 0xe376d6c3ed990f92},
    {1, 0xf0c25331a8f8bc1a, 0xabea6e5a, 0xf8555ea11f28b65d},
};

/* "client" opened the subflow. */
static const struct join {
	int version;
	uint64_t client_key, server_key;
	uint32_t client_nonce, server_nonce;
	const char *synack, *ack;
} joins[] = {
    {0, 0xca2f07947b1bfd2b, 0xa78213619e4beafc, 0x96a3c294, 0x0f0cc049,
     "84037deda67a454c", "66e36626703eacb8f72ec5be13f8c4ef4f6d4dd8"},
    {0, 0x1513f7895ef77b72, 0x920bcfdc155c41e2, 0xf92d8c0e, 0xf5253cac,
     "417589edf93f0708", "0629675a26a0c7720717ce580f1c270cc9e33a32"},
    {1, 0xda4219d8e3b206f2, 0x62e8398a754a51a6, 0x8804a482, 0x0bdf231c,
     "21f888c479f69063", "f38b860940854f579308a5d2d5f07d4e4a6c1e3a"},
    {1, 0xe3ab5c9c33968744, 0xcbf8fee4c9af08e7, 0x2f976cc2, 0xdcc6fcdc,
     "78a7800e32bb77d9", "469620e024843ff94d83cc1eff7b38162a822882"},
    {1, 0x4d61b4dd409fdd73, 0xf0c25331a8f8bc1a, 0x50fcc750, 0xcf0d5b56,
     "f1410542f2b28273", "fddba21173c1e18d2f26564e5095af76d978e946"},
};

static const struct announcement {
	uint64_t own_key, peer_key;
	uint8_t id, family;
	const char *address;
	uint16_t port;
	const char *hmac;
} announcements[] = {
    {0x62e8398a754a51a6, 0xda4219d8e3b206f2, 1, 4, "10.0.2.1", 0,
     "5c72bb17ac6df330"},
    {0xcbf8fee4c9af08e7, 0xe3ab5c9c33968744, 2, 4, "10.0.3.1", 10101,
     "45146c9208bfc023"},
    {0xcbf8fee4c9af08e7, 0xe3ab5c9c33968744, 1, 4, "10.0.2.1", 10100,
     "bb66b966295ebc12"},
    {0xf0c25331a8f8bc1a, 0x4d61b4dd409fdd73, 1, 6, "dead:beef:2::1", 0,
     "addd2fcf8f051000"},
    {0xf0c25331a8f8bc1a, 0x4d61b4dd409fdd73, 2, 6, "dead:beef:3::1", 0,
     "d4a17517dbe73616"},
};

static const char *hex(const uint8_t *bytes, int size)
{
	static char text[64];

	text[0] = '\0';
	for (int i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
}

START_TEST(tokens_and_idsns)
{
	const struct key *key = &keys[_i];
	uint32_t token;
	uint64_t idsn;

	key_hash(key->version, key->key, &token, &idsn);
	ck_assert_uint_eq(token, key->token);
	ck_assert_uint_eq(idsn, key->idsn);
}
END_TEST

START_TEST(join_hmacs)
{
	const struct join *join = &joins[_i];
	uint8_t hmac[JOIN_HMAC_ACK + 1];

	memset(hmac, 0xee, sizeof(hmac));
	join_hmac(join->version, join->server_key, join->client_key,
		  join->server_nonce, join->client_nonce, hmac,
		  JOIN_HMAC_SYNACK);
	ck_assert_str_eq(hex(hmac, JOIN_HMAC_SYNACK), join->synack);
	ck_assert_uint_eq(hmac[JOIN_HMAC_SYNACK], 0xee);
	join_hmac(join->version, join->client_key, join->server_key,
		  join->client_nonce, join->server_nonce, hmac, JOIN_HMAC_ACK);
	ck_assert_str_eq(hex(hmac, JOIN_HMAC_ACK), join->ack);
	ck_assert_uint_eq(hmac[JOIN_HMAC_ACK], 0xee);
}
END_TEST

START_TEST(add_addr_hmacs)
{
	const struct announcement *a = &announcements[_i];
	struct address address = {.family = a->family};
	uint8_t hmac[ADD_ADDR_HMAC];

	inet_pton(a->family == 6 ? AF_INET6 : AF_INET, a->address,
		  address.bytes);
	add_addr_hmac(a->own_key, a->peer_key, a->id, &address, a->port, hmac);
	ck_assert_str_eq(hex(hmac, ADD_ADDR_HMAC), a->hmac);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

Suite *unit_suite(void)
{
	Suite *suite = suite_create("keys");
	TCase *tcase = tcase_create("keys");

	tcase_add_loop_test(tcase, tokens_and_idsns, 0, COUNT(keys));
	tcase_add_loop_test(tcase, join_hmacs, 0, COUNT(joins));
	tcase_add_loop_test(tcase, add_addr_hmacs, 0, COUNT(announcements));
	suite_add_tcase(suite, tcase);
	return suite;
}
