"""Timing of the window's own work, told apart from what else the machine does."""

import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import PySide6
from PySide6.QtCore import QCoreApplication, QEventLoop, qVersion

TURNS = 6  # of the event loop: a change is told, scenes gather it, panels follow, windows paint


class Spread(NamedTuple):
    """Median and quartiles of repeated times."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def spread(samples: list[float]) -> Spread:
    """Median and quartiles."""
    if len(samples) < 2:
        return Spread(samples[0], samples[0], samples[0])
    low, _, high = quantiles(samples, n=4, method="inclusive")
    return Spread(low, median(samples), high)


def settle() -> None:
    """Let everything that follows from a change happen, painting included."""
    for _ in range(TURNS):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)


def cost(action: Callable[[], object], times: int, skip: int = 2) -> Spread:
    """Ms of the interface thread's own processor time for an action and all that follows from it, paints included."""
    found = []
    for _ in range(times + skip):
        settle()
        begin = time.thread_time()
        action()
        settle()
        found.append(1e3 * (time.thread_time() - begin))
    return spread(found[skip:])


def machine() -> str:
    """What a bench ran on, in one line."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    return (
        f"{model or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"PySide6 {PySide6.__version__}, Qt {qVersion()}, offscreen"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
