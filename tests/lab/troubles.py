# SPDX-License-Identifier: BSD-3-Clause
"""Scenarios of what goes wrong, each with what must be found at either end.

What happens to the packets is the work of box.py between real kernels, unless a
kernel does it by itself. The codes are those of doc/findings.md, each for the reason
that the scenario makes: what the program says is not asked here. All are small, since
most of their captures are bundled with the tests too (see samples.py).
"""

import time

from scenarios import (CHECKSUMS, JOINED, KB, STRIP, SYNACK, Scenario, at_half, capture, counted,
                       download, duplex, go, joined, net, on, pause, then, two_paths, upload,
                       upload_in_halves)

# What says nothing where packets are changed on the way.
BROKEN = frozenset({"delivery", "bytes", "counters", "hmac", "checksum", "vantage"})


# Paths so slow that a bit of data needs both; and that a bit more does.
NARROW = {"rates": ("2mbit", "2mbit"), "queue": "200ms", "burst": "3k"}
FAST = {"rates": ("20mbit", "20mbit")}


# --- parts ------------------------------------------------------------------

def edit(name, *when, **also):
    """An edit of box.py."""
    return {"do": name, "on": when, **also}


def to_server(name, *when, **also):
    """An edit of what the client sends."""
    return edit(name, *when, way="c2s", **also)


def to_client(name, *when, **also):
    """An edit of what the server sends."""
    return edit(name, *when, way="s2c", **also)


def box(*edits, paths=1, **also):
    """Hosts that join nowhere, with a box between them."""
    return net(paths=paths, offload=False, box=edits, **also)


def box2(*edits, endpoint="10.0.2.1 dev path2 subflow", **also):
    """The client joins by a second path."""
    return box(*edits, paths=2, client=[endpoint], **also)


def announcing(*edits, **also):
    """The server announces an address on the second path."""
    return box(*edits, paths=2, server=["10.0.2.2 signal"], **also)


def meddle(*edits):
    """A step: other edits in the box."""
    return lambda lab: lab.edits(*edits)


def brief(size=3 * KB, back=KB, **also):
    """A few packets of upload, in writes of 1 KB, and an answer."""
    return {"client": {"plan": [["send", KB], ["wait", "go"],
                                ["trickle", size - KB, KB, 0.02], ["shutdown"], ["recv"]],
                       "timeout": 2.5, **also},
            "server": {"plan": [["recv"], ["send", back], ["shutdown"]], "timeout": 2.5,
                       **also}}


def halves(size=4 * KB, rest=0.02, **also):
    """An upload in writes of 1 KB, of which the second half waits for "more"."""
    half = size // 2
    return {"client": {"plan": [["send", KB], ["wait", "go"], ["trickle", half - KB, KB, 0.02],
                                ["mark", "half"], ["wait", "more"],
                                ["trickle", size - half, KB, rest], ["shutdown"], ["recv"]],
                       "timeout": 4, **also},
            "server": {"plan": [["recv"], ["shutdown"]], "timeout": 4, **also}}


def halves_down(size=4 * KB, **also):
    """The same from the server, after 1 KB from the client."""
    client, server = halves(size)["client"]["plan"], download(size, KB)["server"]["plan"]
    sending = [step for step in client[2:] if step[0] != "shutdown"][:-1]
    return {"client": {"plan": [["send", KB], ["recv"]], "timeout": 4, **also},
            "server": {"plan": [server[0], ["wait", "go"], *sending, ["shutdown"], ["recv"]],
                       "timeout": 4, **also}}


def between(*steps, joins=None):
    """The action for it: these steps come between the halves."""
    return then(lambda lab: joined(lab, joins), go, at_half, *steps, pause(0.1),
                lambda lab: lab.go("more"))


def until_again(*edits):
    """The client's options mean something else from the second half on, so the server gives
    up MPTCP. The client does not know and would send all again for ever."""
    return {"action": then(go, at_half, meddle(*edits), lambda lab: lab.go("more"), pause(0.5)),
            "silence": False}


def soon(lab):
    """Say go when the first data is through, or lost."""
    time.sleep(0.3)
    lab.go()


def trouble(name, about, network, parts, both="", client="", server="", **also):
    """A row: the codes are of both captures, or of the one."""
    labels = {"findings": both, "findings_client": client, "findings_server": server}
    return Scenario(name, about, net=network, **parts,
                    **{key: tuple(text.split()) for key, text in labels.items()},
                    **{"action": soon, "without": BROKEN, "exact": False, **also})


