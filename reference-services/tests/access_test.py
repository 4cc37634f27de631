"""Bearer tokens and their scopes at every guarded route of the four services."""

import base64
import pathlib
import re
import signal
import tempfile
import unittest

import services
from harness import ServiceTest, require
from services import Service, operations
from tokens import Tokens, bearer

require(*services.ALL)

ID = "00000000-0000-4000-8000-000000000000"
# method, target, scope; what is not here is open to everybody.
GUARDED = {
    services.GENERATOR: [
        ("POST", "/generate_event", "events:write"),
        ("GET", "/rate", "rate:read"),
        ("PUT", "/rate", "rate:write"),
    ],
    services.ANALYSIS: [
        ("GET", "/events", "events:read"),
        ("GET", f"/events/{ID}", "events:read"),
        ("GET", "/stats", "events:read"),
        ("GET", "/rules", "rules:read"),
    ],
    services.NOTIFICATION: [
        ("GET", "/alerts", "alerts:read"),
        ("GET", f"/alerts/{ID}", "alerts:read"),
        ("POST", "/alerts", "alerts:write"),
        ("PATCH", f"/alerts/{ID}", "alerts:write"),
        ("DELETE", f"/alerts/{ID}", "alerts:write"),
    ],
    services.DASHBOARD: [
        ("GET", "/", "alerts:read"),
        ("GET", f"/alert/{ID}", "alerts:read"),
    ],
}
LOG_LEVEL = [("GET", "/loglevel", "admin"), ("PUT", "/loglevel", "admin")]
OPEN = ("/healthz", "/livez", "/readyz", "/metrics", "/openapi.json")
SCOPES = ("events:write", "rate:read", "rate:write", "events:read", "rules:read", "alerts:read", "alerts:write", "admin")
PASSED = (200, 201, 202, 204, 400, 404, 415, 422)  # it got to the handler, which then looked at the request


