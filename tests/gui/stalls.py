"""For test_stalls.py: the real window and the simulated board, cold; prints every stall of the interface thread."""

import sys
import time

from PySide6.QtCore import QTimer

from layerswitch_gui.app import launch
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.platform.watchdog import Watchdog

networks = sys.argv[1:]
qt = launch.application()
theme = Theme("light")
theme.apply()
window = MainWindow(theme)
document, bench = window.document, window.workbench
bench.profile_runs = bench.runs = bench.rounds = 5
steps = []
for name in networks:
    steps += [
        (f"open {name}", lambda name=name: (document.saved("x"), window.opening.open(name))),
        (f"profile and plan {name}", bench.profile),
        (f"edit {name}", lambda: document.flip(list(document.assignment)[:5])),
        (f"compare {name}", bench.compare),
        (f"run {name}", bench.rerun),
        *((f"show {title} of {name}", lambda title=title: window.docks[title].raise_())
          for title in ("Layers", "Timeline", "Switches", "Comparison", "Latency")),
    ]  # fmt: skip
now = ["start"]
quiet = [0]


def tick():
    """The next step once nothing has run for three ticks."""
    if window.messages.isVisible():
        print("error", window.messages.details)
        qt.exit(1)
    quiet[0] = 0 if bench.runner.jobs else quiet[0] + 1
    if quiet[0] < 3:
        return
    quiet[0] = 0
    if not steps:
        document.saved("x")
        window.close()
        qt.exit(0)
        return
    now[0], step = steps.pop(0)
    print("step", now[0], flush=True)
    QTimer.singleShot(0, step)


window.show()
qt.processEvents()  # until here it starts: nobody sees a window that could answer
watchdog = Watchdog(100, cpu=True, on_stall=lambda stall: print(f"STALL in {now[0]}: {stall}", flush=True))
watchdog.start()
QTimer.singleShot(0, window, launch._Start(window, "sim:khadas-vim3", ""))
clock = QTimer(interval=30)
clock.timeout.connect(tick)
clock.start()
started = time.monotonic()
code = qt.exec()
watchdog.stop()
window.workbench.runner.shut_down()
sys.exit(code)
