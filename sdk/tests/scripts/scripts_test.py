"""The scripts' help, their answers to wrong usage, and bootstrap against a pretended machine."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
REQUIREMENTS = ROOT / "reference-services" / "tests" / "requirements.txt"
SCRIPTS = ["bootstrap", "run", "test", "lint", "bench", "fuzz"]


def run(script, *arguments, **options):
    """Runs a script from a folder that is not the project's."""
    return subprocess.run(
        [ROOT / "scripts" / script, *arguments],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,
    )


class UsageTest(unittest.TestCase):
    def test_every_program_in_scripts_is_tested_here(self):
        found = {path.name for path in (ROOT / "scripts").iterdir() if os.access(path, os.X_OK)}
        self.assertEqual({name for name in found if "." not in name and name != "__pycache__"}, set(SCRIPTS))

    def test_help_explains_and_succeeds(self):
        for script in SCRIPTS:
            for option in ("--help", "-h"):
                with self.subTest(script=script, option=option):
                    result = run(script, option)
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assertTrue(result.stdout.startswith(f"Usage: scripts/{script}"))
                    self.assertNotIn("set -euo", result.stdout)

    def test_wrong_usage_is_named_and_exits_with_2(self):
        cases = [
            ("bootstrap", ["--wat"], "--wat"),
            ("bootstrap", ["everything"], "everything"),
            ("test", ["--preset"], "--preset"),
            ("test", ["--preset", "release"], "release"),
            ("lint", ["--wat"], "--wat"),
            ("lint", ["spelling"], "spelling"),
            ("bench", ["--wat"], "--wat"),
            ("fuzz", ["--wat"], "--wat"),
            ("fuzz", ["--seconds"], "--seconds"),
            ("fuzz", ["--seconds", "0"], "'0'"),
            ("fuzz", ["--seconds=1m"], "'1m'"),
        ]
        for script, arguments, word in cases:
            with self.subTest(script=script, arguments=arguments):
                result = run(script, *arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(word, result.stderr)
                self.assertEqual(result.stdout, "")


class BootstrapTest(unittest.TestCase):
    """Everything that could change the machine is replaced: PATH holds only these programs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin = pathlib.Path(folder.name) / "bin"
        self.bin.mkdir()
        self.log = pathlib.Path(folder.name) / "log"
        for tool in ("bash", "env", "sort", "cut", "paste", "cat", "cp", "dirname", "mkdir", "rm"):
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.have_packages(*self.all_packages())
        self.fake("apt-get", f'echo "apt-get $*" "$DEBIAN_FRONTEND" >>"{self.log}"')
        self.be_user(0)
        self.venv = pathlib.Path(folder.name) / "venv"
        self.fake_python()
        self.have_venv()

    def have_venv(self):
        (self.venv / "bin").mkdir(parents=True)
        (self.venv / "bin" / "python").symlink_to(self.bin / "bash")
        shutil.copy(REQUIREMENTS, self.venv / "requirements.txt")

    def fake_python(self, pip_exit_code=0):
        """A python whose `-m venv FOLDER` makes a folder with a python that says how pip is called."""
        self.fake("pip", f'echo "$*" >>"{self.log}"; exit {pip_exit_code}')
        self.fake("python3", f'mkdir -p "$3/bin"; cp "{self.bin}/pip" "$3/bin/python"; echo "$*" >>"{self.log}"')

    @staticmethod
    def all_packages():
        text = (ROOT / "scripts" / "bootstrap").read_text()
        table = text.split('kPackages="')[1].split('"')[0]
        return [line.split()[1] for line in table.strip().splitlines()]

    def fake(self, name, body):
        program = self.bin / name
        program.write_text(f"#!{shutil.which('bash')}\n{body}\n")
        program.chmod(0o755)

    def have_packages(self, *names):
        lines = "".join(f"{name} installed\n" for name in names) + "re2c config-files\n"
        self.fake("dpkg-query", f"cat <<'END'\n{lines}END")

    def have_all_but(self, *names):
        self.have_packages(*[name for name in self.all_packages() if name not in names])

    def be_user(self, number):
        self.fake("id", f"echo {number}")

    def bootstrap(self, *arguments):
        environment = {
            "PATH": str(self.bin),
            "AUDITFLOW_TEST_VENV": str(self.venv),
            "AUDITFLOW_PYTHON": str(self.bin / "python3"),
        }
        return run("bootstrap", *arguments, env=environment)

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def test_a_complete_machine_is_left_alone(self):
        self.be_user(1000)
        for arguments in ([], ["run"], ["test"], ["lint"], ["bench"], ["fuzz"], ["run", "lint"], ["--check"]):
            with self.subTest(arguments=arguments):
                result = self.bootstrap(*arguments)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn("nothing to do", result.stdout)
        self.assertEqual(self.calls(), [])

    def test_installs_only_what_is_missing_and_says_why(self):
        self.have_all_but("libre2-dev", "shellcheck")
        result = self.bootstrap()
        self.assertEqual(result.returncode, 0, result.stderr)
        update, install = self.calls()
        self.assertRegex(update, r"update noninteractive$")
        self.assertRegex(install, r"install .*libre2-dev shellcheck noninteractive$")
        self.assertNotIn("cmake", install)
        self.assertIn("regular expressions", result.stdout)

    def test_a_set_leaves_out_what_only_other_sets_need(self):
        self.have_all_but("shellcheck", "libgtest-dev", "libbenchmark-dev", "llvm-14")
        self.assertEqual(self.bootstrap("run").returncode, 0)
        self.assertEqual(self.calls(), [])
        self.bootstrap("test")
        self.assertIn(" libgtest-dev noninteractive", self.calls()[-1])
        self.bootstrap("fuzz")
        self.assertIn(" llvm-14 noninteractive", self.calls()[-1])

    def test_a_removed_package_with_left_over_configuration_counts_as_missing(self):
        self.fake("dpkg-query", "echo g++ config-files")
        self.assertEqual(self.bootstrap("--check", "run").returncode, 1)

    def test_check_lists_and_changes_nothing(self):
        self.have_all_but("jq")
        result = self.bootstrap("--check")
        self.assertEqual(result.returncode, 1)
        self.assertIn("jq", result.stdout)
        self.assertEqual(self.calls(), [])

    def test_others_than_root_go_through_sudo(self):
        self.have_all_but("jq")
        self.be_user(1000)
        self.fake("sudo", 'shift; exec "$@"')  # drops -n, given because there is no terminal
        result = self.bootstrap()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(self.calls()[-1], r"install .* jq noninteractive$")

    def test_without_root_and_sudo_it_says_what_an_administrator_should_run(self):
        self.have_all_but("jq", "curl")
        self.be_user(1000)
        result = self.bootstrap()
        self.assertEqual(result.returncode, 1)
        self.assertIn("apt-get install curl jq", result.stderr)
        self.assertEqual(self.calls(), [])

    def test_a_failing_apt_is_reported(self):
        self.have_all_but("jq")
        self.fake("apt-get", "exit 100")
        result = self.bootstrap()
        self.assertEqual(result.returncode, 1)
        self.assertIn("apt-get update failed", result.stderr)

    def test_a_system_without_apt_is_told_what_it_needs(self):
        self.have_all_but("jq")
        (self.bin / "apt-get").unlink()
        result = self.bootstrap()
        self.assertEqual(result.returncode, 1)
        self.assertIn("not a Debian system", result.stderr)
        self.assertIn("jq", result.stderr)

    def test_makes_the_python_environment_once_and_for_tests_only(self):
        shutil.rmtree(self.venv)
        for other in ("run", "lint", "bench", "fuzz"):
            self.assertEqual(self.bootstrap(other).returncode, 0, other)
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.bootstrap("--check", "test").returncode, 1)
        self.assertEqual(self.calls(), [])
        result = self.bootstrap("test")
        self.assertEqual(result.returncode, 0, result.stderr)
        make, install = self.calls()
        self.assertEqual(make, f"-m venv {self.venv}")
        self.assertRegex(install, "^-m pip install .*requirements.txt$")
        self.assertIn("nothing to do", self.bootstrap("test").stdout)
        self.assertEqual(len(self.calls()), 2)

    def test_makes_the_python_environment_anew_when_its_list_has_changed(self):
        (self.venv / "requirements.txt").write_text("pika==1.0.0\n")
        self.assertEqual(self.bootstrap("test").returncode, 0)
        self.assertEqual(len(self.calls()), 2)
        self.assertEqual((self.venv / "requirements.txt").read_text(), REQUIREMENTS.read_text())

    def test_a_python_environment_that_cannot_be_made_has_its_own_exit_code_and_is_not_taken_for_made(self):
        shutil.rmtree(self.venv)
        self.fake_python(pip_exit_code=1)
        for attempt in range(2):
            result = self.bootstrap("test")
            self.assertEqual(result.returncode, 3, attempt)
            self.assertIn("tests of the services are skipped", result.stderr)
        self.assertEqual(self.bootstrap("lint").returncode, 0)


if __name__ == "__main__":
    unittest.main()
