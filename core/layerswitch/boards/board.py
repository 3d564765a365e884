"""Board: one agent, asked for profiles and runs."""

import contextlib
import getpass
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from ..agent.protocol import PROTOCOL
from ..errors import AssignmentError, BoardError, CancelledError, ProtocolError, UnsupportedLayerError
from ..experiments.results import Run
from ..measurement.profile import BoardDescription, Profile, ProfileSettings
from ..network.assignment import Assignment
from ..network.graph import LayerGraph
from . import emulated
from .client import model_upload, responses
from .client.channel import Connection, LocalConnection
from .client.message_link import Link
from .client.partial_results import PartialProfile, PartialRun
from .client.responses import Hello, Opened, Profiled, Ran, Reasons
from .client.rpc_client import Calls
from .progress import Progress, Show
from .registry import BoardEntry

if TYPE_CHECKING:
    from ..network.model import Model
    from .ssh import Ask

START_SECONDS = 120.0  # for an agent to start and its engine to open: trying a backend may compile its first kernel
SLACK = 10_000  # events of a measurement beside its samples
STUCK = "the agent is stuck in what was cancelled: starting a new one"

Connect = Callable[[BoardEntry], Connection]


def start_agent(entry: BoardEntry, ask: "Ask | None" = None) -> Connection:
    """The connection to a new agent for this board; `ask` is whom to ask over SSH. Raises BoardError, ReachError."""
    try:
        if entry.kind == "ssh":
            from . import ssh  # paramiko takes a quarter of a second to import

            return ssh.connect(entry, ask)
        if entry.kind == "folder":
            return LocalConnection(emulated.command(Path(entry.folder)))
        return LocalConnection()
    except OSError as error:
        raise BoardError(f"the agent cannot be started: {error.strerror}", where=entry.name) from error


def client_name() -> str:
    """Who this is, as other people who want the board are told."""
    with contextlib.suppress(OSError, KeyError):
        return f"{getpass.getuser()} on {socket.gethostname()}"
    return socket.gethostname()


