"""From an edit to all views painted: ms of the interface thread's own work after flipping one layer, view by view.

    python bench/edit.py [--layers 100 1000 2000 10000] [--times 20] [--profile VIEW]

Each view stands alone in a window of 1600 x 500; then the whole main window as it opens (graph, inspector, latency
bars), and once more with every panel side by side. The flipped layer is in view. Offscreen, without a graphics card.
`--profile VIEW` prints where the time of one view goes instead.
"""

import argparse
import cProfile
import itertools
import os
import pstats
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from parts.networks import fill, ladder, profile_of
from parts.timing import Spread, cost, machine, settle
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from layerswitch.measurement.profile import Profile
from layerswitch_gui.app import launch
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.preferences import Preferences
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.charts import LatencyChart, SwitchCurve, Timeline
from layerswitch_gui.views.comparison.comparison_panel import ComparisonPanel
from layerswitch_gui.views.graph.graph_panel import GraphView
from layerswitch_gui.views.inspector.inspector import Inspector
from layerswitch_gui.views.summary.summary_strip import SummaryStrip
from layerswitch_gui.views.table import LayerTable

VIEWS: dict[str, Callable[[Document, Theme], QWidget] | None] = {
    "document": None,
    "summary": SummaryStrip,
    "graph": GraphView,
    "latency": LatencyChart,
    "table": LayerTable,
    "timeline": Timeline,
    "curve": SwitchCurve,
    "comparison": ComparisonPanel,
    "inspector": Inspector,
}
WHOLE = ("window as it opens", "window with every panel")
FRAME_MS = 16.0


def make(name: str, profile: Profile, theme: Theme) -> tuple[Document, QWidget | None]:
    """A document with the view that shows it."""
    if name in WHOLE:
        window = MainWindow(theme, preferences=Preferences(remember=False))
        window.resize(1600, 1000)
        window.show()
        while not window.views.ready:
            window.views.prepare()
            QTest.qWait(20)
        document, graph = window.document, window
        fill(document, profile)
        window.show_network()
        if name == WHOLE[1]:
            window.resize(2560, 1440)
            right, bottom = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
            for title, dock in window.docks.items():  # side by side instead of behind each other
                area = right if title in ("Layers", "Inspector", "Comparison") else bottom
                way = Qt.Orientation.Vertical if area == right else Qt.Orientation.Horizontal
                window.removeDockWidget(dock)
                window.addDockWidget(area, dock, way)
                dock.show()
        wait_for(window.graph_view, len(profile.graph.layers))
        return document, graph
    document, maker = Document(), VIEWS[name]
    fill(document, profile)
    view = maker(document, theme) if maker else None
    if view is not None:
        view.resize(1600, 500)
        view.show()
        if isinstance(view, GraphView):
            wait_for(view, len(profile.graph.layers))
    return document, view


def wait_for(view: GraphView, count: int) -> None:
    """Until the graph is drawn."""
    while len(view.scene.nodes) != count:
        QTest.qWait(10)
    QTest.qWait(50)


def measure(name: str, profile: Profile, theme: Theme, times: int, deep: bool = False) -> Spread:
    """Flip layers at the beginning of the network, one after another."""
    document, view = make(name, profile, theme)
    layers = itertools.cycle([f"layer_{place}" for place in range(3, 12)])
    document.select(["layer_1"])
    QTest.qWait(200)
    while isinstance(view, MainWindow) and view.workbench.runner.jobs:  # planner and curve compete for the interpreter
        QTest.qWait(20)
    settle()
    watch = cProfile.Profile()
    if deep:
        watch.enable()
    found = cost(lambda: document.flip(next(layers)), times)
    if deep:
        watch.disable()
        pstats.Stats(watch).sort_stats("tottime").print_stats(25)
    if view is not None:
        if isinstance(view, MainWindow):
            view.workbench.runner.shut_down()
            document.undo_stack.clear()
            document.saved("")
        view.close()
        view.deleteLater()
    settle()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, nargs="+", default=[100, 1000, 2000, 10000])
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--profile", choices=[*VIEWS, *WHOLE])
    options = parser.parse_args()
    launch.application()
    theme = Theme("light")
    theme.apply()
    profiles = [profile_of(ladder(count)) for count in options.layers]
    if options.profile:
        for profile in profiles:
            print(options.profile, measure(options.profile, profile, theme, options.times, deep=True))
        return
    print(f"{machine()}\nms from a flip to painted, median (quartiles) of {options.times}; a frame is {FRAME_MS:g} ms")
    print("| |", " | ".join(f"{count} layers" for count in options.layers), "|")
    print("|---|" + "---|" * len(profiles))
    for name in (*VIEWS, *WHOLE):
        cells = [str(measure(name, profile, theme, options.times)) for profile in profiles]
        print(f"| {name} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
