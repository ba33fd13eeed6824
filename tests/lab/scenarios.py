# SPDX-License-Identifier: BSD-3-Clause
"""The scenarios: what happens in each, and what is then true.

A scenario is a network, two plans (see apps.py), perhaps an action that the
runner takes while traffic flows, and the facts that must show in mptcptrace's
report. Byte counts, kernel counters, HMACs, checksums and the agreement of both
captures are compared for every scenario, unless `without` names the check.
"""

import os
import shutil
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

import netlab
from compare import KNOWN, at_least, at_most, one_of
from netlab import HOSTS, PORT, Net

KB, MB = 1000, 1000000


@dataclass
class Scenario:
    """One row of the lab."""

    name: str
    about: str
    net: Net = field(default_factory=Net)
    client: dict = field(default_factory=dict)      # what apps.py is told, besides the defaults
    server: dict = field(default_factory=dict)
    joins: int = 0                                  # joins to wait for before "go"
    action: Optional[Callable] = None               # instead of: wait for the joins, say go
    before: Optional[Callable] = None               # before the captures start
    snaplen: int = 0
    late: bool = False                              # the action starts the captures
    links: bool = False                             # client: a pcapng of two link types
    silence: bool = True                            # capture until all connections are gone
    expect: dict = field(default_factory=dict)      # facts seen in both captures
    expect_client: dict = field(default_factory=dict)
    expect_server: dict = field(default_factory=dict)
    findings: tuple = ()                            # labels, see ../findings.py
    findings_client: tuple = ()
    findings_server: tuple = ()
    without: frozenset = frozenset()                # checks of compare.compare() left out
    uncounted: tuple = ()                           # counters or options not compared
    exact: bool = True                              # nothing is lost: counts are equal
    plain: bool = False                             # MPTCP is given up at once

    def facts(self, host):
        """What must be in the report of a host's capture."""
        return {**self.expect, **(self.expect_client if host == "client" else self.expect_server)}

    def labels(self, host):
        """What must be found in a host's capture, as ../findings.py has it."""
        return (*self.findings,
                *(self.findings_client if host == "client" else self.findings_server))


# --- playing a scenario -----------------------------------------------------

def start_captures(scenario, lab):
    """Start tcpdump on both hosts."""
    lab.captures = {}
    for host in HOSTS:
        if scenario.links and host == "client":
            lab.captures[host] = [
                netlab.Capture(lab, host, "client-any.pcap", snaplen=scenario.snaplen),
                netlab.Capture(lab, host, "client-path1.pcap", interface="path1",
                               snaplen=scenario.snaplen)]
        else:
            lab.captures[host] = [netlab.Capture(lab, host, host + ".pcap",
                                                 snaplen=scenario.snaplen)]


def stop_captures(lab):
    """Wait until all is written and stop; how many packets each host's capture has."""
    captures = [capture for group in lab.captures.values() for capture in group]
    for capture in captures:
        capture.settle()
    return {host: sum(capture.stop() for capture in group)
            for host, group in lab.captures.items()}


def play(scenario, lab):
    """Let the traffic of a scenario flow; return the truth about it."""
    lab.scenario = scenario
    if scenario.before:
        scenario.before(lab)
    if not scenario.late:
        start_captures(scenario, lab)
    address = {4: "10.9.1.2" if lab.net.routed else "10.0.1.2", 6: "fd00::1:2"}[lab.net.family]
    anywhere = {4: "0.0.0.0", 6: "::"}[lab.net.family]
    apps = {}
    if scenario.server is not None:
        apps["server"] = netlab.App(lab, "server", {"address": anywhere, **scenario.server})
    apps["client"] = netlab.App(lab, "client", {"address": address, **scenario.client})
    if scenario.action:
        scenario.action(lab)
    else:
        if scenario.joins:
            lab.until_counter("server", "MPJoinAckRx", scenario.joins)
        lab.go()
    if scenario.silence:
        results = {host: app.result(25) for host, app in apps.items()}
        lab.quiet()
    packets = stop_captures(lab)
    if not scenario.silence:
        lab.go("captured")
        results = {host: app.result(25) for host, app in apps.items()}
    truth = {"captures": {host: host + ".pcap" for host in HOSTS}, "packets": packets}
    for host in HOSTS:
        truth[host] = {"applications": results.get(host, []), "counters": lab.counters(host)}
    if scenario.links:
        truth["captures"]["client"], packets["client"] = two_link_types(lab)
    return truth


