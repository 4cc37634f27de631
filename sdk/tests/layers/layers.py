"""Checks every #include of the SDK against the layer table.

    layers.py SDK_FOLDER [--modules modules.json]

modules.json (written by CMake) says what each module declares: {"event": {"depends": ["core"],
"third_party": ["simdjson::simdjson"]}, …}. With it, an include must also be declared: an installed
static library whose dependency is missing from the export would fail only at a user's link.

Prints one "file:line: reason" per violation and exits 1 if there is one.
"""

import argparse
import json
import pathlib
import re
import sys
from typing import Iterator, NamedTuple

LAYERS = {
    "core": 0,
    "config": 1,
    "event": 1,
    "alert": 1,
    "sigma": 2,
    "match": 3,
    "correlate": 3,
    "broker": 3,
    "store": 3,
    "notify": 3,
    "observe": 3,
    "generate": 3,
    "input": 3,
    "pipeline": 4,
    "rabbitmq": 4,
    "redis": 4,
    "postgres": 4,
    "http": 4,
    "curl": 4,
    "api": 5,
    "service": 6,
}

# Within one layer modules do not know each other, but for these (from, to).
SAME_LAYER = {("alert", "event"), ("notify", "observe")}

# A module that is held to less than its layer would allow.
ONLY = {"config": {"core"}, "generate": {"core", "event"}, "input": {"core"}}

# Modules whose private headers other modules may include: small helpers that are no public interface.
SHARED_PRIVATE = {"core"}

# The one third-party type that is part of the public interface, and where.
PUBLIC_THIRD_PARTY = {"core": {"tl::expected"}}

# Include prefix → CMake target.
THIRD_PARTY = {
    "tl/": "tl::expected",
    "simdjson": "simdjson::simdjson",
    "nlohmann/": "nlohmann_json::nlohmann_json",
    "yaml.h": "PkgConfig::auditflow_yaml",
    "re2/": "PkgConfig::auditflow_re2",
    "sqlite3.h": "SQLite::SQLite3",
    "prometheus/": "prometheus-cpp::core",
    "spdlog/": "spdlog::spdlog",
    "fmt/": "fmt::fmt",
    "boost/": "Boost::headers",
    "amqp": "rabbitmq::rabbitmq",
    "zlib.h": "ZLIB::ZLIB",
    "lzma.h": "LibLZMA::LibLZMA",
    "zstd": "PkgConfig::auditflow_zstd",
    "pqxx/": "PkgConfig::auditflow_pqxx",
    "hiredis/": "PkgConfig::auditflow_hiredis",
    "openssl/": "OpenSSL::Crypto",
    "curl/": "CURL::libcurl",
}

# spdlog brings fmt, whose headers may then be used as well.
BRINGS = {"spdlog::spdlog": {"fmt::fmt"}}

STANDARD = re.compile(r"[a-z_0-9]+$")  # <vector>: standard headers have no suffix and no folder
# Of the system; fine in sources, never in a public header.
SYSTEM = re.compile(
    r"(sys|netinet|arpa|linux|net)/[a-z_0-9/]+\.h$"
    r"|(unistd|fcntl|poll|netdb|signal|dirent|pthread|errno|dlfcn|sched|time|termios|pwd|grp|ftw"
    r"|immintrin|emmintrin|x86intrin|cpuid|execinfo|syslog|spawn|endian|string|stdlib|malloc)\.h$"
)

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<([^>]+)>|"([^"]+)")')
SUFFIXES = {".hpp", ".cpp", ".h", ".cc", ".ipp", ".inc"}


class Include(NamedTuple):
    line: int
    path: str
    quoted: bool


def includes_of(text: str) -> Iterator[Include]:
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield Include(number, found.group(1) or found.group(2), found.group(2) is not None)


def third_party_target(path: str) -> str | None:
    for prefix, target in THIRD_PARTY.items():
        if path.startswith(prefix):
            return target
    return None


