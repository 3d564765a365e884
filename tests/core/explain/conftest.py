"""A maker of small profiles."""

import math

import pytest

from layerswitch.measurement.profile import BoardDescription, Device, Kernel, Peaks, Profile
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor


def _graph(layers):
    """A chain from [1, C, H, W]. A layer is (type, attributes, output shape, shapes of constants)."""
    shape = layers[0]
    tensors, constants, found, before = {"in": Tensor("in", shape, "float32")}, {}, [], "in"
    for place, (kind, attributes, after, shapes) in enumerate(layers[1:]):
        name = f"layer {'abcdefghijklmnopqrstuvwxyz'[place]}"
        roles = {}
        for role, size in shapes.items():
            roles[role] = f"{name}/{role}"
            constants[roles[role]] = Tensor(roles[role], size, "float32")
        weights = shapes.get("weights")
        macs = 0
        if kind == "FullyConnected":
            macs = math.prod(weights)
        elif weights:
            macs = math.prod(weights) * after[2] * after[3]
        operator = Operator(name, kind, (before,), (name,), attributes, roles, macs=macs)
        tensors[name] = Tensor(name, after, "float32")
        found.append(Layer(name, kind, (before,), (name,), (operator,)))
        before = name
    return LayerGraph("net", tuple(found), tensors, ("in",), (before,), level="layer", constants=constants)


def _profile(graph, samples, *, kernels=None, peaks=None, baselines=None, unsupported=None):
    """`samples[device]` and `kernels[device]` are by layer; a kernel is (name, ms) or (name, ms, launches)."""
    return Profile(
        graph=graph,
        board=BoardDescription("b", "Board", "measured", tuple(Device(device) for device in samples)),
        samples={device: {name: tuple(ms) for name, ms in taken.items()} for device, taken in samples.items()},
        kernels={
            device: {name: tuple(Kernel(*one) for one in ran) for name, ran in found.items()}
            for device, found in (kernels or {}).items()
        },
        peaks={device: Peaks(*numbers) for device, numbers in (peaks or {}).items()},
        baselines=baselines or {},
        unsupported=unsupported or {},
    )


def _convolution(before, channels, kernel=3, stride=1):
    """(type, attributes, output shape, constants) of a convolution that keeps the map, but for its stride."""
    _, inputs, height, width = before
    after = (1, channels, -(-height // stride), -(-width // stride))
    attributes = {"kernel": [kernel, kernel], "strides": [stride, stride], "group": 1}
    return "Convolution", attributes, after, {"weights": (channels, inputs, kernel, kernel), "bias": (channels,)}


@pytest.fixture(scope="session")
def graph_of():
    return _graph


@pytest.fixture(scope="session")
def profile_of():
    return _profile


@pytest.fixture(scope="session")
def convolution():
    return _convolution


@pytest.fixture(scope="session")
def explained(convolution):
    """One convolution 3x3, 16 -> 32 channels on 28 x 28, with the given times and kernels: its explanation."""
    from layerswitch.explain import explain

    def make(samples, *, layer=None, **rest):
        before = (1, 16, 28, 28)
        graph = _graph([before, layer or convolution(before, 32)])
        by_layer = {device: {"layer a": ms if isinstance(ms, list) else [ms] * 8} for device, ms in samples.items()}
        ran = {device: {"layer a": one} for device, one in rest.pop("kernels", {}).items()}
        return explain(_profile(graph, by_layer, kernels=ran, **rest)).layers[0]

    return make
