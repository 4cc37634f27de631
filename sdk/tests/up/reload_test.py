"""Rules that change while auditflow up runs."""

import signal
import subprocess
import unittest

from running import LOGIN_RULE, UpTest, event, json_lines

MANY = """\
title: Many log-ins
id: 55555555-5555-4555-8555-555555555555
correlation:
  type: event_count
  rules: [44444444-4444-4444-8444-444444444444]
  group-by: [user_id]
  timespan: 1m
  condition: {gte: 3}
  generate: true
auditflow: {description: "many log-ins"}
"""


class Reload(UpTest):
    def feed(self, running, *numbers, **members):
        running.process.stdin.write(json_lines([event(n, **members) for n in numbers]).encode())
        running.process.stdin.flush()
        self.fed = getattr(self, "fed", 0) + len(numbers)
        running.wait_until(lambda: running.metric("audit_analysis_processed_total") == self.fed)

    def start(self, *arguments):
        rules = self.write("rules/login.yml", LOGIN_RULE)
        self.write("rules/many.yml", MANY)
        running = self.up("--input", "-", "--rules", str(self.folder / "rules"), *arguments, stdin=subprocess.PIPE)
        running.url()
        return running, rules

    def reloads(self, running, result):
        lines = running.get("/metrics")[2].splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.startswith("auditflow_rule_reloads_total") and f'result="{result}"' in line
        )

    def end(self, running):
        running.process.stdin.close()
        self.assertEqual(running.finish(), 0, "".join(running.stderr.lines))
        self.assert_balanced(running.summary)

    def test_on_sighup_with_open_windows_kept(self):
        running, _ = self.start("--watch-rules", "0s")
        self.feed(running, 1, 2)
        self.write("rules/login.yml", LOGIN_RULE.replace("logged in", "came in"))
        running.process.send_signal(signal.SIGHUP)
        running.stderr.wait_for("rules reloaded")
        # The analysis takes the new rules before its next batch, or while it waits for one.
        self.feed(running, 3, 4)
        running.wait_until(lambda: len(running.get_json("/alerts")[1]) == 5)
        alerts = [(a["description"], a["correlation_id"][-1]) for a in running.get_json("/alerts")[1]]
        self.assertEqual(
            sorted(alerts),
            [
                ("many log-ins", "3"),
                ("somebody came in", "3"),
                ("somebody came in", "4"),
                ("somebody logged in", "1"),
                ("somebody logged in", "2"),
            ],
        )
        self.assertEqual(self.reloads(running, "success"), 1)
        self.end(running)

    def test_changed_folder_is_taken_up_and_a_broken_one_is_not(self):
        running, rules = self.start("--watch-rules", "50ms")
        running.wait_until(lambda: running.get("/healthz")[0] == 200)
        self.write("rules/broken.yml", "title: Broken\ndetection: {\n")
        running.stderr.wait_for("rules not reloaded.*broken.yml")
        status, health = running.get_json("/healthz")
        self.assertEqual(status, 200)
        self.assertFalse(health["components"]["rules"]["up"])
        self.assertIn("broken.yml", health["components"]["rules"]["reason"])
        self.feed(running, 1)
        self.assertGreaterEqual(self.reloads(running, "failure"), 1)
        self.write("rules/broken.yml", LOGIN_RULE.replace("44444444-4444", "66666666-6666"))
        running.stderr.wait_for("rules reloaded")
        running.wait_until(lambda: running.metric("auditflow_rules_loaded") == 3)
        self.assertTrue(running.get_json("/healthz")[1]["components"]["rules"]["up"])
        self.end(running)
        self.assertEqual(len(self.stored()), 1)

    def test_sighups_under_load_lose_and_repeat_nothing(self):
        arguments = ("--count", "20000", "--seed", "4", "--start-time", "2026-11-20T10:00:00Z", "--rate", "4000", "-q")
        quiet = self.run_up(*arguments, data="quiet")
        running = self.up(*arguments, data="reloaded")
        running.url()
        while running.process.poll() is None and self.hangups(running) < 10:
            running.process.send_signal(signal.SIGHUP)
            wanted = self.hangups(running) + 1
            running.wait_until(lambda: self.hangups(running) >= wanted or running.process.poll() is not None)
        self.assertEqual(running.finish(), 0)
        self.assertGreater(self.hangups(running), 0)
        self.assertEqual(running.summary, quiet.summary)
        self.assertEqual(sorted(self.stored("reloaded")), sorted(self.stored("quiet")))

    @staticmethod
    def hangups(running):
        return sum("rules reloaded" in line for line in running.stderr.lines)


if __name__ == "__main__":
    unittest.main()
