"""A small load of seeded events for tests that take servers and services away meanwhile."""

import datetime
import random
import threading
import time

import pika

from python_peers import wire
from python_peers.broker import EVENTS, Sender
from servers import RabbitMq
from services import Service

PER_SECOND = 120
COUNT = 1800
LATENESS = datetime.timedelta(seconds=5)


def seeded_events(seed: int, count: int) -> list[dict]:
    """Mostly failed log-ins and modified files, in the order of their times, the last one now."""
    rng = random.Random(seed)
    gaps = [rng.uniform(0.05, 8) for _ in range(count)]
    at = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=sum(gaps))
    events = []
    for gap in gaps:
        at += datetime.timedelta(seconds=gap)
        event = wire.random_event(rng, at)
        if rng.random() < 0.5:
            event = wire.login_failure(at, event_id=event["event_id"], user_id=event["user_id"])
            event["server_hostname"] = rng.choice(wire.HOSTS)
        events.append(event)
    return events


def events_in_real_time(seed: int) -> list[dict]:
    """COUNT events, PER_SECOND a second by their own times, and then some that let the last windows close."""
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


class SteadySender(threading.Thread):
    """Publishes events in order, each until the broker has confirmed it, as a producer with an outbox would."""

    def __init__(self, server: RabbitMq, events: list[dict], per_second: float):
        super().__init__(daemon=True)
        self.server, self.events, self.gap = server, events, 1 / per_second
        self.sent = 0
        self.failures = 0

    def run(self) -> None:
        while self.sent < len(self.events):
            try:
                with Sender(self.server, EVENTS) as sender:
                    while self.sent < len(self.events):
                        sender.send(wire.encode(self.events[self.sent]))
                        self.sent += 1
                        time.sleep(self.gap)
            except (pika.exceptions.AMQPError, OSError):
                self.failures += 1
                time.sleep(0.2)


class SteadyPoster(threading.Thread):
    """Posts events of which each raises an alert, and keeps the ids that were answered with 202."""

    def __init__(self, generator: Service, per_second: float):
        super().__init__(daemon=True)
        self.generator, self.gap = generator, 1 / per_second
        self.accepted: list[str] = []
        self.others: dict[int | str, int] = {}
        self.over = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.over.wait(self.gap):
            number += 1
            event = {
                "event_type": "file_modified",
                "action_result": "MODIFIED",
                "severity": "CRITICAL",
                "user_id": f"poster-{number}",
                "server_hostname": f"posted-{number}",
                "details": {"resource": "/etc/shadow"},
            }
            try:
                answer = self.generator.post("/generate_event", event)
                if answer.status == 202:
                    self.accepted.append(answer.json()["event_id"])
                    continue
                outcome = answer.status
            except OSError as error:
                outcome = type(error).__name__
            self.others[outcome] = self.others.get(outcome, 0) + 1

    def finish(self) -> None:
        self.over.set()
        self.join(60)
