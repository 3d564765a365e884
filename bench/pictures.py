"""How long pictures take, and how long the window is away meanwhile: `python bench/pictures.py [--layers 2000 10000]`.

The graph and the latency bars, which a job paints, and the timeline, which the interface thread paints itself: the
clock's seconds, and the longest time that the interface thread answered no timer of 5 ms. Offscreen. Other programs
count in all of them.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from parts.networks import fill, ladder, profile_of
from parts.timing import machine, settle
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest

from layerswitch_gui.app import launch
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.platform.preferences import Preferences
from layerswitch_gui.platform.theme import Theme


def opened(count: int, theme: Theme) -> MainWindow:
    """The window with a network of so many layers on show, and nothing left to do."""
    window = MainWindow(theme, preferences=Preferences(remember=False))
    window.resize(1280, 800)
    window.show()
    while not window.views.ready:
        window.views.prepare()
        QTest.qWait(20)
    fill(window.document, profile_of(ladder(count)))
    window.show_network()
    while len(window.graph_view.scene.nodes) != count or window.workbench.runner.jobs:
        QTest.qWait(20)
    settle()
    return window


def away_while(window: MainWindow, export: Callable[[], None], path: Path) -> tuple[float, float]:
    """Seconds until the file is there, and the longest ms between two ticks."""
    window.context.questions.save_file = lambda *_: str(path)  # type: ignore[method-assign]
    begin = last = time.perf_counter()
    longest = 0.0

    def tick() -> None:
        nonlocal last, longest
        now = time.perf_counter()
        longest, last = max(longest, now - last), now

    clock = QTimer(interval=5)
    clock.timeout.connect(tick)
    clock.start()
    export()
    while window.workbench.runner.work:
        QTest.qWait(5)
    tick()
    clock.stop()
    return time.perf_counter() - begin, 1e3 * longest


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, nargs="+", default=[1000, 2000, 10000])
    options = parser.parse_args()
    launch.application()
    theme = Theme("light")
    theme.apply()
    print(f"{machine()}\n| layers | picture | as | s | away, ms | MB |\n|---|---|---|---|---|---|")
    for count in options.layers:
        window = opened(count, theme)
        exports = window.exports
        pictures = {
            "graph": partial(exports.picture, "Graph"),
            "latency bars": partial(exports.picture, "Latency"),
            "timeline": partial(exports.picture, "Timeline"),
        }
        for name, export in pictures.items():
            for suffix in ("svg", "png"):
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(folder, f"picture.{suffix}")
                    seconds, away = away_while(window, export, path)
                    size = path.stat().st_size / 1e6
                print(f"| {count} | {name} | {suffix} | {seconds:.2f} | {away:.0f} | {size:.1f} |", flush=True)
        window.document.saved("")
        window.document.undo_stack.clear()
        window.workbench.runner.shut_down()
        window.close()
        window.deleteLater()
        settle()


if __name__ == "__main__":
    main()
