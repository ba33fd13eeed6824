# SPDX-License-Identifier: BSD-3-Clause
"""Traces that attack; see tests/attacks."""

import gzip
import itertools
import json
import lzma
import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib

MIB = 1024          # in KiB, as the kernel counts
SMALL = 3_000       # packets of each case of bench/worst.py
USUAL = 80          # MiB that are enough for what is no flood
LIMIT = "limit-reached"


class Program:
    """The program, and what it takes."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            self.is_slim = b"__asan_init" not in file.read()

    def run(self, *words):
        """(exit status, output, errors, peak in MiB)."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([self.path, *words], stdout=out, stderr=err)
            _, status, took = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            return (process.returncode, out.read().decode(), err.read().decode(),
                    took.ru_maxrss // MIB if self.is_slim else 0)


def limits(findings):
    """How many findings say that a limit was reached."""
    return sum(finding["code"] == LIMIT for finding in findings)


def worst_cases(program, worst, trace):
    """All that is in bench/worst.py, small."""
    for case in worst.CASES:
        case(SMALL)(trace)
        status, _, errors, peak = program.run("-f", trace)
        coded, output, _, heap = program.run("-f", trace, "--json", "-t", "60")
        try:
            json.loads(output)
        except ValueError:
            coded = 1
        yield (f"{case.__name__}: exit 0, {peak} and {heap} MiB",
               not status and not coded and not errors and max(peak, heap) < USUAL)


def floods(program, worst, trace):
    """More than may be open at once."""
    worst.half_open(70_000)(trace)
    status, output, errors, peak = program.run("-f", trace)
    yield f"half open connections: exit 0, {peak} MiB", not status and peak < 500
    yield "half open connections: told once", (
        errors.count("\n") == 1 and "more than 65536 connections" in errors
        and output.count("more than 65536 connections") == 1)
    yield "half open connections: more clients than are compared", (
        "connections had more servers, clients or keys" in output
        and output.count(LIMIT) == 2)
    yield "half open connections: all are counted", "70,000 packets, 70,000 of TCP" in output

    worst.orphans(70_000)(trace)
    status, output, errors, peak = program.run("-f", trace)
    yield f"orphans: exit 0, {peak} MiB", not status and peak < 500
    yield "orphans: told once", errors.count("\n") == 1 and output.count(LIMIT) == 1
    # Some that are next to one another by chance make connections.
    yield "orphans: they are counted", re.search(r"(69,9\d\d|70,000) orphan", output)

    with worst.Trace(trace) as packets:
        for number in range(5_000):
            flow = worst.Flow(packets, ((worst.ipv4(number), 40000), (worst.PEER, 443)))
            flow.send(worst.CLIENT, worst.SYN, options=worst.capable())
            flow.send(worst.SERVER, worst.SYN | worst.ACK)
    status, output, _, peak = program.run("-f", trace)
    yield f"refused connections: exit 0, {peak} MiB", not status and peak < 500
    yield "refused connections: told once", output.count(LIMIT) == 1

    worst.stragglers(9 * 700)(trace)
    status, output, errors, _ = program.run("-f", trace)
    yield "stragglers: exit 0", not status
    yield "stragglers: told once", (
        errors.count("\n") == 1 and "more than 256 connections had ended" in errors
        and "(200 in all)" in errors and output.count(LIMIT) == 1)
    yield "stragglers: they are no flows of their own", (
        "5,800 packets, 5,800 of TCP; 700 MPTCP connections\n" in output)

    worst.unanswered_joins(20_000)(trace)
    status, output, errors, peak = program.run("-f", trace, "--json")
    report = json.loads(output)
    connection = report["connections"][0]
    yield f"joins: exit 0, {peak} MiB", not status and peak < 500
    yield "joins: told once, and of the connection", (
        errors.count("\n") == 1 and limits(report["findings"]) == 1
        and limits(connection["findings"]) == 1)
    yield "joins: so many are followed", len(connection["subflows"]) == 1 << 14
    yield "joins: all are counted", report["tcp"]["mptcp_subflows"] == 20_001


PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFFFFFF, 1)
SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
INTERFACE = struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)


def record(captured):
    """The head of a record of a pcap file."""
    return struct.pack("<IIII", 1, 0, captured, captured)


def block(kind, length, body=b""):
    """The beginning of a block of a pcapng file."""
    return struct.pack("<II", kind, length) + body


def packed(pack, size=1 << 20, times=64):
    """A packed file of so many octets, made without having them all."""
    packer = pack()
    parts = [packer.compress(PCAP)]
    parts += [packer.compress(bytes(size)) for _ in range(times)]
    return b"".join(parts) + packer.flush()


def lying():
    """(name, what is in the file, its size, exit status, most MiB) of each."""
    interface = SECTION + INTERFACE
    yield "a record of 4 GiB", PCAP + record(0xFFFFFFFF), 0, 1, USUAL
    yield "a record of 4 GiB that is there", PCAP + record(0xFFFFFFF0), 5 << 30, 1, USUAL
    yield "a record of 1 GiB that is there", PCAP + record(1 << 30), 2 << 30, 1, USUAL
    yield "a block of 4 GiB", interface + block(6, 0xFFFFFFFC), 0, 1, USUAL
    yield "an unknown block of 4 GiB", interface + block(77, 0xFFFFFFFC), 0, 0, USUAL
    yield "a block of 64 MiB", interface + block(6, 1 << 26), 0, 0, USUAL
    yield "a block of 64 MiB that is there", interface + block(6, 1 << 26), 1 << 27, 1, 160
    yield "blocks of length 0", interface + block(6, 0) * 100, 0, 1, USUAL
    yield ("a section of 4 GiB",
           block(0x0A0D0D0A, 0xFFFFFFFC, struct.pack("<I", 0x1A2B3C4D)), 0, 1, USUAL)
    yield "65,536 interfaces", SECTION + INTERFACE * 65536, 0, 0, USUAL
    yield "65,537 interfaces", SECTION + INTERFACE * 65537, 0, 1, USUAL
    yield "64 MiB in gzip", packed(lambda: zlib.compressobj(wbits=31)), 0, 0, USUAL
    yield "64 MiB in xz", packed(lambda: lzma.LZMACompressor(preset=0)), 0, 0, USUAL
    yield "packed twice", lzma.compress(lzma.compress(PCAP)), 0, 1, USUAL
    yield ("100,000 empty members of gzip", gzip.compress(PCAP) + gzip.compress(b"") * 100_000, 0,
           0, USUAL)


def lying_files(program, trace):
    """Files that say they are longer than they are, or are longer than they look."""
    for name, content, size, wanted, most in lying():
        with open(trace, "wb") as file:
            file.write(content)
            if size:
                file.truncate(size)
        status, _, _, peak = program.run("-f", trace)
        yield (f"{name}: exit {status}, {peak} MiB",
               status == wanted and peak < most)


def main():
    """Everything, as TAP."""
    program = Program(sys.argv[1])
    sys.path.insert(1, sys.argv[2])
    import worst    # pylint: disable=import-outside-toplevel
    number = 0
    with tempfile.TemporaryDirectory(prefix="attacks-") as directory:
        trace = os.path.join(directory, "trace")
        # The peak of a child is at least ours, so what makes us big comes last.
        for told, good in itertools.chain(lying_files(program, trace),
                                          worst_cases(program, worst, trace),
                                          floods(program, worst, trace)):
            number += 1
            print(f"{'ok' if good else 'not ok'} {number} - {told}", flush=True)
    print(f"1..{number}")


main()
