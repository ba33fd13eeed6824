/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decoding, by tables: frames in hexadecimal and what they must be read as, in
 * the words of segment_text(). Then the same frames cut everywhere and damaged
 * everywhere, which must harm nobody: each lies alone in a heap block of its
 * size, for AddressSanitizer or valgrind to see a read beyond.
 */
#include "decode/segment.h"

#include "unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Link types. */
enum {
	LOOP_NULL = 0,
	ETHERNET = 1,
	PPP = 9,
	DLT_RAW_12 = 12,
	DLT_RAW_14 = 14,
	PPP_HDLC = 50,
	PPP_ETHER = 51,
	RAW = 101,
	C_HDLC = 104,
	WIFI = 105,
	LOOP = 108,
	SLL = 113,
	RADIOTAP = 127,
	IPV4 = 228,
	IPV6 = 229,
	SLL2 = 276,
};

/* Hexadecimal: the packets that the link types below carry. */
#define TS	 "0101080a 00000003 00000004 "
#define TCP_HEAD "0400 0050 00000001 00000002 8018 0100 0000 0000 "
#define TCP	 TCP_HEAD TS "61626364 "
#define ENDS4	 "0a000001 0a000002 "
#define IP4	 "4500 0038 0000 4000 4006 0000 " ENDS4 TCP
#define ENDS6                                                                  \
	"20010db8 00000000 00000000 00000001 "                                 \
	"20010db8 00000000 00000000 00000002 "
#define IP6	       "6000 0000 0024 0640 " ENDS6 TCP
#define MACS	       "020000000001 020000000002 "
#define SNAP	       "aaaa03 000000 0800 "
#define WIFI_ADDRESSES "0000" MACS "020000000003 "

/* What is read of them. */
#define BASE  "seq 1 ack 2 flags 18 window 256 "
#define SEEN  BASE "data 4/4 ts 3 4"
#define SEEN4 "TCP 10.0.0.1:1024 10.0.0.2:80 " SEEN
#define SEEN6 "TCP 2001:db8::1:1024 2001:db8::2:80 " SEEN
#define HEAD4 "TCP 10.0.0.1:1024 10.0.0.2:80 " BASE
#define HEAD6 "TCP 2001:db8::1:1024 2001:db8::2:80 " BASE

/* A real segment: its IPv4 header's checksum holds. */
#define REAL_IP4                                                               \
	"4500 00b4 1097 4000 4006 13ab 0a000101 0a000102 "                     \
	"2768 8536 21a907f1 f3813b0c f018 003f 16a9 0000 "                     \
	"0101080a 219f27f4 91558203 "                                          \
	"1e1c200f 62bad0cc63dee9e4 c417cdbbaa8e3f98 00000001 0064 d1b6 "
#define REAL_SEEN(captured)                                                    \
	"TCP 10.0.1.1:10088 10.0.1.2:34102 seq 564725745 ack 4085332748 "      \
	"flags 18 window 63 data 100/" captured " ts 564078580 2438300163"     \
	"; dss(28) flags 0f ack 62bad0cc63dee9e4 dsn c417cdbbaa8e3f98 ssn 1 "  \
	"length 100 checksum d1b6"

struct sample {
	const char *name;
	uint32_t linktype;
	const char *hex;
	uint32_t cut; /* octets that the wire had after these */
	const char *seen;
};

