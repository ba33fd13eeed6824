#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compare mptcptrace's files with a second, slow and independent opinion.

    graphcheck.py [--mptcptrace PATH] [--brief] TRACE...
    graphcheck.py [--mptcptrace PATH] --pair CLIENT SERVER [CLIENT SERVER ...]
    graphcheck.py --tshark TRACE...

For each trace all graphs and statistics are written in a scratch directory, and every
row of them is compared with what is worked out here from the segments that tshark
finds (see crosscheck.py). Then every option is tried alone: its files must be the
same, byte for byte; with `--relative` the same rows, shifted; for xplot the same
points. `--brief` leaves that out.

With `--pair`, the captures of one run at its two ends must agree on whatever does
not depend on where it is seen.

With `--tshark`, nothing of mptcptrace is run: retransmissions and reinjections as
they are defined here are compared with tshark's own, and differences are counted by
kind.
"""

import argparse
import bisect
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

from crosscheck import (ACK, FIN, INFINITE, PREFERENCES, RST, SIDES, SYN, WAYS, Half,
                        Ranges, events_of, find_connections, find_flows, nanoseconds,
                        pair_up, read_trace, unwrap)

GOODPUT_ACKS = 3
OPTIONS = """-s -a -r_1 -r_2 -r_4 -r_7 -F_1 -F_2 -F_4 -F_7 -G_3 -S -A -R --graph_rtt
--graph_reinjections --graph_marks --graph_map_reinject --graph_seq,flight --json""".split()
SHOWN = 4  # rows of a difference
TIMED = ("seq", "acksize", "rtt_ack_ts", "rtt_seq_ts", "flight", "flight_per_flow",
         "rightEdge", "gput", "rtt", "reinjections", "marks")
PLOTTED = ("seq", "acksize", "rtt_ack_ts", "rtt_seq_ts", "rtt_seq_num", "flight",
           "flight_per_flow", "rightEdge", "gput")
HEADED = ("rtt", "reinjections", "marks", "map_reinject", "throughput", "share", "scheduler",
          "reorder", "hol")
# Columns that hold sequence values, for --relative.
SEQUENCES = {"seq": (1, 4), "rtt_seq_num": (0,), "rightEdge": (1,), "reinjections": (1,),
             "marks": (1,), "map_reinject": (0,)}


# --- what happened, in order --------------------------------------------------

class Sent:
    """A piece of a segment's payload: data [start, end) of a subflow, where it is at
    `place`. `again`: TCP sent these bytes before. `parts`: (start, end, index of the
    subflow that carried it first, or None). `told_with`: the packet that maps it, if
    that is seen later."""

    def __init__(self, start, end, index, segment, again, place, parts, told_with):
        self.start, self.end, self.place = start, end, place
        self.index, self.segment, self.again, self.parts = index, segment, again, parts
        self.told_with = told_with


class DataAck:
    def __init__(self, upto, index, segment):
        self.upto, self.index, self.segment = upto, index, segment


class Tale(Half):
    """What one side sent of its data, and what the other acknowledged, in order."""

    def __init__(self, conn, side):
        super().__init__(conn, side)
        self.told = []
        self.ways = [w if side == 0 else 1 - w for w in conn.client_way]
        self.read([(i, (0 if client else 1) == side, s)
                   for _, i, client, s in events_of(conn)])
        self.origin = (conn.idsn[side] & 0xffffffff) + 1
        self.acked_raw = self.figures["acked"]
        self.acked_data = self.without_fin(self.acked_raw)
        self.sent = [item for item in self.told if isinstance(item, Sent)]
        self.data_acks = [item for item in self.told if isinstance(item, DataAck)]
        self.tcp = [TcpTale(f, w) for f, w in zip(conn.flows, self.ways)]

    def data_bytes(self, start, end, index, segment, tcp_again, place):
        self.told.append(Sent(start, end, index, segment, tcp_again, place,
                              list(self.seen.split(start, end)), self.at_hand.frame))
        super().data_bytes(start, end, index, segment, tcp_again, place)

    def acks(self, index, segment):
        super().acks(index, segment)
        for option in segment.options:
            if option["kind"] == 2 and option["ack"]:
                upto = self.offset(*option["ack"], self.figures["acked"])
                self.told.append(DataAck(upto, index, segment))

    def without_fin(self, upto):
        return self.fin_at if self.fin_at is not None and upto > self.fin_at else upto

    def value(self, offset):
        """As it stands in the files."""
        return str(self.origin + offset)

    def advances(self):
        """DataAcks that cover more data."""
        top = 0
        for item in self.data_acks:
            if self.without_fin(item.upto) > top:
                yield item
                top = self.without_fin(item.upto)

    def window(self, item):
        """Octets that the segment of a DataAck offers, or None where the scale is not
        known yet."""
        flow = self.conn.flows[item.index]
        way = 1 - self.ways[item.index]
        syns = [s if s and s.frame < item.segment.frame else None
                for s in (flow.syn(0), flow.syn(1))]
        known = [s and s.wscale for s in syns]
        if any(s and s.wscale is None for s in syns):
            return item.segment.window  # one does not offer to scale
        if not syns[1] or not syns[way]:
            return None
        return item.segment.window << known[way]


class TcpTale:
    """One way of one subflow, as TCP sees it: `steps` are (segment, bytes in flight)
    at each change, `rtts` (segment, ns)."""

    def __init__(self, flow, way):
        self.steps, self.rtts, self.acks = [], [], []
        self.content, self.out = Ranges(), Out()
        self.una = self.top = 0
        self.seen = []  # (where the first hole is, frame)
        self.reset = False
        if flow.isn[way] is None:
            return
        self.base = flow.isn[way] + 1
        for direction, segment in flow.segments:
            if direction == way:
                self.send(segment)
            elif segment.flags & (ACK | RST) == ACK:
                self.ack(segment)
            if segment.flags & RST:
                self.reset = True
                self.out = Out()
            size = 0 if self.reset else max(self.top - self.una, 0) - self.out.sacked()
            if size != (self.steps[-1][1] if self.steps else 0):
                self.steps.append((segment, size))

    def send(self, segment):
        if segment.flags & RST or not segment.size or self.reset:
            return
        start = unwrap(segment.seq + bool(segment.flags & SYN) - self.base, self.top)
        for begin, upto, old in list(self.content.split(start, start + segment.size)):
            if old is not None:
                self.out.twice(begin, upto)
            else:
                self.content.add(begin, upto, True)
                self.out.add(max(begin, self.una), upto, segment)
        self.top = max(self.top, start + segment.size)
        whole = next((begin for begin, _, old in self.content.split(self.una, INFINITE)
                      if old is None), self.una)
        if not self.seen or whole > self.seen[-1][0]:
            self.seen.append((whole, segment.frame))

    def ack(self, segment):
        if self.reset:
            return
        upto = unwrap(segment.ack - self.base, self.una)
        if upto > self.una:
            sent = self.out.acknowledge(upto)
            if sent:
                self.rtts.append((segment, segment.time - sent.time))
            self.una = upto
            self.acks.append((segment.frame, upto))
        for start, end in segment.sacks:
            start = unwrap(start - self.base, self.una)
            end = unwrap(end - self.base, self.una)
            if end <= self.top:
                self.out.sack(max(start, self.una), end)

    def acknowledged_at(self, end):
        """The packet that acknowledges what ends there, or infinity."""
        return next((frame for frame, upto in self.acks if upto >= end), math.inf)


class Out:
    """Ranges that are sent and not acknowledged: [start, end, segment, twice], and what
    is SACKed."""

    def __init__(self):
        self.ranges = []
        self.blocks = Ranges()

    def sacked(self):
        return sum(self.blocks.ends) - sum(self.blocks.starts)

    def add(self, start, end, segment):
        if start < end:
            self.ranges.append([start, end, segment, False])
            self.ranges.sort(key=lambda r: r[0])

    def twice(self, start, end):
        for one in self.ranges:
            if one[0] < end and start < one[1]:
                one[3] = True

    def sack(self, start, end):
        self.blocks.add(start, end, True)

    def acknowledge(self, upto):
        """The segment of the newest range that is covered, if none was sent twice."""
        blocks, self.blocks = self.blocks, Ranges()
        for start, end, old in blocks.split(upto, INFINITE):
            if old:
                self.blocks.add(start, end, True)
        covered = [r for r in self.ranges if r[1] <= upto]
        touched = [r for r in self.ranges if r[0] < upto]
        self.ranges = [[max(r[0], upto)] + r[1:] for r in self.ranges if r[1] > upto]
        if not covered or any(r[3] for r in touched):
            return None
        return max((r[2] for r in covered), key=lambda s: s.frame)


# --- the figures, row by row --------------------------------------------------
# A row is a tuple whose first member is a time in ns (but for rtt_seq_num and
# map_reinject); the others are text.

def six(number):
    return f"{number:.6f}"


def ms(span):
    return ("-" if span < 0 else "") + f"{abs(span) // 10 ** 6}.{abs(span) % 10 ** 6:06d}"


def draw_seq(tale):
    rows, last = [], None
    for item in tale.told:
        colour = str(item.index + 1)
        if isinstance(item, DataAck):
            rows.append((item.segment.time, tale.value(item.upto), colour, "0", "0", "-1"))
            last = None
            continue
        for start, end, first in item.parts:
            other = first is not None and first != item.index and not item.again
            mark = str(first + 1) if other else "-1"
            if last and last[:3] == (item.segment, start, mark):
                begin = rows.pop()[1]  # goes on where the one before ends
            else:
                begin = tale.value(start)
            rows.append((item.segment.time, begin, colour, "1", tale.value(end), mark))
            last = (item.segment, end, mark)
    return rows


def draw_acksize(tale):
    rows, top = [], 0
    for item in tale.data_acks:
        upto = tale.without_fin(item.upto)
        rows.append((item.segment.time, str(max(upto - top, 0)), str(item.index + 1), "0", "0",
                     "-1"))
        top = max(top, upto)
    return rows


class First:
    """A range as it was sent first."""

    def __init__(self, start, end, item):
        self.start, self.end, self.item = start, end, item
        self.carriers = {item.index}
        self.twice = False
        self.acked = None

    def place_end(self):
        return self.item.place + self.end - self.item.start


def first_ranges(tale):
    """Ranges as first sent in order of data; a later copy marks those that it
    touches, when they are not acknowledged yet as `twice`."""
    ranges, starts, top = [], [], 0
    waiting = []
    for item in tale.told:
        if isinstance(item, DataAck):
            if item.upto > top:
                top = item.upto
                for one in [r for r in waiting if r.end <= top]:
                    one.acked = item
                waiting = [r for r in waiting if r.end > top]
            continue
        for start, end, first in joined(item.parts):
            if not first:
                one = First(start, end, item)
                at = bisect.bisect_left(starts, start)
                starts.insert(at, start)
                ranges.insert(at, one)
                if end > top:
                    waiting.append(one)
                continue
            at = max(bisect.bisect_right(starts, start) - 1, 0)
            while at < len(ranges) and ranges[at].start < end:
                one = ranges[at]
                if one.end > start:
                    one.twice |= one.acked is None
                    one.carriers.add(item.index)
                at += 1
    return ranges


def joined(parts):
    """(start, end, sent before) with neighbours of a kind put together."""
    out = []
    for start, end, first in parts:
        old = first is not None
        if out and out[-1][1:] == (start, old):
            start = out.pop()[0]
        out.append((start, end, old))
    return out


def samples(tale):
    """DATA_ACK delays: (range, ns)."""
    return [(r, r.acked.segment.time - r.item.segment.time)
            for r in tale.firsts if r.acked and not r.twice]


def draw_delays(tale):
    taken = samples(tale)
    tail = ("2", "0", "0")
    return {"rtt_ack_ts": [(r.acked.segment.time, ms(d)) + tail for r, d in taken],
            "rtt_seq_ts": [(r.item.segment.time, ms(d)) + tail for r, d in taken],
            "rtt_seq_num": [(tale.value(r.start), ms(d)) + tail for r, d in taken]}


def draw_window(tale):
    """Series 1 of flight, and rightEdge."""
    flight, edges, edge, top = [], [], None, 0
    for item in tale.data_acks:
        top = max(top, item.upto)
        window, time = tale.window(item), item.segment.time
        if window is not None:
            edge = max(item.upto + window, item.upto + window if edge is None else edge)
            flight.append((time, str(edge - top), "1", "0", "0", "-1"))
            edges.append((time, tale.value(edge), "2", "0", "0", "-1"))
            edges.append((time, tale.value(top), "1", "0", "0", "-1"))
    return flight, edges


def draw_data_flight(tale):
    rows, sent, acked, before = [], 0, 0, 0
    for item in tale.told:
        if isinstance(item, Sent):
            sent = max(sent, item.end)
        else:
            acked = max(acked, item.upto)
        now = max(sent - acked, 0)
        if now != before:
            rows.append((item.segment.time, str(now), "2", "0", "0", "-1"))
        before = now
    return rows


def tcp_steps(tale):
    """(segment, index of subflow, bytes in flight on each) at each change."""
    steps = sorted(((s.frame, i, s, size) for i, t in enumerate(tale.tcp)
                    for s, size in t.steps), key=lambda step: step[:2])
    now = [0] * len(tale.tcp)
    for _, index, segment, size in steps:
        now[index] = size
        yield segment, index, list(now)


def draw_tcp_flight(tale):
    total, stack = [], []
    for segment, index, now in tcp_steps(tale):
        total.append((segment.time, str(sum(now)), "3", "0", "0", "-1"))
        below = 0
        for each, size in enumerate(now):
            if size or each == index:
                stack.append((segment.time, str(below), str(each), "1", str(below + size),
                              "-1"))
            below += size
    return total, stack


def draw_goodput(tale, acks=GOODPUT_ACKS):
    rows, points, block, drawn = [], [], None, False

    def rate(time, one, other, series):
        span = other[0] - one[0]
        if span > 0:
            micro = (2 * (other[1] - one[1]) * 10 ** 9 + span) // (2 * span)
            rows.append((time, f"{micro // 10 ** 6}.{micro % 10 ** 6:06d}", series, "0", "0"))

    for item in tale.advances():
        now = (item.segment.time, tale.without_fin(item.upto))
        points.append(now)
        if block is None:
            block = 0
        elif len(points) - 1 - block == acks + 1:
            rate(now[0], points[block], now, "1")
            block, drawn = len(points) - 1, True
        if tale.sent and tale.sent[0].told_with < item.segment.frame:
            rate(now[0], (tale.sent[0].segment.time, 0), now, "2")
        if drawn:
            rate(now[0], points[-acks], now, "3")
    return rows


def draw_rtt(tale):
    rows = []
    for index, (flow, tcp) in enumerate(zip(tale.conn.flows, tale.tcp)):
        rows += [(s.time, ms(span), "TCP RTT", str(index)) for s, span in tcp.rtts]
        span = handshake(flow)
        if span is not None and tale.ways[index] == 0:
            rows.append((flow.syn(1).time, ms(span), "handshake RTT", str(index)))
    rows += [(r.acked.segment.time, ms(d), "DATA_ACK delay", str(r.item.index))
             for r, d in samples(tale)]
    return rows


def handshake(flow):
    """ns from SYN to SYN/ACK, or None where two SYNs could be meant."""
    answer = flow.syn(1)
    syns = [s for d, s in flow.segments
            if d == 0 and s.flags & SYN and answer and s.frame < answer.frame]
    return answer.time - syns[0].time if len(syns) == 1 else None


class Passage:
    """Data through a subflow: `known` at this moment (packet, how), or never; it was not
    through when `after` was acknowledged at the data level, but when `by` was."""

    NEVER = (math.inf,)

    def __init__(self, known, after, by):
        self.known, self.after, self.by = known, after, by


class Copies:
    """Who carried what, and what shows which copy came through first."""

    def __init__(self, tale):
        self.tale = tale
        self.acks = list(tale.advances())
        self.tops = [tale.without_fin(a.upto) for a in self.acks]
        self.cuts = Ranges()  # as first sent
        for one in tale.firsts:
            self.cuts.add(one.start, one.end, one)
        self.again, self.copies = defaultdict(list), defaultdict(list)
        for item in tale.sent:
            for start, end, first in item.parts:
                for _, _, one in self.cuts.split(start, end) if first is not None else ():
                    self.again[id(one)].append(item.told_with)
                    if first != item.index and not item.again:
                        self.copies[id(one)].append(item.told_with)
        self.clocks = [[(a.segment.frame, a.upto) for a in tale.data_acks if a.index == i]
                       for i in range(len(tale.conn.flows))]
        self.proofs = [self.prove(i) for i in range(len(tale.conn.flows))]
        self.times = {s.frame: s.time for f in tale.conn.flows for _, s in f.segments}
        firsts = sorted(f.segments[0][1].frame for f in tale.conn.flows)
        self.joined = (firsts + [math.inf])[1]

    def data_acked_at(self, end):
        """The packet whose DATA_ACK covers what ends there, or infinity."""
        at = bisect.bisect_left(self.tops, end)
        return self.acks[at].segment.frame if at < len(self.acks) else math.inf

    def prove(self, index):
        """(place, frame, upto): with this packet's DATA_ACK it is sure that what ends
        there came through on the subflow, for it was sent once, there."""
        proofs = []
        for one in self.tale.firsts:
            at = bisect.bisect_left(self.tops, one.end)
            if one.item.index != index or at == len(self.acks):
                continue
            frame = self.acks[at].segment.frame
            if all(frame <= again for again in self.again[id(one)]):
                proofs.append((self.place(one.item, one.end), frame, self.acks[at].upto))
        return proofs

    @staticmethod
    def place(item, end):
        return item.place + end - item.start

    def clock(self, index, frame):
        """The highest DATA_ACK on a subflow before a packet."""
        return max((upto for f, upto in self.clocks[index] if f < frame), default=-math.inf)

    def passage(self, index, place, since):
        frame = self.tale.tcp[index].acknowledged_at(place)
        if frame < since:
            return Passage((frame, 1), -math.inf, math.inf)
        proof = min(((f, upto) for end, f, upto in self.proofs[index]
                     if end >= place and f > since), default=(math.inf, math.inf))
        if proof[0] <= frame:
            known, by = (proof[0], 0), proof[1]
        else:
            known, by = (frame, 1), math.inf
            if any(f == frame for f, _ in self.clocks[index]):
                by = self.clock(index, frame + 1)
        return Passage(Passage.NEVER if known[0] == math.inf else known,
                       self.clock(index, known[0]), by)

    def use(self, one, item, end):
        since = item.told_with
        first = self.passage(one.item.index, self.place(one.item, end), since)
        again = self.passage(item.index, self.place(item, end), since)
        if again.after >= end or first.by < again.after:
            return "redundant"
        if again.by < first.after:
            return "useful"
        alone = sum(frame <= first.known[0] for frame in self.copies[id(one)]) == 1
        if first.after >= end and (again.known != Passage.NEVER or alone):
            return "useful"
        if again.known == Passage.NEVER:
            return "undecided" if first.known == Passage.NEVER else "redundant"
        if first.known == Passage.NEVER:
            return "useful"
        if first.known < again.known:
            sooner = self.too_soon(first.known, one, item) or \
                self.in_order_at(item.index, self.place(item, end)) > first.known[0]
            return "redundant" if sooner else "undecided"
        sooner = self.in_order_at(one.item.index, self.place(one.item, end)) > again.known[0]
        return "useful" if sooner else "undecided"

    def in_order_at(self, index, place):
        """The packet since which nothing below a place was missing on a subflow."""
        seen = self.tale.tcp[index].seen
        at = bisect.bisect_left([top for top, _ in seen], place)
        return seen[at][1] if at < len(seen) else math.inf

    def too_soon(self, known, one, item):
        """Was the first acknowledged before half a round trip of either subflow?"""
        shortest = [min((span for s, span in self.tale.tcp[index].rtts
                         if self.joined <= s.frame and (s.frame, 1) <= known), default=0)
                    for index in (one.item.index, item.index)]
        return self.times[known[0]] - item.segment.time < min(shortest) // 2


def draw_reinjections(tale):
    """A row a piece that another subflow carried first, cut where that was cut."""
    rows, copies = [], Copies(tale)
    for item in tale.sent:
        cuts = [cut for start, end, first in item.parts
                if first not in (None, item.index) and not item.again
                for cut in copies.cuts.split(start, end)]
        for start, end, one in cuts:
            place, frame = copies.place(one.item, end), item.told_with
            acked = copies.data_acked_at(end) < frame or \
                tale.tcp[one.item.index].acknowledged_at(place) < frame
            use = "redundant" if acked else copies.use(one, item, end)
            delay = item.segment.time - one.item.segment.time
            if delay < 0:  # told late: the other one is the copy
                rows.append((one.item.segment.time, tale.value(start), str(end - start),
                             str(item.index), str(one.item.index), ms(-delay), "", use))
                continue
            rows.append((item.segment.time, tale.value(start), str(end - start),
                         str(one.item.index), str(item.index), ms(delay),
                         str(int(acked)), use))
    return rows


def draw_map_reinject(tale):
    return [(tale.value(r.start), str(len(r.carriers))) for r in tale.firsts
            if len(r.carriers) > 1]


MARKS = {1: "JOIN", 3: "ADD_ADDR", 4: "REMOVE_ADDR", 5: "MP_PRIO", 6: "MP_FAIL",
         7: "FASTCLOSE"}
UNSURE = ("FIN", "RST", "FALLBACK")


def draw_marks(tale):
    """Signals of the side itself, but for UNSURE, at the end of what it has sent.
    JOIN, DATA_FIN and FASTCLOSE are marked once."""
    rows, done = [], set()
    sent = [(item.segment.frame, item.end) for item in tale.sent]
    for frame, index, client, segment in events_of(tale.conn):
        if client != (tale.side == 0):
            continue
        top = max([end for at, end in sent if at < frame], default=0)
        for option in segment.options:
            kind, name = option["kind"], MARKS.get(option["kind"])
            once = {1: index, 7: "closed"}.get(kind)
            if kind == 2 and option["fin"]:
                name = once = "DATA_FIN"
            if not name or once in done or \
                    kind == 1 and segment.flags & (SYN | ACK) != SYN:
                continue
            if once is not None:
                done.add(once)
            if kind == 3 and option["echo"]:
                name += " echo"
            row = (segment.time, tale.value(top), name, str(index))
            rows += [row] * len(option.get("ids", [0]))
    return rows


def draw(tale):
    """All figures of one side that are known here: name -> rows."""
    tale.firsts = first_ranges(tale)
    window, edges = draw_window(tale)
    total, stack = draw_tcp_flight(tale)
    return {"seq": draw_seq(tale), "acksize": draw_acksize(tale), **draw_delays(tale),
            "flight": window + draw_data_flight(tale) + total, "flight_per_flow": stack,
            "rightEdge": edges, "gput": draw_goodput(tale), "rtt": draw_rtt(tale),
            "reinjections": draw_reinjections(tale), "marks": draw_marks(tale),
            "map_reinject": draw_map_reinject(tale)}


# --- statistics ---------------------------------------------------------------

def carried(tale, index):
    """Data bytes that a subflow carried, each once."""
    ranges = Ranges()
    for item in tale.sent:
        if item.index == index:
            ranges.add(item.start, item.end, True)
    return sum(ranges.ends) - sum(ranges.starts)


def share(part, whole):
    return six(part / whole if whole else 0)


def statistics(conn, tales):
    """(key, c2s, s2c) in order."""
    flows = conn.flows
    first = min(s.time for f in flows for _, s in f.segments)
    last = max(s.time for f in flows for _, s in f.segments)
    rows = [("sfCount", len(flows), 0),
            ("firstSeq", *(t.origin - 1 for t in tales)),
            ("lastAck", *(t.origin + t.acked_raw for t in tales)),
            ("conTime", *[six((last - first) / 1e9)] * 2),
            ("beginTime", *[f"{first // 10 ** 9}.{first // 1000 % 10 ** 6:06d}"] * 2),
            ("seqAcked", *(t.acked_data for t in tales))]
    hosts = []
    for index, flow in reversed(list(enumerate(flows))):
        (source, sport), (target, dport) = flow.ends
        family = 6 if ":" in source else 4
        rows += [(f"sf_{index}_ipVersion", family, family), (f"sf_{index}_ip", source, target),
                 (f"sf_{index}_port", sport, dport)]
        hosts.append(f" ( {'ip6' if family == 6 else 'ip'} host {source} && tcp port {sport}  ) ")
    rows.append(("tcpDumpFilter", " tcp && ( " + "||".join(hosts) + ") ", ""))
    bytes_again = [t.figures["reinjected_bytes"] for t in tales]
    rows += [("bytesReinjected", *bytes_again),
             ("precentReinjected", *(share(b, t.acked_data) for b, t in zip(bytes_again, tales)))]
    counts = [Counter(min(len(r.carriers), 31) for r in t.firsts) for t in tales]
    rows += [(f"reinject{i}", *(c[i] for c in counts)) for i in range(32)]
    rows += [(f"reinject_pc_{i}", *(share(c[i], len(t.firsts)) for c, t in zip(counts, tales)))
             for i in range(32)]
    for index, flow in reversed(list(enumerate(flows))):
        caused = [len(set().union(*(t.pair_frames[p] for p in t.pairs if p[0] == index)))
                  for t in tales]
        name = f"{index}_{flow.ends[0][1]}"
        rows += [(f"reinjectCausedBy_{name}", *caused),
                 (f"reinjectCausedByPc_{name}",
                  *(share(c, len(t.firsts)) for c, t in zip(caused, tales)))]
    return [tuple(map(str, row)) for row in rows]


def address_rows(conn):
    """add_addr and rm_addr."""
    added, removed = [], []
    for _, _, client, segment in events_of(conn):
        for option in segment.options:
            if option["kind"] == 3 and not option["echo"]:
                added.append(("1" if client else "0", option["address"]))
            elif option["kind"] == 4:
                removed += [("1" if client else "0", str(i)) for i in option["ids"]]
    return added, removed


# --- comparing ----------------------------------------------------------------

def run(tool, trace, options, where):
    done = subprocess.run([tool, "-f", trace, *options, "-O", where], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.returncode, done.stderr.decode()


def read_rows(path, separator=","):
    with open(path) as file:
        return [tuple(line.rstrip("\n").split(separator)) for line in file]


def show(row):
    return ",".join(map(str, row))


def differ(name, expected, got):
    """Sentences about rows that only one of the two has."""
    one, other = Counter(expected), Counter(got)
    missing, extra = list((one - other).elements()), list((other - one).elements())
    if not missing and not extra:
        return
    yield (f"{name}: of {len(expected)} rows expected {len(missing)} are missing, "
           f"of {len(got)} there {len(extra)} are not expected")
    for row in missing[:SHOWN]:
        yield "    missing " + show(row)
    for row in extra[:SHOWN]:
        yield "    extra   " + show(row)


class Files:
    """What a run has written for one connection."""

    def __init__(self, where, number):
        self.where, self.number = where, number

    def path(self, name):
        return os.path.join(self.where, f"{name}_{self.number}.csv")

    def rows(self, name, way=None):
        path = self.path(f"{way}_{name}" if way else name)
        if not os.path.exists(path):
            return None
        rows = read_rows(path)
        if name in HEADED:
            rows = rows[1:]
        if name in TIMED:
            rows = [(nanoseconds(r[0]),) + r[1:] for r in rows]
        return rows


def compare_figures(files, tales):
    for way, tale in zip(WAYS, tales):
        for name, expected in draw(tale).items():
            got = files.rows(name, way)
            label = f"{way}_{name}_{files.number}"
            if got is None:
                yield f"{label}: no file"
            elif name == "reinjections":  # of what was told late the use is a guess
                yield from differ(label, *([row if row[6] else row[:7] for row in rows]
                                           for rows in (expected, got)))
            elif name == "marks":
                got = [row for row in got if row[2] not in UNSURE]
                yield from differ(label, expected, got)
            else:
                yield from differ(label, expected, got)


def compare_statistics(files, conn, tales, trace):
    label = f"stats_{files.number}"
    expected = statistics(conn, tales)
    if not os.path.exists(files.path("stats")):
        yield f"{label}: no file"
        return
    got = read_rows(files.path("stats"), ";")
    for row in got:
        if row[:2] != (trace, str(files.number)):
            yield f"{label}: begins {row[:2]}"
            return
    got = [row[2:] for row in got]
    if [row[0] for row in got] != [row[0] for row in expected]:
        yield f"{label}: keys are not as expected, or not in their order"
    yield from differ(label, expected, got)
    sf = [(str(i), *(str(carried(t, i)) for t in tales)) for i in range(len(conn.flows))]
    for way in WAYS:
        yield from differ(f"{way}_sf_{files.number}", sf, files.rows("sf", way))
    for name, rows in zip(("add_addr", "rm_addr"), address_rows(conn)):
        got = files.rows(name)
        if got != rows:
            yield f"{name}_{files.number}: expected {rows}, got {got}"


def judge_spread(label, spread, spans):
    """A spread of the report against spans in ns."""
    if spread["samples"] != len(spans):
        yield f"{label}: {spread['samples']} samples, not {len(spans)}"
    elif spans:
        right = {"min": min(spans), "max": max(spans), "avg": sum(spans) / len(spans)}
        for name, value in right.items():
            if abs(spread[name] * 1e9 - value) > 1 + 1e-9 * abs(value):
                yield f"{label}.{name}: expected {value / 1e9}, got {spread[name]}"


def compare_report(report, tales):
    """Figures of the report that graphs show, too."""
    for way, tale in zip(WAYS, tales):
        label = f"connection {report['id']}.{way}"
        yield from judge_spread(label + ".data_ack_rtt", report[way]["data_ack_rtt"],
                                [d for _, d in samples(tale)])
        for index, (tcp, subflow) in enumerate(zip(tale.tcp, report["subflows"])):
            yield from judge_spread(f"{label}, subflow {index}.rtt", subflow[way]["rtt"],
                                    [span for _, span in tcp.rtts])
            span = handshake(tale.conn.flows[index]) if tale.ways[index] == 0 else None
            got = subflow[way]["handshake_rtt"]
            if (span is None) != (got is None) or \
                    span is not None and abs(got * 1e9 - span) > 1:
                yield f"{label}, subflow {index}.handshake_rtt: expected {span} ns, got {got}"


# --- what must hold, whatever happened ------------------------------------------

def invariants(files, report):
    """Of the files and the report alone."""
    for way, side in zip(WAYS, ("client", "server")):
        data, label = report[way], f"{way} of connection {report['id']}"
        rows = files.rows("seq", way)
        sent = [(int(r[1]), int(r[4]), r[2], r[5]) for r in rows if r[3] == "1"]
        acks = [int(r[1]) for r in rows if r[3] == "0"]
        first = int(report[side]["idsn"], 16) % 2 ** 32 + 1 if report[side]["idsn"] else None

        def must(true, sentence):
            return [] if true else [f"{label}: {sentence}"]

        yield from must(data["bytes_mapped"] == data["bytes_unique"]
                        + data["retransmitted_bytes"] + data["reinjected_bytes"],
                        "copies do not add up")
        yield from must(sum(e - s for s, e, _, _ in sent) == data["bytes_mapped"],
                        "rows of seq do not add up to bytes_mapped")
        pairs = Counter()
        for start, end, colour, mark in sent:
            if mark != "-1":
                pairs[int(mark) - 1, int(colour) - 1] += end - start
        late = any(not row[6] for row in files.rows("reinjections", way))
        yield from must(late or pairs == Counter({(r["from"], r["to"]): r["bytes"]
                                          for r in data["reinjections"]}),
                        "rows of seq do not add up to the reinjections")
        sums = defaultdict(Counter)
        for row in files.rows("reinjections", way):
            pair = sums[int(row[3]), int(row[4])]
            pair["bytes"] += int(row[2])
            pair["acked_bytes"] += int(row[2]) * int(row[6] or 0)
            pair[row[7] + "_bytes"] += int(row[2])
        names = ["bytes"] + [w + "_bytes" for w in ("acked", "useful", "redundant", "undecided")]
        yield from must({p: [c[n] for n in names] for p, c in sums.items()}
                        == {(r["from"], r["to"]): [r[n] for n in names]
                            for r in data["reinjections"]},
                        "rows of reinjections do not add up")
        whole = Ranges()
        for start, end, _, _ in sent:
            whole.add(start, end, True)
        size = sum(whole.ends) - sum(whole.starts)
        yield from must(size == data["bytes_unique"], "rows of seq do not cover bytes_unique")
        advance = sum(int(r[1]) for r in files.rows("acksize", way))
        yield from must(advance == data["bytes_acked"], "rows of acksize do not add up")
        if first is None:
            continue
        top = max([first] + whole.ends)
        complete = not whole.starts or (whole.starts[0] == first and
                                        all(a == b for a, b in zip(whole.ends, whole.starts[1:])))
        if complete and data["bytes_acked"] > data["bytes_unique"]:
            yield from must(max(acks, default=0) > top + data["data_fin"],
                            "more acknowledged than sent")
        yield from must(all(first <= s < e for s, e, _, _ in sent), "data below its IDSN")
        yield from must(all(first <= a for a in acks), "DATA_ACK below the IDSN")
        if complete and data["bytes_acked"] <= data["bytes_unique"]:
            yield from must(all(a <= top + data["data_fin"] for a in acks),
                            "DATA_ACK above what is sent")
        shares = [s[way]["share"] for s in report["subflows"] if s[way]["share"] is not None]
        if data["bytes_unique"]:
            yield from must(abs(sum(shares) - 1) < 1e-9, f"shares add up to {sum(shares)}")


def windows(files, report):
    """The rows of the newer graphs add up to the report."""
    for way in WAYS:
        data, label = report[way], f"{way} of connection {report['id']}"
        flows = {str(s["id"]): s[way] for s in report["subflows"]}
        right = {("goodput", ""): data["bytes_unique"], ("acked", ""): data["bytes_acked"],
                 ("wire", ""): sum(f["wire_bytes"] for f in flows.values())}
        for number, flow in flows.items():
            right["wire", number] = flow["wire_bytes"]
            right["goodput", number] = (flow["share"] or 0) * data["bytes_unique"]
        sums, rows = Counter(), files.rows("throughput", way)
        for begin, until, rate, *key in rows:
            span = nanoseconds(until) - nanoseconds(begin)
            sums[tuple(key)] += float(rate) * span / 8000
        for key, size in right.items():
            if abs(sums[key] - size) > .5 + .01 * len(rows):
                yield f"{label}: throughput: {key} adds up to {sums[key]:.2f}, not {size}"
        parts = Counter()
        for row in files.rows("share", way):
            parts[row[0]] += round(float(row[2]) * 1e6)
        if set(parts.values()) - {10 ** 8}:
            yield f"{label}: shares of a window do not add up to 100"
        bursts = files.rows("scheduler", way)
        found = {
            "max_reorder_bytes": max([int(r[1]) for r in files.rows("reorder", way)
                                      if r[2] == "queue"], default=0),
            "bursts": len(bursts), "switches": max(len(bursts) - 1, 0),
        }
        for name, value in found.items():
            if data[name] != value and (data[name] is not None or value):
                yield f"{label}: {name} is {data[name]}, its rows say {value}"
        if sum(int(r[4]) for r in bursts) != data["bytes_unique"] + data["reinjected_bytes"]:
            yield f"{label}: bursts do not add up to what is new on its subflow"
        waits = [nanoseconds(r[1]) // 1000 for r in files.rows("hol", way)]
        yield from judge_spread(f"{label}: blocked", data["blocked"], waits)


KEYS = """nbConnections sfConnections nbFastClose finishedConnections joinFailed
nbFastCloseSeen JoinWrongHMAC DiffKeyInSynack connTimeOut capaToJoinReuse suspectJoinRejected
thirdAckKeyDiff""".split()


def compare_file_stats(path, report, finished):
    """Keys that can be told from the report. `finished`: connections whose DATA_FINs are
    both acknowledged, or None."""
    rows = {row[0]: tuple(map(int, row[1:])) for row in read_rows(path)}
    every = report["connections"]
    segments = [c["options"] for c in every] + [report["orphans"]["options"]]
    joins = [s for c in every for s in c["subflows"] if not s["initial"]]
    right = {
        "nbFastCloseSeen": tuple(sum(o[w]["mp_fastclose"] for o in segments) for w in WAYS),
        "sfConnections": (sum(len(c["subflows"]) for c in every), 0),
        "nbConnections": (len(every), 0),
        "JoinWrongHMAC": (sum("bad" in s["hmac"].values() for s in joins), 0),
        "suspectJoinRejected": (sum(s["state"] == "unanswered" for s in joins), 0),
        "connTimeOut": (sum(c["timed_out"] for c in every), 0),
    }
    if finished is not None:
        right["finishedConnections"] = (finished, 0)
    if list(rows) != KEYS:
        yield f"file_stats: keys are {list(rows)}"
        return
    for key, value in right.items():
        if rows[key] != value:
            yield f"file_stats: {key} is {rows[key]}, not {value}"
    if sum(rows["nbFastClose"]) != sum(c["state"] == "fastclosed" for c in every):
        yield f"file_stats: nbFastClose is {rows['nbFastClose']}"


def xplot_lines(path):
    """The marks of an xplot file, without their colours."""
    with open(path) as file:
        lines = file.read().split("\n")[7:]
    return Counter(line.strip() for line in lines if line.startswith(("line", "diamond")))


def same_points(tool, trace, everything, where):
    """What is in the csv files of 2014 is in the xplot files, too."""
    place = os.path.join(where, "xplot")
    os.mkdir(place)
    run(tool, trace, [w if w != "2" else "0" for w in options_of_all(place)], place)
    for name, content in sorted(everything.items()):
        figure = name[4:].rsplit("_", 1)[0]
        if figure not in PLOTTED:
            continue
        marks = Counter()
        for row in content.decode().split():
            x, y, _, bar, top, *_ = row.split(",")
            marks[f"line {x} {y} {x} {top}" if bar == "1" else f"diamond {x} {y}"] += 1
        missing = marks - xplot_lines(os.path.join(place, name[:-3] + "xpl"))
        if missing:
            yield f"xplot: {name}: not there: {list(missing)[:SHOWN]}"
    shutil.rmtree(place)


def written(where):
    return {name: open(os.path.join(where, name), "rb").read() for name in os.listdir(where)}


def each_alone(tool, trace, everything, where):
    """Each option alone writes the same files as all together."""
    for option in OPTIONS:
        place = os.path.join(where, "alone")
        os.mkdir(place)
        words = option.split("_", 1) + ["-w", "2"]
        if option == "--json":
            words = [f"--json={place}/report.json"]
        run(tool, trace, words, place)
        files = written(place)
        shutil.rmtree(place)
        wrong = [name for name, content in sorted(files.items())
                 if everything.get(name) != content]
        if wrong or not files:
            yield f"{option.replace('_', ' ')} alone: differ {wrong[:SHOWN]} of {len(files)}"


def relative(tool, trace, reports, everything, where):
    place = os.path.join(where, "relative")
    os.mkdir(place)
    run(tool, trace, options_of_all(place) + ["--relative"], place)
    if set(os.listdir(place)) != set(everything):
        yield "--relative: other files"
    for report in reports:
        files, shifted = Files(where + "/all", report["id"]), Files(place, report["id"])
        start = nanoseconds(report["first"])
        for way, side in zip(WAYS, SIDES):
            origin = report[side]["idsn"] and int(report[side]["idsn"], 16) % 2 ** 32
            for name in TIMED + ("rtt_seq_num", "map_reinject"):
                rows, other = files.rows(name, way), shifted.rows(name, way)
                if rows is None or origin is None:
                    continue
                rows = [shift(name, row, start, origin) for row in rows]
                yield from differ(f"{way}_{name}_{report['id']} --relative", rows, other or [])
    shutil.rmtree(place)


def shift(name, row, start, origin):
    row = list(row)
    if name in TIMED:
        row[0] -= start
    for column in SEQUENCES.get(name, ()):
        if name != "seq" or column == 1 or row[3] == "1":
            row[column] = str(int(row[column]) - origin)
    return tuple(row)


def options_of_all(where):
    return ["-s", "-a", "-r", "7", "-F", "7", "-G", str(GOODPUT_ACKS), "-S", "-A", "-R", "-w",
            "2", "--graph", "all", f"--json={where}/report.json"]


def load_report(where):
    try:
        with open(os.path.join(where, "report.json")) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def judge(trace, tool, brief):
    """Sentences about what is wrong with the files of a trace."""
    with tempfile.TemporaryDirectory() as where:
        place = os.path.join(where, "all")
        os.mkdir(place)
        status, errors = run(tool, trace, options_of_all(place), place)
        report = load_report(place)
        if not report:
            return [f"exit status {status}, no JSON: {errors[-600:].strip()}"]
        found = []
        with_files = [c for c in report["connections"]
                      if os.path.exists(Files(place, c["id"]).path("stats"))]
        for each in with_files:
            found += invariants(Files(place, each["id"]), each)
            found += windows(Files(place, each["id"]), each)
        found += compare_all(trace, report, with_files, place)
        if not brief:
            everything = written(place)
            found += same_points(tool, trace, everything, where)
            found += each_alone(tool, trace, everything, where)
            found += relative(tool, trace, with_files, everything, where)
        return found


def compare_all(trace, report, with_files, place):
    """What is written, with what is expected. Of flows without a handshake it is not sure
    where they belong: then nothing is."""
    conns, lost = find_connections(find_flows(read_trace(trace)))
    pairs, others = pair_up(conns, report["connections"])
    finished = 0 if not lost and not others else None
    for conn, other in pairs:
        if lost or not other or None in conn.idsn or other not in with_files:
            continue
        files, tales = Files(place, other["id"]), [Tale(conn, side) for side in (0, 1)]
        yield from compare_figures(files, tales)
        yield from compare_statistics(files, conn, tales, trace)
        yield from compare_report(other, tales)
        if finished is not None:
            finished += all(t.acked_raw > t.acked_data for t in tales)
    if with_files:
        yield from compare_file_stats(os.path.join(place, "file_stats.csv"), report, finished)


# --- two vantage points ---------------------------------------------------------

# Signals that no offload multiplies or unites.
SIGNALS = """mp_capable_syn mp_capable_synack mp_join_syn mp_join_synack mp_join_ack add_addr
add_addr_echo remove_addr remove_addr_ids mp_prio mp_fail mp_fastclose mp_tcprst""".split()
ENDS = ("source", "source_port", "destination", "destination_port")


def report_of(tool, trace, where):
    os.mkdir(where)
    run(tool, trace, options_of_all(where), where)
    return load_report(where)


def span(rows, kind):
    """What rows of seq cover (kind 1), or DATA_ACK values (kind 0)."""
    if kind == "0":
        return {int(row[1]) for row in rows if row[3] == kind}
    ranges = Ranges()
    for row in rows:
        if row[3] == kind:
            ranges.add(int(row[1]), int(row[4]), True)
    return ranges


def not_in(ranges, others):
    """Bytes of `ranges` that `others` has not."""
    return sum(upto - begin for start, end in zip(ranges.starts, ranges.ends)
               for begin, upto, mark in others.split(start, end) if mark is None)


def agree(client, server):
    """Of one connection as (report, Files) at both ends: what does not depend on where it
    is seen. What a host sends is seen there first: its own capture has at least what the
    other has, and all of that if nothing was lost on the way."""
    one, two = client[0], server[0]
    label = f"connections {one['id']} and {two['id']}"

    def equal(what, a, b):
        return [] if a == b else [f"{label}: {what}: client's {a}, server's {b}"]

    for name in ("version", "checksum", "handshake_seen"):
        yield from equal(name, one[name], two[name])
    for side in SIDES:
        for name in ("key", "token", "idsn"):
            yield from equal(f"{side}.{name}", one[side][name], two[side][name])
    translated = one["server"]["address"] != two["server"]["address"] or \
        one["client"]["address"] != two["client"]["address"]
    flows = pair_subflows(one, two, translated)
    if not one["fallback"] and not two["fallback"]:
        yield from equal("established subflows, each seen by both", True,
                         all(a and b for a, b in flows))
    flows = [(a, b) for a, b in flows if a and b]
    for a, b in flows:
        names = ["family", "initial", "initiator", "address_ids", "wscale", "hmac"]
        for name in names + ([] if translated else list(ENDS)):
            yield from equal(f"subflow {a['id']}.{name}", a[name], b[name])
        times = (a["c2s"]["handshake_rtt"], b["c2s"]["handshake_rtt"]) \
            if a["initiator"] == "client" else \
            (b["s2c"]["handshake_rtt"], a["s2c"]["handshake_rtt"])
        if None not in times and times[0] < times[1]:
            yield f"{label}: subflow {a['id']}: the handshake takes {times}"
    for way, (near, far) in zip(WAYS, ((client, server), (server, client))):
        yield from agree_on_way(f"{label}: {way}", way, near, far, flows)


def pair_subflows(one, two, translated):
    """Pairs of those that were established; None where only one end has it."""
    def key(flow):
        return flow["id"] if translated else tuple(flow[name] for name in ENDS)

    def established(report):
        return {key(f): f for f in report["subflows"]
                if f["state"] not in ("handshake", "unanswered", "refused", "plain")}

    a, b = established(one), established(two)
    every = [{key(f): f for f in r["subflows"]} for r in (one, two)]
    return [(every[0].get(k), every[1].get(k)) for k in sorted(set(a) | set(b), key=str)]


def identity(report):
    """Of a connection, at whichever end."""
    if report["server"]["key"]:
        return report["client"]["key"], report["server"]["key"]
    return tuple(report["subflows"][0][name] for name in ENDS) if report["subflows"] else None


def agree_on_way(label, way, near, far, flows):
    """`near` is the capture at the sender's end."""
    here, there = near[0][way], far[0][way]
    for name in SIGNALS:
        sent, arrived = near[0]["options"][way][name], far[0]["options"][way][name]
        if arrived > sent:
            yield f"{label}: {name}: sent {sent}, arrived {arrived}"
    if near[0]["fallback"] or far[0]["fallback"]:
        return
    rows = [files.rows("seq", way) for _, files in (near, far)]
    extra = not_in(span(rows[1], "1"), span(rows[0], "1"))
    if extra:
        yield f"{label}: {extra} bytes arrived that were not sent"
    extra = span(rows[0], "0") - span(rows[1], "0")
    if extra:
        yield f"{label}: DATA_ACKs arrived that were not sent: {sorted(extra)[:SHOWN]}"
    for name in ("bytes_mapped", "bytes_unique", "mappings"):
        if there[name] > here[name]:
            yield f"{label}: {name}: sent {here[name]}, arrived {there[name]}"
    for name in ("bytes_acked", "data_fin"):
        one, other = (here, there) if name == "data_fin" else (there, here)
        if other[name] > one[name]:
            yield f"{label}: {name}: {one[name]} where it is sent, {other[name]} at the other end"
    if not (here["data_fin"] and there["data_fin"] and here["bytes_acked"]
            == here["bytes_unique"] and there["bytes_acked"] == there["bytes_unique"]):
        return
    for name in ("bytes_unique", "bytes_acked"):  # all has arrived
        if here[name] != there[name]:
            yield f"{label}: {name}: sent {here[name]}, arrived {there[name]}"
    if len(near[0]["subflows"]) != len(far[0]["subflows"]) or \
            any(a[w]["bytes"] != b[w]["bytes"] for a, b in flows for w in WAYS):
        return
    sums = [[d[n] for n in ("bytes_mapped", "mappings")]
            + [d["retransmitted_bytes"] + d["reinjected_bytes"]] for d in (here, there)]
    sums = [s + [o["options"][way][name] for name in SIGNALS]
            for s, o in zip(sums, (near[0], far[0]))]
    if sums[0] != sums[1]:  # nothing was lost
        yield f"{label}: {sums[0]} sent, {sums[1]} arrived"


