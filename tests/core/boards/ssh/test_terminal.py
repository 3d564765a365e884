"""The command line in a real terminal: what it asks, what it shows of the answers, and where they do not turn up."""

import contextlib
import os
import select
import shutil
import subprocess
import sys
import termios
import time

import paramiko
import pytest

from layerswitch import resources
from layerswitch.boards import saved
from layerswitch.boards.saved import UserBoard
from layerswitch.boards.ssh import known_hosts

SECONDS = 120
CONTROLLING = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """A terminal with the command line in it; `seen` is all that stood on its screen."""

    def __init__(self, *arguments):
        self.ours, theirs = os.openpty()
        words = [sys.executable, "-m", "layerswitch", *arguments]
        self.process = subprocess.Popen(
            [sys.executable, "-c", CONTROLLING, *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen, self.read = "", 0

    def until(self, text):
        """Wait until the text is on the screen, behind what was waited for before."""
        end = time.monotonic() + SECONDS
        while text not in self.seen[self.read :]:
            assert time.monotonic() < end, f"{text!r} never came: {self.seen}"
            assert self._more(), f"it ended without {text!r}: {self.seen}"
        self.read = self.seen.index(text, self.read) + len(text)

    def type(self, text):
        """Keys, as the terminal's own line editing takes them."""
        os.write(self.ours, text.encode())

    def echoes(self):
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self.ours)[3] & termios.ECHO)

    def end(self):
        """Wait for the end; the exit code."""
        end = time.monotonic() + SECONDS
        while self._more():
            assert time.monotonic() < end, self.seen
        return self.process.wait(SECONDS)

    def _more(self):
        if not select.select([self.ours], [], [], 0.1)[0]:
            return True
        with contextlib.suppress(OSError):  # the last one who had the terminal has closed it
            if piece := os.read(self.ours, 1 << 12):
                self.seen += piece.decode("utf-8", "replace")
                return True
        return False

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS)
        os.close(self.ours)


@pytest.fixture
def terminal(client_home, monkeypatch):
    """terminal(*arguments) -> the command line, started in a terminal of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(client_home / ".state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(client_home / ".cache"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("TERM", "xterm")
    started = []

    def start(*arguments):
        started.append(Terminal(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def desk(server, client_home):
    """desk(...) -> a saved board on the server, which stands in for a board by simulating one."""

    def make(**fields):
        settings = str(resources.assets() / "boards" / "khadas-vim3.toml")
        known = {
            "host": "127.0.0.1",
            "port": server.port,
            "user": "anna",
            "python": sys.executable,
            "settings": settings,
        }
        saved.save("desk", UserBoard("Desk", "ssh", **{**known, **fields}))

    return make


@pytest.fixture
def known(server):
    """The server's key has been accepted before."""
    path = known_hosts.own_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[127.0.0.1]:{server.port} {server.key.get_name()} {server.key.get_base64()}\n")
    return path


def holding(secret, *folders):
    """Files in which a secret stands."""
    found = []
    for folder in folders:
        found += [one for one in folder.rglob("*") if one.is_file() and secret.encode() in one.read_bytes()]
    return found


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


def test_a_password_is_neither_shown_nor_kept(terminal, desk, server, known, client_home, tmp_path):
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


def test_a_password_that_is_wrong_three_times(terminal, desk, server, known, client_home):
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
    screen.process.wait(SECONDS)
    assert screen.echoes()


def test_keyboard_interactive_shows_what_the_server_lets_be_seen(terminal, desk, server, known, client_home):
    server.ways, server.password = ["keyboard-interactive"], "5esame-0pen"
    desk()
    screen = terminal("board", "check", "desk")
    screen.until("Two factors")
    screen.until("Look at your phone")
    screen.until("Password: ")
    screen.type("5esame-0pen\n")
    screen.until("Code: ")
    assert screen.echoes()
    screen.type("123456\n")
    assert screen.end() == 0, screen.seen
    assert "123456" in screen.seen
    assert "5esame" not in screen.seen
    assert holding("5esame", client_home) == holding("123456", client_home) == []


def test_a_passphrase(terminal, desk, known, key_file, client_home):
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


