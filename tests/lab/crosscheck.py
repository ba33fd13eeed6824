#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compare mptcptrace with a second, slow and independent opinion.

    crosscheck.py [--mptcptrace PATH] TRACE...

For each trace tshark finds the TCP segments; everything above is worked out here
once more, with all of the trace at hand at once: which flows belong to which
connection, which data bytes each segment carries, what was sent again and where,
every checksum and HMAC. What differs from `mptcptrace --json` is printed below a
`not ok` line. Connections whose handshake is not in the trace are left out; with
flows of that kind the figures about them are not compared.
"""

import argparse
import bisect
import hashlib
import hmac
import ipaddress
import json
import shutil
import subprocess
import sys
from collections import Counter, defaultdict

FIELDS = """frame.number frame.time_epoch ip.src ip.dst ipv6.src ipv6.dst tcp.srcport
tcp.dstport tcp.seq_raw tcp.ack_raw tcp.flags tcp.len tcp.options tcp.payload
tcp.options.mptcp.subtype tcp.analysis.retransmission tcp.window_size_value""".split()
PREFERENCES = """tcp.relative_sequence_numbers:FALSE tcp.desegment_tcp_streams:FALSE
tcp.try_heuristic_first:FALSE ip.defragment:FALSE ipv6.defragment:FALSE
tcp.check_checksum:FALSE tcp.no_subdissector_on_error:FALSE""".split()
FIN, SYN, RST, ACK = 1, 2, 4, 16
COUNTS = """mp_capable_syn mp_capable_synack mp_capable_ack mp_join_syn mp_join_synack
mp_join_ack dss dss_map dss_infinite data_fin add_addr add_addr_echo remove_addr
remove_addr_ids mp_prio mp_fail mp_fastclose mp_tcprst""".split()
SIDES = ("client", "server")
WAYS = ("c2s", "s2c")
INFINITE = 1 << 62


# --- reading ----------------------------------------------------------------

def number(data):
    return int.from_bytes(data, "big")


def parse_option(data, syn, ack):
    """One MPTCP option (without kind and length) as a dictionary, or None."""
    kind, low, size = data[0] >> 4, data[0] & 15, len(data) + 2
    option = {"kind": kind, "low": low}
    if kind == 0:
        option["version"] = low
        option["flags"] = data[1] if size > 3 else 0
        right = {(True, False): (4, 12), (True, True): (12,)}.get((syn, ack), (20, 22, 24))
        if size not in right:
            return None
        option["keys"] = [number(data[i:i + 8]) for i in range(2, min(size - 2, 18), 8)]
        if size >= 22:
            option["length"] = number(data[18:20])
            option["checksum"] = number(data[20:22]) if size == 24 else None
    elif kind == 1:
        if size != (16 if syn and ack else 12 if syn else 24):
            return None
        option["backup"], option["id"] = bool(low & 1), data[1]
        if syn and not ack:
            option["token"], option["nonce"] = number(data[2:6]), data[6:10]
        elif syn:
            option["hmac"], option["nonce"] = data[2:10], data[10:14]
        else:
            option["hmac"] = data[2:22]
    elif kind == 2:
        flags, at = data[1], 2
        option["fin"] = bool(flags & 16)
        option["ack"] = option["map"] = None
        if flags & 1:
            wide = 8 if flags & 2 else 4
            option["ack"] = (number(data[at:at + wide]), wide == 8)
            at += wide
        if flags & 4:
            wide = 8 if flags & 8 else 4
            dsn = (number(data[at:at + wide]), wide == 8)
            at += wide
            option["map"] = (dsn, number(data[at:at + 4]), number(data[at + 4:at + 6]))
            at += 6
        left = size - 2 - at
        if left not in ((0, 2) if flags & 4 else (0,)):
            return None
        option["checksum"] = number(data[at:at + 2]) if left else None
    elif kind == 3:
        option["id"], rest = data[1], data[2:]
        option["echo"] = low == 1
        option["hmac"] = None
        if low == 0 and len(rest) in (12, 14, 24, 26):
            rest, option["hmac"] = rest[:-8], rest[-8:]
        elif low not in (1, 4, 6):
            return None
        if len(rest) not in (4, 6, 16, 18):
            return None
        wide = len(rest) & ~3
        option["bytes"] = rest[:wide]
        option["address"] = str(ipaddress.ip_address(rest[:wide]))
        option["port"] = number(rest[wide:]) or None
    elif kind == 4:
        option["ids"] = list(data[1:])
        if not option["ids"]:
            return None
    elif kind == 5:
        if size not in (3, 4):
            return None
        option["backup"], option["id"] = bool(low & 1), data[1] if size == 4 else None
    elif kind in (6, 7):
        if size != 12:
            return None
    elif kind == 8:
        if size != 4:
            return None
    else:
        return None
    return option


def parse_options(data, syn, ack):
    found, at = [], 0
    while at < len(data) and data[at] != 0:
        if data[at] == 1:
            at += 1
            continue
        if at + 1 >= len(data) or data[at + 1] < 2 or at + data[at + 1] > len(data):
            break
        body = data[at + 2:at + data[at + 1]]
        if data[at] == 30 and body:
            option = parse_option(body, syn, ack)
            if option:
                found.append(option)
        elif data[at] == 3 and len(body) == 1 and syn:
            found.append({"kind": "wscale", "shift": body[0]})
        elif data[at] == 5:
            found.append({"kind": "sack", "blocks": [
                (number(body[i:i + 4]), number(body[i + 4:i + 8]))
                for i in range(0, len(body) - 7, 8)]})
        at += data[at + 1]
    return found


def nanoseconds(text):
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 10 ** 9 + int(fraction.ljust(9, "0")[:9])


def octets(text):
    """tshark says <MISSING> where the capture is cut off."""
    return b"" if text.startswith("<") else bytes.fromhex(text.replace(":", ""))


class Segment:
    __slots__ = ("frame", "time", "source", "target", "seq", "ack", "flags", "size",
                 "options", "payload", "again", "wscale", "subtypes", "window", "sacks")

    def __init__(self, row):
        (frame, time, src4, dst4, src6, dst6, sport, dport, seq, ack, flags, size, options,
         payload, subtypes, again, window) = row
        self.frame, self.time = int(frame), nanoseconds(time)
        self.source = (src4 or src6, int(sport))
        self.target = (dst4 or dst6, int(dport))
        self.seq, self.ack = int(seq), int(ack or 0)
        self.flags, self.size = int(flags, 16), int(size)
        syn, acks = bool(self.flags & SYN), bool(self.flags & ACK)
        every = parse_options(octets(options), syn, acks)
        self.wscale = next((o["shift"] for o in every if o["kind"] == "wscale"), None)
        self.sacks = [b for o in every if o["kind"] == "sack" for b in o["blocks"]]
        self.options = [o for o in every if isinstance(o["kind"], int)]
        self.payload = octets(payload)
        self.again = bool(again)
        self.window = int(window or 0)
        self.subtypes = len(subtypes.split(",")) if subtypes else 0


def read_trace(path):
    command = ["tshark", "-n", "-r", path, "-Y", "tcp && !icmp && !icmpv6", "-T", "fields",
               "-E", "separator=/t"]
    for preference in PREFERENCES:
        command += ["-o", preference]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    segments = []
    for line in done.stdout.decode().split("\n"):
        row = line.split("\t")
        if len(row) == len(FIELDS) and row[6].isdigit() and row[8] and row[11]:
            segments.append(Segment(row))
    return segments


# --- numbers ----------------------------------------------------------------

def unwrap(value, near, bits=32):
    """The number congruent to `value` that is nearest to `near`."""
    half = 1 << (bits - 1)
    return near + ((value - near + half) & ((1 << bits) - 1)) - half


class Ranges:
    """Disjoint half-open ranges in order, each with a mark; first come, first kept."""

    def __init__(self):
        self.starts, self.ends, self.marks = [], [], []

    def split(self, start, end):
        """(start, end, mark) for each part of the range; mark is None in holes."""
        at = bisect.bisect_right(self.ends, start)
        while start < end:
            if at == len(self.starts) or self.starts[at] >= end:
                yield start, end, None
                return
            if start < self.starts[at]:
                yield start, self.starts[at], None
                start = self.starts[at]
            upto = min(end, self.ends[at])
            yield start, upto, self.marks[at]
            start, at = upto, at + 1

    def add(self, start, end, mark):
        for begin, upto, old in list(self.split(start, end)):
            if old is None:
                at = bisect.bisect_left(self.starts, begin)
                self.starts.insert(at, begin)
                self.ends.insert(at, upto)
                self.marks.insert(at, mark)


def hash_key(version, key):
    digest = (hashlib.sha1 if version == 0 else hashlib.sha256)(key.to_bytes(8, "big")).digest()
    return number(digest[:4]), number(digest[-8:])


def sign(version, first, second, message):
    keys = first.to_bytes(8, "big") + second.to_bytes(8, "big")
    return hmac.new(keys, message, "sha1" if version == 0 else "sha256").digest()


def one_complement(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


# --- flows and connections ----------------------------------------------------

class Flow:
    def __init__(self, first):
        self.ends = [first.source, first.target]
        if first.flags & SYN and first.flags & ACK:
            self.ends.reverse()
        self.isn = [None, None]
        self.segments = []  # (direction, segment)
        self.conn = None

    def direction(self, segment):
        return 0 if segment.source == self.ends[0] else 1

    def options(self, direction, kind):
        return [(s, o) for d, s in self.segments if d == direction
                for o in s.options if o["kind"] == kind]

    def syn(self, direction):
        wanted = SYN if direction == 0 else SYN | ACK
        return next((s for d, s in self.segments
                     if d == direction and s.flags & (SYN | ACK) == wanted), None)

    def guess_isn(self):
        """Where a SYN is missing, the other end's handshake tells."""
        answer = self.syn(1)
        if self.isn[0] is None and answer:
            self.isn[0] = answer.ack - 1
        for kind in (0, 1):
            third = [s for s, o in self.options(0, kind) if not s.flags & SYN]
            if third and self.isn[0] is None:
                self.isn[0] = third[0].seq - 1
            if third and self.isn[1] is None:
                self.isn[1] = third[0].ack - 1

    @property
    def multipath(self):
        return any(s.options for _, s in self.segments)


