"""auditflow up --input, and what it says of inputs, rules and options that it cannot use."""

import gzip
import json
import socket
import unittest

from running import LOGIN_RULE, RULES, UpTest, event, json_lines


class Input(UpTest):
    def setUp(self):
        super().setUp()
        self.rules = self.write("rules/login.yml", LOGIN_RULE)

    def feed(self, content, name="events.jsonl", expect=0):
        path = self.write(name, content)
        return self.run_up("--input", path, "--rules", self.rules, expect=expect)

    def test_plain_and_compressed_files(self):
        lines = json_lines([event(i) for i in range(20)]).encode()
        for name, content in (("a.jsonl", lines), ("a.gz", gzip.compress(lines))):
            with self.subTest(name=name):
                running = self.run_up("--input", self.write(name, content), "--rules", self.rules, data=name + ".d")
                self.assertEqual(running.summary["processed"], 20)
                self.assertEqual(len(self.stored(name + ".d")), 20)

    def test_malformed_lines_are_reported_counted_and_passed_over(self):
        good = [json.dumps(event(i)) for i in range(4)]
        truncated = good[3][:-5]
        duplicate_key = '{"event_id": "x", "event_id": "y", "event_type": "user_login"}'
        text = "\n".join([good[0], truncated, good[1], duplicate_key, "not json", good[2], good[0]]) + "\n"
        path = self.write("events.jsonl", text)
        with open(path, "rb") as stdin:
            running = self.run_up("--input", "-", "--rules", self.rules, stdin=stdin)
        summary = running.summary
        self.assertEqual(summary["processed"], 3)
        self.assertEqual(summary["duplicates"], 1)
        self.assertEqual(summary["rejected"] + summary["dead_letters"], 3)
        self.assertGreaterEqual(summary["dead_letters"], 1)
        self.assert_balanced(summary)
        said = "".join(running.stderr.lines)
        for line in (2, 4, 5):
            self.assertIn(f"standard input:{line}", said)
        self.assertEqual(len(self.stored()), 3)

    def test_dead_letters_outlive_the_process(self):
        body = '{"a": 1, "a": 2}'
        self.feed(json.dumps(event(1)) + "\n" + body + "\n" + json.dumps(event(2)) + "\n")
        letters = [json.loads(line) for line in (self.folder / "data" / "dead-letters.jsonl").read_text().splitlines()]
        self.assertEqual([letter["body"] for letter in letters], [body])
        self.assertEqual(letters[0]["queue"], "audit_events")
        self.assertTrue(letters[0]["message_id"].endswith("events.jsonl:2"))
        self.assertIn("offset", letters[0]["reason"])

    def test_an_input_that_breaks_off_fails_after_what_was_read(self):
        lines = json_lines([event(i) for i in range(2000)]).encode()
        running = self.feed(gzip.compress(lines)[:-20], name="broken.gz", expect=1)
        self.assertGreater(running.summary["processed"], 0)
        self.assertIn("broken.gz", running.stderr.lines[-1])

    def test_limits_of_count_hold_for_files_too(self):
        path = self.write("events.jsonl", json_lines([event(i) for i in range(50)]))
        running = self.run_up("--input", path, "--rules", self.rules, "--count", "7")
        self.assertEqual(running.summary["processed"], 7)


class Refusals(UpTest):
    def assert_refused(self, *arguments, code, says, **options):
        running = self.run_up(*arguments, expect=code, **options)
        text = "".join(running.stderr.lines)
        for word in says:
            self.assertIn(word, text)
        self.assertEqual(running.stdout.lines, [])

    def test_wrong_usage(self):
        for arguments in (
            ("--rate", "-1"),
            ("--duration", "soon"),
            ("--start-time", "yesterday"),
            ("--log-level", "loud"),
            ("--port", "70000"),
            ("--seed", "1", "--input", "-"),
            ("--nonsense",),
        ):
            with self.subTest(arguments=arguments):
                self.assert_refused(*arguments, code=2, says=[arguments[0]])

    def test_missing_input(self):
        self.assert_refused("--input", "nowhere.jsonl", code=1, says=["nowhere.jsonl", "--input"])

    def test_no_usable_rule(self):
        broken = self.write("rules/broken.yml", "title: Broken\ndetection: 7\n")
        self.assert_refused("--rules", broken, code=1, says=["broken.yml:", "no usable rule", "--rules"])

    def test_broken_rules_beside_good_ones_are_reported_and_left_out(self):
        self.write("rules/good.yml", LOGIN_RULE)
        self.write("rules/broken.yml", "title: Broken\ndetection: 7\n")
        path = self.write("events.jsonl", json_lines([event(1)]))
        running = self.run_up("--rules", str(self.folder / "rules"), "--input", path)
        self.assertIn("broken.yml:", "".join(running.stderr.lines))
        self.assertEqual(len(self.stored()), 1)

    def test_port_that_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            says = ["--port", "API_PORT", port]
            self.assert_refused(code=1, says=says, port=port)
            self.assert_refused(code=1, says=says, port=None, environment={"API_PORT": port})

    def test_environment_variables_are_defaults(self):
        running = self.run_up(
            "--rate", "0", "--count", "500", "--seed", "1", environment={"LOG_LEVEL": "OFF", "ENVIRONMENT": "lab"}
        )
        self.assertFalse([line for line in running.stderr.lines if line.startswith("{")])
        self.assertEqual({json.loads(line)["metadata"]["environment"] for line in running.stdout.lines}, {"LAB"})

    def test_two_processes_on_one_folder(self):
        first = self.up("--rate", "1", "--rules", RULES)
        first.url()
        self.assert_refused("--rate", "1", code=1, says=["--data-dir", "in use"])

    def test_data_dir_that_cannot_be_made(self):
        self.write("file", "")
        self.assert_refused("--rate", "1", code=1, says=["--data-dir"], data="file/below")


if __name__ == "__main__":
    unittest.main()