def healthy(name, about, network, parts, notes="", **also):
    """A row of which nothing bad is to be said."""
    return Scenario(name, about, net=network, **parts, findings=tuple(notes.split()), **also)


# --- the table --------------------------------------------------------------

REMOVED = [
    trouble("cut-syn", "a box removes the option from the SYN, without a trace",
            box(to_server("strip", "syn")), brief(), client="no-option-in-synack"),
    trouble("cut-synack", "a box removes the option from the SYN/ACK, without a trace",
            box(to_client("strip", "synack")), brief(),
            client="no-option-in-synack",
            server="no-option-in-third-ack option-removed-on-path"),
    trouble("blank-synack", "a box makes the option in the SYN/ACK NOPs",
            box(to_client("blank", "synack")), brief(),
            client="no-option-in-synack option-removed-on-path",
            server="no-option-in-third-ack option-removed-on-path"),
    trouble("blank-syn", "a box makes the option in the SYN NOPs",
            box(to_server("blank", "syn")), brief(),
            client="no-option-in-synack", server="option-removed-on-path"),
    trouble("cut-third-ack", "a box removes the option from the third ACK only",
            box(to_server("strip", "later", "empty", "capable")), brief(),
            client="no-option-in-data option-removed-on-path",
            server="no-option-in-third-ack option-removed-on-path"),
    trouble("cut-data", "a box removes the options from all data of the client",
            box(to_server("strip", "later", "data")), brief(),
            client="no-option-in-data option-removed-on-path",
            server="no-option-in-data option-removed-on-path"),
    trouble("blank-data", "a box makes the options of all data of the client NOPs",
            box(to_server("blank", "later", "data")), brief(),
            client="no-option-in-data option-removed-on-path",
            server="no-option-in-data option-removed-on-path"),
    trouble("cut-server-data", "a box removes the options from all the server sends but SYN/ACKs",
            box(to_client("strip", "later")), brief(),
            client="no-option-in-data option-removed-on-path",
            server="no-option-in-data option-removed-on-path"),
    trouble("cut-join-syn", "a box removes the option from the SYN of the join",
            box2(to_server("strip", "syn", "join")), brief(),
            client="join-no-option option-removed-on-path"),
    trouble("blank-join-syn", "a box makes the option in the SYN of the join NOPs",
            box2(to_server("blank", "syn", "join")), brief(),
            client="join-no-option option-removed-on-path", server="option-removed-on-path"),
    trouble("cut-join-synack", "a box removes the option from the SYN/ACK of the join",
            box2(to_client("strip", "synack", "join")), brief(),
            client="join-no-option option-removed-on-path", server="join-reset"),
    trouble("cut-join-third-ack", "a box removes the option from the third ACK of the join",
            box2(to_server("strip", "later", "join")), brief(),
            client="join-reset", server="join-reset option-removed-on-path"),
    trouble("cut-later", "a box removes the client's options from one of two paths, once all is "
            "established",
            box2(), halves(), joins=1,
            action=between(meddle(to_server("strip", path=1))),
            client="subflow-reset", server="subflow-reset data-unmapped"),
    trouble("known-earlier", "the option is removed from the SYN/ACK of the second connection",
            box(to_client("strip", "synack", flow=1)), brief(connections=2),
            client="no-option-in-synack option-removed-on-path",
            server="no-option-in-third-ack option-removed-on-path"),
    trouble("known-later", "the option is removed from the SYN/ACK of the first connection",
            box(to_client("strip", "synack", flow=0)), brief(connections=2),
            client="no-option-in-synack option-removed-on-path",
            server="no-option-in-third-ack option-removed-on-path"),
]

ANSWERS = [
    trouble("syn-blackhole", "SYNs are lost, with and without the option",
            box(to_server("drop"), sysctls={"client": {"net.ipv4.tcp_syn_retries": 1}}),
            {"client": {"plan": []}, "server": None}, client="capable-unanswered"),
    trouble("synack-lost", "SYN/ACKs are lost",
            box(to_client("drop"), sysctls={"client": {"net.ipv4.tcp_syn_retries": 1}}),
            {"client": {"plan": []}, "server": {"plan": [], "timeout": 4}},
            client="capable-unanswered", action=then()),
    trouble("syn-just-sent", "the capture ends before the SYN is answered",
            box(to_server("drop"), sysctls={"client": {"net.ipv4.tcp_syn_retries": 1}}),
            {"client": {"plan": []}, "server": None}, client="note:capable-unanswered",
            silence=False),
    trouble("version-in-synack", "a box makes the SYN/ACK one of version 0",
            box(to_client("version", "synack", to=0)), brief(),
            client="version-downgrade no-option-in-third-ack",
            server="no-option-in-third-ack option-removed-on-path"),
    trouble("version-in-syn", "a box makes the second connection's SYN one of version 0",
            box(to_server("version", "syn", "capable", to=0, flow=1)), brief(connections=2),
            client="no-option-in-synack option-removed-on-path",
            server="no-option-in-synack note:version-downgrade"),
    trouble("key-replayed", "a box gives the second connection the server's key of the first",
            box(edit("key")), brief(connections=2), client="key-reused"),
]

