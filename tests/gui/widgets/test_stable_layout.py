"""A widget held still: another text of the same size leaves the layout around it alone, a longer one does not."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from layerswitch_gui.widgets.stable_layout import StableLayout


class Counter(QObject):
    """Counts how often a widget is laid out anew."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def settle() -> None:
    for _ in range(4):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def test_only_another_size_is_told(qtbot: QtBot) -> None:
    window, label, below = QWidget(), QLabel("one two three"), QLabel("below")
    label.setWordWrap(True)
    still = StableLayout(label)
    column = QVBoxLayout(window)
    column.addWidget(still)
    column.addWidget(below, 1)
    qtbot.addWidget(window)
    window.resize(300, 200)
    window.show()
    settle()
    label.setText("one two four")
    settle()
    counter = Counter()
    window.installEventFilter(counter)
    height = still.height()
    label.setText("one two five")
    settle()
    assert counter.count == 0
    assert label.size() == still.size()
    label.setText("many words " * 20)
    settle()
    assert counter.count > 0
    assert still.height() > height
    assert label.height() >= label.heightForWidth(label.width())
    window.hide()
