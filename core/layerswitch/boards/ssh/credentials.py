"""Answers that are secret: kept in memory while a board is in use, and in the system's keyring if the person asks."""

from collections.abc import Sequence
from typing import Any

from ..user_boards import keyring_is_here
from .prompts import Ask, Prompt

SERVICE = "layerswitch"


class Remembering:
    """Asks a person once, so that reconnecting need not; answers live in this object only, and never in its text."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._answers: dict[Any, Any] = {}
        self._used: list[Any] = []  # since the last `accepted`
        self._shown: set[str] = set()

    def accept_host_key(self, host: str, kind: str, fingerprint: str) -> bool:
        """The person's word; what is accepted is kept in known_hosts, so it is not asked again."""
        return self._ask.accept_host_key(host, kind, fingerprint)

    def password(self, prompt: str) -> str | None:
        """As the person answered before, unless that turned out wrong."""
        return self._once(prompt, lambda: self._ask.password(prompt))  # type: ignore[no-any-return]

    def keyboard_interactive(
        self, who: str, title: str, instructions: str, prompts: Sequence[Prompt]
    ) -> Sequence[str] | None:
        """As the person answered this user and machine before, unless that turned out wrong, as a code for once does.

        All but `who` is the server's choice: without it, one machine could ask for what was answered to another.
        """
        key = (who, title, instructions, tuple(prompts))
        return self._once(key, lambda: self._ask.keyboard_interactive(who, title, instructions, prompts))  # type: ignore[no-any-return]

    def tell(self, text: str) -> None:
        """Said once, however often the board is reached again."""
        if text not in self._shown:
            self._shown.add(text)
            self._ask.tell(text)

    def accepted(self) -> None:
        """The login worked: the answers given are right."""
        self._used.clear()

    def _once(self, key: Any, answer: Any) -> Any:
        if key in self._used:  # asked again within one login: the kept answer was wrong
            self._answers.pop(key, None)
        self._used.append(key)
        if key not in self._answers:
            found = answer()
            if found is None:
                return None
            self._answers[key] = found
        return self._answers[key]


def kept_password(user: str, host: str) -> str | None:
    """The password in the system's keyring; None where there is none, or no keyring."""
    try:
        import keyring

        return keyring.get_password(SERVICE, f"{user}@{host}")
    except Exception:  # keyrings raise what their systems raise; the person is asked instead
        return None


def keep_password(user: str, host: str, password: str) -> str:
    """Put a password into the system's keyring; why that did not work, "" where it did.

    A keyring that says nothing and keeps nothing has not kept it either. The answer never holds the password.
    """
    try:
        import keyring

        keyring.set_password(SERVICE, f"{user}@{host}", password)
        if keyring.get_password(SERVICE, f"{user}@{host}") == password:
            return ""
        why = "the system's keyring did not take it"
    except Exception as error:  # keyrings raise what their systems raise
        why = _why(error, password)
    return why if keyring_is_here() else "there is no keyring of the system here"


def _why(error: Exception, password: str) -> str:
    kind, text = type(error).__name__, " ".join(str(error).split())[:200]
    if "Locked" in kind or "Dismissed" in kind:  # of keyring, and of the Secret Service's library
        return "the system's keyring is locked"
    if not text or password in str(error) or repr(password)[1:-1] in str(error):
        text = kind
    return f"the system's keyring refused it ({text})"


def forget_password(user: str, host: str) -> None:
    """Take a password out of the system's keyring."""
    try:
        import keyring

        keyring.delete_password(SERVICE, f"{user}@{host}")
    except Exception:
        return
