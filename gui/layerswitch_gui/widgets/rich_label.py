"""A label for rich text that wraps, can be selected, and has a name for screen readers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


class RichLabel(QLabel):
    """Never trust names from a file here unescaped."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