static const struct sample links[] = {
    {"ethernet", ETHERNET, MACS "0800" IP4, 0, SEEN4},
    {"ethernet 6", ETHERNET, MACS "86dd" IP6, 0, SEEN6},
    {"padding", ETHERNET, MACS "0800" IP4 "0000 0000", 0, SEEN4},
    {"padding 6", ETHERNET, MACS "86dd" IP6 "0000 0000", 2, SEEN6},
    {"vlan", ETHERNET, MACS "8100 0001 0800" IP4, 0, SEEN4},
    {"vlans", ETHERNET, MACS "88a8 0001 9100 0002 8100 0003 86dd" IP6, 0,
     SEEN6},
    {"arp", ETHERNET, MACS "0806 0001", 0, "OTHER"},
    {"pppoe", ETHERNET, MACS "8864 1100 0001 003a 0021" IP4, 0, SEEN4},
    {"vlan pppoe", ETHERNET, MACS "8100 0001 8864 1100 0001 0026 0057" IP6, 0,
     SEEN6},
    {"pppoe short", ETHERNET, MACS "8864 1100 0001 0039 21" IP4, 0, SEEN4},
    {"pppoe lcp", ETHERNET, MACS "8864 1100 0001 0006 c021 0000", 0, "OTHER"},
    {"pppoe offer", ETHERNET, MACS "8864 1107 0000 0000 0000", 0, "OTHER"},
    {"snap", ETHERNET, MACS "0040" SNAP IP4, 0, SEEN4},
    {"snap bridge", ETHERNET, MACS "0040 aaaa03 0000f8 86dd" IP6, 0, SEEN6},
    {"snap vlan", ETHERNET, MACS "0040 aaaa03 000000 8100 0001 0800" IP4, 0,
     SEEN4},
    {"snap cisco", ETHERNET, MACS "0040 aaaa03 00000c 2000" IP4, 0, "OTHER"},
    {"snap in snap", ETHERNET, MACS "0040 aaaa03 000000 0008" SNAP IP4, 0,
     "OTHER"},
    {"llc ip", ETHERNET, MACS "003b 060603" IP4, 0, SEEN4},
    {"stp", ETHERNET, MACS "0026 424203 0000", 0, "OTHER"},
    {"1501", ETHERNET, MACS "05dd" SNAP IP4, 0, "OTHER"},
    {"null little", LOOP_NULL, "02000000" IP4, 0, SEEN4},
    {"null big", LOOP_NULL, "00000002" IP4, 0, SEEN4},
    {"null linux 6", LOOP_NULL, "0a000000" IP6, 0, SEEN6},
    {"null netbsd 6", LOOP_NULL, "00000018" IP6, 0, SEEN6},
    {"null freebsd 6", LOOP_NULL, "1c000000" IP6, 0, SEEN6},
    {"null macos 6", LOOP_NULL, "1e000000" IP6, 0, SEEN6},
    {"null appletalk", LOOP_NULL, "10000000 0000", 0, "OTHER"},
    {"loop", LOOP, "00000002" IP4, 0, SEEN4},
    {"loop 6", LOOP, "00000018" IP6, 0, SEEN6},
    {"loop little", LOOP, "02000000" IP4, 0, "OTHER"},
    {"raw", RAW, IP4, 0, SEEN4},
    {"raw 6", RAW, IP6, 0, SEEN6},
    {"raw 12", DLT_RAW_12, IP6, 0, SEEN6},
    {"raw 14", DLT_RAW_14, IP4, 0, SEEN4},
    {"raw 5", RAW, "5500 0038", 0, "BAD"},
    {"ipv4", IPV4, IP4, 0, SEEN4},
    {"ipv4 of 6", IPV4, IP6, 0, "BAD"},
    {"ipv6", IPV6, IP6, 0, SEEN6},
    {"ipv6 of 4", IPV6, IP4, 0, "BAD"},
    {"ppp", PPP, "0021" IP4, 0, SEEN4},
    {"ppp framed", PPP, "ff03 0057" IP6, 0, SEEN6},
    {"ppp short", PPP, "21" IP4, 0, SEEN4},
    {"ppp framed short", PPP, "ff03 57" IP6, 0, SEEN6},
    {"ppp vj", PPP, "ff03 002d 4500", 0, "OTHER"},
    {"ppp hdlc", PPP_HDLC, "ff03 0021" IP4, 0, SEEN4},
    {"ppp hdlc short", PPP_HDLC, "57" IP6, 0, SEEN6},
    {"ppp cisco", PPP_HDLC, "0f00 0800" IP4, 0, SEEN4},
    {"ppp ether", PPP_ETHER, "1100 0001 003a 0021" IP4, 0, SEEN4},
    {"hdlc", C_HDLC, "0f00 0800" IP4, 0, SEEN4},
    {"hdlc 6", C_HDLC, "8f00 86dd" IP6, 0, SEEN6},
    {"slarp", C_HDLC, "8f00 8035 00000002", 0, "OTHER"},
    {"sll", SLL, "0004 0001 0006 020000000001 0000 0800" IP4, 0, SEEN4},
    {"sll vlan", SLL, "0004 0001 0006 020000000001 0000 8100 0001 86dd" IP6, 0,
     SEEN6},
    {"sll llc", SLL, "0004 0001 0006 020000000001 0000 0004" SNAP IP4, 0,
     SEEN4},
    {"sll novell", SLL, "0004 0001 0006 020000000001 0000 0001 ffff 0022", 0,
     "OTHER"},
    {"sll netlink", SLL, "0004 0338 0000 0000000000000000 0800" IP4, 0,
     "OTHER"},
    {"sll radiotap", SLL, "0004 0323 0000 0000000000000000 0800" IP4, 0,
     "OTHER"},
    {"sll2", SLL2, "86dd 0000 00000003 0001 04 06 020000000001 0000" IP6, 0,
     SEEN6},
    {"sll2 vlan", SLL2,
     "8100 0000 00000003 0001 04 06 020000000001 0000 0001 0800" IP4, 0, SEEN4},
    {"sll2 none", SLL2, "0800 0000 00000003 fffe 04 00 0000000000000000" IP4, 0,
     SEEN4},
    {"sll2 frame relay", SLL2,
     "0800 0000 00000003 0302 04 00 0000000000000000" IP4, 0, "OTHER"},
    {"sll2 real", SLL2,
     "0800 0000 00000002 0001 00 06 a6a1a974077a 0000" REAL_IP4
     "29dee825 5b8ef0fd",
     92, REAL_SEEN("8")},
    {"wifi", WIFI, "0801" WIFI_ADDRESSES "1000" SNAP IP4, 0, SEEN4},
    {"wifi qos", WIFI, "8802" WIFI_ADDRESSES "1000 0000" SNAP IP4, 0, SEEN4},
    {"wifi 4 addresses", WIFI,
     "8803" WIFI_ADDRESSES "1000 020000000004 0000" SNAP IP4, 0, SEEN4},
    {"wifi htc", WIFI, "8881" WIFI_ADDRESSES "1000 0000 00000000" SNAP IP4, 0,
     SEEN4},
    {"wifi order", WIFI, "0881" WIFI_ADDRESSES "1000" SNAP IP4, 0, SEEN4},
    {"wifi beacon", WIFI, "8000" WIFI_ADDRESSES "1000" SNAP IP4, 0, "OTHER"},
    {"wifi ack", WIFI, "d400 0000 020000000001", 0, "OTHER"},
    {"wifi null", WIFI, "4801" WIFI_ADDRESSES "1000", 0, "OTHER"},
    {"wifi protected", WIFI, "0841" WIFI_ADDRESSES "1000" IP4, 0, "OTHER"},
    {"wifi a-msdu", WIFI, "8801" WIFI_ADDRESSES "1000 8000" SNAP IP4, 0,
     "OTHER"},
    {"wifi fragment 0", WIFI, "0805" WIFI_ADDRESSES "1000" SNAP IP4, 0,
     "OTHER"},
    {"wifi fragment 1", WIFI, "0801" WIFI_ADDRESSES "1100" SNAP IP4, 0,
     "OTHER"},
    {"radiotap", RADIOTAP,
     "0000 0800 00000000 0801" WIFI_ADDRESSES "1000" SNAP IP4, 0, SEEN4},
    {"radiotap pad", RADIOTAP,
     "0000 1200 03000000 0102030405060708 2000"
     "8801" WIFI_ADDRESSES "1000 0000 0000" SNAP IP4,
     0, SEEN4},
    {"radiotap fcs", RADIOTAP,
     "0000 0900 02000000 10 0801" WIFI_ADDRESSES "1000" SNAP
     "4500 0000 0000 4000 4006 0000" ENDS4 TCP "deadbeef",
     0, SEEN4},
    {"radiotap words", RADIOTAP,
     "0000 1900 03000080 00000000 00000000 0102030405060708 10"
     "0801" WIFI_ADDRESSES "1000" SNAP "4500 0000 0000 4000 4006 0000" ENDS4 TCP
     "deadbeef",
     0, SEEN4},
    {"radiotap damaged", RADIOTAP,
     "0000 0900 02000000 50 0801" WIFI_ADDRESSES "1000" SNAP IP4, 0, "BAD"},
    {"radiotap beyond", RADIOTAP,
     "0000 0800 02000000 0801" WIFI_ADDRESSES "1000" SNAP IP4, 0, "BAD"},
    {"radiotap size", RADIOTAP, "0000 0700 00000000 0801", 0, "BAD"},
    {"radiotap version", RADIOTAP, "0100 0800 00000000 0801", 0, "BAD"},
    {"unknown", 147, IP4, 0, "LINK"},
    {"runt", ETHERNET, MACS, 0, "BAD"},
    {"cut", ETHERNET, MACS, 60, "SHORT"},
};

