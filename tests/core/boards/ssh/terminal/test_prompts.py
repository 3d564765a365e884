"""The command line in a real terminal: what it asks, what it shows of the answers, and where they do not turn up."""

import paramiko
import pytest
from command_line import layerswitch

from layerswitch.boards.ssh import known_hosts

pytestmark = pytest.mark.slow(40)


def test_an_unknown_machine_is_shown_and_accepted_once(terminal, desk, server, key_file):
    desk(key_file=str(key_file()))
    screen = terminal("board", "check", "desk")
    screen.until(server.key.fingerprint)
    screen.until("Write yes to accept it for good: ")
    screen.type("yes\n")
    assert screen.end() == 0, screen.seen
    assert "the board can measure" in screen.seen
    assert server.key.get_base64() in known_hosts.own_file().read_text()
    again = terminal("board", "check", "desk")
    assert again.end() == 0, again.seen
    assert "not known here" not in again.seen


@pytest.mark.parametrize("answer", ["no\n", "y\n", "\n", "\x04"], ids=["no", "y", "nothing", "Ctrl-D"])
def test_an_unknown_machine_is_refused(terminal, desk, server, key_file, answer):
    desk(key_file=str(key_file()))
    screen = terminal("board", "check", "desk")
    screen.until("Write yes to accept it for good: ")
    screen.type(answer)
    assert screen.end() == 2
    assert "was not accepted" in screen.seen
    assert server.asked == []
    assert not known_hosts.own_file().exists()


def test_a_password_is_neither_shown_nor_kept(terminal, desk, server, known, client_home, tmp_path, holding):
    desk()
    server.password = "5esame-0pen"
    screen = terminal("run", "alexnet", "-b", "desk", "-a", "CPU", "-n", "1", "-o", str(tmp_path / "run.json"))
    screen.until(f"Password of anna@[127.0.0.1]:{server.port}: ")
    assert not screen.echoes()
    screen.type("5esame-wrong\n")
    screen.until(f"Password of anna@[127.0.0.1]:{server.port}: ")
    screen.type("5esame-0pen\n")
    assert screen.end() == 0, screen.seen
    assert "run written to" in screen.seen
    assert "5esame" not in screen.seen
    assert holding("5esame", client_home, tmp_path) == []
    assert (tmp_path / "run.json").is_file()


def test_a_password_that_is_wrong_three_times(terminal, desk, server, known, client_home, holding):
    desk()
    screen = terminal("profile", "alexnet", "-b", "desk", "-o", str(client_home / "p.json"))
    for _ in range(3):
        screen.until(f"Password of anna@[127.0.0.1]:{server.port}: ")
        screen.type("5esame-wrong\n")
    assert screen.end() == 2
    assert "does not let 'anna' in" in screen.seen
    assert "5esame" not in screen.seen
    assert "Traceback" not in screen.seen
    assert holding("5esame", client_home) == []
    assert not (client_home / "p.json").exists()


@pytest.mark.parametrize(("keys", "code", "said"), [("\x04", 2, "was given up"), ("\x03", 130, "cancelled")])
def test_leaving_a_password_unanswered(terminal, desk, known, keys, code, said):
    desk()
    screen = terminal("board", "check", "desk")
    screen.until("Password of anna")
    screen.type(keys)
    assert screen.end() == code
    assert said in screen.seen
    assert "Traceback" not in screen.seen


def test_the_terminal_shows_again_what_is_typed(terminal, desk, known):
    desk()
    screen = terminal("board", "check", "desk")
    screen.until("Password of anna")
    assert not screen.echoes()
    screen.type("\x03")
    screen.process.wait(120)
    assert screen.echoes()


