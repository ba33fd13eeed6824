#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Many short MPTCP connections, one after another.

    shortconns.py server PORT
    shortconns.py client SERVER PORT COUNT CLIENT...

The server says something and closes, the client closes. No pair of address and
port is used twice: the client takes its addresses in turn, and the ports of each upwards.
Run by traces.py in network namespaces. The server prints "ready", the client the number of
connections that went well.
"""

import socket
import sys

IPPROTO_MPTCP = 262
FIRST_PORT = 2000
PORTS = 60000
WORDS = b"w" * 1000


def mptcp_socket(address):
    """A socket bound to this address."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    return sock


def serve(port):
    """Answer until killed."""
    listener = mptcp_socket(("0.0.0.0", port))
    listener.listen(128)
    print("ready", flush=True)
    while True:
        sock, _ = listener.accept()
        try:
            sock.settimeout(5)
            sock.sendall(WORDS)
        except OSError:
            pass
        sock.close()


def ask(server, local):
    """One connection: was all of it there?"""
    received = 0
    with mptcp_socket(local) as sock:
        sock.settimeout(5)
        sock.connect(server)
        while data := sock.recv(4096):
            received += len(data)
    return received == len(WORDS)


def main():
    """Play the role that is asked for."""
    if sys.argv[1] == "server":
        serve(int(sys.argv[2]))
    server, count, addresses = (sys.argv[2], int(sys.argv[3])), int(sys.argv[4]), sys.argv[5:]
    well = 0
    for number in range(count):
        address = addresses[number // PORTS]
        try:
            well += ask(server, (address, FIRST_PORT + number % PORTS))
        except OSError as error:
            print(f"connection {number}: {error}", file=sys.stderr)
    print(well, flush=True)


if __name__ == "__main__":
    main()
