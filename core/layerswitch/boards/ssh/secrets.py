"""Answers that are secret: kept in memory while a board is in use, and in the system's keyring if the person asks."""

from collections.abc import Sequence
from typing import Any

from .ask import Ask, Prompt

SERVICE = "layerswitch"


class Remembering:
    """Asks a person once, so that reconnecting need not; answers live in this object only, and never in its text."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._answers: dict[Any, Any] = {}
        self._used: list[Any] = []  # since the last `accepted`

    def accept_host_key(self, host: str, kind: str, fingerprint: str) -> bool:
        """The person's word; what is accepted is kept in known_hosts, so it is not asked again."""
        return self._ask.accept_host_key(host, kind, fingerprint)

    def password(self, prompt: str) -> str | None:
        """As the person answered before, unless that turned out wrong."""
        return self._once(prompt, lambda: self._ask.password(prompt))  # type: ignore[no-any-return]

    def keyboard_interactive(self, title: str, instructions: str, prompts: Sequence[Prompt]) -> Sequence[str] | None:
        """As the person answered before, unless that turned out wrong (a code that is good once does)."""
        key = (title, instructions, tuple(prompts))
        return self._once(key, lambda: self._ask.keyboard_interactive(title, instructions, prompts))  # type: ignore[no-any-return]

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


def keep_password(user: str, host: str, password: str) -> bool:
    """Put a password into the system's keyring; whether that worked."""
    try:
        import keyring

        keyring.set_password(SERVICE, f"{user}@{host}", password)
    except Exception:
        return False
    return True


def forget_password(user: str, host: str) -> None:
    """Take a password out of the system's keyring."""
    try:
        import keyring

        keyring.delete_password(SERVICE, f"{user}@{host}")
    except Exception:
        return
