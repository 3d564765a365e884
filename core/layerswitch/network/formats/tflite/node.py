"""Node: an operator of the file while it is being translated; Step: an operator of LayerSwitch's vocabulary."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ....errors import ModelError
from ...graph import Tensor
from .fused_activations import fused
from .records import Array, FileOperator, Shape


class UntranslatableError(Exception):
    """The vocabulary has no word for this use of an operator: it stays as the file has it, unknown."""


@dataclass(frozen=True)
class Operand:
    """A tensor that an operator reads; `read` gives a constant's value when it is small."""

    tensor: Tensor
    constant: bool = False
    read: Callable[[str], Array | None] | None = None

    @property
    def value(self) -> Array | None:
        """The value of a small constant, else None."""
        return self.read(self.tensor.name) if self.read is not None else None

    @property
    def name(self) -> str:
        """The tensor's name."""
        return self.tensor.name

    @property
    def shape(self) -> Shape:
        """The tensor's shape."""
        return self.tensor.shape


@dataclass(frozen=True)
class Step:
    """One operator to be made. `inputs` are what flows in, `constants` what has a role of its own."""

    type: str
    inputs: tuple[Operand, ...]
    outputs: tuple[Tensor, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, Operand | None] = field(default_factory=dict)
    suffix: str = ""
    macs: int = 0
    fold: Callable[..., Array] | None = None


@dataclass
class Node:
    """An operator of the file: its inputs as they really are, its outputs as the file has them.

    `unique` makes a tensor's name that the file does not use.
    """

    name: str
    file: FileOperator
    inputs: list[Operand | None]
    outputs: list[Tensor]
    unique: Callable[[str], str]

    @property
    def title(self) -> str:
        """How messages call it."""
        return f"operator {self.name!r} ({self.file.code})"

    def fail(self, what: str) -> ModelError:
        """The error that says what is wrong with this operator."""
        return ModelError(f"{self.title} {what}")

    def has(self, place: int) -> bool:
        """Whether the input is there."""
        return place < len(self.inputs) and self.inputs[place] is not None

    def input(self, place: int, rank: int | None = None) -> Operand:
        """An input. Raises ModelError when it is missing or of another rank."""
        found = self.inputs[place] if place < len(self.inputs) else None
        if found is None:
            raise self.fail(f"has no input {place}")
        if rank is not None and len(found.shape) != rank:
            raise self.fail(f"reads {found.name!r} of shape {text(found.shape)}, but takes {rank} axes")
        return found

    def optional(self, place: int) -> Operand | None:
        """An input that may be left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def constant(self, place: int, rank: int | None = None) -> Operand:
        """An input that must be constant. Raises UntranslatableError when it is computed by the network."""
        found = self.input(place, rank)
        if not found.constant:
            raise UntranslatableError
        return found

    def numbers(self, place: int) -> tuple[int, ...]:
        """A constant list of whole numbers (axes, sizes, paddings), flattened."""
        found = self.constant(place)
        if found.value is None:
            raise self.fail(f"has {found.tensor.elements} numbers in {found.name!r}, where a few belong")
        if found.value.dtype.kind not in "iub":
            raise self.fail(f"has {found.tensor.dtype} in {found.name!r}, where whole numbers belong")
        return tuple(int(number) for number in found.value.reshape(-1))

    def number(self, place: int) -> int:
        """A constant whole number."""
        found = self.numbers(place)
        if len(found) != 1:
            raise self.fail(f"has {len(found)} numbers as input {place}, where one belongs")
        return found[0]

    def axis(self, axis: int, rank: int) -> int:
        """The axis counted from the front. Raises ModelError when there is no such axis."""
        if not -rank <= axis < rank:
            raise self.fail(f"works along axis {axis} of {rank}")
        return axis % rank

    def option(self, name: str, default: Any = 0) -> Any:
        """A field of its options under the schema's name; `default` where the file has none."""
        return self.file.options.get(name, default)

    def output(self, shape: Shape, place: int = 0) -> Tensor:
        """The output with the shape it really has."""
        if place >= len(self.outputs):
            raise self.fail(f"has {len(self.outputs)} outputs, too few")
        return sized(self.outputs[place], shape, self)

    def between(self, like: Tensor, shape: Shape, suffix: str) -> Tensor:
        """A tensor of the reader's own, between two steps of this operator."""
        return sized(replace_name(like, self.unique(f"{self.name}/{suffix}")), shape, self)

    def simple(
        self, kind: str, inputs: tuple[Operand, ...], shape: Shape, attributes: dict[str, Any] | None = None
    ) -> list[Step]:
        """The one step of an operator with one output, and its fused activation."""
        return self.activated(Step(kind, inputs, (self.output(shape),), attributes or {}))

    def activated(self, step: Step) -> list[Step]:
        """The step, and behind it the activation that the file has fused to it."""
        found = fused(self.option("FusedActivationFunction"))
        if found is None:
            return [step]
        kind, attributes = found
        (output,) = step.outputs
        before = replace_name(output, self.unique(f"{output.name}/before_activation"))
        activation = Step(kind, (Operand(before),), (output,), attributes, suffix="/activation")
        return [replace(step, outputs=(before,)), activation]


def text(shape: Shape) -> str:
    """A shape as people write it."""
    return "x".join(map(str, shape)) or "a single number"


def replace_name(tensor: Tensor, name: str) -> Tensor:
    """The same description under another name."""
    return Tensor(name, tensor.shape, tensor.dtype, tensor.quantization)


def sized(tensor: Tensor, shape: Shape, node: Node) -> Tensor:
    """The same description with another shape. Raises ModelError when no tensor can have it."""
    if any(size < 0 for size in shape):
        raise node.fail(f"would make {tensor.name!r} of the impossible shape {text(shape)}")
    return Tensor(tensor.name, shape, tensor.dtype, tensor.quantization)
