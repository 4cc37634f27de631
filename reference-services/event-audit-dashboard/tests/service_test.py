"""The dashboard as a program, on a stand-in for the Python notification service."""

import base64
import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import time
import unittest

from running import PROGRAM, DashboardTest, free_port
from stub_notification import StubNotification, row

UNKNOWN = "00000000-0000-4000-8000-000000000000"
HEALTHY = {"status": "healthy", "service": "event-audit-dashboard"}
STUB = "notification_service"


def contrast(first: str, second: str) -> float:
    """WCAG 2.1: the ratio of two colours' relative luminances."""

    def luminance(colour):
        digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


class Service(DashboardTest):
    def test_lists_what_the_notification_service_has_and_pages_through_it(self):
        with StubNotification([row(number) for number in range(120, 0, -1)]) as stub:
            dashboard = self.dashboard(stub)
            status, headers, first = dashboard.get("/")
            self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
            self.assertEqual(first.count('class="what" href="/alert/'), 50)
            self.assertIn("/alerts?limit=51&offset=0", stub.targets)
            self.assertIn('href="/?offset=50"', first)
            last = dashboard.get("/?offset=100")[2]
            self.assertEqual(last.count('class="what" href="/alert/'), 20)
            self.assertNotIn("Older", last)
            self.assertEqual(dashboard.get("/", method="HEAD")[2], "")

    def test_an_alert_in_full_and_ids_that_are_none(self):
        alert = row(7, client_ip="192.168.1.150")
        with StubNotification([alert]) as stub:
            dashboard = self.dashboard(stub)
            status, _, page = dashboard.get("/alert/" + alert["alert_id"])
            self.assertEqual(status, 200)
            for text in (alert["correlation_id"], "192.168.1.150", "brute-force", "Detects 3 failed logins.", "ssh"):
                self.assertIn(text, page)
            self.assertEqual(dashboard.status("/alert/" + alert["alert_id"].upper()), 200)
            self.assertEqual(dashboard.status("/alert/" + UNKNOWN), 404)
            for bad in ("7", UNKNOWN + "x", "%00", "..%2f..%2fetc", "'%20OR%20'1'='1", "%3Cscript%3E"):
                status, _, page = dashboard.get("/alert/" + bad)
                self.assertEqual(status, 400, bad)
                self.assertNotIn("<script", page)

    def test_bad_parameters_are_the_requests_fault(self):
        with StubNotification([row(1)]) as stub:
            dashboard = self.dashboard(stub)
            asked = len(stub.targets)
            for query in ("offset=-1", "offset=x", "limit=0", "since=soon", "until=2026-13-01", "status=closed"):
                self.assertEqual(dashboard.status("/?" + query), 400, query)
            self.assertFalse([target for target in stub.targets[asked:] if "limit=51" in target])
            self.assertEqual(dashboard.status("/?offset=99999999999999999999"), 200)

    def test_away_and_back(self):
        stub = StubNotification([row(1)])
        with stub:
            dashboard = self.dashboard(stub)
            self.assertEqual(dashboard.status("/"), 200)
        dashboard.eventually(lambda: not dashboard.json("/healthz")[1]["components"][STUB]["up"], "notice of absence")
        for target in ("/", "/alert/" + UNKNOWN):
            status, headers, page = dashboard.get(target)
            self.assertEqual(status, 503)
            self.assertGreaterEqual(int(headers["Retry-After"]), 1)
            self.assertIn(f"The notification service at 127.0.0.1:{stub.port}", page)
            self.assertIn("Connection refused", page)
            self.assertIn("<dt>Since</dt>", page)
            self.assertIn("<dt>Last answer</dt>", page)
            self.assertNotIn("Multiple Failed", page)
            self.assertNotIn("No alerts", page)
        # Its own health is its own; what is away is told beside it.
        for target in ("/healthz", "/livez", "/readyz"):
            self.assertEqual(dashboard.status(target), 200, target)
        component = dashboard.json("/healthz")[1]["components"][STUB]
        self.assertFalse(component["critical"])
        self.assertIn("Connection refused", component["reason"])
        self.assertIn("notification_connection_status 0", dashboard.get("/metrics")[2])
        with stub:
            dashboard.eventually(lambda: dashboard.status("/") == 200, "recovery")
            self.assertIn("notification_connection_status 1", dashboard.get("/metrics")[2])
        self.assertIn("the notification service is away", dashboard.log())
        self.assertIn("the notification service answers", dashboard.log())

    def test_starts_and_answers_where_there_has_never_been_a_notification_service(self):
        dashboard = self.dashboard(free_port())
        self.assertEqual(dashboard.status("/"), 503)
        status, health = dashboard.json("/healthz")
        self.assertEqual(status, 200)
        self.assertLessEqual(HEALTHY.items(), health.items())
        self.assertEqual(dashboard.stop(), 0)

    def test_each_way_to_fail_is_told_apart(self):
        failures = {
            "answers 500": (500, "application/json", b'{"error":"Internal server error"}'),
            "answers 401": (401, "application/json", b"{}"),
            "answers 302": (302, "text/html", b""),
            "is no JSON array": (200, "text/html", b"<html>hello</html>"),
            "too large": (200, "application/json", b"[" + b" " * 200_000 + b"]"),
        }
        with StubNotification([]) as stub:
            dashboard = self.dashboard(stub, NOTIFICATION_SERVICE_MAX_ANSWER_BYTES="65536")
            for text, answer in failures.items():
                stub.answer = answer
                page = dashboard.get("/")[2]
                self.assertIn(text, page)
            stub.answer = None
            self.assertEqual(dashboard.status("/"), 200)

    def test_one_that_hangs_holds_up_neither_health_nor_the_end(self):
        with StubNotification([]) as stub:
            dashboard = self.dashboard(stub, NOTIFICATION_SERVICE_TIMEOUT="300ms")
            stub.answer = "hang"
            dashboard.eventually(lambda: "no answer in time" in dashboard.get("/")[2], "time-out")
            self.assertEqual(dashboard.json("/healthz")[0], 200)
            begin = time.monotonic()
            self.assertEqual(dashboard.stop(), 0)
            self.assertLess(time.monotonic() - begin, 20)

    def test_pages_that_wait_leave_room_for_others(self):
        with StubNotification([]) as stub:
            dashboard = self.dashboard(stub, NOTIFICATION_SERVICE_TIMEOUT="30s")
            dashboard.eventually(lambda: dashboard.json("/healthz")[1]["components"][STUB]["up"], "first answer")
            stub.answer = "hang"
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                pages = [pool.submit(dashboard.get, "/") for _ in range(8)]
                dashboard.eventually(lambda: any(page.done() for page in pages), "page that is refused")
                (refused, *_) = [page.result() for page in pages if page.done()]
                self.assertEqual(refused[0], 503)
                self.assertIn("requests wait for it already", refused[2])
                for target in ("/healthz", "/alert/7", "/assets/style.css"):
                    self.assertIn(dashboard.status(target), (200, 400), target)
                self.assertFalse(all(page.done() for page in pages), "some still wait")
                stub.answer = None

    def test_a_row_that_nobody_can_read_hides_no_other(self):
        hostile = json.dumps(row(3)).encode()
        rows = [
            b'{"alert_id":"<script>alert(1)</script>"}',
            hostile.replace(b'"app_user"', b'"\xff\xfe"'),
            hostile.replace(b'"details": {', b'"details": {"size": Infinity, "n": 1e999, '),
            b"[" * 5000 + b"]" * 5000,
            row(1),
        ]
        with StubNotification(rows) as stub:
            dashboard = self.dashboard(stub)
            status, _, page = dashboard.get("/")
            self.assertEqual(status, 200)
            self.assertEqual(page.count('class="what" href="/alert/'), 3)
            self.assertIn("2 alerts of this page cannot be read.", page)
            self.assertNotIn("<script", page)

    def test_sends_its_token_from_a_file_and_keeps_it_to_itself(self):
        secret = self.folder / "token"
        secret.write_text("very-secret\n")
        with StubNotification([]) as stub:
            dashboard = self.dashboard(stub, NOTIFICATION_SERVICE_TOKEN_FILE=str(secret))
            self.assertEqual(dashboard.status("/"), 200)
            self.assertEqual(set(stub.tokens), {"Bearer very-secret"})
            stub.answer = (401, "application/json", b"{}")
            self.assertNotIn("very-secret", dashboard.get("/")[2] + dashboard.log())

    def test_asks_browsers_for_a_token_once_there_are_any(self):
        tokens = self.folder / "tokens"
        tokens.write_text(f"reader alerts:read sha256:{hashlib.sha256(b'good').hexdigest()}\n")
        with StubNotification([row(1)]) as stub:
            dashboard = self.dashboard(stub, TOKENS_FILE=str(tokens))
            for target in ("/", "/alert/" + row(1)["alert_id"]):
                status, headers, body = dashboard.get(target, Accept="text/html,*/*;q=0.8")
                self.assertEqual((status, headers["Content-Type"]), (401, "application/problem+json"))
                self.assertIn("Basic", " ".join(headers.get_all("WWW-Authenticate")))
                self.assertNotIn("Multiple Failed", body)
                for password, expected in (("good", 200), ("bad", 401)):
                    basic = "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()
                    self.assertEqual(dashboard.get(target, Authorization=basic)[0], expected)
            for target in ("/assets/style.css", "/healthz", "/metrics", "/openapi.json"):
                self.assertEqual(dashboard.status(target), 200, target)

    def test_health_metrics_and_document(self):
        with StubNotification([]) as stub:
            dashboard = self.dashboard(stub)
            dashboard.eventually(lambda: dashboard.json("/healthz")[1]["components"][STUB]["up"], "first answer")
            status, headers, _ = dashboard.get("/metrics")
            self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
            status, document = dashboard.json("/openapi.json")
            self.assertEqual((status, document["openapi"]), (200, "3.1.0"))
            self.assertLessEqual({"/", "/alert/{id}", "/healthz", "/metrics"}, set(document["paths"]))

    def test_pages_forbid_scripts_and_what_comes_from_elsewhere(self):
        with StubNotification([row(1)]) as stub:
            dashboard = self.dashboard(stub)
            for target in ("/", "/alert/" + row(1)["alert_id"], "/alert/x"):
                headers = dashboard.get(target)[1]
                self.assertRegex(headers["Content-Security-Policy"], "^default-src 'none'; style-src 'self'; img-src 'self'; form")
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(headers["Referrer-Policy"], "no-referrer")
                self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertEqual(dashboard.get("/assets/style.css")[1]["Content-Type"], "text/css; charset=utf-8")

    def test_colours_can_be_told_apart(self):
        """Text has at least the contrast that WCAG 2.1 asks for at level AA, in both colour schemes."""
        with StubNotification([]) as stub:
            style = self.dashboard(stub).get("/assets/style.css")[2]
        light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", part)) for part in style.split("@media")[:2])
        for colours in (light, dark):
            pairs = [("text", "page"), ("text", "card"), ("dim", "page"), ("dim", "card"), ("accent", "page")]
            pairs += [("accent", "card"), ("card", "accent"), ("text", "field")]
            pairs += [(name, name + "-bg") for name in ("critical", "high", "medium", "low", "info")]
            for text, behind in pairs:
                self.assertGreaterEqual(contrast(colours[text], colours[behind]), 4.5, (text, behind))

    def test_names_all_that_is_wrong_with_its_settings(self):
        wrong = {
            "NOTIFICATION_SERVICE_PORT": "tcp://nowhere",
            "NOTIFICATION_SERVICE_TIMEOUT": "1h",
            "ALERTS_PER_PAGE": "0",
        }
        done = subprocess.run([PROGRAM, "--check-config"], env=wrong, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        for name in wrong:
            self.assertIn(name, done.stderr)
        kubernetes = {"NOTIFICATION_SERVICE_PORT": "tcp://10.0.0.7:8123"}
        done = subprocess.run([PROGRAM, "--print-config"], env=kubernetes, capture_output=True, text=True, check=True)
        self.assertRegex(done.stdout, "NOTIFICATION_SERVICE_PORT=8123")

    def test_the_reference_names_every_setting(self):
        reference = pathlib.Path(__file__).parents[3] / "docs" / "reference" / "dashboard.md"
        done = subprocess.run([PROGRAM, "--config-reference"], env={}, capture_output=True, text=True, check=True)
        own = done.stdout[done.stdout.index("Notification service") :]
        for name in [line.split("`")[1] for line in own.splitlines() if line.startswith("| `")]:
            self.assertIn(f"`{name}`", reference.read_text())


if __name__ == "__main__":
    unittest.main()
