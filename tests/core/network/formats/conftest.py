"""Fixtures for the readers' tests: small ONNX files, and networks written back to ONNX to be run.

Writing a LayerGraph back as ONNX, from nothing but its operators, and running it beside the original file is the
test that attributes, constants and order mean what docs/operators.md says.
"""

import os
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from layerswitch.network.formats import open_model

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
OPSET = 21
RENAMED = {
    "Subtract": "Sub",
    "Multiply": "Mul",
    "Divide": "Div",
    "Maximum": "Max",
    "Minimum": "Min",
    "Power": "Pow",
    "Negate": "Neg",
    "Convolution": "Conv",
    "DepthwiseConvolution": "Conv",
    "TransposedConvolution": "ConvTranspose",
    "LocalResponseNormalization": "LRN",
    "L2Normalization": "LpNormalization",
}
BINARY = {"Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum", "Power"}
KEPT = {
    **dict.fromkeys(("LeakyRelu", "Elu"), ("alpha",)),
    "Selu": ("alpha", "gamma"),
    "HardSigmoid": ("alpha", "beta"),
    "Softmax": ("axis",),
    "LogSoftmax": ("axis",),
    "BatchNormalization": ("epsilon",),
    "InstanceNormalization": ("epsilon",),
    "Gelu": ("approximate",),
    "LayerNormalization": ("axis", "epsilon"),
    "LocalResponseNormalization": ("size", "alpha", "beta", "bias"),
    "L2Normalization": ("axis",),
    "Concat": ("axis",),
    "Split": ("axis",),
    "Gather": ("axis",),
}
"""Attributes that ONNX calls by the same name."""


