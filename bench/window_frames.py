"""How long a frame of the layer graph takes, side by side with a bare QGraphicsView of as many plain rectangles.

    python bench/window_frames.py [LAYERS] [FRAMES]

Prints the median ms of a whole repaint at several zooms, of the same in a QGraphicsView that holds nothing but
rectangles without text, and their ratio; then what an edit costs in graph and timeline. Offscreen, no graphics
card; ms of the interface thread's own work, so that other programs do not count.
"""

import os
import sys
import time
from collections.abc import Callable
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

from layerswitch.assignment import Assignment
from layerswitch.graph import Layer, LayerGraph, Operator, Tensor
from layerswitch.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch_gui import app
from layerswitch_gui.charts import Timeline
from layerswitch_gui.document import Document
from layerswitch_gui.graph.view import GraphView
from layerswitch_gui.theme import Theme


def ladder(count: int) -> LayerGraph:
    """Blocks of eight layers: a fork into three arms of two, joined again, as inception modules are."""
    tensors = {"in": Tensor("in", (1, 3, 56, 56), "float32")}
    layers: list[Layer] = []
    for place in range(count):
        tensors[f"t{place}"] = Tensor(f"t{place}", (1, 64, 56, 56), "float32")
        block, part = divmod(place, 8)
        entry = f"t{place - 1}" if place else "in"
        if part in (1, 3, 5):
            entry = f"t{block * 8}"
        inputs = tuple(f"t{block * 8 + end}" for end in (2, 4, 6)) if part == 7 else (entry,)
        operator = Operator(f"layer_{place}", "Convolution", inputs, (f"t{place}",), {}, {}, 10**6, 10**3)
        layers.append(Layer(f"layer_{place}", "Convolution", inputs, (f"t{place}",), (operator,), f"block_{block}"))
    return LayerGraph("ladder", tuple(layers), tensors, ("in",), (f"t{count - 1}",), level="layer")


def profile_of(graph: LayerGraph) -> Profile:
    """Every third layer is faster on the CPU."""
    samples: dict[str, dict[str, tuple[float, ...]]] = {"CPU": {}, "GPU": {}}
    for place, layer in enumerate(graph.layers):
        fast, slow = (1.0, 1.1, 0.9), (2.0, 2.2, 1.8)
        samples["CPU"][layer.name], samples["GPU"][layer.name] = (fast, slow) if place % 3 == 0 else (slow, fast)
    board = BoardDescription("bench", "Bench", "simulated", (Device("CPU"), Device("GPU")))
    return Profile(graph, board, samples, (TransferCost("CPU", "GPU", 0.1, 0.0), TransferCost("GPU", "CPU", 0.1, 0.0)))


def frame(view: QGraphicsView, times: int) -> float:
    """Median ms of repainting the whole viewport."""
    found = []
    for _ in range(times + 2):
        begin = time.thread_time()
        view.viewport().repaint()
        found.append(1e3 * (time.thread_time() - begin))
    return median(found[2:])


def cost(action: Callable[[], object], times: int) -> float:
    """Median ms of an action and the repaints it causes."""
    found = []
    for _ in range(times):
        begin = time.thread_time()
        action()
        QTest.qWait(0)
        found.append(1e3 * (time.thread_time() - begin))
    return median(found)


def main(count: int = 2000, times: int = 20) -> None:
    """Measure and print."""
    qt = app.application()
    theme = Theme("light")
    theme.apply()
    document = Document()
    profile = profile_of(ladder(count))
    document.open(None, graph=profile.graph)
    document.set_profile(profile)
    document.load(Assignment({n: "CPU" if i // 10 % 2 else "GPU" for i, n in enumerate(document.assignment)}), "start")
    view = GraphView(document, theme)
    view.resize(1600, 1000)
    view.show()
    while len(view.scene.nodes) != count:
        QTest.qWait(20)
    plain_scene = QGraphicsScene()
    for item in view.scene.nodes.values():
        plain_scene.addRect(item.rect.translated(item.pos()), QColor("grey"), QColor("orange"))
    plain = QGraphicsView(plain_scene)
    plain.resize(1600, 1000)
    plain.show()
    QTest.qWait(300)
    print(f"{count} layers, {len(view.scene.edges)} edges, viewport {view.canvas.viewport().size().toTuple()}")
    for name, area in (
        ("whole graph in view", view.scene.content()),
        ("a fifth", _top(view.scene.content(), 0.2)),
        ("a fiftieth", _top(view.scene.content(), 0.02)),
    ):
        for one in (view.canvas, plain):
            one.resetTransform()
            zoom = min(one.viewport().width() / area.width(), one.viewport().height() / area.height())
            one.scale(zoom, zoom)
            one.centerOn(area.center())
        ours, theirs = frame(view.canvas, times), frame(plain, times)
        print(f"  {name:22} zoom {view.canvas.zoom:.4f}: {ours:6.2f} ms, plain rectangles {theirs:6.2f} ms, "
              f"ratio {ours / theirs:.2f}")  # fmt: skip
        pans = cost(lambda: view.canvas.scroll_by(QPoint(3, 5)), times), cost(lambda: _scroll(plain), times)
        print(f"  {'':22} panned by a few pixels: {pans[0]:6.2f} ms, plain rectangles {pans[1]:6.2f} ms")
    print(f"  edit, graph            {cost(lambda: document.flip('layer_7'), times):6.2f} ms")
    view.hide()
    timeline = Timeline(document, theme)
    timeline.resize(1600, 300)
    timeline.show()
    QTest.qWait(50)
    print(f"  edit, timeline         {cost(lambda: document.flip('layer_7'), times):6.2f} ms")
    timeline.hide()
    plain.hide()
    qt.processEvents()


def _scroll(view: QGraphicsView) -> None:
    for bar, step in ((view.horizontalScrollBar(), 3), (view.verticalScrollBar(), 5)):
        bar.setValue(bar.value() + step)


def _top(area: QRectF, part: float) -> QRectF:
    return QRectF(area.left(), area.top(), area.width(), area.height() * part)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
