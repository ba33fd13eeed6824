# SPDX-License-Identifier: BSD-3-Clause
"""The report and --list on a pseudo-terminal; see tests/terminal."""

import collections
import glob
import json
import locale
import os
import re
import select
import struct
import subprocess
import sys

try:
    import fcntl
    import pty
    import termios
    for end in pty.openpty():
        os.close(end)
except (ImportError, OSError) as error:
    print(f"1..0 # SKIP no pseudo-terminals: {error}")
    sys.exit(0)

PROGRAM, TRACES = sys.argv[1:]
ALL = sorted(glob.glob(os.path.join(TRACES, "*.pcap"))
             + glob.glob(os.path.join(TRACES, "made", "*.pcap")))
WIDTHS = 60, 80, 120
PATIENCE = 120 # seconds

# Colours that can be read on light and on dark: attributes, the first eight.
ESCAPE = re.compile(r"\033\[((?:0|1|2|3[0-7]|4[0-7])(?:;(?:1|3[0-7]|4[0-7]))*)m")
EIGHTHS = " \u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"
CONTRACT = re.compile(r"MPTCP connection 0 with id \d+|\tSubflow \d+ with wscale : \d+ \d+ IPv[46] "
                      r"sport \d+ dport \d+ saddr [0-9a-f:.]+ daddr [0-9a-f:.]+")
BAR = re.compile(r"^ {8} *(\d+)  (?:(\S+) - (\S+)  )?(#*|[%s]*) +([\d.]+) %% +([\d.]+ k?M?B)$"
                 % EIGHTHS[1:])


class Skip(Exception):
    """The case cannot be tried here."""


def trace(name):
    return os.path.join(TRACES, name + ".pcap")


def environment(changes):
    usual = {"TERM": "xterm", "LC_ALL": "C", "NO_COLOR": None, "COLUMNS": None}
    environ = dict(os.environ)
    for name, value in {**usual, **changes}.items():
        environ.pop(name, None)
        if value is not None:
            environ[name] = value
    return environ


