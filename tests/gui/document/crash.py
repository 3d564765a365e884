"""For test_autosave.py: the real window in a process to be killed, and the one that recovers what it left."""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from layerswitch_gui.app import launch
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.document.autosave import Recovery
from layerswitch_gui.platform.theme import Theme

task, folder = sys.argv[1], Path(sys.argv[2])
qt = launch.application()
questions = type("Answers", (), {})()
questions.recover = lambda path, more: "recover"
questions.lose_work = lambda what, losses: "discard"
window = MainWindow(Theme("light"), questions=questions)
window.recovery = Recovery(window.workbench, window.messages.show_error, folder, every_ms=50)
document, bench = window.document, window.workbench
window.fill_choices()
window.opening.choose_board("sim:khadas-vim3")
window.show()


def told():
    """Say how things stand, once there is something to say."""
    if bench.runner.jobs or document.graph is None:
        return
    if task == "recover":
        print(
            document.assignment.text, document.precious, repr(document.path), document.profile is not None, flush=True
        )
        window.close()
        qt.exit(0)
    elif document.plan is None:
        bench.profile_runs = 3
        bench.profile()
    elif not document.undo_stack.count():
        document.flip(list(document.assignment)[3])
    elif window.recovery._written == document.changes:
        print(document.assignment.text, flush=True)
        clock.stop()


clock = QTimer(interval=20)
clock.timeout.connect(told)
clock.start()
if task == "recover":
    assert window.recovery.offer(questions.recover)
else:
    window.opening.open("squeezenet")
sys.exit(qt.exec())
