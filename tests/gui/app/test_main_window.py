"""The window over fakes: the whole story, and people who are impatient."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QToolButton

from layerswitch.errors import BoardError, InputShapeError
from layerswitch_gui.app.palette import CommandPalette, matches

pytestmark = pytest.mark.slow(20)


def settle(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=30_000)


def press(window, key):
    window.commands[key].trigger()


@pytest.fixture
def opened(qtbot, window):
    window.opening.open("chain")
    settle(qtbot, window)
    return window


@pytest.fixture
def planned(qtbot, opened):
    press(opened, "profile")
    settle(qtbot, opened)
    return opened


def test_the_start_page_opens_and_profiles(qtbot, window):
    assert window.stack.currentWidget() is window.start_page
    assert window.start_page.go.text() == "Profile Chain on Board fake (simulated)"
    window.start_page.go.click()
    settle(qtbot, window)
    assert window.stack.currentWidget() is window.graph_view
    assert window.document.plan is not None


def test_the_views_are_not_made_before_a_network_opens(window):
    assert window.graph_view is None


def test_actions_are_enabled_by_what_is_open(qtbot, window):
    assert not window.commands["profile"].isEnabled()
    assert not window.commands["save"].isEnabled()
    window.opening.open("chain")
    settle(qtbot, window)
    assert window.commands["profile"].isEnabled()
    assert not window.commands["reset_optimum"].isEnabled()
    assert not window.commands["flip"].isEnabled()


def test_the_toolbar_offers_undo_when_there_is_something_to_undo(planned):
    undo = next(action for action in planned.toolbar.actions() if action.text() == "Undo")
    assert not undo.isEnabled()
    planned.document.flip("l0")
    assert undo.isEnabled()
    undo.trigger()
    assert not undo.isEnabled()


def test_keys_assign_the_selection_and_the_summary_follows(planned, qtbot):
    window, document = planned, planned.document
    predicted = window.summary.predicted.value.text()
    document.select(["l0", "l2"])
    QTest.keyClick(window, Qt.Key.Key_C)
    assert (document.assignment["l0"], document.assignment["l2"]) == ("CPU", "CPU")
    assert window.summary.predicted.value.text() != predicted
    assert window.commands["undo"].text() == "&Undo Put 2 layers on CPU"
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.summary.predicted.value.text() == predicted
    QTest.keyClick(window, Qt.Key.Key_X)
    assert document.assignment["l0"] == "CPU"


def test_simulated_numbers_say_so(planned, qtbot):
    window = planned
    assert window.summary.badge.text() == "simulated"
    press(window, "rerun")
    settle(qtbot, window)
    assert "simulated" in window.summary.measured.detail.text()
    press(window, "compare")
    settle(qtbot, window)
    panel = window.docks["Comparison"].widget()
    assert "simulated" in panel.sentence.text()
    assert panel.badge.text() == "simulated"
    window.document.select(["l1"])
    assert "simulated" in window.docks["Inspector"].widget().text.text()


def test_the_comparison_lists_every_assignment_once_and_loads_one(planned, qtbot):
    window = planned
    window.document.flip("l0")
    press(window, "compare")
    settle(qtbot, window)
    panel = window.docks["Comparison"].widget()
    names = [panel.table.item(row, 0).text() for row in range(panel.table.rowCount())]
    assert names == ["CPU", "GPU", "optimum = greedy", "▸ mine"]
    panel.table.selectRow(2)
    panel.load.click()
    assert dict(window.document.assignment) == window.document.plan.assignment
    assert window.document.undo_stack.undoText() == "Load optimum"


def test_the_inspector_tells_what_a_flip_does(planned):
    window = planned
    window.document.select(["l1"])
    inspector = window.docks["Inspector"].widget()
    text = inspector.more.text()
    assert "slower</b>, predicted" in text
    assert "The optimum agrees" in text
    inspector.flip.click()
    assert window.document.assignment["l1"] == "GPU"
    assert "faster</b>, predicted" in inspector.more.text()
    assert "The optimum puts it on" in inspector.more.text()
    inspector.pin.click()
    assert window.document.pins == {"l1": "GPU"}
    window.document.select(["l1", "l2"])
    assert "2 layers" in inspector.text.text()


def test_names_from_files_are_never_markup(window, document):
    from layerswitch_gui.app.message_bar import MessageBar

    bar = MessageBar()
    bar.show_error("Open <b>x</b>", BoardError("<img src=x>", where="a&b"))
    assert "<img" not in bar.label.text()
    assert "a&amp;b" in bar.label.text()
    bar.deleteLater()


def test_an_error_is_shown_in_the_window_with_details_to_copy(qtbot, window):
    window.opening.open("missing")
    settle(qtbot, window)
    bar = window.messages
    assert bar.isVisible()
    assert "there is no such file" in bar.label.text()
    assert "check the name" in bar.label.text()
    bar.copy.click()
    assert "ModelError" in QGuiApplication.clipboard().text()
    bar.close_button.click()
    assert not bar.isVisible()
    assert window.stack.currentWidget() is window.start_page


def test_a_failing_board_leaves_the_window_usable(qtbot, opened, services):
    services.failure = BoardError("the agent ended", hint="try again")
    press(opened, "profile")
    settle(qtbot, opened)
    assert "the agent ended" in opened.messages.label.text()
    services.failure = None
    press(opened, "profile")
    settle(qtbot, opened)
    assert opened.document.plan is not None


def test_free_dimensions_are_asked_for(qtbot, window, services):
    given = []
    real = services.open_model

    def open_model(source, input_shapes=None):
        given.append(input_shapes)
        if not input_shapes:
            raise InputShapeError("free", inputs={"in": (None, 3, None, None)})
        return real(source)

    services.open_model = open_model
    window.context.questions.answers.shapes = {"in": (1, 3, 8, 8)}
    window.opening.open("chain")
    qtbot.waitUntil(lambda: window.document.graph is not None)
    assert given == [None, {"in": (1, 3, 8, 8)}]
    settle(qtbot, window)


def test_running_work_shows_and_can_be_cancelled(qtbot, opened, services):
    services.gate.clear()
    press(opened, "profile")
    qtbot.waitUntil(lambda: services.connected == 1)
    assert opened.work.isVisible()
    assert "Profile chain on Board fake" in opened.work.label.toolTip()
    assert not opened.commands["profile"].isEnabled()
    opened.work.cancel.click()
    settle(qtbot, opened)
    assert not opened.work.isVisible()
    assert opened.document.profile is None
    assert opened.commands["profile"].isEnabled()


def test_another_network_during_a_profile(qtbot, opened, services):
    services.gate.clear()
    press(opened, "profile")
    qtbot.waitUntil(lambda: services.connected == 1)
    opened.opening.open("long")
    qtbot.waitUntil(lambda: opened.document.graph.name == "long")
    services.gate.set()
    settle(qtbot, opened)
    assert opened.document.profile is None
    assert not opened.messages.isVisible()


def test_everything_twice_and_nothing_breaks(qtbot, planned, services):
    window = planned
    skipped = {"quit", "open_model", "open_session", "palette", "full_screen"}
    for command in list(window.commands):
        if command.id not in skipped:
            window.commands[command.id].trigger()
            window.commands[command.id].trigger()
            QApplication.processEvents()
    settle(qtbot, window)
    assert window.document.graph.name == "chain"


def test_closing_during_a_run_asks_and_leaves_nothing(qtbot, opened, services):
    services.gate.clear()
    press(opened, "profile")
    qtbot.waitUntil(lambda: services.connected == 1)
    questions = opened.context.questions
    questions.answers.stop_work = False
    opened.close()
    assert opened.isVisible()
    assert questions.asked == ["stop_work"]
    questions.answers.stop_work = True
    opened.close()
    assert not opened.isVisible()
    assert services.connected == 0


def test_unsaved_edits_are_asked_about_before_another_network(qtbot, planned):
    questions = planned.context.questions
    planned.document.flip("l0")
    questions.answers.lose_work = "cancel"
    planned.opening.open("long")
    settle(qtbot, planned)
    assert planned.document.graph.name == "chain"
    questions.answers.lose_work = "discard"
    planned.opening.open("long")
    settle(qtbot, planned)
    assert planned.document.graph.name == "long"


def test_a_dropped_file_is_opened(qtbot, window, services):
    opened = []
    window.opening.open = opened.append
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/x/net.onnx")])
    where, action, button = QPointF(9, 9), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    window.dropEvent(QDropEvent(where, action, data, button, Qt.KeyboardModifier.NoModifier))
    qtbot.waitUntil(lambda: opened == ["/x/net.onnx"])


def test_an_assignment_goes_through_the_clipboard(planned):
    window = planned
    press(window, "copy")
    assert QGuiApplication.clipboard().text() == "GCGCGC"
    QGuiApplication.clipboard().setText("GGGCCC")
    press(window, "paste")
    assert window.document.assignment.text == "GGGCCC"
    QGuiApplication.clipboard().setText("nonsense")
    press(window, "paste")
    assert window.messages.isVisible()
    assert window.document.assignment.text == "GGGCCC"


def test_selections_by_type_block_and_difference(planned):
    document = planned.document
    document.select(["l1"])
    press(planned, "select_type")
    assert document.selection == ("l1", "l3", "l5")
    document.select(["l1"])
    press(planned, "select_block")
    assert document.selection == ("l0", "l1")
    document.flip(["l4"])
    press(planned, "select_differing")
    assert document.selection == ("l4",)


def test_every_action_has_a_menu_a_shortcut_and_a_tooltip(window):
    found = window.commands.listed()
    assert len(found) > 40
    for text, action in found:
        assert action.toolTip(), text
        assert not action.shortcut().isEmpty(), text
    shortcuts = [action.shortcut().toString() for _, action in found]
    assert sorted(shortcuts) == sorted(set(shortcuts))


def test_every_button_has_a_tooltip_and_every_field_a_name(planned):
    for button in planned.findChildren(QPushButton):
        assert button.toolTip() or button.window() is not planned, button.text()
    for panel in (planned.start_page, planned.choices, *(dock.widget() for dock in planned.docks.values())):
        for field in panel.findChildren(QLineEdit):
            parent = field.parent()
            assert field.accessibleName() or parent.accessibleName(), field
    assert all(b.toolTip() for b in planned.toolbar.findChildren(QToolButton) if b.defaultAction())


def test_the_palette_finds_and_runs_a_command(planned, qtbot):
    press(planned, "palette")
    palette = planned.findChild(CommandPalette)
    palette.line.setText("all gpu")
    assert palette.list.currentItem().text().startswith("Assignment › All on GPU")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert set(planned.document.assignment.values()) == {"GPU"}


def test_the_palette_does_not_run_what_is_disabled(window):
    press(window, "palette")
    palette = window.findChild(CommandPalette)
    palette.line.setText("compare")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.reject()


def test_words_match_in_any_order():
    assert matches("gpu all", "Assignment › All on GPU")
    assert not matches("gpu none", "Assignment › All on GPU")


@pytest.mark.parametrize("scale", [1.3, 1.6, 2.0])
def test_large_text_does_not_widen_the_window(qtbot, planned, scale):
    """Nothing asks for more than 1280 x 800 but the few words of the summary; what does not fit wraps or scrolls."""
    planned.theme.set_scale(scale)
    planned.workbench.what_if(0.5)
    planned.workbench.rerun()
    settle(qtbot, planned)
    for title in ("Layers", "Timeline", "Switches", "Comparison", "Latency"):
        planned.docks[title].raise_()
        settle(qtbot, planned)
    least = planned.minimumSizeHint()
    planned.theme.set_scale(1.0)  # the application's font, for the tests that follow
    assert (least.width() <= 1280, least.height() <= 800) == (True, True), least
