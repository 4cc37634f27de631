"""All four services under load at once, with the archive, a receiver that is told, and readers: nothing is lost, and
none of them takes much memory."""

import threading
import unittest

import services
from harness import ServiceTest, eventually, require
from python_peers.broker import EVENTS as QUEUE
from webhook import Webhook

require(*services.ALL)

EVENTS = 10_000
READERS = 4


class FlowLoadTest(ServiceTest):
    def setUp(self):
        self.hook = Webhook()
        self.addCleanup(self.hook.close)
        self.servers.postgres.new_database("flow")

    def start_all(self):
        notification = self.run_service(
            services.NOTIFICATION,
            PG_DB="flow",
            **self.hook.settings(),
        )
        dashboard = self.run_service(services.DASHBOARD, **self.point_at(notification))
        archive = self.servers.postgres.settings() | {"PG_DB": "flow"}
        analysis = self.run_service(services.ANALYSIS, ARCHIVE="postgres", **archive)
        generator = self.run_service(
            services.GENERATOR,
            GENERATOR_RATE="1000000",  # as fast as the broker takes them
            GENERATOR_COUNT=str(EVENTS),
            GENERATOR_MIX="standard",
            GENERATOR_SEED="7",
        )
        return generator, analysis, notification, dashboard

    def read(self, targets, ended, failures):
        while not ended.is_set():
            for service, target in targets:
                answer = service.get(target)
                if answer.status != 200:
                    failures.append((target, answer.status))

    def await_alerts(self, analysis):
        """@return how many there are once all events are acknowledged and no window waits for late ones."""
        done = lambda: analysis.metrics().total("auditflow_events_total", outcome="processed") == EVENTS
        analysis.eventually(done, "end of the events")
        eventually(lambda: self.servers.rabbitmq.queues()[QUEUE]["messages"] == 0, "acknowledgements")
        waiting = "auditflow_correlation_pending_events"
        analysis.eventually(lambda: analysis.metrics().total(waiting) == 0, "last windows to close")
        found = analysis.metrics().total("audit_analysis_alerts_total")
        self.assertGreater(found, EVENTS / 100)
        return found

    def test_nothing_is_lost_and_memory_stays_small(self):
        generator, analysis, notification, dashboard = running = self.start_all()
        targets = [(dashboard, "/"), (notification, "/alerts?limit=100"), (analysis, "/events?limit=100"),
                   (analysis, "/stats"), (generator, "/metrics"), (analysis, "/metrics")]  # fmt: skip
        ended, failures = threading.Event(), []
        readers = [threading.Thread(target=self.read, args=(targets, ended, failures)) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        try:
            found = self.await_alerts(analysis)
            with self.servers.postgres.connect("flow") as sql:
                count = lambda table: sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                eventually(lambda: count("alerts") == found, "stored alerts")
                eventually(lambda: count("audit_events") == EVENTS, "archived events")
            told = lambda: {alert for alerts in list(self.hook.kept.values()) for alert in alerts}
            eventually(lambda: len(told()) == found, "alerts that were told")
        finally:
            ended.set()
            for reader in readers:
                reader.join()
        memory = {service.name: service.peak_memory() for service in running}
        print(f"{self.id()}: {found:.0f} alerts, memory {memory} KiB")
        self.assertEqual(failures, [])
        self.assertLess(max(memory.values()), services.MOST_MEMORY)


if __name__ == "__main__":
    unittest.main()