def find_flows(segments):
    flows, current = [], {}
    for segment in segments:
        name = frozenset((segment.source, segment.target))
        flow = current.get(name)
        fresh = segment.flags & (SYN | ACK | RST) == SYN
        if flow and fresh:
            way = flow.direction(segment)
            known = flow.isn[way]
            if flow.segments[0][1].flags & SYN and known != segment.seq:
                flow = None
        if not flow:
            flow = current[name] = Flow(segment)
            flows.append(flow)
        way = flow.direction(segment)
        if segment.flags & SYN and flow.isn[way] is None:
            flow.isn[way] = segment.seq
        flow.segments.append((way, segment))
    for flow in flows:
        flow.guess_isn()
    return flows


class Conn:
    def __init__(self, flow):
        self.flows = [flow]
        self.client_way = [0]  # of each flow: the direction that is the client's
        self.version = None
        self.keys, self.tokens, self.idsn = [None, None], [None, None], [None, None]
        self.checksum = False
        syns = [o for s, o in flow.options(0, 0) if s.flags & SYN]
        synacks = [o for s, o in flow.options(1, 0) if s.flags & SYN]
        acks = [o for s, o in flow.options(0, 0) if not s.flags & SYN]
        for source in (synacks, acks, syns):
            if source and source[0]["version"] <= 1:
                self.version = source[0]["version"]
                break
        given_up = any(s.flags & (SYN | ACK) == SYN and not s.options
                       for d, s in flow.segments if d == 0)
        reset = any(s.flags & RST for d, s in flow.segments if d == 1)
        self.refused = not acks and not synacks and bool(given_up or flow.syn(1) or reset)
        for option in syns + (synacks or acks):
            self.checksum |= bool(option["flags"] & 128)
        for option in acks[:1]:
            self.keys = list(option["keys"][:2])
        if syns and syns[0]["keys"]:
            self.keys[0] = syns[0]["keys"][0]
        if synacks:
            self.keys[1] = synacks[0]["keys"][0]
        for side in (0, 1):
            if self.keys[side] is not None and self.version is not None:
                self.tokens[side], self.idsn[side] = hash_key(self.version, self.keys[side])

    def join(self, flow, owner):
        """`owner` of the token received the SYN."""
        self.flows.append(flow)
        self.client_way.append(0 if owner == 1 else 1)


