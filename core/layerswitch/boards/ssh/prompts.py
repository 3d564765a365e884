"""What only a person can answer while a board is reached. Answers are kept nowhere by this module."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Prompt(NamedTuple):
    """One question of a server; `echo` says whether the answer may be seen while it is typed."""

    text: str
    echo: bool


class Ask(Protocol):
    """Who is asked; called from the thread that connects, one question at a time. It may block as long as it takes.

    Texts of servers are shown as they are: whoever shows them must not interpret them.
    """

    def accept_host_key(self, host: str, kind: str, fingerprint: str) -> bool:
        """Whether an unknown machine is the right one: `host` as known_hosts names it, the key's kind ("ssh-ed25519"),
        its fingerprint ("SHA256:...", as `ssh-keygen -l` prints it)."""

    def password(self, prompt: str) -> str | None:
        """A password or a key file's passphrase; None when the person gives up."""

    def keyboard_interactive(
        self, who: str, title: str, instructions: str, prompts: Sequence[Prompt]
    ) -> Sequence[str] | None:
        """An answer to each prompt of a server; None when the person gives up.

        `who` is the user and the machine that asks, as in "anna@[desk]:2222", and the only word here that is not the
        server's own: show it apart from the others, or a server could ask in another's name.
        """

    def tell(self, text: str) -> None:
        """Say one sentence that wants no answer; nobody need have read it when this returns."""


class Nobody:
    """Nobody can be asked: unknown machines are refused, and there is no password."""

    def accept_host_key(self, host: str, kind: str, fingerprint: str) -> bool:  # noqa: ARG002
        """No."""
        return False

    def password(self, prompt: str) -> str | None:  # noqa: ARG002
        """None."""
        return None

    def keyboard_interactive(self, *_: object, **__: object) -> None:
        """None."""

    def tell(self, text: str) -> None:
        """Nobody hears it."""
