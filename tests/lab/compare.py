# SPDX-License-Identifier: BSD-3-Clause
"""Compare what mptcptrace says with what really happened.

The truth is what the applications sent and received, what the kernels counted,
and the facts a scenario states. Every function returns a list of sentences, one a
difference; nothing to say means all is well. This module runs nothing.
"""

from dataclasses import dataclass
from typing import Any, Callable

DIRECTIONS = {"client": "c2s", "server": "s2c"}
OTHER = {"client": "server", "server": "client"}

# What a host counts of what it sends, what the other host counts of what it
# receives, and the option both stand for on the wire.
COUNTERS = (
    ("MPCapableSYNTX",  "MPCapableSYNRX",     "mp_capable_syn"),
    (None,              "MPCapableSYNACKRX",  "mp_capable_synack"),
    ("MPJoinSynTx",     "MPJoinSynRx",        "mp_join_syn"),
    (None,              "MPJoinSynAckRx",     "mp_join_synack"),
    (None,              "MPJoinAckRx",        "mp_join_ack"),
    ("AddAddrTx",       "AddAddr",            "add_addr"),
    ("EchoAddTx",       "EchoAdd",            "add_addr_echo"),
    ("RmAddrTx",        "RmAddr",             "remove_addr_ids"),
    ("MPPrioTx",        "MPPrioRx",           "mp_prio"),
    ("MPFailTx",        "MPFailRx",           "mp_fail"),
    ("MPFastcloseTx",   "MPFastcloseRx",      "mp_fastclose"),
    ("MPRstTx",         "MPRstRx",            "mp_tcprst"),
)

# A reset by a socket that is already gone carries the option and is not counted.
UNDERCOUNTED = {"mp_tcprst"}

# Facts of a connection that do not depend on where it was captured.
EVERYWHERE = ("version", "state", "checksum", "client", "server", "fallback.reason",
              "c2s.bytes_unique", "s2c.bytes_unique", "c2s.data_fin", "s2c.data_fin")


# --- values a scenario may expect -------------------------------------------

@dataclass
class Is:
    """Any value for which the test holds; `text` says it in words."""

    text: str
    test: Callable[[Any], bool]

    def __repr__(self):
        return self.text


def at_least(low):
    """A number not below this."""
    return Is(f"at least {low}", lambda value: value is not None and value >= low)


def at_most(high):
    """A number not above this."""
    return Is(f"at most {high}", lambda value: value is not None and value <= high)


def one_of(*values):
    """Any of these."""
    return Is(" or ".join(repr(v) for v in values), lambda value: value in values)


KNOWN = Is("known", lambda value: value is not None)


# --- looking into a report --------------------------------------------------

def look(report, path):
    """The member a path such as "connections.0.c2s.mappings" names, or None.

    "connection" is the first connection; a list that is asked for itself, not
    for a member, answers with its length.
    """
    value = report
    for word in path.replace("connection.", "connections.0.", 1).split("."):
        if value is None:
            return None
        if isinstance(value, list):
            value = value[int(word)] if int(word) < len(value) else None
        elif word in value:
            value = value[word]
        else:
            raise KeyError(path)
    return len(value) if isinstance(value, list) else value


def differs(name, seen, wanted):
    """A list of one sentence if the value is not the wanted one."""
    good = wanted.test(seen) if isinstance(wanted, Is) else seen == wanted
    return [] if good else [f"{name} is {seen!r}, should be {wanted!r}"]


def total(report, direction, option):
    """How many of an option were seen in a direction, all connections and orphans."""
    parts = [connection["options"] for connection in report["connections"]]
    if report.get("orphans"):
        parts.append(report["orphans"]["options"])
    return sum(part[direction][option] for part in parts)


def by_port(report):
    """Connections by the port of the client."""
    return {connection["client"]["port"]: connection for connection in report["connections"]}


# --- the comparisons --------------------------------------------------------

