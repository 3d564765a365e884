"""The whole story in the real program, for test_story.py: on a real X server, it prints each step it reaches."""

import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from layerswitch_gui.app import launch
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.platform.theme import Theme

LEFT, CTRL, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
folder, size, look = Path(sys.argv[1]), [int(part) for part in sys.argv[2].split("x")], sys.argv[3]
qt = launch.application()
theme = Theme(look)
theme.apply()
questions: Any = type("Answers", (), {})()
questions.save_file = lambda *_: str(folder / "story.layerswitch")
questions.lose_work = lambda *_: "discard"
window = MainWindow(theme, questions=questions)
document = window.document


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
window.fill_choices()
window.opening.choose_board("sim:khadas-vim3")
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

card = window.graph_view.scene.nodes[layers[1]]
canvas = window.graph_view.canvas
QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.mapFromScene(card.area.center()))
step("selected", document.selection == (layers[1],))
QTest.keyClick(window, Qt.Key.Key_X)
edits = document.undo_stack.count()

ribbon = window.docks["Latency"].widget().ribbon
cells = [QPoint(round(ribbon._axis.pixel(place + 0.5)), ribbon.height() // 2) for place in range(len(layers))]
before = document.assignment
painted = document.other_device(layers[12])
QTest.mousePress(ribbon, LEFT, pos=cells[12])
for place in range(13, 31, 3):
    QTest.mouseMove(ribbon, cells[place])
    QTest.qWait(5)
QTest.mouseRelease(ribbon, LEFT, pos=cells[30])
step("painted", all(document.assignment[layer] == painted for layer in layers[12:29]))
assert document.undo_stack.count() == edits + 1, "one stroke is one undo"
assert document.prediction.total_ms > predicted
wanted = document.assignment
QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
step("undone", document.assignment == before)
QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)
assert document.assignment == wanted
QTest.keyClick(window, Qt.Key.Key_K)  # keep it, try the optimum, come back with its number
QTest.keyClick(window, Qt.Key.Key_1, CTRL)
assert document.assignment != wanted
QTest.keyClick(window, Qt.Key.Key_1)
step("recalled", document.assignment == wanted)
QTest.keyClick(window, Qt.Key.Key_F7)
settle()
step("run", document.measured_ms is not None)
QTest.keyClick(window, Qt.Key.Key_F8)
settle()
panel = window.docks["Comparison"].widget()
step("compared", document.comparison is not None and panel.isVisible())
panel.versus.choose("variant 1", "optimum")
QTest.mouseClick(panel.versus.colour, LEFT)
step("difference", window.graph_view.mode == "difference" and "real" in panel.versus.sentence.text())
for title in ("Layers", "Timeline", "Switches"):
    window.docks[title].raise_()
    settle()
    step(title.lower(), window.docks[title].isVisible())
window.graph_view.choose_mode("device")
QTest.keyClick(window, Qt.Key.Key_S, CTRL)
settle()
window.opening.open("squeezenet")
settle()
step("another", document.graph.name != "googlenet" and document.profile is None)
questions.open_file = lambda *_: str(folder / "story.layerswitch")
QTest.keyClick(window, Qt.Key.Key_O, CTRL | SHIFT)
settle()
step("reopened", document.assignment == wanted and document.comparison is not None)
questions.save_file = lambda *_: str(folder / "story.html")
QTest.keyClick(window, Qt.Key.Key_E, CTRL)
settle()
questions.save_file = lambda *_: str(folder / "story.png")
QTest.keyClick(window, Qt.Key.Key_S, CTRL | Qt.KeyboardModifier.AltModifier)
settle()
assert (folder / "story.png").read_bytes()[:4] == b"\x89PNG"
step("exported", (folder / "story.html").stat().st_size > 10_000)
QTest.keyClick(window, Qt.Key.Key_Q, CTRL)
step("closed", not window.isVisible())
window.workbench.runner.shut_down()
