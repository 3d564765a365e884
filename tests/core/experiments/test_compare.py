import threading

import msgspec
import numpy as np
import pytest

from layerswitch.boards import condition_warnings
from layerswitch.errors import AssignmentError, BoardError, CancelledError, LayerSwitchError, ProfileError
from layerswitch.experiments.compare import compare as outcome_of
from layerswitch.experiments.results import Run
from layerswitch.measurement.conditions import BoardState, Conditions
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.outcome import Outcome
from layerswitch.prediction.latency_model import LatencyModel


class Network:
    """All that a comparison asks of a Model."""

    def __init__(self):
        layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",)) for i in range(3))
        tensors = {f"t{i}": Tensor(f"t{i}", (1,), "float32") for i in range(4)}
        self.graph = LayerGraph("net", layers, tensors, ("t0",), ("t3",))


class FakeBoard:
    """Latency by the number of layers on the CPU, a drift far larger than the differences, and a little noise."""

    def __init__(self, missing=None, stop_after=None, fail_after=None):
        self.description = BoardDescription("b", "Board", "simulated", (Device("CPU"), Device("GPU")))
        self.missing, self.stop_after, self.fail_after = missing or {}, stop_after, fail_after
        self.random, self.calls, self.cancel = np.random.default_rng(0), [], threading.Event()

    def unsupported(self, model, *, cancel=None):
        return self.missing

    def run(self, model, assignment, *, runs, warmup, seed, name, progress, cancel):
        self.calls.append((assignment.text, runs, warmup))
        if self.fail_after is not None and len(self.calls) > self.fail_after:
            return Outcome(None, BoardError("the agent died"))
        if cancel is not None and cancel.is_set():
            return Outcome(None, CancelledError("cancelled"))
        ms = (10 + assignment.text.count("C")) * (1 + len(self.calls) / 100) * self.random.lognormal(0, 0.002)
        if self.stop_after is not None and len(self.calls) >= self.stop_after:
            self.cancel.set()
        return Outcome(Run(name, "net", "", self.description, assignment, (ms,), warmup=warmup))


def compare(*given, **options):
    """A comparison that comes to its end."""
    return outcome_of(*given, **options).whole()


@pytest.fixture
def model():
    return Network()


def given(model, **texts):
    return [
        NamedAssignment(name, "own", Assignment.parse(text, model.graph, ("CPU", "GPU")))
        for name, text in texts.items()
    ]


@pytest.fixture
def latency(model):
    board = FakeBoard().description
    samples = {device: dict.fromkeys(model.graph.index, (ms,)) for device, ms in (("CPU", 4.0), ("GPU", 3.0))}
    return LatencyModel.from_profile(Profile(model.graph, board, samples, (TransferCost("CPU", "GPU", 0.5, 0.0),)))


def test_baselines_gains_and_verdicts(model, latency):
    result = compare(FakeBoard(), model, given(model, mine="GGC", same="GGG"), predicted=latency, rounds=20)
    assert [entry.name for entry in result.entries] == ["CPU", "GPU", "mine", "same"]
    assert result.reference == "GPU"
    assert result.rounds == 20
    by_name = {entry.name: entry for entry in result.entries}
    assert by_name["GPU"].verdict == "reference"
    assert by_name["GPU"].gain is None
    assert by_name["mine"].verdict == by_name["CPU"].verdict == "slower"
    assert by_name["mine"].gain.median == pytest.approx(-0.1, abs=0.02)
    assert by_name["mine"].predicted_ms == 10.0
    assert by_name["mine"].switches == 1
    assert all(len(entry.samples_ms) == entry.measured_ms.samples == 20 for entry in result.entries)


def test_one_assignment_under_two_names_is_measured_once(model):
    board = FakeBoard()
    result = compare(board, model, given(model, CPU="CCC", same="GGG"), predicted=None, rounds=6)
    assert len(board.calls) == 12
    by_name = {entry.name: entry for entry in result.entries}
    assert list(by_name) == ["CPU", "GPU", "same"]
    assert by_name["same"].samples_ms == by_name["GPU"].samples_ms
    assert by_name["same"].verdict == "no difference seen"
    assert by_name["same"].predicted_ms is None


def test_rounds_are_whole_and_shuffled_and_only_the_first_warms_up_at_length(model):
    def order(seed):
        board = FakeBoard()
        compare(board, model, given(model, mine="GGC"), predicted=None, rounds=8, warmup=4, seed=seed)
        assert {runs for _, runs, _ in board.calls} == {1}
        assert [warmup for *_, warmup in board.calls] == [4] * 3 + [1] * 21
        rounds = [tuple(text for text, *_ in board.calls[i : i + 3]) for i in range(0, 24, 3)]
        assert all(sorted(one) == ["CCC", "GGC", "GGG"] for one in rounds)
        assert len(set(rounds)) > 2
        return rounds

    assert order(1) == order(1) != order(2)


