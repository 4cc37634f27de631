"""Plants each kind of violation in a small tree and expects the checker to find exactly that."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

from layers import Checker, includes_of

MODULES = {
    "core": {"depends": [], "third_party": ["tl::expected"]},
    "event": {"depends": ["core"], "third_party": ["simdjson::simdjson"]},
    "alert": {"depends": ["core", "event"], "third_party": []},
    "match": {"depends": ["core", "event"], "third_party": ["PkgConfig::auditflow_re2"]},
    "observe": {"depends": ["core"], "third_party": ["spdlog::spdlog"]},
    "generate": {"depends": ["core"], "third_party": []},
}

RE2 = "#include <re2/re2.h>"


class LayersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.sdk = pathlib.Path(folder.name).resolve() / "sdk"

    def check(self, path, *lines, modules=None):
        file = self.sdk / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#pragma once\n" + "\n".join(lines) + "\n")
        return Checker(self.sdk, modules).run()

    def assert_one(self, violations, where, reason):
        self.assertEqual(len(violations), 1, violations)
        self.assertTrue(violations[0].startswith(where), violations[0])
        self.assertIn(reason, violations[0])

    def test_accepts_what_the_table_allows(self):
        allowed = [
            ("include/auditflow/core/result.hpp", "#include <vector>", "#include <tl/expected.hpp>"),
            ("include/auditflow/match/a.hpp", '#include "auditflow/event/event.hpp"'),
            ("include/auditflow/alert/a.hpp", '#include "auditflow/event/event.hpp"'),
            ("src/match/a.cpp", '#include "src/match/b.hpp"', "#include <re2/re2.h>"),
            ("src/observe/a.cpp", "#include <fmt/format.h>", "#include <spdlog/logger.h>"),
            ("src/event/b.cpp", '#include "src/core/wide_multiply.hpp"', "#include <simdjson.h>"),
            ("src/core/a.cpp", "#include <sys/random.h>", "#include <unistd.h>"),
            ("cli/main.cpp", '#include "auditflow/match/a.hpp"', "#include <CLI/CLI.hpp>"),
        ]
        for path, *lines in allowed:
            self.assertEqual(self.check(path, *lines, modules=MODULES), [])

    def test_refuses_an_arrow_that_points_up(self):
        self.assert_one(
            self.check("include/auditflow/event/a.hpp", "", '#include "auditflow/match/m.hpp"'),
            "sdk/include/auditflow/event/a.hpp:3:",
            "event (layer 1) may not use match (layer 3)",
        )

    def test_refuses_neighbours_of_one_layer(self):
        self.assert_one(
            self.check("src/store/a.cpp", '#include "auditflow/broker/broker.hpp"'),
            "sdk/src/store/a.cpp:2:",
            "of one layer",
        )
        (self.sdk / "src/store/a.cpp").unlink()
        self.assert_one(
            self.check("src/event/a.cpp", '#include "auditflow/alert/alert.hpp"'),
            "sdk/src/event/a.cpp:2:",
            "of one layer",
        )

    def test_holds_generate_to_core_and_event(self):
        self.assert_one(
            self.check("src/generate/a.cpp", '#include "auditflow/alert/alert.hpp"'),
            "sdk/src/generate/a.cpp:2:",
            "generate may use only core, event",
        )

    def test_refuses_a_module_that_is_in_no_layer(self):
        self.assert_one(self.check("src/novel/a.cpp", ""), "sdk/src/novel/a.cpp", "has no layer")
        (self.sdk / "src/novel/a.cpp").unlink()
        self.assert_one(
            self.check("src/core/a.cpp", '#include "auditflow/novel/a.hpp"'),
            "sdk/src/core/a.cpp:2:",
            "there is no module novel",
        )

    def test_refuses_private_headers_of_others_and_in_public_headers(self):
        self.assert_one(
            self.check("src/match/a.cpp", '#include "src/event/document.hpp"'),
            "sdk/src/match/a.cpp:2:",
            "private headers of event",
        )
        (self.sdk / "src/match/a.cpp").unlink()
        self.assert_one(
            self.check("include/auditflow/match/a.hpp", '#include "src/match/b.hpp"'),
            "sdk/include/auditflow/match/a.hpp:2:",
            "may not include a private one",
        )

    def test_refuses_third_party_and_system_headers_in_public_headers(self):
        cases = [
            ("include/auditflow/event/a.hpp", "#include <simdjson.h>", "no third-party header"),
            ("include/auditflow/event/a.hpp", "#include <tl/expected.hpp>", "no third-party header"),
            ("include/auditflow/event/a.hpp", "#include <unheard/of.h>", "no third-party header"),
            ("include/auditflow/http/a.hpp", "#  include <sys/socket.h>", "standard headers only"),
        ]
        for path, line, reason in cases:
            self.assert_one(self.check(path, line), f"sdk/{path}:2:", reason)
            (self.sdk / path).unlink()

    def test_refuses_an_unknown_third_party_header_in_a_source(self):
        self.assert_one(
            self.check("src/event/a.cpp", "#include <unheard/of.h>"),
            "sdk/src/event/a.cpp:2:",
            "unknown third-party header",
        )

    def test_refuses_headers_written_without_their_place(self):
        self.assert_one(
            self.check("src/event/a.cpp", '#include "event.hpp"'), "sdk/src/event/a.cpp:2:", "write project"
        )
        (self.sdk / "src/event/a.cpp").unlink()
        self.assert_one(
            self.check("src/event/a.cpp", "#include <auditflow/core/result.hpp>"),
            "sdk/src/event/a.cpp:2:",
            "in quotes",
        )

    def test_refuses_what_the_build_does_not_declare(self):
        self.assert_one(
            self.check("src/match/a.cpp", '#include "auditflow/sigma/a.hpp"', RE2, modules=MODULES),
            "sdk/src/match/a.cpp:2:",
            "does not declare it",
        )
        (self.sdk / "src/match/a.cpp").unlink()
        self.assert_one(
            self.check("src/match/a.cpp", "#include <nlohmann/json.hpp>", RE2, modules=MODULES),
            "sdk/src/match/a.cpp:2:",
            "does not link nlohmann_json::nlohmann_json",
        )

    def test_refuses_a_library_that_is_linked_for_nothing(self):
        self.assert_one(
            self.check("src/match/a.cpp", "#include <vector>", modules=MODULES),
            "sdk/CMakeLists.txt",
            "match links PkgConfig::auditflow_re2 but does not use it",
        )

    def test_refuses_declarations_against_the_table(self):
        modules = {**MODULES, "core": {"depends": ["event"], "third_party": []}}
        self.assert_one(
            self.check("src/core/a.cpp", "", modules=modules),
            "sdk/CMakeLists.txt",
            "core (layer 0) may not use event (layer 1)",
        )

    def test_refuses_private_headers_in_the_command_and_the_examples(self):
        for path, name in [
            ("cli/main.cpp", "sdk/cli/main.cpp"),
            ("../examples/first/main.cpp", "examples/first/main.cpp"),
        ]:
            self.assert_one(
                self.check(path, '#include "src/match/b.hpp"'),
                f"{name}:2:",
                "only modules may include private headers",
            )
            (self.sdk / path).unlink()

    def test_reads_includes_in_every_spelling(self):
        text = '#include <a>\n  #  include "b/c.hpp"\n// #include <no>\n#include<d>\n'
        found = [(i.line, i.path) for i in includes_of(text)]
        self.assertEqual(found, [(1, "a"), (2, "b/c.hpp"), (4, "d")])

    def test_program_prints_the_violation_and_fails(self):
        program = pathlib.Path(__file__).with_name("layers.py")
        self.check("src/event/a.cpp", '#include "auditflow/match/m.hpp"')
        run = subprocess.run(
            [sys.executable, program, self.sdk], capture_output=True, text=True, check=False
        )
        self.assertEqual(run.returncode, 1)
        self.assertIn("sdk/src/event/a.cpp:2: event (layer 1) may not use match", run.stdout)

    def test_program_refuses_a_folder_without_sources(self):
        self.sdk.mkdir(parents=True)
        program = pathlib.Path(__file__).with_name("layers.py")
        run = subprocess.run(
            [sys.executable, program, self.sdk], capture_output=True, text=True, check=False
        )
        self.assertEqual(run.returncode, 2)


if __name__ == "__main__":
    unittest.main()
