"""Theme: the colours and text size that every view reads, light or dark, as chosen or as the system has it."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

CHOICES = ("system", "light", "dark")
CPU, GPU = "#0072B2", "#E69F00"  # Okabe-Ito blue and orange: safe for colour-blind people
_DEVICE = {"CPU": CPU, "GPU": GPU, "NPU": "#009E73", "LITTLE": "#56B4E9"}


@dataclass(frozen=True)
class Colours:
    """Names of roles, as #rrggbb: what they are for, never how they look."""

    window: str  # behind panels
    base: str  # behind graph, charts, tables
    raised: str  # cards, strips, headers
    text: str
    muted: str  # secondary text, still >= 4.5:1 on base
    line: str  # borders and grids
    accent: str  # selection, focus
    accent_text: str
    good: str
    bad: str
    warning: str  # switches, and the badge of simulated and emulated numbers


LIGHT = Colours(
    window="#f3f4f6", base="#ffffff", raised="#fafbfc", text="#1b1f24", muted="#57606a", line="#d0d7de",
    accent="#8250df", accent_text="#ffffff", good="#1a7f37", bad="#cf222e", warning="#8a5c00",
)  # fmt: skip
DARK = Colours(
    window="#1c2026", base="#14171c", raised="#242930", text="#e6edf3", muted="#9aa5b1", line="#3a424c",
    accent="#b392f0", accent_text="#14171c", good="#56d364", bad="#ff7b72", warning="#e3b341",
)  # fmt: skip


class Theme(QObject):
    """The current look. Read `colour(role)` and `device(name)` when painting, repaint on `changed`."""

    changed = Signal()

    def __init__(self, choice: str = "system", scale: float = 1.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choice = choice if choice in CHOICES else "system"  # as remembered: a file may say anything
        self.scale = _within(scale)
        self._base_size = QGuiApplication.font().pointSizeF()
        if self._base_size <= 0:
            self._base_size = 10.0
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)

    @property
    def dark(self) -> bool:
        """Whether the dark colours are in use. Where the platform says nothing, "system" means light."""
        if self.choice == "system":
            return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self.choice == "dark"

    @property
    def colours(self) -> Colours:
        """The colours in use."""
        return DARK if self.dark else LIGHT

    def colour(self, role: str, alpha: float = 1.0) -> QColor:
        """A role's colour, see `Colours`."""
        colour = QColor(getattr(self.colours, role))
        colour.setAlphaF(alpha)
        return colour

    def device(self, name: str, *, pale: bool = False) -> QColor:
        """A device's colour, the same in both themes; pale where it is the choice not taken."""
        colour = QColor(_DEVICE.get(name, "#CC79A7"))
        if pale:
            colour.setAlphaF(0.30 if not self.dark else 0.38)
        return colour

    def device_text(self, name: str) -> QColor:
        """Text on a device's solid colour, whichever contrasts more (WCAG): white on the blue, black on the orange."""
        colour = self.device(name)
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return QColor("#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff")

    def font(self, factor: float = 1.0, *, bold: bool = False) -> QFont:
        """The window's font at the chosen text size times `factor`."""
        font = QFont(QGuiApplication.font())
        font.setPointSizeF(self._base_size * self.scale * factor)
        font.setBold(bold)
        return font

    def choose(self, choice: str) -> None:
        """Take "light", "dark" or "system", and repaint everything."""
        self.choice = choice
        self.apply()

    def set_scale(self, scale: float) -> None:
        """Take another text size, 0.7 to 2.5 times the system's."""
        self.scale = round(_within(scale), 2)
        self.apply()

    def apply(self) -> None:
        """Put palette, font and style sheet on the application, and tell the views."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(self._palette())
            application.setFont(self.font())
            application.setStyleSheet(self._style_sheet())
        self.changed.emit()

    def _system_changed(self) -> None:
        if self.choice == "system":
            self.apply()

    def _palette(self) -> QPalette:
        role, colours = QPalette.ColorRole, self.colours
        palette = QPalette()
        for where, name in {
            role.Window: "window", role.WindowText: "text", role.Base: "base", role.AlternateBase: "raised",
            role.Text: "text", role.Button: "raised", role.ButtonText: "text", role.BrightText: "bad",
            role.Highlight: "accent", role.HighlightedText: "accent_text", role.ToolTipBase: "raised",
            role.ToolTipText: "text", role.PlaceholderText: "muted", role.Link: "accent", role.LinkVisited: "accent",
            role.Accent: "accent", role.Mid: "line", role.Midlight: "line", role.Light: "raised", role.Dark: "line",
        }.items():  # fmt: skip
            palette.setColor(where, QColor(getattr(colours, name)))
        palette.setColor(role.Shadow, QColor("#000000"))
        faint = self.colour("muted", 0.65)
        for where in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, where, faint)
        return palette

    def _style_sheet(self) -> str:
        c = self.colours
        return f"""
            QToolTip {{ color: {c.text}; background: {c.raised}; border: 1px solid {c.line}; padding: 4px; }}
            QMainWindow::separator {{ background: {c.window}; width: 5px; height: 5px; }}
            QDockWidget::title {{ background: {c.window}; padding: 4px 6px; }}
            QToolBar {{ spacing: 4px; padding: 3px 6px; border: none; border-bottom: 1px solid {c.line}; }}
            QStatusBar {{ border-top: 1px solid {c.line}; }}
            QStatusBar::item {{ border: none; }}
            QPushButton[role="primary"] {{ color: {c.accent_text}; background: {c.accent}; border: none;
                border-radius: 5px; padding: 7px 16px; font-weight: bold; }}
            QPushButton[role="primary"]:disabled {{ color: {c.muted}; background: {c.line}; }}
            QPushButton[role="primary"]:focus {{ border: 2px solid {c.text}; padding: 5px 14px; }}
            QListView[role="choices"] {{ outline: 0; }}
            QListView[role="choices"]::item {{ padding: 5px 8px; }}
            QToolButton {{ padding: 2px 7px; border: 1px solid transparent; border-radius: 4px; }}
            QToolButton:hover {{ background: {c.raised}; border-color: {c.line}; }}
            QToolButton:pressed {{ background: {c.line}; }}
            QToolButton:checked {{ border: 2px solid {c.accent}; padding: 1px 6px; font-weight: bold; }}
            QToolButton:focus {{ border: 1px solid {c.accent}; }}
            QLineEdit {{ background: {c.base}; border: 1px solid {c.muted}; border-radius: 3px; padding: 2px 4px; }}
            QLineEdit:focus {{ border: 1px solid {c.accent}; }}
            QAbstractSpinBox QLineEdit, QComboBox QLineEdit, QAbstractItemView QLineEdit {{ border: none; padding: 0; }}
            *[role="muted"] {{ color: {c.muted}; }}
            *[role="badge"] {{ color: {c.warning}; border: 1px solid {c.warning}; border-radius: 4px; padding: 0 4px; }}
            *[role="message"] {{ background: {c.raised}; border-bottom: 2px solid {c.bad}; }}
            *[role="good"] {{ color: {c.good}; }}
            *[role="bad"] {{ color: {c.bad}; }}
            *[role="card"] {{ background: {c.base}; border: 1px solid {c.line}; border-radius: 6px; }}
        """


def _within(scale: float) -> float:
    """A text size that can be read; the usual one for what is no number."""
    return min(2.5, max(0.7, scale)) if math.isfinite(scale) else 1.0
