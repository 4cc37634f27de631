"""auditflow scan: inputs, outputs, exit codes."""

import gzip
import json
import lzma
import os
import shutil
import subprocess
import unittest

from command import BURST, COMMAND, LOW_RULE, RULE, CommandTest, event, json_lines


class ScanTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("rules/root.yml", RULE)

    def scan(self, *arguments, expect=0, **options):
        result = self.run_command("scan", "--rules", "rules", *arguments, expect=expect, **options)
        matches = [json.loads(line) for line in result.stdout.split("\n")[:-1]]
        return matches, result.stderr


class Inputs(ScanTest):
    EVENTS = [event(1), event(2, user_id="root"), event(3), event(4, user_id="root")]

    def assert_found(self, name, lines):
        matches, _ = self.scan(name)
        self.assertEqual([m["index"] for m in matches], [1, 3])
        self.assertEqual([m["line"] for m in matches], lines)
        self.assertEqual([m["event_id"] for m in matches], [self.EVENTS[i]["event_id"] for i in (1, 3)])
        self.assertEqual({m["file"] for m in matches}, {name})

    def test_every_framing(self):
        compact = [json.dumps(e) for e in self.EVENTS]
        pretty = [json.dumps(e, indent=1) for e in self.EVENTS]
        height = pretty[0].count("\n") + 1
        cases = {
            "lines.jsonl": ("\n".join(compact) + "\n", [2, 4]),
            "no_line_end.jsonl": ("\n".join(compact), [2, 4]),
            "crlf.jsonl": ("\r\n".join(compact) + "\r\n", [2, 4]),
            "blank_lines.jsonl": ("\n\n".join(compact), [3, 7]),
            "byte_order_mark.jsonl": ("\ufeff" + "\n".join(compact), [2, 4]),
            "array.json": ("[" + ",\n".join(compact) + "]", [2, 4]),
            "array_of_one_line.json": (json.dumps(self.EVENTS), [1, 1]),
            "concatenated.json": ("".join(compact), [1, 1]),
            "pretty.json": ("\n".join(pretty), [1 + height, 1 + 3 * height]),
            "pretty_array.json": (json.dumps(self.EVENTS, indent=1), [9, 23]),
        }
        for name, (text, lines) in cases.items():
            with self.subTest(name=name):
                self.write(name, text)
                self.assert_found(name, lines)

    def test_every_compression_told_by_its_bytes(self):
        plain = json_lines(self.EVENTS).encode()
        compressed = {
            "a.gz": gzip.compress(plain),
            "two_members.gz": gzip.compress(plain[:100]) + gzip.compress(plain[100:]),
            "a.xz": lzma.compress(plain),
            "two_streams.xz": lzma.compress(plain[:100]) + lzma.compress(plain[100:]),
            "misleading.jsonl": gzip.compress(plain),
            "misleading.gz": plain,
        }
        for name, content in compressed.items():
            with self.subTest(name=name):
                self.write(name, content)
                self.assert_found(name, [2, 4])

    @unittest.skipUnless(shutil.which("zstd"), "the program zstd is not installed")
    def test_zstd(self):
        plain = json_lines(self.EVENTS).encode()
        self.write("a.zst", subprocess.run(["zstd", "-c"], input=plain, capture_output=True, check=True).stdout)
        self.assert_found("a.zst", [2, 4])

    def test_standard_input_plain_and_compressed(self):
        plain = json_lines(self.EVENTS).encode()
        for content in (plain, gzip.compress(plain), lzma.compress(plain)):
            matches, _ = self.scan("-", stdin=content)
            self.assertEqual([(m["file"], m["line"]) for m in matches], [("-", 2), ("-", 4)])

    def test_several_files_each_with_its_own_numbers(self):
        self.write("a.jsonl", json_lines(self.EVENTS[:2]))
        self.write("b.jsonl", json_lines(self.EVENTS[2:]))
        matches, _ = self.scan("a.jsonl", "b.jsonl")
        self.assertEqual(
            [(m["file"], m["line"], m["index"]) for m in matches], [("a.jsonl", 2, 1), ("b.jsonl", 2, 1)]
        )

    def test_an_empty_input_is_fine(self):
        self.write("empty.jsonl", "")
        matches, messages = self.scan("empty.jsonl")
        self.assertEqual(matches, [])
        self.assertIn("0 matches", messages)

    def test_a_match_comes_while_the_pipe_stays_open(self):
        process = subprocess.Popen(
            [COMMAND, "scan", "--rules", "rules", "-"],
            cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stdin.close)
        process.stdin.write(json_lines([self.EVENTS[1]]).encode())
        process.stdin.flush()
        self.assertEqual(json.loads(process.stdout.readline())["index"], 0)


