"""What a person who stops a comparison or a refinement in its middle is left with, and what is said of it."""

import threading

import pytest

from layerswitch.errors import CancelledError
from layerswitch.experiments.compare import compare
from layerswitch.experiments.refine import refine
from layerswitch.experiments.results import Run
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.outcome import Outcome
from layerswitch.prediction.latency_model import LatencyModel

DEVICES = ("CPU", "GPU")
MS = {"CPU": (12.0, 6.0, 12.0), "GPU": (8.0, 9.0, 8.0)}


class Network:
    def __init__(self):
        layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",)) for i in range(3))
        tensors = {f"t{i}": Tensor(f"t{i}", (1000,), "float32") for i in range(4)}
        self.graph = LayerGraph("net", layers, tensors, ("t0",), ("t3",))


class Board:
    """Somebody presses Stop after so many inferences; `broken` boards were in the middle of one."""

    def __init__(self, graph, after, *, broken=False):
        self.description = BoardDescription("b", "Board", "simulated", tuple(map(Device, DEVICES)))
        samples = {device: {f"l{i}": (ms,) for i, ms in enumerate(MS[device])} for device in DEVICES}
        costs = tuple(TransferCost(a, b, 0.5, 0.0) for a, b in (DEVICES, DEVICES[::-1]))
        self.profile = Profile(graph, self.description, samples, costs)
        self.truth = LatencyModel.from_profile(self.profile)
        self.cancel, self.after, self.broken, self.count = threading.Event(), after, broken, 0

    def unsupported(self, model, *, cancel=None):
        return {}

    def run(self, model, assignment, *, cancel=None, **options):
        self.count += 1
        ms = self.truth.cost(self.truth.choice(assignment))
        run = Run("", "net", "", self.description, assignment, (ms,))
        if self.count >= self.after:
            self.cancel.set()
            if self.broken:
                return Outcome(run, CancelledError("cancelled"))
        return Outcome(run)


@pytest.fixture
def model():
    return Network()


def test_a_refinement_stopped_in_its_first_step_keeps_the_rounds_but_its_plan_does_not_stand(model):
    board = Board(model.graph, 9)
    found = refine(board, model, board.profile, rounds=20, cancel=board.cancel).part()
    assert len(found.steps) == 1
    assert 1 <= found.steps[0].measured_ms.samples < 20
    assert not found.stands
    whole = Board(model.graph, 10_000)
    assert refine(whole, model, whole.profile, rounds=20, cancel=whole.cancel).whole().stands


def test_a_comparison_stopped_before_its_first_round_is_complete_carries_no_other_result(model):
    board = Board(model.graph, 1, broken=True)
    named = [NamedAssignment("plan", "plan", Assignment.parse("GCG", model.graph, DEVICES))]
    outcome = compare(board, model, named, predicted=None, cancel=board.cancel)
    with pytest.raises(CancelledError):
        outcome.whole()
    assert outcome.value is None  # a run, which the board had, is no comparison
