"""Files are the old or the new one, whoever is killed; what the killed left goes, what is being written stays."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from layerswitch import atomic_write
from layerswitch.atomic_write import remove_left, write_whole
from layerswitch.errors import FileError
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.measurement.profile_import import import_layers
from layerswitch.serialization import load

LEFT = ".work.json.0123456789abcdef.part"
KILLED = """
import os, signal, sys
from layerswitch import atomic_write
if sys.argv[2] == "named":
    atomic_write.NAMELESS = 0
name = "fsync" if sys.argv[3] == "written" else "link"
setattr(os, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
atomic_write.write_whole(sys.argv[1], b"new")
"""
READ = """
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.serialization import load
print(load("/dev/stdin", ProfileSettings).runs)
"""
MANY = """
import sys
from layerswitch import atomic_write
if sys.argv[2] == "named":
    atomic_write.NAMELESS = 0
for number in range(200):
    atomic_write.write_whole(sys.argv[1], sys.argv[3].encode() * 3000)
"""


def names(folder):
    return sorted(one.name for one in folder.iterdir())


@pytest.fixture(params=["nameless", "named"])
def way(request, monkeypatch):
    """Both ways: files without a name, and file systems that have no such."""
    if request.param == "named":
        monkeypatch.setattr(atomic_write, "NAMELESS", 0)
    return request.param


def killed(path, way, when="written"):
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), way, when], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


def test_what_is_written_has_a_name_only_when_it_is_whole(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("os.fsync", lambda _handle: seen.append(names(tmp_path)))
    write_whole(tmp_path / "work.json", b"new")
    assert seen == [[], ["work.json"]]
    assert names(tmp_path) == ["work.json"]


@pytest.mark.parametrize("when", ["written", "named"])
def test_a_killed_writer_of_a_file_without_a_name_leaves_nothing(tmp_path, when):
    path = tmp_path / "work.json"
    write_whole(path, b"old")
    killed(path, "nameless", when)
    assert names(tmp_path) == ["work.json"]
    assert path.read_bytes() == b"old"


def test_what_a_killed_writer_left_goes_with_the_next_save_of_the_same_file(tmp_path, way):
    path, other = tmp_path / "work.json", tmp_path / "other.json"
    write_whole(path, b"old")
    killed(path, "named")
    assert len(names(tmp_path)) == 2
    write_whole(other, b"other")
    assert len(names(tmp_path)) == 3
    write_whole(path, b"new")
    assert names(tmp_path) == ["other.json", "work.json"]
    assert path.read_bytes() == b"new"


def test_only_what_is_ours_and_of_that_file_is_deleted(tmp_path):
    others = [
        ".work.json.swp",
        ".work.json.0123.part",
        "work.json.0123456789abcdef.part",
        ".x.json.0123456789abcdef.part",
    ]
    for name in (*others, LEFT):
        (tmp_path / name).write_bytes(b"x")
    folder = tmp_path / ".work.json.0123456789abcdee.part"
    folder.mkdir()
    (tmp_path / ".work.json.0123456789abcded.part").symlink_to("elsewhere")
    write_whole(tmp_path / "work.json", b"new")
    kept = {*others, "work.json", folder.name, ".work.json.0123456789abcded.part"}
    assert set(names(tmp_path)) == kept
    remove_left(tmp_path)
    assert set(names(tmp_path)) == kept - {others[-1]}


def test_what_another_process_is_writing_stays(tmp_path):
    with (tmp_path / LEFT).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_whole(tmp_path / "work.json", b"new")
        remove_left(tmp_path)
        assert names(tmp_path) == [LEFT, "work.json"]
    remove_left(tmp_path)
    assert names(tmp_path) == ["work.json"]


def test_a_file_that_was_taken_for_a_left_one_is_begun_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic_write, "NAMELESS", 0)
    real, hurried = fcntl.flock, []

    def flock(handle, how):
        if how == fcntl.LOCK_EX and not hurried:
            hurried.extend(tmp_path.glob(".*.part"))
            hurried[0].unlink()
        real(handle, how)

    monkeypatch.setattr("fcntl.flock", flock)
    write_whole(tmp_path / "work.json", b"new")
    assert len(hurried) == 1
    assert (tmp_path / "work.json").read_bytes() == b"new"
    assert names(tmp_path) == ["work.json"]


def test_many_writers_at_once_do_not_disturb_each_other(tmp_path, way):
    path = tmp_path / "work.json"
    writers = [subprocess.Popen([sys.executable, "-c", MANY, str(path), way, sign]) for sign in "abc"]
    assert [one.wait(120) for one in writers] == [0, 0, 0]
    assert path.read_bytes() in [sign * 3000 for sign in (b"a", b"b", b"c")]
    assert names(tmp_path) == ["work.json"]


def test_where_a_file_cannot_be_given_a_name_later_it_has_one_from_the_start(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)  # as on some file systems, or where there is no /proc
    write_whole(tmp_path / "work.json", b"new")
    assert (tmp_path / "work.json").read_bytes() == b"new"
    assert names(tmp_path) == ["work.json"]


def test_a_file_that_somebody_deletes_while_it_is_written_is_not_said_to_be_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic_write, "NAMELESS", 0)
    monkeypatch.setattr("os.fsync", lambda _handle: [one.unlink() for one in tmp_path.glob(".*.part")])
    with pytest.raises(FileError, match="somebody deleted it"):
        write_whole(tmp_path / "work.json", b"new")
    assert names(tmp_path) == []


def test_the_mask_is_kept(tmp_path, way):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "work.json", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "work.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_a_file_that_is_replaced_hands_its_mode_on(tmp_path, way, mode):
    (tmp_path / "work.json").write_bytes(b"old")
    (tmp_path / "work.json").chmod(mode)
    write_whole(tmp_path / "work.json", b"new")
    assert (tmp_path / "work.json").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("old", [None, 0o644])
def test_a_private_file_is_its_owners_alone(tmp_path, way, old):
    if old:
        (tmp_path / "work.json").write_bytes(b"old")
        (tmp_path / "work.json").chmod(old)
    write_whole(tmp_path / "work.json", b"new", private=True)
    assert (tmp_path / "work.json").stat().st_mode & 0o777 == 0o600


def test_a_private_file_is_never_open_to_others_while_it_is_written(tmp_path, way, monkeypatch):
    modes = []
    monkeypatch.setattr("os.fchmod", lambda handle, _: modes.append(os.fstat(handle).st_mode & 0o077))
    write_whole(tmp_path / "work.json", b"new", private=True)
    assert modes == [0]


def test_the_folder_is_synchronised_after_the_file(tmp_path, way, monkeypatch):
    synchronised = []
    monkeypatch.setattr("os.fsync", lambda handle: synchronised.append(os.fstat(handle).st_ino))
    write_whole(tmp_path / "work.json", b"new")
    assert synchronised == [(tmp_path / "work.json").stat().st_ino, tmp_path.stat().st_ino]


def test_a_folder_that_is_none_is_no_error_to_tidy(tmp_path):
    remove_left(tmp_path / "absent")
    remove_left(Path("nul\0"))


@pytest.mark.parametrize("read", [lambda path: load(path, ProfileSettings), import_layers])
def test_a_device_without_an_end_is_not_read(read):
    with pytest.raises(FileError, match="/dev/zero: a device, not a file"):
        read(Path("/dev/zero"))


def test_a_pipe_is_read():
    done = subprocess.run(
        [sys.executable, "-c", READ], input=b'{"runs": 7}', capture_output=True, timeout=60, check=True
    )
    assert done.stdout == b"7\n"
