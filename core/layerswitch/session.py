"""Session: everything a person has open, saved to and loaded from one versioned file."""

from pathlib import Path

from .atomic_write import is_file
from .errors import FileError
from .experiments.results import Comparison, Run
from .measurement.profile import Profile
from .network.assignment import Assignment
from .network.graph import LayerGraph
from .network.named_assignment import NamedAssignment
from .planner.plan import Plan
from .serialization import Value, load, save

SUFFIX = ".layerswitch"
"""How session files end."""


class Session(Value, frozen=True, tag_field="schema", tag="layerswitch/session/2"):
    """A network (by reference), a board (by name), and what was measured, planned and edited.

    `source` is a bundled network's name or the model file's path; weights are not in the session. `graph` is the
    network when there is no profile, which holds it otherwise. `named` are the assignments people can go back to.
    Raises ValueError when its parts do not belong to one network.
    """

    source: str
    assignment: Assignment
    board: str = ""
    graph: LayerGraph | None = None
    profile: Profile | None = None
    plan: Plan | None = None
    pins: dict[str, str] = {}
    named: tuple[NamedAssignment, ...] = ()
    runs: tuple[Run, ...] = ()
    comparison: Comparison | None = None
    created: str = ""  # ISO 8601, UTC

    def __post_init__(self) -> None:
        graph = self.network
        layers = set(graph.index)
        given = [("the assignment", self.assignment), *((one.name, one.assignment) for one in self.named)]
        for name, assignment in given:
            if set(assignment) != layers:
                raise ValueError(f"{name} does not assign exactly the layers of {graph.name!r}")
            if self.profile and (unknown := set(assignment.values()) - set(self.profile.devices)):
                raise ValueError(f"{name} names device {min(unknown)!r}, which the profile's board does not have")
        if stray := sorted(set(self.pins) - layers):
            raise ValueError(f"pins layer {stray[0]!r}, which {graph.name!r} does not have")
        parts: list[tuple[str, Plan | Run | Comparison | None]] = [("plan", self.plan), ("comparison", self.comparison)]
        parts += [(f"run {place}", run) for place, run in enumerate(self.runs, start=1)]
        for name, part in parts:
            if part is not None and part.fingerprint != graph.fingerprint:
                raise ValueError(f"the {name} is of another network than the session")

    @property
    def network(self) -> LayerGraph:
        """The layers that everything here is about. Raises ValueError when there is neither graph nor profile."""
        graph = self.profile.graph if self.profile else self.graph
        if graph is None:
            raise ValueError("a session needs a graph or a profile")
        return graph

    def in_order(self, assignment: Assignment) -> Assignment:
        """The same in the network's order, which a file written by others may not have."""
        return Assignment({layer: assignment[layer] for layer in self.network.index})


def save_session(path: Path | str, session: Session, *, private: bool = False) -> None:
    """Write a session, whole or not at all; a `private` file is its owner's alone. Raises FileError."""
    save(path, session, private=private)


def load_session(path: Path | str) -> Session:
    """Read a session. Raises FileError naming the field that does not fit."""
    return load(path, Session)


def locate(session: Session, folder: Path) -> str:
    """What to give `open_model`: a bundled name, the file where it was, or one of its name beside the session.

    Raises FileError when the file is in neither place; everything else of the session can still be shown.
    """
    source = Path(session.source)
    if source.suffix.lower() not in (".onnx", ".tflite"):
        return session.source
    for candidate in (source, folder / source.name):
        if is_file(candidate):
            return str(candidate)
    raise FileError(
        "the model file is no longer there",
        where=session.source,
        hint=f"put {source.name} beside the session to measure again; what was measured is shown",
    )


def is_session(path: Path | str) -> bool:
    """Whether a file's name says that it is a session."""
    return Path(path).name.lower().endswith(SUFFIX)
