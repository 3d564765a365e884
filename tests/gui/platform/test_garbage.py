"""Garbage ends on the interface thread, whichever thread makes it due."""

import gc
import sys
import threading

import pytest
from PySide6.QtCore import QObject

from layerswitch_gui.platform.garbage import InterfaceCollector

ended_on: list[threading.Thread] = []


class Cycle(QObject):
    """An object of Qt's that only the collector can end; tells on which thread that was."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self

    def __del__(self) -> None:
        ended_on.append(threading.current_thread())


def allocate(wanted, ended) -> None:
    """Make the collector due again and again, until `ended()`."""
    while not ended() and wanted.is_set():
        [[] for _ in range(2000)]


@pytest.fixture
def worker():
    """A thread that allocates until it is told to stop."""
    ended_on.clear()
    wanted = threading.Event()
    wanted.set()
    thread = threading.Thread(target=allocate, args=(wanted, lambda: bool(ended_on)))
    yield thread
    wanted.clear()
    thread.join()


def test_objects_of_qt_end_on_the_interface_thread(qtbot, worker):
    assert not gc.isenabled()  # the fixture of every test here has started a collector
    Cycle()
    worker.start()
    qtbot.waitUntil(lambda: bool(ended_on), timeout=20_000)
    assert ended_on == [threading.main_thread()]


def test_without_it_they_end_on_the_worker(qapp, worker):
    """What the collector is there for: should Python change this, it can go."""
    Cycle()
    gc.enable()
    worker.start()
    worker.join(20)
    gc.disable()
    assert ended_on == [worker]


def test_a_stopped_collector_gives_collecting_back(qapp):
    collector = InterfaceCollector()
    collector.start()
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
    gc.disable()


def test_old_garbage_is_collected_too(qapp, monkeypatch):
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", collected.append)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    collector = InterfaceCollector()
    for counts in ((701, 0, 0), (701, 11, 3), (5, 11, 11), (700, 10, 10)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        collector.collect()
    assert collected == [0, 1, 2]


def test_everything_is_gone_through_only_once_more_is_held(qapp, monkeypatch):
    """Else it would stop the window of a large network again and again while a job makes many small objects."""
    collector, collected, held = InterfaceCollector(), [], [1000]
    monkeypatch.setattr(gc, "collect", collected.append)
    monkeypatch.setattr(sys, "getallocatedblocks", lambda: held[0])
    for counts, blocks in (((0, 0, 11), 1000), ((0, 0, 12), 1200), ((9999, 0, 13), 1200), ((9999, 11, 14), 1249)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        held[0] = blocks
        collector.collect()
    assert collected == [2, 0, 1]
    held[0] = 1250
    collector.collect()
    collector.collect()
    assert collected == [2, 0, 1, 2, 1]
