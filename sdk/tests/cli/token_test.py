"""auditflow token new: the token, its line, and the file that keeps the line."""

import hashlib
import os
import pathlib
import stat
import unittest

from command import CommandTest


class Token(CommandTest):
    def new(self, *arguments):
        return self.run_command("token", "new", *arguments)

    def test_prints_the_token_and_the_line_with_its_digest(self):
        result = self.new("--name", "grafana", "--scopes", "alerts:read,events:read")
        self.assertEqual(result.returncode, 0, result.stderr)
        token, line = result.stdout.splitlines()
        self.assertRegex(token, r"^aft_[A-Za-z0-9_-]{43}$")
        digest = hashlib.sha256(token.encode()).hexdigest()
        self.assertEqual(line, f"grafana alerts:read,events:read sha256:{digest}")

    def test_adds_the_line_to_a_file_that_only_its_owner_reads(self):
        path = os.path.join(self.folder, "tokens")
        first = self.new("--name", "a", "--scopes", "*", "--file", path)
        self.assertEqual((first.returncode, len(first.stdout.splitlines())), (0, 1), first.stderr)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, "a") as file:
            file.write("# no line break at the end")
        self.assertEqual(self.new("--name", "b", "--scopes", "x", "--file", path).returncode, 0)
        with open(path) as file:
            lines = file.read().splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["a", "#", "b"])
        self.assertNotIn(first.stdout.strip(), lines[0])

    def test_a_name_that_is_there_and_a_broken_file_are_left_alone(self):
        path = os.path.join(self.folder, "tokens")
        self.assertEqual(self.new("--name", "a", "--scopes", "*", "--file", path).returncode, 0)
        before = pathlib.Path(path).read_text()
        again = self.new("--name", "a", "--scopes", "*", "--file", path)
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertIn("of that name already: a", again.stderr)
        self.assertEqual(pathlib.Path(path).read_text(), before)
        with open(path, "w") as file:
            file.write("nonsense")
        broken = self.new("--name", "b", "--scopes", "*", "--file", path)
        self.assertEqual((broken.returncode, broken.stdout), (1, ""))
        self.assertIn(path + ":1: ", broken.stderr)

    def test_what_the_file_could_not_hold_is_refused(self):
        for name, scopes in (("two words", "a"), ("", "a"), ("a", "x y"), ("a", "ä")):
            result = self.new("--name", name, "--scopes", scopes)
            self.assertNotEqual(result.returncode, 0, (name, scopes))
            self.assertEqual(result.stdout, "")

    def test_name_and_scopes_are_required(self):
        self.assertEqual(self.new("--name", "a").returncode, 2)
        self.assertEqual(self.new("--scopes", "a").returncode, 2)
        self.assertEqual(self.run_command("token").returncode, 2)


if __name__ == "__main__":
    unittest.main()
