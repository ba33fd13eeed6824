# SPDX-License-Identifier: BSD-3-Clause
"""pcap files for the benchmark: heads of them, other orders, other link layers.

Only what tcpdump -i any writes here: little endian, microseconds, LINUX_SLL2 (20 octets of
header, of which the first two are the EtherType), IPv4 without options.
"""

import mmap
import struct

FILE_HEAD = struct.Struct("<IHHiIII")
RECORD = struct.Struct("<IIII")
MAGIC = 0xA1B2C3D4
ETHERNET, SLL2 = 1, 276
SLL2_SIZE = 20
MICROSECONDS = 1_000_000


class Reader:
    """The records of a file, as places in one block of octets."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.octets = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, *_, self.linktype = FILE_HEAD.unpack_from(self.octets)
        if magic != MAGIC:
            raise ValueError(f"{path}: not a little endian pcap file of microseconds")

    def __iter__(self):
        """(place, octets captured, length) of each record; its octets are at place + 16."""
        place, octets, unpack = FILE_HEAD.size, self.octets, RECORD.unpack_from
        end = len(octets)
        while place + RECORD.size <= end:
            _, _, captured, length = unpack(octets, place)
            if place + RECORD.size + captured > end:
                return
            yield place, captured, length
            place += RECORD.size + captured


class Writer:
    """A file that is being written; in a `with`."""

    def __init__(self, path, linktype=SLL2, snaplen=262144):
        self.file = open(path, "wb", buffering=1 << 20)
        self.file.write(FILE_HEAD.pack(MAGIC, 2, 4, 0, 0, snaplen, linktype))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def packet(self, microseconds, octets, length=None):
        """A record: when, what was captured, how long it was."""
        self.file.write(RECORD.pack(*divmod(microseconds, MICROSECONDS), len(octets),
                                    length or len(octets)))
        self.file.write(octets)


def count(path):
    """How many records?"""
    return sum(1 for _ in Reader(path))


def copy_head(source, target, packets):
    """The first packets: how many there were."""
    reader = Reader(source)
    end, taken = FILE_HEAD.size, 0
    for place, captured, _ in reader:
        if taken == packets:
            break
        end, taken = place + RECORD.size + captured, taken + 1
    with open(target, "wb") as file:
        file.write(memoryview(reader.octets)[:end])
    return taken


def copy_as_ethernet(source, target):
    """The same packets with Ethernet headers, for programs that do not know SLL2."""
    reader = Reader(source)
    if reader.linktype != SLL2:
        raise ValueError(f"{source}: not of the link type LINUX_SLL2")
    octets, addresses, less = reader.octets, bytes(12), SLL2_SIZE - 14
    with Writer(target, ETHERNET) as writer:
        write = writer.file.write
        for place, captured, length in reader:
            start = place + RECORD.size
            seconds, part = struct.unpack_from("<II", octets, place)
            write(RECORD.pack(seconds, part, captured - less, length - less) + addresses
                  + octets[start:start + 2] + octets[start + SLL2_SIZE:start + captured])


def copy_dealt(source, target, dealt=5, step=25):
    """The same packets in another order, so that all connections are open at once: the first
    of each, then the second of each, and so on, `dealt` times; then the rest of each in turn.
    Between packets are `step` microseconds. The connections are of one subflow each and use no
    4-tuple twice. How many connections there are."""
    reader = Reader(source)
    octets, flows = reader.octets, {}
    for place, captured, length in reader:
        tcp = place + RECORD.size + SLL2_SIZE + 20
        ends = sorted((octets[tcp - 8:tcp - 4] + octets[tcp:tcp + 2],
                       octets[tcp - 4:tcp] + octets[tcp + 2:tcp + 4]))
        flows.setdefault(b"".join(ends), []).append((place + RECORD.size, captured, length))
    order = [packets[turn] for turn in range(dealt) for packets in flows.values()
             if turn < len(packets)]
    order += [packet for packets in flows.values() for packet in packets[dealt:]]
    now = struct.unpack_from("<I", octets, FILE_HEAD.size)[0] * MICROSECONDS
    with Writer(target) as writer:
        for start, captured, length in order:
            writer.packet(now, octets[start:start + captured], length)
            now += step
    return len(flows)