static const struct sample packets[] = {
    {"options", RAW, "4600 003c 0000 4000 4006 0000" ENDS4 "94040000" TCP, 0,
     SEEN4},
    {"header 16", RAW, "4400 0038 0000 4000 4006 0000" ENDS4 TCP, 0, "BAD"},
    {"total below header", RAW,
     "4600 0014 0000 4000 4006 0000" ENDS4 "94040000" TCP, 0, "BAD"},
    {"total without tcp", RAW, "4500 0020 0000 4000 4006 0000" ENDS4 TCP, 0,
     "BAD"},
    {"total 0", RAW, "4500 0000 0000 4000 4006 0000" ENDS4 TCP "6566", 70000,
     HEAD4 "data 70006/6 ts 3 4"},
    {"total beyond", RAW, "4500 0039 0000 4000 4006 0000" ENDS4 TCP, 0, "BAD"},
    {"total beyond, cut", RAW, "4500 0058 0000 4000 4006 0000" ENDS4 TCP, 31,
     "BAD"},
    {"total at the end, cut", RAW, "4500 0058 0000 4000 4006 0000" ENDS4 TCP,
     32, HEAD4 "data 36/4 ts 3 4"},
    {"total beyond, checksum", IPV4, REAL_IP4, 0, REAL_SEEN("0")},
    {"udp", RAW, "4500 001c 0000 4000 4011 0000" ENDS4 TCP, 0, "OTHER"},
    {"first fragment", RAW, "4500 0038 0000 2000 4006 0000" ENDS4 TCP, 0,
     HEAD4 "data 4/4 fragment ts 3 4"},
    {"later fragment", RAW, "4500 0038 0000 2003 4006 0000" ENDS4 TCP, 0,
     "FRAGMENT"},
    {"last fragment", RAW, "4500 0038 0000 0003 4006 0000" ENDS4 TCP, 0,
     "FRAGMENT"},
    {"udp fragment", RAW, "4500 0038 0000 0003 4011 0000" ENDS4 TCP, 0,
     "OTHER"},
    {"ah", RAW,
     "4500 0050 0000 4000 4033 0000" ENDS4
     "06040000 00000001 00000002 000000000000000000000000" TCP,
     0, SEEN4},
    {"esp", RAW, "4500 0038 0000 4000 4032 0000" ENDS4 TCP, 0, "OTHER"},
    {"tcp cut", RAW, "4500 0038 0000 4000 4006 0000" ENDS4 "0400", 34, "SHORT"},
    {"tcp header 16", RAW,
     "4500 0028 0000 4000 4006 0000" ENDS4
     "0400 0050 00000001 00000002 4018 0100 0000 0000",
     0, "BAD"},
    {"tcp header beyond", RAW,
     "4500 0033 0000 4000 4006 0000" ENDS4 TCP_HEAD TS, 0, "BAD"},
    {"tcp header beyond, cut", RAW,
     "4500 0033 0000 4000 4006 0000" ENDS4 TCP_HEAD, 20, "BAD"},
    {"no tcp options", RAW,
     "4500 002a 0000 4000 4006 0000" ENDS4
     "0400 0050 00000001 00000002 5018 0100 0000 0000 6162",
     0, HEAD4 "data 2/2"},
    {"flags and urgent", RAW,
     "4500 0028 0000 4000 4006 0000" ENDS4
     "0400 0050 ffffffff 80000000 5fff ffff 0000 ffff",
     0,
     "TCP 10.0.0.1:1024 10.0.0.2:80 seq 4294967295 ack 2147483648 flags ff "
     "window 65535 data 0/0"},
    {"hop by hop", RAW, "6000 0000 002c 0040" ENDS6 "0600 0502 0000 0100" TCP,
     0, SEEN6},
    {"all headers", RAW,
     "6000 0000 007c 0040" ENDS6 "2b00 0502 0000 0100"
     "3c02 0401 00000000 20010db8000000000000000000000003"
     "3300 010400000000"
     "8704 0000 00000001 00000002 000000000000000000000000"
     "8b00 010400000000 8c00 010400000000 0600 010400000000" TCP,
     0, SEEN6},
    {"atomic fragment", RAW,
     "6000 0000 002c 2c40" ENDS6 "0600 0000 00000001" TCP, 0, SEEN6},
    {"first fragment 6", RAW,
     "6000 0000 002c 2c40" ENDS6 "0600 0001 00000001" TCP, 0,
     HEAD6 "data 4/4 fragment ts 3 4"},
    {"later fragment 6", RAW,
     "6000 0000 002c 2c40" ENDS6 "0600 0009 00000001" TCP, 0, "FRAGMENT"},
    {"udp fragment 6", RAW,
     "6000 0000 002c 2c40" ENDS6 "1100 0008 00000001" TCP, 0, "OTHER"},
    {"no next header", RAW, "6000 0000 0000 3b40" ENDS6, 0, "OTHER"},
    {"header beyond", RAW, "6000 0000 0024 3c40" ENDS6 "06ff 0104 00000000",
     3000, "BAD"},
    {"length beyond", RAW, "6000 0000 0025 0640" ENDS6 TCP, 0, "BAD"},
    {"length at the end, cut", RAW, "6000 0000 0026 0640" ENDS6 TCP, 2,
     HEAD6 "data 6/4 ts 3 4"},
    {"length 0", RAW, "6000 0000 0000 0640" ENDS6 TCP, 65000,
     HEAD6 "data 65004/4 ts 3 4"},
    {"length 0, no jumbo", RAW,
     "6000 0000 0000 0040" ENDS6 "0600 0502 0000 0100" TCP, 0, SEEN6},
    {"jumbo", RAW, "6000 0000 0000 0040" ENDS6 "0600 c204 0001 1198" TCP, 69996,
     HEAD6 "data 70000/4 ts 3 4"},
    {"jumbo after others", RAW,
     "6000 0000 0000 0040" ENDS6 "0601 0100 00 c204 0000 0034 0101 00 0100" TCP,
     100, SEEN6},
    {"jumbo beyond", RAW, "6000 0000 0000 0040" ENDS6 "0600 c204 0001 1198" TCP,
     69995, "BAD"},
};

/* Option lists, with the TCP flags that some forms depend on; those of the
 * names with "real" were sent by Linux, of version 1 unless they say v0. */
enum { SYN = 0x02, SYNACK = 0x12, ACK = 0x10, RST = 0x04, NONE = 0 };

