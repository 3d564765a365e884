"""Pictures at full size, tables, JSON, recent files, assignments as text; exports say where their times come from."""

import csv
import io
import re
import xml.etree.ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QPoint, QSize
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest

from layerswitch.experiments.results import Comparison
from layerswitch.planner.plan import Plan
from layerswitch.serialization import load
from layerswitch_gui.app import picture_export
from layerswitch_gui.views.charts import LatencyChart, latency_snapshot
from layerswitch_gui.views.charts.latency_chart import CELL
from layerswitch_gui.views.graph import graph_painting
from layerswitch_gui.widgets.picture import lay_out

pytestmark = pytest.mark.slow(30)


def settle(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=20_000)


@pytest.fixture
def compared(qtbot, window):
    window.opening.open("long", profile=True)
    settle(qtbot, window)
    window.commands["compare"].trigger()
    settle(qtbot, window)
    return window


def export(window, key, path):
    window.context.questions.answers.save_file = str(path)
    window.commands[key].trigger()
    while window.workbench.runner.work:
        QTest.qWait(5)
    assert not window.messages.isVisible(), window.messages.label.text()
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return path.read_bytes()


@pytest.mark.parametrize("key", ["export_graph", "export_latency", "export_timeline"])
def test_a_picture_as_svg_is_one_with_its_origin(compared, tmp_path, key):
    data = export(compared, key, tmp_path / "a.svg")
    assert QSvgRenderer(QByteArray(data)).isValid()
    assert all(int(width) < 400 for width in re.findall(r'<image[^>]* width="(\d+)"', data.decode())), (
        "drawn, not pixels"
    )
    assert "simulated" in data.decode()
    assert "long on Board" in data.decode()


def test_the_graph_is_exported_whole_whatever_is_in_view(compared, tmp_path):
    compared.graph_view.canvas.zoom_by(8)
    text = export(compared, "export_graph", tmp_path / "a.svg").decode()
    assert all(f">{layer}<" in text for layer in compared.document.assignment)


@pytest.mark.parametrize("key", ["export_graph", "export_latency", "export_timeline"])
def test_a_picture_as_png_has_something_on_it(compared, tmp_path, key):
    image = QImage.fromData(export(compared, key, tmp_path / "a.png"))
    assert image.width() > 200
    colours = {image.pixel(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)}
    assert len(colours) > 8
    assert "simulated" in image.text("Description")


def test_the_switch_curve_is_exported_once_it_is_worked_out(qtbot, compared, tmp_path):
    compared.docks["Switches"].raise_()
    settle(qtbot, compared)
    qtbot.waitUntil(lambda: bool(compared.docks["Switches"].widget().points))
    assert QSvgRenderer(QByteArray(export(compared, "export_curve", tmp_path / "a.svg"))).isValid()


def test_a_what_if_picture_says_so(qtbot, compared, tmp_path):
    compared.workbench.what_if(0.5)
    settle(qtbot, compared)
    assert "what if, not measured" in export(compared, "export_timeline", tmp_path / "a.svg").decode()


def test_runs_as_csv_have_a_row_for_each_measured_round(compared, tmp_path):
    rows = list(csv.DictReader(io.StringIO(export(compared, "export_runs", tmp_path / "a.csv").decode())))
    comparison = compared.document.comparison
    assert len(rows) == comparison.rounds * len(comparison.entries)
    assert {row["origin"] for row in rows} == {"simulated"}


def test_plan_and_comparison_as_json_can_be_read_again(compared, tmp_path):
    export(compared, "export_plan", tmp_path / "a.json")
    assert load(tmp_path / "a.json", Plan) == compared.document.plan
    export(compared, "export_comparison", tmp_path / "a.json")
    assert load(tmp_path / "a.json", Comparison) == compared.document.comparison


def test_recent_files_are_in_the_menu(compared, tmp_path):
    window, opened = compared, []
    window.preferences.add_recent("/x/first.onnx")
    window.preferences.add_recent("/x/last.layerswitch")
    menu = window.commands.menu("&File/Open &recent")
    assert not menu.menuAction().isEnabled()  # nothing was opened from a file yet
    menu.aboutToShow.emit()
    assert [action.shortcut().toString() for action in menu.actions()] == ["Ctrl+Shift+1", "Ctrl+Shift+2"]
    assert [action.toolTip() for action in menu.actions()] == [
        "/x/last.layerswitch (Ctrl+Shift+1)",
        "/x/first.onnx (Ctrl+Shift+2)",
    ]
    window.opening.open = opened.append
    menu.actions()[1].trigger()
    assert opened == ["/x/first.onnx"]


