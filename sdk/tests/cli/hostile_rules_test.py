"""Rule files made to hurt: each is refused with its place or loaded, in little memory and not much time."""

import os
import resource
import subprocess
import sys
import unittest

from command import COMMAND, CommandTest

# Sanitizers take several times as much.
MIB = 1024 * 1024 * int(os.environ.get("AUDITFLOW_MEMORY_FACTOR", "1"))

# Starts what follows and prints, last, the most memory that it had, in bytes.
MEASURE = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024); sys.exit(code)"
)


def rule(detection):
    return f"title: T\nlogsource: {{product: auditflow}}\ndetection:\n{detection}level: low\n"


def selection(values):
    return rule("  s:\n    f:\n" + "".join(f"      - {value}\n" for value in values) + "  condition: s\n")


def numbered(count, text):
    return (text.replace("#", str(i)) for i in range(count))


def aliases():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    return "title: T\n" + "\n".join(lines) + "\nlogsource: {product: auditflow}\ndetection: {s: {f: *a9}, condition: s}\n"


# name: the file, what is said of it (nothing: it loads), and the memory that takes at most, in MiB
CASES = {
    "a million alternatives": (selection(numbered(1_000_000, "v#")), r"5:5: unsupported: .*\[rule-too-large\]", 400),
    "a million patterns": (selection(numbered(1_000_000, "v*#?x")), r"5:5: unsupported: .*\[rule-too-large\]", 400),
    "many alternatives": (selection(numbered(200_000, "v#")), None, 200),
    "many patterns": (selection(numbered(100_000, "v*#?x")), None, 250),
    "a condition of 100,000 operands": (
        rule("  s: {f: x}\n  condition: " + " or ".join(["s"] * 100_000) + "\n"), r"5:\d+: error: .*\[limit\]", 64),
    "100,000 identifiers and 1 of them": (
        rule("".join(numbered(100_000, "  s#: {f: x#}\n")) + "  condition: 1 of them\n"),
        r"\d+:3: error: .*\[limit\]", 100),
    "a condition that names much repeatedly": (
        rule("".join(numbered(4000, "  s#: {f: x#}\n")) + "  condition: " + " or ".join(["all of s*"] * 9000) + "\n"),
        r"4004:\d+: unsupported: .*\[rule-too-large\]", 150),
    "selectors without end": (
        rule("".join(numbered(4000, "  s#: {f: x#}\n")) + "  condition: " + " or ".join(["1 of s1*7*"] * 9000) + "\n"),
        r"4004:\d+: unsupported: .*\[rule-too-large\]", 150),
    "choices of many": (
        rule("".join(numbered(60, "  s#: {f: x#}\n")) + "  condition: 30 of them\n"),
        r"64:\d+: unsupported: .*\[expansion-too-large\]", 32),
    "parentheses": (
        rule("  s: {f: x}\n  condition: " + "(" * 500_000 + "s" + ")" * 500_000 + "\n"), r"5:\d+: error: .*\[limit\]", 32),
    "negations": (rule("  s: {f: x}\n  condition: " + "not " * 500_000 + "s\n"), r"5:\d+: error: .*\[limit\]", 64),
    "nested maps": (
        rule("  s: " + "{a: " * 100_000 + "1" + "}" * 100_000 + "\n  condition: s\n"), r"4:\d+: error: .*\[limit\]", 32),
    "nested lists": (
        rule("  s: " + "[" * 100_000 + "1" + "]" * 100_000 + "\n  condition: s\n"), r"4:\d+: error: .*\[limit\]", 32),
    "aliases of aliases": (aliases(), r":\d+:\d+: error: .*\[limit\]", 64),
    "a regex of a million characters": (
        rule("  s: {f|re: '(.{1000}){1000}'}\n  condition: s\n"), r"4:13: unsupported: .*\[regex-too-large\]", 32),
    "a thousand short regexes with large programs": (
        rule("  s:\n    f|re:\n" + "".join(numbered(1000, "      - '#[\\p{L}\\p{N}]{1,60}'\n")) + "  condition: s\n"),
        r"\d+:\d+: unsupported: .*\[regex-total-too-large\]", 200),
    "a regex of many parentheses": (
        rule("  s: {f|re: '" + "(" * 100_000 + "a" + ")" * 100_000 + "'}\n  condition: s\n"), None, 64),
    "a field for each item": (
        rule("  s:\n" + "".join(numbered(100_000, "    f#: x\n")) + "  condition: s\n"),
        r"1:1: unsupported: .*\[too-many-fields\]", 150),
    "a logsource for each rule": (
        "---\n".join(
            numbered(5000, "title: T#\nlogsource: {product: p#}\ndetection: {s: {f#: x}, condition: s}\nlevel: low\n")),
        r"\d+:\d+: unsupported: .*\[too-many-logsources\]", 150),
    "ten thousand rules": (
        "---\n".join(
            numbered(10_000, "title: T#\nlogsource: {product: auditflow}\ndetection:\n  s: {Image|endswith: '\\x#.exe', "
                     "CommandLine|contains|all: ['-a#', b]}\n  n: {f: x}\n  condition: s and not n\nlevel: low\n")),
        None, 150),
    "filters for all": (
        "---\n".join(numbered(2000, "title: T#\nlogsource: {product: auditflow}\ndetection: {s: {f: x#}, condition: s}\nlevel: low\n"))
        + "".join(numbered(2000, "---\ntitle: F#\nlogsource: {product: auditflow}\nfilter: {rules: any, s: {g: y#}, condition: not s}\n")),
        r"\d+:1: unsupported: .*\[rules-too-large\]", 700),
}


class HostileRules(CommandTest):
    def check(self, name):
        result = subprocess.run(
            [sys.executable, "-c", MEASURE, COMMAND, "rules", "check", name],
            cwd=self.folder, capture_output=True, check=False, timeout=150,
        )
        output, _, memory = result.stdout.decode().rstrip().rpartition("\n")
        return result.returncode, output, int(memory)

    def test_each_is_bounded_and_named(self):
        for name, (text, said, memory) in CASES.items():
            with self.subTest(name=name):
                self.write("rules.yml", text)
                code, output, used = self.check("rules.yml")
                if said is None:
                    self.assertEqual((code, output), (0, ""))
                else:
                    self.assertEqual(code, 1, output[:2000])
                    self.assertRegex(output, "rules.yml:" + said if said[0] != ":" else "rules.yml" + said)
                    self.assertLess(len(output), 4_000_000)
                self.assertLess(used, memory * MIB)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main()
