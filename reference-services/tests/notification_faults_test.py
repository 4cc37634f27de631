"""notification-service while its broker, its database and it itself are taken away under load: no alert is lost,
none is there twice, and meanwhile it answers honestly."""

import datetime
import threading
import time
import unittest

import pika

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.broker import ALERTS, DEAD_ALERTS, Sender

require(services.NOTIFICATION)

ALERTS_SENT = 6000
AT = datetime.datetime(2026, 11, 20, 18, 55, 54, 352392, datetime.UTC)


class AlertSender(threading.Thread):
    """Publishes alerts until the broker has confirmed each; some of them twice, as a producer does that lost one."""

    def __init__(self, server, alerts):
        super().__init__(daemon=True)
        self.server, self.alerts, self.sent = server, alerts, 0

    def run(self):
        while self.sent < len(self.alerts):
            try:
                with Sender(self.server, ALERTS) as sender:
                    while self.sent < len(self.alerts):
                        body = wire.encode(self.alerts[self.sent])
                        for _ in range(2 if self.sent % 50 == 0 else 1):
                            sender.send(body)
                        self.sent += 1
                        time.sleep(0.0005)
            except (pika.exceptions.AMQPError, OSError):
                time.sleep(0.1)


class NotificationFaultsTest(ServiceTest):
    needs = {"rabbitmq": True, "redis": False, "postgres": True}
    databases = 0

    def setUp(self):
        NotificationFaultsTest.databases += 1
        self.database = f"faults_{self.databases}"
        self.servers.postgres.new_database(self.database)
        self.service = self.start()

    def start(self):
        return self.run_service(services.NOTIFICATION, PG_DB=self.database)

    def rows(self):
        with self.servers.postgres.connect(self.database) as sql:
            return sql.execute("SELECT count(*) FROM alerts").fetchone()[0]

    def stored_ids(self):
        with self.servers.postgres.connect(self.database) as sql:
            return [str(row[0]) for row in sql.execute("SELECT alert_id FROM alerts")]

    def load(self, count=ALERTS_SENT):
        alerts = [wire.burst_alert(wire.login_failure(AT, user_id=f"user-{i % 50}")) for i in range(count)]
        sender = AlertSender(self.servers.rabbitmq, alerts)
        sender.start()
        return alerts, sender

    def check_stored(self, alerts):
        ids = {alert["alert_id"] for alert in alerts}
        eventually(lambda: self.rows() >= len(ids), "all rows", 120)
        stored = self.stored_ids()
        self.assertEqual(len(stored), len(ids))
        self.assertEqual(set(stored), ids)
        eventually(lambda: self.servers.rabbitmq.queues()[ALERTS]["messages"] == 0, "an empty queue")
        dead = self.servers.rabbitmq.queues().get(DEAD_ALERTS, {"messages": 0})
        self.assertEqual(dead["messages"], 0)

    def test_nothing_is_lost_or_doubled_when_each_part_is_killed_under_load(self):
        alerts, sender = self.load()
        for disturb in (self.kill_postgres, self.kill_broker, self.kill_service) * 2:
            before = self.rows()
            disturb()
            eventually(lambda: self.rows() > before or not sender.is_alive(), "stored alerts", 90)
        sender.join(180)
        self.assertFalse(sender.is_alive())
        self.check_stored(alerts)
        self.check_ledger()

    def kill_postgres(self):
        self.servers.postgres.kill()
        self.service.wait_for("/readyz", 503)
        answer = self.service.get("/alerts")
        self.assertEqual((answer.status, answer.media_type), (503, "application/problem+json"))
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
        self.servers.postgres.start_again()
        self.service.wait_until_ready()

    def kill_broker(self):
        self.servers.rabbitmq.kill()
        self.service.wait_for("/readyz", 503)
        self.assertEqual(self.service.get("/alerts?limit=1").status, 200)  # the database is there
        eventually(lambda: "rabbitmq: " in " ".join(self.service.get("/readyz").json()["reasons"]), "the reason")
        self.servers.rabbitmq.start_again()
        self.service.wait_until_ready()

    def kill_service(self):
        self.service.kill()
        self.service = self.start()

    def check_ledger(self):
        def balanced():
            metrics = self.service.metrics()
            received = metrics.total("auditflow_alerts_received_total")
            return received > 0 and received == metrics.total("auditflow_alerts_total")

        eventually(balanced, "a ledger that adds up")
        self.assertEqual(self.service.metrics().total("auditflow_rabbitmq_unsettled_deliveries"), 0)

    def test_the_end_leaves_nothing_half_done(self):
        alerts, sender = self.load(3000)
        eventually(lambda: self.rows() > 200, "rows")
        self.assertLess(self.service.stop(), 10)
        stored = self.rows()
        sender.join(120)
        waiting = self.servers.rabbitmq.queues()[ALERTS]["messages"]
        # Each alert is a row or waits; those that were sent twice may do both.
        self.assertGreaterEqual(stored + waiting, len(alerts))
        self.service = self.start()
        self.check_stored(alerts)

    def test_what_people_do_survives_the_database(self):
        alerts, sender = self.load(10)
        sender.join(60)
        self.check_stored(alerts)
        target = f"/alerts/{alerts[0]['alert_id']}"
        changed = self.service.request("PATCH", target, {"status": "acknowledged", "by": "ann", "reason": "mine"})
        self.assertEqual((changed.status, changed.headers["ETag"]), (200, '"1"'))
        self.servers.postgres.kill()
        self.service.eventually(lambda: self.service.get(target).status == 503, "503 while the database is away")
        lost = self.service.request("PATCH", target, {"status": "resolved", "by": "bob"})
        self.assertEqual(lost.status, 503)
        self.servers.postgres.start_again()
        self.service.eventually(lambda: self.service.get(target).status == 200, "the alert again")
        stale = self.service.request("PATCH", target, {"status": "open", "by": "bob"}, {"If-Match": '"0"'})
        self.assertEqual(stale.status, 412)
        row = self.service.get(target).json()
        self.assertEqual(row["state"], changed.json()["state"])
        self.assertEqual(self.service.get(f"{target}/history").json(), [row["state"]])
        self.assertEqual(len(self.service.get("/alerts?status=open&limit=50").json()), 9)


if __name__ == "__main__":
    unittest.main()
