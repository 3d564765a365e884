"""Which boards there are, and what is said of one that is not."""

import pytest

from layerswitch.boards import emulated, python_command, registry
from layerswitch.boards.registry import boards, find
from layerswitch.errors import BoardError


@pytest.fixture
def folders(tmp_path):
    bundled, own = tmp_path / "bundled", tmp_path / "own"
    bundled.mkdir()
    own.mkdir()
    (bundled / "khadas-vim3.toml").write_text('title = "Khadas VIM3"\ncores = 4\n')
    return {"bundled": bundled, "own": own}


def test_the_bundled_boards_are_listed():
    assert {"sim:khadas-vim3", "sim:rock-pi-n10"} <= {entry.name for entry in boards()}
    assert all(entry.origin == "simulated" for entry in boards() if entry.name.startswith("sim:"))


def test_a_simulated_boards_settings_are_its_file(folders):
    entry = find("sim:khadas-vim3", **folders)
    assert (entry.title, entry.origin) == ("Khadas VIM3", "simulated")
    assert entry.engine_settings() == ("simulated", {"title": "Khadas VIM3", "cores": 4})


def test_the_nearest_names_are_offered(folders):
    with pytest.raises(BoardError, match=r"there is no board 'sim:khadas-vim4' \(did you mean sim:khadas-vim3\?\)"):
        find("sim:khadas-vim4", **folders)
    with pytest.raises(BoardError, match=r"there are: sim:khadas-vim3"):
        find("", **folders)


def test_boards_of_ones_own(folders):
    (folders["own"] / "fast.toml").write_text('title = "Twice as fast"\nkind = "simulated"\nsettings = "fast.sim"\n')
    (folders["own"] / "fast.sim").write_text("cores = 8\n")
    entry = find("own:fast", **folders)
    assert entry in boards(**folders)
    assert entry.engine_settings() == ("simulated", {"cores": 8})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "not a readable board file"),
        ('title = "X"\n', "kind"),
        ('title = "X"\nkind = "toaster"\n', "toaster"),
        ('title = "X"\nkind = "simulated"\nsettings = "s"\ntoast = "y"\n', "toast"),
        ('title = "X"\nkind = "ssh"\n', "no host's name"),
        ('title = "X"\nkind = "simulated"\n', "needs `settings`"),
        ('title = "X"\nkind = "local"\n', "cannot be saved"),
    ],
)
def test_a_broken_board_of_ones_own_hides_nothing_and_is_explained(folders, text, said):
    (folders["own"] / "bad.toml").write_text(text)
    found = [entry.name for entry in boards(**folders)]
    assert [name for name in found if name not in ("local", "emulated-arm")] == ["sim:khadas-vim3"]
    with pytest.raises(BoardError, match=rf"bad\.toml: .*{said}"):
        find("own:bad", **folders)


def test_the_own_folder_need_not_exist(folders, tmp_path):
    assert boards(bundled=folders["bundled"], own=tmp_path / "nothing")


@pytest.mark.parametrize("name", ["own:../bundled/khadas-vim3", "own:", "own:.", "sim:", "own:a\0b", "sim:\n"])
def test_a_name_is_no_path(folders, name):
    with pytest.raises(BoardError, match="there is no board"):
        find(name, **folders)


def test_missing_settings_are_an_error_of_the_board(folders):
    (folders["own"] / "gone.toml").write_text('title = "X"\nkind = "simulated"\nsettings = "gone.sim"\n')
    with pytest.raises(BoardError, match=r"gone\.sim: not a readable board file: No such file"):
        find("own:gone", **folders).engine_settings()


def test_a_list_of_boards_needs_no_home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert registry.user_folder() == tmp_path / "layerswitch" / "boards"
    assert boards()


@pytest.mark.parametrize(("engine", "arm_nn", "listed"), [(True, True, 1), (True, False, 0), (False, True, 0)])
def test_this_computer_is_a_board_where_arm_nn_is(folders, monkeypatch, engine, arm_nn, listed):
    monkeypatch.setattr(registry.engines, "names", lambda: ["armnn", "simulated"] if engine else ["simulated"])
    monkeypatch.setattr(registry, "arm_nn_is_here", lambda: arm_nn)
    assert [entry.origin for entry in boards(**folders) if entry.name == "local"] == ["measured"] * listed


@pytest.mark.parametrize(
    ("text", "here"),
    [("", True), ("raise ImportError", False), ("import os; os.abort()", False), ("while True: pass", False)],
)
def test_arm_nn_is_looked_for_where_it_can_do_no_harm(tmp_path, monkeypatch, text, here):
    (tmp_path / "pyarmnn.py").write_text(text)
    # one in PYTHONPATH is as good here as an installed one
    monkeypatch.setattr(python_command, "ISOLATED", "-u")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(registry, "IMPORT_SECONDS", 3.0)
    assert registry.arm_nn_is_here.__wrapped__() is here


def test_a_finished_board_in_a_folder_is_listed_and_measured_by_arm_nn(folders, tmp_path, monkeypatch):
    monkeypatch.setattr(emulated, "folder", lambda: tmp_path)
    monkeypatch.setattr(emulated.os, "geteuid", lambda: 0)
    assert "emulated-arm" not in [entry.name for entry in boards(**folders)]
    for path in ("etc/layerswitch-board", emulated.RUNNER):
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).touch()
    entry = find("emulated-arm", **folders)
    assert entry.origin == "emulated"
    assert entry.engine_settings() == ("armnn", {"origin": "emulated", "title": entry.title})
    command = emulated.command(tmp_path)
    assert command[:3] == ["/bin/sh", str(tmp_path / emulated.RUNNER), str(tmp_path)]
    assert command[3:6] == ["python3", "-E", "-u"]
    assert (tmp_path / command[6].lstrip("/")).is_file()
    assert command[7:] == ["--silence", "0"]  # it ends with the app
    monkeypatch.setattr(emulated.os, "geteuid", lambda: 1000)
    assert "emulated-arm" not in [entry.name for entry in boards(**folders)]
