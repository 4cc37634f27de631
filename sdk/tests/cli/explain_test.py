"""auditflow rules explain."""

import gzip
import json
import unittest

from command import BURST, RULE, CommandTest, event, json_lines

TREE = """\
title: Tree
id: 44444444-4444-4444-8444-444444444444
logsource: {product: auditflow, category: authentication}
detection:
  selection_user:
    user_id|contains: [root, admin]
  selection_host:
    server_hostname: db-1
  filter:
    details.note|endswith: harmless
  condition: 1 of selection_* and not filter
level: high
"""

MATCHED, NOT_MATCHED, BAD_INPUT = 0, 1, 2


class Explain(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("tree.yml", TREE)
        self.write("root.yml", RULE)

    def explain(self, rule, members, *arguments, expect):
        self.write("event.json", json.dumps(event(1, **members)))
        return self.run_command("rules", "explain", rule, "event.json", *arguments, expect=expect).stdout

    def explain_json(self, rule, members, *arguments, expect):
        return json.loads(self.explain(rule, members, "--json", *arguments, expect=expect))

    def test_what_held_with_its_place_field_and_value(self):
        shown = self.explain("tree.yml", {"user_id": "the-admin"}, expect=MATCHED)
        self.assertTrue(shown.startswith("Tree: the event matches\n"), shown)
        for line in (
            r"  ✓ logsource auditflow/authentication",
            r"  ✓ condition 1 of selection_\* and not filter",
            r" +✓ 1 of selection_\*  tree\.yml:11:14",
            r' +✓ user_id\|contains: "root", "admin"  tree\.yml:6:5',
            r' +"admin"  tree\.yml:6:30 holds for user_id = "the-admin"',
            r" +✗ selection_host  tree\.yml:7:3",
            r" +the event has no field server_hostname",
            r" +✓ not  tree\.yml:\d+:\d+",
            r" +✗ filter  tree\.yml:\d+:\d+",
        ):
            self.assertRegex(shown, "(?m)^" + line + "$")

    def test_what_did_not_hold(self):
        shown = self.explain("tree.yml", {"details": {"note": "all harmless"}, "user_id": "root"}, expect=NOT_MATCHED)
        self.assertTrue(shown.startswith("Tree: the event does not match\n"), shown)
        self.assertIn('holds for details.note = "all harmless"\n', shown)
        shown = self.explain("tree.yml", {"user_id": "eve"}, expect=NOT_MATCHED)
        self.assertIn("none of the 2 values holds\n", shown)
        self.assertIn('the event has user_id = "eve"\n', shown)

    def test_an_event_that_is_not_routed_to_the_rule(self):
        shown = self.explain("tree.yml", {"event_type": "sudo_command", "user_id": "root"}, expect=NOT_MATCHED)
        self.assertRegex(shown, r"✗ logsource auditflow/authentication\n +the event has auditflow/sudo/\n")
        self.assertRegex(shown, r"✗ Audit event, log-in  \S+auditflow\.logsource\.yml:\d+:\d+\n")
        self.assertIn('the event has event_type = "sudo_command"\n', shown)
        self.assertIn("✓ condition", shown)
        self.explain("tree.yml", {"event_type": "sudo_command", "user_id": "root"}, "--no-routing", expect=MATCHED)

    def test_a_logsource_that_no_map_knows(self):
        self.write("tree.yml", TREE.replace("product: auditflow", "product: unheard-of"))
        shown = self.explain("tree.yml", {"user_id": "root"}, expect=NOT_MATCHED)
        self.assertIn("no logsource map leads there", shown)

    def test_a_field_under_another_name(self):
        self.write(
            "mine.logsource.yml",
            "title: Mine\nlogsource: {product: mine}\ndetection: {s: {kind: m}, condition: s}\n"
            "auditflow: {fields: {user_id: [login, account]}}\n",
        )
        self.write("mine.yml", RULE.replace("auditflow", "mine"))
        self.write("event.json", '{"kind": "m", "account": "root"}')
        arguments = ("rules", "explain", "mine.yml", "event.json", "--logsource-map", "mine.logsource.yml")
        self.assertIn('holds for account = "root"', self.run_command(*arguments, expect=MATCHED).stdout)
        shown = self.run_command(*arguments, "--no-field-mapping", expect=NOT_MATCHED).stdout
        self.assertIn("the event has no field user_id\n", shown)

    def test_controls_are_escaped_and_long_values_cut(self):
        shown = self.explain("root.yml", {"user_id": "\x1b[2J\u202e\n" + "x" * 5000}, expect=NOT_MATCHED)
        self.assertIn('"<U+001B>[2J<U+202E><U+000A>xxx', shown)
        self.assertIn("… (5,008 bytes)", shown)
        self.assertLess(max(map(len, shown.splitlines())), 400)

    def test_json_says_the_same(self):
        answer = self.explain_json("tree.yml", {"user_id": "admin"}, expect=MATCHED)
        self.assertEqual((answer["rule_id"], answer["matches"], answer["holds"]), (TREE.split()[3], True, True))
        self.assertEqual(answer["condition"], ["1 of selection_* and not filter"])
        self.assertEqual(answer["routing"]["event_logsources"], ["auditflow/authentication/"])
        top = answer["conditions"][0]
        self.assertEqual((top["kind"], [c["holds"] for c in top["children"]]), ("and", [True, True]))
        item = top["children"][0]["children"][0]["children"][0]["children"][0]
        self.assertEqual(item["at"], {"file": "tree.yml", "line": 6, "column": 5})
        self.assertEqual(item["item"]["modifiers"], ["contains"])
        value = item["item"]["values"][item["item"]["decisive"]]
        self.assertEqual((value["text"], value["by"]["field"], value["by"]["text"]), ("admin", "user_id", "admin"))
        self.assertFalse(self.explain_json("tree.yml", {"user_id": "eve"}, expect=NOT_MATCHED)["matches"])

    def test_a_filter(self):
        self.write(
            "rules/filter.yml",
            RULE + "---\ntitle: Not on db-1\nlogsource: {product: auditflow}\nfilter:\n"
            "  rules: [11111111-1111-4111-8111-111111111111]\n  host: {server_hostname: db-1}\n  condition: not host\n",
        )
        shown = self.explain("rules", {"user_id": "root", "server_hostname": "db-1"}, expect=NOT_MATCHED)
        self.assertRegex(shown, r"✗ filter Not on db-1: its condition does not hold, which keeps the rule from matching")

    def test_a_correlation_names_its_rules_and_the_group_and_leaves_out_the_window(self):
        self.write("burst.yml", BURST)
        arguments = ("--rule", "Burst of failures")
        shown = self.explain("burst.yml", {"action_result": "FAILURE"}, *arguments, expect=MATCHED)
        self.assertIn("its window is not evaluated", shown)
        self.assertRegex(shown, r'✓ Failure  burst\.yml:1:1\n +group user_id = "app"\n')
        answer = self.explain_json("burst.yml", {"action_result": "FAILURE"}, *arguments, expect=MATCHED)
        self.assertFalse(answer["window_evaluated"])
        self.assertEqual(answer["references"][0]["group"], [{"name": "user_id", "path": "user_id", "value": "app"}])
        self.explain("burst.yml", {}, *arguments, expect=NOT_MATCHED)

    def test_several_rules(self):
        self.write("rules/tree.yml", TREE)
        self.write("rules/root.yml", RULE)
        shown = self.explain("rules", {"server_hostname": "db-1"}, expect=MATCHED)
        self.assertTrue(shown.startswith("Tree: the event matches\n"))
        self.assertIn("1 of 2 rules match; the event reaches 2 of them\n", shown)
        self.explain("rules", {"server_hostname": "db-1"}, "--rule", "Log-in of root", expect=NOT_MATCHED)
        shown = self.explain("rules", {"user_id": "eve", "server_hostname": "x"}, expect=NOT_MATCHED)
        self.assertIn("0 of 2 rules match", shown)

    def test_shipped_rules_all_of_them_or_one_by_name(self):
        members = {"event_type": "sudo_command", "details": {"command": "/bin/bash"}}
        shown = self.explain("all", members, expect=MATCHED)
        self.assertIn("Shell Started Through Sudo: the event matches\n", shown)
        self.assertRegex(shown, r"closest among the others")
        self.explain("ANLY-SEC-003", members, expect=MATCHED)
        self.assertIn("Log-in of root", self.explain("1111", {"user_id": "root"}, "--rules", "root.yml", expect=MATCHED))

    def test_events_from_lines_pipes_and_compressed_files(self):
        lines = json_lines([event(1), event(2, user_id="root"), event(3)])
        self.write("events.jsonl", lines)
        self.run_command("rules", "explain", "root.yml", "events.jsonl", "--line", "2", expect=MATCHED)
        self.run_command("rules", "explain", "root.yml", "events.jsonl", "--line", "3", expect=NOT_MATCHED)
        self.run_command("rules", "explain", "root.yml", "-", "--line", "2", stdin=lines, expect=MATCHED)
        self.write("events.gz", gzip.compress(lines.encode()))
        self.run_command("rules", "explain", "root.yml", "events.gz", "--line", "2", expect=MATCHED)
        pretty = json.dumps(event(1, user_id="root"), indent=2)
        self.run_command("rules", "explain", "root.yml", "-", stdin=pretty, expect=MATCHED)

    def test_bad_inputs_are_told_from_no_match(self):
        self.write("event.json", json.dumps(event(1)))
        self.write("events.jsonl", json_lines([event(1), event(2)]))
        self.write("empty.json", "")
        self.write("array.json", "[1]")
        self.write("broken.json", '{"a": 01}')
        self.write("huge.json", '{"a": "' + "x" * (17 << 20) + '"}')
        self.write("keys.json", '{"a": 1, "a": 2}')
        self.write("broken.yml", RULE.replace("condition: selection", "condition: other"))
        cases = [
            (("missing.yml", "event.json"), "no file, and no rule that can be used, is called 'missing.yml'"),
            (("root.yml", "event.json", "--rule", "other"), "is called 'other'"),
            (("broken.yml", "event.json"), "broken.yml:6:"),
            (("root.yml", "missing.json"), "missing.json: No such file"),
            (("root.yml", "empty.json"), "empty.json: there is no event in it"),
            (("root.yml", "events.jsonl"), "choose with --line"),
            (("root.yml", "events.jsonl", "--line", "3"), "line 3: no event begins here"),
            (("root.yml", "events.jsonl", "--line", "0"), "line 0: no event begins here"),
            (("root.yml", "array.json"), "array.json: line 1:"),
            (("root.yml", "broken.json"), "broken.json: line 1:"),
            (("root.yml", "huge.json"), "huge.json: line 1:"),
            (("root.yml", "keys.json"), "keys.json: line 1:"),
            (("root.yml", "."), "Is a directory"),
            (("root.yml",), "EVENT"),
            (("root.yml", "event.json", "--line", "x"), "--line"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments=arguments):
                result = self.run_command("rules", "explain", *arguments, expect=BAD_INPUT)
                self.assertIn(message, result.stderr)
                self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main()
