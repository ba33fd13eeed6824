# SPDX-License-Identifier: BSD-3-Clause
"""What becomes of a run when the world fails; see tests/world."""

import contextlib
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

from running import (PATIENCE, PROGRAM, Pipe, Skip, children, end, files_in, is_alive, pause,
                     run, scratch, start, try_all, wait_until, words)

HERE = os.path.dirname(os.path.abspath(sys.argv[0]))
TRACE = os.path.abspath("sample.pcap")
OTHER = os.path.abspath("upload.pcap")
PACKED = os.path.abspath("join-refused.pcap.xz")
FORMS = ([], ["--json"], ["--list"], ["--list", "-w", "csv"], ["--list", "-w", "jsonl"],
         ["--events"], ["--events", "-w", "csv"], ["--events", "-w", "jsonl"], ["--packets"],
         ["--packets", "--where", "id=0"])
# All that makes files.
MAKERS = (["--json=report"], ["--events=list"], ["--split", "parts"],
          ["--graph", "seq,flight", "-S", "-A", "-R", "-w", "csv,xplot,gnuplot,html", "-O", "out"],
          ["-j", "2", "-f", OTHER, "--json=report", "-S", "-O", "out", "--split",
           "parts"])
HIDDEN = ".mptcptrace-"
FULL = "No space left on device"


def limit(**limits):
    """For a process, by the names of resources."""
    def set_them():
        for name, most in limits.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (most, most))
    return set_them


def hidden_in(directory):
    """What is not whole yet."""
    return [name for _, directories, names in os.walk(directory)
            for name in (*directories, *names) if name.startswith(HIDDEN)]


def nothing_hidden(directory):
    """Are there no temporary files?"""
    left = hidden_in(directory)
    assert not left, left


def messages(said):
    """Its lines, each of which is the program's."""
    lines = said.split("\n")[:-1]
    assert all(line.startswith("mptcptrace: ") for line in lines), said
    return lines


def results(directory, *arguments, **more):
    """Of a run there: its exit status, what it said, and the files it left."""
    more.setdefault("stdout", subprocess.DEVNULL)
    code, _, said = run("-f", TRACE, *arguments, cwd=directory, **more)
    nothing_hidden(directory)
    return code, said, files_in(directory)


def good_results(*arguments):
    """What is to come of a run: its files."""
    with scratch() as made:
        code, said, files = results(made, *arguments)
        assert not code and not said, (code, said)
        return files


def only_whole(files, good):
    """Every file is what it shall be; of several traces, some may be missing in the report."""
    for name, text in files.items():
        whole = text == good.get(name) or name.endswith("file_stats.csv")
        if not whole and name == "report":
            whole = all(part in documents(good[name]) for part in documents(text))
        assert whole, f"{name} is not whole"


def documents(text):
    """JSON, one after the other."""
    text, found = text.decode(), []
    while text.strip():
        document, length = json.JSONDecoder().raw_decode(text.lstrip())
        found.append(document)
        text = text.lstrip()[length:]
    return found


#
# Disks.
#
def standard_output_is_full():
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    runs = [["-f", TRACE, *form, "--threads", threads] for form in FORMS for threads in "13"]
    runs += [["-j", "2", "-f", TRACE, "-f", OTHER, *form] for form in FORMS]
    runs += [["--help"], ["--version"]]
    for arguments in runs:
        with open("/dev/full", "wb") as full:
            code, _, said = run(*arguments, stdout=full)
        line, = messages(said)
        assert code == 1 and "standard output: " in line and line.endswith(FULL), (arguments, said)


def files_on_a_full_device():
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    for option in "--json", "--events":
        code, text, said = run("-f", TRACE, f"{option}=/dev/full")
        assert code == 1 and said == f"mptcptrace: /dev/full: {FULL}\n" and text, (code, said)


def no_file_may_grow():
    """As on a full disk, wherever it happens: old results stay, or are replaced as a whole."""
    for arguments in MAKERS:
        good = good_results(*arguments)
        for most in 0, 100, 1000, 5000, 30000:
            with scratch() as made:
                for name in "report", "list":
                    with open(os.path.join(made, name), "w", encoding="ascii") as file:
                        file.write("old")
                code, said, files = results(made, *arguments, preexec_fn=limit(FSIZE=most))
                for name in "report", "list":
                    if files.get(name) == b"old":
                        del files[name]
                only_whole(files, good)
                assert code in (0, 1) and bool(code) == bool(said), (code, said)
                if code:
                    assert all("File too large" in line for line in messages(said)), said
                else:
                    assert files == good, (arguments, most)
            if not most:
                assert code == 1


