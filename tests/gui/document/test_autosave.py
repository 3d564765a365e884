"""Unsaved work survives a crash; what ends as it should leaves nothing; windows at the same time do not clash."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from layerswitch.session import load_session
from layerswitch_gui.app import launch
from layerswitch_gui.document.autosave import Recovery, claim_newest

pytestmark = pytest.mark.slow(20)

CRASH = [sys.executable, str(Path(__file__).with_name("crash.py"))]


def settle(qtbot, window):
    qtbot.waitUntil(lambda: not window.workbench.runner.jobs, timeout=30_000)


@pytest.fixture
def recovering(qtbot, window, tmp_path):
    window.recovery = Recovery(window.workbench, window.messages.show_error, tmp_path / "state", every_ms=100_000)
    window.opening.open("chain", profile=True)
    settle(qtbot, window)
    return window


def autosave(qtbot, window):
    window.recovery.save()
    settle(qtbot, window)


def test_a_killed_window_is_recovered_by_the_next(tmp_path):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    folder = tmp_path / "state"
    with subprocess.Popen([*CRASH, "work", str(folder)], env=environment, stdout=subprocess.PIPE, text=True) as one:
        letters = one.stdout.readline().strip()
        assert letters
        assert claim_newest(folder) is None  # its window lives
        one.kill()
    done = subprocess.run(
        [*CRASH, "recover", str(folder)], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.stdout.split() == [letters, "True", "''", "True"], done.stderr
    assert list(folder.iterdir()) == []  # it closed as it should


def test_only_unsaved_work_is_written_and_saving_ends_it(qtbot, recovering, tmp_path):
    window = recovering
    autosave(qtbot, window)
    assert not window.recovery.path.exists()  # a simulated profile is soon made again
    window.document.flip("l0")
    autosave(qtbot, window)
    assert load_session(window.recovery.path).assignment == window.document.assignment
    assert window.recovery.path.stat().st_mode & 0o777 == 0o600
    window.context.questions.answers.save_file = str(tmp_path / "mine.layerswitch")
    window.commands["save"].trigger()
    assert list(window.recovery.folder.iterdir()) == []
    window.document.flip("l1")
    autosave(qtbot, window)
    assert window.recovery.path.exists()
    window.close()
    assert list(window.recovery.folder.iterdir()) == []


def test_work_that_was_discarded_is_not_offered(qtbot, recovering):
    recovering.document.flip("l0")
    autosave(qtbot, recovering)
    recovering.opening.open("long", profile=True)
    settle(qtbot, recovering)
    autosave(qtbot, recovering)
    assert list(recovering.recovery.folder.iterdir()) == []


def test_two_windows_write_two_files_and_neither_is_offered(qtbot, recovering):
    recovering.document.flip("l0")
    autosave(qtbot, recovering)
    other = Recovery(recovering.workbench, recovering.messages.show_error, recovering.recovery.folder, every_ms=100_000)
    other.save()
    settle(qtbot, recovering)
    assert len(list(other.folder.glob("*.layerswitch"))) == 2
    assert claim_newest(other.folder) is None
    other.finish()


def test_a_folder_that_cannot_be_written_is_said_once(qtbot, recovering, tmp_path):
    (tmp_path / "file").write_text("")
    recovering.recovery.folder = tmp_path / "file"
    recovering.recovery.path = tmp_path / "file" / "one.layerswitch"
    for layer in ("l0", "l1"):
        recovering.document.flip(layer)
        autosave(qtbot, recovering)
    assert "Autosave" in recovering.messages.label.text()
    assert "before" not in recovering.messages.label.text()


@pytest.mark.parametrize(("answer", "left"), [("discard", 0), ("later", 1)])
def test_what_was_left_is_deleted_or_kept_as_told(qtbot, recovering, answer, left):
    recovering.document.flip("l0")
    autosave(qtbot, recovering)
    recovering.recovery._lock.let_go()  # as after a crash
    recovering.context.questions.answers.recover = answer
    assert recovering.recovery.offer(recovering.context.questions.recover) is False
    assert len(list(recovering.recovery.folder.iterdir())) == left


def test_what_cannot_be_read_is_said_and_kept(qtbot, window, tmp_path):
    window.recovery = Recovery(window.workbench, window.messages.show_error, tmp_path, every_ms=100_000)
    (tmp_path / "left.layerswitch").write_text("{")
    window.context.questions.answers.recover = "recover"
    assert window.recovery.offer(window.context.questions.recover)
    settle(qtbot, window)
    assert "not a LayerSwitch session file" in window.messages.label.text()
    window.close()
    assert [path.name for path in tmp_path.iterdir()] == ["left.layerswitch"]


def test_interrupted_from_the_terminal_unsaved_work_is_recovered_next_time(qtbot, window, tmp_path, capsys):
    folder = tmp_path / "autosave"
    window.recovery = Recovery(window.workbench, window.messages.show_error, folder, every_ms=1_000_000)
    window.opening.open("chain", profile=True)
    settle(qtbot, window)
    window.document.flip("l0")
    wanted = window.document.assignment
    launch._interrupted(window)
    assert not window.isVisible()
    assert "next start" in capsys.readouterr().err
    path, lock, more = claim_newest(folder)
    assert load_session(path).assignment == wanted
    assert more == 0
    lock.let_go()


def test_interrupted_without_unsaved_work_leaves_nothing(qtbot, window, tmp_path, capsys):
    folder = tmp_path / "autosave"
    window.recovery = Recovery(window.workbench, window.messages.show_error, folder, every_ms=1_000_000)
    window.opening.open("chain", profile=True)
    settle(qtbot, window)
    launch._interrupted(window)
    assert not list(folder.glob("*")) if folder.exists() else True
    assert capsys.readouterr().err == ""
