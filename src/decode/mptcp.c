/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The MPTCP options of RFC 8684 (version 1) and RFC 6824 (version 0) but for
 * the one that nearly every segment has, DSS, which is in dss.h. Parsers
 * read what the form has and check no length: an option that is shorter than
 * its form leaves a bad cursor, one that is longer leaves something to read,
 * and mptcp_other() takes neither.
 */
#include "decode/layers.h"

#include <string.h>

/* The option after its first octet, whose low half is `nibble`. */
struct input {
	struct cursor c;
	uint8_t nibble, tcp_flags;
};

/* False if there is no such form. */
typedef bool parse_fn(struct input *in, struct mptcp_option *option);

/*
 * RFC 8684 section 3.1, version 1: no key in the SYN; the ACK that carries
 * data says how much, as a mapping would. RFC 6824 section 3.1, version 0: the
 * key in the SYN too. Of other versions we know no form, but a SYN's is taken
 * as either, for the version that it asks for.
 */
static bool capable_parse(struct input *in, struct mptcp_option *option)
{
	uint8_t form = in->tcp_flags & (TCP_SYN | TCP_ACK);
	uint8_t version = in->nibble, keys;

	option->u.capable.version = version;
	option->u.capable.flags = cursor_u8(&in->c);
	if (form == TCP_SYN)
		keys = version == 0 || (version > 1 && cursor_left(&in->c));
	else if (form == (TCP_SYN | TCP_ACK))
		keys = 1;
	else if (form == TCP_ACK && version <= 1)
		keys = 2;
	else
		return false;
	option->u.capable.keys = keys;
	for (int i = 0; i < keys; i++)
		option->u.capable.key[i] = cursor_u64(&in->c);
	option->u.capable.has_length = false;
	option->u.capable.has_checksum = false;
	if (version == 1 && form == TCP_ACK && cursor_left(&in->c)) {
		option->u.capable.has_length = true;
		option->u.capable.data_length = cursor_u16(&in->c);
		if (cursor_left(&in->c)) {
			option->u.capable.has_checksum = true;
			option->u.capable.checksum = cursor_u16(&in->c);
		}
	}
	return true;
}

/* RFC 8684 section 3.2, RFC 6824 section 3.2: three forms for the three steps
 * of the handshake. */
static bool join_parse(struct input *in, struct mptcp_option *option)
{
	option->u.join.backup = in->nibble & 1;
	option->u.join.id = cursor_u8(&in->c);
	switch (in->tcp_flags & (TCP_SYN | TCP_ACK)) {
	case TCP_SYN:
		option->u.join.token = cursor_u32(&in->c);
		option->u.join.nonce = cursor_u32(&in->c);
		return true;
	case TCP_SYN | TCP_ACK:
		memcpy(option->u.join.hmac, cursor_take(&in->c, 8), 8);
		option->u.join.nonce = cursor_u32(&in->c);
		return true;
	case TCP_ACK:
		memcpy(option->u.join.hmac, cursor_take(&in->c, 20), 20);
		return true;
	default:
		return false;
	}
}

/*
 * RFC 8684 section 3.4.1: the low bit of the nibble says echo, which has no
 * HMAC. RFC 6824 section 3.4.1: the nibble is the IP version, and there is no
 * HMAC at all. Whether there is a port, and in version 1 which family, shows
 * by the length.
 */
static bool add_addr_parse(struct input *in, struct mptcp_option *option)
{
	struct address *address = &option->u.add_addr.address;
	bool v0 = in->nibble == 4 || in->nibble == 6;
	bool echo = !v0 && (in->nibble & 1);
	size_t hmac = v0 || echo ? 0 : 8;

	option->u.add_addr.v0 = v0;
	option->u.add_addr.echo = echo;
	option->u.add_addr.has_hmac = hmac > 0;
	option->u.add_addr.id = cursor_u8(&in->c);
	memset(address, 0, sizeof(*address));
	address->family = cursor_left(&in->c) >= 16 ? 6 : 4;
	if (v0 && address->family != in->nibble)
		return false;
	if (address->family == 6)
		memcpy(address->bytes, cursor_take(&in->c, 16), 16);
	else
		memcpy(address->bytes, cursor_take(&in->c, 4), 4);
	option->u.add_addr.port = 0;
	if (cursor_left(&in->c) > hmac)
		option->u.add_addr.port = cursor_u16(&in->c);
	if (hmac)
		memcpy(option->u.add_addr.hmac, cursor_take(&in->c, 8), 8);
	return true;
}

/* RFC 8684 section 3.4.2, RFC 6824 section 3.4.2. */
static bool remove_addr_parse(struct input *in, struct mptcp_option *option)
{
	size_t n = cursor_left(&in->c);

	if (n == 0 || n > sizeof(option->u.remove_addr.ids))
		return false;
	option->u.remove_addr.n = (uint8_t)n;
	memcpy(option->u.remove_addr.ids, cursor_take(&in->c, n), n);
	return true;
}

/* RFC 8684 section 3.3.8; in RFC 6824 section 3.3.8 with an address id. */
static bool prio_parse(struct input *in, struct mptcp_option *option)
{
	option->u.prio.backup = in->nibble & 1;
	option->u.prio.has_id = cursor_left(&in->c) > 0;
	if (option->u.prio.has_id)
		option->u.prio.id = cursor_u8(&in->c);
	return true;
}

/* RFC 8684 section 3.7, RFC 6824 section 3.6. */
static bool fail_parse(struct input *in, struct mptcp_option *option)
{
	cursor_skip(&in->c, 1);
	option->u.fail.dsn = cursor_u64(&in->c);
	return true;
}

/* RFC 8684 section 3.5, RFC 6824 section 3.5. */
static bool fastclose_parse(struct input *in, struct mptcp_option *option)
{
	cursor_skip(&in->c, 1);
	option->u.fastclose.key = cursor_u64(&in->c);
	return true;
}

/* RFC 8684 section 3.6. */
static bool tcprst_parse(struct input *in, struct mptcp_option *option)
{
	option->u.tcprst.flags = in->nibble;
	option->u.tcprst.reason = cursor_u8(&in->c);
	return true;
}

static parse_fn *const parsers[] = {
    [MPTCP_CAPABLE] = capable_parse,
    [MPTCP_JOIN] = join_parse,
    [MPTCP_ADD_ADDR] = add_addr_parse,
    [MPTCP_REMOVE_ADDR] = remove_addr_parse,
    [MPTCP_PRIO] = prio_parse,
    [MPTCP_FAIL] = fail_parse,
    [MPTCP_FASTCLOSE] = fastclose_parse,
    [MPTCP_TCPRST] = tcprst_parse,
};

bool mptcp_other(const uint8_t *bytes, size_t size, uint8_t tcp_flags,
		 struct mptcp_option *option)
{
	struct input in = {.c = {.at = bytes, .end = bytes + size}};

	in.nibble = cursor_u8(&in.c) & 0x0f;
	in.tcp_flags = tcp_flags;
	if (option->subtype >= sizeof(parsers) / sizeof(*parsers) ||
	    !parsers[option->subtype])
		return false;
	return parsers[option->subtype](&in, option) && !in.c.bad &&
	       !cursor_left(&in.c);
}