def judge_pair(client, server, tool):
    """Sentences, and how many connections both ends have seen."""
    with tempfile.TemporaryDirectory() as where:
        places = [os.path.join(where, name) for name in SIDES]
        reports = [report_of(tool, trace, place)
                   for trace, place in zip((client, server), places)]
        if None in reports:
            return ["no JSON"], 0
        others = {identity(report): report for report in reports[1]["connections"]}
        found, alone, matched = [], [], 0
        for one in reports[0]["connections"]:
            two = others.pop(identity(one), None)
            if not two:
                alone.append(one)
                continue
            matched += 1
            if all(os.path.exists(Files(p, c["id"]).path("stats"))
                   for c, p in zip((one, two), places)):
                found += agree(*((c, Files(p, c["id"])) for c, p in zip((one, two), places)))
        found += [f"connection {c['id']}, {c['state']}, is seen at one end only"
                  for c in alone + list(others.values()) if c["state"] in ("established", "closed")]
    return found, matched


# --- tshark's opinion -----------------------------------------------------------

OPINIONS = """frame.number tcp.analysis.retransmission tcp.analysis.out_of_order
tcp.analysis.keep_alive mptcp.reinjection_of mptcp.rawdsn64""".split()


def opinions(trace):
    """frame -> {field: text}."""
    command = ["tshark", "-n", "-r", trace, "-T", "fields", "-E", "occurrence=f",
               "-o", "mptcp.analyze_mappings:TRUE",
               "-o", "mptcp.intersubflows_retransmission:TRUE"]
    for preference in PREFERENCES:
        command += ["-o", preference]
    for field in OPINIONS:
        command += ["-e", field]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    rows = [line.split("\t") for line in done.stdout.decode().split("\n")]
    return {int(row[0]): dict(zip(OPINIONS, row)) for row in rows if row[0].isdigit()}


