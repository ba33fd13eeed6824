# SPDX-License-Identifier: BSD-3-Clause
"""The page of -w html, without and within a browser; see tests/page."""

import base64
import csv
import html.parser
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM, TRACES = sys.argv[1:3]
SHOTS = os.environ.get("MPTCPTRACE_SHOTS")
MUST_BROWSE = os.environ.get("MPTCPTRACE_BROWSER") == "1"
# What is on this host needs no proxy, whatever the environment says.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
VOID = "meta input br img link hr".split()


def trace(name):
    return os.path.join(TRACES, name + ".pcap")


def write_page(directory, *arguments):
    """Runs the program; the page's path, and what --json says."""
    run = subprocess.run([PROGRAM, *arguments, "-w", "html", "--json", "-O", directory],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert run.returncode in (0, 1), run.stderr
    return os.path.join(directory, "mptcptrace.html"), json.loads(run.stdout)


class Element:
    def __init__(self, name, attributes, parent):
        self.name, self.attributes, self.parent = name, attributes, parent
        self.children, self.data = [], []

    def all(self, name=None, **attributes):
        """Elements within, by name and attributes (class: one of its words)."""
        for child in self.children:
            if ((name is None or child.name == name) and
                    all(value in child.attributes.get(key.rstrip("_"), "").split()
                        for key, value in attributes.items())):
                yield child
            yield from child.all(name, **attributes)

    def text(self):
        """What is to be read: not what is drawn."""
        return "".join(part if isinstance(part, str) else part.text() for part in self.data
                       if isinstance(part, str) or part.name != "svg")


class Page(html.parser.HTMLParser):
    """A page as a tree; what is not well-formed is an error."""

    def __init__(self, path):
        super().__init__()
        self.at = self.root = Element("", {}, None)
        with open(path, encoding="utf-8") as file:  # it is UTF-8
            self.source = file.read()
        self.feed(self.source)
        self.close()
        assert self.at is self.root, f"<{self.at.name}> is not closed"

    def handle_starttag(self, name, attributes):
        assert len({key for key, _ in attributes}) == len(attributes), attributes
        element = Element(name, {key: value or "" for key, value in attributes}, self.at)
        self.at.children.append(element)
        self.at.data.append(element)
        if name not in VOID:
            self.at = element

    def handle_startendtag(self, name, attributes):
        self.handle_starttag(name, attributes)
        self.handle_endtag(name)

    def handle_endtag(self, name):
        assert self.at.name == name, f"</{name}> in <{self.at.name}>, {self.getpos()}"
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.data.append(data)

    def rows(self):
        body = next(next(self.root.all("table", id="all")).all("tbody"))
        return {int(row.children[0].text()): row.children for row in body.all("tr")}

    def part(self, number):
        return next(self.root.all("details", id=f"c{number}"))


# What needs no browser.

def check_form(page):
    ids = [element.attributes["id"] for element in page.root.all() if "id" in element.attributes]
    assert len(set(ids)) == len(ids), "an id is there twice"
    for element in page.root.all():
        for key in ("href", "src", "action", "data", "poster", "srcset"):
            if key in element.attributes:
                target = element.attributes[key]
                assert target.startswith("#") and target[1:] in ids, (element.name, key, target)
        assert not [key for key in element.attributes if key.startswith("on")], element.attributes
    for table in page.root.all("table"):
        assert all("scope" in head.attributes or "colspan" in head.attributes
                   for head in table.all("th"))
    assert all(svg.attributes.get("aria-label") for svg in page.root.all("svg", role="img"))


def check_alone(page):
    for word in ("http:", "https:", "//www", "url(", "@import", "@font-face"):
        assert word not in page.source, word


COLUMNS = ("id client server version state findings start duration subflows c2s c2s_goodput "
           "s2c s2c_goodput reinjected retransmitted").split()


def key(cell):
    return cell.attributes.get("data-k", cell.text())


def sent(conn, side):
    """What the plain report says that a side sent."""
    data = conn[side]
    if not conn["fallback"] or (data["bytes_mapped"] and not data["bytes_unmapped"]):
        return data["bytes_unique"]
    return sum(flow[side]["bytes"] - flow[side]["retransmitted_bytes"]
               for flow in conn["subflows"])


def check_row(cells, conn):
    cells = dict(zip(COLUMNS, cells))
    assert key(cells["start"]) == conn["first"], conn["id"]
    assert abs(float(key(cells["duration"])) - conn["duration"]) <= 1e-6 * max(1, conn["duration"])
    assert cells["state"].text().split(":")[0] == conn["state"]
    assert cells["version"].text() == ("-" if conn["version"] is None else str(conn["version"]))
    assert int(cells["subflows"].text()) == len(conn["subflows"])
    for side in ("c2s", "s2c"):
        assert int(key(cells[side])) == sent(conn, side), (conn["id"], side)
        goodput = key(cells[side + "_goodput"])
        if goodput:
            assert abs(float(goodput) / conn[side]["goodput"] - 1) < 1e-9
        else:
            assert (conn["fallback"] or conn[side]["bytes_unique"] < 1000 or
                    conn[side]["goodput"] is None)
    for word in ("reinjected", "retransmitted"):
        assert int(key(cells[word])) == sum(conn[side][word + "_bytes"] for side in ("c2s", "s2c"))
    for severity in ("error", "warning", "note"):
        n = sum(finding["severity"] == severity for finding in conn["findings"])
        assert re.findall(rf"(\d+) {severity}", cells["findings"].text()) == ([str(n)] if n else [])


def exact(cell):
    """Bytes: all digits are in the tooltip, if not in the text."""
    return int(re.sub(r"[^0-9]", "", cell.attributes.get("title") or cell.text()))


def check_part(part, conn):
    sayings = {row.children[0].text(): row.children[1:]
               for row in next(part.all("table", class_="summary")).all("tr")}
    for at, side in ((0, "client"), (1, "server")):
        token = conn[side]["token"]
        assert token is None or token in sayings["keys"][at].text(), sayings["keys"]
    found = [item.text() for item in next(part.all("ul", class_="findings")).all("li")] \
        if conn["findings"] else []
    assert len(found) == len(conn["findings"])
    for finding in conn["findings"]:
        assert any(finding["text"] in item and f"packet {finding['packet']}," in item and
                   finding["code"] in item and item.startswith(finding["severity"])
                   for item in found), finding
    table = next(part.all("table", class_="subflows"))
    rows = [row.children for row in next(table.all("tbody")).all("tr")]
    assert [int(row[0].text()) for row in rows] == [flow["id"] for flow in conn["subflows"]]
    for cells, flow in zip(rows, conn["subflows"]):
        assert flow["source"] in cells[1].text() and str(flow["destination_port"]) in cells[1].text()
        for at, side in ((6, "c2s"), (11, "s2c")):
            assert exact(cells[at]) == flow[side]["packets"]
            assert exact(cells[at + 1]) == flow[side]["bytes"]
            assert exact(cells[at + 3]) == flow[side]["retransmitted_packets"]
            share = flow[side]["share"]
            assert cells[at + 2].text() == ("-" if share is None else f"{100 * share:.1f} %")


BAD = re.compile("MP_FAIL|fallback|infinite-mapping|checksum-bad|mapping-conflict|failed|stalled|"
                 "HMAC bad|other keys|though")
# Of these it depends on what else there was.
DEPENDS = re.compile("RST|MP_FASTCLOSE|closed|address-unused|unanswered|: again")


def check_signals(page):
    """Every part has its list of signals, with or without pictures."""
    for part in page.root.all("details", class_="conn"):
        for signals in part.all("details", class_="list"):
            said = next(signals.all("summary")).text()
            lines = next(signals.all("pre")).text().strip("\n").split("\n")
            assert said.split()[0] == str(len(lines) - 1), (said, lines)
            for circle in part.all("circle"):
                said = next(circle.all("title")).text()
                bad = "bad" in circle.attributes["class"]
                assert DEPENDS.search(said) or (BAD.search(said) is not None) == bad, said
            times = [float(line.split()[0]) for line in lines[1:]]
            assert times == sorted(times), lines


def check_numbers(page, report):
    rows = page.rows()
    assert sorted(rows) == [conn["id"] for conn in report["connections"]]
    for conn in report["connections"]:
        check_row(rows[conn["id"]], conn)
        check_part(page.part(conn["id"]), conn)


def check_pictures(page):
    """Every picture has axes, a name, strokes and a legend with counts."""
    figures = [figure for figure in page.root.all("figure")]
    assert len(figures) > 16
    for figure in figures:
        chart = next(figure.all("svg", role="img"))
        assert len(chart.attributes["data-x"].split()) == 3, chart.attributes
        if "timeline" in figure.attributes["class"]:
            continue
        groups = {group.attributes["data-name"] for group in chart.all("g")
                  if "data-name" in group.attributes}
        legend = [item.text() for item in next(figure.all("ul", class_="key")).all("li")]
        for name in groups:
            assert any(re.match(re.escape(name) + r" [\d,]+", item) for item in legend), (name, legend)
        for path in chart.all("path"):
            assert re.fullmatch(r"([MmhvlHVz]|-?\d+| )+", path.attributes["d"]), path.attributes


def check_hostile(directory):
    """Names of files are text, whatever is in them."""
    name = b"<script>alert(1)<\\script>&\"'\xff\xe2\x80\xae\x1b[31m<b>.pcap"
    path = os.path.join(os.fsencode(directory), name)
    try:
        shutil.copy(trace("sample"), path)
    except OSError:  # names have to be UTF-8: then what is not needs no test
        path = path.replace(b"\xff", b"\xe2\x80\xae")
        shutil.copy(trace("sample"), path)
    file, _ = write_page(os.path.join(directory, "hostile"), "-f", path)
    page = Page(file)
    assert len(list(page.root.all("script"))) == 1
    heading = next(page.root.all("h1")).text()
    assert "<script>alert(1)<\\script>&\"'\ufffd\ufffd\ufffd[31m<b>.pcap" in heading, heading
    assert "\x1b" not in page.source and "\u202e" not in page.source


def check_truncated(directory):
    file, _ = write_page(os.path.join(directory, "cut"), "-f", trace("cut-in-packet"))
    assert "cut off" in next(Page(file).root.all("header")).text()
    file, _ = write_page(os.path.join(directory, "whole"), "-f", trace("upload"))
    assert "cut off" not in next(Page(file).root.all("header")).text()


def check_size(path):
    assert os.path.getsize(path) < 300000, os.path.getsize(path)


# WebDriver.

class Browser:
    OPTIONS = """--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run
        --disable-background-networking --disable-component-update --disable-sync
        --disable-dev-shm-usage
        --window-size=1300,900""".split()

    def __init__(self, directory):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.session = ""
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}", "--silent"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.wait()
            self.begin(directory)
        except (AssertionError, OSError):
            self.driver.kill()
            self.driver.wait()
            raise

    def begin(self, directory):
        options = {"args": self.OPTIONS + [f"--user-data-dir={directory}/profile"]}
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]

    def wait(self):
        until = time.monotonic() + 60
        while self.driver.poll() is None:
            try:
                self.call("GET", "/status")
                return
            except OSError:
                assert time.monotonic() < until, "chromedriver does not answer"
                time.sleep(0.1)
        raise AssertionError("chromedriver ends at once")

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.address + self.session + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        try:
            with DIRECT.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()[:300]) from error

    def open(self, path):
        self.call("POST", "/url", {"url": "about:blank"})
        self.call("POST", "/url", {"url": "file://" + path})

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def tool(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def width(self, width):
        self.tool("Emulation.setDeviceMetricsOverride", width=width, height=900,
                  deviceScaleFactor=1, mobile=width < 500)

    def scheme(self, name):
        self.tool("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": name}])

    def point(self, x, y):
        self.call("POST", "/actions", {"actions": [{
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0}]}]})

    def press(self, key):
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]}]})

    def errors(self):
        return [line["message"] for line in self.call("POST", "/se/log", {"type": "browser"})]

    def shot(self, name, whole=True):
        if not SHOTS:
            return
        size = self.tool("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"clip": {"x": 0, "y": 0, "width": size["width"],
                         "height": min(size["height"], 6000), "scale": 1}} if whole else {}
        data = self.tool("Page.captureScreenshot", captureBeyondViewport=whole, **clip)["data"]
        with open(os.path.join(SHOTS, name + ".png"), "wb") as file:
            file.write(base64.b64decode(data))

    def quit(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()


# What a reader does.

ORDER = """return [...document.querySelectorAll('#all tbody tr')].filter(
    row => getComputedStyle(row).display !== 'none').map(row => Number(row.cells[0].textContent))"""
CLICK = "document.querySelectorAll('#all thead button')[arguments[0]].click()"
SORTED = "return document.querySelectorAll('#all thead th')[arguments[0]].getAttribute('aria-sort')"
FILTER = """const box = document.querySelector('input[type=search]'); box.value = arguments[0];
    box.dispatchEvent(new Event('input', {bubbles: true}))"""


def check_load(browser, path):
    browser.open(path)
    assert browser.run("return document.documentElement.classList.contains('js')")


def check_sort(browser, path, report):
    browser.open(path)
    by_bytes = sorted((sent(conn, "c2s"), conn["id"]) for conn in report["connections"])
    values = {conn["id"]: sent(conn, "c2s") for conn in report["connections"]}
    column = COLUMNS.index("c2s")
    browser.run(CLICK, column)
    assert [values[n] for n in browser.run(ORDER)] == [value for value, _ in by_bytes]
    assert browser.run(SORTED, column) == "ascending"
    browser.run("document.querySelectorAll('#all thead button')[arguments[0]].focus()", column)
    browser.press("\ue007")
    assert [values[n] for n in browser.run(ORDER)] == [value for value, _ in reversed(by_bytes)]
    assert browser.run(SORTED, column) == "descending" and browser.run(SORTED, 0) == "none"
    browser.run(CLICK, COLUMNS.index("c2s_goodput"))
    known = [conn["id"] for conn in report["connections"]
             if conn["c2s"]["bytes_unique"] >= 1000 and not conn["fallback"]]
    assert sorted(browser.run(ORDER)[:len(known)]) == known  # what is unknown comes last


def check_filter(browser, path, report):
    browser.open(path)
    browser.run(FILTER, "FALLBACK  data")
    wanted = [conn["id"] for conn in report["connections"]
              if conn["state"] == "fallback" and "data" in conn["fallback"]["reason"]]
    assert wanted and browser.run(ORDER) == wanted
    count = browser.run("return document.getElementById('count').textContent")
    assert count == f"{len(wanted)} of {len(report['connections'])}", count
    browser.shot("page-filter", False)
    browser.run(FILTER, "")
    assert len(browser.run(ORDER)) == len(report["connections"])


def check_link(browser, path, report):
    browser.open(path)
    number = report["connections"][-1]["id"]
    is_open = f"return document.getElementById('c{number}').open"
    assert browser.run(is_open) is False
    browser.run(f"document.querySelector('a[href=\"#c{number}\"]').click()")
    for _ in range(20):
        if browser.run(is_open):
            break
        time.sleep(0.05)
    assert browser.run(is_open) is True


DRAWN = """return [...document.querySelectorAll('.chart [data-sf="' + arguments[0] + '"]')].map(
    thing => getComputedStyle(thing).display !== 'none')"""
BOX = "document.querySelector('fieldset [data-sf=\"' + arguments[0] + '\"]').click()"


def check_toggle(browser, path):
    browser.open(path)
    one, other = browser.run(DRAWN, 1), browser.run(DRAWN, 0)
    assert len(one) > 20 and all(one) and all(other)
    browser.run(BOX, 1)
    assert not any(browser.run(DRAWN, 1)) and all(browser.run(DRAWN, 0))
    browser.shot("page-toggled")
    browser.run(BOX, 1)
    assert all(browser.run(DRAWN, 1))


FIND = """const chart = document.querySelector('.chart[data-name="acksize"]');
    chart.scrollIntoView({block: 'center'});
    const box = chart.querySelector('.box').getBoundingClientRect();
    return [box.left, box.top, box.width, box.height, chart.dataset.x, chart.dataset.y]"""
READ = """return document.querySelector('.chart[data-name="acksize"]').closest('figure')
    .querySelector('output').textContent"""


def check_cursor(browser, path, directory):
    """Points at the largest value of a graph, which its csv tells."""
    subprocess.run([PROGRAM, "-f", trace("sample"), "--graph", "acksize", "-w", "csv",
                    "--relative", "-O", directory], stdout=subprocess.DEVNULL, check=True)
    with open(os.path.join(directory, "c2s_acksize_0.csv"), encoding="ascii") as file:
        at, value, colour = max(((float(row[0]), int(row[1]), int(row[2]))
                                 for row in csv.reader(file)), key=lambda row: row[1])
    browser.open(path)
    left, top, width, height, across, upright = browser.run(FIND)
    x0, x1, x_unit = across.split()
    y0, y1, y_unit = upright.split()
    assert (x_unit, y_unit) == ("s", "kB")
    x0, x1, y0, y1 = float(x0), float(x1), float(y0), float(y1)
    browser.point(left + width * (at - x0) / (x1 - x0),
                  top + height * (1 - (value / 1000 - y0) / (y1 - y0)))
    said = browser.run(READ)
    match = re.fullmatch(r"([\d.]+) s, ([\d.]+) kB\nnearest: bytes acknowledged, subflow (\d+): "
                         r"([\d.]+) s, ([\d.]+) kB", said)
    assert match, said
    cursor_x, cursor_y, subflow, mark_x, mark_y = map(float, match.groups())
    assert abs(cursor_x - at) <= 1.5 * (x1 - x0) / width, said
    assert abs(cursor_y - value / 1000) <= 1.5 * (y1 - y0) / height, said
    assert abs(mark_x - at) <= 0.001 and abs(mark_y - value / 1000) <= 0.05, said
    assert subflow == colour - 1, said
    hairs = browser.run("return [...document.querySelectorAll('.hair')].filter("
                        "hair => getComputedStyle(hair).display !== 'none').length")
    times = browser.run("return document.querySelectorAll('.chart[data-time]').length")
    assert hairs == times, (hairs, times)
    browser.shot("page-cursor", False)
    browser.run("document.querySelector('.chart[data-name=\"acksize\"]').focus()")
    browser.press("\ue014")  # to the right
    assert browser.run(READ) not in ("", said)


def luminance(colour):
    """As in WCAG."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


COLOURS = """const style = getComputedStyle(document.body);
    return [style.backgroundColor, style.color, ...[...document.querySelectorAll('.key li, '
        + '.chart :not(.sign) > text, .conn small')].map(text => getComputedStyle(text).fill === 'rgb(0, 0, 0)'
        ? getComputedStyle(text).color : getComputedStyle(text).fill)]"""
STROKES = """return [...document.querySelectorAll('.chart g[data-name]')].map(
    group => getComputedStyle(group).stroke)"""


def check_colours(browser, path):
    """Text and what is drawn stand out from the ground, by day and by night."""
    try:
        for scheme in ("light", "dark"):
            browser.scheme(scheme)
            browser.open(path)
            check_contrast(browser, scheme)
            browser.shot("page-" + scheme)
    finally:
        browser.scheme("light")


def check_contrast(browser, scheme):
    ground, *texts = browser.run(COLOURS)
    assert (luminance(ground) < 0.1) == (scheme == "dark"), ground
    assert not [text for text in set(texts) if contrast(text, ground) < 3], (ground, set(texts))
    strokes = set(browser.run(STROKES))
    assert not [stroke for stroke in strokes if contrast(stroke, ground) < 2], (ground, strokes)


OPEN_ALL = "for (const part of document.querySelectorAll('details')) part.open = true"


def check_phone(browser, *paths):
    browser.width(360)
    try:
        for path in paths:
            browser.open(path)
            browser.run(OPEN_ALL)
            widths = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
            assert widths == [360, 360], widths
        browser.open(paths[0])
        browser.shot("page-phone")
    finally:
        browser.width(1300)


def check_no_script(browser, path, report):
    browser.tool("Emulation.setScriptExecutionDisabled", value=True)
    try:
        check_scriptless(browser, path, report)
    finally:
        browser.tool("Emulation.setScriptExecutionDisabled", value=False)


def check_scriptless(browser, path, report):
    browser.open(path)
    browser.tool("DOM.enable")
    browser.tool("CSS.enable")
    root = browser.tool("DOM.getDocument")["root"]["nodeId"]

    def find(selector):
        return browser.tool("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"]

    assert not find("html.js")
    assert len(find("details.conn")) == len(report["connections"])
    assert len(find(".chart")) > 16 and find(".key li") and find(".signals")
    for selector in ("input[type=search]", "fieldset input"):
        style = browser.tool("CSS.getComputedStyleForNode", nodeId=find(selector)[0])
        shown = {item["name"]: item["value"] for item in style["computedStyle"]}["display"]
        assert shown == "none", selector
    browser.shot("page-no-script")


def write_syns(path, count):
    """A trace of SYNs with MP_CAPABLE that nobody answers."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for i in range(count):
            tcp = struct.pack("!HHIIBBHHH", 1024 + i % 60000, 80, i, 0, 6 << 4, 2, 8192, 0, 0)
            packet = struct.pack("!BBHHHBBHII", 0x45, 0, 44, i & 0xffff, 0, 64, 6, 0,
                                 0x0a000001 + (i // 60000 << 8), 0x0a000002)
            packet += tcp + bytes((30, 4, 0x01, 0x01))
            file.write(struct.pack("<IIII", 1000 + i, 0, len(packet), len(packet)) + packet)


def check_long(browser, directory):
    """A long table: rows are laid out when they come into sight."""
    path = os.path.join(directory, "syns.pcap")
    write_syns(path, 3000)
    page, report = write_page(os.path.join(directory, "long"), "-f", path)
    assert len(report["connections"]) == 3000
    browser.open(page)
    browser.run(CLICK, 0)
    assert browser.run(ORDER) == list(range(2999, -1, -1))
    browser.run(FILTER, ":1999")
    assert browser.run(ORDER) == [1999 - 1024]
    browser.run(FILTER, "")
    tree = browser.tool("Accessibility.getFullAXTree")["nodes"]
    roles = [node.get("role", {}).get("value") for node in tree]
    assert roles.count("columnheader") >= len(COLUMNS) and roles.count("row") > 10, \
        {role: roles.count(role) for role in set(roles)}
    aligned = browser.run("""const head = document.querySelectorAll('#all thead th');
        const row = document.querySelectorAll('#all tbody tr')[1].cells;
        return [...head].every((cell, i) => Math.abs(cell.getBoundingClientRect().right -
            row[i].getBoundingClientRect().right) < 1)""")
    assert aligned
    browser.shot("page-long", False)


def repeat(source, path, times):
    """A trace (SLL2, IPv4) again and again, later and from other ports."""
    with open(source, "rb") as file:
        head, rest = file.read(24), file.read()
    assert struct.unpack("<IHHiIII", head)[::6] == (0xa1b2c3d4, 276)
    port = rest[16 + 40:16 + 42]  # of the client, which sent the first packet
    with open(path, "wb") as file:
        file.write(head)
        for i in range(times):
            at = 0
            while at < len(rest):
                seconds, *others = struct.unpack("<IIII", rest[at:at + 16])
                packet = bytearray(rest[at + 16:at + 16 + others[1]])
                for place in (40, 42):
                    if packet[place:place + 2] == port:
                        packet[place:place + 2] = struct.pack("!H", 20000 + i)
                file.write(struct.pack("<IIII", seconds + 10 * i, *others) + packet)
                at += 16 + others[1]


def check_crowd(browser, directory):
    """Many connections with pictures: those of the last are there, too."""
    path = os.path.join(directory, "crowd.pcap")
    repeat(trace("server-first"), path, 300)
    page, report = write_page(os.path.join(directory, "crowd"), "-f", path)
    assert len(report["connections"]) == 300
    browser.open(page)
    counts = browser.run("return ['.conn', '.views', '.signals'].map("
                         "what => document.querySelectorAll(what).length)")
    assert counts == [300, 300, 300], counts
    browser.run("document.querySelector('a[href=\"#c299\"]').click()")
    size = browser.run("""const chart = document.querySelector('#c299 .views .chart');
        const box = chart.querySelector('.box').getBoundingClientRect();
        return [box.width, box.height]""")
    assert size[0] > 300 and size[1] >= 20, size
    browser.run(BOX.replace("document", "document.getElementById('c299')"), 0)
    shown = "return [...document.querySelectorAll('#c' + arguments[0] + ' .views .chart [data-sf=\"0\"]')]" \
        ".map(thing => !thing.classList.contains('off'))"
    assert not any(browser.run(shown, 299)) and all(browser.run(shown, 298))


def check_quiet(browser):
    errors = [line for line in browser.errors() if "favicon" not in line]
    assert not errors, errors


class Tap:
    def __init__(self):
        self.n = 0

    def say(self, result, what):
        self.n += 1
        print(f"{result} {self.n} - {what}", flush=True)

    def check(self, what, function, *arguments):
        try:
            function(*arguments)
            self.say("ok", what)
        except Exception as error:  # pylint: disable=broad-except
            self.say("not ok", what)
            for line in f"{type(error).__name__}: {error}".splitlines():
                print("# " + line)


def start_browser(directory):
    """The browser, or else why there is none, and whether that is well."""
    for name in ("chromium", "chromedriver"):
        if not shutil.which(name):
            return None, f"no {name}", True
    try:
        return Browser(directory), "", True
    except (AssertionError, OSError) as error:
        said = str(error)[:80].replace("\n", " ")
        return None, "chromium does not start: " + said, not MUST_BROWSE


def run(tap, directory):
    one, one_report = write_page(os.path.join(directory, "one"), "-f", trace("sample"),
                                 "--graph", "all")
    many, many_report = write_page(os.path.join(directory, "many"), "-d", TRACES)
    for name, path, report in (("one connection", one, one_report),
                               ("many", many, many_report)):
        page = Page(path)
        tap.check(f"{name}: well-formed", check_form, page)
        tap.check(f"{name}: needs nothing but itself", check_alone, page)
        tap.check(f"{name}: all numbers of --json", check_numbers, page, report)
        tap.check(f"{name}: signals", check_signals, page)
    tap.check("pictures and their legends", check_pictures, Page(one))
    tap.check("file names are text", check_hostile, directory)
    tap.check("says that a trace is cut off", check_truncated, directory)
    tap.check("size", check_size, one)
    in_browser = (
        ("loads", check_load, one),
        ("sorts", check_sort, many, many_report),
        ("filters", check_filter, many, many_report),
        ("a link opens a part", check_link, many, many_report),
        ("subflows on and off", check_toggle, one),
        ("cursor", check_cursor, one, os.path.join(directory, "csv")),
        ("colours, light and dark", check_colours, one),
        ("as wide as a phone", check_phone, one, many),
        ("without script", check_no_script, one, one_report),
        ("a long table", check_long, directory),
        ("many connections with pictures", check_crowd, directory),
        ("no error in the console", check_quiet))
    browser, why_not, well = start_browser(directory)
    try:
        for what, function, *arguments in in_browser:
            if browser:
                tap.check(f"browser: {what}", function, browser, *arguments)
            elif well:
                tap.say("ok", f"browser: {what} # SKIP {why_not}")
            else:
                tap.say("not ok", f"browser: {what}: {why_not}")
    finally:
        if browser:
            browser.quit()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="mptcptrace-page.") as directory:
        tap.check("all of it was tried", run, tap, directory)
    print(f"1..{tap.n}")


main()
