"""Saved boards: written and read back, refused with the field, and never with a password."""

import subprocess
import sys
import textwrap

import pytest

from layerswitch.boards import user_boards
from layerswitch.boards.registry import boards, find
from layerswitch.boards.user_boards import UserBoard
from layerswitch.errors import BoardError

DESK = UserBoard(
    'Vim3 "on"\tthe desk \x7f \\ é 🂡',
    "ssh",
    host="vim3.lan",
    user="khadas",
    port=2222,
    key_file="~/.ssh/a key",
    python="/opt/py 3",
)


def test_it_comes_back_as_it_was_saved(tmp_path):
    path = user_boards.save("desk", DESK, own=tmp_path)
    assert user_boards.read(path) == DESK
    entry = find("desk", bundled=tmp_path, own=tmp_path)
    assert entry == find("own:desk", bundled=tmp_path, own=tmp_path)
    assert entry in boards(bundled=tmp_path, own=tmp_path)
    assert (entry.name, entry.kind, entry.origin, entry.host, entry.user) == (
        "own:desk",
        "ssh",
        "measured",
        "vim3.lan",
        "khadas",
    )
    assert (entry.port, entry.key_file, entry.python) == (2222, "~/.ssh/a key", "/opt/py 3")
    assert entry.engine_settings() == ("armnn", {})


def test_of_several_processes_that_save_one_name_one_does(tmp_path):
    program = """
        import sys, time
        from pathlib import Path
        from layerswitch.boards import user_boards
        from layerswitch.boards.user_boards import UserBoard, save
        from layerswitch.errors import BoardError
        write = user_boards.write_whole
        user_boards.write_whole = lambda *given: (time.sleep(0.01), write(*given))  # time for another process
        for number in range(30):
            try:
                save(f"desk-{number}", UserBoard(sys.argv[1], "ssh", host="desk"), own=Path(sys.argv[2]))
            except BoardError:
                continue
            print(f"desk-{number}")
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    processes = [subprocess.Popen([*command, one, tmp_path], stdout=-1, text=True) for one in "abcd"]
    saved = [name for process in processes for name in process.communicate(timeout=120)[0].split()]
    assert sorted(saved) == sorted(f"desk-{number}" for number in range(30))


def test_an_emulated_machine_says_so(tmp_path):
    user_boards.save("slow", UserBoard("Slow", "ssh", host="h", origin="emulated"), own=tmp_path)
    entry = find("slow", bundled=tmp_path, own=tmp_path)
    assert entry.origin == "emulated"
    assert entry.engine_settings() == ("armnn", {"origin": "emulated", "title": "Slow"})


def test_one_that_is_there_is_kept_unless_it_is_to_be_replaced(tmp_path):
    user_boards.save("desk", DESK, own=tmp_path)
    with pytest.raises(BoardError, match="already"):
        user_boards.save("desk", UserBoard("Other", "ssh", host="h"), own=tmp_path)
    user_boards.save("desk", UserBoard("Other", "ssh", host="h"), own=tmp_path, replace=True)
    assert find("desk", bundled=tmp_path, own=tmp_path).title == "Other"


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b", "a\n", "x" * 65])
def test_names_that_are_no_file_names(tmp_path, name):
    with pytest.raises(BoardError, match="cannot be a board's name"):
        user_boards.save(name, DESK, own=tmp_path / "boards")
    with pytest.raises(BoardError, match="no saved board"):
        user_boards.remove(name, own=tmp_path / "boards")
    assert not (tmp_path / "boards").exists()


def test_removing(tmp_path):
    user_boards.save("desk", DESK, own=tmp_path)
    user_boards.remove("own:desk", own=tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BoardError, match=r"no saved board 'desk' \(only boards you added"):
        user_boards.remove("desk", own=tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "boards").write_text("a file")
    with pytest.raises(BoardError, match="cannot be saved"):
        user_boards.save("desk", DESK, own=tmp_path / "boards")


@pytest.mark.parametrize(
    "fields",
    [
        {"host": ""},
        {"host": "-oProxyCommand=x"},
        {"host": "a b"},
        {"host": "a;b"},
        {"host": "h", "user": "-x"},
        {"host": "h", "user": "a b"},
        {"host": "h", "python": ""},
        {"host": "h", "python": "-c"},
        {"host": "h", "python": "python3\nreboot"},
        {"host": "h", "key_file": "a\0b"},
    ],
)
def test_fields_that_would_be_read_as_something_else(fields):
    with pytest.raises(ValueError, match=r"no host's name|no user's name|no program|control character"):
        UserBoard("X", "ssh", **fields)


def test_no_field_is_for_a_secret(tmp_path):
    path = user_boards.save("desk", DESK, own=tmp_path)
    path.write_text(path.read_text() + 'password = "secret"\n')
    with pytest.raises(BoardError, match="password"):
        user_boards.read(path)