def kind_of_retransmission(segment, ours, late, overtaken, view):
    his = bool(view["tcp.analysis.retransmission"])
    if ours and his:
        return "both"
    if ours and view["tcp.analysis.keep_alive"]:
        return "only ours: tshark calls it a keep-alive"
    if ours and view["tcp.analysis.out_of_order"]:
        return "only ours: these bytes were seen before; tshark calls it out of order, by timing"
    if ours:
        return "only ours: other"
    if his and not segment.size and segment.flags & (SYN | FIN):
        return "only tshark: a SYN or FIN again, no payload"
    if his and late:
        return "only tshark: seen here for the first time, it fills a hole"
    if his and overtaken:
        return "only tshark: seen here for the first time, after an ACK sent after it"
    return "only tshark: other" if his else None


def kind_of_reinjection(segment, tale, ours, again, view):
    his = bool(view["mptcp.reinjection_of"])
    if ours and his:
        return "both"
    if ours and not view["mptcp.rawdsn64"]:
        return "only ours: tshark knows no mapping (it is seen later)"
    if ours:
        dsns = {(item.start + tale.conn.idsn[tale.side] + 1) % 2 ** 64
                for item in tale.sent if item.segment is segment}
        if int(view["mptcp.rawdsn64"]) not in dsns:
            return "only ours: tshark resolves it through another mapping"
        return "only ours: other"
    if his and again:
        return "only tshark: TCP sends it again on its own subflow, another carried it first"
    if his and segment.frame in tale.packets["retransmitted"]:
        return "only tshark: mapped again on the subflow that carried it first"
    return "only tshark: other" if his else None