static const struct list {
	const char *name;
	uint8_t flags;
	const char *hex;
	const char *seen;
} lists[] = {
    /* Plain TCP. */
    {"nothing", ACK, "", ""},
    {"syn", SYN, "020405b4 0402 080a 01020304 00000000 01 030307",
     " mss 1460 sackok ts 16909060 0 wscale 7"},
    {"wscale as written", SYN, "0303ff 030315", " wscale 21"},
    {"end", ACK, "00 1e08200100000001", ""},
    {"timestamp not aligned", ACK, "080a0000000100000002", " ts 1 2"},
    {"timestamp twice", ACK, TS "080a0000000500000006", " ts 5 6"},
    {"wrong sizes", SYN,
     "0203ff 0302 0403ff 0809ffffffffffffff 050600000001 050a0000000100000002",
     " sack 1-2"},
    {"sack 1", ACK, TS "0101 050a a60bee14a60d8f40",
     " ts 3 4 sack 2785799700-2785906496"},
    {"sack 2 real v0", ACK,
     "0101080a01c1ee9400000030 010105123f31b3de3f31b9723f319d8e3f31a8b6"
     "1e08200148301377",
     " ts 29486740 48 sack 1060221918-1060223346 1060216206-1060219062"
     "; dss(8) flags 01 ack 48301377"},
    {"sack 3", ACK,
     TS "0101 051a 0000000100000002 0000000300000004 0000000500000006",
     " ts 3 4 sack 1-2 3-4 5-6"},
    {"sack 4", ACK,
     "0101 0522 0000000100000002 0000000300000004 0000000500000006"
     "fffffffe00000001",
     " sack 1-2 3-4 5-6 4294967294-1"},
    {"sack 0", ACK, "0502", ""},
    {"unknown", ACK, "fd04f989 1e08200100000001",
     "; dss(8) flags 01 ack 00000001"},
    {"length 0", ACK, TS "1e00 0101", " ts 3 4 bad-options"},
    {"length 1", ACK, TS "1e01 0101", " ts 3 4 bad-options"},
    {"length 255", ACK, TS "1eff 0101", " ts 3 4 bad-options"},
    {"length beyond", ACK, TS "1e05 2000", " ts 3 4 bad-options"},
    {"no length", ACK, TS "010101 1e", " ts 3 4 bad-options"},

    /* MP_CAPABLE. */
    {"capable syn real", SYN,
     "020405b40402080ad2e43851000000000103030a 1e040101",
     " mss 1460 sackok ts 3538171985 0 wscale 10"
     "; capable(4) version 1 flags 01"},
    {"capable synack real", SYNACK,
     "020405b40402080a111ac0bbd2e438510103030a 1e0c01013d8fd58ddfe9d40c",
     " mss 1460 sackok ts 286965947 3538171985 wscale 10"
     "; capable(12) version 1 flags 01 key 3d8fd58ddfe9d40c"},
    {"capable ack real", ACK, "1e1401011a952a0ea278b4393d8fd58ddfe9d40c",
     "; capable(20) version 1 flags 01 key 1a952a0ea278b439 "
     "key 3d8fd58ddfe9d40c"},
    {"capable data real", ACK,
     "1e1601011a952a0ea278b4393d8fd58ddfe9d40c0064 0101",
     "; capable(22) version 1 flags 01 key 1a952a0ea278b439 "
     "key 3d8fd58ddfe9d40c length 100"},
    {"capable checksum real", ACK,
     "1e18018132aba7bd41ceba55f4807980cb85635f00643179",
     "; capable(24) version 1 flags 81 key 32aba7bd41ceba55 "
     "key f4807980cb85635f length 100 checksum 3179"},
    {"capable syn real v0", SYN, "1e0c0001ca2f07947b1bfd2b",
     "; capable(12) version 0 flags 01 key ca2f07947b1bfd2b"},
    {"capable synack real v0", SYNACK, "1e0c0001a78213619e4beafc",
     "; capable(12) version 0 flags 01 key a78213619e4beafc"},
    {"capable ack real v0", ACK,
     "0101080a01c1e18100000081 1e140001ca2f07947b1bfd2ba78213619e4beafc"
     "1e082001e589f0d4",
     " ts 29483393 129; capable(20) version 0 flags 01 "
     "key ca2f07947b1bfd2b key a78213619e4beafc"
     "; dss(8) flags 01 ack e589f0d4"},
    {"capable syn v0 short", SYN, "1e040001", " bad 1"},
    {"capable syn v1 key", SYN, "1e0c01010000000000000001", " bad 1"},
    {"capable syn v2", SYN, "1e0402ff", "; capable(4) version 2 flags ff"},
    {"capable syn v15 key", SYN, "1e0c0f010000000000000001",
     "; capable(12) version 15 flags 01 key 0000000000000001"},
    {"capable syn v2 odd", SYN, "1e060201 0001", " bad 1"},
    {"capable synack short", SYNACK, "1e040101", " bad 1"},
    {"capable synack long", SYNACK, "1e1401011a952a0ea278b4393d8fd58ddfe9d40c",
     " bad 1"},
    {"capable ack key", ACK, "1e0c01010000000000000001", " bad 1"},
    {"capable ack v0 data", ACK, "1e1600011a952a0ea278b4393d8fd58ddfe9d40c0064",
     " bad 1"},
    {"capable ack v2", ACK, "1e1402011a952a0ea278b4393d8fd58ddfe9d40c",
     " bad 1"},
    {"capable ack 21", ACK, "1e1501011a952a0ea278b4393d8fd58ddfe9d40c00",
     " bad 1"},
    {"capable ack 23", ACK, "1e1701011a952a0ea278b4393d8fd58ddfe9d40c000000",
     " bad 1"},
    {"capable ack 26", ACK,
     "1e1a01011a952a0ea278b4393d8fd58ddfe9d40c000000000000", " bad 1"},
    {"capable rst", RST, "1e0c01010000000000000001", " bad 1"},
    {"capable 3", SYN, "1e0301", " bad 1"},

    /* MP_JOIN. */
    {"join syn real", SYN, "1e0c11010a945a425c366894",
     "; join(12) backup 1 id 1 token 0a945a42 nonce 5c366894"},
    {"join syn real v0", SYN, "1e0c10032ff5f1f03b2264d8",
     "; join(12) backup 0 id 3 token 2ff5f1f0 nonce 3b2264d8"},
    {"join synack real", SYNACK, "1e1010003f768eada9f895d09d5643d3",
     "; join(16) backup 0 id 0 hmac 3f768eada9f895d0 nonce 9d5643d3"},
    {"join synack real v0", SYNACK, "1e10100384037deda67a454c0f0cc049",
     "; join(16) backup 0 id 3 hmac 84037deda67a454c nonce 0f0cc049"},
    {"join ack real", ACK, "1e18100086d30fbecf1ad82e4bff0a105b79417a262ba77e",
     "; join(24) hmac 86d30fbecf1ad82e4bff0a105b79417a262ba77e"},
    {"join ack real v0", ACK,
     "1e18110007211583f89a237c3474fd76e2d135f5865970e7",
     "; join(24) hmac 07211583f89a237c3474fd76e2d135f5865970e7"},
    {"join syn 16", SYN, "1e1010003f768eada9f895d09d5643d3", " bad 1"},
    {"join synack 12", SYNACK, "1e0c11010a945a425c366894", " bad 1"},
    {"join ack 12", ACK, "1e0c11010a945a425c366894", " bad 1"},
    {"join rst", RST, "1e0c11010a945a425c366894", " bad 1"},
    {"join 3", SYN, "1e0310", " bad 1"},

    /* DSS. */
    {"dss ack 4 real", ACK, "1e0820019bc57440",
     "; dss(8) flags 01 ack 9bc57440"},
    {"dss ack 8 real", ACK, "1e0c20036f34794833212dc3",
     "; dss(12) flags 03 ack 6f34794833212dc3"},
    {"dss 4 and 8 real", ACK,
     "1e16200d9bc574402f2731a5587614220000000100640101",
     "; dss(22) flags 0d ack 9bc57440 dsn 2f2731a558761422 ssn 1 "
     "length 100"},
    {"dss 8 and 8 real", ACK,
     "1e1a200f6f34794833212dc350fc3dff8b57c6860000000100640101",
     "; dss(26) flags 0f ack 6f34794833212dc3 dsn 50fc3dff8b57c686 ssn 1 "
     "length 100"},
    {"dss fin real", ACK,
     "1e1a201f50fc3dff8b57c6ea6f3479483321317b0000000000010101",
     "; dss(26) flags 1f ack 50fc3dff8b57c6ea dsn 6f3479483321317b ssn 0 "
     "length 1"},
    {"dss checksum real", ACK,
     "1e1c200f62bad0cc63dee9e4c417cdbbaa8e3f98000000010064d1b6",
     "; dss(28) flags 0f ack 62bad0cc63dee9e4 dsn c417cdbbaa8e3f98 ssn 1 "
     "length 100 checksum d1b6"},
    {"dss real v0", ACK, "1e122005e589f0d44e92c2fd0000000100250101",
     "; dss(18) flags 05 ack e589f0d4 dsn 4e92c2fd ssn 1 length 37"},
    {"dss fin real v0", ACK, "1e1220154845e3978e8b82020000000000010101",
     "; dss(18) flags 15 ack 4845e397 dsn 8e8b8202 ssn 0 length 1"},
    {"dss nothing", ACK, "1e042000", "; dss(4) flags 00"},
    {"dss fin alone", ACK, "1e042010", "; dss(4) flags 10"},
    {"dss reserved bits", ACK, "1e082fe100000005",
     "; dss(8) flags 01 ack 00000005"},
    {"dss a without A", ACK, "1e0e2006 00000001000000020003",
     "; dss(14) flags 04 dsn 00000001 ssn 2 length 3"},
    {"dss m without M", ACK, "1e08200900000005",
     "; dss(8) flags 01 ack 00000005"},
    {"dss map 4", ACK, "1e0e2004 00000001 00000002 0003",
     "; dss(14) flags 04 dsn 00000001 ssn 2 length 3"},
    {"dss map 4 checksum", ACK, "1e102004 00000001 00000002 0003 0004",
     "; dss(16) flags 04 dsn 00000001 ssn 2 length 3 checksum 0004"},
    {"dss map 8", ACK, "1e12200c 0000000000000001 00000002 0000",
     "; dss(18) flags 0c dsn 0000000000000001 ssn 2 length 0"},
    {"dss map 8 checksum", ACK, "1e14200c 0000000000000001 00000002 0003 0004",
     "; dss(20) flags 0c dsn 0000000000000001 ssn 2 length 3 checksum 0004"},
    {"dss 4 and 4 checksum", ACK,
     "1e142005 00000009 00000001 00000002 00030004",
     "; dss(20) flags 05 ack 00000009 dsn 00000001 ssn 2 length 3 "
     "checksum 0004"},
    {"dss 8 and 4", ACK, "1e162007 0000000000000009 00000001 00000002 0003",
     "; dss(22) flags 07 ack 0000000000000009 dsn 00000001 ssn 2 length 3"},
    {"dss 8 and 4 checksum", ACK,
     "1e182007 0000000000000009 00000001 00000002 0003 0004",
     "; dss(24) flags 07 ack 0000000000000009 dsn 00000001 ssn 2 length 3 "
     "checksum 0004"},
    {"dss 4 and 8 checksum", ACK,
     "1e18200d 00000009 0000000000000001 00000002 0003 0004",
     "; dss(24) flags 0d ack 00000009 dsn 0000000000000001 ssn 2 length 3 "
     "checksum 0004"},
    {"dss 3", ACK, "1e0320", " bad 1"},
    {"dss ack of map", ACK, "1e0c2001 00000001 00000002", " bad 1"},
    {"dss ack short", ACK, "1e082003 00000001", " bad 1"},
    {"dss map short", ACK, "1e0d2004 00000001 00000002 00", " bad 1"},
    {"dss map odd", ACK, "1e0f2004 00000001 00000002 0003 00", " bad 1"},
    {"dss map long", ACK, "1e122004 00000001 00000002 0003 00000000", " bad 1"},

    /* ADD_ADDR. */
    {"add real", ACK, "1e1030010a0002015c72bb17ac6df330",
     "; add_addr(16) id 1 10.0.2.1 hmac 5c72bb17ac6df330"},
    {"add echo real", ACK, "1e0831010a000201",
     "; add_addr(8) echo id 1 10.0.2.1"},
    {"add port real", ACK, "1e1230020a000301277545146c9208bfc0230101",
     "; add_addr(18) id 2 10.0.3.1 port 10101 hmac 45146c9208bfc023"},
    {"add port echo real", ACK, "1e0a31020a00030127750101",
     "; add_addr(10) echo id 2 10.0.3.1 port 10101"},
    {"add 6 real", ACK,
     "1e1c3001deadbeef000200000000000000000001addd2fcf8f051000",
     "; add_addr(28) id 1 dead:beef:2::1 hmac addd2fcf8f051000"},
    {"add 6 echo real", ACK, "1e143101deadbeef000200000000000000000001",
     "; add_addr(20) echo id 1 dead:beef:2::1"},
    {"add 6 port", ACK,
     "1e1e3001deadbeef0002000000000000000000010050addd2fcf8f051000",
     "; add_addr(30) id 1 dead:beef:2::1 port 80 hmac addd2fcf8f051000"},
    {"add 6 port echo", ACK, "1e163101deadbeef0002000000000000000000010050",
     "; add_addr(22) echo id 1 dead:beef:2::1 port 80"},
    {"add real v0", ACK,
     "0101080a01c1e18300000081 1e0834030b000001 1e082001e589f0d4",
     " ts 29483395 129; add_addr(8) v0 id 3 11.0.0.1"
     "; dss(8) flags 01 ack e589f0d4"},
    {"add port v0", ACK, "1e0a34030b0000010050",
     "; add_addr(10) v0 id 3 11.0.0.1 port 80"},
    {"add 6 v0", ACK, "1e143601deadbeef000200000000000000000001",
     "; add_addr(20) v0 id 1 dead:beef:2::1"},
    {"add 6 port v0", ACK, "1e163601deadbeef0002000000000000000000010050",
     "; add_addr(22) v0 id 1 dead:beef:2::1 port 80"},
    {"add without hmac", ACK, "1e0830010a000201", " bad 1"},
    {"add 6 without hmac", ACK, "1e143001deadbeef000200000000000000000001",
     " bad 1"},
    {"add echo hmac", ACK, "1e1031010a0002015c72bb17ac6df330", " bad 1"},
    {"add 17", ACK, "1e1130010a000201005c72bb17ac6df330", " bad 1"},
    {"add 4 of 6 v0", ACK, "1e0836030b000001", " bad 1"},
    {"add 6 of 4 v0", ACK, "1e143401deadbeef000200000000000000000001",
     " bad 1"},
    {"add hmac v0", ACK, "1e1034030b0000015c72bb17ac6df330", " bad 1"},
    {"add 3", ACK, "1e0330", " bad 1"},
    {"add 7", ACK, "1e0731010a0002", " bad 1"},

    /* The others. */
    {"remove 1", ACK, "1e044001", "; remove_addr(4) 1"},
    {"remove 3", ACK, "1e06400102ff", "; remove_addr(6) 1 2 255"},
    {"remove 37", ACK,
     "1e28400102030405060708090a0b0c0d0e0f10111213141516171819"
     "1a1b1c1d1e1f202122232425",
     "; remove_addr(40) 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "
     "21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37"},
    {"remove 0", ACK, "1e0340", " bad 1"},
    {"prio real", ACK,
     "0101080a0a2cd0ad839d4c22 1e0c20034b20bf255fc52b35 1e035001",
     " ts 170709165 2208123938; dss(12) flags 03 ack 4b20bf255fc52b35"
     "; prio(3) backup 0"},
    {"prio", ACK, "1e0351", "; prio(3) backup 1"},
    {"prio id v0", ACK, "1e045105", "; prio(4) backup 1 id 5"},
    {"prio 5", ACK, "1e05510500", " bad 1"},
    {"fail", ACK, "1e0c6000 0102030405060708",
     "; fail(12) dsn 0102030405060708"},
    {"fail 11", ACK, "1e0b6000 01020304050607", " bad 1"},
    {"fail 13", ACK, "1e0d6000 010203040506070809", " bad 1"},
    {"fail 3", ACK, "1e0360", " bad 1"},
    {"fastclose real v0", ACK, "1e0c70001513f7895ef77b72",
     "; fastclose(12) key 1513f7895ef77b72"},
    {"fastclose rst real", RST | ACK,
     "0101080a308e706886cda8081e0c7000fa1f895bf15fa8591e048000",
     " ts 814641256 2261624840; fastclose(12) key fa1f895bf15fa859"
     "; tcprst(4) flags 0 reason 0"},
    {"fastclose 4", ACK, "1e047000", " bad 1"},
    {"tcprst", RST, "1e048102", "; tcprst(4) flags 1 reason 2"},
    {"tcprst 3", RST, "1e0380", " bad 1"},
    {"tcprst 5", RST, "1e05800000", " bad 1"},
    {"unknown subtype", ACK, "1e049000 1e04f000 1e048000",
     " bad 2; tcprst(4) flags 0 reason 0"},
    {"no subtype", ACK, "1e02 1e0350", " bad 1; prio(3) backup 0"},
    {"bad between", ACK, "1e0350 1e0340 1e0351",
     " bad 1; prio(3) backup 0; prio(3) backup 1"},
    {"13 options", ACK,
     "1e0350 1e0351 1e0350 1e0351 1e0350 1e0351 1e0350 1e0351 1e0350 1e0351 "
     "1e0350 1e0351 1e0350 01",
     "; prio(3) backup 0; prio(3) backup 1; prio(3) backup 0"
     "; prio(3) backup 1; prio(3) backup 0; prio(3) backup 1"
     "; prio(3) backup 0; prio(3) backup 1; prio(3) backup 0"
     "; prio(3) backup 1; prio(3) backup 0; prio(3) backup 1"
     "; prio(3) backup 0"},
    {"20 of nothing", ACK,
     "1e02 1e02 1e02 1e02 1e02 1e02 1e02 1e02 1e02 1e02 "
     "1e02 1e02 1e02 1e02 1e02 1e02 1e02 1e02 1e02 1e02",
     " bad 20"},
};

