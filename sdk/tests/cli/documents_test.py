"""What the documents show of the command is what it says."""

import pathlib
import re
import shlex
import subprocess
import unittest

from command import COMMAND, CommandTest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document, language):
    text = (ROOT / document).read_text("utf-8")
    return [body for name, body in BLOCK.findall(text) if name == language]


def sessions(document):
    """(command line, lines that it prints) of every console block."""
    for block in blocks(document, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.splitlines()
            yield command, output


class Documents(CommandTest):
    def run_line(self, line):
        """Both outputs of the line, as a terminal would show them."""
        self.assertTrue(line.startswith("auditflow "), line)
        done = subprocess.run(
            ["/bin/sh", "-c", shlex.quote(COMMAND) + line.removeprefix("auditflow")],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        return done.stdout.splitlines()

    def assert_shows(self, document, skip=()):
        ran = 0
        for line, shown in sessions(document):
            if any(word in line for word in skip):
                continue
            printed = self.run_line(line)
            for wanted in shown:
                if wanted == "…" or "events/s" in wanted:  # what differs from run to run
                    continue
                self.assertIn(wanted, printed, f"{document}: $ {line}")
            ran += 1
        self.assertGreater(ran, 0, f"{document} shows no session")

    def test_readme(self):
        self.write("root_shell.yml", blocks("README.md", "yaml")[0])
        self.assert_shows("README.md")

    def test_readme_mistake(self):
        rule = blocks("README.md", "yaml")[0].replace("endswith", "endwith")
        self.write("root_shell.yml", rule)
        shown = [body for body in blocks("README.md", "") if "error:" in body]
        printed = self.run_line("auditflow rules check root_shell.yml")
        self.assertEqual(len(shown), 1)
        self.assertIn(shown[0].strip(), printed)

    def test_how_to_write_a_rule(self):
        page = "docs/how-to/write-a-rule.md"
        detection, correlation, test = blocks(page, "yaml")
        self.write("events.jsonl", blocks(page, "json")[0])
        self.write("my-rules/curl_pipe.yml", detection)
        self.assert_shows(page, skip=("rules show", "rules test"))
        (self.folder / "my-rules/curl_pipe.yml").unlink()
        self.write("my-rules/many_downloads.yml", correlation)
        self.write("my-rules/many_downloads.test.yml", test)
        self.assert_shows(page, skip=("rules check", "scan"))

    def test_logsource_maps(self):
        page = "docs/how-to/logsource-maps.md"
        body = "logsource: {product: webshop, category: application}\ndetection: {s: {action: refund}, condition: s}\n"
        self.write("my-rules/refund.yml", "title: Refund by hand\n" + body)
        stated, events = blocks(page, "json")
        shop, taxonomy_rule, _ = blocks(page, "yaml")
        self.write("events.jsonl", events)
        self.write("shop.logsource.yml", shop)
        self.write("other.yml", taxonomy_rule.replace("taxonomy: ecs", "taxonomy: ocsf"))
        self.assert_shows(page)
        scan = "auditflow scan --quiet --format json --rules my-rules events.jsonl"
        self.assertEqual(len(self.run_line(scan)), 1)
        self.assertEqual(len(self.run_line(scan + " --logsource-map shop.logsource.yml")), 2)
        self.write("events.jsonl", stated)
        self.assertEqual(len(self.run_line(scan)), 1)

    def test_taxonomies(self):
        page = "docs/how-to/logsource-maps.md"
        _, rule, agent = blocks(page, "yaml")
        self.write("shell.yml", rule)
        self.write("agent.logsource.yml", agent)
        self.assertEqual(self.run_line("auditflow rules check --quiet shell.yml"), [])
        sh = "logsource: {category: proc}\ndetection: {s: {proc.path: /bin/sh}, condition: s}\n"
        self.write("ours.yml", "title: Shell\ntaxonomy: ours\n" + sh)
        self.write("events.jsonl", '{"agent": {"kind": "process"}, "proc": {"path": "/bin/sh"}}\n')
        scan = "auditflow scan --quiet --format json --rules ours.yml --logsource-map agent.logsource.yml events.jsonl"
        self.assertEqual(len(self.run_line(scan)), 1)


if __name__ == "__main__":
    unittest.main()
