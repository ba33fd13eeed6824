#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A middlebox: carries frames between the two ports of each path and edits some.

    box.py PATHS

Run in the namespace between the hosts, where path P has the ports cP and sP. Each
line of standard input is a JSON list of edits that replaces the edits before; each is
answered by a line "ok". An edit is an object:

    do      its name: see EDITS
    on      names of WHEN and of SUBTYPES, all of which must be true of the segment
    way     "c2s" or "s2c"; both without
    path    only on this path
    flow    only in this flow, counted from 0 in order of appearance
    skip    let so many pass first, of each flow
    count   then edit so many, of each flow
    every   of these only each so many-th
    other members are what the edit needs

What no edit touches is passed on as it came. What is edited gets good IP and TCP
checksums. Only TCP over IPv4 is edited. The hosts must not offload anything.
"""

import contextlib
import copy
import hashlib
import json
import select
import socket
import struct
import sys

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SACK, MPTCP = 5, 30
OTHER = {"c2s": "s2c", "s2c": "c2s"}
SUBTYPES = ("capable", "join", "dss", "add_addr", "remove_addr", "prio", "fail", "fastclose",
            "tcprst")


# --- segments ---------------------------------------------------------------

def checksum(data):
    """The Internet checksum."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def split_options(data):
    """The options, each as its octets."""
    while data:
        size = 1 if data[0] < 2 or len(data) < 2 else max(data[1], 2)
        yield bytearray(data[:size])
        data = data[size:]


class Segment:
    """A TCP segment over IPv4 on Ethernet, taken apart."""

    def __init__(self, frame, way, path):
        self.way, self.path = way, path
        size = (frame[14] & 15) * 4
        self.link, self.ip = frame[:14], bytearray(frame[14:14 + size])
        tcp = frame[14 + size:14 + struct.unpack_from("!H", frame, 16)[0]]
        (self.sport, self.dport, self.seq, self.ack, offset, self.flags, self.window,
         self.urgent) = struct.unpack_from("!HHIIBBH2xH", tcp)
        self.options = list(split_options(tcp[20:(offset >> 4) * 4]))
        self.payload = tcp[(offset >> 4) * 4:]

    def mptcp(self, subtype=None):
        """Its MPTCP options, or those of a subtype."""
        return [option for option in self.options if option[0] == MPTCP
                and (subtype is None or option[2] >> 4 == SUBTYPES.index(subtype))]

    def ends(self):
        """(client address and port, server address and port), as octets and numbers."""
        ends = [(bytes(self.ip[12:16]), self.sport), (bytes(self.ip[16:20]), self.dport)]
        return tuple(ends if self.way == "c2s" else ends[::-1])

    def back(self, flags):
        """A segment without payload and options that answers this one."""
        answer = copy.deepcopy(self)
        answer.way = OTHER[self.way]
        answer.link = self.link[6:12] + self.link[:6] + self.link[12:]
        answer.ip[12:16], answer.ip[16:20] = self.ip[16:20], self.ip[12:16]
        answer.sport, answer.dport = self.dport, self.sport
        answer.seq = self.ack
        answer.ack = self.seq + len(self.payload) & 0xFFFFFFFF
        answer.flags, answer.options, answer.payload = flags, [], b""
        return answer

    def frame(self):
        """The octets to send."""
        options = b"".join(self.options)
        options += b"\0" * (-len(options) % 4)
        tcp = struct.pack("!HHIIBBHHH", self.sport, self.dport, self.seq, self.ack,
                          (20 + len(options)) // 4 << 4, self.flags, self.window, 0,
                          self.urgent) + options + self.payload
        pseudo = self.ip[12:20] + struct.pack("!HH", 6, len(tcp))
        tcp = tcp[:16] + struct.pack("!H", checksum(bytes(pseudo) + tcp)) + tcp[18:]
        struct.pack_into("!H", self.ip, 2, len(self.ip) + len(tcp))
        struct.pack_into("!H", self.ip, 10, 0)
        struct.pack_into("!H", self.ip, 10, checksum(bytes(self.ip)))
        return bytes(self.link + self.ip) + tcp


WHEN = {
    "syn": lambda segment: segment.flags & (SYN | ACK) == SYN,
    "synack": lambda segment: segment.flags & (SYN | ACK) == SYN | ACK,
    "later": lambda segment: not segment.flags & SYN,
    "rst": lambda segment: bool(segment.flags & RST),
    "data": lambda segment: bool(segment.payload),
    "empty": lambda segment: not segment.payload,
    "echo": lambda segment: any(option[2] & 1 for option in segment.mptcp("add_addr")),
    "addr": lambda segment: any(not option[2] & 1 for option in segment.mptcp("add_addr")),
    **{name: lambda segment, name=name: bool(segment.mptcp(name)) for name in SUBTYPES},
}