# --- plans ------------------------------------------------------------------

def upload(size, first=KB, **also):
    """The client sends."""
    return {"client": {"plan": [["send", first], ["wait", "go"], ["send", size - first],
                                ["shutdown"], ["recv"]], **also},
            "server": {"plan": [["recv"], ["shutdown"]]}}


def download(size, ask=KB):
    """The client asks, the server sends."""
    return {"client": {"plan": [["send", ask], ["wait", "go"], ["recv"]]},
            "server": {"plan": [["recv", ask], ["wait", "go"], ["send", size], ["shutdown"],
                                ["recv"]]}}


def duplex(up, down, first=KB):
    """Both send at once."""
    return {"client": {"plan": [["send", first], ["wait", "go"], ["both", up - first, down],
                                ["shutdown"], ["recv"]]},
            "server": {"plan": [["recv", first], ["both", down, up - first], ["shutdown"],
                                ["recv"]]}}


def upload_in_halves(size, first=KB):
    """The client sends; between the halves something happens without a pause of the client."""
    half = size // 2 - first
    return {"client": {"plan": [["send", first], ["wait", "go"], ["send", half], ["mark", "half"],
                                ["send", size - half - first], ["shutdown"], ["recv"]]},
            "server": {"plan": [["recv"], ["shutdown"]]}}


# --- networks ---------------------------------------------------------------

def net(client=(), server=(), limit=2, **also):
    """A network with these endpoints; both hosts accept `limit` joins and addresses."""
    limits = {host: f"subflows {limit} add_addr_accepted {limit}" for host in HOSTS}
    return Net(**{"limits": limits, "endpoints": {"client": client, "server": server}, **also})


def two_paths(**also):
    """The client joins by the second path."""
    return net(client=["10.0.2.1 dev path2 subflow"], **also)


FAST = ("200mbit", "200mbit")
SLOW = ("20mbit", "20mbit")
CHECKSUMS = {"both": {"net.mptcp.checksum_enabled": 1}}

# Parts of nft rules for the middle.
TO_SERVER = f"tcp dport {PORT}"
TO_CLIENT = f"tcp sport {PORT}"
SYN = "tcp flags & (syn|ack) == syn"
SYNACK = "tcp flags & (syn|ack) == (syn|ack)"
NOT_SYN = "tcp flags & syn == 0"
STRIP = "reset tcp option mptcp"


def damage_once(match):
    """A rule that changes one byte of one packet: 200 bytes into the segment, so it is data.

    The TCP checksum stays as it is: with checksum offload nobody computes it here.
    """
    return f"{match} meta length > 500 limit rate 1/hour burst 1 packets @th,1600,8 set 0x55"


# Facts.
CLOSED = {"connections": 1, "connection.version": 1, "connection.state": "closed",
          "connection.handshake_seen": True, "connection.fallback": None,
          "connection.client.key": KNOWN, "connection.server.key": KNOWN,
          "connection.c2s.data_fin": True, "connection.s2c.data_fin": True,
          "orphans.options.c2s.dss": 0, "tcp.orphan_subflows": 0}
JOINED = {**CLOSED, "connection.subflows": 2, "tcp.mptcp_subflows": 2,
          "connection.subflows.0.initial": True, "connection.subflows.1.initial": False,
          "connection.subflows.1.initiator": "client",
          "connection.options.c2s.mp_join_syn": 1}
ALONE = {**CLOSED, "connection.subflows": 1, "tcp.mptcp_subflows": 1,
         "connection.options.c2s.mp_join_syn": 0}


def fell_back(reason):
    """The facts of a connection that is plain TCP for this reason."""
    return {"connections": 1, "connection.state": "fallback",
            "connection.fallback.reason": reason, "connection.subflows": 1}


NOTHING = {"connections": 0, "tcp.plain": 1, "tcp.mptcp_subflows": 0}


# --- actions ----------------------------------------------------------------

def joined(lab, joins=None):
    """Wait for the joins of the scenario."""
    lab.until_counter("server", "MPJoinAckRx", lab.scenario.joins if joins is None else joins)


def fails_to_join(lab):
    """Wait until a join was tried and had time to fail."""
    lab.until_counter("client", "MPJoinSynTx", 1)
    time.sleep(0.3)
    lab.go()


def join_unanswered(lab):
    """Wait for two SYNs of a join to get lost."""
    lab.until_counter("client", "MPJoinSynTx", 1)
    time.sleep(1.2)
    lab.go()