def find_connections(flows):
    conns, lost = [], []
    for flow in flows:
        if any(not s.flags & SYN or not s.flags & ACK for s, _ in flow.options(0, 0)):
            flow.conn = Conn(flow)
            conns.append(flow.conn)
    for flow in flows:
        if flow.conn or not flow.multipath:
            continue
        joins = [o for s, o in flow.options(0, 1) if s.flags & (SYN | ACK) == SYN]
        for conn in reversed(conns):
            if joins and joins[0]["token"] in conn.tokens and conn.flows[0].segments[0][1].time \
                    <= flow.segments[0][1].time:
                flow.conn = conn
                conn.join(flow, conn.tokens.index(joins[0]["token"]))
                break
        else:
            lost.append(flow)
    for conn in conns:
        order = sorted(range(len(conn.flows)),
                       key=lambda i: conn.flows[i].segments[0][1].frame)
        conn.flows = [conn.flows[i] for i in order]
        conn.client_way = [conn.client_way[i] for i in order]
    return conns, lost


def count_options(pairs):
    """COUNTS of (side, segment) pairs, for each side."""
    counts = [Counter({name: 0 for name in COUNTS}) for _ in SIDES]
    for side, segment in pairs:
        heads = set()
        part = "ack" if not segment.flags & SYN else "synack" if segment.flags & ACK else "syn"
        for option in segment.options:
            kind = option["kind"]
            if kind < 2:
                heads.add(("mp_capable_", "mp_join_")[kind] + part)
            elif kind == 2:
                heads.add("dss")
                if option["map"]:
                    heads.add("dss_map")
                    if not option["map"][2]:
                        heads.add("dss_infinite")
                if option["fin"]:
                    heads.add("data_fin")
            elif kind == 3:
                heads.add("add_addr_echo" if option["echo"] else "add_addr")
            elif kind == 4:
                heads.add("remove_addr")
                counts[side]["remove_addr_ids"] += len(option["ids"])
            else:
                heads.add({5: "mp_prio", 6: "mp_fail", 7: "mp_fastclose", 8: "mp_tcprst"}[kind])
        for head in heads:
            counts[side][head] += 1
    return [dict(c) for c in counts]


