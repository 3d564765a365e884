"""Building one INetwork of consecutive layers: values, constants, and the small steps that translations share."""

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from ..network_graph import Graph, Operator, Tensor
from .pyarmnn_adapter import TYPES, Library

Shape = Tuple[int, ...]
Scale = Union[float, Tuple[float, ...]]  # several: per channel
Given = Tuple[np.ndarray, str, Scale, int]  # a constant: array, dtype, scale, zero point
UNSAFE = re.compile(r"[^A-Za-z0-9./]")  # Arm NN writes names into JSON and dot unescaped


class TranslationError(Exception):
    """An operator, or a way of using it, that has no words in Arm NN."""


class Value(NamedTuple):
    """The output slot of an Arm NN layer: shape in the network's layout, dtype, scale and zero point.

    `part` tells a piece of a split tensor, which may lie within the whole one.
    """

    slot: Any
    shape: Shape
    dtype: str
    scale: float = 0.0
    zero_point: int = 0
    part: bool = False

    @property
    def floating(self) -> bool:
        """Whether it holds real numbers rather than quantized ones."""
        return self.dtype.startswith("float")


class Words:
    """pyarmnn's names, with those that it wraps and does not list at its top level (HardSwish, BatchMatMul ...)."""

    def __init__(self, ann: Any) -> None:
        self._modules = (ann, getattr(getattr(ann, "_generated", None), "pyarmnn", None))

    def __getattr__(self, name: str) -> Any:
        for module in self._modules:
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError("pyarmnn has no {}".format(name))


