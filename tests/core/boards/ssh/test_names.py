"""What people, files and boards call things may mean something to a shell: it never does."""

import os
import sys

import pytest

from layerswitch.boards.agent_bundle import agent_bundle
from layerswitch.boards.board import Board
from layerswitch.boards.registry import BoardEntry
from layerswitch.boards.ssh.ssh_config import route
from layerswitch.errors import LayerSwitchError, ReachError

HOSTILE = [
    "a$(touch evil)`touch evil`b",
    "a;touch evil;b & touch evil|c>evil",
    "a b  'c\"d\\",
    "$HOME/~/*?[x]{y}!#a",
    "-oProxyCommand=touch evil",
    "a\ntouch evil\nb\tc\x7f",
]
CONTROL = [text for text in HOSTILE if not text.isprintable()]


@pytest.fixture(autouse=True)
def nothing_evil(server, tmp_path, client_home, monkeypatch):
    """Fails a test in which a name was taken for a command."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.rglob("evil*"))


@pytest.fixture
def simulated(server, entry_of, make_entry):
    """simulated(**fields) -> a board over SSH that needs nothing."""
    return lambda **fields: entry_of(server, settings=make_entry().settings, **fields)


@pytest.fixture
def measures(scripted, person):
    """Whether a board can be connected to."""

    def try_it(entry):
        person.passwords = ["s3cret"]
        with Board.connect(entry, connect=scripted(person)) as one:
            return one.description.device_names == ("CPU", "GPU")

    return try_it


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["host", "user", "python", "key_file"])
def test_an_entry_is_refused_in_words(simulated, measures, server, field, text):
    server.ways = ["publickey"] if field == "key_file" else server.ways
    with pytest.raises(LayerSwitchError) as caught:
        measures(simulated(**{field: text}))
    assert "own:desk" in str(caught.value)
    assert "\n" not in str(caught.value)
    if text in CONTROL:
        assert "has a control character" in str(caught.value)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text not in CONTROL])
def test_a_python_and_a_key_by_such_names_are_found(server, simulated, measures, key_file, tmp_path, text):
    folder = tmp_path / text.replace("/", "_")
    folder.mkdir()
    (folder / "python3").symlink_to(sys.executable)
    key = key_file().rename(folder / f"key {text.replace('/', '_')}")
    server.ways = ["publickey"]
    assert measures(simulated(python=str(folder / "python3"), key_file=str(key)))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cache_folder_by_such_a_name_is_used(server, simulated, measures, tmp_path, text):
    server.environment["XDG_CACHE_HOME"] = folder = os.path.join(tmp_path, "cache", text.replace("/", "_"))  # noqa: PTH118
    assert measures(simulated())
    assert os.path.isfile(os.path.join(folder, "layerswitch", "agents", agent_bundle().name))  # noqa: PTH113, PTH118


@pytest.mark.parametrize("text", HOSTILE)
def test_a_home_folder_by_such_a_name_is_used(server, simulated, measures, tmp_path, text):
    server.home = tmp_path / "homes" / text.replace("/", "_")
    server.home.mkdir(parents=True)
    (server.home / "my python").symlink_to(sys.executable)
    server.environment["XDG_CACHE_HOME"] = "relative; touch evil"  # which is not to be used
    assert measures(simulated(python="~/my python"))
    assert (server.home / ".cache" / "layerswitch" / "agents" / agent_bundle().name).is_file()


@pytest.mark.parametrize("text", [text for text in HOSTILE if text not in CONTROL and not text.startswith("-")])
@pytest.mark.parametrize("field", ["host", "user"])
def test_the_shell_of_a_proxy_command_gets_no_such_name(client_home, tmp_path, field, text):
    (client_home / ".ssh" / "config").write_text("Host *\n ProxyCommand connect %h %p %r\n")
    fields = {"host": "board", "user": "anna", field: text}
    with pytest.raises(ReachError, match="means something to the shell"):
        route(BoardEntry("own:x", "X", "measured", "ssh", **fields))


def test_a_plain_name_is_for_a_proxy_command(client_home):
    (client_home / ".ssh" / "config").write_text("Host *\n ProxyCommand connect %h %p %r\n")
    (hop,) = route(BoardEntry("own:x", "X", "measured", "ssh", host="fe80::1%eth0", user="anna.b", port=2222))
    assert hop.proxy_command == "connect fe80::1%eth0 2222 anna.b"


def test_no_line_gets_into_the_configuration(client_home, simulated):
    """The user's name is put before the lines of ~/.ssh/config."""
    with pytest.raises(ReachError, match="control character"):
        route(simulated(user="anna\nProxyCommand touch evil"))
