"""The dashboard under load: many readers of lists and of single alerts at once, in little memory."""

import threading
import time
import unittest

import services
from harness import ServiceTest, require
from load import seeded_events
from python_peers import wire

require(services.DASHBOARD, services.NOTIFICATION)

ALERTS = 1000
READERS = 8
SECONDS = 10


class Reader(threading.Thread):
    def __init__(self, dashboard, targets: list[str], until: float):
        super().__init__(daemon=True)
        self.dashboard, self.targets, self.until = dashboard, targets, until
        self.statuses: dict[int, int] = {}
        self.start()

    def run(self) -> None:
        number = 0
        while time.monotonic() < self.until:
            status = self.dashboard.get(self.targets[number % len(self.targets)]).status
            self.statuses[status] = self.statuses.get(status, 0) + 1
            number += 1


class DashboardLoadTest(ServiceTest):
    needs = {"rabbitmq": False, "redis": False, "postgres": False}

    def test_its_memory_stays_small(self):
        notification = self.run_service(
            services.NOTIFICATION,
            ready=False,
            ALERT_STORE="sqlite",
            ALERT_STORE_PATH="alerts.db",
            RABBITMQ_HOST="127.0.0.1",
            RABBITMQ_PORT="1",  # nobody listens there
        )
        alerts = [wire.burst_alert(event) for event in seeded_events(3, ALERTS)]
        for first in range(0, ALERTS, 100):
            self.assertEqual(notification.post("/alerts", alerts[first : first + 100]).status, 201)
        dashboard = self.run_service(services.DASHBOARD, **self.point_at(notification))
        targets = ["/", "/?severity=CRITICAL&q=user", "/?limit=200", f"/alert/{alerts[7]['alert_id']}"]
        until = time.monotonic() + SECONDS
        readers = [Reader(dashboard, targets[n % 4 :] + targets[: n % 4], until) for n in range(READERS)]
        for reader in readers:
            reader.join(SECONDS + 60)
            self.assertFalse(reader.is_alive())
        answers = {status: sum(r.statuses.get(status, 0) for r in readers) for r in readers for status in r.statuses}
        memory = dashboard.peak_memory()
        print(f"{self.id()}: {answers} in {SECONDS} s, memory {memory} KiB")
        # One waits for its turn at the notification service and may be refused; most are not.
        self.assertGreater(answers.pop(200), 100)
        self.assertLessEqual(set(answers), {503})
        self.assertLess(memory, services.MOST_MEMORY)


if __name__ == "__main__":
    unittest.main()
