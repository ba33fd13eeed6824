# SPDX-License-Identifier: BSD-3-Clause
"""What -j makes of several traces; see tests/jobs."""

import contextlib
import csv
import io
import json
import os
import pty
import re
import resource
import shutil
import signal
import subprocess
import threading

from running import (PATIENCE, PROGRAM, Pipe, children, end, files_in, is_alive, pause, run,
                     scratch, start, try_all, wait_until, words)

TRACES = ["sample.pcap", "upload.pcap", "join-refused.pcap.xz", "plain-server.pcap",
          "two-link-types.pcapng", "midstream.pcap", "corrupt.pcap"]


def alone(trace, *arguments):
    """What is printed of a trace in a run of its own."""
    return run("-f", trace, *arguments)[1]


def headed(traces, *arguments):
    """What is to be printed of several."""
    told = ((trace, alone(trace, *arguments)) for trace in traces)
    return "\n".join(f"==> {trace} <==\n{text}" for trace, text in told)


def documents_of(text):
    """JSON, one after the other."""
    while text:
        document, length = json.JSONDecoder().raw_decode(text)
        yield document
        text = text[length:].lstrip()


def says_what_each_says_alone():
    for arguments in ([], ["--list"], ["--events"], ["--packets"], ["--relative", "--packets"],
                      ["-c", "0"], ["--where", "state=closed"]):
        wanted = headed(TRACES, *arguments)
        for n in "1", "3", "20":
            assert run("-j", n, *words(TRACES), *arguments)[1] == wanted, (n, arguments)


def documents_one_after_the_other():
    wanted = "".join(alone(trace, "--json") for trace in TRACES)
    assert run("--jobs", "3", *words(TRACES), "--json")[1] == wanted
    lines = run("-j3", *words(TRACES), "--list", "-w", "jsonl")[1].split("\n")
    wanted = []
    for trace in TRACES:
        for line in filter(None, alone(trace, "--list", "-w", "jsonl").split("\n")):
            wanted.append({**json.loads(line), "file": trace})
    assert [json.loads(line) for line in lines if line] == wanted


def rows_say_of_which_trace():
    for listing in "--list", "--events":
        _, text, _ = run("-j", "3", *words(TRACES), listing, "-w", "csv")
        head, *rows = csv.reader(io.StringIO(text))
        wanted = []
        for trace in TRACES:
            first, *more = csv.reader(io.StringIO(alone(trace, listing, "-w", "csv")))
            assert head == [*first, "file"], head
            wanted.extend([*row, trace] for row in more)
        assert rows == wanted, listing


def names_that_csv_quotes():
    with scratch() as made:
        odd = os.path.join(made, 'a,"b".pcap')
        shutil.copy("upload.pcap", odd)
        rows = list(csv.DictReader(io.StringIO(
            run("-j", "2", "-f", odd, "-f", "upload.pcap", "--list", "-w", "csv")[1])))
        assert [row["file"] for row in rows] == [odd, "upload.pcap"], rows


def into_files():
    """--json=FILE and --events=FILE: as standard output."""
    with scratch() as made:
        documents, events = (os.path.join(made, name) for name in ("all.json", "all.csv"))
        code, text, _ = run("-j", "2", *words(TRACES), f"--json={documents}",
                            f"--events={events}")
        assert code == 1 and text == headed(TRACES)
        found = files_in(made)
        assert found["all.json"].decode() == run("-j", "2", *words(TRACES), "--json")[1]
        assert found["all.csv"].decode() == run("-j", "2", *words(TRACES), "--events",
                                                "-w", "csv")[1]


def in_their_order():
    """The first ends last, and has more to say than a pipe holds."""
    with scratch() as made:
        late = Pipe(made, "late.pcap", "sample.pcap")
        others = ["upload.pcap", "midstream.pcap", "sample.pcap", "plain-server.pcap"]
        process = start("-j", "3", "-f", "upload.pcap", "-f", late.path, *words(others),
                        "--packets")
        late.open()
        late.feed(1000)
        pause(.3)
        late.feed()
        code, text, said = end(process)
        wanted = headed(["upload.pcap", "sample.pcap", *others], "--packets").replace(
            "==> sample.pcap <==", f"==> {late.path} <==", 1)
        assert not code and not said and text == wanted, (code, said)


def first_one_streams():
    with scratch() as made:
        late = Pipe(made, "late.pcap", "sample.pcap")
        process = start("-j", "2", "-f", late.path, "-f", "upload.pcap", "--packets")
        late.open()
        late.feed(30000)
        assert process.stdout.readline() == f"==> {late.path} <==\n".encode()
        late.feed()
        assert not end(process)[0]