def a_small_file_system():
    """One of 40 kB, which is full before anything is whole, or while it is written."""
    inside = ('mount -t tmpfs -o size=40k none "$1" && cd "$1" && export TMPDIR="$2" && mkdir tmp '
              '&& to=$3 && shift 3 && "$@"; status=$?; cp -R . "$to"; exit $status')
    unshared = ["unshare", "-r", "-m", "sh", "-c", inside, "sh"]
    with scratch() as made:
        if not shutil.which("unshare") or subprocess.run(
                [*unshared, made, "tmp", os.path.join(made, "x"), "true"], check=False,
                capture_output=True).returncode:
            raise Skip("no file system can be mounted")
    for arguments in MAKERS:
        good = good_results(*arguments)
        for temporary in "tmp", "/tmp":
            with scratch() as made:
                small, copy = (os.path.join(made, name) for name in ("small", "copy"))
                os.mkdir(small)
                done = subprocess.run([*unshared, small, temporary, copy, PROGRAM, "-f", TRACE,
                                       *arguments], check=False, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, timeout=PATIENCE)
                said = done.stderr.decode()
                files = files_in(copy)
                nothing_hidden(copy)
                only_whole(files, good)
                assert (done.returncode == 1) == (files != good), (done.returncode, said)
                assert all(FULL in line for line in messages(said)), said


def no_place_for_temporary_files():
    """What is not whole does not look so; what is in a file stays."""
    nowhere = {**os.environ, "TMPDIR": "/nowhere"}
    why = "a temporary file in /nowhere: No such file or directory\n"
    for form in FORMS[1], FORMS[5], FORMS[6], FORMS[7]:
        code, text, said = run("-f", TRACE, *form, env=nowhere)
        assert (code, text, said) == (1, "", f"mptcptrace: standard output: {why}"), (text, said)
    with scratch() as made:
        for option in "--json", "--events":
            path = os.path.join(made, "result")
            with open(path, "w", encoding="ascii") as file:
                file.write("old")
            for more in [], ["-j", "2", "-f", OTHER]:
                code, _, said = run("-f", TRACE, *more, f"{option}={path}", env=nowhere)
                assert code == 1 and f"{path}: {why}" in said, said
                assert files_in(made) == {"result": b"old"}
        code, _, said = run("-f", TRACE, "--split", made, env=nowhere)
        assert code == 1 and said == f"mptcptrace: {why}", said
        with open(TRACE, "rb") as trace:
            code, _, said = run("-f", "-", "--split", made, env=nowhere, stdin=trace)
        assert code == 1 and why in said, said


#
# Places.
#
def another_user():
    """Whose processes may not write what is ours; for a run."""
    if os.getuid():
        return {}
    return {"preexec_fn": lambda: (os.setgroups([]), os.setgid(65534), os.setuid(65534))}


def a_directory_that_may_not_be_written():
    with scratch() as made:
        closed = os.path.join(made, "closed")
        os.chmod(made, 0o755)
        os.mkdir(closed, 0o555)
        with open(os.path.join(closed, "report"), "w", encoding="ascii") as file:
            file.write("old")
        os.chmod(file.name, 0o444)
        for arguments in (["--json=closed/report"], ["--json=closed/new"], ["--events=closed/new"],
                          ["--split", "closed"], ["--split", "closed/new"], ["-S", "-O", "closed"],
                          ["-s", "-O", "closed/new/one"], ["-j", "2", "-S", "-O", "closed"],
                          ["-j", "2", "-l", "31", "-O", "closed"],
                          ["-j", "2", "--json=closed/new"]):
            trace = ["-f", OTHER] if "-j" in arguments else []
            code, _, said = run("-f", TRACE, *trace, *arguments, cwd=made, **another_user())
            assert code == 1, (arguments, said)
            for line in messages(said):
                assert "closed" in line and line.endswith("Permission denied"), said
        code, text, said = run("-f", TRACE, "-l", "31", cwd=closed, **another_user())
        assert code == 1 and text and said == "mptcptrace: mptcptrace.log: Permission denied\n"
        assert files_in(made) == {"closed/report": b"old"}
        assert os.listdir(closed) == ["report"]


