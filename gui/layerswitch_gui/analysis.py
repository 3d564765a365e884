"""Analysis: what is worked out of the open profile beside the plan: why layers prefer a device.

Kept apart from the document because nothing of it is saved: it follows from the profile, and is worked out again.
"""

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from .jobs import EXPLAIN, Report
from .workbench import Workbench

if TYPE_CHECKING:
    from layerswitch.explain import Explanation, LayerExplanation, Roofline
    from layerswitch.profile import Profile


class Analysis(QObject):
    """The explanation of the document's profile, worked out in a job when a view first asks for it with `want`."""

    explained = Signal()  # there is another explanation, or none any more

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._document = workbench, workbench.document
        self.explanation: Explanation | None = None
        self._of: Profile | None = None  # what is or will be explained
        self._wanted = False
        for signal in (self._document.graph_changed, self._document.profile_changed):
            signal.connect(self._follow)

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
