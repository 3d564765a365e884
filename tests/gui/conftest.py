"""Fixtures of the window's tests: fakes of the library, and a check that no test leaves anything behind."""

import gc
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QThread, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from layerswitch.boards.progress import Progress
from layerswitch.boards.registry import BoardEntry
from layerswitch.errors import BoardError, CancelledError, ModelError
from layerswitch.experiments.results import Comparison, Entry, Run
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor
from layerswitch.network.model import Model
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.outcome import Outcome
from layerswitch.planner.plan import Plan
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch_gui.app import lazy_views
from layerswitch_gui.app.main_window import MainWindow
from layerswitch_gui.document.document import Document
from layerswitch_gui.jobs.lazy_library import Services
from layerswitch_gui.jobs.workflow import Workbench
from layerswitch_gui.platform.garbage import InterfaceCollector
from layerswitch_gui.platform.preferences import Preferences
from layerswitch_gui.platform.theme import Theme

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def children() -> set[str]:
    """Process ids of this process's children, dead ones not yet waited for included."""
    found: set[str] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        found.update(task.read_text().split())
    return found


def flush() -> None:
    """Deliver what is due, deletions among it."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def leaks(threads: set[threading.Thread], processes: set[str]) -> list[str]:
    """What is there that was not there before: threads, children, windows, running timers and QThreads."""
    found = [f"thread {one.name}" for one in set(threading.enumerate()) - threads if not _harmless(one)]
    found += [f"child process {pid}" for pid in children() - processes]
    found += [f"child {one.name}" for one in multiprocessing.active_children()]
    found += [f"window {type(one).__name__}" for one in QApplication.topLevelWidgets() if one.isVisible()]
    for one in [one for one in gc.get_objects() if isinstance(one, (QThread, QTimer))]:
        if isinstance(one, QThread) and _running(one):
            found.append(f"QThread {one!r}")
        elif isinstance(one, QTimer) and _active(one):
            found.append(f"timer {one!r}")
    return found


def _harmless(thread: threading.Thread) -> bool:
    return isinstance(thread, threading._DummyThread)  # a QThread that has ended: Python only forgets it later


def _running(thread: QThread) -> bool:
    try:
        return thread.isRunning() and thread is not QThread.currentThread()
    except RuntimeError:  # already deleted
        return False


def _active(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:
        return False


@pytest.fixture(scope="session", autouse=True)
def warm(qapp: QApplication) -> None:
    """The libraries of the views, imported: no test waits for them, nor goes through their objects when it ends."""
    lazy_views.load()
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a thread, a timer, a window or a process. Collects as the application does."""
    threads, processes = set(threading.enumerate()), children()
    collector = InterfaceCollector()
    collector.start()
    yield
    collector.stop()
    flush()
    collector.collect()
    deadline = time.monotonic() + 3
    while (found := leaks(threads, processes)) and time.monotonic() < deadline:
        gc.collect()
        flush()
        time.sleep(0.02)
    for window in QApplication.topLevelWidgets():
        window.hide()
        window.deleteLater()
    flush()
    assert not found, "left behind: " + ", ".join(found)
    let_go_of_keys()


def let_go_of_keys() -> None:
    """Qt takes Ctrl or Shift of a test's last event for held, and selecting rows asks it: a plain click ends that."""
    if QGuiApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        widget = QWidget()
        widget.show()
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        widget.deleteLater()
        flush()


DEVICES = (Device("CPU", "big cluster", "CpuAcc"), Device("GPU", "Mali", "GpuAcc"))


def make_graph(count: int = 6, name: str = "chain") -> LayerGraph:
    """A chain of layers l0, l1 ... in blocks of two, with a skip from the first to the last."""
    tensors = {"in": Tensor("in", (1, 3, 8, 8), "float32")}
    layers = []
    for place in range(count):
        tensors[f"t{place}"] = Tensor(f"t{place}", (1, 16, 8, 8), "float32")
        inputs = ("in",) if place == 0 else (f"t{place - 1}",)
        if place == count - 1 and count > 2:
            inputs = (*inputs, "t0")
        kind = "Convolution" if place % 2 == 0 else "MaxPool"
        operator = Operator(f"l{place}", kind, inputs, (f"t{place}",), {"kernel": [3, 3]}, {}, 1000 * place, 10 * place)
        layers.append(Layer(f"l{place}", kind, inputs, (f"t{place}",), (operator,), f"block{place // 2}"))
    return LayerGraph(name, tuple(layers), tensors, ("in",), (f"t{count - 1}",), level="layer")