class Faults(ScanTest):
    GOOD = event(1, user_id="root")

    def test_a_corrupt_line_is_reported_and_the_scan_goes_on(self):
        corrupt = ['{"a": ', '{"a": 1, "a": 2}', '{"a": nan}', '{"a": "\\ud800"}', '{"a": 1} x', "42"]
        for line in corrupt:
            with self.subTest(line=line):
                good = json.dumps(self.GOOD)
                self.write("a.jsonl", f"{good}\n{line}\n{good}\n")
                matches, messages = self.scan("a.jsonl", expect=1)
                self.assertEqual([m["line"] for m in matches], [1, 3])
                self.assertRegex(messages, r"(?m)^a\.jsonl:2: ")

    def test_bytes_that_are_no_utf8(self):
        self.write("a.jsonl", b'{"a": "\xff"}\n' + json.dumps(self.GOOD).encode())
        matches, messages = self.scan("a.jsonl", expect=1)
        self.assertEqual(len(matches), 1)
        self.assertIn("a.jsonl:1: ", messages)

    def test_many_faults_are_summed_up(self):
        self.write("a.jsonl", '{"a"}\n' * 1000)
        _, messages = self.scan("a.jsonl", expect=1)
        self.assertLess(len(messages.splitlines()), 40)
        self.assertIn("980 more", messages)
        self.assertIn("1,000 documents not readable", messages)

    def test_what_was_read_before_compressed_data_break_is_scanned(self):
        plain = json_lines([self.GOOD] + [event(i, noise=os.urandom(40).hex()) for i in range(2000)]).encode()
        broken = {"a.gz": gzip.compress(plain)[:-2000], "a.xz": lzma.compress(plain)[:-2000]}
        for name, content in broken.items():
            with self.subTest(name=name):
                self.write(name, content)
                matches, messages = self.scan(name, expect=1)
                self.assertEqual([m["line"] for m in matches], [1])
                self.assertIn("end too early", messages)

    def test_inputs_that_cannot_be_read_are_named_and_the_others_scanned(self):
        self.write("good.jsonl", json_lines([self.GOOD]))
        (self.folder / "folder").mkdir()
        self.write("a.bz2", b"BZh91AY&SY")
        for name in ("missing.jsonl", "folder", "a.bz2"):
            with self.subTest(name=name):
                matches, messages = self.scan(name, "good.jsonl", expect=1)
                self.assertEqual(len(matches), 1)
                self.assertIn(name, messages)

    def test_a_rule_that_cannot_be_used_is_counted_by_reason_and_the_others_are_used(self):
        self.write("rules/bad.yml", RULE.replace("user_id: root", "'user_id|wat': root").replace("1111", "4444"))
        self.write("good.jsonl", json_lines([self.GOOD]))
        matches, messages = self.scan("good.jsonl", expect=1)
        self.assertEqual(len(matches), 1)
        self.assertRegex(messages, r"(?m)^rules/bad\.yml:\d+:\d+: ")
        self.assertIn("rules: 1 loaded", messages)
        self.assertRegex(messages, r"rules: 1 not supported or invalid: [a-z-]*modifier[a-z-]* 1")

    def test_files_that_look_like_options(self):
        lines = json_lines([event(1, user_id="root")])
        for name in ("a.jsonl", "-b.jsonl", "--level", "++"):
            self.write(name, lines)
        names = {"a.jsonl", "./-b.jsonl", "./--level", "./++"}
        for arguments in (
            ("--", "-b.jsonl", "a.jsonl", "--level", "++"),
            ("a.jsonl", "--", "-b.jsonl", "--level", "++"),
            ("a.jsonl", "--quiet", "--", "--level", "-b.jsonl", "++"),
        ):
            with self.subTest(arguments=arguments):
                matches, _ = self.scan(*arguments)
                self.assertEqual({m["file"] for m in matches}, names)
        matches, _ = self.scan("--", "-", stdin=lines)
        self.assertEqual([m["file"] for m in matches], ["-"])

    def test_no_rules_at_all(self):
        (self.folder / "none").mkdir()
        self.write("good.jsonl", json_lines([self.GOOD]))
        for rules in ("none", "missing"):
            result = self.run_command("scan", "--rules", rules, "good.jsonl", expect=1)
            self.assertIn("no rule could be loaded", result.stderr)

    def test_the_help_names_switches_as_they_are_written(self):
        text = self.run_command("scan", "--help", expect=0).stdout
        self.assertIn("--no-summary ", text)
        self.assertNotIn("{", text)

    def test_wrong_usage(self):
        cases = [
            [], ["scan"], ["scan", "--wat", "x"], ["scan", "--format", "xml", "x"],
            ["scan", "--level", "grave", "x"], ["scan", "--allowed-lateness", "soon", "x"], ["wat"],
        ]
        for arguments in cases:
            with self.subTest(arguments=arguments):
                result = self.run_command(*arguments, expect=2)
                self.assertEqual(result.stdout, "")
                self.assertNotEqual(result.stderr, "")


