"""Starts the built `auditflow` (AUDITFLOW_COMMAND) in a folder of its own."""

import json
import os
import pathlib
import pty
import select
import subprocess
import tempfile
import unittest

COMMAND = os.environ["AUDITFLOW_COMMAND"]

RULE = """\
title: Log-in of root
id: 11111111-1111-4111-8111-111111111111
logsource: {product: auditflow}
detection:
  selection: {user_id: root}
  condition: selection
level: high
"""

LOW_RULE = """\
title: Any log-in
id: 22222222-2222-4222-8222-222222222222
logsource: {product: auditflow}
detection:
  selection: {event_type: user_login}
  condition: selection
level: low
"""

BURST = """\
title: Failure
name: failure
logsource: {product: auditflow}
detection:
  selection: {action_result: FAILURE}
  condition: selection
level: low
---
title: Burst of failures
id: 33333333-3333-4333-8333-333333333333
correlation:
  type: event_count
  rules: [failure]
  group-by: [user_id]
  timespan: 1m
  condition: {gte: 3}
level: critical
"""


def event(number, **members):
    return {
        "event_id": f"00000000-0000-4000-8000-{number:012d}",
        "timestamp": f"2026-11-20T10:00:{number % 60:02d}Z",
        "event_type": "user_login",
        "user_id": "app",
        "action_result": "SUCCESS",
        **members,
    }


def json_lines(events):
    return "".join(json.dumps(e) + "\n" for e in events)


class CommandTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def run_command(self, *arguments, stdin=b"", environment=None, expect=None):
        result = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder,
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True,
            check=False,
            timeout=100,
            env={**os.environ, **(environment or {})},
        )
        result.stdout = result.stdout.decode()
        result.stderr = result.stderr.decode()
        if expect is not None:
            self.assertEqual(result.returncode, expect, result.stdout + result.stderr)
        return result

    def run_on_terminal(self, *arguments, stream="stdout", columns=100):
        """Runs with one standard stream on a pseudo-terminal; returns (exit code, what it saw, the other stream)."""
        try:
            leader, follower = pty.openpty()
        except OSError as error:
            self.skipTest(f"this system gives out no pseudo-terminals: {error}")
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns)}
        environment.pop("NO_COLOR", None)
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: follower}
        process = subprocess.Popen(
            [COMMAND, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, env=environment, **streams
        )
        os.close(follower)
        other = process.stderr if stream == "stdout" else process.stdout
        seen, rest = b"", b""
        open_fds = [leader, other.fileno()]
        while open_fds:
            for fd in select.select(open_fds, [], [], 60)[0]:
                try:
                    data = os.read(fd, 65536)
                except OSError:  # a terminal whose program has ended
                    data = b""
                if not data:
                    open_fds.remove(fd)
                elif fd == leader:
                    seen += data
                else:
                    rest += data
        other.close()
        os.close(leader)
        return process.wait(timeout=60), seen.decode(), rest.decode()