class AccessTest(ServiceTest):
    needs = {"rabbitmq": True, "redis": True, "postgres": True}

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.tokens = Tokens(self.folder / "tokens")
        for scope in (*SCOPES, "*"):
            self.tokens.add(scope)

    def start(self, name, **settings):
        settings = {**self.tokens.settings(), **settings}
        if name == services.DASHBOARD:
            notification = self.start(services.NOTIFICATION)
            settings |= {**self.point_at(notification), "NOTIFICATION_SERVICE_TOKEN": self.tokens.add("alerts:read")}
        if name == services.ANALYSIS:
            settings |= {"ARCHIVE": "sqlite", "ARCHIVE_PATH": str(self.folder / "events.db")}
        return self.run_service(name, **settings)

    def ask(self, service: Service, method, target, headers=None):
        body = None if method in ("GET", "DELETE") else {}
        return service.request(method, target, body, headers)

    def check_refused(self, answer, status):
        self.assertEqual((answer.status, answer.media_type), (status, "application/problem+json"), answer)
        self.assertEqual(answer.json()["status"], status)
        if status == 401:
            self.assertRegex(answer.headers["WWW-Authenticate"], "^Bearer")

    def test_every_guarded_route_asks_for_its_scope_and_for_no_other(self):
        for name in services.ALL:
            service = self.start(name)
            for method, target, scope in GUARDED[name] + LOG_LEVEL:
                with self.subTest(service=name, method=method, target=target):
                    self.check_refused(self.ask(service, method, target), 401)
                    self.check_refused(self.ask(service, method, target, bearer("no-such-token")), 401)
                    for other in SCOPES:
                        answer = self.ask(service, method, target, bearer(self.tokens.add(other)))
                        if other == scope:
                            self.assertIn(answer.status, PASSED, answer)
                        else:
                            self.check_refused(answer, 403)
                    answer = self.ask(service, method, target, bearer(self.tokens.add("*")))
                    self.assertIn(answer.status, PASSED, answer)

    def test_what_machines_look_at_is_open(self):
        for name in services.ALL:
            service = self.start(name)
            for target in OPEN:
                with self.subTest(service=name, target=target):
                    self.assertEqual(service.get(target).status, 200)
                    self.assertEqual(service.get(target, bearer("no-such-token")).status, 200)
            if name in (services.GENERATOR, services.ANALYSIS):
                self.assertEqual(services.request(service.metrics_port, "GET", "/metrics").status, 200)

    def test_the_document_names_what_is_guarded_and_nothing_else_is_open(self):
        for name in services.ALL:
            service = self.start(name)
            document, documented = service.get("/openapi.json").json(), set()
            for method, path, operation in operations(document):
                target = re.sub(r"\{[^}]*\}", ID, path)
                with self.subTest(service=name, method=method, path=path):
                    if operation.get("security", document.get("security")):
                        documented.add((method.upper(), target))
                        self.assertLessEqual({"401", "403"}, set(operation["responses"]))
                        self.check_refused(self.ask(service, method.upper(), target), 401)
                    else:
                        self.assertEqual(method, "get")
                        self.assertTrue(path in OPEN or path.startswith("/assets/"), path)
            for method, target, _ in GUARDED[name] + LOG_LEVEL:
                self.assertIn((method, target), documented)

    def test_malformed_credentials_are_refused(self):
        service = self.start(services.GENERATOR)
        token = self.tokens.add("rate:read")
        for value in ("", "Bearer", "Bearer ", f"bearer{token}", f"Digest {token}", token, f"Bearer {token} x", "Basic !!"):
            with self.subTest(value=value):
                self.check_refused(service.get("/rate", {"Authorization": value}), 401)
        self.assertEqual(service.get("/rate", {"Authorization": f"bEARER {token}"}).status, 200)

    def test_browsers_may_read_with_the_token_as_password_but_not_write(self):
        service = self.start(services.DASHBOARD)
        answer = service.get("/", self.basic("alerts:read"))
        self.assertEqual((answer.status, answer.media_type), (200, "text/html"))
        self.check_refused(service.get("/", self.basic("rate:read")), 403)
        generator = self.start(services.GENERATOR)
        self.assertEqual(generator.get("/rate", self.basic("*")).status, 200)
        refused = generator.request("PUT", "/rate", {"events_per_second": 0}, self.basic("*"))
        self.assertIn(refused.status, (401, 403))

    def basic(self, scope):
        credentials = base64.b64encode(f"anybody:{self.tokens.add(scope)}".encode()).decode()
        return {"Authorization": f"Basic {credentials}"}

    def test_the_file_is_read_again_on_sighup_and_a_broken_one_changes_nothing(self):
        service = self.start(services.GENERATOR)
        old, before = self.tokens.add("rate:read"), self.tokens.file.read_text()
        new = Tokens(self.tokens.file).add("rate:read")  # writes the file anew, with only this one
        self.assertEqual(service.get("/rate", bearer(new)).status, 401)
        service.process.send_signal(signal.SIGHUP)
        service.eventually(lambda: service.get("/rate", bearer(new)).status == 200, "the new token")
        self.assertEqual(service.get("/rate", bearer(old)).status, 401)
        self.tokens.file.write_text(before + "broken line\n")
        service.process.send_signal(signal.SIGHUP)
        service.eventually(lambda: "tokens:" in service.log(), "a complaint that names the line")
        self.assertEqual(service.get("/rate", bearer(new)).status, 200)
        self.assertEqual(service.get("/rate", bearer(old)).status, 401)

    def test_a_file_that_is_wrong_at_start_is_named_and_nothing_starts(self):
        cases = {"missing": None, "one word": "x\n", "no digest": "n admin\n", "short": "n admin sha256:00\n"}
        for name, content in cases.items():
            with self.subTest(name):
                file = self.folder / name.replace(" ", "-")
                if content is not None:
                    file.write_text(content)
                service = Service(services.GENERATOR, {"TOKENS_FILE": str(file)})
                self.addCleanup(service.close)
                self.assertEqual(service.start().process.wait(services.WAIT), 2)
                self.assertIn(str(file), service.log())

    def test_tokens_are_never_logged(self):
        service = self.start(services.GENERATOR, LOG_LEVEL="DEBUG")
        for scope in ("rate:read", "admin"):
            service.get("/rate", bearer(self.tokens.add(scope)))
        service.get("/rate", bearer("a-wrong-token-0123456789"))
        service.stop()
        for text in ("a-wrong-token-0123456789", *self.tokens.tokens.values()):
            self.assertNotIn(text, service.log())

    def test_without_tokens_it_warns_where_others_can_reach_it_and_only_there(self):
        for host, tokens, warns in [("0.0.0.0", False, True), ("0.0.0.0", True, False), ("127.0.0.1", False, False)]:
            with self.subTest(host=host, tokens=tokens):
                settings = {"API_HOST": host, "APP_HOST": host, **(self.tokens.settings() if tokens else {})}
                service = self.run_service(services.NOTIFICATION, **settings)
                service.stop()
                lines = [line for line in service.log().splitlines() if "TOKENS_FILE" in line]
                self.assertEqual(bool(lines), warns, service.log())


if __name__ == "__main__":
    unittest.main()
