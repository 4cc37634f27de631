"""Plays notification-service: stores alerts in the contract's table and serves them as the Python service does."""

import http.server
import json
import threading
import urllib.parse
import uuid

import psycopg
from psycopg.types.json import Jsonb

from python_peers import wire
from python_peers.broker import ALERTS, Receiver
from servers import Postgres, RabbitMq

TABLE = """
CREATE TABLE IF NOT EXISTS alerts (
    alert_id UUID PRIMARY KEY,
    correlation_id UUID NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ DEFAULT NOW(),
    alert_name VARCHAR(255) NOT NULL,
    alert_type VARCHAR(50) NOT NULL,
    severity VARCHAR(50) NOT NULL,
    description TEXT,
    source_service_name VARCHAR(255),
    rule_id VARCHAR(255),
    rule_name VARCHAR(255),
    actor_type VARCHAR(50),
    actor_id VARCHAR(255),
    client_ip INET,
    resource_type VARCHAR(50),
    resource_id VARCHAR(255),
    server_hostname VARCHAR(255),
    action_observed VARCHAR(255),
    analysis_rule_details JSONB,
    triggered_by_details JSONB,
    impacted_resource_details JSONB,
    metadata JSONB,
    raw_event_data JSONB NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_alerts_timestamp ON alerts (timestamp DESC);
CREATE INDEX IF NOT EXISTS idx_alerts_alert_type ON alerts (alert_type);
CREATE INDEX IF NOT EXISTS idx_alerts_severity ON alerts (severity);
CREATE INDEX IF NOT EXISTS idx_alerts_actor_id ON alerts (actor_id);
CREATE INDEX IF NOT EXISTS idx_alerts_server_hostname ON alerts (server_hostname);
CREATE INDEX IF NOT EXISTS idx_alerts_rule_name ON alerts (rule_name);
CREATE INDEX IF NOT EXISTS idx_alerts_metadata_gin ON alerts USING GIN (metadata);
CREATE INDEX IF NOT EXISTS idx_alerts_raw_event_data_gin ON alerts USING GIN (raw_event_data);
"""
JSON_COLUMNS = (
    "analysis_rule_details",
    "triggered_by_details",
    "impacted_resource_details",
    "metadata",
    "raw_event_data",
)


def make_table(database: psycopg.Connection) -> None:
    database.execute(TABLE)


def to_row(alert: dict) -> dict:
    rule, actor, resource = alert["analysis_rule"], alert["triggered_by"], alert["impacted_resource"]
    address = actor.get("client_ip")
    return {
        **{name: alert[name] for name in wire.ALERT_MEMBERS if name in wire.ROW_MEMBERS},
        "timestamp": wire.read_time(alert["timestamp"]),
        "rule_id": rule["rule_id"],
        "rule_name": rule["rule_name"],
        "actor_type": actor["actor_type"],
        "actor_id": actor["actor_id"],
        "client_ip": None if address == "N/A" else address,
        "resource_type": resource["resource_type"],
        "resource_id": resource["resource_id"],
        "server_hostname": resource["server_hostname"],
        "analysis_rule_details": rule,
        "triggered_by_details": actor,
        "impacted_resource_details": resource,
    }


def insert(database: psycopg.Connection, alert: dict) -> None:
    row = {name: Jsonb(value) if name in JSON_COLUMNS else value for name, value in to_row(alert).items()}
    names = ", ".join(row)
    places = ", ".join(f"%({name})s" for name in row)
    database.execute(f"INSERT INTO alerts ({names}) VALUES ({places})", row)


def select(database: psycopg.Connection, tail: str, *values) -> list[dict]:
    names = ", ".join(wire.ROW_MEMBERS)
    rows = database.execute(f"SELECT {names} FROM alerts {tail}", values).fetchall()
    return [dict(zip(wire.ROW_MEMBERS, row)) for row in rows]


class PythonNotification(Receiver):
    """The service: `port` is where its API listens."""

    def __init__(self, server: RabbitMq, postgres: Postgres, database: str, queue: str = ALERTS):
        self.open_database = lambda: postgres.connect(database)
        self.database = self.open_database()
        make_table(self.database)
        self.api = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.api.daemon_threads = True
        self.api.service = self
        self.port = self.api.server_address[1]
        self.api_thread = threading.Thread(target=self.api.serve_forever, daemon=True)
        self.api_thread.start()
        super().__init__(server, queue)

    def handle(self, body: bytes) -> bool:
        try:
            alert = json.loads(body)
            to_row(alert)
        except (ValueError, KeyError, TypeError):
            return False
        try:
            insert(self.database, alert)
        except psycopg.errors.UniqueViolation:
            pass  # stored before
        return True

    def close(self) -> None:
        super().close()
        self.api.shutdown()
        self.api.server_close()
        self.api_thread.join(30)
        self.database.close()

    def settings(self) -> dict[str, str]:
        return {"NOTIFICATION_SERVICE_HOST": "127.0.0.1", "NOTIFICATION_SERVICE_PORT": str(self.port)}


class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/healthz":
            return self.answer(200, {"service": "notification-service-api", "status": "healthy"})
        if path == "/alerts":
            return self.list_alerts(dict(urllib.parse.parse_qsl(query)))
        if path.startswith("/alerts/"):
            return self.one_alert(urllib.parse.unquote(path.removeprefix("/alerts/")))
        return self.answer(404, {"error": "Not found"})

    def list_alerts(self, query: dict[str, str]) -> None:
        try:
            limit = int(query.get("limit", "10"))
        except ValueError:
            return self.answer(400, {"error": "Limit must be an integer."})
        try:
            offset = int(query.get("offset", "0"))
        except ValueError:
            return self.answer(400, {"error": "Offset must be an integer."})
        if limit <= 0:
            return self.answer(400, {"error": "Limit must be a positive integer."})
        if offset < 0:
            return self.answer(400, {"error": "Offset cannot be negative."})
        with self.server.service.open_database() as database:
            rows = select(database, "ORDER BY timestamp DESC LIMIT %s OFFSET %s", limit, offset)
        self.answer(200, [self.as_json(row) for row in rows])

    def one_alert(self, alert_id: str) -> None:
        try:
            uuid.UUID(alert_id)
        except ValueError:
            return self.answer(400, {"error": f"Invalid alert ID format: '{alert_id}'. Must be a valid UUID."})
        with self.server.service.open_database() as database:
            rows = select(database, "WHERE alert_id = %s", alert_id)
        if rows:
            self.answer(200, self.as_json(rows[0]))
        else:
            self.answer(404, {"message": "Alert not found"})

    @staticmethod
    def as_json(row: dict) -> dict:
        """Everything that JSON has no type for as `str` writes it: times as `2026-11-20 18:56:09+00:00`."""
        plain = (str, int, dict, list, type(None))
        return {name: value if isinstance(value, plain) else str(value) for name, value in row.items()}

    def answer(self, status: int, content) -> None:
        body = json.dumps(content, separators=(",", ":"), sort_keys=True).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
