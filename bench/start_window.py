"""Process start to a window that answers: LayerSwitch against a bare PySide6 + pyqtgraph window.

    .venv/bin/python bench/start_window.py [times]

Prints the shortest and the median of wall-clock and processor time, offscreen, each start in a fresh process.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

BARE = """
import pyqtgraph as pg
from PySide6.QtCore import QTimer
app = pg.mkQApp()
plot = pg.PlotWidget(); plot.plot([1, 2, 3]); plot.resize(1280, 800); plot.show()
QTimer.singleShot(0, lambda: (print("ready", flush=True), app.exit()))
app.exec()
"""
QT_ONLY = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow(); window.resize(1280, 800); window.show()
QTimer.singleShot(0, lambda: (print("ready", flush=True), app.exit()))
app.exec()
"""
OURS = """
from layerswitch_gui import app
from PySide6.QtCore import QTimer
start = app._Start.__call__
def ready(self):
    start(self)
    QTimer.singleShot(0, lambda: (print("ready", flush=True), self.window.close()))
app._Start.__call__ = ready
app.run(size=(1280, 800))
"""


def once(code: str, home: str) -> tuple[float, float]:
    """Seconds until the window answers, and of processor time until the process ended."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
    before, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        wall = time.perf_counter() - before
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime


def main() -> None:
    """Take turns, so that what else the machine does strikes all alike."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    programs = {"Qt alone": QT_ONLY, "PySide6 + pyqtgraph": BARE, "LayerSwitch": OURS}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    with tempfile.TemporaryDirectory() as home:
        for _ in range(times):
            for name, code in programs.items():
                found[name].append(once(code, home))
    for name, samples in found.items():
        wall, cpu = zip(*samples, strict=True)
        print(
            f"{name:22} wall: {min(wall):.2f} s, median {statistics.median(wall):.2f} s; "
            f"processor: {min(cpu):.2f} s, median {statistics.median(cpu):.2f} s"
        )


if __name__ == "__main__":
    main()
