"""What an independent runtime makes of a network: every tensor that it knows by name."""

import sys
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from . import builtin
from .networks import CHECKOUT, Network

RUNTIME = CHECKOUT / ".cache" / "tflite-runtime"
FILLERS = ("RandomNormal", "RandomUniform", "ConstantFill")  # what stands for weights in files without them


class NoJudgeError(Exception):
    """No runtime here computes this network."""


def judged(network: Network, inputs: dict[str, np.ndarray]) -> tuple[str, dict[str, np.ndarray]]:
    """(the runtime's name, tensors by name). Raises NoJudgeError."""
    if network.model.path is not None and network.model.path.suffix == ".tflite":
        return "LiteRT", _litert(network, inputs)
    return "ONNX Runtime", _onnx_runtime(network, inputs)


def filled(network: Network) -> Any:
    """The ONNX file with the network's constants in it."""
    proto, given = onnx.load(str(network.model.path)), network.constants
    for node in [one for one in proto.graph.node if set(one.output) & set(given)]:
        proto.graph.node.remove(node)
    for node in [one for one in proto.graph.node if one.op_type in FILLERS and not one.input]:
        proto.graph.node.remove(node)
    kept = [one for one in proto.graph.initializer if one.name not in given]
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(kept)
    proto.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in given.items())
    return proto


def _onnx_runtime(network: Network, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    proto = filled(network)
    wanted = {name for layer in network.model.graph.layers for name in layer.outputs}
    made = {name for node in proto.graph.node for name in node.output} - {one.name for one in proto.graph.output}
    proto.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in sorted(wanted & made))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {one.name: inputs[one.name] for one in session.get_inputs() if one.name in inputs}
    return dict(zip([one.name for one in session.get_outputs()], session.run(None, given), strict=True))


def _litert(network: Network, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    if not (RUNTIME / "complete").is_file():
        raise NoJudgeError("LiteRT is not here: run `python tools/fetch_tflite_runtime.py`")
    sys.path.insert(0, str(RUNTIME))
    try:
        from ai_edge_litert import schema_py_generated as schema
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
    finally:
        sys.path.remove(str(RUNTIME))
    try:
        interpreter = Interpreter(
            model_content=builtin.content(network.model.path, schema),
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            experimental_preserve_all_tensors=True,
        )
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise NoJudgeError("LiteRT cannot run it: " + " ".join(str(error).split())[:200]) from error
    for one in interpreter.get_input_details():
        interpreter.set_tensor(one["index"], inputs[one["name"]])
    interpreter.invoke()
    wanted = {name for layer in network.model.graph.layers for name in layer.outputs}
    return {
        one["name"]: np.array(interpreter.get_tensor(one["index"]))
        for one in interpreter.get_tensor_details()
        if one["name"] in wanted
    }
