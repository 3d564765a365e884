"""Boards for tests: the real agent with a scripted engine, and a watch over processes and threads left behind."""

import contextlib
import os
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from layerswitch.boards.board import Board
from layerswitch.boards.client.local_channel import WATCHED, LocalChannel, agent_folder
from layerswitch.boards.registry import BoardEntry
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor

HERE = Path(__file__).parent


@dataclass(frozen=True)
class FakeModel:
    """What Board reads of a model."""

    graph: LayerGraph
    constants: Any = field(default_factory=dict)
    path: Path | None = None


def children():
    """Processes whose parent is this one, dead ones not waited for among them."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == os.getpid():
            found.add(int(entry.name))
    return found


@pytest.fixture(autouse=True)
def nothing_left():
    """Fails a test that leaves a process, a zombie, a thread or an open file behind."""
    processes, threads, files = children(), set(threading.enumerate()), len(list(Path("/proc/self/fd").iterdir()))
    yield
    assert children() <= processes
    end = time.monotonic() + 10.0  # for threads that are just ending
    while not set(threading.enumerate()) <= threads and time.monotonic() < end:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) <= files


@pytest.fixture
def eventually():
    """Waits until something holds; fails only after so long that no slow machine explains it."""

    def wait(holds, seconds=30.0):
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it never came to hold"
            time.sleep(0.02)

    return wait


def chain(*names, constants=None, unknown=()):
    """A network of layers in a row, each one operator."""
    tensors, layers, before = {"in": Tensor("in", (1, 8), "float32")}, [], "in"
    for name in names:
        tensors[f"{name}.out"] = Tensor(f"{name}.out", (1, 8), "float32")
        kind, attributes = ("Fancy", {"unknown": True}) if name in unknown else ("Relu", {})
        operator = Operator(name, kind, (before,), (f"{name}.out",), attributes)
        layers.append(Layer(name, kind, (before,), (f"{name}.out",), (operator,)))
        before = f"{name}.out"
    return LayerGraph("chain", tuple(layers), tensors, ("in",), (before,), constants=constants or {})


@pytest.fixture
def network():
    """chain(*names, constants=..., unknown=...) -> LayerGraph."""
    return chain


@pytest.fixture
def model():
    """A network of three layers, without constants."""
    return FakeModel(chain("a", "b", "c"))


@pytest.fixture
def make_model():
    """FakeModel(graph, constants)."""
    return FakeModel


@pytest.fixture
def make_entry(tmp_path):
    """A board's entry whose settings are these values."""

    def make(**settings):
        lines = []
        tables = {key: value for key, value in settings.items() if isinstance(value, dict)}
        for key, value in settings.items():
            if key not in tables:
                lines.append(f"{key} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
        for key, table in tables.items():
            for device, reasons in table.items():
                lines += [f"[{key}.{device}]", *(f"{layer} = {reason!r}" for layer, reason in reasons.items())]
        path = tmp_path / f"board-{len(list(tmp_path.iterdir()))}.toml"
        path.write_text("\n".join(lines))
        return BoardEntry("test:scripted", "Scripted", "simulated", settings=str(path))

    return make


@pytest.fixture
def board(make_entry, tmp_path, monkeypatch):
    """board(**settings) -> a connected Board whose engine is scripted by the settings; closed at the end."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    opened = []

    def connect(entry):
        arguments = ("--engine", "scripted_engine:Scripted", "--cache", str(tmp_path / "cache"))
        return LocalChannel([sys.executable, str(agent_folder()), *WATCHED, *arguments])

    def open_board(**settings):
        opened.append(Board.connect(make_entry(**settings), connect=connect))
        return opened[-1]

    yield open_board
    for one in opened:
        one.close()


@pytest.fixture
def hostile(make_entry):
    """hostile(mode) -> a Board whose agent turns hostile at the first profile, or at connecting."""
    opened = []

    def open_board(mode):
        command = [sys.executable, str(HERE / "hostile_agent.py"), str(agent_folder()), mode]
        opened.append(Board.connect(make_entry(), connect=lambda entry: LocalChannel(command)))
        return opened[-1]

    yield open_board
    for one in opened:
        one.close()


class Wire:
    """A way to a port of this computer. While it is `silent` nothing passes, and neither end is told."""

    def __init__(self, port):
        self.there, self.silent, self.ended, self.sockets, self.threads = port, threading.Event(), False, [], []
        self.connections, self.buried = 0, 0  # those up to `buried` stay silent
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # it holds little while it is silent
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._accept)
        self.thread.start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.socket.accept()
                self.sockets.append(near)
                far = socket.socket()
                self.sockets.append(far)
                try:
                    far.connect(("127.0.0.1", self.there))
                except OSError:
                    near.shutdown(socket.SHUT_RDWR)
                    continue
                self.connections += 1
                for pair in ((near, far), (far, near)):
                    self.threads.append(threading.Thread(target=self._carry, args=(*pair, self.connections)))
                    self.threads[-1].start()

    def _carry(self, source, sink, number):
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 15):
                self._wait(number)
                sink.sendall(piece)
        self._wait(number)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _wait(self, number):
        while (self.silent.is_set() or number <= self.buried) and not self.ended:
            time.sleep(0.02)

    def close(self):
        self.ended = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(30)
        for sock in self.sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(30)
        for sock in self.sockets:
            sock.close()


@pytest.fixture
def make_wire():
    """make_wire(port) -> a Wire to it, closed at the end."""
    made = []

    def make(port):
        made.append(Wire(port))
        return made[-1]

    yield make
    for one in made:
        one.close()
