"""What a board's state says of its times."""

import pytest
from msgspec.structs import replace

from layerswitch.boards.condition_warnings import warnings, warnings_of_rounds
from layerswitch.measurement.conditions import UNKNOWN, BoardState, Conditions, Resumption, spanning

CLUSTERS = ("cores 0 1", "cores 2 3", "cores 4 5")
STATE = BoardState(
    clocks_mhz=dict(zip(CLUSTERS, (1800.0, 1800.0, 2208.0), strict=True)),
    governors=("performance",),
    temperatures_c={"soc": 45.0, "ddr": 47.0},
    load=0.12,
    free_bytes=2_500_000_000,
)
CALM = Conditions(STATE, STATE)
LOST = Resumption(2, "the agent ended")


def clocks(*mhz):
    return dict(zip(CLUSTERS, map(float, mhz), strict=True))


def before(**changes):
    return replace(CALM, before=replace(STATE, **changes))


def after(**changes):
    return replace(CALM, after=replace(STATE, **changes))


def test_a_calm_board_warns_of_nothing():
    assert warnings(CALM) == warnings(UNKNOWN) == ()
    assert warnings(after(clocks_mhz=clocks(1800, 1800, 2100), load=3.9)) == ()


@pytest.mark.parametrize(
    ("conditions", "kind", "said"),
    [
        (after(clocks_mhz=clocks(1000, 1000, 1200)), "throttling", "from 1936 to 1067 MHz"),
        (after(temperatures_c={"soc": 91.0, "ddr": 60.0}), "heat", "91 °C"),
        (before(temperatures_c={"soc": 86.0}), "heat", "86 °C"),
        (before(load=2.5), "busy", "load 2.5"),
        (after(free_bytes=40_000_000), "memory", "40 MB"),
        (Conditions(BoardState(free_bytes=40_000_000)), "memory", "40 MB"),
        (before(governors=("ondemand",)), "governor", "ondemand"),
        (replace(CALM, resumed=LOST), "resumed", "in 2 parts, as the agent ended in between"),
    ],
)
def test_what_is_worth_a_warning(conditions, kind, said):
    (found,) = warnings(conditions)
    assert found.kind == kind
    assert said in found.text


def test_clocks_that_the_governor_changes_are_no_throttling():
    slow = replace(STATE, governors=("schedutil",), clocks_mhz=clocks(600, 600, 600))
    assert [one.kind for one in warnings(Conditions(replace(STATE, governors=("schedutil",)), slow))] == ["governor"]


def test_clocks_of_other_clusters_are_not_compared():
    assert warnings(after(clocks_mhz={"cores 0 1": 600.0})) == ()


def test_one_governor_that_changes_clocks_is_enough():
    assert warnings(before(governors=("performance", "powersave"))) == ()
    assert [one.kind for one in warnings(before(governors=("performance", "schedutil")))] == ["governor"]


def test_the_gravest_of_all_rounds_is_said_with_how_many():
    rounds = [
        CALM,
        after(clocks_mhz=clocks(1000, 1000, 1200)),
        Conditions(
            replace(STATE, clocks_mhz=clocks(900, 900, 900)),
            replace(STATE, clocks_mhz=clocks(900, 900, 900), temperatures_c={"soc": 88.0}),
        ),
        before(temperatures_c={"soc": 93.0}),
    ]
    throttling, heat = warnings_of_rounds(rounds)
    assert (throttling.kind, heat.kind) == ("throttling", "heat")
    assert "from 1936 to 900 MHz" in throttling.text
    assert "in 2 of 4 rounds" in throttling.text
    assert "93 °C" in heat.text
    assert "in 2 of 4 rounds" in heat.text


def test_only_the_load_before_the_first_round_is_that_of_others():
    assert warnings_of_rounds([CALM, before(load=5.5)]) == ()
    (busy,) = warnings_of_rounds([before(load=1.5), before(load=5.5)])
    assert "load 1.5" in busy.text


def test_no_rounds_warn_of_nothing():
    assert warnings_of_rounds(()) == ()
    assert warnings_of_rounds([UNKNOWN, UNKNOWN]) == ()


def test_a_rounds_state_is_that_before_its_first_run_and_after_its_last():
    last = Conditions(STATE, replace(STATE, load=0.8))
    assert spanning([CALM, UNKNOWN, last]) == Conditions(STATE, last.after)
    assert spanning([CALM]) == CALM
    assert spanning([]) == spanning([UNKNOWN, UNKNOWN]) == UNKNOWN
    assert spanning([replace(CALM, resumed=LOST), CALM]).resumed == LOST
