"""Executions laid out in time: they add up to the prediction, nothing overlaps, transfers come before their readers."""

from itertools import pairwise

import pytest
from msgspec.structs import replace

from layerswitch.experiments.results import Run
from layerswitch.measurement.profile import Profile
from layerswitch.network.assignment import Assignment
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch_gui.views.charts.timeline_layout import measured, predicted


@pytest.fixture
def latency(profile: Profile) -> LatencyModel:
    return LatencyModel.from_profile(profile)


@pytest.mark.parametrize("text", ["CCCCCC", "GCGCGC", "GCCCCC", "CCGGCC"])
def test_adds_up_to_the_prediction(latency: LatencyModel, text: str) -> None:
    assignment = Assignment.parse(text, latency.graph, latency.devices)
    prediction = latency.predict(assignment)
    blocks = predicted(prediction)
    assert blocks.end == blocks[-1].end == pytest.approx(prediction.total_ms)
    assert sum(block.ms for block in blocks if block.source) == pytest.approx(prediction.transfers_ms)
    assert [block.title for block in blocks if not block.source] == list(assignment)
    for first, second in pairwise(blocks):
        assert second.start == pytest.approx(first.end)


def test_a_transfer_comes_before_its_first_reader(latency: LatencyModel) -> None:
    assignment = Assignment.parse("GCCCCC", latency.graph, latency.devices)
    blocks = predicted(latency.predict(assignment))
    assert [(block.source, block.device, block.title, block.first) for block in blocks[:3]] == [
        ("", "GPU", "l0", 0), ("GPU", "CPU", "t0", 1), ("", "CPU", "l1", 1)
    ]  # fmt: skip
    assert not any(block.source for block in blocks[3:]), "the last layer reads t0 again, which is there already"


def test_gathered_keeps_time_and_layers(latency: LatencyModel) -> None:
    assignment = Assignment.parse("CCGGGC", latency.graph, latency.devices)
    blocks = predicted(latency.predict(assignment))
    few = blocks.gathered
    layers = [block for block in few if not block.source]
    assert [(block.first, block.last) for block in layers] == [(0, 1), (2, 4), (5, 5)]
    assert few[-1].end == pytest.approx(blocks[-1].end)
    assert [block.title for block in layers] == ["l0 … l1", "l2 … l4", "l5"]


def test_finds_what_runs_at_a_time(latency: LatencyModel) -> None:
    blocks = predicted(latency.predict(Assignment.parse("CCCCCC", latency.graph, latency.devices)))
    assert [block.start for block in blocks] == [0.0, 4.0, 5.0, 9.0, 10.0, 14.0]
    assert [blocks.at(ms) for ms in (-1.0, 0.0, 4.5, 14.9, 15.1)] == [None, 0, 1, 5, None]
    assert list(blocks.between(4.5, 9.5)) == [1, 2, 3]
    with pytest.raises(IndexError):
        blocks[6]
    assert blocks[-1] == blocks[5:][0]


def make_run(
    profile: Profile, text: str, segments: tuple[tuple[float, ...], ...], transfers: tuple[tuple[float, ...], ...]
) -> Run:
    assignment = Assignment.parse(text, profile.graph, profile.devices)
    return Run("mine", "chain", "", profile.board, assignment, (9.0,), segments, transfers)


def test_measured_segments_follow_each_other(profile: Profile) -> None:
    run = make_run(profile, "CCGGCC", ((2.0, 4.0, 3.0), (5.0,), (1.0,)), ((0.0,), (0.5,), (0.25,)))
    blocks = measured(run)
    assert [(block.start, block.ms, block.source) for block in blocks] == [
        (0.0, 3.0, ""), (3.0, 0.5, "CPU"), (3.5, 5.0, ""), (8.5, 0.25, "GPU"), (8.75, 1.0, "")
    ]  # fmt: skip


def test_segments_executed_in_another_order_hold_their_own_layers(profile: Profile) -> None:
    run = make_run(profile, "CGCGCC", ((2.0,), (5.0,), (1.0,)), ((0.0,), (0.5,), (0.25,)))
    names = list(run.assignment)
    run = replace(run, segments=((names[0], names[2]), (names[1], names[3]), (names[4], names[5])))
    blocks = [block for block in measured(run) if not block.source]
    assert [(block.device, tuple(block.places)) for block in blocks] == [
        ("CPU", (0, 2)), ("GPU", (1, 3)), ("CPU", (4, 5))
    ]  # fmt: skip
    assert blocks[0].title == f"{names[0]} … {names[2]}"
    assert [block.ms for block in blocks] == [2.0, 5.0, 1.0]


def test_a_run_without_segments_shows_none(profile: Profile) -> None:
    nothing = measured(make_run(profile, "CCGGCC", (), ()))
    assert (list(nothing), nothing.end, list(nothing.gathered)) == ([], 0.0, [])
