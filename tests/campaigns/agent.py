"""SIGKILL of the agent at random moments of profiling and running: told, recovered from, nothing left behind."""

import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from layerswitch.boards.board import Board
from layerswitch.boards.client.local_channel import LocalChannel
from layerswitch.boards.registry import BoardEntry, find
from layerswitch.errors import BoardError
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.assignment import Assignment
from layerswitch.network.formats import open_model

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
    """End the agent of a board in this computer `times` times; what became of it."""
    started: list[LocalChannel] = []
    with tempfile.TemporaryDirectory(prefix="layerswitch-agent-") as name:
        folder = Path(name)

        def connect(_entry: BoardEntry) -> LocalChannel:
            started.append(LocalChannel(arguments=("--cache", name)))
            return started[-1]

        with Board.connect(find(BOARD), connect=connect) as board:
            figures = kills(board, lambda: started[-1].pid, times, random.Random(seed), longest)
        return tidy(figures, folder, len(children()))


def kills(board: Board, victim: Callable[[], int], times: int, chance: random.Random, longest: float) -> dict[str, int]:
    """End the process that `victim` names at random moments of profiling and running on a board."""
    model = open_model(NETWORK)
    assignment = Assignment({layer.name: chance.choice(("CPU", "GPU")) for layer in model.graph.layers})
    told = finished = parts = broken = 0
    board.profile(model, ProfileSettings(2, 1)).whole()
    before = held()
    for turn in range(times):
        timer = threading.Timer(chance.random() * longest, _end, (victim,))
        timer.start()
        measure = partial(board.run, model, assignment, runs=400, warmup=3)
        outcome = measure() if turn % 2 else board.profile(model, ProfileSettings(20, 1))
        finished += outcome.error is None
        told += outcome.error is not None
        parts += outcome.error is not None and outcome.value is not None
        timer.join()
        time.sleep(0.01)
        board.restart()
        try:
            board.run(model, assignment, runs=1, warmup=0).whole()
        except BoardError as error:
            print(f"turn {turn}: not recovered: {error}")
            broken += 1
            board.restart()
    after = held()
    if after != before:
        print(f"held before {before}, after {after}")
        broken += 1
    return {"killed": times, "told": told, "with partial results": parts, "had finished": finished, "broken": broken}


def _end(victim: Callable[[], int]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim(), signal.SIGKILL)


def tidy(figures: dict[str, int], folder: Path, processes: int) -> dict[str, int]:
    """The figures, broken where processes are left or hidden files in the board's folder."""
    files = [one.name for one in folder.rglob("*") if one.name.startswith(".") and one.is_file()]
    if processes or files:
        print(f"processes left: {processes}, temporary files left: {files}")
        figures["broken"] += 1
    return figures