def then(*steps):
    """An action of several steps, each a function of the lab."""
    def action(lab):
        for step in steps:
            step(lab)
    return action


def go(lab):
    """Let both applications continue."""
    lab.go()


def at_half(lab):
    """Wait until the client has sent the first half."""
    lab.until_mark("half")


def on(host, command):
    """A step: an `ip mptcp endpoint` command."""
    return lambda lab: lab.endpoint(host, command)


def counted(host, name, value=1):
    """A step: wait for a counter."""
    return lambda lab: lab.until_counter(host, name, value)


def cut(path):
    """A step: the path is dead from here on."""
    return lambda lab: lab.cut(path)


def pause(seconds):
    """A step: let some time pass."""
    return lambda lab: time.sleep(seconds)


def rules(*lines):
    """A step: other rules in the middle."""
    return lambda lab: lab.rules(*lines)


def capture(lab):
    """A step: start the captures."""
    start_captures(lab.scenario, lab)


def two_link_types(lab):
    """Make one pcapng of two interfaces with two link types of what the client saw.

    What went over path 1 is taken from the Ethernet capture, the rest from "any".
    """
    if not shutil.which("mergecap"):
        raise netlab.Unavailable("no mergecap")
    path1, everything, path2, merged = (
        os.path.join(lab.directory, name)
        for name in ("client-path1.pcap", "client-any.pcap", "client-path2.pcap",
                     "client.pcapng"))
    netlab.run(["tcpdump", "-n", "-r", everything, "-w", path2, "-Z", "root", "net",
                "10.0.2.0/24"])
    netlab.run(["mergecap", "-F", "pcapng", "-w", merged, path1, path2])
    packets = sum(len(netlab.run(["tcpdump", "-n", "-t", "-q", "-r", name]).splitlines())
                  for name in (path1, path2))
    for name in (everything, path1, path2):
        os.unlink(name)
    return "client.pcapng", packets


# --- the table --------------------------------------------------------------

TRANSFERS = [
    Scenario(
        "upload", "client sends over two paths",
        net=two_paths(rates=FAST), **upload(4 * MB), joins=1,
        expect={**JOINED, "connection.subflows.1.address_ids.0": 1,
                "connection.subflows.1.address_ids.1": 0,
                "connection.subflows.1.family": 4}),
    Scenario(
        "download", "server sends over two paths",
        net=two_paths(rates=FAST), **download(4 * MB), joins=1, expect=JOINED),
    Scenario(
        "both-ways", "both send at once over two paths",
        net=two_paths(rates=FAST), **duplex(3 * MB, 2 * MB), joins=1, expect=JOINED),
    Scenario(
        "single-path", "no join at all",
        net=Net(paths=1), **upload(MB), expect=ALONE),
    Scenario(
        "server-first", "the first data comes from the server",
        net=Net(paths=1),
        client={"plan": [["recv", 50 * KB], ["send", 20 * KB], ["shutdown"], ["recv"]]},
        server={"plan": [["send", 50 * KB], ["recv"], ["send", KB], ["shutdown"]]},
        expect=ALONE),
    Scenario(
        "no-data", "a connection that carries nothing",
        net=Net(paths=1), client={"plan": [["shutdown"], ["recv"]]},
        server={"plan": [["recv"], ["shutdown"]]}, expect=ALONE),
    Scenario(
        "ipv6", "IPv6 over two paths",
        net=net(client=["fd00::2:1 dev path2 subflow"], family=6, rates=FAST),
        **upload(2 * MB), joins=1,
        expect={**JOINED, "connection.subflows.0.family": 6, "connection.subflows.1.family": 6}),
    Scenario(
        "mixed-families", "first subflow IPv6, second IPv4 by an announced address",
        net=net(server=["10.0.2.2 signal"], family=6, rates=FAST),
        **upload(2 * MB), joins=1,
        expect={**JOINED, "connection.subflows.0.family": 6, "connection.subflows.1.family": 4}),
    Scenario(
        "offload-on", "one mapping is one packet of up to 64 KiB",
        net=two_paths(), **upload(3 * MB), joins=1, expect=JOINED),
    Scenario(
        "offload-off", "one mapping is many segments",
        net=two_paths(offload=False), **duplex(2 * MB, 2 * MB), joins=1, expect=JOINED),
    Scenario(
        "random-loss", "both paths lose 1.5 % of all packets",
        net=two_paths(offload=False, rates=FAST, rules=("numgen random mod 1000 < 15 drop",)),
        **duplex(MB, MB), joins=1, exact=False,
        # The same segment may get lost again and again.
        findings=("?subflow-stalled", "?handover-gap"),
        expect={**JOINED, "connection.options.c2s.mp_join_syn": at_least(1)},
        # What is lost on the way is no copy to the server.
        expect_client={"connection.c2s.retransmitted_packets": at_least(1)}),
    Scenario(
        "thousand-connections", "1000 short connections, 8 at a time",
        net=Net(paths=1),
        client={"connections": 1000, "parallel": 8,
                "plan": [["send", 300], ["shutdown"], ["recv"]]},
        server={"connections": 1000, "plan": [["recv"], ["send", 500], ["shutdown"]]},
        expect={"connections": 1000, "tcp.mptcp_subflows": 1000, "tcp.flows": 1000}),
    Scenario(
        "checksums", "both ends use DSS checksums",
        net=two_paths(rates=FAST, sysctls=CHECKSUMS), **duplex(MB, MB), joins=1,
        expect={**JOINED, "connection.checksum": True}),
    Scenario(
        "checksums-segments", "checksums, mappings cut into many segments, odd lengths",
        net=two_paths(offload=False, sysctls={"server": {"net.mptcp.checksum_enabled": 1}}),
        client={"plan": [["send", 999], ["wait", "go"], ["trickle", 99999, 7777, 0.002],
                         ["shutdown"], ["recv"]]},
        server={"plan": [["recv"], ["trickle", 33333, 333, 0], ["shutdown"]]}, joins=1,
        expect={**JOINED, "connection.checksum": True}),
    Scenario(
        "snaplen", "only 128 bytes of each packet, checksums in use",
        net=two_paths(sysctls=CHECKSUMS), **upload(MB), joins=1, snaplen=128,
        without=frozenset({"checksum"}),
        expect={**JOINED, "connection.checksum": True, "connection.c2s.checksum_ok": at_most(8),
                "connection.c2s.checksum_bad": 0, "connection.c2s.checksum_unchecked": at_least(5),
                "connection.s2c.checksum_bad": 0}),
]

