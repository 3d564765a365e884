"""Read the corpus of one target again: `python -m tests.fuzz.replay TARGET SCRATCH [FILE ...]`."""

import os
import sys
from pathlib import Path

from .targets import TARGETS
from .worker import Watched


def main() -> int:
    """0 when every file was read or refused; what went wrong is printed."""
    target, scratch = sys.argv[1], Path(sys.argv[2])
    corpus = Path(__file__).parent / "corpus"
    files = [Path(name) for name in sys.argv[3:]] or sorted(corpus.glob(f"{target}-*"))
    files = [path for path in files if path.name.rpartition("-")[0] == target or sys.argv[3:]]
    watched, code = Watched(TARGETS[target], scratch), 0
    for path in files:
        if wrong := watched.read(path):
            print(f"{path.name}: {wrong}")
            code = 1
    print(f"{len(files)} files, {watched.refused} refused")
    return code


if __name__ == "__main__":
    result = main()
    sys.stdout.flush()
    os._exit(result)
