/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The MPTCP option that nearly every segment has, DSS, and the door to all
 * others. In a header because it is on the way of each packet.
 */
#ifndef DECODE_DSS_H
#define DECODE_DSS_H

#include "base/rare.h"
#include "decode/layers.h"

/* RFC 8684 section 3.3, by the four flags that say what there is: octets in
 * all without the checksum, after the kind and the length. */
static const uint8_t dss_sizes[16] = {
    [0] = 2,
    [DSS_ACK] = 6,
    [DSS_ACK | DSS_ACK8] = 10,
    [DSS_MAP] = 12,
    [DSS_MAP | DSS_DSN8] = 16,
    [DSS_MAP | DSS_ACK] = 16,
    [DSS_MAP | DSS_ACK | DSS_ACK8] = 20,
    [DSS_MAP | DSS_DSN8 | DSS_ACK] = 20,
    [DSS_MAP | DSS_DSN8 | DSS_ACK | DSS_ACK8] = 24,
};

/* The flags, of which those that say how long something is count only if it is
 * there. */
static uint8_t dss_flags(uint8_t flags)
{
	uint8_t present = flags & (DSS_ACK | DSS_MAP);

	return (uint8_t)(flags & (present | present << 1 | DSS_FIN));
}

/* RFC 8684 section 3.3, RFC 6824 section 3.3. No cursor: its length is looked
 * at once. */
OFTEN static bool dss_parse(const uint8_t *bytes, size_t size,
			    struct mptcp_option *option)
{
	const uint8_t *at = bytes + 2;
	uint8_t flags;
	size_t rest;

	if (size < 2)
		return false;
	flags = dss_flags(bytes[1]);
	rest =
	    size - dss_sizes[flags & 0x0f]; /* wraps if there is too little */
	if (rest && (rest != 2 || !(flags & DSS_MAP)))
		return false;
	option->u.dss.flags = flags;
	option->u.dss.has_checksum = rest;
	if (flags & DSS_ACK8) {
		option->u.dss.ack = be64(at);
		at += 8;
	} else if (flags & DSS_ACK) {
		option->u.dss.ack = be32(at);
		at += 4;
	}
	if (!(flags & DSS_MAP))
		return true;
	if (flags & DSS_DSN8) {
		option->u.dss.dsn = be64(at);
		at += 8;
	} else {
		option->u.dss.dsn = be32(at);
		at += 4;
	}
	option->u.dss.ssn = be32(at);
	option->u.dss.length = be16(at + 4);
	if (rest)
		option->u.dss.checksum = be16(at + 6);
	return true;
}

/* One MPTCP option: the `size` octets after its kind and length. False if it
 * has no form that we know on a segment with these flags. */
OFTEN static bool mptcp_decode(const uint8_t *bytes, size_t size,
			       uint8_t tcp_flags, struct mptcp_option *option)
{
	if (!size)
		return false;
	option->subtype = bytes[0] >> 4;
	option->length = (uint8_t)(size + 2);
	if (option->subtype == MPTCP_DSS)
		return dss_parse(bytes, size, option);
	return mptcp_other(bytes, size, tcp_flags, option);
}

#endif
