# SPDX-License-Identifier: BSD-3-Clause
"""Small versions of scenarios, to make bundled traces from.

Not part of a run unless named: `run --capture-only --keep DIR sample-upload`.
Most have a short snap length; those about checksums keep all the payload.
"""

import os
import shutil
from dataclasses import replace

import scenarios
import troubles
from compare import at_least
from scenarios import (CLOSED, KB, Scenario, at_half, go, joined, net, on, pause, rules, then,
                       upload)

HEADERS = 120       # enough for all headers and options
EMPTY = 24          # octets of a capture without packets


def small(name, **changes):
    """A scenario with other sizes."""
    original = troubles.BY_NAME.get(name) or scenarios.BY_NAME[name]
    return replace(original, **{"name": "sample-" + name, "snaplen": HEADERS, **changes})


def brief(size=5 * KB):
    """A few packets of upload."""
    return {"client": {"plan": [["send", KB], ["wait", "go"], ["trickle", size - KB, KB, 0.02],
                                ["shutdown"], ["recv"]]},
            "server": {"plan": [["recv"], ["send", 2 * KB], ["shutdown"]]}}


def in_two_steps(size):
    """An upload of which the second half waits for "more"."""
    return {"client": {"plan": [["send", KB], ["wait", "go"], ["send", size // 2 - KB],
                                ["mark", "half"], ["wait", "more"], ["send", size - size // 2],
                                ["shutdown"], ["recv"]]},
            "server": {"plan": [["recv"], ["shutdown"]]}}


def between(*steps):
    """The action for it: these steps come between the halves."""
    return then(joined, go, at_half, *steps, pause(0.15), lambda lab: lab.go("more"))


def plain_server(parts):
    """The same, the server's application without MPTCP."""
    return {**parts, "server": {**parts["server"], "protocol": "tcp"}}


def bundle(scenario, directory, target):
    """Copy the captures of a sample to the traces of tests/findings, only the client's where
    both must have the same findings, none that is empty; note in the table what must be
    found."""
    name = scenario.name.removeprefix("sample-")
    labels = {host: scenario.labels(host) for host in ("client", "server")}
    alike = sorted(labels["client"]) == sorted(labels["server"])
    rows = {}
    for host in ("client",) if alike else labels:
        trace = f"{name}.pcap" if alike else f"{name}-{host}.pcap"
        if os.path.getsize(os.path.join(directory, host + ".pcap")) <= EMPTY:
            continue
        shutil.copyfile(os.path.join(directory, host + ".pcap"), os.path.join(target, trace))
        rows[trace] = f"{trace:32} {' '.join(labels[host])}".rstrip() + "\n"
    table = os.path.join(target, "..", "..", "findings.table")
    with open(table, encoding="ascii") as file:
        lines = [rows.pop(line.partition(" ")[0].strip(), line) for line in file]
    with open(table, "w", encoding="ascii") as file:
        file.writelines([*lines, *rows.values()])


LOSS = "numgen random mod 1000 < 8 drop"

SAMPLES = [
    Scenario(
        "sample", "two paths of different rate, loss, an interruption with reinjection",
        net=net(server=["10.0.2.2 signal"], offload=False, rates=("3mbit", "1500kbit"),
                queue="200ms", burst="3k", rules=(LOSS,)),
        client={"plan": [["send", 2 * KB], ["wait", "go"], ["both", 240 * KB, 70 * KB],
                         ["sleep", 0.5], ["shutdown"], ["recv"]]},
        server={"plan": [["recv", 2 * KB], ["both", 70 * KB, 240 * KB], ["recv"],
                         ["shutdown"]]},
        joins=1, snaplen=HEADERS, exact=False,
        action=then(joined, pause(0.1), go, pause(0.15),
                    rules(LOSS, 'iifname "c2" drop', 'iifname "s2" drop'),
                    pause(0.25), rules(LOSS)),
        findings=("?subflow-stalled", "?handover-gap", "?subflow-reset"),
        # By chance there may be no reinjection: then try again.
        expect={**CLOSED, "connection.subflows": 2,
                "connection.c2s.reinjected_packets": at_least(1)}),
    small("upload", **upload(150 * KB)),
    small("announced-ipv6", **brief(8 * KB)),
    small("announced-port", **brief(8 * KB)),
    small("addresses-removed", **in_two_steps(40 * KB), action=between(on("server", "flush"))),
    small("endpoint-deleted", **in_two_steps(40 * KB),
          action=between(on("client", "delete id 1"))),
    small("join-refused", **brief()),
    small("join-dropped", **brief()),
    small("join-by-server", client=brief(20 * KB)["client"]),
    small("backup-promoted", **in_two_steps(400 * KB),
          net=net(client=["10.0.2.1 dev path2 subflow backup"], rates=("3mbit", "3mbit")),
          action=between(on("client", "change id 1 nobackup"))),
    small("fastclose-client"),
    small("fastclose-server"),
    small("checksums-segments", snaplen=0,
          client={"plan": [["send", 999], ["wait", "go"], ["trickle", 22000, 5555, 0.005],
                           ["shutdown"], ["recv"]]},
          server={"plan": [["recv"], ["trickle", 3333, 333, 0.002], ["shutdown"]]}),
    small("mp-fail", snaplen=0, **brief(12 * KB),      # here on the first subflow
          action=then(joined, rules(scenarios.damage_once(scenarios.TO_SERVER)), go)),
    small("infinite-mapping", snaplen=0,
          client={"plan": [["send", KB], ["wait", "go"], ["trickle", 6 * KB, KB, 0.01],
                           ["shutdown"], ["recv"]]}),
    small("midstream", **brief(12 * KB)),
    small("fastopen"),
    small("server-first"),
    small("still-open"),
    small("plain-server", **plain_server(brief())),
    small("strip-syn", **brief()),
    small("strip-synack", **brief()),
    small("strip-third-ack", **brief()),
    small("strip-server-data", **brief()),
    small("strip-later", uncounted=("MPFastcloseTx",),
          client={"plan": [["send", KB], ["recv", KB], ["mark", "half"], ["wait", "go"],
                           ["send", 5 * KB], ["sleep", 0.7], ["linger0"]], "timeout": 1.5}),
    small("syn-lost", **brief()),
    small("no-listener"),
    *(small(scenario.name, snaplen=0 if "payload-changed" in scenario.name else HEADERS)
      for scenario in troubles.ALL),
]
