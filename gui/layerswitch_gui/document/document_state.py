"""State: what is open, as frozen values, and what follows from them. Only `Document` changes it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject

from layerswitch.experiments.results import Comparison, Run, other_profile
from layerswitch.measurement.profile import Profile
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import LayerGraph
from layerswitch.network.named_assignment import Kind, NamedAssignment
from layerswitch.planner.plan import Plan
from layerswitch.prediction.latency_model import LatencyModel, Prediction

from ..widgets import formatting

if TYPE_CHECKING:
    from layerswitch.boards.registry import BoardEntry
    from layerswitch.network.model import Model

EMPTY = Assignment({})


class State(QObject):
    """`graph` is there before `profile`, `profile` before `plan`; each is None until then. `assignment` always covers
    exactly the graph's layers.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entry: BoardEntry | None = None
        self._clear()

    def _clear(self) -> None:
        self._recovered = False
        self.transfer_factor = 1.0  # on every transfer's cost; other than 1: latency, plan and prediction are what-if
        self._actual: tuple[LatencyModel, Plan | None] | None = None
        self.model: Model | None = None
        self.source = ""
        self.path = ""  # the session file, once there is one
        self.graph: LayerGraph | None = None
        self.profile: Profile | None = None
        self.latency: LatencyModel | None = None
        self.plan: Plan | None = None
        self.assignment: Assignment = EMPTY
        self.prediction: Prediction | None = None
        self.pins: dict[str, str] = {}
        self.selection: tuple[str, ...] = ()
        self.runs: tuple[Run, ...] = ()
        self.comparison: Comparison | None = None
        self.measured: dict[Assignment, Interval] = {}  # what was last measured of each assignment
        self.computed: tuple[NamedAssignment, ...] = ()  # baselines, greedy and plan of the open profile
        self.own: tuple[NamedAssignment, ...] = ()  # what people named, and the refined one: they may rename and delete

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices a layer can be put on, the host's processor first."""
        return self.profile.devices if self.profile else ("CPU", "GPU")

    @property
    def origin(self) -> str:
        """Where times come from: "simulated", "emulated", "imported", "measured"; "" before there are any."""
        return self.profile.board.origin if self.profile else ""

    @property
    def what_if(self) -> bool:
        """Whether latency, plan and prediction answer a what-if question, and are not the profile's."""
        return self._actual is not None

    @property
    def times_are(self) -> str:
        """The word every prediction carries: where its times come from, and that it answers a what-if question."""
        word = formatting.origin(self.origin)
        return f"{word}; {formatting.WHAT_IF}" if self.what_if else word

    @property
    def actual_latency(self) -> LatencyModel | None:
        """The profile's own latency model, whatever is asked at the moment: for comparisons and exports."""
        return self._actual[0] if self._actual else self.latency

    @property
    def actual_plan(self) -> Plan | None:
        """The profile's own plan, whatever is asked at the moment: for sessions and exports."""
        return self._actual[1] if self._actual else self.plan

    @property
    def baselines_ms(self) -> dict[str, float]:
        """Device -> predicted ms with every layer on it; absent where some layer cannot run there."""
        return self.plan.baselines_ms if self.plan else {}

    @property
    def bound_to_board(self) -> bool:
        """Whether another board would show none of this: something was measured on the chosen one."""
        return bool(self.profile or self.runs or self.comparison)

    def can_run(self, layer: str, device: str) -> bool:
        """Whether the device supports the layer, as far as the profile knows."""
        return not self.profile or layer in self.profile.samples.get(device, {})

    def layer_ms(self, layer: str, device: str) -> float | None:
        """A layer's calibrated ms on a device; inf where it cannot run; None without a profile."""
        if self.latency is None or self.graph is None or device not in self.latency.devices:
            return None
        return float(self.latency.layer_ms[self.graph.index[layer], self.latency.devices.index(device)])

    def effect_of(self, changes: Mapping[str, str]) -> float | None:
        """By how many ms the prediction would change with these layers on these devices; None without a profile."""
        if self.latency is None or self.prediction is None:
            return None
        return self.prediction.changed(changes).total_ms - self.prediction.total_ms

    def other_device(self, layer: str) -> str:
        """The device a flip puts the layer on: the next one that can run it, or its own if there is none."""
        now = self.devices.index(self.assignment[layer])
        order = (*self.devices[now + 1 :], *self.devices[:now])
        return next((device for device in order if self.can_run(layer, device)), self.devices[now])

    @property
    def measured_ms(self) -> Interval | None:
        """What was last measured of exactly the current assignment."""
        return self.measured.get(self.assignment) if self.measured else None

    @property
    def named(self) -> tuple[NamedAssignment, ...]:
        """Every assignment that has a name, what was computed first."""
        return self.computed + self.own

    def named_as(self, assignment: Assignment) -> tuple[NamedAssignment, ...]:
        """What this assignment is known as, the plan first: optimum and greedy, a baseline, or nothing."""
        known = [one for one in self.named if one.assignment == assignment]
        return tuple(sorted(known, key=lambda one: one.kind != "plan"))

    def known_as(self, assignment: Assignment) -> NamedAssignment:
        """The first of these, or a person's without a name yet."""
        return next(iter(self.named_as(assignment)), NamedAssignment("mine", "own", assignment))

    def of_kind(self, kind: Kind) -> NamedAssignment | None:
        """The first of a kind, such as the plan's."""
        return next((one for one in self.named if one.kind == kind), None)

    def measured_beside(self, assignment: Assignment) -> Literal["", "earlier", "later"]:
        """Whether what was last measured of it was measured beside an earlier or a later profile than the open one."""
        results: list[Run | Comparison] = [*self.runs, *((self.comparison,) if self.comparison else ())]
        if not any(other_profile(one, self.profile) for one in results):
            return ""  # which is nearly always so, and asked with every edit
        of_it = [one for one in results if assignment in _assignments(one)]
        last = max(of_it, key=lambda one: one.created, default=None)
        return other_profile(last, self.profile) if last else ""


def _assignments(result: Run | Comparison) -> set[Assignment]:
    """What it was measured of."""
    return {one.assignment for one in ((result,) if isinstance(result, Run) else result.entries)}
