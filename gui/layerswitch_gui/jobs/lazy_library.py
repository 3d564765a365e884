"""The library as the window calls it: every import is late, so that the window paints before onnx or scipy load.

Everything here but `bundled_models`, `boards` and `find` is called on a job's thread.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    import layerswitch.planner.greedy as greedy_search
    import layerswitch.planner.switch_curve as curve_search
    from layerswitch import explain
    from layerswitch.boards import reachability, registry
    from layerswitch.boards.board import Board
    from layerswitch.boards.check import board_check
    from layerswitch.boards.ssh import Ask
    from layerswitch.boards.user_boards import UserBoard
    from layerswitch.experiments import compare, refine
    from layerswitch.experiments.results import Run
    from layerswitch.measurement import statistics
    from layerswitch.measurement.profile import Profile
    from layerswitch.measurement.sample_summary import Interval
    from layerswitch.network import formats
    from layerswitch.planner import optimum, simplest_plan, stability
    from layerswitch.prediction import session_variance
    from layerswitch.prediction.resampling import Resamples
    from layerswitch.prediction.session_variance import Session

F = TypeVar("F", bound=Callable[..., object])


class Late(Generic[F]):
    """A function of a module that is imported when the function is first asked for.

    `as_typed` is never called: it names the function for type checkers, and its name for readers.
    """

    def __init__(self, module: str, as_typed: Callable[[], F], name: str = "") -> None:
        self._module, self._name = module, name

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = self._name or name

    def __get__(self, _services: object, _owner: type) -> F:
        found: F = getattr(import_module(self._module), self._name)
        return found


class Services:
    """Tests put fakes with the same methods in its place. `ask` is whom to ask while a board is reached over SSH."""

    ask: "Ask | None" = None
    bundled_models = Late("layerswitch.network.formats", lambda: formats.bundled_models)
    open_model = Late("layerswitch.network.formats", lambda: formats.open_model)
    boards = Late("layerswitch.boards.registry", lambda: registry.boards)
    find = Late("layerswitch.boards.registry", lambda: registry.find)
    ask_boards = Late("layerswitch.boards.reachability", lambda: reachability.ask, "ask")
    board_works = Late("layerswitch.boards.check.board_check", lambda: board_check.works, "works")
    plan = Late("layerswitch.planner.optimum", lambda: optimum.plan)
    greedy = Late("layerswitch.planner.greedy", lambda: greedy_search.greedy)
    switch_curve = Late("layerswitch.planner.switch_curve", lambda: curve_search.switch_curve)
    compare = Late("layerswitch.experiments.compare", lambda: compare.compare)
    refine = Late("layerswitch.experiments.refine", lambda: refine.refine)
    explain = Late("layerswitch.explain", lambda: explain.explain)
    spread = Late("layerswitch.prediction.session_variance", lambda: session_variance.spread_of, "spread_of")
    stability = Late("layerswitch.planner.stability", lambda: stability.stability)
    simplest = Late("layerswitch.planner.simplest_plan", lambda: simplest_plan.simplest)
    summarize = Late("layerswitch.measurement.statistics", lambda: statistics.summarize)

    def connect(self, entry: "registry.BoardEntry") -> "Board":
        """Reach a board, which goes on by itself when its link is lost. Raises BoardError."""
        from layerswitch.boards import board

        return board.connect(entry, ask=self.ask)

    def check_board(self, board: "UserBoard", ask: "Ask", cancel: threading.Event) -> "Iterator[board_check.CheckStep]":
        """Try everything a board over SSH needs, step by step. Raises CancelledError."""
        from layerswitch.boards.check.board_check import check
        from layerswitch.boards.registry import reached

        entry = reached(board, board.host, board.settings)
        return check(entry, ask, cancel=cancel)

    def without_keyring(self) -> str:
        """Why no password can be remembered; "" where one can."""
        from layerswitch.boards.user_boards import NO_KEYRING, keyring_is_here

        return "" if keyring_is_here() else NO_KEYRING

    def forget_password(self, entry: "registry.BoardEntry") -> None:
        """Take a saved board's password out of the system's keyring. Raises BoardError."""
        from layerswitch.boards.ssh.credentials import forget_password
        from layerswitch.boards.ssh.ssh_config import route

        hop = route(entry)[-1]
        forget_password(hop.user, hop.name)

    def resample(self, profile: "Profile", resamples: int, others: "Sequence[Session]" = ()) -> "Resamples":
        """Profiles that another session might have measured; `others` tell how far sessions lie apart."""
        from layerswitch.prediction import resampling

        return resampling.Resamples.of(profile, resamples, spread=self.spread(profile, others))

    def steadied(self, run: "Run") -> "tuple[Run, Interval]":
        """A run with what its samples show of warm-up, drift and outliers, and its summary after the warm-up."""
        from msgspec.structs import replace

        from layerswitch.measurement.statistics import steadiness

        found = steadiness(run.samples_ms)
        return replace(run, steadiness=found), self.summarize(run.samples_ms[found.warmup :])
