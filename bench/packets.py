# SPDX-License-Identifier: BSD-3-Clause
"""Packets that never were: MPTCP connections whose handshakes are valid (keys, tokens, HMACs of
RFC 8684), as captured with a short snap length: the payload has a length but no octets.
Checksums of IP and TCP are 0.
"""

import hashlib
import hmac
import random
import struct

import pcap

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = 0, 1
MASK32, MASK64 = (1 << 32) - 1, (1 << 64) - 1
STEP = 10           # microseconds between packets
START = 1_700_000_000 * pcap.MICROSECONDS
SLL2_IPV4 = struct.pack("!HHIHBB8s", 0x0800, 0, 1, 1, 0, 6, b"")
SLL2_IPV6 = struct.pack("!HHIHBB8s", 0x86DD, 0, 1, 1, 0, 6, b"")


def ipv4(number):
    """The address 10.0.0.0 + number, as octets."""
    return struct.pack("!I", 0x0A000000 + number)


class Trace:
    """Packets go into a file, one every STEP microseconds."""

    def __init__(self, path, seed=1):
        self.writer = pcap.Writer(path)
        self.now, self.packets = START, 0
        self.random = random.Random(seed)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.writer.file.close()

    def put(self, headers, payload):
        """A packet: its octets before the payload, and the length of that."""
        self.writer.packet(self.now, headers, len(headers) + payload)
        self.now += STEP
        self.packets += 1


class Flow:
    """A TCP connection; `ends` are (address, port) of who opened it and of the other."""

    def __init__(self, trace, ends, isn=(1000, 5000)):
        self.trace, self.ends, self.isn = trace, ends, isn

    def send(self, side, flags=ACK, at=0, acked=0, payload=0, options=b"", window=65535):
        """A segment of `side`, `at` and `acked` counted from the first octet of either."""
        (source, sport), (target, dport) = self.ends[side], self.ends[not side]
        options += b"\1" * (-len(options) % 4)
        seq = self.isn[side] + at + (not flags & SYN) & MASK32
        ack = self.isn[not side] + acked + 1 & MASK32 if flags & ACK else 0
        tcp = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, (20 + len(options)) // 4 << 4,
                          flags, window, 0, 0) + options
        if len(source) == 4:
            ip = SLL2_IPV4 + struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp) + payload, 0, 0,
                                         64, 6, 0)
        else:
            ip = SLL2_IPV6 + struct.pack("!IHBB", 6 << 28, len(tcp) + payload, 6, 64)
        self.trace.put(ip + source + target + tcp, payload)


def dss(ack=None, dsn=None, ssn=0, length=0, fin=False):
    """A DSS option with 64-bit numbers (RFC 8684, 3.3)."""
    flags = (ack is not None) * 3 | (dsn is not None) * 12 | fin << 4
    option = struct.pack("!BB", 0x20, flags)
    if ack is not None:
        option += struct.pack("!Q", ack & MASK64)
    if dsn is not None:
        option += struct.pack("!QIH", dsn & MASK64, ssn & MASK32, length)
    return struct.pack("!BB", 30, len(option) + 2) + option


def capable(*keys, length=None):
    """MP_CAPABLE of version 1 (RFC 8684, 3.1)."""
    option = struct.pack("!BB", 0x01, 0x01) + b"".join(keys)
    if length is not None:
        option += struct.pack("!H", length)
    return struct.pack("!BB", 30, len(option) + 2) + option


class Connection:
    """An MPTCP connection with valid keys. Data offsets count from the first octet."""

    def __init__(self, trace, ends, keys=None):
        self.trace = trace
        self.keys = keys or tuple(trace.random.randbytes(8) for _ in range(2))
        digests = [hashlib.sha256(key).digest() for key in self.keys]
        self.token = [digest[:4] for digest in digests]
        self.first = [struct.unpack("!Q", digest[-8:])[0] + 1 for digest in digests]
        self.flow = Flow(trace, ends)
        self.flow.send(CLIENT, SYN, options=capable())
        self.flow.send(SERVER, SYN | ACK, options=capable(self.keys[SERVER]))
        self.flow.send(CLIENT, options=capable(*self.keys))

    def data(self, flow, side, at, ssn, payload, length=None):
        """Data at an offset of the connection, at `ssn` of the flow, with its mapping, of
        `length` or of the payload."""
        flow.send(side, ACK, ssn, 0, payload,
                  dss(dsn=self.first[side] + at, ssn=ssn + 1, length=length or payload))

    def acknowledge(self, flow, side, upto, acked):
        """A DATA_ACK of what the other side sent, up to an offset; and a TCP one."""
        flow.send(side, ACK, 0, acked, 0, dss(ack=self.first[not side] + upto))

    def join(self, ends, identifier=1):
        """A subflow more, opened by the client (RFC 8684, 3.2)."""
        flow = Flow(self.trace, ends)
        nonces = [self.trace.random.randbytes(4) for _ in range(2)]

        def code(side, size):
            return hmac.digest(self.keys[side] + self.keys[not side],
                               nonces[side] + nonces[not side], "sha256")[:size]

        head = struct.pack("!BB", 0x10, identifier)
        flow.send(CLIENT, SYN, options=b"\x1e\x0c" + head + self.token[SERVER] + nonces[CLIENT])
        flow.send(SERVER, SYN | ACK, options=b"\x1e\x10" + head + code(SERVER, 8)
                  + nonces[SERVER])
        flow.send(CLIENT, options=b"\x1e\x18" + struct.pack("!BB", 0x10, 0) + code(CLIENT, 20))
        flow.send(SERVER, acked=0, options=dss(ack=self.first[CLIENT]))
        return flow
