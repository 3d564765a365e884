"""The sizes of the network's inputs: the file's, or the given ones where the file leaves them free."""

from collections.abc import Mapping

from ....errors import InputShapeError
from .node import text
from .records import FileGraph, FileTensor, Shape


def input_sizes(inputs: Mapping[str, FileTensor], given: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shape of every input. Raises InputShapeError when one is missing, of another rank, or of no input."""
    for name, shape in given.items():
        if name not in inputs:
            raise InputShapeError(f"has no input {name!r}", hint=f"its inputs: {', '.join(inputs)}")
        rank = len(inputs[name].shape)
        if len(shape) != rank or min(shape, default=1) < 1:
            raise InputShapeError(f"input {name!r} has {rank} axes, like {_example(inputs[name])}, not {text(shape)}")
    free = {name: tensor.free for name, tensor in inputs.items() if tensor.free is not None and name not in given}
    if free:
        shapes = "; ".join(f"{name}={_open(shape)}" for name, shape in free.items() if shape)
        first = next(iter(free))
        raise InputShapeError(
            f"the file leaves sizes free: {shapes}",
            hint=f"give them, for instance {first}={_example(inputs[first])}",
            inputs={name: shape for name, shape in free.items() if shape is not None},
        )
    return {name: tuple(given.get(name, tensor.shape)) for name, tensor in inputs.items()}


def other_sizes(file: FileGraph, given: Mapping[str, Shape]) -> str:
    """A hint for errors that may come from sizes other than the file's; empty when there are none."""
    tensors = (file.tensors[place] for place in file.inputs if 0 <= place < len(file.tensors))
    own = [
        f"{tensor.name}={_example(tensor)}"
        for tensor in tensors
        if given.get(tensor.name, tensor.shape) != tensor.shape
    ]
    return f"the file's own input is {', '.join(own)}" if own else ""


def _open(shape: tuple[int | None, ...]) -> str:
    return "x".join("?" if size is None else str(size) for size in shape)


def _example(tensor: FileTensor) -> str:
    return "x".join(str(max(size, 1)) for size in tensor.shape)
