"""Plays the Python notification service towards a dashboard, from the wire contract alone: `limit` and `offset`, rows
with times as Python prints them, error texts, a 404 in JSON. Unknown parameters mean nothing to it."""

import http.server
import json
import threading
import time
import urllib.parse
import uuid


def row(number: int, **members) -> dict:
    """The alert with this number; the larger, the newer."""
    event = {
        "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"event {number}")),
        "timestamp": "2026-11-20T18:55:54.352392Z",
        "event_type": "user_login",
        "action_result": "FAILURE",
        "user_id": "app_user",
        "details": {"reason": "Incorrect password", "ip_address": "192.168.1.150", "protocol": "ssh"},
    }
    at = f"2026-11-20 18:{number // 60 % 60:02}:{number % 60:02}"
    return {
        "alert_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"alert {number}")),
        "correlation_id": event["event_id"],
        "timestamp": f"{at}+00:00",
        "received_at": f"{at}.123456+00:00",
        "alert_name": "Multiple Failed Login Attempts",
        "alert_type": "SECURITY",
        "severity": "CRITICAL",
        "description": "3 or more failed login attempts for user 'app_user' on 'prod-db-02' within 60 seconds.",
        "source_service_name": "audit-event-generator",
        "rule_id": "ANLY-SEC-001",
        "rule_name": "Failed Login Burst Detection",
        "actor_type": "USER",
        "actor_id": "app_user",
        "client_ip": None,
        "resource_type": "SERVER",
        "resource_id": "prod-db-02",
        "server_hostname": "prod-db-02",
        "action_observed": "LOGIN_FAILURE",
        "analysis_rule_details": {"rule_id": "ANLY-SEC-001", "rule_description": "Detects 3 failed logins."},
        "triggered_by_details": {"actor_type": "USER", "actor_id": "app_user", "client_ip": "N/A"},
        "impacted_resource_details": {"resource_type": "SERVER", "server_hostname": "prod-db-02"},
        "metadata": {
            "tags": ["brute-force", "authentication", "critical"],
            "environment": "DEVELOPMENT",
            "remediation_guidance": "Block the address and ask the user.",
            "playbook_url": "https://playbooks.example.org/failed-logins?a=1&b=2",
        },
        "raw_event_data": event,
        **members,
    }


class StubNotification:
    """A server on a free port, or on the one that it had before. A context manager.

    `rows`, newest first, may be dicts or bytes as they shall go over the wire. `answer` may be set to
    (status, content type, bytes), or to "hang", to answer so whatever is asked.
    """

    def __init__(self, rows=()):
        self.rows = list(rows)
        self.port = 0
        self.answer = None
        self.targets = []
        self.tokens = []
        self.server = None

    def __enter__(self):
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                stub.targets.append(self.path)
                stub.tokens.append(self.headers.get("Authorization"))
                if stub.answer == "hang":
                    while stub.answer == "hang":
                        time.sleep(0.02)
                    return
                status, kind, body = stub.answer or stub.look_up(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.answer = None
        self.server.shutdown()
        self.server.server_close()

    def look_up(self, target: str):
        path, _, query = target.partition("?")
        if path == "/alerts":
            return self.page(dict(urllib.parse.parse_qsl(query)))
        return self.one(path.removeprefix("/alerts/"))

    def page(self, query):
        try:
            limit = int(query.get("limit", "10"))
        except ValueError:
            return self.json(400, {"error": "Limit must be an integer."})
        if limit <= 0:
            return self.json(400, {"error": "Limit must be a positive integer."})
        offset = int(query.get("offset", "0"))
        rows = [self.encoded(row) for row in self.rows[offset : offset + limit]]
        return 200, "application/json", b"[" + b",".join(rows) + b"]\n"

    def one(self, text: str):
        try:
            uuid.UUID(text)
        except ValueError:
            return self.json(400, {"error": f"Invalid alert ID format: '{text}'. Must be a valid UUID."})
        for row in self.rows:
            if text.encode() in self.encoded(row):
                return 200, "application/json", self.encoded(row)
        return self.json(404, {"message": "Alert not found"})

    @staticmethod
    def encoded(row) -> bytes:
        return row if isinstance(row, bytes) else json.dumps(row).encode()

    @staticmethod
    def json(status: int, body):
        return status, "application/json", json.dumps(body).encode()
