# SPDX-License-Identifier: BSD-3-Clause
"""A small network of namespaces with MPTCP hosts in it: building, using, removing.

Three namespaces: `client`, `server`, and between them `middle`, through which all
paths lead. Path P is one Ethernet: client 10.0.P.1 and fd00::P:1, server 10.0.P.2
and fd00::P:2, interfaces named pathP in both hosts. In the middle each path is a
bridge between the ports cP and sP, so packets can be dropped, changed or delayed
there without either host's capture seeing it happen.

With `box` a program (box.py) carries the packets instead of the bridges, which can do
what nft cannot: remove octets, for example.

A routed lab has a router with address translation in the middle instead: server
10.9.P.2, the router is .254 on all sides.

This module knows nothing of scenarios or of what is right.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

HOSTS = ("client", "server")
NAMESPACES = ("client", "middle", "server")
TOOLS = ("ip", "nft", "tc", "tcpdump", "ss", "sysctl")
PORT = 5201
HERE = os.path.dirname(os.path.abspath(__file__))


class LabError(Exception):
    """The lab itself did not work; says nothing about mptcptrace."""


class Lost(LabError):
    """A capture is not complete: worth another try."""


class Unavailable(Exception):
    """This machine or kernel cannot do it: a reason to skip."""


@dataclass
class Net:
    """What the network of a scenario looks like."""

    paths: int = 2
    family: int = 4             # of the first connection; both families are always configured
    offload: object = True      # of the hosts: True, False, or "no segmentation" but checksums
    rates: tuple = ()           # tc rate a path, both directions, "" for unlimited
    queue: str = "40ms"         # what a rate limited path may delay
    burst: str = "16k"
    routed: bool = False        # a NAT router instead of bridges
    sysctls: dict = field(default_factory=dict)     # host or "both" -> {name: value}
    limits: dict = field(default_factory=dict)      # host -> "subflows 2 add_addr_accepted 2"
    endpoints: dict = field(default_factory=dict)   # host -> ["10.0.2.1 dev path2 subflow"]
    rules: tuple = ()           # nft rules of the middle, applied before the first packet
    box: object = None          # instead of bridges: box.py with these edits


def run(argv, timeout=15, **kwargs):
    """Run a command and return its standard output; a LabError if it fails."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout,
                              check=False, **kwargs)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{' '.join(argv)}: no end after {timeout} s") from error
    if done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def why_not():
    """Why no lab can be built here, or None."""
    if os.geteuid() != 0:
        return "not root"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return "missing tools: " + " ".join(missing)
    name = f"mptlab{os.getpid()}-probe"
    try:
        run(["ip", "netns", "add", name])
    except LabError:
        return "no network namespaces"
    try:
        run(["ip", "netns", "exec", name, "sysctl", "-n", "net.mptcp.enabled"])
        run(["ip", "-n", name, "mptcp", "limits"])
        run(["ip", "-n", name, "link", "add", "probe", "type", "bridge"])
        run(["ip", "-n", name, "link", "add", "probe0", "type", "veth", "peer", "name", "probe1"])
        run(["ip", "netns", "exec", name, "nft", "add", "table", "bridge", "probe"])
    except LabError as error:
        return f"kernel cannot: {error}"
    finally:
        with contextlib.suppress(LabError):
            run(["ip", "netns", "del", name])
    return None


class Capture:
    """A running tcpdump on one host."""

    def __init__(self, lab, host, name, *, interface="any", snaplen=0, timeout=5):
        self.path = os.path.join(lab.directory, name)
        self.where = f"{host}/{interface}"
        # In immediate mode the kernel's ring has slots of the snap length, so it is kept
        # as small as what can be seen: a segment of 64 KiB, or an Ethernet frame.
        snaplen = snaplen or (66000 if lab.net.offload is True else 1600)
        argv = ["tcpdump", "-n", "-i", interface, "-s", str(snaplen), "-U", "--immediate-mode",
                "-B", "98304", "-Z", "root", "-w", self.path, "tcp"]
        self.process = lab.popen(host, argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 text=True)
        deadline = time.monotonic() + timeout
        for line in self.process.stderr:
            if "listening on" in line:
                return
            if time.monotonic() > deadline:
                break
        raise LabError(f"tcpdump on {self.where} does not start")

    def settle(self):
        """Wait until the file has not grown for a while: all that was seen is written."""
        size, since = -1, time.monotonic()
        while time.monotonic() - since < 0.15:
            now = os.path.getsize(self.path)
            if now != size:
                size, since = now, time.monotonic()
            time.sleep(0.02)

    def stop(self):
        """End the capture: the number of packets in it; Lost if some are missing."""
        self.process.send_signal(signal.SIGINT)
        try:
            _, text = self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired as error:
            self.process.kill()
            raise LabError(f"tcpdump on {self.where} does not stop") from error
        counts = {what: int(n) for n, what in re.findall(r"(\d+) packets? (\w+)", text)}
        if counts.get("dropped", 0) or counts.get("captured", 0) < counts.get("received", 0):
            raise Lost(f"tcpdump on {self.where} lost packets: {counts}")
        return counts["captured"]


