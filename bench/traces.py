# SPDX-License-Identifier: BSD-3-Clause
"""The traces that the benchmark reads: real traffic between network namespaces, built with the
lab of the tests, and what is made of it. Root, Linux, and the tools of the lab.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(1, os.path.join(os.path.dirname(HERE), "tests", "lab"))

# pylint: disable=wrong-import-position
import netlab  # noqa: E402

SNAPLEN = "128"
SHORT_PORT = 5201
SHORT_ADDRESSES = ("10.0.1.1", "10.0.1.11", "10.0.1.12")
# Three paths whose queues differ, so that the connection is reordered, a little loss, and
# so slow that no capture loses packets.
RATES = ("300mbit", "200mbit", "100mbit")
LOSSES = tuple(f'iifname "{port}{path}" numgen random mod 10000 < {loss} drop'
               for path, loss in ((1, 2), (2, 5), (3, 10)) for port in "cs")


class Capture:
    """tcpdump on all interfaces of a host, as people run it."""

    def __init__(self, lab, host, path):
        self.path = path
        self.process = lab.popen(
            host, ["tcpdump", "-n", "-i", "any", "-s", SNAPLEN, "-B", "131072", "-Z", "root",
                   "-w", path, "tcp"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for line in self.process.stderr:
            if "listening on" in line:
                return
        raise netlab.LabError("tcpdump does not start")

    def stop(self):
        """End it: the number of packets captured; some may be lost, which is said."""
        time.sleep(1.5)     # its ring is handed over in blocks
        self.process.send_signal(signal.SIGINT)
        _, text = self.process.communicate(timeout=60)
        counts = {what: int(n) for n, what in re.findall(r"(\d+) packets? (\w+)", text)}
        if counts.get("dropped"):
            print(f"note: tcpdump lost {counts['dropped']} packets", file=sys.stderr)
        return counts["captured"]


def why_not():
    """Why no traces can be made here, or None."""
    missing = [tool for tool in ("iperf3", "mptcpize", "ethtool") if not shutil.which(tool)]
    if missing:
        return "missing tools: " + " ".join(missing)
    return netlab.why_not()


def make_long(path, megabytes):
    """A download over three subflows: about 850 packets a MiB, 128 octets of each."""
    net = netlab.Net(
        paths=3, rates=RATES, queue="30ms", burst="64k", offload=False, rules=LOSSES,
        limits={host: "subflows 4 add_addr_accepted 4" for host in netlab.HOSTS},
        endpoints={"client": ["10.0.2.1 dev path2 subflow", "10.0.3.1 dev path3 subflow"]})
    with tempfile.TemporaryDirectory() as directory, netlab.Lab(net, directory) as lab:
        capture = Capture(lab, "client", path)
        lab.popen("server", ["mptcpize", "run", "iperf3", "-s", "-1"],
                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.until(lambda: ":5201" in lab.sh("server", "ss", "-Htln"), "iperf3")
        lab.sh("client", "mptcpize", "run", "iperf3", "-c", "10.0.1.2", "-n", f"{megabytes}M",
               timeout=300)
        lab.quiet(5)
        return capture.stop()


def make_short(path, connections):
    """Short connections, one after another, on one subflow each."""
    net = netlab.Net(paths=1, offload=False)
    with tempfile.TemporaryDirectory() as directory, netlab.Lab(net, directory) as lab:
        lab.ip_batch("client", [f"addr add {address}/24 dev path1"
                                for address in SHORT_ADDRESSES[1:]])
        capture = Capture(lab, "client", path)
        script = [sys.executable, "-I", "-S", os.path.join(HERE, "shortconns.py")]
        server = lab.popen("server", [*script, "server", str(SHORT_PORT)],
                           stdout=subprocess.PIPE, text=True)
        if server.stdout.readline() != "ready\n":
            raise netlab.LabError("the server does not start")
        well = int(lab.sh("client", *script, "client", "10.0.1.2", str(SHORT_PORT),
                          str(connections), *SHORT_ADDRESSES, timeout=600))
        if well != connections:
            print(f"note: {connections - well} connections failed", file=sys.stderr)
        return capture.stop()
