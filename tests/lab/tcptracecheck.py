#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Compare the figures of each subflow with those of tcptrace.

    tcptracecheck.py [--mptcptrace PATH] TRACE...

To tcptrace every subflow is a TCP connection of its own. It does not know all link
types, so it gets a copy of the trace as Ethernet, made with the help of editcap. Where
its definition is another one than ours, its figure must be what follows from ours;
README.md has the list. What differs is printed below a `not ok` line, and so is what
could not be compared below an `ok` line.
"""

import argparse
import csv
import ipaddress
import json
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import defaultdict

FIN, SYN, RST = 1, 2, 4
# Link type: octets before the IP packet.
LINKS = {1: 14, 12: 0, 101: 0, 113: 16, 228: 0, 229: 0, 276: 20}
ETHERNET = {4: bytes(12) + b"\x08\x00", 6: bytes(12) + b"\x86\xdd"}


# --- the trace, as tcptrace can read it --------------------------------------

class Sender:
    """What one end of a 4-tuple sent, as far as tcptrace's definitions ask for it."""

    def __init__(self):
        self.packets = self.syns = self.fins = self.resets = 0
        self.late = 0  # SYNs and FINs after something of a higher sequence number
        self.windows = []  # of SYNs, never scaled
        self.last = 0
        self.highest = None

    def sends(self, time, seq, flags, window):
        behind = self.highest is not None and 0 < self.highest - seq & 0xFFFFFFFF < 1 << 31
        self.highest = self.highest if behind else seq
        self.late += behind and bool(flags & (SYN | FIN))
        self.packets += 1
        self.syns += bool(flags & SYN)
        self.fins += bool(flags & FIN)
        self.resets += bool(flags & RST)
        self.windows += [window] if flags & SYN else []
        self.last = time


