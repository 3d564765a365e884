"""A GPU that runs out of memory, for real: PoCL refuses what goes beyond a limit that it is given."""

from pathlib import Path

import numpy as np
import pytest

from layerswitch.boards import emulated, registry
from layerswitch.boards.board import Board
from layerswitch.boards.client.local_channel import LocalChannel
from layerswitch.errors import AssignmentError, BoardError
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor
from layerswitch.network.model import Model

pytestmark = [pytest.mark.board, pytest.mark.timeout(1500)]
LIMIT = "POCL_MEMORY_LIMIT=1"  # GB in all, a quarter of it at once


@pytest.fixture(scope="module")
def board():
    """The emulated board, with a GPU of 1 GB."""
    try:
        entry = registry.find("emulated-arm")
    except BoardError:
        pytest.skip("there is no emulated Arm board here: make it with `make board`, as root")

    def connect(entry):
        words = emulated.command(Path(entry.folder))
        place = words.index("python3")
        return LocalChannel([*words[:place], "env", LIMIT, *words[place:]])

    with Board.connect(entry, connect=connect) as connected:
        yield connected


def network(*operators, constants=None, **shapes):
    """A chain of operators, a layer each; `shapes` are those of its tensors, in order."""
    tensors = {name: Tensor(name, shape, "float32") for name, shape in shapes.items()}
    names = list(tensors)
    made = [
        Operator(f"layer{place}", kind, (names[place],), (names[place + 1],), attributes, dict.fromkeys(roles, "w"))
        for place, (kind, attributes, *roles) in enumerate(operators)
    ]
    layers = tuple(Layer(one.name, one.type, one.inputs, one.outputs, (one,)) for one in made)
    stored = {name: Tensor(name, array.shape, "float32") for name, array in (constants or {}).items()}
    graph = LayerGraph("memory", layers, tensors, (names[0],), (names[-1],), constants=stored)
    return Model(graph, constants or {})


def test_a_tensor_larger_than_the_gpu_allocates_is_pinned_to_the_cpu(board):
    resize = {"mode": "nearest", "coordinates": "asymmetric", "rounding": "floor"}
    cut = {"starts": [0, 0], "ends": [1, 1], "axes": [2, 3], "steps": [1, 1]}
    model = network(("Resize", resize), ("Slice", cut), x=(1, 1, 1, 1), wide=(1, 1, 8400, 8400), y=(1, 1, 1, 1))
    reasons = board.unsupported(model)["GPU"]
    assert set(reasons) == {"layer0", "layer1"}
    assert all("wide of 282 MB is larger than the 268 MB that the GPU allocates" in text for text in reasons.values())
    with pytest.raises(AssignmentError, match="cannot run on GPU"):
        board.run(model, dict.fromkeys(model.graph.index, "GPU"), runs=1, warmup=0).whole()


def test_a_buffer_that_only_the_library_knows_of_ends_the_agent_and_another_goes_on(board):
    """The convolution's columns, 294 MB: nobody can tell before, and nobody catches what Compute Library throws."""
    weights = np.full((1, 24, 5, 5), 0.01, np.float32)
    window = {"kernel": [5, 5], "strides": [2, 2], "pads": [2, 2, 2, 2], "dilations": [1, 1], "group": 1}
    convolution = ("Convolution", {**window, "weight_layout": "OIHW"}, "weights")
    model = network(convolution, constants={"w": weights}, x=(1, 24, 700, 700), y=(1, 1, 350, 350))
    assert board.unsupported(model) == {}
    with pytest.raises(BoardError) as caught:
        board.run(model, {"layer0": "GPU"}, runs=1, warmup=0).whole()
    assert "clCreateBuffer" in str(caught.value) + caught.value.hint + "".join(getattr(caught.value, "log", ()))
    board.restart()
    assert board.run(model, {"layer0": "CPU"}, runs=1, warmup=0).whole().samples_ms[0] > 0
