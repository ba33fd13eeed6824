# SPDX-License-Identifier: BSD-3-Clause
"""Traces made to be hard: each is a function that writes about n packets. What they try to make
slow is in its first line. `growth` runs them at growing sizes.
"""

import functools
import hashlib
import struct

from packets import (ACK, CLIENT, FIN, MASK64, RST, SERVER, SLL2_IPV4, SLL2_IPV6, SYN,
                     Connection, Flow, Trace, capable, dss, ipv4)

SIZE = 1000         # octets of a segment
FIRST, OTHER, PEER = ipv4(1), ipv4(2), ipv4(99)
ENDS = ((FIRST, 40000), (PEER, 443))


def opened(trace, ends=ENDS):
    """A connection and its first flow."""
    connection = Connection(trace, ends)
    return connection, connection.flow


def case(send):
    """A function of n that gives what writes a trace to a path, and says how many packets it has:
    those that send(trace, n) sends."""
    @functools.wraps(send)
    def of(n):
        def write(path):
            with Trace(path) as trace:
                send(trace, n)
                return trace.packets
        return write
    return of


def send_in(trace, n, order):
    """Sends segments of one flow in this order."""
    connection, flow = opened(trace)
    for at in order:
        connection.data(flow, CLIENT, at * SIZE, at * SIZE, SIZE)
    connection.acknowledge(flow, SERVER, n * SIZE, n * SIZE)


def send_octets(connection, flow, n):
    """Sends octets one by one, each with a mapping."""
    for at in range(n):
        connection.data(flow, CLIENT, at, at, 1)


# --- order ------------------------------------------------------------------