NUMBERS = [
    trouble("isn-synack", "a box moves the client's sequence numbers, but not the SYN/ACK's "
            "acknowledgement",
            box(to_server("isn", "syn", by=100000, acks=False)), brief(),
            client="sequence-rewritten", silence=False, action=then(pause(0.3))),
    trouble("isn-third-ack", "a box changes the ISN in the SYN/ACK, and nothing else",
            box(to_client("sequence", "synack", by=100000)), brief(),
            client="subflow-reset no-data-fin",
            server="sequence-rewritten subflow-reset no-data-fin"),
    trouble("isn-again", "the SYN of a join that is sent again has another ISN on its way",
            box2(to_client("drop", "synack", path=2, count=1),
                 to_server("sequence", "syn", path=2, skip=1, count=1, by=100000),
                 to_client("drop", "later", path=2, count=1)),      # the challenge ACK
            brief(timeout=4), joins=1, action=None, server="sequence-rewritten"),
    trouble("payload-longer", "a box adds payload, sequence numbers follow",
            box(), halves(), **until_again(to_server("resize", "data", by=10)),
            client="no-option-in-data",
            server="sequence-rewritten no-option-in-data"),
    trouble("payload-shorter", "a box removes payload, sequence numbers follow",
            box(), halves(), **until_again(to_server("resize", "data", by=-10)),
            client="no-option-in-data", server="sequence-rewritten no-option-in-data"),
    trouble("payload-changed", "a box changes an octet on one of two paths, with checksums",
            box2(sysctls=CHECKSUMS), halves(), joins=1,
            action=between(meddle(to_server("damage", "data", path=1, count=1))),
            client="mp-fail subflow-reset", server="checksum-bad mp-fail subflow-reset"),
    trouble("payload-changed-alone", "a box changes an octet on the only path, with checksums",
            box(sysctls=CHECKSUMS), halves(), joins=0,
            action=between(meddle(to_server("damage", "data", count=1)), joins=0),
            client="mp-fail", server="checksum-bad mp-fail"),
    trouble("mapping-infinite", "a box makes a mapping infinite",
            box(), halves(), **until_again(to_server("infinite", "data", count=1)),
            client="no-option-in-data", server="infinite-mapping"),
    trouble("mapping-twice", "a box sends a segment twice, the copy with another DSN",
            box(to_server("mapping", "data", "dss", skip=1, count=1, by=5000)), brief(),
            server="mapping-conflict"),
    trouble("dss-missing", "a box removes the mapping from one segment on one of two paths",
            box2(), halves(), joins=1,
            action=between(meddle(to_server("strip", "data", path=1, count=1))),
            client="subflow-reset", server="data-unmapped subflow-reset"),
]

JOINS = [
    trouble("join-just-sent", "the capture ends before the join is answered",
            box2(to_server("drop", path=2)), {
                "client": {"plan": [["send", KB], ["wait", "captured"], ["shutdown"],
                                    ["recv"]]},
                "server": {"plan": [["recv"], ["shutdown"]]}},
            client="note:join-unanswered", silence=False,
            action=then(counted("client", "MPJoinSynTx"), pause(0.3))),
    trouble("join-lost", "the second path loses everything, the join is never answered",
            box2(to_server("drop", path=2)), brief(), client="join-unanswered",
            action=then(counted("client", "MPJoinSynTx"), pause(1.3), go)),
    trouble("join-limit", "the server accepts no further subflow",
            box2(limits={"client": "subflows 1", "server": "subflows 0"}), brief(),
            "join-reset"),
    trouble("join-synack-hmac", "a box changes the HMAC in the SYN/ACK of the join",
            box2(to_client("poke", "synack", "join", subtype="join", at=4, by="55")), brief(),
            client="join-bad-hmac join-reset", server="join-reset"),
    trouble("join-ack-hmac", "a box changes the HMAC in the third ACK of the join",
            box2(to_server("poke", "later", "join", subtype="join", at=4, by="55")), brief(),
            client="join-reset", server="join-bad-hmac join-reset"),
    trouble("join-token", "a box changes the token in the SYN of the join",
            box2(to_server("poke", "syn", "join", subtype="join", at=4, by="55555555")),
            brief(), client="join-reset", server="join-unknown-token"),
]

