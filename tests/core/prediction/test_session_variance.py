import pytest
from msgspec.structs import replace

from layerswitch.experiments.results import Comparison, Entry, Run
from layerswitch.measurement.profile import BoardDescription, Device, Profile
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.session_variance import KNOWN_AS, PUBLISHED, spread_of

TENSORS = {name: Tensor(name, (1,), "float32") for name in "xyz"}
LAYERS = (Layer("a", "Relu", ("x",), ("y",)), Layer("b", "Relu", ("y",), ("z",)))
GRAPH = LayerGraph("net", LAYERS, TENSORS, ("x",), ("z",))
BOARD = BoardDescription("b", "Board", "measured", (Device("CPU"), Device("GPU")))


def profile(**baselines):
    samples = {device: {"a": (1.0,), "b": (1.0,)} for device in ("CPU", "GPU")}
    return Profile(GRAPH, BOARD, samples, baselines={device: (ms,) for device, ms in baselines.items()})


def run(ms, *devices):
    return Run("r", "net", GRAPH.fingerprint, BOARD, Assignment(dict(zip("ab", devices, strict=True))), (ms,))


def comparison(**times):
    entries = tuple(
        Entry(device, "baseline", Assignment(dict.fromkeys("ab", device)), None, Interval(ms, ms, ms, 1), (ms,), 0)
        for device, ms in times.items()
    )
    return Comparison("net", GRAPH.fingerprint, BOARD, 1, entries, "CPU")


def test_alone_the_published_spread_is_taken():
    assert spread_of(profile(CPU=100.0)) == {"CPU": pytest.approx(PUBLISHED), "GPU": pytest.approx(PUBLISHED)}


def test_sessions_far_apart_widen_it_and_each_device_has_its_own():
    found = spread_of(profile(CPU=100.0, GPU=50.0), [run(120.0, "CPU", "CPU"), comparison(CPU=90.0, GPU=50.1)])
    assert found["CPU"] > 4 * PUBLISHED
    assert found["GPU"] < PUBLISHED


def test_by_hand_two_sessions():
    first, second = 100.0, 102.0
    apart = (0.5 * 0.01980262729617973) ** 2 * 2  # the logarithms lie so far on either side of their mean
    expected = ((KNOWN_AS * PUBLISHED**2 + apart) / (KNOWN_AS + 1)) ** 0.5
    assert spread_of(profile(CPU=first), [profile(CPU=second)])["CPU"] == pytest.approx(expected)


def test_what_is_of_something_else_does_not_count():
    mine = profile(CPU=100.0)
    elsewhere = replace(run(200.0, "CPU", "CPU"), board=BoardDescription("c", "C", "measured", BOARD.devices))
    other_network = replace(run(200.0, "CPU", "CPU"), fingerprint="0" * 16)
    switched = run(200.0, "CPU", "GPU")
    alone = spread_of(mine)
    assert spread_of(mine, [mine, elsewhere, other_network, switched]) == alone


def test_many_sessions_outweigh_what_was_published():
    many = [profile(CPU=100.0 * (1.1 if number % 2 else 0.9) + number / 1000) for number in range(40)]
    assert spread_of(profile(CPU=100.0), many)["CPU"] == pytest.approx(0.1, rel=0.1)


def test_a_file_given_twice_is_one_session():
    """Two equal files would say that sessions do not differ at all."""
    mine = profile(CPU=100.0)
    copy = profile(CPU=100.0)
    assert spread_of(mine, [copy, copy]) == spread_of(mine)
    other = run(110.0, "CPU", "CPU")
    assert spread_of(mine, [other, replace(other)]) == spread_of(mine, [other])
