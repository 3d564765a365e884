"""The reason in the inspector: the library's own sentence and numbers, none of it while nothing is known."""

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from layerswitch.explain import explain
from layerswitch.measurement.profile import Kernel, Peaks, Profile
from layerswitch_gui.document.document import Document
from layerswitch_gui.jobs.analysis import Analysis
from layerswitch_gui.jobs.workflow import Workbench
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.inspector.inspector import Inspector
from layerswitch_gui.views.inspector.why import Why
from layerswitch_gui.widgets import formatting


@pytest.fixture
def inspector(qtbot: QtBot, bench: Workbench, profiled: Document, theme: Theme) -> Inspector:
    made = Inspector(profiled, theme)
    made.add_reasons(Why(profiled, theme, Analysis(bench, bench)))
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def why(inspector: Inspector) -> Why:
    return inspector.findChild(Why)


def explained(qtbot: QtBot, why: Why, layer: str) -> str:
    why._document.select([layer])
    qtbot.waitUntil(lambda: why._analysis.explanation is not None, timeout=20_000)
    return why.text.text()


def test_the_sentence_is_the_librarys(qtbot: QtBot, why: Why, profiled: Document) -> None:
    text = explained(qtbot, why, "l2")
    assert profiled.profile is not None
    assert explain(profiled.profile).layer("l2").reason in text
    assert "from simulated times" in text
    assert "0.488 FLOP/byte" in text  # 4,000 FLOP over 8,192 bytes
    assert "8.19 kB at least<br><small>4.1 kB in, 4.1 kB out</small>" in text


def test_rates_roofs_and_parts_by_hand(qtbot: QtBot, why: Why, profiled: Document, profile: Profile) -> None:
    kernels = {"GPU": {"l2": (Kernel("im2col", 0.25), Kernel("gemm", 0.75))}}
    peaks = {"GPU": Peaks(gflops=0.008, gb_per_s=1.0, source="a test")}
    profiled.set_profile(msgspec.structs.replace(profile, kernels=kernels, peaks=peaks))
    text = explained(qtbot, why, "l2")
    assert "<b>0.00400 GFLOP/s</b>, 0.00819 GB/s" in text
    assert "50.0 % of what it can attain, 0.00800 GFLOP/s" in text
    assert "of the best seen here" in text  # the CPU has no peaks
    assert "arithmetic 75.0 %, data movement 25.0 %" in text


def test_only_one_layer_has_a_reason(qtbot: QtBot, why: Why, profiled: Document) -> None:
    explained(qtbot, why, "l2")
    assert why.isVisible()
    profiled.select(["l1", "l2"])
    assert not why.isVisible()
    profiled.select(())
    assert not why.isVisible()


def test_the_link_asks_for_the_roofline(qtbot: QtBot, why: Why) -> None:
    assert "<a href='roofline'>" in explained(qtbot, why, "l2")
    with qtbot.waitSignal(why.roofline_asked):
        why.text.linkActivated.emit("roofline")
    assert "<a href" not in explained(qtbot, why, "l0")  # it has no work, and so no place there


def test_the_rates_stand_in_one_place_only(qtbot: QtBot, inspector: Inspector, why: Why) -> None:
    explained(qtbot, why, "l2")
    assert "GFLOP/s" not in inspector.text.text()


def test_the_interval_is_the_command_lines_and_few_samples_have_none(
    qtbot: QtBot, why: Why, profiled: Document, profile: Profile
) -> None:
    assert "range of 3 samples 0.90 to 1.10 ms" in explained(qtbot, why, "l2")
    many = tuple(1.0 + 0.01 * place for place in range(20))
    samples = {**profile.samples, "GPU": {**profile.samples["GPU"], "l2": many}}
    profiled.set_profile(msgspec.structs.replace(profile, samples=samples))
    text = explained(qtbot, why, "l2")
    assert profiled.profile is not None
    on = explain(profiled.profile).layer("l2").devices[1]
    assert f"95 % interval {formatting.interval(on.ms.low, on.ms.high)}" in text


def test_a_layer_without_arithmetic_is_held_against_the_memory(
    qtbot: QtBot, why: Why, profiled: Document, profile: Profile
) -> None:
    peaks = {"GPU": Peaks(gflops=1.0, gb_per_s=0.01, source="a test")}
    profiled.set_profile(msgspec.structs.replace(profile, peaks=peaks))
    text = explained(qtbot, why, "l0")  # no multiply-accumulates; 768 bytes in, 4,096 out, in 1 ms on the GPU
    assert "48.6 % of what it can attain, 0.0100 GB/s" in text
