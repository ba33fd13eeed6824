# SPDX-License-Identifier: BSD-3-Clause
"""Hostile names of files; see tests/names."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

# Terminal controls of seven and eight bits, also in UTF-8; what turns text around; no UTF-8 at
# all; what shells, gnuplot, HTML, CSV and JSON take for more than text.
NAME = (b"n\x1b[31m\x1b]0;t\x07\xc2\x9b31m\x9b1m\x7f\r\nb\"c'`$(touch pwned)`;,<b>&amp;\\\xe2\x80\xae"
        b"\xff{%d}.pcap")
COMMANDS = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]")

FORMS = [[], ["--json"], ["--list"], ["--list", "-w", "csv"], ["--list", "-w", "jsonl"],
         ["--events"], ["--events", "-w", "csv"], ["--events", "-w", "jsonl"], ["--packets"]]
PAINTERS = ["csv", "xplot", "gnuplot", "html"]


def is_clean(data):
    """Is it UTF-8 with no controls but tabs and ends of lines?"""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not COMMANDS.search(data)


def run(program, *words):
    return subprocess.run([program, "-f", NAME, *words], check=False, capture_output=True)


def files_below(directory):
    for above, _, names in os.walk(directory):
        for name in names:
            yield os.path.join(above, name)


def clean_forms(program, before):
    """What is printed in each form, of one trace or of several."""
    for words in FORMS:
        done = run(program, *before, *words)
        label = " ".join([*before, *words]) or "plain"
        yield f"{label}: exit 0", done.returncode == 0
        yield f"{label}: nothing controls", is_clean(done.stdout) and is_clean(done.stderr)


def clean_files(program, before):
    """What is in files."""
    for painter in PAINTERS:
        done = run(program, *before, "--graph", "seq,gput", "-w", painter, "-S", "-A", "-O",
                   "out", "-l", "31")
        # The log of each is beside its results when there are several.
        files = list(files_below(b"out")) + [b"mptcptrace.log"] * (not before)
        label = " ".join([*before, painter])
        yield f"{label}: exit 0", done.returncode == 0 and len(files) > 2
        dirty = []
        for name in files:
            with open(name, "rb") as file:
                if not is_clean(file.read()):
                    dirty.append(name)
        yield f"{label}: nothing controls in {len(files)} files {dirty or ''}", not dirty
        shutil.rmtree("out")


def clean_messages(program):
    """What is complained of."""
    for words in ([b"-f" + NAME + b"no"], ["-O", NAME + b"/x", "-S"], [b"--json=/nowhere/" + NAME],
                  [b"--" + NAME], ["--where", NAME], [NAME], [b"--split=" + NAME]):
        done = run(program, *words)
        label = words[0][:5] if isinstance(words[0], str) else words[0][:7].decode("ascii", "replace")
        yield f"message about {label!a}", (done.returncode > 0 and done.stderr != b""
                                           and is_clean(done.stderr))


def cases(program, trace):
    shutil.copy(trace, NAME)
    shutil.copy(trace, "plain.pcap")
    for before in [], ["-j", "2", "-f", "plain.pcap"]:
        yield from clean_forms(program, before)
        yield from clean_files(program, before)
    yield from clean_messages(program)
    yield "nothing was run", not [name for name in files_below(b".") if b"pwned" == name[-5:]]


def main():
    program, trace = map(os.path.abspath, sys.argv[1:])
    n = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        for label, good in cases(program, trace):
            n += 1
            failed += not good
            print("ok" if good else "not ok", n, "-", label)
        os.chdir("/")
    print(f"1..{n}")
    return failed > 0


sys.exit(main())
