"""auditflow bench."""

import gzip
import json
import unittest

from command import RULE, CommandTest, event, json_lines


class Bench(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("root.yml", RULE)
        lines = json_lines([event(n, user_id="root" if n % 4 == 0 else "app") for n in range(100)])
        self.write("some.jsonl", lines)
        self.write("more.jsonl.gz", gzip.compress((lines * 2).encode()))

    def test_a_table_with_a_row_for_each_lane(self):
        result = self.run_command(
            "bench", "--rules", "root.yml", "--events", "some.jsonl", "--events", "more.jsonl.gz", expect=0
        )
        header, some, more = result.stdout.splitlines()
        self.assertEqual(
            header.split(), ["lane", "rules", "events", "events/s", "MB/s", "ratio", "matches", "peak", "MB"]
        )
        self.assertRegex(some, r"^some +1 +100 +[\d,]+ +[\d.]+ +\d+\.\d{3} +25 +\d+$")
        self.assertRegex(more, r"^more\.jsonl +1 +200 +[\d,]+ +[\d.]+ +\d+\.\d{3} +50 +\d+$")
        self.assertIn("1 detection rules from 1 files loaded in ", result.stderr)

    def test_json_and_threads(self):
        result = self.run_command(
            "bench", "--rules", "root.yml", "--events", "some.jsonl", "--threads", "2", "--rounds", "6", "--json", expect=0
        )
        lane = json.loads(result.stdout)
        self.assertEqual(
            [lane[key] for key in ("lane", "rules", "events", "matches", "rounds", "threads")], ["some", 1, 100, 25, 6, 2]
        )
        self.assertEqual(lane["bytes"], sum(map(len, (self.folder / "some.jsonl").read_text().splitlines())))
        for key in ("events_per_second", "bytes_per_second", "ratio", "threaded_events_per_second", "speed_up", "peak_bytes"):
            self.assertGreater(lane[key], 0)

    def test_generated_events_and_the_shipped_rules_by_default(self):
        lane = json.loads(self.run_command("bench", "--json", expect=0).stdout)
        self.assertEqual((lane["lane"], lane["events"]), ("generated", 20000))
        self.assertGreater(lane["matches"], 0)
        self.assertNotIn("speed_up", lane)

    def test_routing_can_be_switched_off(self):
        self.write("other.yml", RULE.replace("auditflow", "windows"))
        arguments = ("bench", "--rules", "other.yml", "--events", "some.jsonl", "--json")
        self.assertEqual(json.loads(self.run_command(*arguments, expect=0).stdout)["matches"], 0)
        self.assertEqual(json.loads(self.run_command(*arguments, "--no-routing", expect=0).stdout)["matches"], 25)

    def test_bad_inputs(self):
        self.write("empty.jsonl", "")
        self.write("broken.jsonl", '{"a": 1}\n{"a":\n{"a": 2}\n')
        cases = [
            (("--rules", "missing"), "no detection rule could be loaded"),
            (("--rules", "root.yml", "--events", "missing.jsonl"), "missing.jsonl: No such file"),
            (("--rules", "root.yml", "--events", "empty.jsonl"), "empty.jsonl: there is no event in it"),
            (("--rules", "root.yml", "--events", "broken.jsonl"), "broken: 1 documents could not be read"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments=arguments):
                self.assertIn(message, self.run_command("bench", *arguments, expect=1).stderr)
        for arguments in (("--threads", "0"), ("--threads", "x"), ("--rounds", "4"), ("--wat",), ("some.jsonl",)):
            with self.subTest(arguments=arguments):
                self.run_command("bench", *arguments, expect=2)


if __name__ == "__main__":
    unittest.main()