# --- data -------------------------------------------------------------------

class Half:
    """What one side of one connection sent."""

    def __init__(self, conn, side):
        self.conn, self.side = conn, side
        self.figures = Counter()
        self.pairs = Counter()
        self.pair_frames = defaultdict(set)
        self.packets = defaultdict(set)
        self.flows = [Counter() for _ in conn.flows]
        self.flow_packets = [defaultdict(set) for _ in conn.flows]
        self.seen = Ranges()
        self.seen_in = Ranges()  # which segment
        self.top = 0
        self.fin_at = None
        self.fin = False
        self.first_data = self.last_ack = self.at_hand = None

    def offset(self, value, wide, near):
        origin = (self.conn.idsn[self.side] + 1) & (2 ** 64 - 1)
        if wide:
            return unwrap(value - origin, 0, 64)
        return unwrap((value - origin) & 0xffffffff, near)

    def note(self, head, size, frame):
        self.figures[head + "_bytes"] += size
        self.packets[head].add(frame)

    def reinjected(self, start, end, first, index, segment):
        """Another subflow was told to carry this first; perhaps only since the mapping of
        this segment, which was before, is seen so late."""
        for begin, upto, other in list(self.seen_in.split(start, end)):
            pair, frame = (first, index), segment.frame
            if other.time > segment.time:
                pair, frame = (index, first), other.frame
            self.note("reinjected", upto - begin, frame)
            self.pairs[pair] += upto - begin
            self.pair_frames[pair].add(frame)

    def data_bytes(self, start, end, index, segment, tcp_again, place):
        """Data from `start` to `end` on a subflow, where it is at `place`."""
        size = end - start
        self.figures["bytes_mapped"] += size
        if self.first_data is None:
            self.first_data = segment.time
        top = self.top
        for begin, upto, first in list(self.seen.split(start, end)):
            size = upto - begin
            if first is not None:
                if tcp_again or first == index:
                    self.note("retransmitted", size, segment.frame)
                else:
                    self.reinjected(begin, upto, first, index, segment)
                continue
            self.figures["bytes_unique"] += size
            self.flows[index]["first"] += size
            if begin < top:
                self.note("out_of_order", size, segment.frame)
            elif begin > top:
                self.note("ahead", size, segment.frame)
            top = max(top, upto)
            self.seen.add(begin, upto, index)
            self.seen_in.add(begin, upto, segment)
        self.top = top

    def read(self, events):
        """events: (index of flow, way is ours, segment) in capture order."""
        conn = self.conn
        flows = range(len(conn.flows))
        ways = [w if self.side == 0 else 1 - w for w in conn.client_way]
        base = [None if f.isn[w] is None else f.isn[w] + 1 for f, w in zip(conn.flows, ways)]
        origin = self.fast_open(ways, base)
        maps, listed, near = [Ranges() for _ in flows], [{} for _ in flows], 0
        for index, ours, segment in events:  # all mappings first
            if not ours:
                continue
            for option in segment.options:
                found = None
                if option["kind"] == 0 and "length" in option:
                    found = (0, 1, option["length"], option["checksum"], False)
                elif option["kind"] == 2 and option["map"]:
                    dsn, ssn, length = option["map"]
                    data = self.offset(*dsn, near)
                    found = (data, ssn, length, option["checksum"], option["fin"])
                if option["kind"] == 2 and option["fin"]:
                    self.fin = True
                    if option["map"]:
                        self.fin_at = found[0] + found[2] - 1
                if not found:
                    continue
                data, ssn, length, checksum, fin = found
                near = max(near, data + length - fin)
                if base[index] is None:
                    continue
                seq = unwrap(segment.seq - base[index], 0) if segment.seq else 0
                start = unwrap(ssn - 1 + origin[index], seq)
                size = length - fin
                mark = (data - start, segment.frame)
                if length == 0:
                    maps[index].add(start, INFINITE, mark)
                elif size > 0:
                    maps[index].add(start, start + size, mark)
                # With or without DATA_FIN it is the same mapping.
                listed[index].setdefault((data, ssn if size else 0, size),
                                         (start, ssn, length, checksum))
        self.mappings = sum(1 for i in flows for k in listed[i])
        content, tops = [Ranges() for _ in flows], [0 for _ in flows]
        waiting = [[] for _ in flows]  # data that comes before its mapping counts with that
        for index, ours, segment in events:
            self.at_hand = segment
            if not ours:
                self.acks(index, segment)
                continue
            due = [item for item in waiting[index] if item[0] == segment.frame]
            waiting[index] = [item for item in waiting[index] if item[0] != segment.frame]
            for _, *waited in due:
                self.data_bytes(*waited)
            flow = self.flows[index]
            flow["packets"] += 1
            flow["bytes"] += segment.size
            flow["rst"] |= bool(segment.flags & RST)
            flow["fin"] |= bool(segment.flags & FIN)
            if segment.flags & RST or not segment.size or base[index] is None:
                continue
            start = unwrap(segment.seq + bool(segment.flags & SYN) - base[index], tops[index])
            end = start + segment.size
            for begin, upto, old in list(content[index].split(start, end)):
                if old is not None:
                    flow["retransmitted_bytes"] += upto - begin
                    self.flow_packets[index]["retransmitted_packets"].add(segment.frame)
                elif begin < tops[index]:
                    self.flow_packets[index]["out_of_order_packets"].add(segment.frame)
                for a, b, mark in list(maps[index].split(begin, upto)):
                    if mark is None:
                        self.figures["bytes_unmapped"] += b - a
                        continue
                    delta, frame = mark
                    if frame > segment.frame:
                        waiting[index].append((frame, a + delta, b + delta, index, segment,
                                               old is not None, a))
                    else:
                        self.data_bytes(a + delta, b + delta, index, segment,
                                        old is not None, a)
                content[index].add(begin, upto, (segment, start))
            tops[index] = max(tops[index], end)
        self.checksums(listed, content)

    def fast_open(self, ways, base):
        """Data in a SYN that the SYN/ACK takes is no part of the data sequence; SSNs
        start after it."""
        origin = [0] * len(base)
        for index, flow in enumerate(self.conn.flows):
            syn, answer = flow.syn(ways[index]), flow.syn(1 - ways[index])
            if ways[index] == 0 and syn and answer and syn.size:
                origin[index] = min((answer.ack - base[index]) & 0xffffffff, syn.size)
        return origin

    def acks(self, _, segment):
        for option in segment.options:
            if option["kind"] == 2 and option["ack"]:
                value = self.offset(*option["ack"], self.figures["acked"])
                if value > self.figures["acked"]:
                    self.figures["acked"] = value
                    self.last_ack = segment.time

    def checksums(self, listed, content):
        for index, table in enumerate(listed):
            for (data, _, size), (start, ssn, length, checksum) in table.items():
                if checksum is None or length == 0:
                    continue
                whole = bytearray()
                for begin, upto, mark in content[index].split(start, start + max(size, 0)):
                    if mark is None:
                        break
                    segment, first = mark
                    whole += segment.payload[begin - first:upto - first]
                if len(whole) != size:
                    continue
                dsn = (data + self.conn.idsn[self.side] + 1) & (2 ** 64 - 1)
                head = dsn.to_bytes(8, "big") + ssn.to_bytes(4, "big")
                head += length.to_bytes(2, "big") + b"\0\0"
                total = one_complement(head + bytes(whole) + b"\0" * (size % 2)
                                       + checksum.to_bytes(2, "big"))
                self.figures["checksum_ok" if total == 0xffff else "checksum_bad"] += 1

    def result(self):
        figures = self.figures
        acked = figures["acked"]
        if self.fin_at is not None and acked > self.fin_at:
            acked -= 1
        out = {name: figures[name] for name in (
            "bytes_mapped", "bytes_unique", "bytes_unmapped", "retransmitted_bytes",
            "reinjected_bytes", "out_of_order_bytes", "ahead_bytes", "checksum_ok",
            "checksum_bad")}
        out["bytes_acked"] = acked
        out["mappings"] = self.mappings
        for head in ("retransmitted", "reinjected", "out_of_order", "ahead"):
            out[head + "_packets"] = len(self.packets[head])
        out["data_fin"] = self.fin
        out["reinjections"] = sorted((a, b, len(self.pair_frames[a, b]), n)
                                     for (a, b), n in self.pairs.items())
        out["goodput"] = None
        if self.first_data is not None and self.last_ack and self.last_ack > self.first_data:
            out["goodput"] = acked * 1e9 / (self.last_ack - self.first_data)
        return out


