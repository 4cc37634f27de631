"""Checks what the documents promise about the rest of the repository.

    documents.py ROOT

Every relative link in a *.md file leads to a file or folder that is there, and its #fragment to a heading.
Every code block under `<!-- snippet: PATH -->` (relative to the root) stands in that file as it is shown;
a line with only `…` stands for what was left out, and indentation that all lines share does not matter.

Prints one "file:line: reason" per fault and exits 1 if there is one.
"""

import pathlib
import re
import sys
import textwrap
from typing import Iterator

SKIPPED = {"build", ".git", "var", "node_modules", ".venv"}
FENCE = re.compile(r"^\s*(```+|~~~+)")
CODE_SPAN = re.compile(r"`[^`]*`")
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)")  # the text before it may stand on an earlier line
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
SNIPPET = re.compile(r"^\s*<!--\s*snippet:\s*(\S+)\s*-->\s*$")


def documents(root: pathlib.Path) -> Iterator[pathlib.Path]:
    for path in sorted(root.rglob("*.md")):
        if not SKIPPED & set(path.relative_to(root).parts):
            yield path


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines outside of fenced code."""
    fence = None
    for number, line in enumerate(text.splitlines(), 1):
        mark = FENCE.match(line)
        if fence is None and mark:
            fence = mark[1]
        elif fence is not None and mark and line.strip().startswith(fence):
            fence = None
        elif fence is None:
            yield number, line


def anchors(text: str) -> set[str]:
    """Fragments as GitHub and GitLab make them from headings."""
    found: dict[str, int] = {}
    result = set()
    for _, line in prose(text):
        heading = HEADING.match(line)
        if not heading:
            continue
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        result.add(f"{slug}-{count}" if count else slug)
    return result


def check_links(document: pathlib.Path, text: str) -> Iterator[tuple[int, str]]:
    for number, line in prose(text):
        for target in LINK.findall(CODE_SPAN.sub("", line)):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, fragment = target.partition("#")
            there = (document.parent / path).resolve() if path else document
            if not there.exists():
                yield number, f"link to {target}: there is no {path}"
            elif fragment and there.suffix == ".md" and fragment not in anchors(there.read_text("utf-8")):
                yield number, f"link to {target}: no heading makes #{fragment}"


def snippets(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Line number, file, and lines of each block that claims to come from a file."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        mark = SNIPPET.match(line)
        if not mark:
            continue
        start = i + 1
        if start >= len(lines) or not FENCE.match(lines[start]):
            yield i + 1, mark[1], []
            continue
        end = next((j for j in range(start + 1, len(lines)) if FENCE.match(lines[j])), len(lines))
        yield i + 1, mark[1], lines[start + 1 : end]


def parts(lines: list[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for line in [*lines, "…"]:
        if line.strip() != "…":
            part.append(line)
        elif part:
            yield part
            part = []


def stripped(lines: list[str]) -> list[str]:
    return textwrap.dedent("\n".join(lines)).strip("\n").splitlines()


def position_of(part: list[str], source: list[str], start: int) -> int | None:
    """Where the lines stand in the source from `start` on, whatever their common indentation."""
    wanted = stripped(part)
    for at in range(start, len(source) - len(wanted) + 1):
        if stripped(source[at : at + len(wanted)]) == wanted:
            return at
    return None


def check_snippets(root: pathlib.Path, text: str) -> Iterator[tuple[int, str]]:
    for number, name, lines in snippets(text):
        file = root / name
        if not file.is_file():
            yield number, f"snippet of {name}: there is no such file"
            continue
        if not lines:
            yield number, f"snippet of {name}: no code block follows"
            continue
        source = file.read_text("utf-8").splitlines()
        at = 0
        for part in parts(lines):
            found = position_of(part, source, at)
            if found is None:
                first = stripped(part)[0]
                yield number, f"snippet of {name}: the file does not have these lines, from '{first}'"
                break
            at = found + len(stripped(part))


def faults(root: pathlib.Path) -> Iterator[str]:
    for document in documents(root):
        text = document.read_text("utf-8")
        for number, reason in [*check_links(document, text), *check_snippets(root, text)]:
            yield f"{document.relative_to(root)}:{number}: {reason}"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = list(faults(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
