"""Runs the whole suite in three processes beside each other, since most of its time is waiting.

    python tools/run_tests.py

It is shared out folder by folder: whichever process is free takes the next. What measures on this machine, which only
one agent may at a time, all goes to the first one, before anything else. What the last one runs is printed as it goes;
what the others printed follows when all have ended. Ends with 0 when all passed.
"""

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO

MEASURING = ("tests/core/agent", "tests/core/boards")  # what the command line's tests measure on is simulated
LONG = ("tests/gui/test_story.py",)
SPLIT = ("tests/gui", "tests/core/cli", "tests/core", "tests")  # shared out by what is in them, the longest first
FEW = 6  # files
LANES = 3  # together they take about one core
NOTHING_TO_RUN = 5  # pytest's exit code: all of a folder's tests are for `make test-board`


def shares(root: Path) -> list[list[str]]:
    """What does not measure: each folder with tests, each long file, and the other files a few at a time."""
    found = [[name] for name in LONG]
    for name in SPLIT:
        folder = root / name
        files = [f"{name}/{path.name}" for path in sorted(folder.glob("test_*.py"))]
        files = [file for file in files if file not in LONG]
        found += [files[begin : begin + FEW] for begin in range(0, len(files), FEW)]
        folders = sorted({path.relative_to(folder).parts[0] for path in folder.rglob("test_*.py")})
        paths = [f"{name}/{one}" for one in folders if (folder / one).is_dir()]
        found += [[path] for path in paths if path not in (*MEASURING, *SPLIT)]
    return found


class Lane:
    """Runs one share after the other: its `own`, then what it finds in `rest`. `failed`: something did not pass."""

    def __init__(
        self, root: Path, own: Sequence[Sequence[str]], rest: deque[list[str]], output: IO[str] | None
    ) -> None:
        self._root, self._own, self._rest, self._output = root, deque(own), rest, output
        self.failed, self._stopped = False, False
        self._process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        """Until nothing is left to take."""
        while not self._stopped:
            try:
                share = (self._own or self._rest).popleft()
            except IndexError:
                return
            print(f"{share[0]}{f' and {len(share) - 1} more' if share[1:] else ''}:", file=self._output, flush=True)
            command, output = [sys.executable, "-m", "pytest", *share], self._output
            self._process = subprocess.Popen(command, cwd=self._root, stdout=output, stderr=output, text=True)
            self.failed |= self._process.wait() not in (0, NOTHING_TO_RUN)

    def stop(self) -> None:
        """End what runs."""
        self._stopped = True
        if self._process is not None:
            self._process.kill()


def main() -> int:
    """The exit code: 0, or 1 when a test failed in any."""
    root = Path(__file__).resolve().parents[1]
    rest = deque(shares(root))
    with contextlib.ExitStack() as files:
        printed = [files.enter_context(tempfile.TemporaryFile("w+")) for _ in range(LANES - 1)]
        lanes = [Lane(root, [] if number else [MEASURING], rest, output) for number, output in enumerate(printed)]
        lanes.append(Lane(root, [], rest, None))
        threads = [threading.Thread(target=lane.run) for lane in lanes[:-1]]
        try:
            for thread in threads:
                thread.start()
            lanes[-1].run()
            for thread in threads:
                thread.join()
        except BaseException:
            for lane in lanes:
                lane.stop()
            raise
        for output in printed:
            output.seek(0)
            print("\n" + output.read())
    return int(any(lane.failed for lane in lanes))


if __name__ == "__main__":
    sys.exit(main())