static const char *current = ""; /* the sample that is looked at */

/* An assertion that costs nothing when it holds; Check's own tell its runner
 * of every one. */
static void must(bool holds, const char *what)
{
	if (!holds)
		ck_abort_msg("%s: %s", current, what);
}

/* Text, a bit at a time. */
struct text {
	char at[2048];
	size_t size;
};

static void add(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text->size += (size_t)vsnprintf(
	    text->at + text->size, sizeof(text->at) - text->size, format, args);
	va_end(args);
	must(text->size < sizeof(text->at), "text");
}

static void add_hex(struct text *text, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		add(text, "%02x", bytes[i]);
}

static void add_capable(struct text *text, const struct mptcp_option *o)
{
	add(text, "; capable(%d) version %d flags %02x", o->length,
	    o->u.capable.version, o->u.capable.flags);
	must(o->u.capable.keys <= 2, "keys");
	for (int i = 0; i < o->u.capable.keys; i++)
		add(text, " key %016llx",
		    (unsigned long long)o->u.capable.key[i]);
	if (o->u.capable.has_length)
		add(text, " length %d", o->u.capable.data_length);
	if (o->u.capable.has_checksum)
		add(text, " checksum %04x", o->u.capable.checksum);
}

static void add_join(struct text *text, const struct mptcp_option *o,
		     uint8_t flags)
{
	add(text, "; join(%d)", o->length);
	if (flags & TCP_SYN)
		add(text, " backup %d id %d", o->u.join.backup, o->u.join.id);
	if (!(flags & TCP_ACK))
		add(text, " token %08x", o->u.join.token);
	if (flags & TCP_ACK) {
		add(text, " hmac ");
		add_hex(text, o->u.join.hmac, flags & TCP_SYN ? 8 : 20);
	}
	if (flags & TCP_SYN)
		add(text, " nonce %08x", o->u.join.nonce);
}

