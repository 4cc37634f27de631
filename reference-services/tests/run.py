"""Runs a test file with the Python environment that scripts/bootstrap makes.

    run.py FILE [UNITTEST ARGUMENT...]

Exits with 77 where that environment is missing, which ctest shows as skipped.
"""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main() -> None:
    venv = pathlib.Path(os.environ.get("AUDITFLOW_TEST_VENV", ROOT / "build" / "test-venv"))
    python = venv / "bin" / "python"
    if not python.exists() or not (venv / "requirements.txt").exists():
        print(f"skipped: no Python environment in {venv} (scripts/bootstrap test makes it)")
        sys.exit(77)
    sys.stdout.flush()
    os.execv(python, [str(python), "-B", *sys.argv[1:]])


if __name__ == "__main__":
    main()