@case
def in_order(trace, n):
    """nothing: a segment and its ACK in turn, to compare with"""
    connection, flow = opened(trace)
    for at in range(n // 2):
        connection.data(flow, CLIENT, at * SIZE, at * SIZE, SIZE)
        connection.acknowledge(flow, SERVER, (at + 1) * SIZE, (at + 1) * SIZE)


@case
def unacknowledged(trace, n):
    """segments in order, none acknowledged before the end"""
    send_in(trace, n, range(n))


@case
def swapped(trace, n):
    """every second segment before the one before it"""
    send_in(trace, n, (at ^ 1 for at in range(n)))


@case
def backwards(trace, n):
    """every segment out of order: the last one comes first"""
    send_in(trace, n, range(n - 1, -1, -1))


@case
def shuffled(trace, n):
    """every segment out of order: anywhere in what is not acknowledged"""
    send_in(trace, n, trace.random.sample(range(n), n))


@case
def holes(trace, n):
    """every second segment, and then those between"""
    send_in(trace, n, (*range(1, n, 2), *range(0, n, 2)))


@case
def data_shuffled(trace, n):
    """TCP's order is good, the data's is not: all of it waits for its turn"""
    connection, flow = opened(trace)
    for number, at in enumerate(trace.random.sample(range(n), n)):
        connection.data(flow, CLIENT, at * SIZE, number * SIZE, SIZE)
    connection.acknowledge(flow, SERVER, n * SIZE, n * SIZE)


@case
def one_hole(trace, n):
    """two subflows, and the first octet comes last: all data waits behind one hole"""
    connection, first = opened(trace)
    flows = first, connection.join(((OTHER, 40001), (PEER, 443)))
    sent = [0, 0]
    for number in [*range(1, n), 0]:
        which = number % 2
        connection.data(flows[which], CLIENT, number * SIZE, sent[which], SIZE)
        sent[which] += SIZE
    connection.acknowledge(first, SERVER, n * SIZE, sent[0])


@case
def acknowledged_holes(trace, n):
    """holes that are acknowledged without having been seen, and are filled later, in any order"""
    third = n // 3
    connection, flow = opened(trace)
    for at in range(third):
        connection.data(flow, CLIENT, (2 * at + 1) * SIZE, (2 * at + 1) * SIZE, SIZE)
        connection.acknowledge(flow, SERVER, 2 * (at + 1) * SIZE, 2 * (at + 1) * SIZE)
    for at in trace.random.sample(range(third), third):
        connection.data(flow, CLIENT, 2 * at * SIZE, 2 * at * SIZE, SIZE)


def sack(flow, *blocks):
    """What the server has of what comes after, as offsets of the flow."""
    option = b"".join(struct.pack("!II", *(flow.isn[CLIENT] + 1 + at for at in block))
                      for block in blocks)
    return struct.pack("!BB", 5, 2 + len(option)) + option


@case
def sacked(trace, n):
    """nothing is acknowledged but by SACK, and of that every second segment, in any order"""
    half = n // 2
    connection, flow = opened(trace)
    for at in range(half):
        connection.data(flow, CLIENT, at * SIZE, at * SIZE, SIZE)
    for at in trace.random.sample(range(half // 2), half // 2):
        flow.send(SERVER, options=sack(flow, ((2 * at + 1) * SIZE, (2 * at + 2) * SIZE)))
    for at in range(half // 2):
        connection.acknowledge(flow, SERVER, 2 * (at + 1) * SIZE, 2 * (at + 1) * SIZE)


# --- mappings ---------------------------------------------------------------

@case
def octet_mappings(trace, n):
    """one mapping per octet"""
    connection, flow = opened(trace)
    for at in range(n):
        connection.data(flow, CLIENT, at, at, 1)


@case
def octet_mappings_shuffled(trace, n):
    """one mapping per octet, in any order, at both levels"""
    connection, flow = opened(trace)
    for at in trace.random.sample(range(n), n):
        connection.data(flow, CLIENT, at, at, 1)


@case
def mappings_late(trace, n):
    """payload first, without mappings, which come after it, the last one first"""
    half = n // 2
    connection, flow = opened(trace)
    connection.data(flow, CLIENT, 0, 0, SIZE)
    for at in range(1, half):
        flow.send(CLIENT, ACK, at * SIZE, 0, SIZE, dss(ack=connection.first[SERVER]))
    for at in range(half - 1, 0, -1):
        flow.send(CLIENT, ACK, half * SIZE, 0, 0,
                  dss(dsn=connection.first[CLIENT] + at * SIZE, ssn=at * SIZE + 1,
                      length=SIZE))


@case
def mappings_early(trace, n):
    """mappings first, the last one first, and the payload after them, without any"""
    half = n // 2
    connection, flow = opened(trace)
    connection.data(flow, CLIENT, 0, 0, SIZE)
    for at in range(half - 1, 0, -1):
        flow.send(CLIENT, ACK, SIZE, 0, 0,
                  dss(dsn=connection.first[CLIENT] + at * SIZE, ssn=at * SIZE + 1,
                      length=SIZE))
    for at in range(1, half):
        flow.send(CLIENT, ACK, at * SIZE, 0, SIZE, dss(ack=connection.first[SERVER]))


@case
def unmapped(trace, n):
    """a thousand segments wait for mappings that never come, and the others for theirs"""
    connection, flow = opened(trace)
    connection.data(flow, CLIENT, 0, 0, SIZE)
    for at in range(n // 2):
        flow.send(CLIENT, ACK, (at + 1) * SIZE, 0, SIZE,
                  dss(ack=connection.first[SERVER]))
        if at >= 1000:
            flow.send(CLIENT, ACK, (at + 2) * SIZE, 0, 0,
                      dss(dsn=connection.first[CLIENT] + (at + 1) * SIZE,
                          ssn=(at + 1) * SIZE + 1, length=SIZE))


@case
def octets_again(trace, n):
    """octets one by one, and then all of them again and again in segments of 1,000"""
    half = n // 2
    connection, flow = opened(trace)
    send_octets(connection, flow, half)
    for number in range(half):
        at = number * SIZE % (half - SIZE)
        connection.data(flow, CLIENT, at, at, SIZE)


@case
def broad_mappings(trace, n):
    """one mapping per octet, and then mappings of as many of them as there may be"""
    half = n // 2
    connection, flow = opened(trace)
    send_octets(connection, flow, half)
    for at in range(half):
        flow.send(CLIENT, ACK, half, 0, 0,
                  dss(dsn=connection.first[CLIENT] + at, ssn=at + 1,
                      length=min(half - at, 65535)))


@case
def conflicts(trace, n):
    """mappings that contradict those before"""
    connection, flow = opened(trace)
    for at in range(n):
        connection.data(flow, CLIENT, at * SIZE + at % 2, at // 2 * SIZE, SIZE)


# --- reinjection ------------------------------------------------------------

@case
def reinjected(trace, n):
    """all data on one subflow, and then all of it on another"""
    half = n // 2
    connection, first = opened(trace)
    second = connection.join(((OTHER, 40001), (PEER, 443)))
    for flow in (first, second):
        for at in range(half):
            connection.data(flow, CLIENT, at * SIZE, at * SIZE, SIZE)
    connection.acknowledge(second, SERVER, half * SIZE, half * SIZE)
    connection.acknowledge(first, SERVER, half * SIZE, half * SIZE)


@case
def reinjected_shuffled(trace, n):
    """the same, each of the subflows in an order of its own, in pieces of other sizes"""
    half = n // 2
    connection, first = opened(trace)
    second = connection.join(((OTHER, 40001), (PEER, 443)))
    for flow, shift in ((first, 0), (second, SIZE // 2)):
        for number, at in enumerate(trace.random.sample(range(half), half)):
            connection.data(flow, CLIENT, at * SIZE + shift, number * SIZE, SIZE)


@case
def reinjected_at_once(trace, n):
    """everything is sent again at once on another subflow, and acknowledged much later there"""
    third = n // 3
    connection, first = opened(trace)
    second = connection.join(((OTHER, 40001), (PEER, 443)))
    for at in range(third):
        connection.data(first, CLIENT, at * SIZE, at * SIZE, SIZE)
        connection.data(second, CLIENT, at * SIZE, at * SIZE, SIZE)
    for at in range(third):
        connection.acknowledge(second if at % 2 else first, SERVER, (at + 1) * SIZE,
                               (at + 1) * SIZE)


@case
def one_piece(trace, n):
    """the same piece of data again and again, by turns on many subflows"""
    connection, first = opened(trace)
    flows = [first] + [connection.join(((OTHER, 41000 + i), (PEER, 443)))
                       for i in range(100)]
    for number in range(n):
        flow = flows[number % len(flows)]
        connection.data(flow, CLIENT, 0, number // len(flows) * SIZE, SIZE)


# --- subflows and addresses -------------------------------------------------

@case
def subflows(trace, n):
    """a connection of n / 8 subflows, which carry its data by turns"""
    count = n // 8
    connection, first = opened(trace)
    flows = [first] + [connection.join(((ipv4(1000 + i), 50000 + i % 10000), (PEER, 443)),
                                       i % 256) for i in range(count - 1)]
    for number in range(2 * count):
        flow, turn = flows[number % count], number // count
        connection.data(flow, CLIENT, number * SIZE, turn * SIZE, SIZE)
        connection.acknowledge(flow, SERVER, (number + 1) * SIZE, (turn + 1) * SIZE)


@case
def handovers(trace, n):
    """a connection that moves on: n / 9 subflows, each of which ends when the next is there"""
    connection, last = opened(trace)
    connection.data(last, CLIENT, 0, 0, SIZE)
    for number in range(1, n // 9):
        flow = connection.join(((ipv4(1000 + number), 50000), (PEER, 443)), number % 256)
        connection.data(flow, CLIENT, number * SIZE, 0, SIZE)
        connection.acknowledge(flow, SERVER, (number + 1) * SIZE, SIZE)
        last.send(CLIENT, FIN | ACK, SIZE, 0)
        last.send(SERVER, FIN | ACK, 0, SIZE + 1)
        last.send(CLIENT, ACK, SIZE + 1, 1)
        last = flow


@case
def under_way(trace, n):
    """subflows that all have something under way, which is acknowledged in any order"""
    connection, first = opened(trace)
    flows = [first] + [connection.join(((ipv4(1000 + i), 50000), (PEER, 443)), i % 256)
                       for i in range(n // 6)]
    for number, flow in enumerate(flows):
        connection.data(flow, CLIENT, number * SIZE, 0, SIZE)
    for flow in trace.random.sample(flows, len(flows)):
        flow.send(SERVER, acked=SIZE)


@case
def pairs(trace, n):
    """subflows each of which sends again what the one before it has sent"""
    connection, last = opened(trace)
    connection.data(last, CLIENT, 0, 0, SIZE)
    for number in range(1, n // 6):
        last = connection.join(((ipv4(1000 + number), 50000), (PEER, 443)), number % 256)
        connection.data(last, CLIENT, number * SIZE, 0, SIZE)
        connection.data(last, CLIENT, (number - 1) * SIZE, SIZE, SIZE)


@case
def refused(trace, n):
    """joins that a reset answers"""
    connection, _ = opened(trace)
    for number in range(n // 2):
        flow = Flow(trace, ((ipv4(1000 + number), 50000), (PEER, 443)))
        flow.send(CLIENT, SYN, options=struct.pack("!BBBB4sI", 30, 12, 0x10, number % 256,
                                                   connection.token[SERVER], number))
        flow.send(SERVER, RST | ACK)


@case
def backup(trace, n):
    """subflows that become backup and regular again, by turns"""
    connection, first = opened(trace)
    flows = [first] + [connection.join(((OTHER, 41000 + i), (PEER, 443)))
                       for i in range(n // 100)]
    for number in range(n):
        flow, turn = flows[number % len(flows)], number // len(flows)
        flow.send(CLIENT, options=struct.pack("!BBBB", 30, 3, 0x50 | (turn & 1), 1))


@case
def backup_by_id(trace, n):
    """version 0: all subflows with an address id become backup and regular again, by turns"""
    key = b"server's"
    token = hashlib.sha1(key).digest()[:4]
    first = Flow(trace, ENDS)
    first.send(CLIENT, SYN, options=b"\x1e\x0c\0\1client's")
    first.send(SERVER, SYN | ACK, options=b"\x1e\x0c\0\1" + key)
    first.send(CLIENT, options=b"\x1e\x14\0\1client's" + key)
    for number in range(n // 8):
        flow = Flow(trace, ((ipv4(1000 + number), 40000), (PEER, 443)))
        flow.send(CLIENT, SYN, options=struct.pack("!BBBB4sI", 30, 12, 0x10, number % 256,
                                                   token, number))
        flow.send(SERVER, SYN | ACK, options=struct.pack("!BBBBQI", 30, 16, 0x10, 0, 0,
                                                         number))
        flow.send(CLIENT, options=struct.pack("!BBBB20s", 30, 24, 0x10, 0, b""))
    for number in range(n // 2):
        first.send(CLIENT, options=struct.pack("!BBBB", 30, 4, 0x50 | number // 256 % 2,
                                               number % 256))


@case
def zero_windows(trace, n):
    """windows that close and open by turns, on many subflows"""
    connection, first = opened(trace)
    flows = [first] + [connection.join(((OTHER, 41000 + i), (PEER, 443)))
                       for i in range(n // 100)]
    for number in range(n):
        flow, turn = flows[number % len(flows)], number // len(flows)
        if number % 5 == 4:
            connection.data(flow, CLIENT, number // 5 * SIZE, turn // 5 * SIZE, SIZE)
        else:
            flow.send(SERVER, options=dss(ack=connection.first[CLIENT] + number // 5),
                      window=turn % 2 * 65535)


@case
def ends_again(trace, n):
    """DATA_FIN, FIN and reset again and again"""
    connection, flow = opened(trace)
    connection.data(flow, CLIENT, 0, 0, SIZE)
    fin = dss(dsn=connection.first[CLIENT] + SIZE, length=1, fin=True)
    for _ in range(n // 3):
        flow.send(CLIENT, ACK, SIZE, 0, options=fin)
        flow.send(CLIENT, FIN | ACK, SIZE, 0)
        flow.send(SERVER, RST | ACK, 0, SIZE)


@case
def stragglers(trace, n):
    """connections that end well one after another, the FIN of each once more 500 later"""
    ended = []
    for number in range(n // 9):
        connection, flow = opened(trace, ((ipv4(1000 + number), 40000), (PEER, 443)))
        fins = [{"dsn": connection.first[side], "length": 1, "fin": True} for side in range(2)]
        flow.send(CLIENT, options=dss(**fins[CLIENT]))
        flow.send(SERVER, options=dss(ack=connection.first[CLIENT] + 1, **fins[SERVER]))
        flow.send(CLIENT, FIN | ACK, options=dss(ack=connection.first[SERVER] + 1))
        flow.send(SERVER, FIN | ACK, acked=1)
        flow.send(CLIENT, ACK, 1, 1)
        ended.append(flow)
        if number >= 500:
            ended[number - 500].send(SERVER, FIN | ACK, acked=1)


@case
def same_ends(trace, n):
    """connections one after another from the same address and port"""
    for _ in range(n // 6):
        connection, flow = opened(trace)
        connection.data(flow, CLIENT, 0, 0, SIZE)
        flow.send(CLIENT, RST | ACK, SIZE, 0)
        trace.now += 1_000_000


@case
def half_open(trace, n):
    """handshakes of which nobody answers the first segment"""
    for number in range(n):
        Flow(trace, ((ipv4(1000 + number), 40000), (PEER, 443))).send(
            CLIENT, SYN, options=capable())


@case
def plain(trace, n):
    """flows of plain TCP between ever other addresses"""
    for number in range(n // 2):
        flow = Flow(trace, ((ipv4(1000 + number), 40000), (ipv4(n + number), 443)))
        flow.send(CLIENT, SYN)
        flow.send(SERVER, SYN | ACK)


@case
def removed(trace, n):
    """addresses that come and go, and come again under other numbers"""
    _, flow = opened(trace)
    for number in range(n // 2):
        flow.send(SERVER, options=struct.pack("!BBBB4s", 30, 8, 0x30, number % 256,
                                              ipv4(number % 1000)))
        flow.send(SERVER, options=struct.pack("!BBBB", 30, 4, 0x40, number % 256))


@case
def addresses_joined(trace, n):
    """subflows, and addresses that change all the time"""
    connection, flow = opened(trace)
    for number in range(n // 8):
        connection.join(((ipv4(1000 + number), 50000), (PEER, 443)), number % 256)
        for i in range(4):
            flow.send(CLIENT, options=struct.pack("!BBBB4s", 30, 8, 0x31, i,
                                                  ipv4(n + 4 * number + i)))


@case
def addresses(trace, n):
    """ADD_ADDR of ever other addresses"""
    _, flow = opened(trace)
    for number in range(n):
        flow.send(SERVER, options=struct.pack("!BBBB4s", 30, 8, 0x31, number % 256,
                                              ipv4(number)))


# --- tables -----------------------------------------------------------------

def shake_hands(trace, ends):
    """A connection that is opened, and no more."""
    for end in ends:
        Connection(trace, end)


@case
def one_port(trace, n):
    """connections from one address and port to neighbouring ones"""
    shake_hands(trace, (((FIRST, 40000), (ipv4(256 + i), 443))
                        for i in range(n // 3)))


@case
def all_ports(trace, n):
    """connections between neighbouring ports of the same addresses"""
    shake_hands(trace, (((FIRST, 1024 + i % 60000), (PEER, 1 + i // 60000))
                        for i in range(n // 3)))


GOLDEN = 0x9E3779B97F4A7C15


def mix(value, seed):
    """The hash of version 1.0, without a secret."""
    h = value + seed * GOLDEN + GOLDEN & MASK64
    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9 & MASK64
    h = (h ^ h >> 27) * 0x94D049BB133111EB & MASK64
    return h ^ h >> 31


def unshift(value, by):
    """What gives `value` when it is XORed with itself shifted to the right."""
    result = value
    for _ in range(64 // by):
        result = value ^ result >> by
    return result


def unmix(h, seed):
    """Which value has this hash?"""
    h = unshift(h, 31) * pow(0x94D049BB133111EB, -1, 1 << 64) & MASK64
    h = unshift(h, 27) * pow(0xBF58476D1CE4E5B9, -1, 1 << 64) & MASK64
    return unshift(h, 30) - seed * GOLDEN - GOLDEN & MASK64


@case
def same_hash(trace, n):
    """IPv6 addresses and ports chosen so that a hash without a secret is the same for all"""
    def end(port, wanted=0x0123456789ABCDEF):
        # An endpoint is hashed as mix(low, mix(high ^ port, family)).
        low = unmix(wanted, mix(port, 6))
        return struct.pack("<Q", low) + bytes(8), port
    shake_hands(trace, ((end(1 + i % 65535), (bytes(15) + b"\1", 443 + i // 65535))
                        for i in range(n // 3)))


@case
def same_key(trace, n):
    """connections whose keys, and so their tokens, are all the same; then joins of it"""
    keys = b"client's", b"server's"
    for number in range(n // 7):
        connection = Connection(trace, ((ipv4(1000 + number), 40000), (PEER, 443)), keys)
        connection.join(((ipv4(10_000_000 + number), 40000), (PEER, 443)))


@case
def unknown_token(trace, n):
    """joins with the same token of no connection"""
    for number in range(n // 2):
        flow = Flow(trace, ((ipv4(1000 + number), 40000), (PEER, 443)))
        flow.send(CLIENT, SYN, options=b"\x1e\x0c\x10\x01tokn" + struct.pack("!I", number))
        flow.send(SERVER, SYN | ACK, options=b"\x1e\x10\x10\x01" + bytes(8)
                  + struct.pack("!I", number))


@case
def midstream(trace, n):
    """flows that began before the capture, each with data elsewhere"""
    flows = [Flow(trace, ((ipv4(1000 + i), 40000), (PEER, 443))) for i in range(n // 4)]
    places = [trace.random.getrandbits(63) for _ in flows]
    for turn in range(4):
        for flow, place in zip(flows, places):
            flow.send(CLIENT, ACK, turn * SIZE, 0, SIZE,
                      dss(ack=place ^ 1, dsn=place + turn * SIZE, ssn=turn * SIZE + 1,
                          length=SIZE))


@case
def midstream_near(trace, n):
    """the same, with data next to each other's, so that they may be one connection"""
    flows = [Flow(trace, ((ipv4(1000 + i), 40000), (PEER, 443))) for i in range(n // 4)]
    for number in range(n):
        flow, turn = flows[number % len(flows)], number // len(flows)
        flow.send(CLIENT, ACK, turn * SIZE, 0, SIZE,
                  dss(ack=1 << 62, dsn=(1 << 61) + number * SIZE, ssn=turn * SIZE + 1,
                      length=SIZE))


# --- attacks ----------------------------------------------------------------

@case
def answered(trace, n):
    """handshakes that go no further than the answer"""
    for number in range(n // 2):
        flow = Flow(trace, ((ipv4(1000 + number), 40000), (PEER, 443)))
        flow.send(CLIENT, SYN, options=capable())
        flow.send(SERVER, SYN | ACK, options=capable(trace.random.randbytes(8)))


@case
def half_open_plain(trace, n):
    """SYNs of plain TCP that nobody answers"""
    for number in range(n):
        Flow(trace, ((ipv4(1000 + number), 40000), (PEER, 443))).send(CLIENT, SYN)


@case
def unknown_tokens(trace, n):
    """joins, each with another token of no connection, that nobody answers"""
    for number in range(n):
        Flow(trace, ((ipv4(1000 + number), 40000), (PEER, 443))).send(
            CLIENT, SYN, options=b"\x1e\x0c\x10\x01" + trace.random.randbytes(8))


@case
def unanswered_joins(trace, n):
    """joins of one connection that nobody answers"""
    connection, _ = opened(trace)
    for number in range(n):
        Flow(trace, ((ipv4(1000 + number), 40000), (PEER, 443))).send(
            CLIENT, SYN, options=struct.pack("!BBBB4sI", 30, 12, 0x10, number % 256,
                                             connection.token[SERVER], number))


@case
def orphans(trace, n):
    """single packets of flows that began before the capture, data of each somewhere else"""
    for number in range(n):
        Flow(trace, ((ipv4(1000 + number), 40000), (PEER, 443))).send(
            CLIENT, ACK, 0, 0, SIZE, dss(ack=trace.random.getrandbits(64),
                                         dsn=trace.random.getrandbits(64), ssn=1,
                                         length=SIZE))


@case
def dsn_anywhere(trace, n):
    """data whose sequence numbers are anywhere in 64 bits"""
    connection, flow = opened(trace)
    for at in range(n):
        connection.data(flow, CLIENT, trace.random.getrandbits(64), at * SIZE, SIZE)


@case
def dsn_wide(trace, n):
    """data anywhere within as much as may be missing, and acknowledgements of it"""
    connection, flow = opened(trace)
    for at in range(n // 2):
        where = trace.random.getrandbits(40)
        connection.data(flow, CLIENT, where, at * SIZE, SIZE)
        connection.acknowledge(flow, SERVER, trace.random.getrandbits(40), at * SIZE)


@case
def sequence_anywhere(trace, n):
    """segments of TCP anywhere in 32 bits, without options"""
    connection, flow = opened(trace)
    connection.data(flow, CLIENT, 0, 0, SIZE)
    for _ in range(n):
        flow.send(CLIENT, ACK, trace.random.getrandbits(32),
                  trace.random.getrandbits(32), trace.random.choice((0, 1, SIZE)))


@case
def octets_backwards(trace, n):
    """segments of one octet, the last one first"""
    connection, flow = opened(trace)
    for at in range(n - 1, -1, -1):
        connection.data(flow, CLIENT, at, at, 1)


@case
def mappings_anyhow(trace, n):
    """mappings that overlap in any way: of any bytes, to where others of them are or not"""
    connection, flow = opened(trace)
    pick = trace.random.randrange
    for at in range(n):
        start, size = pick(1 << 20), pick(1, 1 << 16)
        shift = pick(-3, 4) if at % 3 == 0 else 0
        flow.send(CLIENT, ACK, pick(1 << 20), 0, pick(3) * 500,
                  dss(dsn=connection.first[CLIENT] + start + shift, ssn=start + 1,
                      length=size))


@case
def odd_options(trace, n):
    """options of every kind and subtype, of length 0, 1, 2, 255 and what else there is"""
    lengths = 0, 1, 2, 3, 4, 8, 12, 20, 26, 38, 40, 41, 128, 255
    _, flow = opened(trace)
    pick = trace.random.choice
    for number in range(n):
        kind = 30 if number % 2 else number // 2 % 256
        head = bytes((kind, pick(lengths), number // 2 % 256))
        options = b"\1" * trace.random.randrange(20) + head + trace.random.randbytes(20)
        flow.send(number % 3 // 2, trace.random.getrandbits(8) & 0x3A | ACK,
                  number, number, 1, options[:40])


@case
def lying_lengths(trace, n):
    """lengths of IP and TCP that contradict what there is, also jumbograms"""
    lengths = 0, 1, 19, 20, 39, 40, 41, 1500, 65535
    opened(trace)
    pick = trace.random.choice
    for number in range(n):
        options = dss(ack=number, dsn=number << 30, ssn=number, length=pick(lengths))
        tcp = struct.pack("!HHIIBBHHH", 40000, 443, number * SIZE & 0xFFFFFFFF, 1,
                          pick((0, 4, 5, 11, 15)) << 4, ACK, 65535, 0, 0) + options
        if number % 3:
            head = SLL2_IPV4 + struct.pack("!BBHHHBBH4s4s", pick((0x45, 0x40, 0x4F)), 0,
                                           pick(lengths), 0, 0, 64, 6, 0, FIRST, PEER)
        else:
            jumbo = struct.pack("!BBBBI", 6, 0, 0xC2, 4, pick((0, 65536, 0xFFFFFFFF)))
            head = SLL2_IPV6 + struct.pack("!IHBB32s", 6 << 28, 0, 0, 64, b"") + jumbo
        trace.put(head + tcp, pick(lengths))


@case
def times_back(trace, n):
    """time that goes backwards"""
    for number in range(n // 6):
        connection = Connection(trace, ((ipv4(1000 + number), 40000), (PEER, 443)))
        trace.now -= 20_000_000
        connection.data(connection.flow, CLIENT, 0, 0, SIZE)
        connection.acknowledge(connection.flow, SERVER, SIZE, SIZE)
        connection.flow.send(CLIENT, RST | ACK, SIZE, 0)
        trace.now = max(trace.now - 20_000_000, 20_000_000)


@case
def times_jump(trace, n):
    """time that jumps years, there and back"""
    connection, flow = opened(trace)
    for at in range(n // 2):
        trace.now = trace.random.randrange(1 << 32) * 1_000_000
        connection.data(flow, CLIENT, at * SIZE, at * SIZE, SIZE)
        connection.acknowledge(flow, SERVER, (at + 1) * SIZE, (at + 1) * SIZE)


@case
def keys_change(trace, n):
    """handshakes of one 4-tuple sent again and again with other keys"""
    flow = Flow(trace, ENDS)
    for _ in range(n // 3):
        keys = trace.random.randbytes(8), trace.random.randbytes(8)
        flow.send(CLIENT, SYN, options=capable())
        flow.send(SERVER, SYN | ACK, options=capable(keys[1]))
        flow.send(CLIENT, options=capable(*keys))


@case
def spread_out(trace, n):
    """data of a thousand connections that nobody acknowledges"""
    connections = [Connection(trace, ((ipv4(1000 + number), 40000), (PEER, 443)))
                   for number in range(1000)]
    for number in range(n):
        connection, at = connections[number % 1000], number // 1000 * 2 * SIZE
        connection.data(connection.flow, CLIENT, at, at, SIZE)


CASES = (in_order, unacknowledged, swapped, backwards, shuffled, holes, data_shuffled, one_hole,
         acknowledged_holes, sacked, octet_mappings, octet_mappings_shuffled, octets_again,
         broad_mappings, conflicts, mappings_late, mappings_early, unmapped, reinjected,
         reinjected_shuffled, reinjected_at_once, one_piece, pairs, subflows, under_way, handovers,
         refused, backup, backup_by_id, zero_windows, ends_again, stragglers, addresses,
         addresses_joined, removed, one_port, all_ports, same_ends, half_open, plain, same_hash,
         same_key, unknown_token, midstream, midstream_near, answered, half_open_plain,
         unknown_tokens, unanswered_joins, orphans, dsn_anywhere, dsn_wide, sequence_anywhere,
         octets_backwards, mappings_anyhow, odd_options, lying_lengths, times_back, times_jump,
         keys_change, spread_out)
# So many connections that their graphs are mostly files.
MANY = (one_port, all_ports, same_ends, stragglers, half_open, plain, same_hash, same_key,
        unknown_token, midstream, midstream_near, answered, half_open_plain, unknown_tokens,
        unanswered_joins, orphans, times_back, keys_change, spread_out)
