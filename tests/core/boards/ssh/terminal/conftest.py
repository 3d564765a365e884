"""The command line in a terminal of its own, and boards for it to log in to."""

import contextlib
import os
import select
import subprocess
import sys
import termios
import time

import pytest

from layerswitch import resources
from layerswitch.boards import user_boards
from layerswitch.boards.ssh import known_hosts
from layerswitch.boards.user_boards import UserBoard

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
        user_boards.save("desk", UserBoard("Desk", "ssh", **{**known, **fields}))

    return make


@pytest.fixture
def known(server):
    """The server's key has been accepted before."""
    path = known_hosts.own_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[127.0.0.1]:{server.port} {server.key.get_name()} {server.key.get_base64()}\n")
    return path


@pytest.fixture
def holding():
    """holding(secret, *folders) -> the files in which a secret stands."""

    def find(secret, *folders):
        found = []
        for folder in folders:
            found += [one for one in folder.rglob("*") if one.is_file() and secret.encode() in one.read_bytes()]
        return found

    return find


@pytest.fixture
def without_terminal(terminal):
    """without_terminal(*arguments) -> the command line's end, without any terminal: its input is empty."""

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "layerswitch", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            start_new_session=True,
        )

    return run
