"""What a prediction says after some layers moved is what the whole prediction of that assignment says."""

import numpy as np
import pytest

from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.dataflow import DataFlow
from layerswitch.prediction.latency_model import FEW, LatencyModel

DEVICES = ("CPU", "GPU", "NPU")


def random_model(seed, layers, devices):
    """A random DAG of layers with several outputs, some that a device cannot run."""
    draw = np.random.default_rng(seed)
    tensors, made, free = {"x": Tensor("x", (4,), "int8")}, [], []
    for place in range(layers):
        inputs = draw.choice(free, size=min(len(free), draw.integers(1, 4)), replace=False).tolist() if free else ["x"]
        outputs = [f"t{place}.{number}" for number in range(draw.integers(1, 3))]
        tensors |= {name: Tensor(name, (int(draw.integers(1, 1000)),), "int8") for name in outputs}
        made.append(Layer(f"l{place}", "Relu", tuple(inputs), tuple(outputs)))
        free = (free + outputs)[-6:]
    graph = LayerGraph("random", tuple(made), tensors, ("x",), (free[-1],))
    layer_ms = draw.uniform(0.1, 9.0, (layers, devices))
    layer_ms[draw.random((layers, devices)) < 0.02] = np.inf
    dataflow = DataFlow.of(graph)
    count = len(dataflow.tensors)
    transfer_ms = draw.uniform(0.0, 2.0, (count, devices, devices)) * (draw.random((count, 1, 1)) > 0.2)
    transfer_ms[:, np.arange(devices), np.arange(devices)] = 0.0
    return LatencyModel(
        graph=graph,
        devices=DEVICES[:devices],
        layer_ms=layer_ms,
        dataflow=dataflow,
        transfer_ms=transfer_ms,
        scales=dict.fromkeys(DEVICES[:devices], 1.0),
    )


@pytest.mark.parametrize("devices", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_random_changes_equal_the_whole_prediction_to_the_last_bit(seed, devices):
    model = random_model(seed, 150, devices)
    draw = np.random.default_rng(seed + 100)
    assignment = Assignment({layer.name: str(draw.choice(model.devices)) for layer in model.graph.layers})
    prediction = model.predict(assignment)
    for size in (1, 1, 1, 2, 5, FEW, FEW + 1, 140) * 8:
        names = draw.choice(list(assignment), size=size, replace=False).tolist()
        changes = {name: str(draw.choice(model.devices)) for name in names}
        assignment = assignment.replaced(changes)
        prediction, whole = prediction.changed(changes), model.predict(assignment)
        assert prediction.total_ms == whole.total_ms
        assert prediction.switches == whole.switches == assignment.switches
        assert prediction.transfers == whole.transfers
        for field in ("choice", "layers_ms", "readings", "moves_ms", "moved", "first_readers", "waits_ms"):
            assert np.array_equal(getattr(prediction, field), getattr(whole, field)), field


def test_what_a_layer_waits_for_adds_up():
    rows = range(3)
    model = random_model(7, 60, 2)
    prediction = model.predict({layer.name: DEVICES[i % 2] for i, layer in enumerate(model.graph.layers)})
    assert prediction.waits_ms.sum() == pytest.approx(prediction.transfers_ms)
    assert prediction.transfers_ms == pytest.approx(sum(transfer.ms for transfer in prediction.transfers))
    assert prediction.transfer_count == len(prediction.transfers) > 3
    some = prediction.transfers_of(tuple(rows))
    assert some == tuple(t for t in prediction.transfers if t.tensor in [model.dataflow.tensors[row] for row in rows])


def test_a_change_leaves_the_earlier_prediction_as_it_was():
    model = random_model(3, 30, 2)
    first = model.predict(dict.fromkeys(model.graph.index, "CPU"))
    total, waits = first.total_ms, first.waits_ms.copy()
    first.changed({"l3": "GPU", "l9": "GPU"})
    assert first.total_ms == total
    assert np.array_equal(first.waits_ms, waits)
    assert first.transfers == ()


def test_unknown_names_are_told():
    model = random_model(3, 5, 2)
    prediction = model.predict(dict.fromkeys(model.graph.index, "CPU"))
    with pytest.raises(KeyError):
        prediction.changed({"nobody": "GPU"})
    with pytest.raises(KeyError):
        prediction.changed({"l1": "NPU"})
