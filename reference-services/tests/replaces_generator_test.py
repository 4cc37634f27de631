"""Our audit-event-generator in the place of the Python one, among the three other Python services."""

import datetime
import ipaddress
import json
import time
import unittest
import uuid

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.analysis import PythonAnalysis
from python_peers.broker import EVENTS, PLAIN_QUEUE, Receiver, declare
from python_peers.dashboard import PythonDashboard
from python_peers.notification import PythonNotification

require(services.GENERATOR)

RFC_3339_UTC = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"


class ReplacesGeneratorTest(ServiceTest):
    def setUp(self):
        with self.servers.rabbitmq.connect() as connection:
            connection.channel().queue_delete(EVENTS)

    def check_queue(self, name=EVENTS):
        queue = self.servers.rabbitmq.queues()[name]
        self.assertEqual({member: queue[member] for member in PLAIN_QUEUE}, PLAIN_QUEUE)
        self.assertEqual(queue["type"].removeprefix("rabbit_").removesuffix("_queue"), "classic")

    def test_declares_the_queue_as_the_python_services_do_whoever_comes_first(self):
        generator = self.run_service(services.GENERATOR)
        self.check_queue()
        with Receiver(self.servers.rabbitmq, EVENTS):
            self.assertEqual(generator.get("/healthz").status, 200)
        generator.stop()
        with self.servers.rabbitmq.connect() as connection:
            connection.channel().queue_delete(EVENTS)
            declare(connection.channel(), EVENTS)
        again = self.run_service(services.GENERATOR)
        self.assertEqual(again.post("/generate_event", {"event_type": "user_login"}).status, 202)
        self.check_queue()

    def test_events_that_it_makes_by_itself_have_the_contracts_form(self):
        with Receiver(self.servers.rabbitmq, EVENTS, prefetch=100) as receiver:
            generator = self.run_service(services.GENERATOR, GENERATOR_RATE="300", GENERATOR_SEED="7")
            eventually(lambda: len(receiver.messages) >= 600, "600 events")
            generator.stop()
            messages = list(receiver.messages)
        events = [self.check_message(message) for message in messages]
        for event in events:
            self.check_generated(event)
        self.assertEqual({(e["event_type"], e["action_result"]) for e in events}, set(wire.KINDS))
        self.assertEqual({e["server_hostname"] for e in events}, set(wire.HOSTS))
        self.assertEqual({e["user_id"] for e in events}, set(wire.USERS))
        self.assertEqual(len({e["event_id"] for e in events}), len(events))

    def check_message(self, message):
        self.assertEqual((message.method.exchange, message.method.routing_key), ("", EVENTS))
        self.assertEqual(message.properties.delivery_mode, 2)
        self.assertEqual(message.properties.content_type, "application/json")
        return json.loads(message.body.decode("utf-8"))

    def check_generated(self, event):
        self.assertLessEqual(set(wire.EVENT_MEMBERS), set(event))
        self.assertEqual(str(uuid.UUID(event["event_id"])), event["event_id"])
        self.assertRegex(event["timestamp"], RFC_3339_UTC)
        self.assertEqual(event["source_service"], "audit-event-generator")
        severity, members = wire.KINDS[event["event_type"], event["action_result"]]
        self.assertEqual(event["severity"], severity, event)
        details = event["details"]
        self.assertEqual(set(details), set(members), event)
        if "ip_address" in details:
            last = int(ipaddress.IPv4Address(details["ip_address"])) - int(ipaddress.IPv4Address("192.168.1.0"))
            self.assertTrue(100 <= last <= 200, event)
            self.assertIn(details["protocol"], ("ssh", "console"))
        if event["event_type"] == "file_modified":
            self.assertIn(details["resource"], wire.PATHS)
            self.assertIs(type(details["size_change_bytes"]), int)
        for name, value in details.items():
            self.assertIs(type(value), int if name == "size_change_bytes" else str, (name, event))

    def test_the_interval_of_the_python_service_is_kept(self):
        settings = self.settings_for(services.GENERATOR)
        del settings["GENERATOR_RATE"]
        with Receiver(self.servers.rabbitmq, EVENTS) as receiver:
            service = services.Service(
                services.GENERATOR, {**settings, "EVENT_GENERATION_INTERVAL_SECONDS": "1"}
            )
            self.addCleanup(service.close)
            with service:
                service.wait_until_ready()
                eventually(lambda: receiver.messages, "a first event")
                begin = time.monotonic()
                eventually(lambda: len(receiver.messages) >= 4, "three more events")
                elapsed = time.monotonic() - begin
        # Late on a busy machine, never much too early: the first of the three may follow at any time.
        self.assertGreater(elapsed, 1.5)

    def test_events_on_request_are_filled_and_answered_as_the_contract_says(self):
        generator = self.run_service(services.GENERATOR)
        given = {
            "event_type": "user_login",
            "server_hostname": "host-ü",
            "user_id": "eve",
            "action_result": "FAILURE",
            "severity": "WARNING",
            "details": {"reason": "Incorrect password", "nested": {"list": [1, 2.5, None, True]}},
        }
        with Receiver(self.servers.rabbitmq, EVENTS) as receiver:
            bare = self.accepted(generator.post("/generate_event", {"event_type": "custom_type"}))
            full = self.accepted(generator.post("/generate_event", given))
            eventually(lambda: len(receiver.messages) == 2, "both events")
            first, second = (self.check_message(message) for message in receiver.messages)
        self.assertEqual((first["event_id"], second["event_id"]), (bare, full))
        for event in (first, second):
            self.assertLessEqual(set(wire.EVENT_MEMBERS), set(event))
            self.assertEqual(event["source_service"], "audit-event-generator-api")
            self.assertRegex(event["timestamp"], RFC_3339_UTC)
        self.assertEqual(
            {name: first[name] for name in ("event_type", "action_result", "severity", "details")},
            {"event_type": "custom_type", "action_result": "SUCCESS", "severity": "INFO", "details": {}},
        )
        self.assertIn(first["server_hostname"], wire.HOSTS)
        self.assertIn(first["user_id"], wire.USERS)
        self.assertEqual({name: second[name] for name in given}, given)

    def accepted(self, answer):
        self.assertEqual((answer.status, answer.media_type), (202, "application/json"), answer)
        content = answer.json()
        self.assertEqual(content, {"status": "success", "event_id": str(uuid.UUID(content["event_id"]))})
        return content["event_id"]

    def test_requests_without_an_event_type_are_refused_in_the_contracts_words(self):
        generator = self.run_service(services.GENERATOR)
        for body in ({}, {"user_id": "eve"}, {"details": {"event_type": "user_login"}}):
            with self.subTest(body=body):
                answer = generator.post("/generate_event", body)
                self.assertEqual((answer.status, answer.media_type), (400, "application/json"))
                self.assertEqual(answer.json(), {"error": "Invalid event data. 'event_type' is required."})
        for body in (b"", b"{", b"[]", b"null", b"\xff"):
            with self.subTest(body=body):
                answer = generator.request("POST", "/generate_event", body, {"Content-Type": "application/json"})
                self.assertEqual(answer.status, 400)
                self.assertIsInstance(answer.json().get("error"), str)

    def test_health_and_metrics_have_the_contracts_forms(self):
        with Receiver(self.servers.rabbitmq, EVENTS):
            generator = self.run_service(services.GENERATOR)
            answer = generator.get("/healthz")
            self.assertEqual((answer.status, answer.media_type), (200, "application/json"))
            self.assertLessEqual({"status": "healthy", "rabbitmq_connected": True}.items(), answer.json().items())
            for _ in range(3):
                body = {"event_type": "sudo_command", "server_hostname": "prod-web-01"}
                self.assertEqual(generator.post("/generate_event", body).status, 202)
            self.check_metrics(generator)

    def check_metrics(self, generator):
        for port in (generator.port, generator.metrics_port):
            answer = services.request(port, "GET", "/metrics")
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, wire.METRICS_TYPE), port)
            metrics = services.Metrics(answer.text)
            prefix = "audit_event_generator_"
            self.assertEqual(metrics.types[prefix + "events_total"], "counter")
            self.assertEqual(
                metrics.label_names(prefix + "events_total"),
                {frozenset(("event_type", "server_hostname", "action_result"))},
            )
            labels = {"event_type": "sudo_command", "server_hostname": "prod-web-01", "action_result": "SUCCESS"}
            self.assertEqual(metrics.total(prefix + "events_total", **labels), 3)
            for name, kind, value in [
                ("published_success_total", "counter", 3),
                ("published_failure_total", "counter", 0),
                ("rabbitmq_connection_status", "gauge", 1),
            ]:
                self.assertEqual(metrics.types[prefix + name], kind)
                self.assertEqual(metrics.samples[prefix + name, frozenset()], value, name)

    def test_its_events_raise_alerts_in_the_python_services(self):
        rabbitmq = self.servers.rabbitmq
        self.servers.postgres.new_database("downstream")
        with (
            PythonNotification(rabbitmq, self.servers.postgres, "downstream") as notification,
            PythonAnalysis(rabbitmq, self.servers.redis),
        ):
            generator = self.run_service(services.GENERATOR)
            failure = {"event_type": "user_login", "action_result": "FAILURE", "user_id": "mallory", "server_hostname": "h"}
            sent = [self.accepted(generator.post("/generate_event", failure)) for _ in range(3)]
            dashboard = PythonDashboard(notification.port)
            (alert,) = eventually(dashboard.recent, "an alert")
        self.assertEqual((alert["correlation_id"], alert["actor_id"]), (sent[2], "mallory"))
        self.assertLess(
            abs(datetime.datetime.now(datetime.UTC) - datetime.datetime.fromisoformat(alert["timestamp"])),
            datetime.timedelta(minutes=5),
        )

    def test_a_broker_that_goes_away_is_told_and_a_new_connection_is_made(self):
        generator = self.run_service(services.GENERATOR)
        self.servers.rabbitmq.kill()
        try:
            generator.wait_for("/healthz", 503)
            unhealthy = {"status": "unhealthy", "rabbitmq_connected": False}
            self.assertLessEqual(unhealthy.items(), generator.get("/healthz").json().items())
            self.assertEqual(generator.metrics().total("audit_event_generator_rabbitmq_connection_status"), 0)
            answer = generator.post("/generate_event", {"event_type": "user_login"})
            self.assertEqual(answer.status, 503)
            self.assertRegex(answer.headers["Retry-After"] or "", r"^\d+$")
        finally:
            self.servers.rabbitmq.start_again()
        generator.wait_for("/healthz", 200)
        self.assertEqual(generator.post("/generate_event", {"event_type": "user_login"}).status, 202)


if __name__ == "__main__":
    unittest.main()
