"""The roofline dock: its points and roofs are the library's, selection goes both ways, and paling follows edits."""

import math
import re
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from layerswitch.explain import Point, explain
from layerswitch.measurement.profile import Device, Kernel, Peaks, Profile
from layerswitch_gui.document.document import Document
from layerswitch_gui.jobs.analysis import Analysis
from layerswitch_gui.jobs.workflow import Workbench
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.charts.roofline_chart import NO_PROFILE, RooflineChart
from layerswitch_gui.views.charts.roofline_plot import DecimalAxis, layer_tip
from layerswitch_gui.widgets.device_letters import letter

PEAKS = {
    "CPU": Peaks(gflops=2.0, gb_per_s=1.0, source="a test"),
    "GPU": Peaks(gflops=4.0, gb_per_s=8.0, source="a test"),
}


@pytest.fixture
def chart(qtbot: QtBot, bench: Workbench, profiled: Document, theme: Theme) -> RooflineChart:
    made = RooflineChart(profiled, theme, Analysis(bench, bench))
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    qtbot.waitUntil(lambda: bool(made.plots), timeout=20_000)
    return made


def points(chart: RooflineChart, number: int) -> dict[str, Any]:
    return {spot.data().layer: spot for spot in chart.plots[number].dots.points()}


def click(chart: RooflineChart, layer: str, keys: Any = Qt.KeyboardModifier.NoModifier) -> None:
    dots = chart.plots[0].dots
    dots.sigClicked.emit(dots, [points(chart, 0)[layer]], SimpleNamespace(modifiers=lambda: keys))


def test_every_layer_with_work_stands_at_its_intensity_and_rate(chart: RooflineChart, profiled: Document) -> None:
    assert profiled.graph is not None
    for plot, device in zip(chart.plots, ("CPU", "GPU"), strict=True):
        assert plot.device == device
        found = {spot.data().layer: spot.pos() for spot in plot.dots.points()}
        assert sorted(found) == ["l1", "l2", "l3", "l4", "l5"]  # l0 has no multiply-accumulates
        ms = profiled.layer_ms("l2", device)
        assert ms is not None
        assert found["l2"].x() == pytest.approx(np.log10(4000 / 8192))  # 2 FLOP a MAC; two tensors of 4,096 bytes
        assert found["l2"].y() == pytest.approx(np.log10(4000 / ms / 1e6))


def test_without_peaks_the_roofs_are_at_least_what_was_seen(chart: RooflineChart) -> None:
    assert "no peaks were measured" in chart.says.text()
    assert "simulated" in chart.says.text()
    roofline = chart.rooflines[0]
    assert not roofline.measured
    said = layer_tip(roofline.points[0], roofline, chart._document)
    assert "of the best any layer shows here" in said
    assert "the roof" not in said
    assert chart.plots[0]._roof.opts["pen"].style() == Qt.PenStyle.DashLine


def test_measured_peaks_are_the_roofs(qtbot: QtBot, chart: RooflineChart, profiled: Document, profile: Profile) -> None:
    with qtbot.waitSignal(chart._analysis.explained, timeout=10_000):
        profiled.set_profile(msgspec.structs.replace(profile, peaks=PEAKS))
    qtbot.waitUntil(lambda: bool(chart.rooflines) and "a test" in chart.says.text(), timeout=10_000)
    for plot, device in zip(chart.plots, ("CPU", "GPU"), strict=True):
        xs, ys = plot._roof.getData()
        peaks = PEAKS[device]
        assert peaks.gflops
        assert peaks.gb_per_s
        assert 10 ** xs[1] == pytest.approx(peaks.gflops / peaks.gb_per_s)  # the ridge
        assert 10 ** ys[1:] == pytest.approx([peaks.gflops] * 2)
        assert 10 ** (ys[0] - xs[0]) == pytest.approx(peaks.gb_per_s)
        assert plot._roof.opts["pen"].style() == Qt.PenStyle.SolidLine
    assert "of the roof here" in layer_tip(chart.rooflines[0].points[0], chart.rooflines[0], profiled)


