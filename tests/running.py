# SPDX-License-Identifier: BSD-3-Clause
"""Runs of the program, for tests in Python: the first argument is where it is."""

import array
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import termios
import time
import traceback

PROGRAM = os.path.abspath(sys.argv[1])
SLOWER = float(os.environ.get("CK_TIMEOUT_MULTIPLIER", 1)) # than a machine of today
PATIENCE = 60 * SLOWER # seconds

# A script in the background may be told to ignore these, and nohup does: the program would, too.
for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


def pause(seconds):
    """As long as the program may take for what it does in much less."""
    time.sleep(seconds * SLOWER)


def words(traces):
    """-f of each."""
    return [word for trace in traces for word in ("-f", trace)]


def run(*arguments, **more):
    """Of a run: exit status, standard output, standard error."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": PATIENCE, **more}
    done = subprocess.run([PROGRAM, *arguments], check=False, **streams)
    return done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode()


def start(*arguments, **more):
    """A run that goes on."""
    return subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **more)


def end(process):
    """Of a run that went on: exit status, standard output, standard error."""
    try:
        printed, said = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, printed.decode(), said.decode()


@contextlib.contextmanager
def scratch():
    """A directory of our own."""
    with tempfile.TemporaryDirectory() as made:
        yield made


def files_in(directory):
    """Every regular file below: its name there, and what is in it."""
    found = {}
    for at, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(at, name)
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                found[os.path.relpath(path, directory)] = file.read()
    return found


def wait_until(what):
    """Until it is true."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "nothing happens"
        time.sleep(.01)


def children(process):
    """Of a run, the processes."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True,
                            capture_output=True, text=True).stdout.split("\n")
    pairs = [line.split() for line in listed if line]
    return [int(pid) for pid, parent in pairs if int(parent) == process.pid]


def is_alive(pid):
    """Is there such a process?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Pipe:
    """A named pipe that is a trace; it is fed piece by piece."""

    def __init__(self, directory, name, trace):
        self.path = os.path.join(directory, name)
        os.mkfifo(self.path)
        with open(trace, "rb") as file:
            self.rest = file.read()
        self.file = None

    def open(self):
        """When somebody reads it."""
        self.file = open(self.path, "wb", buffering=0)

    def feed(self, size=None):
        """So many bytes, or all that are left; if anybody reads them."""
        part = self.rest[:size]
        self.rest = self.rest[len(part):]
        with contextlib.suppress(BrokenPipeError):
            self.file.write(part)
        if not self.rest:
            self.file.close()

    def settle(self):
        """Until all that was fed has been read."""
        left = array.array("i", [1])

        def is_empty():
            fcntl.ioctl(self.file, termios.FIONREAD, left)
            return not left[0]
        wait_until(is_empty)
        pause(.2)


class Skip(Exception):
    """A case that cannot be tried here, and why."""


def try_all(cases):
    """TAP, a line a case."""
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok {number} - {name}", flush=True)
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}", flush=True)
        except Exception as error:  # pylint: disable=broad-except
            at = traceback.extract_tb(error.__traceback__)[-1]
            print(f"not ok {number} - {name}\n# {at.name}, line {at.lineno}: {at.line}")
            print("# " + repr(error)[:2000], flush=True)