# --- sequence numbers -------------------------------------------------------

def distance(one, two):
    """two - one, of sequence numbers."""
    return (two - one + (1 << 31) & 0xFFFFFFFF) - (1 << 31)


def unmoved(number, after, amount):
    """What was moved by `amount`, if it lies after a number, as its sender knows it."""
    if after is not None and distance(after, number) <= 0:
        return number
    if after is not None and distance(after + amount, number) <= 0:
        return after
    return number - amount & 0xFFFFFFFF


class Flow:
    """What the box remembers of a TCP connection."""

    def __init__(self, number):
        self.number = number
        self.matched = {}       # how often, by edit
        self.shifts = []        # (way, after which number or None, by how much, acks as well)
        self.keys = None        # server's own key and the one the client is told

    def translate(self, segment):
        """Sequence numbers, acknowledgements and SACKs, as they were moved."""
        for way, after, amount, acks in self.shifts:
            if way == segment.way:
                if after is None or distance(after, segment.seq) > 0:
                    segment.seq = segment.seq + amount & 0xFFFFFFFF
            elif acks:
                segment.ack = unmoved(segment.ack, after, amount)
                for option in segment.options:
                    if option[0] == SACK:
                        for at in range(2, len(option), 4):
                            number = struct.unpack_from("!I", option, at)[0]
                            struct.pack_into("!I", option, at, unmoved(number, after, amount))


# --- edits ------------------------------------------------------------------
# Each takes the edit, the box, the flow and the segment. It changes the segment and
# returns nothing, or returns the segments to pass on instead.

def drop(*_):
    """The segment is lost."""
    return []


def strip(edit, _box, _flow, segment):
    """MPTCP options, or those of a `subtype`, are removed; the header gets shorter."""
    gone = segment.mptcp(edit.get("subtype"))
    segment.options = [option for option in segment.options
                       if not any(option is other for other in gone)]


def blank(edit, _box, _flow, segment):
    """The same, but NOPs take their place."""
    for option in segment.mptcp(edit.get("subtype")):
        option[:] = b"\1" * len(option)


def version(edit, _box, _flow, segment):
    """MP_CAPABLE is of the version `to`; a SYN of version 0 has a key."""
    for option in segment.mptcp("capable"):
        option[2] = edit["to"]
        if len(option) == 4:
            option += b"lab's key"[:8]
            option[1] = len(option)


def poke(edit, _box, _flow, segment):
    """In the option of `subtype` the octets at `at` are changed by XOR with hex `by`."""
    for option in segment.mptcp(edit["subtype"]):
        for at, octet in enumerate(bytes.fromhex(edit["by"]), edit["at"]):
            option[at] ^= octet


def damage(edit, _box, _flow, segment):
    """An octet of the payload is another."""
    payload = bytearray(segment.payload)
    payload[edit.get("at", 0)] ^= 0x55
    segment.payload = bytes(payload)


def resize(edit, _box, flow, segment):
    """`by` octets of payload more, or less, at its beginning, as an ALG does: sequence
    numbers follow. Only the first segment, and again if it is sent again."""
    if flow.shifts and flow.shifts[0][1] != segment.seq:
        return
    if edit["by"] > 0:
        segment.payload = b"x" * edit["by"] + segment.payload
    else:
        segment.payload = segment.payload[-edit["by"]:]
    if not flow.shifts:
        flow.shifts.append((segment.way, segment.seq, edit["by"], True))


def isn(edit, _box, flow, segment):
    """On a SYN or SYN/ACK: all sequence numbers of this side move by `by`; so do
    acknowledgements of the other, unless `acks` is false."""
    if not any(way == segment.way for way, *_ in flow.shifts):
        flow.shifts.append((segment.way, None, edit["by"], edit.get("acks", True)))


def sequence(edit, _box, _flow, segment):
    """This segment alone is moved."""
    segment.seq = segment.seq + edit["by"] & 0xFFFFFFFF


def mapping(edit, _box, _flow, segment):
    """A copy follows whose mapping has another DSN."""
    other = copy.deepcopy(segment)
    for option in other.mptcp("dss"):
        move_dss(option, None, edit["by"])
    return [segment, other]


def infinite(_edit, _box, _flow, segment):
    """The mapping has length 0: it is infinite."""
    for option in segment.mptcp("dss"):
        at = 4 + (0, 4, 0, 8)[option[3] & 3] + (8 if option[3] & 8 else 4)
        struct.pack_into("!H", option, at + 4, 0)


def reset(edit, _box, _flow, segment):
    """A RST to both sides instead of the segment, or only `to` the one or the other."""
    forward = copy.deepcopy(segment)
    forward.flags, forward.options, forward.payload = RST | ACK, [], b""
    answers = {"there": forward, "back": segment.back(RST | ACK)}
    return [answers[to] for to in edit.get("to", ("there", "back"))]