class Writer:
    """Writes one graph as an ONNX model."""

    def __init__(self, model):
        self.model, self.graph = model, model.graph
        self.nodes, self.initializers, self.count = [], {}, 0

    def constant(self, value):
        self.count += 1
        name = f"made {self.count}"
        self.initializers[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def stored(self, name):
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(self.model.constants[name], name)
        return name

    def real(self, name):
        """The tensor in floating point: quantized ones are dequantized first."""
        described = self.graph.constants.get(name) or self.graph.tensors[name]
        source = self.stored(name) if name in self.graph.constants else name
        if described.quantization is None:
            return source
        self.count += 1
        self.add("DequantizeLinear", [source, *self.scale(described)], f"real {self.count}", self.axis(described))
        return f"real {self.count}"

    def scale(self, tensor):
        per_tensor = tensor.quantization.axis is None
        scale = np.array(tensor.quantization.scale, np.float32)
        point = np.array(tensor.quantization.zero_point, tensor.dtype)
        return [self.constant(value[0] if per_tensor else value) for value in (scale, point)]

    @staticmethod
    def axis(tensor):
        return {} if tensor.quantization.axis is None else {"axis": tensor.quantization.axis}

    def add(self, kind, inputs, output, attributes=()):
        outputs = output if isinstance(output, list) else [output]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, **dict(attributes)))

    def write(self):
        for layer in self.graph.layers:
            for operator in layer.operators:
                self.operator(operator)
        values = [
            [helper.make_tensor_value_info(n, NUMBER[self.graph.tensors[n].dtype], shape(n)) for n in names]
            for names, shape in (
                (self.graph.inputs, lambda n: self.graph.tensors[n].shape),
                (self.graph.outputs, lambda n: self.graph.tensors[n].shape),
            )
        ]
        graph = helper.make_graph(self.nodes, "again", *values, list(self.initializers.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)

    def operator(self, operator):
        output = operator.outputs[0]
        described = self.graph.tensors[output]
        if operator.type == "Quantize":
            self.add("QuantizeLinear", [operator.inputs[0], *self.scale(described)], output, self.axis(described))
            return
        if operator.type == "Dequantize":
            source = self.graph.tensors[operator.inputs[0]]
            self.add("DequantizeLinear", [source.name, *self.scale(source)], output, self.axis(source))
            return
        inputs = [self.real(name) for name in operator.inputs]
        held = {role: self.real(name) for role, name in operator.constants.items()}
        if operator.type == "Split":
            sizes = self.constant(np.array(operator.attributes["sizes"], np.int64))
            self.add("Split", [*inputs, sizes], list(operator.outputs), {"axis": operator.attributes["axis"]})
            return
        whole_numbers = described.dtype == "int32" and "weights" in held
        target = f"{output} computed" if described.quantization or whole_numbers else output
        self.computed(operator, inputs, held, target)
        if described.quantization:
            self.add("QuantizeLinear", [target, *self.scale(described)], output, self.axis(described))
        elif whole_numbers:
            self.add("Cast", [target], output, {"to": TensorProto.INT32})

    def computed(self, operator, inputs, held, output):
        a, kind = operator.attributes, operator.type
        name = RENAMED.get(kind, kind)
        kept = {key: a[key] for key in KEPT.get(kind, ())}
        shape = self.graph.tensors[operator.outputs[0]].shape
        if kind in ("Convolution", "DepthwiseConvolution", "TransposedConvolution"):
            assert a["weight_layout"] == ("IOHW" if kind.startswith("T") else "OIHW")
            kept = {"kernel_shape": a["kernel"], **{k: a[k] for k in ("strides", "pads", "dilations", "group")}}
            kept |= {"output_padding": a["output_padding"]} if "output_padding" in a else {}
            self.add(name, [*inputs, *(held[role] for role in ("weights", "bias") if role in held)], output, kept)
        elif kind == "FullyConnected":
            weights = held["weights"]
            if a["weight_layout"] == "OI":
                self.add("Transpose", [weights], f"{output} weights", {"perm": [1, 0]})
                weights = f"{output} weights"
            steps = [("MatMul", weights), ("Mul", a.get("alpha"))]
            if "bias" in held:
                self.add("Mul", [held["bias"], self.constant(np.float32(a.get("beta", 1.0)))], f"{output} bias")
                steps.append(("Add", f"{output} bias"))
            self.chain(inputs[0], [step for step in steps if step[1] is not None], output)
        elif kind in ("MaxPool", "AveragePool", "LpPool"):
            kept = {"kernel_shape": a["kernel"], "strides": a["strides"], "pads": a["pads"]}
            kept |= {"dilations": a["dilations"]} if "dilations" in a else {}
            kept |= {"count_include_pad": int(a["count_include_pad"])} if "count_include_pad" in a else {}
            kept |= {"p": a["p"]} if "p" in a else {}
            self.add(name, inputs, output, kept)
        elif kind in BINARY and "operand" in held:
            pair = [held["operand"], *inputs] if a["operand_first"] else [*inputs, held["operand"]]
            self.add(name, pair, output)
        elif kind == "Clip":
            limits = ["" if a[side] is None else self.constant(np.float32(a[side])) for side in ("min", "max")]
            self.add(name, [*inputs, *limits], output)
        elif kind in ("Swish", "Square", "Rsqrt"):
            if kind == "Swish":
                self.add("Sigmoid", inputs, f"{output} gate")
            self.add("Mul", [*inputs, f"{output} gate" if kind == "Swish" else inputs[0]], output)
        elif kind == "PRelu":
            self.add(name, [*inputs, held["slope"]], output)
        elif kind.endswith("Normalization") and "scale" in held:
            kept |= {"num_groups": a["group"], "epsilon": a["epsilon"]} if "group" in a else {}
            roles = [role for role in ("scale", "bias", "mean", "variance") if role in held]
            self.add(name, [*inputs, *(held[role] for role in roles)], output, kept)
        elif kind in ("Reshape", "Expand"):
            self.add(name, [*inputs, self.constant(np.array(a["shape"], np.int64))], output)
        elif kind == "Tile":
            self.add(name, [*inputs, self.constant(np.array(a["repeats"], np.int64))], output)
        elif kind == "Slice":
            lists = [self.constant(np.array(a[key], np.int64)) for key in ("starts", "ends", "axes", "steps")]
            self.add(name, [*inputs, *lists], output)
        elif kind == "Pad":
            pads, value = self.constant(np.array(a["pads"], np.int64)), self.constant(np.float32(a["value"]))
            self.add(name, [*inputs, pads, value], output, {"mode": a["mode"]})
        elif kind == "Transpose":
            self.add(name, inputs, output, {"perm": a["permutation"]})
        elif kind.startswith("Reduce"):
            axes = self.constant(np.array(a["axes"], np.int64))
            self.add(name, [*inputs, axes], output, {"keepdims": int(a["keep_dims"])})
        elif kind == "ArgMax":
            self.add(name, inputs, output, {"axis": a["axis"], "keepdims": int(a["keep_dims"])})
        elif kind == "Resize":
            kept = {"mode": a["mode"], "coordinate_transformation_mode": a["coordinates"]}
            kept |= {"nearest_mode": a["rounding"]} if "rounding" in a else {}
            kept |= {"cubic_coeff_a": a["cubic_a"]} if "cubic_a" in a else {}
            self.add(name, [*inputs, "", self.constant(np.array(a["scales"], np.float32))], output, kept)
        elif kind in ("DepthToSpace", "SpaceToDepth"):
            kept = {"blocksize": a["block"]} | ({"mode": a["mode"]} if kind == "DepthToSpace" else {})
            self.add(name, inputs, output, kept)
        elif kind == "Cast":
            self.add(name, inputs, output, {"to": NUMBER[a["to"]]})
        elif kind == "MatMul":
            places = {int(role[5:]): name for role, name in held.items()}
            rest = iter(inputs)
            sides = [places.get(place) or next(rest) for place in range(2)]
            assert not a["transpose_a"]
            assert not a["transpose_b"]
            self.add(name, sides, output)
        elif kind in ("Concat", "Gather"):
            roles = {"indices": 1}
            places = {roles.get(role) or int(role[5:]): name for role, name in held.items()}
            rest = iter(inputs)
            every = [places.get(place) or next(rest) for place in range(len(inputs) + len(held))]
            self.add(name, every, output, kept)
        else:
            assert not a.get("unknown"), f"{operator.name} ({kind}) is unknown"
            assert not held, (kind, held)
            assert shape is not None
            self.add(name, inputs, output, kept)

    def chain(self, start, steps, output):
        for place, (kind, operand) in enumerate(steps, start=1):
            target = output if place == len(steps) else f"{output} step {place}"
            operand = operand if isinstance(operand, str) else self.constant(np.float32(operand))
            self.add(kind, [start, operand], target)
            start = target


NUMBER = {
    {"FLOAT": "float32", "DOUBLE": "float64"}.get(name, name.lower()): number
    for name, number in TensorProto.DataType.items()
}


def run(model, feeds):
    """The outputs of an ONNX model under ONNX Runtime, by name."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    content = model.SerializeToString() if isinstance(model, onnx.ModelProto) else str(model)
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    wanted = {value.name for value in session.get_inputs()}
    names = [value.name for value in session.get_outputs()]
    found = session.run(names, {name: value for name, value in feeds.items() if name in wanted})
    return dict(zip(names, found, strict=True))


def random_feeds(graph, seed=0):
    """Random values for the network's inputs."""
    generator = np.random.default_rng(seed)
    feeds = {}
    for name in graph.inputs:
        tensor = graph.tensors[name]
        if "int" in tensor.dtype:
            info = np.iinfo(tensor.dtype)
            feeds[name] = generator.integers(max(info.min, -128), min(info.max, 127), tensor.shape).astype(tensor.dtype)
        else:
            feeds[name] = generator.standard_normal(tensor.shape).astype(tensor.dtype)
    return feeds


@pytest.fixture
def check_meaning():
    """Returns a function that opens a file, writes what was read as ONNX, runs both, and compares the outputs."""

    def check(path, *, input_shapes=None, tolerance=1e-4, steps=0, seed=0, feeds=None):
        model = open_model(path, input_shapes=input_shapes, level="operator")
        feeds = feeds or random_feeds(model.graph, seed)
        expected, again = run(path, feeds), run(Writer(model).write(), feeds)
        for name in model.graph.outputs:
            if np.issubdtype(expected[name].dtype, np.integer):
                difference = np.abs(expected[name].astype(np.int64) - again[name].astype(np.int64))
                assert difference.max(initial=0) <= steps, name
            else:
                scale = np.abs(expected[name]).max(initial=1e-30)
                np.testing.assert_allclose(again[name] / scale, expected[name] / scale, atol=tolerance, err_msg=name)
        return model

    return check


@pytest.fixture
def write_onnx(tmp_path):
    """Returns a function that writes a small ONNX file from nodes, inputs {name: shape}, outputs and constants."""

    def write(nodes, inputs, outputs, constants=None, *, opset=17, name="model.onnx", dtypes=None, **more):
        dtypes = dtypes or {}
        imports = [helper.make_opsetid("", opset)]
        if any(node.domain == "com.microsoft" for node in nodes):
            imports.append(helper.make_opsetid("com.microsoft", 1))
        graph = helper.make_graph(
            nodes,
            "small",
            [helper.make_tensor_value_info(n, dtypes.get(n, TensorProto.FLOAT), s) for n, s in inputs.items()],
            [helper.make_tensor_value_info(n, dtypes.get(n, TensorProto.FLOAT), None) for n in outputs],
            [numpy_helper.from_array(np.asarray(value), n) for n, value in (constants or {}).items()],
            **more,
        )
        path = tmp_path / name
        path.write_bytes(helper.make_model(graph, opset_imports=imports, ir_version=8).SerializeToString())
        return path

    return write


@pytest.fixture(params=sorted(path.name for path in LIGHT.glob("*.onnx")))
def light(request):
    """Each of the onnx package's nine networks without weights."""
    return LIGHT / request.param
