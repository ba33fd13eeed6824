#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The applications of the lab: one client or one server, driven by a plan.

Run inside a network namespace with one argument, a JSON object:

    role         "client" or "server"
    protocol     "mptcp" or "tcp"
    address      where to listen or to connect to
    port         its port
    connections  how many in all (default 1)
    parallel     how many at a time (default 1; a server always serves all at once)
    receive_buffer  SO_RCVBUF of the server's sockets (default: the kernel's)
    fastopen     bytes the client sends with its SYN (default 0: an ordinary connect)
    timeout      seconds any single step may take
    signals      directory of the files by which plans wait for one another
    plan         list of steps, each a list: see Plan

It prints "ready" when a server listens, and at the end one JSON list with one
object per connection: what was sent and received, as the application saw it.
Data is pseudo-random and its CRC is reported, so that both ends can be compared.
"""

import json
import os
import random
import signal
import socket
import struct
import sys
import threading
import time
import zlib

IPPROTO_MPTCP = 262
TCP_IS_MPTCP = 43
BLOCK = 1 << 16


class Plan:
    """Runs the steps of a plan on one connected socket and keeps the account.

    Each method `do_x` is the step ["x", arguments...].
    """

    def __init__(self, sock, spec, number):
        self.sock = sock
        self.signals = spec.get("signals", ".")
        self.timeout = spec.get("timeout", 20)
        self.noise = random.Random(f"{spec['role']} {number}").randbytes(BLOCK)
        self.sent = self.received = 0
        self.crc_sent = self.crc_received = 0

    def run(self, steps):
        """All steps in turn."""
        for name, *args in steps:
            getattr(self, "do_" + name)(*args)

    def account_sent(self, data):
        """Note that the kernel took this data."""
        self.sent += len(data)
        self.crc_sent = zlib.crc32(data, self.crc_sent)

    def chunk(self, size):
        """The next bytes to send: at most `size`, never across the noise block's end."""
        start = self.sent % BLOCK
        return self.noise[start:start + size]

    def do_send(self, total):
        """Send this many bytes."""
        end = self.sent + total
        while self.sent < end:
            data = self.chunk(end - self.sent)
            data = data[:self.sock.send(data)]
            self.account_sent(data)

    def do_trickle(self, total, chunk, pause):
        """Send `total` bytes as writes of `chunk` bytes with a pause after each."""
        end = self.sent + total
        while self.sent < end:
            self.do_send(min(chunk, end - self.sent))
            time.sleep(pause)

    def do_recv(self, total=None):
        """Receive exactly this many bytes, or until the peer ends the stream."""
        deadline = time.monotonic() + self.timeout
        while total is None or total > 0:
            if time.monotonic() > deadline:
                raise TimeoutError("data without end")
            data = self.sock.recv(min(total or BLOCK, BLOCK))
            if not data:
                if total:
                    raise EOFError(f"stream ended {total} bytes too early")
                return
            self.received += len(data)
            self.crc_received = zlib.crc32(data, self.crc_received)
            if total is not None:
                total -= len(data)

    def do_both(self, send, receive):
        """Send and receive at once."""
        errors = []

        def sender():
            try:
                self.do_send(send)
            except OSError as error:
                errors.append(error)

        thread = threading.Thread(target=sender)
        thread.start()
        try:
            self.do_recv(receive)
        finally:
            thread.join()
        if errors:
            raise errors[0]

    def do_shutdown(self):
        """No more data from here."""
        self.sock.shutdown(socket.SHUT_WR)

    def do_linger0(self):
        """Make the coming close an abort."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def do_close(self):
        """Close now, not at the end of the plan."""
        self.sock.close()

    def do_kill(self):
        """Die on the spot."""
        os.kill(os.getpid(), signal.SIGKILL)

    def do_sleep(self, seconds):
        """Do nothing for a while."""
        time.sleep(seconds)

    def do_mark(self, name):
        """Tell the runner, or the other end, that we came this far."""
        with open(os.path.join(self.signals, name), "w", encoding="ascii"):
            pass

    def do_wait(self, name):
        """Wait until the runner, or the other end, says go on."""
        path = os.path.join(self.signals, name)
        deadline = time.monotonic() + self.timeout
        while not os.path.exists(path):
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody signalled {name}")
            time.sleep(0.005)


def make_socket(spec):
    """A socket of the family of the address and the wanted protocol."""
    family = socket.AF_INET6 if ":" in spec["address"] else socket.AF_INET
    protocol = IPPROTO_MPTCP if spec.get("protocol", "mptcp") == "mptcp" else 0
    sock = socket.socket(family, socket.SOCK_STREAM, protocol)
    sock.settimeout(spec.get("timeout", 20))
    return sock


def speaks_mptcp(sock):
    """Does the connection still use MPTCP; None where the socket cannot say."""
    try:
        return bool(sock.getsockopt(socket.IPPROTO_TCP, TCP_IS_MPTCP))
    except OSError:
        return None


def converse(sock, spec, number, connected):
    """Play the plan on a socket and return the account of that connection."""
    report = {"local": None, "peer": None, "error": None, "mptcp": None}
    plan = Plan(sock, spec, number)
    try:
        connected(plan)
        report["local"] = sock.getsockname()[:2]
        report["peer"] = sock.getpeername()[:2]
        plan.run(spec["plan"])
        report["mptcp"] = speaks_mptcp(sock)
    except (OSError, EOFError) as error:
        report["error"] = f"{type(error).__name__}: {error}"
    finally:
        sock.close()
    report.update(sent=plan.sent, received=plan.received,
                  crc_sent=plan.crc_sent, crc_received=plan.crc_received)
    return report


def client(spec):
    """Make all connections, `parallel` at a time."""
    reports = []
    numbers = iter(range(spec.get("connections", 1)))
    lock = threading.Lock()
    fastopen = spec.get("fastopen", 0)

    def connect(plan):
        peer = (spec["address"], spec["port"])
        if fastopen:
            data = plan.chunk(fastopen)
            plan.sock.settimeout(None)
            taken = plan.sock.sendto(data, socket.MSG_FASTOPEN, peer)
            plan.sock.settimeout(plan.timeout)
            plan.account_sent(data[:taken])
        else:
            plan.sock.connect(peer)

    def worker():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            reports.append(converse(make_socket(spec), spec, number, connect))

    threads = [threading.Thread(target=worker) for _ in range(spec.get("parallel", 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return reports


def server(spec):
    """Serve as many connections as announced, each in a thread of its own."""
    listener = make_socket(spec)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if "receive_buffer" in spec:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, spec["receive_buffer"])
    listener.bind((spec["address"], spec["port"]))
    if spec.get("fastopen_queue"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, spec["fastopen_queue"])
    listener.listen(128)
    print("ready", flush=True)
    reports, threads = [], []

    def serve(sock, number):
        reports.append(converse(sock, spec, number, lambda plan: None))

    try:
        for number in range(spec.get("connections", 1)):
            sock, _ = listener.accept()
            sock.settimeout(spec.get("timeout", 20))
            threads.append(threading.Thread(target=serve, args=(sock, number)))
            threads[-1].start()
    except OSError as error:
        reports.append({"error": f"accept: {type(error).__name__}: {error}"})
    for thread in threads:
        thread.join()
    listener.close()
    return reports


def main():
    """Play the role the argument describes."""
    spec = json.loads(sys.argv[1])
    reports = server(spec) if spec["role"] == "server" else client(spec)
    print(json.dumps(reports), flush=True)


if __name__ == "__main__":
    main()
