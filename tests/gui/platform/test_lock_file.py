"""A lock ends with its process, goes with its holder, and is one holder's at a time."""

import os
import subprocess
import sys

from layerswitch_gui.document.autosave import claim_newest, tidy
from layerswitch_gui.platform.lock_file import LockFile

HOLDER = """
import sys
from pathlib import Path
from layerswitch_gui.platform.lock_file import LockFile
lock = LockFile(Path(sys.argv[1]))
print(lock.take(), flush=True)
sys.stdin.read()
"""


def test_one_has_it_until_it_is_let_go(tmp_path):
    one, other = LockFile(tmp_path / "x.lock"), LockFile(tmp_path / "x.lock")
    assert one.take()
    assert one.take()
    assert not other.take()
    one.let_go()
    assert not (tmp_path / "x.lock").exists()
    assert other.take()
    other.let_go()
    other.let_go()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_has_it_no_longer(tmp_path):
    path = tmp_path / "x.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout.readline() == "True\n"
        assert not LockFile(path).take()
        holder.kill()
    assert path.exists()
    lock = LockFile(path)
    assert lock.take()
    lock.let_go()


def test_where_no_file_can_be_made_nobody_has_it(tmp_path):
    (tmp_path / "x.lock").mkdir()
    assert not LockFile(tmp_path / "x.lock").take()
    (tmp_path / "y.lock").symlink_to("elsewhere")
    assert not LockFile(tmp_path / "y.lock").take()
    assert not LockFile(tmp_path / "absent" / "z.lock").take(wait=True)
    assert not (tmp_path / "elsewhere").exists()


def test_a_lock_whose_file_was_deleted_meanwhile_is_taken_anew(tmp_path, monkeypatch):
    path, real, opened = tmp_path / "x.lock", os.open, []

    def slow(*arguments, **options):
        handle = real(*arguments, **options)
        if not opened:
            path.unlink()  # its last holder lets go between our opening and locking
        opened.append(handle)
        return handle

    monkeypatch.setattr("os.open", slow)
    lock = LockFile(path)
    assert lock.take()
    assert len(opened) == 2
    assert path.exists()
    lock.let_go()


def test_what_killed_windows_left_is_tidied_and_what_is_held_stays(tmp_path):
    for name in ("1-a.lock", "2-b.lock", "2-b.layerswitch", ".3-c.layerswitch.0123456789abcdef.part", "notes.txt"):
        (tmp_path / name).write_text("")
    held = LockFile(tmp_path / "4-d.lock")
    assert held.take()
    tidy(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["2-b.layerswitch", "2-b.lock", "4-d.lock", "notes.txt"]
    held.let_go()


def test_a_session_that_went_while_it_was_claimed_is_not_offered(tmp_path, monkeypatch):
    (tmp_path / "1-a.layerswitch").write_text("")
    real = LockFile.take

    def take(self, **options):
        (tmp_path / "1-a.layerswitch").unlink()
        return real(self, **options)

    monkeypatch.setattr(LockFile, "take", take)
    assert claim_newest(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