def read_packets(path):
    """(time in us, IP packet, octets that were not captured), of each."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as plain:
        done = subprocess.run(["editcap", "-F", "pcap", path, plain.name],
                              stderr=subprocess.DEVNULL)
        data = plain.read()
    link = struct.unpack_from("<I", data, 20)[0] if len(data) >= 24 else None
    if done.returncode or link not in LINKS:
        raise OSError("cannot be rewritten for tcptrace")
    skip, at = LINKS[link], 24
    while at + 16 <= len(data):
        seconds, micro, captured, size = struct.unpack_from("<IIII", data, at)
        packet = data[at + 16 + skip:at + 16 + captured]
        at += 16 + captured
        if packet and packet[0] >> 4 in ETHERNET:
            yield seconds * 10 ** 6 + micro, packet, size - captured


def read_tcp(packet):
    """(source, target, sequence number, flags, window), or None."""
    if packet[0] >> 4 == 4:
        size, protocol, source, target = (packet[0] & 15) * 4, packet[9:10], packet[12:16], \
            packet[16:20]
    else:
        size, protocol, source, target = 40, packet[6:7], packet[8:24], packet[24:40]
    if protocol != b"\x06" or len(packet) < size + 16:
        return None
    sport, dport, seq, flags, window = struct.unpack_from("!HHI5xBH", packet, size)
    return ((ipaddress.ip_address(source), sport), (ipaddress.ip_address(target), dport),
            seq, flags, window)


def rewrite(path, copy):
    """Writes the copy; returns what was sent by (source, target), and the last time."""
    senders, now = defaultdict(Sender), 0
    copy.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 1))
    for now, packet, cut in read_packets(path):
        frame = ETHERNET[packet[0] >> 4] + packet
        copy.write(struct.pack("<IIII", now // 10 ** 6, now % 10 ** 6, len(frame),
                               len(frame) + cut) + frame)
        segment = read_tcp(packet)
        if segment:
            source, target, *rest = segment
            senders[source, target].sends(now, *rest)
    copy.flush()
    return senders, now


# --- what tcptrace says, and what we say ------------------------------------

def number(text):
    text = text.strip()
    return None if text in ("", "NA") else float(text) if "." in text else int(text)


def tcptrace(path):
    """Its figures by (source, target), a list each."""
    done = subprocess.run(["tcptrace", "-n", "-l", "--csv", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    lines = [line for line in done.stdout.decode().split("\n")
             if line.strip() and not line.startswith("#")]
    found = defaultdict(list)
    for row in csv.DictReader(lines):
        ends = [(ipaddress.ip_address(row[f"host_{x}"].strip()), int(row[f"port_{x}"]))
                for x in "ab"]
        for way, pair in (("_a2b", ends), ("_b2a", ends[::-1])):
            found[tuple(pair)].append({key[:-4]: value for key, value in row.items()
                                       if key and key.endswith(way)})
    return found


def subflows(report):
    """Ours by (source, target), a list each: what to call it, the figures, the scales."""
    found = defaultdict(list)
    for conn in report["connections"]:
        for subflow in conn["subflows"]:
            ends = [(ipaddress.ip_address(subflow[x]), subflow[x + "_port"])
                    for x in ("source", "destination")]
            if subflow["initiator"] == "server":
                ends.reverse()
            for way, pair in (("c2s", ends), ("s2c", ends[::-1])):
                label = f"connection {conn['id']} subflow {subflow['id']} {way}"
                scales = subflow["wscale"][::1 if way == "c2s" else -1]
                found[tuple(pair)].append((label, subflow[way], scales))
    return found


# --- one by the definitions of the other ------------------------------------

def unsigned(mss):
    """It reads the option as a signed number."""
    return mss if mss < 1 << 15 else mss - (1 << 16) + (1 << 32)


def plain_figures(flow):
    """Where the definitions are the same; 0 is what tcptrace says where there is none."""
    return {
        "total_packets": flow["packets"],
        "actual_data_pkts": flow["data_packets"],
        "actual_data_bytes": flow["bytes"],
        "pure_acks_sent": flow["pure_acks"],
        "sacks_sent": flow["sacks"],
        "dsack_pkts_sent": flow["dsacks"],
        "pushed_data_pkts": flow["pushed_packets"],
        "mss_requested": unsigned(flow["mss"] or 0),
        "min_segm_size": flow["segment_min"] or 0,
        "max_segm_size": flow["segment_max"] or 0,
        "avg_segm_size": int(flow["bytes"] / (flow["data_packets"] + 0.001)),
    }


def window_figures(flow, row, scales, sender, peer):
    """Where nothing is scaled, windows of SYNs count. Those of resets never do, but the
    average is by packets with them; by all packets, if nothing scaled came back. The
    least is never 0. Where an ACK comes before the SYN/ACK, tcptrace forgets the scale."""
    scaled = None not in scales
    if flow["window_max"] is None or (scaled and number(row["adv_wind_scale"]) != scales[0]):
        return {}
    syns = [] if scaled else sender.windows
    seen = flow["packets"] - sender.syns - sender.resets
    least = [window for window in syns + [flow["window_min"] or 0] if window]
    by_scaled = scaled and peer.packets > peer.syns + peer.resets
    return {
        "max_win_adv": max(syns + [flow["window_max"]]),
        "min_win_adv": min(least, default=0),
        "avg_win_adv": int((flow["window_avg"] * seen + sum(syns)) / (
            flow["packets"] - (sender.syns if by_scaled else 0)) + 1e-6),
        "zero_win_adv": flow["zero_windows"] + sender.windows.count(0),
    }


def idle(flow, sender, peer, end):
    """In ms; to the end of the trace, where the connection was not closed."""
    longest = flow["idle_max"] or 0
    if not sender.resets + peer.resets and not (sender.fins and peer.fins) and sender.packets:
        longest = max(longest, (end - sender.last) / 1e6)
    return longest * 1000


def differences(flow, row, scales, sender, peer, end):
    expected = plain_figures(flow)
    expected.update(window_figures(flow, row, scales, sender, peer))
    for key, value in expected.items():
        if number(row[key]) != value:
            yield f"{key}: {row[key].strip()}, not {value}"
    silence = idle(flow, sender, peer, end)
    if abs((number(row["idletime_max"]) or 0) - silence) > 0.06:
        yield f"idletime_max: {row['idletime_max'].strip()}, not {silence:.1f}"
    yield from again(flow, row, sender)


def again(flow, row, sender):
    """To tcptrace a SYN, a FIN and a keepalive are an octet of data, and what is sent into
    a closed window is none."""
    own = [flow["retransmitted_packets"], flow["retransmitted_bytes"]]
    got = [number(row["rexmt_data_" + unit]) for unit in ("pkts", "bytes")]
    more = [them - us for them, us in zip(got, own)]
    signs = max(sender.syns - 1, 0) + max(sender.fins - 1, 0)
    probes = number(row["zwnd_probe_pkts"]), number(row["zwnd_probe_bytes"])
    if not 0 <= more[0] == more[1] and not all(
            -probe <= surplus <= signs for probe, surplus in zip(probes, more)):
        yield f"rexmt_data_pkts, rexmt_data_bytes: {got}, not {own}"
    late = number(row["outoforder_pkts"]) - flow["out_of_order_packets"]
    if not 0 <= late <= sender.late:
        yield f"outoforder_pkts: {row['outoforder_pkts'].strip()}, not " \
              f"{flow['out_of_order_packets']}"


def compare(path, tool):
    """What differs, and what was left out."""
    done = subprocess.run([tool, "-f", path, "--json"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    try:
        ours = subflows(json.loads(done.stdout))
    except ValueError:
        return [f"exit status {done.returncode}, no JSON: {done.stderr.decode()[-600:]}"], []
    with tempfile.NamedTemporaryFile(suffix=".pcap") as copy:
        senders, end = rewrite(path, copy)
        theirs = tcptrace(copy.name)
    found, left_out = [], []
    for pair, rows in ours.items():
        label, flow, scales = rows[0]
        if len(rows) > 1 or len(theirs[pair]) > 1:
            left_out.append(f"{label}: not the only use of its ports")
            continue
        if not theirs[pair]:
            found.append(f"{label}: unknown to tcptrace")
            continue
        found += [f"{label}: {sentence}" for sentence in
                  differences(flow, theirs[pair][0], scales, senders[pair],
                              senders[pair[::-1]], end)]
    return found, left_out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--mptcptrace", default="mptcptrace", metavar="PATH")
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    arguments = parser.parse_args()
    for program in ("tcptrace", "editcap"):
        if not shutil.which(program):
            print(f"SKIP no {program}")
            return 0
    if not shutil.which(arguments.mptcptrace):
        parser.error(f"{arguments.mptcptrace}: not found")
    failed = skipped = 0
    for path in arguments.traces:
        try:
            found, left_out = compare(path, arguments.mptcptrace)
        except OSError as error:
            skipped += 1
            print(f"ok {path} # SKIP {error}", flush=True)
            continue
        failed += bool(found)
        print(("not ok " if found else "ok ") + path, flush=True)
        for sentence in found + left_out:
            print(f"    {sentence}")
    passed = len(arguments.traces) - failed - skipped
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
