"""What the analysis finds through the broker is what `auditflow scan` finds in the same events in a file: with windows in
memory, in Redis, and with three replicas of which one is killed and one added; the archive knows it, too. Its memory
stays small meanwhile."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import services
from harness import ServiceTest, eventually, require, skip
from load import PER_SECOND, SteadySender, events_in_real_time
from python_peers import wire
from python_peers.broker import ALERTS, EVENTS, Receiver

require(services.ANALYSIS)

COMMAND = pathlib.Path(os.environ.get("AUDITFLOW", services.PROGRAMS.parent / "sdk" / "cli" / "auditflow"))
if not COMMAND.exists():
    skip(f"not built: {COMMAND}")

LATENESS = "4s"


class AnalysisOracleTest(ServiceTest):
    needs = {"rabbitmq": True, "redis": True, "postgres": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = events_in_real_time(7)
        cls.expected = cls.scan(cls.events)
        cls.alert_ids = {}

    @staticmethod
    def scan(events) -> set:
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
            for event in events:
                file.write(wire.encode(event) + b"\n")
            file.flush()
            command = [str(COMMAND), "scan", "--rules", str(services.RULES), "--logsource-map",
                       str(services.RULES / "logsources"), "--format", "json", "--quiet", file.name]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        return {(match["rule_id"], match["event_id"]) for match in found}

    def replica(self, **settings):
        return self.run_service(services.ANALYSIS, ALLOWED_LATENESS=LATENESS, **settings)

    def find(self, running, change=lambda running, sender: None):
        with self.servers.redis.connect() as redis:
            redis.flushall()
        with Receiver(self.servers.rabbitmq, ALERTS, prefetch=200) as receiver:
            sender = SteadySender(self.servers.rabbitmq, self.events, PER_SECOND)
            sender.start()
            change(running, sender)
            sender.join(120)
            self.assertFalse(sender.is_alive())
            eventually(lambda: self.servers.rabbitmq.queues()[EVENTS]["messages"] == 0, "an empty queue")
            waiting = "auditflow_correlation_pending_events"
            eventually(lambda: all(r.metrics().total(waiting) == 0 for r in running), "the last windows to close")
            memory = [replica.peak_memory() for replica in running]
            for replica in running:
                replica.stop()
            eventually(lambda: self.servers.rabbitmq.queues()[ALERTS]["messages"] == 0, "all alerts")
            time.sleep(0.2)  # for the receiver to have put the last one on its list
            alerts = [json.loads(message.body) for message in list(receiver.messages)]
        print(f"{self.id()}: {len(alerts)} alerts, memory {memory} KiB")
        self.check(alerts)
        self.assertLess(max(memory), services.MOST_MEMORY)

    def check(self, alerts):
        found = {(a["analysis_rule"]["rule_id"], a["correlation_id"]): a["alert_id"] for a in alerts}
        self.assertGreater(len(self.expected), 300)
        self.assertEqual(self.expected - set(found), set(), "lost")
        self.assertEqual(set(found) - self.expected, set(), "invented")
        for key, alert_id in found.items():
            self.assertEqual(self.alert_ids.setdefault(key, alert_id), alert_id)

    def test_windows_in_memory(self):
        self.find([self.replica(STATE_STORE="memory")])

    def test_windows_in_redis(self):
        self.find([self.replica()])

    def check_archive(self):
        """Rules that only feed others are in it as well."""
        with self.servers.postgres.connect("archive") as sql:
            pairs = sql.execute("SELECT unnest(rule_ids), event_id FROM audit_events").fetchall()
            waiting = sql.execute("SELECT count(*) FROM audit_event_waiting_rules").fetchone()[0]
        known = {rule_id for rule_id, _ in self.expected}
        found = {(rule_id, str(event_id)) for rule_id, event_id in pairs if rule_id in known}
        self.assertEqual(self.expected - found, set(), "not in the archive")
        self.assertEqual(found - self.expected, set(), "in the archive alone")
        self.assertEqual(len(found), sum(rule_id in known for rule_id, _ in pairs), "each once")
        self.assertEqual(waiting, 0)

    def test_three_replicas_one_killed_and_one_added(self):
        self.servers.postgres.new_database("archive")
        archive = {"ARCHIVE": "postgres", **self.servers.postgres.settings("archive")}

        def change(running, sender):
            eventually(lambda: sender.sent >= 600, "600 events", 120)
            running.pop(0).kill()
            eventually(lambda: sender.sent >= 1100, "1100 events", 120)
            running.append(self.replica(**archive))

        self.find([self.replica(**archive) for _ in range(3)], change)
        self.check_archive()


if __name__ == "__main__":
    unittest.main()