def events_of(conn):
    """(frame, index of flow, from the client, segment) of all flows, in order."""
    events = []
    for index, flow in enumerate(conn.flows):
        for way, segment in flow.segments:
            events.append((segment.frame, index, way == conn.client_way[index], segment))
    return sorted(events, key=lambda event: event[0])


def examine(conn):
    events = events_of(conn)
    pairs = [(0 if client else 1, segment) for _, _, client, segment in events]
    out = {"version": conn.version, "checksum": conn.checksum, "options": {}, "subflows": [],
           "addresses": []}
    for way, counts in zip(WAYS, count_options(pairs)):
        out["options"][way] = counts
    halves = []
    for side in (0, 1):
        out[SIDES[side]] = {
            "key": hexed(conn.keys[side], 16), "token": hexed(conn.tokens[side], 8),
            "idsn": hexed(conn.idsn[side], 16)}
        half = None
        if conn.idsn[side] is not None:
            half = Half(conn, side)
            half.read([(i, (0 if client else 1) == side, s) for _, i, client, s in events])
            out[WAYS[side]] = half.result()
        halves.append(half)
    for _, index, client, segment in events:
        side = 0 if client else 1
        for option in segment.options:
            if option["kind"] == 3:
                out["addresses"].append(address(conn, side, segment, option))
            elif option["kind"] == 4:
                for each in option["ids"]:
                    out["addresses"].append({
                        "side": SIDES[side], "event": "remove", "id": each, "address": None,
                        "port": None, "hmac": "unchecked"})
    backups = backup_flags(conn, events)
    for index, flow in enumerate(conn.flows):
        out["subflows"].append(subflow(conn, index, flow, halves, backups[index]))
    return out


