"""Reaching a board from the terminal: its person is asked there, and a lost link is gone on with."""

import getpass
import sys
from collections.abc import Sequence
from typing import Any

from ..boards import board
from ..boards.board import Board
from ..boards.registry import BoardEntry
from .console import aside, say

NO_ACCEPTING = "there is no terminal to ask at: accept the key in one, with `layerswitch board check`"
NO_TYPING = "there is no terminal to ask for a password: use a key, or ssh-agent"


def connect(entry: BoardEntry) -> Board:
    """A board that asks at this terminal. Raises BoardError."""
    return board.connect(entry, ask=Terminal())


class Terminal:
    """Asks the person at the terminal; without one, unknown machines are refused and there are no passwords.

    What is typed is shown only where a server says so. Ctrl-D gives a question up; Ctrl-C raises KeyboardInterrupt.
    """

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def accept_host_key(self, host: str, kind: str, fingerprint: str) -> bool:
        """Only a full "yes" will do."""
        if not self._is_there(NO_ACCEPTING):
            return False
        with aside():
            say(f"{shown(host)} is not known here. Its key is {shown(kind)} {shown(fingerprint)}")
            say("On the board, `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` (or ecdsa, rsa) must say the same.")
            answer = _read("Is it the right machine? Write yes to accept it for good: ", echo=True)
        return answer is not None and answer.strip().lower() == "yes"

    def password(self, prompt: str) -> str | None:
        """Typed without being shown."""
        if not self._is_there(NO_TYPING):
            return None
        with aside():
            return _read(f"{shown(prompt).rstrip(': ')}: ", echo=False) or None

    def keyboard_interactive(
        self, who: str, title: str, instructions: str, prompts: Sequence[Any]
    ) -> Sequence[str] | None:
        """Each prompt as the server wants it, shown while typed or not; its words behind a bar, under who asks."""
        if not prompts:
            return []
        if not self._is_there(NO_TYPING):
            return None
        answers = []
        with aside():
            say(f"{shown(who)} asks, in its own words:")
            for text in (title, instructions):
                if text.strip():
                    say(f"| {shown(text)}")
            for prompt in prompts:
                answer = _read(f"| {shown(prompt.text).rstrip(': ')}: ", echo=prompt.echo)
                if answer is None:
                    return None
                answers.append(answer)
        return answers

    def tell(self, text: str) -> None:
        """A note; a progress bar makes way for it."""
        with aside():
            say(f"note: {shown(text)}")

    def _is_there(self, otherwise: str) -> bool:
        """Whether there is a terminal; where there is none, `otherwise` is said, once."""
        if sys.stdin.isatty():
            return True
        if otherwise not in self._shown:
            self._shown.add(otherwise)
            say(otherwise)
        return False


def shown(text: str) -> str:
    """A server's words, with nothing in them that steers the terminal."""
    return "".join(one if one.isprintable() else "?" for one in text)[:500]


def _read(prompt: str, *, echo: bool) -> str | None:
    """A line from the person; None at the end of the input (Ctrl-D)."""
    if not echo:
        try:
            return getpass.getpass(prompt)
        except EOFError:
            print(file=sys.stderr)
            return None
    print(prompt, end="", file=sys.stderr, flush=True)
    # not sys.stdin itself: Python could not end while a thread that nobody waits for any more reads there
    with open(sys.stdin.fileno(), encoding="utf-8", errors="replace", closefd=False) as terminal:
        line = terminal.readline()
    if not line:
        print(file=sys.stderr)
    return line.rstrip("\n") if line else None
