"""Servers and services are taken away under load: nothing that was confirmed is lost, nothing happens twice.

What the disturbed run finds has to be what an undisturbed run finds in the same events.
"""

import time
import unittest

import services
from harness import ServiceTest, eventually, require
from load import SteadyPoster, SteadySender, seeded_events
from python_peers.broker import ALERTS, DEAD_ALERTS, DEAD_EVENTS, EVENTS
from python_peers.notification import select

require(services.GENERATOR, services.ANALYSIS, services.NOTIFICATION)

EVENTS_SENT = 1500
PER_SECOND = 60


class FaultsTest(ServiceTest):
    def setUp(self):
        self.events = seeded_events(4711, EVENTS_SENT)
        self.ids = {event["event_id"] for event in self.events}

    def start(self, database):
        """Analysis and notification on a database of their own."""
        self.database = database
        self.servers.postgres.new_database(database)
        with self.servers.redis.connect() as redis:
            redis.flushall()
        return self.start_analysis(), self.start_notification()

    def start_analysis(self):
        # The events come much faster than their own times, and in order: nothing has to be waited for.
        return self.run_service(services.ANALYSIS, ready=False, ALERT_REPEAT="every", ALLOWED_LATENESS="0s")

    def start_notification(self):
        return self.run_service(services.NOTIFICATION, ready=False, PG_DB=self.database)

    def rows(self):
        with self.servers.postgres.connect(self.database) as sql:
            return select(sql, "")

    def found(self):
        """Rule and event of each alert of the seeded events; fails if one is there twice."""
        rows = [(row["rule_id"], str(row["correlation_id"])) for row in self.rows()]
        pairs = [pair for pair in rows if pair[1] in self.ids]
        self.assertEqual(len(pairs), len(set(pairs)), "an alert is there twice")
        return set(pairs)

    def drain(self):
        def empty():
            queues = self.servers.rabbitmq.queues()
            return all(queues[name]["messages"] == 0 for name in (EVENTS, ALERTS))

        eventually(empty, "empty queues", 120)

    def undisturbed(self):
        analysis, notification = self.start("undisturbed")
        analysis.wait_until_ready()
        sender = SteadySender(self.servers.rabbitmq, self.events, 100_000)
        sender.start()
        sender.join(120)
        self.drain()
        notification.eventually(lambda: self.rows(), "rows")
        # Each stops only when what it has taken is finished: no later look can find more.
        analysis.stop()
        self.drain()
        notification.stop()
        return self.found()

    def test_the_alerts_of_a_disturbed_run_are_those_of_an_undisturbed_one(self):
        expected = self.undisturbed()
        self.assertGreater(len(expected), 100)
        generator = self.run_service(services.GENERATOR)
        self.analysis, self.notification = self.start("disturbed")
        sender = SteadySender(self.servers.rabbitmq, self.events, PER_SECOND)
        poster = SteadyPoster(generator, 20)
        sender.start()
        poster.start()
        for disturb in (
            self.kill_redis,
            self.kill_postgres,
            self.kill_broker,
            self.kill_analysis,
            self.restart_postgres,
            self.kill_notification,
            self.restart_broker,
            self.restart_redis,
        ):
            progress = sender.sent
            begin = time.monotonic()
            disturb()
            print(f"{disturb.__name__}: {time.monotonic() - begin:.1f} s, {sender.sent} of {EVENTS_SENT} events sent")
            eventually(lambda: sender.sent >= min(progress + 60, EVENTS_SENT), "the load to go on")
        sender.join(180)
        self.assertFalse(sender.is_alive())
        poster.finish()
        print(f"posted: {len(poster.accepted)} accepted, others {poster.others}; {sender.failures} lost connections")
        self.check_end(expected, poster, generator)

    def check_end(self, expected, poster, generator):
        for service in (generator, self.analysis, self.notification):
            service.wait_until_ready()
        self.drain()
        self.analysis.stop()
        self.drain()
        self.notification.stop()
        found = self.found()
        self.assertEqual(expected - found, set(), "lost")
        self.assertEqual(found - expected, set(), "invented")
        self.check_posted(poster)
        for queue in (DEAD_EVENTS, DEAD_ALERTS):
            self.assertEqual(self.servers.rabbitmq.queues()[queue]["messages"], 0, queue)

    def check_posted(self, poster):
        """Whatever was answered with 202 is an alert, once; refusals have been 503 and nothing else."""
        self.assertGreater(len(poster.accepted), 100)
        self.assertLessEqual(set(poster.others), {503})
        rows = [str(r["correlation_id"]) for r in self.rows() if r["rule_id"] == "ANLY-SEC-002"]
        self.assertEqual(set(poster.accepted) - set(rows), set(), "accepted and lost")
        self.assertEqual(len(rows), len(set(rows)))

    # What is done to them

    def kill_broker(self):
        self.servers.rabbitmq.kill()
        self.analysis.wait_for("/readyz", 503)
        self.servers.rabbitmq.start_again()

    def restart_broker(self):
        self.servers.rabbitmq.stop()
        self.servers.rabbitmq.start_again()

    def kill_redis(self):
        self.servers.redis.kill()
        self.analysis.wait_for("/readyz", 503)
        self.servers.redis.start_again()

    def restart_redis(self):
        self.servers.redis.stop()
        self.servers.redis.start_again()

    def kill_postgres(self):
        self.servers.postgres.kill()
        self.notification.wait_for("/readyz", 503)
        self.servers.postgres.start_again()

    def restart_postgres(self):
        self.servers.postgres.stop()
        self.servers.postgres.start_again()

    def kill_analysis(self):
        self.analysis.kill()
        self.analysis = self.start_analysis()

    def kill_notification(self):
        self.notification.kill()
        self.notification = self.start_notification()


if __name__ == "__main__":
    unittest.main()
