"""Peaks that were measured once, kept on the board: micro-benchmarks take up to a minute, and a board's peaks stay.

They are in a JSON file of the user's cache folder, by what they depend on (processors and their clocks, governor,
backends, Arm NN). Removing the file has them measured again. Peaks of a busy board are not kept, as they are too low.
"""

import json
import math
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional

from .. import hardware
from ..constant_store import default_folder

FILE = "peaks.json"
MOST = 16  # boards, or states of one: a folder may be shared
Found = Dict[str, Dict[str, Any]]


def about(backends: Mapping[str, str], library: str) -> str:
    """What peaks depend on, as a text."""
    parts = [hardware.processor(), hardware.clusters(), ", ".join(hardware.state().get("governors", ())), library]
    return "; ".join(part for part in parts + ["{} {}".format(*one) for one in backends.items()] if part)


def peaks(key: str, measure: Callable[[], Found], path: Optional[Path] = None) -> Found:
    """Those kept under a key, or else what `measure` finds, kept if it is complete and the board is idle.

    A file that is broken, of another user or a link counts as none. Raises what `measure` raises.
    """
    path = path or default_folder().parent / FILE
    known = _read(path)
    if key in known:
        return known[key]
    busy = _busy()
    found = measure()
    if found and not busy and _sound(found):
        day = time.strftime("%Y-%m-%d")
        found = {device: dict(one, source="{}, {}".format(one["source"], day)) for device, one in found.items()}
        entries = [(old, one) for old, one in known.items() if old != key][1 - MOST :]
        _write(path, dict(entries, **{key: found}))
    return found


def _busy() -> bool:
    """Whether other work takes more than half of the processors."""
    try:
        return os.getloadavg()[0] > 0.5 * (os.cpu_count() or 1)
    except OSError:
        return True


def _sound(found: Any) -> bool:
    """Whether every device has all its peaks, and they are numbers."""
    if not (isinstance(found, dict) and found):
        return False
    for one in found.values():
        if not (isinstance(one, dict) and isinstance(one.get("source"), str)):
            return False
        for name in ("gflops", "gb_per_s", "launch_ms"):
            value = one.get(name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value <= 0:
                return False
    return True


def _read(path: Path) -> Dict[str, Found]:
    try:
        handle = os.open(str(path), os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode) or state.st_uid != os.geteuid() or state.st_mode & 0o022:
                return {}
            kept = json.loads(file.read(1 << 20).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {str(key): found for key, found in kept.items() if _sound(found)}


def _write(path: Path, entries: Dict[str, Found]) -> None:
    """Keep them, whole or not at all; a folder that cannot be written keeps nothing."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=str(path.parent), prefix=".peaks-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(entries, file, indent=1)
            os.replace(name, str(path))
        except BaseException:
            os.unlink(name)
            raise
    except OSError:
        pass
