"""The networks that are checked, with their weights: bundled, the light ones that onnx brings, and trained ones."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx

from layerswitch.network.formats import bundled_models, open_model
from layerswitch.network.graph import Layer, Operator
from layerswitch.network.model import Model

CHECKOUT = Path(__file__).resolve().parents[2]
LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
TRAINED = CHECKOUT / ".cache" / "test-models"
ACTIVATIONS = ("Relu", "Clip", "LeakyRelu", "HardSwish", "Swish", "PRelu")
SHAPES = {  # networks whose file leaves the input's size free
    "ch_PP-OCRv4_det_infer": {"x": (1, 3, 128, 128)},
    "ch_PP-OCRv4_rec_infer": {"x": (1, 3, 48, 160)},
    "ch_ppocr_mobile_v2.0_cls_infer": {"x": (1, 3, 48, 192)},
}


@dataclass(frozen=True)
class Network:
    """A network as the agent gets it: the model, its `to_dict`, its constants by name."""

    name: str
    model: Model
    trained: bool
    described: dict[str, Any]
    constants: dict[str, np.ndarray]


def names() -> dict[str, str | Path]:
    """name -> what `open_model` takes."""
    trained = [path for path in sorted(TRAINED.glob("*")) if path.suffix in (".tflite", ".onnx")]
    files = {path.stem: path for path in [*sorted(LIGHT.glob("light_*.onnx")), *trained]}
    return {**{one.name: one.name for one in bundled_models()}, **files}


def opened(name: str) -> Network:
    """The network; weights that a file does not have, or has all alike, are drawn."""
    model = open_model(names()[name], input_shapes=SHAPES.get(name))
    trained = model.path is not None and model.path.parent == TRAINED
    return Network(
        name, model, trained, msgspec.json.decode(msgspec.json.encode(model.graph)), _constants(model, not trained)
    )


def _constants(model: Model, draw: bool) -> dict[str, np.ndarray]:
    found = {}
    for layer in model.graph.layers:
        for operator in layer.operators:
            for role, name in operator.constants.items():
                one = model.graph.constants[name]
                if draw and np.dtype(one.dtype).kind == "f":
                    found[name] = drawn(name, tuple(one.shape), role, layer, operator).astype(one.dtype)
                else:
                    found[name] = np.asarray(model.constants[name])
    return found


def drawn(name: str, shape: tuple[int, ...], role: str, layer: Layer, operator: Operator) -> np.ndarray:
    """Numbers that keep activations at one size over many layers, so that differences are neither lost nor blown up.

    Weights after He et al. 2015, with the true number of inputs of each output (`layerswitch.agent.constant_store`
    knows the shape only), and half their variance where no activation follows. All else is like a trained network's.
    """
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if role == "weights":
        inputs = {"O": 0, "I": 1}[operator.attributes.get("weight_layout", "OI")[0]]
        count = int(np.prod(shape)) // shape[inputs]
        activated = any(one.type in ACTIVATIONS for one in layer.operators)
        return rng.normal(0.0, ((2.0 if activated else 1.0) / count) ** 0.5, shape)
    if role in ("scale", "variance"):
        return rng.uniform(0.7, 1.3, shape)
    if role == "operand" and operator.type == "Multiply":
        return rng.uniform(0.7, 1.3, shape)
    return rng.normal(0.0, 0.1, shape)


def pictured(network: Network, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Inputs of a trained network made like pictures, smooth, 0 to 1: noise drives it where it multiplies roundings."""
    if not network.trained:
        return inputs
    return {name: _smooth(array) if array.ndim == 4 else array for name, array in inputs.items()}


def _smooth(array: np.ndarray) -> np.ndarray:
    found = np.zeros(array.shape)
    for axis, length in enumerate(array.shape):
        waves = np.cos(np.linspace(0.3 * axis, 2.5 * (axis + 1), length))
        found = found + waves.reshape([-1 if place == axis else 1 for place in range(array.ndim)])
    return ((found - found.min()) / max(float(np.ptp(found)), 1e-9)).astype(array.dtype)