PATHS = [
    Scenario(
        "announced", "the server announces an address, the client joins there",
        net=net(server=["10.0.2.2 signal"], rates=FAST), **upload(2 * MB), joins=1,
        expect={**JOINED, "connection.options.s2c.add_addr": 1,
                "connection.options.c2s.add_addr_echo": 1,
                "connection.addresses.0.address": "10.0.2.2",
                "connection.addresses.0.port": None,
                "connection.addresses.0.id": 1,
                "connection.addresses.0.side": "server",
                "connection.subflows.1.destination": "10.0.2.2"}),
    Scenario(
        "announced-port", "the announced address has a port of its own",
        net=net(server=["10.0.2.2 signal port 10100"], rates=FAST), **upload(2 * MB), joins=1,
        expect={**JOINED, "connection.options.s2c.add_addr": 1,
                "connection.addresses.0.port": 10100,
                "connection.subflows.1.destination_port": 10100}),
    Scenario(
        "announced-ipv6", "the announced address is IPv6",
        net=net(server=["fd00::2:2 signal"], family=6, rates=FAST), **upload(MB), joins=1,
        expect={**JOINED, "connection.addresses.0.address": "fd00::2:2",
                "connection.subflows.1.destination": "fd00::2:2"}),
    Scenario(
        "address-removed", "the server takes back the announced address",
        net=net(server=["10.0.2.2 signal"], rates=SLOW), **upload_in_halves(MB), joins=1,
        action=then(joined, go, at_half, on("server", "delete id 1")),
        findings=("?note:subflow-reset",),     # data under way is answered by a reset
        expect={**JOINED, "connection.options.s2c.add_addr": 1,
                "connection.options.s2c.remove_addr": 1}),
    Scenario(
        "addresses-removed", "the server announces two addresses and takes both back at once",
        net=net(server=["10.0.2.2 signal", "10.0.3.2 signal"], paths=3, rates=("20mbit",) * 3),
        **upload_in_halves(MB), joins=2,
        action=then(joined, go, at_half, on("server", "flush")),
        findings=("?note:subflow-reset",),     # the same
        expect={**CLOSED, "connection.subflows": 3, "connection.options.s2c.remove_addr": 1,
                "connection.options.s2c.remove_addr_ids": 2}),
    Scenario(
        "endpoint-deleted", "the client gives up the address of its second subflow",
        net=two_paths(rates=SLOW), **upload_in_halves(MB), joins=1,
        action=then(joined, go, at_half, on("client", "delete id 1")),
        findings=("?note:subflow-reset",),     # the same
        expect={**JOINED, "connection.options.c2s.remove_addr": 1}),
    Scenario(
        "announced-unreachable", "nobody listens on the announced address",
        net=net(server=["10.0.2.2 signal"]),
        client=upload(300 * KB)["client"],
        server={**upload(300 * KB)["server"], "address": "10.0.1.2"},
        action=fails_to_join, findings=("join-reset", "address-join-failed"),
        without=frozenset({"hmac"}), uncounted=("MPJoinSynRx",),
        expect={**CLOSED, "connection.options.s2c.add_addr": 1,
                "connection.options.c2s.mp_join_syn": 1,
                "connection.options.s2c.mp_join_synack": 0}),
    Scenario(
        "three-paths", "two joins from the client, one to an announced address",
        net=net(client=["10.0.2.1 dev path2 subflow", "10.0.3.1 dev path3 subflow"], limit=3,
                server=["10.0.3.2 signal"], paths=3, rates=("50mbit",) * 3),
        **upload(2 * MB), joins=3,
        expect={**CLOSED, "connection.subflows": 4}),
    Scenario(
        "join-by-server", "the client announces address and port, the server joins",
        net=net(rates=FAST), client=upload(2 * MB)["client"],
        server={"plan": [["recv", KB], ["mark", "half"], ["recv"], ["shutdown"]]},
        # The server joins only what it has accepted, so the client must not be too early.
        action=then(at_half, on("client", "add 10.0.2.1 signal port 10200 id 1"),
                    counted("client", "MPJoinAckRx"), go),
        expect={**CLOSED, "connection.subflows": 2, "connection.options.s2c.mp_join_syn": 1,
                "connection.options.c2s.add_addr": 1,
                "connection.subflows.1.initiator": "server",
                "connection.subflows.1.source": "10.0.2.2",
                "connection.subflows.1.destination_port": 10200}),
    Scenario(
        "join-refused", "the server accepts no further subflow",
        net=net(client=["10.0.2.1 dev path2 subflow"],
                limits={"client": "subflows 1", "server": "subflows 0"}),
        **upload(300 * KB), action=fails_to_join, findings=("join-reset",),
        # The refused third ACK is not counted; both sides then send a reset.
        without=frozenset({"hmac"}), uncounted=("mp_join_ack",),
        expect={**CLOSED, "connection.options.c2s.mp_join_syn": 1,
                "connection.options.c2s.mp_join_ack": 1,
                "connection.options.s2c.mp_tcprst": 1}),
    Scenario(
        "join-dropped", "the second path loses everything, the join is never answered",
        net=two_paths(rules=('iifname "c2" meta l4proto tcp drop',)), **upload(300 * KB),
        action=join_unanswered,
        without=frozenset({"hmac", "vantage"}), exact=False, findings_client=("join-unanswered",),
        uncounted=("MPJoinSynTx",),
        expect=CLOSED, expect_client={"connection.options.c2s.mp_join_syn": at_least(2)},
        expect_server={"connection.options.c2s.mp_join_syn": 0, "connection.subflows": 1}),
    Scenario(
        "join-option-stripped", "a middlebox takes the option out of the SYN of a join",
        net=two_paths(rules=(f'iifname "c2" {SYN} {STRIP}',)), **upload(300 * KB),
        action=fails_to_join, without=frozenset({"hmac", "vantage"}), exact=False,
        findings_client=("join-no-option", "option-removed-on-path"),
        findings_server=("option-removed-on-path",), uncounted=("MPJoinSynTx",),
        # What remains of it at the server is the client's reset, with a reason in it.
        expect=CLOSED, expect_server={"tcp.orphan_subflows": one_of(0, 1)}),
    Scenario(
        "no-join-to-initial", "the server forbids joins to its first address, announces another",
        net=net(client=["10.0.2.1 dev path2 subflow"], server=["10.0.2.2 signal"], limit=2,
                sysctls={"server": {"net.mptcp.allow_join_initial_addr_port": 0}}),
        **upload(300 * KB), joins=1,
        expect={**JOINED, "connection.subflows.1.destination": "10.0.2.2"}),
    Scenario(
        "backup-idle", "the second path is a backup and stays idle",
        net=net(client=["10.0.2.1 dev path2 subflow backup"], rates=FAST), **upload(2 * MB),
        joins=1,
        expect={**JOINED, "connection.subflows.0.backup": False,
                "connection.subflows.1.backup": True, "connection.subflows.1.c2s.bytes": 0,
                "connection.options.c2s.mp_prio": 0}),
    Scenario(
        "backup-promoted", "the backup becomes an ordinary path during the transfer",
        net=net(client=["10.0.2.1 dev path2 subflow backup"], rates=SLOW),
        **upload_in_halves(MB), joins=1,
        action=then(joined, go, at_half, on("client", "change id 1 nobackup")),
        expect={**JOINED, "connection.subflows.1.c2s.bytes": at_least(KB),
                "connection.options.c2s.mp_prio": 1}),
    Scenario(
        "backup-used", "the first path dies, the backup takes over",
        net=net(client=["10.0.2.1 dev path2 subflow backup"], rates=SLOW),
        **upload_in_halves(MB), joins=1, action=then(joined, go, at_half, cut(1)),
        # How long it takes to reinject, and what of it is then still under way, is the
        # kernel's affair.
        findings=("note:backup-used", "?handover-gap", "?note:subflow-reset"),
        findings_client=("subflow-stalled",),
        exact=False, without=frozenset({"vantage"}),
        expect={"connections": 1, "connection.subflows": 2, "connection.subflows.1.backup": True,
                "connection.subflows.1.c2s.bytes": at_least(100 * KB)}),
    Scenario(
        "path-failure", "the first path dies, its data is reinjected on the second",
        net=two_paths(rates=SLOW), **upload_in_halves(2 * MB), joins=1,
        action=then(joined, go, at_half, cut(1)), exact=False,
        without=frozenset({"vantage"}),
        findings=("?handover-gap", "?note:subflow-reset"), findings_client=("subflow-stalled",),
        expect={"connections": 1, "connection.subflows": 2},
        expect_client={"connection.c2s.reinjected_packets": at_least(1),
                       "connection.c2s.reinjections.0.from": 0,
                       "connection.c2s.reinjections.0.to": 1}),
]