def names_that_are_taken():
    """A directory where a file shall be, and the other way round."""
    with scratch() as made:
        for name in ("parts/connection-0.pcap/x", "out/stats_0.csv/x", "report/x"):
            os.makedirs(os.path.join(made, name))
        with open(os.path.join(made, "file"), "w", encoding="ascii"):
            pass
        for arguments, wrong in (
                (["--split", "parts"], "parts/connection-0.pcap: Is a directory"),
                (["-S", "-O", "out"], "out/stats_0.csv: Is a directory"),
                (["--json=report"], "report: Is a directory"),
                (["--events=report"], "report: Is a directory"),
                (["--json=nowhere/report"], "nowhere/report: No such file or directory"),
                (["-S", "-O", "file"], "file: Not a directory"),
                (["-S", "-O", "file/below"], "file/below: Not a directory"),
                (["--split", "file"], "file: Not a directory")):
            code, _, said = run("-f", TRACE, *arguments, cwd=made)
            assert code == 1 and said == f"mptcptrace: {wrong}\n", (arguments, said)
        nothing_hidden(made)
        assert sorted(os.listdir(made)) == ["file", "out", "parts", "report"]
        os.mkdir(os.path.join(made, "mptcptrace.log"))
        code, text, said = run("-f", TRACE, "-l", "31", cwd=made)
        assert code == 1 and text and said == "mptcptrace: mptcptrace.log: Is a directory\n", said
        nothing_hidden(made)


PLANTED = {
    "a link": lambda path, outside: os.symlink(os.path.join(outside, "precious"), path),
    "a link to nothing": lambda path, outside: os.symlink(os.path.join(outside, "new"), path),
    "the same file": lambda path, outside: os.link(os.path.join(outside, "precious"), path),
    "a pipe": lambda path, _: os.mkfifo(path),
}


def links_in_directories():
    """Somebody put them there: what they lead to stays as it is."""
    for directory, name, arguments in (
            ("out", "stats_0.csv", ["-S", "-O", "out"]),
            ("out", "c2s_seq_0.csv", ["--graph", "seq", "-w", "csv", "-O", "out"]),
            ("out", "c2s_seq_0.gp", ["--graph", "seq", "-w", "gnuplot", "-O", "out"]),
            ("out", "mptcptrace.html", ["-w", "html", "-O", "out"]),
            ("out", "mptcptrace_info", ["-S", "-O", "out"]),
            ("parts", "connection-0.pcap", ["--split", "parts"]),
            ("parts", "other.pcap", ["--split", "parts"]),
            (".", "mptcptrace.log", ["-l", "31"]),
            ("out/sample", "mptcptrace.log", ["-j", "2", "-f", OTHER, "-l", "31", "-O", "out"])):
        for plant in PLANTED.values():
            with scratch() as made, scratch() as outside:
                with open(os.path.join(outside, "precious"), "w", encoding="ascii") as file:
                    file.write("precious")
                path = os.path.join(made, directory, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                plant(path, outside)
                code, said, _ = results(made, *arguments)
                assert not code and not said, (code, said)
                assert stat.S_ISREG(os.lstat(path).st_mode) and os.lstat(path).st_nlink == 1
                assert files_in(outside) == {"precious": b"precious"}, (name, arguments)


def links_among_directories():
    """Of several traces, each has a directory; a link is none."""
    for arguments, above in ((["-S", "-O", "out"], "out"), (["--split", "parts"], "parts"),
                             (["-l", "31", "-O", "out"], "out")):
        for there in "outside", "nowhere":
            with scratch() as made:
                for directory in above, "outside":
                    os.mkdir(os.path.join(made, directory))
                os.symlink(os.path.join(made, there), os.path.join(made, above, "sample"))
                code, said, files = results(made, "-j", "2", "-f", OTHER, *arguments)
                assert not code and not said, said
                assert not os.listdir(os.path.join(made, "outside"))
                assert not os.path.exists(os.path.join(made, "nowhere"))
                assert {name.split("/")[1] for name in files} == {"sample-2", "upload"}, files


def a_directory_goes():
    """While the trace is read."""
    for arguments, gone in ((["-S", "-O", "out"], "out"), (["--split", "out"], "out"),
                            (["--graph", "all", "-O", "out"], "out"),
                            (["--json=out/report"], "out/report")):
        with scratch() as made:
            pipe = Pipe(made, "trace.pcap", TRACE)
            os.mkdir(os.path.join(made, "out"))
            process = start("-f", pipe.path, *arguments, cwd=made)
            pipe.open()
            pipe.feed(40000)
            pipe.settle()
            shutil.rmtree(os.path.join(made, "out"))
            pipe.feed()
            code, text, said = end(process)
            assert code == 1 and text, (code, said)
            assert said == f"mptcptrace: {gone}: No such file or directory\n", said


def a_result_is_replaced_as_a_whole():
    for option, good in (("--json", run("-f", TRACE, "--json")[1]),
                         ("--events", run("-f", TRACE, "--events")[1])):
        with scratch() as made:
            pipe = Pipe(made, "trace.pcap", TRACE)
            path, link = (os.path.join(made, name) for name in ("result", "link"))
            os.symlink("result", link)
            with open(path, "w", encoding="ascii") as file:
                file.write("old")
            os.chmod(path, 0o640)
            process = start("-f", pipe.path, f"{option}={link}")
            pipe.open()
            pipe.feed(40000)
            pipe.settle()
            assert files_in(made)["result"] == b"old"
            pipe.feed()
            code, _, said = end(process)
            assert not code and not said, said
            nothing_hidden(made)
            assert files_in(made)["result"].decode().replace(pipe.path, TRACE) == good
            assert os.path.islink(link) and stat.S_IMODE(os.stat(path).st_mode) == 0o640
            # A link that leads to nothing yet, and a new file.
            os.remove(path)
            for name in link, os.path.join(made, "new"):
                assert run("-f", TRACE, f"{option}={name}", umask=0o027)[0] == 0
                with open(name, encoding="utf-8") as file:
                    assert file.read() == good
                assert stat.S_IMODE(os.stat(name).st_mode) == 0o640
            assert os.path.islink(link)


def a_result_that_is_no_file():
    good = run("-f", TRACE, "--json")[1]
    with scratch() as made:
        fifo = os.path.join(made, "fifo")
        os.mkfifo(fifo)
        with subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE) as reader:
            assert run("-f", TRACE, f"--json={fifo}")[0] == 0
            assert reader.stdout.read().decode() == good
        assert stat.S_ISFIFO(os.stat(fifo).st_mode)
        assert run("-f", TRACE, "--json=/dev/null")[0] == 0
        if not os.path.exists("/dev/stdout"):
            return
        # Standard output is not replaced by another file.
        path = os.path.join(made, "stdout")
        with open(path, "wb") as file:
            code, _, said = run("-f", TRACE, "--events=/dev/stdout", stdout=file)
            assert not code and not said and os.fstat(file.fileno()).st_nlink == 1
        nothing_hidden(made)