class Outputs(ScanTest):
    def test_a_match_has_these_members(self):
        self.write("a.jsonl", json_lines([event(1, user_id="root")]))
        matches, _ = self.scan("a.jsonl")
        self.assertEqual(
            matches,
            [
                {
                    "kind": "detection",
                    "rule_id": "11111111-1111-4111-8111-111111111111",
                    "title": "Log-in of root",
                    "level": "high",
                    "file": "a.jsonl",
                    "line": 1,
                    "index": 0,
                    "event_id": "00000000-0000-4000-8000-000000000001",
                    "time": "2026-11-20T10:00:01Z",
                }
            ],
        )

    def test_an_event_without_id_is_told_by_its_key_fields(self):
        self.write("a.jsonl", json_lines([{"user_id": "root", "EventID": 4624, "Computer": "pc1", "product": "auditflow"}]))
        (match,), _ = self.scan("a.jsonl")
        self.assertEqual(match["fields"], {"EventID": "4624", "Computer": "pc1", "user_id": "root"})
        self.assertNotIn("time", match)

    def test_with_event_adds_it_digit_for_digit(self):
        self.write("a.jsonl", '{"product": "auditflow", "user_id": "root", "n": 1.50, "big": 18446744073709551615}\n')
        result = self.run_command("scan", "--rules", "rules", "--with-event", "a.jsonl", expect=0)
        self.assertIn('"event":{"product":"auditflow","user_id":"root","n":1.50,"big":18446744073709551615}}', result.stdout)

    def test_nothing_that_stands_in_an_event_breaks_the_line(self):
        self.write("a\nb.jsonl", json_lines([{"product": "auditflow", "user_id": "root", "Image": 'a"\\\u0000\n\u2028ü'}]))
        (match,), _ = self.scan("a\nb.jsonl")
        self.assertEqual(match["file"], "a\nb.jsonl")
        self.assertEqual(match["fields"]["Image"], 'a"\\\u0000\n\u2028ü')

    def test_correlations_name_group_count_and_contributors(self):
        self.write("rules/burst.yml", BURST)
        self.write("a.jsonl", json_lines([event(i, action_result="FAILURE") for i in range(1, 4)]))
        (match,), _ = self.scan("a.jsonl")
        self.assertEqual(match["kind"], "correlation")
        self.assertEqual(match["rule_id"], "33333333-3333-4333-8333-333333333333")
        self.assertEqual((match["line"], match["index"]), (3, 2))
        self.assertEqual(match["group"], {"user_id": "app"})
        self.assertEqual((match["count"], match["value"]), (3, 3))
        self.assertEqual(match["first_time"], "2026-11-20T10:00:01Z")
        self.assertEqual([c["line"] for c in match["contributors"]], [1, 2, 3])
        self.assertEqual(match["contributors"][0]["event_id"], event(1)["event_id"])

    def test_correlations_take_events_in_any_order_within_the_lateness(self):
        self.write("rules/burst.yml", BURST)
        events = [event(i, action_result="FAILURE") for i in (3, 1, 2)]
        self.write("a.jsonl", json_lines(events))
        (match,), _ = self.scan("a.jsonl")
        self.assertEqual(match["event_id"], event(3)["event_id"])
        self.assertEqual(match["line"], 1)
        matches, messages = self.scan("--allowed-lateness", "0s", "a.jsonl")
        self.assertEqual(matches, [])
        self.assertIn("2 events left out for coming too late", messages)

    def test_old_events_and_events_without_time(self):
        self.write("rules/burst.yml", BURST)
        old = [event(i, action_result="FAILURE", timestamp=f"2019-01-01T00:00:0{i}Z") for i in range(3)]
        timeless = [event(i, action_result="FAILURE", timestamp=None) for i in range(5)]
        self.write("a.jsonl", json_lines(timeless + old))
        matches, messages = self.scan("a.jsonl")
        self.assertEqual([m["time"] for m in matches], ["2019-01-01T00:00:02Z"])
        self.assertIn("5 events without a readable time left out", messages)

    def test_level_is_a_lower_bound(self):
        self.write("rules/low.yml", LOW_RULE)
        self.write("a.jsonl", json_lines([event(1, user_id="root")]))
        for level, titles in [
            ("informational", {"Log-in of root", "Any log-in"}),
            ("low", {"Log-in of root", "Any log-in"}),
            ("medium", {"Log-in of root"}),
            ("high", {"Log-in of root"}),
            ("critical", set()),
        ]:
            matches, _ = self.scan("--level", level, "a.jsonl")
            self.assertEqual({m["title"] for m in matches}, titles, level)

    def test_summary_by_rule_and_level_on_standard_error(self):
        self.write("rules/low.yml", LOW_RULE)
        self.write("a.jsonl", json_lines([event(1), event(2, user_id="root")]))
        _, messages = self.scan("a.jsonl")
        self.assertIn("2 events in 1 file", messages)
        self.assertIn("3 matches by 2 rules", messages)
        self.assertIn("by level:  high 1  low 2", messages)
        self.assertRegex(messages, r"(?m)^ +2  low +Any log-in  2222")
        self.assertNotIn("by level", self.scan("--no-summary", "a.jsonl")[1])
        self.assertEqual(self.scan("--quiet", "a.jsonl")[1], "")

    def test_a_logsource_map_keeps_rules_from_events_of_others(self):
        self.write("rules/low.yml", LOW_RULE.replace("product: auditflow", "product: windows"))
        self.write("maps/x.logsource.yml", LOW_RULE.replace("product: auditflow", "product: windows"))
        self.write("a.jsonl", json_lines([event(1, user_id="root")]))
        matches, messages = self.scan("a.jsonl")
        self.assertEqual([m["title"] for m in matches], ["Log-in of root"])
        self.assertIn("rules: 2 of 2 detections can be routed by logsource", messages)
        self.assertEqual(len(self.scan("--no-routing", "a.jsonl")[0]), 2)
        self.assertEqual(len(self.scan("--logsource-map", "maps", "a.jsonl")[0]), 2)
        self.run_command("scan", "--no-routing", "--logsource-map", "maps", "a.jsonl", expect=2)
        _, messages = self.scan("--logsource-map", "missing", "a.jsonl", expect=1)
        self.assertIn("missing", messages)

    def test_fields_are_found_under_the_names_that_maps_give(self):
        rule = RULE.replace("product: auditflow", "product: windows, category: process_creation")
        self.write("rules/root.yml", rule.replace("user_id: root", "'Image|endswith': whoami.exe"))
        flat = {"Channel": "Security", "EventID": 4688, "NewProcessName": "C:\\\\Windows\\\\whoami.exe"}
        nested = {"Event": {"System": {"Channel": "Security", "EventID": {"#text": 4688}},
                            "EventData": {"NewProcessName": "C:\\\\Windows\\\\whoami.exe"}}}
        self.write("a.jsonl", json_lines([flat, nested]))
        self.assertEqual([m["line"] for m in self.scan("a.jsonl")[0]], [1, 2])
        self.assertEqual(self.scan("--no-field-mapping", "a.jsonl")[0], [])

    def test_the_summary_says_how_many_rules_no_event_can_reach(self):
        self.write("rules/low.yml", LOW_RULE.replace("product: auditflow", "product: unheard-of"))
        self.write("a.jsonl", json_lines([event(1, user_id="root"), event(2, product="unheard-of")]))
        matches, messages = self.scan("a.jsonl")
        self.assertEqual([m["title"] for m in matches], ["Log-in of root", "Any log-in"])
        self.assertIn("rules: 1 of 2 detections can be routed by logsource", messages)
        self.assertNotIn("can be routed", self.scan("--no-routing", "a.jsonl")[1])

    def test_placeholders_take_their_values_from_the_command_line(self):
        self.write("rules/root.yml", RULE.replace("user_id: root", "'user_id|expand': '%admins%'"))
        self.write("a.jsonl", json_lines([event(1, user_id="root"), event(2, user_id="toor"), event(3)]))
        matches, _ = self.scan("--placeholder", "admins=root", "--placeholder", "admins=toor", "a.jsonl")
        self.assertEqual([m["line"] for m in matches], [1, 2])
        self.run_command("scan", "--placeholder", "admins", "a.jsonl", expect=2)

    def test_the_shipped_rules_are_the_default(self):
        self.write("a.jsonl", json_lines([event(1)]))
        result = self.run_command("scan", "a.jsonl", expect=0)
        self.assertIn("from 15 files", result.stderr)

    def test_a_table_is_written_on_request_without_colours(self):
        self.write("a.jsonl", json_lines([event(1, user_id="root")]))
        result = self.run_command("scan", "--rules", "rules", "--format", "table", "a.jsonl", expect=0)
        header, row = result.stdout.splitlines()
        self.assertRegex(header, r"^LEVEL +RULE +EVENT +DETAILS$")
        self.assertRegex(row, r"^high +Log-in of root +a\.jsonl:1 +00000000-0000")
        self.assertNotIn("\x1b", result.stdout)


