"""Random networks as latency models, and the brute force that everything is held against."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import strategies as st

from layerswitch.measurement.profile import BoardDescription, Device
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.dataflow import DataFlow
from layerswitch.prediction.latency_model import LatencyModel

DEVICES = ("CPU", "GPU", "NPU")


def make_model(layer_ms, tensors, transfer_ms):
    """`tensors` are (producer, readers) by place; the first layer reads the network's input."""
    layer_ms = np.asarray(layer_ms, dtype=float)
    count, devices = layer_ms.shape
    names = {f"t{row}": (producer, tuple(sorted(readers))) for row, (producer, readers) in enumerate(tensors)}
    inputs, outputs = [[] for _ in range(count)], [[] for _ in range(count)]
    for name, (producer, readers) in names.items():
        outputs[producer].append(name)
        for reader in readers:
            inputs[reader].append(name)
    layers = tuple(
        Layer(f"l{place}", "Relu", tuple(inputs[place]) or ("in",), (*outputs[place], f"out{place}"))
        for place in range(count)
    )
    sizes = {name: Tensor(name, (4,), "float32") for name in ("in", *names, *(f"out{i}" for i in range(count)))}
    graph = LayerGraph("net", layers, sizes, ("in",), (f"out{count - 1}",))
    transfer_ms = np.asarray(transfer_ms, dtype=float).reshape(len(names), devices, devices).copy()
    transfer_ms[:, range(devices), range(devices)] = 0.0
    return LatencyModel(
        graph=graph,
        devices=DEVICES[:devices],
        layer_ms=layer_ms,
        dataflow=DataFlow(count, tuple(names), *(tuple(ends) for ends in zip(*names.values(), strict=True)))
        if names
        else DataFlow(count, (), (), ()),
        transfer_ms=transfer_ms,
        scales=dict.fromkeys(DEVICES[:devices], 1.0),
    )


def draw_model(data, devices, most=8):
    """A small network with several readers per tensor, free and dear transfers, and layers with missing devices."""
    count = data.draw(st.integers(1, most))
    times = data.draw(st.sampled_from([st.integers(0, 6).map(float), st.floats(0, 100, allow_subnormal=False)]))
    layer_ms = [[data.draw(times) for _ in range(devices)] for _ in range(count)]
    for place in range(count):
        if devices > 1 and data.draw(st.integers(0, 5)) == 0:
            layer_ms[place][data.draw(st.integers(0, devices - 1))] = np.inf
    tensors = []
    if count > 1:
        for _ in range(data.draw(st.integers(0, 2 * count))):
            producer = data.draw(st.integers(0, count - 2))
            tensors.append((producer, data.draw(st.sets(st.integers(producer + 1, count - 1), min_size=1, max_size=4))))
    size = len(tensors) * devices * devices
    return make_model(layer_ms, tensors, [data.draw(times) for _ in range(size)])


def draw_pins(data, model):
    """Pins that each layer's devices allow."""
    pins = {}
    for place in data.draw(st.sets(st.integers(0, len(model.layer_ms) - 1), max_size=3)):
        able = np.flatnonzero(np.isfinite(model.layer_ms[place])).tolist()
        pins[f"l{place}"] = model.devices[data.draw(st.sampled_from(able))]
    return pins


def plain_cost(model, choice):
    """The latency of an assignment as the definition says it, without arrays."""
    total = sum(model.layer_ms[place][device] for place, device in enumerate(choice))
    for row, producer in enumerate(model.dataflow.producers):
        for target in {choice[reader] for reader in model.dataflow.readers[row]} - {choice[producer]}:
            total += model.transfer_ms[row][choice[producer]][target]
    return total


def brute_force(model, pins):
    """Number of switches -> the least latency with exactly so many."""
    best, held = {}, {int(name[1:]): model.devices.index(device) for name, device in pins.items()}
    able = [(held[place],) if place in held else range(len(model.devices)) for place in range(len(model.layer_ms))]
    lists = SimpleNamespace(  # which Python reads five times as fast as arrays
        layer_ms=model.layer_ms.tolist(),
        transfer_ms=model.transfer_ms.tolist(),
        dataflow=model.dataflow,
    )
    for choice in itertools.product(*able):
        count = sum(a != b for a, b in itertools.pairwise(choice))
        ms = plain_cost(lists, choice)
        if ms < best.get(count, np.inf):
            best[count] = ms
    return best


def large_model(seed, count, devices=2, transfer=1.0, reach=4):
    """A long network whose layers read one to three tensors written shortly before."""
    random = np.random.default_rng(seed)
    readers = [set() for _ in range(count)]
    for place in range(1, count):
        near = np.arange(max(0, place - reach), place)
        for producer in random.choice(near, size=min(len(near), random.integers(1, 4)), replace=False).tolist():
            readers[producer].add(place)
    tensors = [(place, found) for place, found in enumerate(readers) if found]
    layer_ms = random.lognormal(0, 1, (count, devices))
    layer_ms[random.random(count) < 0.05, 0] = np.inf
    return make_model(layer_ms, tensors, transfer * random.lognormal(0, 1, (len(tensors), devices, devices)))


@pytest.fixture(scope="session")
def networks():
    """The functions above, by name."""

    class Networks:
        make = staticmethod(make_model)
        draw = staticmethod(draw_model)
        draw_pins = staticmethod(draw_pins)
        cost = staticmethod(plain_cost)
        brute_force = staticmethod(brute_force)
        large = staticmethod(large_model)

    return Networks


@pytest.fixture(scope="session")
def boards():
    """Boards with so many devices, by number."""
    return {n: BoardDescription("b", "Board", "measured", tuple(map(Device, DEVICES[:n]))) for n in (1, 2, 3)}
