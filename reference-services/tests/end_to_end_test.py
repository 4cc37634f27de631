"""The four services through real servers, each step looked at from outside: queue, state, queue, table, API, page."""

import pathlib
import secrets
import subprocess
import sys
import tempfile
import unittest

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.broker import ALERTS, DEAD_ALERTS, DEAD_EVENTS, EVENTS
from python_peers.notification import select

require(*services.ALL)

ACCOUNTS = (services.GENERATOR, services.ANALYSIS, services.NOTIFICATION)
OUTCOMES = {"processed", "duplicate", "rejected", "dead_lettered"}


def import_accounts(rabbitmq) -> dict[str, str]:
    """The definitions that we ship, with passwords of their own. @return these by account."""
    passwords = {account: secrets.token_hex(8) for account in ACCOUNTS}
    with tempfile.TemporaryDirectory() as folder:
        for account, password in passwords.items():
            (pathlib.Path(folder) / account).write_text(password + "\n")
        script = services.ROOT / "deploy" / "rabbitmq" / "with-passwords"
        definitions = subprocess.run([sys.executable, "-B", script, folder], check=True, capture_output=True).stdout
        file = pathlib.Path(folder) / "definitions.json"
        file.write_bytes(definitions)
        rabbitmq.ctl("import_definitions", str(file))
    rabbitmq.ctl("delete_user", "guest")
    return passwords


