"""Each service against its own OpenAPI document: linted, and every operation exercised by schemathesis."""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import openapi_spec_validator

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.broker import ALERTS, EVENTS, Sender
from servers import free_port
from services import operations
from tokens import Tokens

require(*services.ALL)

COMMON = {("get", path) for path in ("/healthz", "/livez", "/readyz", "/metrics", "/loglevel", "/openapi.json")}
COMMON |= {("put", "/loglevel")}
OPERATIONS = {
    services.GENERATOR: {("post", "/generate_event"), ("get", "/rate"), ("put", "/rate")},
    services.ANALYSIS: {("get", "/events"), ("get", "/events/{}"), ("get", "/stats"), ("get", "/rules")},
    services.NOTIFICATION: {
        ("get", "/alerts"),
        ("post", "/alerts"),
        ("get", "/alerts/{}"),
        ("patch", "/alerts/{}"),
        ("delete", "/alerts/{}"),
    },
    services.DASHBOARD: {("get", "/"), ("get", "/alert/{}")},
}
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
CONFIGURATION = """\
[checks.not_a_server_error]
expected-statuses = [{statuses}]
[checks.negative_data_rejection]
expected-statuses = [{refusals}]
"""
ANSWERS = ("2xx", "3xx", "4xx")
REFUSALS = ("400", "401", "403", "404", "405", "406", "409", "411", "412", "413", "414", "415", "422", "431")


def without_names(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


class OpenApiTest(ServiceTest):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.tokens = Tokens(self.folder / "tokens")
        self.all_scopes = self.tokens.add("*")

    def start(self, name, ready=True, **settings):
        if name == services.DASHBOARD:
            settings = {**self.point_at(self.notification), "NOTIFICATION_SERVICE_TOKEN": self.all_scopes, **settings}
        if name == services.ANALYSIS:
            settings = {"ARCHIVE": "sqlite", "ARCHIVE_PATH": str(self.folder / "events.db"), **settings}
        service = self.run_service(name, ready, **settings)
        if name == services.NOTIFICATION:
            self.notification = service
        return service

    def start_all(self, ready=True, **settings):
        order = (services.GENERATOR, services.ANALYSIS, services.NOTIFICATION, services.DASHBOARD)
        return [self.start(name, ready, **settings) for name in order]

    def fill(self):
        """Alerts and events that the operations can find; and a bound on what a rate of a million may pile up."""
        self.servers.rabbitmq.ctl(
            "set_policy", "bounded", ".*", '{"max-length":20000,"overflow":"drop-head"}', "--apply-to", "queues"
        )
        at = datetime.datetime.now(datetime.UTC)
        with Sender(self.servers.rabbitmq, EVENTS) as sender:
            for number in range(20):
                sender.send(wire.encode(wire.file_modified(at, "/var/log/app.log", user_id=f"user-{number}")))
        with Sender(self.servers.rabbitmq, ALERTS) as sender:
            for number in range(20):
                sender.send(wire.encode(wire.burst_alert(wire.login_failure(at, user_id=f"user-{number}"))))
        eventually(lambda: len(self.notification.get("/alerts?limit=50").json()) >= 20, "alerts to look at")

    def test_documents_are_valid_and_name_every_operation_of_the_services(self):
        for service in self.start_all(ready=False):
            with self.subTest(service.name):
                answer = service.get("/openapi.json")
                self.assertEqual((answer.status, answer.media_type), (200, "application/json"))
                document = answer.json()
                openapi_spec_validator.validate(document)
                self.assertRegex(document["openapi"], r"^3\.1\.")
                found = {(method, without_names(path)) for method, path, _ in operations(document)}
                self.assertLessEqual(COMMON | OPERATIONS[service.name], found)
                ids = [operation["operationId"] for _, _, operation in operations(document)]
                self.assertEqual(len(ids), len(set(ids)))
                for method, path, operation in operations(document):
                    self.assertTrue(operation.get("summary"), (method, path))
                    self.assertTrue(operation["responses"], (method, path))

    def test_every_answer_is_a_documented_one(self):
        started = self.start_all()
        self.fill()
        for service in started:
            with self.subTest(service.name):
                self.exercise(service, examples=12, phases="examples,coverage,fuzzing")

    def test_every_answer_is_a_documented_one_where_tokens_are_needed(self):
        started = self.start_all(**self.tokens.settings())
        for service in started:
            with self.subTest(service.name):
                self.exercise(service, examples=5, token=self.all_scopes)

    def test_every_answer_is_a_documented_one_while_all_dependencies_are_down(self):
        down = str(free_port())
        settings = {name: down for name in ("RABBITMQ_PORT", "REDIS_PORT", "PG_PORT")}
        for name in (services.GENERATOR, services.ANALYSIS, services.NOTIFICATION):
            with self.subTest(name):
                service = self.start(name, ready=False, **settings)
                self.exercise(service, examples=5, expected=(*ANSWERS, "503"))
        with self.subTest(services.DASHBOARD):
            service = self.start(services.DASHBOARD, ready=False, NOTIFICATION_SERVICE_PORT=down)
            self.exercise(service, examples=5, expected=(*ANSWERS, "502", "503"))

    def exercise(self, service, examples, phases="examples,fuzzing", token=None, expected=ANSWERS):
        configuration = self.folder / "schemathesis.toml"
        refusals = sorted({*REFUSALS, *(status for status in expected if status.isdigit())})
        configuration.write_text(CONFIGURATION.format(statuses=self.quoted(expected), refusals=self.quoted(refusals)))
        checks = [*CHECKS, "ignored_auth"] if token else CHECKS
        command = [sys.executable, "-B", "-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
        command += ["--checks", ",".join(checks), "--max-examples", str(examples), "--seed", "1"]
        command += ["--phases", phases, "--continue-on-failure", "--no-shrink"]
        command += ["--warnings", "off", "--request-timeout", "30", "--suppress-health-check", "all"]
        if token:
            command += ["--header", f"Authorization: Bearer {token}"]
        command += ["--url", f"http://127.0.0.1:{service.port}", str(self.document(service, with_access=bool(token)))]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=200, check=False)
        report = "\n".join(line[:300] for line in done.stdout.splitlines())
        self.assertEqual(done.returncode, 0, report + done.stderr[-2000:])
        self.assertEqual(service.get("/livez").status, 200)

    @staticmethod
    def quoted(statuses):
        return ", ".join(f'"{status}"' for status in statuses)

    def document(self, service, with_access):
        """The service's own; without tokens everything is open, and the document is to say so."""
        document = service.get("/openapi.json").json()
        if not with_access:
            document.pop("security", None)
            for _, _, operation in operations(document):
                operation.pop("security", None)
        file = self.folder / "openapi.json"
        file.write_text(json.dumps(document))
        return file


if __name__ == "__main__":
    unittest.main()