@pytest.mark.parametrize(("kernel", "said"), [("winograd gemm", True), ("gemm", False)])
def test_layers_over_a_roof_are_explained_only_by_their_kernels(
    qtbot: QtBot, chart: RooflineChart, profiled: Document, profile: Profile, kernel: str, said: bool
) -> None:
    low = {device: Peaks(gflops=1e-3, gb_per_s=1.0, source="a test") for device in ("CPU", "GPU")}
    kernels = {device: {name: (Kernel(kernel, 1.0),) for name in profile.graph.index} for device in low}
    profiled.set_profile(msgspec.structs.replace(profile, peaks=low, kernels=kernels))
    qtbot.waitUntil(lambda: "a test" in chart.says.text(), timeout=10_000)
    assert ("run as Winograd" in chart.says.text()) == said


def test_a_click_selects_everywhere_and_a_selection_is_ringed_on_both(chart: RooflineChart, profiled: Document) -> None:
    click(chart, "l3")
    assert profiled.selection == ("l3",)
    assert [len(plot._rings.points()) for plot in chart.plots] == [1, 1]
    click(chart, "l4", Qt.KeyboardModifier.ControlModifier)
    assert profiled.selection == ("l3", "l4")
    profiled.select(["l0"])
    assert [len(plot._rings.points()) for plot in chart.plots] == [0, 0]


def test_keys_go_by_intensity(chart: RooflineChart, profiled: Document) -> None:
    order = [point.layer for point in sorted(chart.rooflines[0].points, key=lambda point: point.intensity)]
    chart.commands["next"].trigger()
    chart.commands["next"].trigger()
    assert profiled.selection == (order[1],)
    chart.commands["previous"].trigger()
    chart.commands["previous"].trigger()
    assert profiled.selection == (order[0],)


def test_as_assigned_pales_the_layers_elsewhere_and_follows_edits(chart: RooflineChart, profiled: Document) -> None:
    def strong(number: int) -> set[str]:
        spots, solid = points(chart, number), chart._theme.device(chart.plots[number].device)
        assert all(spot.brush().color().alphaF() == 1.0 for spot in spots.values())  # several must not add up
        return {layer for layer, spot in spots.items() if spot.brush().color() == solid}

    everything = set(points(chart, 0))
    assert strong(0) == strong(1) == everything
    chart.commands["assigned"].trigger()
    assert chart.which.currentIndex() == 1
    assert strong(0) == {layer for layer in everything if profiled.assignment[layer] == "CPU"}
    profiled.flip("l2")
    assert ("l2" in strong(0)) == (profiled.assignment["l2"] == "CPU")
    assert strong(0) | strong(1) == everything
    assert not strong(0) & strong(1)
    for number in (0, 1):  # none of those here lies under a pale one
        drawn = [spot.data().layer for spot in chart.plots[number].dots.points()]
        assert set(drawn[len(drawn) - len(strong(number)) :]) == strong(number)
    chart.commands["every"].trigger()
    assert strong(0) == everything


def test_it_says_what_is_missing(qtbot: QtBot, bench: Workbench, document: Document, theme: Theme) -> None:
    made = RooflineChart(document, theme, Analysis(bench, bench))
    qtbot.addWidget(made)
    assert made.says.text() == NO_PROFILE
    assert made.picture() is None


def test_the_export_shows_the_same(qtbot: QtBot, chart: RooflineChart) -> None:
    chart.show_assigned(True)
    copy = chart.copy()
    qtbot.addWidget(copy)
    assert copy.only_assigned
    assert [len(plot.dots.points()) for plot in copy.plots] == [5, 5]


