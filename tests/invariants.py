# SPDX-License-Identifier: BSD-3-Clause
"""What must hold between the report, the graphs and the events of any capture; see
tests/invariants.

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


# Which events, at which steps, each count of options is of.
LATER = "ack", "data"
COUNTS = {
    "mp_capable_syn": ("MP_CAPABLE", "syn"), "mp_capable_synack": ("MP_CAPABLE", "synack"),
    "mp_capable_ack": ("MP_CAPABLE", *LATER), "mp_join_syn": ("MP_JOIN", "syn"),
    "mp_join_synack": ("MP_JOIN", "synack"), "mp_join_ack": ("MP_JOIN", *LATER),
    "dss_infinite": ("infinite-mapping", None), "data_fin": ("DATA_FIN", None),
    "add_addr": ("ADD_ADDR", None), "add_addr_echo": ("ADD_ADDR-echo", None),
    "remove_addr": ("REMOVE_ADDR", None), "mp_prio": ("MP_PRIO", None),
    "mp_fail": ("MP_FAIL", None), "mp_fastclose": ("MP_FASTCLOSE", None),
    "mp_tcprst": ("MP_TCPRST", None)}


def events_of(connection, events):
    """Of a connection: (what, as the events have it, as the report has it)."""
    for way, side in (("c2s", "client"), ("s2c", "server")):
        own = [event for event in events if event["side"] == side]
        for count, (name, *steps) in COUNTS.items():
            packets = {event["packet"] for event in own
                       if event["event"] == name and event["step"] in steps}
            yield f"{way} {count}", len(packets), connection["options"][way][count]
        last = {event["subflow"]: event["bytes"] for event in own if event["event"] == "last-data"}
        for subflow in connection["subflows"]:
            if subflow["id"] in last or not subflow[way]["rst"]:  # a reset may have payload
                yield (f"{way} bytes of subflow {subflow['id']}", last.get(subflow["id"], 0),
                       subflow[way]["bytes"])
    told = [event["event"] for event in events]
    yield "connections opened", told.count("opened"), 1
    yield "connections ended", sum(map(told.count, ("closed", "timed-out", "still-open"))), 1
    yield ("times in order", [event["time"] for event in events],
           sorted((event["time"] for event in events), key=lambda time: float(time or 0)))


def check_events(report, path):
    """A list of what does not hold between them."""
    by_connection = defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for event in map(json.loads, file):
            by_connection[event["connection"]].append(event)
    found = []
    for connection in report["connections"]:
        for what, told, wanted in events_of(connection, by_connection[connection["id"]]):
            if told != wanted:
                found.append(f"connection {connection['id']}: events: {what}: {told}, not {wanted}")
    return found


def check(program, trace):
    """A list of what does not hold."""
    found = []
    with tempfile.TemporaryDirectory(prefix="invariants-") as directory:
        path = os.path.join(directory, "json")
        subprocess.run([program, "-f", trace, "--graph", "all", "-w", "csv", "-O", directory,
                        "--interval", str(INTERVAL), "--json=" + path,
                        "--events=" + path + ".jsonl"],
                       stdout=subprocess.DEVNULL, check=True)
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        found += check_events(report, path + ".jsonl")
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