def test_a_device_that_cannot_run_all_layers_is_no_baseline(model):
    board = FakeBoard(missing={"GPU": {"l1": "no such kernel"}})
    result = compare(board, model, given(model, mine="GCC"), predicted=None, rounds=2)
    assert [entry.name for entry in result.entries] == ["CPU", "mine"]
    assert result.reference == "CPU"
    with pytest.raises(AssignmentError, match="assignment 'bad': layer 'l1' cannot run on GPU: no such kernel"):
        compare(board, model, given(model, bad="GGC"), predicted=None)
    board = FakeBoard(missing={"GPU": {"l1": "no"}, "CPU": {"l0": "no"}})
    assert compare(board, model, given(model, mine="GCC"), predicted=None, rounds=1).reference == "mine"
    with pytest.raises(AssignmentError, match="no device runs all of 'net'"):
        compare(board, model, [], predicted=None)


def test_two_rounds_show_nothing(model):
    result = compare(FakeBoard(), model, given(model, mine="GGC"), predicted=None, rounds=2)
    assert {entry.verdict for entry in result.entries} == {"reference", "no difference seen"}


def test_cancelling_keeps_whole_rounds(model):
    board = FakeBoard(stop_after=8)
    outcome = outcome_of(board, model, given(model, mine="GGC"), predicted=None, rounds=20, cancel=board.cancel)
    assert isinstance(outcome.error, CancelledError)
    result = outcome.value
    assert result.rounds == 2
    assert all(len(entry.samples_ms) == 2 for entry in result.entries)
    assert len(board.calls) == 8
    board = FakeBoard(stop_after=2)
    with pytest.raises(CancelledError):
        compare(board, model, given(model, mine="GGC"), predicted=None, cancel=board.cancel)


def test_a_board_that_dies_hands_over_what_was_measured(model):
    outcome = outcome_of(FakeBoard(fail_after=7), model, given(model, mine="GGC"), predicted=None)
    assert isinstance(outcome.error, BoardError)
    assert outcome.value.rounds == 2
    outcome = outcome_of(FakeBoard(fail_after=1), model, [], predicted=None)
    assert isinstance(outcome.error, BoardError)
    assert outcome.value is None


def test_progress_runs_from_start_to_end(model):
    seen = []
    compare(FakeBoard(), model, given(model, mine="GGC"), predicted=None, rounds=2, progress=seen.append)
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5, 6]
    assert {progress.total for progress in seen} == {6}
    assert seen[-1].text.startswith("round 2 of 2: ")


def test_a_persons_assignment_stays_a_persons_whatever_it_is_called(model):
    names = {"CPU": "GGC", "greedy": "GCC", "optimum": "CGC"}
    result = compare(FakeBoard(), model, given(model, **names), predicted=None, rounds=2)
    assert [(entry.name, entry.kind) for entry in result.entries] == [
        ("CPU", "baseline"), ("GPU", "baseline"), ("CPU 2", "own"), ("greedy", "own"), ("optimum", "own"),
    ]  # fmt: skip
    assert result.reference_entry.name == result.reference


def test_only_what_runs_on_one_device_is_a_baseline(model):
    mixed = NamedAssignment("mixed", "baseline", Assignment.parse("GGC", model.graph, ("CPU", "GPU")))
    alone = NamedAssignment("GPU", "own", Assignment.parse("GGG", model.graph, ("CPU", "GPU")))
    result = compare(FakeBoard(), model, [mixed, alone], predicted=None, rounds=1)
    assert [(entry.name, entry.kind) for entry in result.entries] == [
        ("CPU", "baseline"), ("GPU", "baseline"), ("mixed", "own"),
    ]  # fmt: skip


def test_what_does_not_fit(model, latency):
    with pytest.raises(AssignmentError, match="assignment 'odd'"):
        compare(FakeBoard(), model, [NamedAssignment("odd", "own", Assignment({"l0": "CPU"}))], predicted=None)
    with pytest.raises(LayerSwitchError, match="0 rounds"):
        compare(FakeBoard(), model, [], predicted=None, rounds=0)
    other = Network()
    other.graph = LayerGraph("other", other.graph.layers[:2], other.graph.tensors, ("t0",), ("t2",))
    with pytest.raises(ProfileError, match="other layers"):
        compare(FakeBoard(), other, [], predicted=latency)


def test_until_decided_stops_early_and_says_so(model):
    board = FakeBoard()
    result = compare(board, model, given(model, mine="GCC"), predicted=None, rounds=200, until_decided=True)
    assert result.decided
    assert result.max_rounds == 200
    assert 6 < result.rounds < 30
    assert len(board.calls) == 3 * result.rounds
    mine = result.entries[2]
    assert mine.verdict == "slower"
    assert mine.more_rounds is None
    assert mine.gain.high < 0


