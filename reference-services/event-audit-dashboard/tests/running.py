"""Starts the built dashboard on a free port and ends it in good order."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["AUDITFLOW_DASHBOARD"]
WAIT = 60  # seconds; far more than anything here takes, also on a busy machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    def __init__(self, folder: pathlib.Path, notification_port, **settings):
        self.port = free_port()
        self.log_path = folder / "log"
        environment = {
            "APP_HOST": "127.0.0.1",
            "APP_PORT": str(self.port),
            "NOTIFICATION_SERVICE_HOST": "127.0.0.1",
            "NOTIFICATION_SERVICE_PORT": str(notification_port),
            "NOTIFICATION_SERVICE_PROBE_INTERVAL": "100ms",
            **settings,
        }
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([PROGRAM], env=environment, stdout=log, stderr=log, cwd=folder)
        self.eventually(lambda: self.status("/livez") == 200, "answer")

    def get(self, target, method="GET", **headers):
        """@return status, headers, body as text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        try:
            connection.request(method, target, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def status(self, target):
        try:
            return self.get(target)[0]
        except OSError:
            return None

    def json(self, target):
        status, _, body = self.get(target)
        return status, json.loads(body)

    def url(self, target):
        return f"http://127.0.0.1:{self.port}{target}"

    def log(self):
        return self.log_path.read_text(errors="replace")

    def eventually(self, condition, what):
        give_up = time.monotonic() + WAIT
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}: {self.log()}")
            if time.monotonic() > give_up:
                raise AssertionError(f"no {what} within {WAIT} s: {self.log()}")
            time.sleep(0.02)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class DashboardTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def dashboard(self, notification, **settings) -> Running:
        """On a stub, or on a port."""
        running = Running(self.folder, getattr(notification, "port", notification), **settings)
        self.addCleanup(running.kill)
        return running
