"""Fuzz the readers: `python -m tests.fuzz --seconds 600 [--targets onnx tflite ...] [--keep FOLDER]`.

Every target runs in a child process with a limit on memory, which is started anew when it dies or hangs. A finding is
whatever is not a LayerSwitchError: another exception, the end of the process, more than 5 s, or more than 500 MB. The
file that made it is kept, one for each place in the code, ready to be copied to tests/fuzz/corpus.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .seeds import make_seeds
from .targets import TARGETS

HERE = Path(__file__).parent


def fuzz(target: str, seconds: float, seed: int, seeds: Path, keep: Path) -> tuple[int, int, int]:
    """(executions, of them refused, findings) of one target."""
    end, executed, refused, found = time.monotonic() + seconds, 0, 0, 0
    while (left := end - time.monotonic()) > 1:
        command = [sys.executable, "-m", "tests.fuzz.worker", target, str(seed), str(left), str(seeds), str(keep)]
        done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
        counts = keep / f"{target}.count"
        if counts.exists():
            numbers = [int(number) for number in counts.read_text().split()]
            counts.unlink()
            executed, refused, found = executed + numbers[0], refused + numbers[1], found + numbers[2]
            seed = numbers[3] + 1
        else:
            seed += 1
        if done.returncode:
            found += 1
            current = keep / f"{target}.current"
            how = done.stderr[-6000:]
            print(f"{target}: ended with {done.returncode}\n{how}", flush=True)
            if current.exists():
                saved = keep / f"{target}-died-{seed}"
                current.rename(saved)
                saved.with_suffix(".txt").write_text(how)
        elif done.stdout:
            print(done.stdout, end="", flush=True)
    return executed, refused, found


def main() -> int:
    """Fuzz each target in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--targets", nargs="+", choices=sorted(TARGETS), default=sorted(TARGETS))
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="where findings go (default: a new temporary folder)")
    options = parser.parse_args()
    keep = (options.keep or Path(tempfile.mkdtemp(prefix="layerswitch-fuzz-"))).absolute()
    keep.mkdir(parents=True, exist_ok=True)
    os.nice(10)
    total = 0
    with tempfile.TemporaryDirectory(prefix="layerswitch-seeds-") as folder:
        for target in options.targets:
            seeds = Path(folder, target)
            seeds.mkdir()
            make_seeds(target, seeds)
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            executed, refused, found = fuzz(target, options.seconds, options.seed, seeds, keep)
            total += found
            spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            took = f"{options.seconds:g} s ({spent:.0f} s of the processor)"
            print(f"| {target} | {took} | {executed:,} | {refused:,} | {found} |", flush=True)
    print(f"{total} findings in {keep}" if total else "no findings")
    return 1 if total else 0


if __name__ == "__main__":
    raise SystemExit(main())
