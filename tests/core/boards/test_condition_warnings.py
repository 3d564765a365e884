"""What a board's state says of its times."""

import pytest

from layerswitch.boards.client.collectors import SITTINGS
from layerswitch.boards.condition_warnings import joined, warnings, warnings_of_rounds

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


def test_a_simulated_boards_governor_is_a_governor():
    assert warnings({"governor": "performance (simulated)"}) == ()
    assert warnings({"governor": "performance, powersave"}) == ()
    assert [one.kind for one in warnings({"governor": "performance, schedutil"})] == ["governor"]


def test_the_gravest_of_all_rounds_is_said_with_how_many():
    rounds = [
        CALM,
        {**CALM, "clocks after": "1000, 1000, 1200 MHz"},
        {**CALM, "clocks": "900, 900, 900 MHz", "temperatures after": "soc 88 °C"},
        {**CALM, "temperatures": "soc 93 °C"},
    ]
    throttling, heat = warnings_of_rounds(rounds)
    assert (throttling.kind, heat.kind) == ("throttling", "heat")
    assert "from 1936 to 900 MHz" in throttling.text
    assert "in 2 of 4 rounds" in throttling.text
    assert "93 °C" in heat.text
    assert "in 2 of 4 rounds" in heat.text


def test_only_the_load_before_the_first_round_is_that_of_others():
    assert warnings_of_rounds([CALM, {**CALM, "load": "5.5"}]) == ()
    (busy,) = warnings_of_rounds([{**CALM, "load": "1.5"}, {**CALM, "load": "5.5"}])
    assert "load 1.5" in busy.text


def test_no_rounds_warn_of_nothing():
    assert warnings_of_rounds(()) == ()
    assert warnings_of_rounds([{}, {}]) == ()


def test_a_rounds_state_is_that_before_its_first_run_and_after_its_last():
    first = {**CALM, "load after": "0.50", "inputs": "drawn from seed 0"}
    last = {**CALM, "clocks after": "1000, 1000, 1200 MHz", "load": "0.80"}
    assert joined([first, {}, last]) == {**CALM, "clocks after": "1000, 1000, 1200 MHz", "load after": "0.80"}
    assert joined([first]) == {**CALM, "load after": "0.50"}
    assert joined([]) == joined([{}, {}]) == {}
    assert joined([{SITTINGS: "2 (lost)"}, CALM])[SITTINGS] == "2 (lost)"