static void add_dss(struct text *text, const struct mptcp_option *o)
{
	uint8_t flags = o->u.dss.flags;

	add(text, "; dss(%d) flags %02x", o->length, flags);
	if (flags & DSS_ACK)
		add(text, " ack %0*llx", flags & DSS_ACK8 ? 16 : 8,
		    (unsigned long long)o->u.dss.ack);
	if (flags & DSS_MAP)
		add(text, " dsn %0*llx ssn %u length %d",
		    flags & DSS_DSN8 ? 16 : 8, (unsigned long long)o->u.dss.dsn,
		    o->u.dss.ssn, o->u.dss.length);
	if (o->u.dss.has_checksum)
		add(text, " checksum %04x", o->u.dss.checksum);
}

static void add_add_addr(struct text *text, const struct mptcp_option *o)
{
	char address[ENDPOINT_TEXT];

	add(text, "; add_addr(%d)%s%s id %d %s", o->length,
	    o->u.add_addr.v0 ? " v0" : "", o->u.add_addr.echo ? " echo" : "",
	    o->u.add_addr.id, address_print(&o->u.add_addr.address, address));
	if (o->u.add_addr.address.family == 4)
		for (int i = 4; i < 16; i++)
			must(!o->u.add_addr.address.bytes[i], "rest");
	if (o->u.add_addr.port)
		add(text, " port %d", o->u.add_addr.port);
	if (o->u.add_addr.has_hmac) {
		add(text, " hmac ");
		add_hex(text, o->u.add_addr.hmac, 8);
	}
}

