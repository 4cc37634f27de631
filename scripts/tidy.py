"""clang-tidy over all translation units of a build, with a memory.

A unit that was clean is skipped until its compile command, the configuration, the tool, or one of
the files that it includes changes; what was looked at is kept in BUILD/tidy-cache. Called by
scripts/lint.
"""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys

TIDY = "clang-tidy-14"
# The compiler's own warnings, thread-safety analysis among them, count as findings.
CHECKS = "clang-diagnostic-*"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Fingerprints:
    """Content hashes of files; each file is read once."""

    def __init__(self):
        self._known = {}

    def of(self, path: str) -> str | None:
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    @staticmethod
    def _read(path: str) -> str | None:
        try:
            # Headers of packages change with the package: size and time say so without reading.
            if path.startswith("/usr/"):
                status = pathlib.Path(path).stat()
                return f"{status.st_size}:{status.st_mtime_ns}"
            return sha256(pathlib.Path(path).read_bytes())
        except OSError:
            return None


class Unit:
    def __init__(self, entry: dict, cache: pathlib.Path, salt: str):
        self.file = str(pathlib.Path(entry["directory"], entry["file"]).resolve())
        self.directory = entry["directory"]
        self.command = shlex.split(entry["command"])
        self._salt = sha256((salt + entry["command"]).encode())
        self._memory = cache / (sha256(self.file.encode())[:32] + ".json")

    def is_known_clean(self, fingerprints: Fingerprints) -> bool:
        try:
            memory = json.loads(self._memory.read_text())
        except (OSError, ValueError):
            return False
        return memory["salt"] == self._salt and all(
            fingerprints.of(path) == print_ for path, print_ in memory["files"].items()
        )

    def remember_clean(self, fingerprints: Fingerprints, files: list[str]) -> None:
        memory = {"salt": self._salt, "files": {path: fingerprints.of(path) for path in files}}
        self._memory.write_text(json.dumps(memory))

    def included_files(self) -> list[str]:
        command = self._without_output() + ["-M", "-MT", "unit"]
        run = subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, check=True
        )
        names = run.stdout.replace("\\\n", " ").split()[1:]
        return sorted({str(pathlib.Path(self.directory, name).resolve()) for name in names})

    def _without_output(self) -> list[str]:
        words = [word for word in self.command if word not in ("-c", "-MD")]
        start = next(i for i, word in enumerate(words) if "clang++" in word)  # after ccache
        words = words[start:]
        for option in ("-o", "-MT", "-MF"):
            while option in words:
                at = words.index(option)
                del words[at : at + 2]
        return words

    def tidy(self, build: pathlib.Path) -> subprocess.CompletedProcess:
        return subprocess.run(
            [TIDY, "-p", str(build), "--quiet", f"--checks={CHECKS}", self.file],
            capture_output=True,
            text=True,
            check=False,
        )


def load_units(build: pathlib.Path, source: pathlib.Path) -> list[Unit]:
    cache = build / "tidy-cache"
    cache.mkdir(exist_ok=True)
    version = subprocess.run([TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    salt = version + CHECKS + (source / ".clang-tidy").read_text()
    units = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        unit = Unit(entry, cache, salt)
        # Generated units only include headers that other units show as well.
        if unit.file.startswith(f"{source}/") and not unit.file.startswith(f"{source}/build/"):
            units.setdefault(unit.file, unit)
    return list(units.values())


def check(unit: Unit, build: pathlib.Path, fingerprints: Fingerprints) -> str:
    """@return the findings, empty if there are none."""
    run = unit.tidy(build)
    if run.returncode == 0 and not run.stdout.strip():
        try:
            unit.remember_clean(fingerprints, unit.included_files())
        except subprocess.CalledProcessError as error:
            return f"{unit.file}: cannot list its includes: {error.stderr}"
        return ""
    return run.stdout.strip() or run.stderr.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs clang-tidy where something has changed.")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    build, source = arguments.build.resolve(), arguments.source.resolve()

    fingerprints = Fingerprints()
    units = load_units(build, source)
    due = [unit for unit in units if not unit.is_known_clean(fingerprints)]
    print(f"tidy: {len(due)} of {len(units)} files to look at", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        runs = {pool.submit(check, unit, build, fingerprints): unit for unit in due}
        for run in concurrent.futures.as_completed(runs):
            if findings := run.result():
                failed += 1
                print(findings.replace(f"{source}/", ""), flush=True)
    print(f"tidy: {len(units) - failed} clean, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
