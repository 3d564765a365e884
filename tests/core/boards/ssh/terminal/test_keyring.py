"""A keyring keeps a password if it is asked to: a fake one, and the desktop's own on a bus of its own."""

import shutil
import subprocess

import pytest

SECONDS = 120
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


def test_a_keyring_keeps_a_password_if_it_is_asked_to(
    terminal, server, known, desk, keyring, client_home, holding, without_terminal
):
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


def test_without_a_keyring_the_person_is_told_and_asked(
    terminal, server, known, desk, client_home, holding, without_terminal
):
    done = without_terminal("board", "add", "shelf", "--host", "127.0.0.1", "--remember-password")
    assert done.returncode == 0
    assert "there is no keyring of the system here" in done.stderr
    desk(remember_password=True)
    for _ in range(2):
        screen = terminal("board", "check", "desk")
        screen.until("Password of anna")
        screen.type("s3cret\n")
        assert screen.end() == 0, screen.seen
        assert screen.seen.count("was not kept, since there is no keyring of the system here") == 1, screen.seen
    assert holding("s3cret", client_home) == []
