"""Starts the small service (AUDITFLOW_PROGRAM) on a free port, in a folder and an environment of its own."""

import base64
import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

PROGRAM = os.environ["AUDITFLOW_PROGRAM"]
WAIT = 120  # far more than anything here takes, also with sanitizers on a busy machine


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clean_environment(settings):
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG") or k.endswith("SAN_OPTIONS")}
    return {**kept, **settings}


def digest(token):
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


class Log(threading.Thread):
    """Keeps the records of a program, with the chance to wait for one."""

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

    def records(self):
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def find(self, message):
        return [record for record in self.records() if message in record["msg"]]

    def wait_for(self, message):
        """The first record whose message holds `message`."""
        with self.changed:
            self.changed.wait_for(lambda: self.find(message) or self.ended, WAIT)
            found = self.find(message)
        if not found:
            raise AssertionError(f"no record with {message!r} in: " + "".join(self.lines))
        return found[0]


class Running:
    """A started service."""

    def __init__(self, folder, settings):
        self.process = subprocess.Popen(
            [PROGRAM],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=clean_environment({"APP_HOST": "127.0.0.1", "APP_PORT": "0", **settings}),
        )
        self.log = Log(self.process.stderr)

    @property
    def port(self):
        return self.log.wait_for("listening")["port"]

    def ask(self, method, path, body=None, headers=None, port=None):
        """(status, headers, body) whatever the status is."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{port or self.port}{path}",
            data=body.encode() if body is not None else None,
            headers=headers or {},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=WAIT) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def get(self, path, token=None, **more):
        headers = {"Authorization": "Bearer " + token} if token else {}
        return self.ask("GET", path, headers=headers, **more)

    def get_json(self, path):
        status, _, body = self.get(path)
        return status, json.loads(body)

    def wait_until(self, condition):
        end = time.monotonic() + WAIT
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("did not come true: " + "".join(self.log.lines))
            time.sleep(0.005)

    def terminate(self, number=signal.SIGTERM):
        self.log.wait_for("listening")
        self.process.send_signal(number)

    def finish(self):
        code = self.process.wait(WAIT)
        self.log.join(WAIT)
        self.process.stderr.close()
        return code


class ServiceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, **settings):
        running = Running(self.folder, settings)
        self.addCleanup(self.end, running)
        return running

    @staticmethod
    def end(running):
        if running.process.poll() is None:
            running.process.kill()
        running.finish()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def call(self, *arguments, **settings):
        """A run of the program that is expected to end by itself."""
        return subprocess.run(
            [PROGRAM, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WAIT,
            env=clean_environment(settings),
        )


def basic(password, user=""):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