class App:
    """A running client or server of apps.py."""

    def __init__(self, lab, host, spec):
        self.host = host
        spec = {"role": host, "port": PORT, "timeout": 20, "signals": lab.signals, **spec}
        argv = [sys.executable, "-I", "-S", os.path.join(HERE, "apps.py"), json.dumps(spec)]
        self.process = lab.popen(host, argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 text=True)
        if spec["role"] == "server" and self.process.stdout.readline() != "ready\n":
            raise LabError("server does not start: " + self.process.stderr.read())

    def result(self, timeout):
        """Wait for the end: the list of connections as the application saw them; none if its
        plan was to be killed."""
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            self.process.kill()
            raise LabError(f"{self.host} application does not end") from error
        if self.process.returncode == -signal.SIGKILL:
            return []
        if self.process.returncode:
            raise LabError(f"{self.host} application failed: {err.strip()}")
        return json.loads(out)


class Lab:
    """The namespaces of one scenario. Use it in a `with`: it always cleans up."""

    serial = 0

    def __init__(self, net, directory):
        Lab.serial += 1
        self.net = net
        self.directory = directory
        self.signals = tempfile.mkdtemp(prefix="mptlab-")
        self.prefix = f"mptlab{os.getpid()}-{Lab.serial}-"
        self.processes = []
        self.box = None

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    # --- names and commands -------------------------------------------------

    def ns(self, host):
        """The namespace of a host."""
        return self.prefix + host

    def sh(self, host, *argv, timeout=15):
        """Run a command in a host."""
        return run(["ip", "netns", "exec", self.ns(host), *argv], timeout=timeout)

    def popen(self, host, argv, **kwargs):
        """Start a command in a host; it is ended with the lab at the latest."""
        process = subprocess.Popen(["ip", "netns", "exec", self.ns(host), *argv],
                                   **{"stdin": subprocess.DEVNULL, **kwargs})
        self.processes.append(process)
        return process

    def ip_batch(self, host, lines, *options):
        """Run many `ip` commands in a host."""
        run(["ip", *options, "-n", self.ns(host), "-batch", "-"],
            input="\n".join(lines) + "\n")

    # --- building -----------------------------------------------------------

    def build(self):
        """Create everything the Net asks for."""
        for host in NAMESPACES:
            run(["ip", "netns", "add", self.ns(host)])
        self.sysctl("middle", {"net.ipv6.conf.all.disable_ipv6": 0 if self.net.routed else 1,
                               "net.ipv4.ip_forward": int(self.net.routed)})
        for host in HOSTS:
            self.sysctl(host, {"net.ipv4.conf.all.rp_filter": 0,
                               "net.ipv4.conf.default.rp_filter": 0,
                               "net.ipv6.conf.default.accept_dad": 0,
                               "net.ipv6.conf.all.accept_dad": 0,
                               **self.net.sysctls.get("both", {}),
                               **self.net.sysctls.get(host, {})})
        for path in range(1, self.net.paths + 1):
            self.build_path(path)
        self.ip_batch("client", ["link set lo up"])
        self.ip_batch("server", ["link set lo up"])
        if self.net.box is not None:
            self.box = self.popen("middle", [sys.executable, "-I", "-S",
                                             os.path.join(HERE, "box.py"), str(self.net.paths)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.edits(*self.net.box)
        elif self.net.rules or self.net.routed:
            self.rules(*self.net.rules)
        for host in HOSTS:
            if host in self.net.limits:
                self.ip_batch(host, ["mptcp limits set " + self.net.limits[host]])
            for number, endpoint in enumerate(self.net.endpoints.get(host, ()), 1):
                self.endpoint(host, f"add {endpoint} id {number}")

    def build_path(self, path):
        """One path: two veth pairs, joined in the middle."""
        routed = self.net.routed
        server_net = f"10.9.{path}" if routed else f"10.0.{path}"
        self.ip_batch("middle", [
            f"link add c{path} type veth peer name path{path} netns {self.ns('client')}",
            f"link add s{path} type veth peer name path{path} netns {self.ns('server')}",
            f"link set c{path} up", f"link set s{path} up"])
        if routed:
            self.ip_batch("middle", [f"addr add 10.0.{path}.254/24 dev c{path}",
                                     f"addr add 10.9.{path}.254/24 dev s{path}"])
        elif self.net.box is None:
            self.ip_batch("middle", [
                f"link add b{path} type bridge mcast_snooping 0 forward_delay 0",
                f"link set c{path} master b{path}", f"link set s{path} master b{path}",
                f"link set b{path} up"])
        gateway = f"10.0.{path}.254" if routed else f"10.0.{path}.2"
        # What has an address of this path leaves by this path.
        self.ip_batch("client", [
            f"link set path{path} up",
            f"addr add 10.0.{path}.1/24 dev path{path}",
            f"addr add fd00::{path}:1/112 dev path{path} nodad",
            f"rule add from 10.0.{path}.1 table {path}",
            f"route add 10.0.{path}.0/24 dev path{path} table {path}",
            f"route add default via {gateway} dev path{path} table {path}",
            f"route add default via {gateway} dev path{path} metric {path}"])
        self.ip_batch("client", [
            f"rule add from fd00::{path}:1 table {path}",
            f"route add fd00::{path}:0/112 dev path{path} table {path}",
            f"route add default via fd00::{path}:2 dev path{path} table {path}"], "-6")
        self.ip_batch("server", [
            f"link set path{path} up",
            f"addr add {server_net}.2/24 dev path{path}",
            f"addr add fd00::{path}:2/112 dev path{path} nodad"])
        if routed:
            self.ip_batch("server", [f"route add default via {server_net}.254 metric {path}"])
        features = {True: (), False: ("tx", "tso", "gso", "gro"), "no segmentation": ("tso", "gso")}
        switches = [word for name in features[self.net.offload] for word in (name, "off")]
        if switches:
            for host in HOSTS:
                self.sh(host, "ethtool", "-K", f"path{path}", *switches)
        rate = self.net.rates[path - 1] if len(self.net.rates) >= path else ""
        if rate:
            self.shape(path, rate)

    def sysctl(self, host, values):
        """Set sysctls of a host."""
        if values:
            self.sh(host, "sysctl", "-q", "-w", *(f"{k}={v}" for k, v in values.items()))

    # --- changes, also while traffic runs -----------------------------------

    def shape(self, path, rate):
        """Limit a path to a rate in both directions; its queue makes the delay."""
        for port in (f"c{path}", f"s{path}"):
            self.sh("middle", "tc", "qdisc", "replace", "dev", port, "root", "tbf", "rate", rate,
                    "burst", self.net.burst, "latency", self.net.queue)

    def rules(self, *rules):
        """Make these the only nft rules of the middle; the first match counts as in nft."""
        family = "ip" if self.net.routed else "bridge"
        text = ["flush ruleset", f"table {family} box {{", "chain forward {",
                "type filter hook forward priority 0;", *rules, "}"]
        if self.net.routed:
            text += ["chain nat {", "type nat hook postrouting priority 100;",
                     'oifname "s*" masquerade', "}"]
        text.append("}")
        run(["ip", "netns", "exec", self.ns("middle"), "nft", "-f", "-"],
            input="\n".join(text) + "\n")

    def edits(self, *edits):
        """Make these the only edits of the box."""
        self.box.stdin.write(json.dumps(edits) + "\n")
        self.box.stdin.flush()
        if self.box.stdout.readline() != "ok\n":
            raise LabError("the box does not answer")

    def cut(self, path):
        """Silently lose all packets of a path from now on."""
        self.ip_batch("middle", [f"link set s{path} nomaster", f"link set c{path} nomaster"])

    def endpoint(self, host, command):
        """An `ip mptcp endpoint` command: "add ...", "delete id 1", "change id 1 backup"."""
        self.ip_batch(host, ["mptcp endpoint " + command])

    # --- watching -----------------------------------------------------------

    def counters(self, host):
        """All counters of TCP and MPTCP of a host that are not zero."""
        found = {}
        for file in ("/proc/net/netstat", "/proc/net/snmp"):
            lines = self.sh(host, "cat", file).splitlines()
            for names, values in zip(lines[::2], lines[1::2]):
                prefix, names = names.split(":")
                if prefix in ("MPTcpExt", "TcpExt", "Tcp"):
                    for name, value in zip(names.split(), values.split(":")[1].split()):
                        if int(value):
                            found[prefix + name] = int(value)
        return found

    def until(self, condition, what, timeout=5.0):
        """Wait until the condition holds; a LabError if it never does."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise LabError("waited in vain for " + what)
            time.sleep(0.02)

    def until_counter(self, host, name, value, timeout=5.0):
        """Wait until an MPTCP counter of a host has reached a value."""
        self.until(lambda: self.counters(host).get("MPTcpExt" + name, 0) >= value,
                   f"{name} >= {value} on the {host}", timeout)

    def until_mark(self, name, timeout=15.0):
        """Wait until an application says so."""
        self.until(lambda: os.path.exists(os.path.join(self.signals, name)),
                   f"an application to reach '{name}'", timeout)

    def go(self, name="go"):
        """Let the applications that wait for this continue."""
        with open(os.path.join(self.signals, name), "w", encoding="ascii"):
            pass

    def quiet(self, timeout=1.5):
        """Wait until no connection is open any more; True when that happened."""
        def idle():
            for host in HOSTS:
                states = self.sh(host, "ss", "-Htan") + self.sh(host, "ss", "-HMan")
                for line in states.splitlines():
                    if line.split()[0] not in ("LISTEN", "TIME-WAIT", "UNCONN"):
                        return False
            return True
        with contextlib.suppress(LabError):
            self.until(idle, "silence", timeout)
            return True
        return False

    # --- the end ------------------------------------------------------------

    def close(self):
        """End all processes and remove all namespaces and files of this lab."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            with contextlib.suppress(Exception):
                process.wait(5)
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe:
                    pipe.close()
        for host in NAMESPACES:
            with contextlib.suppress(LabError):
                run(["ip", "netns", "del", self.ns(host)])
        shutil.rmtree(self.signals, ignore_errors=True)