def old_result_of_a_run_that_is_killed():
    with scratch() as made:
        pipe = Pipe(made, "trace.pcap", TRACE)
        path = os.path.join(made, "report")
        with open(path, "w", encoding="ascii") as file:
            file.write("old")
        process = start("-f", pipe.path, f"--json={path}")
        pipe.open()
        pipe.feed(40000)
        pipe.settle()
        process.kill()
        end(process)
        pipe.file.close()
        assert files_in(made)["report"] == b"old"


def one_of_several_crashes_while_it_writes():
    """--json=FILE has the documents of the others, and nothing of its."""
    with scratch() as made:
        pipe = Pipe(made, "bad.pcap", TRACE)
        path = os.path.join(made, "report")
        process = start("-j", "1", *words([OTHER, pipe.path, OTHER]), "--packets",
                        f"--json={path}")
        pipe.open()
        pipe.feed(40000)
        pipe.settle()
        for child in children(process):
            os.kill(child, signal.SIGKILL)
        code, _, said = end(process)
        pipe.file.close()
        assert code == 1 and "ended by a signal" in said, said
        both = run("-j", "1", *words([OTHER, OTHER]), "--json")[1]
        with open(path, encoding="utf-8") as file:
            assert file.read() == both
        nothing_hidden(made)


def the_log_replaces_no_trace():
    with scratch() as made:
        path = os.path.join(made, "mptcptrace.log")
        shutil.copy(TRACE, path)
        code, text, said = run("-f", "mptcptrace.log", "-l", "31", cwd=made)
        assert code == 2 and not text, said
        assert said == "mptcptrace: mptcptrace.log: it is a trace that is read\n", said
        with open(path, "rb") as one, open(TRACE, "rb") as other:
            assert one.read() == other.read()


