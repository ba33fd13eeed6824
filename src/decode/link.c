/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/layers.h"

/* IEEE 802 numbers. */
#define TYPE_IP4       0x0800
#define TYPE_IP6       0x86dd
#define TYPE_8021Q     0x8100
#define TYPE_8021AD    0x88a8
#define TYPE_QINQ      0x9100 /* older than 802.1ad, still about */
#define TYPE_PPPOE     0x8864 /* session stage */
#define LLC_LENGTH_MAX 1500   /* an 802.3 length, not a type */
#define LLC_SNAP       0xaaaa03
#define LLC_IP	       0x060603
#define SNAP_ETHERNET  0x000000
#define SNAP_BRIDGE    0x0000f8 /* 802.1H bridge tunnel */

/* PPP protocol numbers, RFC 1332 and RFC 5072. */
#define PPP_IP4 0x0021
#define PPP_IP6 0x0057

/* RFC 1042 and 802.1H: the type that an LLC header leads to, 0 if none. */
static uint16_t llc_type(struct cursor *in)
{
	const uint8_t *llc = cursor_take(in, 3), *snap;
	uint32_t oui, sap = (uint32_t)be16(llc) << 8 | llc[2];

	if (sap == LLC_IP)
		return TYPE_IP4;
	if (sap != LLC_SNAP)
		return 0;
	snap = cursor_take(in, 5);
	oui = (uint32_t)be16(snap) << 8 | snap[2];
	if (oui != SNAP_ETHERNET && oui != SNAP_BRIDGE)
		return 0;
	return be16(snap + 3);
}

/* IEEE 802.1Q section 9.6: any stack of tags; the type after the last. */
static uint16_t untag(uint16_t type, struct cursor *in)
{
	while (type == TYPE_8021Q || type == TYPE_8021AD || type == TYPE_QINQ)
		type = be16(cursor_take(in, 4) + 2);
	return type;
}

/* RFC 1661 section 2, and RFC 1662 section 3.1 whose address and control may
 * have been left out, as may the protocol's first octet (RFC 1661 section
 * 6.5): it is even, and the last one odd. */
static enum decode_status ppp_decode(struct cursor *in, struct segment *seg)
{
	uint16_t protocol = cursor_u16(in);

	if (protocol == 0xff03)
		protocol = cursor_u16(in);
	if (in->bad)
		return layer_bad(in);
	if (protocol & 0x0100) {
		protocol >>= 8;
		in->at--;
	}
	if (protocol == PPP_IP4)
		return layer_next(ip4_decode, in, seg);
	if (protocol == PPP_IP6)
		return layer_next(ip6_decode, in, seg);
	return DECODE_OTHER;
}

/* RFC 2516 section 4: version and type, code (0: session), session, length. */
static enum decode_status session_decode(struct cursor *in, struct segment *seg)
{
	const uint8_t *head = cursor_take(in, 6);

	if (in->bad)
		return layer_bad(in);
	if (head[1] != 0)
		return DECODE_OTHER;
	return ppp_decode(in, seg);
}

static enum decode_status pppoe_decode(const uint8_t *at, size_t left,
				       size_t wire, struct segment *seg)
{
	struct cursor in = layer_cursor(at, left, wire);

	return session_decode(&in, seg);
}

/* What an Ethernet type leads to; also one that is an 802.3 length, or the 4
 * by which Linux says LLC. */
static enum decode_status any_type_decode(struct cursor *in,
					  struct segment *seg, uint16_t type)
{
	type = untag(type, in);
	if (type <= LLC_LENGTH_MAX && !in->bad)
		type = untag(llc_type(in), in);
	if (in->bad)
		return layer_bad(in);
	switch (type) {
	case TYPE_IP4:
		return layer_next(ip4_decode, in, seg);
	case TYPE_IP6:
		return layer_next(ip6_decode, in, seg);
	case TYPE_PPPOE:
		return session_decode(in, seg);
	default:
		return DECODE_OTHER;
	}
}

__attribute__((noinline)) static enum decode_status
other_type_decode(const uint8_t *at, size_t left, size_t wire,
		  struct segment *seg, uint16_t type)
{
	struct cursor in = layer_cursor(at, left, wire);

	return any_type_decode(&in, seg, type);
}

/* What follows a header of `size` octets, by the type in it at `type_at`; the
 * usual ones straight away. */
static inline enum decode_status type_decode(const uint8_t *at, size_t left,
					     size_t wire, struct segment *seg,
					     size_t size, size_t type_at)
{
	uint16_t type;

	if (left < size)
		return layer_short(wire, size);
	type = be16(at + type_at);
	at += size;
	left -= size;
	wire -= size;
	if (type == TYPE_IP4)
		return ip4_decode(at, left, wire, seg);
	if (type == TYPE_IP6)
		return ip6_decode(at, left, wire, seg);
	return other_type_decode(at, left, wire, seg, type);
}

