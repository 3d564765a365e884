"""The library as the window calls it: every import is late, so that the window paints before onnx or scipy load.

Everything here but `bundled_models`, `boards` and `find` is called on a job's thread.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerswitch.boards.board import Board
    from layerswitch.boards.check.board_check import CheckStep
    from layerswitch.boards.reachability import Answer
    from layerswitch.boards.registry import BoardEntry
    from layerswitch.boards.ssh import Ask
    from layerswitch.boards.user_boards import UserBoard
    from layerswitch.experiments.refine import Refinement
    from layerswitch.experiments.results import Comparison, Run
    from layerswitch.explain import Explanation
    from layerswitch.measurement.profile import BoardDescription, Profile
    from layerswitch.measurement.statistics.values import Interval
    from layerswitch.network.assignment import Assignment
    from layerswitch.network.model import Model
    from layerswitch.network.named_assignment import NamedAssignment
    from layerswitch.planner import CurvePoint
    from layerswitch.planner.plan import Plan
    from layerswitch.prediction.latency_model import LatencyModel
    from layerswitch.prediction.session_variance import Session
    from layerswitch.prediction.simplest_plan import Simplest
    from layerswitch.prediction.stability import Resamples, Stability


class Services:
    """Tests put fakes with the same methods in its place. `ask` is whom to ask while a board is reached over SSH."""

    ask: "Ask | None" = None

    def bundled_models(self) -> tuple[Any, ...]:
        """The networks that come with LayerSwitch."""
        from layerswitch.network.formats import bundled_models

        return bundled_models()

    def boards(self) -> "tuple[BoardEntry, ...]":
        """The boards known here."""
        from layerswitch.boards.registry import boards

        return boards()

    def find(self, name: str) -> "BoardEntry":
        """The board of a name. Raises BoardError."""
        from layerswitch.boards.registry import find

        return find(name)

    def open_model(self, source: str | Path, input_shapes: Mapping[str, tuple[int, ...]] | None = None) -> "Model":
        """Read a bundled network or a model file. Raises ModelError."""
        from layerswitch.network.formats import open_model

        return open_model(source, input_shapes=input_shapes)

    def connect(self, entry: "BoardEntry") -> "Board":
        """Reach a board, which goes on by itself when its link is lost. Raises BoardError."""
        from layerswitch.boards import reconnecting_board

        return reconnecting_board.connect(entry, ask=self.ask)

    def ask_boards(self, entries: "Sequence[BoardEntry]", cancel: threading.Event) -> "Iterator[Answer]":
        """Whether each board answers, as it turns out; within a few seconds."""
        from layerswitch.boards.reachability import ask

        return ask(entries, cancel=cancel)

    def check_board(self, board: "UserBoard", ask: "Ask", cancel: threading.Event) -> "Iterator[CheckStep]":
        """Try everything a board over SSH needs, step by step. Raises CancelledError."""
        from layerswitch.boards.check.board_check import check
        from layerswitch.boards.registry import reached

        entry = reached(board, board.host, board.settings)
        return check(entry, ask, cancel=cancel)

    def board_works(self, steps: "Sequence[CheckStep]") -> bool:
        """Whether a board with these steps can measure."""
        from layerswitch.boards.check.board_check import works

        return works(steps)

    def without_keyring(self) -> str:
        """Why no password can be remembered; "" where one can."""
        from layerswitch.boards.user_boards import NO_KEYRING, keyring_is_here

        return "" if keyring_is_here() else NO_KEYRING

    def forget_password(self, entry: "BoardEntry") -> None:
        """Take a saved board's password out of the system's keyring. Raises BoardError."""
        from layerswitch.boards.ssh.credentials import forget_password
        from layerswitch.boards.ssh.ssh_config import route

        hop = route(entry)[-1]
        forget_password(hop.user, hop.name)

    def plan(self, latency: "LatencyModel", board: "BoardDescription", pins: Mapping[str, str]) -> "Plan":
        """The best assignment. Raises PlanError."""
        from layerswitch.planner import plan

        return plan(latency, board, pins=pins)

    def switch_curve(self, latency: "LatencyModel", pins: Mapping[str, str]) -> "tuple[CurvePoint, ...]":
        """The best plan with at most k switches, for every k."""
        from layerswitch.planner import switch_curve

        return switch_curve(latency, pins=pins)

    def greedy(self, latency: "LatencyModel") -> "Assignment":
        """Each layer on its faster device."""
        from layerswitch.planner import greedy

        return greedy(latency)

    def compare(
        self, board: "Board", model: "Model", assignments: "Sequence[NamedAssignment]", **options: Any
    ) -> "Comparison":
        """Measure assignments against each other, interleaved."""
        from layerswitch.experiments.compare import compare

        return compare(board, model, assignments, **options)

    def explain(self, profile: "Profile", pair: tuple[str, str] | None = None) -> "Explanation":
        """Why each layer prefers a device, and what goes with it between two of them."""
        from layerswitch.explain import explain

        return explain(profile, pair=pair)

    def resample(self, profile: "Profile", resamples: int, others: "Sequence[Session]" = ()) -> "Resamples":
        """Profiles that another session might have measured; `others` tell how far sessions lie apart."""
        from layerswitch.prediction.session_variance import spread_of
        from layerswitch.prediction.stability import Resamples

        return Resamples.of(profile, resamples, spread=spread_of(profile, others))

    def spread(self, profile: "Profile", others: "Sequence[Session]") -> dict[str, float]:
        """How far sessions lie apart on each device, as far as these show it."""
        from layerswitch.prediction.session_variance import spread_of

        return spread_of(profile, others)

    def stability(self, profile: "Profile", plan: "Plan", drawn: "Resamples", **options: Any) -> "Stability":
        """How sure each layer's device in a plan is."""
        from layerswitch.prediction.stability import stability

        return stability(profile, plan.assignment, pins=plan.pins, drawn=drawn, **options)

    def simplest(self, sure: "Stability", drawn: "Resamples") -> "Simplest | None":
        """The fewest switches that are not shown to be slower than the optimum, where that can be told."""
        from layerswitch.prediction.simplest_plan import simplest

        return simplest(sure, drawn)

    def refine(self, board: "Board", model: "Model", profile: "Profile", **options: Any) -> "Refinement":
        """Plan, run, learn and plan again until the plan stands."""
        from layerswitch.experiments.refine import refine

        return refine(board, model, profile, **options)

    def steadied(self, run: "Run") -> "tuple[Run, Interval]":
        """A run with what its samples show of warm-up, drift and outliers, and its summary after the warm-up."""
        from msgspec.structs import replace

        from layerswitch.measurement.statistics import steadiness

        found = steadiness(run.samples_ms)
        return replace(run, steadiness=found), self.summarize(run.samples_ms[found.warmup :])

    def summarize(self, samples: "Sequence[float]") -> "Interval":
        """Median with its 95 % interval."""
        from layerswitch.measurement.statistics import summarize

        return summarize(samples)
