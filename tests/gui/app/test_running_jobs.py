"""How long work will take, as people say it."""

import pytest

from layerswitch_gui.app.running_jobs import time_left


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (12.3, "about 12 s left"),
        (89.0, "about 89 s left"),
        (95.0, "about 2 min left"),
        (3570.0, "about 1 h 0 min left"),
        (7800.0, "about 2 h 10 min left"),
    ],
)
def test_seconds_minutes_and_hours(seconds: float | None, text: str) -> None:
    assert time_left(seconds) == text
