"""What the window remembers of a person between starts. Kept in memory only in tests and for pictures."""

from typing import Any

from PySide6.QtCore import QSettings


class Preferences:
    """A small dictionary over QSettings; `Preferences(remember=False)` never reads or writes a person's settings."""

    def __init__(self, *, remember: bool = True) -> None:
        self._store: dict[str, Any] = {}
        self._settings = QSettings("LayerSwitch", "LayerSwitch") if remember else None

    def get(self, key: str, default: Any = None) -> Any:
        """The value last set, or the default. Numbers and lists come back as such."""
        if self._settings is None:
            return self._store.get(key, default)
        value = self._settings.value(key, default)
        if isinstance(default, bool):
            return value in (True, "true", "1")
        if isinstance(default, float):
            try:
                return float(str(value))
            except ValueError:
                return default
        if isinstance(default, list):
            return value if isinstance(value, list) else [value] if value else []
        return value

    def set(self, key: str, value: Any) -> None:
        """Remember a value."""
        if self._settings is None:
            self._store[key] = value
        else:
            self._settings.setValue(key, value)

    def add_recent(self, path: str) -> None:
        """Put a session or model file at the head of the recent ones."""
        self.set("recent", [path, *(old for old in self.recent if old != path)][:8])

    @property
    def recent(self) -> list[str]:
        """Recent session and model files, newest first."""
        return [str(path) for path in self.get("recent", [])]
