"""Boards for tests: the real agent with a scripted engine, and a watch over processes and threads left behind."""

import os
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from layerswitch.boards.board import Board
from layerswitch.boards.catalog import BoardEntry
from layerswitch.boards.connection import LocalConnection, agent_folder
from layerswitch.graph import Layer, LayerGraph, Operator, Tensor

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
        return LocalConnection(arguments=arguments)

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
        opened.append(Board.connect(make_entry(), connect=lambda entry: LocalConnection(command)))
        return opened[-1]

    yield open_board
    for one in opened:
        one.close()
