"""The strip that is always visible: what the current assignment costs, against the baselines and the optimum."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from layerswitch.experiments.comparison_sentences import of_profile

from ...document.document import Document
from ...platform.theme import Theme
from ...widgets import formatting, sample_warnings
from ...widgets.text_safety import one_line, plain

PREDICTED = (
    "One inference with the assignment as it is now; and the middle 95 % of what resampled profiles predict of it: "
    "where the median of another session lies"
)
MEASURED = "Median of the runs of exactly this assignment, with its 95 % interval"


class Tile(QWidget):
    """A caption, a value in large type, and a line of detail."""

    def __init__(self, caption: str, tip: str) -> None:
        super().__init__()
        self.setToolTip(plain(tip))
        self.setAccessibleName(caption)
        self.caption, self.value, self.detail = QLabel(caption), QLabel("–"), QLabel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(0)
        for label in (self.caption, self.value, self.detail):
            label.setTextFormat(Qt.TextFormat.PlainText)  # a device may be called anything
            layout.addWidget(label)
        for label in (self.caption, self.detail):
            label.setProperty("role", "muted")

    def say(self, value: str, detail: str = "", tone: str = "") -> None:
        """Show a value; `tone` "good" or "bad" colours it."""
        if self.value.property("role") != tone:
            self.value.setProperty("role", tone)
            self.value.style().polish(self.value)
        self.value.setText(value)
        self.detail.setText(detail)
        self.setAccessibleDescription(f"{value} {detail}")


class SummaryStrip(QWidget):
    """Tiles over the document; every edit changes them at once."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.badge = QLabel()
        self.badge.setProperty("role", "badge")
        self.badge.setToolTip("Where the times come from")
        self.board = QLabel()
        self.board.setTextFormat(Qt.TextFormat.PlainText)
        self.board.setProperty("role", "muted")
        self.predicted = Tile("Predicted latency", PREDICTED)
        self.against: dict[str, Tile] = {}  # one for each device
        self.gain = Tile("Gain", "1 - latency / the better baseline's latency")
        self.regret = Tile("Slower by", "How much slower than the best assignment it is predicted to be")
        self.switches = Tile(
            "Switches",
            "Changes of device in the network's order, and what the transfers cost. Arm NN may need fewer: it runs "
            "layers of one device together where the network allows it",
        )
        self.measured = Tile("Measured", MEASURED)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addStretch()
        left.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.board)
        left.addStretch()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 2, 6, 2)
        self._row.addLayout(left)
        for tile in self.tiles:
            self._row.addWidget(tile, 1)
        for signal in (
            document.graph_changed, document.prediction_changed, document.plan_changed, document.assignment_changed,
            document.runs_changed, document.comparison_changed, document.board_changed, document.trust.changed,
        ):  # fmt: skip
            signal.connect(self.refresh)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """From left to right."""
        return (self.predicted, *self.against.values(), self.gain, self.regret, self.switches, self.measured)

    def _take_devices(self) -> None:
        """A tile for each device of the board."""
        devices = self._document.devices
        if tuple(self.against) == devices:
            return
        for tile in self.against.values():
            self._row.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        self.against = {
            one: Tile(f"vs {one_line(one, 40)} only", f"Against every layer on the {one}") for one in devices
        }
        for place, tile in enumerate(self.against.values()):
            self._row.insertWidget(2 + place, tile, 1)  # after the badge and the prediction
        self._restyle()

    def _restyle(self) -> None:
        for tile in self.tiles:
            tile.value.setFont(self._theme.font(1.35, bold=True))
            tile.caption.setFont(self._theme.font(0.85))
            tile.detail.setFont(self._theme.font(0.85))
            large = self._theme.scale > 1.2  # then the details wrap, so that the strip still fits the window
            tile.detail.setWordWrap(large)
            tile.detail.setMinimumHeight(2 * tile.detail.fontMetrics().lineSpacing() if large else 0)
        self.board.setFont(self._theme.font(0.85))
        self.board.setVisible(self._theme.scale <= 1.2)  # the toolbar says it too
        self.badge.setFont(self._theme.font(0.85, bold=True))
        self.refresh()

    def refresh(self) -> None:
        """Show the document as it is."""
        document = self._document
        self._take_devices()
        origin = document.origin or (document.entry.origin if document.entry else "")
        asking = document.what_if
        large = self._theme.scale > 1.2  # the first tile has the rest then
        asked = (
            f"{formatting.origin(origin)}<br>what if"
            if large
            else f"{formatting.origin(origin)} · {formatting.WHAT_IF}"
        )
        self.badge.setText(asked if asking else formatting.origin(origin))
        self.badge.setVisible(bool(origin))
        self.board.setText(document.entry.title if document.entry else "")
        prediction = document.prediction
        if prediction is None:
            for tile in self.tiles:
                tile.say("–")
            self.predicted.say("–", "profile first (F5)" if document.graph else "open a network first")
            return
        total, word = prediction.total_ms, formatting.origin(origin)
        factor = f"×{document.transfer_factor:g}"
        asked = f"what if: switches {factor}" if large else f"{formatting.WHAT_IF}: transfer cost {factor}"
        said = asked if asking else f"from {word} layer times"
        sure = None if asking else document.trust.interval(prediction)
        caution = "" if asking else document.trust.caution(document.assignment)
        shown = f"{formatting.interval(sure.low, sure.high)}, {word}" if sure else said
        self.predicted.say(formatting.ms(total), shown + (" ⚠" if caution else ""))
        self.predicted.setToolTip("\n".join(filter(None, (PREDICTED, caution))))
        baselines = document.baselines_ms
        for device, tile in self.against.items():
            self._against(tile, total, baselines.get(device))
        self._gain_and_regret(total)
        transfers, count = prediction.transfers_ms, prediction.transfer_count
        counted = f"{count} transfer{'' if count == 1 else 's'}"
        paid = formatting.ms(transfers) if large else f"{counted}, {formatting.ms(transfers)}"
        self.switches.say(
            str(prediction.switches), paid if len(document.devices) > 1 else "one device: nothing to switch"
        )
        self._measured(word)

    def _against(self, tile: Tile, total: float, base: float | None) -> None:
        if not base:
            tile.say("–", "cannot run alone" if self._document.plan else "")
            return
        change = total / base - 1
        tile.say(formatting.percent(change, signed=True), f"{formatting.ms(base)} predicted", _tone(-change))

    def _gain_and_regret(self, total: float) -> None:
        plan, baselines = self._document.plan, self._document.baselines_ms
        if baselines:
            device, base = min(baselines.items(), key=lambda item: item[1])
            gain = 1 - total / base
            self.gain.say(formatting.percent(gain, signed=True), f"over {device} only", _tone(gain))
        else:
            self.gain.say("–")
        if plan is None:
            self.regret.say("–", "planning…")
            return
        regret = total / plan.predicted_ms - 1 if plan.predicted_ms else 0.0
        agrees = self._document.assignment == plan.assignment
        best = "is the optimum" if agrees else f"optimum {formatting.ms(plan.predicted_ms)}"
        self.regret.say(formatting.percent(max(0.0, regret) if abs(regret) < 5e-5 else regret), best)

    def _measured(self, word: str) -> None:
        interval = self._document.measured_ms
        if interval is None:
            self.measured.say("–", "not run yet (F7)")
            return
        span = formatting.interval(interval.low, interval.high)
        runs = "" if self._theme.scale > 1.2 else f", {interval.samples} {word} runs"  # or the strip grows higher
        odd = sample_warnings.of_assignment(self._document, self._document.assignment)
        beside = self._document.measured_beside(self._document.assignment)
        whose = f", {beside} profile" if beside else ""
        self.measured.say(formatting.ms(interval.median), f"{span}{runs}{whose}" + (" ⚠" if odd else ""))
        self.measured.setToolTip("\n".join(filter(None, (MEASURED, of_profile(beside), *odd))))


def _tone(better: float) -> str:
    return "good" if better > 0.0005 else "bad" if better < -0.0005 else ""
