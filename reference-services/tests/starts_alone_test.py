"""Each service starts and answers while everything that it depends on is down, and recovers when that comes up."""

import socket
import unittest

import services
from harness import ServiceTest, eventually, require
from services import Service

require(*services.ALL)

UNKNOWN = "00000000-0000-4000-8000-000000000000"


class StartsAloneTest(ServiceTest):
    def down(self):
        for server in (self.servers.rabbitmq, self.servers.redis, self.servers.postgres):
            server.stop()

    def up(self):
        for server in (self.servers.rabbitmq, self.servers.redis, self.servers.postgres):
            server.start_again()

    def test_all_four_start_alone_answer_honestly_and_recover(self):
        self.down()
        notification = self.start(services.NOTIFICATION)
        generator = self.start(services.GENERATOR)
        analysis = self.start(services.ANALYSIS)
        dashboard = self.start(services.DASHBOARD, NOTIFICATION_SERVICE_HOST="127.0.0.1", NOTIFICATION_SERVICE_PORT="1")
        for service in (generator, analysis, notification):
            self.check_down(service)
        self.check_generator_down(generator)
        self.check_analysis_down(analysis)
        self.check_notification_down(notification)
        self.assertIn(dashboard.get("/").status, (502, 503))
        self.assertEqual(dashboard.get("/livez").status, 200)
        self.up()
        dashboard.stop()
        dashboard = self.start(services.DASHBOARD, **self.point_at(notification))
        for service in (generator, analysis, notification, dashboard):
            service.wait_until_ready()
            self.assertEqual(service.get("/healthz").status, 200, service.name)
        self.check_flow(generator, dashboard)

    def test_a_redis_that_never_answers_hides_nothing_of_the_broker(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = str(silent.getsockname()[1])
            settings = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": port, "REDIS_COMMAND_TIMEOUT": "5m"}
            analysis = self.start(services.ANALYSIS, **settings)
            analysis.eventually(lambda: analysis.get("/healthz").json()["rabbitmq_connected"], "a connection to the broker")
            self.assertFalse(analysis.get("/healthz").json()["redis_connected"])
            self.assertEqual(analysis.get("/metrics").status, 200)

    def start(self, name, **settings) -> Service:
        return self.run_service(name, ready=False, **settings)

    def check_down(self, service):
        service.wait_for("/readyz", 503)
        answer = service.get("/readyz")
        self.assertEqual(answer.media_type, "application/json", service.name)
        self.assertTrue(answer.json()["reasons"], service.name)
        self.assertEqual(service.get("/livez").status, 200)
        self.assertEqual(service.get("/openapi.json").status, 200)
        self.assertEqual(service.get("/metrics").status, 200)

    def check_generator_down(self, generator):
        health = generator.get("/healthz")
        self.assertEqual(health.status, 503)
        self.assertLessEqual({"status": "unhealthy", "rabbitmq_connected": False}.items(), health.json().items())
        answer = generator.post("/generate_event", {"event_type": "user_login"})
        self.assertEqual(answer.status, 503)
        self.assertTrue(int(answer.headers["Retry-After"]) >= 1)
        self.assertEqual(generator.post("/generate_event", {}).status, 400)

    def check_analysis_down(self, analysis):
        health = analysis.get("/healthz")
        self.assertEqual(health.status, 503)
        down = {"rabbitmq_connected": False, "redis_connected": False}
        self.assertLessEqual(down.items(), health.json().items())
        self.assertNotEqual(health.json()["status"], "healthy")
        for name in ("rabbitmq_consumer", "redis"):
            self.assertEqual(analysis.metrics().total(f"audit_analysis_{name}_connection_status"), 0)

    def check_notification_down(self, notification):
        self.assertEqual(notification.get("/healthz").status, 503)
        for target in ("/alerts", f"/alerts/{UNKNOWN}"):
            answer = notification.get(target)
            self.assertEqual((answer.status, answer.media_type), (503, "application/problem+json"), target)
        # What needs no database is said without one.
        self.assertEqual(notification.get("/alerts?limit=0").status, 400)
        self.assertEqual(notification.get("/alerts/7").status, 400)

    def check_flow(self, generator, dashboard):
        failure = {"event_type": "user_login", "action_result": "FAILURE", "user_id": "late", "server_hostname": "h"}
        for _ in range(3):
            self.assertEqual(generator.post("/generate_event", failure).status, 202)
        eventually(lambda: "Multiple Failed Login Attempts" in dashboard.get("/").text, "the alert at the dashboard")

    def test_a_service_that_was_never_ready_ends_in_good_order(self):
        self.servers.rabbitmq.stop()
        self.servers.postgres.stop()
        self.servers.redis.stop()
        try:
            started = [self.start(name) for name in services.ALL]
            for service in started:
                self.assertLess(service.stop(), 15, service.name)
        finally:
            self.up()


if __name__ == "__main__":
    unittest.main()
