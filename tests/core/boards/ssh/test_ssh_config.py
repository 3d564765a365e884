"""~/.ssh/config: names, users, ports, keys and the machines on the way."""

import sys
from pathlib import Path

import pytest

from layerswitch.boards.registry import BoardEntry
from layerswitch.boards.ssh import log_in
from layerswitch.boards.ssh.ssh_config import route
from layerswitch.errors import ReachError


@pytest.fixture
def config(client_home):
    """config(text) writes ~/.ssh/config."""
    return (client_home / ".ssh" / "config").write_text


def way(host, **fields):
    return route(BoardEntry("own:x", "X", "measured", "ssh", host=host, **fields))


def test_an_alias(config, client_home):
    config("Host vim\n HostName 10.0.0.7\n User khadas\n Port 2222\n IdentityFile ~/.ssh/vim\n")
    (hop,) = way("vim")
    assert (hop.host, hop.user, hop.port, hop.name) == ("10.0.0.7", "khadas", 2222, "[10.0.0.7]:2222")
    assert hop.key_files == (client_home / ".ssh" / "vim",)


def test_the_entry_comes_first(config, tmp_path):
    config("Host *\n HostName 10.0.0.7\n User khadas\n Port 2222\n IdentityFile ~/.ssh/vim\n")
    (hop,) = way("vim", user="anna", port=22, key_file=str(tmp_path / "key"))
    assert (hop.user, hop.port, hop.name, hop.key_files) == ("anna", 22, "10.0.0.7", (tmp_path / "key",))
    assert hop.only_these_keys


def test_without_a_file(client_home):
    (client_home / ".ssh" / "id_rsa").write_text("x")
    (hop,) = way("board")
    assert (hop.host, hop.port, hop.key_files) == ("board", 22, (client_home / ".ssh" / "id_rsa",))


def test_keys_of_nobody_and_files_without_an_end(config):
    config("Include /dev/zero\nHost board\n User anna\n")
    (hop,) = way("board", key_file="~nobody-of-that-name/key")
    assert (hop.user, hop.key_files) == ("anna", (Path("~nobody-of-that-name/key"),))


def test_machines_on_the_way(config):
    config(
        "Host board\n ProxyJump first:2201,second\n"
        "Host first\n HostName 1.1.1.1\n User one\n ProxyJump gate\n"
        "Host second\n ProxyJump never\n"
        "Host gate\n User guard\n ProxyCommand connect %h\n"
    )
    hops = way("board")
    assert [(hop.host, hop.port) for hop in hops] == [("gate", 22), ("1.1.1.1", 2201), ("second", 22), ("board", 22)]
    assert [hop.user for hop in hops[:2]] == ["guard", "one"]
    assert [hop.proxy_command for hop in hops] == ["connect gate", "", "", ""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Host *\n ProxyJump other\n", "in a circle"),
        ("Host board\n ProxyJump a b c\n", "names no machine"),
        ("Host board\n ProxyJump anna@hop,[]\n", "names no machine"),
        ("Host board\n ProxyJump anna@hop:70000\n", "port '70000'"),
        ("Host board\n ProxyJump hop:" + "2" * 5000 + "\n", "port '2222"),
        ("Host board\n Port many\n", "port 'many'"),
        ("Host board\n Port " + "2" * 5000 + "\n", "port '2222"),
        ("Host board\n Port ²\n", "port '²'"),
    ],
)
def test_a_file_that_makes_no_sense(config, text, said):
    config(text)
    with pytest.raises(ReachError, match=said):
        way("board")


@pytest.mark.parametrize("line", ['Match exec "true %r"', 'match host vim EXEC "test %r"', "Include more"])
def test_no_word_of_a_boards_entry_reaches_the_shell_of_a_match(config, client_home, tmp_path, line):
    config(f"{line}\n Port 2222\n")
    (client_home / ".ssh" / "more").write_text('Match exec "true %r"\n Port 2222\n')
    with pytest.raises(ReachError, match="means something to the shell that runs the commands"):
        way("vim", user=f"a$(touch {tmp_path / 'planted'})")
    assert not (tmp_path / "planted").exists()


def test_without_commands_a_user_may_have_any_name(config):
    config("Match host vim\n Port 2222\n")
    assert way("vim", user="DOMAIN\\anna")[0].user == "DOMAIN\\anna"


def test_files_it_includes(config, client_home):
    config("Include conf.d/*.conf\nInclude conf.d/*.conf\nInclude config\nHost vim\n User late\n")
    (client_home / ".ssh" / "conf.d").mkdir()
    (client_home / ".ssh" / "conf.d" / "a.conf").write_text("Host vim\n User early\n")
    assert way("vim")[0].user == "early"


def test_none_means_none(config):
    config("Host vim\n ProxyJump none\n ProxyCommand none\n")
    assert way("vim")[0].proxy_command == ""


def test_over_two_machines(make_server, person, entry_of, config):
    board, gate, outer = make_server(), make_server(), make_server()
    config(f"Host 127.0.0.1\n User anna\nHost inner\n HostName 127.0.0.1\n User anna\n ProxyJump "
           f"127.0.0.1:{outer.port},127.0.0.1:{gate.port}\n")  # fmt: skip
    person.passwords = ["s3cret"] * 3
    with log_in(entry_of(board, host="inner"), person) as one:
        assert one.run(["echo", "here"]).output == "here\n"
    assert outer.jumps == [("127.0.0.1", gate.port)]
    assert gate.jumps == [("127.0.0.1", board.port)]
    assert [question[1] for question in person.asked if question[0] == "host key"] == [
        f"[127.0.0.1]:{one.port}" for one in (outer, gate, board)
    ]


def test_a_machine_on_the_way_that_leads_nowhere(make_server, person, entry_of, config):
    gate, gone = make_server(), make_server()
    config(f"Host inner\n HostName 127.0.0.1\n ProxyJump anna@127.0.0.1:{gate.port}\n")
    gone.close()
    with pytest.raises(ReachError, match="the machine before it cannot reach") as caught:
        log_in(entry_of(gone, host="inner"), person)
    assert caught.value.step == "route"


PROXY = """
import os, socket, sys, threading
there = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def back():
    while data := there.recv(9999):
        os.write(1, data)
threading.Thread(target=back, daemon=True).start()
while data := os.read(0, 9999):
    there.sendall(data)
"""


def test_a_proxy_command(server, person, entry_of, config, tmp_path):
    (tmp_path / "proxy_command.py").write_text(PROXY)
    config(f"Host 127.0.0.1\n ProxyCommand {sys.executable} {tmp_path / 'proxy_command.py'} %h %p\n")
    with log_in(entry_of(server), person) as one:
        assert one.run(["echo", "here"]).output == "here\n"


def test_a_proxy_command_that_fails(server, person, entry_of, config):
    config("Host 127.0.0.1\n ProxyCommand false\n")
    with pytest.raises(ReachError, match="leads to no SSH server") as caught:
        log_in(entry_of(server), person)
    assert caught.value.step == "route"
