"""How a service begins and ends: ports, signals, draining, exit codes."""

import signal
import socket
import time
import unittest

from running import ServiceTest, free_port


class Lifecycle(ServiceTest):
    def test_ends_with_0_on_sigterm_and_sigint(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                service = self.start()
                service.terminate(number)
                self.assertEqual(service.finish(), 0, service.log.lines)
                self.assertEqual(service.log.find("stopping")[0]["signal"], number)
                self.assertTrue(service.log.find("stopped"))

    def drained_after(self):
        """Seconds from SIGTERM to the first answer that says so."""
        service = self.start(STOP="when-released")
        service.wait_until(lambda: service.get("/readyz")[0] == 200)
        begin = time.monotonic()
        service.terminate()
        service.wait_until(lambda: service.get("/readyz")[0] == 503)
        elapsed = time.monotonic() - begin
        self.assertEqual(service.get_json("/readyz")[1], {"status": "not ready", "reasons": ["shutting down"]})
        status, health = service.get_json("/healthz")
        self.assertEqual((status, health["status"], health["draining"]), (503, "unhealthy", True))
        self.assertEqual(service.get("/livez")[0], 200)
        self.assertEqual(service.get("/greeting")[2], "hello")
        self.assertEqual(service.ask("POST", "/release")[0], 204)
        self.assertEqual(service.finish(), 0)
        return elapsed

    def test_is_not_ready_within_100_ms_of_sigterm_and_still_answers_while_it_stops(self):
        # A busy machine may hold up any one of them.
        self.assertTrue(any(self.drained_after() < 0.1 for _ in range(10)))

    def test_says_and_returns_what_was_left_over(self):
        service = self.start(STOP="leaves-work")
        service.terminate()
        self.assertEqual(service.finish(), 1)
        self.assertIn("3 greetings", service.log.find("not everything")[0]["reason"])

    def test_a_stop_that_hangs_is_ended_after_the_deadline(self):
        service = self.start(STOP="never", SHUTDOWN_DEADLINE="0")
        service.terminate()
        self.assertEqual(service.finish(), 1)
        self.assertTrue(service.log.find("stopping hangs"))

    def test_a_second_signal_ends_it_at_once(self):
        service = self.start(STOP="never", SHUTDOWN_DEADLINE="1h")
        service.wait_until(lambda: service.get("/readyz")[0] == 200)  # two that are pending would be one
        service.terminate()
        service.wait_until(lambda: service.get("/readyz")[0] == 503)
        service.terminate()
        self.assertEqual(service.finish(), -signal.SIGTERM)

    def test_hangup_reads_files_again_and_goes_on(self):
        service = self.start()
        service.terminate(signal.SIGHUP)
        service.log.wait_for("reloaded")
        self.assertEqual(service.get("/livez")[0], 200)
        service.terminate()
        self.assertEqual(service.finish(), 0)

    def test_a_failure_ends_it_in_good_order_with_1(self):
        service = self.start()
        self.assertEqual(service.ask("POST", "/fail")[0], 204)
        self.assertEqual(service.finish(), 1)
        self.assertEqual(service.log.find("cannot go on")[0]["reason"], "asked to fail")
        self.assertTrue(service.log.find("stopped"))

    def test_a_port_that_is_taken_is_named(self):
        for variable in ("APP_PORT", "PROMETHEUS_PORT"):
            with self.subTest(variable=variable), socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                taken.listen()
                port = taken.getsockname()[1]
                service = self.start(**{variable: str(port)})
                self.assertEqual(service.finish(), 1)
                self.assertIn(f"127.0.0.1:{port}", service.log.find("cannot start")[0]["reason"])

    def test_the_same_port_twice_is_a_mistake_of_the_configuration(self):
        port = str(free_port())
        result = self.call("--check-config", APP_PORT=port, PROMETHEUS_PORT=port)
        self.assertEqual(result.returncode, 2)
        self.assertIn("PROMETHEUS_PORT", result.stderr)

    def test_a_reader_that_goes_away_does_not_end_it(self):
        service = self.start()
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", service.port)) as client:
                client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        self.assertEqual(service.get("/livez")[0], 200)


if __name__ == "__main__":
    unittest.main()