def compare_facts(report, facts):
    """The facts the scenario states."""
    found = []
    for path, wanted in facts.items():
        try:
            found += differs(path, look(report, path), wanted)
        except (KeyError, TypeError, ValueError, AttributeError):
            found.append(f"{path} is not in the report")
    return found


def compare_capture(report, packets):
    """Every packet was read and understood."""
    return [text for member, wanted in (("packets", packets), ("tcp_packets", packets),
                                        ("undecodable_packets", 0), ("truncated", False))
            for text in differs("capture." + member, report["capture"][member], wanted)]


def compare_arithmetic(report):
    """What must hold within a report, whatever happened."""
    found = []
    for connection in report["connections"]:
        for direction in DIRECTIONS.values():
            data = connection[direction]
            where = f"connection {connection['id']} {direction}."
            found += differs(where + "bytes_mapped", data["bytes_mapped"],
                             data["bytes_unique"] + data["retransmitted_bytes"]
                             + data["reinjected_bytes"])
            found += differs(where + "reinjected_bytes", data["reinjected_bytes"],
                             sum(row["bytes"] for row in data["reinjections"]))
            found += differs(where + "bytes_acked", data["bytes_acked"],
                             at_most(data["bytes_unique"])
                             if connection["handshake_seen"] else at_least(0))
            rtt = data["data_ack_rtt"]
            if rtt["samples"] and not 0 <= rtt["min"] <= rtt["avg"] <= rtt["max"] < 60:
                found.append(f"{where}data_ack_rtt is {rtt}")
    return found


def compare_bytes(report, truth):
    """Every byte an application sent and the other received, in each direction."""
    found = []
    connections = by_port(report)
    for account in truth["client"]["applications"]:
        connection = connections.get(account["local"][1]) if account["local"] else None
        if connection is None:
            found.append(f"no connection from client port {account['local']}")
            continue
        for direction, size in (("c2s", account["sent"]), ("s2c", account["received"])):
            for member in ("bytes_unique", "bytes_acked"):
                found += differs(f"connection {connection['id']} {direction}.{member}",
                                 connection[direction][member], size)
            found += differs(f"connection {connection['id']} {direction}.bytes_unmapped",
                             connection[direction]["bytes_unmapped"], 0)
            if size and not connection[direction]["data_ack_rtt"]["samples"]:
                found.append(f"connection {connection['id']} {direction} has no RTT samples")
            shares = [flow[direction]["share"] for flow in connection["subflows"]]
            if size and abs(sum(shares) - 1) > 1e-3:
                found.append(f"connection {connection['id']} {direction} shares {shares} "
                             "do not add up to 1")
    return found


def compare_plain_bytes(report, truth):
    """The same where MPTCP was given up: payload of the only subflow, without copies."""
    found = []
    for connection in report["connections"]:
        account = truth["client"]["applications"][0]
        for direction, size in (("c2s", account["sent"]), ("s2c", account["received"])):
            flow = connection["subflows"][0][direction]
            found += differs(f"payload {direction} of the subflow",
                             flow["bytes"] - flow["retransmitted_bytes"], size)
    return found


def compare_counters(report, truth, exact, ignore=()):
    """Options on the wire against what both kernels counted of them.

    Without `exact` the wire may show more: what was lost is not received, and
    what is sent again is not counted again.
    """
    found = []
    for host, direction in DIRECTIONS.items():
        for sent, received, option in COUNTERS:
            seen = total(report, direction, option)
            for name, counters in ((sent, truth[host]["counters"]),
                                   (received, truth[OTHER[host]]["counters"])):
                if name is None or name in ignore or option in ignore:
                    continue
                count = counters.get("MPTcpExt" + name, 0)
                strict = option not in UNDERCOUNTED and exact
                wanted = count if strict else at_least(count)
                found += differs(f"options.{direction}.{option} ({name})", seen, wanted)
    return found


