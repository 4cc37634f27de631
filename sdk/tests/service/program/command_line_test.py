"""The options of a service that do not run it."""

import unittest

from running import ServiceTest


class CommandLine(ServiceTest):
    def test_help_names_every_setting(self):
        result = self.call("--help")
        self.assertEqual(result.returncode, 0)
        for text in ("Usage: greeter", "APP_PORT  (port)  [5000]", "GREETING_PASSWORD, GREETING_PASSWORD_FILE"):
            self.assertIn(text, result.stdout)
        self.assertNotIn("secret]", result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 110)
        self.assertEqual(self.call("-h").stdout, result.stdout)

    def test_version_is_one_line(self):
        self.assertRegex(self.call("--version").stdout, r"^greeter \d+\.\d+\.\d+\n$")

    def test_the_configuration_is_printed_with_its_origin_and_without_secrets(self):
        path = self.write("greeter.env", "GREETING='good day'\nAPP_PORT=1\nUNKNOWN=x\n")
        result = self.call("--print-config", "--config", path, APP_PORT="2", GREETING_PASSWORD="quite secret")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(f'# from {path}:1:\nGREETING="good day"\n', result.stdout)
        self.assertIn("# from environment:\nAPP_PORT=2\n", result.stdout)
        self.assertIn("GREETING_PASSWORD=***\n", result.stdout)
        self.assertNotIn("quite", result.stdout + result.stderr)
        self.assertIn(f"warning: UNKNOWN ({path}:3)", result.stderr)

    def test_all_problems_are_said_at_once(self):
        path = self.write("greeter.env", "STOP=someday\nno equals sign\n")
        result = self.call("--check-config", AUDITFLOW_CONFIG_FILE=path, APP_PORT="99999", LOG_LEVEL="loud")
        self.assertEqual(result.returncode, 2)
        for text in (f"STOP ({path}:1)", f"{path}:2: ", "APP_PORT (environment)", "LOG_LEVEL (environment)"):
            self.assertIn("greeter: " + text, result.stderr)

    def test_what_the_application_refuses_is_a_wrong_configuration(self):
        for arguments in (["--check-config"], []):
            result = self.call(*arguments, GREETING="none", APP_HOST="127.0.0.1", APP_PORT="0")
            self.assertEqual((result.returncode, result.stderr), (2, "greeter: GREETING: there must be one\n"))
        self.assertEqual(self.call("--check-config").stdout, "the configuration can be used\n")

    def test_secrets_come_from_files_too(self):
        path = self.write("password", "from the file\n")
        result = self.call("--print-config", GREETING_PASSWORD_FILE=path)
        self.assertIn(f"# from {path}:\nGREETING_PASSWORD=***\n", result.stdout)
        both = self.call("--check-config", GREETING_PASSWORD_FILE=path, GREETING_PASSWORD="x")
        self.assertEqual(both.returncode, 2)
        missing = self.call("--check-config", GREETING_PASSWORD_FILE=path + "?")
        self.assertIn("GREETING_PASSWORD_FILE", missing.stderr)

    def test_the_reference_is_markdown(self):
        text = self.call("--config-reference").stdout
        self.assertIn("### HTTP\n\n| variable | takes | default | meaning |\n", text)
        self.assertIn("| `GREETING` | text | `hello` | What it says |\n", text)

    def test_wrong_arguments_are_named(self):
        for arguments in (["--nonsense"], ["extra"], ["--help", "--version"], ["--config"]):
            result = self.call(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn("greeter: ", result.stderr)


if __name__ == "__main__":
    unittest.main()