class Terminals(ScanTest):
    def setUp(self):
        super().setUp()
        self.write("a.jsonl", json_lines([event(1, user_id="root")]))

    def test_a_terminal_gets_a_coloured_table_that_fits(self):
        code, seen, _ = self.run_on_terminal("scan", "--rules", "rules", "a.jsonl", columns=70)
        self.assertEqual(code, 0)
        self.assertIn("\x1b[31mhigh", seen)
        plain = seen.replace("\x1b[31m", "").replace("\x1b[1m", "").replace("\x1b[0m", "")
        self.assertTrue(all(len(line) <= 70 for line in plain.splitlines()), plain)

    def test_an_event_cannot_steer_the_terminal(self):
        self.write("a.jsonl", json_lines([{"user_id": "root", "Image": "\x1b]0;owned\x07\x9b2J"}]))
        _, seen, _ = self.run_on_terminal("scan", "--rules", "rules", "a.jsonl")
        self.assertNotIn("\x1b]", seen)
        self.assertNotIn("\x07", seen)
        self.assertNotIn("\x9b", seen)

    def test_progress_shows_rate_and_time_left_on_a_terminal_only(self):
        member = gzip.compress(json_lines([event(i, noise="x" * 500) for i in range(10000)]).encode(), 1)
        self.write("big.gz", member * 100)
        code, seen, matches = self.run_on_terminal("scan", "--rules", "rules", "big.gz", stream="stderr")
        self.assertEqual((code, matches), (0, ""))
        self.assertRegex(seen, r"\d+ %  [\d.]+ MB/s  [\d,]+ events/s  0 matches  \d+:\d\d left")
        self.assertNotIn("MB/s  ", self.scan("big.gz")[1])


class ClosedOutput(ScanTest):
    def test_a_reader_that_has_seen_enough_ends_the_scan_quietly(self):
        self.write("a.jsonl", json_lines([event(i, user_id="root") for i in range(50000)]))
        process = subprocess.Popen(
            [COMMAND, "scan", "--rules", "rules", "a.jsonl"],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        process.stdout.readline()
        process.stdout.close()
        messages = process.stderr.read().decode()
        process.stderr.close()
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertNotIn("standard output", messages)

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_a_full_disk_is_a_failure(self):
        self.write("a.jsonl", json_lines([event(1, user_id="root")]))
        with open("/dev/full", "wb") as full:
            result = subprocess.run(
                [COMMAND, "scan", "--rules", "rules", "a.jsonl"],
                cwd=self.folder, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60,
            )
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"standard output: ", result.stderr)


if __name__ == "__main__":
    unittest.main()
