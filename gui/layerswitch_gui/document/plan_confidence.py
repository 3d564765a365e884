"""Trust: how sure the plan and the predictions of the open profile are, in one place for every view."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ..widgets import formatting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerswitch.measurement.sample_summary import Interval
    from layerswitch.planner.simplest_plan import Simplest
    from layerswitch.planner.stability import Stability
    from layerswitch.prediction.latency_model import Prediction
    from layerswitch.prediction.resampling import Resamples


class Trust(QObject):
    """Part of the document, filled by `analysis.py` after planning; nothing of it is saved."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.stability: Stability | None = None
        self.resamples: Resamples | None = None
        self.simplest: Simplest | None = None

    def take(
        self, resamples: "Resamples | None", stability: "Stability | None", simplest: "Simplest | None" = None
    ) -> None:
        """Show other values, or none."""
        if (resamples, stability, simplest) != (self.resamples, self.stability, self.simplest):
            self.resamples, self.stability, self.simplest = resamples, stability, simplest
            self.changed.emit()

    def share(self, layer: str) -> float | None:
        """The share (0..1) of resampled profiles whose optimum puts the layer where the plan does, if it is known."""
        return self.stability.shares.get(layer) if self.stability else None

    def interval(self, prediction: "Prediction | None") -> "Interval | None":
        """The middle 95 % of what resampled profiles predict of an assignment, ms; None while it is not known."""
        drawn = self.resamples
        if drawn is None or prediction is None or len(prediction.choice) != drawn.layer_ms.shape[1]:
            return None
        return drawn.interval(prediction.choice)

    def caution(self, assignment: "Mapping[str, str]") -> str:
        """What to expect of the plan, if that is the assignment and noise has helped to choose it; else ""."""
        found = self.stability
        return found.caution if found is not None and assignment == found.assignment else ""

    def sentence(self, layer: str) -> str:
        """How sure the layer's device in the plan is, in a sentence; "" while it is not known."""
        share, found = self.share(layer), self.stability
        if share is None or found is None:
            return ""
        device = found.assignment[layer]
        if layer in found.pins:
            return f"Pinned: every plan has it on {device}."
        if not found.matters(layer):
            return f"{device} in {formatting.percent(share)} of resampled plans: either device would do."
        return f"{device} in {formatting.percent(share)} of resampled plans: stable."
