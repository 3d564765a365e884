"""`board add`, `remove`, `check`, and the list: saved, refused, and said."""

import json
import socket

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def test_adding_listing_and_removing(invoke, home):
    done = invoke("board", "add", "desk", "--host", "vim3.lan", "--user", "khadas", "--port", "2222", "--key", "~/k")
    assert done.returncode == 0, done.stderr
    assert "board check desk" in done.stderr
    assert (home / "config/layerswitch/boards/desk.toml").is_file()
    assert "khadas@vim3.lan port 2222" in invoke("boards").stdout
    assert invoke("board", "add", "desk", "--host", "other").returncode == 2
    assert invoke("board", "remove", "desk").returncode == 0
    assert invoke("board", "remove", "desk").returncode == 2
    assert "desk" not in invoke("boards").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("a/b", "--host", "h"),
        ("x", "--host", "-oProxyCommand=x"),
        ("x", "--host", "a;b"),
        ("x", "--host", "h", "--user", "$(id)x y"),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(invoke, arguments, home):
    done = invoke("board", "add", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not list(home.rglob("*.toml"))


def test_checking_a_simulated_board(invoke):
    name = json.loads(invoke("boards", "--json").stdout)[0]["name"]
    done = invoke("board", "check", name, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["works"]
    assert answer["steps"][-1]["name"] == "inference"


def test_checking_where_nothing_listens(invoke):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    done = invoke("board", "check", "127.0.0.1", "--port", str(port))
    assert done.returncode == 2
    assert "FAILED" in done.stdout
    assert "openssh-server" in done.stdout
    assert "cannot measure yet" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_file_is_said_and_hides_nothing(invoke, home):
    folder = home / "config/layerswitch/boards"
    folder.mkdir(parents=True)
    (folder / "bad.toml").write_text("title = ")
    done = invoke("boards")
    assert done.returncode == 0
    assert "bad.toml" in done.stderr


def test_asking_whether_boards_answer(invoke):
    """One that answers, one where nothing listens, and nobody asked unless it is wanted."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        invoke("board", "add", "desk", "--host", "127.0.0.1", "--port", str(port), "--user", "anna")
        other.settimeout(0.2)
        plain = invoke("boards")
        assert "now" not in plain.stdout.splitlines()[0]
        with pytest.raises(TimeoutError):
            other.accept()
    done = invoke("boards", "--check")
    assert done.returncode == 0
    assert f"does not answer: nothing listens at 127.0.0.1 port {port}" in " ".join(done.stdout.split())
    listed = json.loads(invoke("boards", "--check", "--json").stdout)
    by_name = {one["name"]: one for one in listed}
    assert by_name["own:desk"]["now"] == "does not answer"
    assert by_name["own:desk"]["why"] == f"nothing listens at 127.0.0.1 port {port}"
    assert by_name["own:desk"]["user"] == "anna"
    assert by_name["sim:khadas-vim3"] | {"now": "answers", "why": ""} == by_name["sim:khadas-vim3"]


def test_a_board_in_an_emulator_says_so(invoke):
    invoke("board", "add", "desk", "--host", "127.0.0.1", "--emulated")
    assert {one["name"]: one for one in json.loads(invoke("boards", "--json").stdout)}["own:desk"][
        "origin"
    ] == "emulated"