#
# What is read.
#
def what_is_no_file():
    with scratch() as made:
        os.mkdir(os.path.join(made, "directory"))
        with socket.socket(socket.AF_UNIX) as listener:
            here = os.getcwd()
            os.chdir(made) # the path of a socket is short
            listener.bind("socket")
            os.chdir(here)
        os.symlink("loop", os.path.join(made, "loop"))
        for name, why in (("directory", "is a directory"), ("/dev/null", "is empty"),
                          ("missing", "No such file or directory"),
                          ("loop", "Too many levels of symbolic links")):
            code, text, said = run("-f", name, "-f", TRACE, cwd=made)
            assert code == 1 and text, said
            assert said == f"mptcptrace: {name}: {why}\n", said
        code, text, said = run("-f", "socket", "-f", TRACE, cwd=made)
        assert code == 1 and text and said.startswith("mptcptrace: socket: "), said
        # In a directory it is passed over.
        os.mkfifo(os.path.join(made, "pipe"))
        os.remove(os.path.join(made, "loop"))
        shutil.copy(TRACE, made)
        for more in [], ["-j", "2"]:
            code, text, said = run("-d", made, *more)
            assert not code and text and not said, said


def it_vanishes():
    """Between the directory's listing and its own opening."""
    with scratch() as made:
        listed = os.path.join(made, "listed")
        os.mkdir(listed)
        for name in "a.pcap", "b.pcap", "c.pcap":
            shutil.copy(OTHER, os.path.join(listed, name))
        pipe = Pipe(made, "first.pcap", TRACE)
        process = start("-j", "1", "-f", pipe.path, "-d", listed, "--list")
        pipe.open()
        pipe.feed(1000)
        os.remove(os.path.join(listed, "b.pcap"))
        pipe.feed()
        code, text, said = end(process)
        assert code == 1 and text.count("==> ") == 3, text
        assert said == f"mptcptrace: {listed}/b.pcap: No such file or directory\n", said


def it_changes(change, *arguments, waits=TRACE):
    """What is said of two traces, one of which changes while the other is waited for."""
    with scratch() as made:
        path = os.path.join(made, "changing.pcap")
        with open(TRACE, "rb") as file:
            whole = file.read()
        with open(path, "wb") as file: # more than is read at once
            file.write(whole + 5 * whole[24:])
        pipe = Pipe(made, "pipe.pcap", waits)
        process = start("-f", path, "-f", pipe.path, *arguments, cwd=made)
        pipe.open()
        pipe.feed(1000)
        pipe.settle()
        change(path)
        pipe.feed()
        code, text, said = end(process)
        nothing_hidden(made)
        return code, text, said.replace(made + "/", ""), files_in(made)


def it_grows():
    """As while a capture goes on: the last packet is half there, then others come."""
    whole = os.path.getsize(TRACE)
    with open(TRACE, "rb") as file:
        data = file.read()

    def half(path):
        with open(path, "ab") as growing:
            growing.write(data[24:whole - 50])

    code, _, said, _ = it_changes(half)
    assert not code, said
    lines = messages(said)
    assert len(lines) <= 1 and all("is cut off after" in line for line in lines), said
    for arguments in ["--packets", "--where", "id=0"], ["--split", "parts"]:
        code, _, said, _ = it_changes(half, *arguments)
        assert not code, said

    with scratch() as made: # what is half there is left out
        path = os.path.join(made, "growing.pcap")
        with open(path, "wb") as growing:
            growing.write(data[:-50])
        code, text, said = run("-f", path, "--json")
        assert not code and "is cut off after" in said, said
        assert json.loads(text)["capture"]["packets"] == 469
        assert json.loads(text)["capture"]["truncated"]


def it_shrinks():
    def shorter(path):
        os.truncate(path, 3000)

    for arguments in [], ["--json", "--threads", "3"]:
        code, text, said, _ = it_changes(shorter, *arguments)
        assert not code and text, said
        assert all("is cut off" in line for line in messages(said)), said
    for arguments in ["--packets", "--where", "id=0"], ["--split", "parts"]:
        code, _, said, _ = it_changes(shorter, *arguments)
        assert code == 1, said
        assert "mptcptrace: changing.pcap: has become shorter while it was read\n" in said, said


def it_is_replaced():
    """Between the two times that it is read: it is the first that is."""
    def other(path):
        shutil.copy(OTHER, path + ".new")
        os.rename(path + ".new", path)

    for arguments in ["--packets", "--where", "id=0"], ["--split", "parts"]:
        said = [it_changes(change, *arguments) for change in (lambda path: None, other)]
        for _, _, _, files in said:
            del files["changing.pcap"]
        assert said[0] == said[1] and not said[0][0] and not said[0][2], said[1][2]