ENDS = [
    Scenario(
        "fastclose-client", "the client aborts with SO_LINGER 0",
        net=two_paths(),
        client={"plan": [["send", KB], ["wait", "go"], ["send", 100 * KB], ["sleep", 0.2],
                         ["linger0"], ["close"]]},
        server={"plan": [["recv"]]}, joins=1,
        # The last DATA_ACK may be missing, so nothing is said of acknowledged bytes.
        without=frozenset({"delivery", "bytes"}), findings=("note:fastclose",),
        expect={"connections": 1, "connection.state": "fastclosed",
                "connection.options.c2s.mp_fastclose": at_least(1),
                "connection.options.s2c.mp_fastclose": 0,
                "connection.c2s.bytes_unique": 101 * KB, "connection.s2c.bytes_unique": 0}),
    Scenario(
        "fastclose-server", "the server closes with unread data",
        net=two_paths(),
        client={"plan": [["send", KB], ["wait", "go"], ["send", 30 * KB], ["mark", "sent"],
                         ["recv"]]},
        server={"plan": [["recv", 500], ["wait", "sent"], ["sleep", 0.2], ["close"]]}, joins=1,
        without=frozenset({"delivery", "bytes"}), findings=("note:fastclose",),
        expect={"connections": 1, "connection.state": "fastclosed",
                "connection.options.s2c.mp_fastclose": at_least(1),
                "connection.options.c2s.mp_fastclose": 0,
                "connection.c2s.bytes_unique": 31 * KB, "connection.s2c.bytes_unique": 0}),
    Scenario(
        "still-open", "the capture ends before the connection does",
        net=two_paths(),
        client={"plan": [["send", KB], ["wait", "go"], ["send", 300 * KB], ["mark", "half"],
                         ["wait", "captured"], ["shutdown"], ["recv"]]},
        server={"plan": [["recv", 301 * KB], ["wait", "captured"], ["recv"], ["shutdown"]]},
        joins=1, action=then(joined, go, at_half, pause(0.3)), silence=False,
        without=frozenset({"bytes"}),
        expect={"connection.c2s.bytes_unique": 301 * KB, "connection.s2c.bytes_unique": 0,
                "connections": 1, "connection.state": "established", "connection.subflows": 2,
                "connection.c2s.data_fin": False, "connection.s2c.data_fin": False}),
    Scenario(
        "midstream", "the capture starts when a connection with two subflows is established",
        net=net(client=["10.0.2.1 dev path2 subflow"], paths=3),
        **upload(500 * KB), late=True,
        action=then(lambda lab: joined(lab, 1), capture,
                    on("client", "add 10.0.3.1 dev path3 subflow id 3"),
                    lambda lab: joined(lab, 2), go),
        without=frozenset({"bytes", "hmac"}), findings=("note:handshake-missing",
                                                        "note:join-unknown-token"),
        uncounted=("MPCapableSYNTX", "MPCapableSYNRX", "MPCapableSYNACKRX", "MPJoinSynTx",
                   "MPJoinSynRx", "MPJoinSynAckRx", "MPJoinAckRx"),
        expect={"tcp.flows": 3, "tcp.plain": 0}),
    Scenario(
        "two-link-types", "a pcapng of two interfaces with different link types",
        net=two_paths(rates=FAST), **upload(MB), joins=1, links=True, expect=JOINED),
    Scenario(
        "nat", "a router translates the client's addresses",
        net=two_paths(routed=True, rates=FAST), **duplex(MB, MB), joins=1,
        without=frozenset({"vantage"}), expect=JOINED,
        expect_client={"connection.subflows.1.source": "10.0.2.1"},
        expect_server={"connection.subflows.1.source": "10.9.1.254"}),
    Scenario(
        "fastopen", "data in the SYN (TCP Fast Open), second connection with the cookie",
        net=Net(paths=1, sysctls={"both": {"net.ipv4.tcp_fastopen": 3}}),
        client={"fastopen": 700, "connections": 2,
                "plan": [["send", 5 * KB], ["sleep", 0.05], ["send", 2 * KB], ["shutdown"],
                         ["recv"]]},
        server={"connections": 2, "fastopen_queue": 8,
                "plan": [["recv"], ["send", 3 * KB], ["shutdown"]]},
        # Data in a SYN has no data sequence numbers: the IDSN belongs to what follows.
        without=frozenset({"bytes"}),
        expect={"connections": 2, "connections.0.c2s.bytes_unique": 7700,
                "connections.1.c2s.bytes_unique": 7000,
                "connections.1.subflows.0.c2s.bytes": 7700,
                "connections.0.s2c.bytes_unique": 3 * KB,
                "connections.1.s2c.bytes_unique": 3 * KB}),
]

