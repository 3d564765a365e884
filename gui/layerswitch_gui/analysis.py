"""Analysis: what is worked out of the open profile beside the plan: why layers prefer a device, how sure the plan is.

Kept apart from the document because nothing of it is saved: it follows from the profile, and is worked out again.
"""

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from .jobs import EXPLAIN, STABILITY, Report
from .workbench import Workbench

if TYPE_CHECKING:
    from layerswitch.explain import Explanation, LayerExplanation, Roofline
    from layerswitch.profile import Profile
    from layerswitch.results import Plan
    from layerswitch.spread import Session

RESAMPLES = 100  # enough to tell 50 % from 75 %
LAYER_RESAMPLES = 20_000  # of a large network fewer, so that it takes seconds
FEWEST = 20


class Analysis(QObject):
    """The explanation of the document's profile, worked out in a job when a view first asks for it with `want`; and the
    stability of its plan, after every planning, into `document.trust`."""

    explained = Signal()  # there is another explanation, or none any more

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._document = workbench, workbench.document
        self.explanation: Explanation | None = None
        self._of: Profile | None = None  # what is or will be explained
        self._wanted = False
        self._drawn_of: tuple[Profile, tuple[Session, ...]] | None = None  # what was resampled
        self._sure_of: Plan | None = None  # the plan whose stability is or will be known
        for signal in (self._document.graph_changed, self._document.profile_changed):
            signal.connect(self._follow)
        for signal in (self._document.graph_changed, self._document.profile_changed, self._document.plan_changed):
            signal.connect(self._follow_plan)

    def want(self) -> None:
        """Have the profile explained, now and whenever there is another one."""
        self._wanted = True
        self._ask()

    def layer(self, name: str) -> "LayerExplanation | None":
        """A layer's explanation, if there is one yet."""
        found = self.explanation
        return next((one for one in found.layers if one.name == name), None) if found else None

    def roofline(self, device: str) -> "Roofline | None":
        """A device's roofline, if there is one yet."""
        found = self.explanation
        return next((one for one in found.rooflines if one.device == device), None) if found else None

    def _follow(self) -> None:
        if self._document.profile is not self._of:
            self.explanation, self._of = None, None
            self.explained.emit()
            self._ask()

    def _ask(self) -> None:
        profile = self._document.profile
        if not self._wanted or profile is None or self._of is profile:
            return
        self._of = profile

        def task(_report: Report, _cancel: threading.Event) -> Any:
            return self._bench.services.explain(profile)

        def show(explanation: Any) -> None:
            self.explanation = explanation
            self.explained.emit()

        self._bench.runner.submit(
            "Explain",
            task,
            on_result=show,
            on_error=lambda error: self._bench.failed.emit("Explain", error),
            lane=EXPLAIN,
            replace=True,
            wanted=lambda: self._document.profile is profile,
        )

    def _follow_plan(self) -> None:
        document = self._document
        if document.what_if:  # what is asked has no samples; what is known of the profile's own plan stays
            return
        profile, plan = document.profile, document.plan
        if plan is None or profile is None:
            self._sure_of = None
            document.trust.take(None, None)
        elif plan is not self._sure_of:
            self._sure_of = plan
            self._resample(profile, plan)

    def _resample(self, profile: "Profile", plan: "Plan") -> None:
        document, services = self._document, self._bench.services
        others = (*document.runs, *((document.comparison,) if document.comparison else ()))
        same = document.trust.resamples if document.trust.stability and self._drawn_of == (profile, others) else None
        document.trust.take(same, None)
        count = max(FEWEST, min(RESAMPLES, LAYER_RESAMPLES // max(len(profile.graph.layers), 1)))

        def task(report: Report, cancel: threading.Event) -> Any:
            drawn = same or services.resample(profile, count, others)
            return drawn, services.stability(profile, plan, drawn, progress=report, cancel=cancel)

        def show(found: Any) -> None:
            self._drawn_of = profile, others
            document.trust.take(*found)

        self._bench.runner.submit(
            "How sure the plan is",
            task,
            on_result=show,
            on_error=lambda error: self._bench.failed.emit("How sure the plan is", error),
            lane=STABILITY,
            replace=True,
            wanted=lambda: document.actual_plan is plan,
        )
