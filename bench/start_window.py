"""Process start to a window that answers: LayerSwitch against a bare PySide6 + pyqtgraph window.

    python bench/start_window.py [--times 7]

Each start in a fresh process, taking turns, offscreen. Prints the processor time the process has used once its window
is painted and answers (what an idle machine takes), the wall-clock until then, and both over the bare window's.
"views" is the time at which every view is made, which happens behind the start page while somebody reads it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

from parts.timing import machine, spread

BARE = """
import time
import pyqtgraph as pg
from PySide6.QtCore import QTimer
app = pg.mkQApp()
plot = pg.PlotWidget(); plot.plot([1, 2, 3]); plot.resize(1280, 800); plot.show()
QTimer.singleShot(0, lambda: (print("ready", time.process_time(), flush=True), app.exit()))
app.exec()
"""
QT_ONLY = """
import time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow(); window.resize(1280, 800); window.show()
QTimer.singleShot(0, lambda: (print("ready", time.process_time(), flush=True), app.exit()))
app.exec()
"""
OURS = """
import time
from layerswitch_gui import app
from PySide6.QtCore import QTimer
start = app._Start.__call__
def ready(self):
    start(self)
    QTimer.singleShot(0, lambda: (print("ready", time.process_time(), flush=True), self.window.close()))
app._Start.__call__ = ready
app.run(size=(1280, 800))
"""


VIEWS = OURS.replace(
    'QTimer.singleShot(0, lambda: (print("ready", time.process_time(), flush=True), self.window.close()))',
    'self.window.views.when_ready(lambda: (print("ready", time.process_time(), flush=True), self.window.close()))',
)
PROGRAMS = {"Qt alone": QT_ONLY, "bare window": BARE, "LayerSwitch": OURS, "LayerSwitch, views": VIEWS}


def once(code: str, home: str) -> tuple[float, float]:
    """Seconds of processor time and of wall-clock until the window answers."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
    before = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        word, used = process.stdout.readline().split()
        wall = time.perf_counter() - before
        assert word == "ready"
    return float(used), wall


def main() -> None:
    """Take turns, so that what else the machine does strikes all alike."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=7)
    options = parser.parse_args()
    assert VIEWS != OURS
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(options.times):
            for name, code in PROGRAMS.items():
                found[name].append(once(code, home))
    print(f"{machine()}\ns, median (quartiles) of {options.times}")
    print("| window | processor | x bare | wall-clock | x bare |\n|---|---|---|---|---|")
    base = [spread([one[part] for one in found["bare window"]]).median for part in (0, 1)]
    for name, samples in found.items():
        cpu, wall = (spread([one[part] for one in samples]) for part in (0, 1))
        print(f"| {name} | {cpu} | {cpu.median / base[0]:.2f} | {wall} | {wall.median / base[1]:.2f} |")


if __name__ == "__main__":
    main()