static void add_option(struct text *text, const struct mptcp_option *o,
		       uint8_t flags)
{
	must(o->length >= 3 && o->length <= 40, "length");
	switch (o->subtype) {
	case MPTCP_CAPABLE:
		add_capable(text, o);
		break;
	case MPTCP_JOIN:
		add_join(text, o, flags);
		break;
	case MPTCP_DSS:
		add_dss(text, o);
		break;
	case MPTCP_ADD_ADDR:
		add_add_addr(text, o);
		break;
	case MPTCP_REMOVE_ADDR:
		add(text, "; remove_addr(%d)", o->length);
		for (int i = 0; i < o->u.remove_addr.n; i++)
			add(text, " %d", o->u.remove_addr.ids[i]);
		break;
	case MPTCP_PRIO:
		add(text, "; prio(%d) backup %d", o->length, o->u.prio.backup);
		if (o->u.prio.has_id)
			add(text, " id %d", o->u.prio.id);
		break;
	case MPTCP_FAIL:
		add(text, "; fail(%d) dsn %016llx", o->length,
		    (unsigned long long)o->u.fail.dsn);
		break;
	case MPTCP_FASTCLOSE:
		add(text, "; fastclose(%d) key %016llx", o->length,
		    (unsigned long long)o->u.fastclose.key);
		break;
	case MPTCP_TCPRST:
		add(text, "; tcprst(%d) flags %x reason %d", o->length,
		    o->u.tcprst.flags, o->u.tcprst.reason);
		break;
	default:
		ck_abort_msg("subtype %d", o->subtype);
	}
}

static void add_end(struct text *text, const struct endpoint *end)
{
	char address[ENDPOINT_TEXT];

	if (end->address.family == 4)
		for (int i = 4; i < 16; i++)
			must(!end->address.bytes[i], "rest");
	add(text, "%s:%d ", address_print(&end->address, address), end->port);
}

static void add_options(struct text *text, const struct segment *s)
{
	if (s->mss)
		add(text, " mss %d", s->mss);
	if (s->sack_permitted)
		add(text, " sackok");
	if (s->has_timestamp)
		add(text, " ts %u %u", s->tsval, s->tsecr);
	if (s->wscale != WSCALE_NONE)
		add(text, " wscale %d", s->wscale);
	must(s->n_sack <= SACK_BLOCKS_MAX, "SACK blocks");
	for (int i = 0; i < s->n_sack; i++)
		add(text, "%s %u-%u", i ? "" : " sack", s->sack[i][0],
		    s->sack[i][1]);
	if (s->options_bad)
		add(text, " bad-options");
	if (s->options_short)
		add(text, " short-options");
	if (s->n_mptcp_bad)
		add(text, " bad %d", s->n_mptcp_bad);
}

static void add_mptcp(struct text *text, const struct segment *s)
{
	must(s->n_mptcp <= MPTCP_OPTIONS_MAX, "options");
	for (int i = 0; i < s->n_mptcp; i++)
		add_option(text, &s->mptcp[i], s->flags);
}

static const char *const statuses[] = {"TCP",	"OTHER", "FRAGMENT",
				       "SHORT", "BAD",	 "LINK"};

/* What was read, in words: the whole, and the parts that do not depend on how
 * much was captured, or do. */
struct reading {
	enum decode_status status;
	struct segment segment;
	struct text whole, head, options, mptcp;
};

static void add_head(struct text *text, const struct segment *s)
{
	add_end(text, &s->src);
	add_end(text, &s->dst);
	add(text, "seq %u ack %u flags %02x window %d data %u", s->seq, s->ack,
	    s->flags, s->window, s->payload);
}

static void read_frame(struct reading *r, const struct frame *frame, int poison)
{
	memset(&r->segment, poison, sizeof(r->segment));
	r->status = decode_frame(frame, &r->segment);
	r->whole.size = r->head.size = r->options.size = r->mptcp.size = 0;
	*r->whole.at = *r->head.at = *r->options.at = *r->mptcp.at = '\0';
	must(r->status < COUNT(statuses), "status");
	add(&r->whole, "%s", statuses[r->status]);
	if (r->status != DECODE_TCP)
		return;
	add_head(&r->head, &r->segment);
	add_options(&r->options, &r->segment);
	add_mptcp(&r->mptcp, &r->segment);
	add(&r->whole, " %s/%u%s%s%s", r->head.at, r->segment.captured,
	    r->segment.fragment ? " fragment" : "", r->options.at, r->mptcp.at);
}

/* Reads the first `caplen` octets of a packet, alone in memory, twice: nothing
 * may shine through of what was in the segment before. */
static void read_bytes(struct reading *r, uint32_t linktype,
		       const uint8_t *bytes, size_t caplen, size_t wirelen)
{
	static struct reading other;
	uint8_t *copy = malloc(caplen ? caplen : 1);
	struct frame frame = {.number = 7,
			      .time = 8,
			      .bytes = copy,
			      .caplen = (uint32_t)caplen,
			      .wirelen = (uint32_t)wirelen,
			      .linktype = linktype};
	const struct segment *s = &r->segment;

	must(copy != NULL, "memory");
	memcpy(copy, bytes, caplen);
	read_frame(&other, &frame, 0xff);
	read_frame(r, &frame, 0);
	must(!strcmp(r->whole.at, other.whole.at), "unset field");
	if (r->status == DECODE_TCP) {
		must(s->frame == 7 && s->time == 8, "frame");
		must(s->captured <= s->payload, "captured");
		must(s->data >= copy, "data before");
		must(s->data + s->captured <= copy + caplen, "data beyond");
		must(s->payload <= wirelen || s->payload <= 65535, "payload");
	}
	free(copy);
}

/* A sample in octets. */
struct packet {
	uint32_t linktype;
	uint8_t bytes[512];
	size_t size, wirelen;
};

static void put_hex(struct packet *packet, const char *hex)
{
	char digits[3] = "";

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		digits[0] = *hex++;
		digits[1] = *hex;
		must(packet->size < sizeof(packet->bytes), "size");
		packet->bytes[packet->size++] =
		    (uint8_t)strtoul(digits, NULL, 16);
	}
}

static void put_sample(struct packet *packet, const struct sample *sample)
{
	current = sample->name;
	packet->linktype = sample->linktype;
	packet->size = 0;
	put_hex(packet, sample->hex);
	packet->wirelen = packet->size + sample->cut;
}

/* An IPv4 packet with these options, and an octet of data. */
static void put_list(struct packet *packet, const struct list *list)
{
	current = list->name;
	packet->linktype = IPV4;
	packet->size = 0;
	put_hex(packet, "4500 0000 0000 4000 4006 0000" ENDS4 TCP_HEAD);
	put_hex(packet, list->hex);
	must(packet->size <= 80, "options");
	while (packet->size & 3)
		packet->bytes[packet->size++] = 0;
	packet->bytes[32] = (uint8_t)((packet->size - 20) << 2);
	packet->bytes[33] = list->flags;
	packet->bytes[packet->size++] = 'x';
	packet->bytes[3] = (uint8_t)packet->size;
	packet->wirelen = packet->size;
}

#define SAMPLES (COUNT(links) + COUNT(packets) + COUNT(lists))

