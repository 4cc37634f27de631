"""The checker of the documents against planted faults."""

import pathlib
import tempfile
import unittest

import documents


class Documents(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def faults(self) -> list[str]:
        return list(documents.faults(self.root.resolve()))

    def test_finds_a_link_to_a_missing_file(self) -> None:
        self.write("a.md", "see [b](docs/b.md)\n")
        self.assertEqual(self.faults(), ["a.md:1: link to docs/b.md: there is no docs/b.md"])

    def test_resolves_links_from_the_document_that_holds_them(self) -> None:
        self.write("docs/a.md", "[up](../b.md) [beside](c.md) [folder](../docs)\n")
        self.write("b.md", "")
        self.write("docs/c.md", "")
        self.assertEqual(self.faults(), [])

    def test_finds_a_fragment_without_a_heading(self) -> None:
        self.write("a.md", "# What it is, and why\n[1](#what-it-is-and-why) [2](#gone)\n")
        self.assertEqual(self.faults(), ["a.md:2: link to #gone: no heading makes #gone"])

    def test_passes_over_other_places_and_code(self) -> None:
        self.write("a.md", "[x](https://example.org/x) `[y](y.md)`\n```\n[z](z.md)\n```\n")
        self.assertEqual(self.faults(), [])

    def test_accepts_lines_of_a_file_at_another_indentation_and_with_gaps(self) -> None:
        self.write("m.cpp", "int main() {\n  if (a) {\n    b();\n  }\n  c();\n  d();\n}\n")
        self.write("a.md", "<!-- snippet: m.cpp -->\n```cpp\nif (a) {\n  b();\n}\n…\nd();\n```\n")
        self.assertEqual(self.faults(), [])

    def test_finds_a_snippet_that_drifted(self) -> None:
        self.write("m.cpp", "c();\n")
        self.write("a.md", "<!-- snippet: m.cpp -->\n```cpp\nb();\n```\n")
        self.assertEqual(len(self.faults()), 1)
        self.assertIn("'b();'", self.faults()[0])

    def test_finds_snippet_parts_in_the_wrong_order(self) -> None:
        self.write("m.cpp", "b();\nc();\n")
        self.write("a.md", "<!-- snippet: m.cpp -->\n```cpp\nc();\n…\nb();\n```\n")
        self.assertEqual(len(self.faults()), 1)

    def test_finds_a_snippet_of_no_file_and_one_without_code(self) -> None:
        self.write("m.cpp", "b();\n")
        self.write("a.md", "<!-- snippet: n.cpp -->\n```\nb();\n```\n<!-- snippet: m.cpp -->\ntext\n")
        self.assertEqual(len(self.faults()), 2)


if __name__ == "__main__":
    unittest.main()
