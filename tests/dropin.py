# SPDX-License-Identifier: BSD-3-Clause
"""What scripts written for the mptcptrace of 2014 rely on; see tests/dropin."""

import glob
import json
import os
import subprocess
import sys
import tempfile

COMMAND = "-s -S -a -A -R -r 2 -t 5000 -w 2".split()
TRACES = """sample upload announced-port announced-ipv6 addresses-removed join-by-server
join-refused join-dropped backup-promoted fastclose-client checksums-segments mp-fail
midstream still-open made/handover made/ports-reused""".split()


def read_blocks(stdout):
    """Connections from standard output: {number: {subflow: {...}}}."""
    connections, flows = {}, None
    for line in stdout.splitlines():
        words = line.split()
        if line.startswith("MPTCP connection"):
            flows = connections[int(words[-1])] = {}
        elif line.startswith("\tSubflow") and flows is not None:
            at = words.index("wscale")
            flow = {"wscale": (int(words[at + 2]), int(words[at + 3])), "type": words[at + 4]}
            rest = words[words.index("sport"):]
            flow.update(zip(rest[::2], rest[1::2]))
            flows[int(words[1])] = flow
        else:
            flows = None
    return connections


def read_stats(path):
    """The keys of stats_N.csv that scripts look for anywhere in a line."""
    wanted = "seqAcked conTime beginTime bytesReinjected precentReinjected".split()
    found = {}
    for line in open(path):
        fields = line.rstrip("\n").split(";")
        assert len(fields) == 5, line
        for key in wanted:
            if key in line:
                assert key not in found, f"{key} twice"
                found[key] = fields[-2:]
    assert sorted(found) == sorted(wanted), found
    for value in found["beginTime"]:
        seconds, micros = value.split(".")
        assert len(micros) == 6, value
    return found


def number_of(path):
    return int(path[:-len(".csv")].rsplit("_", 1)[1])


def check(program, trace):
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run([program, "-f", trace, *COMMAND], cwd=directory,
                             stdout=subprocess.PIPE, check=True, text=True)
        whole = json.loads(subprocess.run(
            [program, "-f", trace, "-t", "5000", "--json"], stdout=subprocess.PIPE,
            check=True).stdout)
        by_id = {c["id"]: c for c in whole["connections"]}
        connections = read_blocks(run.stdout)
        assert connections, "no connections"
        for number, flows in connections.items():
            truth = by_id[number]
            assert sorted(flows) == list(range(len(flows)))
            for id, flow in flows.items():
                subflow = truth["subflows"][id]
                assert flow["type"] == f"IPv{subflow['family']}"
                for key in ("source", "destination"):
                    assert flow[key[0] + "addr"] == subflow[key]
                    assert int(flow[key[0] + "port"]) == subflow[key + "_port"]

        paths = glob.glob(os.path.join(directory, "*.csv"))
        stats = [p for p in paths if os.path.basename(p).startswith("stats_")]
        assert sorted(map(number_of, stats)) == sorted(connections)
        for path in stats:
            truth, found = by_id[number_of(path)], read_stats(path)
            for column, way in enumerate(("c2s", "s2c")):
                assert int(found["seqAcked"][column]) == truth[way]["bytes_acked"]
                assert (int(found["bytesReinjected"][column])
                        == truth[way]["reinjected_bytes"])
                assert abs(float(found["conTime"][column]) - truth["duration"]) < 1e-5
                assert abs(float(found["beginTime"][column]) - float(truth["first"])) < 1e-5

        seen = set()
        for path in paths:
            name = os.path.basename(path)
            way = name[:3]
            rows = [line.rstrip("\n").split(",") for line in open(path)]
            if name.startswith(("add_addr_", "rm_addr_")):
                event = "add" if name.startswith("add") else "remove"
                truth = by_id[number_of(path)]["addresses"]
                assert len(rows) == sum(a["event"] == event for a in truth)
                seen.add(event)
            elif "_seq_" in name and "_rtt_" not in name:
                seen.add("seq")
                number = number_of(path)
                truth, flows = by_id[number], connections[number]
                sizes = {"mapped": 0, "reinjected": 0}
                assert all(len(row) == 6 for row in rows)
                for row in rows:
                    assert 0 <= int(row[2]) - 1 < len(flows)
                    if int(row[3]) != 1:
                        continue
                    size = (int(row[4]) - int(row[1])) % 2**32
                    sizes["mapped"] += size
                    if int(row[5]) > 0:
                        assert 0 <= int(row[5]) - 1 < len(flows)
                        sizes["reinjected"] += size
                assert sizes["mapped"] == truth[way]["bytes_mapped"], (sizes, name)
                forgotten = sum(r["bytes"] for r in truth[way]["reinjections"]
                                if r["from"] is None)
                assert sizes["reinjected"] + forgotten == truth[way]["reinjected_bytes"]
            elif "_rtt_seq_" in name:
                seen.add("rtt")
                delays = [float(row[1]) / 1000 for row in rows]
                truth = by_id[number_of(path)][way]["data_ack_rtt"]
                assert len(delays) == truth["samples"]
                if delays:
                    assert abs(max(delays) - truth["max"]) < 1e-6
                    assert abs(sum(delays) / len(delays) - truth["avg"]) < 1e-6
            elif "_acksize_" in name:
                seen.add("acksize")
                truth = by_id[number_of(path)][way]
                assert sum(int(row[1]) for row in rows) == truth["bytes_acked"]
            elif "_sf_" in name:
                seen.add("sf")
                assert [int(row[0]) for row in rows] == list(range(len(rows)))
            else:
                # What they do not know must not look like what they parse.
                assert not any(len(row) == 6 for row in rows), name
        assert {"add", "remove", "seq", "rtt", "acksize", "sf"} <= seen, seen
        assert len(open(os.path.join(directory, "file_stats.csv")).readlines()) == 12
        info = open(os.path.join(directory, "mptcptrace_info")).read()
        assert info.startswith("Version : ")
        assert not [n for n in os.listdir(directory) if n.startswith(".")]


def main():
    program, traces = sys.argv[1:]
    print(f"1..{len(TRACES)}")
    for number, name in enumerate(TRACES, 1):
        try:
            check(program, os.path.join(traces, name + ".pcap"))
            print(f"ok {number} - {name}")
        except (AssertionError, KeyError, ValueError, OSError,
                subprocess.CalledProcessError) as error:
            import traceback
            at = traceback.extract_tb(error.__traceback__)[-1]
            print(f"not ok {number} - {name}\n# line {at.lineno}: {at.line}\n# {error}")


main()