def closed_standard_files():
    """What is opened does not come to be in their place."""
    good = {tuple(form): run("-f", TRACE, *form)[1] for form in FORMS}
    for closed in [0], [1], [2], [0, 1], [1, 2], [0, 1, 2]:
        def close(which=tuple(closed)):
            for one in which:
                os.close(one)
        for form in FORMS:
            code, text, said = run("-f", TRACE, *form, preexec_fn=close)
            wrong = "mptcptrace: standard output: Bad file descriptor\n" if 1 in closed else ""
            assert code == bool(wrong) and said == ("" if 2 in closed else wrong), (closed, said)
            assert text == ("" if 1 in closed else good[tuple(form)])
        for arguments in MAKERS[:4]:
            with scratch() as made:
                code, _, files = results(made, *arguments, preexec_fn=close)
                assert code == (1 in closed)
                assert files == good_results(*arguments)
        with scratch() as made:
            _, _, files = results(made, "-l", "31", preexec_fn=close)
            assert b"MPTCP connection 0 with id 0" not in files["mptcptrace.log"]
    code, text, said = run("-f", "-", preexec_fn=lambda: os.close(0))
    assert code == 1, said
    assert said == "mptcptrace: standard input: cannot be read: Bad file descriptor\n", said


#
# Nobody reads.
#
def readers_that_go():
    for form in (*FORMS, ["--help"]):
        for more in ["--threads", "1"], ["--threads", "3"], ["-j", "2", "-f", OTHER]:
            for lines in 0, 1:
                process = start("-f", TRACE, *form, *more)
                if lines:
                    process.stdout.readline()
                process.stdout.close()
                said = process.stderr.read().decode()
                assert process.wait(timeout=PATIENCE) == 0 and not said, (form, more, said)


def endless(file):
    """A trace that has no end, until nobody reads it."""
    with open(TRACE, "rb") as trace:
        data = trace.read()
    with contextlib.suppress(BrokenPipeError), file:
        file.write(data[:24])
        while True:
            file.write(data[24:] * 16)


def what_nobody_reads_is_not_analysed():
    """There is no end to wait for."""
    for form in (*FORMS[:9], ["--threads", "3"], ["-j", "2", "-f", OTHER]):
        process = start("-f", "-", *form, stdin=subprocess.PIPE)
        process.stdout.close()
        feeder = threading.Thread(target=endless, args=(process.stdin,))
        feeder.start()
        try:
            assert process.wait(timeout=PATIENCE) == 0, form
        finally:
            process.kill()
            feeder.join()
        said = process.stderr.read()
        assert not said, said


#
# Signals.
#
def a_quiet_pipe_is_interrupted():
    """Nothing more comes: it ends, and what came is told."""
    with open(TRACE, "rb") as trace:
        begun = trace.read(40000)
    for stop in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        for arguments in (["--json"], ["--json", "--threads", "3"], ["--list"],
                          ["--json", "-j", "2", "-f", OTHER],
                          ["--json", "-S", "--graph", "all", "-O", "out", "--split", "parts"]):
            with scratch() as made:
                process = start("-f", "-", *arguments, stdin=subprocess.PIPE, cwd=made)
                process.stdin.write(begun)
                process.stdin.flush()
                pause(.5)
                process.send_signal(stop)
                assert process.wait(timeout=PATIENCE) == 1
                text, said = process.stdout.read().decode(), process.stderr.read().decode()
                process.stdin.close()
                assert "stopped by a signal" in said and "321 packets were read" in said, said
                if "--json" in arguments:
                    capture = json.JSONDecoder().raw_decode(text)[0]["capture"]
                    assert capture["truncated"] and capture["packets"] == 321, capture
                nothing_hidden(made)
                if "-O" in arguments:
                    names = files_in(made)
                    assert "out/stats_0.csv" in names and "parts/other.pcap" in names, names


def a_second_signal():
    """It ends at once, waits for nobody, and leaves nothing."""
    for arguments in ([], ["-j", "2", "-f", OTHER]):
        for stop in signal.SIGINT, signal.SIGTERM:
            with scratch() as made:
                with open(os.path.join(made, "report"), "w", encoding="ascii") as file:
                    file.write("old")
                # Nobody reads its packets, so it waits.
                process = start(*words([TRACE] * 4), *arguments, "--packets", "--json=report",
                                "--graph", "all", "-O", "out", "--split", "parts", cwd=made)
                wait_until(lambda: hidden_in(made)) # pylint: disable=cell-var-from-loop
                pause(.5)
                below = children(process)
                process.send_signal(stop)
                pause(.1)
                process.send_signal(stop)
                assert process.wait(timeout=PATIENCE) == -stop
                for child in below:
                    wait_until(lambda: not is_alive(child)) # pylint: disable=cell-var-from-loop
                process.stdout.close()
                process.stderr.close()
                nothing_hidden(made)
                assert files_in(made)["report"] == b"old"


