"""The stand-ins among themselves: what fails between them and a service of ours is then not theirs."""

import datetime
import random
import unittest

import pika

from harness import ServiceTest, eventually
from python_peers import wire
from python_peers.analysis import PythonAnalysis
from python_peers.broker import ALERTS, EVENTS
from python_peers.dashboard import PythonDashboard
from python_peers.generator import PythonGenerator
from python_peers.notification import PythonNotification

START = datetime.datetime(2026, 11, 20, 18, 55, 54, 352392, datetime.UTC)


class PythonPeersTest(ServiceTest):
    def setUp(self):
        servers = self.servers
        self.generator = self.enterContext(PythonGenerator(servers.rabbitmq))
        self.notification = self.enterContext(PythonNotification(servers.rabbitmq, servers.postgres, "postgres"))
        self.analysis = self.enterContext(PythonAnalysis(servers.rabbitmq, servers.redis))
        self.dashboard = PythonDashboard(self.notification.port)

    def test_alerts_of_both_rules_come_out_at_the_dashboard(self):
        rng = random.Random(1)
        burst = [wire.login_failure(START + datetime.timedelta(seconds=20 * i), user_id="eve") for i in range(4)]
        burst[1]["timestamp"] = wire.with_offset_and_z(START + datetime.timedelta(seconds=20))
        file = wire.file_modified(START, "/etc/passwd", resource="/etc/passwd")
        nested = wire.file_modified(START, "/etc/passwd")
        noise = [wire.random_event(rng, START + datetime.timedelta(hours=i)) for i in range(1, 20)]
        self.generator.publish(*noise, *burst, file, nested)
        eventually(lambda: len(self.analysis.messages) == 25, "25 events at the analysis")
        eventually(lambda: len(self.dashboard.recent(limit=100)) == 3, "three alerts at the dashboard")
        found = {alert["correlation_id"] for alert in self.dashboard.recent(limit=100)}
        # The third failure and each further one; the top-level path, and by the known defect not the nested one.
        self.assertEqual(found, {burst[2]["event_id"], burst[3]["event_id"], file["event_id"]})
        one = self.dashboard.one(self.analysis.alerts[0]["alert_id"])
        self.assertIsNone(one["client_ip"])
        self.assertRegex(one["received_at"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00:00$")
        self.check_refusals()
        self.check_malformed()

    def check_refusals(self):
        for target, status, content in [
            ("/alerts?limit=0", 400, {"error": "Limit must be a positive integer."}),
            ("/alerts?limit=x", 400, {"error": "Limit must be an integer."}),
            ("/alerts?offset=-1", 400, {"error": "Offset cannot be negative."}),
            ("/alerts/7", 400, {"error": "Invalid alert ID format: '7'. Must be a valid UUID."}),
            ("/alerts/00000000-0000-4000-8000-000000000000", 404, {"message": "Alert not found"}),
        ]:
            answer = self.dashboard.get(target)
            self.assertEqual((answer.status, answer.json()), (status, content), target)

    def check_malformed(self):
        handled = len(self.analysis.messages)
        self.generator.send(b"{", pika.BasicProperties())
        eventually(lambda: len(self.analysis.messages) == handled + 1, "the malformed message")
        eventually(lambda: self.servers.rabbitmq.queues()[EVENTS]["messages"] == 0, "an empty queue")
        self.assertEqual(self.servers.rabbitmq.queues()[ALERTS]["arguments"], [])


if __name__ == "__main__":
    unittest.main()
