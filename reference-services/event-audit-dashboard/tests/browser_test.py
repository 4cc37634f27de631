"""The dashboard's pages in a real browser, without a screen. Skipped where there is no Chromium."""

import re
import shutil
import struct
import subprocess
import unittest
import urllib.parse
import zlib

from running import DashboardTest
from stub_notification import StubNotification, row

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MARK = "document.documentElement.className='broken'"
ATTACK = f"\"><script>{MARK}</script><img src=x onerror=\"{MARK}\"><svg onload=\"{MARK}\">'--><b>\u202e"


def hostile(number: int) -> dict:
    """A row with an attack in every text that it has."""

    def spoil(value):
        if isinstance(value, str):
            return ATTACK
        if isinstance(value, list):
            return [spoil(element) for element in value]
        if isinstance(value, dict):
            return {key + (ATTACK if key == "reason" else ""): spoil(element) for key, element in value.items()}
        return value

    clean = row(number, client_ip="x")
    kept = ("alert_id", "correlation_id", "timestamp", "received_at")
    return {**spoil(clean), **{name: clean[name] for name in kept}}


@unittest.skipUnless(BROWSER, "no Chromium is installed")
class Browser(DashboardTest):
    def browse(self, *arguments):
        result = subprocess.run(
            [
                *(BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                *("--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"),
                f"--user-data-dir={self.folder / 'profile'}",
                *arguments,
            ],
            capture_output=True,
            check=True,
            timeout=100,
        )
        return result.stdout.decode(), result.stderr.decode()

    def dom(self, url):
        """The document when all has been loaded and done."""
        dom, log = self.browse("--dump-dom", url)
        self.assertNotIn("Content Security Policy", log, "the page breaks its own policy")
        self.assertNotIn('class="broken"', dom)
        return dom

    def test_the_list_and_an_alert(self):
        with StubNotification([row(number) for number in range(3)]) as stub:
            dashboard = self.dashboard(stub)
            dom = self.dom(dashboard.url("/"))
            self.assertEqual(len(re.findall(r'<a class="what"', dom)), 3)
            self.assertIn("<title>AuditFlow alerts</title>", dom)
            target = re.search(r'<a class="what" href="([^"]+)"', dom)[1]
            dom = self.dom(dashboard.url(target))
            self.assertIn("<h1>Multiple Failed Login Attempts</h1>", dom)
            self.assertIn(stub.rows[0]["correlation_id"], dom)

    def test_away_and_back(self):
        stub = StubNotification([row(1)])
        with stub:
            dashboard = self.dashboard(stub)
            self.assertIn('<a class="what"', self.dom(dashboard.url("/")))
        dom = self.dom(dashboard.url("/"))
        self.assertIn("<h1>The alerts cannot be read now</h1>", dom)
        self.assertIn('http-equiv="refresh"', dom, "it comes back by itself")
        self.assertNotIn('<a class="what"', dom)
        with stub:
            dashboard.eventually(lambda: dashboard.status("/") == 200, "recovery")
            self.assertIn('<a class="what"', self.dom(dashboard.url("/")))

    def test_no_value_runs_or_becomes_markup(self):
        with StubNotification([hostile(2), row(1)]) as stub:
            dashboard = self.dashboard(stub, PAGE_TITLE=f"Own <title> & {MARK}")
            for target in ("/", "/?q=" + urllib.parse.quote(ATTACK), "/alert/" + hostile(2)["alert_id"]):
                dom = self.dom(dashboard.url(target))
                self.assertNotRegex(dom, "<(script|img|svg|b>)[^>]*onerror|<script|<svg|<img")
                self.assertNotIn("\u202e", dom)
                self.assertIn("&lt;script&gt;", dom)

    def test_nothing_is_wider_than_its_screen(self):
        long = {
            "alert_name": "N" * 250,
            "severity": "S" * 50,
            "actor_id": "a" * 255,
            "server_hostname": "h" * 255,
            "rule_id": "R" * 255,
            "description": "d" * 5000,
            "metadata": {"tags": ["t" * 400], "playbook_url": "https://x/" + "p" * 400},
        }
        event = {"key": "v" * 4000}
        rows = [row(2, **long, raw_event_data=event), row(1)]
        with StubNotification(rows) as stub:
            dashboard = self.dashboard(stub, REFRESH_INTERVAL="0")
            for target in ("/", "/alert/" + rows[0]["alert_id"]):
                for width in (390, 1280):
                    self.check_fits(dashboard, target, width)

    def check_fits(self, dashboard, target, width):
        """What is wider than the window reaches its right edge, where a page that fits has its margin."""
        picture = self.folder / "shot.png"
        self.browse(f"--window-size={width},700", f"--screenshot={picture}", dashboard.url(target))
        self.assertEqual(struct.unpack(">II", picture.read_bytes()[16:24]), (width, 700))
        pixels = pixels_of(picture.read_bytes())
        margin = [line[-4:] for line in pixels]
        self.assertEqual(len({pixel for line in margin for pixel in line}), 1, f"{target} at {width} reaches the edge")

    def test_an_empty_list_and_errors_are_pages(self):
        with StubNotification([]) as stub:
            dashboard = self.dashboard(stub)
            self.assertIn("No alerts yet.", self.dom(dashboard.url("/")))
            for target in ("/alert/7", "/alert/00000000-0000-4000-8000-000000000000", "/?offset=-1"):
                dom = self.dom(dashboard.url(target))
                self.assertRegex(dom, "<h1>(Bad Request|Not Found)</h1>")
                self.assertIn('<a href="/">All alerts</a>', dom)

    def test_a_page_is_made_for_readers_of_screens_and_keyboards(self):
        with StubNotification([row(1)]) as stub:
            dashboard = self.dashboard(stub)
            dom = self.dom(dashboard.url("/"))
            self.assertIn('<html lang="en">', dom)
            self.assertEqual(dom.count("<h1"), 1)
            self.assertEqual(len(re.findall(r'<th scope="col"', dom)), 5)
            self.assertIn("<caption", dom)
            self.assertNotRegex(dom, "tabindex=\"[1-9]|onclick|<div[^>]*href")


def pixels_of(png: bytes):
    """The lines of an 8-bit RGB or RGBA picture as lists of colours."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8 and kind in (2, 6), (depth, kind)
    size = 3 if kind == 2 else 4
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    raw, lines, before = zlib.decompress(data), [], bytearray(width * size)
    for number in range(height):
        start = number * (width * size + 1)
        line = unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * size]), before, size)
        lines.append([tuple(line[i : i + 3]) for i in range(0, len(line), size)])
        before = line
    return lines


def unfiltered(kind, line, above, size):
    for i in range(len(line)):
        left = line[i - size] if i >= size else 0
        corner = above[i - size] if i >= size else 0
        if kind == 1:
            line[i] = (line[i] + left) & 255
        elif kind == 2:
            line[i] = (line[i] + above[i]) & 255
        elif kind == 3:
            line[i] = (line[i] + (left + above[i]) // 2) & 255
        elif kind == 4:
            guess = left + above[i] - corner
            nearest = min((abs(guess - left), 0, left), (abs(guess - above[i]), 1, above[i]), (abs(guess - corner), 2, corner))
            line[i] = (line[i] + nearest[2]) & 255
    return line


if __name__ == "__main__":
    unittest.main()
