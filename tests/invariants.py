# SPDX-License-Identifier: BSD-3-Clause
"""What must hold between the report and the graphs of any capture; see tests/invariants.

check(program, trace) returns a list of what does not. The lab calls it for every
capture that it makes."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict

INTERVAL = 0.05


class Graphs:
    """The csv files of one direction of a connection."""

    def __init__(self, directory, way, number):
        self.directory, self.way, self.number = directory, way, number

    def rows(self, name):
        """Rows as lists, or as dictionaries where the file has a header."""
        path = os.path.join(self.directory, f"{self.way}_{name}_{self.number}.csv")
        with open(path, newline="", encoding="ascii") as file:
            first = file.readline()
            file.seek(0)
            if first and not first[0].isdigit() and first[0] != "-":
                return list(csv.DictReader(file))
            return list(csv.reader(file))


def numbers_of(data, graphs, low):
    """Of a direction: (what, as the graphs have it, as the report has it)."""
    segments = [row for row in graphs.rows("seq") if row[3] == "1"]
    acks = [row for row in graphs.rows("seq") if row[3] == "0"]
    reinjections = graphs.rows("reinjections")
    pairs = data["reinjections"]
    bursts = graphs.rows("scheduler")
    delays = [float(row[1]) for row in graphs.rows("rtt_ack_ts")]
    waits = graphs.rows("hol")
    queue = [int(row["bytes"]) for row in graphs.rows("reorder") if row["kind"] == "queue"]
    rates = defaultdict(float)
    for row in graphs.rows("throughput"):
        if not row["subflow"]:  # a row with a rate is one window
            rates[row["kind"]] += float(row["mbit_per_s"]) * 125000 * INTERVAL
    shares = defaultdict(float)
    for row in graphs.rows("share"):
        shares[row["time"]] += float(row["percent"])

    yield ("bytes_mapped = unique + again", data["bytes_unique"]
           + data["retransmitted_bytes"] + data["reinjected_bytes"], data["bytes_mapped"])
    yield ("seq: bytes of segments", sum(int(row[4]) - int(row[1]) for row in segments),
           data["bytes_mapped"])
    yield ("seq: bytes reinjected",
           sum(int(row[4]) - int(row[1]) for row in segments if row[5] != "-1"),
           sum(pair["bytes"] for pair in pairs if pair["from"] is not None))
    yield "acksize", sum(int(row[1]) for row in graphs.rows("acksize")), data["bytes_acked"]
    yield "acksize: as many as DATA_ACKs", len(graphs.rows("acksize")), len(acks)
    yield "rtt_ack_ts: rows", len(delays), data["data_ack_rtt"]["samples"]
    yield "delays below 0", sum(delay < 0 for delay in delays), 0
    for name in ("rtt_seq_ts", "rtt_seq_num"):
        yield (name, sorted(float(row[1]) for row in graphs.rows(name)), sorted(delays))
    yield ("reinjections", sum(int(row["bytes"]) for row in reinjections),
           data["reinjected_bytes"])
    for use in ("useful", "redundant", "undecided"):
        yield ("reinjections: " + use,
               sum(int(row["bytes"]) for row in reinjections if row["use"] == use),
               sum(pair[use + "_bytes"] for pair in pairs))
    yield "scheduler: bursts", len(bursts), data["bursts"]
    yield ("scheduler: bytes", sum(int(row["bytes"]) for row in bursts),
           data["bytes_unique"] + data["reinjected_bytes"])
    yield "reorder: most that waits", max(queue, default=0), data["max_reorder_bytes"] or 0
    yield "hol: waits", len(waits), data["blocked"]["samples"]
    yield "hol: below 0", sum(float(row["wait_ms"]) < 0 for row in waits), 0
    yield "throughput: goodput", round(rates["goodput"]), data["bytes_unique"]
    yield "throughput: acked", round(rates["acked"]), data["bytes_acked"]
    yield ("share: windows that are not 100 %",
           sum(abs(share - 100) > 1e-4 for share in shares.values()), 0)

    high = max((int(row[4]) for row in segments), default=low + 1)
    seen = [int(row[i]) for row in segments for i in (1, 4)]
    seen += [int(row["sequence"]) for row in reinjections]
    seen += [int(row[0]) for row in graphs.rows("rtt_seq_num")]
    seen += [int(row["id"]) for row in graphs.rows("map_reinject")]
    if data["bytes_acked"] <= data["bytes_unique"]:  # else the capture misses data
        seen += [int(row[1]) - 1 for row in acks]  # DATA_FIN has a place, too
    yield ("values outside IDSN to the highest DSN",
           sum(not low < at <= high for at in seen if at > low), 0)
    yield "values below the IDSN", sum(at < low for at in seen), 0


def check(program, trace):
    """A list of what does not hold."""
    found = []
    with tempfile.TemporaryDirectory(prefix="invariants-") as directory:
        path = os.path.join(directory, "json")
        subprocess.run([program, "-f", trace, "--graph", "all", "-w", "csv", "-O", directory,
                        "--interval", str(INTERVAL), "--json=" + path],
                       stdout=subprocess.DEVNULL, check=True)
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        for connection in report["connections"]:
            number = connection["id"]
            if not os.path.exists(os.path.join(directory, f"c2s_seq_{number}.csv")):
                continue  # never accepted
            for way, side in (("c2s", "client"), ("s2c", "server")):
                where = f"connection {number} {way}: "
                data, idsn = connection[way], connection[side]["idsn"]
                shares = [flow[way]["share"] for flow in connection["subflows"]]
                if data["bytes_unique"] and abs(sum(shares) - 1) > 1e-9:
                    found.append(f"{where}shares {shares}")
                if idsn is None:
                    continue  # where its data begins is not known
                graphs = Graphs(directory, way, number)
                for what, drawn, told in numbers_of(data, graphs, int(idsn, 16) % 2**32):
                    if drawn != told:
                        found.append(f"{where}{what}: {drawn}, not {told}")
    return found


def main():
    """TAP for the traces given."""
    program, *traces = sys.argv[1:]
    print(f"1..{len(traces)}")
    for number, trace in enumerate(traces, 1):
        try:
            found = check(program, trace)
        except (OSError, ValueError, KeyError, IndexError,
                subprocess.CalledProcessError) as error:
            found = [repr(error)]
        name = os.path.basename(trace)
        print(f"{'not ok' if found else 'ok'} {number} - {name}")
        for line in found[:10]:
            print("# " + line[:300])


if __name__ == "__main__":
    main()