def test_keyboard_interactive_shows_what_the_server_lets_be_seen(terminal, desk, server, known, client_home, holding):
    server.ways, server.password = ["keyboard-interactive"], "5esame-0pen"
    desk()
    screen = terminal("board", "check", "desk")
    screen.until(f"anna@[127.0.0.1]:{server.port} asks, in its own words:")
    screen.until("| Two factors")
    screen.until("| Look at your phone")
    screen.until("| Password: ")
    screen.type("5esame-0pen\n")
    screen.until("Code: ")
    assert screen.echoes()
    screen.type("123456\n")
    assert screen.end() == 0, screen.seen
    assert "123456" in screen.seen
    assert "5esame" not in screen.seen
    assert holding("5esame", client_home) == holding("123456", client_home) == []


def test_a_passphrase(terminal, desk, known, key_file, client_home, holding):
    path = key_file("5esame-0pen")
    desk(key_file=str(path))
    screen = terminal("board", "check", "desk")
    screen.until(f"Passphrase of {path}: ")
    assert not screen.echoes()
    screen.type("5esame-wrong\n")
    screen.until(f"Passphrase of {path}: ")
    screen.type("5esame-0pen\n")
    assert screen.end() == 0, screen.seen
    assert "5esame" not in screen.seen
    assert holding("5esame", client_home) == []


@pytest.mark.parametrize(("keys", "code"), [("5esame-two\n", 0), ("\x03", 130)], ids=["answered", "Ctrl-C"])
def test_a_question_in_the_middle_of_a_measurement(terminal, desk, server, known, client_home, keys, code):
    """The link breaks, and the board has another password meanwhile: the progress bar makes way for the question."""
    desk()
    screen = terminal("profile", "alexnet", "-b", "desk", "-n", "600", "-o", str(client_home / "p.json"))
    screen.until("Password of anna")
    screen.type(f"{server.password}\n")
    screen.until("profiling alexnet")
    server.password = "5esame-two"
    server.hang_up()
    screen.until("Password of anna")
    assert not screen.echoes()
    screen.type(keys)
    assert screen.end() == code, screen.seen
    assert "5esame" not in screen.seen
    assert "Traceback" not in screen.seen
    assert "fault" not in screen.seen
    assert screen.echoes()
    assert (client_home / "p.json").is_file() == (code == 0)


def test_a_servers_words_steer_no_terminal(terminal, desk, server, known, monkeypatch):
    server.ways = ["keyboard-interactive"]
    session = type(server)._listen.__globals__["Session"]
    question = paramiko.InteractiveQuery("\x1b[2Jtitle", "\x07bell\x1b]0;x\x07", ("\x1b[31mGive me: ", True))
    monkeypatch.setattr(session, "check_auth_interactive", lambda *_: question)
    desk()
    screen = terminal("board", "check", "desk")
    screen.until("Give me: ")
    assert "\x1b" not in screen.seen
    assert "\x07" not in screen.seen
    screen.type("\x04")
    assert screen.end() == 2


def test_without_a_terminal_unknown_machines_are_refused(desk, server, key_file, terminal):
    desk(key_file=str(key_file()))
    done = layerswitch("board", "check", "desk")
    assert done.returncode == 2
    assert "accept the key in one, with `layerswitch board check`" in done.stderr
    assert server.asked == []


@pytest.mark.parametrize("ways", [["password"], ["keyboard-interactive"]])
def test_without_a_terminal_nothing_is_typed(desk, server, known, ways, client_home, terminal):
    server.ways = ways
    desk()
    done = layerswitch("profile", "alexnet", "-b", "desk", "-o", str(client_home / "p.json"))
    assert done.returncode == 2
    assert done.stderr.count("there is no terminal to ask for a password: use a key, or ssh-agent") == 1
    assert "Traceback" not in done.stderr
    assert not (client_home / "p.json").exists()


def test_without_a_terminal_a_locked_key_is_said_to_stay_locked(desk, server, known, key_file, terminal):
    server.ways = ["publickey"]
    desk(key_file=str(key_file("5esame")))
    done = layerswitch("board", "check", "desk")
    assert done.returncode == 2
    assert "stayed locked" in done.stdout


def test_without_a_terminal_a_key_is_enough(desk, known, key_file, terminal):
    desk(key_file=str(key_file()))
    done = layerswitch("board", "check", "desk", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
