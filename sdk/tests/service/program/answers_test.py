"""What every service answers: health, metrics, the log level, its OpenAPI document."""

import json
import unittest

from running import ServiceTest, free_port

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Answers(ServiceTest):
    def test_health_has_the_members_of_the_contract_beside_the_components(self):
        service = self.start(SERVICE_NAME="greeter-7")
        service.wait_until(lambda: service.get("/healthz")[0] == 200)
        health = service.get_json("/healthz")[1]
        self.assertEqual(health["status"], "healthy")
        self.assertEqual(health["service"], "greeter-7")
        self.assertIs(health["greeter_connected"], True)
        self.assertIs(health["components"]["greeter"]["up"], True)
        self.assertEqual(service.get_json("/livez"), (200, {"status": "alive"}))
        self.assertEqual(service.get_json("/readyz"), (200, {"status": "ready", "reasons": []}))

    def test_metrics_are_on_both_ports_with_prometheus_type(self):
        port = free_port()
        service = self.start(PROMETHEUS_PORT=str(port), SERVICE_NAME="greeter-7")
        service.wait_until(lambda: service.get("/readyz")[0] == 200)
        service.get("/greeting")
        service.get("/nowhere/at/all")
        for where in (service.port, port):
            status, headers, body = service.get("/metrics", port=where)
            self.assertEqual((status, headers["Content-Type"]), (200, METRICS_TYPE))
            lines = body.splitlines()
            self.assertIn(
                'auditflow_http_requests_total{method="GET",route="/greeting",status="200"} 1', lines
            )
            self.assertIn(
                'auditflow_http_requests_total{method="GET",route="unmatched",status="404"} 1', lines
            )
            self.assertIn('auditflow_http_request_seconds_count{method="GET",route="/greeting"} 1', lines)
            self.assertTrue([x for x in lines if x.startswith('auditflow_build_info{service="greeter-7",version=')])
            self.assertGreater(self.value(lines, "process_resident_memory_bytes"), 1e6)
            self.assertGreater(self.value(lines, "process_open_fds"), 3)
            self.assertEqual(self.value(lines, "auditflow_ready"), 1)
            self.assertGreaterEqual(self.value(lines, 'auditflow_http_connections_total{event="accepted"}'), 2)
        self.assertEqual(service.get("/greeting", port=port)[0], 404)

    @staticmethod
    def value(lines, name):
        return float(next(line for line in lines if line.startswith(name + " ")).split()[1])

    def test_what_is_no_request_is_counted_without_a_label_of_the_client(self):
        service = self.start()
        self.assertEqual(service.ask("BREW", "/pot")[0], 404)
        self.assertEqual(service.get("/%00")[0], 400)
        service.wait_until(lambda: 'route="invalid",status="400"} 1' in service.get("/metrics")[2])
        self.assertIn('{method="other",route="unmatched",status="404"} 1', service.get("/metrics")[2])

    def test_the_log_level_can_be_changed(self):
        service = self.start(LOG_LEVEL="WARNING", APP_PORT=str(free_port()))
        self.assertEqual(service.process.poll(), None)
        service = self.start(LOG_LEVEL="INFO")
        self.assertEqual(service.get_json("/loglevel"), (200, {"level": "info"}))
        status, _, body = service.ask("PUT", "/loglevel", '{"level":"DEBUG"}')
        self.assertEqual((status, json.loads(body)), (200, {"level": "debug"}))
        self.assertEqual(service.log.wait_for("log level changed")["to"], "debug")
        service.get("/greeting?secret=1")
        service.wait_until(lambda: [r for r in service.log.find("request") if r.get("path") == "/greeting"])
        for wrong in ('{"level":"loud"}', '{"level":1}', "{}", "[]", "", '{"level":'):
            status, headers, body = service.ask("PUT", "/loglevel", wrong)
            self.assertEqual((status, headers["Content-Type"]), (400, "application/problem+json"), wrong)
        self.assertEqual(service.get_json("/loglevel")[1], {"level": "debug"})

    def test_the_document_has_its_own_and_the_common_operations(self):
        service = self.start()
        status, document = service.get_json("/openapi.json")
        self.assertEqual(status, 200)
        self.assertEqual(document["openapi"], "3.1.0")
        self.assertTrue(document["info"]["version"])
        self.assertEqual(document["info"]["title"], "A small service")
        self.assertLessEqual({"/greeting", "/healthz", "/metrics", "/openapi.json"}, set(document["paths"]))
        put = document["paths"]["/greeting"]["put"]["responses"]
        self.assertLessEqual({"200", "400", "401", "403", "413", "503"}, set(put))
        printed = self.call("--openapi")
        self.assertEqual(json.loads(printed.stdout), document)

    def test_a_handler_with_a_defect_is_logged_and_answered_with_500(self):
        service = self.start()
        status, headers, body = service.get("/throw")
        self.assertEqual((status, headers["Content-Type"]), (500, "application/problem+json"))
        self.assertNotIn("a defect", body)
        self.assertEqual(service.log.wait_for("a handler failed")["error"], "a defect")


if __name__ == "__main__":
    unittest.main()