ADDRESSES = [
    trouble("address-unused", "an address is announced, the client takes none",
            announcing(limits={"client": "subflows 2 add_addr_accepted 0",
                               "server": "subflows 2"}), brief(),
            "note:address-unused", without=frozenset()),
    trouble("address-closed", "nobody listens on the announced address",
            announcing(), {**brief(), "server": {**brief()["server"], "address": "10.0.1.2"}},
            "join-reset address-join-failed"),
    trouble("address-unreachable", "no packets get to the announced address",
            announcing(to_server("drop", path=2)), brief(),
            action=then(counted("client", "MPJoinSynTx"), pause(1.3), go),
            client="join-unanswered address-join-failed", server="note:address-unused"),
    trouble("address-echo-lost", "the echoes of the announced address are lost",
            announcing(to_server("drop", "echo"),
                       sysctls={"server": {"net.mptcp.add_addr_timeout": 1}}), brief(timeout=5),
            joins=1, action=then(joined, pause(2.5), go), server="address-no-echo"),
    trouble("address-lost", "the announcements of an address are lost",
            announcing(to_client("drop", "addr"),
                       sysctls={"server": {"net.mptcp.add_addr_timeout": 1}}), brief(timeout=5),
            action=then(pause(2.5), go), server="address-no-echo note:address-unused"),
    trouble("address-hmac", "a box changes the HMAC of the announced address",
            announcing(to_client("poke", "addr", subtype="add_addr", at=8, by="55")), brief(),
            client="address-bad-hmac", server="note:address-unused"),
]

PRIORITIES = [
    trouble("backup-flag-lost", "a box removes the backup flag of the join: the server does "
            "not know and uses the path",
            box2(to_server("poke", "syn", "join", subtype="join", at=2, by="01"),
                 endpoint="10.0.2.1 dev path2 subflow backup", **NARROW),
            download(80 * KB), joins=1, action=None,
            client="backup-used"),
    trouble("prio-lost", "a box removes MP_PRIO: the server goes on using the backup",
            box2(to_server("strip", "prio", subtype="prio"), **NARROW),
            download(80 * KB), joins=1,
            action=then(joined, on("client", "change id 1 backup"), pause(0.2), go),
            client="backup-used"),
    trouble("backup-takes-over", "the first path dies, the backup takes over",
            box2(endpoint="10.0.2.1 dev path2 subflow backup",
                 sysctls={"client": {"net.mptcp.stale_loss_cnt": 1}}),
            halves(16 * KB, 0.1), joins=1, action=between(meddle(edit("drop", path=1))),
            client="note:backup-used subflow-stalled", server="note:backup-used"),
]

SILENCES = [
    trouble("path-dies", "one of two paths dies, the other goes on",
            box2(), halves(), joins=1, action=between(meddle(edit("drop", path=1))),
            client="subflow-stalled"),
    trouble("handover", "both paths are dead for a while, only the second comes back",
            box2(), halves(), joins=1,
            action=then(joined, go, at_half, meddle(edit("drop")), lambda lab: lab.go("more"),
                        pause(1.3), meddle(edit("drop", path=1))),
            client="subflow-stalled handover-gap"),
    trouble("slow-reader", "the server reads nothing for 1.5 s",
            box(), {"client": {"plan": [["send", 200 * KB], ["shutdown"], ["recv"]]},
                    "server": {"plan": [["wait", "go"], ["recv"], ["shutdown"]],
                               "receive_buffer": 4096}},
            "zero-window", action=then(pause(1.8), go)),
    trouble("brief-reader", "the server reads nothing for half a second",
            box(), {"client": {"plan": [["send", 200 * KB], ["shutdown"], ["recv"]]},
                    "server": {"plan": [["wait", "go"], ["recv"], ["shutdown"]],
                               "receive_buffer": 4096}},
            "note:zero-window", action=then(pause(0.5), go)),
]

