"""Long use: `python tests/campaigns/long_use.py [--edits 500] [--runs 100] [--models 50]`.

A document in this process (offscreen): edits with undo and redo, runs on a simulated board, and networks opened one
after another. Memory is looked at after every fifth part, once everything has settled; it may grow by 5 % from the
first look to the last, and open files and threads not at all.
"""

import argparse
import gc
import os
import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from layerswitch.boards.board import Board
from layerswitch.boards.catalog import find
from layerswitch.formats import bundled_models, open_model
from layerswitch.latency import LatencyModel
from layerswitch.planner import plan
from layerswitch.profile import ProfileSettings
from layerswitch_gui.document import Document

GROWTH = 0.05


def held() -> tuple[float, int, int]:
    """Resident MB, open files, threads."""
    QApplication.processEvents()
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


def main() -> int:
    """Run all three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, count in (("edits", 500), ("runs", 100), ("models", 50)):
        parser.add_argument(f"--{name}", type=int, default=count)
    options = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    chance, document = random.Random(0), Document()
    names = [model.name for model in bundled_models()]
    with Board.connect(find("sim:khadas-vim3")) as board:
        model = open_model("googlenet")
        profile = board.profile(model, ProfileSettings(3, 1))
        latency = LatencyModel.from_profile(profile)

        def show() -> None:
            document.open(None, graph=profile.graph)
            document.set_profile(profile, latency)
            document.set_plan(plan(latency, profile.board))

        show()
        layers = list(document.assignment)

        def edit(number: int) -> None:
            if number % 100 == 0:
                document.undo_stack.clear()
            document.flip(chance.choice(layers))
            if number % 3 == 0:
                document.undo_stack.undo()
                document.undo_stack.redo()

        def run(number: int) -> None:
            board.run(model, document.assignment, runs=5, warmup=1, seed=number)

        def switch(number: int) -> None:
            opened = open_model(names[number % len(names)])
            document.open(opened)

        flat = [watch("edits with undo and redo", edit, options.edits), watch("runs", run, options.runs)]
        flat.append(watch("networks opened", switch, options.models))
    del application
    return 0 if all(flat) else 1


if __name__ == "__main__":
    sys.exit(main())