def make_board(name: str = "sim:fake") -> BoardDescription:
    return BoardDescription(name, f"Board {name}", "simulated", DEVICES, "fake")


def make_profile(graph: LayerGraph, board: str = "sim:fake") -> Profile:
    """Even layers are faster on the GPU, odd ones on the CPU; a switch costs 0.5 ms."""
    samples: dict[str, dict[str, tuple[float, ...]]] = {"CPU": {}, "GPU": {}}
    for place, layer in enumerate(graph.layers):
        fast, slow = (1.0, 1.1, 0.9), (4.0, 4.2, 3.8)
        samples["CPU"][layer.name], samples["GPU"][layer.name] = (slow, fast) if place % 2 == 0 else (fast, slow)
    costs = (TransferCost("CPU", "GPU", 0.5, 0.0), TransferCost("GPU", "CPU", 0.5, 0.0))
    return Profile(graph, make_board(board), samples, costs)


class FakeBoard:
    """Answers as a board does, in a few milliseconds, or not before `gate` opens."""

    def __init__(self, services: "FakeServices", entry: BoardEntry) -> None:
        self.services, self.entry = services, entry
        self.description = make_board(entry.name)

    def __enter__(self) -> "FakeBoard":
        self.services.connected += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.services.connected -= 1

    def _work(self, progress: Any, cancel: threading.Event, text: str) -> None:
        for step in range(4):
            if progress:
                progress(Progress(step, 4, text))
            while not self.services.gate.is_set():
                if cancel.wait(0.01):
                    raise CancelledError("cancelled")
            if cancel.is_set():
                raise CancelledError("cancelled")
        if self.services.failure:
            raise self.services.failure

    def profile(
        self, model: Model, settings: Any = None, *, progress: Any = None, cancel: Any = None
    ) -> Outcome[Profile]:
        self.services.measured_on.append(threading.current_thread())
        try:
            self._work(progress, cancel, "profiling")
        except (BoardError, CancelledError) as error:
            return Outcome(None, error)
        return Outcome(replace(make_profile(model.graph, self.entry.name), created=self.services.created))

    def run(self, model: Model, assignment: Assignment, *, runs: int, name: str = "", **options: Any) -> Outcome[Run]:
        samples = tuple(10.0 + 0.1 * (n % 3) for n in range(runs))
        graph = model.graph
        ended: BoardError | CancelledError | None = None
        try:
            self._work(options.get("progress"), options["cancel"], "running")
        except (BoardError, CancelledError) as error:
            ended, samples = error, samples[:2]
        return Outcome(Run(name, graph.name, graph.fingerprint, self.description, assignment, samples), ended)


@dataclass
class FakeBundled:
    name: str
    title: str
    path: Path = Path("none.onnx")


