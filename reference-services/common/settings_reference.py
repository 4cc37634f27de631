"""Compares the page of a service's settings with what the service prints.

    settings_reference.py PROGRAM PAGE [--update]

PAGE is a heading and the output of `PROGRAM --config-reference`. Exits with 1 if it is not; with --update it is
written instead.
"""

import difflib
import pathlib
import subprocess
import sys

HEADER = """\
# Settings of {name}

What `{name} --config-reference` prints. How values are written and where they come from:
[configuration](../configuration.md).

"""


def main() -> int:
    program, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    printed = subprocess.run(
        [program, "--config-reference"], stdout=subprocess.PIPE, check=True, timeout=60, env={}
    ).stdout.decode()
    expected = HEADER.format(name=program.name) + printed.replace("### ", "## ")
    if sys.argv[3:] == ["--update"]:
        page.write_text(expected)
        return 0
    found = page.read_text() if page.exists() else ""
    if found == expected:
        return 0
    sys.stdout.writelines(
        difflib.unified_diff(found.splitlines(True), expected.splitlines(True), str(page), "what the program prints")
    )
    print("mend it with: python3", *sys.argv, "--update")
    return 1


if __name__ == "__main__":
    sys.exit(main())