def key(_edit, box, flow, segment):
    """The client is told the server's key of the first flow, and never learns better:
    all that follows from the key is translated. Not for joins, and not for checksums."""
    if segment.way == "s2c":
        for option in segment.mptcp("capable"):
            own = bytes(option[4:12])
            box.keys.append(own)
            flow.keys = own, box.keys[0]
            option[4:12] = box.keys[0]
    if flow.keys is None or flow.keys[0] == flow.keys[1]:
        return
    amount = first_dsn(flow.keys[1]) - first_dsn(flow.keys[0])
    if segment.way == "c2s":
        for option in segment.mptcp("capable") + segment.mptcp("fastclose"):
            option[:] = option.replace(flow.keys[1], flow.keys[0])
    for option in segment.mptcp("dss"):
        move_dss(option, -amount if segment.way == "c2s" else None,
                 amount if segment.way == "s2c" else None)


def first_dsn(of_key):
    """The initial data sequence number (RFC 8684, 3.2)."""
    return struct.unpack("!Q", hashlib.sha256(of_key).digest()[-8:])[0]


def move_dss(option, ack, dsn):
    """Move the DATA_ACK and the DSN by so much, None: not."""
    flags, at = option[3], 4
    for present, large, amount in ((flags & 1, flags & 2, ack), (flags & 4, flags & 8, dsn)):
        if not present:
            continue
        form, mask = ("!Q", (1 << 64) - 1) if large else ("!I", 0xFFFFFFFF)
        if amount is not None:
            number = struct.unpack_from(form, option, at)[0]
            struct.pack_into(form, option, at, number + amount & mask)
        at += struct.calcsize(form)


EDITS = {edit.__name__: edit for edit in
         (drop, strip, blank, version, poke, damage, resize, isn, sequence, mapping,
          infinite, reset, key)}


# --- the box ----------------------------------------------------------------

class Box:
    """The ports, the flows, and what is to be done."""

    def __init__(self, paths):
        self.ports = {}
        for path in range(1, paths + 1):
            for way, name in (("c2s", f"c{path}"), ("s2c", f"s{path}")):
                port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
                port.bind((name, 0))
                self.ports[way, path] = port
        self.edits = []
        self.flows = {}
        self.keys = []

    def send(self, frame, way, path):
        """Out at the other end of the path."""
        with contextlib.suppress(OSError):  # a queue that is full loses it, as anywhere
            self.ports[OTHER[way], path].send(frame)

    def wants(self, number, flow, segment):
        """Does this edit change this segment?"""
        edit = self.edits[number]
        if any(name in edit and edit[name] != value for name, value in
               (("way", segment.way), ("path", segment.path), ("flow", flow.number))):
            return False
        if not all(WHEN[name](segment) for name in edit["on"]):
            return False
        seen = flow.matched[number] = flow.matched.get(number, 0) + 1
        skip = edit.get("skip", 0)
        return (skip < seen <= skip + edit.get("count", 1 << 30)
                and (seen - skip) % edit.get("every", 1) == 0)

    def edit(self, flow, segment):
        """The segments to pass on; None if it stays as it is."""
        touched, segments = False, [segment]
        for number, edit in enumerate(self.edits):
            before, segments = segments, []
            for one in before:
                after = None
                if self.wants(number, flow, one):
                    touched = True
                    after = EDITS[edit["do"]](edit, self, flow, one)
                segments += [one] if after is None else after
        for one in segments:
            flow.translate(one)
        return segments if touched or flow.shifts else None

    def frame(self, frame, way, path):
        """What came in at a port."""
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            self.send(frame, way, path)
            return
        segment = Segment(frame, way, path)
        flow = self.flows.setdefault(segment.ends(), Flow(len(self.flows)))
        segments = self.edit(flow, segment)
        if segments is None:
            self.send(frame, way, path)
            return
        for one in segments:
            self.send(one.frame(), one.way, path)

    def run(self):
        """Until standard input ends."""
        where = {port: name for name, port in self.ports.items()}
        while True:
            for ready in select.select([sys.stdin, *where], (), ())[0]:
                if ready is sys.stdin:
                    line = sys.stdin.readline()
                    if not line:
                        return
                    self.edits = json.loads(line)
                    for flow in self.flows.values():
                        flow.matched = {}
                    print("ok", flush=True)
                else:
                    frame, origin = ready.recvfrom(1 << 16)
                    if origin[2] != socket.PACKET_OUTGOING:
                        self.frame(frame, *where[ready])


if __name__ == "__main__":
    Box(int(sys.argv[1])).run()
