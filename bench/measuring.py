# SPDX-License-Identifier: BSD-3-Clause
"""Running commands and knowing what they took; tables that people like to read."""

import contextlib
import os
import signal
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field

MIB = 1024          # in KiB, as the kernel counts
PATIENCE = 25       # seconds for all runs of a command but the last


@dataclass
class Run:
    """What a command took: seconds, KiB."""

    wall: float
    cpu: float
    peak: int


@dataclass
class Job:
    """A command that is run several times, and what it took each time."""

    name: str
    argv: list
    packets: int                    # in its trace
    once: bool = False              # not several times
    wall_limit: float = 0           # times the bare loop, by the clock; 0: none
    cpu_limit: float = 0            # and in user and system time
    peak_limit: int = 0             # KiB
    part: bool = False              # of a part of the trace only
    idle: object = None             # a Job whose time is no packet's, to be taken off
    skipped: str = ""               # why
    runs: list = field(default_factory=list)

    def median(self, what):
        """The median of wall, cpu or peak."""
        value = statistics.median(getattr(run, what) for run in self.runs)
        return value - self.idle.median(what) if self.idle and what != "peak" else value

    def is_enough(self):
        """No more runs of this one?"""
        return bool(self.skipped or self.runs
                    and (self.once or sum(run.wall for run in self.runs) > PATIENCE))

    def least(self):
        """The shortest time by the clock."""
        value = min(run.wall for run in self.runs)
        return value - min(run.wall for run in self.idle.runs) if self.idle else value

    def each(self, what):
        """Nanoseconds a packet."""
        return self.median(what) / self.packets * 1e9


class Failed(Exception):
    """A command ended with an error, or not at all."""


class Bench:
    """Runs commands, their output in real files of a directory that is emptied each time."""

    def __init__(self, tools, scratch=None, timeout=900):
        self.measure = os.path.join(tools, "measure")
        self.scratch, self.timeout = scratch, timeout

    def run(self, argv):
        """Run a command in an empty directory: a Run."""
        with tempfile.TemporaryDirectory(prefix="bench-", dir=self.scratch) as directory:
            files = os.path.join(directory, "files")
            os.mkdir(files)
            took = os.path.join(directory, "took")
            with open(os.path.join(directory, "out"), "wb") as out, \
                    open(os.path.join(directory, "err"), "w+b") as err:
                process = subprocess.Popen([self.measure, took, *argv], cwd=files, stdout=out,
                                           stderr=err, stdin=subprocess.DEVNULL,
                                           start_new_session=True)
                try:
                    process.wait(self.timeout)
                except BaseException as error:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    if isinstance(error, subprocess.TimeoutExpired):
                        raise Failed(f"no end after {self.timeout} s") from error
                    raise
                err.seek(0)
                said = err.read().decode(errors="replace").strip().splitlines()
            with open(took, encoding="ascii") as file:
                wall, user, system, peak, status = file.read().split()
            if int(status):
                raise Failed(said[-1] if said else f"exit status {status}")
            return Run(float(wall), float(user) + float(system), int(peak))

    def interleave(self, jobs, rounds, note=lambda text: None):
        """Run all jobs once, then all again, so that what else the machine does hits all
        alike; but not again what has taken long enough."""
        for number in range(rounds):
            for job in jobs:
                if job.is_enough():
                    continue
                note(f"round {number + 1} of {rounds}: {job.name}")
                try:
                    job.runs.append(self.run(job.argv))
                except Failed as error:
                    job.skipped = f"failed: {error}"
        note("")


def table(head, rows, markdown=False):
    """Rows of words under a head, the first column to the left and the last, if it has no
    name, too."""
    rows = [[str(cell) for cell in row] for row in rows]
    lefts = {0} | ({len(head) - 1} if not head[-1] else set())
    if markdown:
        yield "| " + " | ".join(head) + " |"
        yield "|" + "|".join("---" if i in lefts else "---:" for i in range(len(head))) + "|"
        for row in rows:
            yield "| " + " | ".join(row) + " |"
        return
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ["-" * width for width in widths if width] + [""] * (not head[-1]), *rows]:
        cells = (cell.ljust(width) if i in lefts else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths)))
        yield "  ".join(cells).rstrip()
