"""Themes: readable contrast, and what is remembered."""

import pytest
from PySide6.QtGui import QColor

from layerswitch_gui.platform.preferences import Preferences
from layerswitch_gui.platform.theme import DARK, LIGHT, Theme


def light(colour: str) -> float:
    parts = QColor(colour).getRgbF()[:3]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    bright, dark = sorted((light(first), light(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("ground", ["window", "base", "raised"])
@pytest.mark.parametrize("role", ["text", "muted", "good", "bad", "warning"])
def test_text_is_readable(colours, ground, role):
    assert contrast(getattr(colours, role), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("device", ["CPU", "GPU", "NPU", "LITTLE"])
def test_letters_on_device_colours_are_readable(theme, device):
    assert contrast(theme.device(device).name(), theme.device_text(device).name()) >= 4.5


def test_switching_tells_the_views(theme):
    told = []
    theme.changed.connect(lambda: told.append(theme.dark))
    theme.choose("dark")
    theme.choose("light")
    assert told == [True, False]


def test_text_size_stays_in_bounds(theme):
    theme.set_scale(99)
    assert theme.scale == 2.5
    theme.set_scale(1.0)
    assert theme.font(2.0).pointSizeF() == pytest.approx(2 * theme.font().pointSizeF())


def test_a_system_that_says_nothing_is_light(qapp):
    theme = Theme("system")
    assert not theme.dark
    theme.deleteLater()


def test_recent_files_come_newest_first_and_once():
    preferences = Preferences(remember=False)
    for name in ("a", "b", "a"):
        preferences.add_recent(name)
    assert preferences.recent == ["a", "b"]
