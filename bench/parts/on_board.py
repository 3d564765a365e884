"""Boards with Arm NN for the benches, and what bare_arm.py answers where their agents run."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import onnx

from layerswitch.boards import emulated, registry
from layerswitch.boards.client.local_channel import agent_folder
from layerswitch.boards.registry import BoardEntry
from layerswitch.errors import BoardError
from layerswitch.network.formats import open_model
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor
from layerswitch.network.model import Model

PROGRAM = Path(__file__).with_name("bare_arm.py")
TWICE = {"devices": {"CPU": "CpuRef", "GPU": "CpuRef"}}
SECONDS = 3600.0


class Twice(BoardEntry, frozen=True):
    """This computer with Arm NN's reference backend as two devices: times of nothing real, and every step taken."""

    def engine_settings(self) -> tuple[str, dict[str, Any]]:
        """Both devices are the reference."""
        return "armnn", TWICE


def boards() -> list[BoardEntry]:
    """The reference backend where pyarmnn is, and the emulated Arm board where it was made."""
    found: list[BoardEntry] = []
    if registry.arm_nn_is_here():
        found.append(Twice("reference", "This computer, Arm NN's reference backend twice", "measured", "local"))
    with contextlib.suppress(BoardError):
        found.append(registry.find("emulated-arm"))
    return found


def small(folder: Path, side: int) -> Model:
    """SqueezeNet on a picture of `side` pixels a side, in a file in the folder: all its layers, and soon done."""
    proto = onnx.load(str(open_model("squeezenet").path))
    for place in (2, 3):
        proto.graph.input[0].type.tensor_type.shape.dim[place].dim_value = side
    del proto.graph.value_info[:]
    for one in proto.graph.output:
        one.type.tensor_type.ClearField("shape")
    onnx.save(proto, folder / f"squeezenet-{side}.onnx")
    return open_model(folder / f"squeezenet-{side}.onnx")


def chain(count: int, side: int) -> Model:
    """ReLUs one after another, of 16 maps of `side` pixels a side: next to nothing to compute."""
    tensors = {f"t{place}": Tensor(f"t{place}", (1, 16, side, side), "float32") for place in range(count + 1)}
    operators = [Operator(f"relu {n}", "Relu", (f"t{n}",), (f"t{n + 1}",), {}, {}) for n in range(count)]
    layers = tuple(Layer(one.name, one.type, one.inputs, one.outputs, (one,)) for one in operators)
    name = f"{count} ReLUs of {16 * side * side * 4 / 1e3:.0f} KB"
    return Model(LayerGraph(name, layers, tensors, ("t0",), (f"t{count}",)), {}, None)


def ask(entry: BoardEntry, graph: LayerGraph, what: str, **asked: Any) -> dict[str, Any]:
    """bare_arm.py's answer to a request. Raises RuntimeError with what it said when it fails."""
    if entry.kind == "folder":
        words = emulated.command(Path(entry.folder))
        command, agent = words[: words.index("python3") + 1], next(word for word in words if word.endswith(".pyz"))
    else:
        command, agent = [sys.executable], str(agent_folder())
    network = msgspec.json.decode(msgspec.json.encode(graph))
    _, settings = entry.engine_settings()
    request = {"agent": agent, "settings": settings, "network": network, "what": what, **asked}
    done = subprocess.run(
        [*command, "-c", PROGRAM.read_text(encoding="utf-8")],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{entry.name}: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