class Board:
    """One connection to one agent; a context manager.

    Calls from several threads wait for each other; a call from within another's progress is an error. `close` may come
    from any thread: the call at work raises BoardError. After an agent's end every call raises BoardError until
    `restart`. Errors and cancelling in the middle of a measurement carry what was measured in `partial`. An agent that
    is still at what was cancelled two seconds later (compiling kernels takes minutes) is replaced by the next call.
    """

    description: BoardDescription
    _loaded: "tuple[Model, Reasons] | None"

    def __init__(self, entry: BoardEntry, *, connect: Connect = start_agent) -> None:
        """Use `Board.connect`; `connect` makes the connection, for other transports and for tests."""
        self.entry, self._connect = entry, connect
        self._start()

    @classmethod
    def connect(cls, entry: BoardEntry, *, connect: Connect = start_agent) -> Self:
        """Start the board's agent and open its engine. Raises BoardError, ProtocolError."""
        return cls(entry, connect=connect)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the agent can be asked."""
        return not self._calls.closed

    def close(self) -> None:
        """End the agent; from any thread, as often as one likes."""
        self._calls.close()

    def restart(self) -> None:
        """End the agent, if it has not ended by itself, and start a new one. Raises BoardError."""
        self.close()
        self._start()

    def unsupported(self, model: "Model", *, cancel: threading.Event | None = None) -> Reasons:
        """Load a network; device -> layer -> why it cannot run there. Raises BoardError, CancelledError."""
        with self._calls.turn(cancel):
            self._settle(None, cancel)
            return self._load(model, None, cancel)

    def profile(
        self,
        model: "Model",
        settings: ProfileSettings | None = None,
        *,
        progress: Show | None = None,
        cancel: threading.Event | None = None,
    ) -> Profile:
        """Measure every layer on every device, whole-network runs, and transfers; times in ms.

        Raises UnsupportedLayerError (a layer can run nowhere), CancelledError within a second of `cancel`, BoardError.

        >>> profile = board.profile(model, ProfileSettings(runs=5, warmup=1))
        >>> profile.board.origin, len(profile.baselines["CPU"])
        ('simulated', 5)
        """
        graph, settings = model.graph, settings or ProfileSettings()
        with self._calls.turn(cancel):
            self._settle(progress, cancel)
            missing = self._load(model, progress, cancel)
            self._check_supported(graph, missing)
            partial = PartialProfile(graph, self.description, settings, missing)
            work = (settings.runs + settings.warmup) * len(self.description.devices)
            try:
                answer = self._calls.ask(
                    Profiled,
                    "profile",
                    cancel=cancel,
                    progress=progress,
                    take=partial.take,
                    events=SLACK + work * (len(graph.layers) + 8),
                    runs=settings.runs,
                    warmup=settings.warmup,
                    seed=settings.seed,
                )
                with self._calls.checking():
                    made = responses.make_profile(answer, graph, self.description, settings, missing)
                self._loaded = model, made.unsupported  # some may have turned out only when it was measured
                return made
            except (BoardError, CancelledError) as error:
                error.partial = partial.value()
                raise

    def run(
        self,
        model: "Model",
        assignment: Mapping[str, str],
        *,
        runs: int = 20,
        warmup: int = 3,
        seed: int = 0,
        name: str = "",
        progress: Show | None = None,
        cancel: threading.Event | None = None,
    ) -> Run:
        """Execute an assignment and measure it; times in ms.

        Raises AssignmentError before anything is sent, UnsupportedLayerError, CancelledError, BoardError.

        >>> run = board.run(model, best.assignment, runs=5)
        >>> len(run.samples_ms), all(ms > 0 for ms in run.samples_ms)
        (5, True)
        """
        graph = model.graph
        checked = Assignment.checked(assignment, graph, self.description.device_names)
        with self._calls.turn(cancel):
            self._settle(progress, cancel)
            missing = self._load(model, progress, cancel)
            self._check_supported(graph, missing)
            for layer, device in checked.items():
                if reason := missing.get(device, {}).get(layer):
                    raise AssignmentError(f"layer {layer!r} cannot run on {device}: {reason}", where=self.entry.name)
            partial = PartialRun(graph, self.description, checked, name, warmup)
            try:
                answer = self._calls.ask(
                    Ran,
                    "run",
                    cancel=cancel,
                    progress=progress,
                    take=partial.take,
                    events=SLACK + (runs + warmup) * 8,
                    assignment=dict(checked),
                    runs=runs,
                    warmup=warmup,
                    seed=seed,
                )
                with self._calls.checking():
                    return responses.make_run(answer, graph, self.description, checked, name, runs, warmup)
            except (BoardError, CancelledError) as error:
                error.partial = partial.value()
                raise

    def _start(self) -> None:
        self._loaded = None
        self._engine = self.entry.engine_settings()
        self._calls = Calls(self._link(), self.entry.name)
        try:
            with self._calls.turn():
                self._open(None)
        except BaseException:
            self._calls.close()
            raise

    def _link(self) -> Link:
        return Link(self._connect(self.entry), self.entry.name)

    def _open(self, cancel: threading.Event | None) -> None:
        """Open the engine of an agent that has just been started."""
        self._opened, (engine, settings) = False, self._engine
        hello = self._calls.ask(Hello, "hello", cancel=cancel, seconds=START_SECONDS)
        if hello.protocol != PROTOCOL:
            what = f"the agent speaks protocol {hello.protocol}, not {PROTOCOL}"
            raise ProtocolError(what, where=self.entry.name)
        asked = {"engine": engine, "settings": settings, "client": client_name()}
        opened = self._calls.ask(Opened, "open", cancel=cancel, seconds=START_SECONDS, **asked)
        with self._calls.checking():
            responses.check_description(opened.description)
        self.description = msgspec.structs.replace(opened.description, name=self.entry.name)
        self._sender = model_upload.Sender(self._calls, opened.needs_constants)
        self._opened = True

    def _settle(self, progress: Show | None, cancel: threading.Event | None) -> None:
        """Make sure that the agent is free: one that cannot leave what was cancelled is replaced by a new one."""
        if self._calls.settled(cancel) and self._opened:
            return
        if progress:
            progress(Progress(0, 1, STUCK))
        self._loaded, self._opened = None, False
        self._calls.renew(self._link)
        self._open(cancel)

    def _load(self, model: "Model", progress: Show | None, cancel: threading.Event | None) -> Reasons:
        """Make the agent hold this network; what it cannot run."""
        if self._loaded and self._loaded[0] is model:
            return self._loaded[1]
        self._loaded = None
        reasons = self._sender.load(model, progress, cancel)
        with self._calls.checking():
            missing = responses.check_reasons(reasons, model.graph, self.description)
        self._loaded = model, missing
        return missing

    def _check_supported(self, graph: LayerGraph, missing: Reasons) -> None:
        devices = self.description.device_names
        for layer in graph.layers:
            reasons = [missing.get(device, {}).get(layer.name) for device in devices]
            if all(reasons):
                raise UnsupportedLayerError(
                    f"layer {layer.name!r} ({layer.type}) can run on no device: {reasons[0]}",
                    where=self.entry.name,
                    hint="choose another board or network",
                )
