"""What colours and marks mean, in a corner of the graph, and the words shown while there is nothing to draw."""

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QTextDocument
from PySide6.QtWidgets import QLabel, QStyle, QStyleOption, QWidget

from ...platform.theme_snapshot import Look, blend
from ...widgets.device_letters import chip, letter
from .node_colours import HEAT, Mode

NO_GRAPH = "<p><b>No network is open.</b></p><p>Drop an .onnx or .tflite file here, or choose a bundled network.</p>"
NO_TIMES = "No times yet: choose a board and profile the network."


class Overlay(QLabel):
    """A label over the canvas that lets the mouse through. Kept as a picture: it is painted with every frame."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture: QPixmap | None = None
        self.setAccessibleName(name)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def tint(self, look: Look) -> None:
        """Take on a look."""
        base = look.base
        self.setStyleSheet(
            f"color: {look.text.name()}; background: rgba({base.red()},{base.green()},{base.blue()},242);"
            "padding: 3px 7px; border-radius: 4px;"
        )
        self._picture = None

    def tell(self, text: str) -> None:
        """Say something else."""
        self.setText(text)
        self._picture = None

    def fit(self, room: int) -> None:
        """Take the room of one line, or of several if it is wider than that many pixels."""
        self.setWordWrap(False)
        hint = self.sizeHint()
        if hint.width() > room > 0:
            self.setWordWrap(True)
            hint = QSize(room, self.heightForWidth(room))
        self.resize(hint)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the picture; rich text takes longer than the graph under it."""
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.size() != self.size() * ratio:
            self._picture = QPixmap(self.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._picture)
            option = QStyleOption()
            option.initFrom(self)
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
            text = QTextDocument()
            text.setDefaultFont(self.font())
            text.setDocumentMargin(0)
            text.setTextWidth(self.contentsRect().width())
            text.setHtml(f"<span style='color:{self.palette().windowText().color().name()}'>{self.text()}</span>")
            painter.translate(self.contentsRect().topLeft())
            text.drawContents(painter)
            painter.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.end()


def legend(look: Look, mode: Mode, devices: tuple[str, ...], origin: str, reference: str, mine: str = "") -> str:
    """Rich text that explains the current colours."""
    named = " ".join(f"{chip(look.device(device), letter(device, devices))} {escape(device)}" for device in devices)
    switch = f"<span style='color:{look.warning.name()}'>◆</span> transfer and its cost"
    if not origin:
        return f"{named} &nbsp; {NO_TIMES}"
    times = f"times: {escape(origin)}"
    if mode == "time":
        scale = "".join(chip(QColor(colour), " ") for colour in HEAT)
        return f"short {scale} long &nbsp; {named} &nbsp; {times}"
    if mode == "ratio":
        return f"the stronger the colour, the faster that device: {named} &nbsp; {times}"
    if mode == "stability":
        scale = "".join(chip(blend(look.raised, look.warning, part), " ") for part in (0.0, 0.25, 0.5, 0.75))
        return f"sure of its device {scale} it does not matter &nbsp; {named} &nbsp; {times}"
    if mode == "difference":
        where = f" in {escape(mine)}" if mine else ""
        return f"{chip(look.warning, 'differs')}{where} from {escape(reference)} &nbsp; {named} &nbsp; {times}"
    return f"{named} &nbsp; {switch} &nbsp; {times}"
