"""Starts the built `auditflow up` (AUDITFLOW_COMMAND) on a free port, in a folder of its own."""

import json
import os
import pathlib
import re
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

COMMAND = os.environ["AUDITFLOW_COMMAND"]
ORACLE = os.environ["AUDITFLOW_ORACLE"]
RULES = os.environ["AUDITFLOW_RULES"]
WAIT = 120  # far more than anything here takes, also with sanitizers on a busy machine

LOGIN_RULE = """\
title: Log-in
id: 44444444-4444-4444-8444-444444444444
description: "Somebody logged in: {user_id}"
logsource: {product: auditflow}
detection:
  selection: {event_type: user_login}
  condition: selection
level: high
auditflow:
  description: "{user_id} logged in"
"""


def event(number, **members):
    return {
        "event_id": f"00000000-0000-4000-8000-{number:012d}",
        "timestamp": f"2026-11-20T10:00:{number % 60:02d}Z",
        "source_service": "test",
        "server_hostname": "host-1",
        "event_type": "user_login",
        "severity": "INFO",
        "user_id": "somebody",
        "action_result": "SUCCESS",
        "details": {},
        **members,
    }


def json_lines(events):
    return "".join(json.dumps(e) + "\n" for e in events)


class Collector(threading.Thread):
    """Keeps the lines of a stream, with the chance to wait for one."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream = stream
        self.lines = []
        self.ended = False
        self.changed = threading.Condition()
        self.start()

    def run(self):
        for line in self.stream:
            with self.changed:
                self.lines.append(line.decode("utf-8", "replace"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, pattern):
        """The first line that holds `pattern`."""
        found = []

        def look():
            found[:] = [line for line in self.lines if re.search(pattern, line)]
            return found or self.ended

        with self.changed:
            self.changed.wait_for(look, WAIT)
        if not found:
            raise AssertionError(f"no line with {pattern!r} in: " + "".join(self.lines))
        return found[0]

    def wait_for_count(self, count):
        with self.changed:
            self.changed.wait_for(lambda: len(self.lines) >= count or self.ended, WAIT)
            return len(self.lines) >= count


class Running:
    """A started `auditflow up`."""

    def __init__(self, folder, *arguments, data="data", port="0", environment=None, stdin=subprocess.DEVNULL, wrapper=()):
        self.data = pathlib.Path(folder) / data
        clean = {k: v for k, v in os.environ.items() if k not in ("LOG_LEVEL", "API_PORT", "API_HOST", "ENVIRONMENT")}
        self.process = subprocess.Popen(
            [*wrapper, COMMAND, "up", *(("--port", port) if port else ()), "--data-dir", str(self.data), *arguments],
            cwd=folder,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**clean, **(environment or {})},
        )
        self.stdout = Collector(self.process.stdout)
        self.stderr = Collector(self.process.stderr)

    def url(self, path="/"):
        line = self.stderr.wait_for("AuditFlow is up: ")
        return re.search(r"http://[^ ]+:\d+", line).group(0) + path

    def get(self, path):
        """(status, headers, body) whatever the status is."""
        try:
            with urllib.request.urlopen(self.url(path), timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def get_json(self, path):
        status, _, body = self.get(path)
        return status, json.loads(body)

    def metric(self, name):
        for line in self.get("/metrics")[2].splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError("no metric " + name)

    def wait_until(self, condition):
        end = time.monotonic() + WAIT
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("did not come true: " + "".join(self.stderr.lines))
            time.sleep(0.02)

    def finish(self):
        """Its exit code."""
        code = self.process.wait(WAIT)
        self.stdout.join(WAIT)
        self.stderr.join(WAIT)
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.finish()
        self.process.stdout.close()
        self.process.stderr.close()

    @property
    def summary(self):
        """The numbers of its last words, by their names."""
        text = "".join(self.stderr.lines)
        events = re.search(
            r"(\d+) events? in ([\d.]+) s, (\d+) events/s: (\d+) processed, (\d+) duplicates?, (\d+) rejected, "
            r"(\d+) dead letters?",
            text,
        )
        alerts = re.search(r"(\d+) alerts? stored, (\d+) known before, (\d+) dead letters?", text)
        if not events or not alerts:
            raise AssertionError("no summary in: " + text)
        return {
            **dict(
                zip(
                    ("received", "processed", "duplicates", "rejected", "dead_letters"),
                    (int(events.group(i)) for i in (1, 4, 5, 6, 7)),
                )
            ),
            **dict(zip(("stored", "known", "alert_dead_letters"), (int(alerts.group(i)) for i in (1, 2, 3)))),
        }


class UpTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def up(self, *arguments, **options):
        running = Running(self.folder, *arguments, **options)
        self.addCleanup(running.close)
        return running

    def run_up(self, *arguments, expect=0, **options):
        """Runs until it ends by itself."""
        running = self.up(*arguments, **options)
        code = running.finish()
        self.assertEqual(code, expect, "".join(running.stderr.lines))
        return running

    def stored(self, data="data"):
        """All alert ids in the file, which SQLite itself finds sound."""
        connection = sqlite3.connect(self.folder / data / "alerts.db")
        try:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            return [row[0] for row in connection.execute("SELECT alert_id FROM alerts")]
        finally:
            connection.close()

    def assert_balanced(self, summary):
        ends = sum(summary[name] for name in ("processed", "duplicates", "rejected", "dead_letters"))
        self.assertEqual(summary["received"], ends, summary)