def test_until_decided_ends_at_the_limit_with_an_open_question(model):
    class Equal(FakeBoard):
        def run(self, model, assignment, **options):
            run = super().run(model, assignment, **options).whole()
            return Outcome(Run(run.name, "net", "", run.board, run.assignment, (self.random.lognormal(0, 0.01),)))

    result = compare(Equal(), model, given(model, mine="GCC"), predicted=None, rounds=30, until_decided=True)
    assert result.rounds == 30
    assert result.decided is False
    assert {entry.verdict for entry in result.entries} == {"reference", "no difference seen"}


def test_errors_are_shared_among_the_pairs(model):
    assert compare(FakeBoard(), model, [], predicted=None, rounds=1).pairs == 1
    assert compare(FakeBoard(), model, given(model, mine="GGC"), predicted=None, rounds=1).pairs == 3
    assert compare(FakeBoard(), model, given(model, a="GGC", b="GCC"), predicted=None, rounds=1).pairs == 5
    six = compare(FakeBoard(), model, given(model, mine="CGC"), predicted=None, rounds=6).entries[2]
    assert six.gain.high < 0  # all six rounds agree, which one pair in three may not call a difference yet
    assert six.verdict == "no difference seen"
    assert six.more_rounds >= 1


def test_what_the_samples_show_of_drift_is_kept(model):
    result = compare(FakeBoard(), model, [], predicted=None, rounds=20)
    assert all(entry.steadiness.drift.seen for entry in result.entries)
    assert all(entry.steadiness.drift.change > 0.1 for entry in result.entries)


class StatefulBoard(FakeBoard):
    """A board whose load grows with every run, and whose clock falls in the end."""

    def run(self, *arguments, **options):
        outcome = super().run(*arguments, **options)
        number = len(self.calls)
        mhz = 2000 if number < 6 else 1000
        conditions = Conditions(state(number, mhz), state(number + 1, mhz))
        if outcome.value is None:
            return outcome
        return Outcome(msgspec.structs.replace(outcome.value, conditions=conditions, notes={"inputs": "drawn"}))


def state(load, mhz=2000):
    return BoardState(clocks_mhz={"cores 0": float(mhz)}, governors=("performance",), load=float(load))


def test_the_boards_state_is_kept_round_by_round(model):
    result = compare(StatefulBoard(), model, [], predicted=None, rounds=3)
    assert result.conditions == (
        Conditions(state(1), state(3)),
        Conditions(state(3), state(5)),
        Conditions(state(5), state(7, 1000)),
    )
    assert [one.kind for one in condition_warnings.warnings_of_rounds(result.conditions)] == ["throttling", "busy"]
    assert compare(FakeBoard(), model, [], predicted=None, rounds=3).conditions == ()


def test_rounds_that_were_not_completed_say_nothing(model):
    board = StatefulBoard(fail_after=5)
    found = outcome_of(board, model, [], predicted=None, rounds=20).value
    assert len(found.conditions) == found.rounds == 2


class ClockOfZeros(FakeBoard):
    """A clock so coarse that it shows 0 ms for some of the devices, or 0 or 1 by chance."""

    def __init__(self, *zero, chance=False):
        super().__init__()
        self.zero, self.chance = zero, chance

    def run(self, model, assignment, **options):
        run = super().run(model, assignment, **options).whole()
        ms = float(self.random.integers(0, 2)) if self.chance else 0.0 if assignment.text in self.zero else 5.0
        return Outcome(msgspec.structs.replace(run, samples_ms=(ms,)))


@pytest.mark.parametrize("until_decided", [False, True])
def test_a_clock_that_shows_nothing_decides_nothing(model, until_decided):
    def asked(board):
        return compare(board, model, given(model, mine="GGC"), predicted=None, rounds=30, until_decided=until_decided)

    result = asked(ClockOfZeros("GGG"))
    assert result.reference == "GPU"
    assert {entry.name: entry.verdict for entry in result.entries} == {
        "CPU": "no difference seen",
        "GPU": "reference",
        "mine": "no difference seen",
    }
    assert {entry.gain for entry in result.entries} == {None}
    result = asked(ClockOfZeros(chance=True))
    assert "faster" not in {entry.verdict for entry in result.entries}


def test_predictions_must_know_the_boards_devices(model, latency):
    board = FakeBoard()
    board.description = BoardDescription("b", "Board", "simulated", tuple(map(Device, ("CPU", "GPU", "NPU"))))
    with pytest.raises(ProfileError, match="predictions know no device 'NPU'"):
        compare(board, model, [], predicted=latency)
    assert not board.calls
