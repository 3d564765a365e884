"""The whole story in the real program, for test_story.py: on a real X server, it prints each step it reaches."""

import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from layerswitch_gui import app
from layerswitch_gui.main_window import MainWindow
from layerswitch_gui.theme import Theme

folder, size, look = Path(sys.argv[1]), [int(part) for part in sys.argv[2].split("x")], sys.argv[3]
qt = app.application()
theme = Theme(look)
theme.apply()
window = MainWindow(theme)
document = window.document
questions: Any = type("Answers", (), {})()
questions.save_file = lambda *_: str(folder / "story.layerswitch")
questions.lose_work = lambda *_: "discard"
window.handlers.questions = window.handlers.files._questions = questions


def settle() -> None:
    deadline = time.monotonic() + 60
    while window.workbench.runner.jobs and time.monotonic() < deadline:
        QTest.qWait(10)
    QTest.qWait(150)
    assert not window.messages.isVisible(), window.messages.details


def step(name: str, fine: bool) -> None:
    QTest.qWait(150)
    window.screen().grabWindow(0).save(str(folder / f"{size[0]}-{look}-{name}.png"))
    assert fine, name
    print(name, flush=True)


window.resize(*size)
window.move(0, 0)
window.handlers.fill_choices()
window.handlers.choose_board("sim:khadas-vim3")
window.show()
assert QTest.qWaitForWindowExposed(window)
window.activateWindow()
assert QTest.qWaitForWindowActive(window)
step("start", qt.platformName() == "xcb")
QTest.mouseClick(window.start_page.go, Qt.MouseButton.LeftButton)
settle()
step("planned", document.plan is not None and dict(document.assignment) == document.plan.assignment)
layers = list(document.assignment)
predicted = document.prediction.total_ms
document.select(layers[10:20])
QTest.keyClick(window, Qt.Key.Key_C)
QTest.keyClick(window, Qt.Key.Key_G)
QTest.keyClick(window, Qt.Key.Key_X)
step("edited", document.prediction.total_ms > predicted)
wanted = document.assignment
for _ in range(document.undo_stack.count()):
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
step("undone", dict(document.assignment) == document.plan.assignment)
document.load(wanted, "Redo all")
QTest.keyClick(window, Qt.Key.Key_F7)
settle()
step("run", document.measured_ms is not None)
QTest.keyClick(window, Qt.Key.Key_F8)
settle()
step("compared", document.comparison is not None and window.docks["Comparison"].isVisible())
for title in ("Layers", "Timeline", "Switches"):
    window.docks[title].raise_()
    settle()
    step(title.lower(), window.docks[title].isVisible())
window.actions_["save"].trigger()
window.handlers.open_path("squeezenet")
settle()
step("another", document.graph.name != "googlenet" and document.profile is None)
window.handlers.open_path(str(folder / "story.layerswitch"))
settle()
step("reopened", document.assignment == wanted and document.comparison is not None)
questions.save_file = lambda *_: str(folder / "story.html")
window.actions_["export_report"].trigger()
settle()
step("exported", (folder / "story.html").stat().st_size > 10_000)
window.close()
window.workbench.runner.shut_down()
