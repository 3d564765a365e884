"""Document: the open state of the window, the one place where it changes."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from layerswitch.experiments.results import Comparison, Run
from layerswitch.measurement.profile import Profile
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import LayerGraph
from layerswitch.planner.plan import Plan
from layerswitch.prediction.latency_model import LatencyModel

from .document_state import State
from .plan_confidence import Trust
from .undo_commands import ChangeAssignment, ChangePins

if TYPE_CHECKING:
    from layerswitch.boards.registry import BoardEntry
    from layerswitch.network.model import Model

WHAT_IF_STROKE = -1  # moving the slider on is one edit


class Document(State):
    """What is open, as frozen values, with signals for the views and commands that people can undo.

    Views read the properties and call the commands; they never change anything else. What there is to read stands in
    `State`.
    """

    graph_changed = Signal()  # another network, or none: profile, plan, assignment and pins are others too, and untold
    board_changed = Signal()
    profile_changed = Signal()  # profile and latency, and with them every prediction
    plan_changed = Signal()
    assignment_changed = Signal(object)  # tuple of the names of the layers that moved
    selection_changed = Signal()
    pins_changed = Signal()
    runs_changed = Signal()
    comparison_changed = Signal()
    names_changed = Signal()  # the named assignments
    notice = Signal(str)  # one line for the status bar
    what_if_changed = Signal()  # the factor on the switch cost, and with it latency, plan and prediction
    modified_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.trust = Trust(self)
        self.undo_stack.indexChanged.connect(self.touch)
        self.generation = 0
        self.modified = False
        self.changes = 0  # counts every change of what a session holds

    # what jobs deliver -----------------------------------------------------------------------------------------------

    def open(self, model: "Model | None", *, source: str = "", graph: LayerGraph | None = None) -> None:
        """Show another network (or none): everything that belonged to the last one goes."""
        self.generation += 1
        selected = bool(self.selection)
        self._clear()
        self.undo_stack.clear()
        self.model, self.source = model, source
        self.graph = model.graph if model else graph
        if self.graph is not None:
            self.assignment = Assignment.uniform(self.graph, self.devices[0])
        self._announce_all(selected=selected or bool(self.selection))
        self._set_modified(False)

    def choose_board(self, entry: "BoardEntry") -> None:
        """Measure on another board from now on; what was measured on the last one goes."""
        if self.entry == entry:
            return
        self.entry = entry
        model, graph, source = self.model, self.graph, self.source
        if self.profile or self.runs or self.comparison:
            self.open(model, source=source, graph=graph)
        else:
            self.generation += 1
        self.board_changed.emit()

    def set_profile(self, profile: Profile, latency: LatencyModel | None = None) -> None:
        """Take in a new profile of the open network and its model; plan, runs and comparison of an older one go."""
        before = self.plan, self.assignment, self.pins, self.runs, self.comparison
        self.profile = profile
        self.graph = self.graph or profile.graph
        self.latency = latency or LatencyModel.from_profile(profile)
        self.plan, self.runs, self.comparison, self.measured = None, (), None, {}
        self.transfer_factor, self._actual = 1.0, None
        runnable = {layer: d for layer, d in self.assignment.items() if self.can_run(layer, d)}
        first = {layer: next(d for d in self.devices if self.can_run(layer, d)) for layer in self.graph.index}
        self.assignment = Assignment({**first, **runnable})
        self.pins = {layer: device for layer, device in self.pins.items() if self.can_run(layer, device)}
        self.named = {device: Assignment.uniform(self.graph, device) for device in self.devices if self._whole(device)}
        self._predict()
        self.profile_changed.emit()
        moved = tuple(layer for layer, device in self.assignment.items() if before[1].get(layer) != device)
        if moved:
            self.assignment_changed.emit(moved)
        after = self.plan, None, self.pins, self.runs, self.comparison
        signals = (self.plan_changed, None, self.pins_changed, self.runs_changed, self.comparison_changed)
        for old, new, signal in zip(before, after, signals, strict=True):
            if signal is not None and old != new:  # whoever shows predictions has followed the profile already
                signal.emit()
        self.names_changed.emit()
        self.touch()

    def set_plan(self, plan: Plan, *, undoable: bool = False) -> None:
        """Take in the planner's answer and show its assignment; the first one of a profile starts the history anew."""
        self.plan = plan
        optimum = Assignment(plan.assignment)
        if self.what_if:
            self.plan_changed.emit()
            self.load(optimum, "Load the what-if optimum")
            return
        self.named[plan.name] = optimum
        self.plan_changed.emit()
        self.names_changed.emit()
        if undoable:
            self.load(optimum, f"Load {plan.name}")
        else:
            self.undo_stack.clear()
            self._apply_assignment(plan.assignment)
        self.touch()

    def ask_what_if(self, factor: float, latency: LatencyModel, plan: Plan) -> None:
        """Show predictions and plan with every transfer `factor` times as dear; nothing of it is saved or exported."""
        if self.latency is None:
            return
        followed = self.plan is not None and self.assignment == self.plan.assignment
        self._actual = self._actual or (self.latency, self.plan)
        self._take_what_if(factor, latency, plan, followed)

    def end_what_if(self) -> None:
        """Back to the profile's own switch cost and plan."""
        if self._actual is None:
            return
        followed = self.plan is not None and self.assignment == self.plan.assignment
        (latency, plan), self._actual = self._actual, None
        self._take_what_if(1.0, latency, plan, followed)

    def _take_what_if(self, factor: float, latency: LatencyModel, plan: Plan | None, followed: bool) -> None:
        self.transfer_factor, self.latency, self.plan = factor, latency, plan
        self._predict()
        self.what_if_changed.emit()
        self.plan_changed.emit()
        self.assignment_changed.emit(tuple(self.assignment))  # every prediction has changed
        if followed and plan is not None:  # who looks at the optimum sees it move, who edits keeps the edit
            self._change(dict(plan.assignment), f"Optimum at switch cost ×{factor:g}", WHAT_IF_STROKE)

    def add_run(self, run: Run, summary: Interval) -> None:
        """Keep a measured run and its median with interval."""
        self.runs = (*self.runs, run)
        self.measured[Assignment(run.assignment)] = summary
        self.runs_changed.emit()
        self.touch()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Show another comparison."""
        self.comparison = comparison
        for entry in comparison.entries if comparison else ():
            self.measured[Assignment(entry.assignment)] = entry.measured_ms
        self.comparison_changed.emit()
        self.touch()

    # commands --------------------------------------------------------------------------------------------------------

    def select(self, layers: Iterable[str]) -> None:
        """Select exactly these layers, everywhere."""
        known = self.graph.index if self.graph else {}
        selection = tuple(dict.fromkeys(layer for layer in layers if layer in known))
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    def assign(self, layers: Iterable[str], device: str, *, stroke: int | None = None) -> None:
        """Put layers on a device, as one undoable step. Calls with the same `stroke` number merge into one step."""
        names = tuple(layers)
        text = f"Put {names[0]} on {device}" if len(names) == 1 else f"Put {len(names)} layers on {device}"
        self._change(dict.fromkeys(names, device), text, stroke)

    def flip(self, layers: str | Iterable[str]) -> None:
        """Put each layer on its other device, as one undoable step."""
        names = (layers,) if isinstance(layers, str) else tuple(layers)
        text = f"Flip {names[0]}" if len(names) == 1 else f"Flip {len(names)} layers"
        self._change({layer: self.other_device(layer) for layer in names}, text)

    def load(self, assignment: Mapping[str, str], text: str) -> None:
        """Replace the assignment, as one undoable step; pinned layers stay."""
        self._change(dict(assignment), text)

    def pin(self, layers: Iterable[str]) -> None:
        """Keep these layers where they are, in edits and plans; undoable."""
        new = {layer: self.assignment[layer] for layer in layers if layer not in self.pins}
        if new:
            self.undo_stack.push(ChangePins(self, {**self.pins, **new}, f"Pin {_counted(list(new))}"))

    def unpin(self, layers: Iterable[str]) -> None:
        """Let these layers go again; undoable."""
        gone = {layer for layer in layers if layer in self.pins}
        if gone:
            kept = {layer: device for layer, device in self.pins.items() if layer not in gone}
            self.undo_stack.push(ChangePins(self, kept, f"Unpin {_counted(sorted(gone))}"))

    def keep_as(self, name: str, assignment: Assignment | None = None) -> str:
        """Remember an assignment (the current one) under a name, made unique; returns the name it got."""
        free = free_name(name, self.named)
        self.named[free] = assignment if assignment is not None else self.assignment
        self.names_changed.emit()
        self.touch()
        return free

    def forget(self, name: str) -> None:
        """Drop a named assignment."""
        if self.named.pop(name, None) is not None:
            self.names_changed.emit()
            self.touch()

    def touch(self, _index: int = 0) -> None:
        """Note that there is something to save."""
        self.changes += 1
        self._set_modified(self.graph is not None)

    def mark_recovered(self) -> None:
        """What was just restored is in no file of a person's: unsaved, and worth a question before it goes."""
        self._recovered = True
        self.touch()

    def saved(self, path: str) -> None:
        """Note that everything is in that session file."""
        self._recovered = False
        self.path = path
        self._set_modified(False)

    @property
    def precious(self) -> bool:
        """Whether closing now would lose work: edits, runs, or a profile that was not just computed."""
        kept = self.profile is not None and self.origin != "simulated"
        made = self.runs or self.comparison or self.undo_stack.count() or self._recovered
        return self.modified and bool(made or kept)

    def restore(self, **state: Any) -> None:
        """Put a session's values in place, all at once, and tell every view. For `session_files.py` only."""
        self.generation += 1
        selected = bool(self.selection)
        self._clear()
        for name, value in state.items():
            setattr(self, name, value)
        self.undo_stack.clear()
        self._predict()
        self.board_changed.emit()
        self._announce_all(selected=selected or bool(self.selection))
        self._set_modified(False)

    # inside ----------------------------------------------------------------------------------------------------------

    def _change(self, wanted: Mapping[str, str], text: str, stroke: int | None = None) -> None:
        pinned = [name for name, device in wanted.items() if self.pins.get(name, device) != device]
        unable = [name for name, device in wanted.items() if not self.can_run(name, device)]
        kept = {*pinned, *unable}
        changes = {n: d for n, d in wanted.items() if n not in kept and self.assignment[n] != d}
        if pinned:
            self.notice.emit(f"{_counted(pinned)} kept: pinned")
        if unable:
            self.notice.emit(f"{_counted(unable)} kept: cannot run on {wanted[unable[0]]}")
        if changes:
            self.undo_stack.push(ChangeAssignment(self, changes, text, stroke))

    def _apply_assignment(self, changes: Mapping[str, str]) -> None:
        moved = {name: device for name, device in changes.items() if self.assignment[name] != device}
        self.assignment = self.assignment.replaced(moved)
        self.prediction = self.prediction.changed(moved) if self.prediction else None
        self.assignment_changed.emit(tuple(moved))

    def _apply_pins(self, pins: Mapping[str, str]) -> None:
        self.pins = dict(pins)
        self.pins_changed.emit()

    def _predict(self) -> None:
        self.prediction = self.latency.predict(self.assignment) if self.latency else None

    def _whole(self, device: str) -> bool:
        return self.graph is not None and all(self.can_run(layer, device) for layer in self.graph.index)

    def _announce_all(self, *, selected: bool) -> None:
        """After everything changed: who shows the graph, times or the assignment follows `graph_changed`, once."""
        self.graph_changed.emit()
        for signal in (self.runs_changed, self.comparison_changed, self.names_changed):
            signal.emit()
        if selected:
            self.selection_changed.emit()

    def _set_modified(self, modified: bool) -> None:
        if modified != self.modified:
            self.modified = modified
            self.modified_changed.emit()


def free_name(name: str, taken: Container[str]) -> str:
    """The name, or the first of "name 2", "name 3" ... that is not taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def _counted(layers: Sequence[str]) -> str:
    return layers[0] if len(layers) == 1 else f"{len(layers)} layers"
