"""The generator beside a broker that is away, frozen, full or killed; its rate, its mixes and its end under load."""

import json
import subprocess
import threading
import time
import unittest

import services
from harness import ServiceTest, eventually, require
from python_peers.broker import EVENTS, Receiver

require(services.GENERATOR)

EVENT = {"event_type": "user_login"}


class Poster(threading.Thread):
    """Posts one event after the other, and keeps the ids that were answered with 202."""

    def __init__(self, generator: services.Service):
        super().__init__(daemon=True)
        self.generator = generator
        self.accepted: list[str] = []
        self.statuses: set[int] = set()
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.is_set():
            answer = self.generator.post("/generate_event", EVENT)
            self.statuses.add(answer.status)
            if answer.status == 202:
                self.accepted.append(answer.json()["event_id"])
            else:
                time.sleep(0.05)

    def finish(self) -> None:
        self.over.set()
        self.join(60)


class GeneratorTest(ServiceTest):
    needs = {"rabbitmq": True, "redis": False, "postgres": False}

    def setUp(self):
        self.rabbitmq = self.servers.rabbitmq
        with self.rabbitmq.connect() as connection:
            connection.channel().queue_delete(EVENTS)

    def set_rate(self, generator, rate):
        answer = generator.request("PUT", "/rate", {"events_per_second": rate})
        self.assertEqual((answer.status, answer.json()["events_per_second"]), (200, rate))

    def rate(self, generator):
        return generator.get("/rate").json()

    def queued(self) -> int:
        with self.rabbitmq.connect() as connection:
            return connection.channel().queue_declare(EVENTS, passive=True).method.message_count

    def bodies(self, count: int) -> list[bytes]:
        """What stands in the queue, taken out."""
        with Receiver(self.rabbitmq, EVENTS, prefetch=1000) as receiver:
            eventually(lambda: len(receiver.messages) >= count, f"{count} messages")
            time.sleep(0.3)  # more than that would be one too many
            return [message.body for message in receiver.messages]

    def refused(self, generator, within):
        begin = time.monotonic()
        answer = generator.post("/generate_event", EVENT)
        self.assertEqual((answer.status, answer.media_type), (503, "application/problem+json"), answer)
        self.assertRegex(answer.headers["Retry-After"], r"^\d+$")
        self.assertLess(time.monotonic() - begin, within)
        return answer.json()["detail"]

    def test_starts_and_answers_without_a_broker_and_recovers_by_itself(self):
        self.rabbitmq.stop()
        try:
            generator = self.run_service(services.GENERATOR, ready=False, GENERATOR_RATE="50")
            generator.wait_for("/healthz", 503)
            self.refused(generator, 2)
            self.assertEqual(generator.post("/generate_event", {}).status, 400)
            self.assertEqual(self.rate(generator)["published"], 0)
            self.assertIn("rabbitmq: ", generator.get("/readyz").json()["reasons"][0])
        finally:
            self.rabbitmq.start_again()
        generator.wait_for("/readyz", 200)
        self.assertEqual(generator.post("/generate_event", EVENT).status, 202)
        eventually(lambda: self.rate(generator)["published"] >= 100, "100 events")
        # What would have been made meanwhile is not made up for, but for a second.
        self.assertLess(self.rate(generator)["measured_events_per_second"], 80)

    def test_a_wrong_password_is_named_and_the_service_stays_up(self):
        generator = self.run_service(services.GENERATOR, ready=False, RABBITMQ_PASS="not-this-secret")
        eventually(lambda: "REFUSED" in generator.get("/readyz").text.upper(), "the reason")
        self.refused(generator, 2)
        self.assertEqual(generator.get("/livez").status, 200)
        self.assertNotIn("not-this-secret", generator.log())

    def test_only_confirmed_events_are_accepted_and_none_of_them_is_lost(self):
        generator = self.run_service(services.GENERATOR, GENERATOR_RATE="200", CONFIRM_TIMEOUT="1s")
        posters = [Poster(generator) for _ in range(4)]
        for _ in range(2):
            time.sleep(1)
            self.rabbitmq.kill()
            time.sleep(0.5)
            self.rabbitmq.start_again()
            generator.wait_for("/readyz", 200)
        before = [len(poster.accepted) for poster in posters]
        eventually(lambda: all(len(p.accepted) > n + 5 for p, n in zip(posters, before, strict=True)), "more events")
        for poster in posters:
            poster.finish()
        self.assertEqual(set().union(*(poster.statuses for poster in posters)), {202, 503})
        accepted = [event for poster in posters for event in poster.accepted]
        generator.stop()
        queued = self.queued()
        ids = [json.loads(body)["event_id"] for body in self.bodies(queued)]
        missing = set(accepted) - set(ids)
        places = [[place for place, each in enumerate(poster.accepted) if each in missing] for poster in posters]
        counts = f"of {len(accepted)} accepted, {queued} queued; before the last start: {before}"
        self.assertEqual(places, [[]] * 4, counts)
        self.assertEqual(len(set(accepted)), len(accepted))

    def test_a_broker_that_hangs_holds_up_nobody_for_long(self):
        generator = self.run_service(services.GENERATOR, CONFIRM_TIMEOUT="1s")
        self.assertEqual(generator.post("/generate_event", EVENT).status, 202)
        self.rabbitmq.run("freeze")
        try:
            self.refused(generator, 10)
            eventually(lambda: "late" in self.refused(generator, 10), "an early refusal")
            for _ in range(20):
                self.refused(generator, 1)
            self.assertEqual(generator.get("/livez").status, 200)
        finally:
            self.rabbitmq.run("thaw")
        eventually(lambda: generator.post("/generate_event", EVENT).status == 202, "a confirm")

    def test_a_frozen_broker_leaves_a_thread_for_health_and_metrics(self):
        generator = self.run_service(services.GENERATOR, HTTP_THREADS="3", CONFIRM_TIMEOUT="20s")
        posts = [threading.Thread(target=generator.post, args=("/generate_event", EVENT)) for _ in range(12)]
        self.rabbitmq.run("freeze")
        try:
            for post in posts:
                post.start()
            for target in ("/healthz", "/livez", "/metrics") * 3:
                begin = time.monotonic()
                generator.request("GET", target, timeout=10)
                self.assertLess(time.monotonic() - begin, 5, target)
            self.assertLessEqual(generator.metrics().total("auditflow_rabbitmq_unconfirmed_messages"), 3)
        finally:
            self.rabbitmq.run("thaw")
            for post in posts:
                if post.ident is not None:
                    post.join(60)

    def test_a_full_broker_is_an_early_refusal_and_no_lost_connection(self):
        generator = self.run_service(services.GENERATOR, GENERATOR_RATE="20")
        self.rabbitmq.ctl("set_vm_memory_high_watermark", "0.000001")
        try:
            blocked = "auditflow_rabbitmq_publisher_blocked"
            eventually(lambda: generator.metrics().total(blocked) == 1, "the alarm")
            self.refused(generator, 2)
            self.assertTrue(generator.get("/healthz").json()["rabbitmq_connected"])
        finally:
            self.rabbitmq.ctl("set_vm_memory_high_watermark", "0.6")
        eventually(lambda: generator.post("/generate_event", EVENT).status == 202, "a confirm")
        connections = "auditflow_rabbitmq_publisher_connections_total"
        self.assertEqual(generator.metrics().total(connections, event="connected"), 1)

    def test_the_rate_is_set_while_it_runs_from_none_to_what_the_broker_takes(self):
        generator = self.run_service(services.GENERATOR)
        self.assertEqual(self.rate(generator)["events_per_second"], 0)
        self.set_rate(generator, 100)
        begin, first = time.monotonic(), self.rate(generator)["published"]
        time.sleep(3)
        elapsed, made = time.monotonic() - begin, self.rate(generator)["published"] - first
        self.assertLess(made, 115 * elapsed + 20)
        self.assertGreater(made, 50 * elapsed)
        self.set_rate(generator, 1_000_000)
        eventually(lambda: self.rate(generator)["measured_events_per_second"] > 1000, "the broker's own speed")
        self.set_rate(generator, 0)
        eventually(lambda: self.settled(generator), "an end")
        published = self.rate(generator)["published"]
        self.assertEqual(self.queued(), published)
        self.assertEqual(generator.metrics().total("audit_event_generator_published_success_total"), published)
        self.assertEqual(generator.metrics().total("audit_event_generator_events_total"), published)

    def settled(self, generator):
        before = self.rate(generator)["published"]
        time.sleep(0.5)
        return self.rate(generator)["published"] == before

    def test_a_run_with_a_seed_a_start_and_a_count_is_the_same_to_the_byte(self):
        settings = {
            "GENERATOR_RATE": "1000000",
            "GENERATOR_SEED": "7",
            "GENERATOR_MIX": "brute_force",
            "GENERATOR_START_TIME": "2026-05-01T00:00:00Z",
            "GENERATOR_TIME_STEP": "250ms",
            "GENERATOR_COUNT": "5000",
        }
        runs = []
        for _ in range(2):
            generator = self.run_service(services.GENERATOR, **settings)
            runs.append(self.bodies(5000))
            self.assertEqual(self.rate(generator)["published"], 5000)
            generator.stop()
        self.assertEqual(runs[0], runs[1])
        command = services.PROGRAMS.parent / "sdk" / "cli" / "auditflow"
        if not command.exists():
            self.skipTest("the auditflow command is not built beside the services")
        amount = ("--count=5000", "--start=2026-05-01T00:00:00Z", "--interval=250ms")
        generated = subprocess.run(
            [command, "generate", "--seed=7", "--mix=brute_force", *amount],
            capture_output=True,
            check=True,
        )
        self.assertEqual(generated.stdout.splitlines(), runs[0])

    def test_the_events_of_one_user_are_in_one_partition(self):
        partitions = [f"{EVENTS}.{number}" for number in range(4)]
        generator = self.run_service(
            services.GENERATOR, RABBITMQ_QUEUE_KIND="consistent-hash", RABBITMQ_PARTITIONS="4", GENERATOR_RATE="0"
        )
        for number in range(60):
            answer = generator.post("/generate_event", {"event_type": "user_login", "user_id": f"user-{number % 12}"})
            self.assertEqual(answer.status, 202)
        self.set_rate(generator, 1000)  # of the five users of the contract
        eventually(lambda: self.rate(generator)["published"] > 500, "events by itself")
        self.set_rate(generator, 0)
        eventually(lambda: self.settled(generator), "an end")
        places: dict[str, set[str]] = {}
        with self.rabbitmq.connect() as connection:
            channel = connection.channel()
            for partition in partitions:
                for method, _, body in channel.consume(partition, inactivity_timeout=1):
                    if method is None:
                        break
                    places.setdefault(json.loads(body)["user_id"], set()).add(partition)
                    channel.basic_ack(method.delivery_tag)
                channel.cancel()
        self.assertGreaterEqual(len(places), 12 + 3)
        self.assertEqual({user: found for user, found in places.items() if len(found) != 1}, {})
        self.assertGreater(len(set.union(*places.values())), 1)

    def test_the_mix_is_set_while_it_runs(self):
        generator = self.run_service(services.GENERATOR, GENERATOR_MIX="quiet_day", GENERATOR_RATE="500")
        answer = generator.request("PUT", "/mix", {"mix": "insider"})
        self.assertEqual((answer.status, answer.json()["mix"]), (200, "insider"))
        with Receiver(self.rabbitmq, EVENTS, prefetch=1000) as receiver:
            eventually(lambda: any(b"auditd.service" in message.body for message in receiver.messages), "an insider")

    def test_it_ends_in_good_order_under_load(self):
        generator = self.run_service(services.GENERATOR, GENERATOR_RATE="1000000")
        eventually(lambda: self.rate(generator)["published"] > 5000, "some load")
        self.assertLess(generator.stop(), 10)
        ids = [json.loads(body)["event_id"] for body in self.bodies(self.queued())]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertGreater(len(ids), 5000)


if __name__ == "__main__":
    unittest.main()