def test_an_assignment_as_layer_and_device_pairs_goes_round(compared):
    document, clipboard = compared.document, QGuiApplication.clipboard()
    wanted = document.assignment
    compared.commands["copy_names"].trigger()
    assert clipboard.text().splitlines()[0] == "l0=GPU"
    document.flip("l0")
    compared.commands["paste"].trigger()
    assert document.assignment == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "no text"), ("GQ", "position 2"), ("GG", "2 letters"), ("l0=GPU", "l1"), ("l0=TPU", "TPU"), ("x=GPU", "'x'")],
)
def test_text_that_is_no_assignment_is_a_clear_error(compared, text, said):
    before = compared.document.assignment
    QGuiApplication.clipboard().setText(text)
    compared.commands["paste"].trigger()
    shown = compared.messages.label.text()
    assert said in shown
    assert "the clipboard" in shown
    assert "Try:" in shown
    assert compared.document.assignment == before


def test_the_graph_is_painted_as_it_was_when_asked_for(compared, tmp_path, monkeypatch):
    """The job paints a snapshot: an edit in the meantime is not in it."""
    view, theme, path = compared.graph_view, compared.theme, tmp_path / "a.png"
    sheet = picture_export.Sheet.of(
        view.scene.content().size().toSize(), picture_export.caption(compared.document), theme
    )
    before = picture_export.png(view.snapshot().paint, sheet)
    compared.context.questions.answers.save_file = str(path)
    compared.commands["export_graph"].trigger()
    compared.document.flip(list(compared.document.assignment)[:10])
    while compared.workbench.runner.work:
        QTest.qWait(5)
    written, after = QImage(str(path)), picture_export.png(view.snapshot().paint, sheet)
    assert written.text("Description") == sheet.text
    points = [(x, y) for x in range(0, before.width(), 5) for y in range(0, before.height(), 5)]
    assert all(written.pixel(x, y) == before.pixel(x, y) for x, y in points)
    assert not all(written.pixel(x, y) == after.pixel(x, y) for x, y in points)


@pytest.mark.parametrize("scale", [0.02, 0.1, 0.3, 1.0])
def test_pieces_make_the_same_picture_at_every_scale(compared, monkeypatch, scale):
    """However small a huge graph must be painted, and however few parts at a time; but for pixels where edges meet."""
    snapshot, size = compared.graph_view.snapshot(), compared.graph_view.scene.content().size() * scale
    pictures = []
    for piece in (3, 10_000):
        monkeypatch.setattr(graph_painting, "PIECE", piece)
        image = QImage(size.toSize(), QImage.Format.Format_RGB32)
        image.fill("white")
        painter = QPainter(image)
        painter.scale(scale, scale)
        steps = list(snapshot.paint(painter))
        painter.end()
        assert steps == sorted(steps)
        assert steps[-1] == 1.0
        pictures.append(image)
    points = [(x, y) for x in range(image.width()) for y in range(0, image.height(), 3)]
    same = sum(pictures[0].pixel(x, y) == pictures[1].pixel(x, y) for x, y in points)
    assert same > 0.999 * len(points)
    assert len({pictures[0].pixel(x, y) for x, y in points}) > 3


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_an_export_can_be_stopped_and_leaves_no_file(qtbot, compared, tmp_path, monkeypatch, suffix):
    window, path = compared, tmp_path / f"a{suffix}"

    def stopped(_snapshot, _painter):
        for job in window.workbench.runner.work:
            job.cancel_event.set()
        yield 0.5

    monkeypatch.setattr(graph_painting.Snapshot, "paint", stopped)
    window.context.questions.answers.save_file = str(path)
    window.commands["export_graph"].trigger()
    settle(qtbot, window)
    assert not path.exists()
    assert not window.messages.isVisible()