def test_nothing_is_explained_before_a_view_asks(qtbot: QtBot, bench: Workbench, profiled: Document) -> None:
    analysis = Analysis(bench, bench)
    assert not bench.runner.jobs
    analysis.want()
    analysis.want()
    assert len(bench.runner.jobs) == 1
    assert not bench.runner.work  # nothing a person waits for
    qtbot.waitUntil(lambda: analysis.explanation is not None, timeout=20_000)
    assert profiled.profile is not None
    assert analysis.explanation == explain(profiled.profile)
    profiled.open(None)
    assert analysis.explanation is None


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 20.0, ["0.1", "0.2", "0.5", "1", "2", "5", "10"]),
        (300.0, 3000.0, ["500", "1,000", "2,000"]),
        (4e4, 3e6, ["50,000", "100 k", "200 k", "500 k", "1 M", "2 M"]),
        (0.65, 1.54, ["0.8", "1", "1.2", "1.4"]),  # no second 1, 2 or 5 in there
        (0.52, 1.9, ["0.75", "1", "1.25", "1.5", "1.75"]),
        (0.95, 1.06, ["0.96", "0.98", "1", "1.02", "1.04", "1.06"]),
    ],
)
def test_an_axis_has_several_numbers_to_read(qtbot: QtBot, low: float, high: float, expected: list[str]) -> None:
    axis = DecimalAxis("bottom")
    axis.setLogMode(True, True)
    levels = axis.tickValues(math.log10(low) - 1e-9, math.log10(high), 600)
    texts = [text for spacing, values in levels for text in axis.tickStrings(values, 1.0, spacing) if text]
    assert sorted(texts, key=expected.index) == expected


def test_fast_and_slow_roofs_are_written_out(
    qtbot: QtBot, chart: RooflineChart, profiled: Document, profile: Profile
) -> None:
    peaks = {
        "CPU": Peaks(gflops=12_345.0, gb_per_s=2345.0, launch_ms=0.012, source="a test"),
        "GPU": Peaks(gflops=4.19e-5, gb_per_s=3e-5, source="a test"),
    }
    profiled.set_profile(msgspec.structs.replace(profile, peaks=peaks))
    qtbot.waitUntil(lambda: "a test" in chart.says.text(), timeout=10_000)
    texts = [text.toPlainText() for plot in chart.plots for text in plot._texts]
    assert texts == ["12,300 GFLOP/s", "2,340 GB/s", "0.0000419 GFLOP/s", "0.0000300 GB/s"]
    said = [layer_tip(point, one, profiled) for one in chart.rooflines for point in one.points]
    assert not any(re.search(r"\de[+-]", text) for text in said)
    details = " ".join(chart.says.toolTip().split())
    assert "CPU: 12,300 GFLOP/s and 2,340 GB/s, meeting at 5.26 FLOP/byte; a kernel takes 0.012 ms to start" in details
    assert "Not known: kernels on CPU" in details
    assert details in " ".join(chart.accessibleDescription().split())


def test_the_assigned_devices_letter_is_the_boards(chart: RooflineChart, profiled: Document, profile: Profile) -> None:
    board = msgspec.structs.replace(profile.board, devices=(Device("CPU"), Device("GPU"), Device("GAP")))
    samples = {**profile.samples, "GAP": profile.samples["GPU"]}
    profiled.set_profile(msgspec.structs.replace(profile, board=board, samples=samples, transfer_costs=()))
    profiled.assign(["l2"], "GAP")
    expected = letter("GAP", profiled.devices)
    assert expected != "G"
    assert f"assigned to GAP ({expected})" in layer_tip(Point("l2", 1.0, 1.0, 1.0), None, profiled)


@pytest.mark.parametrize(("low", "high"), [(0.3, 280.0), (0.1, 20.0), (6.0, 350.0), (1e-4, 1e6)])
def test_no_number_at_an_axis_is_drawn_twice(qtbot: QtBot, low: float, high: float) -> None:
    axis = DecimalAxis("bottom")
    axis.setLogMode(True, True)
    levels = axis.tickValues(math.log10(low), math.log10(high), 600)
    places = [round(value, 6) for _spacing, values in levels for value in values]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("width", [1600, 560])
def test_the_roofs_numbers_lie_over_the_roofs_and_within_the_plot(
    qtbot: QtBot, chart: RooflineChart, profiled: Document, profile: Profile, width: int
) -> None:
    profiled.set_profile(msgspec.structs.replace(profile, peaks=PEAKS))
    qtbot.waitUntil(lambda: "a test" in chart.says.text(), timeout=10_000)
    chart.resize(width, 300)
    qtbot.wait(50)
    for plot, roofline in zip(chart.plots, chart.rooflines, strict=True):
        view = plot.getViewBox()
        for text in plot._texts:
            area = text.mapRectToScene(text.boundingRect())
            assert area.left() >= view.sceneBoundingRect().left() - 1
            assert area.right() <= view.sceneBoundingRect().right() + 1
            for x in (area.left(), area.right()):
                at = view.mapSceneToView(pg.Point(x, area.bottom() - 5))  # 5: of the item's own margin
                roof = roofline.roof(10 ** at.x())
                assert roof is not None
                assert 10 ** at.y() >= roof * 0.98


