# SPDX-License-Identifier: BSD-3-Clause
"""Findings against what is true of a capture; see tests/findings. The lab uses it too.

A label is a code of doc/findings.md with the severity the finding must have: "note:",
"warning:" or "error:" before the code, without it that of SEVERE or else "warning:".
One that begins with "?" may be found or not.

    findings.py PROGRAM TRACES TABLE DOCUMENT

prints TAP: a case for each row of the table, one for the codes of the document, and
the confusion matrix as comments.
"""

import collections
import json
import os
import re
import subprocess
import sys

SEVERE = {"checksum-bad": "error", "join-bad-hmac": "error"}


def label_of(text):
    """The severity and the code of a label, as the report would have them."""
    text = text.lstrip("?")
    severity, colon, code = text.rpartition(":")
    return f"{severity}:{code}" if colon else f"{SEVERE.get(text, 'warning')}:{text}"


def findings_of(report):
    """(label, sentence) of each finding of a report: of its connections, and of the trace."""
    for owner in [*report["connections"], report]:
        name = f"connection {owner['id']}" if "id" in owner else "trace"
        for finding in owner.get("findings", ()):
            label = f"{finding['severity']}:{finding['code']}"
            yield label, f"{name}: {label}, packet {finding['packet']}: {finding['text']}"


class Matrix:
    """What was expected and what was found, over many captures."""

    def __init__(self):
        self.right = collections.Counter()      # by label
        self.missed = collections.Counter()
        self.unasked = collections.Counter()
        self.instead = collections.defaultdict(collections.Counter)
        self.captures = self.healthy = self.alarms = 0

    def judge(self, labels, report):
        """Count a capture; sentences about what is missed and what is invented."""
        expected = {label_of(text) for text in labels if not text.startswith("?")}
        allowed = {label_of(text) for text in labels}
        findings = list(findings_of(report))
        found = {label for label, _ in findings}
        self.captures += 1
        if all(label.startswith("note:") for label in allowed):
            self.healthy += 1
            self.alarms += any(not label.startswith("note:") for label in found)
        self.right.update(found & allowed)
        self.missed.update(expected - found)
        self.unasked.update(found - allowed)
        for label in expected - found:
            self.instead[label].update(found - allowed)
        return ([f"missed: {label}" for label in sorted(expected - found)]
                + [f"not expected: {text}" for label, text in findings if label not in allowed])

    def lines(self):
        """The matrix, a line a label: in how many captures it was as expected, missed, found
        unasked; and what was found where it was missed."""
        labels = sorted({*self.right, *self.missed, *self.unasked},
                        key=lambda label: label.split(":")[::-1])
        yield f"{'':34} right  missed  unasked"
        for label in labels:
            instead = "".join(f", {other} {count}"
                              for other, count in sorted(self.instead[label].items()))
            yield (f"{label:34} {self.right[label]:5} {self.missed[label]:7} "
                   f"{self.unasked[label]:8}{instead and '  instead: ' + instead[2:]}")
        yield (f"{self.captures} captures; healthy captures with a warning: {self.alarms} "
               f"of {self.healthy}")


# --- as a test of its own -------------------------------------------------------

def rows_of(table):
    """(trace, labels) of each row: a name, then labels; "#" begins a comment."""
    with open(table, encoding="ascii") as file:
        for line in file:
            words = line.partition("#")[0].split()
            if words:
                yield words[0], words[1:]


def codes_of(document):
    """The codes that have a section in doc/findings.md."""
    if not os.path.exists(document):
        return set()
    with open(document, encoding="utf-8") as file:
        return set(re.findall(r"^#+ *`?([a-z]+(?:-[a-z]+)+|fastclose)`?", file.read(), re.M))


def analyse(program, trace):
    """What the program says of a trace: (report, None) or (None, what is wrong)."""
    done = subprocess.run([program, "-f", trace, "--json"], capture_output=True, text=True,
                          check=False)
    try:
        return json.loads(done.stdout), None
    except ValueError:
        return None, f"exit status {done.returncode}: {done.stderr.strip()[-300:]}"


def cases(program, traces, table, document, matrix):
    """(name, what is wrong) of each case."""
    rows = list(rows_of(table))
    for name, labels in rows:
        report, wrong = analyse(program, os.path.join(traces, name))
        yield name, [wrong] if wrong else matrix.judge(labels, report)
    there = {name for name in os.listdir(traces) if name.endswith(".pcap")}
    yield ("every trace has a row, and every row a trace",
           sorted(there ^ {name for name, _ in rows if "/" not in name}))
    used = {label_of(text).partition(":")[2] for _, labels in rows for text in labels}
    yield "every code has a trace, and is described", sorted(used ^ codes_of(document))


def main():
    """Run the cases."""
    program, traces, table, document = sys.argv[1:]
    matrix, failed, number = Matrix(), 0, 0
    for name, wrong in cases(program, traces, table, document, matrix):
        number += 1
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for text in wrong:
            print(f"#   {text}")
        failed += bool(wrong)
    for line in matrix.lines():
        print("# " + line)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
