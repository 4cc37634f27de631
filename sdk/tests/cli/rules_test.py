"""auditflow rules check, list, show and test."""

import json
import unittest

from command import BURST, LOW_RULE, RULE, CommandTest

TEST = """\
rules: [root.yml]
cases:
  - name: root fires
    events:
      - {event_id: '00000000-0000-4000-8000-000000000001', timestamp: '2026-11-20T10:00:00Z', event_type: user_login,
         user_id: root}
    alerts:
      - rule_id: 11111111-1111-4111-8111-111111111111
        severity: HIGH
        correlation_id: '00000000-0000-4000-8000-000000000001'
        triggered_by.actor_id: root
  - name: another user does not
    events:
      - {timestamp: '2026-11-20T10:00:00Z', event_type: user_login, user_id: app}
    alerts: []
"""


class Check(CommandTest):
    def test_a_logsource_that_no_map_leads_to_is_a_warning(self):
        self.write("rules/root.yml", RULE.replace("product: auditflow", "product: unheard-of"))
        result = self.run_command("rules", "check", "rules", expect=0)
        self.assertRegex(result.stdout, r"root\.yml:3:12: warning: no logsource map leads to product 'unheard-of'")
        self.assertEqual(self.run_command("rules", "check", "--no-routing", "rules", expect=0).stdout, "")
        self.write("mine.logsource.yml", RULE.replace("product: auditflow", "product: unheard-of"))
        result = self.run_command("rules", "check", "--logsource-map", "mine.logsource.yml", "rules", expect=0)
        self.assertEqual(result.stdout, "")

    def test_good_rules(self):
        self.write("rules/root.yml", RULE)
        result = self.run_command("rules", "check", "rules", expect=0)
        self.assertEqual(result.stdout, "")
        self.assertIn("1 loaded", result.stderr)

    def test_every_broken_rule_is_reported_with_its_place(self):
        cases = {
            "syntax.yml": ("title: [\n", r"syntax\.yml:\d+:\d+: error"),
            "no_detection.yml": ("title: a\nlogsource: {product: x}\n", r"no_detection\.yml:1:1: error"),
            "modifier.yml": (RULE.replace("user_id:", "'user_id|wat':"), r"modifier\.yml:5:\d+: \w+: .*wat"),
            "condition.yml": (RULE.replace("condition: selection", "condition: selection and"), r"condition\.yml:6:\d+"),
            "unknown.yml": (RULE.replace("condition: selection", "condition: other"), r"unknown\.yml:6:\d+: .*other"),
            "level.yml": (RULE.replace("level: high", "level: grave"), r"level\.yml:7:\d+: .*grave"),
            "regex.yml": (RULE.replace("user_id: root", "'user_id|re': '('"), r"regex\.yml:5:\d+"),
            "reference.yml": (BURST.replace("[failure]", "[missing]"), r"reference\.yml:\d+:\d+: .*missing"),
            "block.yml": (RULE + "auditflow: {wat: 1}\n", r"block\.yml:8:\d+: .*wat"),
        }
        for name, (text, pattern) in cases.items():
            with self.subTest(name=name):
                self.write(name, text)
                result = self.run_command("rules", "check", "--werror", name, expect=1)
                self.assertRegex(result.stdout, r"(?m)^" + pattern)
                places = self.run_command("rules", "check", "--json", name).stdout.splitlines()
                self.assertEqual(len(places), len(result.stdout.splitlines()))
                for place in map(json.loads, places):
                    self.assertEqual(set(place), {"file", "line", "column", "kind", "code", "message"})
                    self.assertEqual(place["file"], name)

    def test_all_files_are_reported_in_their_order_and_good_ones_counted(self):
        self.write("rules/b.yml", RULE.replace("level: high", "level: grave"))
        self.write("rules/a.yml", LOW_RULE.replace("level: low", "level: grave"))
        self.write("rules/c.yml", RULE)
        result = self.run_command("rules", "check", "rules", expect=1)
        files = [line.split(":")[0] for line in result.stdout.splitlines()]
        self.assertEqual(files, ["rules/a.yml", "rules/b.yml"])
        self.assertIn("rules: 1 loaded", result.stderr)
        self.assertIn("rules: 2 not supported or invalid", result.stderr)

    def test_files_that_are_not_even_yaml_are_counted(self):
        self.write("rules/bytes.yml", b"\xc3\x28\xfe")
        self.write("rules/open.yml", "title: [")
        self.write("rules/good.yml", RULE)
        result = self.run_command("rules", "check", "rules", expect=1)
        self.assertIn("rules: 1 loaded", result.stderr)
        self.assertIn("rules: 2 not supported or invalid: yaml-encoding 1, yaml-syntax 1", result.stderr)

    def test_a_missing_or_empty_folder_is_a_failure(self):
        (self.folder / "empty").mkdir()
        for name in ("missing", "empty"):
            result = self.run_command("rules", "check", name, expect=1)
            self.assertIn("there are no rules", result.stderr)


