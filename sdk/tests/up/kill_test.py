"""kill -9 of auditflow up during ingestion: the file stays sound, and nothing that was announced is lost."""

import json
import random
import signal
import unittest

from running import UpTest

ROUNDS = 10


class Kill(UpTest):
    def test_every_printed_alert_survives_and_a_restart_goes_on(self):
        moments = random.Random(20261120)
        announced = set()
        for number in range(ROUNDS):
            running = self.up("--rate", "3000", "--seed", str(1000 + number))
            self.assertTrue(running.stdout.wait_for_count(moments.randint(1, 400)))
            running.process.send_signal(signal.SIGKILL)
            self.assertEqual(running.finish(), -signal.SIGKILL)
            printed = {json.loads(line)["alert_id"] for line in running.stdout.lines if line.endswith("}\n")}
            stored = self.stored()
            self.assertEqual(len(stored), len(set(stored)))
            self.assertLessEqual(printed | announced, set(stored))
            announced |= printed
        self.assertGreaterEqual(len(announced), ROUNDS)
        before = len(self.stored())
        last = self.run_up("--rate", "0", "--count", "2000", "--seed", "1", "--quiet")
        self.assertGreater(last.summary["stored"], 0)
        self.assertEqual(len(self.stored()), before + last.summary["stored"])


if __name__ == "__main__":
    unittest.main()