class Builder:
    """An INetwork in the making. `values[name]` are the tensors so far; `place` marks the layer being translated."""

    def __init__(self, library: Library, graph: Graph, constants: Mapping[str, Any]) -> None:
        self.library, self.graph, self._constants = library, graph, constants
        self.ann: Any = Words(library.ann)
        self.network: Any = self.ann.INetwork()
        self.values: Dict[str, Value] = {}
        self.place, self.operator_name = 0, ""
        self._kept: List[Any] = []  # arrays whose memory Arm NN looks at

    @property
    def name(self) -> str:
        """The Arm NN name of what is added now: it tells the layer in profiles."""
        return "L{}_{}".format(self.place, UNSAFE.sub(".", self.operator_name)[-60:])

    @property
    def layout(self) -> Any:
        """Arm NN's constant for the network's layout."""
        return getattr(self.ann, "DataLayout_" + self.graph.layout)

    @property
    def channel_axis(self) -> int:
        """Where the channels are in 4-D tensors."""
        return 1 if self.graph.layout == "NCHW" else 3

    def add(self, layer: Any, inputs: Sequence[Value], like: Any, shape: Optional[Shape] = None) -> Value:
        """Connect a layer with one output, described by a Tensor or Value (and another shape, if given)."""
        for place, value in enumerate(inputs):
            value.slot.Connect(layer.GetInputSlot(place))
        return self.described(layer, 0, like, shape)

    def described(self, layer: Any, place: int, like: Any, shape: Optional[Shape] = None) -> Value:
        """Output `place` of a layer, with its TensorInfo set."""
        shape = tuple(like.shape) if shape is None else shape
        slot = layer.GetOutputSlot(place)
        slot.SetTensorInfo(self.library.info(shape, like.dtype, like.scale, like.zero_point))
        return Value(slot, shape, like.dtype, like.scale, like.zero_point)

    def input(self, tensor: Tensor, binding: int) -> Value:
        """An input of the network."""
        layer = self.network.AddInputLayer(binding, "input")
        return self.described(layer, 0, tensor)

    def output(self, value: Value, binding: int) -> None:
        """An output of the network."""
        value.slot.Connect(self.network.AddOutputLayer(binding, "output").GetInputSlot(0))

    def array(self, operator: Operator, role: str) -> Optional[np.ndarray]:
        """A constant of the operator as it is stored; None where it has none."""
        name = operator.constants.get(role)
        return None if name is None else np.asarray(self._constants[name])

    def real(self, operator: Operator, role: str) -> Optional[np.ndarray]:
        """A constant of the operator as float32, dequantized if it was quantized; None where it has none."""
        array = self.array(operator, role)
        if array is None:
            return None
        found = array.astype(np.float32)
        tensor = self.graph.tensors.get(operator.constants[role])
        if tensor is not None and tensor.scales and array.dtype.kind in "iu":
            along = [1] * found.ndim
            if len(tensor.scales) > 1 and tensor.axis is not None:
                along[tensor.axis] = -1
            found -= np.reshape(
                np.asarray(tensor.zero_points or (0,), np.float32), along if len(tensor.zero_points) > 1 else 1
            )
            found *= np.reshape(np.asarray(tensor.scales, np.float32), along)
        return found

    def real_bias(self, operator: Operator) -> Optional[np.ndarray]:
        """The bias as float32; integers count in steps of the input's scale times the weights'."""
        array = self.array(operator, "bias")
        described = self.graph.tensors.get(operator.constants.get("bias", ""))
        if array is None or array.dtype.kind == "f" or (described and described.scales):
            return self.real(operator, "bias")
        weights, given = self.graph.tensors[operator.constants["weights"]], self.graph.tensors[operator.inputs[0]]
        return array.astype(np.float32) * np.asarray(weights.scales or (1.0,), np.float32) * (given.scale or 1.0)

    def info(self, shape: Shape, dtype: str, scale: Scale = 0.0, zero_point: int = 0, axis: int = 0) -> Any:
        """A TensorInfo; several scales are those of the places along an axis."""
        if not isinstance(scale, tuple):
            return self.library.info(shape, dtype, scale, zero_point)
        kind = self.ann.DataType_QSymmS8 if dtype == "int8" else self.ann.DataType_Signed32
        found = self.ann.TensorInfo(self.ann.TensorShape(tuple(shape)), kind, float(scale[0]), 0)
        self.library.per_axis.set(found, scale, axis)
        return found

    def tensor(
        self, array: np.ndarray, dtype: str = "float32", scale: Scale = 0.0, zero_point: int = 0, axis: int = 0
    ) -> Any:
        """A ConstTensor of an array."""
        array = np.ascontiguousarray(array, TYPES[dtype][1])
        self._kept.append(array)
        return self.library.constant(self.info(array.shape, dtype, scale, zero_point, axis), array)

    def constant(
        self, array: np.ndarray, dtype: str = "float32", scale: Scale = 0.0, zero_point: int = 0, axis: int = 0
    ) -> Value:
        """A constant layer."""
        array = np.ascontiguousarray(array, TYPES[dtype][1])
        layer = self.network.AddConstantLayer(self.tensor(array, dtype, scale, zero_point, axis), self.name)
        info = self.info(array.shape, dtype, scale, zero_point, axis)
        if hasattr(info, "SetConstant"):
            info.SetConstant(True)
        layer.GetOutputSlot(0).SetTensorInfo(info)
        first = scale[0] if isinstance(scale, tuple) else scale
        return Value(layer.GetOutputSlot(0), tuple(array.shape), dtype, first, zero_point)

    def reshape(self, value: Value, shape: Shape) -> Value:
        """The same numbers in another shape."""
        if tuple(shape) == value.shape:
            return value
        descriptor = self.ann.ReshapeDescriptor()
        descriptor.m_TargetShape = self.ann.TensorShape(tuple(shape) or (1,))
        return self.add(self.network.AddReshapeLayer(descriptor, self.name), [value], value, tuple(shape))

    def copied(self, value: Value) -> Value:
        """The same numbers, written once more: for operators that change nothing."""
        descriptor = self.ann.ReshapeDescriptor()
        descriptor.m_TargetShape = self.ann.TensorShape(value.shape or (1,))
        return self.add(self.network.AddReshapeLayer(descriptor, self.name), [value], value)

    def activation(self, value: Value, function: str, a: float = 0.0, b: float = 0.0, like: Any = None) -> Value:
        """An activation layer by the name of Arm NN's function. Raises TranslationError."""
        if not hasattr(self.ann, "ActivationFunction_" + function):
            raise TranslationError("activation {} is not in Arm NN {}".format(function, self.library.release))
        descriptor = self.ann.ActivationDescriptor()
        descriptor.m_Function = getattr(self.ann, "ActivationFunction_" + function)
        descriptor.m_A, descriptor.m_B = float(a), float(b)
        return self.add(self.network.AddActivationLayer(descriptor, self.name), [value], like or value)

    def binary(self, kind: str, left: Value, right: Value, like: Any = None) -> Value:
        """Addition, Subtraction, Multiplication, Division, Maximum or Minimum, with broadcasting."""
        rank = max(len(left.shape), len(right.shape))
        left, right = (self.reshape(one, (1,) * (rank - len(one.shape)) + one.shape) for one in (left, right))
        shape = tuple(np.broadcast(np.empty(left.shape, "b"), np.empty(right.shape, "b")).shape)
        layer = getattr(self.network, "Add{}Layer".format(kind))(self.name)
        found = self.add(layer, [left, right], like or left, shape)
        return self.reshape(found, tuple(like.shape)) if like is not None else found

    def weighted(
        self, kind: str, descriptor: Any, value: Value, weights: Given, bias: Optional[Given], like: Any, shape: Shape
    ) -> Value:
        """A layer with weights, in either way that Arm NN takes them."""
        add = getattr(self.network, "Add{}Layer".format(kind))
        # along which axis of the weights several scales lie: 20.08 says 0 whatever the layout
        axis = 3 if kind == "DepthwiseConvolution2d" and self.library.weights_are_layers else 0
        descriptor.m_BiasEnabled = bias is not None
        if kind == "TransposeConvolution2d" or not self.library.weights_are_layers:
            given = self.tensor(*weights, axis)
            biases = self.tensor(*bias) if bias is not None else self.ann.ConstTensor()
            return self.add(add(descriptor, given, biases, self.name), [value], like, shape)
        inputs = [value, self.constant(*weights, axis)] + ([self.constant(*bias)] if bias is not None else [])
        return self.add(add(descriptor, self.name), inputs, like, shape)
