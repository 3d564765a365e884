"""One child of the fuzzer: mutates seeds and reads them, until its time is over or something kills it."""

import contextlib
import faulthandler
import hashlib
import os
import random
import resource
import sys
import time
import traceback
from pathlib import Path

from .greedy import GREEDY
from .mutations import mutate
from .targets import TARGETS, Target

MOST_SECONDS = 5.0  # of the processor, so that a busy machine finds nothing
HANGS_SECONDS = 20.0  # by the clock: the process is ended
MOST_BYTES = 500 << 20
ROOM = 4 << 30  # of address space: what takes more is refused by the system, so that the machine stays usable


def peak() -> int:
    """The most memory this process has held so far, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10
    return 0


def size() -> int:
    """This process's address space in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def limit() -> int:
    """Bound the memory; the peak so far."""
    bound = size() + ROOM
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return peak()


class Watched:
    """Reads files of one target, one after another, and says what went wrong with each."""

    def __init__(self, target: Target, scratch: Path) -> None:
        self.target, self.scratch = target, scratch
        self.base = limit()
        self.refused = 0

    def read(self, path: Path) -> str:
        """What went wrong, "" if nothing; the process ends where it hangs."""
        begin = time.process_time()
        faulthandler.dump_traceback_later(HANGS_SECONDS, exit=True)
        try:
            self.refused += not self.target(path, self.scratch)
        except BaseException:
            return traceback.format_exc()
        finally:
            faulthandler.cancel_dump_traceback_later()
        if time.process_time() - begin > MOST_SECONDS:
            return f"took {time.process_time() - begin:.1f} s"
        if peak() - self.base > MOST_BYTES:
            with contextlib.suppress(OSError):
                Path("/proc/self/clear_refs").write_text("5")
            return f"took {(peak() - self.base) >> 20} MB more than before"
        return ""


def place(wrong: str) -> str:
    """What tells findings apart: the last line of ours in the traceback."""
    lines = [line for line in wrong.splitlines() if "layerswitch" in line and line.lstrip().startswith("File")]
    return hashlib.sha256((lines[-1] if lines else wrong[:200]).encode()).hexdigest()[:8]


def main() -> int:
    """Work through random numbers from a seed on."""
    name, seed, seconds, seeds, keep = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), *map(Path, sys.argv[4:6])
    known = sorted(path for path in seeds.iterdir() if path.is_file())
    contents = [path.read_bytes() for path in known]
    current, counts = keep / f"{name}.current", keep / f"{name}.count"
    scratch = keep / f"{name}.scratch"
    scratch.mkdir(exist_ok=True)
    with contextlib.suppress(Exception):  # what reading imports is not part of the first file's time
        TARGETS[name](known[0], scratch)
    watched = Watched(TARGETS[name], scratch)
    end, executed, found = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        chance = random.Random(seed)
        data = chance.choice(contents)
        if name in GREEDY and chance.random() < 0.1:
            data = GREEDY[name](chance, data, scratch)
        else:
            data = mutate(name, chance, data, contents)
        current.write_bytes(data)
        counts.write_text(f"{executed} {watched.refused} {found} {seed}")
        wrong = watched.read(current)
        executed += 1
        if wrong:
            saved = keep / f"{name}-{place(wrong)}"
            if not saved.exists():
                found += 1
                saved.write_bytes(data)
                saved.with_suffix(".txt").write_text(f"seed {seed}\n{wrong}")
                print(f"{name}, seed {seed}: {wrong.strip().splitlines()[-1][:200]}", flush=True)
        seed += 1
    counts.write_text(f"{executed} {watched.refused} {found} {seed}")
    current.unlink()
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