def a_directory_each():
    graphs = ["--graph", "all", "-S", "-A", "-R", "-w", "csv,html", "-l", "31"]
    with scratch() as made:
        os.mkdir(os.path.join(made, "b"))
        traces = [os.path.join(made, name) for name in
                  ("a.pcap", "b/a.pcap.gz", "a.pcap", "plain", "b/a-2.pcap")]
        for trace in set(traces):
            shutil.copy("upload.pcap", trace)
        shutil.copy("sample.pcap", traces[1])
        out, parts = (os.path.join(made, name) for name in ("out", "parts"))
        code, _, said = run("-j", "2", *words(traces), *graphs, "-O", out, "--split", parts)
        assert not code and not said, said
        names = ["a", "a-2", "a-3", "plain", "a-2-2"]
        assert sorted(os.listdir(out)) == sorted(names) == sorted(os.listdir(parts))
        for trace, name in zip(traces, names):
            with scratch() as other:
                run("-f", trace, *graphs, "-O", os.path.join(other, "out"), "--split",
                    os.path.join(other, "parts"), cwd=other)
                shutil.move(os.path.join(other, "mptcptrace.log"), os.path.join(other, "out"))
                for where in "out", "parts":
                    assert (files_in(os.path.join(other, where))
                            == files_in(os.path.join(made, where, name))), (name, where)


def beside_the_traces():
    """Without -O: beside them for -d, where a name is that of a trace."""
    with scratch() as made:
        for name in "a.pcap", "bare":
            shutil.copy("upload.pcap", os.path.join(made, name))
        assert not run("-j", "2", "-d", made, "-S")[0]
        assert sorted(os.listdir(made)) == ["a", "a.pcap", "bare", "bare-2"]
        assert not run("-j", "2", "-f", "a.pcap", "-f", "bare", "-S", cwd=made)[0]
        assert sorted(os.listdir(made)) == ["a", "a.pcap", "bare", "bare-2"]


def no_trace_is_replaced():
    with scratch() as made:
        shutil.copy("sample.pcap", os.path.join(made, "a.pcap"))
        run("-f", "a.pcap", "--split", "parts/a", cwd=made)
        part = "parts/a/connection-0.pcap"
        before = files_in(made)
        code, text, said = run("-j", "2", "-f", "a.pcap", "-f", part, "--split", "parts", cwd=made)
        assert code == 2 and not text and part in said and "a.pcap" in said, said
        for option in f"--json={part}", f"--events={part}":
            code, text, said = run("-j", "2", "-f", "a.pcap", "-f", part, option, cwd=made)
            assert code == 2 and not text and part in said, said
        assert files_in(made) == before


def worst_status():
    for traces, wanted in ((["upload.pcap", "sample.pcap"], 0),
                           (["upload.pcap", "missing", "sample.pcap"], 1),
                           (["corrupt.pcap", "sample.pcap"], 1),
                           (["README.md", "missing"], 1)):
        code, text, said = run("-j", "2", *words(traces))
        assert code == wanted, (traces, code)
        told = [trace for trace in traces if trace not in ("missing", "README.md")]
        assert text == headed(told), text
        assert said == "" if not wanted else said.startswith("mptcptrace: "), said
    for wrong in ["host and"], ["--where", "x=1"], ["-c", "x"], ["-o", "x"]:
        code, text, said = run("-j", "2", *words(TRACES), *wrong)
        assert code == 2 and not text and said.count("\n") == 1, (code, said)


def messages_are_lines():
    """Whole, and each names its trace."""
    code, _, said = run("-j", "8", *words(["missing", "cut-in-packet.pcap"] * 40), "-c", "77")
    assert code == 1
    lines = said.split("\n")[:-1]
    assert len(lines) == 40 * 3, len(lines)
    assert all(re.match("mptcptrace: (missing|cut-in-packet.pcap): (-c 77: )?[^:]*$", line)
               for line in lines), lines


def what_is_no_trace():
    with scratch() as made:
        for name in "a", "b", "c":
            with open(os.path.join(made, name), "w", encoding="ascii") as file:
                file.write("no trace, really")
        code, text, said = run("-j", "2", "-d", made)
        assert (code, text, said) == (1, "", f"mptcptrace: {made}: no traces in it\n")
        shutil.copy("upload.pcap", os.path.join(made, "b.pcap"))
        shutil.copy("sample.pcap", os.path.join(made, "z"))
        code, text, said = run("-j", "2", "-d", made)
        assert not code and not said
        assert text == headed([f"{made}/b.pcap", f"{made}/z"])


def one_is_as_ever():
    for arguments in [], ["--list", "-w", "csv"]:
        assert run("-j", "4", "-f", "sample.pcap", *arguments)[1] == alone("sample.pcap",
                                                                           *arguments)


def one_crashes():
    for number in range(3):
        with scratch() as made:
            pipe = Pipe(made, "bad.pcap", "sample.pcap")
            traces = ["upload.pcap", "midstream.pcap"]
            traces.insert(number, pipe.path)
            process = start("-j", "1", *words(traces), "--json")
            pipe.open()
            wait_until(lambda: children(process)) # pylint: disable=cell-var-from-loop
            os.kill(children(process)[0], signal.SIGKILL)
            code, text, said = end(process)
            pipe.file.close()
            traces.remove(pipe.path)
            assert code == 1 and said.startswith(f"mptcptrace: {pipe.path}: "), (code, said)
            assert text == "".join(alone(trace, "--json") for trace in traces)


