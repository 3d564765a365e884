"""Long chains, for what only large networks do."""

from collections.abc import Callable

import pytest

from layerswitch.network.graph import Layer, LayerGraph, Tensor


@pytest.fixture
def long_graph() -> Callable[[int], LayerGraph]:
    def make(count: int) -> LayerGraph:
        tensors = {f"t{place}": Tensor(f"t{place}", (1, 8), "float32") for place in range(count + 1)}
        layers = [Layer(f"l{place}", "Relu", (f"t{place}",), (f"t{place + 1}",)) for place in range(count)]
        return LayerGraph("long", tuple(layers), tensors, ("t0",), (f"t{count}",), level="layer")

    return make
