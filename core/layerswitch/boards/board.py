"""Board: one agent, asked for profiles and runs."""

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..errors import AssignmentError, BoardError, CancelledError, LostError, UnsupportedLayerError
from ..experiments.results import Run
from ..measurement.profile import BoardDescription, Profile, ProfileSettings
from ..network.assignment import Assignment
from ..outcome import Outcome
from . import emulated
from .agent_connection import STUCK, AgentConnection, Connect, RetryPolicy
from .client import responses
from .client.channel import Channel
from .client.collectors import Collector, ProfileCollector, RunCollector
from .client.local_channel import LocalChannel
from .client.model_upload import Sender
from .client.responses import Profiled, Ran, Reasons
from .client.rpc_client import Client
from .progress import Show
from .registry import BoardEntry

if TYPE_CHECKING:
    from ..network.model import Model
    from .ssh import Ask

__all__ = ["STUCK", "Board", "Connect", "RetryPolicy", "connect", "start_agent"]

SLACK = 10_000  # events of a measurement beside its samples


def start_agent(entry: BoardEntry, ask: "Ask | None" = None) -> Channel:
    """The channel to a new agent for this board; `ask` is whom to ask over SSH. Raises BoardError, ReachError."""
    try:
        if entry.kind == "ssh":
            from . import ssh  # paramiko takes a quarter of a second to import

            return ssh.connect(entry, ask)
        if entry.kind == "folder":
            return LocalChannel(emulated.command(Path(entry.folder)))
        return LocalChannel()
    except OSError as error:
        raise BoardError(f"the agent cannot be started: {error.strerror}", where=entry.name) from error


def connect(entry: BoardEntry, *, ask: "Ask | None" = None) -> "Board":
    """Reach a board that goes on by itself where its agent is lost. Raises BoardError; ReachError over SSH.

    `ask` is whom to ask for passwords and unknown machines; answers stay in memory to reconnect with.
    """
    if entry.kind != "ssh":
        return Board.connect(entry, retry=RetryPolicy())
    from .ssh import Nobody, Remembering

    return Board.connect(entry, connect=partial(start_agent, ask=Remembering(ask or Nobody())), retry=RetryPolicy())


