"""Runs the whole suite in two processes beside each other, since most of its time is waiting.

    python tools/run_tests.py

One runs what measures on this machine, which only one agent may at a time; the other all else, and prints as it goes.
What the first printed follows when both have ended. Ends with 0 when both passed.
"""

import subprocess
import sys
import tempfile

MEASURING = ("tests/core/agent", "tests/core/boards", "tests/core/cli")
PYTEST = (sys.executable, "-m", "pytest")


def main() -> int:
    """The exit code: 0, or 1 when a test failed in either."""
    with tempfile.TemporaryFile("w+") as printed:
        measuring = subprocess.Popen([*PYTEST, *MEASURING], stdout=printed, stderr=subprocess.STDOUT)
        try:
            others = subprocess.run([*PYTEST, *(f"--ignore={folder}" for folder in MEASURING)], check=False).returncode
            of_measuring = measuring.wait()
        finally:
            measuring.kill()
        printed.seek(0)
        print("\n" + " ".join(MEASURING) + ":\n" + printed.read())
    return int(bool(others or of_measuring))


if __name__ == "__main__":
    sys.exit(main())
