"""What is fuzzed: each target reads one file and uses what it has read; True when read, False when refused."""

import contextlib
import io
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from layerswitch.errors import LayerSwitchError, ModelError
from layerswitch.serialization import Value, dump, load

from . import reached

Target = Callable[[Path, Path], bool]
SMALL = 1 << 20  # bytes of the constants that are read
LAYERS = 3000


def checked(read: Callable[[Path, Path], None]) -> Target:
    """A LayerSwitchError in one line is a refusal; everything else goes through."""

    def target(path: Path, scratch: Path) -> bool:
        try:
            read(path, scratch)
        except LayerSwitchError as error:
            if "\n" in str(error):
                raise ValueError("an error of several lines") from error
            return False
        return True

    return target


def model(path: Path, _scratch: Path) -> None:
    """A network file at every level, with its small constants."""
    from layerswitch.network.formats import open_model
    from layerswitch.network.formats.onnx import constants

    constants.MOST_MADE_BYTES = 64 << 20  # what is asked for later may take a gigabyte: opening is what is measured
    shapes: dict[str, tuple[int, ...]] = {}
    try:
        opened = open_model(path, level="operator")
    except ModelError as error:
        free = getattr(error, "inputs", {})
        if not free:
            raise
        shapes = {name: tuple(4 if size is None else size for size in shape) for name, shape in free.items()}
        opened = open_model(path, level="operator", input_shapes=shapes)
    for level in ("layer", "block"):
        grouped = opened.regrouped(level)
        assert grouped.graph.fingerprint == opened.graph.fingerprint
    assert opened.graph.macs >= 0
    dump(opened.graph)
    for name, tensor in opened.graph.constants.items():
        if tensor.bytes <= SMALL:
            with contextlib.suppress(ModelError):
                assert opened.constants[name].shape == tensor.shape


def csv(path: Path, _scratch: Path) -> None:
    """A table of published times, used as a profile."""
    from layerswitch.measurement.profile_import import import_layers

    use_profile(import_layers(path))


def use_profile(found: Any) -> None:
    """Predict and plan."""
    from layerswitch import greedy, plan
    from layerswitch.prediction.latency_model import LatencyModel

    latency = LatencyModel.from_profile(found)
    latency.predict(greedy(latency))
    if len(found.graph.layers) * len(found.devices) <= LAYERS:
        dump(plan(latency, found.board, time_limit_s=1.0))
    dump(found)


def profile(path: Path, _scratch: Path) -> None:
    """A profile, used for a plan, and reported."""
    from layerswitch.measurement.profile import Profile

    use_profile(load(path, Profile))


def plain(kind: str) -> Target:
    """A file of one of the other values."""

    def read(path: Path, _scratch: Path) -> None:
        from layerswitch.experiments import results
        from layerswitch.planner.plan import Plan

        value: type[Value] = Plan if kind == "Plan" else getattr(results, kind)
        found: Any = load(path, value)
        if kind == "Plan":
            assert isinstance(found.letters, str)
        assert type(found).from_dict(found.to_dict()) is not None
        dump(found)

    return checked(read)


def session(path: Path, scratch: Path) -> None:
    """A session with all it holds."""
    from layerswitch.session import load_session, locate, save_session

    found = load_session(path)
    assert found.in_order(found.assignment) is not None
    assert all(found.in_order(one.assignment) for one in found.named)
    with contextlib.suppress(LayerSwitchError):
        locate(found, scratch)
    if found.profile is not None:
        use_profile(found.profile)
    save_session(scratch / "again.layerswitch", found)


def board(path: Path, scratch: Path) -> None:
    """A board's file, as one of the person's own and as what the simulated engine is made of."""
    from layerswitch.agent import engines
    from layerswitch.agent.engines.base import EngineError
    from layerswitch.boards import registry

    own = scratch / "own"
    own.mkdir(exist_ok=True)
    (own / "one.toml").write_bytes(path.read_bytes())
    refusal = None
    with contextlib.suppress(LayerSwitchError):
        registry.boards(bundled=scratch, own=own)
    try:
        registry.find("own:one", bundled=scratch, own=own)
    except LayerSwitchError as error:
        refusal = error
    entry = registry.BoardEntry("sim:one", "One", "simulated", settings=str(own / "one.toml"))
    engine, settings = entry.engine_settings()
    try:
        engines.create(engine, settings).describe()
    except EngineError as error:
        raise refusal or LayerSwitchError(error.what) from error


def to_agent(path: Path, scratch: Path) -> None:
    """What a client sends, to an agent in this process; a defect of the agent's is printed there, raised here."""
    from layerswitch.agent import constant_store, server
    from layerswitch.agent.requests import Operations

    defects: list[str] = []

    class Told:
        """Stands in for the module traceback inside the server."""

        @staticmethod
        def print_exc() -> None:
            defects.append(traceback.format_exc())

    class Ended:
        """Stands in for the module os: the process of the fuzzer must not end."""

        @staticmethod
        def _exit(code: int) -> None:
            defects.append(f"the agent gave itself up with {code}: a job did not end")
            sys.exit(code)

    server.traceback, server.os = Told, Ended  # type: ignore[assignment]
    server.GRACE_SECONDS = 15.0  # by the clock: a busy machine finds nothing
    sink = io.BytesIO()
    with path.open("rb") as source:
        serving = server.Server(source, sink, Operations(constant_store.Store(scratch / "cache")))
        serving.serve()
    if defects:
        raise AssertionError(defects[0])


def from_agent(path: Path, scratch: Path) -> None:
    """What an agent answers, to a client that profiles and runs."""
    from .conversation import converse

    converse(path.read_bytes(), scratch)


TARGETS: dict[str, Target] = {
    "onnx": checked(model),
    "tflite": checked(model),
    "csv": checked(csv),
    "profile": checked(profile),
    "plan": plain("Plan"),
    "run": plain("Run"),
    "comparison": plain("Comparison"),
    "assignment": plain("AssignmentFile"),
    "session": checked(session),
    "board": checked(board),
    "to-agent": checked(to_agent),
    "from-agent": checked(from_agent),
    **{name: checked(read) for name, read in reached.PLAIN.items()},
}