def compare_opinions(trace):
    """Counter of (what, kind)."""
    counts, views = Counter(), opinions(trace)
    conns, _ = find_connections(find_flows(read_trace(trace)))
    for tale in [Tale(c, side) for c in conns if None not in c.idsn for side in (0, 1)]:
        for index, flow in enumerate(tale.conn.flows):
            again = tale.flow_packets[index]["retransmitted_packets"]
            late = tale.flow_packets[index]["out_of_order_packets"]
            empty = []  # sequence numbers of packets without payload
            for way, segment in flow.segments:
                if way != tale.ways[index]:
                    continue
                view, frame = views[segment.frame], segment.frame
                overtaken = any((seq - segment.seq) % 2 ** 32 < 2 ** 31 for seq in empty[-99:])
                counts["retransmission", kind_of_retransmission(
                    segment, frame in again, frame in late, overtaken, view)] += 1
                if not segment.size:
                    empty.append(segment.seq)
                counts["reinjection", kind_of_reinjection(
                    segment, tale, frame in tale.packets["reinjected"], frame in again,
                    view)] += 1
    return counts


# --- command line ---------------------------------------------------------------

def show_opinions(traces):
    total = Counter()
    for trace in traces:
        counts = compare_opinions(trace)
        total += counts
        print(trace)
        show_counts(counts)
    print("all")
    show_counts(total)
    return 0