def test_no_factor_is_written_at_an_axis(
    qtbot: QtBot, chart: RooflineChart, profiled: Document, profile: Profile
) -> None:
    """pyqtgraph adds "(x0.001)" to small numbers' axes, whose ticks then mean a thousandth."""
    slow = {d: {layer: tuple(2000 * ms for ms in s) for layer, s in by.items()} for d, by in profile.samples.items()}
    profiled.set_profile(msgspec.structs.replace(profile, samples=slow))
    qtbot.waitUntil(lambda: bool(chart.rooflines), timeout=10_000)
    for plot in chart.plots:
        for side in ("left", "bottom"):
            assert "(x" not in plot.getAxis(side).labelString()


@pytest.mark.parametrize("height", [190, 300, 700])
def test_the_highest_roofs_number_is_not_cut_at_the_top(
    qtbot: QtBot, chart: RooflineChart, profiled: Document, profile: Profile, height: int
) -> None:
    samples = {**profile.samples, "CPU": {**profile.samples["CPU"], "l1": (4e5,), "l2": (2e5,)}}  # six decades of rates
    profiled.set_profile(msgspec.structs.replace(profile, samples=samples))
    qtbot.waitUntil(lambda: bool(chart.rooflines), timeout=10_000)
    chart.resize(900, height)
    qtbot.wait(50)
    for plot in chart.plots:
        area = plot._texts[0].mapRectToScene(plot._texts[0].boundingRect())
        assert area.top() >= plot.getViewBox().sceneBoundingRect().top() - 1


def test_plots_are_made_one_a_turn_where_somebody_looks(
    qtbot: QtBot, bench: Workbench, profiled: Document, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = RooflineChart(profiled, theme, Analysis(bench, bench))
    qtbot.addWidget(made)
    made.show()
    counts: list[int] = []
    real = made.refresh
    monkeypatch.setattr(made, "refresh", lambda: (real(), counts.append(len(made._made)), None)[-1])
    qtbot.waitUntil(lambda: bool(made.plots), timeout=20_000)
    assert counts[-3:] == [1, 2, 0]
    assert [len(plot.dots.points()) for plot in made.plots] == [5, 5]


@pytest.mark.parametrize("size", [60, 100, 200, 400])
def test_numbers_at_an_axis_do_not_run_into_each_other(qtbot: QtBot, theme: Theme, size: int) -> None:
    axis = DecimalAxis("bottom")
    axis.setLogMode(True, True)
    axis.setTickFont(theme.font(0.9))
    low, high = math.log10(0.3), math.log10(300.0)
    places = []
    for spacing, values in axis.tickValues(low, high, size):
        for value, text in zip(values, axis.tickStrings(values, 1.0, spacing), strict=True):
            if text:
                places.append(
                    ((value - low) / (high - low) * size, QFontMetricsF(theme.font(0.9)).horizontalAdvance(text))
                )
    places.sort()
    assert len(places) >= 3
    for (left, one), (right, other) in pairwise(places):
        assert left + one / 2 <= right - other / 2


def test_the_numbers_over_a_short_slope_stand_beside_each_other(
    qtbot: QtBot, chart: RooflineChart, profiled: Document, profile: Profile
) -> None:
    peaks = {device: Peaks(gflops=40.0, gb_per_s=200.0, source="a test") for device in ("CPU", "GPU")}
    profiled.set_profile(msgspec.structs.replace(profile, peaks=peaks))
    qtbot.waitUntil(lambda: "a test" in chart.says.text(), timeout=10_000)
    chart.resize(1000, 300)
    qtbot.wait(50)
    for plot in chart.plots:
        compute, memory = (text.mapRectToScene(text.boundingRect()) for text in plot._texts)
        assert memory.right() <= compute.left() + 1
        assert compute.right() <= plot.getViewBox().sceneBoundingRect().right() + 1