def hexed(value, digits):
    return None if value is None else f"0x{value:0{digits}x}"


def address(conn, side, segment, option):
    verdict = "unchecked"
    if option["hmac"] and None not in conn.keys:
        message = bytes([option["id"]]) + option["bytes"] + (option["port"] or 0).to_bytes(2, "big")
        right = sign(1, conn.keys[side], conn.keys[1 - side], message)[-8:]
        verdict = "ok" if right == option["hmac"] else "bad"
    return {"side": SIDES[side], "event": "echo" if option["echo"] else "add",
            "id": option["id"], "address": option["address"], "port": option["port"],
            "hmac": verdict}


def backup_flags(conn, events):
    flags = [[False, False] for _ in conn.flows]
    ids = [[0, 0] if any(f.options(0, 0)) else [None, None] for f in conn.flows]
    for _, index, client, segment in events:
        side = 0 if client else 1
        for option in segment.options:
            if option["kind"] == 1 and segment.flags & SYN:
                flags[index][side] = option["backup"]
                ids[index][side] = option["id"]
            elif option["kind"] == 5 and option["id"] is None:
                flags[index][side] = option["backup"]
            elif option["kind"] == 5 and conn.version == 0:
                for other, known in enumerate(ids):
                    if known[side] == option["id"]:
                        flags[other][side] = option["backup"]
    return [any(pair) for pair in flags]


