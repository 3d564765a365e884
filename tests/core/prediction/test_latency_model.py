import numpy as np
import pytest

from layerswitch.errors import ProfileError
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.latency_model import LatencyModel


@pytest.fixture
def profile():
    """a -> b, c -> d: the output of a is read twice, and d cannot run on the GPU."""
    layers = (
        Layer("a", "Relu", ("x",), ("ta",)),
        Layer("b", "Relu", ("ta",), ("tb",)),
        Layer("c", "Relu", ("ta",), ("tc",)),
        Layer("d", "Add", ("tb", "tc"), ("td",)),
    )
    sizes = {"x": 1, "ta": 1000, "tb": 2000, "tc": 10, "td": 1}
    graph = LayerGraph("net", layers, {n: Tensor(n, (s,), "uint8") for n, s in sizes.items()}, ("x",), ("td",))
    return Profile(
        graph=graph,
        board=BoardDescription("b", "Board", "measured", (Device("CPU"), Device("GPU"))),
        samples={
            "CPU": {"a": (4.0, 5.0, 9.0), "b": (3.0,), "c": (2.0,), "d": (1.0,)},
            "GPU": {"a": (1.0,), "b": (1.0, 2.0), "c": (4.0,)},
        },
        transfer_costs=(TransferCost("CPU", "GPU", 0.1, 1e-3), TransferCost("GPU", "CPU", 0.2, 2e-3, floor_ms=0.5)),
        baselines={"CPU": (21.0, 22.0, 23.0)},
    )


def test_medians_transfers_and_what_cannot_run(profile):
    model = LatencyModel.from_profile(profile, calibrated=False)
    assert model.layer_ms.tolist() == [[5.0, 1.0], [3.0, 1.5], [2.0, 4.0], [1.0, np.inf]]
    assert model.dataflow.tensors == ("ta", "tb", "tc")
    assert model.transfer_ms[:, 0, 1] == pytest.approx([1.1, 2.1, 0.11])
    assert model.transfer_ms[:, 1, 0] == pytest.approx([2.2, 4.2, 0.5])


def test_calibration_makes_layers_add_up_to_the_baseline(profile):
    model = LatencyModel.from_profile(profile)
    assert model.scales == {"CPU": 2.0, "GPU": 1.0}
    assert model.layer_ms[:, 0].sum() == 22.0
    assert model.layer_ms[0, 1] == 1.0


@pytest.mark.parametrize(
    ("letters", "ms", "moved"),
    [
        ("CCCC", 11.0, []),
        ("CGGC", 5 + 1.1 + 1.5 + 4 + 4.2 + 0.5 + 1, [("ta", "GPU"), ("tb", "CPU"), ("tc", "CPU")]),  # ta once
        ("GCCC", 1 + 2.2 + 3 + 2 + 1, [("ta", "CPU")]),
        ("GGCC", 1 + 1.5 + 2.2 + 2 + 4.2 + 1, [("ta", "CPU"), ("tb", "CPU")]),
    ],
)
def test_prediction_taken_apart(profile, letters, ms, moved):
    model = LatencyModel.from_profile(profile, calibrated=False)
    assignment = Assignment.parse(letters, profile.graph, model.devices)
    found = model.predict(assignment)
    assert found.total_ms == pytest.approx(ms)
    assert model.cost(model.choice(assignment)) == found.total_ms
    assert found.layers_ms.sum() + found.transfers_ms == pytest.approx(ms)
    assert [(transfer.tensor, transfer.target) for transfer in found.transfers] == moved
    assert found.switches == assignment.switches


def test_a_layer_where_it_cannot_run_costs_endlessly(profile):
    model = LatencyModel.from_profile(profile)
    assert model.cost(np.ones(4, dtype=np.intp)) == np.inf


def test_what_if_transfers_cost_otherwise(profile):
    assert not LatencyModel.from_profile(profile, transfer_factor=0).transfer_ms.any()
    for factor in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ProfileError):
            LatencyModel.from_profile(profile, transfer_factor=factor)