def on_terminal(*arguments, width=80, **changes):
    """What it writes to a terminal of so many columns, without its \\r."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    with subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.DEVNULL, stdout=slave,
                          stderr=subprocess.DEVNULL, env=environment(changes)) as process:
        os.close(slave)
        chunks = []
        while True:
            if not select.select([master], [], [], PATIENCE)[0]:
                process.kill()
                raise AssertionError(f"says nothing for {PATIENCE} s: {arguments}")
            try:
                chunk = os.read(master, 65536)
            except OSError:
                break
            if not chunk:
                break
            chunks.append(chunk)
    os.close(master)
    return b"".join(chunks).decode().replace("\r\n", "\n")


def in_pipe(*arguments, **changes):
    return subprocess.run([PROGRAM, *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env=environment(changes), check=False).stdout.decode()


def without_escapes(text):
    plain = ESCAPE.sub("", text)
    assert "\033" not in plain, re.search(r"\033[^m]*m?", plain)
    return plain


def utf8():
    for name in "C.UTF-8", "C.utf8", "en_US.UTF-8":
        try:
            locale.setlocale(locale.LC_CTYPE, name)
            return name
        except locale.Error:
            pass
    raise Skip("no locale with UTF-8")


def contract(text):
    lines = [line for line in text.split("\n") if line.startswith(("MPTCP", "\t"))]
    for line in lines:
        assert CONTRACT.fullmatch(line), line
    return lines


def numbers(text):
    return collections.Counter(re.findall(r"\d[\d.,]*\d|\d", text))


def bars(text):
    """Of each line with a bar: id, addresses, bar, percent, bytes."""
    return [match.groups() for match in map(BAR.match, text.split("\n")) if match]


def length(bar):
    """In eighths of a column."""
    return 8 * len(bar) if "#" in bar else sum(EIGHTHS.index(c) for c in bar)


def colours():
    for arguments in ([], ["--list"]):
        coloured = on_terminal("-f", trace("sample"), *arguments)
        assert "\033[1m" in coloured and "\033[32mclosed\033[0m" in coloured, coloured
        escapes = ESCAPE.findall(coloured)
        assert escapes[-1] == "0"
        assert all("0" in pair for pair in zip(escapes, escapes[1:])), escapes
        for changes in {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": None}:
            plain = on_terminal("-f", trace("sample"), *arguments, **changes)
            assert plain == without_escapes(coloured), changes
        assert on_terminal("-f", trace("sample"), *arguments, NO_COLOR="") == coloured


def meanings():
    for name, wanted in (("infinite-mapping", "\033[30;43mfallback\033[0m (mp-fail)"),
                         ("infinite-mapping", "\033[30;43mwarning\033[0m: "),
                         ("fastclose-client", "\033[1;31mfastclosed\033[0m"),
                         ("fastclose-client", "\033[1mnote\033[0m: "),
                         ("join-refused", "\033[1;31mrefused\033[0m (by the server"),
                         ("made/bad-hmac", "\033[1;31merror\033[0m: "),
                         ("made/bad-hmac", "\033[1;31mbad\033[0m")):
        text = on_terminal("-f", trace(name), width=120)
        assert wanted in text, (name, wanted, text)


def same_lines_for_scripts():
    for path in ALL:
        piped = contract(in_pipe("-f", path))
        for width in WIDTHS:
            assert contract(without_escapes(on_terminal("-f", path, width=width))) == piped, path


def nothing_is_left_out():
    for path in ALL:
        missing = (numbers(in_pipe("-f", path))
                   - numbers(without_escapes(on_terminal("-f", path))))
        assert not missing, (path, missing)


def check_width(path, width, told, columns):
    for arguments in ([], ["--list"]):
        text = on_terminal("-f", path, *arguments, width=told, COLUMNS=columns)
        for line in without_escapes(text).split("\n"):
            assert len(line) <= width or line.startswith("\tSubflow "), (path, width, line)


def fits():
    """Also where no one says how wide it is: COLUMNS does, or it is 80."""
    for path in ALL:
        for width in WIDTHS:
            check_width(path, width, width, None)
    for width, told, columns in (70, 0, "70"), (80, 0, None), (80, 80, "200"):
        check_width(trace("sample"), width, told, columns)


def uses_the_width():
    widest = [max(len(line) for line in on_terminal("-f", trace("sample"), width=width,
                                                    NO_COLOR="1").split("\n")
                  if not line.startswith("\t")) for width in (60, 80, 100)]
    assert widest == sorted(set(widest)), widest


def check_bars(text, name, full):
    """Each bar's length, percent and bytes, in all directions that have any."""
    found = bars(text)
    for connection in json.loads(in_pipe("-f", trace(name), "--json"))["connections"]:
        for way in "c2s", "s2c":
            if len(connection["subflows"]) < 2 or not connection[way]["bytes_unique"]:
                continue
            for subflow in connection["subflows"]:
                number, source, destination, bar, percent, size = found.pop(0)
                share = subflow[way]["share"]
                assert int(number) == subflow["id"]
                assert (source, destination) == (subflow["source"], subflow["destination"])
                assert percent == f"{100 * share:.1f}", (percent, share)
                assert abs(length(bar) - 8 * full * share) <= (4 if "#" in bar else .5) or \
                    0 < share < .1, (bar, share)
                assert bool(bar.strip()) == bool(share), (bar, share)
                value, unit = size.split()
                scale = {"B": 1, "kB": 1e3, "MB": 1e6}[unit]
                exact = share * connection[way]["bytes_unique"]
                assert abs(float(value) * scale - exact) <= .005 * exact + .5, (size, exact)
    assert not found, found


def proportional_bars():
    for name in "sample", "upload", "backup-promoted", "announced-ipv6", "join-refused":
        text = without_escapes(on_terminal("-f", trace(name), width=100, LC_ALL="C"))
        assert "#" in text and text.isascii(), text
        check_bars(text, name, 40)


def blocks():
    name = utf8()
    for traced in "sample", "upload", "backup-promoted":
        text = without_escapes(on_terminal("-f", trace(traced), width=100, LC_ALL=name))
        assert EIGHTHS[8] in text and "#" not in text, text
        check_bars(text, traced, 40)


def one_colour_a_subflow():
    found = collections.defaultdict(set)
    text = on_terminal("-f", trace("sample"))
    for number, colour in re.findall(r"^ +(\d)  10\S+ - 10\S+ +(\033\[\d+m)#", text, re.M):
        found[number].add(colour)
    assert sorted(found) == ["0", "1"], text
    assert all(len(one) == 1 for one in found.values()) and found["0"] != found["1"], found