def without_terminal(*arguments):
    """The command line without any terminal: its input is empty."""
    return subprocess.run(
        [sys.executable, "-m", "layerswitch", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        start_new_session=True,
    )


def test_without_a_terminal_unknown_machines_are_refused(desk, server, key_file):
    desk(key_file=str(key_file()))
    done = without_terminal("board", "check", "desk")
    assert done.returncode == 2
    assert "accept the key in one, with `layerswitch board check`" in done.stderr
    assert server.asked == []


@pytest.mark.parametrize("ways", [["password"], ["keyboard-interactive"]])
def test_without_a_terminal_nothing_is_typed(desk, server, known, ways, client_home):
    server.ways = ways
    desk()
    done = without_terminal("profile", "alexnet", "-b", "desk", "-o", str(client_home / "p.json"))
    assert done.returncode == 2
    assert done.stderr.count("there is no terminal to ask for a password: use a key, or ssh-agent") == 1
    assert "Traceback" not in done.stderr
    assert not (client_home / "p.json").exists()


def test_without_a_terminal_a_locked_key_is_said_to_stay_locked(desk, server, known, key_file):
    server.ways = ["publickey"]
    desk(key_file=str(key_file("5esame")))
    done = without_terminal("board", "check", "desk")
    assert done.returncode == 2
    assert "stayed locked" in done.stdout


def test_without_a_terminal_a_key_is_enough(desk, known, key_file):
    desk(key_file=str(key_file()))
    done = without_terminal("board", "check", "desk", "--json")
    assert done.returncode == 0, done.stdout + done.stderr


FAKE = '''
import json, pathlib
from keyring.backend import KeyringBackend
FILE = pathlib.Path(__file__).with_name("kept.json")
class Keyring(KeyringBackend):
    """Keeps passwords in a file, as no keyring should."""
    priority = 1
    def _all(self): return json.loads(FILE.read_text()) if FILE.exists() else {}
    def get_password(self, service, user): return self._all().get(service + "/" + user)
    def set_password(self, service, user, password):
        FILE.write_text(json.dumps({**self._all(), service + "/" + user: password}))
    def delete_password(self, service, user):
        FILE.write_text(json.dumps({key: kept for key, kept in self._all().items() if key != service + "/" + user}))
'''


def start_secret_service(folder, monkeypatch):
    """The desktop's own keyring on a bus of its own: what to end, the last one first."""
    if not (shutil.which("dbus-daemon") and shutil.which("gnome-keyring-daemon")):
        pytest.skip(
            "a keyring without a desktop takes dbus-daemon and gnome-keyring-daemon (apt install gnome-keyring)"
        )
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=-1, stderr=subprocess.DEVNULL, text=True
    )
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--components=secrets", "--unlock"],
        stdin=-1,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    daemon.stdin.write(b"the keyring's own password\n")
    daemon.stdin.close()
    return [bus, daemon]


@pytest.fixture(params=["a keyring of the test's", "the desktop's"])
def keyring(request, tmp_path, terminal, monkeypatch):
    """A keyring that the command line finds."""
    folder = tmp_path / "keyring"
    folder.mkdir(mode=0o700)
    started = []
    if request.param == "the desktop's":
        started = start_secret_service(folder, monkeypatch)
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.SecretService.Keyring")
    else:
        (folder / "ring_of_the_test.py").write_text(FAKE)
        monkeypatch.setenv("PYTHONPATH", str(folder))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "ring_of_the_test.Keyring")
    yield folder
    for one in reversed(started):
        one.terminate()
        one.wait(SECONDS)
        if one.stdout:
            one.stdout.close()


def test_a_keyring_keeps_a_password_if_it_is_asked_to(terminal, server, known, desk, keyring, client_home):
    """Typed once, then taken from the keyring without a terminal; gone with the board, and when it turns out wrong."""
    desk(remember_password=True)
    server.password = "5esame-0pen"
    screen = terminal("board", "check", "desk")
    screen.until("Password of anna")
    screen.type("5esame-0pen\n")
    assert screen.end() == 0, screen.seen
    done = without_terminal("board", "check", "desk")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5esame" not in done.stdout + done.stderr
    assert holding("5esame", client_home) == []

    server.password = "another"
    done = without_terminal("board", "check", "desk")
    assert done.returncode == 2
    assert "login" in done.stdout.lower() or "Log in" in done.stdout
    server.password = "5esame-0pen"
    done = without_terminal("board", "check", "desk")
    assert done.returncode == 2, "the wrong password is forgotten"

    screen = terminal("board", "check", "desk")
    screen.until("Password of anna")
    screen.type("5esame-0pen\n")
    assert screen.end() == 0, screen.seen
    assert without_terminal("board", "remove", "desk").returncode == 0
    desk(remember_password=True)
    assert without_terminal("board", "check", "desk").returncode == 2, "removing the board forgets the password"


def test_without_a_keyring_the_person_is_told_and_asked(terminal, server, known, desk, client_home):
    done = without_terminal("board", "add", "shelf", "--host", "127.0.0.1", "--remember-password")
    assert done.returncode == 0
    assert "there is no keyring of the system here" in done.stderr
    desk(remember_password=True)
    for _ in range(2):
        screen = terminal("board", "check", "desk")
        screen.until("Password of anna")
        screen.type("s3cret\n")
        assert screen.end() == 0, screen.seen
    assert holding("s3cret", client_home) == []
