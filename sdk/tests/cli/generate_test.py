"""auditflow generate, and what all commands share: help, version, wrong usage."""

import datetime
import json
import subprocess
import unittest

from command import COMMAND, CommandTest


class Generate(CommandTest):
    def events(self, *arguments):
        result = self.run_command("generate", *arguments, expect=0)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def test_count_and_the_same_bytes_for_the_same_seed(self):
        first = self.run_command("generate", "--count", "100", "--seed", "7", expect=0).stdout
        self.assertEqual(len(first.splitlines()), 100)
        self.assertEqual(first, self.run_command("generate", "-n", "100", "--seed", "7", expect=0).stdout)
        self.assertNotEqual(first, self.run_command("generate", "-n", "100", "--seed", "8", expect=0).stdout)
        self.assertNotEqual(
            self.run_command("generate", "-n", "100", expect=0).stdout,
            self.run_command("generate", "-n", "100", expect=0).stdout,
        )

    def test_start_and_interval_of_event_time(self):
        events = self.events("-n", "3", "--start", "2026-05-01T12:00:00+02:00", "--interval", "1m")
        self.assertEqual(
            [e["timestamp"] for e in events],
            ["2026-05-01T10:00:00Z", "2026-05-01T10:01:00Z", "2026-05-01T10:02:00Z"],
        )

    def test_duration_of_event_time(self):
        self.assertEqual(len(self.events("--duration", "1m")), 60)
        self.assertEqual(len(self.events("--duration", "1m", "--count", "5")), 5)

    def test_a_rate_paces_in_real_time_with_the_time_of_day(self):
        begin = datetime.datetime.now(datetime.timezone.utc)
        events = self.events("--rate", "1000", "--duration", "200ms")
        self.assertEqual(len(events), 200)
        self.assertGreaterEqual(datetime.datetime.now(datetime.timezone.utc) - begin, datetime.timedelta(milliseconds=190))
        first = datetime.datetime.fromisoformat(events[0]["timestamp"])
        self.assertLess(abs(first - begin), datetime.timedelta(minutes=1))

    def test_only_some_types(self):
        self.assertEqual({e["event_type"] for e in self.events("-n", "50", "--only", "user_login")}, {"user_login"})

    def test_the_shipped_rules_find_its_attacks(self):
        events = self.run_command("generate", "-n", "5000", "--seed", "7", "--scenario-rate", "0.05", expect=0).stdout
        result = self.run_command("scan", "-", stdin=events, expect=0)
        rules = {json.loads(line)["rule_id"] for line in result.stdout.splitlines()}
        self.assertLessEqual({f"ANLY-SEC-00{i}" for i in (1, 2, 3, 4)}, rules)

    def rules_found(self, *arguments):
        events = self.run_command("generate", "--seed", "7", *arguments, expect=0).stdout
        result = self.run_command("scan", "-", stdin=events, expect=0)
        return {json.loads(line)["rule_id"] for line in result.stdout.splitlines()}

    def test_the_shipped_rules_find_nothing_on_a_quiet_day_at_whatever_rate(self):
        for interval in ("1s", "100us"):
            self.assertEqual(self.rules_found("-n", "50000", "--mix", "quiet_day", "--interval", interval), set())

    def test_the_shipped_rules_find_what_the_mixes_are_about_and_nothing_else(self):
        brute_force = self.rules_found("-n", "20000", "--mix", "brute_force")
        self.assertEqual(brute_force, {"ANLY-SEC-001", "ANLY-SEC-007", "ANLY-SEC-009"})
        insider = self.rules_found("-n", "20000", "--mix", "insider")
        self.assertIn("ANLY-SEC-002", insider)
        self.assertNotIn("ANLY-SEC-001", insider)
        self.assertGreaterEqual(len(insider), 6)

    def test_a_mix_that_does_not_exist_is_wrong_usage(self):
        result = self.run_command("generate", "-n", "1", "--mix", "noisy", expect=2)
        self.assertIn("standard|uniform|quiet_day|brute_force|insider", result.stderr)

    def test_an_endless_run_ends_with_its_reader(self):
        process = subprocess.Popen([COMMAND, "generate", "--rate", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(timeout=60), 0)

    def test_wrong_usage(self):
        for arguments in (
            [], ["--count", "-1"], ["--count", "x"], ["--rate", "0", "-n", "1"], ["--rate", "nan", "-n", "1"],
            ["--duration", "soon"], ["-n", "1", "--start", "yesterday"], ["-n", "1", "--scenario-rate", "2"],
            ["-n", "1", "--only", "wat"], ["-n", "1", "--interval", "0s"], ["-n", "1", "extra"],
        ):
            with self.subTest(arguments=arguments):
                result = self.run_command("generate", *arguments, expect=2)
                self.assertEqual(result.stdout, "")


class Shared(CommandTest):
    COMMANDS = [["scan"], ["generate"], ["rules", "check"], ["rules", "list"], ["rules", "show"], ["rules", "test"]]

    def test_help_teaches_with_examples(self):
        for command in self.COMMANDS:
            with self.subTest(command=command):
                shown = self.run_command(*command, "--help", expect=0).stdout
                self.assertIn("Example", shown)
                self.assertIn("auditflow " + " ".join(command), shown)
                self.assertTrue(all(len(line) <= 100 for line in shown.splitlines()), shown)

    def test_the_main_help_names_every_command(self):
        shown = self.run_command("--help", expect=0).stdout
        for command in self.COMMANDS:
            self.assertIn(command[0], shown)

    def test_version(self):
        self.assertRegex(self.run_command("--version", expect=0).stdout, r"^auditflow \d+\.\d+\.\d+\n$")

    def test_no_command(self):
        result = self.run_command(expect=2)
        self.assertEqual(result.stdout, "")
        self.assertIn("--help", result.stderr)


if __name__ == "__main__":
    unittest.main()