/* All samples in one row. */
static void put_any(struct packet *packet, size_t i)
{
	if (i < COUNT(links)) {
		put_sample(packet, &links[i]);
		return;
	}
	i -= COUNT(links);
	if (i < COUNT(packets)) {
		put_sample(packet, &packets[i]);
		return;
	}
	i -= COUNT(packets);
	put_list(packet, &lists[i]);
}

static struct reading reading, full;

static void check_samples(const struct sample *samples, size_t n)
{
	struct packet p;

	for (size_t i = 0; i < n; i++) {
		put_sample(&p, &samples[i]);
		read_bytes(&reading, p.linktype, p.bytes, p.size, p.wirelen);
		ck_assert_msg(!strcmp(reading.whole.at, samples[i].seen),
			      "%s: %s, not %s", samples[i].name,
			      reading.whole.at, samples[i].seen);
	}
}

START_TEST(link_types)
{
	check_samples(links, COUNT(links));
}
END_TEST

START_TEST(ip_and_tcp)
{
	check_samples(packets, COUNT(packets));
}
END_TEST

START_TEST(tcp_options)
{
	struct text seen;
	struct packet p;

	for (size_t i = 0; i < COUNT(lists); i++) {
		put_list(&p, &lists[i]);
		read_bytes(&reading, p.linktype, p.bytes, p.size, p.wirelen);
		must(reading.status == DECODE_TCP, "status");
		must(reading.segment.payload == 1, "payload");
		seen.size = 0;
		add(&seen, "%s%s", reading.options.at, reading.mptcp.at);
		ck_assert_msg(!strcmp(seen.at, lists[i].seen), "%s: %s, not %s",
			      lists[i].name, seen.at, lists[i].seen);
	}
}
END_TEST

/* How options were filled up to four octets, each time with a good option or a
 * bad one, alone or not. */
START_TEST(filled_up)
{
	static const struct {
		struct list list;
		uint8_t nops, n_mptcp, n_bad;
	} rows[] = {
	    {{.name = "full", .hex = TS "1e08200100000001"}, 0, 1, 0},
	    {{.name = "two", .hex = TS "1e062010 0000 0101"}, 2, 0, 1},
	    {{.name = "nop, end", .hex = "1e062010 0000 0100"}, 1, 0, 1},
	    {{.name = "end, nop", .hex = "1e062010 0000 0001"}, 0, 0, 1},
	    {{.name = "other", .hex = TS "1e062010 0000 fd02"}, 0, 0, 1},
	    {{.name = "four", .hex = TS "01010101"}, 4, 0, 0},
	    {{.name = "none", .hex = TS "1e02 0101"}, 2, 0, 1},
	    {{.name = "between", .hex = "1e062010 0000 0101 1e042000"},
	     2,
	     1,
	     1},
	    {{.name = "before", .hex = "010101 1e042000"}, 3, 1, 0},
	};
	struct packet p;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct list list = rows[i].list;

		list.flags = ACK;
		put_list(&p, &list);
		read_bytes(&reading, p.linktype, p.bytes, p.size, p.wirelen);
		must(reading.status == DECODE_TCP, "status");
		must(reading.segment.nops == rows[i].nops, "nops");
		must(reading.segment.n_mptcp == rows[i].n_mptcp, "mptcp");
		must(reading.segment.n_mptcp_bad == rows[i].n_bad, "bad");
		must(!reading.segment.options_bad, "list");
	}
}
END_TEST

/* What was cut off is missing, and nothing else changes. */
static void check_prefix(const struct packet *p, size_t caplen)
{
	const struct segment *s = &reading.segment;
	size_t missing = p->size - caplen;
	size_t captured = full.segment.captured;

	read_bytes(&reading, p->linktype, p->bytes, caplen, p->wirelen);
	if (reading.status == DECODE_SHORT)
		return;
	must(reading.status == full.status, "status");
	if (reading.status != DECODE_TCP)
		return;
	must(!strcmp(reading.head.at, full.head.at), "head");
	must(s->captured <= captured, "more captured");
	must(s->captured + missing >= captured, "less captured");
	if (s->options_short) {
		must(!strncmp(reading.mptcp.at, full.mptcp.at,
			      reading.mptcp.size),
		     "some MPTCP options");
	} else {
		must(!strcmp(reading.mptcp.at, full.mptcp.at), "MPTCP options");
		must(!strcmp(reading.options.at, full.options.at), "options");
	}
}

START_TEST(cut_anywhere)
{
	struct packet p;

	for (size_t i = 0; i < SAMPLES; i++) {
		put_any(&p, i);
		read_bytes(&full, p.linktype, p.bytes, p.size, p.wirelen);
		for (size_t caplen = 0; caplen < p.size; caplen++) {
			check_prefix(&p, caplen);
			/* A tool that forgets what the wire had. */
			read_bytes(&reading, p.linktype, p.bytes, caplen,
				   caplen);
			/* A trace that lies. */
			read_bytes(&reading, p.linktype, p.bytes, caplen, 0);
		}
	}
}
END_TEST

START_TEST(damaged_anywhere)
{
	static const uint8_t set[] = {0x00, 0xff}, flip[] = {0x01, 0x80};
	struct packet p;

	for (size_t i = 0; i < SAMPLES; i++) {
		put_any(&p, i);
		for (size_t at = 0; at < p.size; at++) {
			uint8_t was = p.bytes[at];

			for (int j = 0; j < 2; j++) {
				p.bytes[at] = set[j];
				read_bytes(&reading, p.linktype, p.bytes,
					   p.size, p.wirelen);
				p.bytes[at] = was ^ flip[j];
				read_bytes(&reading, p.linktype, p.bytes,
					   p.size, p.wirelen);
			}
			p.bytes[at] = was;
		}
	}
}
END_TEST

/* Noise behind every link type, of every length up to a full header or so. */
START_TEST(noise)
{
	uint8_t bytes[160];
	uint32_t state = 1;

	for (size_t i = 0; i < COUNT(links); i++)
		for (size_t size = 0; size <= sizeof(bytes); size++) {
			for (size_t j = 0; j < size; j++) {
				state = state * 1664525u + 1013904223u;
				bytes[j] = (uint8_t)(state >> 24);
			}
			if (size && links[i].linktype >= RAW)
				bytes[0] = size & 1 ? 0x45 : 0x60;
			read_bytes(&reading, links[i].linktype, bytes, size,
				   size);
		}
}
END_TEST

Suite *unit_suite(void)
{
	Suite *suite = suite_create("decode");
	TCase *tcase = tcase_create("decode");

	tcase_add_test(tcase, link_types);
	tcase_add_test(tcase, ip_and_tcp);
	tcase_add_test(tcase, tcp_options);
	tcase_add_test(tcase, filled_up);
	tcase_add_test(tcase, cut_anywhere);
	tcase_add_test(tcase, damaged_anywhere);
	tcase_add_test(tcase, noise);
	tcase_set_timeout(tcase, 300); /* under valgrind, say */
	suite_add_tcase(suite, tcase);
	return suite;
}
