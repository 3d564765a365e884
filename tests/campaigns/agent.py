"""SIGKILL of the agent at random moments of profiling and running: told, recovered from, nothing left behind."""

import os
import random
import signal
import tempfile
import threading
import time
from pathlib import Path

from layerswitch.assignment import Assignment
from layerswitch.boards.board import Board
from layerswitch.boards.catalog import BoardEntry, find
from layerswitch.boards.connection import LocalConnection
from layerswitch.errors import BoardError
from layerswitch.formats import open_model
from layerswitch.profile import ProfileSettings

BOARD, NETWORK = "sim:khadas-vim3", "squeezenet"
LONGEST = 0.6  # seconds after asking until the agent is ended: profiling takes about half of it


def children() -> set[int]:
    """Processes whose parent is this one, the dead among them that nobody waited for."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == os.getpid():
            found.add(int(entry.name))
    return found


def held() -> tuple[int, int, int]:
    """Open files, threads, child processes."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), len(children())


def campaign(times: int, seed: int, longest: float = LONGEST) -> dict[str, int]:
    """End the agent `times` times; what became of it."""
    chance = random.Random(seed)
    model = open_model(NETWORK)
    assignment = Assignment({layer.name: chance.choice(("CPU", "GPU")) for layer in model.graph.layers})
    told = finished = partial = broken = 0
    started: list[LocalConnection] = []
    with tempfile.TemporaryDirectory(prefix="layerswitch-agent-") as folder:

        def connect(_entry: BoardEntry) -> LocalConnection:
            started.append(LocalConnection(arguments=("--cache", folder)))
            return started[-1]

        with Board.connect(find(BOARD), connect=connect) as board:
            board.profile(model, ProfileSettings(2, 1))
            before = held()
            for turn in range(times):
                timer = threading.Timer(chance.random() * longest, _end, (started[-1].pid,))
                timer.start()
                try:
                    if turn % 2:
                        board.run(model, assignment, runs=400, warmup=3)
                    else:
                        board.profile(model, ProfileSettings(20, 1))
                    finished += 1
                except BoardError as error:
                    told += 1
                    partial += error.partial is not None
                timer.join()
                time.sleep(0.01)
                if not board.alive or _dead(started[-1].pid):
                    board.restart()
                try:
                    board.run(model, assignment, runs=1, warmup=0)
                except BoardError as error:
                    print(f"turn {turn}: not recovered: {error}")
                    broken += 1
                    board.restart()
            after = held()
        left = len(children())
        files = len([one for one in Path(folder).rglob("*") if one.name.startswith(".")])
    if after != before or left or files:
        print(f"held before {before}, after {after}; processes left {left}, temporary files left {files}")
        broken += 1
    return {"killed": times, "told": told, "with partial results": partial, "had finished": finished, "broken": broken}


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def _dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