class EndToEndTest(ServiceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.passwords = import_accounts(cls.servers.rabbitmq)
        cls.servers.postgres.new_database("auditflow")

    def settings_for(self, name):
        settings = super().settings_for(name)
        if name in self.passwords:
            settings |= {"RABBITMQ_USER": name, "RABBITMQ_PASS": self.passwords[name]}
        return settings

    def messages(self, queue):
        return self.servers.rabbitmq.queues()[queue]["messages"]

    def await_messages(self, queue, count):
        eventually(lambda: self.messages(queue) == count, f"{count} messages in {queue}")

    def rows(self):
        with self.servers.postgres.connect("auditflow") as sql:
            return select(sql, "ORDER BY timestamp DESC, alert_id")

    def test_events_in_at_the_generator_are_alerts_at_the_dashboard(self):
        generator = self.run_service(services.GENERATOR)
        trigger = self.check_queue_of_events(generator)
        analysis = self.run_service(services.ANALYSIS)
        self.check_state_and_alert_queue(analysis)
        notification = self.run_service(services.NOTIFICATION, PG_DB="auditflow")
        alert = self.check_table(trigger)
        self.check_api(notification, alert)
        dashboard = self.run_service(services.DASHBOARD, **self.point_at(notification))
        self.check_page(dashboard, alert)
        self.check_events_by_rate(generator, analysis, notification)
        generator.stop()
        self.check_sums(analysis, notification)
        analysis.stop()
        self.check_sums_of_alerts(notification)
        notification.stop()
        self.assertIn(dashboard.get("/").status, (502, 503))
        dashboard.stop()
        for queue in (EVENTS, ALERTS, DEAD_EVENTS, DEAD_ALERTS):
            self.assertEqual(self.messages(queue), 0, queue)

    def check_queue_of_events(self, generator):
        """Three failed log-ins wait in the queue. @return the id of the last."""
        failure = {
            "event_type": "user_login",
            "action_result": "FAILURE",
            "user_id": "mallory",
            "server_hostname": "prod-db-02",
            "severity": "WARNING",
            "details": {"ip_address": "192.168.1.177", "protocol": "ssh", "reason": "Incorrect password"},
        }
        ids = []
        for _ in range(3):
            answer = generator.post("/generate_event", failure)
            self.assertEqual(answer.status, 202, answer)
            ids.append(answer.json()["event_id"])
        self.await_messages(EVENTS, 3)
        self.assertEqual(self.messages(ALERTS), 0)
        return ids[2]

    def check_state_and_alert_queue(self, analysis):
        self.await_messages(EVENTS, 0)
        self.await_messages(ALERTS, 1)
        with self.servers.redis.connect() as redis:
            keys = redis.keys()
            self.assertTrue(keys, "no window in Redis")
            self.assertTrue(any(redis.ttl(key) > 0 for key in keys), "no window that expires")
        self.assertEqual(analysis.metrics().total("audit_analysis_alerts_total", alert_type="failed_login_burst"), 1)

    def check_table(self, trigger):
        (row,) = eventually(self.rows, "a row")
        self.await_messages(ALERTS, 0)
        self.assertEqual(
            (str(row["correlation_id"]), row["rule_id"], row["actor_id"], str(row["client_ip"])),
            (trigger, "ANLY-SEC-001", "mallory", "192.168.1.177"),
        )
        return str(row["alert_id"])

    def check_api(self, notification, alert):
        (listed,) = notification.get("/alerts?limit=10&offset=0").json()
        self.assertEqual(listed["alert_id"], alert)
        self.assertEqual(notification.get(f"/alerts/{alert}").json(), listed)

    def check_page(self, dashboard, alert):
        recent = dashboard.get("/")
        self.assertEqual((recent.status, recent.media_type), (200, "text/html"))
        self.assertIn("Multiple Failed Login Attempts", recent.text)
        self.assertIn(f"/alert/{alert}", recent.text)
        full = dashboard.get(f"/alert/{alert}").text
        for expected in (alert, "mallory", "192.168.1.177", "ANLY-SEC-001", "brute-force"):
            self.assertIn(expected, full)

    def check_events_by_rate(self, generator, analysis, notification):
        self.set_rate(generator, 200)
        seen = "audit_analysis_processed_total"
        analysis.eventually(lambda: analysis.metrics().total(seen) >= 1003, "1,000 events behind the first three")
        self.set_rate(generator, 0)
        notification.eventually(lambda: len(notification.get("/alerts?limit=100").json()) > 3, "alerts of the mix")

    def set_rate(self, generator, rate):
        before = generator.get("/rate")
        self.assertEqual(before.status, 200, before)
        answer = generator.request("PUT", "/rate", {"events_per_second": rate})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(generator.get("/rate").json()["events_per_second"], rate)

    def check_sums(self, analysis, notification):
        """Everything that was published has ended in one of four ways, and nothing waits any more."""
        self.await_messages(EVENTS, 0)
        analysis.eventually(lambda: self.ends(analysis, "auditflow_events_total") >= 1003, "the last events")
        metrics = analysis.metrics()
        consumed = metrics.total("audit_analysis_rabbitmq_messages_consumed_total")
        self.assertEqual(self.ends(analysis, "auditflow_events_total"), consumed)
        self.assertEqual(metrics.total("auditflow_events_total", outcome="processed"), consumed)
        notification.eventually(
            lambda: self.ends(notification, "auditflow_alerts_total")
            == analysis.metrics().total("audit_analysis_alerts_total"),
            "as many alerts stored as found",
        )

    def ends(self, service, name):
        metrics = service.metrics()
        outcomes = {dict(labels)["outcome"] for found, labels in metrics.samples if found == name}
        self.assertLessEqual(outcomes, OUTCOMES)
        return metrics.total(name)

    def check_sums_of_alerts(self, notification):
        self.await_messages(ALERTS, 0)
        metrics, rows = notification.metrics(), self.rows()
        self.assertEqual(metrics.total("auditflow_alerts_total", outcome="processed"), len(rows))
        self.assertEqual(len({row["alert_id"] for row in rows}), len(rows))
        events = {row["raw_event_data"]["event_id"]: row["raw_event_data"] for row in rows}
        for event in events.values():
            self.assertLessEqual(set(wire.EVENT_MEMBERS), set(event))


if __name__ == "__main__":
    unittest.main()
