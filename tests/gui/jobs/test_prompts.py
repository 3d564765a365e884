"""Questions that come up while a board is reached: whose they are can be seen, whatever the server writes."""

from PySide6.QtWidgets import QLabel, QWidget

from layerswitch_gui.jobs.prompts import Answers, _Question

FORGED = "Passphrase of /home/anna/.ssh/id_ed25519"


def labels(dialog):
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_a_servers_question_names_its_machine_before_its_own_words(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Answers(_Question("answers", "anna@gate", "Password", "", [(FORGED, False)]), parent)
    assert labels(dialog) == ["anna@gate asks, in its own words:", "Password", FORGED]
    assert "given to anna@gate" in dialog.lines[0].toolTip()


def test_our_own_question_names_no_machine(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Answers(_Question("answers", "", "", "", [(FORGED, False)]), parent)
    assert labels(dialog) == [FORGED]
    assert "given to" not in dialog.lines[0].toolTip()


def test_no_text_is_so_long_that_it_hides_who_asks(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = Answers(_Question("answers", "anna@gate", "\n" * 400 + "Password", "", [(FORGED, False)]), parent)
    assert dialog.sizeHint().height() < 600