class Checker:
    def __init__(self, sdk: pathlib.Path, modules: dict | None = None):
        self.sdk = sdk
        self.modules = modules
        self.violations: list[str] = []
        self.checked = 0

    def run(self) -> list[str]:
        self._check_declared_dependencies()
        for folder in ("include/auditflow", "src"):
            for path in sorted((self.sdk / folder).rglob("*")):
                if path.suffix in SUFFIXES:
                    self._check_module_file(path, public=folder.startswith("include"))
        self._check_links_are_used()
        for folder in ("cli", "../examples", "../reference-services"):
            for path in sorted((self.sdk / folder).rglob("*")):
                if path.suffix in SUFFIXES:
                    self._check_consumer_file(path.resolve())
        return self.violations

    def _report(self, where: str, reason: str) -> None:
        self.violations.append(f"{where}: {reason}")

    def _check_declared_dependencies(self) -> None:
        for name, declared in (self.modules or {}).items():
            if name not in LAYERS:
                self._report("sdk/CMakeLists.txt", f"module {name} has no layer; add it to layers.py")
                continue
            for other in declared["depends"]:
                self._check_edge("sdk/CMakeLists.txt", name, other)

    def _check_edge(self, where: str, module: str, other: str) -> None:
        if other == module:
            return
        if other not in LAYERS:
            self._report(where, f"there is no module {other}")
            return
        if module in ONLY and other not in ONLY[module]:
            self._report(where, f"{module} may use only {', '.join(sorted(ONLY[module]))}, not {other}")
        elif LAYERS[other] > LAYERS[module]:
            self._report(
                where,
                f"{module} (layer {LAYERS[module]}) may not use {other} (layer {LAYERS[other]})",
            )
        elif LAYERS[other] == LAYERS[module] and (module, other) not in SAME_LAYER:
            self._report(where, f"{module} and {other} are of one layer and may not use each other")

    def _check_module_file(self, path: pathlib.Path, public: bool) -> None:
        base = self.sdk / ("include/auditflow" if public else "src")
        module = path.relative_to(base).parts[0]
        name = path.relative_to(self.sdk.parent).as_posix()
        self.checked += 1
        if module not in LAYERS:
            self._report(name, f"module {module} has no layer; add it to layers.py")
            return
        for include in includes_of(path.read_text(encoding="utf-8")):
            where = f"{name}:{include.line}"
            parts = include.path.split("/")
            if parts[0] == "auditflow":
                self._check_module_include(where, module, include, parts)
            elif parts[0] == "src":
                self._check_private_include(where, module, parts, public)
            elif parts[0] == "embedded":  # generated by auditflow_embed_text
                if public:
                    self._report(where, "a public header may not include a generated one")
            elif include.quoted:
                self._report(where, f'"{include.path}": write project headers as auditflow/… or src/…')
            else:
                self._check_foreign_include(where, module, include.path, public)

    def _check_module_include(self, where: str, module: str, include: Include, parts: list) -> None:
        if not include.quoted:
            self._report(where, f'<{include.path}>: write project headers in quotes')
        if len(parts) < 3:
            self._report(where, f'"{include.path}" names no module')
            return
        other = parts[1]
        before = len(self.violations)
        self._check_edge(where, module, other)
        if len(self.violations) == before and not self._declares(module, other):
            self._report(where, f"{module} uses {other} but does not declare it in sdk/CMakeLists.txt")

    def _declares(self, module: str, other: str) -> bool:
        if self.modules is None or module == other or module not in self.modules:
            return True
        return other in self.modules[module]["depends"]

    def _check_private_include(self, where: str, module: str, parts: list, public: bool) -> None:
        if public:
            self._report(where, "a public header may not include a private one")
        elif parts[1] != module and parts[1] not in SHARED_PRIVATE:
            self._report(where, f"{module} may not include private headers of {parts[1]}")

    def _check_foreign_include(self, where: str, module: str, path: str, public: bool) -> None:
        if STANDARD.match(path):
            return
        if SYSTEM.match(path):
            if public:
                self._report(where, f"<{path}>: a public header includes standard headers only")
            return
        target = third_party_target(path)
        if public:
            if target not in PUBLIC_THIRD_PARTY.get(module, set()):
                self._report(where, f"<{path}>: no third-party header in a public header")
        elif target is None:
            self._report(where, f"<{path}>: unknown third-party header; add it to layers.py")
        elif not self._links(module, target):
            self._report(where, f"<{path}>: {module} does not link {target} in sdk/CMakeLists.txt")

    def _links(self, module: str, target: str) -> bool:
        # tl::expected reaches everyone through core.
        if self.modules is None or module not in self.modules or target == "tl::expected":
            return True
        linked = set(self.modules[module]["third_party"])
        for library in list(linked):
            linked |= BRINGS.get(library, set())
        return target in linked

    def _check_links_are_used(self) -> None:
        for module, declared in (self.modules or {}).items():
            used = self._third_party_of(self.sdk / "src" / module)
            if used is None:
                continue
            checked = set(declared["third_party"]) & set(THIRD_PARTY.values())
            for target in sorted(checked - PUBLIC_THIRD_PARTY.get(module, set())):
                if not ({target} | BRINGS.get(target, set())) & used:
                    self._report("sdk/CMakeLists.txt", f"{module} links {target} but does not use it")

    @staticmethod
    def _third_party_of(folder: pathlib.Path) -> set | None:
        """@return nothing for a folder without sources."""
        files = [path for path in folder.rglob("*") if path.suffix in SUFFIXES]
        texts = [path.read_text(encoding="utf-8") for path in files]
        targets = {third_party_target(each.path) for text in texts for each in includes_of(text)}
        return targets if files else None

    def _check_consumer_file(self, path: pathlib.Path) -> None:
        name = path.relative_to(self.sdk.parent).as_posix()
        self.checked += 1
        for include in includes_of(path.read_text(encoding="utf-8")):
            if include.path.startswith("src/"):
                self._report(f"{name}:{include.line}", "only modules may include private headers")


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks #include lines against the layer table.")
    parser.add_argument("sdk", type=pathlib.Path, help="the folder sdk/ of the source tree")
    parser.add_argument("--modules", type=pathlib.Path, help="modules.json written by CMake")
    arguments = parser.parse_args()
    modules = json.loads(arguments.modules.read_text()) if arguments.modules else None
    checker = Checker(arguments.sdk.resolve(), modules)
    violations = checker.run()
    for violation in violations:
        print(violation)
    if checker.checked == 0:
        print(f"{arguments.sdk}: no source files found", file=sys.stderr)
        return 2
    print(f"layers: {checker.checked} files, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
