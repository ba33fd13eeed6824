# SPDX-License-Identifier: BSD-3-Clause
"""What --split makes of captures; see tests/split.

check(program, trace) returns a list of what is wrong."""

import json
import os
import re
import struct
import subprocess
import sys
import tempfile
from collections import Counter

ORDERS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}


def run(program, *words, **more):
    """What it prints, as bytes."""
    done = subprocess.run([program, *words], check=False, capture_output=True, **more)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return done.stdout


def report(program, *words):
    """What --json says."""
    return json.loads(run(program, *words, "--json"))


def packets(path):
    """Of a pcap file: (link type, nanoseconds, length, bytes) of each packet, or None."""
    with open(path, "rb") as file:
        data = file.read()
    for order in "<>":
        scale = ORDERS.get(struct.unpack(order + "I", data[:4])[0])
        if scale:
            break
    else:
        return None
    link = struct.unpack(order + "I", data[20:24])[0]
    found, end = [], 24
    while end < len(data):
        seconds, fraction, size, length = struct.unpack(order + "4I", data[end:end + 16])
        end += 16 + size
        found.append((link, seconds * 10**9 + fraction * scale, length, data[end - size:end]))
    return found


def comparable(connection):
    """Without what depends on where in a trace it is."""
    text = re.sub(r'"packet": \d+', '"packet": 0', json.dumps(connection))
    text = re.sub(r"\b(packets?|connection) [\d,]+", r"\1 N", text)
    return {**json.loads(text), "id": 0}


def is_part(part, whole):
    """Are these the same packets as some of those, in their order?"""
    rest = iter(whole)
    return all(any(packet == other for other in rest) for packet in part)


def check_packets(trace, parts):
    """Every packet in one part, as it was."""
    whole = packets(trace) if trace.endswith(".pcap") else None
    parts = [packets(part) for part in parts]
    if whole is None or None in parts:
        return
    if Counter(whole) != sum(map(Counter, parts), Counter()):
        yield "the packets are others"
    for part in parts:
        if not is_part(part, whole):
            yield "the packets are in another order"


def check(program, trace):
    """What is wrong with the parts of a trace."""
    whole = report(program, "-f", trace)
    wrong = []
    with tempfile.TemporaryDirectory() as made:
        directory = os.path.join(made, "parts")
        run(program, "-f", trace, "--split", directory)
        names = [f"connection-{one['id']}.pcap" for one in whole["connections"]]
        if sorted(os.listdir(directory)) != sorted([*names, "other.pcap"]):
            return [f"the files are {os.listdir(directory)}"]
        paths = [os.path.join(directory, name) for name in [*names, "other.pcap"]]
        parts = [report(program, "-f", path) for path in paths]
        wrong.extend(check_packets(trace, paths))
        total = sum(part["capture"]["packets"] for part in parts)
        if total != whole["capture"]["packets"]:
            wrong.append(f"{whole['capture']['packets']} packets became {total}")
        for one, part in zip(whole["connections"], parts):
            if [comparable(one)] != [comparable(other) for other in part["connections"]]:
                wrong.append(f"connection {one['id']} is told otherwise")
        if parts[-1]["connections"]:
            wrong.append("there are connections among the rest")
    return wrong


def check_choice(program, traces):
    """One connection of several traces, also through a pipe: the same file."""
    with tempfile.TemporaryDirectory() as made:
        one, two, three = (os.path.join(made, name) for name in ("one", "two", "three"))
        files = [word for trace in traces for word in ("-f", trace)]
        run(program, *files, "-c", "1", "--split", one)
        run(program, *files, "--where", "id=1", "--packets", "--split", two)
        if os.listdir(one) != ["connection-1.pcap"] or os.listdir(two) != os.listdir(one):
            return [f"the files are {os.listdir(one)} and {os.listdir(two)}"]
        with open(os.path.join(one, "connection-1.pcap"), "rb") as file:
            part = file.read()
        run(program, "-f", "-", "--split", three, input=part)
        for directory, name in ((two, "connection-1.pcap"), (three, "connection-0.pcap")):
            with open(os.path.join(directory, name), "rb") as file:
                if file.read() != part:
                    return [f"{name} is another"]
    return []


def main():
    """TAP, a line a trace."""
    program, *traces = sys.argv[1:]
    print(f"1..{len(traces) + 1}")
    cases = [(f"the parts of {trace}", check(program, trace)) for trace in traces]
    same_link = ["upload.pcap", "join-refused.pcap"]
    cases.append(("a connection of two traces", check_choice(program, same_link)))
    for number, (what, wrong) in enumerate(cases, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for line in wrong:
            print("# " + line)


if __name__ == "__main__":
    main()
