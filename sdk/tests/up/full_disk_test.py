"""auditflow up on a disk without room: it says so, loses nothing in silence, and ends in time."""

import json
import pathlib
import signal
import subprocess
import time
import unittest

from running import UpTest, event, json_lines

# A file system of its own that goes away with the process.
MOUNT = 'mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@"'
NOT_AN_EVENT = '{"a": 1, "a": 2}\n'


def in_small_file_system(size, folder, *command):
    return ("unshare", "--mount", "--map-root-user", "sh", "-c", MOUNT, "sh", size, str(folder), *command)


def may_mount():
    try:
        test = subprocess.run(in_small_file_system("64k", "/mnt", "true"), capture_output=True, check=False, timeout=60)
    except OSError:
        return False
    return test.returncode == 0


@unittest.skipUnless(may_mount(), "this system does not let the test mount a small file system")
class FullDisk(UpTest):
    def up_on(self, size, *arguments, **options):
        (self.folder / "data").mkdir()
        return self.up(*arguments, wrapper=in_small_file_system(size, self.folder / "data"), **options)

    def health(self, running):
        status, health = running.get_json("/healthz")
        return status, health["components"]

    def end(self, running):
        begin = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        code = running.finish()
        if running.process.stdin:
            running.process.stdin.close()
        self.assertLess(time.monotonic() - begin, 10)
        return code, running.stderr.lines[-1]

    def test_alerts_without_room_are_waited_for_and_named_at_the_end(self):
        running = self.up_on("600k", "--rate", "0", "--seed", "3", "--quiet")
        running.wait_until(lambda: "disk is full" in self.health(running)[1]["alert_store"].get("reason", ""))
        status, components = self.health(running)
        self.assertEqual((status, components["alert_store"]["up"]), (503, False))
        # What is in the database can still be read.
        self.assertGreater(len(running.get_json("/alerts")[1]), 0)
        code, last_words = self.end(running)
        self.assertEqual(code, 1)
        self.assertRegex(last_words, r"messages were left in audit_\w+; .*alert_store: .*disk is full")

    def test_dead_letters_wait_for_room(self):
        running = self.up_on("1m", "--input", "-", "--quiet", stdin=subprocess.PIPE)
        running.wait_until(lambda: self.health(running)[0] == 200)
        data = pathlib.Path(f"/proc/{running.process.pid}/root{self.folder}/data")
        self.send(running, NOT_AN_EVENT)
        running.wait_until(lambda: (data / "dead-letters.jsonl").exists())
        filler = data / "filler"
        self.fill(filler)
        self.send(running, NOT_AN_EVENT * 60)
        running.wait_until(lambda: not self.health(running)[1]["dead_letters"]["up"])
        status, components = self.health(running)
        self.assertEqual(status, 200, components)
        filler.unlink()
        running.wait_until(lambda: self.health(running)[1]["dead_letters"]["up"])
        letters = [json.loads(line) for line in (data / "dead-letters.jsonl").read_text().splitlines()]
        self.assertEqual([letter["body"] for letter in letters], [NOT_AN_EVENT.strip()] * 61)
        running.process.stdin.close()
        self.assertEqual(running.finish(), 0)

    def test_dead_letters_that_never_find_room_are_counted(self):
        running = self.up_on("1m", "--input", "-", "--quiet", stdin=subprocess.PIPE)
        running.wait_until(lambda: self.health(running)[0] == 200)
        self.fill(pathlib.Path(f"/proc/{running.process.pid}/root{self.folder}/data/filler"))
        self.send(running, NOT_AN_EVENT * 60 + json_lines([event(1)]))
        running.wait_until(lambda: not self.health(running)[1]["dead_letters"]["up"])
        code, last_words = self.end(running)
        self.assertEqual(code, 1)
        self.assertRegex(last_words, "60 dead letters are lost; dead_letters: .*dead-letters.jsonl.*No space left")
        self.assertEqual(running.summary["processed"], 1)

    def test_no_room_at_the_start_is_named_with_its_option(self):
        running = self.up_on("4k", "--count", "1")
        self.assertEqual(running.finish(), 1)
        self.assertRegex(running.stderr.lines[-1], "--data-dir .*disk is full")

    @staticmethod
    def send(running, text):
        running.process.stdin.write(text.encode())
        running.process.stdin.flush()

    @staticmethod
    def fill(path):
        with open(path, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass


if __name__ == "__main__":
    unittest.main()
