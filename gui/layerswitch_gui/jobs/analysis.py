"""Analysis: what is worked out of the open profile beside the plan: why layers prefer a device, how sure the plan is.

Kept apart from the document because nothing of it is saved: it follows from the profile, and is worked out again.
"""

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from .runner import EXPLAIN, STABILITY, Report
from .workflow import Workbench

if TYPE_CHECKING:
    from layerswitch.explain import Explanation, LayerExplanation, Roofline
    from layerswitch.measurement.profile import Profile
    from layerswitch.planner.plan import Plan
    from layerswitch.planner.simplest_plan import Simplest
    from layerswitch.planner.stability import Stability
    from layerswitch.prediction.resampling import Resamples
    from layerswitch.prediction.session_variance import Session

    Known = tuple[Resamples | None, Stability | None, Simplest | None]

RESAMPLES = 200  # as many as the command line draws, so that both say the same
LAYER_RESAMPLES = 20_000  # of a network of more than a hundred layers fewer, so that it takes seconds
FEWEST = 20


class Analysis(QObject):
    """The explanation of the document's profile, worked out in a job when a view first asks for it with `want`; and the
    stability of its plan, after every planning, run and comparison, into `document.trust`.

    `pair` are the two devices that people chose to compare across the network; None: the board's first two.
    """

    explained = Signal()  # there is another explanation, or none any more

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._document = workbench, workbench.document
        self.explanation: Explanation | None = None
        self.pair: tuple[str, str] | None = None
        self._layers: dict[str, LayerExplanation] = {}
        self._of: Profile | None = None  # what is or will be explained
        self._wanted = False
        self._drawn_of: tuple[Profile, tuple[Session, ...]] | None = None  # what was resampled
        self._sure_of: Plan | None = None  # the plan whose stability is or will be known
        self._asked_of: tuple[Profile, tuple[Session, ...]] | None = None  # what is or will be resampled
        for signal in (self._document.graph_changed, self._document.profile_changed):
            signal.connect(self._follow)
        document = self._document
        for signal in (
            document.graph_changed, document.profile_changed, document.plan_changed,
            document.runs_changed, document.comparison_changed,
        ):  # fmt: skip
            signal.connect(self._follow_plan)

    def want(self) -> None:
        """Have the profile explained, now and whenever there is another one."""
        self._wanted = True
        self._ask()

    def layer(self, name: str) -> "LayerExplanation | None":
        """A layer's explanation, if there is one yet."""
        return self._layers.get(name)

    def roofline(self, device: str) -> "Roofline | None":
        """A device's roofline, if there is one yet."""
        found = self.explanation
        return next((one for one in found.rooflines if one.device == device), None) if found else None

    def _follow(self) -> None:
        if self._document.profile is not self._of:
            self._of, self.pair = None, None
            self._take(None)
            self._ask()

    def compare(self, pair: tuple[str, str]) -> None:
        """Compare two other devices across the network; the old pair stays on show until that is worked out."""
        profile = self._document.profile
        if profile is not None and pair != self.pair and {*pair} <= {*profile.devices}:
            self.pair, self._of = pair, None
            self._ask()

    def _take(self, explanation: "Explanation | None") -> None:
        self.explanation = explanation
        self._layers = {one.name: one for one in explanation.layers} if explanation else {}
        self.explained.emit()

    def _ask(self) -> None:
        profile = self._document.profile
        if not self._wanted or profile is None or self._of is profile:
            return
        self._of, pair = profile, self.pair

        def task(_report: Report, _cancel: threading.Event) -> "Explanation":
            return self._bench.services.explain(profile, pair=pair)

        self._bench.runner.submit(
            "Explain",
            task,
            on_result=self._take,
            on_error=lambda error: self._bench.failed.emit("Explain", error),
            lane=EXPLAIN,
            replace=True,
            wanted=lambda: self._document.profile is profile and self.pair == pair,
        )

    def _follow_plan(self) -> None:
        document = self._document
        if document.what_if:  # what is asked has no samples; what is known of the profile's own plan stays
            return
        profile, plan = document.profile, document.plan
        if plan is None or profile is None:
            self._sure_of, self._asked_of = None, None
            document.trust.take(None, None)
        elif plan is not self._sure_of:
            self._sure_of = plan
            self._resample(profile, plan)
        elif self._asked_of != (profile, self._others()):  # what was measured since shows more of how sessions differ
            self._resample(profile, plan, keep=True)

    def _others(self) -> "tuple[Session, ...]":
        """What else was measured of the network on this board."""
        compared = self._document.comparison
        return (*self._document.runs, *((compared,) if compared else ()))

    def _resample(self, profile: "Profile", plan: "Plan", *, keep: bool = False) -> None:
        """Draw and plan again; `keep` what is known on show until then."""
        document, services = self._document, self._bench.services
        others = self._others()
        self._asked_of = profile, others
        same = document.trust.resamples if document.trust.stability and self._drawn_of == (profile, others) else None
        if not keep:
            document.trust.take(same, None)
        count = max(FEWEST, min(RESAMPLES, LAYER_RESAMPLES // max(len(profile.graph.layers), 1)))

        trust = document.trust
        known = (trust.resamples, trust.stability, trust.simplest) if keep else (None, None, None)

        def task(report: Report, cancel: threading.Event) -> "Known":
            if known[0] is not None and known[1] is not None and services.spread(profile, others) == known[0].spread:
                return known  # what was measured since tells nothing new of it
            drawn = same or services.resample(profile, count, others)
            sure = services.stability(
                profile, plan.assignment, pins=plan.pins, drawn=drawn, progress=report, cancel=cancel
            )
            return drawn, sure, services.simplest(sure, drawn)

        def show(found: "Known") -> None:
            self._drawn_of = profile, others
            document.trust.take(*found)

        self._bench.runner.submit(
            "Plan stability",
            task,
            on_result=show,
            on_error=lambda error: self._bench.failed.emit("Plan stability", error),
            lane=STABILITY,
            replace=True,
            wanted=lambda: document.actual_plan is plan,
        )
