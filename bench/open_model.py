"""From the click to the drawn graph: opening every bundled network, files of many layers, and a file of 500 MB.

    python bench/open_model.py [--layers 100 1000 5000] [--times 3] [--large 500] [--full]

In the main window, offscreen, everything included: reading, grouping, drawing, the first paint. Processor time of the
whole process (what an idle machine takes), and of it the interface thread's; wall-clock beside it. Then the drawing
alone, by LayerSwitch, by Netron's JavaScript (dagre, under node) and by Graphviz dot, of the same graph, in processor
time. Then the memory a process takes at most to open the large file.
Peers: pip install netron; apt-get install graphviz (or DOT=/path/to/dot). `--full` waits for slow peers.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from parts.drawers import dot_ms, netron_ms, versions
from parts.files import write_ladder
from parts.timing import machine, spread
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest

from layerswitch.network.formats import bundled_models, open_model
from layerswitch_gui.app import launch
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.platform.preferences import Preferences
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.graph.drawn_graph import picture
from layerswitch_gui.views.graph.layout_runner import draw
from layerswitch_gui.views.graph.node_painting import measure

AIM_MS = 500.0


class Painted(QObject):
    """Counts the paints of a widget."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Only count."""
        self.count += event.type() == QEvent.Type.Paint
        return False


def ready_window(theme: Theme) -> MainWindow:
    """The window as it stands when a person has looked at the start page: views made, planner loaded."""
    window = MainWindow(theme, preferences=Preferences(remember=False))
    window.resize(1600, 1000)
    window.show()
    window.views.prepare()
    while not window.views.ready or window.workbench.runner.jobs:
        QTest.qWait(20)
    return window


def open_once(window: MainWindow, source: str) -> tuple[float, float, float]:
    """Ms of processor time in all, of it the interface thread's, and of wall-clock, until the network is painted."""
    view, document = window.graph_view, window.document
    document.open(None)
    window.show_start()
    QTest.qWait(30)
    painted = Painted(view.canvas.viewport())
    qt = launch.application()
    clocks = time.process_time, time.thread_time, time.perf_counter
    begin = [clock() for clock in clocks]
    window.opening.open(source)
    while document.graph is None or not view._current:
        qt.processEvents()
        time.sleep(0.0005)
    before = painted.count
    while painted.count == before or not view.isVisible():
        qt.processEvents()
        time.sleep(0.0005)
    whole, own, wall = (1e3 * (clock() - since) for clock, since in zip(clocks, begin, strict=True))
    return whole, own, wall


def memory(source: str) -> int:
    """MB a process of its own takes at most to open a file in the window."""
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import open_model; open_model.alone()"
    done = subprocess.run([sys.executable, "-c", code, source], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def alone() -> None:
    """Open the file named on the command line once, and print the most memory the process took, in MB."""
    launch.application()
    window = ready_window(Theme("light"))
    open_once(window, sys.argv[1])
    window.workbench.runner.shut_down()
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()  # getrusage tells the parent's peak
    print(next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")))


def layouts(source: str, theme: Theme, options: argparse.Namespace) -> tuple[int, int, str, str, str]:
    """Cards, edges, and ms of drawing alone: ours, Netron's, dot's."""
    graph = open_model(source).graph
    shown = picture(graph)
    size = measure(shown.nodes, theme.font())
    number = {node.key: place for place, node in enumerate(shown.nodes)}
    edges = [(number[link.source], number[link.target]) for link in shown.links]
    ours = []
    for _ in range(options.times + 1):
        begin = time.process_time()
        draw(shown, "down", size)
        ours.append(1e3 * (time.process_time() - begin))
    mine = spread(ours[1:]).median
    limit = 1800.0 if options.full else 60.0
    theirs = netron_ms(len(shown.nodes), edges, size, options.times, limit)
    other = dot_ms(len(shown.nodes), edges, size, limit)
    netron = f"{spread(theirs).median:.0f} ({spread(theirs).median / mine:.0f} x)" if theirs else "–"
    dot = "–" if other is None else "under 10" if other < 10 else f"{other:.0f} ({other / mine:.0f} x)"  # clock ticks
    return len(shown.nodes), len(edges), f"{mine:.1f}", netron, dot


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, nargs="*", default=[100, 1000, 5000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--large", type=int, default=500, metavar="MB")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    launch.application()
    theme = Theme("light")
    theme.apply()
    window = ready_window(theme)
    print(f"{machine()}\n{versions()}\nThe aim is {AIM_MS:g} ms from click to drawn for a bundled network.\n")
    print("| network | opened, ms | of it interface | wall-clock | cards, edges | drawing, ms | Netron, ms | dot, ms |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        sources = {model.name: model.name for model in bundled_models()}
        for count in options.layers:
            sources[f"{count} layers"] = str(Path(folder, f"ladder-{count}.onnx"))
            write_ladder(Path(sources[f"{count} layers"]), count)
        open_once(window, next(iter(sources)))
        for name, source in sources.items():
            found = [open_once(window, source) for _ in range(options.times)]
            whole, own, wall = (spread([one[part] for one in found]) for part in range(3))
            cards, edges, mine, netron, dot = layouts(source, theme, options)
            print(f"| {name} | {whole} | {own} | {wall.median:.0f} | {cards}, {edges} | {mine} | {netron} | {dot} |",
                  flush=True)  # fmt: skip
        if options.large:
            small, large = Path(folder, "small.onnx"), Path(folder, "large.onnx")
            write_ladder(small, 100)
            write_ladder(large, 100, options.large * 10**6)
            found = [open_once(window, str(large)) for _ in range(options.times)]
            size = large.stat().st_size / 1e6
            most, least = memory(str(large)), memory(str(small))
            opened = spread([one[0] for one in found])
            print(f"\nA file of {size:.0f} MB: opened in {opened} ms; the process takes at most {most} MB, "
                  f"{most - least} MB more than with a small file (aim: {size + 200:.0f} MB in all).")  # fmt: skip
    window.workbench.runner.shut_down()
    window.close()


if __name__ == "__main__":
    main()