def subflow(conn, index, flow, halves, backup):
    way = conn.client_way[index]
    initial = bool(flow.options(0, 0))
    out = {"id": index, "source": flow.ends[0][0], "source_port": flow.ends[0][1],
           "destination": flow.ends[1][0], "destination_port": flow.ends[1][1],
           "initial": initial, "initiator": SIDES[way], "backup": backup}
    syns = [s for s in (flow.syn(0), flow.syn(1))]
    shifts = [s.wscale if s else None for s in syns]
    out["wscale"] = shifts if way == 0 else shifts[::-1]
    joins = [next((o for o in s.options if o["kind"] == 1), None) if s else None for s in syns]
    out["address_ids"] = [0, 0] if initial else [j["id"] if j else None for j in joins]
    verdicts = {"synack": "unchecked", "ack": "unchecked"}
    if not initial and all(joins) and None not in conn.keys:
        own, peer = conn.keys if way == 0 else conn.keys[::-1]
        nonces = [j["nonce"] for j in joins]
        right = sign(conn.version, peer, own, nonces[1] + nonces[0])[:8]
        verdicts["synack"] = "ok" if right == joins[1]["hmac"] else "bad"
        acks = [o for s, o in flow.options(0, 1) if not s.flags & SYN]
        if acks:
            right = sign(conn.version, own, peer, nonces[0] + nonces[1])[:20]
            verdicts["ack"] = "ok" if any(right == a["hmac"] for a in acks) else "bad"
    out["hmac"] = verdicts
    for side in (0, 1):
        half = halves[side]
        if not half:
            continue
        figures = half.flows[index]
        unique = half.figures["bytes_unique"]
        out[WAYS[side]] = {
            "packets": figures["packets"], "bytes": figures["bytes"],
            "retransmitted_bytes": figures["retransmitted_bytes"],
            "share": figures["first"] / unique if unique else None,
            "rst": bool(figures["rst"]), "fin": bool(figures["fin"])}
        for name in ("retransmitted_packets", "out_of_order_packets"):
            out[WAYS[side]][name] = len(half.flow_packets[index][name])
    return out


# --- comparing --------------------------------------------------------------