ENDS = [
    trouble("reset-one", "a box resets one of two subflows while data is outstanding on it",
            box2(), halves(), joins=1,
            action=between(meddle(to_server("reset", "data", path=1, count=1))),
            # The data never got to the server.
            client="subflow-reset", server="note:subflow-reset"),
    trouble("reset-all", "a box resets the only subflow",
            box(), halves(), joins=0,
            action=between(meddle(to_server("reset", "data", count=1)), joins=0),
            both="subflow-reset no-data-fin"),
    trouble("fastclose-key", "a box changes the key in MP_FASTCLOSE",
            box(to_server("poke", "fastclose", subtype="fastclose", at=4, by="55")),
            {"client": {"plan": [["send", KB], ["wait", "go"], ["linger0"], ["close"]]},
             "server": {"plan": [["recv"]], "timeout": 1.5}},
            client="note:fastclose", server="fastclose"),
    trouble("killed-unread", "the client's application is killed with data unread",
            box(), {"client": {"plan": [["send", KB], ["wait", "go"], ["kill"]]},
                    "server": {"plan": [["recv", KB], ["send", KB], ["recv"]], "timeout": 1.5}},
            "note:fastclose"),
    trouble("begun-before", "the capture begins when the connection has two subflows; a third "
            "joins",
            box(paths=3, client=["10.0.2.1 dev path2 subflow"]), brief(), late=True,
            action=then(lambda lab: joined(lab, 1), capture,
                        on("client", "add 10.0.3.1 dev path3 subflow id 3"),
                        lambda lab: joined(lab, 2), go),
            both="note:handshake-missing note:join-unknown-token"),
]

# What is above, the other way round: nothing may hold for one side only.
MIRRORED = [
    trouble("down-cut-later", "a box removes the server's options from one of two paths, once all "
            "is established",
            box2(), halves_down(), joins=1,
            action=between(meddle(to_client("strip", path=1))),
            client="data-unmapped subflow-reset", server="subflow-reset"),
    trouble("down-payload-changed", "a box changes an octet of the server's data on one of two "
            "paths, with checksums",
            box2(sysctls=CHECKSUMS), halves_down(), joins=1,
            action=between(meddle(to_client("damage", "data", path=1, count=1))),
            client="checksum-bad mp-fail subflow-reset", server="mp-fail subflow-reset"),
    trouble("down-payload-shorter", "a box removes payload of the server, sequence numbers follow",
            box(), halves_down(), **until_again(to_client("resize", "data", by=-10)),
            client="sequence-rewritten no-option-in-data", server="no-option-in-data"),
    trouble("down-mapping-twice", "a box sends a segment of the server twice, the copy with "
            "another DSN",
            box(to_client("mapping", "data", "dss", skip=1, count=1, by=5000)), halves_down(),
            joins=0, action=between(joins=0), client="mapping-conflict"),
    trouble("down-path-dies", "one of two paths dies while the server sends",
            box2(), halves_down(), joins=1, action=between(meddle(edit("drop", path=1))),
            server="subflow-stalled"),
    trouble("down-reset-one", "a box resets one of two subflows while the server's data is "
            "outstanding on it",
            box2(), halves_down(), joins=1,
            action=between(meddle(to_client("reset", "data", path=1, count=1))),
            # The data never got to the client.
            client="note:subflow-reset", server="subflow-reset"),
    trouble("client-address-lost", "the client's announcements of an address are lost",
            box(to_server("drop", "addr"), paths=2, client=["10.0.2.1 signal"],
                sysctls={"client": {"net.mptcp.add_addr_timeout": 1}}), brief(timeout=5),
            action=then(pause(2.5), go), client="address-no-echo note:address-unused"),
    trouble("server-join-hmac", "a box changes the HMAC of the client's SYN/ACK to a join by the "
            "server",
            box(to_server("poke", "synack", "join", subtype="join", at=4, by="55"), paths=2),
            {"client": brief()["client"],
             "server": {"plan": [["recv", KB], ["mark", "half"], ["recv"], ["shutdown"]]}},
            action=then(at_half, on("client", "add 10.0.2.1 signal port 10200 id 1"),
                        pause(0.3), go),
            client="join-reset address-join-failed",
            server="join-bad-hmac join-reset address-join-failed"),
    trouble("strip-synack-ipv6", "a box makes the option in the SYN/ACK NOPs, IPv6",
            net(paths=1, family=6, rules=(f"{SYNACK} {STRIP}",)), brief(),
            client="no-option-in-synack option-removed-on-path",
            server="no-option-in-third-ack option-removed-on-path"),
    trouble("join-limit-ipv6", "the server accepts no further subflow, IPv6",
            net(client=["fd00::2:1 dev path2 subflow"], family=6,
                limits={"client": "subflows 1", "server": "subflows 0"}), brief(),
            "join-reset"),
]