FAILURES = [
    Scenario(
        "mp-fail", "a byte is changed on one of two paths with checksums",
        net=two_paths(sysctls=CHECKSUMS, offload="no segmentation", rates=SLOW),
        **upload_in_halves(600 * KB), joins=1,
        action=then(joined, rules(damage_once(f'iifname "c2" {TO_SERVER}')), go),
        findings=("mp-fail", "subflow-reset"), findings_server=("checksum-bad",),
        without=frozenset({"checksum", "vantage"}),
        expect={**JOINED, "connection.checksum": True,
                "connection.options.s2c.mp_fail": at_least(1)},
        expect_client={"connection.c2s.checksum_bad": 0},
        expect_server={"connection.c2s.checksum_bad": at_least(1)}),
    Scenario(
        "infinite-mapping", "a byte is changed on the only path with checksums",
        net=Net(paths=1, sysctls=CHECKSUMS, offload="no segmentation"),
        client={"plan": [["send", KB], ["wait", "go"], ["trickle", 60 * KB, KB, 0.01],
                         ["shutdown"], ["recv"]]},
        server={"plan": [["recv"], ["shutdown"]]},
        action=then(pause(0.2), rules(damage_once(TO_SERVER)), go),
        findings=("mp-fail",), findings_server=("checksum-bad",),
        without=frozenset({"delivery", "checksum", "bytes", "vantage"}),
        expect={"connections": 1, "connection.state": "fallback",
                "connection.fallback.reason": one_of("mp-fail", "infinite-mapping"),
                "connection.options.s2c.mp_fail": at_least(1)},
        expect_server={"connection.c2s.checksum_bad": at_least(1)}),
]

