"""The messages of the wire contract, as the Python services write them."""

import datetime
import json
import random
import uuid

EVENT_MEMBERS = (
    "event_id",
    "timestamp",
    "source_service",
    "server_hostname",
    "event_type",
    "severity",
    "user_id",
    "action_result",
    "details",
)
ALERT_MEMBERS = (
    "alert_id",
    "timestamp",
    "alert_name",
    "alert_type",
    "severity",
    "description",
    "source_service_name",
    "analysis_rule",
    "triggered_by",
    "impacted_resource",
    "action_observed",
    "correlation_id",
    "raw_event_data",
    "metadata",
)
# What a row of GET /alerts carries.
ROW_MEMBERS = (
    "alert_id",
    "correlation_id",
    "timestamp",
    "received_at",
    "alert_name",
    "alert_type",
    "severity",
    "description",
    "source_service_name",
    "rule_id",
    "rule_name",
    "actor_type",
    "actor_id",
    "client_ip",
    "resource_type",
    "resource_id",
    "server_hostname",
    "action_observed",
    "analysis_rule_details",
    "triggered_by_details",
    "impacted_resource_details",
    "metadata",
    "raw_event_data",
)

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

HOSTS = ("prod-web-01", "prod-db-02", "dev-api-03", "test-worker-04")
USERS = ("devops_admin", "app_user", "guest_user", "monitoring_agent", "attacker_bob")
PATHS = (
    "/etc/passwd",
    "/var/log/nginx/access.log",
    "/opt/app/config.json",
    "/root/.ssh/authorized_keys",
    "/var/www/html/index.php",
)
SENSITIVE = ("/etc/sudoers", "/root/.ssh/authorized_keys", "/etc/shadow", "/etc/passwd")

# Severity and members of `details` by event_type and action_result.
KINDS = {
    ("user_login", "FAILURE"): ("WARNING", ("reason", "ip_address", "protocol")),
    ("user_login", "SUCCESS"): ("INFO", ("ip_address", "protocol")),
    ("sudo_command", "SUCCESS"): ("INFO", ("command", "tty", "cwd")),
    ("file_modified", "MODIFIED"): ("CRITICAL", ("resource", "old_checksum", "new_checksum", "size_change_bytes")),
    ("service_status_change", "STARTED"): ("INFO", ("resource", "previous_state", "message")),
    ("service_status_change", "STOPPED"): ("WARNING", ("resource", "previous_state", "message")),
    ("user_account_management", "CREATED"): ("INFO", ("resource", "group", "home_directory")),
}


def with_microseconds(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def with_offset_and_z(at: datetime.datetime) -> str:
    """The malformed form, which `isoformat() + "Z"` makes of a time that has a zone."""
    return at.astimezone(datetime.UTC).isoformat() + "Z"


def read_time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.removesuffix("Z").removesuffix("+00:00") + "+00:00")


def encode(message: dict) -> bytes:
    return json.dumps(message).encode()


def event(
    event_type: str, action_result: str, at: datetime.datetime, details: dict, form=with_microseconds, **members
) -> dict:
    return {
        "event_id": str(uuid.uuid4()),
        "timestamp": form(at),
        "source_service": "audit-event-generator",
        "server_hostname": "prod-db-02",
        "event_type": event_type,
        "severity": KINDS[event_type, action_result][0],
        "user_id": "app_user",
        "action_result": action_result,
        "details": details,
        **members,
    }


def login_failure(at: datetime.datetime, **members) -> dict:
    details = {"reason": "Incorrect password", "ip_address": "192.168.1.150", "protocol": "ssh"}
    return event("user_login", "FAILURE", at, **{"details": details, **members})


def file_modified(at: datetime.datetime, path: str, **members) -> dict:
    details = {"resource": path, "old_checksum": "a" * 32, "new_checksum": "b" * 32, "size_change_bytes": -120}
    return event("file_modified", "MODIFIED", at, **{"details": details, **members})


def random_event(rng: random.Random, at: datetime.datetime) -> dict:
    """Any event that the generator makes."""
    kind, result = rng.choice(list(KINDS))
    values = {
        "reason": "Incorrect password",
        "ip_address": f"192.168.1.{rng.randint(100, 200)}",
        "protocol": rng.choice(("ssh", "console")),
        "command": "systemctl restart nginx",
        "tty": "pts/0",
        "cwd": "/home/devops_admin",
        "resource": rng.choice(PATHS) if kind == "file_modified" else "nginx.service",
        "old_checksum": f"{rng.getrandbits(128):032x}",
        "new_checksum": f"{rng.getrandbits(128):032x}",
        "size_change_bytes": rng.randint(-500, 500),
        "previous_state": "running",
        "message": "Service state changed",
        "group": "users",
        "home_directory": "/home/new_user",
    }
    return event(
        kind,
        result,
        at,
        {name: values[name] for name in KINDS[kind, result][1]},
        form=rng.choice((with_microseconds, with_offset_and_z)),
        event_id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        server_hostname=rng.choice(HOSTS),
        user_id=rng.choice(USERS),
    )


def alert(triggering: dict, rule: dict, **members) -> dict:
    """An alert in the exact form of the contract's sample; `rule` holds what depends on the rule."""
    return {
        "alert_id": str(uuid.uuid4()),
        "timestamp": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds") + "Z",
        "alert_name": rule["alert_name"],
        "alert_type": "SECURITY",
        "severity": "CRITICAL",
        "description": rule["description"],
        "source_service_name": triggering["source_service"],
        "analysis_rule": rule["analysis_rule"],
        "triggered_by": {
            "actor_type": "USER",
            "actor_id": triggering["user_id"],
            "client_ip": triggering.get("client_ip", "N/A"),
        },
        "impacted_resource": {**rule["resource"], "server_hostname": triggering["server_hostname"]},
        "action_observed": rule["action_observed"],
        "correlation_id": triggering["event_id"],
        "raw_event_data": triggering,
        "metadata": {
            "tags": rule["tags"],
            "environment": "DEVELOPMENT",
            "remediation_guidance": "Investigate the account and the address.",
            "playbook_url": "https://playbooks.example.org/security",
        },
        **members,
    }


def burst_alert(triggering: dict, **members) -> dict:
    user, host = triggering["user_id"], triggering["server_hostname"]
    rule = {
        "alert_name": "Multiple Failed Login Attempts",
        "description": f"3 or more failed login attempts for user '{user}' on '{host}' within 60 seconds.",
        "analysis_rule": {
            "rule_id": "ANLY-SEC-001",
            "rule_name": "Failed Login Burst Detection",
            "rule_description": "Detects 3 failed logins within 60 seconds.",
        },
        "resource": {"resource_type": "SERVER", "resource_id": host},
        "action_observed": "LOGIN_FAILURE",
        "tags": ["brute-force", "authentication", "critical"],
    }
    return alert(triggering, rule, **members)


def file_alert(triggering: dict, path: str, **members) -> dict:
    rule = {
        "alert_name": "Sensitive File Modification Detected",
        "description": f"Sensitive file '{path}' was modified on '{triggering['server_hostname']}'.",
        "analysis_rule": {
            "rule_id": "ANLY-SEC-002",
            "rule_name": "Sensitive File Modification Detection",
            "rule_description": "Detects modifications of sensitive files.",
        },
        "resource": {"resource_type": "FILE", "resource_id": path},
        "action_observed": "FILE_MODIFIED",
        "tags": ["data-integrity", "compliance", "critical-infrastructure"],
    }
    return alert(triggering, rule, **members)
