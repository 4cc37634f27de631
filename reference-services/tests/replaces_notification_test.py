"""Our notification-service in the place of the Python one, on a database that the Python one made."""

import datetime
import json
import unittest
import uuid

import services
from harness import ServiceTest, eventually, require
from python_peers import wire
from python_peers.analysis import PythonAnalysis
from python_peers.broker import ALERTS, DEAD_ALERTS, EVENTS, PLAIN_QUEUE, Receiver, Sender, declare
from python_peers.dashboard import PythonDashboard
from python_peers.generator import PythonGenerator
from python_peers.notification import PythonNotification, insert, make_table, select

require(services.NOTIFICATION)

RFC_3339_UTC = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$"
AT = datetime.datetime(2026, 11, 20, 18, 55, 54, 352392, datetime.UTC)
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class ReplacesNotificationTest(ServiceTest):
    needs = {"rabbitmq": True, "redis": True, "postgres": True}
    databases = 0

    def setUp(self):
        with self.servers.rabbitmq.connect() as connection:
            for queue in (EVENTS, ALERTS, DEAD_ALERTS):
                connection.channel().queue_delete(queue)
        ReplacesNotificationTest.databases += 1
        self.database = f"alerts_{self.databases}"
        self.servers.postgres.new_database(self.database)

    def start(self, **settings):
        return self.run_service(services.NOTIFICATION, PG_DB=self.database, **settings)

    def sql(self):
        return self.enterContext(self.servers.postgres.connect(self.database))

    def send(self, *alerts):
        with Sender(self.servers.rabbitmq, ALERTS) as sender:
            for alert in alerts:
                sender.send(alert if isinstance(alert, bytes) else wire.encode(alert))

    def stored(self, count):
        sql = self.sql()
        rows = eventually(
            lambda: (rows := select(sql, "ORDER BY timestamp DESC")) and len(rows) >= count and rows, f"{count} rows"
        )
        self.assertEqual(len(rows), count)
        return rows

    def test_takes_over_a_database_that_the_python_service_made_and_gives_it_back(self):
        old = [wire.burst_alert(wire.login_failure(AT), timestamp=f"2026-11-20T18:56:0{i}+00:00Z") for i in range(3)]
        sql = self.sql()
        make_table(sql)
        for alert in old:
            insert(sql, alert)
        before = select(sql, "ORDER BY timestamp DESC")
        service = self.start()
        new = wire.file_alert(wire.file_modified(AT, "/etc/passwd"), "/etc/passwd")
        self.send(new)
        self.stored(4)
        dashboard = PythonDashboard(service.port)
        listed = dashboard.recent()
        self.assertEqual([row["alert_id"] for row in listed], [a["alert_id"] for a in (new, *reversed(old))])
        for row, was in zip(listed[1:], before):
            self.assertEqual(self.without_times(row), self.without_times(json.loads(json.dumps(was, default=str))))
            self.assertEqual(wire.read_time(row["timestamp"]), was["timestamp"])
            self.assertEqual(wire.read_time(row["received_at"]), was["received_at"])
        service.stop()
        self.assertEqual(select(sql, "WHERE alert_id <> %s ORDER BY timestamp DESC", new["alert_id"]), before)
        self.check_python_goes_on(new)

    @staticmethod
    def without_times(row):
        return {name: row[name] for name in wire.ROW_MEMBERS if name not in ("timestamp", "received_at")}

    def check_python_goes_on(self, ours):
        with PythonNotification(self.servers.rabbitmq, self.servers.postgres, self.database) as python:
            dashboard = PythonDashboard(python.port)
            self.assertEqual(dashboard.one(ours["alert_id"])["rule_id"], "ANLY-SEC-002")
            later = wire.burst_alert(wire.login_failure(AT))
            self.send(later)
            eventually(lambda: dashboard.get(f"/alerts/{later['alert_id']}").status == 200, "the row")
        service = self.start()  # and ours takes over once more
        self.assertEqual(len(PythonDashboard(service.port).recent()), 5)

    def test_an_alert_of_the_python_analysis_becomes_the_contracts_row(self):
        service = self.start()
        event = wire.login_failure(AT, source_service="audit-event-generator-api")
        alert = wire.burst_alert(event, timestamp="2026-11-20T18:56:09+00:00Z")
        other = wire.file_alert(wire.file_modified(AT, "/etc/passwd", client_ip="10.0.0.7"), "/etc/passwd")
        other["timestamp"] = "2026-11-20T18:56:08.352392Z"
        self.send(alert, other)
        first, second = self.stored(2)
        self.assertEqual(
            {name: first[name] for name in wire.ROW_MEMBERS if name != "received_at"},
            {
                "alert_id": uuid.UUID(alert["alert_id"]),
                "correlation_id": uuid.UUID(event["event_id"]),
                "timestamp": datetime.datetime(2026, 11, 20, 18, 56, 9, tzinfo=datetime.UTC),
                "alert_name": "Multiple Failed Login Attempts",
                "alert_type": "SECURITY",
                "severity": "CRITICAL",
                "description": alert["description"],
                "source_service_name": "audit-event-generator-api",
                "rule_id": "ANLY-SEC-001",
                "rule_name": "Failed Login Burst Detection",
                "actor_type": "USER",
                "actor_id": "app_user",
                "client_ip": None,
                "resource_type": "SERVER",
                "resource_id": "prod-db-02",
                "server_hostname": "prod-db-02",
                "action_observed": "LOGIN_FAILURE",
                "analysis_rule_details": alert["analysis_rule"],
                "triggered_by_details": alert["triggered_by"],
                "impacted_resource_details": alert["impacted_resource"],
                "metadata": alert["metadata"],
                "raw_event_data": event,
            },
        )
        self.assertLess(abs(first["received_at"] - datetime.datetime.now(datetime.UTC)), datetime.timedelta(minutes=5))
        self.assertEqual(str(second["client_ip"]), "10.0.0.7")
        self.assertEqual(second["timestamp"].microsecond, 352392)
        self.check_api(service, alert, other)

    def check_api(self, service, alert, other):
        listed = service.get("/alerts?limit=10&offset=0")
        self.assertEqual((listed.status, listed.media_type), (200, "application/json"))
        rows = listed.json()
        self.assertEqual([row["alert_id"] for row in rows], [alert["alert_id"], other["alert_id"]])
        for row, sent in zip(rows, (alert, other)):
            self.assertLessEqual(set(wire.ROW_MEMBERS), set(row))
            self.assertRegex(row["timestamp"], RFC_3339_UTC)
            self.assertRegex(row["received_at"], RFC_3339_UTC)
            self.assertEqual(wire.read_time(row["timestamp"]), wire.read_time(sent["timestamp"]))
            self.assertEqual(row["raw_event_data"], sent["raw_event_data"])
            self.assertEqual(row["metadata"], sent["metadata"])
            one = service.get(f"/alerts/{sent['alert_id']}")
            self.assertEqual((one.status, one.media_type, one.json()), (200, "application/json", row))
        self.assertEqual([row["client_ip"] for row in rows], [None, "10.0.0.7"])
        pages = [service.get(f"/alerts?limit=1&offset={offset}").json() for offset in range(3)]
        self.assertEqual(pages, [[rows[0]], [rows[1]], []])
        upper = service.get(f"/alerts/{alert['alert_id'].upper()}")
        self.assertEqual((upper.status, upper.json()["alert_id"]), (200, alert["alert_id"]))

    def test_refusals_are_in_the_contracts_words(self):
        service = self.start()
        for target, status, content in [
            ("/alerts?limit=0", 400, {"error": "Limit must be a positive integer."}),
            ("/alerts?limit=-5", 400, {"error": "Limit must be a positive integer."}),
            ("/alerts?limit=ten", 400, {"error": "Limit must be an integer."}),
            ("/alerts?limit=1.5", 400, {"error": "Limit must be an integer."}),
            ("/alerts?offset=x", 400, {"error": "Offset must be an integer."}),
            ("/alerts?offset=-1", 400, {"error": "Offset cannot be negative."}),
            ("/alerts/7", 400, {"error": "Invalid alert ID format: '7'. Must be a valid UUID."}),
            ("/alerts/x%27y", 400, {"error": "Invalid alert ID format: 'x'y'. Must be a valid UUID."}),
            (f"/alerts/{UNKNOWN}", 404, {"message": "Alert not found"}),
        ]:
            with self.subTest(target=target):
                answer = service.get(target)
                self.assertEqual((answer.status, answer.media_type), (status, "application/json"))
                self.assertEqual(answer.json(), content)

    def test_health_has_the_contracts_form(self):
        answer = self.start().get("/healthz")
        self.assertEqual((answer.status, answer.media_type), (200, "application/json"))
        healthy = {"service": "notification-service-api", "status": "healthy"}
        self.assertLessEqual(healthy.items(), answer.json().items())

    def test_a_repeated_alert_is_acknowledged_and_a_malformed_one_is_not_given_back(self):
        self.start()
        alert = wire.burst_alert(wire.login_failure(AT))
        broken = [b"{", b"[]", wire.encode({**alert, "alert_id": "7"})]
        self.send(alert, alert, *broken, {**alert, "description": "another text under the same id"})
        queues = lambda: self.servers.rabbitmq.queues()
        eventually(lambda: queues().get(DEAD_ALERTS, {"messages": 0})["messages"] == len(broken), "the dead letters")
        eventually(lambda: queues()[ALERTS]["messages"] == 0, "an empty queue")
        (row,) = self.stored(1)
        self.assertEqual(row["description"], alert["description"])

    def test_queues_are_plain_whoever_declares_them_first(self):
        with self.servers.rabbitmq.connect() as connection:
            declare(connection.channel(), ALERTS)
        self.start().stop()
        with self.servers.rabbitmq.connect() as connection:
            connection.channel().queue_delete(ALERTS)
        service = self.start()
        service.eventually(lambda: ALERTS in self.servers.rabbitmq.queues(), "the queue")
        with Receiver(self.servers.rabbitmq, ALERTS):
            queue = self.servers.rabbitmq.queues()[ALERTS]
        self.assertEqual({member: queue[member] for member in PLAIN_QUEUE}, PLAIN_QUEUE)

    def test_stores_what_the_python_services_find(self):
        rabbitmq = self.servers.rabbitmq
        service = self.start()
        with PythonAnalysis(rabbitmq, self.servers.redis), PythonGenerator(rabbitmq) as generator:
            burst = [wire.login_failure(AT + datetime.timedelta(seconds=i)) for i in range(3)]
            generator.publish(*burst)
            self.stored(1)
        (row,) = PythonDashboard(service.port).recent()
        self.assertEqual(row["correlation_id"], burst[2]["event_id"])


if __name__ == "__main__":
    unittest.main()
