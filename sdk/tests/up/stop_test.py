"""How auditflow up ends: in good order, in time, and with nothing lost."""

import signal
import subprocess
import time
import unittest

from running import COMMAND, LOGIN_RULE, UpTest, event, json_lines


class Stop(UpTest):
    def test_signals_under_load_lose_nothing(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                data = number.name
                running = self.up("--rate", "0", "--seed", "4", "--quiet", data=data)
                running.wait_until(lambda: running.metric("auditflow_events_received_total") > 2000)
                begin = time.monotonic()
                running.process.send_signal(number)
                self.assertEqual(running.finish(), 0, "".join(running.stderr.lines))
                self.assertLess(time.monotonic() - begin, 10)
                summary = running.summary
                self.assertGreater(summary["received"], 2000)
                self.assertEqual(summary["processed"], summary["received"])
                self.assertEqual(len(self.stored(data)), summary["stored"])
                self.assertNotIn("unfinished", "".join(running.stderr.lines))

    def test_what_was_published_before_the_signal_is_evaluated(self):
        rules = self.write("rules/login.yml", LOGIN_RULE)
        running = self.up("--input", "-", "--rules", rules, stdin=subprocess.PIPE)
        running.url()
        running.process.stdin.write(json_lines([event(i) for i in range(500)]).encode())
        running.process.stdin.flush()
        running.wait_until(lambda: running.metric("audit_event_generator_published_success_total") == 500)
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.finish(), 0)
        running.process.stdin.close()
        self.assertEqual(running.summary["processed"], 500)
        self.assertEqual(len(self.stored()), 500)

    def test_a_live_input_is_not_held_back_until_more_comes(self):
        rules = self.write("rules/login.yml", LOGIN_RULE)
        running = self.up("--input", "-", "--rules", rules, stdin=subprocess.PIPE)
        running.url()
        running.process.stdin.write(json_lines([event(1)]).encode())
        running.process.stdin.flush()
        running.stdout.wait_for("somebody logged in")
        running.process.stdin.close()
        self.assertEqual(running.finish(), 0)

    def test_serves_on_until_a_signal_when_asked_to(self):
        rules = self.write("rules/login.yml", LOGIN_RULE)
        path = self.write("events.jsonl", json_lines([event(1), event(2)]))
        running = self.up("--input", path, "--rules", rules, "--serve")
        running.stderr.wait_for("serving until")
        running.wait_until(lambda: len(running.get_json("/alerts")[1]) == 2)
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.finish(), 0)

    def test_a_reader_of_the_output_that_leaves_ends_it(self):
        script = '"$0" up --port 0 --data-dir data --rate 2000 --seed 4 2>err.txt | head -n 3; exit "${PIPESTATUS[0]}"'
        result = subprocess.run(
            ["bash", "-c", script, COMMAND], cwd=self.folder, capture_output=True, check=False, timeout=100
        )
        self.assertEqual(result.returncode, 0, (self.folder / "err.txt").read_text())
        self.assertEqual(len(result.stdout.splitlines()), 3)


if __name__ == "__main__":
    unittest.main()