def compare_hmacs(report, _truth):
    """Every join that answered with an HMAC must have a good one."""
    found = []
    for connection in report["connections"]:
        for flow in connection["subflows"]:
            if not flow["initial"]:
                where = f"connection {connection['id']} subflow {flow['id']} hmac."
                found += differs(where + "synack", flow["hmac"]["synack"], "ok")
                found += differs(where + "ack", flow["hmac"]["ack"], "ok")
        for event in connection["addresses"]:
            if event["event"] == "add":
                found += differs(f"connection {connection['id']} address {event['id']} hmac",
                                 event["hmac"], "ok")
    return found


def compare_checksums(report, _truth):
    """With checksums in use every mapping has a good one; else none is checked."""
    found = []
    for connection in report["connections"]:
        for direction in DIRECTIONS.values():
            data = connection[direction]
            where = f"connection {connection['id']} {direction}.checksum_"
            good = data["mappings"] if connection["checksum"] else 0
            found += differs(where + "ok", data["checksum_ok"], good)
            found += differs(where + "bad", data["checksum_bad"], 0)
            found += differs(where + "unchecked", data["checksum_unchecked"],
                             data["mappings"] - good)
    return found


def subflow_keys(connection):
    """Who talks to whom on which subflow, regardless of the order."""
    return sorted((flow["source"], flow["source_port"], flow["destination"],
                   flow["destination_port"], flow["initiator"], flow["backup"])
                  for flow in connection["subflows"])


def compare_vantages(reports, exact):
    """The two ends saw the same connections."""
    found = []
    client, server = by_port(reports["client"]), by_port(reports["server"])
    found += differs("ports of clients seen at the server", sorted(server), sorted(client))
    for port in sorted(set(client) & set(server)):
        mine, its = client[port], server[port]
        for path in EVERYWHERE:
            found += differs(f"connection {mine['id']} {path} at the server", look(its, path),
                             look(mine, path))
        found += differs(f"connection {mine['id']} subflows at the server", subflow_keys(its),
                         subflow_keys(mine))
        if exact:
            for direction in DIRECTIONS.values():
                for option in (row[2] for row in COUNTERS):
                    found += differs(
                        f"connection {mine['id']} options.{direction}.{option} at the server",
                        its["options"][direction][option], mine["options"][direction][option])
    return found


def compare_delivery(truth):
    """The lab's own premise: what one application sent the other received."""
    found = []
    servers = {account["peer"][1]: account for account in truth["server"]["applications"]
               if account.get("peer")}
    for account in truth["client"]["applications"]:
        if account["error"]:
            found.append(f"lab: client application: {account['error']}")
            continue
        other = servers.get(account["local"][1])
        if other is None:
            found.append(f"lab: no server application for client port {account['local'][1]}")
            continue
        if other["error"]:
            found.append(f"lab: server application: {other['error']}")
        for one, two in (("sent", "received"), ("received", "sent")):
            found += differs(f"lab: server {two}", other[two], account[one])
            found += differs(f"lab: server CRC {two}", other["crc_" + two], account["crc_" + one])
    return found


def compare(scenario, truth, reports, matrix):
    """All differences of a scenario; the checks it leaves out are in `scenario.without`.

    The matrix (of findings.py) judges the findings and counts them.
    """
    found = []
    on = {"delivery", "bytes", "counters", "hmac", "checksum", "vantage"} - scenario.without
    if "delivery" in on:
        found += compare_delivery(truth)
    for host, report in reports.items():
        mine = compare_capture(report, truth["packets"][host]) + compare_arithmetic(report)
        mine += compare_facts(report, scenario.facts(host))
        if "bytes" in on:
            mine += (compare_plain_bytes if scenario.plain else compare_bytes)(report, truth)
        if "counters" in on:
            mine += compare_counters(report, truth, scenario.exact, scenario.uncounted)
        if "hmac" in on:
            mine += compare_hmacs(report, truth)
        if "checksum" in on:
            mine += compare_checksums(report, truth)
        mine += matrix.judge(scenario.labels(host), report)
        found += [f"{host}: {text}" for text in mine]
    if "vantage" in on:
        found += compare_vantages(reports, scenario.exact)
    return found
