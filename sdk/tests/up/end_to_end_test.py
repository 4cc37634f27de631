"""auditflow up with a seed: the alerts stored are exactly those that the naive path computes."""

import json
import os
import subprocess
import unittest

from running import ORACLE, RULES, UpTest

START = "2026-11-20T12:00:00Z"


def expected_alerts(seed, rate, count, start=START):
    result = subprocess.run(
        [ORACLE, RULES, str(seed), str(rate), start, str(count)],
        stdout=subprocess.PIPE,
        check=True,
        timeout=250,
    )
    return result.stdout.decode().split()


class EndToEnd(UpTest):
    def assert_same(self, stored, expected):
        self.assertEqual(len(expected), len(set(expected)), "the naive path makes an alert twice")
        self.assertEqual(len(stored), len(set(stored)))
        self.assertEqual(set(stored), set(expected))

    def test_alerts_of_a_seed_are_those_of_the_naive_path(self):
        seconds = int(os.environ.get("AUDITFLOW_UP_SECONDS", "3"))
        for seed in (7, 8):
            with self.subTest(seed=seed):
                data = f"seed{seed}"
                running = self.run_up(
                    *("--rate", "1000", "--duration", f"{seconds}s", "--seed", str(seed)),
                    *("--start-time", START, "--rules", RULES),
                    data=data,
                )
                expected = expected_alerts(seed, 1000, 1000 * seconds)
                self.assertGreater(len(expected), 50)
                self.assert_same(self.stored(data), expected)
                self.assertEqual(running.summary["received"], 1000 * seconds)
                self.assertEqual(running.summary["stored"], len(expected))
                self.assert_balanced(running.summary)

    def test_as_fast_as_possible_makes_the_same_alerts(self):
        running = self.run_up(
            *("--rate", "0", "--count", "20000", "--seed", "11", "--start-time", START, "--quiet"), "--rules", RULES
        )
        self.assert_same(self.stored(), expected_alerts(11, 1000, 20000))
        self.assertEqual(running.stdout.lines, [])

    def test_prints_each_stored_alert_once_as_json(self):
        running = self.run_up("--rate", "0", "--count", "2000", "--seed", "3", "--environment", "staging")
        printed = [json.loads(line) for line in running.stdout.lines]
        self.assertEqual(sorted(alert["alert_id"] for alert in printed), sorted(self.stored()))
        self.assertEqual({alert["metadata"]["environment"] for alert in printed}, {"STAGING"})

    def test_the_same_seed_again_adds_nothing(self):
        arguments = ("--rate", "0", "--count", "3000", "--seed", "5", "--start-time", START)
        first = self.run_up(*arguments)
        before = self.stored()
        second = self.run_up(*arguments)
        self.assertEqual(sorted(self.stored()), sorted(before))
        self.assertEqual(second.summary["stored"], 0)
        self.assertEqual(second.summary["known"], first.summary["stored"])

    def test_without_a_seed_every_run_has_events_of_its_own(self):
        first = self.run_up("--rate", "0", "--count", "2000")
        second = self.run_up("--rate", "0", "--count", "2000")
        self.assertGreater(second.summary["stored"], 0)
        self.assertEqual(len(self.stored()), first.summary["stored"] + second.summary["stored"])


if __name__ == "__main__":
    unittest.main()