def show_counts(counts):
    for (what, kind), count in sorted(counts.items(), key=str):
        if kind:
            print(f"    {count:6} {what}: {kind}")


def verdicts(arguments, tool):
    """(name, sentences) of each."""
    if not arguments.pair:
        for trace in arguments.traces:
            yield trace, judge(trace, tool, arguments.brief)
        return
    for client, server in zip(arguments.traces[::2], arguments.traces[1::2]):
        found, matched = judge_pair(client, server, tool)
        yield f"{client} {server} # {matched} connections", found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mptcptrace", default="mptcptrace", metavar="PATH")
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--pair", action="store_true")
    parser.add_argument("--tshark", action="store_true")
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    arguments = parser.parse_args()
    if not shutil.which("tshark"):
        print("SKIP no tshark")
        return 0
    if arguments.tshark:
        return show_opinions(arguments.traces)
    tool = shutil.which(arguments.mptcptrace)
    if not tool:
        parser.error(f"{arguments.mptcptrace}: not found")
    if arguments.pair and len(arguments.traces) % 2:
        parser.error("--pair wants two traces of each run")
    results = []
    for name, found in verdicts(arguments, tool):
        results.append(bool(found))
        print(("not ok " if found else "ok ") + name, flush=True)
        for sentence in found:
            print(f"    {sentence}")
    print(f"{len(results) - sum(results)} passed, {sum(results)} failed")
    return 1 if any(results) else 0


if __name__ == "__main__":
    sys.exit(main())
