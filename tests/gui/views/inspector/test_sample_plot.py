"""The strip of samples: outliers are ringed and said, and devices' names fit beside their lanes."""

import msgspec
import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from layerswitch.measurement.profile import Device, Profile
from layerswitch_gui.document.document import Document
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.inspector.sample_plot import SampleStrip

FAR = (1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0, 1.01, 9.0, 0.99)


@pytest.fixture
def strip(qtbot: QtBot, profiled: Document, theme: Theme) -> SampleStrip:
    made = SampleStrip(profiled, theme)
    qtbot.addWidget(made)
    made.resize(300, 100)
    return made


def with_samples(profile: Profile, samples: tuple[float, ...]) -> Profile:
    return msgspec.structs.replace(
        profile, samples={**profile.samples, "GPU": {**profile.samples["GPU"], "l2": samples}}
    )


def test_outliers_are_pointed_at(strip: SampleStrip, profiled: Document, profile: Profile) -> None:
    profiled.set_profile(with_samples(profile, FAR))
    strip.show_layer("l2")
    assert strip.far == {"CPU": (), "GPU": (8,)}
    assert "GPU: 0.980 ms to 9.00 ms, 1 outlier" in strip.accessibleDescription()
    assert "ring" in strip.toolTip()
    strip.show_layer("l3")
    assert strip.far == {"CPU": (), "GPU": ()}
    assert "ring" not in strip.toolTip()


@pytest.mark.parametrize(
    ("name", "fits"), [("NPU of the camera", True), ("Cortex-A76 big cluster of four, pinned", False)]
)
def test_names_of_devices_stand_beside_their_lanes_and_leave_room_for_samples(
    strip: SampleStrip, profiled: Document, profile: Profile, theme: Theme, name: str, fits: bool
) -> None:
    board = msgspec.structs.replace(profile.board, devices=(Device("CPU"), Device(name)))
    samples = {"CPU": profile.samples["CPU"], name: profile.samples["GPU"]}
    profiled.open(None, graph=profile.graph)
    profiled.set_profile(msgspec.structs.replace(profile, board=board, samples=samples, transfer_costs=()))
    strip.show_layer("l2")
    strip.grab()
    needed = QFontMetricsF(theme.font(0.85)).horizontalAdvance(name)
    assert (strip.margin() >= needed) == fits
    assert strip.margin() < 0.45 * strip.width()
