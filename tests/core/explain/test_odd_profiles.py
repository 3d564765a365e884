"""Legal but odd profiles: devices without some layers, few, equal or no times, of any size. What is said stays true."""

import json

import msgspec
import numpy as np
import pytest

from layerswitch.explain import Explanation, explain
from layerswitch.prediction.latency_model import LatencyModel

DEVICES = ("CPU", "GPU", "NPU")
COUNTS = (1, 2, 5, 6, 20)


def network(random, graph_of, convolution):
    """A chain of up to twelve layers of four kinds."""
    shape = (1, *(int(size) for size in random.integers(1, 30, 3)))
    layers = [shape]
    for kind in random.choice(
        ["conv", "depthwise", "relu", "connected"], random.integers(1, 13), p=[0.5, 0.2, 0.2, 0.1]
    ):
        if len(shape) == 2 or kind == "connected":
            made = ("FullyConnected", {"units": 5}, (1, 5), {"weights": (5, int(np.prod(shape[1:])))})
        elif kind == "conv":
            made = convolution(
                shape, int(random.integers(1, 20)), int(random.choice([1, 3])), int(random.integers(1, 3))
            )
        elif kind == "depthwise":
            made = ("DepthwiseConvolution", {"kernel": [3, 3]}, shape, {"weights": (shape[1], 1, 3, 3)})
        else:
            made = ("Relu", {}, shape, {})
        layers.append(made)
        shape = made[2]
    return graph_of(layers)


def odd_profile(seed, graph_of, profile_of, convolution):
    random = np.random.default_rng(seed)
    graph, devices = network(random, graph_of, convolution), DEVICES[: random.integers(1, 4)]
    size = 10.0 ** random.choice([-9, -3, 0, 3, 7])

    def times():
        count = int(random.choice(COUNTS))
        ticks, noise = random.integers(0, 3, count), random.lognormal(0, 0.3, count)
        return (size * random.permutation([np.ones(count), np.zeros(count), ticks, noise])[0]).tolist()

    samples, missing = ({device: {} for device in devices} for _ in range(2))
    for name in graph.index:
        able = [device for device in devices if random.random() < 0.85] or [devices[0]]
        for device in devices:
            (samples if device in able else missing)[device][name] = times() if device in able else "no kernel"
    kernels = {
        device: {
            name: [("gemm_mm", float(size * random.random())), ("im2col", float(size * random.random()), 2)]
            for name in taken
            if random.random() < 0.6
        }
        for device, taken in samples.items()
    }
    return profile_of(
        graph,
        samples,
        kernels=kernels,
        peaks={
            device: (*(10 ** random.uniform(-2, 3, 2)).tolist(), None) for device in devices if random.random() < 0.6
        },
        baselines={device: times() for device in devices if random.random() < 0.6},
        unsupported=missing,
    )


def refuse(word):
    raise AssertionError(f"{word} is no number")


@pytest.mark.parametrize("calibrated", [True, False])
@pytest.mark.parametrize("seed", range(60))
def test_what_is_said_of_an_odd_profile_is_true(seed, calibrated, graph_of, profile_of, convolution):
    profile = odd_profile(seed, graph_of, profile_of, convolution)
    found, model = explain(profile, calibrated=calibrated), LatencyModel.from_profile(profile, calibrated=calibrated)
    text = msgspec.json.encode(found)
    json.loads(text, parse_constant=refuse)
    assert Explanation.from_dict(json.loads(text)) == found
    for place, one in enumerate(found.layers):
        by_device = {on.device: on.ms for on in one.devices}
        for device, ms in by_device.items():
            assert ms.low <= ms.median <= ms.high
            assert ms.median == pytest.approx(model.layer_ms[place, profile.devices.index(device)], rel=1e-9, abs=0)
        if one.verdict in by_device:
            mine = by_device.pop(one.verdict)
            assert all(mine.high * 1.035 < ms.low for ms in by_device.values())
            assert min(mine.samples, *(ms.samples for ms in by_device.values())) >= 6
    for said in (*(one.reason for one in found.layers), *(clause.text for clause in found.findings)):
        assert not {"nan", "inf", "None"} & set(said.replace(",", " ").split())
