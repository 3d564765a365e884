"""A conversation with an agent, recorded as it goes and played again with the agent's half changed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from layerswitch.agent.protocol import Bytes
from layerswitch.boards.board import Board
from layerswitch.boards.client.local_channel import LocalChannel
from layerswitch.boards.registry import BoardEntry, find
from layerswitch.experiments.compare import compare
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor
from layerswitch.network.model import Model
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.outcome import Outcome

BOARD = "sim:khadas-vim3"


def small_model() -> Model:
    """Four layers with a fork and a constant-free vocabulary, so that nothing has to be sent."""
    tensors = {"in": Tensor("in", (1, 3, 16, 16), "float32")}
    layers = []
    for name, kind, inputs in (
        ("a", "Relu", ("in",)),
        ("b", "Relu", ("a",)),
        ("c", "Sigmoid", ("a",)),
        ("d", "Add", ("b", "c")),
    ):
        tensors[name] = Tensor(name, (1, 3, 16, 16), "float32")
        layers.append(Layer(name, kind, inputs, (name,), (Operator(name, kind, inputs, (name,)),)))
    return Model(LayerGraph("small", tuple(layers), tensors, ("in",), ("d",), level="layer"), {}, None)


class Recorded:
    """A connection that keeps what was said, both ways."""

    def __init__(self) -> None:
        self.inner, self.sent, self.received = LocalChannel(), bytearray(), bytearray()

    def read(self, size: int) -> bytes:
        found = self.inner.read(size)
        self.received += found
        return found

    def write(self, pieces: Sequence[Bytes], abort: Callable[[], bool]) -> None:
        for piece in pieces:
            self.sent += piece
        self.inner.write(pieces, abort)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class Played:
    """A connection whose agent says what is written down, whatever it is asked."""

    link_lost = False

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def read(self, size: int) -> bytes:
        found = self.data[self.at : self.at + size]
        self.at += len(found)
        return found

    def write(self, pieces: Sequence[Bytes], abort: Callable[[], bool]) -> None:
        """Goes nowhere."""

    def close(self, *, force: bool = False) -> None:
        """Nothing is open."""

    def ended(self) -> str:
        return "exit code 0"

    def log(self) -> tuple[str, ...]:
        return ()

    def release(self) -> None:
        """Nothing is open."""


def shown(outcome: Outcome[Any]) -> Any:
    """A whole measurement; of a broken one, what there is can be shown as well. Raises BoardError."""
    if outcome.value is not None:
        outcome.value.to_dict()
    return outcome.whole()


def ask(connect: Callable[[BoardEntry], Any]) -> tuple[Any, ...]:
    """Profile, run and compare on a board; what came of it."""
    model = small_model()
    with Board.connect(find(BOARD), connect=connect) as board:
        profile = shown(board.profile(model, ProfileSettings(2, 1)))
        mixed = Assignment(dict(zip("abcd", ("CPU", "GPU", "CPU", "GPU"), strict=True)))
        run = shown(board.run(model, mixed, runs=2, warmup=1))
        named = [NamedAssignment("mixed", "own", mixed)]
        comparison = shown(compare(board, model, named, predicted=None, rounds=2, warmup=1))
    return profile, run, comparison


def record() -> tuple[bytes, bytes, tuple[Any, ...]]:
    """What the client sent, what the agent answered, and what came of it."""
    connections: list[Recorded] = []

    def connect(_entry: BoardEntry) -> Any:
        connections.append(Recorded())
        return connections[-1]

    found = ask(connect)
    return bytes(connections[0].sent), bytes(connections[0].received), found


def converse(answers: bytes, _scratch: Path) -> None:
    """Ask an agent that answers so. Raises BoardError."""
    ask(lambda _entry: Played(answers))
