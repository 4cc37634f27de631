"""Two and three replicas of the analysis, one killed and one added under load, find what one finds."""

import datetime
import json
import random
import unittest

import services
from harness import ServiceTest, eventually, require
from load import SteadySender
from python_peers import wire
from python_peers.broker import ALERTS, EVENTS, Receiver

require(services.ANALYSIS)

PER_SECOND = 120
COUNT = 1800
LATENESS = datetime.timedelta(seconds=5)


def events_in_real_time(seed: int) -> list[dict]:
    """As many a second by their own times as will be sent, and then some that let the last windows close."""
    rng = random.Random(seed)
    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
    events = []
    for number in range(COUNT):
        at = begin + datetime.timedelta(seconds=number / PER_SECOND)
        event = wire.random_event(rng, at)
        if rng.random() < 0.4:
            people = {"user_id": f"user-{rng.randrange(30)}", "server_hostname": rng.choice(wire.HOSTS)}
            event = wire.login_failure(at, event_id=event["event_id"], **people)
        events.append(event)
    last = begin + datetime.timedelta(seconds=COUNT / PER_SECOND) + LATENESS
    # Nothing that any rule counts.
    quiet = [wire.event("user_login", "SUCCESS", last + datetime.timedelta(seconds=i), {}) for i in range(10)]
    for number, event in enumerate(quiet):
        event |= {"event_type": "closing", "user_id": f"closing-{number}", "server_hostname": f"closing-{number}"}
    return events + quiet


class ReplicasTest(ServiceTest):
    needs = {"rabbitmq": True, "redis": True, "postgres": False}

    def setUp(self):
        self.events = events_in_real_time(99)

    def replica(self):
        return self.run_service(services.ANALYSIS, ALERT_REPEAT="every", ALLOWED_LATENESS="5s")

    def load(self):
        sender = SteadySender(self.servers.rabbitmq, self.events, PER_SECOND)
        sender.start()
        return sender

    def find(self, disturb, replicas):
        """What the replicas find, while `disturb` takes some away and adds others."""
        with self.servers.redis.connect() as redis:
            redis.flushall()
        running = [self.replica() for _ in range(replicas)]
        with Receiver(self.servers.rabbitmq, ALERTS, prefetch=200) as receiver:
            sender = self.load()
            disturb(running, sender)
            sender.join(120)
            self.assertFalse(sender.is_alive())
            eventually(lambda: self.servers.rabbitmq.queues()[EVENTS]["messages"] == 0, "an empty queue")
            waiting = "auditflow_correlation_pending_events"
            eventually(lambda: all(r.metrics().total(waiting) == 0 for r in running), "the last windows to close")
            shares = [replica.metrics().total("auditflow_events_total") for replica in running]
            for replica in running:
                replica.stop()
            eventually(lambda: self.servers.rabbitmq.queues()[ALERTS]["messages"] == 0, "all alerts")
            alerts = [json.loads(message.body) for message in list(receiver.messages)]
        return {(a["analysis_rule"]["rule_id"], a["correlation_id"], a["alert_id"]) for a in alerts}, shares

    def reach(self, sender, count):
        eventually(lambda: sender.sent >= count, f"{count} events", 120)

    def test_several_replicas_find_what_one_finds(self):
        alone, _ = self.find(lambda *_: None, replicas=1)
        self.assertGreater(len(alone), 300)

        def change(running, sender):
            self.reach(sender, 400)
            running.append(self.replica())
            self.reach(sender, 900)
            running.pop(0).kill()
            self.reach(sender, 1300)
            running.append(self.replica())

        together, shares = self.find(change, replicas=2)
        self.assertEqual(alone - together, set(), "lost")
        self.assertEqual(together - alone, set(), "invented")
        self.assertTrue(all(share > 50 for share in shares), shares)


if __name__ == "__main__":
    unittest.main()