def same_list():
    """Broken or not, a row says what it says in a pipe; the ends stand below one
    another, those of IPv6 too."""
    for path in ALL:
        piped = in_pipe("-f", path, "--list").split("\nTCP flows")[0].split()
        for width in (*WIDTHS, 200):
            text = without_escapes(on_terminal("-f", path, "--list", width=width))
            assert text.split("\nTCP flows")[0].split() == piped, (path, width, text)
    text = without_escapes(on_terminal(
        "-f", trace("announced-ipv6"), "-f", trace("upload"), "--list", width=170))
    rows = text.split("\nTCP flows")[0].split("\n")
    assert len(rows) == 3, rows
    for word in "server", "ver", "state", "start", "verdict":
        at = rows[0].index(" " + word) + 1
        assert all(row[at] != " " and row[at - 1] == " " for row in rows), (word, rows)


def counted(text):
    """All flows by kind, and of each role's addresses, as a list says."""
    sentence, *lines = text.split("TCP flows: ")[1].split("\n")
    while lines and lines[0].startswith("  ") and "flows " not in lines[0]:
        sentence += lines.pop(0)
    number, kinds = sentence.split(";")
    found = {"all": {"flows": int(number), **{
        kind: int(n) for kind, n in (part.split() for part in kinds.split(","))}}}
    for line in filter(None, lines):
        words = line.split()
        if words[0] in ("note:", "warning:", "error:", "TCP"):
            break
        if words[0] == "flows":
            *names, role = words
        else:
            found[role, words[-1]] = dict(zip(names, map(int, words[:-1]), strict=True))
    return found


def same_flows():
    """The table of addresses says what the JSON does, on a terminal without
    columns of zeros; and it adds up."""
    for path in ALL:
        if not in_pipe("-f", path, "--list").startswith("    id"):
            continue # it is no trace
        told = json.loads(in_pipe("-f", path, "--json"))
        wanted = {"all": {name: told["tcp"][name] for name in
                          ("flows", "mptcp", "fallback", "refused", "join_refused",
                           "unanswered", "orphan", "plain")}}
        for role in "client", "server":
            for peer in told["peers"][role + "s"]:
                wanted[role, peer.pop("address")] = peer
        assert counted(in_pipe("-f", path, "--list")) == wanted, path
        for width in 80, 160:
            found = counted(without_escapes(
                on_terminal("-f", path, "--list", width=width)))
            assert found.pop("all") == wanted["all"], (path, width)
            for whose, row in found.items():
                assert all(wanted[whose][kind] == row.get(kind, 0) for kind in wanted[whose]), whose
            assert len(found) == len(wanted) - 1, (path, width, found)


def same_events():
    """An event says what it says in a pipe with --relative; lines fit, and where
    there is room the texts stand below one another."""
    for path in ALL:
        piped = in_pipe("-f", path, "--events", "--relative")
        for width in (*WIDTHS, 200):
            text = without_escapes(on_terminal("-f", path, "--events", width=width))
            assert text.split() == piped.split(), (path, width, text)
            assert all(len(line) < width for line in text.split("\n")), (path, width, text)
            assert width < 200 or text == piped, (path, text)
    rows = without_escapes(on_terminal("-f", trace("upload"), "--events", width=100)).split("\n")
    at = rows[0].index("what it says")
    assert all(row[at] != " " and row[at - 1] == " " for row in rows[:-2] if row[at:]), rows


def plain_in_pipe():
    for changes in {}, {"LC_ALL": "C.UTF-8"}, {"COLUMNS": "60"}, {"TERM": "dumb"}, {"NO_COLOR": "1"}:
        for arguments in ([], ["--list"], ["--events"]):
            text = in_pipe("-f", trace("sample"), *arguments, **changes)
            assert "\033" not in text and text.isascii() and not bars(text), text
            assert text == in_pipe("-f", trace("sample"), *arguments), changes


def json_as_ever():
    for width in WIDTHS:
        assert (on_terminal("-f", trace("sample"), "--json", width=width)
                == in_pipe("-f", trace("sample"), "--json"))


CASES = (colours, meanings, same_lines_for_scripts, nothing_is_left_out, fits, uses_the_width,
         proportional_bars, blocks, one_colour_a_subflow, same_list, same_flows,
         same_events, plain_in_pipe, json_as_ever)


def main():
    print(f"1..{len(CASES)}")
    for number, case in enumerate(CASES, 1):
        name = case.__name__.replace("_", " ")
        try:
            case()
            print(f"ok {number} - {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except Exception as error:  # pylint: disable=broad-except
            import traceback
            at = traceback.extract_tb(error.__traceback__)[-1]
            print(f"not ok {number} - {name}\n# line {at.lineno}: {at.line}")
            print(f"# {error!r}"[:2000])


main()