# Among many packets. What the other end saw of the last moments depends on these.
BULK = [
    trouble("bulk-cut-later", "a box begins to remove the client's options from one of two paths",
            box2(**FAST), upload_in_halves(600 * KB), joins=1,
            action=then(joined, go, at_half, meddle(to_server("strip", path=1))),
            client="subflow-reset", server="data-unmapped subflow-reset"),
    trouble("bulk-payload-changed", "a box changes an octet on one of two paths, with checksums",
            box2(sysctls=CHECKSUMS, **FAST), upload_in_halves(600 * KB), joins=1,
            action=then(joined, go, at_half, meddle(to_server("damage", "data", path=2,
                                                              count=1))),
            client="mp-fail subflow-reset", server="checksum-bad mp-fail subflow-reset"),
    trouble("bulk-reset-one", "a box resets one of two subflows",
            box2(**FAST), upload_in_halves(600 * KB), joins=1,
            action=then(joined, go, at_half, meddle(to_server("reset", "data", path=2,
                                                              count=1))),
            client="subflow-reset", server="?subflow-reset ?note:subflow-reset"),
    trouble("bulk-handover", "both paths are dead for a while, only the second comes back",
            box2(**FAST), upload_in_halves(600 * KB), joins=1,
            action=then(joined, go, at_half, meddle(edit("drop")), pause(1.3),
                        meddle(edit("drop", path=1))),
            # Perhaps the last to get through before was the second path, too.
            client="subflow-stalled ?handover-gap", server="?handover-gap ?note:subflow-reset"),
]

HEALTHY = [
    healthy("box", "a box that does nothing", box2(), brief(), joins=1, expect=JOINED),
    healthy("isn-translated", "a box moves all sequence numbers of both sides",
            box2(to_server("isn", "syn", by=0x87654321), to_client("isn", "synack", by=-1234567)),
            brief(), joins=1, expect=JOINED, without=frozenset()),
    healthy("isn-translated-loss", "the same, many packets and 1 % of them lost",
            box2(to_server("isn", "syn", by=0x87654321), to_client("isn", "synack", by=-1234567),
                 edit("drop", "data", every=100), **FAST),
            duplex(300 * KB, 200 * KB), joins=1, exact=False, expect=JOINED),
    healthy("reordering", "two paths of very different rate",
            two_paths(offload=False, rates=("20mbit", "2mbit"), queue="300ms", burst="3k"),
            upload(400 * KB), joins=1, exact=False, expect=JOINED),
    healthy("long-idle", "a connection that is silent for 3 s",
            box2(), {"client": {"plan": [["send", KB], ["wait", "go"], ["sleep", 3],
                                         ["send", KB], ["shutdown"], ["recv"]]},
                     "server": {"plan": [["recv"], ["send", KB], ["shutdown"]]}},
            joins=1, expect=JOINED),
    healthy("slow-sender", "the client writes an octet or two now and then",
            box2(), {"client": {"plan": [["send", KB], ["wait", "go"],
                                         ["trickle", 20, 2, 0.2], ["shutdown"], ["recv"]]},
                     "server": {"plan": [["recv"], ["shutdown"]]}}, joins=1, expect=JOINED),
    healthy("hundred-connections", "100 short connections, 4 at a time, one path each",
            box(), {"client": {"connections": 100, "parallel": 4,
                               "plan": [["send", 300], ["shutdown"], ["recv"]]},
                    "server": {"connections": 100,
                               "plan": [["recv"], ["send", 500], ["shutdown"]]}},
            expect={"connections": 100}),
    healthy("address-taken-back", "an announced and joined address is removed",
            announcing(), halves(), joins=1, action=between(on("server", "delete id 1")),
            expect={"connection.options.s2c.remove_addr": 1}),
    healthy("killed", "the client's application is killed with nothing unread",
            box(), {"client": {"plan": [["send", KB], ["wait", "go"], ["kill"]]},
                    "server": {"plan": [["recv"], ["shutdown"]]}}, without=BROKEN),
]

ALL = sum((REMOVED, ANSWERS, NUMBERS, JOINS, ADDRESSES, PRIORITIES, SILENCES, ENDS, MIRRORED,
           BULK, HEALTHY), [])
BY_NAME = {scenario.name: scenario for scenario in ALL}