def a_signal_stops_all():
    """Also one that comes to each: what was read is told, nothing is left."""
    for stop in signal.SIGTERM, signal.SIGINT:
        with scratch() as made:
            pipes = [Pipe(made, f"{n}.pcap", "sample.pcap") for n in range(3)]
            process = start("-j", "2", *words(pipe.path for pipe in pipes), "-S", "-O", made,
                            "--json", start_new_session=True)
            for pipe in pipes[:2]:
                pipe.open()
                pipe.feed(40000)
                pipe.settle()
            if stop == signal.SIGTERM:
                os.kill(process.pid, stop)
            else:
                os.killpg(process.pid, stop)
            pause(.2)
            for pipe in pipes[:2]:
                pipe.feed()
            code, text, said = end(process)
            reports = list(documents_of(text))
            assert code == 1 and len(reports) == 2, (code, len(reports), said)
            assert all(0 < report["capture"]["packets"] < 470 and report["capture"]["truncated"]
                       for report in reports), said
            for pipe in pipes[:2]:
                assert f"mptcptrace: {pipe.path}: stopped by a signal" in said, said
            assert "1 of 3 traces were not read" in said, said
            names = sorted(os.listdir(made))
            assert names == ["0", "0.pcap", "1", "1.pcap", "2.pcap"], names
            assert "stats_0.csv" in os.listdir(os.path.join(made, "1"))
            assert not any(name.startswith(".") for name in os.listdir(os.path.join(made, "1")))


def a_second_one_ends_all():
    """Also the process that waits for somebody to read what it prints."""
    with scratch() as made:
        pipes = [Pipe(made, f"{n}.pcap", "sample.pcap") for n in range(2)]
        process = start("-j", "2", *words(pipe.path for pipe in pipes), "--packets")
        for pipe in pipes:
            pipe.open()
            pipe.feed(45000)
            pipe.settle()
        below = children(process)
        assert len(below) == 2, below
        for _ in range(2):
            os.kill(process.pid, signal.SIGTERM)
            pause(.2)
        code, _, said = end(process)
        assert code == -signal.SIGTERM, (code, said)
        for pipe in pipes:
            pipe.file.close()
        for child in below:
            wait_until(lambda: not is_alive(child)) # pylint: disable=cell-var-from-loop


def many():
    """300 traces, with few open files."""
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

    traces = ["upload.pcap", "join-refused.pcap.xz", "missing"] * 100
    code, text, said = run("-j", "4", *words(traces), "--json", preexec_fn=few)
    assert code == 1
    assert said == "mptcptrace: missing: No such file or directory\n" * 100, said
    two = "".join(alone(trace, "--json") for trace in traces[:2])
    assert text == two * 100


def nobody_reads():
    """The rest is not done, and nobody hears of it."""
    process = start("-j", "2", *words(["sample.pcap"] * 200), "--packets")
    assert process.stdout.readline() == b"==> sample.pcap <==\n"
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait(timeout=PATIENCE) == 0 and not said, said


def full_disk():
    if not os.path.exists("/dev/full"):
        return
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "-j", "2", *words(TRACES[:4])], check=False,
                              stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE)
    assert done.returncode == 1 and b"standard output" in done.stderr, done


def on_a_terminal():
    """All have its layout, whoever writes."""
    traces = ["sample.pcap", "upload.pcap", "sample.pcap"]
    ours, theirs = pty.openpty()
    printed = []

    def listen():
        with contextlib.suppress(OSError):
            while part := os.read(ours, 65536):
                printed.append(part)

    listener = threading.Thread(target=listen)
    listener.start()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    done = subprocess.run([PROGRAM, "-j", "3", *words(traces)], check=False, stdout=theirs,
                          stderr=subprocess.PIPE, env=environment, timeout=PATIENCE)
    os.close(theirs)
    listener.join(PATIENCE)
    os.close(ours)
    assert not done.returncode and not done.stderr, done
    one, two, three = b"".join(printed).decode().split("==> ")[1:]
    assert one.strip() == three.strip() and "\033[1m" in two, (one, two)


CASES = (says_what_each_says_alone, documents_one_after_the_other, rows_say_of_which_trace,
         names_that_csv_quotes, into_files, in_their_order, first_one_streams, a_directory_each,
         beside_the_traces, no_trace_is_replaced, worst_status, messages_are_lines,
         what_is_no_trace, one_is_as_ever, one_crashes, a_signal_stops_all,
         a_second_one_ends_all, many, nobody_reads, full_disk, on_a_terminal)

try_all(CASES)
