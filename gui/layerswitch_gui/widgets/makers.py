"""Small makers of plain widgets, so that none lacks its tooltip."""

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton


def button(text: str, tip: str, pressed: Callable[[], object] | None = None) -> QPushButton:
    """A push button that says what it does."""
    made = QPushButton(text)
    made.setToolTip(tip)
    if pressed is not None:
        made.clicked.connect(lambda _checked=False: pressed())
    return made


def with_origin(title: str, origin: str) -> str:
    """A board's title with the word its times carry, unless the title says it already."""
    return title if origin in title.lower() else f"{title} ({origin})"