class List(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("rules/root.yml", RULE.replace("level: high", "level: high\ntags: [attack.t1110.001]"))
        self.write("rules/low.yml", LOW_RULE.replace("auditflow", "windows\n  category: process_creation").replace("{", "").replace("}", "").replace("logsource: product", "logsource:\n  product").replace("selection: event", "selection:\n    event"))
        self.write("rules/burst.yml", BURST)

    def titles(self, *arguments):
        result = self.run_command("rules", "list", "rules", "--json", *arguments, expect=0)
        return [json.loads(line)["title"] for line in result.stdout.splitlines()]

    def test_severest_first(self):
        self.assertEqual(self.titles(), ["Burst of failures", "Log-in of root", "Any log-in", "Failure"])

    def test_filters(self):
        self.assertEqual(self.titles("--level", "high"), ["Burst of failures", "Log-in of root"])
        self.assertEqual(self.titles("--kind", "correlation"), ["Burst of failures"])
        self.assertEqual(self.titles("--tag", "attack.t1110"), ["Log-in of root"])
        self.assertEqual(self.titles("--search", "LOG-IN"), ["Log-in of root", "Any log-in"])
        self.assertEqual(self.titles("--search", "2222"), ["Any log-in"])
        self.assertEqual(self.titles("--logsource", "windows"), ["Any log-in"])
        self.assertEqual(self.titles("--logsource", "*/process_creation"), ["Any log-in"])
        self.assertEqual(self.titles("--logsource", "linux"), [])

    def test_the_table_has_id_level_kind_subject_and_title(self):
        result = self.run_command("rules", "list", "rules", expect=0)
        self.assertRegex(
            result.stdout,
            r"(?m)^33333333-3333-4333-8333-333333333333  critical +correlation +event_count +Burst of failures$",
        )
        self.assertRegex(result.stdout, r"(?m)^2222\S+  low +detection +windows/process_creation  Any log-in$")

    def test_wrong_usage(self):
        self.run_command("rules", "list", "--kind", "wat", expect=2)
        self.run_command("rules", expect=2)


class Show(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("rules/root.yml", RULE + "name: root_login\nauditflow: {rule_id: X-1, playbook: 'https://example.org/p'}\n")
        self.write("rules/burst.yml", BURST)
        self.write(
            "rules/long.yml",
            RULE.replace("11111111", "55555555").replace("of root", "with many conditions").replace(
                "  condition: selection", "  other:\n    - {a|contains: x}\n    - {b.c: [1, 2]}\n"
                "  condition: selection and not (1 of sel* or other) or all of them"),
        )

    def test_by_id_name_title_and_parts_of_them(self):
        for name in ("X-1", "x-1", "root_login", "11111111-1111-4111-8111-111111111111", "Log-in of root", "1111", "of root"):
            with self.subTest(name=name):
                result = self.run_command("rules", "show", name, "--rules", "rules", expect=0)
                self.assertTrue(result.stdout.startswith("Log-in of root\n"))

    def test_metadata_logsource_condition_fields_and_alert(self):
        shown = self.run_command("rules", "show", "X-1", "--rules", "rules", expect=0).stdout
        for line in (r"level +high", r"product +auditflow", r"condition +selection", r"fields +user_id",
                     r"rule_id +X-1", r"severity +HIGH", r"playbook +https://example.org/p",
                     r"file +rules/root.yml:1:1"):
            self.assertRegex(shown, r"(?m)^  " + line + "$")

    def test_conditions_and_fields_are_written_out(self):
        shown = self.run_command("rules", "show", "5555", "--rules", "rules", expect=0).stdout
        self.assertRegex(shown, r"condition +selection and not \(1 of sel\* or other\) or all of them\n")
        self.assertRegex(shown, r"fields +user_id, a, b\.c\n")
        shown = self.run_command("rules", "show", "Burst of failures", "--rules", "rules", expect=0).stdout
        self.assertRegex(shown, r"condition +event_count >= 3 within 1m by user_id, over failure\n")

    def test_none_and_several(self):
        result = self.run_command("rules", "show", "wat", "--rules", "rules", expect=1)
        self.assertIn("no rule fits 'wat'", result.stderr)
        result = self.run_command("rules", "show", "log-in", "--rules", "rules", expect=1)
        self.assertIn("2 rules fit", result.stderr)
        self.assertIn("Log-in with many conditions", result.stderr)


class Test(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("rules/root.yml", RULE)

    def run_test(self, text, expect):
        self.write("rules/root.test.yml", text)
        return self.run_command("rules", "test", "rules", expect=expect)

    def test_passing_cases(self):
        self.assertEqual(self.run_test(TEST, 0).stdout, "2 passed, 0 failed\n")
        verbose = self.run_command("rules", "test", "-v", "rules/root.test.yml", expect=0).stdout
        self.assertIn("rules/root.test.yml:3:5: pass: root fires\n", verbose)

    def test_an_event_of_another_logsource_reaches_no_rule(self):
        text = TEST.replace("event_type: user_login", "event_type: anything")
        self.assertIn("alert 1 does not come", self.run_test(text, 1).stdout)
        self.run_command("rules", "test", "--no-routing", "rules", expect=0)

    def test_a_difference_is_shown_with_its_place(self):
        shown = self.run_test(TEST.replace("actor_id: root", "actor_id: toor"), 1).stdout
        self.assertIn("rules/root.test.yml:3:5: FAIL: root fires\n", shown)
        self.assertIn("rules/root.test.yml:11:9: alert 1: triggered_by.actor_id\n", shown)
        self.assertIn('- expected "toor"\n', shown)
        self.assertIn('+ actual   "root"\n', shown)
        self.assertTrue(shown.endswith("1 passed, 1 failed\n"))

    def test_alerts_too_many_too_few_and_without_the_member(self):
        self.assertIn("alert 1 does not come", self.run_test(TEST.replace("user_id: root", "user_id: app"), 1).stdout)
        self.assertIn("alert 1 is not expected", self.run_test(TEST.replace("user_id: app", "user_id: root"), 1).stdout)
        self.assertIn("no such member", self.run_test(TEST.replace("actor_id: root", "wat: root"), 1).stdout)

    def test_numbers_and_strings_differ(self):
        text = TEST.replace("severity: HIGH", "severity: 1")
        self.assertIn("- expected 1\n", self.run_test(text, 1).stdout)

    def test_broken_test_files_are_errors_with_their_place(self):
        cases = [
            (TEST.replace("rules: [root.yml]", "rules: [missing.yml]"), "missing.yml"),
            (TEST.replace("rules: [root.yml]", "rules: root.yml"), "'rules' has to be a list"),
            (TEST.replace("alerts: []", "alert: []"), "unknown key 'alert'"),
            (TEST.replace("another user does not", "root fires"), "another case is named 'root fires'"),
            (TEST.replace("events:", "event:"), "'events' has to be a list"),
            ("[]", "has to be a map"),
            ("", "holds 0"),
            ("rules: [", "error"),
        ]
        for text, message in cases:
            with self.subTest(message=message):
                result = self.run_test(text, 1)
                self.assertIn(message, result.stdout)
                self.assertRegex(result.stdout, r"(?m)^rules/\S+: error: ")

    def test_a_broken_rule_fails_its_test(self):
        self.write("rules/root.yml", RULE.replace("level: high", "level: grave"))
        self.assertIn("rules/root.yml:7:", self.run_test(TEST, 1).stdout)

    def test_nothing_to_run_is_a_failure(self):
        self.assertIn("no rule test", self.run_command("rules", "test", "rules", expect=1).stderr)
        self.assertIn("missing", self.run_command("rules", "test", "missing", expect=1).stdout)

    def test_json(self):
        self.write("rules/root.test.yml", TEST.replace("severity: HIGH", "severity: LOW"))
        result = self.run_command("rules", "test", "--json", "rules", expect=1)
        first, second = map(json.loads, result.stdout.splitlines())
        self.assertFalse(first["passed"])
        self.assertEqual(first["differences"][0]["path"], "severity")
        self.assertEqual((second["case"], second["passed"]), ("another user does not", True))
        self.assertEqual(result.stderr, "1 passed, 1 failed\n")


if __name__ == "__main__":
    unittest.main()