def differences(path, expected, got):
    """Sentences; members that are only in `got` do not matter."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for name, value in expected.items():
            if name not in got:
                yield f"{path}.{name}: missing"
            else:
                yield from differences(f"{path}.{name}", value, got[name])
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for place, (one, other) in enumerate(zip(expected, got)):
            yield from differences(f"{path}[{place}]", one, other)
    elif isinstance(expected, float) and isinstance(got, (int, float)):
        if abs(expected - got) > 1e-6 * max(abs(expected), 1e-9):
            yield f"{path}: expected {expected:.6g}, got {got:.6g}"
    elif expected != got and not (isinstance(expected, list) and isinstance(got, list)):
        yield f"{path}: expected {expected}, got {got}"
    elif expected != got:
        yield f"{path}: expected {len(expected)} members {expected}, got {len(got)} {got}"


def compare(path, tool):
    done = subprocess.run([tool, "-f", path, "--json"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    try:
        got = json.loads(done.stdout)
    except ValueError:
        return [f"exit status {done.returncode}, no JSON: {done.stderr.decode()[-600:]}"]
    return judge(read_trace(path), got)


def judge(segments, got):
    flows = find_flows(segments)
    conns, lost = find_connections(flows)
    found = []
    plain = sum(1 for f in flows if not f.multipath)
    refused = sum(1 for c in conns if c.refused)
    expected = {"flows": len(flows), "plain": plain, "mptcp_refused": refused}
    if not lost:
        expected["orphan_subflows"] = 0
        expected["mptcp_subflows"] = len(flows) - plain - refused
    found += differences("tcp", expected, got["tcp"])
    found += differences("capture", {
        "tcp_packets": len(segments),
        "mptcp_packets": sum(1 for s in segments if s.options)}, got["capture"])
    for segment in segments:
        if segment.subtypes != len(segment.options):
            found.append(f"packet {segment.frame}: tshark sees {segment.subtypes} options, "
                         f"not {len(segment.options)}")
    both = Counter()  # nothing is counted twice or not at all
    for way in WAYS:
        both.update(got["orphans"]["options"][way])
        for conn in got["connections"]:
            both.update(conn["options"][way])
    mine = Counter()
    for counts in count_options([(0, s) for s in segments]):
        mine.update(counts)
    found += differences("all options", dict(mine), dict(both))
    found += compare_connections(conns, lost, got["connections"])
    return found


def pair_up(conns, got):
    """(ours, that of the report or None) for each of ours; those left over."""
    pairs, ends = [], {}
    for conn in got:
        if conn["subflows"]:
            first = next((s for s in conn["subflows"] if s["initial"]), conn["subflows"][0])
            ends.setdefault((first["source"], first["source_port"], first["destination"],
                             first["destination_port"]), []).append(conn)
    for conn in conns:
        first = next(f for f in conn.flows if f.options(0, 0))
        same = ends.get(first.ends[0] + first.ends[1])
        pairs.append((conn, same.pop(0) if same else None))
    return pairs, [conn for rest in ends.values() for conn in rest]


def compare_connections(conns, lost, got):
    found = []
    pairs, others = pair_up(conns, got)
    for conn, other in pairs:
        if not other:
            first = next(f for f in conn.flows if f.options(0, 0))
            found.append(f"no connection {first.ends[0] + first.ends[1]}")
            continue
        for way in WAYS:
            other[way]["reinjections"] = sorted(
                (-1 if r["from"] is None else r["from"], r["to"], r["packets"], r["bytes"])
                for r in other[way]["reinjections"])
        expected = examine(conn)
        if lost:  # what belongs to it is not sure
            expected = {k: expected[k] for k in ("version", "checksum", "client", "server")}
        found += differences(f"connection {other['id']}", expected, other)
    if not lost:
        found += [f"connection {conn['id']}: not expected" for conn in others]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mptcptrace", default="mptcptrace", metavar="PATH")
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    arguments = parser.parse_args()
    if not shutil.which("tshark"):
        print("SKIP no tshark")
        return 0
    if not shutil.which(arguments.mptcptrace):
        parser.error(f"{arguments.mptcptrace}: not found")
    failed = 0
    for path in arguments.traces:
        found = compare(path, arguments.mptcptrace)
        failed += bool(found)
        print(("not ok " if found else "ok ") + path, flush=True)
        for sentence in found:
            print(f"    {sentence}")
    print(f"{len(arguments.traces) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
