"""The roofline dock: its points and roofs are the library's, selection goes both ways, and paling follows edits."""

import math
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from layerswitch.explain import explain
from layerswitch.profile import Kernel, Peaks, Profile
from layerswitch_gui.analysis import Analysis
from layerswitch_gui.charts.roofline import NO_PROFILE, RooflineChart
from layerswitch_gui.charts.roofs import DecimalAxis, told
from layerswitch_gui.document import Document
from layerswitch_gui.theme import Theme
from layerswitch_gui.workbench import Workbench

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
    said = told(roofline.points[0], roofline, chart._document)
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
    assert "of the roof here" in told(chart.rooflines[0].points[0], chart.rooflines[0], profiled)


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
    assert made.for_export() is None


def test_the_export_shows_the_same(qtbot: QtBot, chart: RooflineChart) -> None:
    chart.show_assigned(True)
    made = chart.for_export()
    assert made is not None
    copy, _size = made
    qtbot.addWidget(copy)
    assert isinstance(copy, RooflineChart)
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