def test_edits_go_on_after_charts_were_exported(qtbot, compared, tmp_path):
    """What was made for a picture is gone afterwards, and hears of no edit: pytest-qt fails on an error in a slot."""
    for title in ("Switches", "Roofline", "Attributes"):
        compared.docks[title].raise_()
        settle(qtbot, compared)
    qtbot.waitUntil(lambda: bool(compared.docks["Switches"].widget().points))
    for key in ("latency", "timeline", "curve", "roofline", "attributes"):
        export(compared, f"export_{key}", tmp_path / "a.svg")
    settle(qtbot, compared)
    qtbot.wait(10)  # deleted by now
    compared.document.flip("l0")
    compared.document.select(["l1"])
    qtbot.wait(10)


def painted_as_shown(chart, size):
    lay_out(chart, size)

    def paint(painter):
        chart.render(painter, QPoint())
        yield 1.0

    return paint


def pixels(image):
    """A picture's colours, [height, width, 4]."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(np.int16)


def drawn(data):
    """What an SVG looks like."""
    renderer = QSvgRenderer(QByteArray(data))
    assert renderer.isValid()
    image = QImage(renderer.viewBox().size(), QImage.Format.Format_RGB32)
    image.fill("white")
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


@pytest.mark.parametrize("count", [6, 60])
@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_bars_that_a_job_paints_look_as_the_chart_does(qtbot, large, theme, monkeypatch, count, kind):
    """However few parts are painted at a time."""
    document = large(count)
    document.flip(list(document.assignment)[1::7])
    document.pin(["l2", "l4"])
    size = QSize(max(1000, CELL * count), 620)
    sheet, make = (
        picture_export.Sheet.of(size, "what it shows", theme),
        picture_export.svg if kind == "svg" else picture_export.png,
    )
    chart = LatencyChart(document, theme)
    qtbot.addWidget(chart)
    widget = make(painted_as_shown(chart, size), sheet)
    monkeypatch.setattr(latency_snapshot, "PIECE", 7)
    painted = make(chart.snapshot().paint, sheet)
    if kind == "svg":
        assert painted.count(b"<svg ") == painted.count(b"</svg>") == painted.count(b"what it shows</title>") == 1
        assert xml.etree.ElementTree.fromstring(painted) is not None
        widget, painted = drawn(widget), drawn(painted)
    differing = np.abs(pixels(widget) - pixels(painted)).max(axis=2) > 40
    assert differing.mean() < 5e-4, f"{differing.mean():.2%} of the pixels"  # where edges lie between two
    assert len(np.unique(pixels(painted)[::3, ::3].reshape(-1, 4), axis=0)) > 20
    chart.hide()


def test_bars_of_a_picture_are_those_of_the_moment(qtbot, large, theme):
    """The chart may be gone, and the document another one, when the picture is painted."""
    document, size = large(40), QSize(1000, 620)
    sheet, images = picture_export.Sheet.of(size, "", theme), []
    for edited in (False, True):
        chart = LatencyChart(document, theme)
        lay_out(chart, size)
        taken = chart.snapshot()
        chart.hide()
        chart.deleteLater()
        if edited:
            document.flip(list(document.assignment)[:9])
            document.select(["l3"])
            qtbot.wait(10)
        images.append(picture_export.png(taken.paint, sheet))
    assert images[0] == images[1]


def test_selected_layers_are_marked_in_a_picture_of_the_bars(large, theme, qtbot):
    document, size, found = large(6), QSize(1000, 620), []
    for chosen in ([], ["l3"]):
        document.select(chosen)
        chart = LatencyChart(document, theme)
        qtbot.addWidget(chart)
        lay_out(chart, size)
        found.append(drawn(picture_export.svg(chart.snapshot().paint, picture_export.Sheet.of(size, "", theme))))
        at, box = chart.plot.pos(), chart.plot.getViewBox().sceneBoundingRect()
        chart.hide()
    rows, columns = np.nonzero(np.abs(pixels(found[0]) - pixels(found[1])).max(axis=2) > 10)
    bars = rows < picture_export.MARGIN + at.y() + box.bottom() + 1
    assert rows.min() >= picture_export.MARGIN + at.y() + box.top() - 2, "nothing is marked above the plot"
    assert columns[bars].max() - columns[bars].min() == pytest.approx(chart.axis.cell, abs=3)
