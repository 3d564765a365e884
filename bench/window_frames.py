"""How long a frame of the layer graph takes, side by side with a bare QGraphicsView of as many plain rectangles.

    python bench/window_frames.py [--layers 2000 10000] [--times 30]

Panned by 40 pixels, and zoomed by 5 % there and back, at zooms from the whole graph to reading; ms of the interface
thread's own processor time from the change to the end of the paint, so that other programs do not count. The bare view
holds as many rectangles, without text or edges: the floor. Offscreen, 1600 x 969, no graphics card.
"""

import argparse
import itertools
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from parts.networks import fill, ladder, profile_of
from parts.timing import cost, machine, settle
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

from layerswitch_gui.app import launch
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.graph.graph_panel import GraphView
from layerswitch_gui.views.graph.graphics_view import Canvas

ZOOMS = (0.0, 0.05, 0.13, 0.18, 0.3, 0.36, 0.6, 1.0)  # 0: the whole graph
FRAME_MS, STEP, PAN = 16.0, 1.05, 40


def look(view: QGraphicsView, zoom: float, at: QPointF) -> None:
    """Show a point at a zoom."""
    if isinstance(view, Canvas):
        view.set_view(zoom, at)
        return
    view.resetTransform()
    view.scale(zoom, zoom)
    view.centerOn(at)


def pan(view: QGraphicsView, by: int) -> None:
    """Move by pixels, as dragging does."""
    if isinstance(view, Canvas):
        view.scroll_by(QPoint(0, by))
        view.moved.emit()
    else:
        view.verticalScrollBar().setValue(view.verticalScrollBar().value() + by)


def zoom_by(view: QGraphicsView, factor: float) -> None:
    """Zoom, as the wheel does."""
    if isinstance(view, Canvas):
        view.zoom_by(factor)
    else:
        view.scale(factor, factor)


def measure(view: QGraphicsView, zoom: float, at: QPointF, times: int) -> tuple[float, float, float]:
    """Ms of a frame when panned (median, and the slowest), and when zoomed."""
    look(view, zoom, at)
    QTest.qWait(250)
    moves, steps = itertools.cycle((PAN, PAN, PAN, -PAN, -PAN, -PAN)), itertools.cycle((STEP, 1 / STEP))
    panned = cost(lambda: pan(view, next(moves)), times)
    zoomed = cost(lambda: zoom_by(view, next(steps)), times)
    return panned.median, panned.high, zoomed.median


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--layers", type=int, nargs="+", default=[2000, 10000])
    parser.add_argument("--times", type=int, default=30)
    options = parser.parse_args()
    launch.application()
    theme = Theme("light")
    theme.apply()
    print(f"{machine()}\nms a frame, median of {options.times} (upper quartile); a frame is {FRAME_MS:g} ms")
    for count in options.layers:
        document = Document()
        fill(document, profile_of(ladder(count)))
        view = GraphView(document, theme)
        view.resize(1600, 1000)
        view.show()
        while len(view.scene.nodes) != count:
            QTest.qWait(20)
        scene = QGraphicsScene()
        for item in view.scene.nodes.values():
            scene.addRect(item.area, QColor("orange"), QColor("grey"))
        scene.setSceneRect(view.scene.sceneRect())
        plain = QGraphicsView(scene)
        plain.resize(view.canvas.size())
        plain.show()
        QTest.qWait(300)
        content = view.scene.content()
        whole = min(
            view.canvas.viewport().width() / content.width(), view.canvas.viewport().height() / content.height()
        )
        print(
            f"\n| {count} layers, zoom | panned | bare | ratio | zoomed | bare | ratio |\n|---|---|---|---|---|---|---|"
        )
        for zoom in ZOOMS:
            scale = zoom or whole
            ours, bare = (measure(one, scale, content.center(), options.times) for one in (view.canvas, plain))
            print(f"| {scale:.3g} | {ours[0]:.2f} ({ours[1]:.2f}) | {bare[0]:.2f} | {ours[0] / bare[0]:.1f} "
                  f"| {ours[2]:.2f} | {bare[2]:.2f} | {ours[2] / bare[2]:.1f} |", flush=True)  # fmt: skip
        view.close()
        plain.close()
        settle()


if __name__ == "__main__":
    main()
