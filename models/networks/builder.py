"""A small language to write networks in: each call adds an ONNX node (and its weights) and returns its tensor's name.

Weights are RandomNormal nodes, one seed each, so that a file holds the whole network in some tens of kilobytes. Their
scale is He's, sqrt(2 / fan-in), which keeps the activations' size about the same from the first layer to the last.
"""

import math

import onnx
from onnx import TensorProto, helper

Pads = tuple[int, int, int, int]  # top, left, bottom, right
Pair = tuple[int, int]  # height, width

OPSET, IR_VERSION = 17, 8  # old enough for every reader in use


class Network:
    """An ONNX graph in the making: `shapes` maps each activation to (channels, height, width) or (features,)."""

    def __init__(self, name: str, title: str, size: int, *, epsilon: float = 1e-5) -> None:
        self.name, self.title, self.epsilon = name, title, epsilon
        self.shapes: dict[str, tuple[int, ...]] = {"data": (3, size, size)}
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.unlisted: set[str] = set()
        self.seeds = 0

    # weights

    def normal(self, name: str, shape: tuple[int, ...], scale: float, *, mean: float = 0.0) -> str:
        """A tensor of normally distributed numbers with a seed of its own."""
        how = {"mean": mean} if mean else {}  # here as elsewhere, ONNX's own default is left out: files stay small
        return self._random("RandomNormal", name, shape, scale=scale, **how)

    def uniform(self, name: str, shape: tuple[int, ...], low: float, high: float) -> str:
        """A tensor of evenly distributed numbers with a seed of its own."""
        return self._random("RandomUniform", name, shape, low=low, high=high)

    def constant(self, name: str, values: list[float], *, scalar: bool = False) -> str:
        """A tiny stored constant, such as a clip's bound; made once however often it is asked for."""
        if all(tensor.name != name for tensor in self.initializers):
            self.initializers.append(
                helper.make_tensor(name, TensorProto.FLOAT, [] if scalar else [len(values)], values)
            )
        return name

    def _random(self, kind: str, name: str, shape: tuple[int, ...], **how: float) -> str:
        self.seeds += 1
        self.nodes.append(helper.make_node(kind, [], [name], shape=shape, seed=float(self.seeds), **how))
        return name

    # layers with weights

    def conv(
        self,
        x: str,
        name: str,
        channels: int,
        kernel: int | Pair,
        stride: int = 1,
        pad: int | Pads | str = 0,
        *,
        group: int = 1,
        bias: bool = True,
    ) -> str:
        """A convolution; `pad` is one number, all four, or "same" (TensorFlow's: the odd pixel at the end)."""
        depth, *size = self.shapes[x]
        window = (kernel, kernel) if isinstance(kernel, int) else kernel
        pads = _pads(pad, size, window, stride)
        fan_in = depth // group * math.prod(window)
        inputs = [x, self.normal(f"{name}/weights", (channels, depth // group, *window), math.sqrt(2 / fan_in))]
        if bias:
            inputs.append(self.normal(f"{name}/bias", (channels,), 0.01))
        self.shapes[name] = (channels, *_slide(size, window, stride, pads))
        return self._add(
            "Conv",
            inputs,
            name,
            kernel_shape=window,
            strides=[stride, stride],
            pads=pads,
            dilations=[1, 1],
            group=group,
        )

    def dense(self, x: str, name: str, units: int) -> str:
        """A fully connected layer; a map is flattened before it."""
        if len(self.shapes[x]) > 1:
            x = self.flatten(x, f"{name}/flatten")
        (features,) = self.shapes[x]
        weights = self.normal(f"{name}/weights", (units, features), math.sqrt(2 / features))
        self.shapes[name] = (units,)
        return self._add("Gemm", [x, weights, self.normal(f"{name}/bias", (units,), 0.01)], name, transB=1)

    def batch_norm(self, x: str, *, scale: float = 1.0) -> str:
        """Batch normalization of `x`, named after it, as in inference; `scale` is the mean of its scales."""
        shape, name = self.shapes[x][:1], f"{x}/bn"
        inputs = [
            x,
            self.normal(f"{x}/scale", shape, 0.1 * scale, mean=scale),
            self.normal(f"{x}/bias", shape, 0.1),
            self.normal(f"{x}/mean", shape, 0.1),
            self.uniform(f"{x}/var", shape, 0.5, 1.5),
        ]
        self.unlisted.add(name)  # it has its input's shape
        return self._same("BatchNormalization", inputs, name, epsilon=self.epsilon)

    # layers without weights

    def relu(self, x: str, name: str) -> str:
        """max(x, 0)."""
        return self._same("Relu", [x], name)

    def relu6(self, x: str, name: str) -> str:
        """min(max(x, 0), 6)."""
        bounds = [self.constant("zero", [0.0], scalar=True), self.constant("six", [6.0], scalar=True)]
        return self._same("Clip", [x, *bounds], name)

    def leaky_relu(self, x: str, name: str) -> str:
        """Darknet's: a slope of 0.1 below zero."""
        return self._same("LeakyRelu", [x], name, alpha=0.1)

    def lrn(self, x: str, name: str) -> str:
        """Local response normalization over five channels, with AlexNet's coefficients."""
        return self._same("LRN", [x], name, size=5, alpha=1e-4, beta=0.75, bias=1.0)

    def max_pool(self, x: str, name: str, kernel: int, stride: int, pad: int | Pads | str = 0) -> str:
        """Max pooling; `pad` may also be "ceil", Caffe's: a last window that hangs over the edge counts."""
        return self._pool("MaxPool", x, name, kernel, stride, pad)

    def average_pool(self, x: str, name: str, kernel: int, stride: int = 1, pad: int | Pads | str = 0) -> str:
        """Average pooling that does not count the padding."""
        return self._pool("AveragePool", x, name, kernel, stride, pad)

    def global_average(self, x: str, name: str) -> str:
        """The mean of each channel's map."""
        self.shapes[name] = (self.shapes[x][0], 1, 1)
        return self._add("GlobalAveragePool", [x], name)

    def add(self, x: str, y: str, name: str) -> str:
        """The sum of two maps."""
        return self._same("Add", [x, y], name)

    def concat(self, parts: list[str], name: str) -> str:
        """Maps side by side, along the channels."""
        depth = sum(self.shapes[part][0] for part in parts)
        self.shapes[name] = (depth, *self.shapes[parts[0]][1:])
        return self._add("Concat", parts, name, axis=1)

    def upsample(self, x: str, name: str) -> str:
        """Each pixel four times."""
        depth, height, width = self.shapes[x]
        self.shapes[name] = (depth, 2 * height, 2 * width)
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self._add("Resize", [x, "", self.constant(f"{name}/scales", [1.0, 1.0, 2.0, 2.0])], name, **how)

    def flatten(self, x: str, name: str) -> str:
        """A map as one row of features."""
        self.shapes[name] = (math.prod(self.shapes[x]),)
        return self._add("Flatten", [x], name, axis=1)

    def softmax(self, x: str, name: str) -> str:
        """Probabilities."""
        return self._same("Softmax", [x], name, axis=1)

    # the finished model

    def model(self, *outputs: str) -> onnx.ModelProto:
        """The checked model with every activation's shape, as counted here and held against ONNX's own."""
        graph = helper.make_graph(
            self.nodes,
            self.name,
            [self._value("data")],
            [self._value(output) for output in outputs],
            self.initializers,
            doc_string=self.title,
            value_info=[
                self._value(tensor) for tensor in self.shapes if tensor not in ("data", *outputs, *self.unlisted)
            ],
        )
        model = helper.make_model(
            graph,
            producer_name="LayerSwitch",
            doc_string=self.title,
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model, full_check=True)  # infers the shapes, strictly, and compares
        return model

    def _value(self, tensor: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(tensor, TensorProto.FLOAT, [1, *self.shapes[tensor]])

    def _pool(self, kind: str, x: str, name: str, kernel: int, stride: int, pad: int | Pads | str) -> str:
        depth, *size = self.shapes[x]
        window = (kernel, kernel)
        pads = _pads(pad, size, window, stride)
        self.shapes[name] = (depth, *_slide(size, window, stride, pads))
        return self._add(kind, [x], name, kernel_shape=window, **_step(stride, pads))

    def _same(self, kind: str, inputs: list[str], name: str, **attributes: object) -> str:
        self.shapes[name] = self.shapes[inputs[0]]
        return self._add(kind, inputs, name, **attributes)

    def _add(self, kind: str, inputs: list[str], name: str, **attributes: object) -> str:
        attributes = {key: value for key, value in attributes.items() if (key, value) != ("group", 1)}
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name


def _pads(pad: int | Pads | str, size: list[int], window: Pair, stride: int) -> Pads:
    if isinstance(pad, tuple):
        return pad
    if isinstance(pad, int):
        return (pad, pad, pad, pad)
    if pad == "ceil":
        short = [-(edge - side) % stride for edge, side in zip(size, window, strict=True)]
        return (0, 0, short[0], short[1])
    total = [max((-(-edge // stride) - 1) * stride + side - edge, 0) for edge, side in zip(size, window, strict=True)]
    return (total[0] // 2, total[1] // 2, total[0] - total[0] // 2, total[1] - total[1] // 2)


def _step(stride: int, pads: Pads) -> dict[str, object]:
    return ({"strides": [stride, stride]} if stride > 1 else {}) | ({"pads": pads} if any(pads) else {})


def _slide(size: list[int], window: Pair, stride: int, pads: Pads) -> list[int]:
    return [(size[axis] + pads[axis] + pads[axis + 2] - window[axis]) // stride + 1 for axis in (0, 1)]