static enum decode_status ethernet_decode(const uint8_t *at, size_t left,
					  size_t wire, struct segment *seg)
{
	return type_decode(at, left, wire, seg, 14, 12);
}

/* The BSD loopback header is an address family: 2 everywhere for IPv4; for
 * IPv6 10 on Linux, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS. */
static enum decode_status family_decode(uint32_t family, const uint8_t *at,
					size_t left, size_t wire,
					struct segment *seg)
{
	switch (family) {
	case 2:
		return ip4_decode(at + 4, left - 4, wire - 4, seg);
	case 10:
	case 24:
	case 28:
	case 30:
		return ip6_decode(at + 4, left - 4, wire - 4, seg);
	default:
		return DECODE_OTHER;
	}
}

/* In the byte order of whoever captured: a family is small, so the other
 * order shows. */
static enum decode_status null_decode(const uint8_t *at, size_t left,
				      size_t wire, struct segment *seg)
{
	uint32_t family;

	if (left < 4)
		return layer_short(wire, 4);
	family = be32(at);
	if (family > 0xffff)
		family = le32(at);
	return family_decode(family, at, left, wire, seg);
}

static enum decode_status loop_decode(const uint8_t *at, size_t left,
				      size_t wire, struct segment *seg)
{
	if (left < 4)
		return layer_short(wire, 4);
	return family_decode(be32(at), at, left, wire, seg);
}

/* RFC 1547 section 4.3.1: address (0x0f unicast, 0x8f multicast), control, an
 * Ethernet type. */
static enum decode_status chdlc_decode(const uint8_t *at, size_t left,
				       size_t wire, struct segment *seg)
{
	return type_decode(at, left, wire, seg, 4, 2);
}

/* What is called PPP on a serial line may be Cisco's framing of it. */
static enum decode_status serial_decode(const uint8_t *at, size_t left,
					size_t wire, struct segment *seg)
{
	struct cursor in = layer_cursor(at, left, wire);

	/* A frame has one octet at least. */
	if (at[0] == 0x0f || at[0] == 0x8f)
		return chdlc_decode(at, left, wire, seg);
	return ppp_decode(&in, seg);
}

/* Does the protocol of a cooked header mean an Ethernet type on a device of
 * this ARPHRD_ type? Not on frame relay, 802.11 of any form, or netlink. */
static bool cooked_has_type(uint16_t arphrd)
{
	return arphrd < 770 ||
	       (arphrd != 770 && (arphrd < 801 || arphrd > 803) &&
		arphrd != 824);
}

/* LINKTYPE_LINUX_SLL: packet type, ARPHRD_ type, address length, address of 8,
 * protocol. */
static enum decode_status sll_decode(const uint8_t *at, size_t left,
				     size_t wire, struct segment *seg)
{
	if (left >= 16 && !cooked_has_type(be16(at + 2)))
		return DECODE_OTHER;
	return type_decode(at, left, wire, seg, 16, 14);
}

/* LINKTYPE_LINUX_SLL2: protocol, reserved, interface, ARPHRD_ type, packet
 * type, address length, address of 8. */
static enum decode_status sll2_decode(const uint8_t *at, size_t left,
				      size_t wire, struct segment *seg)
{
	if (left >= 20 && !cooked_has_type(be16(at + 8)))
		return DECODE_OTHER;
	return type_decode(at, left, wire, seg, 20, 0);
}

/* IEEE 802.11 section 9.2, frame control as a little-endian number. */
enum wifi_control {
	WIFI_KIND = 0x000f, /* version, 0, and type */
	WIFI_DATA = 0x0008, /* of that: a data frame */
	WIFI_EMPTY = 0x0040,
	WIFI_QOS = 0x0080,
	WIFI_TO_DS = 0x0100,
	WIFI_FROM_DS = 0x0200,
	WIFI_MORE_FRAGMENTS = 0x0400,
	WIFI_PROTECTED = 0x4000,
	WIFI_HTC = 0x8000, /* in a QoS frame */
};

#define WIFI_AMSDU 0x80 /* in the first octet of QoS control */

/*
 * IEEE 802.11 section 9.3.2: a data frame. `padded`: the header was filled up
 * to a multiple of 4 octets. Frames that hold not exactly one packet in clear
 * are of no use: encrypted, empty, aggregated, or fragments (whose IP length
 * is not theirs).
 */
static enum decode_status wifi_data(struct cursor *in, bool padded,
				    struct segment *seg)
{
	uint16_t control = le16(cursor_take(in, 2));
	unsigned fragment, size = 24;
	bool amsdu = false;

