import os
import stat

import pytest

from layerswitch import serialization
from layerswitch.errors import FileError
from layerswitch.measurement.profile import Device, ProfileSettings


def test_what_is_saved_is_loaded(tmp_path):
    settings = ProfileSettings(runs=7, seed=3)
    serialization.save(tmp_path / "settings.json", settings)
    assert serialization.load(tmp_path / "settings.json", ProfileSettings) == settings
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "settings.json"),
        ("{", "settings.json"),
        ('{"runs": -1}', "$.runs"),
        ('{"runs": NaN}', "malformed"),
        ('{"runs": "3"}', "$.runs"),
        ('{"surprise": 3}', "surprise"),
        ("[" * 100_000, "settings.json"),
        ("\ud800".encode("utf-8", "surrogatepass"), "settings.json"),
    ],
)
def test_a_file_that_does_not_fit_is_one_clear_line(tmp_path, text, says):
    path = tmp_path / "settings.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FileError) as caught:
        serialization.load(path, ProfileSettings)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileError, match=r"absent\.json: No such file"):
        serialization.load(tmp_path / "absent.json", ProfileSettings)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "settings.json"
    serialization.save(path, ProfileSettings(runs=1))

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(FileError, match="No space left"):
        serialization.save(path, ProfileSettings(runs=2))
    assert serialization.load(path, ProfileSettings).runs == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.json"]


def test_files_are_readable_as_any_other_file_is(tmp_path):
    serialization.save(tmp_path / "a.json", ProfileSettings())
    (tmp_path / "b.json").write_text("")
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == stat.S_IMODE((tmp_path / "b.json").stat().st_mode)


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    serialization.save(tmp_path / "link.json", ProfileSettings(runs=5))
    assert (tmp_path / "link.json").is_symlink()
    assert serialization.load(tmp_path / "real.json", ProfileSettings).runs == 5


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    serialization.save(pipe, ProfileSettings(runs=5))
    assert b'"runs": 5' in os.read(reader, 1000)
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["x" * 300, "loop.json", "nul\0"])
def test_impossible_names_are_one_line(tmp_path, name):
    (tmp_path / "loop.json").symlink_to("loop.json")
    with pytest.raises(FileError, match="cannot be written"):
        serialization.save(tmp_path / name, ProfileSettings())
    assert [path.name for path in tmp_path.iterdir()] == ["loop.json"]


def test_ctrl_c_in_the_middle_of_a_write_leaves_nothing(tmp_path, monkeypatch):
    def finger(_handle):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", finger)
    with pytest.raises(KeyboardInterrupt):
        serialization.save(tmp_path / "a.json", ProfileSettings())
    assert list(tmp_path.iterdir()) == []


def test_half_a_character_is_said(tmp_path):
    with pytest.raises(FileError, match="not Unicode"):
        serialization.save(tmp_path / "a.json", Device("a\udcff"))
    assert list(tmp_path.iterdir()) == []
