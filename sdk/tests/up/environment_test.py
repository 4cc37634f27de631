"""What auditflow up makes of the environment variables that configure it."""

import unittest

from running import UpTest


class Environment(UpTest):
    def fails(self, name, value, expect=2):
        # Without --port: on the command line it would win.
        running = self.run_up("--count", "1", port=None, expect=expect, environment={name: value})
        return "".join(running.stderr.lines)

    def test_a_bad_port_is_named_with_its_variable(self):
        for value in ("abc", "-1", "65536", "8080x", " 80", "0x50", "1e3", "9" * 100_000):
            with self.subTest(value=value[:20]):
                said = self.fails("API_PORT", value)
                self.assertIn("--port (API_PORT): '" + value[:20], said)
                self.assertLess(len(said), 400)

    def test_a_bad_level_is_named(self):
        for value in ("loud", "INFO\x1b[31m", "x" * 100_000):
            with self.subTest(value=value[:20]):
                said = self.fails("LOG_LEVEL", value)
                self.assertIn("--log-level: ", said)
                self.assertNotIn("\x1b", said)
                self.assertLess(len(said), 400)

    def test_a_bad_host_is_named_with_its_variable(self):
        for value in (" ", "two words", "\x1b[31m", "http://localhost", "h" * 100_000):
            with self.subTest(value=value[:20]):
                said = self.fails("API_HOST", value)
                self.assertIn("--host (API_HOST): '", said)
                self.assertNotIn("\x1b", said)
                self.assertLess(len(said), 400)
        for value in ("nowhere.invalid", "256.1.1.1"):
            with self.subTest(value=value):
                self.assertIn("API_HOST", self.fails("API_HOST", value, expect=1))

    def test_odd_names_of_the_environment_stay_text(self):
        for value in ("", "'; DROP TABLE alerts; --", "\u202e\u00e4", "e" * 100_000):
            with self.subTest(value=value[:20]):
                running = self.run_up("--count", "20", "--rate", "0", "--seed", "1", environment={"ENVIRONMENT": value})
                self.assert_balanced(running.summary)

    def test_empty_is_as_if_it_were_not_set(self):
        empty = {name: "" for name in ("LOG_LEVEL", "API_HOST", "NO_COLOR", "COLUMNS", "AUDITFLOW_RULES_DIR")}
        self.run_up("--count", "1", environment=empty)


if __name__ == "__main__":
    unittest.main()