	if (in->bad)
		return layer_bad(in);
	if ((control & WIFI_KIND) != WIFI_DATA ||
	    (control & (WIFI_EMPTY | WIFI_PROTECTED | WIFI_MORE_FRAGMENTS)))
		return DECODE_OTHER;
	cursor_skip(in, 20); /* duration, three addresses */
	fragment = cursor_u16(in) >> 8 & 0x0f;
	if ((control & WIFI_TO_DS) && (control & WIFI_FROM_DS)) {
		cursor_skip(in, 6);
		size += 6;
	}
	if (control & WIFI_QOS) {
		amsdu = *cursor_take(in, 2) & WIFI_AMSDU;
		size += 2;
		if (control & WIFI_HTC) {
			cursor_skip(in, 4);
			size += 4;
		}
	}
	if (padded)
		cursor_skip(in, -size & 3);
	if (in->bad)
		return layer_bad(in);
	if (amsdu || fragment)
		return DECODE_OTHER;
	return any_type_decode(in, seg, 0);
}

static enum decode_status wifi_decode(const uint8_t *at, size_t left,
				      size_t wire, struct segment *seg)
{
	struct cursor in = layer_cursor(at, left, wire);

	return wifi_data(&in, false, seg);
}

/* Radiotap, "Defined fields"; the first two and the words of what is there. */
enum radiotap {
	RADIOTAP_TSFT = 0x00000001,
	RADIOTAP_FLAGS = 0x00000002,
	RADIOTAP_MORE = 0x80000000,
	FLAG_FCS = 0x10,     /* the frame ends in its checksum */
	FLAG_PADDED = 0x20,  /* the 802.11 header is padded */
	FLAG_BAD_FCS = 0x40, /* the checksum did not hold */
};

#define FCS_SIZE 4

/* The flags in a radiotap header that starts at `head`; `in` holds what comes
 * after its fixed part. Fields are aligned to their size, from the start. */
static uint8_t radiotap_flags(const uint8_t *head, struct cursor *in)
{
	uint32_t present = le32(head + 4), more = present;

	while (more & RADIOTAP_MORE)
		more = le32(cursor_take(in, 4));
	if (present & RADIOTAP_TSFT)
		cursor_skip(in, ((size_t)(head - in->at) & 7) + 8);
	return present & RADIOTAP_FLAGS ? cursor_u8(in) : 0;
}

static enum decode_status radiotap_decode(const uint8_t *at, size_t left,
					  size_t wire, struct segment *seg)
{
	struct cursor in = layer_cursor(at, left, wire), fields = in;
	const uint8_t *head = cursor_take(&fields, 8);
	uint16_t size = le16(head + 2);
	uint8_t flags;

	if (fields.bad)
		return layer_bad(&fields);
	if (head[0] != 0 || size < 8)
		return DECODE_BAD;
	cursor_skip(&in, size);
	if (in.bad)
		return layer_bad(&in);
	cursor_limit(&fields, size - 8);
	flags = radiotap_flags(head, &fields);
	if (fields.bad || (flags & FLAG_BAD_FCS))
		return DECODE_BAD;
	if ((flags & FLAG_FCS) && cursor_wire(&in) >= FCS_SIZE)
		cursor_limit(&in, cursor_wire(&in) - FCS_SIZE);
	return wifi_data(&in, flags & FLAG_PADDED, seg);
}

/* By LINKTYPE_ numbers of the pcap and pcapng formats. */
static layer_fn *const links[] = {
    [0] = null_decode,	     /* NULL */
    [1] = ethernet_decode,   /* ETHERNET */
    [9] = serial_decode,     /* PPP */
    [12] = ip_decode,	     /* RAW, by the number it has within most systems */
    [14] = ip_decode,	     /* RAW, within OpenBSD */
    [50] = serial_decode,    /* PPP_HDLC */
    [51] = pppoe_decode,     /* PPP_ETHER */
    [101] = ip_decode,	     /* RAW */
    [104] = chdlc_decode,    /* C_HDLC */
    [105] = wifi_decode,     /* IEEE802_11 */
    [108] = loop_decode,     /* LOOP */
    [113] = sll_decode,	     /* LINUX_SLL */
    [127] = radiotap_decode, /* IEEE802_11_RADIOTAP */
    [228] = ip4_decode,	     /* IPV4 */
    [229] = ip6_decode,	     /* IPV6 */
    [276] = sll2_decode,     /* LINUX_SLL2 */
};

enum decode_status decode_frame(const struct frame *frame, struct segment *seg)
{
	size_t left = frame->caplen, wire = frame->wirelen;
	uint32_t linktype = frame->linktype;

	if (!left)
		return DECODE_SHORT;
	seg->frame = frame->number;
	seg->time = frame->time;
	if (linktype >= sizeof(links) / sizeof(*links) || !links[linktype])
		return DECODE_LINK;
	return links[linktype](frame->bytes, left, wire < left ? left : wire,
			       seg);
}
