"""notification-service tells a receiver of alerts: each once for it to keep, after failures again, and given up what
it refuses until somebody replays that."""

import datetime
import unittest

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.broker import ALERTS, Sender
from webhook import Webhook

require(services.NOTIFICATION)

AT = datetime.datetime(2026, 11, 20, 18, 55, 54, 352392, datetime.UTC)


class NotificationChannelsTest(ServiceTest):
    needs = {"rabbitmq": True, "redis": False, "postgres": True}

    def setUp(self):
        self.hook = Webhook()
        self.addCleanup(self.hook.close)
        self.database = f"channels_{self._testMethodName}"[:60]
        self.servers.postgres.new_database(self.database)
        self.service = self.start()

    def start(self):
        return self.run_service(
            services.NOTIFICATION,
            PG_DB=self.database,
            **self.hook.settings(),
            NOTIFY_RETRY_MAX="1s",
            NOTIFY_BREAKER_PAUSE="200ms",
        )

    def send(self, count):
        alerts = [wire.burst_alert(wire.login_failure(AT)) for _ in range(count)]
        with Sender(self.servers.rabbitmq, ALERTS) as sender:
            for alert in alerts:
                sender.send(wire.encode(alert))
                sender.send(wire.encode(alert))  # a repeat is no second alert
        return [alert["alert_id"] for alert in alerts]

    def kept(self):
        return sorted(alert for alerts in self.hook.kept.values() for alert in alerts[:1])

    def test_each_alert_is_told_under_a_key_of_its_own_whatever_fails_meanwhile(self):
        failures = iter([503, 500, 429, 408] * 3)
        self.hook.answer = lambda alert: next(failures, 200)
        ids = self.send(20)
        eventually(lambda: self.kept() == sorted(ids), "all alerts at the receiver", 90)
        self.service.kill()
        more = self.send(5)
        self.service = self.start()
        eventually(lambda: self.kept() == sorted(ids + more), "those of the next start, too", 90)
        for alerts in self.hook.kept.values():
            self.assertEqual(len(set(alerts)), 1, "one key for two alerts")

    def test_what_is_refused_is_given_up_until_somebody_replays_it(self):
        self.hook.answer = lambda alert: 400
        (alert,) = self.send(1)
        service = self.service
        dead = lambda: service.get("/notifications/dead").json()["notifications"]
        eventually(dead, "the entry")
        (entry,) = dead()
        self.assertEqual((entry["channel"], entry["alert_id"]), ("webhook", alert))
        self.assertIn("400", entry["reason"])
        self.assertEqual(self.hook.seen, [(alert, 400)])  # tried once
        self.hook.answer = lambda alert: 200
        replay = service.request("POST", f"/notifications/dead/{entry['id']}/replay")
        self.assertEqual(replay.status, 204)
        eventually(lambda: self.kept() == [alert], "the alert at the receiver")
        self.assertEqual(dead(), [])
        (channel,) = service.get("/notifications/channels").json()["channels"]
        self.assertEqual((channel["channel"], channel["configured"], channel["dead"]), ("webhook", True, 0))
        again = service.request("POST", f"/notifications/dead/{entry['id']}/replay")
        self.assertEqual((again.status, again.media_type), (404, "application/problem+json"))


if __name__ == "__main__":
    unittest.main()
