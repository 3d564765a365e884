"""The inspector: what it says of one layer, of several, and of none; numbers held against hand calculation."""

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from layerswitch.measurement.profile import Kernel, Profile
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.inspector import layer_metrics
from layerswitch_gui.views.inspector.inspector import Inspector


@pytest.fixture
def inspector(qtbot: QtBot, profiled: Document, theme: Theme) -> Inspector:
    made = Inspector(profiled, theme)
    qtbot.addWidget(made)
    return made


def test_rates_by_hand(profiled: Document) -> None:
    assert profiled.graph is not None
    # l2: 2,000 MACs, 20 parameters, one tensor in and one out of 16 x 8 x 8 float32 each; 4 ms on CPU, 1 ms on GPU
    cpu, gpu = layer_metrics.achieved(profiled, "l2")
    assert layer_metrics.traffic(profiled.graph, "l2") == 2 * 4096 + 80
    assert cpu.gflops == pytest.approx(2 * 2000 / 4e-3 / 1e9)
    assert gpu.gflops == pytest.approx(4 * cpu.gflops)
    assert gpu.gbytes == pytest.approx(8272 / 1e-3 / 1e9)
    assert cpu.share == pytest.approx(2000 / 4 / 5000)  # l5 does 5,000 MACs in 1 ms there
    assert layer_metrics.intensity(profiled.graph, "l2") == pytest.approx(4000 / 8272)


def test_a_flip_is_its_own_time_and_the_transfers(profiled: Document) -> None:
    for name in profiled.assignment:
        flip = layer_metrics.flipped(profiled, name)
        assert flip is not None
        assert flip.own_ms == pytest.approx(3.0)
        assert flip.total_ms == pytest.approx(profiled.effect_of({name: flip.device}))


def test_shows_rates_switches_flip_and_the_optimum(inspector: Inspector, profiled: Document) -> None:
    profiled.select(["l2"])
    text, more = inspector.text.text(), inspector.more.text()
    assert "Achieved, simulated" in text
    assert "0.004 GFLOP/s" in text
    assert "Its switches cost 1.00 ms" in more
    assert more.count("transfer in") == more.count("transfer out") == 1
    assert "its own time +3.00 ms, transfers −1.00 ms" in more
    assert "The optimum agrees" in more
    assert not inspector.strip.isHidden()


def test_kernels_stand_with_their_times_and_shares(
    qtbot: QtBot, document: Document, theme: Theme, profile: Profile
) -> None:
    kernels = {"GPU": {"l0": (Kernel("im2col <x>", 0.25), Kernel("gemm", 0.75))}}
    document.open(None, graph=profile.graph)
    document.set_profile(msgspec.structs.replace(profile, kernels=kernels))
    made = Inspector(document, theme)
    qtbot.addWidget(made)
    document.select(["l0"])
    assert "kernel im2col &lt;x&gt;: 0.250 ms, 25.0 %" in made.text.text()
    assert "kernel gemm: 0.750 ms, 75.0 %" in made.text.text()


def test_several_layers_are_listed_and_held_against_the_optimum(inspector: Inspector, profiled: Document) -> None:
    profiled.flip("l0")
    profiled.select(["l0", "l1", "l2"])
    text = inspector.text.text()
    assert "3 layers" in text
    assert all(f">{name}<" in inspector.more.text() for name in ("l0", "l1", "l2"))
    assert "puts 1 of them elsewhere" in text


def test_without_a_selection_it_tells_of_the_network(inspector: Inspector, profiled: Document) -> None:
    profiled.select(())
    text = inspector.text.text()
    assert text.count("3 layers, <b>3.00 ms</b>") == 2
    assert "Select a layer" in text


def test_without_a_profile_there_are_no_rates(qtbot: QtBot, document: Document, theme: Theme, profile: Profile) -> None:
    document.open(None, graph=profile.graph)
    assert layer_metrics.achieved(document, "l2") == ()
    assert layer_metrics.flipped(document, "l2") is None
    made = Inspector(document, theme)
    qtbot.addWidget(made)
    document.select(["l2"])
    assert "profile the network (F5)" in made.text.text()
    assert "Achieved" not in made.text.text()


def test_calibrated_times_say_so(qtbot: QtBot, document: Document, theme: Theme, profile: Profile) -> None:
    document.open(None, graph=profile.graph)
    document.set_profile(msgspec.structs.replace(profile, baselines={"CPU": (16.5, 16.5)}))  # the layers add up to 15
    made = Inspector(document, theme)
    qtbot.addWidget(made)
    document.select(["l0"])
    assert made.text.text().count("their median × 1.100: scaled to end-to-end time") == 1
    assert "<b>4.40 ms</b>" in made.text.text()