class FakeServices(Services):
    """The library without files and processes. `gate` holds measuring back; `failure` makes it fail."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.failure: Exception | None = None
        self.created = "2026-01-01"  # what the next profile says of itself
        self.connected = 0
        self.measured_on: list[threading.Thread] = []

    def bundled_models(self) -> tuple[Any, ...]:
        return (FakeBundled("chain", "Chain"), FakeBundled("long", "Long chain"))

    def boards(self) -> tuple[BoardEntry, ...]:
        return tuple(BoardEntry(f"sim:{name}", f"Board {name}", "simulated") for name in ("fake", "other"))

    def find(self, name: str) -> BoardEntry:
        for entry in self.boards():
            if entry.name == name:
                return entry
        raise BoardError(f"there is no board {name!r}", hint="there are: sim:fake, sim:other")

    def open_model(self, source: Any, input_shapes: Any = None) -> Model:
        self.open_gate.wait(5)
        if source not in ("chain", "long"):
            raise ModelError("there is no such file", where=str(source), hint="check the name")
        return Model(make_graph(6 if source == "chain" else 40, str(source)), {})

    def connect(self, entry: BoardEntry) -> Any:
        return FakeBoard(self, entry)

    def plan(self, latency: LatencyModel, board: BoardDescription, pins: Mapping[str, str]) -> Plan:
        chosen = {layer.name: "CPU" if place % 2 else "GPU" for place, layer in enumerate(latency.graph.layers)}
        found = Assignment({**chosen, **pins})
        prediction, graph = latency.predict(found), latency.graph
        baselines = {d: latency.cost(latency.choice(Assignment.uniform(graph, d))) for d in latency.devices}
        ms = prediction.total_ms
        return Plan(
            "optimum", graph.name, graph.fingerprint, board, found, ms, ms, True, baselines, prediction.switches,
            pins=dict(pins),
        )  # fmt: skip

    def greedy(self, latency: LatencyModel) -> Assignment:
        columns = np.argmin(latency.layer_ms, axis=1)
        names = (layer.name for layer in latency.graph.layers)
        return Assignment({name: latency.devices[column] for name, column in zip(names, columns, strict=True)})

    def compare(
        self, board: Any, model: Model, assignments: Sequence[NamedAssignment], **options: Any
    ) -> Outcome[Comparison]:
        try:
            board._work(options["progress"], options["cancel"], "comparing")
        except (BoardError, CancelledError) as error:
            return Outcome(None, error)
        graph, latency = model.graph, options["predicted"]
        named = [NamedAssignment(d, "baseline", Assignment.uniform(graph, d)) for d in ("CPU", "GPU")]
        entries = []
        for one in (*named, *assignments):
            name, assignment = one.name, one.assignment
            ms = latency.cost(latency.choice(assignment)) if latency else 10.0
            gain = None if name == "CPU" else Interval(0.1, 0.05, 0.15, 5)
            verdict = "reference" if name == "CPU" else "faster"
            rounds = options["rounds"]
            span = Interval(ms, ms - 0.1, ms + 0.1, rounds)
            entries.append(
                Entry(name, one.kind, assignment, ms, span, (ms,) * rounds, assignment.switches, gain, verdict)
            )
        found = Comparison(
            graph.name, graph.fingerprint, board.description, options["rounds"], tuple(entries), "CPU",
            profile_created=options["profile_created"],
        )  # fmt: skip
        return Outcome(found)

    def summarize(self, samples: Any) -> Interval:
        ordered = sorted(samples)
        return Interval(ordered[len(ordered) // 2], ordered[0], ordered[-1], len(ordered))


class FakeQuestions:
    """Answers as told, and counts what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.given: list[tuple[Any, ...]] = []
        self.answers = SimpleNamespace(
            open_file="", save_file="", text="mine", lose_work="discard", stop_work=True, shapes=None, counts=None
        )

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any) -> Any:
            self.asked.append(name)
            self.given.append(arguments)
            return getattr(self.answers, name, None)

        return ask


@pytest.fixture
def services() -> Iterator[FakeServices]:
    made = FakeServices()
    yield made
    made.gate.set()
    made.open_gate.set()


@pytest.fixture
def graph() -> LayerGraph:
    return make_graph()


@pytest.fixture
def profile(graph: LayerGraph) -> Profile:
    return make_profile(graph)


@pytest.fixture
def document(qapp: QApplication) -> Iterator[Document]:
    """An empty document."""
    made = Document()
    yield made
    made.deleteLater()


@pytest.fixture
def profiled(document: Document, services: FakeServices, profile: Profile) -> Document:
    """A document with network, profile and plan; the optimum is loaded."""
    document.choose_board(services.find("sim:fake"))
    document.open(Model(profile.graph, {}), source="chain")
    document.set_profile(profile)
    assert document.latency is not None
    document.set_plan(services.plan(document.latency, profile.board, {}), services.greedy(document.latency))
    return document


@pytest.fixture
def large(document: Document) -> Callable[[int], Document]:
    """The document with a chain of so many layers, profiled, ten of them here and ten there."""

    def fill(count: int) -> Document:
        profile = make_profile(make_graph(count))
        document.open(Model(profile.graph, {}), source="long")
        document.set_profile(profile)
        document.load({name: "CPU" if i // 10 % 2 else "GPU" for i, name in enumerate(document.assignment)}, "start")
        return document

    return fill


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme("light")
    yield made
    made.deleteLater()


@pytest.fixture
def bench(document: Document, services: FakeServices) -> Iterator[Workbench]:
    made = Workbench(document, services)
    yield made
    services.gate.set()
    services.open_gate.set()
    made.runner.shut_down()
    made.deleteLater()


@pytest.fixture
def window(theme: Theme, services: FakeServices) -> Iterator[MainWindow]:
    """The whole window over fakes, shown, with network and board choices filled and questions answered."""
    questions: Any = FakeQuestions()
    made = MainWindow(theme, services=services, preferences=Preferences(remember=False), questions=questions)
    made.fill_choices()
    made.opening.choose_board("sim:fake")
    made.show()
    yield made
    services.gate.set()
    services.open_gate.set()
    questions.answers.lose_work, questions.answers.stop_work = "discard", True
    made.close()
    made.workbench.runner.shut_down()
    made.deleteLater()
