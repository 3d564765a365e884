"""Document: the open state of the window, the one place where it changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from layerswitch.experiments.results import Comparison, Run
from layerswitch.measurement.profile import Profile
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import LayerGraph
from layerswitch.network.named_assignment import NamedAssignment, free_name
from layerswitch.planner.plan import Plan
from layerswitch.prediction.latency_model import LatencyModel

from .document_state import State
from .losses import Saved, losses
from .plan_confidence import Trust
from .profiled import Profiled
from .undo_commands import ChangeAssignment, ChangeOwn, ChangePins, ReplaceProfile

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
    profile_changed = Signal()  # the profile; a change of every prediction follows
    prediction_changed = Signal()  # latency, and with it every prediction: of another profile, or of a what-if
    plan_changed = Signal()
    assignment_changed = Signal(object)  # tuple of the names of the layers that moved
    selection_changed = Signal()
    pins_changed = Signal()
    runs_changed = Signal()
    comparison_changed = Signal()
    names_changed = Signal()  # the named assignments
    notice = Signal(str)  # one line for the status bar
    modified_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.trust = Trust(self)
        self.undo_stack.indexChanged.connect(self.touch)
        self.generation = 0
        self.modified = False
        self.changes = 0  # counts every change of what a session holds
        self.in_file = Saved()

    # what jobs deliver -----------------------------------------------------------------------------------------------

    def open(self, model: "Model | None", *, source: str = "", graph: LayerGraph | None = None) -> None:
        """Show another network (or none): everything that belonged to the last one goes."""
        self.generation += 1
        selected = bool(self.selection)
        self._clear()
        self.undo_stack.clear()
        self.in_file = Saved()
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
        if self.bound_to_board:
            self.open(model, source=source, graph=graph)
        else:
            self.generation += 1
        self.board_changed.emit()

    def set_profile(self, profile: Profile, latency: LatencyModel | None = None) -> None:
        """Take in a new profile of the open network, as one undoable step where there is something to go back to.

        Assignments that people named stay if they fit; runs and comparison stay.
        """
        self.graph = self.graph or profile.graph
        latency = latency or LatencyModel.from_profile(profile)
        after = Profiled.of(self).with_profile(profile, latency, self.graph)
        gone = len(self.own) - len(after.own)
        if self.profile is not None or self.own or self.undo_stack.count():
            self.undo_stack.push(ReplaceProfile(self, after, "Profile"))
        else:
            self._swap_profile(after)
            self.touch()
        if gone:
            names = "1 named assignment does" if gone == 1 else f"{gone} named assignments do"
            self.notice.emit(f"{names} not fit the new profile: undo (Ctrl+Z) goes back to the earlier one")

    def set_plan(self, plan: Plan, greedy: Assignment | None = None, *, undoable: bool = False) -> None:
        """Take in the planner's answer and show its assignment: as a step of its own, or as part of its profile's."""
        if self.what_if:
            self.plan = plan
            self.plan_changed.emit()
            self.load(plan.assignment, "Load the what-if optimum")
            return
        stack = self.undo_stack
        step = stack.command(stack.index() - 1)
        part = not stack.count() or (isinstance(step, ReplaceProfile) and self.plan is None)
        self.plan = plan
        baselines = tuple(one for one in self.computed if one.kind == "baseline")
        known = (NamedAssignment("greedy", "greedy", greedy),) if greedy is not None else ()
        self.computed = (*baselines, *known, NamedAssignment(plan.name, "plan", plan.assignment))
        self.plan_changed.emit()
        self.names_changed.emit()
        if undoable or not part:
            self.load(plan.assignment, f"Load {plan.name}")
        else:
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
        """Back to the profile's own transfer cost and plan."""
        if self._actual is None:
            return
        followed = self.plan is not None and self.assignment == self.plan.assignment
        (latency, plan), self._actual = self._actual, None
        self._take_what_if(1.0, latency, plan, followed)

    def _take_what_if(self, factor: float, latency: LatencyModel, plan: Plan | None, followed: bool) -> None:
        self.transfer_factor, self.latency, self.plan = factor, latency, plan
        self._predict()
        self.prediction_changed.emit()
        self.plan_changed.emit()
        if followed and plan is not None:  # who looks at the optimum sees it move, who edits keeps the edit
            self._change(plan.assignment, f"Optimum at transfer cost ×{factor:g}", WHAT_IF_STROKE)

    def add_run(self, run: Run, summary: Interval) -> None:
        """Keep a measured run and its median with interval."""
        self.runs = (*self.runs, run)
        self.measured[run.assignment] = summary
        self.runs_changed.emit()
        self.touch()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Show another comparison."""
        self.comparison = comparison
        for entry in comparison.entries if comparison else ():
            self.measured[entry.assignment] = entry.measured_ms
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
        self._change(assignment, text)

    def pin(self, layers: Iterable[str]) -> None:
        """Keep these layers where they are, in edits and plans; undoable."""
        new = {layer: self.assignment[layer] for layer in layers if layer not in self.pins}
        if new:
            self.undo_stack.push(ChangePins(self, {**self.pins, **new}, f"Pin {_counted(list(new))}"))

    def unpin(self, layers: Iterable[str]) -> None:
        """Let these layers go again; undoable."""
        gone = {layer for layer in layers if layer in self.pins}
        if gone:
            rest = {layer: device for layer, device in self.pins.items() if layer not in gone}
            self.undo_stack.push(ChangePins(self, rest, f"Unpin {_counted(sorted(gone))}"))

    def keep_as(self, name: str, assignment: Assignment | None = None) -> str:
        """Name an assignment (the current one), undoably; returns the name it got, which no other has."""
        new = NamedAssignment(self._free(name), "own", assignment if assignment is not None else self.assignment)
        self.undo_stack.push(ChangeOwn(self, (*self.own, new), f"Keep {new.name}"))
        return new.name

    def keep_refined(self, assignment: Assignment) -> None:
        """Name what a refinement came to, undoably, in place of what the last one did."""
        rest = tuple(one for one in self.own if one.kind != "refined")
        new = NamedAssignment("refined", "refined", assignment)
        self.undo_stack.push(ChangeOwn(self, (new, *rest), f"Keep {new.name}"))

    def rename(self, one: NamedAssignment, name: str) -> str:
        """Give one of `own` another name, undoably: it is a person's then. Returns the name it got."""
        new = NamedAssignment(self._free(name), "own", one.assignment)
        after = tuple(new if other is one else other for other in self.own)
        self.undo_stack.push(ChangeOwn(self, after, f"Rename {one.name} {new.name}"))
        return new.name

    def forget(self, one: NamedAssignment) -> None:
        """Delete one of `own`, undoably."""
        after = tuple(other for other in self.own if other is not one)
        self.undo_stack.push(ChangeOwn(self, after, f"Delete {one.name}"))

    def touch(self, _index: int = 0) -> None:
        """Note that there is something to save."""
        self.changes += 1
        self._set_modified(self.graph is not None)

    def mark_recovered(self) -> None:
        """What was just restored is in no file of a person's: unsaved, and worth a question before it goes."""
        self.in_file = Saved()
        self._recovered = True
        self.touch()

    def saved(self, path: str) -> None:
        """Note that everything is in that session file."""
        self._recovered = False
        self.path = path
        self._take_as_saved()

    @property
    def precious(self) -> bool:
        """Whether closing now would lose work."""
        return bool(self.losses)

    @property
    def losses(self) -> list[str]:
        """What closing now would lose: ["3 named assignments", "2 runs", "1 comparison"], or nothing."""
        return losses(self) or (["what was recovered"] if self._recovered else [])

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
        self._take_as_saved()

    # inside ----------------------------------------------------------------------------------------------------------

    def _change(self, wanted: Mapping[str, str], text: str, stroke: int | None = None) -> None:
        pinned = [name for name, device in wanted.items() if self.pins.get(name, device) != device]
        unable = [name for name, device in wanted.items() if not self.can_run(name, device)]
        fixed = {*pinned, *unable}
        changes = {n: d for n, d in wanted.items() if n not in fixed and self.assignment[n] != d}
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

    def _apply_own(self, own: tuple[NamedAssignment, ...]) -> None:
        self.own = own
        self.names_changed.emit()

    def _swap_profile(self, after: Profiled) -> Profiled:
        """Put a profile in the place of the open one, and tell every view; what there was."""
        before = Profiled.of(self)
        self.transfer_factor, self._actual = 1.0, None
        self.profile, self.latency, self.plan = after.profile, after.latency, after.plan
        self.computed, self.own, self.assignment, self.pins = after.computed, after.own, after.assignment, after.pins
        self._predict()
        self.profile_changed.emit()
        self.prediction_changed.emit()
        moved = tuple(layer for layer, device in after.assignment.items() if before.assignment.get(layer) != device)
        if moved:
            self.assignment_changed.emit(moved)
        if before.plan is not after.plan:
            self.plan_changed.emit()
        if before.pins != after.pins:
            self.pins_changed.emit()
        self.names_changed.emit()
        return before

    def _free(self, name: str) -> str:
        return free_name(name, {one.name for one in self.named})

    def _take_as_saved(self) -> None:
        self.undo_stack.setClean()
        self.in_file = Saved(self.profile, self.own, self.runs, self.comparison)
        self._set_modified(False)

    def _predict(self) -> None:
        self.prediction = self.latency.predict(self.assignment) if self.latency else None

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


def _counted(layers: Sequence[str]) -> str:
    return layers[0] if len(layers) == 1 else f"{len(layers)} layers"