class Board:
    """One board, through its agent; a context manager.

    Calls from several threads wait for each other; a call from within another's progress is an error. `close` may come
    from any thread: the call at work ends with a BoardError. With a `retry` policy, a call that loses its agent or the
    link to it goes on with another agent as long as that gets it further, and measures what is missing; without one,
    every call after a loss is an error until `restart`.
    """

    def __init__(self, entry: BoardEntry, *, connect: Connect = start_agent, retry: RetryPolicy | None = None) -> None:
        """Use `Board.connect`; `connect` makes the channel, for other transports and for tests."""
        self.entry = entry
        self._connection = AgentConnection(entry, connect, retry)
        self._sender: Sender | None = None
        self._loaded: tuple[Client, Model, Reasons] | None = None  # which agent has which network

    @classmethod
    def connect(cls, entry: BoardEntry, *, connect: Connect = start_agent, retry: RetryPolicy | None = None) -> Self:
        """Start the board's agent and open its engine. Raises BoardError, ProtocolError."""
        return cls(entry, connect=connect, retry=retry)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def description(self) -> BoardDescription:
        """What the board says of itself."""
        return self._connection.description

    @property
    def alive(self) -> bool:
        """Whether the agent can be asked."""
        return self._connection.alive

    def close(self) -> None:
        """End the agent; from any thread, as often as one likes."""
        self._connection.close()

    def restart(self) -> None:
        """End the agent, if it has not ended by itself, and start a new one. Raises BoardError."""
        self._connection.restart()

    def unsupported(self, model: "Model", *, cancel: threading.Event | None = None) -> Reasons:
        """Load a network; device -> layer -> why it cannot run there. Raises BoardError, CancelledError."""
        return self._connection.call(lambda client: self._load(client, model, None, cancel), None, cancel)

    def profile(
        self,
        model: "Model",
        settings: ProfileSettings | None = None,
        *,
        progress: Show | None = None,
        cancel: threading.Event | None = None,
    ) -> Outcome[Profile]:
        """Measure every layer on every device, whole-network runs, and transfers; times in ms.

        The outcome's error is UnsupportedLayerError (a layer can run nowhere), CancelledError within a second of
        `cancel`, or BoardError; its value then has what was measured, if every layer has a sample.

        >>> profile = board.profile(model, ProfileSettings(runs=5, warmup=1)).whole()
        >>> profile.board.origin, len(profile.baselines["CPU"])
        ('simulated', 5)
        """
        graph, settings = model.graph, settings or ProfileSettings()
        collected = ProfileCollector(graph, self.description, settings)

        def attempt(client: Client) -> None:
            missing = self._supported(client, model, progress, cancel)
            runs = collected.missing()
            collected.begin_with(missing)
            work = (runs + settings.warmup) * len(self.description.devices)
            rest = client.ask(
                Profiled,
                "profile",
                cancel=cancel,
                progress=progress,
                take=collected.take,
                events=SLACK + work * (len(graph.layers) + 8),
                runs=runs,
                warmup=settings.warmup,
                seed=settings.seed,
            )
            with client.checking():
                reasons = collected.finish(rest, runs)
            self._loaded = client, model, reasons  # some may have turned out only when it was measured

        return self._measure(attempt, collected, progress, cancel)

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
    ) -> Outcome[Run]:
        """Execute an assignment and measure it; times in ms. Raises AssignmentError before anything is measured.

        The outcome's error is UnsupportedLayerError, CancelledError, or BoardError; its value then has the inferences
        that were measured.

        >>> run = board.run(model, best.assignment, runs=5).whole()
        >>> len(run.samples_ms), all(ms > 0 for ms in run.samples_ms)
        (5, True)
        """
        graph = model.graph
        checked = Assignment.checked(assignment, graph, self.description.device_names)
        collected = RunCollector(graph, self.description, checked, name, runs, warmup)

        def attempt(client: Client) -> None:
            missing = self._supported(client, model, progress, cancel)
            for layer, device in checked.items():
                if reason := missing.get(device, {}).get(layer):
                    raise AssignmentError(f"layer {layer!r} cannot run on {device}: {reason}", where=self.entry.name)
            wanted = collected.missing()
            collected.begin()
            rest = client.ask(
                Ran,
                "run",
                cancel=cancel,
                progress=progress,
                take=collected.take,
                events=SLACK + (wanted + warmup) * (8 + len(graph.layers) // 32),
                assignment=dict(checked),
                runs=wanted,
                warmup=warmup,
                seed=seed,
            )
            with client.checking():
                collected.finish(rest, wanted)

        return self._measure(attempt, collected, progress, cancel)

    def _measure(
        self,
        attempt: Callable[[Client], None],
        collected: Collector[Any],
        progress: Show | None,
        cancel: threading.Event | None,
    ) -> Outcome[Any]:
        """What has been collected when attempts have ended, and what ended them early."""

        def noting(client: Client) -> None:
            try:
                attempt(client)
            except LostError as lost:
                collected.lose(lost)
                raise

        try:
            self._connection.call(noting, progress, cancel, lambda: collected.count)
        except (BoardError, CancelledError) as error:
            return Outcome(collected.value(), error)
        return Outcome(collected.value())

    def _load(self, client: Client, model: "Model", progress: Show | None, cancel: threading.Event | None) -> Reasons:
        """Make the agent hold this network; what it cannot run."""
        if self._loaded and self._loaded[0] is client and self._loaded[1] is model:
            return self._loaded[2]
        self._loaded = None
        if self._sender is None or self._sender.client is not client:
            self._sender = Sender(client, self._connection.needs_constants)
        reasons = self._sender.load(model, progress, cancel)
        with client.checking():
            missing = responses.check_reasons(reasons, model.graph, self.description)
        self._loaded = client, model, missing
        return missing

    def _supported(
        self, client: Client, model: "Model", progress: Show | None, cancel: threading.Event | None
    ) -> Reasons:
        """As `_load`. Raises UnsupportedLayerError for a layer that can run nowhere."""
        missing, devices = self._load(client, model, progress, cancel), self.description.device_names
        for layer in model.graph.layers:
            reasons = [missing.get(device, {}).get(layer.name) for device in devices]
            if all(reasons):
                raise UnsupportedLayerError(
                    f"layer {layer.name!r} ({layer.type}) can run on no device: {reasons[0]}",
                    where=self.entry.name,
                    hint="choose another board or network",
                )
        return missing
