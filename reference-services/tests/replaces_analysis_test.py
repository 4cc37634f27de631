"""Our audit-log-analysis in the place of the Python one, among the three other Python services."""

import datetime
import json
import random
import unittest
import uuid

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.analysis import PythonAnalysis
from python_peers.broker import ALERTS, EVENTS, PLAIN_QUEUE, Receiver, declare
from python_peers.dashboard import PythonDashboard
from python_peers.generator import PythonGenerator
from python_peers.notification import PythonNotification

require(services.ANALYSIS)

CONTRACT_RULES = ("ANLY-SEC-001", "ANLY-SEC-002")
QUEUES = (EVENTS, ALERTS, EVENTS + ".dead-letter", "python_events", "python_alerts")


def an_hour_ago():
    return datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)


class ReplacesAnalysisTest(ServiceTest):
    def setUp(self):
        with self.servers.rabbitmq.connect() as connection:
            for queue in QUEUES:
                connection.channel().queue_delete(queue)
        with self.servers.redis.connect() as redis:
            redis.flushall()

    def analyse(self, events, expected, **settings):
        """The contract's alerts that our service makes of the events, and the messages that they came in."""
        rabbitmq = self.servers.rabbitmq
        with Receiver(rabbitmq, ALERTS, prefetch=100) as receiver, PythonGenerator(rabbitmq) as generator:
            service = self.run_service(services.ANALYSIS, ALERT_REPEAT="every", **settings)
            generator.publish(*events)
            self.await_consumed(service, len(events))
            service.eventually(lambda: len(self.of_contract(receiver)) >= expected, f"{expected} alerts")
            service.stop()
            return self.of_contract(receiver), list(receiver.messages)

    def await_consumed(self, service, count):
        name = "audit_analysis_processed_total"
        service.eventually(lambda: service.metrics().total(name) >= count, f"{count} processed events")

    @staticmethod
    def of_contract(receiver):
        alerts = [json.loads(message.body) for message in list(receiver.messages)]
        return [alert for alert in alerts if alert["analysis_rule"]["rule_id"] in CONTRACT_RULES]

    def test_alerts_have_the_members_and_texts_of_the_contract(self):
        at = an_hour_ago()
        burst = [wire.login_failure(at + datetime.timedelta(seconds=i), client_ip="10.1.2.3") for i in range(3)]
        file = wire.file_modified(at, "/etc/shadow", resource="/etc/shadow")
        alerts, messages = self.analyse([*burst, file], expected=2)
        for message in messages:
            self.assertEqual((message.method.exchange, message.method.routing_key), ("", ALERTS))
            self.assertEqual(message.properties.delivery_mode, 2)
            self.assertEqual(message.properties.content_type, "application/json")
        by_rule = {alert["analysis_rule"]["rule_id"]: alert for alert in alerts}
        self.check_like(by_rule["ANLY-SEC-001"], wire.burst_alert(burst[2]))
        self.check_like(by_rule["ANLY-SEC-002"], wire.file_alert(file, "/etc/shadow"), texts=False)

    def check_like(self, ours, python, texts=True):
        """All that the contract fixes; ids and times are each one's own, as are the words of rule 002."""
        self.assertLessEqual(set(python), set(ours))
        fixed = ["alert_name", "alert_type", "severity", "source_service_name", "action_observed", "correlation_id"]
        fixed += ["triggered_by", "impacted_resource", "raw_event_data"]
        if texts:
            fixed += ["description", "analysis_rule"]
        for name in fixed:
            self.assertEqual(ours[name], python[name], name)
        for name in ("rule_id", "rule_name"):
            self.assertEqual(ours["analysis_rule"][name], python["analysis_rule"][name])
        for name in ("rule_description",):
            self.assertTrue(ours["analysis_rule"][name])
        self.assertEqual(ours["metadata"]["tags"], python["metadata"]["tags"])
        self.assertEqual(ours["metadata"]["environment"].upper(), "DEVELOPMENT")
        for name in ("remediation_guidance", "playbook_url"):
            self.assertIsInstance(ours["metadata"][name], str)
        self.assertTrue(ours["description"])
        self.assertEqual(str(uuid.UUID(ours["alert_id"])), ours["alert_id"])
        self.assertRegex(ours["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_every_alert_of_the_python_analysis_is_ours_too_event_for_event(self):
        rng, at, events = random.Random(20261120), an_hour_ago(), []
        for _ in range(400):
            # Never a whole number of seconds: the contract does not say whether exactly 60 s are inside.
            at += datetime.timedelta(seconds=rng.uniform(0.5, 12))
            form = rng.choice((wire.with_microseconds, wire.with_offset_and_z))
            people = {"user_id": rng.choice(wire.USERS[:3]), "server_hostname": rng.choice(wire.HOSTS[:2])}
            if rng.random() < 0.6:
                events.append(wire.login_failure(at, form=form, **people))
            elif rng.random() < 0.3:
                path = rng.choice(wire.PATHS)
                events.append(wire.file_modified(at, path, resource=path, **people))
            else:
                events.append(wire.random_event(rng, at) | {"event_type": "user_login", "action_result": "SUCCESS"})
        expected = self.python_alerts(events)
        self.assertGreater(len(expected), 60)
        alerts, _ = self.analyse(events, expected=len(expected))
        found = [(a["analysis_rule"]["rule_id"], a["correlation_id"]) for a in alerts]
        self.assertEqual(sorted(found), sorted(expected))

    def python_alerts(self, events):
        rabbitmq = self.servers.rabbitmq
        with (
            PythonAnalysis(rabbitmq, self.servers.redis, "python_events", "python_alerts") as analysis,
            PythonGenerator(rabbitmq, "python_events") as generator,
        ):
            generator.publish(*events)
            eventually(lambda: len(analysis.messages) == len(events), "all events at the Python analysis")
            with self.servers.redis.connect() as redis:
                redis.flushall()
            return [(a["analysis_rule"]["rule_id"], a["correlation_id"]) for a in list(analysis.alerts)]

    def test_the_path_in_details_fires_which_the_python_analysis_misses(self):
        at = an_hour_ago()
        nested = wire.file_modified(at, "/root/.ssh/authorized_keys")
        other = wire.file_modified(at, "/var/www/html/index.php")
        (alert,), _ = self.analyse([nested, other], expected=1)
        self.assertEqual(alert["correlation_id"], nested["event_id"])
        resource = {
            "resource_type": "FILE",
            "resource_id": "/root/.ssh/authorized_keys",
            "server_hostname": nested["server_hostname"],
        }
        self.assertEqual(alert["impacted_resource"], resource)
        self.assertEqual(alert["triggered_by"], {"actor_type": "USER", "actor_id": "app_user", "client_ip": "N/A"})

    def test_the_address_in_details_is_the_alerts_client_ip(self):
        at = an_hour_ago()
        burst = [wire.login_failure(at + datetime.timedelta(seconds=i)) for i in range(3)]
        (alert,), _ = self.analyse(burst, expected=1)
        self.assertEqual(alert["triggered_by"]["client_ip"], "192.168.1.150")

    def test_the_whole_event_is_carried_unchanged(self):
        extra = {
            "unknown": {"deep": [{"a": [1, -2, 3.25, 1e-7, 9007199254740993, True, None, ""]}], "empty": {}},
            "text": 'quote " backslash \\ slash / tab \t null \\u0000 ü 漢 😀 \u2028 </script>',
        }
        event = wire.file_modified(an_hour_ago(), "/etc/sudoers.d/x", form=wire.with_offset_and_z, **extra)
        (alert,), _ = self.analyse([event], expected=1)
        self.assertEqual(alert["raw_event_data"], event)

    def test_queues_are_plain_whoever_declares_them_first(self):
        with self.servers.rabbitmq.connect() as connection:
            declare(connection.channel(), EVENTS)
            declare(connection.channel(), ALERTS)
        self.run_service(services.ANALYSIS).stop()
        with self.servers.rabbitmq.connect() as connection:
            for queue in (EVENTS, ALERTS):
                connection.channel().queue_delete(queue)
        service = self.run_service(services.ANALYSIS)
        service.eventually(lambda: {EVENTS, ALERTS} <= set(self.servers.rabbitmq.queues()), "both queues")
        with self.servers.rabbitmq.connect() as connection:
            declare(connection.channel(), EVENTS)
            declare(connection.channel(), ALERTS)
        queues = self.servers.rabbitmq.queues()
        for name in (EVENTS, ALERTS):
            self.assertEqual({member: queues[name][member] for member in PLAIN_QUEUE}, PLAIN_QUEUE)

    def test_health_and_metrics_have_the_contracts_forms(self):
        service = self.run_service(services.ANALYSIS, ALERT_REPEAT="every")
        answer = service.get("/healthz")
        self.assertEqual((answer.status, answer.media_type), (200, "application/json"))
        healthy = {
            "status": "healthy",
            "rabbitmq_connected": True,
            "redis_connected": True,
            "consumer_thread_alive": True,
        }
        self.assertLessEqual(healthy.items(), answer.json().items())
        at = an_hour_ago()
        with Receiver(self.servers.rabbitmq, ALERTS), PythonGenerator(self.servers.rabbitmq) as generator:
            generator.publish(*[wire.login_failure(at + datetime.timedelta(seconds=i)) for i in range(4)])
            generator.publish(wire.file_modified(at, "/etc/passwd"))
            self.await_consumed(service, 5)
            service.eventually(lambda: service.metrics().total("audit_analysis_alerts_total") >= 3, "three alerts")
        for port in (service.port, service.metrics_port):
            self.check_metrics(services.request(port, "GET", "/metrics"))

    def check_metrics(self, answer):
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, wire.METRICS_TYPE))
        metrics = services.Metrics(answer.text)
        for name, kind, value in [
            ("audit_analysis_processed_total", "counter", 5),
            ("audit_analysis_rabbitmq_messages_consumed_total", "counter", 5),
            ("audit_analysis_rabbitmq_consumer_connection_status", "gauge", 1),
            ("audit_analysis_redis_connection_status", "gauge", 1),
        ]:
            self.assertEqual(metrics.types[name], kind)
            self.assertEqual(metrics.samples[name, frozenset()], value, name)
        alerts = "audit_analysis_alerts_total"
        self.assertEqual(metrics.types[alerts], "counter")
        self.assertEqual(
            metrics.label_names(alerts),
            {frozenset(("alert_type", "severity", "user_id", "server_hostname"))},
        )
        common = {"severity": "CRITICAL", "user_id": "app_user", "server_hostname": "prod-db-02"}
        self.assertEqual(metrics.total(alerts, alert_type="failed_login_burst", **common), 2)
        self.assertEqual(metrics.total(alerts, alert_type="sensitive_file_modified", **common), 1)

    def test_its_alerts_are_stored_and_shown_by_the_python_services(self):
        rabbitmq = self.servers.rabbitmq
        self.servers.postgres.new_database("downstream")
        at = an_hour_ago()
        burst = [wire.login_failure(at + datetime.timedelta(seconds=i)) for i in range(3)]
        nested = wire.file_modified(at, "/etc/passwd", details={"resource": "/etc/passwd"})
        with (
            PythonNotification(rabbitmq, self.servers.postgres, "downstream") as notification,
            PythonGenerator(rabbitmq) as generator,
        ):
            service = self.run_service(services.ANALYSIS)
            generator.publish(*burst, nested)
            dashboard = PythonDashboard(notification.port)
            service.eventually(lambda: len(self.rows(dashboard)) == 2, "two alerts at the Python dashboard")
            rows = self.rows(dashboard)
            self.assertEqual(rows["ANLY-SEC-001"]["client_ip"], "192.168.1.150")
            self.assertIsNone(rows["ANLY-SEC-002"]["client_ip"])
            self.assertEqual(rows["ANLY-SEC-001"]["correlation_id"], burst[2]["event_id"])
            dashboard.one(rows["ANLY-SEC-002"]["alert_id"])

    @staticmethod
    def rows(dashboard):
        return {row["rule_id"]: row for row in dashboard.recent(limit=100) if row["rule_id"] in CONTRACT_RULES}


if __name__ == "__main__":
    unittest.main()
