"""The environment of each service: the contract's variables and defaults, and what comes of wrong ones. No servers."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import services
from harness import require

require(*services.ALL)

BROKER = {"RABBITMQ_HOST": "rabbitmq-service", "RABBITMQ_PORT": "5672"}
DEFAULTS = {
    services.GENERATOR: {
        **BROKER,
        "RABBITMQ_USER": "user",
        "RABBITMQ_QUEUE": "audit_events",
        "APP_PORT": "5000",
        "PROMETHEUS_PORT": "8000",
        "EVENT_GENERATION_INTERVAL_SECONDS": "5",
        "SERVICE_NAME": services.GENERATOR,
    },
    services.ANALYSIS: {
        **BROKER,
        "RABBITMQ_QUEUE": "audit_events",
        "RABBITMQ_ALERT_QUEUE": "audit_alerts",
        "REDIS_HOST": "redis-service",
        "REDIS_PORT": "6379",
        "APP_PORT": "5001",
        "PROMETHEUS_PORT": "8001",
        "SERVICE_NAME": services.ANALYSIS,
    },
    services.NOTIFICATION: {
        "RABBITMQ_HOST": "localhost",
        "RABBITMQ_PORT": "5672",
        "RABBITMQ_ALERT_QUEUE": "audit_alerts",
        "PG_HOST": "localhost",
        "PG_PORT": "5432",
        "PG_DB": "postgres",
        "PG_USER": "postgres",
        "API_HOST": "0.0.0.0",
        "API_PORT": "8000",
        "SERVICE_NAME": services.NOTIFICATION,
    },
    services.DASHBOARD: {
        "APP_PORT": "8080",
        "NOTIFICATION_SERVICE_HOST": "localhost",
        "NOTIFICATION_SERVICE_PORT": "8000",
        "SERVICE_NAME": services.DASHBOARD,
    },
}
SECRETS = {
    services.GENERATOR: ["RABBITMQ_PASS"],
    services.ANALYSIS: ["RABBITMQ_PASS"],
    services.NOTIFICATION: ["RABBITMQ_PASS", "PG_PASSWORD"],
    services.DASHBOARD: ["NOTIFICATION_SERVICE_TOKEN"],
}
PORTS = {
    services.GENERATOR: ["APP_PORT", "PROMETHEUS_PORT", "RABBITMQ_PORT"],
    services.ANALYSIS: ["APP_PORT", "PROMETHEUS_PORT", "RABBITMQ_PORT", "REDIS_PORT"],
    services.NOTIFICATION: ["API_PORT", "RABBITMQ_PORT", "PG_PORT"],
    services.DASHBOARD: ["APP_PORT", "NOTIFICATION_SERVICE_PORT"],
}


def run(name, *arguments, **settings):
    environment = {"PATH": os.environ["PATH"], "RULES_DIR": str(services.RULES), **settings}
    return subprocess.run(
        [services.program(name), *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


class SettingsTest(unittest.TestCase):
    maxDiff = None

    def printed(self, name, **settings):
        done = run(name, "--print-config", **settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
        values = dict(line.split(" #")[0].strip().split("=", 1) for line in lines)
        return {key: value.strip('"') for key, value in values.items()}, done.stdout

    def test_the_contracts_variables_have_its_defaults(self):
        for name in services.ALL:
            values, _ = self.printed(name)
            expected = {**DEFAULTS[name], "ENVIRONMENT": "development", "LOG_LEVEL": "INFO"}
            for variable, default in expected.items():
                with self.subTest(service=name, variable=variable):
                    self.assertIn(variable, values)
                    self.assertEqual(values[variable].upper().removesuffix("S"), default.upper().removesuffix("S"))

    def test_every_variable_is_described_in_the_help_and_in_the_reference(self):
        for name in services.ALL:
            variables, _ = self.printed(name)
            help_text, reference = run(name, "--help"), run(name, "--config-reference")
            self.assertEqual((help_text.returncode, reference.returncode), (0, 0))
            for variable in {*variables, *DEFAULTS[name], *SECRETS[name], "LOG_LEVEL", "TOKENS_FILE"}:
                with self.subTest(service=name, variable=variable):
                    self.assertIn(variable, help_text.stdout)
                    self.assertIn(variable, reference.stdout)

    def test_secrets_are_never_printed_and_may_come_from_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "secret"
            file.write_text("s3cr3t-in-a-file\n")
            for name in services.ALL:
                for variable in SECRETS[name]:
                    with self.subTest(service=name, variable=variable):
                        _, text = self.printed(name, **{variable: "s3cr3t-as-a-value"})
                        self.assertNotIn("s3cr3t", text)
                        _, text = self.printed(name, **{variable + "_FILE": str(file)})
                        self.assertNotIn("s3cr3t-in", text)
                        both = run(name, "--check-config", **{variable: "x", variable + "_FILE": str(file)})
                        self.assertEqual(both.returncode, 2)
                        self.assertIn(variable, both.stderr)

    def test_ports_are_read_as_kubernetes_injects_them(self):
        for name in services.ALL:
            for variable in PORTS[name]:
                with self.subTest(service=name, variable=variable):
                    values, _ = self.printed(name, **{variable: "tcp://10.0.0.7:1234"})
                    self.assertEqual(values[variable], "1234")

    def test_all_that_is_wrong_is_named_at_once_and_nothing_starts(self):
        for name in services.ALL:
            wrong = {variable: f"x{number}" for number, variable in enumerate(PORTS[name])}
            wrong["LOG_LEVEL"] = "loud"
            for arguments in ([], ["--check-config"]):
                with self.subTest(service=name, arguments=arguments):
                    done = run(name, *arguments, **wrong)
                    self.assertEqual(done.returncode, 2)
                    for variable, value in wrong.items():
                        self.assertIn(variable, done.stderr)
                        self.assertIn(value, done.stderr)

    def test_a_check_makes_no_file(self):
        files = {
            services.NOTIFICATION: {"ALERT_STORE": "sqlite", "ALERT_STORE_PATH": "alerts.db"},
            services.ANALYSIS: {"ARCHIVE": "sqlite", "ARCHIVE_PATH": "events.db"},
        }
        for name, settings in files.items():
            (variable,) = [variable for variable in settings if variable.endswith("_PATH")]
            with self.subTest(service=name), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / settings[variable]
                done = run(name, "--check-config", **{**settings, variable: str(path)})
                self.assertEqual((done.returncode, os.listdir(folder)), (0, []), done.stderr)
                path.mkdir()
                for wrong in (path, path.parent / "none" / "file.db"):
                    done = run(name, "--check-config", **{**settings, variable: str(wrong)})
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(variable, done.stderr)

    def test_a_file_of_settings_counts_where_the_environment_has_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "auditflow.env"
            for name in services.ALL:
                variable = services.PORT_VARIABLE[name]
                file.write_text(f"# settings\n{variable}=4321\nENVIRONMENT=staging\n")
                values, _ = self.printed(name, AUDITFLOW_CONFIG_FILE=str(file), ENVIRONMENT="production")
                self.assertEqual((values[variable], values["ENVIRONMENT"]), ("4321", "production"))
                file.write_text(f"ENVIRONMENT=x\n{variable}=nonsense\n")
                done = run(name, "--check-config", AUDITFLOW_CONFIG_FILE=str(file))
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"{file}:2", done.stderr)

    def test_help_version_and_wrong_arguments(self):
        for name in services.ALL:
            with self.subTest(name):
                self.assertIn(name, run(name, "--help").stdout)
                self.assertRegex(run(name, "--version").stdout, r"\d+\.\d+\.\d+")
                self.assertEqual(run(name, "--check-config").returncode, 0)
                done = run(name, "--no-such-option")
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("--no-such-option", done.stderr)


if __name__ == "__main__":
    unittest.main()
