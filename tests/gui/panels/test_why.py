"""The reason in the inspector: the library's own sentence and numbers, none of it while nothing is known."""

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from layerswitch.explain import explain
from layerswitch.profile import Kernel, Peaks, Profile
from layerswitch_gui.analysis import Analysis
from layerswitch_gui.document import Document
from layerswitch_gui.panels.inspector import Inspector
from layerswitch_gui.panels.why import Why
from layerswitch_gui.theme import Theme
from layerswitch_gui.workbench import Workbench


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


def test_rates_roofs_and_parts_by_hand(qtbot: QtBot, why: Why, profiled: Document, profile: Profile) -> None:
    kernels = {"GPU": {"l2": (Kernel("im2col", 0.25), Kernel("gemm", 0.75))}}
    peaks = {"GPU": Peaks(gflops=0.008, gb_per_s=1.0, source="a test")}
    profiled.set_profile(msgspec.structs.replace(profile, kernels=kernels, peaks=peaks))
    text = explained(qtbot, why, "l2")
    assert "<b>0.004 GFLOP/s</b>, 0.00819 GB/s" in text
    assert "50.0 % of its roof, 0.008 GFLOP/s" in text
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
