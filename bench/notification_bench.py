#!/usr/bin/env python3
"""Alerts per second through notification-service, beside a bare insert loop of the same rows.

    notification_bench.py [--alerts N] [--rounds R] [--batch B] [--services FOLDER]

On servers of its own: a RabbitMQ, and a PostgreSQL with one database for each side. In each round the bare side
inserts N rows with prepared `unnest` inserts of B rows and a commit each, its parameters made beforehand; then the
service stores the same N alerts from a queue that was filled while it was stopped. The clock of the service runs
from its first row to its last: its start is no part of storing. Prints both rates, their ratio, and the largest
resident memory of the service under this load.

Runs under the Python environment that scripts/bootstrap makes (build/test-venv/bin/python).
"""

import argparse
import json
import pathlib
import random
import sys
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "reference-services" / "tests"))

import pika  # noqa: E402

import services  # noqa: E402
from python_peers import notification, wire  # noqa: E402
from servers import Servers  # noqa: E402

QUEUE = "audit_alerts"
# array type and cast of the contract's columns
TYPES = {
    "alert_id": "uuid",
    "correlation_id": "uuid",
    "timestamp": "timestamptz",
    "client_ip": "inet",
    **dict.fromkeys(notification.JSON_COLUMNS, "jsonb"),
}


def make_alert(rng: random.Random, number: int) -> dict:
    """As our analysis makes them of generated events."""
    user, host = f"user-{rng.randrange(500)}", f"prod-web-{rng.randrange(50)}"
    address = f"192.168.1.{rng.randrange(200)}"
    event_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    at = f"2026-11-20T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.{number % 1000000:06}Z"
    return {
        "alert_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "timestamp": at,
        "alert_name": "Multiple Failed Login Attempts",
        "alert_type": "SECURITY",
        "severity": "CRITICAL",
        "description": f"3 or more failed login attempts for user '{user}' on '{host}' within 60 seconds.",
        "source_service_name": "audit-event-generator",
        "analysis_rule": {
            "rule_id": "ANLY-SEC-001",
            "rule_name": "Failed Login Burst Detection",
            "rule_description": "Detects 3 failed logins within 60 seconds.",
        },
        "triggered_by": {"actor_type": "USER", "actor_id": user, "client_ip": address},
        "impacted_resource": {"resource_type": "SERVER", "resource_id": host, "server_hostname": host},
        "action_observed": "LOGIN_FAILURE",
        "correlation_id": event_id,
        "raw_event_data": {
            "event_id": event_id,
            "timestamp": at,
            "source_service": "audit-event-generator",
            "server_hostname": host,
            "event_type": "user_login",
            "severity": "WARNING",
            "user_id": user,
            "action_result": "FAILURE",
            "details": {"reason": "Incorrect password", "ip_address": address, "protocol": "ssh"},
        },
        "metadata": {
            "tags": ["brute-force", "authentication", "critical"],
            "environment": "DEVELOPMENT",
            "remediation_guidance": "Lock the account and look where the attempts come from.",
            "playbook_url": "https://playbooks.example.org/brute-force",
        },
    }


def as_array(values: list) -> str:
    """PostgreSQL's text form of an array."""
    texts = []
    for value in values:
        text = json.dumps(value) if isinstance(value, dict) else str(value)
        texts.append("NULL" if value is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return "{" + ",".join(texts) + "}"


class Bare:
    """Inserts the rows and does nothing else."""

    def __init__(self, postgres, database: str):
        self.connection = postgres.connect(database)
        notification.make_table(self.connection)
        names = [name for name in wire.ROW_MEMBERS if name != "received_at"]
        arrays = ", ".join(f"%s::{TYPES.get(name, 'text')}[]" for name in names)
        listed = ", ".join(names)
        self.names = names
        self.sql = f"INSERT INTO alerts ({listed}) SELECT * FROM unnest({arrays}) ON CONFLICT (alert_id) DO NOTHING"

    def parameters(self, alerts: list[dict]) -> list[str]:
        rows = [notification.to_row(alert) for alert in alerts]
        return [as_array([row[name] for row in rows]) for name in self.names]

    def run(self, alerts: list[dict], batch: int) -> float:
        """@return seconds."""
        batches = [self.parameters(alerts[i : i + batch]) for i in range(0, len(alerts), batch)]
        with self.connection.cursor() as cursor:
            begin = time.perf_counter()
            for parameters in batches:
                cursor.execute(self.sql, parameters, prepare=True)
            return time.perf_counter() - begin


def fill_queue(rabbitmq, alerts: list[dict]) -> None:
    with rabbitmq.connect() as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.confirm_delivery()
        properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")
        for alert in alerts:
            channel.basic_publish("", QUEUE, wire.encode(alert), properties)


def resident_kib(pid: int, field: str) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


def count(connection) -> int:
    return connection.execute("SELECT count(*) FROM alerts").fetchone()[0]


class ServiceSide:
    def __init__(self, servers, database: str, settings: dict[str, str]):
        self.connection = servers.postgres.connect(database)
        self.settings = {**servers.rabbitmq.settings(), **servers.postgres.settings(database), **settings}
        self.peak_kib = 0

    def run(self, expected: int) -> float:
        """Until the table holds that many. @return seconds from the first row to the last."""
        with services.Service(services.NOTIFICATION, self.settings) as service:
            stored = service.eventually(self.first_batch(expected), "first row")
            begin_rows, begin = stored, time.perf_counter()
            while count(self.connection) < expected:
                self.peak_kib = max(self.peak_kib, resident_kib(service.process.pid, "VmRSS"))
                time.sleep(0.01)
            seconds = time.perf_counter() - begin
            self.peak_kib = max(self.peak_kib, resident_kib(service.process.pid, "VmHWM"))
        return seconds * (expected - self.before) / (expected - begin_rows)

    def first_batch(self, expected: int):
        def stored():
            rows = count(self.connection) if self.has_table() else 0
            return rows if self.before < rows < expected else None

        self.before = count(self.connection) if self.has_table() else 0
        return stored

    def has_table(self) -> bool:
        return self.connection.execute("SELECT to_regclass('alerts') IS NOT NULL").fetchone()[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--services", type=pathlib.Path, help="folder of the programs; a release build for real figures")
    parser.add_argument("settings", nargs="*", metavar="NAME=VALUE", help="further settings of the service")
    options = parser.parse_args()
    if options.services:
        services.PROGRAMS = options.services.resolve()
    rng = random.Random(1)
    with Servers(rabbitmq=True, redis=False, postgres=True) as servers:
        for database in ("bare", "service"):
            servers.postgres.new_database(database)
        bare = Bare(servers.postgres, "bare")
        side = ServiceSide(servers, "service", dict(pair.split("=", 1) for pair in options.settings))
        bare_seconds = service_seconds = 0.0
        for number in range(1, options.rounds + 1):
            alerts = [make_alert(rng, i) for i in range(options.alerts)]
            fill_queue(servers.rabbitmq, alerts)
            a = bare.run(alerts, options.batch)
            b = side.run(number * options.alerts)
            bare_seconds, service_seconds = bare_seconds + a, service_seconds + b
            print(
                f"round {number}: bare {options.alerts / a:,.0f} rows/s, service {options.alerts / b:,.0f} rows/s, "
                f"ratio {a / b:.2f}",
                flush=True,
            )
        print(f"ratio of all rounds {bare_seconds / service_seconds:.2f} (goal: at least 0.60)")
        print(f"resident memory of the service at most {side.peak_kib / 1024:.1f} MiB (goal: under 40 MB)")


if __name__ == "__main__":
    main()
