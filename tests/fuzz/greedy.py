"""Small valid files that ask for much: huge kernels, products of many indices, lists of one table, many devices."""

import importlib.util
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from onnx import helper

SIZES = (0, 1, 2, 3, 7, 64, 1000, 4096, 20_000, 1 << 20, 1 << 31, 1 << 40)


@cache
def _made() -> Any:
    """What the readers' own tests make such files with."""
    path = Path(__file__).parents[1] / "core" / "network" / "formats" / "test_budgets.py"
    spec = importlib.util.spec_from_file_location("test_budgets", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of_onnx(chance: random.Random, _data: bytes, scratch: Path) -> bytes:
    """Operators on small constants only, with what they are given of any size."""
    size = chance.choice((1, 4, 16, 64))
    constants = {
        "k": np.ones((1, 1, size, size) if chance.random() < 0.7 else (size,), np.float32),
        "n": np.array([chance.choice(SIZES) for _ in range(chance.choice((1, 2, 4)))]),
        "s": np.array(float(chance.choice(SIZES)), np.float32),
    }
    nodes, last = [], "k"
    for step in range(chance.choice((1, 2, 30))):
        made = "c" if chance.random() < 0.1 else f"t{step}"
        kind = chance.choice(KINDS)
        kernel = [chance.choice(SIZES[1:9]) for _ in range(2)]
        pads = [chance.randrange(one) for one in (*kernel, *kernel)]
        attributes: dict[str, Any] = {}
        inputs = [last]
        if kind in ("AveragePool", "MaxPool", "LpPool"):
            attributes = {"kernel_shape": kernel, "pads": pads, "strides": [chance.choice((1, 2, kernel[0]))] * 2}
        elif kind == "Einsum":
            count = chance.randrange(1, 16)
            terms = ["".join(chance.choice("abcdefgh") for _ in constants["k"].shape) for _ in range(count)]
            inputs, attributes = ["k"] * count, {"equation": ",".join(terms) + "->"}
        elif kind in ("Expand", "Tile", "Pad", "ConstantOfShape", "Reshape"):
            inputs = ["n"] if kind == "ConstantOfShape" else [last, "n"]
        elif kind == "Range":
            inputs = ["s", "s", "s"] if chance.random() < 0.1 else ["s", "k", "s"]
        elif kind in ("Add", "MatMul", "Sum"):
            inputs = [last] * (chance.choice((2, 1000)) if kind == "Sum" else 2)
        nodes.append(helper.make_node(kind, inputs, [made], **attributes))
        last = made
        if made == "c":
            break
    if last != "c":
        nodes.append(helper.make_node("ReduceSum", [last], ["c"], keepdims=0))
    return bytes(_made().write(scratch / "greedy.onnx", nodes, **constants).read_bytes())


KINDS = ("AveragePool", "MaxPool", "LpPool", "Einsum", "Expand", "Tile", "Pad", "ConstantOfShape", "Reshape", "Range",
         "Add", "MatMul", "Sum", "NonZero", "CumSum", "Softmax", "GlobalAveragePool")  # fmt: skip


def of_tflite(chance: random.Random, _data: bytes, _scratch: Path) -> bytes:
    """A list that names one table very often."""
    listed = chance.choice(("operators", "tensors", "buffers", "operatorcodes"))
    return bytes(_made().of_one_table(listed, chance.choice((2, 1000, 19_999, 39_999, 100_000, 250_000))))


def of_devices(chance: random.Random, data: bytes, _scratch: Path) -> bytes:
    """Devices that the board of a profile, or of a session's, is said to have as well; some with samples."""
    tree = json.loads(data)
    profile = tree.get("profile", tree)
    for number in range(chance.choice((1, 10, 14, 300, 2000))):
        profile["board"]["devices"].append({"name": f"D{number}"})
        if chance.random() < 0.3:
            profile["samples"][f"D{number}"] = chance.choice(list(profile["samples"].values()))
    return json.dumps(tree).encode()


GREEDY: dict[str, Callable[[random.Random, bytes, Path], bytes]] = {
    "onnx": of_onnx,
    "tflite": of_tflite,
    "profile": of_devices,
    "session": of_devices,
}
