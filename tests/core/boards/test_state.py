"""What a board's state says of its times."""

import pytest

from layerswitch.boards.sittings import SITTINGS
from layerswitch.boards.state import warnings

CALM = {
    "clocks": "1800, 1800, 2208 MHz",
    "governor": "performance",
    "temperatures": "soc 45 °C, ddr 47 °C",
    "load": "0.12",
    "free memory": "2500 MB",
}


def test_a_calm_board_warns_of_nothing():
    assert warnings(CALM) == ()
    assert warnings({}) == ()
    assert warnings({**CALM, "clocks after": "1800, 1800, 2100 MHz", "load after": "3.9"}) == ()


@pytest.mark.parametrize(
    ("changed", "kind", "said"),
    [
        ({"clocks after": "1000, 1000, 1200 MHz"}, "throttling", "from 1936 to 1067 MHz"),
        ({"temperatures after": "soc 91 °C, ddr 60 °C"}, "heat", "91 °C"),
        ({"temperatures": "soc 86 °C"}, "heat", "86 °C"),
        ({"load": "2.5"}, "busy", "load 2.5"),
        ({"free memory after": "40 MB"}, "memory", "40 MB"),
        ({"governor": "ondemand"}, "governor", "ondemand"),
        ({SITTINGS: "2 (lost)"}, "sittings", "2 (lost)"),
    ],
)
def test_what_is_worth_a_warning(changed, kind, said):
    (found,) = warnings({**CALM, **changed})
    assert found.kind == kind
    assert said in found.text


def test_clocks_that_the_governor_changes_are_no_throttling():
    conditions = {**CALM, "governor": "schedutil", "clocks after": "600, 600, 600 MHz"}
    assert [one.kind for one in warnings(conditions)] == ["governor"]


@pytest.mark.parametrize("text", ["", "nonsense", "°C", "1e999", "-"])
def test_conditions_may_be_anything(text):
    assert isinstance(warnings(dict.fromkeys([*CALM, *(name + " after" for name in CALM)], text)), tuple)
