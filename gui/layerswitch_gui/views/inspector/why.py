"""Why the selected layer prefers a device: the library's sentence, and the numbers it rests on."""

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...document.document import Document
from ...jobs.analysis import Analysis
from ...platform.theme import Theme
from ...widgets import formatting
from ...widgets.rich_label import RichLabel
from ...widgets.text_safety import breakable, one_line

if TYPE_CHECKING:
    from layerswitch.explain import LayerExplanation, OnDevice, Product, Roofline, Work

PRODUCTS = 3  # of a block, listed
ROOFLINE = "roofline"


class Why(QWidget):
    """Of one selected layer; empty otherwise. Names from files are escaped."""

    roofline_asked = Signal()

    def __init__(self, document: Document, theme: Theme, analysis: Analysis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Why the layer prefers a device")
        self._document, self._theme, self._analysis = document, theme, analysis
        self.text = RichLabel("Why the layer prefers a device")
        self.text.setTextInteractionFlags(
            self.text.textInteractionFlags()
            | self.text.textInteractionFlags().LinksAccessibleByMouse
            | self.text.textInteractionFlags().LinksAccessibleByKeyboard
        )
        self.text.linkActivated.connect(lambda _link: self.roofline_asked.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        for signal in (
            document.graph_changed, document.profile_changed, document.selection_changed,
            analysis.explained, document.trust.changed, theme.changed,
        ):  # fmt: skip
            signal.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks: from now on profiles are explained."""
        super().showEvent(event)
        if len(self._document.selection) == 1 and self._document.profile is not None:
            self._analysis.want()

    def refresh(self) -> None:
        """Show the reason of the selection as it is."""
        document, chosen = self._document, self._document.selection
        there = len(chosen) == 1 and document.profile is not None
        self.setVisible(there and self.parentWidget() is not None)  # never a window of its own
        if not there:
            return
        if self.isVisible():
            self._analysis.want()
        found = self._analysis.layer(chosen[0])
        word = formatting.origin(document.origin)
        self.text.setText(f"<h4>Why, from {word} times</h4>" + (self._html(found) if found else "Working it out…"))

    def _html(self, found: "LayerExplanation") -> str:
        work = found.work
        rows = [("Matrix product<br><small>M × N × K</small>", "<br>".join(map(product, work.products[:PRODUCTS])))]
        if len(work.products) > PRODUCTS:
            rows[0] = (rows[0][0], f"{rows[0][1]}<br>and {len(work.products) - PRODUCTS} more")
        if work.bytes:
            rows.append(("Moves", f"{formatting.size(work.bytes)} at least<br><small>{_moved(work)}</small>"))
        if work.intensity:
            rows.append(("Intensity", f"{formatting.number(work.intensity)} FLOP/byte"))
        rows += [(self._chip(on.device), self._achieved(found, on)) for on in found.devices]
        body = "".join(f"<tr><td style='padding-right:12px'>{k}</td><td>{v}</td></tr>" for k, v in rows if v)
        link = f"<p><a href='{ROOFLINE}'>Show it in the roofline</a></p>" if work.intensity else ""
        sure = self._document.trust.sentence(found.name)
        sure = f"<p>{escape(sure)}</p>" if sure else ""
        return f"<p>{escape(breakable(found.reason))}</p>{sure}<table cellspacing='2'>{body}</table>{link}"

    def _achieved(self, found: "LayerExplanation", on: "OnDevice") -> str:
        """A layer's time on a device, what it reaches, how much of the roof that is, and how the time divides."""
        rates = []
        if on.gflops:
            rates.append(f"<b>{formatting.number(on.gflops)} GFLOP/s</b>")
        if on.gb_per_s:
            rates.append(f"{formatting.number(on.gb_per_s)} GB/s")
        lines = [", ".join(rates), timed(on), reached(found, on, self._analysis.roofline(on.device)), divided(on)]
        return "<br>".join(line for line in lines if line)

    def _chip(self, device: str) -> str:
        fill, ink = self._theme.device(device).name(), self._theme.device_text(device).name()
        return f'<span style="background:{fill};color:{ink}">&nbsp;{escape(one_line(device))}&nbsp;</span>'


def timed(on: "OnDevice") -> str:
    """The interval of a layer's median, calibrated as its time is; it holds that of the whole run, too."""
    if on.ms.samples < 2:
        return "<small>one sample: no interval</small>"
    return f"<small>{formatting.covering(on.ms.samples)} {formatting.interval(on.ms.low, on.ms.high)}</small>"


def reached(found: "LayerExplanation", on: "OnDevice", roofline: "Roofline | None") -> str:
    """How much of what the device gives at the layer's intensity it reaches; of memory alone without arithmetic.

    Nothing of a block of several products: its bytes are too far under what really moves.
    """
    if roofline is None or len(found.work.products) > 1:
        return ""
    top = roofline.roof(found.work.intensity) if found.work.intensity else None
    if on.gflops and top:
        share, most = on.gflops / top, f"{formatting.number(top)} GFLOP/s"
    elif on.gb_per_s and roofline.gb_per_s and not found.work.macs:
        share, most = on.gb_per_s / roofline.gb_per_s, f"{formatting.number(roofline.gb_per_s)} GB/s"
    else:
        return ""
    what = "what it can attain" if roofline.measured else "the best seen here"
    return f"<small>{formatting.percent(share)} of {what}, {most}</small>"


def _moved(work: "Work") -> str:
    """Which bytes those are."""
    parts = (("in", work.input_bytes), ("out", work.output_bytes), ("constants", work.constant_bytes))
    return ", ".join(f"{formatting.size(count)} {name}" for name, count in parts if count)


def product(one: "Product") -> str:
    """A matrix product: "12,544 × 64 × 147", with its groups where it has several."""
    text = f"{one.m:,} × {one.n:,} × {one.k:,}"
    return text if one.batches == 1 else f"{text}, {one.batches:,} of them"


def divided(on: "OnDevice") -> str:
    """How the time of a layer on a device divides, largest part first; "" where its kernels are not known."""
    if on.shares is None:
        return ""
    parts = sorted(on.shares.parts.items(), key=lambda item: -item[1])
    said = ", ".join(
        f"{escape(breakable(part))} {formatting.percent(share)}" for part, share in parts if share >= 0.0005
    )
    return f"<small>{said}</small>" if said else ""
