"""Long use: `python tests/campaigns/long_use.py [--window] [--edits 500] [--runs 100] [--models 50]`.

A document in this process (offscreen), or with --window the whole window, shown, its panels brought forward in turns:
edits with undo and redo, runs on a simulated board, and networks opened one after another. Memory is looked at after
every fifth part, once everything has settled; it may grow by 5 % from the first look to the last, and open files and
threads not at all.
"""

import argparse
import contextlib
import gc
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from layerswitch import plan
from layerswitch.boards.board import Board
from layerswitch.boards.registry import find
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.formats import bundled_models, open_model
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch_gui.app import launch
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme

GROWTH = 0.05
BOARD, NETWORK = "sim:khadas-vim3", "googlenet"


class Steps(NamedTuple):
    """One edit, one run, one network opened."""

    edit: Callable[[int], None]
    run: Callable[[int], None]
    switch: Callable[[int], None]


def held() -> tuple[float, int, int]:
    """Resident MB, open files, threads."""
    for _ in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return (
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        len(list(Path("/proc/self/fd").iterdir())),
        threading.active_count(),
    )


def watch(title: str, step: Callable[[int], None], times: int) -> bool:
    """Whether it stayed flat; prints what was held."""
    for number in range(max(5, times // 5)):  # caches fill
        step(number)
    looks = [held()]
    for part in range(5):
        for number in range(times // 5):
            step(part * (times // 5) + number)
        looks.append(held())
    growth = looks[-1][0] / looks[0][0] - 1
    flat = growth <= GROWTH and looks[-1][1:] <= looks[0][1:]
    memory = ", ".join(f"{look[0]:.0f}" for look in looks)
    print(
        f"{title}: {times} times, MB {memory} ({growth:+.1%}), files {looks[0][1]} to {looks[-1][1]}, "
        f"threads {looks[0][2]} to {looks[-1][2]}: {'flat' if flat else 'GROWS'}",
        flush=True,
    )
    return flat


def edit(document: Document, chance: random.Random, number: int) -> None:
    """Flip a layer; every third time take it back and do it again."""
    if number % 100 == 0:
        document.undo_stack.clear()
    document.flip(chance.choice(list(document.assignment)))
    if number % 3 == 0:
        document.undo_stack.undo()
        document.undo_stack.redo()


@contextlib.contextmanager
def document_alone() -> Iterator[Steps]:
    """Document, planner and board; nothing is shown."""
    chance, document = random.Random(0), Document()
    names = [model.name for model in bundled_models()]
    with Board.connect(find(BOARD)) as board:
        model = open_model(NETWORK)
        profile = board.profile(model, ProfileSettings(3, 1)).whole()
        latency = LatencyModel.from_profile(profile)
        document.open(None, graph=profile.graph)
        document.set_profile(profile, latency)
        document.set_plan(plan(latency, profile.board))
        yield Steps(
            lambda number: edit(document, chance, number),
            lambda number: board.run(model, document.assignment, runs=5, warmup=1, seed=number).whole() and None,
            lambda number: document.open(open_model(names[number % len(names)])),
        )


@contextlib.contextmanager
def whole_window() -> Iterator[Steps]:
    """The window as a person has it, every panel brought forward again and again."""
    chance, theme = random.Random(0), Theme("light")
    theme.apply()
    answers: Any = type("Answers", (), {"lose_work": lambda *_: "discard", "stop_work": lambda *_: True})()
    window = MainWindow(theme, questions=answers)
    document, bench = window.document, window.workbench
    window.fill_choices()
    window.opening.choose_board(BOARD)
    bench.profile_runs, bench.runs = 3, 5
    names = [model.name for model in bundled_models()]

    def settle() -> None:
        end = time.monotonic() + 120
        QApplication.processEvents()
        while (bench.runner.jobs or not window.views.ready) and time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.002)
        QApplication.processEvents()
        assert not window.messages.isVisible(), window.messages.details

    def bring(number: int) -> None:
        panels = list(window.docks)
        window.bring(panels[number % len(panels)])

    def one_edit(number: int) -> None:
        edit(document, chance, number)
        if number % 10 == 0:
            bring(number // 10)
            document.select(chance.sample(list(document.assignment), 2))
        QApplication.processEvents()

    def one_run(number: int) -> None:
        bring(number)
        bench.rerun()
        settle()

    def switch(number: int) -> None:
        window.opening.open(names[number % len(names)], profile=number % 5 == 0)
        settle()
        bring(number)

    window.show()
    window.opening.open(NETWORK, profile=True)
    settle()
    yield Steps(one_edit, one_run, switch)
    window.close()
    window.deleteLater()


def main() -> int:
    """Run all three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--window", action="store_true", help="the whole window instead of the document")
    for name, count in (("edits", 500), ("runs", 100), ("models", 50)):
        parser.add_argument(f"--{name}", type=int, default=count)
    options = parser.parse_args()
    application = launch.application()
    with whole_window() if options.window else document_alone() as steps:
        flat = [
            watch("edits with undo and redo", steps.edit, options.edits),
            watch("runs", steps.run, options.runs),
            watch("networks opened", steps.switch, options.models),
        ]
    held()
    del application
    return 0 if all(flat) else 1


if __name__ == "__main__":
    sys.exit(main())
