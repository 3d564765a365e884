"""Translator: walks through the file's operators in order, knowing every tensor's real shape."""

import math
from pathlib import Path

from ....errors import ModelError
from ...graph import ITEM_BYTES, Layer, Operator, Tensor
from .constant_evaluation import evaluator
from .constants import ConstantTable, Stored, StoredFile
from .node import Node, Operand, Step, UntranslatableError, text
from .operators import translation
from .records import FileGraph, FileOperator, FileTensor, Shape
from .sparse_constants import check_sparsity

LARGEST = 2**40
"""Elements of a tensor, at most: more comes from a damaged or hostile file."""

MOST_OPERATORS = 2**17
LEARNED = ("weights", "bias", "slope")
ALIASES = ("DEQUANTIZE", "DENSIFY")
"""Of a constant, these leave it as the file has it: float16, quantized, or made dense when it is read."""


class _Names:
    """Names given so far; files repeat them."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        """The wanted name, with a number behind it when it is taken."""
        name = wanted
        while name in self._next:
            self._next[wanted] += 1
            name = f"{wanted}#{self._next[wanted]}"
        self._next[name] = 1
        return name


class Translator:
    """The network so far. Every method raises ModelError when the file contradicts itself."""

    def __init__(self, path: Path, file: FileGraph) -> None:
        if len(file.operators) > MOST_OPERATORS:
            raise ModelError(f"describes {len(file.operators)} operators")
        self._file, self._stored = file, StoredFile(path)
        self._tensors: dict[int, Tensor] = {}
        self._found: dict[int, Operand] = {}
        self._changed: set[str] = set()
        self._taken = _Names()
        self._names = [self._taken.unique(tensor.name or f"tensor {at}") for at, tensor in enumerate(file.tensors)]
        self._layer_names = _Names()
        self.layers: list[Layer] = []
        self.tensors: dict[str, Tensor] = {}
        self.constants = ConstantTable()
        self.input_names: list[str] = []

    def inputs(self) -> dict[str, FileTensor]:
        """The network's inputs by name."""
        return {self._describe(place).name: self._file.tensors[place] for place in self._file.inputs}

    def open_inputs(self, shapes: dict[str, Shape]) -> None:
        """Begin with inputs of these shapes."""
        for place in dict.fromkeys(self._file.inputs):
            tensor = self._describe(place)
            self._write(
                place, self._checked(Tensor(tensor.name, shapes[tensor.name], tensor.dtype, tensor.quantization))
            )
            self.tensors[tensor.name] = self._found[place].tensor
            self.input_names.append(tensor.name)

    def outputs(self) -> tuple[str, ...]:
        """The names of what the network computes; constants among the file's outputs are no result."""
        if not self.layers:
            raise ModelError("the TFLite file's network has no operators")
        found = (self._read(place, "the network") for place in self._file.outputs)
        names = tuple(dict.fromkeys(operand.name for operand in found if operand and not operand.constant))
        if not names:
            raise ModelError("the TFLite file's network has no outputs")
        return names

    def constants_in_use(self) -> dict[str, Tensor]:
        """The constants that operators name."""
        used = (name for layer in self.layers for name in layer.operators[0].constants.values())
        return {name: self.constants.tensors[name] for name in used}

    def translate(self, file: FileOperator) -> None:
        """Make the vocabulary's operators of one operator of the file."""
        outputs = [self._describe(place) for place in file.outputs if place >= 0]
        name = outputs[0].name.split(";")[0] if outputs else file.code.lower()
        node = Node(name or file.code.lower(), file, [], outputs, self._taken.unique)
        node.inputs = [self._read(place, node.title) for place in file.inputs]
        if file.code in ALIASES and not file.custom and node.input(0).constant and len(outputs) == 1:
            self._alias(file.outputs[0], node.input(0))
            return
        try:
            steps = translation(file.code, file.custom)(node)
        except UntranslatableError:
            steps = [self._unknown(node)]
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise node.fail(f"contradicts itself ({error})") from error
        if sum(len(step.outputs) for step in steps[-1:]) > len(outputs):
            raise node.fail("has too few outputs")
        self._emit_all(node, steps)
        if missing := [place for place in file.outputs if place >= 0 and place not in self._found]:
            raise node.fail(f"has {len(missing)} outputs more than it makes")

    def _emit_all(self, node: Node, steps: list[Step]) -> None:
        places = {self._names[place]: place for place in node.file.outputs if place >= 0}
        changed = any(operand is not None and operand.name in self._changed for operand in node.inputs)
        for step in steps:
            constant = self._emit(node, step)
            for tensor in step.outputs:
                place = places.get(tensor.name)
                if place is not None:
                    self._write(place, tensor, constant)
                if changed and (constant or place is None or tensor.shape != self._file.tensors[place].shape):
                    self._changed.add(tensor.name)

    def _emit(self, node: Node, step: Step) -> bool:
        """Make one operator, or a constant when it reads nothing else; says whether it is a constant."""
        for tensor in step.outputs:
            self._checked(tensor)
        inputs = [self._resolved(operand) for operand in step.inputs]
        if (inputs or step.fold) and all(
            operand.constant for operand in (*inputs, *filter(None, step.constants.values()))
        ):
            compute = evaluator(step)
            names = tuple(operand.name for operand in inputs)
            if compute is not None and self.constants.derive(step.outputs[0], compute, names):
                return True
            step.attributes["unknown"] = True  # nothing flows into it: no engine runs such an operator
        constants = {f"input{place}": operand.name for place, operand in enumerate(inputs) if operand.constant}
        constants |= {role: operand.name for role, operand in step.constants.items() if operand is not None}
        learned = [operand.tensor.elements for role, operand in step.constants.items() if operand and role in LEARNED]
        if step.macs >= 2**63:
            raise node.fail("would take an impossible amount of work")
        operator = Operator(
            self._layer_names.unique(node.name + step.suffix),
            step.type,
            tuple(operand.name for operand in inputs if not operand.constant),
            tuple(tensor.name for tensor in step.outputs),
            step.attributes,
            constants,
            step.macs,
            sum(learned),
        )
        self.layers.append(Layer.of(operator))
        self.tensors |= {tensor.name: tensor for tensor in step.outputs}
        return False

    def _unknown(self, node: Node) -> Step:
        """The operator as the file has it. Raises ModelError when its output's size is not the file's any more."""
        for operand in node.inputs:
            if operand is not None and operand.name in self._changed:
                raise ModelError(
                    f"{node.title} cannot be followed to another input size",
                    hint="leave the size as the file has it, or convert the network with the size you want",
                )
        inputs = tuple(operand for operand in node.inputs if operand is not None)
        return Step(node.file.code, inputs, tuple(node.outputs), {"unknown": True})

    def _resolved(self, operand: Operand) -> Operand:
        """The same tensor, known as a constant when a step before has made it one."""
        return Operand(operand.tensor, operand.name in self.constants, self.constants.small)

    def _write(self, place: int, tensor: Tensor, constant: bool = False) -> None:
        if place in self._found:
            raise ModelError(f"tensor {tensor.name!r} is written twice")
        self._found[place] = Operand(tensor, constant, self.constants.small if constant else None)
        if not constant and tensor.shape != self._file.tensors[place].shape:
            self._changed.add(tensor.name)

    def _alias(self, place: int, operand: Operand) -> None:
        if place in self._found:
            raise ModelError(f"tensor {self._names[place]!r} is written twice")
        self._found[place] = operand

    def _read(self, place: int, reader: str) -> Operand | None:
        """What an operator reads: None for what is left out, and for states that an operator keeps for itself."""
        if place in self._found or place == -1:
            return self._found.get(place)
        tensor = self._describe(place)
        file = self._file.tensors[place]
        if file.variable:
            return None
        if not file.length and tensor.elements:
            raise ModelError(f"{reader} reads tensor {tensor.name!r} before any operator writes it")
        self.constants.add(tensor, self._source(file, tensor))
        self._found[place] = Operand(tensor, True, self.constants.small)
        return self._found[place]

    def _source(self, file: FileTensor, tensor: Tensor) -> Stored:
        expected = tensor.bytes
        if file.sparsity is not None:
            stored = int(file.length / ITEM_BYTES[tensor.dtype]) if ITEM_BYTES[tensor.dtype] >= 1 else -1
            check_sparsity(file.sparsity, tensor.shape, stored)
            expected = math.ceil(stored * ITEM_BYTES[tensor.dtype])
        if file.length != expected and ITEM_BYTES[tensor.dtype]:
            raise ModelError(
                f"constant {tensor.name!r} holds {file.length} bytes,"
                f" but {text(tensor.shape)} of {tensor.dtype} takes {expected}"
            )
        return Stored(self._stored, file.offset, file.length, tensor.dtype, tensor.shape, file.sparsity)

    def _describe(self, place: int) -> Tensor:
        """A tensor as the file has it."""
        if not 0 <= place < len(self._names):
            raise ModelError(f"names tensor {place}, but there are {len(self._names)}")
        if place not in self._tensors:
            file = self._file.tensors[place]
            tensor = Tensor(self._names[place], (), file.dtype, file.quantization)
            if any(size < 0 for size in file.shape):
                raise ModelError(f"tensor {tensor.name!r} has the negative shape {text(file.shape)}")
            tensor = self._checked(Tensor(tensor.name, file.shape, tensor.dtype, tensor.quantization))
            found = file.quantization
            if found is not None and found.axis is not None:
                fits = 0 <= found.axis < len(file.shape) and file.shape[found.axis] == len(found.scale)
                if not fits:
                    raise ModelError(f"tensor {tensor.name!r} has {len(found.scale)} scales for {text(file.shape)}")
            self._tensors[place] = tensor
        return self._tensors[place]

    @staticmethod
    def _checked(tensor: Tensor) -> Tensor:
        if len(tensor.shape) > 16 or math.prod(max(size, 1) for size in tensor.shape) > LARGEST:
            raise ModelError(f"tensor {tensor.name!r} has the impossible shape {text(tensor.shape)}")
        return tensor
