"""Starts our four services as built, with the contract's variables, and ends them in good order.

AUDITFLOW_SERVICES names the folder of the programs: of a build, or one into which they were installed.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import typing

from servers import free_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("AUDITFLOW_SERVICES", ROOT / "build" / "dev" / "reference-services")).resolve()
RULES = ROOT / "sdk" / "rules"

GENERATOR = "audit-event-generator"
ANALYSIS = "audit-log-analysis"
NOTIFICATION = "notification-service"
DASHBOARD = "event-audit-dashboard"
ALL = (GENERATOR, ANALYSIS, NOTIFICATION, DASHBOARD)

PORT_VARIABLE = {GENERATOR: "APP_PORT", ANALYSIS: "APP_PORT", NOTIFICATION: "API_PORT", DASHBOARD: "APP_PORT"}
WAIT = 60  # far more than anything here takes, also on a busy machine
MOST_MEMORY = 40 * 1024  # KiB that a service may have resident under load


def program(name: str) -> pathlib.Path:
    path = PROGRAMS / name
    return path / name if path.is_dir() else path


class Answer(typing.NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str:
        return self.headers.get_content_type()


def request(port: int, method: str, target: str, body=None, headers=None, timeout=30) -> Answer:
    """One request on a connection of its own. `body`: bytes as they are, anything else as JSON."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


METHODS = ("get", "put", "post", "patch", "delete", "head", "options")


def operations(document: dict):
    """Method, path and operation of each in an OpenAPI document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


class Service:
    """A running service; a context manager that requires it to end with code 0 after SIGTERM."""

    def __init__(self, name: str, settings: dict[str, str], arguments: tuple[str, ...] = ()):
        self.name = name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-"))
        self.port = free_port()
        self.metrics_port = free_port()
        self.settings = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            PORT_VARIABLE[name]: str(self.port),
            "API_HOST": "127.0.0.1",
            "APP_HOST": "127.0.0.1",
            "PROMETHEUS_PORT": str(self.metrics_port),
            "RULES_DIR": str(RULES),
            **settings,
        }
        self.arguments = arguments
        self.process = None

    # Starting and ending

    def start(self) -> "Service":
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [str(program(self.name)), *self.arguments],
                cwd=self.folder,
                env=self.settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    def wait_until_answering(self) -> "Service":
        return self.wait_for("/livez", 200)

    def wait_until_ready(self) -> "Service":
        return self.wait_for("/readyz", 200)

    def wait_for(self, target: str, status: int) -> "Service":
        self.eventually(lambda: self.status_of(target) == status, f"{status} at {target}")
        return self

    def status_of(self, target: str) -> int | None:
        try:
            return self.get(target).status
        except OSError:
            return None

    def eventually(self, condition, what: str, seconds: float = WAIT):
        """The first value of `condition()` that is true; the service has to live meanwhile."""
        give_up = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.log()}")
            if time.monotonic() > give_up:
                raise AssertionError(f"{self.name}: no {what} within {seconds} s:\n{self.log()}")
            time.sleep(0.05)

    def stop(self) -> float:
        """SIGTERM; requires the exit code 0. @return the seconds that it took."""
        begin = time.monotonic()
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} had ended with {self.process.returncode}:\n{self.log()}")
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end within {WAIT} s:\n{self.log()}") from None
        if code != 0:
            raise AssertionError(f"{self.name} ended with {code}:\n{self.log()}")
        return time.monotonic() - begin

    def peak_memory(self) -> int:
        """The most that it has had resident, KiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-8000:]

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "Service":
        return self.start()

    def __exit__(self, kind, *_) -> None:
        try:
            if kind is None and self.process.poll() is None:
                self.stop()
            elif kind is not None:
                print(f"--- {self.name}:\n{self.log()}---", flush=True)
        finally:
            self.close()

    # HTTP

    def request(self, method: str, target: str, body=None, headers=None, timeout=30) -> Answer:
        return request(self.port, method, target, body, headers, timeout)

    def get(self, target: str, headers=None) -> Answer:
        return self.request("GET", target, headers=headers)

    def post(self, target: str, body, headers=None) -> Answer:
        return self.request("POST", target, body, headers)

    def metrics(self) -> "Metrics":
        return Metrics(self.get("/metrics").text)


class Metrics:
    """Prometheus' text form, read strictly enough to notice a line that a scrape would refuse."""

    def __init__(self, text: str):
        self.types: dict[str, str] = {}
        self.samples: dict[tuple[str, frozenset], float] = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.types[name] = kind
            elif line and not line.startswith("#"):
                name, labels, value = self.parse(line)
                self.samples[name, frozenset(labels.items())] = value

    @staticmethod
    def parse(line: str) -> tuple[str, dict[str, str], float]:
        name, brace, rest = line.partition("{")
        if not brace:
            name, _, value = line.partition(" ")
            return name, {}, float(value.split(" ")[0])
        labels, position = {}, 0
        while rest[position] != "}":
            end = rest.index('="', position)
            label, position, text = rest[position:end].lstrip(","), end + 2, ""
            while rest[position] != '"':
                if rest[position] == "\\":
                    position += 1
                text, position = text + rest[position], position + 1
            labels[label], position = text, position + 1
        return name, labels, float(rest[position + 1 :].split()[0])

    def label_names(self, name: str) -> set[frozenset]:
        return {frozenset(label for label, _ in labels) for found, labels in self.samples if found == name}

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples of this name that have these labels."""
        wanted = set(labels.items())
        return sum(value for (found, having), value in self.samples.items() if found == name and wanted <= having)