FALLBACKS = [
    Scenario(
        "plain-server", "the server's application speaks plain TCP",
        net=Net(paths=1), client=upload(200 * KB)["client"],
        server={**upload(200 * KB)["server"], "protocol": "tcp"}, plain=True,
        findings=("no-option-in-synack",), uncounted=("MPCapableSYNRX",),
        expect={**fell_back("no-option-in-synack"), "connection.options.s2c.mp_capable_synack": 0}),
    Scenario(
        "plain-client", "the client's application speaks plain TCP",
        net=Net(paths=1), server=upload(200 * KB)["server"],
        client={**upload(200 * KB)["client"], "protocol": "tcp"},
        without=frozenset({"bytes"}), expect=NOTHING),
    Scenario(
        "strip-syn", "a middlebox takes the option out of the SYN",
        net=Net(paths=1, rules=(f"{SYN} {STRIP}",)), **upload(200 * KB), plain=True,
        findings_client=("no-option-in-synack",), findings_server=("option-removed-on-path",),
        exact=False, uncounted=("MPCapableSYNTX",),
        without=frozenset({"vantage"}),
        expect_client=fell_back("no-option-in-synack"), expect_server=NOTHING),
    Scenario(
        "strip-synack", "a middlebox takes the option out of the SYN/ACK",
        net=Net(paths=1, rules=(f"{SYNACK} {STRIP}",)), **upload(200 * KB), plain=True,
        exact=False, findings=("option-removed-on-path",),
        findings_client=("no-option-in-synack",), findings_server=("no-option-in-third-ack",),
        without=frozenset({"vantage"}),
        expect_client=fell_back("no-option-in-synack"),
        expect_server=fell_back("no-option-in-third-ack")),
    Scenario(
        "strip-third-ack", "a middlebox takes the option out of all the client sends but its SYN",
        net=Net(paths=1, rules=(f"{TO_SERVER} {NOT_SYN} {STRIP}",)), **upload(200 * KB),
        plain=True, exact=False, findings=("option-removed-on-path",),
        findings_client=("no-option-in-data",), findings_server=("no-option-in-third-ack",),
        without=frozenset({"vantage"}),
        expect_client=fell_back("no-option-in-data"),
        expect_server=fell_back("no-option-in-third-ack")),
    Scenario(
        "strip-server-data", "a middlebox takes the option out of all the server sends but its "
        "SYN/ACK",
        net=Net(paths=1, rules=(f"{TO_CLIENT} {NOT_SYN} {STRIP}",)), **upload(200 * KB),
        exact=False, without=frozenset({"vantage", "bytes", "delivery"}),
        findings=("no-option-in-data", "option-removed-on-path"),
        expect_client={"connections": 1, "connection.state": "fallback",
                       "connection.fallback.reason": "no-option-in-data"}),
    Scenario(
        "strip-later", "a middlebox begins to take out options when all is established",
        net=Net(paths=1), exact=False,
        client={"plan": [["send", KB], ["recv", KB], ["mark", "half"], ["wait", "go"],
                         ["trickle", 10 * KB, KB, 0.02], ["shutdown"], ["recv"]],
                "timeout": 1.5},
        server={"plan": [["recv", KB], ["send", KB], ["recv"], ["shutdown"]], "timeout": 1.5},
        action=then(at_half, pause(0.1), rules(STRIP), go),
        without=frozenset({"delivery", "bytes", "vantage"}),
        # The server turns to plain TCP, all it sends is without options of its own accord.
        findings=("no-option-in-data",), findings_server=("option-removed-on-path",),
        expect={"connections": 1, "connection.handshake_seen": True}),
    Scenario(
        "syn-lost", "SYNs with the option are lost until the client leaves it out",
        net=Net(paths=1, sysctls={"client": {"net.mptcp.syn_retrans_before_tcp_fallback": 1}},
                rules=(f"{SYN} tcp option mptcp exists drop",)),
        **upload(50 * KB), plain=True, exact=False, uncounted=("MPCapableSYNTX",),
        without=frozenset({"vantage"}), findings_client=("syn-retried-without-option",),
        expect_client=fell_back("syn-retried-without-option"), expect_server=NOTHING),
    Scenario(
        "no-listener", "nobody listens: the SYN is answered by a reset",
        net=Net(paths=1), client={"plan": []}, server=None,
        findings=("capable-reset",), without=frozenset({"delivery", "bytes"}),
        uncounted=("MPCapableSYNRX",),
        expect={"connections": 1, "connection.state": "reset"}),
]

ALL = TRANSFERS + PATHS + ENDS + FAILURES + FALLBACKS
BY_NAME = {scenario.name: scenario for scenario in ALL}