def signals_that_are_ignored():
    """As nohup has it: they stay so."""
    for more in [], ["-j", "2", "-f", OTHER]:
        with scratch() as made:
            pipe = Pipe(made, "trace.pcap", TRACE)
            process = start("-f", pipe.path, *more, "--json",
                            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
            pipe.open()
            pipe.feed(40000)
            pipe.settle()
            process.send_signal(signal.SIGHUP)
            pause(.2)
            pipe.feed()
            code, text, said = end(process)
            assert not code and not said, said
            capture = json.JSONDecoder().raw_decode(text)[0]["capture"]
            assert capture["packets"] == 470 and not capture["truncated"], capture


def signals_at_any_time():
    random.seed(1)
    good = good_results("--json=report", "--graph", "all", "-w", "csv,html", "-O", "out",
                        "--split", "parts", *words([OTHER] * 8))
    for _ in range(24):
        with scratch() as made:
            process = start("-f", TRACE, *words([OTHER] * 8), "--json=report", "--graph", "all",
                            "-w", "csv,html", "-O", "out", "--split", "parts", cwd=made)
            for _ in range(random.choice((1, 2))):
                time.sleep(random.uniform(0, .15))
                process.send_signal(random.choice((signal.SIGTERM, signal.SIGINT, signal.SIGHUP)))
            code, _, said = end(process)
            nothing_hidden(made)
            files = files_in(made)
            if code == 0:
                assert files == good and not said, said
            elif code == 1:
                assert "stopped" in said, said
            if "report" in files:
                json.loads(files["report"])


#
# Few files, little memory.
#
def never_began(code, said):
    """It is too little for the libraries, or for the script that starts another machine's."""
    return code == 127 or (code > 1 and said.startswith("/bin/sh: "))


def few_open_files():
    for arguments in (*([form] for form in FORMS), *([maker] for maker in MAKERS)):
        arguments, = arguments
        with scratch() as made:
            _, wanted, _ = run("-f", TRACE, *arguments, cwd=made)
            good = files_in(made)
        for most in 64, 20, 12, 10, 9, 8, 7, 6, 5, 4:
            with scratch() as made:
                code, text, said = run("-f", TRACE, *arguments, cwd=made,
                                       preexec_fn=limit(NOFILE=most))
                if never_began(code, said):
                    break
                files = files_in(made)
                nothing_hidden(made)
                only_whole(files, good)
                assert code in (0, 1) and bool(code) == bool(said), (most, code, said)
                if code:
                    assert all("Too many open files" in line for line in messages(said)), said
                else:
                    assert text == wanted and files == good, (arguments, most)
                assert not (code and most > 20), (arguments, said)


def many_traces_and_few_open_files():
    code, text, said = run(*words([OTHER] * 200), "--list", "-w", "csv",
                           preexec_fn=limit(NOFILE=64))
    lines = messages(said)
    assert code == 1 and 130 < len(lines) < 200, (code, said)
    assert all(line == f"mptcptrace: {OTHER}: Too many open files" for line in lines), said
    assert text.count("\n") > 1
    with scratch() as made:
        code, _, said = run("-j", "4", *words([OTHER] * 100), "-S", "-O", made, "--split", made,
                            preexec_fn=limit(NOFILE=20))
        assert not code and not said and len(os.listdir(made)) == 100, said


def least_memory():
    """Megabytes that the program needs to begin."""
    for megabytes in range(4, 512, 2):
        code, _, said = run("--version", preexec_fn=limit(AS=megabytes << 20))
        if said.startswith("qemu-"):
            raise Skip("memory is limited of what emulates this machine")
        if code == 0:
            return megabytes
    raise Skip("memory cannot be limited")


OUT_OF_MEMORY = re.compile("memory|cannot allocate", re.I)


def little_memory():
    """What does not fit is said, and nothing half done is left."""
    least = least_memory()
    for arguments in (["--json"], ["--json", "--threads", "3", "--graph", "all", "-O", "out"],
                      ["-f", PACKED, "tcp"], ["--events=list", "--split", "parts"],
                      ["-w", "html", "--graph", "all", "-O", "out"],
                      ["-j", "2", "-f", OTHER, "--json=report"]):
        with scratch() as made:
            _, wanted, _ = run("-f", TRACE, *arguments, cwd=made)
            good = files_in(made)
        for more in (*range(0, 8), *range(8, 48, 8)):
            with scratch() as made:
                code, text, said = run("-f", TRACE, *arguments, cwd=made,
                                       preexec_fn=limit(AS=(least + more) << 20))
                nothing_hidden(made)
                files = files_in(made)
                only_whole(files, good)
                assert code in (0, 1), (arguments, more, code, said)
                if code:
                    assert OUT_OF_MEMORY.search(said), said
                else:
                    assert text == wanted and files == good and not said, (arguments, more, said)


SHIM = r"""
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static long fails_at = -1, fails_after, n;
static int fails(void)
{
	if (fails_at < 0) {
		const char *at = getenv("FAILS_AT"), *after = getenv("FAILS_AFTER");
		fails_at = at ? atol(at) : 0;
		fails_after = after ? atol(after) : 0;
	}
	long now = __atomic_add_fetch(&n, 1, __ATOMIC_RELAXED);
	if (now != fails_at && (!fails_after || now < fails_after))
		return 0;
	errno = ENOMEM;
	return 1;
}
void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *old, size_t size) { return fails() ? NULL : __libc_realloc(old, size); }
"""


def make_shim(directory):
    """A library to be loaded before all others, that makes an allocation fail."""
    source, shim = (os.path.join(directory, name) for name in ("shim.c", "shim.so"))
    with open(source, "w", encoding="ascii") as file:
        file.write(SHIM)
    compiler = shutil.which("cc")
    made = compiler and subprocess.run(
        [compiler, "-O1", "-shared", "-fPIC", "-o", shim, source], check=False,
        capture_output=True).returncode == 0
    loaded = made and run("--version", env={**os.environ, "LD_PRELOAD": shim})
    if not loaded or loaded[0] or loaded[2]:
        raise Skip("no library can be loaded before others")
    return shim


def an_allocation_fails():
    """Whichever of ours, or of those for JSON, it is: out of memory, or all is as ever. Other
    libraries crash without memory; we look first that there is some."""
    with scratch() as tools:
        shim = make_shim(tools)
        for arguments, step in (([], 1), (["--list", "-w", "jsonl"], 3), (["--json"], 11),
                                (["--events", "-w", "jsonl"], 13), (["--packets"], 7),
                                (["--split", "parts"], 2), (["--json=report"], 17),
                                (["--graph", "seq", "-S", "-w", "csv,gnuplot,html", "-O", "out"],
                                 9),
                                (["--graph", "seq", "--threads", "3", "-O", "out"], 2),
                                (["-j", "2", "-f", OTHER, "--json=report"], 1)):
            with scratch() as made:
                _, wanted, _ = run("-f", TRACE, *arguments, cwd=made)
                good = files_in(made)
            for variable in "FAILS_AT", "FAILS_AFTER":
                same = 0
                for number in range(1, 6000, step if variable == "FAILS_AT" else step * 5):
                    with scratch() as made:
                        code, text, said = run(
                            "-f", TRACE, *arguments, cwd=made,
                            env={**os.environ, "LD_PRELOAD": shim, variable: str(number),
                                 "MPTCPTRACE_UNCONFINED": "1"})
                        nothing_hidden(made)
                        files = files_in(made)
                        where = (arguments, variable, number, code, said)
                        if code == 0 and not said:
                            assert text == wanted and files == good, where
                            same += 1
                        else:
                            only_whole(files, good)
                            assert code == 1 and OUT_OF_MEMORY.search(said), where
                            same = 0
                    if same > 12:
                        break # they are all past


try_all((standard_output_is_full, files_on_a_full_device, no_file_may_grow, a_small_file_system,
         no_place_for_temporary_files, a_directory_that_may_not_be_written, names_that_are_taken,
         links_in_directories, links_among_directories, a_directory_goes,
         a_result_is_replaced_as_a_whole, a_result_that_is_no_file,
         old_result_of_a_run_that_is_killed, one_of_several_crashes_while_it_writes,
         the_log_replaces_no_trace, what_is_no_file, it_vanishes, it_grows, it_shrinks,
         it_is_replaced, closed_standard_files, readers_that_go,
         what_nobody_reads_is_not_analysed, a_quiet_pipe_is_interrupted, a_second_signal,
         signals_that_are_ignored, signals_at_any_time, few_open_files,
         many_traces_and_few_open_files, little_memory, an_allocation_fails))
