import itertools
import threading

import numpy as np
import pytest
from msgspec.structs import replace

from layerswitch import serialization
from layerswitch.errors import BoardError, CancelledError, LayerSwitchError
from layerswitch.experiments.refine import Refinement, _final
from layerswitch.experiments.refine import refine as outcome_of
from layerswitch.experiments.results import Run
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.outcome import Outcome
from layerswitch.prediction.latency_model import LatencyModel

DEVICES = ("CPU", "GPU")
MS = {"CPU": (12.0, 6.0, 12.0, 6.0, 5.0), "GPU": (8.0, 9.0, 8.0, 9.0, 9.0)}


class Network:
    def __init__(self):
        layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",)) for i in range(5))
        tensors = {f"t{i}": Tensor(f"t{i}", (1000,), "float32") for i in range(6)}
        self.graph = LayerGraph("net", layers, tensors, ("t0",), ("t5",))


def profile_of(graph, board, transfer_ms):
    samples = {device: {f"l{i}": (ms,) for i, ms in enumerate(MS[device])} for device in DEVICES}
    costs = tuple(TransferCost(a, b, transfer_ms, 0.0) for a, b in (DEVICES, DEVICES[::-1]))
    return Profile(graph, board, samples, costs, {device: (sum(MS[device]),) for device in DEVICES})


class Board:
    """Runs take what a profile with the true transfer cost predicts, and 1 % noise."""

    def __init__(self, graph, transfer_ms, fail_after=None):
        self.description = BoardDescription("b", "Board", "simulated", tuple(map(Device, DEVICES)))
        self.truth = LatencyModel.from_profile(profile_of(graph, self.description, transfer_ms))
        self.random, self.calls, self.fail_after = np.random.default_rng(0), 0, fail_after
        self.cancel = threading.Event()

    def unsupported(self, model, *, cancel=None):
        return {}

    def run(self, model, assignment, *, cancel=None, **options):
        self.calls += 1
        if self.fail_after is not None and self.calls > self.fail_after:
            return Outcome(None, BoardError("the agent died"))
        ms = self.truth.cost(self.truth.choice(assignment)) * self.random.lognormal(0, 0.01)
        return Outcome(Run("", "net", "", self.description, assignment, (ms,)))

    def best(self):
        every = itertools.product(range(2), repeat=5)
        return min(self.truth.cost(np.array(choice)) for choice in every)


def refine(*given, **options):
    """A refinement that comes to its end."""
    return outcome_of(*given, **options).whole()


@pytest.fixture
def model():
    return Network()


@pytest.mark.parametrize(("said", "true"), [(1.0, 1.0), (8.0, 0.5), (0.0, 6.0), (0.2, 6.0)])
def test_ends_at_the_best_although_the_profile_misleads(model, said, true):
    board = Board(model.graph, true)
    found = refine(board, model, profile_of(model.graph, board.description, said), rounds=10)
    final = board.truth.cost(board.truth.choice(found.plan.assignment))
    assert final <= 1.02 * board.best()
    assert found.stands
    assert len(found.steps) <= 6


def test_history_says_what_was_learnt_and_changed(model, tmp_path):
    board = Board(model.graph, 2.5)
    kept = []
    found = refine(
        board,
        model,
        profile_of(model.graph, board.description, 0.2),
        rounds=10,
        keep=lambda number, comparison: kept.append((number, comparison.rounds)),
    )
    assert kept == [(number, 10) for number in range(1, len(found.steps) + 1)]
    assert len(found.steps) > 1
    assert found.steps[0].changed == ()
    old, new = found.steps[0].assignment, found.steps[1].assignment
    assert found.steps[1].changed == tuple(layer for layer in old if old[layer] != new[layer])
    assert found.steps[1].changed
    assert sum(found.steps[0].transfer_added_ms.values()) > 2
    serialization.save(tmp_path / "r.json", found)
    assert serialization.load(tmp_path / "r.json", Refinement) == found


def test_earlier_runs_count_before_the_first_plan(model):
    board = Board(model.graph, 2.5)
    told = profile_of(model.graph, board.description, 0.2)
    switched = Assignment.parse("GCGCC", model.graph, DEVICES)
    runs = [board.run(model, switched).whole() for _ in range(20)]
    without, with_runs = refine(board, model, told, limit=1), refine(board, model, told, limit=1, runs=runs)
    assert without.steps[0].assignment == dict(switched)
    assert with_runs.steps[0].assignment != dict(switched)


def test_pins_are_held(model):
    board = Board(model.graph, 0.5)
    found = refine(board, model, profile_of(model.graph, board.description, 0.5), pins={"l1": "GPU"}, rounds=6)
    assert all(step.assignment["l1"] == "GPU" for step in found.steps)


def test_the_limit_a_stop_and_an_error_keep_what_was_measured(model):
    board = Board(model.graph, 2.5)
    told = profile_of(model.graph, board.description, 0.2)
    found = refine(board, model, told, rounds=10, limit=1)
    assert len(found.steps) == found.limit == 1
    assert not found.stands
    assert found.measured_ms.samples == 10
    board = Board(model.graph, 2.5, fail_after=45)
    outcome = outcome_of(board, model, told, rounds=10)
    assert isinstance(outcome.error, BoardError)
    assert len(outcome.value.steps) == 1
    board = Board(model.graph, 2.5)
    outcome = outcome_of(board, model, told, rounds=10, cancel=board.cancel, keep=lambda *_: board.cancel.set())
    assert isinstance(outcome.error, CancelledError)
    assert len(outcome.value.steps) == 1
    with pytest.raises(CancelledError):
        refine(board, model, told, cancel=board.cancel)
    with pytest.raises(LayerSwitchError, match="no step"):
        refine(board, model, told, limit=0)


def test_the_plan_is_not_called_optimal_when_the_model_prefers_another(model):
    board = Board(model.graph, 0.5)
    told = replace(profile_of(model.graph, board.description, 0.5), baselines={})
    found = refine(board, model, told, rounds=10)
    if found.plan.optimal:
        assert found.plan.predicted_ms == pytest.approx(found.plan.lower_bound_ms)
    assert found.plan.lower_bound_ms <= found.plan.predicted_ms + 1e-9


def test_the_result_holds_the_pins_even_where_a_baseline_without_them_is_faster(model):
    board = Board(model.graph, 8.0)
    pins = {"l1": "GPU"}  # with transfers that dear, the fastest of all is CPU only
    found = refine(board, model, profile_of(model.graph, board.description, 8.0), pins=pins, rounds=6)
    assert found.plan.pins == pins
    assert found.plan.assignment["l1"] == "GPU"
    assert found.plan.lower_bound_ms <= found.plan.predicted_ms * (1 + 1e-9)
    assert found.measured_ms.median == pytest.approx(found.plan.predicted_ms, rel=0.05)


def test_another_optimum_than_the_planners_is_called_optimal_too(model):
    """Two assignments that are predicted to take as long: the one that was measured to be faster is as good a plan."""
    board = BoardDescription("b", "Board", "simulated", tuple(map(Device, DEVICES)))
    samples = {device: {f"l{i}": (5.0,) for i in range(5)} for device in DEVICES}
    latency = LatencyModel.from_profile(Profile(model.graph, board, samples))
    for text in ("CCCCC", "GGGGG", "CGCGC"):
        best = Assignment.parse(text, model.graph, DEVICES)
        final = _final(latency, board, best, {})
        assert (final.assignment, final.optimal) == (dict(best), True)
        assert final.lower_bound_ms == pytest.approx(final.predicted_ms)
